/** A contract term's value, and with its unit, by the suffix of its name: Ms a time, Ppm a share of a million. */
import type { TermsView } from "../../worker/port.ts";
import { count, duration } from "./format.ts";

/** 0 for a term that this contract does not have. */
export const valueOf = (terms: TermsView["terms"], code: string): number =>
  terms.find((term) => term.code === code)?.value ?? 0;

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
