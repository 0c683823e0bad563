/** What the check against the meter says: a line's number, a reason with its moment, one reading of the file at a time. */
import { describe, expect, test } from "vitest";
import { LANGUAGES } from "../../src/app/language.ts";
import { fileRefusal, loadWords, moment, remarksOf, whyOf } from "../../src/app/reconcile-words.ts";
import type { ReconcileView } from "../../worker/port-home.ts";
import { fixtureCheck } from "./fixture-home.ts";

const NOW = Date.UTC(2026, 5, 21, 12, 20);
const OPTIONS = { now: NOW, stepMs: 900_000, dayStart: NOW - 14 * 3_600_000, t0: 0 };
const found = fixtureCheck(OPTIONS, "a\nb");

describe.each(LANGUAGES)("in %s", (language) => {
  test("a refusal of the file begins with its line, one of the whole has none, another's is left to others", async () => {
    const words = await loadWords(language);
    const refusal = { code: "file-time", message: "m", data: { line: 7 } };
    expect(fileRefusal(words, refusal)).toMatch(/^\S+ 7/);
    expect(fileRefusal(words, refusal)).toContain(words.refusals["file-time"]);
    expect(fileRefusal(words, { code: "file-empty", message: "m" })).toBe(words.refusals["file-empty"]);
    expect(fileRefusal(words, { code: "full", message: "m" })).toBeNull();
  });
  test("each row says why, with the moment where its energy stands", async () => {
    const words = await loadWords(language);
    for (const row of found.out) {
      const why = whyOf(words, row, language, false);
      expect(why.length).toBeGreaterThan(5);
      expect(why).not.toMatch(/undefined|null/);
      expect(row.elsewhere === null || why.includes(moment(row.elsewhere, language, false))).toBe(true);
    }
  });
  test("a file that fits when read otherwise is not blamed on the clock", async () => {
    const words = await loadWords(language);
    const both: ReconcileView = { ...found, hint: { kind: "shift", ms: 3_600_000 } };
    expect(remarksOf(words, found, language)).toHaveLength(3);
    expect(remarksOf(words, both, language)).toHaveLength(3);
    expect(remarksOf(words, both, language)[0]).not.toBe(remarksOf(words, found, language)[0]);
    expect(remarksOf(words, { ...both, hint: { kind: "unit" } }, language)[0]).toBe(words.wrongUnit);
  });
});
