/**
 * Why the chain and the MID meter differ in a row (reconcile.ts): the pattern of the differences and the marks on the
 * chain say it. Energy is never lost by being booked elsewhere, so what one row lacks is looked for in another. Pure; a
 * reason is a reading of the figures, no proof.
 */
import type { ExplainedRow, Row } from "./reconcile.ts";

export type Reason = "late" | "off" | "estimated" | "clock" | "open" | "missing" | "surplus" | "unaligned" | "rounding";

type Note = { readonly reasons: Set<Reason>; elsewhere: number | null };

/** A clock moves at most this part of a step's energy; more is energy that was booked elsewhere. */
const MOST_MOVED = 0.5;
/** Fewer rows show no pattern. */
const ENOUGH = 4;

const follows = (a: Row | undefined, b: Row | undefined, stepMs: number): boolean =>
  a !== undefined && b !== undefined && a.to === b.from && a.to - a.from === stepMs && b.to - b.from === stepMs;

const toleranceOf = (row: Row): number => row.allowedMwh + row.coarseMwh;

type Slope = { readonly row: number; readonly gradient: number };

/** What a step would gain, were the clock ahead by a whole step: its neighbour's energy instead of its own. */
const slopes = (rows: readonly Row[], side: -1 | 1, stepMs: number): Slope[] =>
  rows.flatMap((row, i) => {
    const neighbour = rows[i + side];
    const [a, b] = side === -1 ? [neighbour, row] : [row, neighbour];
    // Where the device was off, the clock has nothing to say.
    const silent = row.estimated || neighbour?.estimated === true || (row.chainMwh === 0 && row.meterMwh > 0);
    if (silent || neighbour === undefined || !follows(a, b, stepMs)) return [];
    return [{ row: i, gradient: neighbour.meterMwh - row.meterMwh }];
  });

type Clock = { readonly offsetMs: number; readonly moved: ReadonlyMap<number, number> };

/** One offset that explains most of the differences: energy near the ends of steps stands in the neighbouring one. */
const clockOf = (rows: readonly Row[], stepMs: number): Clock | null => {
  let best: { part: number; explained: number; all: number; side: -1 | 1; found: Slope[] } | null = null;
  for (const side of [-1, 1] as const) {
    const found = slopes(rows, side, stepMs);
    let [product, square, all] = [0, 0, 0];
    for (const { row, gradient } of found) {
      const difference = rows[row]?.differenceMwh ?? 0;
      product += difference * gradient;
      square += gradient * gradient;
      all += difference * difference;
    }
    if (found.length < ENOUGH || square === 0 || product <= 0) continue;
    const explained = (product * product) / square;
    if (best === null || explained > best.explained) best = { part: product / square, explained, all, side, found };
  }
  if (best === null || best.part > MOST_MOVED || best.explained * 2 < best.all) return null;
  const moved = new Map<number, number>();
  for (const { row, gradient } of best.found) {
    const one = rows[row];
    const expected = best.part * gradient;
    if (one !== undefined && Math.abs(one.differenceMwh - expected) <= toleranceOf(one) + Math.abs(expected) / 2)
      moved.set(row, expected);
  }
  // Ahead of the meter: the end of the step before is counted into this one.
  return { offsetMs: Math.round(best.part * stepMs) * (best.side === -1 ? 1 : -1), moved };
};

/** Two neighbours of which one has what the other lacks. */
const exchanged = (rows: readonly Row[], i: number, stepMs: number): boolean => {
  const [a, b] = [rows[i], rows[i + 1]];
  if (a === undefined || b === undefined || !follows(a, b, stepMs) || a.estimated || b.estimated) return false;
  if (a.verdict === "within" || b.verdict === "within") return false;
  const both = a.differenceMwh + b.differenceMwh;
  const most = MOST_MOVED * Math.max(a.meterMwh, b.meterMwh);
  return Math.abs(both) <= toleranceOf(a) + toleranceOf(b) && Math.abs(a.differenceMwh) <= most;
};

