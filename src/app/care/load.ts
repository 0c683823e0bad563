/** These sentences in the app's language; English where another was never kept on the device. */
import type { Language } from "../language.ts";
import type { CareTexts } from "./care-en.ts";

const textsOf = async (language: Language): Promise<CareTexts> => {
  switch (language) {
    case "fr":
      return (await import("./care-fr.ts")).care;
    case "nl":
      return (await import("./care-nl.ts")).care;
    default:
      return (await import("./care-en.ts")).care;
  }
};

export const loadCareTexts = async (language: Language): Promise<CareTexts> => {
  try {
    return await textsOf(language);
  } catch {
    return textsOf("en");
  }
};
