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
import { isClosed } from "./lookup.ts";

export type Moment = {
  readonly meters: readonly MeterView[];
  /** The day's steps as Home shows them. */
  readonly today: readonly StepEnergy[];
  readonly dayStart: number;
  /** Of the day, what is not in the state any more. */
  readonly early: Early;
  readonly now: number;
};

/** What the chain credits this member in a step: its virtual generation meter. */
const creditedIn = (core: Core, early: Early, step: number): number =>
  core.chain.state.get("book", key(step))?.shares.find((share) => share.member === core.me)?.mwh ??
  early.mine.get(step) ??
  0;

/** Null until a meter of this device has said what came from the grid. */
export const householdView = (core: Core, household: Household, moment: Moment): HouseholdView | null => {
  if (!household.isKnown) return null;
  const { contract } = core;
  const { dayStart, now, meters, today, early } = moment;
  const countedTo = Math.min(household.countedTo, stepAt(contract, now));
  const dawn = Math.max(1, stepAt(contract, dayStart) + (dayStart <= contract.t0 ? 0 : 1));
  const first = Math.max(dawn, household.since ?? dawn);
  let sum: FaceSum = NO_FACE;
  let provisional = false;
  for (let step = first; step <= countedTo; step++) {
    sum = addStep(sum, household.use(step), creditedIn(core, early, step));
    // Steps are closed in their order: the last one decides.
    if (step === countedTo) provisional = !isClosed(core, step);
  }
  const powers = meters.flatMap((meter) => (meter.state === "counting" ? (meter.grid?.liveW ?? []) : []));
  return {
    liveGridW: powers.length === 0 ? null : powers.reduce((a, b) => a + b, 0),
    useMwh: sum.useMwh,
    ownMwh: sum.ownMwh,
    gridMwh: sum.gridMwh,
    surplusMwh: sum.surplusMwh,
    faceMwh: sum.faceMwh,
    countedTo: countedTo < first ? null : endOf(contract, countedTo),
    estimatedSteps: sum.estimatedSteps,
    missingSteps: sum.missingSteps,
    provisional,
    steps: today.flatMap((one) => (one.step > countedTo ? [] : useOf(household, one))),
  };
};

const useOf = (household: Household, { step, end, mineMwh }: StepEnergy): UseView[] => {
  const use = household.use(step);
  if (use === null) return [];
  const { useMwh, ownMwh, gridMwh, surplusMwh } = faceOf(use.mwh, mineMwh);
  return [{ step, end, useMwh, ownMwh, gridMwh, surplusMwh, estimated: use.estimated }];
};
