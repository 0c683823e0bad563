/** Days and months of a place's calendar, on the two odd days of summer time and where midnight itself is skipped. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boundsOf, dayBegins } from "../../worker/settlement/periods.ts";
import { localIso } from "../../worker/settlement/energy-csv.ts";
import { zoneOf, type Zone } from "../../worker/settlement/zone.ts";

const QUARTER = 900_000;
const HOUR = 3_600_000;
const zone = (name: string): Zone => {
  const found = zoneOf(name);
  if (!found.ok) throw new Error(found.error.message);
  return found.value;
};
const brussels = zone("Europe/Brussels");
const dayOf = (year: number, month: number, day: number, place = brussels): [number, number] => [
  dayBegins(year, month - 1, day, place),
  dayBegins(year, month - 1, day + 1, place),
];

describe("a day of the calendar", () => {
  test.each([
    [2026, 3, 29, 23, 92],
    [2026, 10, 25, 25, 100],
    [2026, 6, 21, 24, 96],
  ])("%i-%i-%i in Brussels has %i hours and %i quarter-hours", (year, month, day, hours, quarters) => {
    const [from, to] = dayOf(year, month, day);
    expect((to - from) / HOUR).toBe(hours);
    expect(boundsOf(from, to, "quarter", brussels, QUARTER)).toHaveLength(quarters + 1);
  });
  test("begins with the first instant after a midnight that is skipped, and with the first of two", () => {
    const cairo = zone("Africa/Cairo");
    expect(localIso(dayBegins(2026, 3, 24, cairo), cairo)).toBe("2026-04-24T01:00:00+03:00");
    const havana = zone("America/Havana");
    expect(localIso(dayBegins(2026, 10, 1, havana), havana)).toBe("2026-11-01T00:00:00-04:00");
  });
  test("that a place left out altogether is none", () => {
    const apia = zone("Pacific/Apia");
    const [from, to] = [dayBegins(2011, 11, 29, apia), dayBegins(2012, 0, 1, apia)];
    expect(boundsOf(from, to, "day", apia, QUARTER)).toHaveLength(3);
  });
});

describe("a stretch of time", () => {
  const places = ["Europe/Brussels", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"].map(zone);
  test("is cut into parts that follow each other, of at most 25 hours or 31 days and one hour", () => {
    const anytime = fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2035, 0, 1) });
    const length = fc.integer({ min: 1, max: 400 * 24 * HOUR });
    fc.assert(
      fc.property(
        anytime,
        length,
        fc.constantFrom("day", "month"),
        fc.constantFrom(...places),
        (from, ms, by, place) => {
          const bounds = boundsOf(from, from + ms, by, place, QUARTER);
          expect([bounds[0], bounds.at(-1)]).toEqual([from, from + ms]);
          const most = by === "day" ? 25 * HOUR : 31 * 24 * HOUR + HOUR;
          for (const [i, at] of bounds.slice(1).entries()) {
            const before = bounds[i] ?? 0;
            expect(at).toBeGreaterThan(before);
            expect(at - before).toBeLessThanOrEqual(most);
          }
          // All but the two ends are midnights of the place, months' also the first.
          for (const at of bounds.slice(1, -1))
            expect(localIso(at, place)).toMatch(by === "day" ? /T00:00:00/ : /-01T00:00:00/);
        },
      ),
      { numRuns: 60 },
    );
  });
});
