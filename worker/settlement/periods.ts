/**
 * A stretch of time cut into quarters of an hour, days or months of a place's calendar: the two odd days of summer time
 * last 23 and 25 hours, and a month with one of them an hour less or more. Pure; knows no steps and no energy.
 */
import { instantsOf, wallAt, type Zone } from "./zone.ts";

const QUARTER = 900_000;
const DAY = 86_400_000;

/**
 * When a day of the calendar begins at the place: where its midnight is skipped, the first instant after it; where it
 * comes twice, the first.
 */
export const dayBegins = (year: number, month: number, day: number, zone: Zone): number => {
  const midnight = Date.UTC(year, month, day);
  for (let wall = midnight; wall < midnight + DAY; wall += QUARTER) {
    const [first] = instantsOf(wall, zone);
    if (first !== undefined) return first;
  }
  // A day that the place left out altogether.
  return dayBegins(year, month, day + 1, zone);
};

/**
 * The instants between `from` and `to` at which a new part begins, `from` first and `to` last; ascending, none twice.
 * @param leastMs no quarter is shorter: a market step.
 */
export const boundsOf = (
  from: number,
  to: number,
  by: "quarter" | "day" | "month",
  zone: Zone,
  leastMs: number,
): number[] => {
  const bounds = [from];
  if (by === "quarter") {
    const length = Math.max(QUARTER, leastMs);
    for (let at = from + length; at < to; at += length) bounds.push(at);
  } else {
    const first = new Date(wallAt(from, zone));
    const [year, month, day] = [first.getUTCFullYear(), first.getUTCMonth(), first.getUTCDate()];
    for (let n = 1; ; n++) {
      const at = by === "day" ? dayBegins(year, month, day + n, zone) : dayBegins(year, month + n, 1, zone);
      if (at >= to) break;
      if (at > (bounds.at(-1) ?? at)) bounds.push(at);
    }
  }
  return [...bounds, to];
};
