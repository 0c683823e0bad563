/** The repartition rule: every mWh has exactly one owner, and everybody finds the same. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memberIndex, mwh, stepIndex, type MilliwattHours } from "../../worker/base/units.ts";
import {
  allocationAt,
  PPM,
  repartition,
  splitByWeight,
  type Allocation,
  type Iteration,
} from "../../worker/community/repartition.ts";

const rule = (weights: readonly number[], iterations: readonly Iteration[], from = 0): Allocation => ({
  from: stepIndex(from),
  iterations,
  weights: weights.map((weight, i) => ({ member: memberIndex(i), weight })),
  feePpm: 0,
  lossPpm: 0,
});
const fixed: Iteration = { kind: "fixed", portionPpm: PPM };
const equal: Iteration = { kind: "equal", portionPpm: PPM };
const sharesOf = (total: number, of: Allocation): [number, number][] =>
  repartition(mwh(total), of).map((s) => [s.member, s.mwh]);

const totals = fc.oneof(fc.nat(50), fc.maxSafeNat()).map((n) => n as MilliwattHours);
const someWeights = fc
  .array(fc.oneof(fc.nat(3), fc.nat(PPM)), { minLength: 1, maxLength: 30 })
  .filter((w) => w.some((x) => x > 0));
const cascades = fc
  .array(
    fc.record({
      kind: fc.constantFrom("fixed" as const, "equal" as const),
      portionPpm: fc.integer({ min: 1, max: PPM }),
    }),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((list) => list.map((x, i) => (i === list.length - 1 ? { ...x, portionPpm: PPM } : x)));

describe("a split", () => {
  it("adds up, and each part is its exact share rounded up or down", () => {
    fc.assert(
      fc.property(totals, someWeights, (total, weights) => {
        const parts = splitByWeight(total, weights);
        const sum = weights.reduce((a, w) => a + BigInt(w), 0n);
        expect(parts.reduce((a, p) => a + BigInt(p), 0n)).toBe(BigInt(total));
        parts.forEach((part, i) => {
          const below = (BigInt(total) * BigInt(weights[i] ?? 0)) / sum;
          const exact = (BigInt(total) * BigInt(weights[i] ?? 0)) % sum === 0n;
          expect([below, exact ? below : below + 1n]).toContain(BigInt(part));
        });
      }),
    );
  });

  it("gives nobody less than somebody of smaller weight", () => {
    fc.assert(
      fc.property(totals, someWeights, (total, weights) => {
        const parts = splitByWeight(total, weights);
        const byWeight = parts
          .map((part, i) => ({ part, weight: weights[i] ?? 0 }))
          .toSorted((a, b) => a.weight - b.weight);
        for (const [i, x] of byWeight.entries()) {
          const before = byWeight[i - 1];
          expect(before !== undefined && before.weight < x.weight && before.part > x.part).toBe(false);
        }
      }),
    );
  });

  it("gives what is left over to the largest remainders, among equals to the first", () => {
    expect(splitByWeight(10, [1, 1, 1])).toEqual([4, 3, 3]);
    expect(splitByWeight(11, [1, 1, 1])).toEqual([4, 4, 3]);
    // Exact shares 0.7, 2.1, 4.2: the first has the largest remainder.
    expect(splitByWeight(7, [1, 3, 6])).toEqual([1, 2, 4]);
    expect(splitByWeight(1, [0, 5, 5])).toEqual([0, 1, 0]);
    expect(splitByWeight(0, [2, 3])).toEqual([0, 0]);
  });

  it("without any weight is a bug of the caller", () => {
    expect(() => splitByWeight(1, [0, 0])).toThrow("weight above 0");
  });
});

describe("the repartition rule", () => {
  it("gives 8 and 17 of the paper's 15 + 10 kWh to weights 8 and 17", () => {
    expect(sharesOf(15_000_000 + 10_000_000, rule([8, 17], [fixed]))).toEqual([
      [0, 8_000_000],
      [1, 17_000_000],
    ]);
  });

  it("shares a cascade as done by hand: 40 % equally, the rest by weights 1 : 2 : 0", () => {
    // 400,000 equally: 133,334 + 133,333 + 133,333. Left 600,001 at 1 : 2: 200,000 + 400,001.
    const cascade = rule([1, 2, 0], [{ kind: "equal", portionPpm: 400_000 }, fixed]);
    expect(sharesOf(1_000_001, cascade)).toEqual([
      [0, 333_334],
      [1, 533_334],
      [2, 133_333],
    ]);
  });

  it("shares three iterations, each a portion of what the one before left", () => {
    // 1,000: half by weight 3 : 1 -> 375, 125; half of the 500 left equally -> 125, 125; 250 left by weight -> 188, 62.
    const cascade = rule(
      [3, 1],
      [{ kind: "fixed", portionPpm: 500_000 }, { kind: "equal", portionPpm: 500_000 }, fixed],
    );
    expect(sharesOf(1_000, cascade)).toEqual([
      [0, 688],
      [1, 312],
    ]);
  });

  it("shares equally whatever the weights, and by weight leaves out who has none", () => {
    expect(sharesOf(9, rule([0, 5, 1], [equal]))).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
    ]);
    expect(sharesOf(6, rule([0, 5, 1], [fixed]))).toEqual([
      [1, 5],
      [2, 1],
    ]);
    expect(sharesOf(0, rule([1], [fixed]))).toEqual([]);
  });

  it("gives every mWh to exactly one member, whatever the cascade", () => {
    fc.assert(
      fc.property(totals, someWeights, cascades, (total, weights, iterations) => {
        const shares = repartition(total, rule(weights, iterations));
        expect(shares.reduce((sum, s) => sum + BigInt(s.mwh), 0n)).toBe(BigInt(total));
        expect(shares.every((s, i) => s.mwh > 0 && s.member > (shares[i - 1]?.member ?? -1))).toBe(true);
      }),
    );
  });
});

describe("the version in force", () => {
  it("is the latest that began not after the step, in whatever order they stand", () => {
    const [a, b, c] = [rule([1], [fixed], 0), rule([1, 1], [fixed], 5), rule([1, 1, 1], [fixed], 9)];
    for (const versions of [
      [a, b, c],
      [c, a, b],
      [b, c, a],
    ]) {
      expect([0, 4, 5, 8, 9, 100].map((s) => allocationAt(versions, stepIndex(s)))).toEqual([a, a, b, b, c, c]);
    }
    expect(allocationAt([b, c], stepIndex(4))).toBeUndefined();
  });
});
