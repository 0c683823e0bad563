/** Pulses to energy, also where the constant does not divide. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isImpPerKwh, pulsePower, pulseResolution, pulsesFit, pulsesToMwh } from "../../worker/metering/pulses.ts";

test("3,000 imp/kWh: a pulse is 333.33 mWh, and three of them are 1,000", () => {
  expect([1, 2, 3, 4].map((n) => pulsesToMwh(n, 3_000))).toEqual([333, 666, 1_000, 1_333]);
  expect(pulseResolution(3_000)).toBe(334);
  expect(pulseResolution(1_000)).toBe(1_000);
});

test("law: the register is floor(n · 1,000,000 / c) also where that product is beyond the safe integers", () => {
  fc.assert(
    fc.property(fc.nat(1_000_000_000_000), fc.integer({ min: 1, max: 1_000_000 }), (pulses, imp) => {
      fc.pre(pulsesFit(pulses, imp));
      expect(BigInt(pulsesToMwh(pulses, imp))).toBe((BigInt(pulses) * 1_000_000n) / BigInt(imp));
    }),
  );
});

test("power: one pulse of 1,000 imp/kWh in 3.6 s is 1 kW; absurd counts have none", () => {
  expect(pulsePower(1, 1_000, 3_600)).toBe(1_000);
  expect(pulsePower(5_000_000, 1_000, 1)).toBeNull();
});

test("a pulse constant is a whole number from 1 to a million", () => {
  expect([0, 1.5, -1, Number.NaN, 1_000_001].map(isImpPerKwh)).toEqual([false, false, false, false, false]);
  expect([1, 1_000, 1_000_000].map(isImpPerKwh)).toEqual([true, true, true]);
});
