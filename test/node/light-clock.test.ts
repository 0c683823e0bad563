/** A light node whose clock is set right (PROTOCOL.md §8.1): waits that were begun by the wrong clock end all the same. */
import { describe, expect, it } from "vitest";
import { Trial } from "../lab/trial.ts";
import { LightWorld } from "./light-world.ts";

const YEAR_MS = 366 * 86_400_000;

/** The device's clock is so far off. */
const worldOff = (trial: Trial, clock: { off: number }): LightWorld => {
  const world = new LightWorld(trial, 2);
  Object.defineProperty(world, "now", { get: () => trial.time.now + clock.off });
  return world;
};

describe("a light node whose clock was a year ahead and is set right", () => {
  it("leaves a silent neighbour for another as soon as always", async () => {
    const trial = await Trial.begin({ members: 3, owners: [0] });
    await trial.until(4);
    const clock = { off: YEAR_MS };
    const world = worldOff(trial, clock);
    await world.meet(0, () => null);
    clock.off = 0;
    await world.meet(1);
    clock.off = 11_000;
    await world.event({ kind: "time" });
    expect(world.light.state.trust.header.height).toBeGreaterThan(0);
  });

  it("asks those again who failed while it was wrong", async () => {
    const trial = await Trial.begin({ members: 3, owners: [0] });
    await trial.until(4);
    const clock = { off: YEAR_MS };
    const world = worldOff(trial, clock);
    let isSilent = true;
    await world.meet(0, (answer) => (isSilent ? null : answer));
    clock.off += 11_000;
    await world.event({ kind: "time" });
    expect(world.light.peers.refused?.refusal.code).toBe("no-answer");
    isSilent = false;
    clock.off = 0;
    await world.event({ kind: "time" });
    clock.off = 600_000;
    await world.event({ kind: "time" });
    expect(world.light.state.trust.header.height).toBeGreaterThan(0);
  });
});