/** What stands in an estimated row, back to where it was generated: rows that lack energy, up to one that lacks none. */
const gapBefore = (rows: readonly Row[], at: number, isOpen: (i: number) => boolean): number[] => {
  const found: number[] = [];
  let need = rows[at]?.differenceMwh ?? 0;
  for (let i = at - 1; i >= 0 && need > 0; i--) {
    const row = rows[i];
    if (row === undefined) break;
    const still = row.meterMwh === 0 && row.chainMwh === 0;
    if (!still && (row.differenceMwh >= 0 || row.verdict === "within")) break;
    if (!isOpen(i) || still) continue;
    found.push(i);
    need += row.differenceMwh;
  }
  return found;
};

/** The nearest row that lacks what this one has too much, or the other way round. */
const counterpart = (rows: readonly Row[], at: number, isOpen: (i: number) => boolean): number | null => {
  const row = rows[at];
  if (row === undefined) return null;
  const fits = (i: number): boolean => {
    const other = rows[i];
    if (other === undefined || !isOpen(i) || other.verdict !== "out") return false;
    return Math.abs(other.differenceMwh + row.differenceMwh) <= toleranceOf(other) + toleranceOf(row);
  };
  for (let far = 1; far < rows.length; far++) {
    const found = [at - far, at + far].find(fits);
    if (found !== undefined) return found;
  }
  return null;
};

class Notes {
  readonly #notes = new Map<number, Note>();
  readonly isOpen = (i: number): boolean => !this.#notes.has(i);
  add(i: number, reason: Reason, elsewhere: number | null = null): void {
    const note = this.#notes.get(i) ?? { reasons: new Set<Reason>(), elsewhere: null };
    note.reasons.add(reason);
    note.elsewhere ??= elsewhere;
    this.#notes.set(i, note);
  }
  of(i: number): Pick<ExplainedRow, "reasons" | "elsewhere"> {
    const note = this.#notes.get(i);
    return { reasons: [...(note?.reasons ?? [])], elsewhere: note?.elsewhere ?? null };
  }
}

/** Each row that is not within what the class allows gets at least one reason; the others none. */
export const explain = (
  rows: readonly Row[],
  stepMs: number,
): { readonly explained: readonly ExplainedRow[]; readonly clockOffsetMs: number | null } => {
  const notes = new Notes();
  const clock = clockOf(rows, stepMs);
  const out = [...rows.keys()].filter((i) => rows[i]?.verdict === "out");
  let isClock = false;
  for (const i of out) {
    if (clock?.moved.has(i) === true) {
      notes.add(i, "clock");
      isClock = true;
    } else if (exchanged(rows, i, stepMs) && notes.isOpen(i)) {
      notes.add(i, "clock");
      notes.add(i + 1, "clock");
    }
  }
  for (const i of out) if (notes.isOpen(i)) gap(rows, i, notes);
  for (const i of out) if (notes.isOpen(i)) alone(rows, i, notes);
  const explained = rows.map((row, i) => {
    if (row.verdict === "within") return { ...row, reasons: [], elsewhere: null };
    if (row.verdict === "rounding" && notes.isOpen(i)) notes.add(i, row.unaligned ? "unaligned" : "rounding");
    return { ...row, ...notes.of(i) };
  });
  return { explained, clockOffsetMs: isClock && clock !== null ? clock.offsetMs : null };
};

const gap = (rows: readonly Row[], at: number, notes: Notes): void => {
  const row = rows[at];
  if (row === undefined || !row.estimated || row.differenceMwh <= 0) return;
  const found = gapBefore(rows, at, notes.isOpen);
  const oldest = found.at(-1);
  notes.add(at, "estimated", oldest === undefined ? null : (rows[oldest]?.to ?? null));
  for (const i of found) notes.add(i, row.late ? "late" : "off", row.to);
};

const alone = (rows: readonly Row[], at: number, notes: Notes): void => {
  const row = rows[at];
  if (row === undefined) return;
  const other = counterpart(rows, at, notes.isOpen);
  if (other !== null) {
    notes.add(at, "late", rows[other]?.to ?? null);
    notes.add(other, "late", row.to);
    return;
  }
  if (row.differenceMwh < 0 && !row.closed) notes.add(at, "open");
  else notes.add(at, row.differenceMwh < 0 ? "missing" : row.estimated ? "estimated" : "surplus");
};
