/** Fees for the miners (§IV.C motivation): held back, paid when they are due, confiscated while they are not. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memberIndex, mwh, stepIndex, type StepIndex } from "../../worker/base/units.ts";
import { confiscate, holdRewards, payRewards } from "../../worker/ledger/rewards.ts";
import { key } from "../../worker/ledger/rows.ts";
import type { Context } from "../../worker/ledger/context.ts";
import { contextOn, genesisOf, worldOf, type World } from "./worlds.ts";

const world = (): World => worldOf({ members: 3, change: { rewardDelay: 5, lateWindow: 8 } });
const fees = (...list: readonly (readonly [step: number, fee: number])[]): Map<StepIndex, number> =>
  new Map(list.map(([step, fee]) => [stepIndex(step), fee]));
const meters = (ctx: Context): number[] => ctx.draft.scan("member").map(([, m]) => m.meter);
const at = (ctx: Context, step: number): Context => ({ ...ctx, step: stepIndex(step) });
const begin = (step: number): Context => contextOn(world(), genesisOf(world()), step);

describe("a fee", () => {
  it.each([
    ["of fresh energy is paid when the contract's delay is over", 20, 20, 25],
    ["of late energy when its step is closed, if that is sooner", 20, 14, 22],
    ["of energy whose step is closed already at once", 20, 12, 20],
    ["of energy older still at once", 20, 3, 20],
  ])("%s", (_, block, energy, due) => {
    const ctx = begin(block);
    holdRewards(ctx, memberIndex(1), fees([energy, 70]));
    for (let step = block; step < due; step++) {
      payRewards(at(ctx, step));
      expect(meters(ctx)).toEqual([0, 0, 0]);
    }
    payRewards(at(ctx, due));
    expect(meters(ctx)).toEqual([0, 70, 0]);
    expect(ctx.draft.get("book", key(energy))?.shares).toEqual([{ member: 1, mwh: 70 }]);
    payRewards(at(ctx, due + 1));
    expect(meters(ctx)).toEqual([0, 70, 0]);
  });

  it("that is due in a step without a block is paid in the next block", () => {
    const ctx = begin(20);
    holdRewards(ctx, memberIndex(1), fees([20, 70], [19, 5]));
    payRewards(at(ctx, 90));
    expect(meters(ctx)).toEqual([0, 75, 0]);
    expect(ctx.draft.scan("reward")).toEqual([]);
  });

  it("of nothing leaves no trace", () => {
    const ctx = begin(20);
    holdRewards(ctx, memberIndex(1), fees([20, 0]));
    expect(ctx.draft.delta()).toEqual([]);
  });

  it("confiscated goes to the reporter, to the last mWh, and nothing of anybody else's", () => {
    const some = fc.array(
      fc.record({ miner: fc.nat(2), block: fc.integer({ min: 20, max: 60 }), back: fc.nat(12), fee: fc.nat(999) }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(some, fc.nat(2), fc.nat(2), (list, from, to) => {
        const ctx = begin(20);
        const byBlock = [...new Map(list.map((x) => [x.block, x])).values()];
        for (const x of byBlock)
          holdRewards(at(ctx, x.block), memberIndex(x.miner), fees([Math.max(1, x.block - x.back), x.fee]));
        const held = (miner: number): number =>
          ctx.draft
            .scan("reward")
            .filter(([, r]) => r.miner === miner)
            .reduce((sum, [, r]) => sum + r.mwh, 0);
        const [before, others] = [meters(ctx), [0, 1, 2].filter((m) => m !== from).map(held)];
        const sum = held(from);
        expect(confiscate(at(ctx, 61), memberIndex(from), memberIndex(to))).toBe(mwh(sum));
        expect(held(from)).toBe(0);
        expect([0, 1, 2].filter((m) => m !== from).map(held)).toEqual(others);
        expect(meters(ctx)).toEqual(before.map((v, m) => v + (m === to ? sum : 0)));
      }),
    );
  });
});
