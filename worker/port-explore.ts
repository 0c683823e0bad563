/**
 * The part of the port (worker/port.ts) about looking around: pages of the chain, branches that lost, searches, and what
 * members and meters did over a week. Plain data, energy in mWh, times in ms since 1970, steps by index.
 */
import type { BlockView } from "./port.ts";
import type { TransactionView } from "./port-step.ts";

/** A block beside the main chain, as far as this device still knows of it. */
export type SideBlock = Pick<
  BlockView,
  "hash" | "step" | "height" | "time" | "miner" | "member" | "rank" | "transactions" | "generatedMwh" | "approvals"
>;

/** Blocks that were written beside the main chain: on the same one before, and replaced by others. */
export type ForkView = {
  /** Step of the last block that both have. */
  readonly fromStep: number;
  /** Oldest first, at least one. */
  readonly blocks: readonly SideBlock[];
  /** Steps of the main chain that stand in their place, with who wrote them; oldest first. */
  readonly instead: readonly Pick<BlockView, "hash" | "step" | "time" | "miner" | "member">[];
  /** `open` while the vote could still turn to it. */
  readonly state: "open" | "lost";
};

/** Below a height, or from the head on; so many blocks, at most 60. */
export type ChainPageAsk = { readonly below: number | null; readonly count: number };
export type ChainPage = {
  /** Of the main chain, newest first. */
  readonly blocks: readonly BlockView[];
  readonly forks: readonly ForkView[];
  /** `below` of the next page; null where this device knows of no earlier block. */
  readonly next: number | null;
  /** The first step that this device has a block of, and whether the chain began before. */
  readonly firstStep: number;
  readonly began: boolean;
};

/** `hash`: the first digits of an entry's or a block's hash. `below`: where a longer search goes on. */
export type FindAsk =
  | { readonly kind: "step"; readonly step: number }
  | { readonly kind: "time"; readonly at: number }
  | { readonly kind: "member"; readonly member: number; readonly below: number | null }
  | { readonly kind: "hash"; readonly prefix: string; readonly below: number | null };

export type Found = {
  readonly step: number;
  /** T_i. */
  readonly end: number;
  /** Null where no block closes that step, or this device does not know it. */
  readonly block: BlockView | null;
  /** Why it is in the list. */
  readonly why: "asked" | "wrote" | "owed" | "block" | "entry";
  readonly transaction: TransactionView | null;
};
export type FindView = {
  /** Newest first. */
  readonly found: readonly Found[];
  /** `below` of what follows; null once all that is here was looked through. */
  readonly next: number | null;
  /** The first step that this device has a block of, and whether the chain began before. */
  readonly firstStep: number;
  readonly began: boolean;
  /** Blocks looked at whose entries are not kept on this device any more. */
  readonly bodiless: number;
};

/** One generator over the last seven days, or what this device remembers of them. */
export type GeneratorWeek = {
  readonly index: number;
  readonly mwh: number;
  /** Steps that it was counted in, and of those the ones that had to be estimated. */
  readonly steps: number;
  readonly estimated: number;
  /** From its registration: the smallest step of its register, its largest permissible error, the power from which that holds. */
  readonly resolutionMwh: number;
  readonly mpePpm: number;
  readonly pMinW: number;
  /** The most that its register may fall short in one market step at that power (§IV.B.1), and whether it keeps to it. */
  readonly boundMwh: number;
  readonly meetsBudget: boolean;
  readonly registeredAt: number;
};
export type MemberWeek = {
  readonly member: number;
  readonly mwh: number;
  /** Of each kWh that is divided now, in millionths. */
  readonly partPpm: number;
  readonly blocks: number;
  readonly owed: number;
  /** Fees for blocks it wrote, and its part of the fees that came out of the sun before it was divided. */
  readonly earnedMwh: number;
  readonly paidMwh: number;
};
export type WeekView = {
  readonly from: number;
  readonly to: number;
  readonly generatedMwh: number;
  /** All fees in it; null where entries that would tell are not kept on this device any more. */
  readonly feesMwh: number | null;
  /** By the rule in force. */
  readonly feePpm: number;
  readonly lossPpm: number;
  readonly generators: readonly GeneratorWeek[];
  readonly members: readonly MemberWeek[];
};
