/** Selecting the miner: U_k uniform and nobody's choice, W_k exact, the same ranking for everybody. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../worker/base/bytes.ts";
import { memberIndex, stepIndex, type Hash } from "../../worker/base/units.ts";
import { blsSign } from "../../worker/base/bls.ts";
import { beaconPlace, drawMessage, drawOf, nextBeacon } from "../../worker/consensus/draw.ts";
import { ageOf, rankCandidates, standInOrder, wealthOf, type Candidate } from "../../worker/consensus/selection.ts";
import { genesisOf, keysOf, worldOf } from "../ledger/worlds.ts";

const WHOLE = 2n ** 256n;
const draws = fc.uint8Array({ minLength: 48, maxLength: 48 });
const hashOfFill = (byte: string): Hash => byte.repeat(32) as Hash;

const counts = fc.oneof(fc.constant(0), fc.nat(5), fc.nat(10 ** 12));
const candidatesOf = fc.uniqueArray(fc.nat(4095), { minLength: 1, maxLength: 12 }).chain((members) =>
  fc.tuple(
    ...members.map((m) =>
      fc.record({
        member: fc.constant(memberIndex(m)),
        energy: counts,
        age: fc.nat(672),
        reputation: fc.nat(96),
        luck: fc.bigInt({ min: 1n, max: WHOLE }),
      }),
    ),
  ),
);
const weights = fc
  .uniqueArray(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 3, maxLength: 3 })
  .map((three) => three.toSorted((a, b) => a - b))
  .map(([gamma = 1, alpha = 2, beta = 3]) => ({ weightReputation: gamma, weightEnergy: alpha, weightAge: beta }));

/** Formula (1) as it is written, in fractions: no shortcut shared with the code. */
type Fraction = { readonly n: bigint; readonly d: bigint };
const plus = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.d + b.n * a.d, d: a.d * b.d });
const term = (weight: number, part: number, all: readonly number[]): Fraction => {
  const sum = all.reduce((s, x) => s + BigInt(x), 0n);
  return sum === 0n ? { n: 0n, d: 1n } : { n: BigInt(weight) * BigInt(part), d: sum };
};
type Weights = { weightEnergy: number; weightAge: number; weightReputation: number };
const reference = (c: Candidate, all: readonly Candidate[], w: Weights): Fraction =>
  plus(
    plus(
      term(
        w.weightEnergy,
        c.energy,
        all.map((x) => x.energy),
      ),
      term(
        w.weightAge,
        c.age,
        all.map((x) => x.age),
      ),
    ),
    term(
      w.weightReputation,
      c.reputation,
      all.map((x) => x.reputation),
    ),
  );

describe("U_k", () => {
  it("lies in ]0, 1], follows from both draws and the candidate, and is never twice the same", () => {
    fc.assert(
      fc.property(draws, draws, fc.nat(4094), (mine, miner, k) => {
        const u = drawOf(mine, miner, memberIndex(k));
        expect(u).toBeGreaterThan(0n);
        expect(u).toBeLessThanOrEqual(WHOLE);
        expect(drawOf(mine, miner, memberIndex(k))).toBe(u);
        expect(drawOf(mine, miner, memberIndex(k + 1))).not.toBe(u);
        const other = mine.map((b, i) => (i === 0 ? b ^ 1 : b));
        expect(drawOf(other, miner, memberIndex(k))).not.toBe(u);
        const otherMiner = miner.map((b, i) => (i === 47 ? b ^ 1 : b));
        expect(drawOf(mine, otherMiner, memberIndex(k))).not.toBe(u);
      }),
    );
  });

  it("is uniform: each eighth of ]0, 1] gets its share of 4,000 draws", () => {
    const eighths = Array.from({ length: 8 }, () => 0);
    for (let n = 0; n < 4_000; n++) {
      const mine = new Uint8Array(48);
      new DataView(mine.buffer).setUint32(0, n);
      const at = Number(((drawOf(mine, new Uint8Array(48), memberIndex(0)) - 1n) * 8n) / WHOLE);
      eighths[at] = (eighths[at] ?? 0) + 1;
    }
    // 500 each; the draws are fixed, so this is no matter of luck.
    for (const count of eighths) expect(Math.abs(count - 500)).toBeLessThan(80);
  });

  it("rests on a message of this community, parent and step, that BLS signs in one way only", () => {
    const [a, b] = [hashOfFill("aa"), hashOfFill("bb")];
    const messages = [
      drawMessage(a, b, stepIndex(1)),
      drawMessage(b, a, stepIndex(1)),
      drawMessage(a, a, stepIndex(1)),
      drawMessage(a, b, stepIndex(2)),
    ].map((m) => toHex(m));
    expect(new Set(messages).size).toBe(4);
    const message = drawMessage(a, b, stepIndex(1));
    expect(blsSign(message, keysOf(0).blsSecret)).toEqual(blsSign(message, keysOf(0).blsSecret));
    expect(blsSign(message, keysOf(0).blsSecret)).not.toEqual(blsSign(message, keysOf(1).blsSecret));
  });
});

