/**
 * The two presets (PROTOCOL.md §2): `paper` as the grid operator counts, `fast` for demos and tests. A preset is a
 * set of terms, nothing more; every one of them can be chosen otherwise.
 */
import { millis, type Millis } from "../base/units.ts";
import { CONTRACT_VERSION, type Contract, type MemberTerms } from "./contract.ts";
import { PPM } from "./repartition.ts";

export type Preset = "paper" | "fast";
export type Quorum = "majority" | "two-thirds";

type Terms = Omit<Contract, "version" | "name" | "t0" | "members" | "generators" | "dso" | "quorumNum" | "quorumDen">;

const COMMON = {
  weightEnergy: 20,
  weightAge: 70,
  weightReputation: 10,
  tokenValidity: 4,
  feePpm: 0,
  lossPpm: 0,
  ageCap: 672,
  reputationWindow: 96,
  metering: "per-step",
  iterations: [{ kind: "fixed", portionPpm: PPM }],
  adoptionDelay: 1,
  strikes: 3,
  rewardDelay: 16,
} as const;

export const PRESETS: Readonly<Record<Preset, Terms>> = {
  paper: {
    ...COMMON,
    stepMs: 900_000,
    openDelayMs: 30_000,
    closeLeadMs: 60_000,
    distributeDelayMs: 1_000,
    publishDelayMs: 2_000,
    takeoverMs: 5_000,
    candidacyMarginMs: 10_000,
    tickMarginMs: 10_000,
    activityWindow: 672,
    lateWindow: 192,
    ballotWindow: 672,
  },
  fast: {
    ...COMMON,
    stepMs: 10_000,
    openDelayMs: 1_000,
    closeLeadMs: 3_000,
    // A P1 port speaks once a second: the first reading after T_i must be in time for the block.
    distributeDelayMs: 1_200,
    publishDelayMs: 1_500,
    takeoverMs: 1_000,
    candidacyMarginMs: 2_000,
    tickMarginMs: 2_000,
    activityWindow: 672,
    lateWindow: 60,
    ballotWindow: 672,
  },
};

/** T_0: the beginning of the interval that `now` lies in, so that what runs already is the first market step. */
export const firstStep = (now: Millis, stepMs: number): Millis => millis(Math.floor(now / stepMs) * stepMs);

export type ContractAsk = {
  readonly name: string;
  readonly preset: Preset;
  readonly quorum: Quorum;
  readonly t0: Millis;
  readonly members: readonly MemberTerms[];
  readonly generators?: Contract["generators"];
};

/** Not yet validated: what a person typed may still be refused by `validateContract`. */
export const contractFrom = (ask: ContractAsk): Contract => ({
  version: CONTRACT_VERSION,
  name: ask.name.trim(),
  t0: ask.t0,
  ...PRESETS[ask.preset],
  quorumNum: ask.quorum === "majority" ? 1 : 2,
  quorumDen: ask.quorum === "majority" ? 2 : 3,
  members: ask.members,
  generators: ask.generators ?? [],
  dso: null,
});
