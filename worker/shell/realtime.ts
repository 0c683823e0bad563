/** The surroundings of a node in a browser's worker: the device's clock, timers that do not pile up, real entropy. */
import type { Millis } from "../base/units.ts";
import type { Surroundings } from "../network/network.ts";
import type { Clock } from "./runner.ts";

/** Timers longer than this are set in parts: setTimeout counts in 32 bits, and a sleeping device wakes to look. */
const LONGEST_MS = 10_000;

const after = (ms: number, fn: () => void): (() => void) => {
  const timer = setTimeout(fn, Math.max(0, ms));
  return () => clearTimeout(timer);
};

export const realClock: Clock = {
  now: () => Date.now() as Millis,
  /** Also when the clock was set back meanwhile and so much time has really passed: who asked looks at the clock anyway. */
  at: (time, fn) => {
    let cancel: () => void = () => {};
    const until = performance.now() + (time - Date.now());
    const wait = (): void => {
      const left = Math.min(time - Date.now(), until - performance.now());
      if (left <= 0) fn();
      else cancel = after(Math.min(left, LONGEST_MS), wait);
    };
    // Never at once: who asks does not expect to be called before it has the answer.
    cancel = after(Math.min(time - Date.now(), LONGEST_MS), wait);
    return () => cancel();
  },
};

export const randomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

export const realSurroundings: Surroundings = { now: () => Date.now(), after, random: randomBytes };

/** Local midnight before `now`, by the device's time zone. */
export const localDayStart = (now: number): number => new Date(now).setHours(0, 0, 0, 0);

/** Null where the engine does not say. */
export const localZone = (): string | null => new Intl.DateTimeFormat().resolvedOptions().timeZone || null;
