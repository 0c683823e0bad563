/**
 * Alarms of others and of our own (PROTOCOL.md §8.1), the same in a full and a light node: each is checked before it is
 * believed, kept, and told to neighbours once. Bounded; knows voters and peers only through its surroundings.
 */
import { equalBytes } from "../base/bytes.ts";
import { blob, decode, encode, hex, struct, type Codec } from "../base/codec.ts";
import { taggedHex } from "../base/hash.ts";
import type { Refusal } from "../base/result.ts";
import type { Hash } from "../base/units.ts";
import { allTrue, type Checks, type Verdicts } from "../consensus/checks.ts";
import type { VoterSet } from "../consensus/certificate.ts";
import type { DiskOp } from "./events.ts";
import { alarmId, checkAlarm, decodeAlarm, findingCodec, type AlarmFinding } from "./light-alarm.ts";
import { MAX_ALARM_BYTES } from "./messages.ts";

export type HeldAlarm = { readonly id: Hash; readonly raw: Uint8Array; readonly finding: AlarmFinding };
const heldCodec: Codec<HeldAlarm> = struct({ id: hex<Hash>(32), raw: blob(MAX_ALARM_BYTES), finding: findingCodec });
export type AlarmSurroundings = {
  readonly community: Hash;
  /** Those whose word this node takes; the newest first. */
  readonly trusted: () => readonly VoterSet[];
  readonly verify: (checks: Checks, then: (verdicts: Verdicts) => void) => void;
  readonly refuse: (peer: number, refusal: Refusal) => void;
  /** To all neighbours but one. */
  readonly tell: (raw: Uint8Array, but: number | null) => void;
  readonly keep: (alarm: HeldAlarm) => void;
  /** What is known from before; what comes is added. */
  readonly held: HeldAlarm[];
};

/** One is enough to stop trusting; more are for the curious. */
export const MAX_ALARMS = 8;
const MAX_SEEN = 64;
export const ALARM_PREFIX = "alarm/";
export const alarmOp = (alarm: HeldAlarm): DiskOp => ({
  table: "meta",
  key: ALARM_PREFIX + alarm.id,
  value: encode(heldCodec, alarm),
});
/** From this node's own disk: checked when it came, by voters who may be others now. Null where it cannot be read. */
export const readAlarm = (row: Uint8Array): HeldAlarm | null => {
  const read = decode(heldCodec, row, "alarm");
  return read.ok ? read.value : null;
};
const FALSE: Refusal = {
  code: "alarm-false",
  message: "This neighbour raises an alarm for which there is no reason.",
  verdict: "penalise",
};

export class Alarms {
  readonly #o: AlarmSurroundings;
  readonly #held: HeldAlarm[];
  /** In work, or turned down: by their bytes. */
  readonly #seen = new Set<Hash>();

  constructor(surroundings: AlarmSurroundings) {
    this.#o = surroundings;
    this.#held = surroundings.held;
  }
  get all(): readonly HeldAlarm[] {
    return this.#held;
  }
  /** Of what this node found out itself, its signatures verified. */
  raise(raw: Uint8Array, finding: AlarmFinding): void {
    this.#take({ id: alarmId(finding), raw, finding }, null);
  }
  hear(peer: number, raw: Uint8Array): void {
    const bytes = taggedHex<Hash>("alarm", raw);
    if (this.#seen.has(bytes) || this.#held.length >= MAX_ALARMS) return;
    if (this.#held.some((h) => equalBytes(h.raw, raw))) return;
    const read = decodeAlarm(raw);
    if (!read.ok) return this.#o.refuse(peer, read.error);
    for (const trusted of this.#o.trusted()) {
      const charge = checkAlarm(trusted, this.#o.community, read.value);
      if (!charge.ok && charge.error.verdict === "ignore") continue;
      if (!charge.ok) return this.#o.refuse(peer, charge.error);
      const { jobs, finding } = charge.value;
      const id = alarmId(finding);
      // Known already, shown in another way.
      if (this.#held.some((h) => h.id === id)) return;
      if (this.#seen.size >= MAX_SEEN) this.#seen.clear();
      this.#seen.add(bytes);
      return this.#o.verify({ ed25519: [], bls: jobs }, (verdicts) => {
        if (!allTrue(verdicts)) return this.#o.refuse(peer, FALSE);
        this.#seen.delete(bytes);
        this.#take({ id, raw, finding }, peer);
      });
    }
  }
  #take(alarm: HeldAlarm, from: number | null): void {
    if (this.#held.some((h) => h.id === alarm.id) || this.#held.length >= MAX_ALARMS) return;
    this.#held.push(alarm);
    this.#o.keep(alarm);
    this.#o.tell(alarm.raw, from);
  }
}
