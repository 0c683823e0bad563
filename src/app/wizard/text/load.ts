/** The wizard's sentences in the app's language; English where another was never kept on the device. */
import type { Language } from "../../language.ts";
import type { WizardTexts } from "./wizard-en.ts";

const textsOf = async (language: Language): Promise<WizardTexts> => {
  switch (language) {
    case "fr":
      return (await import("./wizard-fr.ts")).wizard;
    case "nl":
      return (await import("./wizard-nl.ts")).wizard;
    default:
      return (await import("./wizard-en.ts")).wizard;
  }
};

export const loadWizardTexts = async (language: Language): Promise<WizardTexts> => {
  try {
    return await textsOf(language);
  } catch {
    return textsOf("en");
  }
};
