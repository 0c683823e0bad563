/**
 * The part of the port (worker/port.ts) about deciding together: the sharing rule, proposals and their effect, what a
 * member asks for, how its device stands for making blocks. Plain data, energy in mWh, times in ms since 1970.
 */

/** The rule by which every step's sun is divided (§IV.B.2, table I). */
export type RuleView = {
  /** One after the other, each a part of what those before left; the last one all of it. */
  readonly iterations: readonly { readonly kind: "fixed" | "equal"; readonly portionPpm: number }[];
  readonly weights: readonly { readonly member: number; readonly name: string; readonly weight: number }[];
};

export type Applicant = {
  readonly key: string;
  readonly name: string;
  readonly since: number;
  readonly proposed: boolean;
  /** This device was told to refuse, and the other members still see the request; or the members voted against it. */
  readonly refused: "here" | "by-vote" | null;
};

/** What a ballot is about, with what is in force now beside what is proposed. */
export type ProposalWhat =
  | { readonly kind: "member"; readonly name: string; readonly key: string; readonly weight: number }
  | { readonly kind: "generator"; readonly name: string; readonly owner: string; readonly pMaxW: number }
  | { readonly kind: "rule"; readonly before: RuleView; readonly after: RuleView }
  /** `key`: the new one, whose digits the members compare. */
  | { readonly kind: "rotate"; readonly name: string; readonly key: string }
  | { readonly kind: "meter"; readonly name: string; readonly owner: string; readonly key: string }
  | {
      readonly kind: "parameters";
      readonly changes: readonly { readonly code: string; readonly before: number; readonly after: number }[];
    }
  | { readonly kind: "pardon"; readonly name: string; readonly strikes: number; readonly barredSince: number | null }
  | { readonly kind: "leave"; readonly name: string; readonly me: boolean; readonly own: boolean };

/** The energy, and of each kWh in millionths: what there is to say before anything was counted. */
export type EffectChange = {
  readonly beforeMwh: number;
  readonly afterMwh: number;
  readonly beforePpm: number;
  readonly afterPpm: number;
};

/**
 * What a proposal would have meant for the energy of the last seven days, or of what there is: by the rule in force now
 * and by the proposed one. What the members, the fee and the loss gain and lose sums to nothing.
 */
export type EffectView = {
  readonly from: number;
  readonly to: number;
  /** `member` is its index; of a new neighbour the one it would get. */
  readonly members: readonly ({
    readonly member: number;
    readonly name: string;
    readonly me: boolean;
  } & EffectChange)[];
  /** For those who write the steps down. */
  readonly fee: EffectChange;
  readonly loss: EffectChange;
};

export type ProposalView = {
  readonly id: string;
  readonly by: string;
  readonly what: ProposalWhat;
  /** Null where it changes nobody's share, and once it is decided. */
  readonly effect: EffectView | null;
  readonly yes: number;
  readonly no: number;
  readonly needed: number;
  readonly mine: "yes" | "no" | null;
  /** From when it holds: once adopted as decided, before that as it would if enough agreed in the running step. */
  readonly fromStep: number;
  /** The last step whose block may still adopt it. */
  readonly untilStep: number;
  readonly state: "open" | "adopted";
};

/** What was decided, as the chain has it. */
export type DecisionView = {
  readonly id: string;
  readonly by: string;
  readonly what: ProposalWhat;
  readonly outcome: "adopted" | "rejected" | "expired";
  readonly yes: number;
  readonly no: number;
  readonly needed: number;
  /** Of the block that decided, and that from which it holds; null where it was not adopted. */
  readonly step: number;
  readonly fromStep: number | null;
};

/** A change that a member asks for. Of `parameters` only those that change. */
export type ActionAsk =
  | {
      readonly kind: "rule";
      readonly iterations: RuleView["iterations"];
      readonly weights: readonly { readonly member: number; readonly weight: number }[];
    }
  | { readonly kind: "parameters"; readonly changes: Readonly<Record<string, number>> }
  | { readonly kind: "pardon"; readonly member: number }
  /** Oneself: needs no ballot. */
  | { readonly kind: "leave"; readonly member: number };

/** How this device offers its voting tokens for making blocks; `sharePpm` counts for `share` only. */
export type StrategyKind = "auto" | "all" | "save" | "share" | "off";
export type StrategyView = { readonly kind: StrategyKind; readonly sharePpm: number };

export type VotingView = {
  readonly strategy: StrategyView;
  /** Own voting tokens that the candidacy for the running step may spend, and those of them that no later one may. */
  readonly availableMwh: number;
  readonly expiringMwh: number;
  /** Own candidacies that a block decided, newest first, at most 12. `place` counts from 1. */
  readonly auctions: readonly {
    readonly step: number;
    readonly end: number;
    readonly spentMwh: number;
    readonly place: number;
    readonly of: number;
    readonly wrote: boolean;
  }[];
};

/** A reorganisation as a person would tell it: what this device held was replaced by what the others agreed on. */
export type HealedView = {
  readonly at: number;
  readonly blocks: number;
  readonly firstStep: number;
  readonly lastStep: number;
};
