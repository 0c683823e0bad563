/** What ballots decide, in a word each; and the usual way to a decision: just as many say yes as it takes. */
import { memberIndex } from "../../worker/base/units.ts";
import type { Contract } from "../../worker/community/contract.ts";
import { amendmentOf, type Parameters } from "../../worker/community/parameters.ts";
import { PPM, type Iteration, type Weight } from "../../worker/community/repartition.ts";
import { allocationsOf } from "../../worker/ledger/allocations.ts";
import { ballotsNeeded } from "../../worker/ledger/governance.ts";
import { key, numberOf, type MemberRow } from "../../worker/ledger/rows.ts";
import type { Action, Tx } from "../../worker/ledger/transaction.ts";
import type { ChainMaker } from "../consensus/chain-maker.ts";
import { keysOf } from "./worlds.ts";

export const equal: Iteration = { kind: "equal", portionPpm: PPM };
export const fixed: Iteration = { kind: "fixed", portionPpm: PPM };
export const weightsOf = (...list: readonly number[]): Weight[] =>
  list.map((weight, i) => ({ member: memberIndex(i), weight }));
export const rule = (weights: readonly Weight[], iterations: readonly Iteration[] = [fixed]): Action => ({
  kind: "rule",
  iterations,
  weights,
});
export const leave = (member: number): Action => ({ kind: "leave", member: memberIndex(member) });
export const pardon = (member: number): Action => ({ kind: "pardon", member: memberIndex(member) });
/** The i-th of the people that `keysOf` knows. */
export const admit = (i: number, weight = 1): Action => {
  const { memberKey, blsKey, blsProof } = keysOf(i);
  return { kind: "member", terms: { key: memberKey, blsKey, blsProof, weight, vpp: false } };
};
export const rotate = (member: number, i: number, over: Partial<Extract<Action, { kind: "rotate" }>> = {}): Action => {
  const { memberKey, blsKey, blsProof } = keysOf(i);
  return { kind: "rotate", member: memberIndex(member), key: memberKey, blsKey, blsProof, ...over };
};
export const amend = (contract: Contract, over: Partial<Parameters>): Action => ({
  kind: "parameters",
  changes: amendmentOf(contract, over),
});

/** In the block of `step`; in force as long after it as the contract says. */
export const adopt = (chain: ChainMaker, step: number, ...actions: readonly Action[]): void => {
  const members = chain.state.scan("member").flatMap(([k, m]) => (m.left === null ? [numberOf(k)] : []));
  const yes = (action: Action): number[] =>
    members.slice(0, ballotsNeeded(chain.state, { by: memberIndex(0), action }));
  const txs = actions.map((action) => chain.ballot(step, action, 0, yes(action)));
  chain.grow(step, [...txs.map((t) => t[0] as Tx), ...txs.flatMap((t) => t.slice(1))]);
};
/** @throws when there is no such member. */
export const rowOf = (chain: ChainMaker, member: number): MemberRow => {
  const found = chain.state.get("member", key(member));
  if (found === undefined) throw new Error("no such member");
  return found;
};
/** Versions of the sharing rule: from when, and the weights. */
export const versionsOf = (chain: ChainMaker): [number, number[]][] =>
  allocationsOf(chain.state).map((a) => [a.from, a.weights.map((w) => w.weight)]);
