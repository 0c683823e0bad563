/**
 * What came from the grid, step by step: the import register of the same telegrams, followed by the machine that cuts a
 * generation register at T_i (cryptometer.ts), so both sides of a market face meter are cut by one rule. It never stops
 * for its owner: nothing of it is signed or leaves the device (§IV.B.3), so a register that jumps (another meter, an
 * exchanged one) is counted on from where it is now, and what is read next is marked estimated. Pure; knows no disk.
 */
import { mwh, stepIndex, type Millis, type MilliwattHours, type StepIndex } from "../base/units.ts";
import {
  confirm,
  exchange,
  MAX_INTERPOLATION_MS,
  newCryptometer,
  onReading,
  type Cryptometer,
  type CryptometerConfig,
  type CryptometerReading,
  type JournalEntry,
} from "./cryptometer.ts";
import { KEPT_STEPS } from "./use-book.ts";

/** More than a grid connection of a member carries: a register that grows faster is another meter's. */
export const MAX_IMPORT_W = 1_000_000;
/** After a reload of a few seconds the last count is young enough to be interpolated from. */
const JOURNAL_MS = 15_000;

/** A step that has been counted to its end. Steps that nobody read are left out. */
export type UsedStep = { readonly step: StepIndex; readonly mwh: MilliwattHours; readonly estimated: boolean };

export type Followed = {
  readonly state: Cryptometer;
  readonly steps: readonly UsedStep[];
  /** To be written over the last one, together with the steps; null when it can wait. */
  readonly entry: JournalEntry | null;
};

export const consumptionConfig = (t0: Millis, stepMs: number, resolutionMwh: number): CryptometerConfig => ({
  t0,
  stepMs,
  resolutionMwh,
  // Nothing is ticked or signed here.
  quantumMwh: mwh(Number.MAX_SAFE_INTEGER),
  mode: "per-step",
  tickMinMs: 0,
  graceMs: 0,
  journalMs: JOURNAL_MS,
  pMaxW: MAX_IMPORT_W,
});

export const newFollower = (config: CryptometerConfig): Cryptometer => newCryptometer(config);

/**
 * Takes a reading of the import register. A step ends with the first reading at or after T_i, never by time alone.
 * @param isOther the owner has said that it is another meter's: nothing between the two is claimed.
 */
export const follow = (state: Cryptometer, reading: CryptometerReading, isOther = false): Followed => {
  const before = state.count;
  const taken = isOther ? exchange(state, reading) : onReading(state, reading);
  const jumped = isOther || taken.refusal !== null;
  const { state: after, effects } = taken.refusal === null ? taken : confirm(taken.state);
  const entry = effects.findLast((e) => e.kind === "journal" && e.entry.kind === "count");
  const { count } = after;
  const steps =
    before === null || count === null || before.at < state.config.t0
      ? []
      : endedSteps(before, count, after.closes, jumped);
  // What has been told is forgotten: the book keeps it.
  return { state: { ...after, closes: [] }, steps, entry: entry?.kind === "journal" ? entry.entry : null };
};

type At = NonNullable<Cryptometer["count"]>;

const endedSteps = (before: At, after: At, closes: Cryptometer["closes"], jumped: boolean): UsedStep[] => {
  const found = new Map<number, { register: number; estimated: boolean }>(closes.map((c) => [c.step, c]));
  // A register that stood still through a gap says that nothing was used in it.
  const gap = jumped || (after.at - before.at > MAX_INTERPOLATION_MS && after.register > before.register);
  const steps: UsedStep[] = [];
  let reached: number = before.closedRegister;
  const first = before.closed + 1;
  for (let step = Math.max(first, after.closed - KEPT_STEPS + 1); step <= after.closed; step++) {
    const close = found.get(step);
    // In the gap's first step something was read; of those after it nothing is known.
    if (close === undefined && gap && step !== first) continue;
    const register = close?.register ?? reached;
    steps.push({
      step: stepIndex(step),
      mwh: mwh(register - reached),
      estimated: close?.estimated ?? (gap || before.unsure || before.estimated),
    });
    reached = register;
  }
  return steps;
};
