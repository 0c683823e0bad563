/**
 * Selecting the miner (§IV.B.2c, T III, formula (1); PROTOCOL.md §6): W_k = α·E_k/ΣE + β·A_k/ΣA + γ·R_k/ΣR over the
 * candidates, each term 0 where its sum is 0; the ranking is by W_k/U_k, largest first, ties by member. Exact rational
 * arithmetic on integers, so every node finds the same ranking.
 */
import type { Hash, MemberIndex, StepIndex } from "../base/units.ts";
import { compareText } from "../base/bytes.ts";
import type { Contract } from "../community/contract.ts";
import { presentMembers } from "../ledger/members.ts";
import { key } from "../ledger/rows.ts";
import type { View } from "../ledger/state.ts";
import { beaconPlace } from "./draw.ts";

export type Candidate = {
  readonly member: MemberIndex;
  /** E_k: voting tokens staked, mWh. */
  readonly energy: number;
  /** A_k: steps since its last block, capped. */
  readonly age: number;
  /** R_k: blocks in the reputation window. */
  readonly reputation: number;
  /** U_k·2^256. */
  readonly luck: bigint;
};
type Weights = Pick<Contract, "weightEnergy" | "weightAge" | "weightReputation">;

/** A_k at `step`. */
export const ageOf = (contract: Contract, lastBlock: StepIndex, step: StepIndex): number =>
  Math.min(contract.ageCap, step - lastBlock);

export type Wealth = {
  readonly member: MemberIndex;
  readonly energy: bigint;
  readonly age: bigint;
  readonly reputation: bigint;
  readonly total: bigint;
  readonly denominator: bigint;
};

/** W_k over one common denominator: the three terms and their sum, with the denominator they share. */
export const wealthOf = (candidates: readonly Candidate[], weights: Weights): Wealth[] => {
  const sum = (pick: (c: Candidate) => number): bigint => candidates.reduce((a, c) => a + BigInt(pick(c)), 0n);
  const whole = (n: bigint): bigint => (n === 0n ? 1n : n);
  const sumE = whole(sum((c) => c.energy));
  const sumA = whole(sum((c) => c.age));
  const sumR = whole(sum((c) => c.reputation));
  return candidates.map((c) => {
    const energy = BigInt(weights.weightEnergy) * BigInt(c.energy) * sumA * sumR;
    const age = BigInt(weights.weightAge) * BigInt(c.age) * sumE * sumR;
    const reputation = BigInt(weights.weightReputation) * BigInt(c.reputation) * sumE * sumA;
    return {
      member: c.member,
      energy,
      age,
      reputation,
      total: energy + age + reputation,
      denominator: sumE * sumA * sumR,
    };
  });
};

/** argmax W_k/U_k first. */
export const rankCandidates = (candidates: readonly Candidate[], weights: Weights): MemberIndex[] => {
  const wealth = wealthOf(candidates, weights);
  return candidates
    .map((c, i) => ({ member: c.member, luck: c.luck, total: wealth[i]?.total ?? 0n }))
    .toSorted((a, b) => {
      const left = a.total * b.luck;
      const right = b.total * a.luck;
      return left > right ? -1 : left < right ? 1 : a.member - b.member;
    })
    .map((c) => c.member);
};

/**
 * Everyone who may step in when no winner delivers, in the order drawn from the parent's beacon; who is barred comes
 * last, so that the chain goes on even if nobody else is awake.
 */
export const standInOrder = (view: View, beacon: Hash, step: StepIndex): MemberIndex[] =>
  presentMembers(view, step)
    .map(({ index, row }) => ({ index, barred: row.barred !== null, place: beaconPlace(beacon, step, index) }))
    .toSorted((a, b) => Number(a.barred) - Number(b.barred) || compareText(a.place, b.place))
    .map((x) => x.index);

/** What the chain knows of a candidate. */
export const standing = (
  view: View,
  contract: Contract,
  member: MemberIndex,
  step: StepIndex,
): { age: number; reputation: number } | undefined => {
  const row = view.get("member", key(member));
  return row && { age: ageOf(contract, row.lastBlock, step), reputation: row.reputation };
};
