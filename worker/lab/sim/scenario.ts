/** What a scenario of the simulator is: a town, what it suffers, and what must be true of it afterwards. */
import type { Puppet } from "./puppet.ts";
import type { Rng } from "./rng.ts";
import type { Town, TownOptions } from "./town.ts";
import type { Figures } from "./figures.ts";

export type Plan = { readonly members: number; readonly steps: number; readonly seed: string };
export type RunFigures = ReturnType<Figures["of"]>;
export type Expectation = { readonly says: string; readonly ok: boolean };

export type Stage = {
  readonly town: Town;
  readonly plan: Plan;
  readonly rng: Rng;
  readonly puppets: readonly Puppet[];
  /** What the scenario counts of its own. */
  readonly counts: Map<string, number>;
  readonly count: (what: string, by?: number) => void;
  readonly counted: (what: string) => number;
};
export type Scenario = {
  readonly name: string;
  /** What is attacked or fails, in one plain sentence. */
  readonly attack: string;
  /** Members, counted from the last, who lie. */
  readonly liars?: (plan: Plan) => number;
  /** Fewest members with which it means anything. */
  readonly least?: number;
  /** Counters of which one at least is above 0 when the attack took place; without any there is no attack to take place. */
  readonly attacks?: readonly string[];
  readonly town?: (plan: Plan) => Partial<TownOptions>;
  /** Called before any node starts. */
  readonly prepare?: (stage: Stage) => void;
  /** Who is started at the beginning; everybody by default. */
  readonly begin?: (plan: Plan) => readonly number[];
  /** Brings the town to the end of `plan.steps`. */
  readonly play: (stage: Stage) => Promise<void>;
  /** What happened, in one or two plain sentences, from what was measured. */
  readonly tell: (stage: Stage, figures: RunFigures) => string;
  readonly expect?: (stage: Stage, figures: RunFigures) => readonly Expectation[];
};

/** Liars that two thirds of the votes allow for. */
export const liarsAllowed = ({ members }: Plan): number => {
  const quorum = Math.floor((members * 2) / 3) + 1;
  return Math.max(0, Math.min(2 * quorum - members - 1, members - quorum));
};
export const oneLiar = (): number => 1;

/** Plays step by step: `each` is called just after T_{step−1}, for steps from 1. */
export const stepByStep = async (stage: Stage, each: (step: number) => Promise<void> | void): Promise<void> => {
  for (let step = 1; step <= stage.plan.steps; step++) {
    await stage.town.to(stage.town.end(step - 1) + 10);
    await each(step);
  }
  await stage.town.until(stage.plan.steps);
};

export const percent = (part: number, of: number): string => (of === 0 ? "0 %" : `${Math.round((100 * part) / of)} %`);
export const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** As people read it. */
export const wattHours = (mwh: number): string =>
  `${(mwh / 1_000).toLocaleString("en", { maximumFractionDigits: 3 })} Wh`;

export const everyStep = (plan: Plan, figures: RunFigures): Expectation => ({
  says: `every one of ${plan.steps} steps has its block (${figures.stepsWithBlock})`,
  ok: figures.stepsWithBlock === plan.steps,
});
/** Where groups meet that wrote branches of their own, one of two blocks for a step gives way, and with it its step. */
export const everyStepOnce = ({ town, plan }: Stage): Expectation => {
  const closed = [...town.witness.closedSteps].filter((step) => step >= 1 && step <= plan.steps).length;
  return { says: `every one of ${plan.steps} steps had a block at its time (${closed})`, ok: closed === plan.steps };
};
export const finalSoon = (figures: RunFigures, share: number): Expectation => ({
  says: `${share} % of blocks are final within two steps (${percent(figures.finalWithinTwoSteps, figures.stepsWithBlock)})`,
  ok: figures.finalWithinTwoSteps * 100 >= share * figures.stepsWithBlock,
});
/** Four standard deviations above what a fair lottery gives to such a share of the members: luck alone does not reach it. */
export const luckyShare = (steps: number, share: number): number =>
  steps * share + 4 * Math.sqrt(steps * share * (1 - share));
