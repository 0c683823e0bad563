/**
 * Alarms of others and of our own (PROTOCOL.md §8.1), the same in a full and a light node: each is checked before it is
 * believed, kept, and told to neighbours once. Bounded; knows voters and peers only through its surroundings.
 */
import type { Refusal } from "../base/result.ts";
import type { Hash } from "../base/units.ts";
import { allTrue, type Checks, type Verdicts } from "../consensus/checks.ts";
import type { VoterSet } from "../consensus/certificate.ts";
import { alarmId, checkAlarm, decodeAlarm, type AlarmFinding } from "./light-alarm.ts";

export type HeldAlarm = { readonly id: Hash; readonly raw: Uint8Array; readonly finding: AlarmFinding };
export type AlarmSurroundings = {
  readonly community: Hash;
  /** Those whose word this node takes; the newest first. */
  readonly trusted: () => readonly VoterSet[];
  readonly verify: (checks: Checks, then: (verdicts: Verdicts) => void) => void;
  readonly refuse: (peer: number, refusal: Refusal) => void;
  /** To all neighbours but one. */
  readonly tell: (raw: Uint8Array, but: number | null) => void;
  readonly keep: (alarm: HeldAlarm) => void;
};

/** One is enough to stop trusting; more are for the curious. */
export const MAX_ALARMS = 8;
const MAX_SEEN = 64;
export const alarmKey = (id: Hash): string => `alarm/${id}`;
const FALSE: Refusal = {
  code: "alarm-false",
  message: "This neighbour raises an alarm for which there is no reason.",
  verdict: "penalise",
};

export class Alarms {
  readonly #o: AlarmSurroundings;
  readonly #held: HeldAlarm[] = [];
  /** In work, or turned down. */
  readonly #seen = new Set<Hash>();

  constructor(surroundings: AlarmSurroundings) {
    this.#o = surroundings;
  }
  get all(): readonly HeldAlarm[] {
    return this.#held;
  }
  /** From this node's own disk: checked when it came. What cannot be read any more is left out. */
  restore(raw: Uint8Array): void {
    const read = decodeAlarm(raw);
    if (!read.ok) return;
    for (const trusted of this.#o.trusted()) {
      const charge = checkAlarm(trusted, this.#o.community, read.value);
      if (charge.ok) return void this.#held.push({ id: alarmId(raw), raw, finding: charge.value.finding });
    }
  }
  /** Of what this node found out itself, its signatures verified. */
  raise(raw: Uint8Array, finding: AlarmFinding): void {
    this.#take({ id: alarmId(raw), raw, finding }, null);
  }
  hear(peer: number, raw: Uint8Array): void {
    const id = alarmId(raw);
    if (this.#seen.has(id) || this.#held.length >= MAX_ALARMS || this.#held.some((h) => h.id === id)) return;
    const read = decodeAlarm(raw);
    if (!read.ok) return this.#o.refuse(peer, read.error);
    for (const trusted of this.#o.trusted()) {
      const charge = checkAlarm(trusted, this.#o.community, read.value);
      if (!charge.ok && charge.error.verdict === "ignore") continue;
      if (!charge.ok) return this.#o.refuse(peer, charge.error);
      if (this.#seen.size >= MAX_SEEN) this.#seen.clear();
      this.#seen.add(id);
      const { jobs, finding } = charge.value;
      return this.#o.verify({ ed25519: [], bls: jobs }, (verdicts) => {
        if (!allTrue(verdicts)) return this.#o.refuse(peer, FALSE);
        this.#seen.delete(id);
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
