/**
 * From the steps of a day to the bars of its picture: which steps are in the window, how many share a bar, how
 * certain each bar is. A quarter-hour community shows its day, one bar a step; a fast one shows its last quarter
 * of an hour, an hour in minutes, or the day in quarter-hours. Pure: pixels are draw-day.ts's business.
 */
import type { StepEnergy } from "../../worker/port.ts";
import type { UseView } from "../../worker/port-home.ts";
import { beginOf, dayAt, type Place } from "./calendar.ts";
import { certaintyOf, type Certainty } from "./stage.ts";

export type Range = "quarter" | "hour" | "day";

export type Bar = {
  /** End of the bar's last step, ms. */
  readonly end: number;
  readonly start: number;
  readonly generatedMwh: number;
  readonly mineMwh: number;
  /** The member's own use and what of it came from the grid; null where none of the bar's steps was read. */
  readonly useMwh: number | null;
  readonly gridMwh: number | null;
  /** The least certain of its steps decides. */
  readonly certainty: Certainty;
  readonly present: boolean;
  readonly firstStep: number;
  readonly lastStep: number;
};

export type DayPicture = {
  readonly from: number;
  readonly to: number;
  readonly barMs: number;
  readonly bars: readonly Bar[];
  /** Largest generation or use of a bar, at least 1, for the vertical scale. */
  readonly topMwh: number;
  /** Most that a bar has from the grid, below the axis; 0 where nothing is known of it. */
  readonly lowMwh: number;
  /** Times named below the axis, where they are not those of a day or an hour. */
  readonly marks?: readonly number[];
};

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;

/** A day of a place, from midnight to midnight: 23 or 25 hours on the two odd days. */
export type Day = { readonly from: number; readonly to: number };

export const dayOf = (time: number, place?: Place): Day => {
  const { year, month, day } = dayAt(time, place);
  return { from: beginOf(year, month, day, place), to: beginOf(year, month, day + 1, place) };
};

/** The ranges that make sense for a step length: one for market steps, three for fast ones. */
export const rangesFor = (stepMs: number): readonly Range[] =>
  stepMs >= MINUTE ? ["day"] : ["quarter", "hour", "day"];

const ORDER: Readonly<Record<Certainty, number>> = { hatched: 0, agreed: 1, final: 2 };

const barLength = (range: Range, stepMs: number): number =>
  range === "quarter" ? stepMs : Math.max(stepMs, range === "hour" ? MINUTE : QUARTER);

/** A young community's windows are shorter, so that its few steps are not lost in empty time. */
const windowOf = (
  range: Range,
  now: number,
  day: Day,
  barMs: number,
  begin: number | undefined,
): readonly [number, number] => {
  if (range === "day") return [day.from, day.to];
  const to = Math.ceil(now / barMs) * barMs;
  const longest = range === "quarter" ? QUARTER : 4 * QUARTER;
  const lived = Math.ceil((to - (begin ?? to)) / MINUTE) * MINUTE;
  return [to - Math.min(longest, Math.max(longest / 5, lived)), to];
};

/**
 * @param now the community's time in ms
 * @param day the day shown
 */
export const dayPicture = (
  steps: readonly StepEnergy[],
  stepMs: number,
  range: Range,
  now: number,
  day: Day,
  use: readonly UseView[] = [],
): DayPicture => {
  const used = new Map(use.map((one) => [one.step, one]));
  const barMs = barLength(range, stepMs);
  const [from, to] = windowOf(range, now, day, barMs, steps[0]?.end);
  const slots = new Map<number, StepEnergy[]>();
  for (const step of steps) {
    if (step.end <= from || step.end > to) continue;
    const slot = Math.ceil((step.end - from) / barMs) - 1;
    const list = slots.get(slot);
    if (list === undefined) slots.set(slot, [step]);
    else list.push(step);
  }
  const bars = [...slots.entries()]
    .toSorted(([a], [b]) => a - b)
    .map(([slot, list]) => barOf(slot, list, from, barMs, now, used));
  return {
    from,
    to,
    barMs,
    bars,
    topMwh: Math.max(1, ...bars.map((bar) => Math.max(bar.generatedMwh, bar.useMwh ?? 0))),
    lowMwh: Math.max(0, ...bars.map((bar) => bar.gridMwh ?? 0)),
  };
};

