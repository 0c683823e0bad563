/** The sentences of deciding together: proposals and their effect, rule, terms, neighbours, making blocks, leaving. English. */
import { count, plural } from "../format.ts";
import type { TermCode } from "./remarks.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "en")} ${plural("en", value, { one, other })}`;

const hints: Readonly<Partial<Record<TermCode, string>>> = {
  feePpm: "Of every step\u2019s sun, for whoever writes the step down. 0 means that writing is a favour.",
  lossPpm: "What the grid loses on the way: nobody\u2019s, so that the sums stay true.",
  activityWindow: "After so long without a vote of its device, a member no longer counts towards agreement.",
  weightEnergy: "How much the offered sun counts in the draw for the next writer.",
  weightAge: "How much it counts to have waited long. It must weigh most.",
  weightReputation: "How much it counts to have written often. It must weigh least.",
  tokenValidity:
    "Who does not use its chances in the draw (voting tokens) within so many steps loses them; the sun itself is never lost.",
  ageCap: "Waiting longer than this counts no more.",
  reputationWindow: "Older blocks do not count for reputation.",
  strikes: "So many turns may a member miss before it may not stand any more.",
  rewardDelay: "Fees are held back so long; who cheats meanwhile loses them.",
  ballotWindow: "What is not decided by then has failed.",
  adoptionDelay: "From the decision until it holds.",
  candidacyMarginMs: "Who left out an offer that came at least so long before the gate closed, gets no votes.",
  tickMarginMs: "Who left out a meter\u2019s count that came at least so long before the block, gets no votes.",
};

