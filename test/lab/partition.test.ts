/** A network that falls apart and heals (PROTOCOL.md §7): one chain afterwards, nothing final is undone, no energy lost. */
import { describe, expect, it } from "vitest";
import { key } from "../../worker/ledger/rows.ts";
import { PER_STEP_MWH, Trial } from "./trial.ts";

const bookedIn = (trial: Trial, step: number): number =>
  trial
    .core(0)
    .chain.state.get("book", key(step))
    ?.generated.reduce((sum, g) => sum + g.mwh, 0) ?? 0;

describe("four members", () => {
  it("two and two: neither half makes anything final; healed, they have one chain and all energy in its own steps", async () => {
    const trial = await Trial.begin({ members: 4, owners: [0, 2] });
    await trial.until(2);
    trial.part([0, 1], [2, 3], true);
    await trial.until(4, 6_000);
    expect(trial.cores.map(({ chain }) => chain.final.header.step)).toEqual([2, 2, 2, 2]);
    expect(trial.cores.map(({ chain }) => chain.head.header.step)).toEqual([4, 4, 4, 4]);
    expect(trial.heads[0]).toBe(trial.heads[1]);
    expect(trial.heads[2]).toBe(trial.heads[3]);
    expect(trial.heads[0]).not.toBe(trial.heads[2]);
    trial.part([0, 1], [2, 3], false);
    await trial.until(9);
    expect(new Set(trial.heads).size).toBe(1);
    for (const { chain } of trial.cores) expect(chain.final.header.step).toBe(9);
    for (let step = 1; step <= 9; step++) expect(bookedIn(trial, step), `step ${step}`).toBe(2 * PER_STEP_MWH);
    expect(trial.core(0).chain.state.get("totals", "")).toMatchObject({ generated: 18 * PER_STEP_MWH, lost: 0 });
    expect(trial.witness.faults).toEqual([]);
  });

  it("three and one: the three go on to finality; what the one generated meanwhile is booked later to its own steps", async () => {
    const trial = await Trial.begin({ members: 4, owners: [3] });
    await trial.until(2);
    trial.part([0, 1, 2], [3], true);
    await trial.until(5, 6_000);
    expect(trial.cores.map(({ chain }) => chain.final.header.step)).toEqual([5, 5, 5, 2]);
    expect(trial.core(3).summaries.map((line) => line.step)).toEqual([0, 1, 2, 3, 4, 5]);
    expect([3, 4, 5].map((step) => bookedIn(trial, step))).toEqual([0, 0, 0]);
    trial.part([0, 1, 2], [3], false);
    await trial.until(8);
    expect(new Set(trial.heads).size).toBe(1);
    for (const { chain } of trial.cores) expect(chain.final.header.step).toBe(8);
    for (let step = 1; step <= 8; step++) expect(bookedIn(trial, step), `step ${step}`).toBe(PER_STEP_MWH);
    expect(trial.witness.faults).toEqual([]);
  });

  it("a line instead of a mesh: votes and blocks find their way over neighbours", async () => {
    const trial = await Trial.begin({ members: 4, owners: [0] });
    trial.part([0], [2, 3], true);
    trial.part([1], [3], true);
    await trial.until(3);
    expect(new Set(trial.heads).size).toBe(1);
    for (const { chain } of trial.cores) expect(chain.final.header.step).toBe(3);
    expect(trial.witness.faults).toEqual([]);
  });
});
