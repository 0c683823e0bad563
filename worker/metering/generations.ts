/**
 * What is to be signed now: the generations that carry the cryptometer's register from where the ledger's stands to
 * where the journal's does (PROTOCOL.md §5: `from` = the ledger's register, booked to the step in which it was
 * measured). A pure function of the two, so a restart, a lost message or a block that took an older tick change nothing:
 * whatever the ledger has not booked comes out again, once.
 */
import { mwh, stepIndex, type MilliwattHours, type StepIndex } from "../base/units.ts";
import type { Close, Cryptometer } from "./cryptometer.ts";

export type LedgerView = {
  /** This generator's register at the head (or at the end of what waits for a block). */
  readonly register: MilliwattHours;
  /** The step now running: nothing is booked beyond it. */
  readonly currentStep: StepIndex;
  /** How many steps before it can still be booked to. */
  readonly lateWindow: number;
  /** The most that the ledger takes from this generator in one step, mWh; null for no limit. */
  readonly stepLimitMwh?: number | null;
  /** What it already took in a step of the window; none by default. */
  readonly booked?: (step: StepIndex) => number;
};

export type PendingGeneration = {
  readonly step: StepIndex;
  readonly from: MilliwattHours;
  readonly to: MilliwattHours;
  /** Some of it may have been generated in another step. */
  readonly estimated: boolean;
  /** The step still runs: a larger one will supersede this. */
  readonly running: boolean;
};

/** More than this many at once is for a later call: the next one goes on from the ledger's register. */
export const MAX_PENDING = 256;

type Piece = { step: number; from: number; to: number; estimated: boolean };

/** Our register cut at the ends of steps, the running one last. Only what is on disk. */
const segments = (state: Cryptometer): readonly Close[] => {
  const { journaled, closes } = state;
  if (journaled === null) return closes;
  const running: Close = {
    step: stepIndex(journaled.closed + 1),
    register: journaled.register,
    estimated: journaled.estimated,
  };
  return [...closes, running];
};

/** Books each segment to its step, or to the next one that is still open and has room. Nothing is left out for good. */
const place = (state: Cryptometer, ledger: LedgerView): Piece[] => {
  const limit = ledger.stepLimitMwh ?? Number.MAX_SAFE_INTEGER;
  const pieces: Piece[] = [];
  const roomIn = (step: number): number => {
    const last = pieces.at(-1);
    const here = last?.step === step ? last.to - last.from : 0;
    return Math.max(0, limit - (ledger.booked?.(stepIndex(step)) ?? 0) - here);
  };
  let from: number = ledger.register;
  let target = Math.max(0, ledger.currentStep - ledger.lateWindow);
  for (const segment of segments(state)) {
    while (segment.register > from) {
      target = Math.max(target, segment.step);
      while (target <= ledger.currentStep && roomIn(target) === 0) target += 1;
      if (target > ledger.currentStep) return pieces;
      const to = Math.min(segment.register, from + roomIn(target));
      const estimated = segment.estimated || target !== segment.step;
      const last = pieces.at(-1);
      if (last?.step === target) {
        last.to = to;
        last.estimated ||= estimated;
      } else pieces.push({ step: target, from, to, estimated });
      from = to;
    }
  }
  return pieces;
};

/** Cut at the multiples of V. @param whole leave what is less than a V for later. */
const chop = (piece: Piece, quantum: number, whole: boolean): Piece[] => {
  const out: Piece[] = [];
  let from = piece.from;
  while (from < piece.to && out.length < MAX_PENDING) {
    const next = (Math.floor(from / quantum) + 1) * quantum;
    if (whole && next > piece.to) break;
    const to = Math.min(next, piece.to);
    out.push({ ...piece, from, to });
    from = to;
  }
  return out;
};

/**
 * Ascending in step and register, the first from the ledger's own register, each from where the one before ends. In
 * mode `per-step` one a step; in mode `per-V` cut at every V, the remainder when the step is closed. Energy of steps
 * older than the late window, or above what a step may take, goes to the next step that can take it, marked estimated.
 */
export const pendingGenerations = (state: Cryptometer, ledger: LedgerView): PendingGeneration[] => {
  const closed = state.journaled?.closed ?? 0;
  const out: PendingGeneration[] = [];
  for (const piece of place(state, ledger)) {
    const running = piece.step > closed;
    const parts = state.config.mode === "per-V" ? chop(piece, state.config.quantumMwh, running) : [piece];
    for (const { step, from, to, estimated } of parts) {
      if (out.length === MAX_PENDING) return out;
      out.push({ step: stepIndex(step), from: mwh(from), to: mwh(to), estimated, running });
    }
    // A remainder that waits for its V holds back what comes after it: each begins where the one before ends.
    if (parts.at(-1)?.to !== piece.to) return out;
  }
  return out;
};

/** What was counted and journaled but is not on the ledger yet, mWh. */
export const unbooked = (state: Cryptometer, register: MilliwattHours): MilliwattHours =>
  mwh(Math.max(0, (state.journaled?.register ?? state.origin) - register));

/**
 * Forgets closes that can never be needed again: those that the final register has passed, and of the unbooked ones
 * older than the late window all but the last (their energy goes to the oldest open step as one).
 * @param oldestStep the oldest step that can still be booked to, seen from the final block.
 * @returns the steps whose entries may be deleted from the journal.
 */
export const prune = (
  state: Cryptometer,
  finalRegister: MilliwattHours,
  oldestStep: StepIndex,
): { readonly state: Cryptometer; readonly forget: readonly StepIndex[] } => {
  const old = state.closes.filter((close) => close.step < oldestStep);
  const lastOld = old.at(-1);
  const forget = old.filter((close) => close.register <= finalRegister || close !== lastOld).map((close) => close.step);
  if (forget.length === 0) return { state, forget };
  const gone = new Set<number>(forget);
  return { state: { ...state, closes: state.closes.filter((close) => !gone.has(close.step)) }, forget };
};
