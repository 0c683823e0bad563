/**
 * A synthetic sunny day, said to be synthetic wherever it is shown: a parabola of power between sunrise and sunset,
 * with a passing cloud, in integers. For the pilot without data and the demo.
 */
import { mwh, type MilliwattHours } from "../base/units.ts";

const DAY_MS = 86_400_000;
const SUNRISE_MS = 6 * 3_600_000;
const SUNSET_MS = 21 * 3_600_000;

/** Energies of one day in intervals of `intervalMs`, for a roof of `peakW`; `shade` in millionths shifts the clouds. */
export const sunnyDay = (peakW: number, intervalMs: number, shade: number): MilliwattHours[] => {
  const out: MilliwattHours[] = [];
  for (let at = 0; at < DAY_MS; at += intervalMs) {
    const middle = at + intervalMs / 2;
    out.push(mwh(Math.floor((powerAt(peakW, middle, shade) * intervalMs) / 3_600)));
  }
  return out;
};

/** W at a time of day, ms since midnight. */
export const powerAt = (peakW: number, ms: number, shade: number): number => {
  const day = ((ms % DAY_MS) + DAY_MS) % DAY_MS;
  if (day <= SUNRISE_MS || day >= SUNSET_MS) return 0;
  const up = day - SUNRISE_MS;
  const down = SUNSET_MS - day;
  const half = (SUNSET_MS - SUNRISE_MS) / 2;
  const clear = Math.floor((peakW * ((up * down) / half)) / half);
  const cloud = Math.floor((day + shade) / 1_200_000) % 7 === 3 ? 60 : 100;
  return Math.floor((clear * cloud) / 100);
};

/** What a household draws: a base, and more in the morning and in the evening. */
export const evening = (baseW: number, intervalMs: number, shift: number): MilliwattHours[] => {
  const out: MilliwattHours[] = [];
  for (let at = 0; at < DAY_MS; at += intervalMs) {
    const hour = Math.floor(((at + shift) % DAY_MS) / 3_600_000);
    const factor = hour >= 17 && hour < 23 ? 5 : hour >= 6 && hour < 9 ? 3 : 1;
    out.push(mwh(Math.floor((baseW * factor * intervalMs) / 3_600)));
  }
  return out;
};
