/**
 * The gate in front of everything that arrives (PROTOCOL.md §8): nothing is taken up before its signatures are verified,
 * and who sends what is false is dropped. Knows what was asked, not what it is about.
 */
import type { Refusal } from "../base/result.ts";
import type { Checks, Verdicts } from "../consensus/checks.ts";
import type { Core } from "./core.ts";

export class Gate {
  readonly #core: Core;
  #ticket = 0;
  #waiting = new Map<number, (verdicts: Verdicts) => void>();

  constructor(core: Core) {
    this.#core = core;
  }
  /** Has signatures verified in bulk, outside; `then` is called with one verdict a job. */
  ask(checks: Checks, then: (verdicts: Verdicts) => void): void {
    const id = this.#ticket++;
    this.#waiting.set(id, then);
    this.#core.out.push({ kind: "verify", ticket: id, checks });
  }
  answered(ticket: number, verdicts: Verdicts): void {
    const then = this.#waiting.get(ticket);
    this.#waiting.delete(ticket);
    then?.(verdicts);
  }
  /** @param peer null for what is our own. */
  penalise(peer: number | null, refusal: Refusal): void {
    if (peer !== null && refusal.verdict === "penalise") this.#core.out.push({ kind: "drop", peer, refusal });
  }
}
