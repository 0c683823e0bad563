/** Generation, transfer, distribution: each rule that a wrong one breaks, by its code. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { memberIndex, millis, mwh, stepIndex, type GeneratorIndex, type TxId } from "../../worker/base/units.ts";
import { endOf } from "../../worker/community/market-step.ts";
import type { Share } from "../../worker/community/repartition.ts";
import type { Context } from "../../worker/ledger/context.ts";
import {
  applyDistribution,
  applyGeneration,
  applyTransfer,
  expectedShares,
  maxPerStep,
  undistributed,
} from "../../worker/ledger/energy.ts";
import { key } from "../../worker/ledger/rows.ts";
import { dropOldAllocations } from "../../worker/ledger/allocations.ts";
import { holdRewards } from "../../worker/ledger/rewards.ts";
import type { Generation } from "../../worker/ledger/transaction.ts";
import {
  codeOf,
  contextOn,
  genesisOf,
  idFrom,
  METER,
  MOST,
  refusal,
  STEP,
  valueOf,
  worldOf,
  type World,
} from "./worlds.ts";

const NOW = 300;
const free = { feePpm: 0, lossPpm: 0 };
let world: World;
let ctx: Context;
beforeAll(() => {
  world = worldOf({ members: 3, owners: [0, 1], weights: [8, 17, 0] });
});
beforeEach(() => {
  ctx = contextOn(world, genesisOf(world), NOW);
});

const reading = (over: Partial<Generation> = {}): Generation => ({
  generator: 0 as GeneratorIndex,
  step: stepIndex(NOW),
  from: mwh(0),
  to: mwh(1_000),
  at: endOf(world.contract, over.step ?? NOW),
  estimated: false,
  ...over,
});
const generate = (over: Partial<Generation>, id = 1): ReturnType<typeof applyGeneration> =>
  applyGeneration(ctx, reading(over), idFrom(id));
/** V of `value` mWh in `step`, passed on to the VPP under the id `n`. */
const supply = (n: number, value: number, step = NOW, generator = 0): TxId => {
  const g = generator as GeneratorIndex;
  const from = ctx.draft.get("generator", key(g))?.register ?? mwh(0);
  valueOf(generate({ generator: g, step: stepIndex(step), from, to: mwh(from + value) }, 1_000 + n));
  valueOf(applyTransfer(ctx, { generator: g, input: idFrom(1_000 + n) }, idFrom(n)));
  return idFrom(n);
};
const share = (member: number, value: number): Share => ({ member: memberIndex(member), mwh: mwh(value) });
const distribute = (
  inputs: readonly TxId[],
  shares: readonly Share[],
  step = NOW,
): ReturnType<typeof applyDistribution> =>
  applyDistribution(ctx, { step: stepIndex(step), inputs, shares }, idFrom(9_000));
const meters = (): number[] => ctx.draft.scan("member").map(([, m]) => m.meter);

describe("a generation", () => {
  it("moves the register, makes V of the cryptometer and is counted", () => {
    expect(valueOf(generate({ to: mwh(700) }))).toBe(700);
    expect(ctx.draft.get("generator", key(0))?.register).toBe(700);
    expect(ctx.draft.get("energy", idFrom(1))).toEqual({ owner: "generator", generator: 0, step: NOW, mwh: 700 });
    expect(ctx.draft.get("totals", "")).toEqual({ generated: 700, distributed: 0, lost: 0 });
    expect(ctx.draft.get("book", key(NOW))?.generated).toEqual([
      { generator: 0, mwh: 700, at: endOf(world.contract, NOW), estimated: false },
    ]);
  });

  const begin = (): number => endOf(world.contract, NOW) - STEP;
  it.each([
    ["of a meter that nobody registered", "generator-unknown", () => ({ generator: 2 as GeneratorIndex })],
    ["of a step that is still running", "generation-early", () => ({ step: stepIndex(NOW + 1) })],
    ["of a step before the late window", "generation-late", () => ({ step: stepIndex(NOW - 193) })],
    ["that leaves a gap in the register", "register-gap", () => ({ from: mwh(1), to: mwh(2) })],
    ["of nothing", "register-backwards", () => ({ to: mwh(0) })],
    ["read at T_{i-1}", "generation-time", () => ({ at: millis(begin()) })],
    ["read after T_i", "generation-time", () => ({ at: millis(begin() + STEP + 1) })],
    ["of more than P_max", "too-much-power", () => ({ to: mwh(MOST + 1) })],
  ])("%s is refused: %s", (_, code, over) => {
    expect(codeOf(generate(over()))).toBe(code);
    expect(ctx.draft.delta()).toEqual([]);
  });

  it("of a register that went backwards is refused, and its sender penalised", () => {
    valueOf(generate({ to: mwh(500) }));
    expect(refusal(generate({ from: mwh(500), to: mwh(400) }, 2))).toMatchObject({
      code: "register-backwards",
      verdict: "penalise",
    });
  });

  it("is booked to its own step as long as the late window lasts", () => {
    expect(world.contract.lateWindow).toBe(192);
    expect(generate({ step: stepIndex(NOW - 192) }).ok).toBe(true);
    ctx = contextOn(world, genesisOf(world), 1);
    expect(codeOf(generate({ step: stepIndex(0) }))).toBe("generation-late");
  });

  it("of a newcomer is not booked to a step before it was in force", () => {
    const row = ctx.draft.get("generator", key(0));
    if (row) ctx.draft.put("generator", key(0), { ...row, joined: stepIndex(NOW - 1) });
    expect(codeOf(generate({ step: stepIndex(NOW - 2) }))).toBe("generation-late");
    expect(generate({ step: stepIndex(NOW - 1) }).ok).toBe(true);
  });

  it("is bounded by P_max over the whole step, however many readings it comes in", () => {
    expect(maxPerStep(METER.pMaxW, STEP, METER.resolutionMwh)).toBe(MOST);
    valueOf(generate({ to: mwh(MOST - 10) }));
    expect(codeOf(generate({ from: mwh(MOST - 10), to: mwh(MOST + 1) }, 2))).toBe("too-much-power");
    expect(generate({ from: mwh(MOST - 10), to: mwh(MOST) }, 2).ok).toBe(true);
    expect(generate({ step: stepIndex(NOW - 1), from: mwh(MOST), to: mwh(2 * MOST) }, 3).ok).toBe(true);
  });
});

