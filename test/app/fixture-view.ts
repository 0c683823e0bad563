/**
 * A believable community for the app's tests and screenshots: a pure maker of views, step details and proofs by
 * time. Nothing here is consensus; it only has the shape of worker/port.ts.
 */
import { PARAMETERS } from "../../worker/community/parameters.ts";
import type {
  BlockView,
  GeneratorView,
  MemberView,
  StepEnergy,
  StepStage,
  TermsView,
  View,
} from "../../worker/port.ts";
import type { MeterView } from "../../worker/port-meter.ts";
import type { EffectView, VotingView } from "../../worker/port-council.ts";

export type FixtureOptions = {
  readonly now: number;
  readonly stepMs: number;
  /** Local midnight before `now`. */
  readonly dayStart: number;
  readonly t0: number;
};

export const NAMES = [
  "Ana",
  "Bruno",
  "Chlo\u00e9",
  "Dirk",
  "Esra",
  "Famke",
  "Guy",
  "H\u00e9l\u00e8ne",
  "Ibrahim",
  "Jo\u00eblle",
  "Karel",
] as const;

/** Hex of any length that is different for each seed. */
export const fixtureHex = (seed: string, digits = 64): string => {
  let state = 2166136261;
  let text = "";
  for (let at = 0; text.length < digits; at++) {
    for (const one of `${seed}:${at}`) state = Math.imul(state ^ one.charCodeAt(0), 16777619) >>> 0;
    text += state.toString(16).padStart(8, "0");
  }
  return text.slice(0, digits);
};

export const sunWatts = (time: number, dayStart: number): number => {
  const hour = (time - dayStart) / 3_600_000;
  const height = Math.sin(((hour - 5.6) / 16.2) * Math.PI);
  if (hour < 5.6 || hour > 21.8 || height <= 0) return 0;
  const cloud = 0.82 + 0.18 * Math.sin(hour * 5.1) - (Math.sin(hour * 2.3 + 1) > 0.86 ? 0.4 : 0);
  return Math.round(9_200 * height ** 1.4 * cloud);
};

export const stageOf = (age: number): StepStage => (age >= 2 ? "final" : age === 1 ? "approved" : "block");

export const energyOf = (step: number, { stepMs, dayStart, t0 }: FixtureOptions): number =>
  Math.round((sunWatts(t0 + (step - 0.5) * stepMs, dayStart) * stepMs) / 3600);

export const currentStep = ({ now, t0, stepMs }: FixtureOptions): number => Math.ceil((now - t0) / stepMs);

export const fixtureToday = (options: FixtureOptions): StepEnergy[] => {
  const { stepMs, t0, dayStart } = options;
  const present = currentStep(options);
  const first = Math.max(1, Math.floor((dayStart - t0) / stepMs) + 1);
  return Array.from({ length: Math.max(0, present - first + 1) }, (_, at): StepEnergy => {
    const step = first + at;
    const running = step === present;
    const generatedMwh = running ? Math.round(energyOf(step, options) * 0.4) : energyOf(step, options);
    return {
      step,
      end: t0 + step * stepMs,
      generatedMwh,
      mineMwh: running ? 0 : Math.round(generatedMwh / 5),
      stage: running ? "candidates" : stageOf(present - 1 - step),
      closed: present - step > 60,
    };
  });
};

export const fixtureMembers = (todayMwh: number): MemberView[] =>
  NAMES.map((name, index) => ({
    index,
    key: fixtureHex(`member-${name}`),
    name,
    me: index === 2,
    weight: index === 4 ? 2 : 1,
    active: index !== 8,
    came: index !== 8,
    online: index % 3 !== 1,
    creditedMwh: 41_300_000 + index * 812_345,
    todayMwh: Math.round((todayMwh / 12.5) * (index === 2 ? 2.6 : 1 - (index % 4) * 0.08)),
    blocksMade: (index * 7) % 19,
    lastBlockStep: null,
    strikes: index === 3 ? 2 : 0,
    barredSince: null,
    leftSince: null,
  }));

