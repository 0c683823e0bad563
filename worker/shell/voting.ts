/** Making blocks, for the member (§IV.B.2c, T IV): its strategy, its voting tokens, what it spent and what it got. */
import { endOf, stepAt } from "../community/market-step.ts";
import { key } from "../ledger/rows.ts";
import { isSpendable } from "../ledger/tokens.ts";
import type { Core } from "../node/core.ts";
import type { VotingView } from "../port-council.ts";

const MAX_AUCTIONS = 12;
/** Blocks looked through for own candidacies. */
const LOOK_BACK = 96;

const tokensOf = (core: Core, now: number): { available: number; expiring: number } => {
  const { contract, me } = core;
  const step = stepAt(contract, now);
  let [available, expiring] = [0, 0];
  for (const [, row] of core.chain.state.scan("token")) {
    if (row.owner !== me || !isSpendable(row.birth, step, contract.tokenValidity)) continue;
    available += row.amount;
    if (row.birth + contract.tokenValidity === step) expiring += row.amount;
  }
  return { available, expiring };
};

const auctionsOf = (core: Core): VotingView["auctions"][number][] => {
  const own: VotingView["auctions"][number][] = [];
  for (const line of core.summaries.newest(LOOK_BACK).reverse()) {
    const candidates = core.chain.state.get("auction", key(line.step))?.candidates ?? [];
    const at = candidates.findIndex((c) => c.member === core.me);
    const mine = candidates[at];
    if (mine === undefined) continue;
    own.push({
      step: line.step,
      end: endOf(core.contract, line.step),
      spentMwh: mine.energy,
      place: at + 1,
      of: candidates.length,
      wrote: line.miner === core.me,
    });
    if (own.length === MAX_AUCTIONS) break;
  }
  return own;
};

export const votingView = (core: Core, now: number): VotingView | null => {
  if (core.me === null) return null;
  const { available, expiring } = tokensOf(core, now);
  return {
    strategy: core.strategy,
    availableMwh: available,
    expiringMwh: expiring,
    auctions: auctionsOf(core),
  };
};
