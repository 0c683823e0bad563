/** Looking around on the screens: what is typed becomes a question, the ribbon shows branches, a meter's health is a sentence. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { healthOf, loadExploreWords } from "../../src/app/explore-words.ts";
import { findAsk, timeOf, type FindForm } from "../../src/app/find-form.ts";
import { dayOf } from "../../src/app/day-picture.ts";
import * as format from "../../src/app/format.ts";
import { LANGUAGES } from "../../src/app/language.ts";
import { dateOf, noonOf, periodOf } from "../../src/app/period.ts";
import { girths, holeBelow, joined, keyOf, ribbon } from "../../src/app/ribbon.ts";
import type { BlockView, GeneratorView } from "../../worker/port.ts";
import type { ForkView } from "../../worker/port-explore.ts";

const HOUR = 3_600_000;
const form = (part: Partial<FindForm>): FindForm => ({
  kind: "step",
  time: "",
  step: "",
  member: 0,
  hash: "",
  ...part,
});

describe("what is typed to find a step", () => {
  test.each([
    ["412", 412],
    [" 35 040 ", 35_040],
    ["35\u202f040", 35_040],
    ["35.040", 35_040],
  ])("%j is the number of a step", (step, number) => {
    expect(findAsk(form({ step }))).toEqual({ kind: "step", step: number });
  });
  test.each(["", "0", "-4", "4x", "12345678901"])("%j is none", (step) => {
    expect(findAsk(form({ step }))).toBeNull();
  });
  test("four digits of a hash are enough, and they are hex", () => {
    expect(findAsk(form({ kind: "hash", hash: " 7F2a " }))).toEqual({ kind: "hash", prefix: "7f2a", below: null });
    for (const hash of ["7f2", "7f2g", "a".repeat(65)]) expect(findAsk(form({ kind: "hash", hash }))).toBeNull();
  });
  test("a time needs its day", () => {
    expect(findAsk(form({ kind: "time", time: "2026-06-21T14:15" }))).toEqual({
      kind: "time",
      at: new Date(2026, 5, 21, 14, 15).getTime(),
    });
    expect(findAsk(form({ kind: "time", time: "14:15" }))).toBeNull();
  });
  test("a member is one of the list", () => {
    expect(findAsk(form({ kind: "member", member: 3 }))).toEqual({ kind: "member", member: 3, below: null });
  });
});

describe("the ribbon with branches", () => {
  const block = (height: number, step = height): BlockView =>
    ({ hash: `h${height}`, height, step, generatedMwh: height * 10, gapBefore: false }) as BlockView;
  const fork = { fromStep: 2, blocks: [{ hash: "s3" }], instead: [], state: "lost" } as unknown as ForkView;
  const links = ribbon([block(4), block(3), block(2), block(1)], [fork]);
  test("has a branch before the block that it left from, and of no block it does not show", () => {
    expect(links.map(keyOf)).toEqual(["h4", "h3", "fork-s3", "h2", "h1"]);
    expect(ribbon([block(4), block(3)], [fork]).map(keyOf)).toEqual(["h4", "h3"]);
  });
  test("flows on beside a branch, as wide as at the block it left from", () => {
    const widths = girths(links);
    expect(widths[2]?.middle).toBe(widths[3]?.middle);
    expect(widths[2]?.bottom).toBe(widths[3]?.top);
  });
  test("takes each height once, the newest view's first", () => {
    const all = joined([block(4), block(3)], [{ ...block(3), hash: "old" }, block(1), block(2), block(2)]);
    expect(all.map((one) => one.hash)).toEqual(["h4", "h3", "h2", "h1"]);
  });
  test("sees where pages no longer meet", () => {
    expect(holeBelow([block(4), block(3), block(2)])).toBeNull();
    expect(holeBelow([block(9), block(8), block(3)])).toBe(8);
    expect(holeBelow([])).toBeNull();
  });
});

describe("how a meter does", () => {
  const at = { now: 100 * HOUR, locale: "en" };
  test.each(LANGUAGES)("is said in %s, whatever it is", async (language) => {
    const { health } = (await loadExploreWords(language)).generator;
    const how = (
      lastHeard: number | null,
      steps: number,
      estimated: number,
      standing: GeneratorView["standing"] = "counting",
    ) => healthOf(health, { lastHeard, standing }, { steps, estimated }, at);
    expect(how(null, 0, 0)).toEqual({ health: "silent", words: health.never });
    expect(how(at.now - 2 * HOUR, 300, 0, "late").health).toBe("silent");
    expect(how(at.now - 30 * HOUR, 300, 0, "silent").health).toBe("silent");
    // The night is long, and no meter's fault.
    expect(how(at.now - 9 * HOUR, 300, 0)).toEqual({ health: "well", words: health.well("300") });
    expect(how(at.now - 4_000, 0, 0)).toEqual({ health: "worse", words: health.dark });
    expect(how(at.now - 4_000, 300, 0)).toEqual({ health: "well", words: health.well("300") });
    expect(how(at.now - 4_000, 300, 7)).toEqual({ health: "worse", words: health.estimated("7", "300") });
  });
});

describe("the two odd days, in Brussels", () => {
  const before = process.env["TZ"];
  beforeAll(() => void (process.env["TZ"] = "Europe/Brussels"));
  afterAll(() => {
    if (before === undefined) delete process.env["TZ"];
    else process.env["TZ"] = before;
  });
  const spring = Date.UTC(2026, 2, 29, 10);
  const autumn = Date.UTC(2026, 9, 25, 10);
  test("have 23 and 25 hours, and so do the periods that hold them", () => {
    for (const [time, hours] of [
      [spring, 23],
      [autumn, 25],
    ] as const) {
      const day = dayOf(time);
      expect((day.to - day.from) / HOUR).toBe(hours);
      expect(periodOf("day", time)).toMatchObject(day);
      const week = periodOf("week", time);
      expect((week.to - week.from) / HOUR).toBe(168 + hours - 24);
      expect(noonOf(dateOf(time))).toBe(time + (hours === 23 ? 0 : HOUR));
    }
  });
  test("name the hour that comes twice by its zone, and only that one", () => {
    const [first, second] = [Date.UTC(2026, 9, 25, 0, 30), Date.UTC(2026, 9, 25, 1, 30)];
    expect(format.clock(first, "en")).toBe(format.clock(second, "en"));
    expect(format.sureClock(first, "en")).not.toBe(format.sureClock(second, "en"));
    expect(format.sureClock(first - HOUR, "en")).toBe("01:30");
    const near = [first, second].map((time) => format.moment(time, second + HOUR / 4, "en"));
    expect(near).toEqual([format.sureClock(first, "en"), format.sureClock(second, "en")]);
    const days = [first, second].map((time) => format.moment(time, second + 72 * HOUR, "en"));
    expect(days[0]).not.toBe(days[1]);
    expect(format.dateTime(second, "en-GB")).toBe(`25 Oct 2026, ${format.sureClock(second, "en-GB")}`);
  });
  test("skip from two to three in spring: a step that ends then is at three", () => {
    const skipped = Date.UTC(2026, 2, 29, 1);
    expect([format.clock(skipped - HOUR / 4, "en"), format.clock(skipped, "en")]).toEqual(["01:45", "03:00"]);
    expect(timeOf("2026-03-29T02:30")).toBe(skipped + HOUR / 2);
    expect(timeOf("2026-10-25T02:30")).toBe(Date.UTC(2026, 9, 25, 0, 30));
  });
});

describe("a date", () => {
  const time = Date.UTC(2026, 10, 22, 12);
  test("has its month in letters, and its year unless that is the present one", () => {
    expect(format.date(time, "en-US", undefined, "UTC")).toBe("Nov 22, 2026");
    expect(format.date(time, "en-US", time + 86_400_000, "UTC")).toBe("Nov 22");
    expect(format.date(time, "nl-BE", time + 366 * 86_400_000, "UTC")).toBe("22 nov 2026");
    expect(format.date(time, "fr-BE", time, "UTC")).toBe("22 nov.");
  });
  test("stands beside the hour only where that alone would not say which day", () => {
    const near = format.moment(time, time + HOUR, "en");
    expect(near).toBe(format.clock(time, "en"));
    expect(format.moment(time, time + 3 * 86_400_000, "en")).toContain("Sunday");
    expect(format.moment(time, time + 300 * 86_400_000, "en")).toContain("2026");
  });
});
