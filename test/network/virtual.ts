/** Virtual time and seeded entropy for network tests: nothing happens until `run`. */
import { concatBytes, utf8ToBytes } from "../../worker/base/bytes.ts";
import { sha256 } from "../../worker/base/hash.ts";
import type { Surroundings } from "../../worker/network/network.ts";

export type VirtualTime = Surroundings & {
  /** Runs what is due within the next `ms`, in order of time, then of asking. */
  readonly run: (ms: number) => void;
};

export const createVirtualTime = (seed = "seed"): VirtualTime => {
  let now = 1_700_000_000_000;
  let order = 0;
  let draws = 0;
  const timers = new Map<number, { readonly at: number; readonly fn: () => void }>();
  return {
    now: () => now,
    after: (ms, fn) => {
      const id = (order += 1);
      timers.set(id, { at: now + ms, fn });
      return () => timers.delete(id);
    },
    random: (length) => {
      const parts: Uint8Array[] = [];
      for (let have = 0; have < length; have += 32) parts.push(sha256(utf8ToBytes(`${seed}/${(draws += 1)}`)));
      return concatBytes(...parts).slice(0, length);
    },
    run: (ms) => {
      const end = now + ms;
      for (;;) {
        let next: readonly [number, { readonly at: number; readonly fn: () => void }] | undefined;
        for (const entry of timers)
          if (entry[1].at <= end && (next === undefined || entry[1].at < next[1].at)) next = entry;
        if (next === undefined) break;
        timers.delete(next[0]);
        now = Math.max(now, next[1].at);
        next[1].fn();
      }
      now = end;
    },
  };
};
