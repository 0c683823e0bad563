/** A member's energy over more than a year, for the app's tests and screenshots: seasons, clouds, an own meter since spring. Pure. */
import { endOf } from "../../worker/community/market-step.ts";
import type { EnergyAsk, EnergyBar, EnergyView, RegistersView } from "../../worker/port-energy.ts";
import { addStep, NO_FACE, type FaceSum } from "../../worker/settlement/market-face.ts";
import { boundsOf } from "../../worker/settlement/periods.ts";
import { zoneOf } from "../../worker/settlement/zone.ts";
import { useOf } from "./fixture-home.ts";
import { fixtureHex, stageOf, sunWatts, type FixtureOptions } from "./fixture-view.ts";

const DAY = 86_400_000;
/** The community is older than its meters' records on this device, and those than the own meter. */
const HELD_DAYS = 400;
const USED_DAYS = 95;

/** How bright a day of the year is: from winter to summer, with clouds. */
const brightness = (day: number): number => {
  const season = 0.62 - 0.38 * Math.cos(((day + 10) / 365.25) * 2 * Math.PI);
  return season * (day % 7 === 3 ? 0.35 : day % 5 === 1 ? 0.6 : 0.85 + (day % 4) * 0.05);
};

const stepEnergy = (step: number, options: FixtureOptions): { generatedMwh: number; mineMwh: number } => {
  const at = options.t0 + (step - 0.5) * options.stepMs;
  const day = Math.floor((at - options.dayStart) / DAY);
  const watts = sunWatts(at, options.dayStart + day * DAY) * (day === 0 ? 1 : brightness(day + 171));
  const generatedMwh = Math.round((watts * options.stepMs) / 3_600);
  return { generatedMwh, mineMwh: Math.round(generatedMwh / 5) };
};

/** `t0` is that of the fixture's short life: steps before it have numbers below 1 here, and only here. */
export const fixtureEnergy = (options: FixtureOptions, { from, to, by, zone }: EnergyAsk): EnergyView => {
  const { t0, stepMs, now, dayStart } = options;
  const clocks = zoneOf(zone);
  if (!clocks.ok) throw new Error(clocks.error.message);
  const bounds = boundsOf(from, to, by, clocks.value, stepMs);
  const [heldFrom, usedFrom] = [dayStart - HELD_DAYS * DAY, dayStart - USED_DAYS * DAY];
  const ended = Math.floor((now - t0) / stepMs);
  const bars: EnergyBar[] = [];
  for (const [i, begin] of bounds.slice(0, -1).entries()) {
    const end = bounds[i + 1] ?? to;
    const firstStep = Math.ceil((begin - t0) / stepMs) + 1;
    const lastStep = Math.min(ended, Math.ceil((end - t0) / stepMs));
    if (lastStep < firstStep) continue;
    const sums = { generatedMwh: 0, mineMwh: 0, steps: 0, unknownSteps: 0 };
    let use: FaceSum = NO_FACE;
    for (let step = firstStep; step <= lastStep; step++) {
      const start = endOf({ t0, stepMs } as never, step - 1);
      if (start < heldFrom) {
        sums.unknownSteps += 1;
        continue;
      }
      const { generatedMwh, mineMwh } = stepEnergy(step, options);
      sums.generatedMwh += generatedMwh;
      sums.mineMwh += mineMwh;
      sums.steps += 1;
      if (start < usedFrom) continue;
      const day = dayStart + Math.floor((start - dayStart) / DAY) * DAY;
      // A cable that was out one night.
      const isRead = Math.abs(step) % 2_000 > 6;
      use = addStep(use, isRead ? { mwh: useOf(start + stepMs, day), estimated: step % 500 === 0 } : null, mineMwh);
    }
    const stage = stageOf(ended - lastStep);
    const closed = ended - lastStep > 192;
    const whole = use.steps + use.missingSteps === 0 ? null : use;
    bars.push({ from: begin, to: end, firstStep, lastStep, ...sums, use: whole, stage, closed });
  }
  return { bars, next: null, heldFrom, usedFrom };
};

export const fixtureRegisters = (options: FixtureOptions, at: readonly number[]): RegistersView => {
  const heldFrom = options.dayStart - HELD_DAYS * DAY;
  const since = (time: number): number => {
    const range = { from: time, to: options.now + DAY, by: "month", zone: "UTC", page: null } as const;
    return fixtureEnergy(options, range).bars.reduce((sum, bar) => sum + bar.mineMwh, 0);
  };
  const now = since(heldFrom) + 812_345_678;
  return {
    meters: [
      {
        kind: "share",
        name: "Chlo\u00e9",
        key: fixtureHex("member-Chlo\u00e9"),
        mwh: at.map((time) => (time < heldFrom ? null : time > options.now ? now : now - since(time))),
      },
    ],
  };
};
