/** My energy on the page: periods of the calendar, pages joined, the picture of a week or year, the sentence, the words. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  asSteps,
  asUse,
  loadEnergy,
  loadFile,
  monthsIn,
  NO_ENERGY,
  spanPicture,
  totalOf,
} from "../../src/app/energy-data.ts";
import { energySentence, loadWords } from "../../src/app/energy-words.ts";
import { sureClock } from "../../src/app/format.ts";
import { LANGUAGES } from "../../src/app/language.ts";
import { dateOf, isIn, noonOf, periodOf, SPANS, type Span } from "../../src/app/period.ts";
import { barName, kwhColumn, periodName } from "../../src/app/period-words.ts";
import { ratiosOf } from "../../src/app/sentence.ts";
import { barAt, sunArc } from "../../src/app/day-picture.ts";
import type { EnergyAsk, EnergyView } from "../../worker/port-energy.ts";
import { boundsOf } from "../../worker/settlement/periods.ts";
import { zoneOf } from "../../worker/settlement/zone.ts";
import { fixtureEnergy } from "./fixture-energy.ts";

const HOUR = 3_600_000;
const ZONE = "Europe/Brussels";
/** The page's calendar is the device's. */
const before = process.env["TZ"];
beforeAll(() => void (process.env["TZ"] = ZONE));
afterAll(() => {
  if (before === undefined) delete process.env["TZ"];
  else process.env["TZ"] = before;
});

const NOW = Date.UTC(2026, 5, 21, 12, 20);
const MIDNIGHT = Date.UTC(2026, 5, 20, 22);
const options = { now: NOW, stepMs: 900_000, dayStart: MIDNIGHT, t0: MIDNIGHT - 9 * 24 * HOUR };
const answer = (ask: Omit<EnergyAsk, "zone" | "page">): EnergyView =>
  fixtureEnergy(options, { ...ask, zone: ZONE, page: null });

