/**
 * What a change of the sharing rule would have meant (§II.C, transparent rules): one amount of energy divided by the
 * rule in force and by another, member by member. Sums are exact: what members, fee and loss gain and lose is nothing
 * in all. Pure; does not know where the amount and the rules come from.
 */
import { mwh, type MemberIndex } from "../base/units.ts";
import { PPM, repartition, type Allocation, type Weight } from "../community/repartition.ts";

export type Rule = Pick<Allocation, "iterations" | "weights" | "feePpm" | "lossPpm">;
export type Change = { readonly before: number; readonly after: number };
export type Effect = {
  /** Everybody that either rule names, sorted by member. */
  readonly members: readonly (Change & { readonly member: MemberIndex })[];
  readonly fee: Change;
  readonly loss: Change;
};

type Division = { readonly shares: ReadonlyMap<MemberIndex, number>; readonly fee: number; readonly loss: number };

const divide = (total: number, rule: Rule): Division => {
  const part = (ppm: number): number => Number((BigInt(total) * BigInt(ppm)) / BigInt(PPM));
  const [fee, loss] = [part(rule.feePpm), part(rule.lossPpm)];
  return { shares: new Map(repartition(mwh(total - fee - loss), rule).map((s) => [s.member, s.mwh])), fee, loss };
};

/** A `fixed` iteration needs a weight to divide by, an `equal` one somebody to divide among. */
export const canDivide = ({ iterations, weights }: Pick<Rule, "iterations" | "weights">): boolean =>
  weights.length > 0 && (weights.some((w) => w.weight > 0) || iterations.every((i) => i.kind === "equal"));

/**
 * `total` mWh as if it had been generated in one step: over many steps it differs by less than 1 mWh a step, since the
 * rule is a proportion. Null where one of the rules cannot divide anything.
 */
export const effectOf = (total: number, before: Rule, after: Rule): Effect | null => {
  if (!canDivide(before) || !canDivide(after)) return null;
  const [old, now] = [divide(total, before), divide(total, after)];
  const named = [...new Set([...before.weights, ...after.weights].map((w) => w.member))].toSorted((a, b) => a - b);
  return {
    members: named.map((member) => ({
      member,
      before: old.shares.get(member) ?? 0,
      after: now.shares.get(member) ?? 0,
    })),
    fee: { before: old.fee, after: now.fee },
    loss: { before: old.loss, after: now.loss },
  };
};

/** The weights with one more member, or with a member's weight as given. */
export const withMember = (weights: readonly Weight[], member: MemberIndex, weight: number): Weight[] =>
  [...weights.filter((w) => w.member !== member), { member, weight }].toSorted((a, b) => a.member - b.member);

export const withoutMember = (weights: readonly Weight[], member: MemberIndex): Weight[] =>
  weights.filter((w) => w.member !== member);

/** Whether two rules divide every amount alike. */
export const isSameRule = (a: Rule, b: Rule): boolean =>
  a.feePpm === b.feePpm &&
  a.lossPpm === b.lossPpm &&
  a.iterations.length === b.iterations.length &&
  a.iterations.every((x, i) => x.kind === b.iterations[i]?.kind && x.portionPpm === b.iterations[i]?.portionPpm) &&
  a.weights.length === b.weights.length &&
  a.weights.every((x, i) => x.member === b.weights[i]?.member && x.weight === b.weights[i]?.weight);
