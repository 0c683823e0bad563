/**
 * Pulses to energy, exactly: n pulses of a meter with c imp/kWh are floor(n · 1,000,000 / c) mWh, also where c does
 * not divide (3,000 imp/kWh: 333.33 mWh a pulse, and three of them are 1,000). Knows no protocol.
 */
import { mwh, type MilliwattHours } from "../base/units.ts";

/** mWh in a kWh. */
const KWH = 1_000_000;
/** A pulse constant beyond this is a typing error (real ones: 100 to 10,000). */
export const MAX_IMP_PER_KWH = 1_000_000;

export const isImpPerKwh = (n: number): boolean => Number.isSafeInteger(n) && n > 0 && n <= MAX_IMP_PER_KWH;

/** Does the energy of so many pulses fit a register? Nine million MWh do. */
export const pulsesFit = (pulses: number, impPerKwh: number): boolean =>
  Number.isSafeInteger(pulses) && pulses / impPerKwh < 9_000_000_000;

/** @throws RangeError when the energy does not fit, see pulsesFit. */
export const pulsesToMwh = (pulses: number, impPerKwh: number): MilliwattHours => {
  const kwh = Math.floor(pulses / impPerKwh);
  return mwh(kwh * KWH + Math.floor(((pulses % impPerKwh) * KWH) / impPerKwh));
};

/** One pulse in mWh, rounded up. */
export const pulseResolution = (impPerKwh: number): number => Math.ceil(KWH / impPerKwh);

/** Pulses up to which the product below is exact. */
const EXACT_PULSES = 2_000_000;

/** Mean power of `pulses` in `ms`, whole watts: a pulse is 3.6 MJ / impPerKwh. Null for more than a screen can mean. */
export const pulsePower = (pulses: number, impPerKwh: number, ms: number): number | null =>
  pulses > EXACT_PULSES ? null : Math.floor((pulses * 3_600_000_000) / (impPerKwh * ms));
