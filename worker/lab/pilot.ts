/**
 * A pilot: one real node a member, generators' measured energy through cryptometers, all market steps in virtual time,
 * and then the questions a coordinator and a grid operator ask of the result. Nothing is skipped in validation.
 */
import type { Bls } from "../base/bls-scheme.ts";
import { cryptometerSecret } from "../base/keys.ts";
import { assert } from "../base/result.ts";
import { mwh, type Hash, type Millis } from "../base/units.ts";
import { communityId, type Contract } from "../community/contract.ts";
import { endOf } from "../community/market-step.ts";
import { allocationAt, repartition } from "../community/repartition.ts";
import { allocationsOf } from "../ledger/allocations.ts";
import type { MeterTerms } from "../node/desk.ts";
import { replay, type Profile } from "../metering/sources/replay.ts";
import type { CryptometerConfig } from "../metering/cryptometer.ts";
import type { BookRow } from "../ledger/rows.ts";
import { settlementCsv } from "../settlement/csv.ts";
import { Books } from "../shell/books.ts";
import { openMemory } from "../storage/memory.ts";
import type { Series } from "./profile-file.ts";
import { LabCommunity, labContract, memberKeys } from "./community.ts";
import { createVerifier, engineOn, VerdictMemory } from "../shell/verifier.ts";
import { SharedVerifier } from "./shared-verifier.ts";
import { VirtualTime } from "./virtual-time.ts";

export type PilotPlan = {
  readonly members: number;
  readonly generators: readonly Series[];
  readonly consumers: readonly Series[];
  readonly intervalMs: number;
  readonly start: Millis;
  readonly seed: string;
  /** Step of the generators' registers; 1,000 is a P1 port's 1 Wh. */
  readonly registerMwh: number;
};
export type PilotResult = {
  readonly steps: number;
  readonly stepsWithBlock: number;
  readonly heads: readonly Hash[];
  readonly finalHeight: number;
  readonly generatedMwh: number;
  readonly distributedMwh: number;
  readonly fileMwh: number;
  readonly members: readonly {
    name: string;
    creditedMwh: number;
    byHandMwh: number;
    usedMwh: number;
    blocks: number;
  }[];
  /** Of what was shared, what members used in the same step; null without consumption columns. */
  readonly usedAtOnceMwh: number | null;
  readonly settlement: string;
  readonly checks: readonly { name: string; ok: boolean }[];
};
export type Progress = (step: number, of: number, generatedMwh: number) => void;

/** Readings between the ends of steps: the real-time flow, twice a step. */
const READ_EVERY_MS = 450_000;
const LATENCY_MS = 30;
/** In one room half of the usual neighbours are plenty, and no half of the community is ever cut off from the other. */
const MESH = { degree: 4, exploreMs: 86_400_000 };

const peakOf = (series: Series, intervalMs: number): number => {
  const most = series.energies.reduce((a, b) => Math.max(a, b), 0);
  return Math.max(1_000, Math.ceil((most * 3_600 * 12) / (intervalMs * 10)));
};

const termsOf = (plan: PilotPlan, series: Series): MeterTerms => ({
  resolutionMwh: plan.registerMwh,
  pMinW: 57,
  mpePpm: 20_000,
  pMaxW: peakOf(series, plan.intervalMs),
});

const configOf = (contract: Contract, terms: MeterTerms): CryptometerConfig => ({
  stepMs: contract.stepMs,
  t0: contract.t0,
  quantumMwh: mwh(Math.max(terms.resolutionMwh, 287)),
  mode: contract.metering,
  tickMinMs: READ_EVERY_MS,
  graceMs: Math.min(contract.publishDelayMs / 2, 500),
  journalMs: READ_EVERY_MS,
  pMaxW: terms.pMaxW,
  resolutionMwh: terms.resolutionMwh,
});

/** Registers at the ends of steps as the replayed meter shows them: what the rule by hand starts from. */
const boundaryGains = (plan: PilotPlan, contract: Contract, series: Series): number[] => {
  const gains: number[] = [];
  let last = 0;
  for (const reading of replay(profileOf(plan, series), {
    t0: contract.t0,
    stepMs: contract.stepMs,
    cadenceMs: contract.stepMs,
    resolutionMwh: plan.registerMwh,
  })) {
    if (reading.at === contract.t0) last = reading.registerMwh;
    else {
      gains.push(reading.registerMwh - last);
      last = reading.registerMwh;
    }
  }
  return gains;
};
const profileOf = (plan: PilotPlan, series: Series): Profile => ({
  start: plan.start,
  intervalMs: plan.intervalMs,
  energies: series.energies,
});

