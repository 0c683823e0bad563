/**
 * How the demo's neighbours vote on what is proposed: after some thought, yes unless it leaves them noticeably less, and
 * never to put a neighbour out. The app says so where it says that this is a demo. Reads a node, never changes it.
 */
import type { ProposalRow } from "../ledger/rows.ts";
import type { Core } from "../node/core.ts";
import { ownBallot } from "../shell/lookup.ts";
import { effectOfAction } from "../shell/proposals.ts";

/** Less than a thousandth of a share is rounding. */
const NOTICED_PART = 1_000;

const answerTo = (core: Core, { action, by }: ProposalRow, now: number): boolean => {
  if (action.kind === "leave") return action.member === by;
  const mine = effectOfAction(core, action, now)?.members.find((m) => m.me);
  return mine === undefined || (mine.beforeMwh - mine.afterMwh) * NOTICED_PART < mine.beforeMwh || mine.beforeMwh === 0;
};

export class DemoVoter {
  readonly #thoughtMs: number;
  /** By proposal: when it was first seen. */
  readonly #seen = new Map<string, number>();

  /** @param thoughtMs how long this neighbour takes to make up its mind */
  constructor(thoughtMs: number) {
    this.#thoughtMs = thoughtMs;
  }
  /** The ballots that this neighbour casts now. */
  votes(core: Core, now: number): { readonly proposal: string; readonly yes: boolean }[] {
    return core.chain.state.scan("proposal").flatMap(([proposal, row]) => {
      const since = this.#seen.get(proposal) ?? now;
      this.#seen.set(proposal, since);
      if (row.from !== null || now - since < this.#thoughtMs || ownBallot(core, proposal) !== null) return [];
      return [{ proposal, yes: answerTo(core, row, now) }];
    });
  }
}
