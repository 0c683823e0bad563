/**
 * Days, weeks, months and years of a place's calendar, for screens that go through time: a day of the odd two has 23 or
 * 25 hours, a week begins on Monday. Pure; knows no energy.
 */
import { beginOf, dayAt, timeAt, type Place } from "./calendar.ts";

export const SPANS = ["day", "week", "month", "year"] as const;
export type Span = (typeof SPANS)[number];

/** From `from`, before `to`. */
export type Period = { readonly span: Span; readonly from: number; readonly to: number };

const MONDAY = 1;

/** The period of that length in which a moment lies, or one so many further. */
export const periodOf = (span: Span, time: number, plus = 0, place?: Place): Period => {
  const { year, month, day, weekday } = dayAt(time, place);
  const begin = (n: number): number => {
    switch (span) {
      case "day":
        return beginOf(year, month, day + n, place);
      case "week":
        return beginOf(year, month, day - ((weekday + 7 - MONDAY) % 7) + n * 7, place);
      case "month":
        return beginOf(year, month + n, 1, place);
      case "year":
        return beginOf(year + n, 0, 1, place);
    }
  };
  return { span, from: begin(plus), to: begin(plus + 1) };
};

export const isIn = (time: number, { from, to }: Pick<Period, "from" | "to">): boolean => time >= from && time < to;

const HOUR_MS = 3_600_000;
/**
 * When the days before today were last worth a look: at the hour, and at midnight where that is at none, as in India. Then
 * they have one more.
 */
export const lastLook = (now: number, place?: Place): number =>
  Math.max(Math.floor(now / HOUR_MS) * HOUR_MS, periodOf("day", now, 0, place).from);

/** What a bar of a period's picture stands for; a day's lead to steps. */
export const finer = (span: Span): Span | null => {
  if (span === "day") return null;
  return span === "year" ? "month" : "day";
};

/** The calendar's date at a moment: 2026-03-29. */
export const dateOf = (time: number, place?: Place): string => {
  const { year, month, day } = dayAt(time, place);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${String(year).padStart(4, "0")}-${two(month + 1)}-${two(day)}`;
};

/** Noon of a date: on that day whatever the clocks do at night. Null for what is no date. */
export const noonOf = (date: string, place?: Place): number | null => {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date)?.slice(1).map(Number);
  if (parts === undefined) return null;
  const [year = 0, month = 0, day = 0] = parts;
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= last;
  return isDate ? timeAt({ year, month: month - 1, day }, [12], place) : null;
};
