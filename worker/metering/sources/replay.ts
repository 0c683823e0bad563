/**
 * A meter that plays back a profile: energy per interval becomes the register such a meter would show, cut down to its
 * resolution, read at a fixed cadence and exactly at every end of a market step. For the pilot, the demo and the tests.
 * A pure generator: it waits for nothing, whoever runs it brings the clock.
 */
import { assert } from "../../base/result.ts";
import { millis, mwh, type Millis, type MilliwattHours } from "../../base/units.ts";

export type Profile = {
  /** Beginning of the first interval. */
  readonly start: Millis;
  readonly intervalMs: number;
  /** Generated in each interval, mWh. */
  readonly energies: readonly MilliwattHours[];
};

export type ReplayOptions = {
  readonly t0: Millis;
  readonly stepMs: number;
  /** Between two readings; those at the ends of steps come besides. */
  readonly cadenceMs: number;
  /** The smallest step of the register: 1,000 for P1, 1 for the profile's own precision. */
  readonly resolutionMwh: number;
  /** Where the register stands at the start. */
  readonly initialMwh?: MilliwattHours;
};

export type ReplayedReading = {
  readonly at: Millis;
  readonly registerMwh: MilliwattHours;
  /** Mean power of the interval that ends or goes on here. */
  readonly powerW: number;
};

/** floor(energy · part / whole) without leaving the safe integers. */
const share = (energy: number, part: number, whole: number): number =>
  Math.floor(energy / whole) * part + Math.floor(((energy % whole) * part) / whole);

const MW_MS_PER_MWH = 3_600_000;

/**
 * From the profile's start to its end, both included, in ascending time.
 * @throws Error for intervals that are no whole positive milliseconds: a bug of the caller.
 */
export function* replay(profile: Profile, options: ReplayOptions): Generator<ReplayedReading> {
  const { start, intervalMs, energies } = profile;
  const { t0, stepMs, cadenceMs, resolutionMwh, initialMwh = mwh(0) } = options;
  for (const n of [intervalMs, stepMs, cadenceMs, resolutionMwh]) {
    assert(Number.isSafeInteger(n) && n > 0, `replay: ${n} is not a whole number above 0`);
  }
  const end = start + intervalMs * energies.length;
  let before: number = initialMwh;
  let index = 0;
  let at: number = start;
  for (;;) {
    while (index < energies.length && at > start + (index + 1) * intervalMs) before += energies[index++] ?? 0;
    const energy = energies[index] ?? 0;
    const exact = before + share(energy, at - start - index * intervalMs, intervalMs);
    const powerW = Math.floor(share(energy, MW_MS_PER_MWH, intervalMs) / 1000);
    yield { at: millis(at), registerMwh: mwh(exact - (exact % resolutionMwh)), powerW };
    if (at >= end) return;
    const nextRead = start + (Math.floor((at - start) / cadenceMs) + 1) * cadenceMs;
    const nextEnd = t0 + (Math.floor((at - t0) / stepMs) + 1) * stepMs;
    at = Math.min(nextRead, nextEnd, end);
  }
}
