/** Where the present step stands, as a sentence. */
import type { View } from "../../worker/port.ts";
import type { FirstTexts } from "./text/en.ts";

export const stageWords = (text: FirstTexts, step: NonNullable<View["step"]>): string => {
  const words = text.home.stageWords;
  switch (step.stage) {
    case "candidates":
      return words.candidates(step.candidates);
    case "winner":
      if (step.winner === null) return words.winnerUnknown;
      return step.winnerMe ? words.winnerMe : words.winner(step.winner);
    default:
      return words[step.stage];
  }
};
