/**
 * Decimal text to integers without a floating-point step in between: "001285.951" kWh is 1,285,951,000 mWh, exactly.
 * Knows nothing of meters.
 */

/** Digits that always fit a safe integer. */
const SAFE_DIGITS = 15;

export type Scaled = {
  /** floor(value · 10^scale). */
  readonly value: number;
  /** What one unit of the last digit written is worth at this scale, at least 1. */
  readonly unit: number;
};

/**
 * floor(value · 10^exponent), exactly.
 * @param value a whole number from 0.
 * @returns null when the result does not fit; `unit` is what one of value's steps is worth, at least 1.
 */
export const scaleInteger = (value: number, exponent: number): Scaled | null => {
  if (!Number.isSafeInteger(value) || value < 0 || Math.abs(exponent) > SAFE_DIGITS) return null;
  const power = 10 ** Math.abs(exponent);
  if (exponent < 0) return { value: (value - (value % power)) / power, unit: 1 };
  return Number.isSafeInteger(value * power) ? { value: value * power, unit: power } : null;
};

/**
 * @param text digits with at most one point or comma between them, e.g. "000012.345".
 * @param scale how many decimal digits the integer keeps; what is beyond is cut off.
 * @returns null when the text is no such number or does not fit.
 */
export const parseScaled = (text: string, scale: number): Scaled | null => {
  const match = /^(\d{1,32})(?:[.,](\d{0,32}))?$/.exec(text);
  if (match === null) return null;
  const fraction = match[2] ?? "";
  const digits = ((match[1] ?? "") + fraction.slice(0, scale).padEnd(scale, "0")).replace(/^0+(?=\d)/, "");
  if (digits.length > SAFE_DIGITS) return null;
  return { value: Number(digits), unit: 10 ** Math.max(0, scale - fraction.length) };
};
