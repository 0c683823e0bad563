/**
 * The chain against the MID meter (§IV.B.1: the meter's own register is the basic information; MI-003 of Directive
 * 2014/32/EU for what its class allows): chain minus meter, row by row and in total. A row is an interval of the meter's
 * own record, or as many of them as reach from one T_i to another. Whole mWh; pure; knows no file format, disk or screen.
 * Why a row is out stands in reconcile-reasons.ts.
 */
import { assert } from "../base/result.ts";
import { explain, type Reason } from "./reconcile-reasons.ts";
import type { Metered, MeterFile } from "./register-file.ts";

/** What the chain has of one generator in one step. */
export type ChainStep = {
  readonly mwh: number;
  /** Some of it may have been generated in another step. */
  readonly estimated: boolean;
  /** It came to the chain when its own step could no longer be booked to. */
  readonly late: boolean;
  /** Nothing more can be booked to this step. */
  readonly closed: boolean;
};

export type ReconcileInput = {
  readonly t0: number;
  readonly stepMs: number;
  readonly chain: (step: number) => ChainStep;
  readonly meter: MeterFile;
  /** The first step compared, and the last: that of the first reading is only partly counted. */
  readonly firstStep: number;
  readonly lastStep: number;
  /** The generator's terms: MPE at P_min, and the smallest step of its register. */
  readonly mpePpm: number;
  readonly pMinW: number;
  readonly resolutionMwh: number;
};

export type Verdict = "within" | "rounding" | "out";

export type Sum = {
  readonly chainMwh: number;
  readonly meterMwh: number;
  /** Chain minus meter. */
  readonly differenceMwh: number;
  readonly allowedMwh: number;
  readonly verdict: Verdict;
};

export type Row = Sum & {
  readonly from: number;
  readonly to: number;
  readonly firstStep: number;
  readonly lastStep: number;
  /** What the registers' own steps may add to what is allowed. */
  readonly coarseMwh: number;
  readonly estimated: boolean;
  readonly late: boolean;
  readonly closed: boolean;
  /** The meter was read within a step: the chain's part of it is in proportion to time. */
  readonly unaligned: boolean;
};

export type ExplainedRow = Row & { readonly reasons: readonly Reason[]; readonly elsewhere: number | null };

export type Hint = { readonly kind: "shift"; readonly ms: number } | { readonly kind: "unit" };

export type Reconciliation = {
  readonly rows: readonly ExplainedRow[];
  readonly total: Sum;
  readonly closed: boolean;
  /** The device's clock minus the meter's, from the pattern of the differences. */
  readonly clockOffsetMs: number | null;
  readonly hint: Hint | null;
};

const PPM = 1_000_000n;
const MS_PER_W = 3_600;

/** floor(value · ppm / 10^6), exact. */
const part = (value: number, ppm: number): number => Number((BigInt(value) * BigInt(ppm)) / PPM);

const verdictOf = (difference: number, allowed: number, coarse: number): Verdict => {
  const size = Math.abs(difference);
  return size <= allowed ? "within" : size <= allowed + coarse ? "rounding" : "out";
};

type Span = Metered & { readonly intervals: number };

/** Intervals that follow each other, joined until both ends lie on a T_i; what is left at either end stays as it is. */
export const spansOf = (intervals: readonly Metered[], t0: number, stepMs: number): Span[] => {
  const spans: Span[] = [];
  const isEnd = (at: number): boolean => (at - t0) % stepMs === 0;
  for (const { from, to, mwh } of intervals) {
    const last = spans.at(-1);
    if (last !== undefined && last.to === from && !isEnd(from))
      spans[spans.length - 1] = { from: last.from, to, mwh: last.mwh + mwh, intervals: last.intervals + 1 };
    else spans.push({ from, to, mwh, intervals: 1 });
  }
  return spans;
};

type Held = Pick<Row, "chainMwh" | "estimated" | "late" | "closed"> & {
  readonly firstStep: number;
  readonly lastStep: number;
  /** Energy of the steps that the span cuts. */
  readonly cut: number;
};

/** What the chain has between two instants; of a step that is cut, in proportion to time. */
const heldIn = (input: ReconcileInput, from: number, to: number): Held => {
  const { t0, stepMs, chain } = input;
  const firstStep = Math.floor((from - t0) / stepMs) + 1;
  const lastStep = Math.ceil((to - t0) / stepMs);
  let [chainMwh, cut] = [0, 0];
  let [estimated, late, closed] = [false, false, true];
  for (let step = firstStep; step <= lastStep; step++) {
    const has = chain(step);
    const end = t0 + step * stepMs;
    const inside = Math.min(to, end) - Math.max(from, end - stepMs);
    if (inside < stepMs) {
      cut += has.mwh;
      chainMwh += Math.floor(has.mwh / stepMs) * inside + Math.floor(((has.mwh % stepMs) * inside) / stepMs);
    } else chainMwh += has.mwh;
    estimated ||= has.estimated;
    late ||= has.late;
    closed &&= has.closed;
  }
  return { chainMwh, estimated, late, closed, firstStep, lastStep, cut };
};