describe("a period of the calendar", () => {
  const anytime = fc.integer({ min: Date.UTC(2001, 0, 1), max: Date.UTC(2098, 0, 1) });
  const spans = fc.constantFrom<Span>(...SPANS);
  test("holds its moment, and the next one begins where it ends", () => {
    fc.assert(
      fc.property(anytime, spans, (time, span) => {
        const period = periodOf(span, time);
        expect(isIn(time, period)).toBe(true);
        expect(periodOf(span, time, 1).from).toBe(period.to);
        expect(periodOf(span, period.from, -1).to).toBe(period.from);
        expect(periodOf(span, noonOf(dateOf(time)) ?? 0)).toEqual(period);
      }),
    );
  });
  test("has the worker's own days and months in it, also when the clocks change", () => {
    const zone = zoneOf(ZONE);
    if (!zone.ok) throw new Error(zone.error.message);
    for (const [span, by] of [
      ["year", "month"],
      ["month", "day"],
      ["week", "day"],
    ] as const) {
      const { from, to } = periodOf(span, Date.UTC(2026, 2, 27));
      const bounds = boundsOf(from, to, by, zone.value, 900_000);
      for (const [i, at] of bounds.slice(0, -1).entries())
        expect(periodOf(by, at)).toEqual({ span: by, from: at, to: bounds[i + 1] });
    }
  });
  test("of the two odd days has 23 and 25 hours, and weeks begin on Monday", () => {
    const hours = (date: string): number => {
      const { from, to } = periodOf("day", noonOf(date) ?? 0);
      return (to - from) / HOUR;
    };
    expect([hours("2026-03-29"), hours("2026-10-25"), hours("2026-10-26")]).toEqual([23, 25, 24]);
    expect(dateOf(periodOf("week", noonOf("2026-03-29") ?? 0).from)).toBe("2026-03-23");
  });
  test("what is no date is none", () => {
    expect(["2026-02-30", "2026-13-01", "26-01-01", "", "today"].map((date) => noonOf(date))).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe("times of the hour that comes twice", () => {
  test("say which of the two they are, and others do not", () => {
    const shown = [-1, 0, 1, 2].map((h) => sureClock(Date.UTC(2026, 9, 25, h, 15), "fr-BE", false, ZONE));
    expect(shown[0]).toBe("01:15");
    expect(shown[1]).toMatch(/^02:15 .+/);
    expect(shown[2]).toMatch(/^02:15 .+/);
    expect(shown[1]).not.toBe(shown[2]);
    expect(shown[3]).toBe("03:15");
  });
});

describe("a longer answer", () => {
  test("is asked for until it is whole, and two parts of one bar are one", async () => {
    const whole = answer({ from: MIDNIGHT - 20 * 24 * HOUR, to: MIDNIGHT, by: "day" });
    const [day] = whole.bars;
    if (day === undefined) throw new Error("a day");
    const rest = { ...day, ...NO_ENERGY, generatedMwh: 7, steps: 1, closed: false, lastStep: day.lastStep + 1 };
    const asked: (number | null)[] = [];
    const ask = (_name: string, { page }: { page: number | null }): Promise<unknown> => {
      asked.push(page);
      const next = asked.length === 1 ? 55 : null;
      return Promise.resolve({ ...whole, bars: next === null ? [rest, ...whole.bars.slice(1)] : [day], next });
    };
    const range = { from: 0, to: 1, by: "day", zone: ZONE } as const;
    const { bars } = await loadEnergy(ask as never, range);
    expect(asked).toEqual([null, 55]);
    expect(bars).toHaveLength(whole.bars.length);
    expect(bars[0]).toMatchObject({
      generatedMwh: day.generatedMwh + 7,
      steps: day.steps + 1,
      firstStep: day.firstStep,
      lastStep: day.lastStep + 1,
      closed: false,
    });
    expect(totalOf(bars).generatedMwh).toBe(totalOf(whole.bars).generatedMwh + 7);
    const parts = ["a\r\n", "b\r\n"];
    const file = (): Promise<unknown> => {
      const csv = parts.shift();
      return Promise.resolve({ csv, next: parts.length === 0 ? null : 9 });
    };
    expect(await loadFile(file as never, { from: 0, to: 1, zone: ZONE })).toBe("a\r\nb\r\n");
  });
  test("falls into months, and those of which nothing is known are left out", () => {
    const { from, to } = periodOf("year", Date.UTC(2025, 6, 1));
    const { bars } = answer({ from, to, by: "day" });
    const months = monthsIn(bars);
    // Its records begin on 17 May.
    expect(months.map((month) => new Date(month.from).getMonth())).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
    expect(totalOf(months.flatMap((month) => month.bars)).mineMwh).toBe(totalOf(bars).mineMwh);
  });
});

describe("the picture of a longer time", () => {
  test.each([
    ["week", "day", 7],
    ["month", "day", 31],
    ["year", "month", 12],
  ] as const)("of a %s has a bar for each %s, and a tap finds the one under it", (span, by, count) => {
    const period = periodOf(span, Date.UTC(2025, 9, 24));
    const { bars } = answer({ ...period, by });
    const picture = spanPicture(bars, period, NOW);
    expect(picture.bars.length).toBeLessThanOrEqual(count);
    expect(picture.bars.length).toBe(bars.filter((bar) => bar.steps > 0).length);
    for (const bar of picture.bars) expect(barAt(picture, (bar.start + bar.end) / 2)).toBe(bar);
    expect(sunArc(picture)).toBeNull();
    expect(picture.marks?.every((mark) => mark > period.from && mark < period.to)).toBe(true);
    const top = Math.max(...picture.bars.map((bar) => bar.generatedMwh));
    expect(picture.topMwh).toBeGreaterThanOrEqual(top);
  });
  test("of a day is the day picture's own, with the use where it was read", () => {
    const period = periodOf("day", Date.UTC(2025, 9, 26, 12));
    const { bars } = answer({ ...period, by: "quarter" });
    expect(bars).toHaveLength(100);
    expect(asSteps(bars).map((step) => step.mineMwh)).toEqual(bars.map((bar) => bar.mineMwh));
    expect(asUse(bars)).toEqual([]);
    const now = answer({ ...periodOf("day", NOW), by: "quarter" }).bars;
    const read = now.filter((bar) => (bar.use?.steps ?? 0) > 0);
    expect(asUse(now).map((one) => one.gridMwh)).toEqual(read.map((bar) => bar.use?.gridMwh));
    expect(read.length).toBeGreaterThan(0);
  });
});

describe("the sentence", () => {
  const energy = { ...NO_ENERGY, steps: 96 };
  test.each([
    [
      { ...energy, generatedMwh: 100, mineMwh: 20 },
      { kind: "shared", mwh: 20, ratio: 0.2, fraction: "fifth" },
    ],
    [
      { ...energy, generatedMwh: 100 },
      { kind: "not-mine", mwh: 100 },
    ],
    [energy, { kind: "no-sun" }],
    [{ ...NO_ENERGY, unknownSteps: 4 }, { kind: "unknown" }],
    [NO_ENERGY, { kind: "not-yet" }],
  ])("%j is %j", (sum, sentence) => {
    expect(energySentence(sum)).toEqual(sentence);
  });
  test("self-sufficiency and self-consumption are parts of use and of share, and of nothing none", () => {
    expect(ratiosOf({ useMwh: 200, ownMwh: 50, surplusMwh: 150 })).toEqual({ sufficiency: 0.25, consumption: 0.25 });
    expect(ratiosOf({ useMwh: 0, ownMwh: 0, surplusMwh: 0 })).toEqual({ sufficiency: null, consumption: null });
  });
});

describe.each(LANGUAGES)("in %s", (language) => {
  test("every sentence says what it is given", async () => {
    const words = await loadWords(language);
    expect(words.shared("fifth", "20 %", 1).after).not.toContain("20 %");
    expect(words.shared(null, "17 %", 2).after).toContain("17 %");
    expect(words.unknown("17 May")).toContain("17 May");
    expect(words.pictureLabel("5 kWh", "1 kWh", 7)).toMatch(/7.*5 kWh.*1 kWh/);
    expect(words.sheet.useNote(1, 3)).toMatch(/1 .*3 /);
    expect(words.sheet.verifyHow("919", "ab12", "10 seconds")).toMatch(/919.*ab12.* 10 seconds /);
  });
  test("periods and figures are written as the language writes them", () => {
    const { from, to } = periodOf("week", Date.UTC(2026, 2, 25, 12));
    expect(periodName("week", from, to, language)).toMatch(/23.*29.*2026/);
    expect(periodName("month", from, to, language)).toMatch(/\p{L}+ 2026/u);
    expect(barName("month", from, language, false)).toBe("23");
    expect(barName("year", from, language, false).length).toBeLessThan(barName("year", from, language, true).length);
    const mark = language === "en" ? "." : ",";
    expect(kwhColumn(1_234_567, language)).toBe(`1${mark}234567`);
  });
  test("the lines of a column add up to its total, digit by digit", () => {
    const read = (shown: string): bigint => BigInt(shown.replaceAll(/\D/gu, ""));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10 ** 13 }), { maxLength: 31 }), (days) => {
        const total = days.reduce((sum, mwh) => sum + mwh, 0);
        const shown = days.map((mwh) => read(kwhColumn(mwh, language)));
        expect(shown.reduce((sum, one) => sum + one, 0n)).toBe(read(kwhColumn(total, language)));
      }),
    );
  });
});
