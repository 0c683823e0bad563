/** A household's own use and a check against its meter, for the app's tests and screenshots. Pure. */
import { faceOf } from "../../worker/settlement/market-face.ts";
import type { MeterView } from "../../worker/port-meter.ts";
import type { View } from "../../worker/port.ts";
import type { HouseholdView, ReconcileRow, ReconcileView } from "../../worker/port-home.ts";
import { fixtureMeter, type FixtureOptions } from "./fixture-view.ts";

/** A kettle in the morning, an oven at noon, a fridge all day. */
export const useOf = (end: number, dayStart: number): number => {
  const hour = (end - dayStart) / 3_600_000;
  const bump = (at: number, wide: number, watts: number): number => watts * Math.exp(-(((hour - at) / wide) ** 2));
  return Math.round(((140 + bump(7.4, 0.6, 1_400) + bump(12.5, 0.8, 2_100) + bump(19, 1.5, 1_200)) * 1000) / 4);
};

export const fixtureHousehold = (view: View): HouseholdView => {
  const over = view.today.slice(0, -1);
  const dayStart = (over[0]?.end ?? 900_000) - 900_000;
  const steps = over.flatMap(({ step, end, mineMwh }, i) => {
    // A cable that was out for three quarters of an hour in the night.
    if (i > 9 && i < 13) return [];
    const { useMwh, ownMwh, gridMwh, surplusMwh } = faceOf(useOf(end, dayStart), mineMwh);
    return [{ step, end, useMwh, ownMwh, gridMwh, surplusMwh, estimated: i === 13 }];
  });
  const sum = (part: "useMwh" | "ownMwh" | "gridMwh" | "surplusMwh"): number =>
    steps.reduce((total, step) => total + step[part], 0);
  return {
    liveGridW: 380,
    useMwh: sum("useMwh"),
    ownMwh: sum("ownMwh"),
    gridMwh: sum("gridMwh"),
    surplusMwh: sum("surplusMwh"),
    faceMwh: sum("gridMwh") - sum("surplusMwh"),
    countedTo: over.at(-1)?.end ?? null,
    estimatedSteps: 1,
    missingSteps: 3,
    provisional: true,
    steps,
  };
};

export const fixtureUseMeter = (options: FixtureOptions): MeterView => ({
  ...fixtureMeter(options),
  id: "meter-2",
  label: "Kitchen cupboard",
  role: "consumption",
  registerMwh: 4_918_273_000,
  liveW: 380,
  generator: null,
  registered: "no",
  grid: { registerMwh: 4_918_273_000, liveW: 380 },
});

/** One line agrees; more find an outage, a late step and a clock. */
export const fixtureCheck = ({ now }: FixtureOptions, text: string): ReconcileView => {
  const noon = now - (now % 900_000) - 4 * 900_000;
  const row = (at: number, chain: number, meter: number, reasons: ReconcileRow["reasons"], to = 0): ReconcileRow => ({
    from: noon + (at - 1) * 900_000,
    to: noon + at * 900_000,
    firstStep: 900 + at,
    lastStep: 900 + at,
    chainMwh: chain,
    meterMwh: meter,
    differenceMwh: chain - meter,
    allowedMwh: Math.floor(meter / 50),
    verdict: "out",
    reasons,
    elsewhere: to === 0 ? null : noon + to * 900_000,
  });
  const out = [
    row(-20, 0, 1_402_000, ["off"], -18),
    row(-19, 0, 1_433_000, ["off"], -18),
    row(-18, 4_291_000, 1_456_000, ["estimated"], -20),
    row(-7, 1_512_000, 1_701_000, ["clock"]),
    row(-3, 0, 1_623_000, ["missing"]),
  ];
  const many = text.trim().includes("\n");
  const [chainMwh, meterMwh] = many ? [66_204_000, 67_827_000] : [8_412_331_000, 8_412_331_000];
  const differenceMwh = chainMwh - meterMwh;
  return {
    generator: 0,
    from: noon - 86_400_000,
    to: noon,
    total: {
      chainMwh,
      meterMwh,
      differenceMwh,
      allowedMwh: Math.floor(meterMwh / 50),
      verdict: many ? "out" : "within",
    },
    mpePpm: 20_000,
    rows: many ? 96 : 1,
    roundingRows: many ? 11 : 0,
    outRows: many ? out.length : 0,
    clockOffsetMs: many ? -104_000 : null,
    hint: null,
    closed: !many,
    out: many ? out : [],
    csv: "from_utc,to_utc\n",
  };
};
