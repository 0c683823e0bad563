/**
 * What the screens show of a light device (worker/port.ts): its member's register and the credits of its steps, each
 * proved, and where its head stands. What it does not keep is empty, and the screens say so. Reads, never changes.
 */
import type { PublicKey } from "../base/units.ts";
import { endOf, gateClosure, gateOpening, startOf, stepAt } from "../community/market-step.ts";
import { communityId, type Contract } from "../community/contract.ts";
import { PARAMETERS } from "../community/parameters.ts";
import { hashOf } from "../consensus/block.ts";
import type { Light } from "../node/light.ts";
import { ownOf } from "../node/light-disk.ts";
import type { CommunityView, Problem, StepEnergy } from "../port.ts";
import type { LightSight } from "../port-kind.ts";
import type { StoreError } from "../storage/store.ts";
import { termsView } from "./contract-view.ts";
import { alarmProblem, storageProblem } from "./problems.ts";
import { EMPTY, type ChainPart } from "./view.ts";

const MAX_TODAY = 360;
const SHORT_KEY = 6;
const LONELY_MS = 20_000;
const MINUTE = 60_000;

/** The first step that ends after the beginning of the day. */
export const firstOfDay = (contract: Contract, dayStart: number): number =>
  Math.max(1, stepAt(contract, dayStart) + (dayStart <= contract.t0 ? 0 : 1));

/** As it says itself on its link, or said while this device kept everything. */
const nameOf = ({ names }: Light, key: PublicKey): string => names.of(key) ?? key.slice(0, SHORT_KEY);
/** Of who came after the founding a light device knows the number, and no key. */
const nameOfMember = ({ names, signed, state, keys }: Light, member: number, own: string): string => {
  if (state.figures?.member?.index === member) return own;
  const key = signed.contract.members[member]?.key;
  return (key === undefined || key === keys.memberKey ? null : names.of(key)) ?? `#${member}`;
};

const contractOf = ({ signed, state }: Light): Contract => ({ ...signed.contract, ...state.figures?.parameters });

const communityOf = (light: Light, own: string): CommunityView => {
  const contract = contractOf(light);
  const rule = light.state.spans.at(-1)?.rule;
  const weights = rule?.weights ?? [];
  const iterations = rule?.iterations ?? contract.iterations;
  return {
    ...termsView(contract),
    id: communityId(light.signed.contract),
    name: contract.name,
    iterations,
    alike: weights.every((w) => w.weight === weights[0]?.weight),
    rule: { iterations, weights: weights.map((w) => ({ ...w, name: nameOfMember(light, w.member, own) })) },
    changeable: PARAMETERS,
  };
};

type Today = { readonly steps: readonly StepEnergy[]; readonly mine: number; readonly generated: number };
const todayOf = (light: Light, dayStart: number, now: number): Today => {
  const contract = contractOf(light);
  // Of a step whose credits have not been shown yet nothing is final here.
  const final = light.state.covered?.step ?? 0;
  const running = stepAt(contract, now);
  const steps: StepEnergy[] = [];
  let [mine, generated] = [0, 0];
  for (let step = firstOfDay(contract, dayStart); step <= running; step++) {
    const mineMwh = ownOf(light.state, step);
    const generatedMwh = (light.state.credits.get(step) ?? []).reduce((sum, c) => sum + c.total, 0);
    mine += mineMwh;
    generated += generatedMwh;
    if (running - step >= MAX_TODAY) continue;
    const stage = step <= final ? "final" : step < running ? "waiting" : "measuring";
    const closed = final >= step + contract.lateWindow;
    steps.push({ step, end: endOf(contract, step), generatedMwh, mineMwh, stage, closed });
  }
  return { steps, mine, generated };
};

const offsetOf = ({ peers }: Light): { offset: number; uncertainty: number | null } => {
  const known = [...peers.all.values()].flatMap((p) => (p.offset === null ? [] : [p.offset]));
  const half = [...peers.all.values()].flatMap((p) => (p.rtt === null ? [] : [Math.ceil(p.rtt / 2)]));
  const offset = known.toSorted((a, b) => a - b)[Math.floor(known.length / 2)] ?? 0;
  return { offset, uncertainty: half.length === 0 ? null : Math.min(...half) };
};

