/** The words of My energy: loaded with its screens, each language on its own; which sentence stands first. Pure but for that. */
import type { EnergySum } from "../../worker/port-energy.ts";
import type { Language } from "./language.ts";
import { fractionOf, type Fraction } from "./sentence.ts";
import type { EnergyTexts } from "./text/en-energy.ts";

export const loadWords = async (language: Language): Promise<EnergyTexts> => {
  switch (language) {
    case "fr":
      return (await import("./text/fr-energy.ts")).energy;
    case "nl":
      return (await import("./text/nl-energy.ts")).energy;
    default:
      return (await import("./text/en-energy.ts")).energy;
  }
};

export type EnergySentence =
  | { readonly kind: "not-yet" | "unknown" | "no-sun" }
  | { readonly kind: "not-mine"; readonly mwh: number }
  | { readonly kind: "shared"; readonly mwh: number; readonly ratio: number; readonly fraction: Fraction | null };

/** What a time's energy comes to, in one sentence. */
export const energySentence = ({ generatedMwh, mineMwh, steps, unknownSteps }: EnergySum): EnergySentence => {
  if (steps === 0) return { kind: unknownSteps > 0 ? "unknown" : "not-yet" };
  if (generatedMwh === 0 && mineMwh === 0) return { kind: "no-sun" };
  if (mineMwh === 0) return { kind: "not-mine", mwh: generatedMwh };
  const ratio = generatedMwh === 0 ? 1 : mineMwh / generatedMwh;
  return { kind: "shared", mwh: mineMwh, ratio, fraction: fractionOf(mineMwh, generatedMwh) };
};
