/** Whether the date that a meter's clock shows exists. Knows no time zone and no protocol. */

/** Days in the months, a leap February. */
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

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
): boolean => {
  const days = month === 2 && year % 4 !== 0 ? 28 : (DAYS[month - 1] ?? 0);
  return day >= 1 && day <= days && hour < 24 && minute < 60 && second < 60;
};
