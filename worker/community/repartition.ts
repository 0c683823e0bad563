/**
 * The predefined repartition rule (§II.C, §IV.B.2 table I): how one step's generated energy is shared. A cascade
 * of at most three iterations, each sharing a portion of what the one before left, `fixed` (by weight) or `equal`.
 * Remainders by the largest-remainder method, ties by member index, so that every mWh has exactly one owner.
 * Knows nothing of blocks: the ledger asks it what a distribution must say.
 */
import { branded, list, struct, uint, word, type Codec } from "../base/codec.ts";
import { assert } from "../base/result.ts";
import { mwh, type MemberIndex, type MilliwattHours, type StepIndex } from "../base/units.ts";

export const MAX_ITERATIONS = 3;
export const MAX_MEMBERS = 4096;
export const PPM = 1_000_000;

export type Iteration = {
  readonly kind: "fixed" | "equal";
  /** Of what the iterations before left, in millionths; the last one takes all of it. */
  readonly portionPpm: number;
};
export type Weight = { readonly member: MemberIndex; readonly weight: number };

/** One version of the rule: in force for every step from `from` until the next version's. */
export type Allocation = {
  readonly from: StepIndex;
  readonly iterations: readonly Iteration[];
  /** Sorted by member, each once. */
  readonly weights: readonly Weight[];
  /** What is left out before the rule shares, in millionths: the fee for the miners (§IV.C) and the grid's losses (§V). */
  readonly feePpm: number;
  readonly lossPpm: number;
};
export type Share = { readonly member: MemberIndex; readonly mwh: MilliwattHours };

export const iterationCodec: Codec<Iteration> = struct({
  kind: word(["fixed", "equal"] as const),
  portionPpm: uint,
});
export const weightCodec: Codec<Weight> = struct({ member: branded<MemberIndex>(), weight: uint });
export const allocationCodec = struct({
  from: branded<StepIndex>(),
  iterations: list(iterationCodec, MAX_ITERATIONS),
  weights: list(weightCodec, MAX_MEMBERS),
  feePpm: uint,
  lossPpm: uint,
});
export const shareCodec = struct({
  member: branded<MemberIndex>(),
  mwh: branded<MilliwattHours>(),
});

/** Weights that share everything: each in its bounds, one at least above 0. */
export const isSharing = (weights: readonly Weight[]): boolean =>
  weights.every((w) => w.weight <= PPM) && weights.some((w) => w.weight > 0);

/** `total` split by `weights` (their sum above 0): largest remainders get the mWh left over, ties by place. */
export const splitByWeight = (total: number, weights: readonly number[]): number[] => {
  const sum = weights.reduce((a, w) => a + BigInt(w), 0n);
  assert(sum > 0n, "a split needs a weight above 0");
  const parts = weights.map((w, at) => {
    const scaled = BigInt(total) * BigInt(w);
    return { at, whole: scaled / sum, rest: scaled % sum };
  });
  let left = BigInt(total) - parts.reduce((a, p) => a + p.whole, 0n);
  const out = parts.map((p) => Number(p.whole));
  const byRest = parts.toSorted((a, b) => (a.rest > b.rest ? -1 : a.rest < b.rest ? 1 : a.at - b.at));
  for (const { at } of byRest) {
    if (left === 0n) break;
    out[at] = (out[at] ?? 0) + 1;
    left -= 1n;
  }
  return out;
};

/**
 * Who gets what of `total` mWh. Members with nothing are left out; sorted by member; the sum is exactly `total`.
 * The weights of the `fixed` iterations must not all be 0 (checked where an allocation is made).
 */
export const repartition = (total: MilliwattHours, rule: Pick<Allocation, "iterations" | "weights">): Share[] => {
  const sums = rule.weights.map(() => 0);
  let left: number = total;
  rule.iterations.forEach((iteration, k) => {
    const last = k === rule.iterations.length - 1;
    const portion = last ? left : Number((BigInt(left) * BigInt(iteration.portionPpm)) / BigInt(PPM));
    const weights = rule.weights.map((w) => (iteration.kind === "equal" ? 1 : w.weight));
    splitByWeight(portion, weights).forEach((part, i) => (sums[i] = (sums[i] ?? 0) + part));
    left -= portion;
  });
  return rule.weights.flatMap(({ member }, i) => {
    const part = sums[i] ?? 0;
    return part > 0 ? [{ member, mwh: mwh(part) }] : [];
  });
};

/** The version in force at `step`: the latest whose `from` is not after it. */
export const allocationAt = (versions: readonly Allocation[], step: StepIndex): Allocation | undefined =>
  versions
    .filter((v) => v.from <= step)
    .reduce<Allocation | undefined>((a, b) => (a && a.from >= b.from ? a : b), undefined);
