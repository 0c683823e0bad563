/**
 * How small V must be (paper §IV.B.1): V < P_min · MPE, here for a market step of length Δ. P_min is the power at
 * I_min, "the value of I above which the error lies within MPE" (Directive 2014/32/EU, Annex V, MI-003), at 230 V and
 * power factor 1; MPE is MI-003 table 2 for rated conditions, +5 to +30 degrees. Whole numbers only; power in mW,
 * energy in micro-Wh where a mWh is too coarse to decide a strict bound. Knows nothing of the meter beyond its plate.
 */
import { mwh, type MilliwattHours } from "../base/units.ts";

export type AccuracyClass = "A" | "B" | "C";

export type MeterPlate = {
  readonly phases: 1 | 3;
  /** I_min in mA: 250 for a meter marked 0.25-5(60) A. */
  readonly iMinMa: number;
  readonly accuracyClass: AccuracyClass;
};

export const NOMINAL_VOLTS = 230;

/** MI-003 table 2, +5..+30 degrees, in ppm: from I_min to I_tr, and from I_tr to I_max. */
export const MPE_PPM: Readonly<Record<AccuracyClass, { readonly low: number; readonly high: number }>> = {
  A: { low: 35_000, high: 35_000 },
  B: { low: 20_000, high: 20_000 },
  C: { low: 10_000, high: 7_000 },
};

const PPM = 1_000_000n;
const HOUR_MS = 3_600_000n;

/** P_min in mW: phases · 230 V · I_min. */
export const minimumPower = (plate: MeterPlate): number => plate.phases * NOMINAL_VOLTS * plate.iMinMa;

/** Energy of a constant power, in micro-Wh, rounded up: an error is never understated. */
const energyUp = (mw: number, ms: number): number => {
  const product = BigInt(mw) * BigInt(ms) * 1000n;
  return Number((product + HOUR_MS - 1n) / HOUR_MS);
};

export type Bound = {
  readonly pMinMw: number;
  readonly mpePpm: number;
  /** Energy of one step at P_min, micro-Wh, cut off. */
  readonly stepMicroWh: number;
  /** P_min · MPE · Δ, micro-Wh, cut off: V must be strictly below the exact value. */
  readonly boundMicroWh: number;
  /** The largest whole V in mWh that is strictly below, 0 if none is. */
  readonly quantumMwh: MilliwattHours;
  /** The smallest pulse constant whose pulse is strictly below. */
  readonly minImpPerKwh: number;
};

/** @param stepMs Δ. */
export const quantumBound = (plate: MeterPlate, stepMs: number): Bound => {
  const pMinMw = minimumPower(plate);
  const mpePpm = MPE_PPM[plate.accuracyClass].low;
  const step = BigInt(pMinMw) * BigInt(stepMs);
  // The exact bound is numerator / denominator mWh.
  const numerator = step * BigInt(mpePpm);
  const denominator = HOUR_MS * PPM;
  const below = numerator === 0n ? 0n : (numerator - 1n) / denominator;
  return {
    pMinMw,
    mpePpm,
    stepMicroWh: Number((step * 1000n) / HOUR_MS),
    boundMicroWh: Number((numerator * 1000n) / denominator),
    quantumMwh: mwh(Number(below)),
    minImpPerKwh: numerator === 0n ? 0 : Number((1_000_000n * denominator) / numerator + 1n),
  };
};

export type BudgetInput = MeterPlate & {
  readonly stepMs: number;
  /** The smallest step of the register read, mWh, rounded up: what may be booked to the wrong market step. */
  readonly resolutionMwh: number;
  /** For pulses: a step is exactly 1,000,000 / impPerKwh mWh, and `resolutionMwh` is not used. */
  readonly impPerKwh?: number | null;
  /** How far this device's community time may be off, either way, ms. */
  readonly clockErrorMs: number;
};

export type Budget = Bound & {
  readonly meets: boolean;
  readonly reason: "meets" | "register-too-coarse" | "clock-too-uncertain";
  /** One plain sentence with the numbers. */
  readonly message: string;
  /** Resolution plus P_min times the clock error, micro-Wh, rounded up. */
  readonly errorMicroWh: number;
  /** The two parts of it. */
  readonly resolutionMicroWh: number;
  readonly clockMicroWh: number;
  /** What is left of the bound; below 0 when it is overdrawn. */
  readonly marginMicroWh: number;
};

/** "0.2875 Wh" from micro-Wh, not negative. */
export const wh = (microWh: number): string => {
  const whole = Math.floor(microWh / 1_000_000);
  const fraction = String(microWh % 1_000_000)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return `${whole}${fraction === "" ? "" : `.${fraction}`} Wh`;
};

/** A step of the register in mWh, as a fraction. */
const stepOf = ({ resolutionMwh, impPerKwh = null }: BudgetInput): readonly [energy: bigint, pulses: bigint] =>
  impPerKwh === null ? [BigInt(resolutionMwh), 1n] : [PPM, BigInt(impPerKwh)];

/** Is resolution + P · |clock error| below P · MPE · Δ? In mW · ms · ppm, so that nothing is rounded. */
const fits = (input: BudgetInput, powerMw: number, mpePpm: number, clockErrorMs: number): boolean => {
  const [energy, pulses] = stepOf(input);
  const error = energy * HOUR_MS + BigInt(powerMw) * BigInt(clockErrorMs) * pulses;
  return error * PPM < BigInt(powerMw) * BigInt(input.stepMs) * BigInt(mpePpm) * pulses;
};