/** @param bls what signs, adds up and checks votes and draws: noble, or what agrees with it on every byte. */
export const runPilot = async (
  plan: PilotPlan,
  bls: Bls,
  progress: Progress,
  stop: AbortSignal,
): Promise<PilotResult | null> => {
  const time = new VirtualTime(plan.start, plan.seed);
  const keys = Array.from({ length: plan.members }, (_, i) => memberKeys(plan.seed, i));
  const meters = plan.generators.map((series, g) => ({
    owner: g % plan.members,
    terms: termsOf(plan, series),
    series,
  }));
  assert(meters.length <= plan.members, "each member reads at most one generator");
  const length = plan.generators[0]?.energies.length ?? 0;
  const signed = labContract(keys, { name: "Pilot", preset: "paper", quorum: "majority", t0: plan.start }, meters, {
    // The whole pilot stays open in the book, so that its settlement can be written at the end.
    lateWindow: Math.max(192, Math.ceil((length * plan.intervalMs) / 900_000) + 8),
  });
  const { contract } = signed;
  const steps = Math.floor((length * plan.intervalMs) / contract.stepMs);
  const lab = new LabCommunity({
    time,
    signed,
    keys,
    community: communityId(contract),
    latency: () => LATENCY_MS,
    mesh: MESH,
    bls,
    verifier: new SharedVerifier(time, createVerifier(new VerdictMemory(), engineOn(bls))),
  });
  for (let i = 0; i < plan.members; i++) await lab.start(i);
  for (const { owner, terms, series } of meters) {
    const { runner } = lab.node(owner);
    const secret = cryptometerSecret(lab.inhabitant(owner).keys.seed, 0);
    await runner.order({
      kind: "add-meter",
      meter: series.column,
      label: series.column,
      keyNumber: 0,
      config: configOf(contract, terms),
      terms,
      secret,
    });
    for (const reading of replay(profileOf(plan, series), {
      t0: contract.t0,
      stepMs: contract.stepMs,
      cadenceMs: READ_EVERY_MS,
      resolutionMwh: plan.registerMwh,
    })) {
      time.at(reading.at, () => runner.reading(series.column, reading.registerMwh, reading.at));
    }
  }
  for (let step = 1; step <= steps; step++) {
    await time.runUntil(endOf(contract, step) + contract.publishDelayMs);
    lab.check();
    if (stop.aborted) return null;
    progress(step, steps, lab.node(0).core.chain.state.get("totals", "")?.generated ?? 0);
  }
  // The last block's votes travel a little longer; the gate of the next step stays shut.
  await time.runUntil(endOf(contract, steps) + contract.openDelayMs - 1);
  lab.check();
  return resultOf(plan, contract, lab, steps);
};

const byHand = (plan: PilotPlan, contract: Contract, lab: LabCommunity, steps: number): Map<number, number> => {
  const sums = new Map<number, number>();
  const gains = plan.generators.map((series) => boundaryGains(plan, contract, series));
  const rules = allocationsOf(lab.node(0).core.chain.state);
  for (let step = 1; step <= steps; step++) {
    const rule = allocationAt(rules, step as never);
    const total = gains.reduce((sum, g) => sum + (g[step - 1] ?? 0), 0);
    if (rule === undefined) continue;
    for (const share of repartition(mwh(total), rule))
      sums.set(share.member, (sums.get(share.member) ?? 0) + share.mwh);
  }
  return sums;
};

/** Members' use in the step in which their share was made: computed here, from data that never was on the chain. */
const usedAtOnce = (plan: PilotPlan, contract: Contract, books: ReadonlyMap<number, BookRow>): Map<number, number> => {
  const used = new Map<number, number>();
  const perInterval = plan.intervalMs / contract.stepMs;
  for (const [step, { shares }] of books) {
    const interval = Math.floor((step - 1) / perInterval);
    for (const { member, mwh: share } of shares) {
      const use = Math.floor((plan.consumers[member]?.energies[interval] ?? 0) / perInterval);
      used.set(member, (used.get(member) ?? 0) + Math.min(use, share));
    }
  }
  return used;
};

const resultOf = async (
  plan: PilotPlan,
  contract: Contract,
  lab: LabCommunity,
  steps: number,
): Promise<PilotResult> => {
  const { core } = lab.node(0);
  const books = await new Books(await openMemory({ disk: lab.inhabitant(0).disk })).between(core, 1, steps);
  const { chain } = core;
  const heads = lab.open.map((n) => n.core.chain.head.hash);
  const totals = chain.state.get("totals", "") ?? { generated: 0, distributed: 0, lost: 0 };
  const floor = (series: Series): number => {
    const sum = series.energies.reduce((a, e) => a + e, 0);
    return sum - (sum % plan.registerMwh);
  };
  const fileMwh = plan.generators.reduce((sum, s) => sum + floor(s), 0);
  const hand = byHand(plan, contract, lab, steps);
  const used = usedAtOnce(plan, contract, books);
  const nameOf = (i: number): string => plan.consumers[i]?.column ?? `member${i + 1}`;
  const members = chain.state.scan("member").map(([, row], i) => ({
    name: nameOf(i),
    creditedMwh: row.meter as number,
    byHandMwh: hand.get(i) ?? 0,
    usedMwh: used.get(i) ?? 0,
    blocks: row.blocks,
  }));
  const withBlock = core.summaries.slice(1).filter((s, i) => s.step === i + 1).length;
  const winners = new Set(core.summaries.slice(1).map((s) => s.miner));
  const consumed = plan.consumers.length === 0 ? null : members.reduce((sum, m) => sum + m.usedMwh, 0);
  return {
    steps,
    stepsWithBlock: withBlock,
    heads,
    finalHeight: chain.final.header.height,
    generatedMwh: totals.generated,
    distributedMwh: totals.distributed,
    fileMwh,
    members,
    usedAtOnceMwh: consumed,
    settlement: settlementCsv(books, contract, nameOf),
    checks: [
      { name: "every market step has its block", ok: withBlock === steps && chain.head.header.step === steps },
      {
        name: "all nodes have the same final head",
        ok: new Set(lab.open.map((n) => n.core.chain.final.hash)).size === 1 && chain.final.hash === chain.head.hash,
      },
      { name: "all that was generated was distributed", ok: totals.generated === totals.distributed + totals.lost },
      { name: "the total is the file's own, rounded to the register", ok: totals.generated === fileMwh },
      {
        name: "each member's total is the rule applied by hand",
        ok: members.every((m) => m.creditedMwh === m.byHandMwh),
      },
      // In fewer steps the same member may well be drawn each time.
      ...(plan.members > 1 && steps >= 2 * plan.members ? [{ name: "winners differ", ok: winners.size > 1 }] : []),
    ],
  };
};
