/** From steps to bars: nothing is lost or counted twice, and a bar is never more certain than its steps. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StepEnergy, StepStage } from "../../worker/port.ts";
import { barAt, dayOf, dayPicture, rangesFor, roundAmounts, sampleDay, sunArc } from "../../src/app/day-picture.ts";
import { fixtureToday } from "./fixture-view.ts";

const HOUR = 3_600_000;
const dayStart = dayOf(Date.UTC(2026, 5, 21, 12)).from;
const day = { from: dayStart, to: dayStart + 24 * HOUR };
const stages: readonly StepStage[] = ["block", "approved", "final"];

const steps = (stepMs: number, count: number): fc.Arbitrary<StepEnergy[]> =>
  fc
    .array(fc.record({ mwh: fc.nat(2_000_000), stage: fc.constantFrom(...stages) }), {
      minLength: count,
      maxLength: count,
    })
    .map((list) =>
      list.map(({ mwh, stage }, at) => ({
        step: at + 1,
        end: dayStart + (at + 1) * stepMs,
        generatedMwh: mwh,
        mineMwh: Math.floor(mwh / 3),
        stage,
        closed: false,
      })),
    );

describe("a quarter-hour community", () => {
  test("shows its whole day, one bar a step", () => {
    expect(rangesFor(900_000)).toEqual(["day"]);
    const picture = dayPicture(
      fixtureToday({ now: dayStart + 14 * HOUR + 1, stepMs: 900_000, dayStart, t0: dayStart }),
      900_000,
      "day",
      dayStart + 14 * HOUR + 1,
      day,
    );
    expect(picture.bars).toHaveLength(57);
    expect(picture.bars.filter((bar) => bar.present).map((bar) => bar.start)).toEqual([dayStart + 14 * HOUR]);
    expect(picture.bars.every((bar) => bar.firstStep === bar.lastStep)).toBe(true);
  });
});

describe("the member's own use", () => {
  const none = { ownMwh: 0, surplusMwh: 0, estimated: false };
  test("stands in its bars whole, and the picture has room for it above and below the axis", () => {
    fc.assert(
      fc.property(
        steps(900_000, 40),
        fc.array(fc.nat(5_000_000), { minLength: 40, maxLength: 40 }),
        (list, amounts) => {
          const use = list.map(({ step, end }, i) => {
            const useMwh = amounts[i] ?? 0;
            return { ...none, step, end, useMwh, gridMwh: Math.floor(useMwh / 2) };
          });
          const picture = dayPicture(list, 900_000, "day", day.to, day, use);
          expect(picture.bars.map((bar) => bar.useMwh)).toEqual(amounts);
          expect(picture.bars.every((bar) => (bar.useMwh ?? 0) <= picture.topMwh)).toBe(true);
          expect(picture.bars.every((bar) => (bar.gridMwh ?? 0) <= picture.lowMwh)).toBe(true);
        },
      ),
    );
  });
  test("is unknown where nobody read the meter: no bar shows it as nothing", () => {
    const list = [1, 2].map((step) => ({
      step,
      end: dayStart + step * 900_000,
      generatedMwh: 5,
      mineMwh: 1,
      stage: "final" as const,
      closed: false,
    }));
    const use = [{ ...none, step: 2, end: dayStart + 1_800_000, useMwh: 0, gridMwh: 0 }];
    const { bars, lowMwh } = dayPicture(list, 900_000, "day", day.to, day, use);
    expect(bars.map((bar) => [bar.useMwh, bar.gridMwh])).toEqual([
      [null, null],
      [0, 0],
    ]);
    expect(lowMwh).toBe(0);
  });
});

describe("a fast community", () => {
  test("shows 90 steps of ten seconds in its last quarter of an hour", () => {
    const now = dayStart + 2 * HOUR;
    const picture = dayPicture(
      fixtureToday({ now, stepMs: 10_000, dayStart, t0: dayStart }),
      10_000,
      "quarter",
      now,
      day,
    );
    expect(picture.bars).toHaveLength(90);
  });

  test.each(["hour", "day"] as const)("the %s's bars hold every milliwatt-hour of its steps", (range) => {
    fc.assert(
      fc.property(steps(10_000, 300), (list) => {
        const now = dayStart + 300 * 10_000;
        const { bars } = dayPicture(list, 10_000, range, now, day);
        const sum = (of: readonly { generatedMwh: number }[]): number =>
          of.reduce((total, one) => total + one.generatedMwh, 0);
        expect(sum(bars)).toBe(sum(list));
        expect(bars.length).toBeLessThanOrEqual(96);
      }),
      { numRuns: 20 },
    );
  });

  test("a bar is as certain as its least certain step", () => {
    const list = Array.from({ length: 6 }, (_, at): StepEnergy => ({
      step: at,
      end: dayStart + (at + 1) * 10_000,
      generatedMwh: 1,
      mineMwh: 0,
      stage: at === 3 ? "block" : "final",
      closed: false,
    }));
    expect(dayPicture(list, 10_000, "hour", dayStart + 60_000, day).bars.map((bar) => bar.certainty)).toEqual([
      "hatched",
    ]);
  });
});

test("a young fast community's quarter of an hour is as long as its life, at least three minutes", () => {
  const young = (seconds: number): number => {
    const now = dayStart + seconds * 1000;
    const { from, to } = dayPicture(
      fixtureToday({ now, stepMs: 10_000, dayStart, t0: dayStart }),
      10_000,
      "quarter",
      now,
      day,
    );
    return (to - from) / 60_000;
  };
  expect([young(20), young(300), young(3_600)]).toEqual([3, 5, 15]);
});

describe("a tap", () => {
  const picture = dayPicture(
    fixtureToday({ now: day.from + 12 * HOUR, stepMs: 900_000, dayStart, t0: dayStart }),
    900_000,
    "day",
    day.from + 12 * HOUR,
    day,
  );
  test("finds the bar under the finger, or the one beside it", () => {
    expect(barAt(picture, dayStart + 6 * HOUR + 60_000)?.lastStep).toBe(25);
    expect(barAt(picture, dayStart + 12 * HOUR + 60_000)?.lastStep).toBe(48);
  });
  test("in the empty part of the day finds nothing", () => {
    expect(barAt(picture, dayStart + 20 * HOUR)).toBeNull();
  });
});

test("the sun's arc begins with the first generation of a whole day, and has no place in a rolling hour", () => {
  const bright = dayPicture(sampleDay(dayStart), 900_000, "day", dayStart + 14 * HOUR, day);
  expect(sunArc(bright)).toEqual({ rise: 5.5, set: 20.5 });
  expect(sunArc(dayPicture([], 900_000, "day", dayStart, day))).toEqual({ rise: 6.5, set: 19.5 });
  expect(sunArc(dayPicture([], 10_000, "hour", dayStart, day))).toBeNull();
});

test("the lines across the picture are few, round and inside it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 50, max: 50_000_000 }), (top) => {
      const lines = roundAmounts(top);
      expect(lines.length).toBeGreaterThan(0);
      expect(lines.length).toBeLessThanOrEqual(3);
      expect(lines.every((mwh) => mwh > 0 && mwh <= top)).toBe(true);
    }),
  );
});

test("a dark day has no line across its picture: nothing would stand at it but 0", () => {
  expect(roundAmounts(1)).toEqual([]);
});

test("a sample day shares less than it makes", () => {
  expect(sampleDay(dayStart).every((step) => step.mineMwh <= step.generatedMwh)).toBe(true);
});
