/** The sentences of looking around: searches, branches that lost, what is kept, the week, pictures of neighbours. English. */
import { count, plural } from "../format.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "en")} ${plural("en", value, { one, other })}`;

export const explore = {
  search: {
    title: "Find a step",
    by: "Look for",
    kinds: { time: "Time", step: "Number", member: "Member", hash: "Hash" },
    time: "Day and time",
    step: "Number of the step",
    member: "Who wrote it",
    hash: "First digits of an entry\u2019s or a block\u2019s hash",
    hashHint: "Four at least: 0 to 9 and a to f.",
    wrong: {
      time: "Choose a day and a time since the community began.",
      step: "Enter the number of a step that has begun.",
      hash: "Enter at least four digits, 0 to 9 and a to f.",
    },
    button: "Find",
    looking: (steps: string) => `Looking through the steps on this device: ${steps} so far\u2026`,
    stop: "Stop",
    more: "Look further back",
    none: "Nothing found in what this device keeps.",
    found: (steps: number) => n(steps, "find", "finds"),
    numbered: (step: string) => `Step ${step}`,
    wrote: "wrote it down",
    owed: "was drawn and did not write it down",
    noBlock: "No block closes this step on this device.",
    blockHash: "The block of this step",
    bodiless: (blocks: number) =>
      `Of ${n(blocks, "step", "steps")} this device has let the single entries go: there it could not look.`,
    before: (date: string) => `Of the time before ${date} this device keeps no steps. A neighbour\u2019s device may.`,
  },
  fork: {
    lost: (steps: number) => `${n(steps, "step was", "steps were")} written here and replaced.`,
    open: (steps: number) => `${n(steps, "step stands", "steps stand")} beside the chain: the vote is still open.`,
    by: (time: string, name: string) => `${time} by ${name}`,
    checked: (members: number) => `${n(members, "member", "members")} had checked it`,
    instead: (names: string) => `In its place stands what ${names} wrote.`,
    unknown: "What stands in its place is not on this device.",
    energy: "No energy is lost by it: what the meters counted is booked again.",
  },
  ribbon: {
    begin: "Here the community began.",
    begins: (date: string) => `Here this device begins: the steps before ${date} are with neighbours who were there.`,
    writers: "Who wrote these steps",
    writer: (name: string, steps: number) => `${name}: ${n(steps, "step", "steps")}`,
    legend: "As wide as the step\u2019s sun. Hatched while it is still being checked.",
  },
  kept: {
    line: "Of this step this device keeps who wrote it and how much it was; its single entries have been let go to save space.",
    nothing:
      "This device keeps nothing of this step: it came later, or has begun anew. A neighbour\u2019s device may have it.",
    ranking: "The order of the draw; its figures are no longer kept.",
  },
  division: {
    title: "Who has how much",
    intro: "Of each kWh that the roof makes, by the rule in force.",
    compare: "Beside it: as it would be by the proposal.",
    which: "Proposal",
    member: "Member",
    now: "Now",
    after: "Then",
    week: "Last seven days",
    weekSince: (date: string) => `Since ${date}`,
    change: "More or less",
    fee: "For writing steps",
    loss: "Lost in the grid",
  },
  week: {
    title: "What each did in the last seven days",
    titleSince: (date: string) => `What each did since ${date}`,
    member: "Member",
    written: "Steps written",
    owed: "Missed",
    earned: "Fees earned",
    paid: "Fees paid",
    noFee: "No fee is agreed: writing a step down is a favour.",
    fee: (part: string, sum: string) => `Who writes a step down has ${part} of its sun: ${sum} in all.`,
    feeUnknown: (part: string) =>
      `Who writes a step down has ${part} of its sun. This device no longer keeps every entry that would say how much that was.`,
  },
  generator: {
    today: "today",
    live: "now",
    health: {
      never: "It has not been heard yet.",
      silent: (ago: string) => `Silent: last heard ${ago}.`,
      well: (steps: string) => `Well: counted in ${steps} steps of the last seven days, none of them estimated.`,
      estimated: (estimated: string, steps: string) =>
        `Counted in ${steps} steps of the last seven days; ${estimated} of them estimated, because it was not read in time.`,
      dark: "Nothing was counted in the last seven days.",
    },
    accuracy: (part: string, step: string) => `Right to ${part}, read in steps of ${step}.`,
    fine: "Fine enough for every step.",
    tooShort: "The steps are too short for any meter to be exact in each; sums over a day are right.",
    coarse: (bound: string) => `Too coarse for a step: it would have to be read in steps of at most ${bound}.`,
  },
  face: {
    title: "Picture on this device",
    body: "A photo or a colour makes a neighbour easy to find. It stays on this device: nobody else sees it, and it is not in the records.",
    photo: "Choose a photo",
    another: "Choose another photo",
    colour: "Colour",
    none: "none",
    colours: ["violet", "plum", "moss", "olive", "brown", "indigo"],
    remove: "Remove the picture",
    wrong: "This is no picture that the browser can read. Choose another.",
    full: "There is no room for it on this device.",
  },
};

export type ExploreTexts = typeof explore;
