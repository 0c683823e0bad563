/** A virtual meter: exact registers from a power profile, an exchange, and what it sends when. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { millis } from "../../../worker/base/units.ts";
import { line7e1, line8n1 } from "../../../worker/metering/line.ts";
import { lastsMs, pushingMeter, registersAt, type MeterProfile } from "../../../worker/metering/virtual/meter.ts";
import { VIRTUAL_METERS } from "../../../worker/metering/virtual/meters.ts";

const at = (hours: number) => millis(hours * 3_600_000);
const profile: MeterProfile = {
  power: [
    { at: at(1), watts: 1_000 },
    { at: at(2), watts: -500 },
    { at: at(4), watts: 0 },
  ],
  exportMwh: 7,
  importMwh: 9,
  exchanges: [{ at: at(3), exportMwh: 100, importMwh: 200 }],
};

describe("the registers", () => {
  test("1 kW for an hour is 1 kWh of export, then 500 W from the grid is import", () => {
    expect(registersAt(profile, at(0))).toMatchObject({ exportMwh: 7, importMwh: 9, powerExportW: 0, powerImportW: 0 });
    expect(registersAt(profile, at(1.5))).toMatchObject({ exportMwh: 500_007, powerExportW: 1_000, powerImportW: 0 });
    expect(registersAt(profile, at(2))).toMatchObject({ exportMwh: 1_000_007, importMwh: 9, powerImportW: 500 });
    expect(registersAt(profile, at(2.5))).toMatchObject({ exportMwh: 1_000_007, importMwh: 250_009 });
  });

  test("an exchanged meter begins with its own registers", () => {
    expect(registersAt(profile, at(3))).toMatchObject({ exportMwh: 100, importMwh: 200 });
    expect(registersAt(profile, at(9))).toMatchObject({ exportMwh: 100, importMwh: 500_200, powerImportW: 0 });
  });

  test("law: registers never fall, and grow by the power in between to the mWh", () => {
    fc.assert(
      fc.property(fc.nat(20_000), fc.nat(10_000_000), fc.nat(10_000_000), (watts, begin, ms) => {
        const steady: MeterProfile = { power: [{ at: millis(0), watts }] };
        const before = registersAt(steady, millis(begin)).exportMwh;
        const after = registersAt(steady, millis(begin + ms)).exportMwh;
        expect(after).toBeGreaterThanOrEqual(before);
        expect(Math.abs((after - before) * 3_600 - watts * ms)).toBeLessThan(3_600);
      }),
    );
  });
});

describe("what it sends", () => {
  test("a telegram is heard once its last byte has arrived, and none is left out", () => {
    const meter = pushingMeter(line8n1(9_600), 1_000, profile, ({ at: when }) => new Uint8Array(when / 1_000 + 96));
    const first = meter.next(millis(0));
    expect(first).toMatchObject({ at: 100, kind: "bytes" });
    expect(meter.next(millis(99))).toEqual(first);
    expect(meter.next(millis(100))).toMatchObject({ at: 1_000 + lastsMs(97, line8n1(9_600)) });
  });

  test("a character of 7E1 takes ten bits, one of 8N1 too", () => {
    expect([lastsMs(30, line7e1(300)), lastsMs(30, line8n1(300))]).toEqual([1_000, 1_000]);
  });

  test.each(VIRTUAL_METERS)("$name: its own telegrams come in order, and never faster than the line", (kind) => {
    const meter = kind.play({ power: [{ at: millis(0), watts: 8_000 }] });
    let before = 3_600_000;
    for (let i = 0; i < 50; i++) {
      const event = meter.next(millis(before));
      if (event === null) break;
      expect(event.at).toBeGreaterThan(before);
      expect(lastsMs(event.bytes.length, meter.line)).toBeLessThanOrEqual(kind.everyMs);
      before = event.at;
    }
    expect(meter.hear === undefined).toBe(meter.next(millis(0)) !== null);
  });

  test("pulses: one for each Wh, at the millisecond in which it is full; none without power", () => {
    const pulse = VIRTUAL_METERS.find(({ name }) => name === "pulse");
    const meter = pulse?.play({ power: [{ at: millis(0), watts: 3_600 }] });
    expect([0, 999, 1_000].map((after) => meter?.next(millis(after))?.at)).toEqual([1_000, 1_000, 2_000]);
    expect(pulse?.play({ power: [] }).next(millis(0))).toBeNull();
  });
});
