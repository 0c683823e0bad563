/**
 * Dates and times of day at the community's place: what its calendar shows at a moment, and which moment its clock means.
 * A place is an IANA name (Europe/Brussels), undefined where it is this device's own. Pure; knows no steps and no words.
 */
const DAY_MS = 86_400_000;
const HALF_YEAR_MS = 182 * DAY_MS;

export type Place = string | undefined;
/** `month` from 0, `weekday` from 0 for Sunday, as Date has them. */
export type CalendarDay = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
};

/** The device's own time zone: the screens show the community's calendar, and this one where that is not known. */
export const deviceZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Making one costs much more than asking it. */
const clocks = new Map<string, Intl.DateTimeFormat>();
const clockAt = (place: string): Intl.DateTimeFormat => {
  const made =
    clocks.get(place) ?? new Intl.DateTimeFormat("sv", { timeZone: place, dateStyle: "short", timeStyle: "medium" });
  clocks.set(place, made);
  return made;
};

/** What a clock there shows, as if it were UTC. Swedish writes 2026-03-29 03:00:00. */
const wallAt = (time: number, place: string): number => {
  const second = Math.floor(time / 1000) * 1000;
  return Date.parse(`${clockAt(place).format(second).replace(" ", "T")}Z`) + (time - second);
};

/** Of a time that the clocks skip the one later by what is skipped, of one that comes twice the first. */
const instantOf = (wall: number, place: string): number => {
  // A day to either side, whatever changes has changed.
  const [before, after] = [wall - DAY_MS, wall + DAY_MS].map((at) => at - (wallAt(at, place) - at)) as [number, number];
  const first = before + DAY_MS;
  return [first, after - DAY_MS].find((at) => wallAt(at, place) === wall) ?? first;
};

export const dayAt = (time: number, place: Place): CalendarDay => {
  const at = new Date(place === undefined ? time : wallAt(time, place));
  return place === undefined
    ? { year: at.getFullYear(), month: at.getMonth(), day: at.getDate(), weekday: at.getDay() }
    : { year: at.getUTCFullYear(), month: at.getUTCMonth(), day: at.getUTCDate(), weekday: at.getUTCDay() };
};

/** When a day begins; days and months beyond a month's or year's end are those that follow. */
export const beginOf = (year: number, month: number, day: number, place: Place): number =>
  place === undefined ? new Date(year, month, day).getTime() : instantOf(Date.UTC(year, month, day), place);

/** Of a time of day that the clocks skip the one an hour later, of one that comes twice the first. */
export const timeAt = (
  { year, month, day }: Omit<CalendarDay, "weekday">,
  [hour, minute = 0, second = 0]: readonly [number, number?, number?],
  place: Place,
): number =>
  place === undefined
    ? new Date(year, month, day, hour, minute, second).getTime()
    : instantOf(Date.UTC(year, month, day, hour, minute, second), place);

/** Whether the place's clocks show something else than this device's, now or in the other half of the year. */
export const isElsewhere = (place: string, now: number): boolean =>
  [now, now + HALF_YEAR_MS].some((time) => wallAt(time, place) - time !== -new Date(time).getTimezoneOffset() * 60_000);

/** Where a view's community is; undefined where it is not known, or its clocks agree with this device's. */
export const placeIn = (view: { readonly zone: string | null; readonly madeAt: number } | null): Place =>
  view !== null && view.zone !== null && isElsewhere(view.zone, view.madeAt) ? view.zone : undefined;

/** A place as a person names it: `America/New_York` is New York. */
export const placeName = (place: string): string => (place.split("/").at(-1) ?? place).replaceAll("_", " ");

const MARK = "-x-tz";

/**
 * A locale that also says whose clock times are shown by: the name in hex in private subtags (BCP 47 §2.2.7), which Intl
 * takes and passes over. So all that formats a time has it from the locale that it is given anyway.
 */
export const localeAt = (locale: string, place: Place): string => {
  if (place === undefined) return locale;
  const hex = place
    .split("")
    .map((letter) => letter.charCodeAt(0).toString(16).padStart(2, "0"))
    .join("");
  return `${locale}${MARK}-${hex.match(/.{1,8}/g)?.join("-") ?? ""}`;
};

/** For Intl.DateTimeFormat: empty where times are shown by the device's clock. */
export const timeZoneOf = (locale: string): { readonly timeZone?: string } => {
  const hex = locale.split(`${MARK}-`)[1]?.replaceAll("-", "");
  const place = hex?.replaceAll(/../g, (byte) => String.fromCharCode(Number.parseInt(byte, 16)));
  return place === undefined ? {} : { timeZone: place };
};
