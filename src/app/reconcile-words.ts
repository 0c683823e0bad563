/**
 * The words around a check against the MID meter: a refusal with its line, why a row is out, the reading of the file
 * that would fit. The sentences are the texts' own. Pure.
 */
import type { PortRefusal } from "../../worker/port.ts";
import type { ReconcileRow, ReconcileView } from "../../worker/port-home.ts";
import { dateTime, duration } from "./format.ts";
import type { Language } from "./language.ts";
import type { ReconcileTexts } from "./text/en-reconcile.ts";

/** Each language is loaded on its own, with the screen. */
export const loadWords = async (language: Language): Promise<ReconcileTexts> => {
  switch (language) {
    case "fr":
      return (await import("./text/fr-reconcile.ts")).reconcile;
    case "nl":
      return (await import("./text/nl-reconcile.ts")).reconcile;
    default:
      return (await import("./text/en-reconcile.ts")).reconcile;
  }
};

/** The sentence for a refusal of the file, after the number of its line; null for any other refusal. */
export const fileRefusal = (words: ReconcileTexts, refusal: PortRefusal): string | null => {
  const sentence = (words.refusals as Readonly<Record<string, string | undefined>>)[refusal.code];
  if (sentence === undefined) return null;
  const line = refusal.data?.["line"];
  return line === undefined ? sentence : `${words.line(String(line))}${sentence}`;
};

/** A moment on a day: the hour alone would not say which day of a year. */
export const moment = (time: number, locale: string, seconds: boolean): string => dateTime(time, locale, seconds);

export const whyOf = (words: ReconcileTexts, row: ReconcileRow, locale: string, seconds: boolean): string => {
  const where = row.elsewhere === null ? null : moment(row.elsewhere, locale, seconds);
  return row.reasons.map((reason) => words.why[reason](where)).join("; ");
};

/** What else there is to say about a result, most important first. */
export const remarksOf = (words: ReconcileTexts, found: ReconcileView, locale: string): string[] => {
  const { hint, clockOffsetMs } = found;
  return [
    ...(hint?.kind === "unit" ? [words.wrongUnit] : []),
    ...(hint?.kind === "shift" ? [words.shift(duration(Math.abs(hint.ms), locale), hint.ms > 0)] : []),
    ...(clockOffsetMs !== null && hint === null
      ? [words.clock(duration(Math.round(Math.abs(clockOffsetMs) / 1000) * 1000, locale), clockOffsetMs > 0)]
      : []),
    ...(found.roundingRows > 0 ? [words.rounding(found.roundingRows)] : []),
    ...(found.closed ? [] : [words.open]),
  ];
};
