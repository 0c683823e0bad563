/** Which silent meter Home tells of, and whose, and when its owner is to pair it again. */
import { describe, expect, test } from "vitest";
import { silentMeter } from "../../src/app/silent.ts";
import { thingsToDo } from "../../src/app/to-do.ts";
import { fixtureView } from "./fixture-view.ts";
import type { GeneratorView, View } from "../../worker/port.ts";
import type { MeterView } from "../../worker/port-meter.ts";

const DAY = Date.UTC(2026, 5, 21);
const NOW = DAY + 12 * 3_600_000;
const view = fixtureView({ now: NOW, stepMs: 900_000, dayStart: DAY, t0: DAY });
const STEP = view.community?.stepMs ?? 0;
const NIGHT = 36 * STEP;
const roof = view.generators[0]?.index ?? -1;
const heard = (change: Partial<GeneratorView>, meters: View["meters"] = []): View => ({
  ...view,
  demo: false,
  meters,
  generators: view.generators.map((one) => (one.index === roof ? { ...one, ...change } : one)),
});

describe("a meter that says nothing", () => {
  test("is not told of while all are counted, nor before it has counted anything", () => {
    expect(silentMeter(view, NOW)).toBeNull();
    expect(silentMeter(heard({ lastHeard: null, registerMwh: 0, standing: "never" }), NOW)).toBeNull();
  });
  test("is not told of at night, when no register moves", () => {
    expect(silentMeter(heard({ lastHeard: NOW - NIGHT }), NOW)).toBeNull();
  });
  test("is named with its owner, also a neighbour's, once other roofs were counted without it or after a day", () => {
    for (const standing of ["late", "silent"] as const) {
      const found = silentMeter(heard({ lastHeard: NOW - NIGHT, standing }), NOW);
      expect(found).toMatchObject({ generator: { index: roof }, unpaired: false });
      expect(found?.owner.index).toBe(found?.generator.owner);
    }
  });
  test("is one to pair again where it is this member's and this device reads none", () => {
    const alone = heard({ lastHeard: NOW - 3 * STEP, mine: true });
    expect(silentMeter(alone, NOW)?.unpaired).toBe(true);
    expect(silentMeter(heard({ lastHeard: NOW - STEP, mine: true }), NOW)).toBeNull();
    expect(silentMeter(heard({ lastHeard: null, mine: true }), NOW)?.unpaired).toBe(true);
    expect(thingsToDo({ ...alone, madeAt: NOW })).toBe(
      thingsToDo({ ...heard({ lastHeard: NOW, mine: true }), madeAt: NOW }) + 1,
    );
  });
  test("says for itself how it does where it is on this device's own cable", () => {
    const paired = { id: "roof", generator: roof, role: "generation", state: "counting" } as MeterView;
    expect(silentMeter(heard({ lastHeard: NOW - NIGHT, mine: true, standing: "late" }, [paired]), NOW)).toBeNull();
  });
});