describe("a transfer", () => {
  it("gives the cryptometer's own V to the VPP, once", () => {
    valueOf(generate({}));
    expect(valueOf(applyTransfer(ctx, { generator: 0 as GeneratorIndex, input: idFrom(1) }, idFrom(2)))).toBe(1_000);
    expect(ctx.draft.get("energy", idFrom(1))).toBeUndefined();
    expect(ctx.draft.get("energy", idFrom(2))).toEqual({ owner: "vpp", generator: 0, step: NOW, mwh: 1_000 });
    expect(codeOf(applyTransfer(ctx, { generator: 0 as GeneratorIndex, input: idFrom(1) }, idFrom(3)))).toBe(
      "input-unknown",
    );
  });

  it("of another's V, or of what is the VPP's already, is refused", () => {
    valueOf(generate({}));
    expect(codeOf(applyTransfer(ctx, { generator: 1 as GeneratorIndex, input: idFrom(1) }, idFrom(2)))).toBe(
      "input-not-own",
    );
    const passed = supply(5, 10);
    expect(codeOf(applyTransfer(ctx, { generator: 0 as GeneratorIndex, input: passed }, idFrom(6)))).toBe(
      "input-not-own",
    );
  });
});

describe("a distribution", () => {
  it("credits the virtual meters by the rule, to the mWh, with E = V and the step as birth", () => {
    const inputs = [supply(1, 1_000), supply(2, 501, NOW, 1)];
    expect([...undistributed(ctx.draft)]).toEqual([[NOW, { ids: inputs, total: 1_501 }]]);
    // 1,501 · 8/25 = 480.32, 1,501 · 17/25 = 1,020.68: the left-over mWh goes to the second.
    expect(valueOf(distribute(inputs, [share(0, 480), share(1, 1_021)]))).toBe(0);
    expect(meters()).toEqual([480, 1_021, 0]);
    expect(ctx.draft.scan("token").map(([, t]) => t)).toEqual([
      { owner: 0, birth: NOW, amount: 480 },
      { owner: 1, birth: NOW, amount: 1_021 },
    ]);
    expect(ctx.draft.get("totals", "")).toEqual({ generated: 1_501, distributed: 1_501, lost: 0 });
    expect(ctx.draft.get("book", key(NOW))?.shares).toEqual([share(0, 480), share(1, 1_021)]);
    expect([...undistributed(ctx.draft)]).toEqual([]);
  });

  it.each([
    ["a mWh moved from one to the other", [share(0, 321), share(1, 679)]],
    ["a mWh too many", [share(0, 321), share(1, 680)]],
    ["a mWh missing", [share(0, 320), share(1, 679)]],
    ["somebody added", [share(0, 320), share(1, 679), share(2, 1)]],
    ["somebody left out", [share(0, 1_000)]],
    ["another order", [share(1, 680), share(0, 320)]],
    ["nobody", []],
  ])("with %s is refused", (_, shares) => {
    expect(codeOf(distribute([supply(1, 1_000)], shares))).toBe("wrong-shares");
  });

  it("of energy that is spent, not there or named twice is refused: nothing is sold twice", () => {
    const input = supply(1, 25);
    const shares = [share(0, 8), share(1, 17)];
    expect(codeOf(distribute([input, input], [share(0, 16), share(1, 34)]))).toBe("inputs-unsorted");
    expect(codeOf(distribute([], []))).toBe("inputs-unsorted");
    valueOf(distribute([input], shares));
    expect(codeOf(distribute([input], shares))).toBe("input-unknown");
    const later = [supply(3, 25), supply(2, 25)];
    expect(codeOf(distribute(later, [share(0, 16), share(1, 34)]))).toBe("inputs-unsorted");
  });

  it("of two steps, of the wrong step, or of V that is still the cryptometer's is refused", () => {
    const mixed = [supply(1, 25), supply(2, 25, NOW - 1)];
    const shares = [share(0, 8), share(1, 17)];
    expect(codeOf(distribute(mixed, [share(0, 16), share(1, 34)]))).toBe("input-wrong-step");
    ctx = contextOn(world, genesisOf(world), NOW);
    expect(codeOf(distribute([supply(1, 25)], shares, NOW - 1))).toBe("input-wrong-step");
    ctx = contextOn(world, genesisOf(world), NOW);
    valueOf(generate({ to: mwh(25) }));
    expect(codeOf(distribute([idFrom(1)], shares))).toBe("input-wrong-step");
  });

  it("of a step without a rule is refused", () => {
    const input = supply(1, 25);
    ctx.draft.drop("allocation", key(0));
    expect(codeOf(distribute([input], [share(0, 8), share(1, 17)]))).toBe("no-rule");
  });

  it("follows the rule that was in force at its step, however late it is booked", () => {
    const weights = [1, 1, 2].map((weight, i) => ({ member: memberIndex(i), weight }));
    const { iterations } = world.contract;
    ctx.draft.put("allocation", key(NOW - 10), { from: stepIndex(NOW - 10), iterations, weights, ...free });
    const [old, recent] = [supply(1, 100, NOW - 11), supply(2, 100, NOW - 10)];
    const byNew = [share(0, 25), share(1, 25), share(2, 50)];
    expect(codeOf(distribute([old], byNew, NOW - 11))).toBe("wrong-shares");
    ctx.draft.put("energy", old, {
      owner: "vpp",
      generator: 0 as GeneratorIndex,
      step: stepIndex(NOW - 11),
      mwh: mwh(100),
    });
    expect(distribute([old], [share(0, 32), share(1, 68)], NOW - 11).ok).toBe(true);
    expect(distribute([recent], byNew, NOW - 10).ok).toBe(true);
  });

  it("still finds its rule when the late window is over, as long as energy waits for it", () => {
    const { iterations } = world.contract;
    const weights = [{ member: memberIndex(2), weight: 1 }];
    ctx.draft.put("allocation", key(NOW - 10), { from: stepIndex(NOW - 10), iterations, weights, ...free });
    const waiting = supply(1, 25, NOW - 11);
    dropOldAllocations(ctx, stepIndex(NOW));
    expect(distribute([waiting], [share(0, 8), share(1, 17)], NOW - 11).ok).toBe(true);
    dropOldAllocations(ctx, stepIndex(NOW));
    expect(ctx.draft.scan("allocation").map(([, a]) => a.from)).toEqual([NOW - 10]);
  });

  it("of energy older than d steps brings no voting tokens", () => {
    for (const [n, age, tokens] of [
      [1, 5, 0],
      [2, 4, 2],
    ] as const) {
      const input = supply(n, 25, NOW - age);
      valueOf(distribute([input], [share(0, 8), share(1, 17)], NOW - age));
      expect(ctx.draft.scan("token").length).toBe(tokens);
    }
  });

  it("keeps the fee for the miner and the loss for nobody: in = out + fee + loss", () => {
    world = worldOf({ members: 3, owners: [0, 1], weights: [8, 17, 0], change: { feePpm: 10_000, lossPpm: 40_000 } });
    ctx = contextOn(world, genesisOf(world), NOW);
    const input = supply(1, 10_000);
    expect(expectedShares(ctx.draft, stepIndex(NOW), 10_000)).toEqual({
      shares: [share(0, 3_040), share(1, 6_460)],
      fee: 100,
      loss: 400,
    });
    expect(valueOf(distribute([input], [share(0, 3_040), share(1, 6_460)]))).toBe(100);
    holdRewards(ctx, memberIndex(2), new Map([[stepIndex(NOW), 100]]));
    expect(meters()).toEqual([3_040, 6_460, 0]);
    expect(ctx.draft.get("totals", "")).toEqual({ generated: 10_000, distributed: 9_600, lost: 400 });
    expect(ctx.draft.scan("reward").map(([, r]) => r)).toEqual([{ miner: 2, mwh: 100 }]);
  });
});
