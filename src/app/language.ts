/**
 * Which language the app speaks: the member's choice, kept on the device, else the browser's first that we have.
 * Each language is loaded on its own.
 */
import type { LaterTexts } from "./text/en-later.ts";
import type { FirstTexts } from "./text/en.ts";

export const LANGUAGES = ["en", "fr", "nl"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each in its own words, so that everyone finds theirs. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: "English",
  fr: "Fran\u00e7ais",
  nl: "Nederlands",
};

export const LANGUAGE_KEY = "commonwatt-language";

const isLanguage = (text: string | null): text is Language => LANGUAGES.some((language) => language === text);

/** @param preferred the browser's list, most wanted first */
export const languageFrom = (stored: string | null, preferred: readonly string[]): Language => {
  if (isLanguage(stored)) return stored;
  for (const tag of preferred) {
    const base = tag.toLowerCase().split("-")[0] ?? "";
    if (isLanguage(base)) return base;
  }
  return "en";
};

export const storedLanguage = (): string | null => {
  try {
    return localStorage.getItem(LANGUAGE_KEY);
  } catch {
    return null;
  }
};

export const keepLanguage = (language: Language): void => {
  try {
    localStorage.setItem(LANGUAGE_KEY, language);
  } catch {
    // Storage is denied: the choice holds until the page closes.
  }
};

/** All that the app says; the part that no first visit shows comes with the first screen that needs it. */
export type Texts = FirstTexts & LaterTexts;

/** Offline, a language may never have been kept on the device: English always is. */
const orEnglish = async <T>(language: Language, load: (language: Language) => Promise<T>): Promise<T> => {
  try {
    return await load(language);
  } catch {
    return load("en");
  }
};

export const loadTexts = (language: Language): Promise<FirstTexts> => orEnglish(language, firstOf);

export const loadAllTexts = async (language: Language): Promise<Texts> => {
  const [first, later] = await Promise.all([loadTexts(language), orEnglish(language, laterOf)]);
  return { ...first, ...later };
};

const firstOf = async (language: Language): Promise<FirstTexts> => {
  switch (language) {
    case "fr":
      return (await import("./text/fr.ts")).fr;
    case "nl":
      return (await import("./text/nl.ts")).nl;
    default:
      return (await import("./text/en.ts")).en;
  }
};

const laterOf = async (language: Language): Promise<LaterTexts> => {
  switch (language) {
    case "fr":
      return (await import("./text/fr-later.ts")).later;
    case "nl":
      return (await import("./text/nl-later.ts")).later;
    default:
      return (await import("./text/en-later.ts")).later;
  }
};

/** The locale for numbers: the browser's own variant of the language (fr-BE), else the language. */
export const localeFor = (language: Language, preferred: readonly string[]): string =>
  preferred.find((tag) => tag.toLowerCase().split("-")[0] === language) ?? language;
