/** The sentences for whoever runs the community: what is to be looked after, a month to hand over. English. */
import { count, plural } from "../format.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "en")} ${plural("en", value, { one, other })}`;

export const operator = {
  title: "Running the community",
  loading: "Looking around\u2026",
  sentence: {
    tasks: (tasks: number) => n(tasks, "thing to do.", "things to do."),
    all: "All meters reported, nothing to do.",
    dark: "The roofs rest, and there is nothing to do.",
    "no-meters": "No meter counts yet, and there is nothing to do.",
    "not-mine": (meters: number) =>
      `Nothing for you to do; ${n(meters, "meter is", "meters are")} being looked for by those who run the community.`,
  },
  tasks: {
    label: "To do",
    sums: {
      title: "The sums do not agree",
      body: "What was made is not what was given, kept back and lost. Rely on no figure of this device: compare with a neighbour\u2019s, and tell the others.",
      button: "See the sums",
    },
    stalled: {
      title: (steps: number) => `${n(steps, "step waits", "steps wait")} for a writer`,
      body: "Somebody\u2019s device has to be open for a step to be written down. Keep this one open and connected.",
      button: "See the connections",
    },
    quorum: {
      title: (away: number, voters: number) => `${count(away, "en")} of ${n(voters, "voter is", "voters are")} away`,
      body: (needed: number) =>
        `Nothing becomes final without ${count(needed, "en")} of them. Ask those in the list below to open the app.`,
      button: "Who is away",
    },
    applicants: {
      title: (names: string) => `${names} at the door`,
      body: "Compare the digits by phone, then admit.",
      button: "Open the door",
    },
    "new-phone": {
      title: (names: string) => `New device of ${names}`,
      body: "A member lost a phone or has a new one. Compare its digits by phone, then vote.",
      button: "Compare and vote",
    },
    ballots: {
      title: (ballots: number) => `${n(ballots, "ballot waits", "ballots wait")} for your vote`,
      body: "Each shows what it would change.",
      button: "Vote",
    },
    unbooked: {
      title: (energy: string) => `${energy} not shared yet`,
      body: (steps: number, since: string) =>
        `Of ${n(steps, "step", "steps")}, the oldest ${since}. Your device holds a VPP key: it divides them with its next step, as long as it is open.`,
      button: "Stand for the next step",
    },
    endorse: {
      title: (names: string) => `Your endorsement is missing: ${names}`,
      body: "The contract asks the grid operator to sign for each meter before it counts. Until then the community cannot take it up.",
      button: "See the meters",
    },
    "await-endorsement": {
      title: (names: string) => `Not endorsed by the grid operator: ${names}`,
      body: "The contract asks the grid operator to sign for each meter before it counts. Ask for it.",
      button: "See the meters",
    },
    "meter-mine": {
      title: (name: string) => `Your meter ${name} is behind`,
      button: "Look at the meter",
    },
    meters: {
      one: (name: string) => `Meter ${name} is behind`,
      title: (meters: number) => `${n(meters, "meter is", "meters are")} behind`,
      call: (owners: string) => `Call ${owners}: is the reader plugged in, is the device beside it on?`,
      button: "See the meters",
      owner: "Its owner",
    },
    check: {
      title: (names: string, meters: number) =>
        meters === 1 ? `Check ${names} against its meter` : `Check ${names} against their meters`,
      body: "Compare what the chain has of it with the meter\u2019s own register.",
      failed: "The last check on this device did not fit. Look for the reason, and check again.",
      button: "Check it",
    },
  },
  month: "Month overview",
  monthBody: "What each roof made and each member was credited, to hand over: on screen, on paper, as a file.",
  openMonth: (month: string) => `Open ${month}`,
  facts: {
    label: "In figures",
    members: (members: number) => plural("en", members, { one: "member", other: "members" }),
    away: (away: number) => `${count(away, "en")} away`,
    noneAway: "none is away",
    meters: (meters: number) => plural("en", meters, { one: "meter", other: "meters" }),
    behind: (behind: number) => `${count(behind, "en")} behind`,
    noneBehind: "none is behind",
    steps: "steps of a day written down",
    final: (time: string) => `final up to ${time}`,
    noFinal: "none is final yet",
    unbooked: "not shared yet",
  },
  away: {
    title: "Members who have not voted for long",
    rule: (time: string) =>
      `Without a vote on the chain for ${time} or more. A device that keeps its own figures only never votes.`,
    none: "Everybody has voted lately.",
    since: (time: string, ago: string) => `last vote ${time}, ${ago}`,
    never: (time: string) => `admitted ${time}, has not voted yet`,
    counts: "its vote is still waited for",
    rests: "no longer waited for",
    connected: "connected here at this moment, so it is there and does not vote",
  },
  meters: {
    title: "Meters",
    rule: (steps: number) =>
      `A meter is late when other roofs were counted in more than ${n(steps, "step", "steps")} since its last one; in the dark none is.`,
    none: "No meter is registered yet.",
    standing: {
      counting: "reports",
      late: (steps: number) => `late: other roofs were counted in ${n(steps, "step", "steps")} since`,
      silent: "silent for a day or more",
      never: "never counted anything",
    },
    last: (time: string) => `last counted ${time}`,
    before: (time: string) => `not counted since ${time} or before`,
    ownerLeft: "its owner has left",
    coarse: "its register moves in steps too coarse for its class",
    unchecked: "never checked against its meter on this device",
    checked: (day: string) => `checked on ${day}: it fits`,
    failed: (day: string) => `checked on ${day}: it did not fit`,
    check: "Check",
    checkLabel: (name: string) => `Check ${name} against its meter`,
    endorsed: "The grid operator has endorsed every meter that counts.",
  },
  gaps: {
    title: "Steps without a block, last day",
    none: "Every step of the last day was written down.",
    rule: "Nobody was there to write. Nothing is lost: the next block takes up what the meters counted.",
    of: (missing: string, steps: string) => `${missing} of ${steps}`,
    steps: (steps: number) => n(steps, "step", "steps"),
  },
  unbooked: {
    title: "Energy in nobody\u2019s register",
    none: "Everything that was counted has been shared.",
    withMeters: "counted, not passed on",
    withVpp: "passed on, not shared",
    heard: "heard late, waits for the next block",
    since: (time: string) => `The oldest is of ${time}.`,
    note: "What the meters count in the step that is under way is not among it.",
  },
  clocks: {
    title: "Clocks",
    rule: (tolerance: string) =>
      `As this device measured them, of the neighbours it is connected to; it does not know the others\u2019. Up to ${tolerance} is fine.`,
    none: "Not connected to anybody: nothing is known of other clocks.",
    unknown: "not measured yet",
    off: "too far off: its owner should switch on automatic time",
    ms: (value: string) => `${value}\u00a0ms`,
  },
  sums: {
    title: "Everything ever made",
    made: "made by the roofs",
    credited: "credited to members",
    heldBack: "fees held back for those who write",
    waiting: "not shared yet",
    lost: "grid losses, as the contract states",
    rest: "left over",
    agree: "It all adds up, to the milliwatt-hour.",
    disagree: "It does not add up.",
  },
  more: (hidden: number) => `Show ${count(hidden, "en")} more`,
  and: (names: number) => `${count(names, "en")} more`,
  sheet: {
    for: (month: string) => `Month overview, ${month}`,
    loading: (part: string) => `Adding up the month: ${part}`,
    sentence: (made: string) => `The roofs made ${made}, and every bit of it is accounted for.`,
    uneven: (made: string) => `The roofs made ${made}, and it does not add up. Do not hand this over.`,
    nothing: "The roofs made nothing in this time.",
    notYet: "There is nothing of this month yet.",
    unknown: (from: string) => `This device does not know this month: what it keeps begins on ${from}.`,
    unknownHow:
      "Ask a member whose device was there then to open this month and hand it over; it is the same on every device.",
    unknownPart: (from: string) =>
      `The days before ${from} are not kept on this device and not in these figures. Do not hand this over: ask a member whose device was there then.`,
    earlier: "Month before",
    later: "Month after",
    print: "Print, or save as PDF",
    file: "Overview as a file (CSV)",
    shares: "Every share of every step (CSV)",
    sharesPart: (part: string) => `Writing the file: ${part}`,
    files:
      "The files and the paper have the names that you see here. They are known to members only: hand them over knowingly.",
    community: "Community",
    communityId: "Number of the community",
    closed: "Closed. The community\u2019s records of this month can no longer change.",
    provisional: "PROVISIONAL. A meter may still deliver late; print again once the month is closed.",
    incomplete: "INCOMPLETE. This device does not have all of this month.",
    running: (until: string) => `up to ${until}`,
    steps: "Steps over",
    missing: "Without a block",
    open: "Not closed",
    final: "Final",
    allFinal: "all of them",
    notFinal: (steps: string) => `all but the last ${steps}`,
    roofs: "Made by each roof, kWh",
    roof: "Roof",
    estimated: "Steps estimated",
    energy: "kWh",
    balance: "Made and given, kWh",
    members: "Credited to each member, kWh",
    member: "Member",
    digits: "Digits of the key",
    number: "No.",
    proof: "Proof",
    proofLabel: (name: string) => `Save the proof file of ${name}`,
    proofHint: "A proof file shows what a member was credited in this month; anybody can check it, offline.",
    noMembers: "Nobody was credited anything.",
    total: "Total",
    verifyHow: (step: string, hash: string) =>
      `Newest final block when printed: step ${step}, hash ${hash}. Any member\u2019s device shows it under Chain.`,
    noFinal: "Nothing was final when this was printed.",
    checkAt: (address: string) =>
      `Each member\u2019s figure is proven by its proof file, which anybody can check at ${address} or with \u201ccommonwatt verify\u201d.`,
    printed: (at: string) => `Printed ${at}. Times are local; a month lasts from midnight to midnight.`,
    meaning:
      "Credited is each member\u2019s share of this month\u2019s energy: what its virtual generation meter gained.",
  },
};

export type OperatorTexts = typeof operator;
