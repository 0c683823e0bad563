/** The file of a member's energy: RFC 4180, exact kWh, times that say which of two hours they mean. */
import Papa from "papaparse";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ENERGY_HEADING, energyLine, exactKwh, localIso } from "../../worker/settlement/energy-csv.ts";
import { zoneOf } from "../../worker/settlement/zone.ts";

const brussels = zoneOf("Europe/Brussels");
if (!brussels.ok) throw new Error(brussels.error.message);
const zone = brussels.value;
const END = Date.UTC(2026, 9, 25, 0, 15);
const QUARTER = 900_000;

describe("a line", () => {
  const row = { start: END - QUARTER, end: END, status: "closed" } as const;
  const book = { generatedMwh: 1_400_001, mineMwh: 280_000 };
  test("has a field for each column, and ends as RFC 4180 wants it", () => {
    const line = energyLine({ ...row, book, use: { mwh: 300_000, estimated: false } }, zone);
    const { data, errors } = Papa.parse<Record<string, string>>(ENERGY_HEADING + line, {
      header: true,
      newline: "\r\n",
    });
    expect(errors.filter(({ code }) => code !== "MissingQuotes" && code !== "TooFewFields")).toEqual([]);
    expect(data[0]).toEqual({
      step_start: "2026-10-25T02:00:00+02:00",
      step_end: "2026-10-25T02:15:00+02:00",
      status: "closed",
      community_generation_kwh: "1.400001",
      my_share_kwh: "0.280000",
      my_use_kwh: "0.300000",
      used_from_share_kwh: "0.280000",
      from_grid_kwh: "0.020000",
      share_not_used_kwh: "0.000000",
      market_face_meter_kwh: "0.020000",
      use_estimated: "no",
    });
    expect(line.endsWith("\r\n")).toBe(true);
  });
  test("of a step that is not known is empty, not 0, and what nobody read is empty too", () => {
    const unknown = energyLine({ ...row, status: "unknown", book: null, use: null }, zone);
    expect(unknown.trimEnd().endsWith("unknown,,,,,,,,")).toBe(true);
    expect(energyLine({ ...row, book, use: null }, zone)).toContain("1.400001,0.280000,,,,,,");
    expect(energyLine({ ...row, book: null, use: { mwh: 5, estimated: true } }, zone)).toContain(",,,0.000005,,,,,yes");
  });
});

describe("times and figures", () => {
  test("the hour that comes twice is told apart by its offset, and the one that is skipped is not there", () => {
    const shown = [0, 4, 8].map((quarters) => localIso(Date.UTC(2026, 9, 25, 0, quarters * 15), zone));
    expect(shown).toEqual(["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"]);
    const spring = [0, 4].map((quarters) => localIso(Date.UTC(2026, 2, 29, 0, quarters * 15), zone));
    expect(spring).toEqual(["2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00"]);
    const stJohns = zoneOf("America/St_Johns");
    expect(stJohns.ok && localIso(0, stJohns.value)).toBe("1969-12-31T20:30:00-03:30");
  });
  test("a time in the file is the instant itself, and a figure the very milliwatt-hour", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000_000_000 }), (quarter) => {
        const at = (quarter % 3_000_000) * QUARTER;
        expect(Date.parse(localIso(at, zone))).toBe(at);
      }),
    );
    fc.assert(
      fc.property(fc.maxSafeInteger(), (mwh) => {
        expect(exactKwh(mwh)).toMatch(/^-?\d+\.\d{6}$/);
        expect(Number(exactKwh(mwh).replace(".", ""))).toBe(mwh);
      }),
    );
  });
});
