/** The sentences of looking around, each language loaded on its own with the screens; health of a meter as a sentence. */
import type { GeneratorView } from "../../worker/port.ts";
import type { GeneratorWeek } from "../../worker/port-explore.ts";
import { count, relative } from "./format.ts";
import type { Language } from "./language.ts";
import { isSilent } from "./silent.ts";
import type { ExploreTexts } from "./text/en-explore.ts";

export const loadExploreWords = async (language: Language): Promise<ExploreTexts> => {
  switch (language) {
    case "fr":
      return (await import("./text/fr-explore.ts")).explore;
    case "nl":
      return (await import("./text/nl-explore.ts")).explore;
    default:
      return (await import("./text/en-explore.ts")).explore;
  }
};

export type Health = "well" | "worse" | "silent";
/** How a meter does, and the sentence; `now` in ms. */
export const healthOf = (
  text: ExploreTexts["generator"]["health"],
  generator: Pick<GeneratorView, "lastHeard" | "standing">,
  week: Pick<GeneratorWeek, "steps" | "estimated"> | undefined,
  { now, locale }: { readonly now: number; readonly locale: string },
): { readonly health: Health; readonly words: string } => {
  const { lastHeard } = generator;
  if (lastHeard === null && (week?.steps ?? 0) === 0) return { health: "silent", words: text.never };
  if (lastHeard !== null && isSilent(generator))
    return { health: "silent", words: text.silent(relative(lastHeard, now, locale)) };
  if (week === undefined || week.steps === 0) return { health: "worse", words: text.dark };
  return week.estimated === 0
    ? { health: "well", words: text.well(count(week.steps, locale)) }
    : { health: "worse", words: text.estimated(count(week.estimated, locale), count(week.steps, locale)) };
};
