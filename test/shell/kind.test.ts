/** Which kind of node a device is (PROTOCOL.md §8.1): the first reason that fits, and what a person chose. */
import { describe, expect, it } from "vitest";
import { chooseKind, type Facts } from "../../worker/shell/kind.ts";
import { hasMeter } from "../../worker/shell/kinds.ts";
import { openMemory } from "../../worker/storage/memory.ts";

const DAY = 24 * 3_600_000;
const able: Facts = {
  choice: "auto",
  now: "full",
  joining: false,
  meter: false,
  needed: false,
  quotaBytes: 2_000_000_000,
  sinceFull: DAY,
  battery: { level: 0.8, charging: false },
  saveData: false,
  memoryGb: 8,
};
const low = { level: 0.2, charging: false };

describe("the kind of a device", () => {
  it.each<[string, Partial<Facts>, string]>([
    ["nothing speaks against keeping everything", {}, "full able"],
    [
      "a browser that says nothing is no reason to keep less",
      { battery: null, saveData: null, memoryGb: null, quotaBytes: null },
      "full able",
    ],
    ["data is saved", { saveData: true }, "light data-saver"],
    ["there is little memory", { memoryGb: 1 }, "light memory"],
    ["there is little room", { quotaBytes: 100_000_000 }, "light storage"],
    ["there is hardly more room than before", { now: "light", quotaBytes: 250_000_000 }, "light storage"],
    ["there was room enough", { now: "full", quotaBytes: 250_000_000 }, "full able"],
    ["the battery is low", { battery: low }, "light battery"],
    ["a low battery that is being charged is none", { battery: { ...low, charging: true } }, "full able"],
    [
      "a light one waits for half a battery",
      { now: "light", battery: { level: 0.4, charging: false } },
      "light battery",
    ],
    ["it was away for long", { sinceFull: 40 * DAY }, "light away"],
    [
      "away for long, and plugged in, it catches up",
      { sinceFull: 40 * DAY, battery: { level: 0.3, charging: true } },
      "full able",
    ],
    ["a meter is paired", { meter: true, battery: low, choice: "light" }, "full meter"],
    ["its vote is needed", { needed: true, battery: low, saveData: true }, "full needed"],
    ["its vote is needed, whatever was chosen", { needed: true, choice: "light" }, "full needed"],
    ["whether its vote is needed is not known yet", { needed: null, battery: low }, "full needed"],
    ["it asks to be admitted", { joining: true, choice: "light" }, "full joining"],
    ["light was chosen", { choice: "light" }, "light chosen"],
    ["full was chosen", { choice: "full", battery: low, saveData: true }, "full chosen"],
  ])("%s", (_, facts, kind) => {
    const found = chooseKind({ ...able, ...facts });
    expect(`${found.kind} ${found.reason}`).toBe(kind);
  });
});

describe("whether a meter is paired with this device", () => {
  it.each([
    ["own", "meter/00", true],
    ["own", "meter-settings/00", true],
    ["home", "meter/00", true],
    // Written when a device is made again from words, and left behind by a meter that was forgotten.
    ["own", "meter-count", false],
    ["home", "step/00", false],
  ] as const)("a row of %s under %s: %s", async (table, key, expected) => {
    const store = await openMemory();
    await store.commit([{ table, key, value: Uint8Array.of(1) }]);
    expect(await hasMeter(store)).toBe(expected);
  });
});
