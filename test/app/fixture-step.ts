/** One step of the believable community, in full, and the proof of an entry. Pure. */
import { spokenKey } from "../../worker/base/spoken-key.ts";
import type { StepDetail, TransactionView } from "../../worker/port-step.ts";
import type { ProofFileView, ProofView } from "../../worker/port-proof.ts";
import {
  currentStep,
  energyOf,
  fixtureBlocks,
  fixtureHex,
  NAMES,
  stageOf,
  type FixtureOptions,
} from "./fixture-view.ts";

const transaction = (kind: string, by: string, step: number, mwh: number | null): TransactionView => ({
  id: fixtureHex(`${kind}-${by}-${step}`),
  kind,
  by,
  step,
  mwh,
  detail: {},
});

export const fixtureDetail = (options: FixtureOptions, step: number): StepDetail => {
  const mwh = energyOf(step, options);
  const block = fixtureBlocks(options).find((one) => one.step === step) ?? null;
  const present = currentStep(options);
  const end = options.t0 + step * options.stepMs;
  const race = [
    ["Famke", 0.61, 0.22, 0.31, 0.08, 0.29],
    ["Karel", 0.48, 0.1, 0.3, 0.08, 0.41],
    ["Ana", 0.52, 0.3, 0.14, 0.08, 0.77],
    ["Chlo\u00e9", 0.33, 0.12, 0.15, 0.06, 0.93],
  ] as const;
  return {
    step,
    start: end - options.stepMs,
    end,
    stage: step >= present ? "candidates" : stageOf(present - 1 - step),
    closed: present - step > 60,
    block,
    kept: "all",
    ranking: race.map(([name]) => name),
    shares: NAMES.map((member, at) => ({ member, mwh: Math.round(mwh / 11) + at * 3, me: at === 2 })),
    generators: [
      { name: "School roof south", mwh: Math.round(mwh * 0.72), signedAt: end },
      { name: "Bicycle shed", mwh: mwh - Math.round(mwh * 0.72), signedAt: end },
    ],
    candidates: race.map(([name, w, wEnergy, wAge, wReputation, u], rank) => ({
      name,
      tokensMwh: Math.round(wEnergy * 4_000_000),
      ageSteps: Math.round(wAge * 90),
      reputation: 3,
      w,
      wEnergy,
      wAge,
      wReputation,
      u,
      rank,
      delivered: rank === (block?.rank ?? 0),
    })),
    voters:
      block === null
        ? []
        : NAMES.slice(0, block.stage === "final" ? 9 : 11).map((name, at) => ({
            name,
            me: at === 2,
            online: at % 3 !== 1,
            approved: block.stage !== "block" || at < 3,
            confirmed: block.stage === "final" ? at < 8 : at < 2 && block.stage === "approved",
          })),
    missing:
      block === null || block.stage === "final"
        ? null
        : {
            what: block.stage === "block" ? "approvals" : "confirmations",
            needed: 3,
            of: NAMES.slice(3, 8).map((name, at) => ({ name, online: at < 3 })),
          },
    standIns: [],
    owed: block !== null && block.rank > 0 ? [{ name: "Famke", strikes: 1, barred: false }] : [],
    evidence:
      block !== null && block.rank > 0
        ? [{ offender: "Ibrahim", fault: "two-blocks", reporter: "Ana", confiscatedMwh: 214_000 }]
        : [],
    transactions:
      block === null
        ? []
        : [
            transaction("generation", "School roof south", step, Math.round(mwh * 0.72)),
            transaction("transfer", "School roof south", step, Math.round(mwh * 0.72)),
            transaction("generation", "Bicycle shed", step, mwh - Math.round(mwh * 0.72)),
            transaction("transfer", "Bicycle shed", step, mwh - Math.round(mwh * 0.72)),
            transaction("distribution", "Ana", step, mwh),
            transaction("candidacy", "Famke", step, null),
            transaction("candidacy", "Karel", step, null),
            transaction("winner", "Ana", step, null),
          ],
  };
};

export const fixtureProof = (options: FixtureOptions, step: number, id: string): ProofView => {
  const found = fixtureDetail(options, step).transactions.find((one) => one.id === id);
  return {
    transaction: found ?? transaction("generation", "School roof south", step, 1_084_000),
    ok: true,
    leaf: id,
    path: [
      { side: "right", hash: fixtureHex("sibling-0") },
      { side: "left", hash: fixtureHex("sibling-1") },
      { side: "right", hash: fixtureHex("sibling-2") },
    ],
    txRoot: fixtureHex(`root-${step}`),
    blockHash: fixtureHex(`block-${step}`),
    signature: "valid",
    headerSignature: "valid",
  };
};

/** What a proof file of Chloé's day says. */
export const fixtureProofFile = (options: FixtureOptions): ProofFileView => {
  const [from, to] = [8 * 96 + 1, 9 * 96];
  const credits = Array.from({ length: 60 }, (_, i) => {
    const step = from + 20 + i;
    const mwh = 20_000 + ((i * 7_919) % 61) * 1_000;
    return { step, height: step - 11, transaction: fixtureHex(`credit-${step}`), mwh };
  });
  return {
    community: { id: fixtureHex("community"), name: "Rue du Soleil 12", founders: 1 },
    handOvers: 3,
    final: {
      hash: fixtureHex("final"),
      height: 911,
      step: 922,
      time: options.t0 + 922 * options.stepMs,
      confirmed: 8,
      quorum: 6,
      voters: 11,
    },
    member: {
      index: 2,
      key: fixtureHex("member-key"),
      digits: spokenKey(fixtureHex("member-key")),
      registerMwh: 214_330_000,
    },
    claim: {
      from,
      to,
      begin: options.t0 + (from - 1) * options.stepMs,
      end: options.t0 + to * options.stepMs,
      mwh: credits.reduce((sum, credit) => sum + credit.mwh, 0),
      closed: false,
    },
    credits,
    blocks: credits.length,
    signatures: { checked: 59, vouched: 1 },
  };
};
