/** Periods and their figures as a person reads them, by locale through Intl. Knows no sentences. */
import { timeZoneOf } from "./calendar.ts";
import { decimal } from "./format.ts";
import type { Span } from "./period.ts";

/** A period by its length: a day, "15\u201321 June 2026", a month or a year. `to` is its end, not in it any more. */
export const periodName = (span: Span, from: number, to: number, locale: string): string => {
  const zone = timeZoneOf(locale);
  const date = { day: "numeric", month: "long", year: "numeric", ...zone } as const;
  switch (span) {
    case "day":
      return new Intl.DateTimeFormat(locale, { weekday: "long", ...date }).format(from);
    case "week":
      return new Intl.DateTimeFormat(locale, date).formatRange(from, to - 1);
    case "month":
      return new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", ...zone }).format(from);
    case "year":
      return new Intl.DateTimeFormat(locale, { year: "numeric", ...zone }).format(from);
  }
};

/** Below a bar of a week, month or year; `wide` where there is room for more than a letter. */
export const barName = (span: "week" | "month" | "year", time: number, locale: string, wide: boolean): string => {
  const form: Intl.DateTimeFormatOptions =
    span === "week"
      ? { weekday: "short" }
      : span === "month"
        ? { day: "numeric" }
        : { month: wide ? "short" : "narrow" };
  return new Intl.DateTimeFormat(locale, { ...form, ...timeZoneOf(locale) }).format(time);
};

/**
 * In kWh without its unit, to the milliwatt-hour: one column of a table, figures below each other. Nothing is rounded, so
 * lines add up to their total on paper too, and agree with registers, files and proofs.
 */
export const kwhColumn = (mwh: number, locale: string): string => decimal(mwh / 1_000_000, locale, 6);
