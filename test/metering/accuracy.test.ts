/** How small V must be: the paper's bound, MI-003's table, and the budget that a screen shows. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  accuracyBudget,
  classVerdicts,
  minimumPower,
  quantumBound,
  wh,
  type BudgetInput,
  type MeterPlate,
} from "../../worker/metering/accuracy.ts";

const QUARTER = 900_000;
const plate = (phases: 1 | 3, iMinMa: number, accuracyClass: "A" | "B" | "C"): MeterPlate => ({
  phases,
  iMinMa,
  accuracyClass,
});

describe("§IV.B.1: V < P_min MPE, for 15 minutes at 230 V and +5 to +30 degrees", () => {
  test.each([
    [1, 250, 57_500, 14_375_000, 503_125, 287_500],
    [1, 500, 115_000, 28_750_000, 1_006_250, 575_000],
    [3, 250, 172_500, 43_125_000, 1_509_375, 862_500],
    [3, 500, 345_000, 86_250_000, 3_018_750, 1_725_000],
  ] as const)("%i phases, I_min %i mA: P_min %i mW", (phases, iMin, pMin, step, boundA, boundB) => {
    const a = quantumBound(plate(phases, iMin, "A"), QUARTER);
    const b = quantumBound(plate(phases, iMin, "B"), QUARTER);
    expect(a.pMinMw).toBe(pMin);
    expect(a.stepMicroWh).toBe(step);
    expect(a.boundMicroWh).toBe(boundA);
    expect(b.boundMicroWh).toBe(boundB);
  });

  test("class C with I_min = 0.3 I_tr, one phase of 0.15 A: 34.5 W, 8.625 Wh, V < 0.08625 Wh", () => {
    const bound = quantumBound(plate(1, 150, "C"), QUARTER);
    expect([bound.pMinMw, bound.stepMicroWh, bound.boundMicroWh]).toEqual([34_500, 8_625_000, 86_250]);
  });

  test("the bound is strict: where it is a whole number of mWh, V is one less", () => {
    expect(quantumBound(plate(1, 250, "B"), QUARTER).quantumMwh).toBe(287);
    expect(quantumBound(plate(1, 500, "B"), QUARTER).quantumMwh).toBe(574);
    expect(quantumBound(plate(3, 500, "B"), QUARTER).quantumMwh).toBe(1_724);
  });

  test("the smallest pulse constant for one phase 0.25-5 A class B is 3,479 imp/kWh; 1,000 does not do", () => {
    expect(quantumBound(plate(1, 250, "B"), QUARTER).minImpPerKwh).toBe(3_479);
  });

  test("law: the quantum is the largest whole number below the bound, and the pulse constant the smallest that meets it", () => {
    const plates = fc.record({
      phases: fc.constantFrom(1 as const, 3 as const),
      iMinMa: fc.integer({ min: 1, max: 20_000 }),
      accuracyClass: fc.constantFrom("A" as const, "B" as const, "C" as const),
    });
    fc.assert(
      fc.property(plates, fc.integer({ min: 1_000, max: 3_600_000 }), (p, stepMs) => {
        const bound = quantumBound(p, stepMs);
        const numerator = BigInt(minimumPower(p)) * BigInt(bound.mpePpm) * BigInt(stepMs);
        const denominator = 3_600_000n * 1_000_000n;
        expect(BigInt(bound.quantumMwh) * denominator < numerator).toBe(true);
        expect(BigInt(bound.quantumMwh + 1) * denominator < numerator).toBe(false);
        const pulseMeets = (imp: number): boolean => 1_000_000n * denominator < numerator * BigInt(imp);
        expect(pulseMeets(bound.minImpPerKwh)).toBe(true);
        expect(bound.minImpPerKwh === 1 || !pulseMeets(bound.minImpPerKwh - 1)).toBe(true);
      }),
    );
  });
});

describe("the accuracy budget: quantum + P·|clock error| below P_min·MPE·Δ, and |clock error|/Δ below MPE", () => {
  const base = { ...plate(1, 250, "B"), stepMs: QUARTER, resolutionMwh: 100, clockErrorMs: 0 };

  test("a 10,000 imp/kWh pulse with a good clock meets it", () => {
    const budget = accuracyBudget({ ...base, clockErrorMs: 1_000 });
    expect(budget.meets).toBe(true);
    expect(budget.errorMicroWh).toBe(100_000 + 15_973);
    expect(budget.message).toContain("0.2875 Wh");
  });

  test("a P1 register's 1 Wh does not, and the sentence names the pulse output that would", () => {
    const budget = accuracyBudget({ ...base, resolutionMwh: 1_000 });
    expect(budget).toMatchObject({ meets: false, reason: "register-too-coarse" });
    expect(budget.message).toContain("steps of 1 Wh");
    expect(budget.message).toContain("3479 pulses per kWh");
  });

  test("the pulse output it advises is enough with this device's clock too", () => {
    const plate = { phases: 1, iMinMa: 150, accuracyClass: "C", stepMs: 900_000, clockErrorMs: 1_000 } as const;
    const advised = Number(
      /at least (\d+) pulses/.exec(accuracyBudget({ ...plate, resolutionMwh: 1_000 }).message)?.[1],
    );
    expect(advised).toBe(13_044);
    expect(accuracyBudget({ ...plate, resolutionMwh: 0, impPerKwh: advised }).meets).toBe(true);
    expect(accuracyBudget({ ...plate, resolutionMwh: 0, impPerKwh: advised - 1 }).meets).toBe(false);
  });

  test("a P1 register is fine for three phases of 0.5-10 A", () => {
    expect(accuracyBudget({ ...base, ...plate(3, 500, "B"), resolutionMwh: 1_000 }).meets).toBe(true);
  });

  test("a clock that eats the rest of the budget is named as the reason", () => {
    expect(accuracyBudget({ ...base, clockErrorMs: 12_000 })).toMatchObject({
      meets: false,
      reason: "clock-too-uncertain",
    });
  });

  test("class C asks 0.7 % of the clock at any power, also where P_min alone would allow 1 %", () => {
    const classC = { ...plate(3, 10_000, "C"), stepMs: QUARTER, resolutionMwh: 1 };
    expect(accuracyBudget({ ...classC, clockErrorMs: 6_299 }).meets).toBe(true);
    expect(accuracyBudget({ ...classC, clockErrorMs: 6_300 })).toMatchObject({
      meets: false,
      reason: "clock-too-uncertain",
    });
  });

  test("at the bound exactly it is not met", () => {
    expect(accuracyBudget({ ...base, ...plate(1, 500, "B"), resolutionMwh: 575 }).meets).toBe(false);
    expect(accuracyBudget({ ...base, ...plate(1, 500, "B"), resolutionMwh: 574 }).meets).toBe(true);
  });
});

describe("the parts of the budget, as a screen shows them", () => {
  const input: BudgetInput = { ...plate(1, 250, "B"), stepMs: QUARTER, resolutionMwh: 100, clockErrorMs: 1_000 };

  test("resolution, clock and margin add up to the bound", () => {
    const budget = accuracyBudget(input);
    expect(budget).toMatchObject({
      resolutionMicroWh: 100_000,
      clockMicroWh: 15_973,
      marginMicroWh: 287_500 - 115_973,
    });
    expect(accuracyBudget({ ...input, resolutionMwh: 1_000 }).marginMicroWh).toBe(287_500 - 1_015_973);
  });

  test("a pulse is exactly 1,000,000 / imp mWh: 3,479 imp/kWh meet it and 3,478 do not", () => {
    const pulses = (impPerKwh: number) => accuracyBudget({ ...input, impPerKwh, resolutionMwh: 0, clockErrorMs: 0 });
    expect([pulses(3_479).meets, pulses(3_478).meets]).toEqual([true, false]);
    expect(pulses(3_479).resolutionMicroWh).toBe(287_439);
  });

  test("energy is written without a trailing 0", () => {
    expect([0, 1, 287_500, 1_000_000, 14_375_000].map(wh)).toEqual([
      "0 Wh",
      "0.000001 Wh",
      "0.2875 Wh",
      "1 Wh",
      "14.375 Wh",
    ]);
  });
});

describe("MI-003 table 2: both load bands, each class", () => {
  const input: BudgetInput = { ...plate(1, 250, "B"), stepMs: QUARTER, resolutionMwh: 100, clockErrorMs: 0 };

  test.each([
    ["A", 503_125, 1_006_250],
    ["B", 287_500, 575_000],
    ["C", 143_750, 201_250],
  ] as const)("class %s from 0.25 A and from 0.5 A", (accuracyClass, low, high) => {
    const verdict = classVerdicts(input, 500).find((one) => one.accuracyClass === accuracyClass);
    expect(verdict?.bands.map(({ boundMicroWh }) => boundMicroWh)).toEqual([low, high]);
    expect(verdict?.bands.map(({ powerMw }) => powerMw)).toEqual([57_500, 115_000]);
    expect(verdict?.meets).toBe(true);
  });

  test("where I_tr is close to I_min, class C's 0.7 % from I_tr is what decides", () => {
    const [, , c] = classVerdicts({ ...input, resolutionMwh: 105 }, 260);
    expect(c?.bands.map(({ meets }) => meets)).toEqual([true, false]);
    expect(c?.meets).toBe(false);
  });

  test("a clock that is off by more than the class allows: no pulse output would do", () => {
    const [a, , c] = classVerdicts({ ...input, clockErrorMs: 9_500 }, 500);
    expect(a?.neededImpPerKwh).not.toBeNull();
    expect(c).toMatchObject({ meets: false, neededImpPerKwh: null });
  });

  test("law: the pulse constant that is named meets it, and one less does not", () => {
    const inputs = fc.record({
      phases: fc.constantFrom(1 as const, 3 as const),
      iMinMa: fc.integer({ min: 1, max: 2_000 }),
      accuracyClass: fc.constantFrom("A" as const, "B" as const, "C" as const),
      stepMs: fc.constantFrom(60_000, QUARTER, 3_600_000),
      clockErrorMs: fc.nat(5_000),
    });
    fc.assert(
      fc.property(inputs, fc.nat(5_000), (fields, more) => {
        const verdicts = (impPerKwh: number) =>
          classVerdicts({ ...fields, resolutionMwh: 0, impPerKwh }, fields.iMinMa + more);
        verdicts(1).forEach(({ neededImpPerKwh: n }, i) => {
          if (n === null) return;
          expect(verdicts(n)[i]?.meets).toBe(true);
          expect(n === 1 || verdicts(n - 1)[i]?.meets === false).toBe(true);
        });
      }),
    );
  });
});