const rowOf = (input: ReconcileInput, { from, to, mwh, intervals }: Span): Row => {
  const { cut, ...held } = heldIn(input, from, to);
  const { meter, mpePpm, pMinW, resolutionMwh } = input;
  // Below P_min the class promises no ratio: there the bound of P_min itself holds (§IV.B.1).
  const least = Math.floor((pMinW * (to - from)) / MS_PER_W);
  const allowedMwh = part(Math.max(mwh, least), mpePpm);
  const differenceMwh = held.chainMwh - mwh;
  // A register is cut at both ends; each energy of a list is rounded by itself.
  const coarseMwh = 2 * resolutionMwh + meter.unitMwh * (meter.kind === "energy" ? intervals : 1) + cut;
  const verdict = verdictOf(differenceMwh, allowedMwh, coarseMwh);
  return { from, to, ...held, meterMwh: mwh, differenceMwh, allowedMwh, verdict, coarseMwh, unaligned: cut > 0 };
};

const totalOf = (rows: readonly Row[], mpePpm: number, kind: MeterFile["kind"]): Sum => {
  let [chainMwh, meterMwh, coarse] = [0, 0, 0];
  for (const [i, row] of rows.entries()) {
    chainMwh += row.chainMwh;
    meterMwh += row.meterMwh;
    // Of registers that follow each other only the first and the last are cut.
    if (kind === "energy" || rows[i - 1]?.to !== row.from) coarse += row.coarseMwh;
  }
  const allowedMwh = part(meterMwh, mpePpm);
  const differenceMwh = chainMwh - meterMwh;
  return { chainMwh, meterMwh, differenceMwh, allowedMwh, verdict: verdictOf(differenceMwh, allowedMwh, coarse) };
};

/** How many rows a file may be shifted for a hint: two hours of quarter-hours, a zone mistaken for UTC in summer. */
const MAX_SHIFT = 8;
const MUCH_BETTER = 4;
/** Fewer rows with energy fit any shift. */
const ENOUGH = 6;

/** Whether the file read otherwise would fit far better. */
const hintOf = (rows: readonly Row[], total: Sum): Hint | null => {
  const { chainMwh, meterMwh } = total;
  const near = (a: number, b: number): boolean => b > 0 && Math.abs(a - b) * 10 < b;
  if (total.verdict === "out" && (near(chainMwh * 1_000, meterMwh) || near(meterMwh * 1_000, chainMwh)))
    return { kind: "unit" };
  const [first] = rows;
  if (first === undefined) return null;
  const length = first.to - first.from;
  if (rows.some((row, i) => row.to - row.from !== length || (i > 0 && rows[i - 1]?.to !== row.from))) return null;
  if (rows.filter((row) => row.meterMwh > 0).length < ENOUGH || !rows.some((row) => row.verdict === "out")) return null;
  const apart = (shift: number): number => {
    let sum = 0;
    for (let i = MAX_SHIFT; i < rows.length - MAX_SHIFT; i++)
      sum += Math.abs((rows[i]?.chainMwh ?? 0) - (rows[i - shift]?.meterMwh ?? 0));
    return sum;
  };
  let best = 0;
  for (let shift = 1; shift <= MAX_SHIFT; shift++)
    for (const one of [shift, -shift]) if (apart(one) < apart(best)) best = one;
  return best !== 0 && apart(best) * MUCH_BETTER < apart(0) ? { kind: "shift", ms: best * length } : null;
};

/** Rows outside of `firstStep` to `lastStep` are left out; none may be left. */
export const reconcile = (input: ReconcileInput): Reconciliation => {
  const { meter, t0, stepMs, firstStep, lastStep, mpePpm } = input;
  assert(Number.isSafeInteger(stepMs) && stepMs > 0, "reconcile: a step lasts some whole milliseconds");
  const start = t0 + (firstStep - 1) * stepMs;
  const end = t0 + lastStep * stepMs;
  const rows = spansOf(meter.intervals, t0, stepMs)
    .filter(({ from, to }) => from >= start && to <= end)
    .map((span) => rowOf(input, span));
  const total = totalOf(rows, mpePpm, meter.kind);
  const { clockOffsetMs, explained } = explain(rows, stepMs);
  return { rows: explained, total, closed: rows.every((row) => row.closed), clockOffsetMs, hint: hintOf(rows, total) };
};
