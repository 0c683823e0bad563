/**
 * The cryptometer (paper §IV.B.1, PROTOCOL.md §9.4): turns readings of a MID meter into a register that only grows, cut
 * exactly at the market steps, and says when a V has been generated. Pure: readings and times come in, entries to
 * journal and moments to sign come out; it signs nothing and writes nothing. What is to be signed stands in
 * generations.ts, the journal's bytes in journal.ts.
 *
 * Its register starts where the ledger's stands (0 the first time) at the first reading, and goes on from there
 * whatever the meter's own number is, also over an exchange of the meter. Interval i is ]T_{i-1}, T_i]; a reading at
 * exactly T_i closes it. Between two readings at most a minute apart the register at T_i is interpolated; over a longer
 * gap the energy belongs to the step in which it was read, and is marked estimated.
 */
import { assert, type Refusal } from "../base/result.ts";
import { mwh, stepIndex, type Millis, type MilliwattHours, type StepIndex } from "../base/units.ts";
import type { PulseCounter } from "./reading.ts";

export type MeteringMode = "per-V" | "per-step";

export type CryptometerConfig = {
  readonly stepMs: number;
  readonly t0: Millis;
  /** V. */
  readonly quantumMwh: MilliwattHours;
  readonly mode: MeteringMode;
  /** Smallest time between two ticks. */
  readonly tickMinMs: number;
  /** A step closes without a reading when T_i has passed by so much. */
  readonly graceMs: number;
  /** How often the count is journaled between ticks. */
  readonly journalMs: number;
  readonly pMaxW: number;
  /** The smallest step of the meter's register. */
  readonly resolutionMwh: number;
};

/** Readings further apart than this are not interpolated. */
export const MAX_INTERPOLATION_MS = 60_000;

export type CryptometerReading = {
  readonly registerMwh: MilliwattHours;
  /** The device's corrected community time. */
  readonly at: Millis;
  /** For pulses: kept in the journal and handed back to the decoder after a restart. */
  readonly counter?: PulseCounter | null;
};

export type StopCode = "register-backwards" | "too-much";

/** Why the machine waits for its owner, and the reading that it did not believe. */
export type Stop = { readonly code: StopCode; readonly meterMwh: MilliwattHours; readonly at: Millis };

/** Everything that is not a closed step. Journaled whole, each time over the last one. */
export type Count = {
  /** The meter's own register at the last reading believed, and ours: their difference is fixed until an exchange. */
  readonly meterMwh: MilliwattHours;
  readonly register: MilliwattHours;
  readonly at: Millis;
  readonly counter: PulseCounter | null;
  /** The last step that can take no more energy; the one after it runs. */
  readonly closed: StepIndex;
  /** Our register at the end of that step. */
  readonly closedRegister: MilliwattHours;
  /** Some energy of the running step may belong to an earlier one. */
  readonly estimated: boolean;
  /** The next energy read is estimated: a step was closed without a reading. */
  readonly unsure: boolean;
  readonly tickRegister: MilliwattHours;
  readonly tickAt: Millis;
  readonly stop: Stop | null;
};

/** Our register at T_step. Only steps that got energy have one. */
export type Close = { readonly step: StepIndex; readonly register: MilliwattHours; readonly estimated: boolean };

export type JournalEntry = ({ readonly kind: "count" } & Count) | ({ readonly kind: "close" } & Close);

export type Cryptometer = {
  readonly config: CryptometerConfig;
  /** Where our register stands before the first reading: the ledger's, 0 for a new generator. */
  readonly origin: MilliwattHours;
  readonly count: Count | null;
  /** What the disk has of `count`: nothing beyond it is ever signed. */
  readonly journaled: Count | null;
  /** Ascending in step and register. */
  readonly closes: readonly Close[];
};

export type Effect =
  /** Commit all entries of one outcome together, and before acting on what follows them. */
  | { readonly kind: "journal"; readonly entry: JournalEntry }
  /** Another V (or more) was generated: sign the running step's generation now. */
  | { readonly kind: "tick" }
  /** This step's energy is complete: sign its last generation. */
  | { readonly kind: "closed"; readonly step: StepIndex };

export type Outcome = {
  readonly state: Cryptometer;
  readonly effects: readonly Effect[];
  readonly refusal: Refusal | null;
};

/** @throws Error for a configuration that makes no sense: a bug of the caller. */
export const newCryptometer = (config: CryptometerConfig, origin: MilliwattHours = mwh(0)): Cryptometer => {
  assert(Number.isSafeInteger(config.stepMs) && config.stepMs > 0, "cryptometer: a step lasts some whole milliseconds");
  assert(config.quantumMwh > 0, "cryptometer: V is at least 1 mWh");
  assert(Number.isSafeInteger(config.pMaxW) && config.pMaxW > 0, "cryptometer: P_max is some whole watts");
  assert(config.tickMinMs >= 0 && config.graceMs >= 0 && config.journalMs >= 0, "cryptometer: delays are not negative");
  return { config, origin, count: null, journaled: null, closes: [] };
};