const sightOf = (light: Light, contract: Contract, dayStart: number, now: number): LightSight => {
  const { covered, credits } = light.state;
  const { reaching, gap } = light;
  let [unjudgedMwh, unjudgedSteps] = [0, 0];
  const today = firstOfDay(contract, dayStart);
  const unjudgedToday: number[] = [];
  for (const [step, all] of credits) {
    const open = all.filter((c) => !c.judged);
    if (step < (covered?.from ?? Infinity) || open.length === 0) continue;
    unjudgedSteps += 1;
    if (step >= today) unjudgedToday.push(step);
    unjudgedMwh += open.reduce((sum, c) => sum + c.mwh, 0);
  }
  return {
    heldFrom: covered === null ? now : startOf(contract, covered.from),
    reaching: reaching && { from: startOf(contract, reaching.from), refused: reaching.isRefused },
    unjudgedMwh,
    unjudgedSteps,
    unjudgedToday: unjudgedToday.toSorted((a, b) => a - b),
    gap: gap && { mwh: gap.mwh, from: startOf(contract, gap.since) },
    sureFrom: covered === null ? now : startOf(contract, Math.max(covered.from, covered.sure)),
  };
};

export const lightPart = (light: Light, name: string, dayStart: number, now: number): ChainPart => {
  const contract = contractOf(light);
  const { figures, trust } = light.state;
  const today = todayOf(light, dayStart, now);
  const running = stepAt(contract, now);
  const { offset, uncertainty } = offsetOf(light);
  const head = { hash: hashOf(trust.header), step: trust.header.step, height: trust.header.height };
  const own = figures?.member ?? null;
  const { memberKey } = light.keys;
  return {
    ...EMPTY,
    madeAt: now,
    clockOffsetMs: offset,
    clockUncertaintyMs: uncertainty,
    verifiedAt: figures?.verifiedAt ?? null,
    community: communityOf(light, name),
    me: { index: own?.index ?? null, key: memberKey, name },
    step: {
      index: running,
      start: startOf(contract, running),
      end: endOf(contract, running),
      gateOpening: gateOpening(contract, running),
      gateClosure: gateClosure(contract, running),
      stage: "measuring",
      candidates: 0,
      winner: null,
      winnerMe: false,
    },
    today: today.steps,
    todayGeneratedMwh: today.generated,
    todayMineMwh: today.mine,
    totalMineMwh: own?.row.meter ?? 0,
    members:
      own === null
        ? []
        : [
            {
              index: own.index,
              key: memberKey,
              name,
              me: true,
              weight: own.row.weight,
              active: figures?.voters.members.includes(own.index as never) === true,
              came: true,
              online: true,
              creditedMwh: own.row.meter,
              todayMwh: today.mine,
              blocksMade: own.row.blocks,
              lastBlockStep: own.row.blocks === 0 ? null : own.row.lastBlock,
              strikes: own.row.strikes,
              barredSince: own.row.barred === null ? null : endOf(contract, own.row.barred),
              leftSince: own.row.left === null ? null : startOf(contract, own.row.left),
            },
          ],
    head,
    final: head,
    peers: [...light.peers.all.values()].map((p) => ({
      name: nameOf(light, p.identity.key),
      key: p.identity.key,
      role: p.identity.role,
      connectedSince: p.since,
      height: p.status?.height ?? null,
      rttMs: p.rtt,
      offsetMs: p.offset,
    })),
    sync: light.behind ? { done: trust.header.height, of: light.peers.claimed } : null,
    light: sightOf(light, contract, dayStart, now),
  };
};

export type LightCircumstances = {
  readonly light: Light;
  readonly now: number;
  readonly storeError: StoreError | null;
  /** What is wrong with what this device keeps, or about to be. */
  readonly keeping: Problem | null;
  readonly refusedBy: string | null;
  readonly online: boolean;
  readonly lonelySince: number | null;
};
/** The one thing to do on a light device. */
export const lightProblem = (c: LightCircumstances): Problem | null => {
  const { light, now, lonelySince } = c;
  if (c.storeError !== null) return storageProblem(c.storeError);
  const own = light.state.figures?.member ?? null;
  if (own === null && light.state.figures !== null) return { code: "device-replaced", severity: "trouble" };
  if (own !== null && own.row.left !== null && own.row.left <= stepAt(light.signed.contract, now))
    return { code: "left-community", severity: "info" };
  const [alarm] = light.alarms.all;
  if (alarm !== undefined) return alarmProblem(alarm.finding);
  if (c.keeping !== null) return c.keeping;
  const isRefused = c.refusedBy !== null && light.peers.all.size === 0;
  // Nothing was ever proved to it: the words that it was made from may be nobody's.
  if (isRefused && c.refusedBy === "not-a-member" && own === null)
    return { code: "words-unknown", severity: "trouble" };
  if (isRefused) return { code: "refused-by-peers", severity: "trouble", data: { reason: c.refusedBy ?? "" } };
  if (!c.online && light.peers.all.size === 0) return { code: "offline", severity: "info" };
  if (lonelySince !== null && now - lonelySince > LONELY_MS) {
    const minutes = Math.floor((now - lonelySince) / MINUTE);
    return { code: "no-neighbour", severity: "task", data: { minutes, meters: 0 } };
  }
  return null;
};
