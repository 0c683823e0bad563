/** The virtual smart meter's bytes. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { millis } from "../../../worker/base/units.ts";
import { encodeP1, meterTimeText } from "../../../worker/metering/virtual/p1.ts";

const telegram = {
  style: "nl",
  exportMwh: 4_162_465_999,
  importMwh: 6_757_178_000,
  powerExportW: 498,
  powerImportW: 0,
  at: millis(1_541_509_469_000),
} as const;
const text = (fields: Parameters<typeof encodeP1>[0]): string => String.fromCharCode(...encodeP1(fields));

test("a Dutch telegram has a version, two tariffs in kWh and a checksum of four digits", () => {
  const written = text(telegram);
  expect(written).toMatch(/^\/CWV5\\COMMONWATT\r\n\r\n1-3:0\.2\.8\(50\)\r\n0-0:1\.0\.0\(181106140429W\)\r\n/);
  expect(written).toContain("1-0:2.8.1(002913.726*kWh)\r\n1-0:2.8.2(001248.739*kWh)\r\n");
  expect(written).toContain("1-0:2.7.0(00.498*kW)\r\n");
  expect(written).toMatch(/\r\n![0-9A-F]{4}\r\n$/);
});

test("a Belgian one has its own header, and summer time where the clock says so", () => {
  const written = text({ ...telegram, style: "be", at: millis(1_589_284_449_000), offsetMinutes: 120 });
  expect(written).toMatch(/^\/FLU5\\/);
  expect(written).toContain("0-0:1.0.0(200512135409S)");
});

test("a meter in whole Wh writes 2.8.0 only", () => {
  expect(text({ ...telegram, unit: "Wh" })).toContain("1-0:2.8.0(004162465*Wh)");
  expect(text({ ...telegram, unit: "Wh" })).not.toContain("2.8.1");
});

test("law: the calendar agrees with the engine's own", () => {
  fc.assert(
    fc.property(fc.nat(4_102_444_799_999).map(millis), (at) => {
      const expected = new Date(at).toISOString().slice(2, 19).replace(/\D/g, "");
      expect(meterTimeText(at, 0)).toBe(`${expected}W`);
    }),
  );
});

test("law: neither tariff ever falls while the register grows", () => {
  const rates = (wh: number): number[] =>
    [...text({ ...telegram, exportMwh: wh * 1000 }).matchAll(/2\.8\.\d\(([\d.]+)/g)].map((m) => Number(m[1]));
  fc.assert(
    fc.property(fc.nat(999_999_999), fc.nat(50), (wh, more) => {
      const [day = 0, night = 0] = rates(wh);
      const [dayLater = 0, nightLater = 0] = rates(wh + more);
      expect(dayLater).toBeGreaterThanOrEqual(day);
      expect(nightLater).toBeGreaterThanOrEqual(night);
    }),
  );
});
