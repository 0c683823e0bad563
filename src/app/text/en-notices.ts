/** English: notices of the system, and the switches for them. Loaded with the screen, or when a notice is due. */
import { plural } from "../format.ts";

const minutes = (value: number): string => `${value}\u00a0${plural("en", value, { one: "minute", other: "minutes" })}`;

export const notices = {
  title: "Notices",
  why: "This device can call you when something waits for you. It does so by itself, without any server, so only while the app is open, also in the background.",
  meter: { label: "My meter fell silent", hint: "So that no sun is lost because of a cable." },
  ballot: { label: "A ballot waits for me", hint: "A proposal that nobody votes on expires." },
  stalled: { label: "Nothing is written down any more", hint: "Usually too few devices are on." },
  named: {
    label: "Show names and figures",
    hint: "They can then be read on the locked screen.",
  },
  denied: "This browser was told to show no notices of this app. You can allow them in its settings for this site.",
  none: "This browser shows no notices. On an iPhone or iPad it does once the app is on the home screen.",
  say: {
    meter: {
      title: "Your meter fell silent",
      plain: "Open Commonwatt to see what to do. Nothing already counted is lost.",
      named: (name: string, lasts: number | null) =>
        lasts === null ? `${name} has said nothing lately.` : `${name} has said nothing for ${minutes(lasts)}.`,
    },
    ballot: {
      title: "A ballot waits for you",
      plain: "Open Commonwatt to see what is proposed, and vote.",
      named: (name: string) => `Proposed by ${name}. Open Commonwatt to see what it means, and vote.`,
    },
    stalled: {
      title: "Nothing is written down at the moment",
      plain: "The meters go on counting; it is made up for later.",
      named: (lasts: number | null) =>
        lasts === null
          ? "The meters go on counting; it is made up for later."
          : `Nothing for ${minutes(lasts)}. The meters go on counting; it is made up for later.`,
    },
  },
};

/** What every language must fill. */
export type NoticeTexts = typeof notices;
