/**
 * Which credits a light node asks for, and what it knows once they are proved (PROTOCOL.md §8.1): of all steps from one on
 * it knows all distributions, or it says so. Pure.
 */
import type { Contract } from "../community/contract.ts";
import type { DiskOp } from "./events.ts";
import type { Credit, CreditsAsked } from "./light-credits.ts";
import { coveredOp, creditsOp, type Covered, type LightState } from "./light-disk.ts";

/** Of what lies further back so much is asked for at a time: a month of quarter-hours. */
const BACK_STEPS = 31 * 96;

/** `isBack`: only somebody who looks at old times wants it. */
export type Planned = CreditsAsked & { readonly isBack: boolean };
type Wishes = {
  /** From this step on at least. */
  readonly wanted: number;
  /** Once, and further back; null where nothing is. */
  readonly back: number | null;
};

/** Who was away for longer begins anew: what lies between is in the register. */
const isAnew = ({ covered, trust }: LightState, { lateWindow }: Contract): boolean =>
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
  return asks;
};

/**
 * Between two proved registers lies exactly what distributions credited, where no fee was ever held back: so nobody can
 * leave one out.
 */
export const isShort = (state: LightState, contract: Contract, found: readonly Credit[]): boolean => {
  const { covered, figures, trust, spans } = state;
  const { height } = trust.header;
  if (figures?.member === null || figures === null || covered === null || covered.height >= height) return false;
  if (isAnew(state, contract) || spans.some((s) => s.rule.feePpm > 0)) return false;
  const grown = figures.member.row.meter - covered.meter;
  return found.filter((c) => c.height > covered.height).reduce((sum, c) => sum + c.mwh, 0) !== grown;
};

/** @param from the first step of what was asked and proved; Infinity where nothing was to be asked. */
export const withCredits = (
  state: LightState,
  contract: Contract,
  found: readonly Credit[],
  { from, wanted }: { readonly from: number; readonly wanted: number },
): { readonly state: LightState; readonly ops: readonly DiskOp[] } => {
  const { figures, trust, covered } = state;
  if (figures?.member === null || figures === null) return { state, ops: [] };
  const ops: DiskOp[] = [];
  const credits = new Map(state.credits);
  for (const step of new Set(found.map((c) => c.step as number))) {
    const fresh = found.filter((c) => c.step === step);
    const known = (credits.get(step) ?? []).filter((c) => !fresh.some((f) => f.tx === c.tx));
    const all = [...known, ...fresh];
    credits.set(step, all);
    ops.push(creditsOp(step, all));
  }
  const proved = from === Infinity ? firstOf(state, contract, wanted) : from;
  const next: Covered = {
    from: covered === null || isAnew(state, contract) ? proved : Math.min(covered.from, proved),
    height: trust.header.height,
    meter: figures.member.row.meter,
  };
  return { state: { ...state, credits, covered: next }, ops: [...ops, coveredOp(next)] };
};
