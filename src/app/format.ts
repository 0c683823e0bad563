/**
 * Numbers, units and times as a person reads them, by locale through Intl. Energy arrives in mWh, power in W,
 * time in ms since 1970; times are shown by the clock that the locale names (calendar.ts), else the device's. Knows no
 * sentences.
 */
import { timeZoneOf } from "./calendar.ts";

/** A figure and its unit, kept apart so that a screen can set them in different sizes. */
export type Quantity = { readonly value: string; readonly unit: string };

const number = (locale: string, value: number, digits: number): string =>
  new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);

/** Between a figure and its unit: never at a line's end. */
const GAP = "\u00a0";

/** kWh from 0.1 kWh on, Wh below; never more digits than a neighbour would say aloud. */
export const energy = (mwh: number, locale: string): Quantity => {
  const wh = mwh / 1000;
  if (mwh === 0) return { value: "0", unit: "kWh" };
  if (wh < 10) return { value: number(locale, wh, 1), unit: "Wh" };
  if (wh < 99.5) return { value: number(locale, wh, 0), unit: "Wh" };
  const kwh = wh / 1000;
  if (kwh < 0.995) return { value: number(locale, kwh, 2), unit: "kWh" };
  return { value: number(locale, kwh, kwh < 99.95 ? 1 : 0), unit: "kWh" };
};

export const energyText = (mwh: number, locale: string): string => {
  const { value, unit } = energy(mwh, locale);
  return `${value}${GAP}${unit}`;
};

/** To the milliwatt-hour, in kWh, for detail views and proofs. */
export const exactEnergy = (mwh: number, locale: string): string => `${number(locale, mwh / 1_000_000, 6)}${GAP}kWh`;

/** W below 1,000 W, kW from there. */
export const power = (watts: number, locale: string): Quantity => {
  if (Math.abs(watts) < 999.5) return { value: number(locale, watts, 0), unit: "W" };
  const kw = watts / 1000;
  return { value: number(locale, kw, kw < 9.995 ? 2 : 1), unit: "kW" };
};

export const powerText = (watts: number, locale: string): string => {
  const { value, unit } = power(watts, locale);
  return `${value}${GAP}${unit}`;
};

export const percent = (ratio: number, locale: string): string =>
  new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 }).format(ratio);

export const decimal = (value: number, locale: string, digits = 2): string => number(locale, value, digits);

export const count = (value: number, locale: string): string => new Intl.NumberFormat(locale).format(value);

/** 14:15, or 14:15:10 where steps are shorter than a minute. `zone`: of another clock than the locale's. */
export const clock = (time: number, locale: string, seconds = false, zone?: string): string =>
  new Intl.DateTimeFormat(locale, {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    ...(seconds ? { second: "2-digit" } : {}),
    ...(zone === undefined ? timeZoneOf(locale) : { timeZone: zone }),
  }).format(time);

/** So far the clocks go back in autumn, somewhere. */
const GOES_BACK = [1_800_000, 3_600_000];

/** The time of day; in the hour that comes twice in autumn with the name of its zone, so that it is one of the two. */
export const sureClock = (time: number, locale: string, seconds = false, zone?: string): string => {
  const shown = clock(time, locale, seconds, zone);
  const twice = GOES_BACK.some((ms) => [time - ms, time + ms].some((at) => clock(at, locale, seconds, zone) === shown));
  if (!twice) return shown;
  const parts = new Intl.DateTimeFormat(locale, {
    timeZoneName: "short",
    ...(zone === undefined ? timeZoneOf(locale) : { timeZone: zone }),
  }).formatToParts(time);
  return `${shown} ${parts.find(({ type }) => type === "timeZoneName")?.value ?? ""}`;
};

export const day = (time: number, locale: string, zone?: string): string =>
  new Intl.DateTimeFormat(locale, {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(zone === undefined ? timeZoneOf(locale) : { timeZone: zone }),
  }).format(time);

