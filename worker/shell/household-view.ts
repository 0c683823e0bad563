/**
 * What the member's own screens say of its use (§IV.B.3): what its meters counted beside what the chain credits it. Made
 * on this device for this device; reads the node's book, never writes anything.
 */
import { endOf, stepAt } from "../community/market-step.ts";
import { key } from "../ledger/rows.ts";
import type { Core } from "../node/core.ts";
import type { StepEnergy } from "../port.ts";
import type { MeterView } from "../port-meter.ts";
import type { HouseholdView, UseView } from "../port-home.ts";
import { addStep, faceOf, NO_FACE, type FaceSum } from "../settlement/market-face.ts";
import type { Early } from "./books.ts";
import type { Household } from "./household.ts";
import { areClosed, ownMember } from "./lookup.ts";

export type Moment = {
  readonly meters: readonly MeterView[];
  /** The day's steps as Home shows them. */
  readonly today: readonly StepEnergy[];
  readonly dayStart: number;
  /** Of the day, what is not in the state any more. */
  readonly early: Early;
  readonly now: number;
};

/** What the chain credits this member in a step: its virtual generation meter. What came later than the rest adds to it. */
const creditedIn = (core: Core, early: Early, member: number | null, step: number): number =>
  (core.chain.state.get("book", key(step))?.shares.find((share) => share.member === member)?.mwh ?? 0) +
  (early.mine.get(step) ?? 0);

/** Null until a meter of this device has said what came from the grid. */
export const householdView = (core: Core, household: Household, moment: Moment): HouseholdView | null => {
  if (!household.isKnown) return null;
  const { contract } = core;
  const { dayStart, now, meters, today, early } = moment;
  const countedTo = Math.min(household.countedTo, stepAt(contract, now));
  // What no block has said yet is not 0: use and share are summed of the same steps.
  const summedTo = Math.min(countedTo, core.chain.head.header.step);
  const dawn = Math.max(1, stepAt(contract, dayStart) + (dayStart <= contract.t0 ? 0 : 1));
  const first = Math.max(dawn, household.since ?? dawn);
  const member = ownMember(core)?.index ?? null;
  let sum: FaceSum = NO_FACE;
  for (let step = first; step <= summedTo; step++)
    sum = addStep(sum, household.use(step), creditedIn(core, early, member, step));
  const powers = meters.flatMap((meter) => (meter.state === "counting" ? (meter.grid?.liveW ?? []) : []));
  return {
    liveGridW: powers.length === 0 ? null : powers.reduce((a, b) => a + b, 0),
    useMwh: sum.useMwh,
    ownMwh: sum.ownMwh,
    gridMwh: sum.gridMwh,
    surplusMwh: sum.surplusMwh,
    faceMwh: sum.faceMwh,
    countedTo: summedTo < first ? null : endOf(contract, summedTo),
    estimatedSteps: sum.estimatedSteps,
    missingSteps: sum.missingSteps,
    provisional: summedTo >= first && !areClosed(core, first, summedTo),
    steps: today.flatMap((one) => (one.step > countedTo ? [] : useOf(household, one))),
  };
};

const useOf = (household: Household, { step, end, mineMwh }: StepEnergy): UseView[] => {
  const use = household.use(step);
  if (use === null) return [];
  const { useMwh, ownMwh, gridMwh, surplusMwh } = faceOf(use.mwh, mineMwh);
  return [{ step, end, useMwh, ownMwh, gridMwh, surplusMwh, estimated: use.estimated }];
};
