/** What a proposal would have meant, as sentences: for me first, then for the others. Pure. */
import type { EffectView } from "../../worker/port-council.ts";
import { day, energyText } from "./format.ts";
import type { Texts } from "./text/en.ts";

type EffectTexts = Texts["council"]["effect"];

const WEEK_MS = 7 * 86_400_000;
const HOUR_MS = 3_600_000;

export const totalOf = (effect: EffectView): number =>
  effect.members.reduce((sum, m) => sum + m.beforeMwh, 0) + effect.fee.beforeMwh + effect.loss.beforeMwh;

/** More or less, with its sign; a difference too small to be read is none. */
export const signedEnergy = (mwh: number, locale: string): string =>
  mwh === 0 ? "0" : `${mwh > 0 ? "+" : "\u2212"}${energyText(Math.abs(mwh), locale)}`;

export const periodWords = (text: EffectTexts, effect: EffectView, locale: string): string =>
  effect.to - effect.from > WEEK_MS - HOUR_MS ? text.period : text.since(day(effect.from, locale));

export const effectWords = (text: EffectTexts, effect: EffectView, locale: string): string => {
  if (totalOf(effect) === 0) return text.nothing;
  const changes = effect.members.map((m) => m.afterMwh - m.beforeMwh);
  const me = effect.members.find((m) => m.me);
  const mine = me === undefined ? 0 : me.afterMwh - me.beforeMwh;
  const amount = energyText(Math.abs(mine), locale);
  const forMe = mine > 0 ? text.gain(amount) : mine < 0 ? text.lose(amount) : text.same;
  return `${forMe} ${text.others(changes.filter((c) => c > 0).length, changes.filter((c) => c < 0).length)}`;
};
