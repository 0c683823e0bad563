/** One market step in full, as screens show it (worker/port.ts has the frame). Energy in mWh, time in ms, steps by index. */
import type { BlockView, StepStage } from "./port.ts";

export type TransactionView = {
  readonly id: string;
  readonly kind: string;
  readonly by: string;
  readonly step: number;
  readonly mwh: number | null;
  /** Plain sentence parts, translated on the page by `kind`. */
  readonly detail: Readonly<Record<string, string | number>>;
};

export type CandidateView = {
  readonly name: string;
  readonly tokensMwh: number;
  readonly ageSteps: number;
  readonly reputation: number;
  /** W_k, its three terms and U_k, as decimals for reading only; the chain holds exact integers. */
  readonly w: number;
  readonly wEnergy: number;
  readonly wAge: number;
  readonly wReputation: number;
  readonly u: number;
  readonly rank: number;
  readonly delivered: boolean;
};

export type VoterView = {
  readonly name: string;
  readonly me: boolean;
  readonly online: boolean;
  readonly approved: boolean;
  readonly confirmed: boolean;
};

/** Two things one member signed of which an honest one signs only one (§IV.C). */
export type EvidenceView = {
  readonly offender: string;
  readonly fault: "two-blocks" | "two-approvals" | "two-confirmations" | "two-winners";
  readonly reporter: string;
  readonly confiscatedMwh: number;
};

export type StepDetail = {
  readonly step: number;
  readonly start: number;
  readonly end: number;
  readonly stage: StepStage;
  readonly closed: boolean;
  readonly block: BlockView | null;
  /** `line`: only who wrote it and how much; `nothing`: it is of before what this device keeps. */
  readonly kept: "all" | "line" | "nothing";
  readonly shares: readonly { readonly member: string; readonly mwh: number; readonly me: boolean }[];
  readonly generators: readonly { readonly name: string; readonly mwh: number; readonly signedAt: number | null }[];
  /** Empty also once their figures have left the chain's state: then `ranking` says who they were. */
  readonly candidates: readonly CandidateView[];
  /** As the block's winner entry names them, best first. */
  readonly ranking: readonly string[];
  /** The voters while the step is open; of a final one those whose votes the chain carries. */
  readonly voters: readonly VoterView[];
  /** Until the step is final: how many more must check or confirm it, and who has not yet. */
  readonly missing: {
    readonly what: "approvals" | "confirmations";
    readonly needed: number;
    readonly of: readonly { readonly name: string; readonly online: boolean }[];
  } | null;
  /** The stand-ins up to the one that wrote the block, where no candidate did; empty otherwise. */
  readonly standIns: readonly string[];
  /** Candidates before the writer that did not deliver: each got a strike. */
  readonly owed: readonly { readonly name: string; readonly strikes: number; readonly barred: boolean }[];
  readonly evidence: readonly EvidenceView[];
  readonly transactions: readonly TransactionView[];
};
