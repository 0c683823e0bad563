/**
 * What the screens show (worker/port.ts), made from one node's chain and the device around it. Everything energetic
 * comes from the chain or the device's own meter. Reads, never changes.
 */
import { stepIndex, type GeneratorIndex, type MemberIndex } from "../base/units.ts";
import { endOf, gateClosure, gateOpening, startOf, stepAt } from "../community/market-step.ts";
import { quorumOf } from "../community/contract.ts";
import { expectedShares } from "../ledger/energy.ts";
import { key, numberOf } from "../ledger/rows.ts";
import type { Core } from "../node/core.ts";
import type { Summary } from "../node/lines.ts";
import type { BlockView, GeneratorView, MemberView, PeerView, StepEnergy, View } from "../port.ts";
import { applicantsOf } from "./applicants.ts";
import { firstOf, type Books } from "./books.ts";
import { communityView } from "./contract-view.ts";
import {
  blockStage,
  isClosed,
  isOnline,
  nameOfGenerator,
  nameOfKey,
  nameOfMember,
  onTheWay,
  ownMember,
  stageOf,
  timeOf,
} from "./lookup.ts";
import { sumOfLive } from "./live-power.ts";
import { skyOf, standingOf } from "./standing.ts";
import type { Decisions } from "./decisions.ts";
import type { Notices } from "./notices.ts";
import { decisionViews, proposalViews, type Effects } from "./proposals.ts";
import { votingView } from "./voting.ts";

/** Steps of today that a view carries: a `fast` community makes thousands a day. */
const MAX_TODAY = 360;
const MAX_BLOCKS_SHOWN = 60;

type Day = {
  readonly steps: StepEnergy[];
  readonly generated: number;
  readonly mine: number;
  readonly byMember: Map<number, number>;
  readonly byGenerator: Map<number, number>;
};

/** The book since `dayStart`, summed; of the steps themselves only the last MAX_TODAY. */
const dayOf = (core: Core, books: Books, dayStart: number, now: number): Day => {
  const { contract, chain } = core;
  // Who has left today has had its share of the day all the same.
  const me = ownMember(core)?.index ?? null;
  const running = stepAt(contract, now);
  const first = firstOf(core, dayStart);
  const early = books.early(core, dayStart);
  const byMember = new Map<number, number>(early.byMember);
  const day: Day = { steps: [], generated: 0, mine: 0, byMember, byGenerator: new Map(early.byGenerator) };
  let [generated, mine] = [early.generated, me === null ? 0 : (early.byMember.get(me as MemberIndex) ?? 0)];
  for (let step = first; step <= running; step++) {
    const book = chain.state.get("book", key(step));
    const made = book?.generated.reduce((sum, g) => sum + g.mwh, 0) ?? 0;
    const own = book?.shares.find((s) => s.member === me)?.mwh ?? 0;
    for (const s of book?.shares ?? []) day.byMember.set(s.member, (day.byMember.get(s.member) ?? 0) + s.mwh);
    for (const g of book?.generated ?? [])
      day.byGenerator.set(g.generator, (day.byGenerator.get(g.generator) ?? 0) + g.mwh);
    generated += made;
    mine += own;
    if (running - step >= MAX_TODAY) continue;
    const live = made > 0 ? made : step === running || book === undefined ? heardIn(core, step) : 0;
    day.steps.push({
      step,
      end: endOf(contract, step),
      generatedMwh: live,
      mineMwh: made > 0 ? own : shareOf(core, me, step, live),
      stage: stageOf(core, step, now),
      closed: isClosed(core, step),
    });
  }
  return { ...day, generated, mine };
};

/** What ticks say was generated in a step that no block has booked yet: the real-time flow of §II.B. */
const heardIn = (core: Core, step: number): number => {
  let sum = 0;
  for (const ticks of core.pool.ticks.values())
    for (const t of ticks) if (t.body.step === step) sum += t.body.to - t.body.from;
  return sum;
};

