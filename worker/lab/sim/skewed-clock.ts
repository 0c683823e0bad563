/**
 * One node's own clock on the virtual time of all: ahead or behind by an offset, fast or slow by a drift, and sometimes
 * set. Timers that run when it is set keep their length, as those of a browser do.
 */
import type { Millis } from "../../base/units.ts";
import type { Clock } from "../../shell/runner.ts";

export type Skew = { readonly offsetMs: number; readonly driftPpm: number };
export const TRUE_TIME: Skew = { offsetMs: 0, driftPpm: 0 };

export class SkewedClock implements Clock {
  readonly #time: Clock;
  readonly #base: number;
  readonly #driftPpm: number;
  #offset: number;

  constructor(time: Clock, skew: Skew) {
    this.#time = time;
    this.#base = time.now();
    this.#offset = skew.offsetMs;
    this.#driftPpm = skew.driftPpm;
  }
  #local(truth: number): number {
    return truth + this.#offset + Math.floor(((truth - this.#base) * this.#driftPpm) / 1_000_000);
  }
  now(): Millis {
    return this.#local(this.#time.now()) as Millis;
  }
  /** Somebody, or the network, sets the clock by so much. */
  jump(ms: number): void {
    this.#offset += ms;
  }
  /** How far it is ahead of the truth. */
  get aheadMs(): number {
    return this.now() - this.#time.now();
  }
  at(time: number, fn: () => void): () => void {
    let truth = this.#base + Math.floor((time - this.#offset - this.#base) / (1 + this.#driftPpm / 1_000_000));
    // Rounding must not wake anybody a moment too early: it would ask for the same moment again, for ever.
    while (this.#local(truth) >= time && truth > this.#base) truth -= 1;
    while (this.#local(truth) < time) truth += 1;
    return this.#time.at(truth, fn);
  }
}
