/** What the check of a proof file says: each step once, each place and refusal in every language, days and months. */
import { describe, expect, test } from "vitest";
import { LANGUAGES } from "../../src/app/language.ts";
import {
  inWords,
  isQuick,
  loadVerifyWords,
  refusalOf,
  span,
  stepsOf,
  stepsWithin,
} from "../../src/app/verify-words.ts";
import { fixtureProofFile } from "./fixture-step.ts";
import vectors from "../vectors/bundles.json" with { type: "json" };

const NOW = Date.UTC(2026, 5, 21, 12, 20);
const OPTIONS = { now: NOW, stepMs: 900_000, dayStart: NOW - 14 * 3_600_000, t0: NOW - 10 * 86_400_000 };

describe.each(LANGUAGES)("in %s", (language) => {
  test("each step of the check is a sentence of its own", async () => {
    const steps = stepsOf(await loadVerifyWords(language), fixtureProofFile(OPTIONS), language);
    expect(new Set(steps).size).toBe(8);
    for (const sentence of steps) expect(sentence).toMatch(/^\S.{10,}\.$/u);
    expect(steps.join(" ")).not.toMatch(/undefined|null|NaN/);
  });

  test("every place and refusal of the vectors has words, and what is no file's refusal keeps its own", async () => {
    const words = await loadVerifyWords(language);
    for (const { code, place } of vectors.altered) {
      const said = refusalOf(words, { code, message: "english", data: { place } });
      expect(said.place, place).not.toBeNull();
      expect(said.why, code).not.toBe("english");
    }
    expect(refusalOf(words, { code: "worker-failed", message: "Reload." })).toEqual({ place: null, why: "Reload." });
    expect(inWords(words.save, { code: "no-credits", message: "english" }).message).not.toBe("english");
    expect(inWords(words.save, { code: "other", message: "english" }).message).toBe("english");
  });
});

test("a step that is shorter than a minute is told from its beginning to its end", () => {
  const found = fixtureProofFile(OPTIONS);
  const { begin } = found.claim;
  const quick = { ...found, claim: { ...found.claim, from: 7, to: 7, end: begin + 10_000 } };
  expect([isQuick(found), isQuick(quick)]).toEqual([false, true]);
  expect(span(begin, begin + 10_000, "en-GB", true)).toMatch(/(\d\d:\d\d:\d\d)\u2013(?!\1)\d\d:\d\d:\d\d$/u);
});

describe("the steps of a time", () => {
  const stepMs = 900_000;
  const t0 = new Date(2026, 4, 30, 12).getTime();
  const at = (...date: [number, number, number, number?, number?]): number =>
    Math.round((new Date(...date).getTime() - t0) / stepMs);

  test("are one, or those that begin on its local day or in its local month, from the first there is", () => {
    const noon = at(2026, 5, 21, 12);
    expect(stepsWithin("step", noon, { t0, stepMs })).toEqual({ from: noon, to: noon });
    const day = { from: at(2026, 5, 21) + 1, to: at(2026, 5, 22) };
    expect(stepsWithin("day", noon, { t0, stepMs })).toEqual(day);
    expect(stepsWithin("day", day.from, { t0, stepMs })).toEqual(day);
    expect(stepsWithin("day", day.to, { t0, stepMs })).toEqual(day);
    expect(stepsWithin("day", day.to + 1, { t0, stepMs }).from).toBe(day.to + 1);
    expect(stepsWithin("month", noon, { t0, stepMs })).toEqual({ from: at(2026, 5, 1) + 1, to: at(2026, 6, 1) });
    expect(stepsWithin("month", 1, { t0, stepMs })).toEqual({ from: 1, to: at(2026, 5, 1) });
  });
});