/** The last step whose end is not after `at`; 0 before T_0. */
const endedAt = (config: CryptometerConfig, at: number): number =>
  Math.max(0, Math.floor((at - config.t0) / config.stepMs));

const endOf = (config: CryptometerConfig, step: number): number => config.t0 + step * config.stepMs;

const SENTENCES: Readonly<Record<StopCode | "stopped", string>> = {
  "register-backwards":
    "The meter's register went backwards; if the meter was exchanged, confirm it, otherwise check that the right meter is connected.",
  "too-much":
    "The meter's register grew by more than this generator can make; if the meter was exchanged, confirm it, otherwise correct the largest power or the pulses per kWh.",
  stopped: "Counting has stopped until you confirm the meter's new register; nothing counted before is lost.",
};

const refusalOf = (code: StopCode | "stopped", data?: Refusal["data"]): Refusal => ({
  code,
  message: SENTENCES[code],
  verdict: "ignore",
  ...(data === undefined ? {} : { data }),
});

/** What a generator of P_max can add in `ms`, with a tenth and a minute's worth of clock and register coarseness on top. */
const plausible = (config: CryptometerConfig, ms: number): number => {
  const most = Math.ceil((ms + MAX_INTERPOLATION_MS) / 3600) * config.pMaxW;
  return most + Math.ceil(most / 10) + 2 * config.resolutionMwh;
};

type Closing = { readonly fresh: readonly Close[]; readonly estimated: boolean };

/** What happens now besides: a tick, or a write that is due anyway. */
type Also = { readonly tick?: boolean; readonly write?: boolean };

/** One `closed` for each step with energy, and one for the last step closed. */
const outcome = (before: Cryptometer, next: Count, fresh: readonly Close[], also: Also): Outcome => {
  const count = { ...next, closedRegister: fresh.at(-1)?.register ?? next.closedRegister };
  const advanced = before.count !== null && count.closed > before.count.closed;
  const write = also.write === true || also.tick === true || advanced;
  const effects: Effect[] = fresh.map((close) => ({ kind: "journal", entry: { kind: "close", ...close } }));
  if (write) effects.push({ kind: "journal", entry: { kind: "count", ...count } });
  for (const { step } of fresh) effects.push({ kind: "closed", step });
  if (advanced && fresh.at(-1)?.step !== count.closed) effects.push({ kind: "closed", step: count.closed });
  if (also.tick === true) effects.push({ kind: "tick" });
  const closes = fresh.length === 0 ? before.closes : [...before.closes, ...fresh];
  return { state: { ...before, count, journaled: write ? count : before.journaled, closes }, effects, refusal: null };
};

const firstReading = (state: Cryptometer, reading: CryptometerReading): Outcome => {
  const count: Count = {
    meterMwh: reading.registerMwh,
    register: state.origin,
    at: reading.at,
    counter: reading.counter ?? null,
    closed: stepIndex(endedAt(state.config, reading.at)),
    closedRegister: state.origin,
    estimated: false,
    unsure: false,
    tickRegister: state.origin,
    tickAt: reading.at,
    stop: null,
  };
  return outcome(state, count, [], { write: true });
};

const stopAt = (state: Cryptometer, count: Count, code: StopCode, reading: CryptometerReading): Outcome => {
  const stop: Stop = { code, meterMwh: reading.registerMwh, at: reading.at };
  const stopped = outcome(state, { ...count, stop }, [], { write: true });
  return { ...stopped, refusal: refusalOf(code, { before: count.meterMwh, now: reading.registerMwh }) };
};

/** Closes the steps that ended between the last reading and this one. `estimated` is about what remains open. */
const closeBetween = (
  config: CryptometerConfig,
  count: Count,
  at: number,
  gained: number,
  unsure: boolean,
): Closing => {
  const fresh: Close[] = [];
  let reached: number = count.closedRegister;
  const close = (step: number, register: number, estimated: boolean): void => {
    // A step without energy needs no entry: a year without a meter is not 35,000 of them.
    if (register === reached) return;
    fresh.push({ step: stepIndex(step), register: mwh(register), estimated });
    reached = register;
  };
  const last = endedAt(config, at);
  // A reading at exactly T_i lies in step i: that end needs no guess.
  const inside = endOf(config, last) === at ? last - 1 : last;
  const gap = at - count.at;
  let estimated = count.estimated || unsure;
  if (inside > count.closed) {
    if (gap <= MAX_INTERPOLATION_MS) {
      for (let step = count.closed + 1; step <= inside; step++) {
        const part = Math.floor((gained * (endOf(config, step) - count.at)) / gap);
        close(step, count.register + part, estimated);
        estimated = false;
      }
    } else {
      close(count.closed + 1, count.register, count.estimated || gained > 0);
      estimated = gained > 0;
    }
  }
  if (last > inside && last > count.closed) {
    close(last, count.register + gained, estimated);
    estimated = false;
  }
  return { fresh, estimated };
};

