/**
 * Days, weeks, months and years of the device's calendar, for screens that go through time: a day of the odd two has 23 or
 * 25 hours, a week begins on Monday. Pure; knows no energy.
 */
export const SPANS = ["day", "week", "month", "year"] as const;
export type Span = (typeof SPANS)[number];

/** From `from`, before `to`. */
export type Period = { readonly span: Span; readonly from: number; readonly to: number };

const MONDAY = 1;

/** The period of that length in which a moment lies, or one so many further. */
export const periodOf = (span: Span, time: number, plus = 0): Period => {
  const date = new Date(time);
  const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()];
  const begin = (n: number): number => {
    switch (span) {
      case "day":
        return new Date(year, month, day + n).getTime();
      case "week":
        return new Date(year, month, day - ((date.getDay() + 7 - MONDAY) % 7) + n * 7).getTime();
      case "month":
        return new Date(year, month + n, 1).getTime();
      case "year":
        return new Date(year + n, 0, 1).getTime();
    }
  };
  return { span, from: begin(plus), to: begin(plus + 1) };
};

export const isIn = (time: number, { from, to }: Pick<Period, "from" | "to">): boolean => time >= from && time < to;

/** What a bar of a period's picture stands for; a day's lead to steps. */
export const finer = (span: Span): Span | null => {
  if (span === "day") return null;
  return span === "year" ? "month" : "day";
};

/** The calendar's date at a moment: 2026-03-29. */
export const dateOf = (time: number): string => {
  const date = new Date(time);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

/** Noon of a date: on that day whatever the clocks do at night. Null for what is no date. */
export const noonOf = (date: string): number | null => {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date)?.slice(1).map(Number);
  if (parts === undefined) return null;
  const [year = 0, month = 0, day = 0] = parts;
  const noon = new Date(year, month - 1, day, 12);
  return noon.getMonth() === month - 1 && noon.getDate() === day ? noon.getTime() : null;
};
