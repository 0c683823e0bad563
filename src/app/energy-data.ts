/**
 * A member's energy as a screen needs it: the pages of the worker's answer joined, bars summed, the picture made of them.
 * Pure but for the asking, which is handed in.
 */
import type { CommandKind, Commands, StepEnergy } from "../../worker/port.ts";
import type { EnergyAsk, EnergyBar, EnergyRange, EnergySum, EnergyView, UseSum } from "../../worker/port-energy.ts";
import type { UseView } from "../../worker/port-home.ts";
import type { Bar, DayPicture } from "./day-picture.ts";
import { beginOf, dayAt, type Place } from "./calendar.ts";
import { periodOf, type Period } from "./period.ts";
import { certaintyOf } from "./stage.ts";

export type Asker = <K extends CommandKind>(name: K, ask: Commands[K]["ask"]) => Promise<Commands[K]["answer"]>;

const addUse = (a: UseSum | null, b: UseSum | null): UseSum | null => {
  if (a === null || b === null) return a ?? b;
  return {
    useMwh: a.useMwh + b.useMwh,
    virtualMwh: a.virtualMwh + b.virtualMwh,
    ownMwh: a.ownMwh + b.ownMwh,
    gridMwh: a.gridMwh + b.gridMwh,
    surplusMwh: a.surplusMwh + b.surplusMwh,
    faceMwh: a.faceMwh + b.faceMwh,
    steps: a.steps + b.steps,
    estimatedSteps: a.estimatedSteps + b.estimatedSteps,
    missingSteps: a.missingSteps + b.missingSteps,
  };
};

const addSums = (a: EnergySum, b: EnergySum): EnergySum => ({
  generatedMwh: a.generatedMwh + b.generatedMwh,
  mineMwh: a.mineMwh + b.mineMwh,
  steps: a.steps + b.steps,
  unknownSteps: a.unknownSteps + b.unknownSteps,
  use: addUse(a.use, b.use),
});

export const NO_ENERGY: EnergySum = { generatedMwh: 0, mineMwh: 0, steps: 0, unknownSteps: 0, use: null };

/** All bars together. */
export const totalOf = (bars: readonly EnergySum[]): EnergySum => bars.reduce(addSums, NO_ENERGY);

/** Two parts of one bar, from two pages. */
const joined = (a: EnergyBar, b: EnergyBar): EnergyBar => ({
  ...b,
  ...addSums(a, b),
  firstStep: a.firstStep,
  closed: a.closed && b.closed,
});

/** Asks until the answer is whole. */
export const loadEnergy = async (ask: Asker, range: Omit<EnergyAsk, "page">): Promise<EnergyView> => {
  const bars: EnergyBar[] = [];
  let page: number | null = null;
  for (;;) {
    const answer: EnergyView = await ask("my-energy", { ...range, page });
    for (const bar of answer.bars) {
      const last = bars.at(-1);
      if (last?.from === bar.from) bars[bars.length - 1] = joined(last, bar);
      else bars.push(bar);
    }
    page = answer.next;
    if (page === null) return { ...answer, bars };
  }
};

/** The whole file. */
export const loadFile = async (ask: Asker, range: Omit<EnergyRange, "page">): Promise<string> => {
  const parts: string[] = [];
  let page: number | null = null;
  do {
    const answer: Commands["my-energy-file"]["answer"] = await ask("my-energy-file", { ...range, page });
    parts.push(answer.csv);
    page = answer.next;
  } while (page !== null);
  return parts.join("");
};

/** A day's bars for the day picture: as if each were a step. */
export const asSteps = (bars: readonly EnergyBar[]): StepEnergy[] =>
  bars
    .filter((bar) => bar.steps > 0)
    .map(({ lastStep, to, generatedMwh, mineMwh, stage, closed }) => ({
      step: lastStep,
      end: to,
      generatedMwh,
      mineMwh,
      stage,
      closed,
    }));
export const asUse = (bars: readonly EnergyBar[]): UseView[] =>
  bars.flatMap(({ lastStep, to, use }) =>
    use === null || use.steps === 0
      ? []
      : [
          {
            step: lastStep,
            end: to,
            useMwh: use.useMwh,
            ownMwh: use.ownMwh,
            gridMwh: use.gridMwh,
            surplusMwh: use.surplusMwh,
            estimated: use.estimatedSteps > 0,
          },
        ],
  );

const DAY = 86_400_000;
/** Of a month each first day of seven is named below its picture: more do not fit on a phone. */
const NAMED_DAYS = 7;

/** A week, month or year in the day picture's shape: a bar a day or a month. */
export const spanPicture = (
  bars: readonly EnergyBar[],
  { from, to }: Pick<Period, "from" | "to">,
  now: number,
  place?: Place,
): DayPicture => {
  const shown = bars.filter((bar) => bar.steps > 0).map((bar) => barOf(bar, now));
  return {
    from,
    to,
    barMs: Math.max(DAY, ...shown.map((bar) => bar.end - bar.start)),
    bars: shown,
    topMwh: Math.max(1, ...shown.map((bar) => Math.max(bar.generatedMwh, bar.useMwh ?? 0))),
    lowMwh: Math.max(0, ...shown.map((bar) => bar.gridMwh ?? 0)),
    marks: marksOf(from, to, place),
  };
};

const barOf = (bar: EnergyBar, now: number): Bar => {
  const use = bar.use === null || bar.use.steps === 0 ? null : bar.use;
  return {
    start: bar.from,
    end: bar.to,
    generatedMwh: bar.generatedMwh,
    mineMwh: bar.mineMwh,
    useMwh: use?.useMwh ?? null,
    gridMwh: use?.gridMwh ?? null,
    certainty: certaintyOf(bar.stage),
    present: now > bar.from && now <= bar.to,
    firstStep: bar.firstStep,
    lastStep: bar.lastStep,
  };
};

/** The middles of the bars that are named: all days of a week, all months of a year, the first of each seven days of a month. */
const marksOf = (from: number, to: number, place: Place): number[] => {
  const { year, month, day } = dayAt(from, place);
  const days = Math.round((to - from) / DAY);
  const middle = (...[a, b]: readonly (readonly [month: number, day: number])[]): number =>
    [a, b].reduce((sum, one = [0, 1]) => sum + beginOf(year, ...one, place), 0) / 2;
  if (days > 31) return Array.from({ length: 12 }, (_, n) => middle([n, 1], [n + 1, 1]));
  const every = days > 7 ? NAMED_DAYS : 1;
  return Array.from({ length: Math.floor((days - 1) / every) + 1 }, (_, n) =>
    middle([month, day + n * every], [month, day + n * every + 1]),
  );
};

export type Month = { readonly from: number; readonly to: number; readonly bars: readonly EnergyBar[] };

/** Days by the month in which they begin; months of which nothing is known are left out. */
export const monthsIn = (days: readonly EnergyBar[], place?: Place): Month[] => {
  const months: { from: number; to: number; bars: EnergyBar[] }[] = [];
  for (const bar of days) {
    const { from, to } = periodOf("month", bar.from, 0, place);
    if (months.at(-1)?.from === from) months.at(-1)?.bars.push(bar);
    else months.push({ from, to, bars: [bar] });
  }
  return months.filter(({ bars }) => bars.some((bar) => bar.steps > 0));
};
