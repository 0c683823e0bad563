/** A profile played back as a meter's register. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { millis, mwh } from "../../../worker/base/units.ts";
import { replay } from "../../../worker/metering/sources/replay.ts";

const HOUR = 3_600_000;
const hourly = (start: number, ...energies: number[]) => ({
  start: millis(start),
  intervalMs: HOUR,
  energies: energies.map(mwh),
});
const options = { t0: millis(0), stepMs: 900_000, cadenceMs: HOUR, resolutionMwh: 1 };

test("an hour's energy is read at exactly every end of a market step", () => {
  const readings = [...replay(hourly(0, 4_000_003, 0), options)];
  expect(readings.map((reading) => reading.at)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) => i * 900_000));
  expect(readings.map((r) => r.registerMwh).slice(0, 6)).toEqual([
    0, 1_000_000, 2_000_001, 3_000_002, 4_000_003, 4_000_003,
  ]);
  expect(readings[1]?.powerW).toBe(4_000);
});

test("the register is cut down to the meter's resolution and starts where it stood", () => {
  const readings = [...replay(hourly(0, 4_700), { ...options, resolutionMwh: 1_000, initialMwh: mwh(10_900) })];
  expect(readings.map((reading) => reading.registerMwh)).toEqual([10_000, 12_000, 13_000, 14_000, 15_000]);
});

test("a cadence that does not divide the step gives both", () => {
  const readings = [...replay(hourly(0, 1_000), { ...options, cadenceMs: 600_000 })];
  expect(readings.map((r) => r.at / 60_000)).toEqual([0, 10, 15, 20, 30, 40, 45, 50, 60]);
});

test("law: times ascend, the register never falls, and at the end it holds the whole profile", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(9_000_000), { minLength: 1, maxLength: 10 }),
      fc.integer({ min: 60_000, max: 2 * HOUR }),
      fc.constantFrom(1, 100, 1_000),
      fc.nat(HOUR),
      (energies, cadenceMs, resolutionMwh, start) => {
        const readings = [...replay(hourly(start, ...energies), { ...options, cadenceMs, resolutionMwh })];
        const sum = energies.reduce((a, b) => a + b, 0);
        expect(readings.at(-1)).toMatchObject({
          at: start + energies.length * HOUR,
          registerMwh: sum - (sum % resolutionMwh),
        });
        for (const [i, reading] of readings.entries()) {
          expect(reading.at).toBeGreaterThan(readings[i - 1]?.at ?? -1);
          expect(reading.registerMwh).toBeGreaterThanOrEqual(readings[i - 1]?.registerMwh ?? 0);
        }
        const ends = readings.map((reading) => reading.at).filter((at) => at % 900_000 === 0);
        const last = start + energies.length * HOUR;
        expect(ends).toHaveLength(Math.floor(last / 900_000) - Math.ceil(start / 900_000) + 1);
      },
    ),
  );
});