export const fixtureTerms = (stepMs: number, t0: number): TermsView => ({
  preset: stepMs >= 900_000 ? "paper" : "fast",
  stepMs,
  t0,
  quorum: "majority",
  lateWindow: 192,
  dso: false,
  iterations: [{ kind: "equal", portionPpm: 1_000_000 }],
  alike: true,
  terms: [
    { code: "stepMs", value: stepMs },
    { code: "publishDelayMs", value: 2_000 },
    { code: "weightEnergy", value: 20 },
    { code: "weightAge", value: 70 },
    { code: "weightReputation", value: 10 },
    { code: "tokenValidity", value: 4 },
    { code: "feePpm", value: 0 },
    { code: "lossPpm", value: 0 },
    { code: "quorumNum", value: 1 },
    { code: "quorumDen", value: 2 },
    { code: "activityWindow", value: 672 },
    { code: "ageCap", value: 672 },
    { code: "reputationWindow", value: 96 },
    { code: "ballotWindow", value: 672 },
    { code: "adoptionDelay", value: 1 },
    { code: "strikes", value: 3 },
    { code: "rewardDelay", value: 16 },
    { code: "candidacyMarginMs", value: 10_000 },
    { code: "tickMarginMs", value: 10_000 },
    { code: "lateWindow", value: 192 },
  ],
});

const NO_CHANGE: EffectView["fee"] = { beforeMwh: 0, afterMwh: 0, beforePpm: 0, afterPpm: 0 };

/** Equal parts against parts by weight, of so much energy. */
export const fixtureEffect = (now: number, mwh: number): EffectView => {
  const members = fixtureMembers(0);
  const sum = members.reduce((total, member) => total + member.weight, 0);
  return {
    from: now - 7 * 86_400_000,
    to: now,
    members: members.map(({ index, name, me, weight }) => ({
      member: index,
      name,
      me,
      beforeMwh: Math.floor(mwh / members.length),
      afterMwh: Math.floor((mwh * weight) / sum),
      beforePpm: Math.floor(1_000_000 / members.length),
      afterPpm: Math.floor((1_000_000 * weight) / sum),
    })),
    fee: NO_CHANGE,
    loss: NO_CHANGE,
  };
};

export const fixtureVoting = (options: FixtureOptions): VotingView => {
  const last = currentStep(options) - 1;
  return {
    strategy: { kind: "auto", sharePpm: 500_000 },
    availableMwh: 1_240_000,
    expiringMwh: 310_000,
    auctions: [1, 4, 2, 3, 1, 5].map((place, at) => ({
      step: last - at * 2,
      end: options.t0 + (last - at * 2) * options.stepMs,
      spentMwh: 1_180_000 - at * 140_000,
      place,
      of: 5,
      wrote: place === 1 && at === 0,
    })),
  };
};

const generators = ({ now, dayStart }: FixtureOptions, todayMwh: number): GeneratorView[] => [
  {
    index: 0,
    key: fixtureHex("generator-south"),
    name: "School roof south",
    owner: 0,
    mine: false,
    registerMwh: 8_412_330_000,
    todayMwh: Math.round(todayMwh * 0.72),
    liveW: Math.round(sunWatts(now, dayStart) * 0.72),
    pMaxW: 9_800,
    lastHeard: now - 4_000,
    standing: "counting",
  },
  {
    index: 1,
    key: fixtureHex("generator-shed"),
    name: "Bicycle shed",
    owner: 3,
    mine: false,
    registerMwh: 1_204_120_000,
    todayMwh: Math.round(todayMwh * 0.28),
    liveW: Math.round(sunWatts(now, dayStart) * 0.28),
    pMaxW: 3_680,
    lastHeard: now - 9_000,
    standing: "counting",
  },
];

export const fixtureBlocks = (options: FixtureOptions, count = 24): BlockView[] => {
  const last = currentStep(options) - 1;
  const blocks: BlockView[] = [];
  for (let at = 0; at < count; at++) {
    const step = last - at - (at >= 7 ? 2 : 0);
    if (step < 1) break;
    const stage = at >= 2 ? "final" : at === 1 ? "approved" : "block";
    blocks.push({
      hash: fixtureHex(`block-${step}`),
      step,
      height: Math.max(1, step - 11),
      time: options.t0 + step * options.stepMs,
      miner: NAMES[(step * 5) % NAMES.length] ?? "Ana",
      member: (step * 5) % NAMES.length,
      rank: at === 4 ? 1 : 0,
      transactions: 7 + (step % 9),
      generatedMwh: energyOf(step, options),
      approvals: at === 0 ? 3 : at === 1 ? 7 : 9 + (step % 3),
      confirmations: at < 2 ? 0 : 7 + (step % 3),
      voters: 11,
      quorum: 6,
      stage,
      gapBefore: at === 6,
    });
  }
  return blocks;
};

