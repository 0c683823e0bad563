/** The sentences of coming back and of backups. English; loaded when one of the two screens is opened. */
import { count, plural } from "../format.ts";

export const care = {
  restore: {
    title: "Welcome back.",
    intro:
      "Your neighbours keep the community\u2019s records. What only you have are your keys: bring them back in one of two ways.",
    way: {
      legend: "How do you come back?",
      options: {
        words: { label: "With my twelve words", hint: "and any invitation to the community, also an expired one" },
        file: { label: "With a backup file", hint: "also brings back your meters and your own use" },
      },
    },
    words: "Your twelve words",
    wordsHint: "In the order in which you wrote them down, with spaces between.",
    link: "An invitation to your community",
    linkHint:
      "Ask any member for one, or use one that you made under Community and kept. It only says which community it is. Without any, a backup file brings you back (made under Health).",
    name: "Your first name",
    nameHint: "As your neighbours know you: with another one they see you renamed.",
    knownAs: (name: string) => `Your neighbours see you as ${name}.`,
    badWord: (position: string, word: string) =>
      `Word ${position}, \u201c${word}\u201d, is not in the list. Compare it with your paper.`,
    file: "Backup file",
    passphrase: "Passphrase of the file",
    open: "Open the file",
    opening: (percent: string) => `Checking the passphrase: ${percent}`,
    found: (name: string, community: string) => `${name} of ${community}`,
    made: (ago: string) => `Saved ${ago}.`,
    meters: (meters: number) => `${count(meters, "en")} ${plural("en", meters, { one: "meter", other: "meters" })}.`,
    older: "This device has newer records of the same member. Taking the file would lose them, so it is not taken.",
    other: "This device belongs to a community already. Clear it first, under Health.",
    oldDevice: "Is the old device still running?",
    oldDeviceWarning:
      "It must not run on. Two devices with the same keys contradict each other, which the community takes for cheating. Clear it, or never open Commonwatt on it again.",
    understood: "I have seen to it: the old device does not run any more.",
    needAlone: "Tick this once the old device does not run any more.",
    back: "Bring me back",
    silent:
      "At first your device only listens: it does not know what it has agreed to before. It votes again by itself, usually after ten steps.",
    done: "You are back.",
    /** After the words, before a neighbour has known them. */
    doneWords: "Your keys are on this device.",
    doneWordsBody: "Now it asks the neighbours whether they know these words; if they do, the records come from them.",
    doneBody: "The records are coming from your neighbours now.",
    meterNext: "Pair the meter again",
    home: "To Home",
    need: "Fill in this field.",
  },
  backup: {
    title: "Save a backup",
    intro:
      "One encrypted file with your keys, your meters\u2019 counts and your own use. The records of the community come from your neighbours again.",
    passphrase: "Passphrase",
    passphraseHint: "At least 10 characters. Without it nobody opens the file, not even we.",
    passphraseShort: (characters: number) =>
      `That is too short: it has ${count(characters, "en")} ${plural("en", characters, { one: "character", other: "characters" })}; make it 10 or more.`,
    repeat: "Passphrase once more",
    differs: "The two are not the same.",
    save: "Save the file",
    working: (percent: string) => `Encrypting: ${percent}`,
    done: "Saved. Keep the file somewhere else than on this device.",
    words: "Your twelve words still bring you back without it, but not your meters\u2019 settings and your own use.",
    demo: "The demo has nothing to keep.",
  },
};
export type CareTexts = typeof care;
