/** The sentences of the member's energy over time and of its statement. English; loaded with these screens. */
import { count, plural } from "../format.ts";
import type { Fraction } from "../sentence.ts";
import { fractions } from "./en.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "en")} ${plural("en", value, { one, other })}`;

export const energy = {
  title: "My energy",
  /** Around the figure; the period stands above. */
  shared: (fraction: Fraction | null, percent: string, roofs: number) => ({
    before: "You had",
    after: `of our sun, ${fraction === null ? percent : fractions[fraction]} of what ${roofs > 1 ? "our roofs" : "the roof"} made.`,
  }),
  notMine: { before: "The roof made", after: "in this time; none of it was yours." },
  noSun: "The roof made nothing in this time.",
  /** Nothing of the time is over, or nothing has begun. */
  notYet: "There is nothing of this time yet.",
  unknown: (from: string) => `This device does not know this time: what it keeps begins on ${from}.`,
  unknownPart: (from: string) => `What was before ${from} is not kept on this device and not in these figures.`,
  loading: "Adding up\u2026",
  spanLabel: "Length of time",
  spans: { day: "Day", week: "Week", month: "Month", year: "Year" },
  earlier: { day: "Day before", week: "Week before", month: "Month before", year: "Year before" },
  later: { day: "Day after", week: "Week after", month: "Month after", year: "Year after" },
  date: "Go to",
  pictureLabel: (made: string, mine: string, bars: number) =>
    `${n(bars, "bar", "bars")}: the roof made ${made}, of which ${mine} were yours. The table below has each.`,
  tap: { day: "Tap a bar to open that day.", month: "Tap a bar to open that month." },
  columns: {
    day: "Day",
    month: "Month",
    made: "Roof",
    mine: "Mine",
    use: "My use",
    grid: "From the grid",
    state: "State",
  },
  facts: "In figures",
  made: "made by the roof",
  mine: "my share",
  part: "of what the roof made",
  home: "At home in this time",
  since: (from: string) => `Your own meter has been read since ${from}; what was before is not in these figures.`,
  notRead: "Your own meter was not read in this time.",
  closed: "Closed: these figures can no longer change.",
  provisional: "Provisional: a meter may still deliver late.",
  file: "Save as a file (CSV)",
  statement: "Statement to print",
  statementFor: (period: string) => `Statement of ${period}`,
  sheet: {
    print: "Print, or save as PDF",
    hint: "One A4 page a month.",
    community: "Community",
    communityId: "Number of the community",
    member: "Member",
    digits: "Digits of the key",
    registers: "Registers, kWh",
    share: "My share of the sun (virtual generation meter)",
    roof: (name: string) => `Generator ${name}`,
    begin: "At the beginning",
    end: "At the end",
    gained: "Difference",
    notKnown: "not on this device",
    days: "Day by day, kWh",
    columns: {
      day: "Day",
      made: "Community",
      mine: "My share",
      use: "Use",
      own: "From share",
      grid: "From grid",
      face: "Supplier sees",
    },
    total: "Total",
    running: (until: string) => `up to ${until}`,
    closed: "Closed. The community\u2019s records of this month can no longer change.",
    provisional: "PROVISIONAL. A meter may still deliver late; print again once the month is closed.",
    dayOpen: "day not closed",
    useNote: (estimated: number, missing: number) =>
      `Use, from share, from grid and what the supplier sees (market face meter) were counted by the member\u2019s own meter and computed on the member\u2019s device; they are not in the community\u2019s records. ${n(estimated, "step is", "steps are")} estimated, ${n(missing, "was", "were")} not read and left out.`,
    missingDays: (from: string) => `Days before ${from} are not kept on this device and stand empty.`,
    verify: "To verify",
    verifyHow: (step: string, hash: string, lasts: string) =>
      `Newest final block when printed: step ${step}, hash ${hash}. Any member\u2019s device shows this block under Chain, and each step of ${lasts} with its proof.`,
    open: (address: string) =>
      `The share of a month is proven by its proof file, which anybody can check at ${address} or with \u201ccommonwatt verify\u201d.`,
    proof: "Save its proof file",
    proofSaved: (energy: string, until: string) => `Saved. It proves ${energy}: all that is final, up to ${until}.`,
    proofLess: (energy: string) =>
      `The total below has ${energy} more, of steps that are not final yet. Save the proof again later.`,
    proofCheck: "Check the proof",
    proofOpen: "Until the month is closed the proof file may say less than this page: it has only what is final.",
    noFinal: "Nothing was final when this was printed.",
    printed: (at: string) => `Printed ${at}. Times are local; a day lasts from midnight to midnight.`,
    page: (page: string, of: string) => `${page} of ${of}`,
    nothing: "There is nothing of this time to state.",
  },
};

export type EnergyTexts = typeof energy;
