/**
 * The dates that meters' clocks show, without a Date: whole-number arithmetic on the Gregorian calendar, for rooms that
 * must not have a clock. Knows no time zone and no protocol: an offset comes as an argument.
 */

const DAY_SECONDS = 86_400;
/** The end of the year 9999, in seconds since 1970. */
const LAST_SECOND = 253_402_300_799;

const two = (n: number): string => String(n).padStart(2, "0");

/** Year, month and day of a day number since 1970-01-01 (Hinnant's civil_from_days, public domain). */
export const civil = (days: number): [year: number, month: number, day: number] => {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return [yoe + era * 400 + (month <= 2 ? 1 : 0), month, doy - Math.floor((153 * mp + 2) / 5) + 1];
};

/** 0 for a month that is none. */
export const daysIn = (year: number, month: number): number => {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
};

export type DateTime = readonly [
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
];

/** @param seconds since 1970-01-01T00:00:00Z, whole and not negative. */
export const dateTimeAt = (seconds: number): DateTime => {
  const rest = seconds % DAY_SECONDS;
  return [...civil(Math.floor(seconds / DAY_SECONDS)), Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60];
};

/** "2026-11-22 15:03:59". */
export const dateTimeText = ([year, month, day, hour, minute, second]: DateTime): string =>
  `${String(year).padStart(4, "0")}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;

export const isDateTime = ([year, month, day, hour, minute, second]: DateTime): boolean =>
  day >= 1 && day <= daysIn(year, month) && hour < 24 && minute < 60 && second < 60;

/**
 * Does this date and time exist? Two-digit years are of this century, so every fourth is a leap year.
 * @param year the last two digits.
 */
export const isTime = (
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): boolean => isDateTime([2000 + year, month, day, hour, minute, second]);

/** The text of a meter's own clock; null when its seconds make no date. */
export const meterClockText = (seconds: number, offsetMinutes: number): string | null => {
  const local = seconds + offsetMinutes * 60;
  return Number.isSafeInteger(local) && local >= 0 && local <= LAST_SECOND ? dateTimeText(dateTimeAt(local)) : null;
};