/**
 * Counts a reading. Refusals: `register-backwards` and `too-much` stop the machine until {@link confirm}; while it is
 * stopped every reading is refused with `stopped`. What was counted before stays.
 */
export const onReading = (state: Cryptometer, reading: CryptometerReading): Outcome => {
  const { config, count } = state;
  if (count === null) return firstReading(state, reading);
  if (count.stop !== null) return { state, effects: [], refusal: refusalOf("stopped", { since: count.stop.at }) };
  // The community's clock may be set back; time here never runs backwards, so no step is opened again.
  const at = Math.max(reading.at, count.at) as Millis;
  const gained = reading.registerMwh - count.meterMwh;
  if (gained < 0) return stopAt(state, count, "register-backwards", reading);
  if (gained > plausible(config, at - count.at)) return stopAt(state, count, "too-much", reading);
  const seen = { meterMwh: reading.registerMwh, at, counter: reading.counter ?? null };
  // While a clock set back is waited for, time says nothing: then every V is written.
  const unwritten = count.register + gained - (state.journaled?.register ?? 0);
  const due =
    at - (state.journaled?.at ?? 0) >= config.journalMs || (at > reading.at && unwritten >= config.quantumMwh);
  // What was generated before T_0 belongs to no step: counting begins with the first reading after it.
  if (count.at < config.t0) {
    return outcome(state, { ...count, ...seen, closed: stepIndex(endedAt(config, at)) }, [], { write: due });
  }
  const unsure = gained > 0 && (count.unsure || count.at - reading.at > MAX_INTERPOLATION_MS);
  const { fresh, estimated } = closeBetween(config, count, at, gained, unsure);
  const register = mwh(count.register + gained);
  const ripe = Math.floor(register / config.quantumMwh) > Math.floor(count.tickRegister / config.quantumMwh);
  const tick = ripe && at - count.tickAt >= config.tickMinMs;
  const next: Count = {
    ...count,
    ...seen,
    register,
    closed: stepIndex(Math.max(count.closed, endedAt(config, at))),
    estimated,
    unsure: false,
    ...(tick ? { tickRegister: register, tickAt: at } : {}),
  };
  return outcome(state, next, fresh, { tick, write: due });
};

/** Time alone: closes the steps whose end has passed by `graceMs` at the last register known. */
export const onTime = (state: Cryptometer, now: Millis): Outcome => {
  const { config, count } = state;
  const last = endedAt(config, now - config.graceMs);
  if (count === null || last <= count.closed) return { state, effects: [], refusal: null };
  // Without a reading at T_i itself, some of the energy read next may have been this step's.
  const gained = count.register > count.closedRegister;
  const fresh = gained ? [{ step: stepIndex(count.closed + 1), register: count.register, estimated: true }] : [];
  return outcome(state, { ...count, closed: stepIndex(last), estimated: false, unsure: true }, fresh, {});
};

/** What the disk does not have yet of the count: before the reading ends, so that no pulse counted is lost. */
export const writeDown = (state: Cryptometer): Outcome => {
  const { count, journaled } = state;
  if (count === null || count === journaled) return { state, effects: [], refusal: null };
  return outcome(state, count, [], { write: true });
};

/**
 * The owner says that the register the machine stopped at is right (an exchanged meter): counting goes on from there,
 * our register where it was. What the new meter counted since it was first seen is included.
 * @param from the new meter's register to count from; by default the one that was refused.
 * @throws Error when the machine is not stopped: a bug of the caller.
 */
export const confirm = (state: Cryptometer, from: MilliwattHours | null = null): Outcome => {
  const stop = state.count?.stop ?? null;
  assert(state.count !== null && stop !== null, "cryptometer: only a stopped one needs a confirmation");
  const at = Math.max(stop.at, state.count.at) as Millis;
  // The steps that ended before the new meter was seen take nothing of what it counts.
  const timed = onTime(state, (at + state.config.graceMs) as Millis);
  const count = timed.state.count ?? state.count;
  const next: Count = { ...count, meterMwh: from ?? stop.meterMwh, at, unsure: true, stop: null };
  const going = outcome(timed.state, next, [], { write: true });
  return { ...going, effects: [...timed.effects, ...going.effects] };
};

/**
 * The owner says that another meter is read from now on: counting goes on from its register, ours where it was. Nothing
 * that either meter counted between the last reading believed and this one is claimed.
 */
export const exchange = (state: Cryptometer, reading: CryptometerReading): Outcome => {
  const { count } = state;
  if (count === null) return firstReading(state, reading);
  const stop: Stop = { code: "register-backwards", meterMwh: reading.registerMwh, at: reading.at };
  return confirm({ ...state, count: { ...count, counter: reading.counter ?? null, stop } });
};
