/** Dates and times at the community's place, seen from a device whose clock shows another time. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { beginOf, dayAt, isElsewhere, localeAt, placeIn, placeName, timeAt } from "../../src/app/calendar.ts";
import { dayOf } from "../../src/app/day-picture.ts";
import { timeOf } from "../../src/app/find-form.ts";
import { clock, date, sureClock } from "../../src/app/format.ts";
import { dateOf, lastLook, noonOf, periodOf } from "../../src/app/period.ts";
import { periodName } from "../../src/app/period-words.ts";
import { dayBegins } from "../../worker/settlement/periods.ts";
import { instantsOf, zoneOf } from "../../worker/settlement/zone.ts";

const HOUR = 3_600_000;
const ZONES = ["Europe/Brussels", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Cairo"];
const from = Date.UTC(2024, 0, 1);
const to = Date.UTC(2028, 0, 1);

describe("the calendar of a place", () => {
  test("agrees with the worker's, wherever it is", () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), fc.integer({ min: from, max: to }), (place, time) => {
        const known = zoneOf(place);
        if (!known.ok) throw new Error(place);
        const { year, month, day } = dayAt(time, place);
        expect(beginOf(year, month, day, place)).toBe(dayBegins(year, month, day, known.value));
        const minute = Math.floor(time / 60_000) * 60_000;
        const [hour, past] = [Math.floor(minute / HOUR) % 24, Math.floor(minute / 60_000) % 60];
        const wall = Date.UTC(year, month, day, hour, past);
        const found = timeAt({ year, month, day }, [hour, past], place);
        // A time that is skipped there is no instant's; what is said for it then is tested below.
        expect(instantsOf(wall, known.value)[0] ?? found).toBe(found);
      }),
    );
  });

  test("has days of 23 and 25 hours on the two odd ones, whatever this device's clock does", () => {
    const hours = (on: string, place: string): number => {
      const day = dayOf(noonOf(on, place) ?? 0, place);
      return (day.to - day.from) / HOUR;
    };
    const brussels = ["2026-03-28", "2026-03-29", "2026-10-25"].map((on) => hours(on, "Europe/Brussels"));
    expect(brussels).toEqual([24, 23, 25]);
    const york = ["2026-03-08", "2026-03-29", "2026-11-01"].map((on) => hours(on, "America/New_York"));
    expect(york).toEqual([23, 24, 25]);
  });

  test("begins a day whose midnight is skipped with the first instant after it", () => {
    const { from: first } = dayOf(noonOf("2026-04-24", "Africa/Cairo") ?? 0, "Africa/Cairo");
    expect(new Date(first).toISOString()).toBe("2026-04-23T22:00:00.000Z");
  });

  test("says of which day, week, month and year a moment is there", () => {
    const late = Date.UTC(2025, 11, 31, 23, 30);
    expect(dateOf(late, "Europe/Brussels")).toBe("2026-01-01");
    expect(dateOf(late, "America/New_York")).toBe("2025-12-31");
    expect(dateOf(periodOf("week", late, 0, "Europe/Brussels").from, "Europe/Brussels")).toBe("2025-12-29");
    expect(new Date(periodOf("year", late, 0, "Europe/Brussels").from).toISOString()).toBe("2025-12-31T23:00:00.000Z");
    expect(timeOf("2026-06-21T14:15", "Europe/Brussels")).toBe(Date.UTC(2026, 5, 21, 12, 15));
    // 02:30 is skipped that night, and comes twice in October.
    expect(timeOf("2026-03-29T02:30", "Europe/Brussels")).toBe(Date.UTC(2026, 2, 29, 1, 30));
    expect(timeOf("2026-10-25T02:30", "Europe/Brussels")).toBe(Date.UTC(2026, 9, 25, 0, 30));
  });
});

test("the days before today have one more from midnight on, also where that is at no full hour elsewhere", () => {
  const midnight = Date.parse("2026-06-21T00:00:00+05:30");
  expect(lastLook(midnight - 1, "Asia/Kolkata")).toBe(midnight - 30 * 60_000);
  for (const later of [0, 1, 29 * 60_000]) expect(lastLook(midnight + later, "Asia/Kolkata")).toBe(midnight);
  expect(lastLook(midnight + 31 * 60_000, "Asia/Kolkata")).toBe(midnight + 30 * 60_000);
});

describe("a locale with a place", () => {
  const noon = Date.UTC(2026, 5, 21, 10);
  test("makes every time, date and name of a day the place's", () => {
    expect(clock(noon, localeAt("fr-BE", "Europe/Brussels"))).toBe("12:00");
    expect(clock(noon, localeAt("fr-BE", "America/New_York"))).toBe("06:00");
    const late = Date.UTC(2025, 11, 31, 23, 30);
    expect(date(late, localeAt("en-GB", "Europe/Brussels"))).toBe("1 Jan 2026");
    expect(periodName("year", late, 0, localeAt("nl", "Europe/Brussels"))).toBe("2026");
  });
  test("tells the two hours apart that have one name in autumn", () => {
    const twice = [Date.UTC(2026, 9, 25, 0, 30), Date.UTC(2026, 9, 25, 1, 30)];
    const said = twice.map((time) => sureClock(time, localeAt("en-GB", "Europe/Brussels")));
    expect(new Set(said).size).toBe(2);
    for (const one of said) expect(one).toMatch(/^02:30 ./);
  });
  test("is one that Intl takes, and says the same of numbers", () => {
    for (const place of ZONES) {
      const locale = localeAt("fr-BE", place);
      expect(Intl.getCanonicalLocales(locale)).toEqual([locale]);
      expect(new Intl.NumberFormat(locale).format(1234.5)).toBe(new Intl.NumberFormat("fr-BE").format(1234.5));
      expect(new Intl.PluralRules(locale).select(1)).toBe("one");
    }
  });
});

test("a place is only named where its clocks show something else than this device's", () => {
  const own = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  expect(isElsewhere(own, from)).toBe(false);
  expect(placeIn({ zone: null, madeAt: from })).toBeUndefined();
  const far = ["Asia/Kathmandu", "America/New_York"].filter((place) => isElsewhere(place, from));
  expect(far.length).toBeGreaterThan(0);
  for (const zone of far) expect(placeIn({ zone, madeAt: from })).toBe(zone);
  expect(placeName("America/New_York")).toBe("New York");
});
