/** Home's one sentence: what it says, and that it never claims a fraction that the figures do not have. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fractionOf, homeSentence } from "../../src/app/sentence.ts";

describe("a fraction as a person names it", () => {
  test.each([
    [1, 5, "fifth"],
    [10, 10, "all"],
    [97, 100, "nearly-all"],
    [1, 2, "half"],
    [22, 100, null],
    [1, 0, null],
  ])("%i of %i is %s", (part, whole, name) => {
    expect(fractionOf(part, whole)).toBe(name);
  });

  test("a named fraction is within 4 % of the truth", () => {
    const value: Record<string, number> = {
      half: 1 / 2,
      third: 1 / 3,
      quarter: 1 / 4,
      fifth: 1 / 5,
      sixth: 1 / 6,
      eighth: 1 / 8,
      tenth: 1 / 10,
    };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (part, whole) => {
        const named = value[fractionOf(part, whole) ?? ""];
        fc.pre(named !== undefined);
        expect(Math.abs(part / whole - (named ?? 0))).toBeLessThanOrEqual((named ?? 0) * 0.04 + 1e-12);
      }),
    );
  });
});

describe("Home's sentence", () => {
  const view = { todayGeneratedMwh: 0, todayMineMwh: 0, totalMineMwh: 0 };

  test("explains with a sample day before the first share", () => {
    expect(homeSentence(view)).toEqual({ kind: "empty" });
  });
  test("says what I have had today, of what the roof made", () => {
    expect(homeSentence({ ...view, todayGeneratedMwh: 16_000_000, todayMineMwh: 3_200_000 })).toEqual({
      kind: "shared",
      mwh: 3_200_000,
      ofMwh: 16_000_000,
      fraction: "fifth",
    });
  });
  test("says what the roof made while my part is still to come", () => {
    expect(homeSentence({ ...view, todayGeneratedMwh: 5_000, totalMineMwh: 9 })).toEqual({
      kind: "not-mine-yet",
      mwh: 5_000,
    });
  });
  test("before sunrise says what I have had since joining", () => {
    expect(homeSentence({ ...view, totalMineMwh: 9_000 })).toEqual({ kind: "no-sun-yet", mwh: 9_000 });
  });
});
