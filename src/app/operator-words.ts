/** The words for whoever runs the community: loaded with its screens, each language on its own. And names and times in them. */
import type { View } from "../../worker/port.ts";
import type { MeterCareView } from "../../worker/port-operator.ts";
import { duration, moment, relative } from "./format.ts";
import type { Language } from "./language.ts";
import type { OperatorTexts } from "./text/en-operator.ts";

export const loadWords = async (language: Language): Promise<OperatorTexts> => {
  switch (language) {
    case "fr":
      return (await import("./text/fr-operator.ts")).operator;
    case "nl":
      return (await import("./text/nl-operator.ts")).operator;
    default:
      return (await import("./text/en-operator.ts")).operator;
  }
};

/** Named one by one in a sentence; the others are counted. */
const NAMED = 3;

/** "Ana, Bo and 12 more". */
export const namesOf = (names: readonly string[], text: Pick<OperatorTexts, "and">, locale: string): string => {
  const shown = names.length > NAMED + 1 ? [...names.slice(0, NAMED), text.and(names.length - NAMED)] : names;
  return new Intl.ListFormat(locale, { type: "conjunction" }).format(shown);
};

/** Steps as times of day, and how long so many of them last. */
export type OperatorTimes = {
  readonly of: (step: number) => string;
  /** Also with how long ago that was. */
  readonly ago: (step: number) => string;
  readonly begin: (step: number) => string;
  readonly lasting: (steps: number) => string;
};
export const operatorTimes = (view: Pick<View, "community">, now: number, locale: string): OperatorTimes => {
  const { t0, stepMs } = view.community ?? { t0: 0, stepMs: 900_000 };
  const at = (step: number): number => t0 + step * stepMs;
  const named = (time: number): string => moment(time, now, locale, stepMs < 60_000);
  return {
    of: (step) => named(at(step)),
    ago: (step) => relative(Math.min(at(step), now), now, locale),
    begin: (step) => named(at(step - 1)),
    lasting: (steps) => duration(steps * stepMs, locale),
  };
};

export const standingWords = (
  { standing, behind }: Pick<MeterCareView, "standing" | "behind">,
  { meters }: Pick<OperatorTexts, "meters">,
): string => (standing === "late" ? meters.standing.late(behind) : meters.standing[standing]);