export const fixtureMeter = (options: FixtureOptions): MeterView => ({
  id: "meter-1",
  label: "School roof south",
  protocol: "p1",
  state: "counting",
  registerMwh: 8_412_331_000,
  liveW: Math.round(sunWatts(options.now, options.dayStart) * 0.72),
  lastReading: options.now - 1_000,
  generator: 0,
  registered: "yes",
  quantumMwh: 287,
  resolutionMwh: 1_000,
  meetsBudget: false,
  refusedTelegrams: 2,
  lastRefusal: "bad-checksum",
  stop: null,
  countedNotBookedMwh: 312_000,
  role: "generation",
  grid: { registerMwh: 1_204_558_000, liveW: 0 },
});

export const fixtureView = (options: FixtureOptions): View => {
  const { now, stepMs, t0 } = options;
  const today = fixtureToday(options);
  const generated = today.reduce((sum, step) => sum + step.generatedMwh, 0);
  const mine = today.reduce((sum, step) => sum + step.mineMwh, 0);
  const index = currentStep(options);
  const blocks = fixtureBlocks(options);
  const [head] = blocks;
  const final = blocks.find((block) => block.stage === "final");
  const live = sunWatts(now, options.dayStart);
  return {
    phase: "member",
    demo: false,
    zone: null,
    leader: true,
    madeAt: now,
    clockOffsetMs: 38,
    clockUncertaintyMs: 12,
    verifiedAt: now - 4_000,
    problem: null,
    community: {
      ...fixtureTerms(stepMs, t0),
      id: fixtureHex("community"),
      name: "Rue du Soleil 12",
      rule: {
        iterations: fixtureTerms(stepMs, t0).iterations,
        weights: fixtureMembers(0).map(({ index: member, name, weight }) => ({ member, name, weight })),
      },
      changeable: PARAMETERS,
    },
    me: { index: 2, key: fixtureHex("member-Chlo\u00e9"), name: "Chlo\u00e9" },
    step: {
      index,
      start: t0 + (index - 1) * stepMs,
      end: t0 + index * stepMs,
      gateOpening: t0 + (index - 1) * stepMs + stepMs / 30,
      gateClosure: t0 + index * stepMs - stepMs / 15,
      stage: "candidates",
      candidates: 4,
      winner: null,
      winnerMe: false,
    },
    today,
    todayGeneratedMwh: generated,
    todayMineMwh: mine,
    totalMineMwh: 132_400_000 + mine,
    liveCommunityW: live,
    liveMineW: Math.round(live * 0.2),
    members: fixtureMembers(generated),
    generators: generators(options, generated),
    applicants: [],
    proposals: [],
    proposalsOnTheWay: 0,
    decisions: [],
    blocks,
    head: head === undefined ? null : { hash: head.hash, step: head.step, height: head.height },
    final: final === undefined ? null : { hash: final.hash, step: final.step, height: final.height },
    peers: ["Ana", "Dirk", "Guy", "Karel"].map((name, at) => ({
      name,
      key: fixtureHex(`member-${name}`),
      role: "member",
      connectedSince: now - 3_600_000,
      height: Math.max(1, index - 12),
      rttMs: 14 + at * 9,
      offsetMs: at * 7 - 12,
    })),
    signalling: "open",
    meters: [],
    listening: null,
    household: null,
    care: { mended: null, silent: false, space: null, work: null },
    storage: { persisted: false, usedBytes: 4_812_000, quotaBytes: 12_400_000_000 },
    sync: null,
    voting: fixtureVoting(options),
    kind: { now: "full", choice: "auto", reason: "able" },
    light: null,
    keep: { budgetBytes: 256_000_000, usedBytes: 1_950_000, blocks: 905, from: options.dayStart - 9 * 86_400_000 },
    healed: null,
  };
};
