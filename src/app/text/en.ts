/**
 * Every sentence of the app in English; its type is what the other languages must fill completely. Figures come
 * in already formatted. Knows no screens' layout.
 */
import { count, plural } from "../format.ts";
import type { Fraction } from "../sentence.ts";
import type { Remarks } from "./remarks.ts";
import { remarks } from "./en-remarks.ts";
import { own } from "./en-meter.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "en")} ${plural("en", value, { one, other })}`;

export const fractions: Readonly<Record<Fraction, string>> = {
  all: "all",
  "nearly-all": "nearly all",
  "three-quarters": "three quarters",
  "two-thirds": "two thirds",
  half: "half",
  third: "a third",
  quarter: "a quarter",
  fifth: "a fifth",
  sixth: "a sixth",
  eighth: "an eighth",
  tenth: "a tenth",
};

export const en = {
  locale: "en",
  language: "Language",
  skip: "Skip to content",
  nav: { label: "Main", home: "Home", community: "Community", chain: "Chain", meter: "Meter", health: "Health" },
  common: {
    back: "Back",
    cancel: "Cancel",
    copy: "Copy",
    /** Before what a label names. */
    colon: ":",
    copied: "Copied",
    share: "Share",
    reload: "Reload",
    working: "One moment\u2026",
    you: "you",
    table: "As a table",
    none: "none",
    unknown: "not known yet",
  },
  starting: {
    title: "Opening your community\u2026",
    slow: "This takes longer than usual. Your data is safe on this device; if nothing happens, reload.",
  },
  crash: {
    title: "This screen has stopped.",
    body: "Your keys, your meter\u2019s counts and the community\u2019s records are safe on this device. Reloading usually helps.",
  },
  missing: {
    title: "This screen is not on this device yet.",
    body: "Connect to the internet once and reload: from then on it opens offline too.",
  },
  update: {
    ready: "A new version is ready.",
    button: "Update",
    gap: "Your meter is sending pulses. The new version comes in the next gap between two of them, so that none is lost.",
  },
  install: {
    label: "Home screen",
    offer: "Keep Commonwatt on your home screen: it opens at once and works offline.",
    menu: "Keep Commonwatt on your home screen: tap Share below, then \u201cAdd to Home Screen\u201d. It opens at once and works offline.",
    button: "Install",
    later: "Not now",
  },
  demo: {
    label: "Demo",
    banner: "nothing here is real",
    howBody:
      "Four simulated neighbours share two roofs. Ten seconds stand for a quarter of an hour: a day of sun lasts ten minutes, and the next morning follows at once. The neighbours vote on what you propose within half a minute: yes, unless it leaves them less, and never to put a neighbour out.",
    again: "The page was loaded anew, so the demo began again.",
    leave: "Leave the demo",
  },
  home: {
    /** Said where this device's clock shows another time. */
    timesOf: (place: string) => `Times are those of ${place}.`,
    shared: (fraction: Fraction | null, percent: string, roofs: number) => {
      const part = fraction === null ? percent : fractions[fraction];
      return {
        before: "You have had",
        after: `of our sun today, ${part} of what ${roofs > 1 ? "our roofs" : "the roof"} made.`,
      };
    },
    notMineYet: {
      before: "The roof has made",
      after: "today. Your part comes as soon as the members have agreed on it.",
    },
    noSunYet: { before: "No sun on the roof yet today. So far you have had", after: "of our sun." },
    empty: { after: "Soon your share of the sun stands here. This is a sample day." },
    sample: "Sample day: nothing below is measured yet",
    sampleBody: "Each bar is a quarter of an hour: all of it is what the roof made, the filled foot is your share.",
    firstSoon: (time: string) =>
      `Nothing is counted yet: the first step is being measured until ${time}. Soon after, its shares stand here.`,
    firstStep: "Nothing is counted yet. The first share comes when a meter is paired.",
    pairFirst: "Pair a meter",
    inviteFirst: "Invite a neighbour",
    picture: "The day",
    pictureLabel: (made: string, mine: string) => `The roof made ${made}, of which ${mine} were yours.`,
    legendMade: "made by the roof",
    legendMine: "my share",
    legendHatched: "being agreed",
    legendFinal: "final",
    ranges: { quarter: "Newest", hour: "Hour", day: "Day" },
    rangeLabel: "Time shown",
    tap: "Tap a bar to see how it was counted.",
    columns: { time: "Until", made: "Roof", mine: "Mine", state: "State" },
    certainty: { hatched: "being agreed", agreed: "agreed", final: "final" },
    now: "Now",
    liveCommunity: "from the roof",
    liveMine: "of it mine",
    noLive: "Nothing comes from the roof at this moment.",
    /** How long a step lasts is said where the word is first met. */
    step: (lasts: string) => `This step of ${lasts}`,
    ends: (time: string) => `until ${time}`,
    stationNames: {
      measured: "Measured",
      candidates: "Candidates",
      winner: "Winner",
      approved: "Agreed",
      final: "Final",
    },
    stageWords: {
      measuring: "The meters are counting.",
      candidates: (candidates: number) =>
        candidates === 0
          ? "Who writes this step down? Nobody has offered yet."
          : `${n(candidates, "neighbour offers", "neighbours offer")} to write this step down.`,
      winner: (name: string) => `${name} will write this step down.`,
      winnerMe: "Your device will write this step down.",
      winnerUnknown: "The next writer is chosen.",
      waiting: "Counted. It is being written down.",
      block: "Written down. The neighbours are checking it.",
      approved: "Most neighbours have checked it.",
      final: "Final: it cannot change any more.",
    },
    lastStep: "Last step",
    allRight: "Everything is all right.",
    silent: {
      says: (meter: string, owner: string | null, ago: string | null) =>
        `${owner === null ? "Your meter" : `${owner}\u2019s meter`} ${meter} is silent${ago === null ? "" : `: last heard ${ago}`}.`,
      pairAgain: "If this device is to read it, pair your meter again.",
      pair: "Pair your meter again",
    },
    lastVerified: (ago: string) => `Last verified ${ago}.`,
    neverVerified: "Nothing verified yet.",
    offline: "You are offline.",
    fetching: "The records have still to come from the neighbours.",
    syncing: (done: string, of: string) => `Catching up: ${done} of ${of} steps checked.`,
    total: "Since you joined",
    today: "Roof today",
  },
  blocked: { title: "The app cannot go on by itself.", leave: "Leave, or clear this device" },
  welcome: {
    title: "Share the sun on your roof with your neighbours.",
    body: "Commonwatt counts what the roof makes, divides it as you agreed, and keeps the record on the members\u2019 own devices. No company in between, no account.",
    create: "Create a community",
    invited: "I have an invitation",
    before: "I have used Commonwatt before",
    cleared: (name: string) =>
      `This browser has cleared what it kept of \u201c${name}\u201d. Your neighbours still have the records, and your sun is safe with them: your twelve words or a backup file bring you back.`,
    forget: "That is over: forget it here",
    demo: "See the demo",
    verify: "Check a proof file",
    picture: "A sunny day, as the app draws it",
  },
  own,
  admitted: {
    title: (community: string) => `You are admitted to ${community}.`,
    body: "From now on each step of the sun has a share of yours, and your vote counts.",
  },
  healed: {
    title: "You are back with the others.",
    body: (blocks: number, from: string, to: string) =>
      `Your device had been cut off and went on by itself. ${n(blocks, "step", "steps")} (${from} to ${to}) that it had written down ${blocks === 1 ? "was" : "were"} replaced by what the community agreed on. Nothing is lost: what the meters counted is booked again.`,
    dismiss: "Understood",
    see: "See the steps",
  },
  problems: remarks.problems,
};

/** What every language must fill, and a first visit needs. */
export type FirstTexts = Omit<typeof en, "problems"> & Remarks;
