/** Pages, searches and the week of the believable community. Pure. */
import type { ChainPage, ChainPageAsk, FindAsk, FindView, ForkView, WeekView } from "../../worker/port-explore.ts";
import { fixtureDetail } from "./fixture-step.ts";
import { currentStep, fixtureBlocks, fixtureHex, fixtureMembers, NAMES, type FixtureOptions } from "./fixture-view.ts";

const fixtureFork = (options: FixtureOptions): ForkView => {
  const step = currentStep(options) - 4;
  const side = (at: number, member: number) => ({
    hash: fixtureHex(`side-${at}`),
    step: at,
    height: at - 11,
    time: options.t0 + at * options.stepMs,
    miner: NAMES[member] ?? "Ana",
    member,
    rank: 1,
    transactions: 6,
    generatedMwh: 1_400_000,
    approvals: 3,
  });
  const instead = fixtureBlocks(options).filter((one) => one.step === step || one.step === step + 1);
  return {
    fromStep: step - 1,
    blocks: [side(step, 5), side(step + 1, 7)],
    instead: instead.toReversed(),
    state: "lost",
  };
};

export const fixturePage = (options: FixtureOptions, { below, count }: ChainPageAsk): ChainPage => {
  const all = fixtureBlocks(options, 400);
  const blocks = all.filter((block) => below === null || block.height < below).slice(0, count);
  const next = blocks.at(-1)?.height ?? 1;
  return {
    blocks,
    forks: below === null ? [fixtureFork(options)] : [],
    next: blocks.length < count ? null : next,
    firstStep: all.at(-1)?.step ?? 1,
    began: true,
  };
};

export const fixtureFind = (options: FixtureOptions, ask: FindAsk): FindView => {
  const blocks = fixtureBlocks(options, 120);
  const rest = { next: null, firstStep: blocks.at(-1)?.step ?? 1, began: true, bodiless: 0 };
  const end = (step: number): number => options.t0 + step * options.stepMs;
  if (ask.kind === "member") {
    const wrote = blocks.filter((block) => block.member === ask.member);
    return {
      ...rest,
      found: wrote.map((block) => ({ step: block.step, end: block.time, block, why: "wrote", transaction: null })),
    };
  }
  if (ask.kind === "hash") {
    const block = blocks[5] ?? null;
    const transaction = block === null ? null : (fixtureDetail(options, block.step).transactions[0] ?? null);
    if (block === null || transaction === null || ask.prefix.startsWith("0000"))
      return { ...rest, found: [], bodiless: 31 };
    return { ...rest, found: [{ step: block.step, end: block.time, block, why: "entry", transaction }] };
  }
  const step = ask.kind === "step" ? ask.step : Math.ceil((ask.at - options.t0) / options.stepMs);
  const block = blocks.find((one) => one.step === step) ?? null;
  return { ...rest, found: [{ step, end: end(step), block, why: "asked", transaction: null }] };
};

export const fixtureWeek = ({ now }: FixtureOptions): WeekView => ({
  from: now - 7 * 86_400_000,
  to: now,
  generatedMwh: 214_000_000,
  feesMwh: 2_140_000,
  feePpm: 10_000,
  lossPpm: 0,
  generators: [0, 1].map((index) => ({
    index,
    mwh: index === 0 ? 154_080_000 : 59_920_000,
    steps: 391 - index * 6,
    estimated: index * 3,
    resolutionMwh: index === 0 ? 100 : 1_000,
    mpePpm: 20_000,
    pMinW: 57,
    boundMwh: 284,
    meetsBudget: index === 0,
    registeredAt: now - 40 * 86_400_000,
  })),
  members: fixtureMembers(0).map(({ index }) => ({
    member: index,
    mwh: 19_200_000 + index * 41_000,
    partPpm: 90_000,
    blocks: 40 + ((index * 7) % 19),
    owed: index === 3 ? 2 : 0,
    earnedMwh: 120_000 + ((index * 7) % 19) * 9_000,
    paidMwh: 194_545,
  })),
});