/**
 * A date by itself, in one way on all screens: "21 Jun 2026", the month in letters, since 11/12 is two days. Without its
 * year where `now` is in the same one.
 */
export const date = (time: number, locale: string, now?: number, zone?: string): string => {
  const of: Intl.DateTimeFormatOptions = zone === undefined ? timeZoneOf(locale) : { timeZone: zone };
  const yearOf = (at: number): string => new Intl.DateTimeFormat("en", { year: "numeric", ...of }).format(at);
  const isSame = now !== undefined && yearOf(now) === yearOf(time);
  const form: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", ...of };
  return new Intl.DateTimeFormat(locale, isSame ? form : { ...form, year: "numeric" }).format(time);
};

/** A date with its time of day. */
export const dateTime = (time: number, locale: string, seconds = false, now?: number, zone?: string): string =>
  `${date(time, locale, now, zone)}, ${sureClock(time, locale, seconds, zone)}`;

const NEAR_MS = 43_200_000;
/** Further away than this a weekday alone does not say which day; and in another year neither does the date. */
const HALF_YEAR_MS = 180 * 86_400_000;

/** The time of day, with the day where it is not near `now`. */
export const moment = (time: number, now: number, locale: string, seconds = false): string => {
  const away = Math.abs(time - now);
  if (away < NEAR_MS) return sureClock(time, locale, seconds);
  if (away < HALF_YEAR_MS) return `${day(time, locale)} ${sureClock(time, locale, seconds)}`;
  return dateTime(time, locale, seconds);
};

/** "12 minutes ago", "in 3 days": the largest unit that fits, rounded towards now. */
export const relative = (time: number, now: number, locale: string): string => {
  const seconds = Math.trunc((time - now) / 1000);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const size = Math.abs(seconds);
  if (size < 60) return format.format(seconds === 0 ? 0 : seconds, "second");
  if (size < 3600) return format.format(Math.trunc(seconds / 60), "minute");
  if (size < 86_400) return format.format(Math.trunc(seconds / 3600), "hour");
  return format.format(Math.trunc(seconds / 86_400), "day");
};

/** "15 minutes", "10 seconds": a length of time in whole units. */
export const duration = (ms: number, locale: string): string => {
  const [unit, size] =
    ms >= 3 * 86_400_000
      ? (["day", 86_400_000] as const)
      : ms >= 3_600_000
        ? (["hour", 3_600_000] as const)
        : ms >= 60_000
          ? (["minute", 60_000] as const)
          : (["second", 1000] as const);
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 1 }).format(
    ms / size,
  );
};

/** Time left as m:ss, never below zero. */
export const countdown = (ms: number): string => {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};

/** Sizes of storage: 12 kB, 3.4 MB. */
export const bytes = (size: number, locale: string): string => {
  const [unit, by] =
    size >= 1e9
      ? (["gigabyte", 1e9] as const)
      : size >= 1e6
        ? (["megabyte", 1e6] as const)
        : (["kilobyte", 1e3] as const);
  return new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: size >= 1e6 ? 1 : 0 }).format(
    size / by,
  );
};

/** Picks the plural form; a locale's category that is not given falls back to `other`. */
export const plural = (locale: string, n: number, forms: { readonly one: string; readonly other: string }): string =>
  new Intl.PluralRules(locale).select(n) === "one" ? forms.one : forms.other;

/** The first digits of a key or hash, for pointing at one on screen; not for comparing keys. */
export const shortHash = (hex: string): string => `${hex.slice(0, 4)}\u2026${hex.slice(-4)}`;

/**
 * Twelve digits of a public key in four groups, to compare by voice: hex is easily misheard, digits are not.
 * 48 bits of the key; both devices compute the same digits.
 */
export const spokenKey = (hex: string): string => {
  const part = Number.parseInt(hex.slice(0, 12).padEnd(12, "0"), 16);
  const digits = String((Number.isFinite(part) ? part : 0) % 1_000_000_000_000).padStart(12, "0");
  return digits.replace(/(\d{3})(?=\d)/g, "$1 ");
};
