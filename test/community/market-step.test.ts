/** Market steps: T_i = T_0 + i·Δ, interval i is ]T_{i-1}, T_i], gates inside it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { millis } from "../../worker/base/units.ts";
import type { Contract } from "../../worker/community/contract.ts";
import {
  endOf,
  gateClosure,
  gateOpening,
  lastEnded,
  ownPublishTime,
  publishTime,
  startOf,
  stepAt,
} from "../../worker/community/market-step.ts";
import { PRESETS } from "../../worker/community/presets.ts";
import { T0 } from "../ledger/worlds.ts";

const contracts = fc
  .constantFrom(...Object.values(PRESETS))
  .chain((preset) =>
    fc.nat(2_000_000).map((n) => ({ ...preset, t0: millis(n * preset.stepMs) }) as unknown as Contract),
  );
const steps = fc.integer({ min: 1, max: 3_000_000 });

describe("a market step", () => {
  it("ends at T_0 + i·Δ exactly, where the next begins", () => {
    fc.assert(
      fc.property(contracts, steps, (c, i) => {
        expect(endOf(c, i)).toBe(c.t0 + i * c.stepMs);
        expect(startOf(c, i)).toBe(endOf(c, i - 1));
        expect(startOf(c, 1)).toBe(c.t0);
      }),
    );
  });

  it("holds every moment after T_{i-1} up to T_i, and no other", () => {
    fc.assert(
      fc.property(contracts, steps, fc.nat(), (c, i, n) => {
        const within = endOf(c, i) - (n % c.stepMs);
        expect(stepAt(c, within)).toBe(i);
        expect(stepAt(c, endOf(c, i))).toBe(i);
        expect(stepAt(c, endOf(c, i) + 1)).toBe(i + 1);
      }),
    );
  });

  it("is over at T_i, not a millisecond sooner", () => {
    fc.assert(
      fc.property(contracts, steps, (c, i) => {
        expect(lastEnded(c, endOf(c, i))).toBe(i);
        expect(lastEnded(c, endOf(c, i) - 1)).toBe(i - 1);
      }),
    );
  });

  it("before the first is number 0", () => {
    const c = { ...PRESETS.paper, t0: T0 } as unknown as Contract;
    for (const now of [0, T0 - 1, T0]) expect([stepAt(c, now), lastEnded(c, now)]).toEqual([0, 0]);
    expect(stepAt(c, T0 + 1)).toBe(1);
  });

  it("opens its gate t_d after T_{i-1} and closes it t_e before T_i, both inside the step", () => {
    fc.assert(
      fc.property(contracts, steps, (c, i) => {
        expect(gateOpening(c, i)).toBe(startOf(c, i) + c.openDelayMs);
        expect(gateClosure(c, i)).toBe(endOf(c, i) - c.closeLeadMs);
        expect(stepAt(c, gateOpening(c, i))).toBe(i);
        expect(stepAt(c, gateClosure(c, i))).toBe(i);
        expect(gateOpening(c, i)).toBeLessThan(gateClosure(c, i));
      }),
    );
  });

  it("has its block after T_i: the winner's first, each further rank later, all within half a step", () => {
    fc.assert(
      fc.property(contracts, steps, fc.nat(5000), (c, i, rank) => {
        const at = publishTime(c, i, rank);
        expect(publishTime(c, i, 0)).toBe(endOf(c, i) + c.publishDelayMs);
        expect(at).toBeGreaterThan(endOf(c, i) + c.distributeDelayMs);
        expect(publishTime(c, i, rank + 1)).toBeGreaterThanOrEqual(at);
        expect(at).toBeLessThanOrEqual(endOf(c, i) + c.stepMs / 2);
      }),
    );
    const c = { ...PRESETS.paper, t0: T0 } as unknown as Contract;
    expect(publishTime(c, 1, 3) - endOf(c, 1)).toBe(2_000 + 3 * 5_000);
  });

  it("past half a step has room for one after the other: who is later in rank lets the earlier go first", () => {
    fc.assert(
      fc.property(contracts, steps, fc.nat(5000), (c, i, rank) => {
        const [allowed, own] = [publishTime(c, i, rank), ownPublishTime(c, i, rank)];
        expect(own).toBeGreaterThanOrEqual(allowed);
        expect(own).toBeLessThanOrEqual(allowed + c.stepMs / 4);
        expect(ownPublishTime(c, i, rank + 1)).toBeGreaterThanOrEqual(own);
      }),
    );
    const c = { ...PRESETS.fast, t0: T0 } as unknown as Contract;
    const after = (rank: number): number => ownPublishTime(c, 1, rank) - endOf(c, 1);
    expect([0, 3, 4, 5, 6, 99].map(after)).toEqual([1_500, 4_500, 5_250, 5_750, 6_250, 7_500]);
  });
});
