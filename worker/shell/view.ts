/**
 * What the screens show (worker/port.ts), made from one node's chain and the device around it. Everything energetic
 * comes from the chain or the device's own meter. Reads, never changes.
 */
import { mwh, type GeneratorIndex } from "../base/units.ts";
import { endOf, gateClosure, gateOpening, startOf, stepAt } from "../community/market-step.ts";
import { quorumOf } from "../community/contract.ts";
import { PRESETS } from "../community/presets.ts";
import { allocationAt, repartition } from "../community/repartition.ts";
import { allocationsOf } from "../ledger/allocations.ts";
import { ballotsNeeded, countBallots } from "../ledger/governance.ts";
import { key, numberOf, type ProposalRow } from "../ledger/rows.ts";
import type { Core, Summary } from "../node/core.ts";
import type {
  BlockView,
  CommunityView,
  GeneratorView,
  MemberView,
  PeerView,
  ProposalView,
  StepEnergy,
  View,
} from "../port.ts";
import {
  blockStage,
  isClosed,
  isProposed,
  nameOfGenerator,
  nameOfKey,
  nameOfMember,
  ownBallot,
  stageOf,
} from "./lookup.ts";

/** Steps of today that a view carries: a `fast` community makes thousands a day. */
const MAX_TODAY = 360;
const MAX_BLOCKS_SHOWN = 60;

const communityView = (core: Core): CommunityView => {
  const { contract } = core;
  const preset = (["paper", "fast"] as const).find(
    (p) => PRESETS[p].stepMs === contract.stepMs && PRESETS[p].lateWindow === contract.lateWindow,
  );
  const terms = Object.entries(contract).flatMap(([code, value]) =>
    typeof value === "number" && code !== "version" && code !== "t0" ? [{ code, value }] : [],
  );
  return {
    id: core.chain.community,
    name: contract.name,
    preset: preset ?? "custom",
    stepMs: contract.stepMs,
    t0: contract.t0,
    quorum: contract.quorumNum * 2 === contract.quorumDen ? "majority" : "two-thirds",
    lateWindow: contract.lateWindow,
    terms,
  };
};

type Day = {
  readonly steps: StepEnergy[];
  readonly generated: number;
  readonly mine: number;
  readonly byMember: Map<number, number>;
  readonly byGenerator: Map<number, number>;
};

/** The book since `dayStart`, summed; of the steps themselves only the last MAX_TODAY. */
const dayOf = (core: Core, dayStart: number, now: number): Day => {
  const { contract, chain, me } = core;
  const running = stepAt(contract, now);
  const first = Math.max(1, stepAt(contract, dayStart) + (dayStart <= contract.t0 ? 0 : 1));
  const day: Day = { steps: [], generated: 0, mine: 0, byMember: new Map(), byGenerator: new Map() };
  let [generated, mine] = [0, 0];
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
      mineMwh: made > 0 ? own : shareOf(core, live),
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

/** Our part of an amount by the rule in force. */
const shareOf = (core: Core, amount: number): number => {
  const { me, chain } = core;
  const rule = me === null ? undefined : allocationAt(allocationsOf(chain.state), stepAt(core.contract, core.now));
  return rule === undefined || amount <= 0
    ? 0
    : (repartition(mwh(amount), rule).find((s) => s.member === me)?.mwh ?? 0);
};

const MWH_MS_PER_W = 3_600;
/** Power between the last two ticks heard of a generator; 0 when the last is more than a step old. */
const liveOf = (core: Core, generator: number, now: number): number | null => {
  const beats = core.pool.pulse.get(generator as GeneratorIndex) ?? [];
  const [a, b] = beats.slice(-2);
  if (a === undefined || b === undefined) return null;
  return now - b.at > core.contract.stepMs * 1.5
    ? 0
    : Math.max(0, Math.round(((b.register - a.register) * MWH_MS_PER_W) / (b.at - a.at)));
};

const generatorsOf = (core: Core, day: Day, now: number): GeneratorView[] =>
  core.chain.state.scan("generator").map(([k, row]) => {
    const index = numberOf(k);
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
      lastSeen: core.pool.pulse.get(index as GeneratorIndex)?.at(-1)?.at ?? null,
    };
  });

