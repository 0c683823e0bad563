/** A proposal shows its effect before the vote: who gains and who loses how much, to the milliwatt-hour. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MemberIndex } from "../../worker/base/units.ts";
import { MAX_ITERATIONS, PPM } from "../../worker/community/repartition.ts";
import {
  canDivide,
  effectOf,
  isSameRule,
  withMember,
  withoutMember,
  type Effect,
  type Rule,
} from "../../worker/settlement/effect.ts";

const m = (n: number): MemberIndex => n as MemberIndex;
const weights = (...all: readonly number[]): Rule["weights"] => all.map((weight, i) => ({ member: m(i), weight }));
const equally = (weighed: Rule["weights"], feePpm = 0, lossPpm = 0): Rule => ({
  iterations: [{ kind: "equal", portionPpm: PPM }],
  weights: weighed,
  feePpm,
  lossPpm,
});
const byWeight = (weighed: Rule["weights"]): Rule => ({
  ...equally(weighed),
  iterations: [{ kind: "fixed", portionPpm: PPM }],
});

const iteration = fc.record({
  kind: fc.constantFrom("fixed" as const, "equal" as const),
  portionPpm: fc.integer({ min: 1, max: PPM }),
});
const rule: fc.Arbitrary<Rule> = fc
  .record({
    first: fc.array(iteration, { maxLength: MAX_ITERATIONS - 1 }),
    last: fc.constantFrom("fixed" as const, "equal" as const),
    weights: fc.uniqueArray(fc.record({ member: fc.nat(30), weight: fc.nat(PPM) }), {
      selector: (w) => w.member,
      minLength: 1,
      maxLength: 12,
    }),
    feePpm: fc.nat(PPM / 2),
    lossPpm: fc.nat(PPM / 2),
  })
  .map(({ first, last, weights: some, feePpm, lossPpm }) => ({
    iterations: [...first, { kind: last, portionPpm: PPM }],
    weights: some.map((w) => ({ member: m(w.member), weight: w.weight })).toSorted((a, b) => a.member - b.member),
    feePpm,
    lossPpm,
  }))
  .filter(canDivide);
const total = fc.integer({ min: 0, max: 7 * 24 * 1_000 * 1_000_000 });

const gains = (effect: Effect): number => effect.members.reduce((sum, x) => sum + x.after - x.before, 0);
const found = (effect: Effect | null): Effect => {
  if (effect === null) throw new Error("both rules can divide");
  return effect;
};

describe("the effect of a proposal", () => {
  it("is nothing in all: what some gain, others, the fee or the loss give", () => {
    fc.assert(
      fc.property(total, rule, rule, (sum, before, after) => {
        const effect = found(effectOf(sum, before, after));
        const others = effect.fee.after - effect.fee.before + effect.loss.after - effect.loss.before;
        expect(gains(effect) + others).toBe(0);
        const all = (pick: "before" | "after"): number =>
          effect.members.reduce((a, x) => a + x[pick], 0) + effect.fee[pick] + effect.loss[pick];
        expect([all("before"), all("after")]).toEqual([sum, sum]);
      }),
    );
  });

  it("of the rule in force proposed again is nothing for everybody", () => {
    fc.assert(
      fc.property(total, rule, (sum, same) => {
        const effect = found(effectOf(sum, same, { ...same }));
        expect(effect.members.every((x) => x.before === x.after)).toBe(true);
        expect(isSameRule(same, { ...same })).toBe(true);
      }),
    );
  });

  it("turned round is the same with gains for losses", () => {
    fc.assert(
      fc.property(total, rule, rule, (sum, before, after) => {
        const there = found(effectOf(sum, before, after)).members;
        const back = found(effectOf(sum, after, before)).members;
        expect(back.map((x) => [x.member, x.after, x.before])).toEqual(there.map((x) => [x.member, x.before, x.after]));
      }),
    );
  });

  it("names everybody that either rule names, once and in order", () => {
    fc.assert(
      fc.property(total, rule, rule, (sum, before, after) => {
        const named = found(effectOf(sum, before, after)).members.map((x) => x.member);
        const wanted = new Set([...before.weights, ...after.weights].map((w) => w.member));
        expect(named).toEqual([...wanted].toSorted((a, b) => a - b));
      }),
    );
  });

  it("of a neighbour more is that each of the others gives a part", () => {
    const before = equally(weights(1, 1, 1));
    const effect = found(effectOf(12_000, before, { ...before, weights: withMember(before.weights, m(3), 1) }));
    expect(effect.members.map((x) => [x.before, x.after])).toEqual([
      [4_000, 3_000],
      [4_000, 3_000],
      [4_000, 3_000],
      [0, 3_000],
    ]);
  });

  it("of a neighbour who leaves is that the others have its part", () => {
    const before = byWeight(weights(2, 1, 1));
    const effect = found(effectOf(12_000, before, { ...before, weights: withoutMember(before.weights, m(0)) }));
    expect(effect.members.map((x) => [x.before, x.after])).toEqual([
      [6_000, 0],
      [3_000, 6_000],
      [3_000, 6_000],
    ]);
  });

  it("of a fee is that the members lose what those who write the steps gain", () => {
    const before = equally(weights(1, 1));
    const effect = found(effectOf(1_000_000, before, { ...before, feePpm: 20_000, lossPpm: 10_000 }));
    expect(gains(effect)).toBe(-30_000);
    expect([effect.fee, effect.loss]).toEqual([
      { before: 0, after: 20_000 },
      { before: 0, after: 10_000 },
    ]);
  });

  it("is not told where a rule has nobody to divide among", () => {
    const good = byWeight(weights(1, 1));
    expect(effectOf(1_000, good, byWeight(weights(0, 0)))).toBeNull();
    expect(effectOf(1_000, byWeight([]), good)).toBeNull();
    expect(effectOf(1_000, equally(weights(0, 0)), good)).not.toBeNull();
  });

  it("tells rules apart by anything that divides otherwise", () => {
    const one = byWeight(weights(1, 2));
    for (const other of [
      equally(weights(1, 2)),
      byWeight(weights(1, 3)),
      byWeight(weights(1, 2, 1)),
      { ...one, feePpm: 1 },
      { ...one, lossPpm: 1 },
    ])
      expect(isSameRule(one, other)).toBe(false);
  });
});