/** A member's part of what a step makes, by the rule of that step and as a distribution will say it: without fee and loss. */
const shareOf = (core: Core, member: number | null, step: number, amount: number): number => {
  if (member === null || amount <= 0) return 0;
  const expected = expectedShares(core.chain.state, stepIndex(step), amount);
  return expected?.shares.find((share) => share.member === member)?.mwh ?? 0;
};

/** Our part of a power, W. */
export const liveShareOf = (core: Core, watts: number | null): number | null =>
  watts === null ? null : Math.round(shareOf(core, core.me, stepAt(core.contract, core.now), watts * 1_000) / 1_000);

const MWH_MS_PER_W = 3_600;
/** Power between the last two ticks heard of a generator; not known when the last is more than a step old. */
const liveOf = (core: Core, generator: number, now: number): number | null => {
  const beats = core.pool.pulse.get(generator as GeneratorIndex) ?? [];
  const [a, b] = beats.slice(-2);
  if (a === undefined || b === undefined) return null;
  return now - b.at > core.contract.stepMs * 1.5
    ? null
    : Math.max(0, Math.round(((b.register - a.register) * MWH_MS_PER_W) / (b.at - a.at)));
};

const generatorsOf = (core: Core, day: Day, now: number): GeneratorView[] => {
  const sky = skyOf(core);
  return core.chain.state.scan("generator").map(([k, row]) => {
    const index = numberOf(k);
    const { standing, lastStep } = standingOf(core, index, row, sky);
    const heard = core.pool.pulse.get(index as GeneratorIndex)?.at(-1)?.at ?? 0;
    // A block may book what this device did not hear.
    const lastHeard = Math.max(heard, lastStep === null ? 0 : timeOf(core, lastStep));
    return {
      index,
      key: row.terms.key,
      name: nameOfGenerator(core, index),
      owner: row.terms.owner,
      mine: row.terms.owner === core.me,
      registerMwh: row.register,
      todayMwh: day.byGenerator.get(index) ?? 0,
      liveW: liveOf(core, index, now),
      pMaxW: row.terms.pMaxW,
      lastHeard: lastHeard === 0 ? null : lastHeard,
      standing,
    };
  });
};

const membersOf = (core: Core, day: Day): MemberView[] => {
  const active = new Set(core.chain.state.get("voters", "")?.members ?? []);
  return core.chain.state.scan("member").map(([k, row]) => {
    const index = numberOf(k);
    const me = row.key === core.keys.memberKey;
    return {
      index,
      key: row.key,
      name: nameOfKey(core, row.key),
      me,
      weight: row.weight,
      active: active.has(index as never),
      came: me || row.approved !== null || row.blocks > 0,
      online: isOnline(core, index),
      creditedMwh: row.meter,
      todayMwh: day.byMember.get(index) ?? 0,
      blocksMade: row.blocks,
      lastBlockStep: row.blocks === 0 ? null : row.lastBlock,
      strikes: row.strikes,
      barredSince: row.barred === null ? null : timeOf(core, row.barred),
      leftSince: row.left === null ? null : startOf(core.contract, row.left),
    };
  });
};

export const blockView = (core: Core, line: Summary): BlockView => {
  const { chain, contract, summaries } = core;
  const node = chain.tree.get(line.hash);
  const live = node !== undefined && line.height > chain.final.header.height;
  const { approvals, confirmations, voters } = live ? chain.finality.tallyOf(node) : line;
  return {
    hash: line.hash,
    step: line.step,
    height: line.height,
    time: endOf(contract, line.step),
    miner: nameOfMember(core, line.miner),
    member: line.miner,
    rank: line.rank,
    transactions: line.transactions,
    generatedMwh: line.generatedMwh,
    approvals,
    confirmations,
    voters,
    quorum: quorumOf(contract, voters),
    stage: blockStage(core, line),
    gapBefore: line.step > (summaries.stepOf(line.height - 1) ?? 0) + 1,
  };
};

const peersOf = (core: Core): PeerView[] =>
  [...core.peers.values()].map((p) => ({
    name: nameOfKey(core, p.identity.key),
    key: p.identity.key,
    role: p.identity.role,
    connectedSince: p.since,
    height: p.status?.height ?? null,
    rttMs: p.rtt,
    offsetMs: p.offset,
  }));

