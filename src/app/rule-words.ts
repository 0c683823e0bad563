/** A sharing rule as a person says it: "first 30 % in equal parts, then what is left by weight". Pure. */
import type { RuleView } from "../../worker/port-council.ts";
import type { Texts } from "./language.ts";

const PPM = 1_000_000;

export const partText = (ppm: number, locale: string): string =>
  new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 4 }).format(ppm / PPM);

/** A rule that is not in force yet, with whether it weighs all alike. */
export const withAlike = ({ iterations, weights }: RuleView): Parameters<typeof ruleWords>[1] => ({
  iterations,
  alike: weights.every((w) => w.weight === weights[0]?.weight),
});

export const ruleWords = (
  text: Pick<Texts["council"]["rule"], "equal" | "fixed" | "alike" | "first" | "next" | "rest">,
  { iterations, alike }: { readonly iterations: RuleView["iterations"]; readonly alike: boolean },
  locale: string,
): string =>
  iterations
    .map(({ kind, portionPpm }, at) => {
      const how = kind === "fixed" && alike ? text.alike : text[kind];
      if (at === iterations.length - 1) return at === 0 ? how : text.rest(how);
      return (at === 0 ? text.first : text.next)(partText(portionPpm, locale), how);
    })
    .join(", ");