const barOf = (
  slot: number,
  steps: readonly StepEnergy[],
  from: number,
  barMs: number,
  now: number,
  used: ReadonlyMap<number, UseView>,
): Bar => {
  const start = from + slot * barMs;
  const end = start + barMs;
  let certainty: Certainty = "final";
  let generatedMwh = 0;
  let mineMwh = 0;
  let useMwh: number | null = null;
  let gridMwh: number | null = null;
  let firstStep = Number.MAX_SAFE_INTEGER;
  let lastStep = 0;
  for (const step of steps) {
    generatedMwh += step.generatedMwh;
    mineMwh += step.mineMwh;
    const use = used.get(step.step);
    if (use !== undefined) {
      useMwh = (useMwh ?? 0) + use.useMwh;
      gridMwh = (gridMwh ?? 0) + use.gridMwh;
    }
    const own = certaintyOf(step.stage);
    if (ORDER[own] < ORDER[certainty]) certainty = own;
    firstStep = Math.min(firstStep, step.step);
    lastStep = Math.max(lastStep, step.step);
  }
  const present = now > start && now <= end;
  return { start, end, generatedMwh, mineMwh, useMwh, gridMwh, certainty, present, firstStep, lastStep };
};

/** The bar under a point in time, or the nearest within one bar's width; null in an empty part of the day. */
export const barAt = (picture: DayPicture, time: number): Bar | null => {
  let best: Bar | null = null;
  let distance = picture.barMs * 1.5;
  for (const bar of picture.bars) {
    const away = time < bar.start ? bar.start - time : time > bar.end ? time - bar.end : 0;
    if (away < distance) {
      distance = away;
      best = bar;
    }
  }
  return best;
};

/**
 * Hours between which the sun's arc is drawn: from the first generation of a whole day to as long after one o'clock;
 * equal halves before there is any. Null in the rolling windows of a fast community, which have no dawn, and over days.
 */
export const sunArc = ({ from, to, bars }: DayPicture): { readonly rise: number; readonly set: number } | null => {
  if (to - from < 20 * 60 * MINUTE || to - from > 26 * 60 * MINUTE) return null;
  const first = bars.find((bar) => bar.generatedMwh > 0);
  const rise = first === undefined ? 6.5 : Math.min(9, Math.max(4, (first.start - from) / (60 * MINUTE)));
  return { rise, set: 26 - rise };
};

/** Less is shown as 0. */
const LEGIBLE_MWH = 50;

/** One or two round amounts below the top, for the lines across the picture. */
export const roundAmounts = (topMwh: number): readonly number[] => {
  if (topMwh < LEGIBLE_MWH) return [];
  const ten = 10 ** Math.floor(Math.log10(Math.max(1, topMwh)));
  const unit = topMwh / ten >= 5 ? ten * 2.5 : topMwh / ten >= 2 ? ten : ten / 2;
  return [1, 2, 3, 4].map((times) => times * unit).filter((mwh) => mwh <= topMwh && mwh >= topMwh / 3);
};

/** A sunny day that never happened, to explain the picture before the first share. */
export const sampleDay = (dayStart: number): readonly StepEnergy[] =>
  Array.from({ length: 58 }, (_, at): StepEnergy => {
    const hour = (at + 1) / 4;
    const sun = Math.max(0, Math.sin(((hour - 5.5) / 15) * Math.PI));
    const cloud = at % 11 === 3 || at % 13 === 5 ? 0.55 : 1 - (at % 5) * 0.03;
    const generatedMwh = Math.round(1_450_000 * sun * sun * cloud);
    return {
      step: at,
      end: dayStart + (at + 1) * QUARTER,
      generatedMwh,
      mineMwh: Math.round(generatedMwh * 0.24),
      stage: at < 54 ? "final" : at < 56 ? "approved" : "block",
      closed: at < 50,
    };
  });