const median = (values: readonly number[]): number | null =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;

/** The community's clock minus ours: the median of what the neighbours' pings say. */
export const clockOffset = (core: Core): { offset: number; uncertainty: number | null } => {
  const offsets = [...core.peers.values()].flatMap((p) => (p.offset === null ? [] : [p.offset]));
  const half = [...core.peers.values()].flatMap((p) => (p.rtt === null ? [] : [Math.ceil(p.rtt / 2)]));
  return { offset: median(offsets) ?? 0, uncertainty: half.length === 0 ? null : Math.min(...half) };
};

export type ChainPart = Omit<
  View,
  | "phase"
  | "demo"
  | "zone"
  | "leader"
  | "problem"
  | "meters"
  | "listening"
  | "household"
  | "storage"
  | "signalling"
  | "kind"
  | "care"
  | "keep"
>;

/** Of a device that keeps nothing of a chain. */
export const EMPTY: ChainPart = {
  madeAt: 0,
  clockOffsetMs: 0,
  clockUncertaintyMs: null,
  verifiedAt: null,
  community: null,
  me: null,
  step: null,
  today: [],
  todayGeneratedMwh: 0,
  todayMineMwh: 0,
  totalMineMwh: 0,
  liveCommunityW: null,
  liveMineW: null,
  members: [],
  generators: [],
  applicants: [],
  proposals: [],
  proposalsOnTheWay: 0,
  decisions: [],
  blocks: [],
  head: null,
  final: null,
  peers: [],
  sync: null,
  voting: null,
  healed: null,
  light: null,
};

/** What a device keeps from one view to the next. */
export type Kept = {
  readonly effects: Effects;
  readonly notices: Notices;
  readonly decisions: Decisions;
  readonly books: Books;
};

export const chainPart = (core: Core, kept: Kept, dayStart: number, now: number): ChainPart => {
  const { chain, contract, me } = core;
  const day = dayOf(core, kept.books, dayStart, now);
  const generators = generatorsOf(core, day, now);
  const liveCommunityW = sumOfLive(generators);
  const running = stepAt(contract, now);
  const winner = core.winnerFor(running)?.body.ranking[0];
  const { offset, uncertainty } = clockOffset(core);
  const best = Math.max(0, ...[...core.peers.values()].map((p) => p.status?.height ?? 0));
  const { head, final } = chain;
  const headView = (n: typeof head) => ({ hash: n.hash, step: n.header.step, height: n.header.height });
  return {
    madeAt: now,
    clockOffsetMs: offset,
    clockUncertaintyMs: uncertainty,
    verifiedAt: core.verifiedAt,
    community: communityView(core, now),
    me: { index: me, key: core.keys.memberKey, name: nameOfKey(core, core.keys.memberKey) },
    step: {
      index: running,
      start: startOf(contract, running),
      end: endOf(contract, running),
      gateOpening: gateOpening(contract, running),
      gateClosure: gateClosure(contract, running),
      stage: stageOf(core, running, now),
      candidates: core.pool.candidacies(chain.head.hash, running).length,
      winner: winner === undefined ? null : nameOfMember(core, winner),
      winnerMe: winner !== undefined && winner === me,
    },
    today: day.steps,
    todayGeneratedMwh: day.generated,
    todayMineMwh: day.mine,
    totalMineMwh: ownMember(core)?.row.meter ?? 0,
    liveCommunityW,
    liveMineW: liveShareOf(core, liveCommunityW),
    members: membersOf(core, day),
    generators,
    applicants: applicantsOf(core, kept.notices, kept.decisions.all),
    proposals: proposalViews(core, kept.effects, now),
    proposalsOnTheWay: onTheWay(core),
    decisions: decisionViews(core, kept.decisions.all),
    blocks: core.summaries
      .newest(MAX_BLOCKS_SHOWN)
      .reverse()
      .map((line) => blockView(core, line)),
    head: headView(head),
    final: headView(final),
    peers: peersOf(core),
    sync: best > head.header.height + 1 ? { done: head.header.height, of: best } : null,
    voting: votingView(core, now),
    healed: kept.notices.healed,
    light: null,
  };
};
