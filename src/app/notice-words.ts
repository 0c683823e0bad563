/** The words of a notice: nothing personal unless that was chosen, because anybody reads a locked screen. Pure but for loading. */
import type { NoticeWords } from "../bridge/notify.ts";
import type { Language } from "./language.ts";
import type { Notice } from "./notices.ts";
import type { NoticeTexts } from "./text/en-notices.ts";

/** Each language is loaded on its own, when it is needed. */
export const loadNoticeTexts = async (language: Language): Promise<NoticeTexts> => {
  switch (language) {
    case "fr":
      return (await import("./text/fr-notices.ts")).notices;
    case "nl":
      return (await import("./text/nl-notices.ts")).notices;
    default:
      return (await import("./text/en-notices.ts")).notices;
  }
};

export const noticeWords = (text: NoticeTexts, { kind, name, minutes }: Notice, named: boolean): NoticeWords => {
  const { title, plain } = text.say[kind];
  if (!named) return { title, body: plain };
  if (kind === "stalled") return { title, body: text.say.stalled.named(minutes) };
  if (name === null) return { title, body: plain };
  return { title, body: kind === "meter" ? text.say.meter.named(name, minutes) : text.say.ballot.named(name) };
};
