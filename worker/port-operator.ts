/**
 * What the page and the worker say to each other for whoever runs the community (worker/port.ts has the frame): what is to
 * be looked after now, and a month to hand over. Everything is of the chain as this device has it, but for what is said to
 * be its own. Plain data: energy in integer mWh, times in ms since 1970, steps, members and generators by index.
 */

/** A member whose vote the chain has not carried for long, or never. */
export type AwayView = {
  readonly member: number;
  /** The step of its last approval or block; where it has given none, that in which it was admitted. */
  readonly since: number;
  readonly came: boolean;
  /** Still among those whose votes are waited for. */
  readonly counts: boolean;
  /** Connected to this device at this moment: then it is there and does not vote. */
  readonly connected: boolean;
};

/**
 * `late`: other roofs were counted since, in more than four steps (`OperatorView.lateSteps`). `silent`: nothing for a
 * day. `never`: nothing was ever booked.
 */
export type MeterStanding = "counting" | "late" | "silent" | "never";

/** A check of a generator against its MID meter, made on this device. */
export type MeterCheckView = {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly fits: boolean;
};

export type MeterCareView = {
  readonly generator: number;
  readonly owner: number;
  readonly ownerLeft: boolean;
  readonly mine: boolean;
  readonly standing: MeterStanding;
  /** The last step that has energy of it; null where that is none of those at hand (`OperatorView.bookFrom`). */
  readonly lastStep: number | null;
  /** Steps since then in which other roofs were counted. */
  readonly behind: number;
  /** By its registered terms its register moves in steps too coarse for its class and the length of a market step. */
  readonly tooCoarse: boolean;
  readonly check: MeterCheckView | null;
};

/** Steps from `first` to `last`, both included. */
export type StepRange = { readonly first: number; readonly last: number };

/** Energy that is on the chain and in nobody's register yet. */
export type UnbookedView = {
  /** With its cryptometer, not passed on; and with the VPP, not divided. */
  readonly withMetersMwh: number;
  readonly withVppMwh: number;
  /** Oldest step of the two; null where there is none. */
  readonly since: number | null;
  readonly steps: number;
  /** Heard of meters for steps that have their block already: the next block may book it. */
  readonly heardMwh: number;
};

/** All that was ever made is credited, held back as fees, waiting or lost: or something is wrong. */
export type SumsView = {
  readonly generatedMwh: number;
  readonly creditedMwh: number;
  readonly heldBackMwh: number;
  readonly waitingMwh: number;
  readonly lostMwh: number;
  readonly agree: boolean;
};

export type OperatorView = {
  /** What this device's member may do beyond voting. */
  readonly roles: { readonly vpp: boolean; readonly dso: boolean };
  /** The last step that is over, the last that has a block, the last that is final. */
  readonly overStep: number;
  readonly headStep: number;
  readonly finalStep: number;
  readonly present: number;
  /** From so many steps without a vote on, a member is away. */
  readonly awaySteps: number;
  /** Who is away longest first. */
  readonly away: readonly AwayView[];
  readonly voters: { readonly all: number; readonly away: number; readonly needed: number };
  readonly lateSteps: number;
  /** The first step of the book at hand for `MeterCareView.lastStep`. */
  readonly bookFrom: number;
  /** What needs care first. */
  readonly meters: readonly MeterCareView[];
  /** Null where the contract names no grid operator; else the digits of the meters that it has not endorsed. */
  readonly unendorsed: readonly { readonly key: string; readonly name: string }[] | null;
  readonly unbooked: UnbookedView;
  readonly sums: SumsView;
  /** Of the steps of the last day: how many are over, and which have no block; newest first. */
  readonly day: { readonly steps: number; readonly missing: number; readonly gaps: readonly StepRange[] };
  /** So far another clock may be off before what it signs is refused. */
  readonly clockToleranceMs: number;
};

export type MonthAsk = {
  readonly from: number;
  readonly to: number;
  /** Where it goes on: `next` of the part before; null at first. */
  readonly page: number | null;
};

/** Some steps of a month, summed. Parts add up. */
export type MonthPart = {
  /** Steps of the whole time that are over, and how many of them this part and those before it have. */
  readonly of: number;
  readonly done: number;
  readonly next: number | null;
  readonly firstStep: number;
  /** Below `firstStep` where none is over. */
  readonly lastStep: number;
  /** Beginning of the first step that this device keeps. */
  readonly heldFrom: number;
  /** Steps that are over and known; those of before what this device keeps are in none of the sums. */
  readonly steps: number;
  readonly unknownSteps: number;
  readonly missing: number;
  /** At most 100 a part. */
  readonly gaps: readonly StepRange[];
  readonly unfinalSteps: number;
  readonly openSteps: number;
  readonly roofs: readonly { readonly generator: number; readonly mwh: number; readonly estimatedSteps: number }[];
  readonly members: readonly { readonly member: number; readonly mwh: number }[];
  readonly generatedMwh: number;
  readonly creditedMwh: number;
  readonly heldBackMwh: number;
  readonly waitingMwh: number;
  /** What is left of what was made: the loss that the contract states, else nothing. */
  readonly lostMwh: number;
  /** Steps in which more was given than made, or something is missing that the contract does not explain. */
  readonly uneven: number;
};

/** `month`: a line a member and roof; `steps`: a line a step and member, as a grid operator reads it. */
export type MonthFileAsk = MonthAsk & { readonly what: "month" | "steps"; readonly zone: string };
export type MonthFile = {
  readonly csv: string;
  readonly next: number | null;
  readonly done: number;
  readonly of: number;
};
