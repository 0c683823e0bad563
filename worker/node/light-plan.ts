/**
 * Which credits a light node asks for, and what it knows once they are proved (PROTOCOL.md §8.1): of all steps from one on
 * it knows all distributions, or it says so. Pure.
 */
import type { Contract } from "../community/contract.ts";
import type { DiskOp } from "./events.ts";
import type { Credit, CreditsAsked } from "./light-credits.ts";
import { coveredOp, creditsOp, type Covered, type LightState } from "./light-disk.ts";
import { isFeeFree } from "./light-rows.ts";

/** Of what lies further back so much is asked for at a time: a month of quarter-hours. */
const BACK_STEPS = 31 * 96;

/** `isBack`: only somebody who looks at old times wants it; `isAll`: all that ever was, of one neighbour. */
export type Planned = CreditsAsked & { readonly isBack: boolean; readonly isAll?: true };
export type Wishes = {
  /** From this step on at least. */
  readonly wanted: number;
  /** Once, and further back; null where nothing is. */
  readonly back: number | null;
};

/** Who was away for longer begins anew: what lies between is in the register. */
export const isAnew = ({ covered, trust }: LightState, { lateWindow }: Contract): boolean =>
  covered === null || trust.header.height - covered.height > 2 * lateWindow;

/** What can still be credited, and what is wanted of before. */
const firstOf = ({ trust: { header } }: LightState, { lateWindow }: Contract, wanted: number): number =>
  Math.min(Math.max(1, header.step - lateWindow), Math.max(1, Math.min(wanted, header.step)));

/** What is not known yet of the steps that are wanted, and of all that can still be credited; the oldest last. */
export const planOf = (state: LightState, contract: Contract, { wanted, back }: Wishes): Planned[] => {
  const { figures, trust, covered } = state;
  const { height, step } = trust.header;
  if (figures?.member === null || figures === null || height === 0) return [];
  const from = firstOf(state, contract, wanted);
  if (covered === null || isAnew(state, contract)) return [{ from, to: step, above: 0, isBack: false }];
  const asks: Planned[] = [];
  if (covered.height < height) asks.push({ from: covered.from, to: step, above: covered.height, isBack: false });
  if (from < covered.from) asks.push({ from, to: covered.from - 1, above: 0, isBack: false });
  const lowest = Math.min(from, covered.from);
  if (back !== null && back < lowest)
    asks.push({ from: Math.max(back, lowest - BACK_STEPS), to: lowest - 1, above: 0, isBack: true });
  // All months are here and do not add up to the register: whoever left something out, one neighbour is asked for all.
  else if (back === 1 && covered.sure > 1 && gapOf(state, contract)?.since === 1)
    asks.push({ from: 1, to: step, above: 0, isBack: true, isAll: true });
  return asks;
};

const sumOf = ({ credits }: LightState, above: number): number => {
  let sum = 0;
  for (const all of credits.values()) for (const c of all) sum += c.height > above ? c.mwh : 0;
  return sum;
};
/** `since`: the first step that it may be of. */
export type Gap = { readonly mwh: number; readonly since: number };
const gapFrom = (grown: number, shown: number, since: number): Gap | null =>
  grown === shown ? null : { mwh: grown - shown, since };

/**
 * What the register has that no credit which was shown accounts for. Between two proved registers lies exactly what
 * distributions credited, and below the first lies nothing: so nobody can leave one out unseen. Null where nothing is
 * open, or where it cannot be told: a fee may have been paid, or the first register that is known is in the middle.
 * @param asked of what is shown for the first time, the first step.
 */
export const gapOf = (
  state: LightState,
  contract: Contract,
  asked: number = firstOf(state, contract, Infinity),
): Gap | null => {
  const { covered, figures, spans } = state;
  if (figures?.member === null || figures === null) return null;
  const { meter } = figures.member.row;
  const isWhole = isFeeFree(spans, 1, figures.step);
  if (covered === null || isAnew(state, contract))
    return isWhole && asked === 1 ? gapFrom(meter, sumOf(state, 0), 1) : null;
  const growing = isFeeFree(spans, covered.step - contract.lateWindow, figures.step);
  const grown =
    covered.height < figures.height && growing
      ? gapFrom(meter - covered.meter, sumOf(state, covered.height), covered.step + 1)
      : null;
  if (grown !== null) return grown;
  return covered.from === 1 && covered.sure > 1 && isWhole ? gapFrom(meter, sumOf(state, 0), 1) : null;
};

/** Credits that were found, among those known. */
export const withFound = (
  state: LightState,
  found: readonly Credit[],
): { readonly state: LightState; readonly ops: readonly DiskOp[] } => {
  const ops: DiskOp[] = [];
  const credits = new Map(state.credits);
  // Two questions of one visit may bring the same one.
  const distinct = [...new Map(found.map((c) => [c.tx, c])).values()];
  for (const step of new Set(distinct.map((c) => c.step as number))) {
    const fresh = distinct.filter((c) => c.step === step);
    const known = (credits.get(step) ?? []).filter((c) => !fresh.some((f) => f.tx === c.tx));
    const all = [...known, ...fresh];
    credits.set(step, all);
    ops.push(creditsOp(step, all));
  }
  return { state: { ...state, credits }, ops };
};

/** From which step on what is known adds up to the register. */
const sureOf = (state: LightState, contract: Contract, from: number): number => {
  const { covered, figures, spans, trust } = state;
  const { step } = trust.header;
  if (figures?.member === null || figures === null) return step + 1;
  if (from === 1 && isFeeFree(spans, 1, step) && figures.member.row.meter === sumOf(state, 0)) return 1;
  if (covered === null || isAnew(state, contract)) return step + 1;
  if (covered.step === step) return covered.sure;
  return isFeeFree(spans, covered.step - contract.lateWindow, step) ? covered.sure : step + 1;
};

/**
 * All that was planned was shown. @param from the first step of what was asked and proved; Infinity where nothing was to
 * be asked.
 */
export const withCovered = (
  state: LightState,
  contract: Contract,
  { from, wanted }: { readonly from: number; readonly wanted: number },
): { readonly state: LightState; readonly ops: readonly DiskOp[] } => {
  const { figures, trust, covered } = state;
  if (figures?.member === null || figures === null) return { state, ops: [] };
  const proved = from === Infinity ? firstOf(state, contract, wanted) : from;
  const first = covered === null || isAnew(state, contract) ? proved : Math.min(covered.from, proved);
  const { height, step } = trust.header;
  const { meter } = figures.member.row;
  const next: Covered = { from: first, height, step, meter, sure: sureOf(state, contract, first) };
  return { state: { ...state, covered: next }, ops: [coveredOp(next)] };
};