describe("W_k", () => {
  it("is α·E_k/ΣE + β·A_k/ΣA + γ·R_k/ΣR, exactly", () => {
    fc.assert(
      fc.property(candidatesOf, weights, (candidates, w) => {
        const wealth = wealthOf(candidates, w);
        candidates.forEach((c, i) => {
          const { n, d } = reference(c, candidates, w);
          expect((wealth[i]?.total ?? 0n) * d).toBe(n * (wealth[i]?.denominator ?? 0n));
        });
      }),
    );
  });

  it("adds up to α + β + γ, less each term whose sum is 0", () => {
    fc.assert(
      fc.property(candidatesOf, weights, (candidates, w) => {
        const wealth = wealthOf(candidates, w);
        const has = (pick: (c: Candidate) => number): number => (candidates.some((c) => pick(c) > 0) ? 1 : 0);
        const whole =
          w.weightEnergy * has((c) => c.energy) +
          w.weightAge * has((c) => c.age) +
          w.weightReputation * has((c) => c.reputation);
        const total = wealth.reduce((sum, x) => sum + x.total, 0n);
        expect(total).toBe(BigInt(whole) * (wealth[0]?.denominator ?? 0n));
      }),
    );
  });

  it("is worked out by hand for two candidates", () => {
    const w = { weightEnergy: 20, weightAge: 70, weightReputation: 10 };
    const two = [
      { member: memberIndex(0), energy: 3, age: 1, reputation: 0, luck: 1n },
      { member: memberIndex(1), energy: 1, age: 4, reputation: 0, luck: 1n },
    ];
    // 20·3/4 + 70·1/5 = 29; 20·1/4 + 70·4/5 = 61; no reputation, no term.
    expect(wealthOf(two, w).map((x) => [x.total, x.denominator])).toEqual([
      [580n, 20n],
      [1_220n, 20n],
    ]);
    expect(wealthOf(two, w).map((x) => x.reputation)).toEqual([0n, 0n]);
  });

  it("takes for age the steps since the last block, capped", () => {
    const { contract } = worldOf();
    expect([8, 10, 700, 5_000].map((s) => ageOf(contract, stepIndex(8), stepIndex(s)))).toEqual([0, 2, 672, 672]);
  });
});

describe("the ranking", () => {
  it("is by W_k/U_k, largest first, ties by member", () => {
    fc.assert(
      fc.property(candidatesOf, weights, (candidates, w) => {
        const of = new Map(candidates.map((c) => [c.member, { c, f: reference(c, candidates, w) }]));
        const ranking = rankCandidates(candidates, w);
        expect(ranking.toSorted((a, b) => a - b)).toEqual(candidates.map((c) => c.member).toSorted((a, b) => a - b));
        for (const [i, member] of ranking.slice(1).entries()) {
          const [x, y] = [of.get(ranking[i] ?? memberIndex(0)), of.get(member)];
          if (x === undefined || y === undefined) throw new Error("a ranking names its candidates");
          const [left, right] = [x.f.n * y.f.d * y.c.luck, y.f.n * x.f.d * x.c.luck];
          expect(left > right || (left === right && x.c.member < y.c.member)).toBe(true);
        }
      }),
    );
  });

  it("does not depend on the order in which candidacies came", () => {
    fc.assert(
      fc.property(candidatesOf, weights, fc.nat(11), (candidates, w, turn) => {
        const at = turn % candidates.length;
        const ranking = rankCandidates(candidates, w);
        expect(rankCandidates(candidates.toReversed(), w)).toEqual(ranking);
        expect(rankCandidates([...candidates.slice(at), ...candidates.slice(0, at)], w)).toEqual(ranking);
      }),
    );
  });

  it("of equals is by member, also where nobody has anything", () => {
    const w = { weightEnergy: 20, weightAge: 70, weightReputation: 10 };
    const equals = [5, 2, 9].map((m) => ({
      member: memberIndex(m),
      energy: 0,
      age: 0,
      reputation: 0,
      luck: BigInt(m),
    }));
    expect(rankCandidates(equals, w)).toEqual([2, 5, 9]);
    expect(rankCandidates([], w)).toEqual([]);
  });

  it("of equal wealth is by the smaller U_k", () => {
    const w = { weightEnergy: 20, weightAge: 70, weightReputation: 10 };
    const three = [7n, 3n, 5n].map((luck, m) => ({ member: memberIndex(m), energy: 1, age: 1, reputation: 1, luck }));
    expect(rankCandidates(three, w)).toEqual([1, 2, 0]);
  });
});

describe("the order of stand-ins", () => {
  it("names every member once, by the parent's beacon and the step", () => {
    const state = genesisOf(worldOf({ members: 3 }));
    const orders = new Set<string>();
    for (let step = 1; step <= 40; step++) {
      const beacon = nextBeacon(new Uint8Array(48).fill(step));
      const order = standInOrder(state, beacon, stepIndex(step));
      expect(order.toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
      const places = order.map((m) => beaconPlace(beacon, stepIndex(step), m));
      expect(places.toSorted()).toEqual(places);
      orders.add(order.join());
    }
    expect(orders.size).toBe(6);
  });
});
