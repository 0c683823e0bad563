/** What a proposal would have meant, as sentences: for me first, then for the others. Pure. */
import type { EffectChange, EffectView } from "../../worker/port-council.ts";
import { day, energyText } from "./format.ts";
import type { Texts } from "./language.ts";

type EffectTexts = Texts["council"]["effect"];

const WEEK_MS = 7 * 86_400_000;
const HOUR_MS = 3_600_000;

export const totalOf = (effect: EffectView): number =>
  effect.members.reduce((sum, m) => sum + m.beforeMwh, 0) + effect.fee.beforeMwh + effect.loss.beforeMwh;

/** Below this the figures of energyText say nothing. */
const LEGIBLE_MWH = 50;
/** More or less, with its sign; a difference too small to be read is none. */
export const signedEnergy = (mwh: number, locale: string): string =>
  Math.abs(mwh) < LEGIBLE_MWH ? "0" : `${mwh > 0 ? "+" : "\u2212"}${energyText(Math.abs(mwh), locale)}`;

/** A thousandth of a share, as text/ states it. What is less is mostly the rounding to whole milliwatt-hours. */
const NOTICED_PART = 1_000;
type Change = { readonly beforeMwh: number; readonly afterMwh: number };
export const isNoticed = ({ beforeMwh, afterMwh }: Change): boolean => {
  const change = Math.abs(afterMwh - beforeMwh);
  return change >= LEGIBLE_MWH && change * NOTICED_PART >= Math.max(beforeMwh, afterMwh);
};
/** Of each kWh, for when nothing was counted: the same thousandth. */
const isPartNoticed = ({ beforePpm, afterPpm }: EffectChange): boolean =>
  afterPpm !== beforePpm && Math.abs(afterPpm - beforePpm) * NOTICED_PART >= Math.max(beforePpm, afterPpm);

/** A part of each kWh; a tenth of a per cent is as fine as a person compares. */
export const kwhPart = (ppm: number, locale: string): string =>
  new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(ppm / 1_000_000);

/** More or less of each kWh, in points of a per cent, with its sign. */
export const signedPart = (ppm: number, locale: string): string =>
  Math.abs(ppm) < 500 ? "0" : `${ppm > 0 ? "+" : "\u2212"}${kwhPart(Math.abs(ppm), locale)}`;

const partWords = (text: EffectTexts, effect: EffectView, locale: string): string => {
  const noticed = effect.members.filter(isPartNoticed);
  if (noticed.length === 0) return text.unnoticed;
  const more = noticed.filter((m) => m.afterPpm > m.beforePpm).length;
  const me = noticed.find((m) => m.me);
  const forMe = me === undefined ? text.same : text.parts(kwhPart(me.afterPpm, locale), kwhPart(me.beforePpm, locale));
  return `${forMe} ${text.others(more, noticed.length - more)}`;
};

export const periodWords = (text: EffectTexts, effect: EffectView, locale: string): string =>
  effect.to - effect.from > WEEK_MS - HOUR_MS ? text.period : text.since(day(effect.from, locale));

/** `meters`: how many generators the community counts. */
export const effectWords = (text: EffectTexts, effect: EffectView, meters: number, locale: string): string => {
  if (totalOf(effect) === 0) return `${meters === 0 ? text.noMeter : text.nothing} ${partWords(text, effect, locale)}`;
  const noticed = effect.members.filter(isNoticed);
  if (noticed.length === 0) return text.unnoticed;
  const changes = noticed.map((m) => m.afterMwh - m.beforeMwh);
  const me = noticed.find((m) => m.me);
  const mine = me === undefined ? 0 : me.afterMwh - me.beforeMwh;
  const amount = energyText(Math.abs(mine), locale);
  const forMe = mine > 0 ? text.gain(amount) : mine < 0 ? text.lose(amount) : text.same;
  return `${forMe} ${text.others(changes.filter((c) => c > 0).length, changes.filter((c) => c < 0).length)}`;
};
