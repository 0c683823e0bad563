/**
 * What whoever runs the community looks after (worker/port-operator.ts): who has not voted for long, which meters are
 * behind, energy that is in nobody's register yet, steps without a block, whether all that was made is accounted for.
 * From the state and the lines of the chain at the head; of what stands on the disk only the checks of meters. Reads,
 * never changes.
 */
import { assert, ok } from "../base/result.ts";
import { lastEnded } from "../community/market-step.ts";
import { presentMembers } from "../ledger/members.ts";
import { key, numberOf } from "../ledger/rows.ts";
import { isFineEnough } from "../metering/accuracy.ts";
import { toleranceMs, type Core } from "../node/core.ts";
import type {
  AwayView,
  MeterCareView,
  MeterCheckView,
  OperatorView,
  StepRange,
  SumsView,
  UnbookedView,
} from "../port-operator.ts";
import { nodeOf, type Answer } from "./asking.ts";
import type { Device } from "./device.ts";
import { blockFor, isOnline, nameOfMember } from "./lookup.ts";
import { checksOf } from "./meter-checks.ts";
import { LATE_STEPS, skyOf, standingOf, stepsOfDay, type Sky } from "./standing.ts";

/** Gaps of a day that are listed. */
const MAX_GAPS = 20;

/** A phone that is off at night is not away: a day, or as long as a vote counts where that is shorter. */
const awayStepsOf = (core: Core): number => Math.min(stepsOfDay(core), core.contract.activityWindow);

const awayOf = (core: Core): AwayView[] => {
  const { head, state } = core.chain;
  const voters = new Set<number>(state.get("voters", "")?.members ?? []);
  const limit = awayStepsOf(core);
  return presentMembers(state, head.header.step)
    .flatMap(({ index, row }): AwayView[] => {
      const came = row.approved !== null || row.blocks > 0;
      const since = came ? Math.max(row.approved ?? 0, row.blocks > 0 ? row.lastBlock : 0) : row.joined;
      if (index === core.me || head.header.step - since < limit) return [];
      return [{ member: index, since, came, counts: voters.has(index), connected: isOnline(core, index) }];
    })
    .toSorted((a, b) => Number(a.connected) - Number(b.connected) || a.since - b.since);
};

const WORST = ["late", "silent", "never", "counting"] as const;

const metersOf = (core: Core, sky: Sky, checks: ReadonlyMap<string, MeterCheckView>): MeterCareView[] => {
  const { head, state } = core.chain;
  return state
    .scan("generator")
    .map(([k, row]): MeterCareView => {
      const generator = numberOf(k);
      const { owner } = row.terms;
      const left = state.get("member", key(owner))?.left ?? null;
      return {
        generator,
        owner,
        ownerLeft: left !== null && left <= head.header.step,
        mine: owner === core.me,
        ...standingOf(core, generator, row, sky),
        tooCoarse: !isFineEnough(row.terms, core.contract.stepMs),
        check: checks.get(row.terms.key) ?? null,
      };
    })
    .toSorted(
      (a, b) =>
        Number(a.ownerLeft) - Number(b.ownerLeft) ||
        WORST.indexOf(a.standing) - WORST.indexOf(b.standing) ||
        b.behind - a.behind ||
        a.generator - b.generator,
    );
};

/** What ticks say that no block has booked, of steps that have their block. */
const heardOf = (core: Core): number => {
  let sum = 0;
  for (const [generator, ticks] of core.pool.ticks) {
    const register = core.chain.state.get("generator", key(generator))?.register ?? 0;
    for (const { body } of ticks)
      if (body.step <= core.chain.head.header.step) sum += Math.max(0, body.to - Math.max(body.from, register));
  }
  return sum;
};

const unbookedOf = (core: Core): UnbookedView => {
  const rows = core.chain.state.scan("energy").map(([, row]) => row);
  const sumOf = (owner: "generator" | "vpp"): number =>
    rows.reduce((sum, row) => sum + (row.owner === owner ? row.mwh : 0), 0);
  const steps = new Set<number>(rows.map(({ step }) => step));
  return {
    withMetersMwh: sumOf("generator"),
    withVppMwh: sumOf("vpp"),
    since: steps.size === 0 ? null : Math.min(...steps),
    steps: steps.size,
    heardMwh: heardOf(core),
  };
};

