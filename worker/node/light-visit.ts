/**
 * One conversation of a light node with one neighbour about one head (PROTOCOL.md §8.1), and how long it may take: the next
 * one gets more time when this one was too slow, and as much as the first again once one came to its end.
 */
import type { Breach, Credit } from "./light-credits.ts";
import type { Planned } from "./light-plan.ts";
import type { CreditsAnswer } from "./messages.ts";

/** A neighbour that does not answer so long is left for another. */
export const PATIENCE_MS = 10_000;
/** One that answers, and is not done after so long, as well. */
const VISIT_MS = 60_000;
const LONGEST_VISIT_MS = 600_000;

export type Visit = {
  readonly peer: number;
  readonly begun: number;
  since: number;
  stage: "hops" | "signatures" | "rows" | "credits";
  /** What it said was final when it was asked. */
  readonly claimed: number;
  /** Whether the head moved on by what it showed. */
  hasLed: boolean;
  /** The own row was not shown: it is asked for all of them. */
  asksAll: boolean;
  /** What it showed did not add up: it was asked for energy of long before as well. */
  asksLate: boolean;
  /** It showed all that ever was, as it says. */
  hasShownAll: boolean;
  asked: Planned | null;
  /** Still to be asked for after that. */
  readonly plan: Planned[];
  /** The first step of which all was answered. */
  from: number;
  readonly found: Credit[];
  readonly breaches: { readonly breach: Breach; readonly page: CreditsAnswer }[];
};
export const visitOf = (peer: number, claimed: number, now: number): Visit => ({
  peer,
  begun: now,
  since: now,
  stage: "hops",
  claimed,
  hasLed: false,
  asksAll: false,
  asksLate: false,
  hasShownAll: false,
  asked: null,
  plan: [],
  from: Infinity,
  found: [],
  breaches: [],
});

export class VisitTime {
  #allowed = VISIT_MS;
  endOf({ begun, since }: Visit): number {
    return Math.min(since + PATIENCE_MS, begun + this.#allowed);
  }
  /** Whoever was slow may be the best there is: the next one is given longer. */
  over({ begun }: Visit, now: number): void {
    if (now >= begun + this.#allowed) this.#allowed = Math.min(LONGEST_VISIT_MS, this.#allowed * 2);
  }
  done(): void {
    this.#allowed = VISIT_MS;
  }
}
