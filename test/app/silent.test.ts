/** Which silent meter Home tells of, and whose, and when its owner is to pair it again. */
import { describe, expect, test } from "vitest";
import { silentMeter } from "../../src/app/silent.ts";
import { thingsToDo } from "../../src/app/to-do.ts";
import { fixtureView } from "./fixture-view.ts";
import type { View } from "../../worker/port.ts";

const DAY = Date.UTC(2026, 5, 21);
const NOW = DAY + 12 * 3_600_000;
const view = fixtureView({ now: NOW, stepMs: 900_000, dayStart: DAY, t0: DAY });
const STEP = view.community?.stepMs ?? 0;
const other = view.generators[0]?.index ?? -1;
const heard = (lastSeen: number | null, registerMwh = 1, mine = false): View => ({
  ...view,
  demo: false,
  generators: view.generators.map((one) => (one.index === other ? { ...one, lastSeen, registerMwh, mine } : one)),
});

describe("a meter that says nothing", () => {
  test("is not told of while all speak, nor before it has counted anything", () => {
    expect(silentMeter(view, NOW)).toBeNull();
    expect(silentMeter(heard(null, 0), NOW)).toBeNull();
    expect(silentMeter(heard(NOW - STEP), NOW)).toBeNull();
  });
  test("is named with its owner, also a neighbour's", () => {
    const found = silentMeter(heard(NOW - 3 * STEP), NOW);
    expect(found).toMatchObject({ generator: { index: other }, lastSeen: NOW - 3 * STEP, unpaired: false });
    expect(found?.owner.index).toBe(found?.generator.owner);
  });
  test("is one to pair again where it is this member's and this device reads none", () => {
    const alone = heard(NOW - 3 * STEP, 1, true);
    expect(silentMeter(alone, NOW)?.unpaired).toBe(true);
    expect(thingsToDo({ ...alone, madeAt: NOW })).toBe(thingsToDo({ ...heard(NOW, 1, true), madeAt: NOW }) + 1);
  });
});