const sumsOf = ({ chain: { state } }: Core, { withMetersMwh, withVppMwh }: UnbookedView): SumsView => {
  const totals = state.get("totals", "");
  const [generatedMwh, lostMwh] = [totals?.generated ?? 0, totals?.lost ?? 0];
  const creditedMwh = state.scan("member").reduce((sum, [, { meter }]) => sum + meter, 0);
  const heldBackMwh = state.scan("reward").reduce((sum, [, { mwh }]) => sum + mwh, 0);
  const waitingMwh = withMetersMwh + withVppMwh;
  const agree = generatedMwh === creditedMwh + heldBackMwh + waitingMwh + lostMwh;
  return { generatedMwh, creditedMwh, heldBackMwh, waitingMwh, lostMwh, agree };
};

/** Steps from `first` to `last` (the head's at most) that no block closes, and how many; both after the first line. */
export const gapsIn = (core: Core, first: number, last: number): { missing: number; gaps: StepRange[] } => {
  const { summaries } = core;
  const gaps: StepRange[] = [];
  let next = first;
  let height = blockFor(core, first)?.height ?? summaries.length;
  for (; next <= last; height++) {
    const step = summaries.stepOf(height) ?? last + 1;
    if (step > next) gaps.push({ first: next, last: Math.min(step - 1, last) });
    next = step + 1;
  }
  return { missing: gaps.reduce((sum, gap) => sum + gap.last - gap.first + 1, 0), gaps };
};

const dayOf = (core: Core): OperatorView["day"] => {
  const { summaries, chain } = core;
  const head = chain.head.header.step;
  const first = Math.max((summaries.stepOf(summaries.first) ?? 0) + 1, head - stepsOfDay(core) + 1);
  const { missing, gaps } = gapsIn(core, first, head);
  return { steps: Math.max(0, head - first + 1), missing, gaps: gaps.toReversed().slice(0, MAX_GAPS) };
};

/** Meters that wait for the grid operator: paired here, or proposed by a neighbour and heard of. The chain takes none of them. */
const unendorsedOf = (core: Core): OperatorView["unendorsed"] => {
  if (core.contract.dso === null) return null;
  const own = [...core.desk.meters.values()].flatMap((meter) =>
    core.desk.generatorOf(core, meter) === null ? [{ key: meter.key, name: meter.label }] : [],
  );
  const heard = [...core.pool.others.values()].flatMap(({ body }) =>
    body.kind === "proposal" && body.action.kind === "generator" && body.action.terms.endorsement === null
      ? [{ key: body.action.terms.key, name: nameOfMember(core, body.action.terms.owner) }]
      : [],
  );
  return [...new Map([...heard, ...own].map((one) => [one.key, one])).values()];
};

export const operatorOf = (core: Core, checks: ReadonlyMap<string, MeterCheckView>, now: number): OperatorView => {
  const { head, final, state } = core.chain;
  const sky = skyOf(core);
  const away = awayOf(core);
  const unbooked = unbookedOf(core);
  const voters = state.get("voters", "");
  assert(voters !== undefined, "a state has voters");
  return {
    roles: {
      vpp: core.me !== null && state.get("member", key(core.me))?.vpp === true,
      dso: core.contract.dso === core.keys.memberKey,
    },
    overStep: lastEnded(core.contract, now),
    headStep: head.header.step,
    finalStep: final.header.step,
    present: presentMembers(state, head.header.step).length,
    awaySteps: awayStepsOf(core),
    away,
    voters: {
      all: voters.members.length,
      away: away.filter(({ counts }) => counts).length,
      needed: voters.quorum,
    },
    lateSteps: LATE_STEPS,
    bookFrom: sky.bookFrom,
    meters: metersOf(core, sky, checks),
    unendorsed: unendorsedOf(core),
    unbooked,
    sums: sumsOf(core, unbooked),
    day: dayOf(core),
    clockToleranceMs: toleranceMs(core.contract.stepMs),
  };
};

export const operatorView = async (device: Device): Answer<"operator"> => {
  const node = nodeOf(device);
  if (!node.ok) return node;
  const checks = await checksOf(device.store);
  return ok(operatorOf(node.value.core, checks, device.o.clock.now()));
};
