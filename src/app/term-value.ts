/**
 * A contract term's value, and with its unit, by the suffix of its name: Ms a time, Ppm a share of a million; some are
 * counted in steps. The quorum is two numbers to the contract and one term to a person. Pure.
 */
import type { TermsView } from "../../worker/port.ts";
import { count, duration } from "./format.ts";
import { partText } from "./rule-words.ts";
import type { Texts } from "./language.ts";
import { termText, type TermCode } from "./text/remarks.ts";

/** 0 for a term that this contract does not have. */
export const valueOf = (terms: TermsView["terms"], code: string): number =>
  terms.find((term) => term.code === code)?.value ?? 0;

export type Unit = "percent" | "seconds" | "steps" | "number";
const STEPS: ReadonlySet<string> = new Set<TermCode>([
  "activityWindow",
  "tokenValidity",
  "ageCap",
  "reputationWindow",
  "rewardDelay",
  "ballotWindow",
  "adoptionDelay",
  "lateWindow",
]);
export const unitOf = (code: string): Unit => {
  if (code.endsWith("Ppm")) return "percent";
  if (code.endsWith("Ms")) return "seconds";
  return STEPS.has(code) ? "steps" : "number";
};

type Words = { readonly text: Texts; readonly stepMs: number; readonly locale: string };

export const termValue = (code: string, value: number, { text, stepMs, locale }: Words): string => {
  switch (unitOf(code)) {
    case "percent":
      return partText(value, locale);
    case "seconds":
      return value < 1000 && value > 0
        ? new Intl.NumberFormat(locale, { style: "unit", unit: "millisecond", unitDisplay: "long" }).format(value)
        : duration(value, locale);
    case "steps":
      return text.community.inSteps(value, duration(value * stepMs, locale));
    case "number":
      return count(value, locale);
  }
};

export type TermLine = { readonly code: string; readonly name: string; readonly value: string };

/** Every term by name with its value; the quorum is one of them. */
export const termLines = (terms: TermsView["terms"], words: Words): TermLine[] =>
  terms.flatMap(({ code, value }) => {
    if (code === "quorumDen") return [];
    const name = termText(words.text.terms, code);
    const den = valueOf(terms, "quorumDen");
    if (code === "quorumNum" && den > 0)
      return [{ code, name, value: partText(Math.round((value / den) * 1_000_000), words.locale) }];
    return [{ code, name, value: termValue(code, value, words) }];
  });

type Changed = { readonly code: string; readonly before: number; readonly after: number };
export type ChangeLine = {
  readonly code: string;
  readonly name: string;
  readonly before: string;
  readonly after: string;
};

/** What changes, term by term. What has come to be so meanwhile is left out, unless nothing else is there. */
export const changedTerms = (changes: readonly Changed[], words: Words): ChangeLine[] => {
  const side = (which: "before" | "after"): TermLine[] =>
    termLines(
      changes.map((change) => ({ code: change.code, value: change[which] })),
      words,
    );
  const [before, after] = [side("before"), side("after")];
  const lines = before.map(({ code, name, value }, at) => ({
    code,
    name,
    before: value,
    after: after[at]?.value ?? "",
  }));
  const other = lines.filter((line) => line.before !== line.after);
  return other.length > 0 ? other : lines;
};