const membersOf = (core: Core, day: Day): MemberView[] => {
  const online = new Set([...core.peers.values()].map((p) => p.identity.key));
  const active = new Set(core.chain.state.get("voters", "")?.members ?? []);
  return core.chain.state.scan("member").map(([k, row]) => {
    const index = numberOf(k);
    const me = index === core.me;
    return {
      index,
      key: row.key,
      name: nameOfKey(core, row.key),
      me,
      weight: row.weight,
      active: active.has(index as never),
      online: me || online.has(row.key),
      creditedMwh: row.meter,
      todayMwh: day.byMember.get(index) ?? 0,
      blocksMade: row.blocks,
      lastBlockStep: row.blocks === 0 ? null : row.lastBlock,
    };
  });
};

const proposalView = (core: Core, id: string, row: ProposalRow): ProposalView[] => {
  const { state } = core.chain;
  const { yes, no } = countBallots(state, row);
  const { action } = row;
  if (action.kind !== "member" && action.kind !== "generator") return [];
  const mine = ownBallot(core, id);
  const applicant =
    action.kind === "member"
      ? (core.applications.get(action.terms.key)?.name ?? nameOfKey(core, action.terms.key))
      : "";
  return [
    {
      id,
      by: nameOfMember(core, row.by),
      yes,
      no,
      needed: ballotsNeeded(state),
      mine: mine === null ? null : mine ? "yes" : "no",
      fromStep: row.from,
      state: row.from === null ? "open" : "adopted",
      what:
        action.kind === "member"
          ? { kind: "member", name: applicant, key: action.terms.key, weight: action.terms.weight }
          : {
              kind: "generator",
              name: action.terms.key.slice(-3),
              owner: nameOfMember(core, action.terms.owner),
              pMaxW: action.terms.pMaxW,
            },
    },
  ];
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
    rank: line.rank,
    transactions: line.transactions,
    generatedMwh: line.generatedMwh,
    approvals,
    confirmations,
    voters,
    quorum: quorumOf(contract, voters),
    stage: blockStage(core, line),
    gapBefore: line.step > (summaries[line.height - 1]?.step ?? 0) + 1,
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

export type ChainPart = Omit<View, "phase" | "demo" | "leader" | "problem" | "meters" | "storage" | "signalling">;

export const chainPart = (core: Core, dayStart: number, now: number): ChainPart => {
  const { chain, contract, me } = core;
  const day = dayOf(core, dayStart, now);
  const generators = generatorsOf(core, day, now);
  const live = generators.flatMap((g) => (g.liveW === null ? [] : [g.liveW]));
  const liveCommunityW = live.length === 0 ? null : live.reduce((a, b) => a + b, 0);
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
    community: communityView(core),
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
    },
    today: day.steps,
    todayGeneratedMwh: day.generated,
    todayMineMwh: day.mine,
    totalMineMwh: me === null ? 0 : (chain.state.get("member", key(me))?.meter ?? 0),
    liveCommunityW,
    liveMineW: liveCommunityW === null ? null : Math.round(shareOf(core, liveCommunityW * 1_000) / 1_000),
    members: membersOf(core, day),
    generators,
    applicants: [...core.applications.values()].map((a) => ({
      key: a.key,
      name: a.name,
      since: a.at,
      proposed: isProposed(core, "member", a.key),
    })),
    proposals: chain.state.scan("proposal").flatMap(([id, row]) => proposalView(core, id, row)),
    blocks: core.summaries
      .slice(1)
      .slice(-MAX_BLOCKS_SHOWN)
      .reverse()
      .map((line) => blockView(core, line)),
    head: headView(head),
    final: headView(final),
    peers: peersOf(core),
    sync: best > head.header.height + 1 ? { done: head.header.height, of: best } : null,
  };
};
