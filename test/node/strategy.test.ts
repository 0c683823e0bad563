/** T IV.2: a candidacy holds "the tokens that k wants to spend to increase its probability to be selected". */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stepIndex } from "../../worker/base/units.ts";
import type { Spendable } from "../../worker/ledger/tokens.ts";
import { MAX_TOKEN_INPUTS } from "../../worker/ledger/transaction.ts";
import { DEFAULT_STRATEGY, stakeOf, STRATEGIES, type Standing, type Strategy } from "../../worker/node/strategy.ts";
import { idFrom } from "../ledger/worlds.ts";

const AT: Standing = { step: stepIndex(10), tokenValidity: 4, strikes: 0, strikesAllowed: 3, stepsAwake: 0 };
/** Born in step 10 − age. */
const token = (age: number, amount: number, n = 0): Spendable => ({
  ref: { tx: idFrom(age * 1_000 + n), index: n },
  birth: stepIndex(10 - age),
  amount,
});
const TOKENS = [token(1, 100), token(4, 300), token(2, 50), token(3, 50)];
const of = (kind: Strategy["kind"], sharePpm = 1_000_000): Strategy => ({ kind, sharePpm });
const agesOf = (strategy: Strategy, at: Partial<Standing> = {}): number[] | null =>
  stakeOf(strategy, TOKENS, { ...AT, ...at })?.map((ref) => Math.floor(Number.parseInt(ref.tx, 16) / 1_000)) ?? null;

describe("the tokens that a member wants to spend", () => {
  it("are all of them, oldest first, when it says so and by default", () => {
    expect(agesOf(of("all"))).toEqual([4, 3, 2, 1]);
    expect(agesOf(DEFAULT_STRATEGY)).toEqual([4, 3, 2, 1]);
  });
  it("are those that no later auction could take, when it saves", () => {
    expect(agesOf(of("save"))).toEqual([4]);
    expect(agesOf(of("save"), { tokenValidity: 3 })).toEqual([4, 3]);
    expect(agesOf(of("save"), { tokenValidity: 9 })).toEqual([]);
  });
  it("are the oldest up to a part of their sum, whole, when it gives a share", () => {
    expect(agesOf(of("share", 600_000))).toEqual([4]);
    expect(agesOf(of("share", 700_000))).toEqual([4, 3]);
    expect(agesOf(of("share", 0))).toEqual([]);
    expect(agesOf(of("share", 1_000_000))).toEqual([4, 3, 2, 1]);
  });
  it("are none, and it does not stand, when it is off", () => {
    expect(agesOf(of("off"))).toBeNull();
  });
  it("wait, by default, when the next missed block would bar it and it has not been awake for two steps", () => {
    expect(agesOf(of("auto"), { strikes: 2, stepsAwake: 1 })).toBeNull();
    expect(agesOf(of("auto"), { strikes: 2, stepsAwake: 2 })).not.toBeNull();
    expect(agesOf(of("auto"), { strikes: 1, stepsAwake: 0 })).not.toBeNull();
    expect(agesOf(of("all"), { strikes: 2, stepsAwake: 0 })).not.toBeNull();
  });
  it("are the largest, and among equals the oldest, where there are more than a candidacy holds: dust pushes none out", () => {
    const dust = Array.from({ length: MAX_TOKEN_INPUTS }, (_, n) => token(3, 1, n));
    const real = [token(1, 250_000), token(2, 90_000)];
    const staked = stakeOf(of("all"), [...dust, ...real, token(4, 1)], AT)?.map((ref) => ref.tx);
    const names = [...real, token(4, 1), ...dust.slice(0, MAX_TOKEN_INPUTS - 3)].map((t) => t.ref.tx);
    expect(staked).toEqual(names);
  });
  it("are never more than a candidacy holds, never one twice, and never more than the share", () => {
    const tokens = fc.array(
      fc.record({ age: fc.integer({ min: 1, max: 4 }), amount: fc.integer({ min: 1, max: 1e6 }) }),
      {
        maxLength: 100,
      },
    );
    fc.assert(
      fc.property(tokens, fc.constantFrom(...STRATEGIES), fc.integer({ min: 0, max: 1_000_000 }), (list, kind, ppm) => {
        const all = list.map(({ age, amount }, n) => token(age, amount, n));
        const staked = stakeOf({ kind, sharePpm: ppm }, all, AT) ?? [];
        const names = staked.map((ref) => `${ref.tx}/${ref.index}`);
        const sum = all
          .filter((t) => names.includes(`${t.ref.tx}/${t.ref.index}`))
          .reduce((total, t) => total + t.amount, 0);
        const whole = all.reduce((total, t) => total + t.amount, 0);
        expect(staked.length).toBeLessThanOrEqual(MAX_TOKEN_INPUTS);
        expect(new Set(names).size).toBe(names.length);
        expect(kind === "share" ? sum : 0).toBeLessThanOrEqual((whole * ppm) / 1_000_000);
      }),
    );
  });
});
