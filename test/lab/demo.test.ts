/** The demo's neighbours and its sun: what the banner says of them is what they do. */
import { beforeAll, describe, expect, it } from "vitest";
import { demoTime, startDemo } from "../../worker/lab/demo.ts";
import { powerAt } from "../../worker/lab/sunny-day.ts";
import { VirtualTime } from "../../worker/lab/virtual-time.ts";
import type { ActionAsk } from "../../worker/port-council.ts";
import { runCommand } from "../../worker/shell/commands.ts";
import type { Device } from "../../worker/shell/device.ts";

const PPM = 1_000_000;
const time = new VirtualTime(1_700_000_000_000, "demo");
let device: Device;

/** Until the demo's nodes have done all that is due by then. */
const pass = (ms: number): Promise<void> => time.runUntil(time.now + ms);
const propose = async (action: ActionAsk): Promise<string> => {
  const answer = await runCommand(device, "propose", { action });
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.value.proposal;
};
const decided = (id: string) => device.view().decisions.find((one) => one.id === id);

beforeAll(async () => {
  device = await startDemo({
    clock: time.clock,
    surroundings: time.surroundings,
    random: time.random,
    dayStart: (now) => now - (now % 86_400_000),
    publish: () => {},
    watch: (pending) => time.watch(pending),
  });
  await pass(25_000);
});

describe("the neighbours of the demo", () => {
  it("agree within a few steps to what leaves none of them less", async () => {
    const id = await propose({ kind: "parameters", changes: { strikes: 5 } });
    expect(device.view().proposalsOnTheWay).toBe(1);
    await pass(45_000);
    expect(decided(id)).toMatchObject({ outcome: "adopted", needed: 3 });
    expect(device.view().proposalsOnTheWay).toBe(0);
  });

  it("vote no where they would have less", async () => {
    const weights = device.view().members.map(({ index: member, me }) => ({ member, weight: me ? 9 : 1 }));
    const iterations = [{ kind: "fixed", portionPpm: PPM }] as const;
    const id = await propose({ kind: "rule", iterations, weights });
    await pass(45_000);
    expect(device.view().proposals).toMatchObject([{ id, yes: 1, no: 4 }]);
  });

  it("put no neighbour out", async () => {
    const id = await propose({ kind: "leave", member: 2 });
    await pass(45_000);
    expect(device.view().proposals.find((one) => one.id === id)).toMatchObject({ yes: 1, no: 4 });
  });
});

describe("the sun of the demo", () => {
  it("has no night: after an evening the next morning follows at once, in ten minutes", () => {
    const HOUR = 3_600_000;
    expect(demoTime(0)).toBe(9 * HOUR);
    expect(demoTime(600_000)).toBe(9 * HOUR);
    for (let at = 0; at < 1_200_000; at += 10_000) {
      const hour = demoTime(at) / HOUR;
      expect(hour).toBeGreaterThanOrEqual(6);
      expect(hour).toBeLessThan(21);
    }
    const dark = Array.from({ length: 120 }, (_, i) => i * 10_000).filter(
      (at) => powerAt(9_000, demoTime(at), 0) === 0,
    );
    expect(dark.length).toBeLessThan(3);
  });
});