/** The smallest n with 1,000,000 / n mWh + P · |clock error| strictly below P · MPE · Δ. */
const neededPulses = (powerMw: number, mpePpm: number, input: BudgetInput): number | null => {
  const allowed = BigInt(powerMw) * BigInt(input.stepMs) * BigInt(mpePpm);
  const left = allowed - BigInt(powerMw) * BigInt(input.clockErrorMs) * PPM;
  return left <= 0n ? null : Number((PPM * HOUR_MS * PPM) / left + 1n);
};

/**
 * The budget of PROTOCOL.md §9.5: resolution + P_min · |clock error| < P_min · MPE · Δ, and |clock error| / Δ below the
 * class's smallest MPE, so that it holds at any power.
 */
export const accuracyBudget = (input: BudgetInput): Budget => {
  const bound = quantumBound(input, input.stepMs);
  const { pMinMw, mpePpm } = bound;
  const [energy, pulses] = stepOf(input);
  const resolutionMicroWh = Number((energy * 1000n + pulses - 1n) / pulses);
  const clockMicroWh = energyUp(pMinMw, input.clockErrorMs);
  const errorMicroWh = resolutionMicroWh + clockMicroWh;
  const marginMicroWh = bound.boundMicroWh - errorMicroWh;
  const parts = { ...bound, errorMicroWh, resolutionMicroWh, clockMicroWh, marginMicroWh };
  const { high } = MPE_PPM[input.accuracyClass];
  const clockFits = BigInt(input.clockErrorMs) * PPM < BigInt(input.stepMs) * BigInt(high);
  const limit = wh(bound.boundMicroWh);
  if (fits(input, pMinMw, mpePpm, input.clockErrorMs) && clockFits) {
    const message = `At most ${wh(errorMicroWh)} can fall into the wrong market step; this meter's class allows less than ${limit}.`;
    return { ...parts, meets: true, reason: "meets", message };
  }
  if (!fits(input, pMinMw, mpePpm, 0)) {
    const needed = neededPulses(pMinMw, mpePpm, input) ?? bound.minImpPerKwh;
    const message = `The meter's register moves in steps of ${wh(resolutionMicroWh)}, but its class needs steps below ${limit}; use a pulse output of at least ${needed} pulses per kWh.`;
    return { ...parts, meets: false, reason: "register-too-coarse", message };
  }
  const message = `This device's clock may be off by ${input.clockErrorMs} ms, too much for this meter's class; let it set its time automatically and stay online.`;
  return { ...parts, meets: false, reason: "clock-too-uncertain", message };
};

/**
 * Whether a registered generator's register can meet its class at all, with a clock that is right: its resolution below
 * P_min · MPE · Δ. The clock's part is each device's own.
 */
export const isFineEnough = (
  terms: { readonly resolutionMwh: number; readonly pMinW: number; readonly mpePpm: number },
  stepMs: number,
): boolean =>
  BigInt(terms.resolutionMwh) * HOUR_MS * PPM < BigInt(terms.pMinW) * 1000n * BigInt(stepMs) * BigInt(terms.mpePpm);

/** One load band of MI-003 table 2: from this current on, up to the next band. */
export type Band = {
  readonly fromMa: number;
  readonly powerMw: number;
  readonly mpePpm: number;
  /** P · MPE · Δ at the band's beginning, micro-Wh, cut off. */
  readonly boundMicroWh: number;
  readonly meets: boolean;
};

export type ClassVerdict = {
  readonly accuracyClass: AccuracyClass;
  readonly meets: boolean;
  /** From I_min and from I_tr. */
  readonly bands: readonly [Band, Band];
  /** The smallest pulse constant that meets it with this clock; null when the clock alone is too far off. */
  readonly neededImpPerKwh: number | null;
};

/**
 * The budget against each class, in both load bands: what the same meter would meet if it were of that class.
 * @param iTrMa I_tr in mA: a tenth of the reference current, 500 for 0.25-5(60) A.
 */
export const classVerdicts = (input: BudgetInput, iTrMa: number): readonly ClassVerdict[] =>
  (["A", "B", "C"] as const).map((accuracyClass) => {
    const { low, high } = MPE_PPM[accuracyClass];
    const band = (fromMa: number, mpePpm: number): Band => {
      const powerMw = input.phases * NOMINAL_VOLTS * fromMa;
      const bound = (BigInt(powerMw) * BigInt(input.stepMs) * BigInt(mpePpm) * 1000n) / (HOUR_MS * PPM);
      const meets = fits(input, powerMw, mpePpm, input.clockErrorMs);
      return { fromMa, powerMw, mpePpm, boundMicroWh: Number(bound), meets };
    };
    const bands = [band(input.iMinMa, low), band(iTrMa, high)] as const;
    const needed = bands.map(({ powerMw, mpePpm }) => neededPulses(powerMw, mpePpm, input));
    const neededImpPerKwh = needed.includes(null) ? null : Math.max(...needed.map((n) => n ?? 0));
    return { accuracyClass, meets: bands.every(({ meets }) => meets), bands, neededImpPerKwh };
  });