export const council = {
  run: "Running the community",
  proposals: {
    rule: "Divide the sun in another way",
    ruleMeans: (before: string, after: string) =>
      `Until now it is divided ${before}. Yes means: from the stated step on, it is divided ${after}.`,
    weightsMeans: (how: string, weights: string, from: string | null) =>
      `It stays divided ${how}. Yes means: from ${from ?? "the stated step"} on, ${weights}.`,
    weighs: (name: string, before: string, after: string) => `${name} weighs ${after} instead of ${before}`,
    rotate: (name: string) => `${name} has a new device`,
    rotateMeans: (name: string) =>
      `Yes means: the new device speaks for ${name}, the old one no longer does. What ${name} has had stays. Compare the digits by phone first.`,
    meter: (name: string, owner: string) => `New key for the meter ${name} of ${owner}`,
    meterMeans:
      "Yes means: the meter\u2019s new device is believed. What was counted stays, and counting goes on from there.",
    parameters: (changes: number, first: string) =>
      changes === 1 ? `Change a term: ${first}` : `Change ${n(changes, "term", "terms")} of the contract`,
    parametersMeans: "Yes means: from the stated step on, this holds:",
    pardon: (name: string) => `Let ${name} write steps down again`,
    pardonMeans: (strikes: number) =>
      `Yes means: ${strikes === 0 ? "what was" : n(strikes, "missed turn is", "missed turns are")} forgiven, and the device may stand again.`,
    leave: (name: string) => `${name} is to leave the community`,
    leaveMeans: (name: string) =>
      `Yes means: from the stated step on, ${name} has no share and no vote. What ${name} has had stays on record.`,
    leaveOwn: (name: string) => `${name} leaves the community`,
    leaveOwnMeans: "This needs no vote: nobody has to stay.",
    holdsFrom: (time: string) => `If enough agree in this step, it holds from ${time} on.`,
    hopeless: "More than half have said no: it passes only if somebody changes their vote.",
    openUntil: (time: string) => `Open until ${time}.`,
    changeable: "While the vote is open you can change yours, once in each step.",
    made: "It is proposed",
    madeBody: (time: string) =>
      `It is written down with the step that ends at ${time}. Then it stands under Community, To decide, with your yes on it, and the members vote.`,
    madeSee: "See Community",
    onTheWay: (proposals: number) =>
      `${n(proposals, "proposal of yours is", "proposals of yours are")} on the way: here as soon as this step is written down.`,
  },
  decisions: {
    title: "Decided",
    none: "Nothing has been decided yet.",
    outcome: {
      adopted: (step: string, time: string, votes: string) => `Adopted with step ${step} (${time}): ${votes}.`,
      rejected: (step: string, time: string, votes: string) => `Refused; over with step ${step} (${time}): ${votes}.`,
      expired: (step: string, time: string, votes: string) =>
        `Not decided in time; over with step ${step} (${time}): ${votes}.`,
    },
    votes: (yes: string, needed: string, no: string) => `${yes} yes of ${needed} needed, ${no} no`,
    noVote: "needed no vote",
    from: (step: string, time: string) => `In force from step ${step} (${time}).`,
    since: (step: string, time: string) => `In force since step ${step} (${time}).`,
    earlier: (decisions: number) => n(decisions, "earlier decision", "earlier decisions"),
  },
  rule: {
    equal: "in equal parts",
    fixed: "by weight",
    alike: "by weight (all have the same, so in equal parts)",
    first: (part: string, how: string) => `first ${part} ${how}`,
    next: (part: string, how: string) => `then ${part} of the rest ${how}`,
    rest: (how: string) => `what is left ${how}`,
    inForce: (how: string) => `The sun is divided ${how}.`,
    change: "Change how it is divided",
    title: "How should the sun be divided?",
    intro: "Change it and see at once what it would have meant. The members vote on it; nothing changes before.",
    kind: {
      legend: "The rule",
      options: {
        equal: { label: "In equal parts", hint: "Every member has the same." },
        fixed: { label: "By weight", hint: "Each has its part by a number, for example its part of the investment." },
        mixed: { label: "In rounds", hint: "First a part in one way, then the rest in another; up to three rounds." },
      },
    },
    rounds: "The rounds, one after the other",
    round: (at: number) => `Round ${at}`,
    how: "divides",
    part: "Part of what is left, in per cent",
    partWrong: "Enter a part above 0 and at most 100 per cent.",
    lastRound: "The last round divides all that is left.",
    addRound: "One more round",
    dropRound: "Drop the last round",
    weights: "Weights",
    weightsHint: "Whole numbers. Twice the weight is twice the part.",
    weightOf: (name: string) => `Weight of ${name}`,
    weightWrong: "A weight is a whole number from 0 to 1,000,000; one at least is above 0.",
    propose: "Propose it to the members",
  },
  effect: {
    title: "What it would have meant",
    unfold: "Who gains and who loses how much",
    correct: "Correct what is marked; then you see it here.",
    period: "For the sun of the last seven days",
    since: (date: string) => `For the sun since ${date}`,
    gain: (amount: string) => `You would have had ${amount} more.`,
    lose: (amount: string) => `You would have had ${amount} less.`,
    same: "For you it would have changed less than a thousandth.",
    others: (more: number, less: number) =>
      `${n(more, "household gains", "households gain")}, ${count(less, "en")} ${less === 1 ? "loses" : "lose"}.`,
    unnoticed: "Nobody\u2019s share changes noticeably, that is by a thousandth or more.",
    nothing: "No sun was counted in the last seven days, so here is what each would have of every kWh to come.",
    parts: (after: string, before: string) => `You would have ${after} of each kWh instead of ${before}.`,
    ofKwh: "Of each kWh to come",
    noMeter: "No meter counts for the community yet, so here is what each would have of every kWh to come.",
    none: "It changes nobody\u2019s share.",
    member: "Member",
    before: "So far",
    after: "Then",
    difference: "More or less",
    fee: "For writing steps",
    loss: "Lost in the grid",
  },
  terms: {
    change: "Change the terms",
    title: "Change what we agreed",
    intro:
      "Change what you need; the members vote on it. Length of a step and the delays inside it stay as founded, and so does the time for late energy.",
    groups: {
      money: "Fee and losses",
      agreement: "When a step is agreed",
      writing: "Who writes the steps down",
      ballots: "Votes like this one",
      margins: "What must not be left out",
    },
    hints,
    percent: "in per cent",
    seconds: "in seconds",
    steps: "in steps",
    lasts: (time: string) => `That is ${time}.`,
    changes: "You change",
    noChange: "Nothing is changed yet.",
    fromTo: (before: string, after: string) => `${before} becomes ${after}`,
    wrong: {
      number: "Enter a whole number from 1 to 1,000,000,000.",
      part: "Enter a part from 0 to 100 per cent.",
      order: "Reputation must weigh less than sun, and sun less than waiting.",
      sum: "Fee and losses together are at most 100 per cent.",
      other: "This value does not fit the other terms. Choose another.",
    },
    propose: "Propose it to the members",
  },
  applicant: {
    replaces: "It is a member with a new device",
    which: "Who is it?",
    replacesMeans:
      "The members vote on it. Then the old device no longer speaks for this member; what it has had stays.",
    propose: "Propose the new device",
    refuse: "Refuse",
    refuseMeans: "Refusing hides the request on this device only. The other members can still admit.",
    refused: (requests: number) => n(requests, "refused request", "refused requests"),
    refusedHere: "You refused on this device. The others may still admit.",
    refusedByVote: "The members voted against it. It can be proposed once more.",
    again: "Back to the door",
  },
  neighbour: {
    open: (name: string) => `More about ${name}`,
    had: { before: "So far", after: "of our sun." },
    today: "Today",
    weight: "Weight",
    blocks: "Steps written down",
    last: "Last one",
    never: "none yet",
    state: "State",
    strikes: (strikes: number, allowed: number) =>
      `has missed ${n(strikes, "turn", "turns")} to write a step down; at ${allowed} it gets no more`,
    noStrikes: "has missed no turn",
    barred: (date: string) => `may not write steps down since ${date}`,
    left: (date: string) => `left on ${date}`,
    leftTitle: "Former members",
    digits: "Digits of the device",
    decide: "For the members to decide",
    pardon: "Propose a pardon",
    pardonMeans: "The missed turns are forgiven, and the device may write again.",
    expel: "Propose that this member leaves",
    expelMeans: "Who leaves has no share and no vote any more. The others gain its part.",
    expelSure: "Yes, propose it",
    leaveMe: "Leave the community",
    unknown: "This member is not known here.",
  },
  voting: {
    title: "Writing the steps down",
    intro:
      "One member\u2019s device writes each step down; a draw says whose. With your sun come chances in the draw, called voting tokens: the more sun, and the longer it has waited, the sooner a device is drawn. They are no energy: your share stays yours.",
    summary: {
      auto: "Your device takes part in the draw by itself.",
      all: "Your device uses all its chances, every step.",
      save: "Your device uses only chances that would expire.",
      share: (part: string) => `Your device uses ${part} of its chances.`,
      off: "Your device takes no part in the draw.",
    },
    change: "See and change",
    strategy: {
      legend: "How should your device take part?",
      options: {
        auto: {
          label: "By itself (recommended)",
          hint: "Uses all its chances, and holds back for a while when one more missed turn would bar it.",
        },
        all: { label: "All chances, every step", hint: "The best chance in each draw." },
        save: { label: "Only what would expire", hint: "Saves them for later draws until they are about to lapse." },
        share: { label: "A fixed part", hint: "Keeps a reserve for the steps that follow." },
        off: { label: "Not at all", hint: "Others write. Your sun, your vote and your checks stay as they are." },
      },
    },
    part: "Part in per cent",
    partWrong: "Enter a whole per cent from 1 to 100.",
    save: "Use this from the next step on",
    saved: "Your device does so from the next step on.",
    tokens: "Sun that counts in the draw",
    available: "for the running step",
    expiring: "of it for the last time",
    auctions: "What you used and what came of it",
    columns: { step: "Step", spent: "Used", place: "Place", result: "Result" },
    place: (place: string, of: string) => `${place} of ${of}`,
    wrote: "wrote it down",
    notWrote: "another wrote",
    owed: "did not deliver",
    noAuctions: "Your device has not taken part in the last draws.",
    strikes: (strikes: number, allowed: number) =>
      `Your device was drawn and did not write ${n(strikes, "time", "times")}. At ${allowed} it gets no more turns; a step that it does write wipes them out.`,
    barred:
      "Your device may not write steps down: it missed its turn too often, or signed two different things. The members can pardon it.",
  },
  leaving: {
    title: (community: string) => `Leave ${community}`,
    intro: "There are two different things. Choose what you mean.",
    kind: {
      legend: "What do you want?",
      options: {
        community: {
          label: "Leave the community",
          hint: "You share no more sun with the others. Everybody sees that you have left.",
        },
        device: {
          label: "Only clear this device",
          hint: "You stay a member. For a device that you give away or replace.",
        },
      },
    },
    communityMeans:
      "Nobody has to vote on it. From a step soon after, you have no share and no vote; the others have your part. What you have had so far stays on record, and a meter of yours goes on counting for the community.",
    communityButton: "Leave the community",
    deviceMeans:
      "Deletes keys, records and counts from this device; a meter on it is no longer counted. Your neighbours go on seeing you as a member who is away. With a new device, ask for an invitation: a member then says that it is you.",
    replacedTitle: (community: string) => `This device no longer speaks for you in ${community}`,
    replacedMeans:
      "Your new device does, and what you have had is with it. Clearing deletes keys, records and counts from this one; a meter on it must be paired with the new one. If the new device is not yours, call your neighbours first.",
    wordsTitle: "Clear this device",
    wordsMeans:
      "This device was brought back by words and is not known as a member yet. Clearing deletes the keys made from them; with the right words and an invitation you can try again.",
    applicantTitle: "Take back your request",
    applicantMeans: "You are no member yet. Clearing deletes your keys and the request from this device.",
    aloneMeans:
      "You are the only member: with the keys and records on this device the community ends. What is deleted cannot come back.",
    deviceButton: "Clear this device",
    underWay: (when: string) => `You leave at ${when}. Keep this page open until then, so that the others hear of it.`,
    waiting: "Your farewell is on its way to the others. Keep this page open until it is written down.",
    left: (community: string) => `You have left ${community}.`,
    leftBody: "The others know it. Now you can clear this device: keys, records and counts are deleted from it.",
    confirm: "Name of the community",
    confirmHint: (name: string) => `Type ${name} to confirm.`,
    mismatch: "The name does not match yet.",
    demo: "In the demo there is nothing to leave: end it with the button above.",
  },
  votes: {
    title: "Who checked it",
    body: (quorum: string, voters: string) =>
      `A step is final when ${quorum} of ${voters} have checked it and then confirmed that enough have.`,
    name: "Neighbour",
    approved: "Checked",
    confirmed: "Confirmed",
    yes: "yes",
    no: "not yet",
    none: "Nobody has checked it yet.",
    missingApprovals: (needed: number, names: string) =>
      `Not final yet: ${needed === 1 ? "one more" : `${count(needed, "en")} more`} of these must check it: ${names}.`,
    missingConfirmations: (needed: number, names: string) =>
      `Enough have checked it. To be final, ${needed === 1 ? "one more" : `${count(needed, "en")} more`} of these must confirm: ${names}.`,
    away: (name: string) => `${name} (away)`,
    all: (names: string) => `Checked and confirmed by ${names}.`,
    standIns: "Stand-ins, in the order of the draw",
    standInsBody: "No candidate delivered in time, so others were next in turn.",
    incidents: "What went wrong",
    owed: (name: string, strikes: number) =>
      `${name} was drawn and did not write the step down: a missed turn${strikes > 0 ? `, ${count(strikes, "en")} now` : ""}.`,
    owedBarred: (name: string) => `${name} was drawn, did not write the step down, and may not stand any more.`,
    faults: {
      "two-blocks": (name: string) => `${name} signed two different blocks for one step.`,
      "two-approvals": (name: string) => `${name} checked two different blocks in one round.`,
      "two-confirmations": (name: string) => `${name} confirmed two different blocks in one round.`,
      "two-winners": (name: string) => `${name} signed two different results of one draw.`,
    },
    reported: (name: string) => `${name} showed both signatures`,
    confiscated: (amount: string) => `and has the ${amount} of fees that were held back`,
    barred: "it may not write steps down any more",
  },
};

export type CouncilTexts = typeof council;
