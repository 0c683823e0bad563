/** The wizard's sentences in the app's language; English where another was never kept on the device. */
import type { Language } from "../../language.ts";
import type { WizardTexts } from "./en.ts";

const textsOf = async (language: Language): Promise<WizardTexts> => {
  switch (language) {
    case "fr":
      return (await import("./fr.ts")).wizard;
    case "nl":
      return (await import("./nl.ts")).wizard;
    default:
      return (await import("./en.ts")).wizard;
  }
};

export const loadWizardTexts = async (language: Language): Promise<WizardTexts> => {
  try {
    return await textsOf(language);
  } catch {
    return textsOf("en");
  }
};
