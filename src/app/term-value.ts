/** A contract term's value with its unit, by the suffix of its name: Ms a time, Ppm a share of a million. */
import { count, duration } from "./format.ts";

export const termValue = (code: string, value: number, locale: string): string => {
  if (code.endsWith("Ms")) {
    return value < 1000 && value > 0
      ? new Intl.NumberFormat(locale, { style: "unit", unit: "millisecond", unitDisplay: "long" }).format(value)
      : duration(value, locale);
  }
  if (code.endsWith("Ppm"))
    return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 4 }).format(value / 1_000_000);
  return count(value, locale);
};
