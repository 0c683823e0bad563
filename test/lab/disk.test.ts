/** A disk that refuses (architecture: what is signed is on disk before it is sent): nothing leaves, then all goes on. */
import { describe, expect, it } from "vitest";
import { PRESETS } from "../../worker/community/presets.ts";
import { PER_STEP_MWH, Trial } from "./trial.ts";

/** A trial that counts the frames each node sends. */
const counted = async (): Promise<{ trial: Trial; sentBy: (i: number) => number }> => {
  const sent = new Map<string, number>();
  const trial = await Trial.begin({
    members: 3,
    owners: [0],
    latency: (from) => {
      sent.set(from, (sent.get(from) ?? 0) + 1);
      return 20;
    },
  });
  return { trial, sentBy: (i) => sent.get(trial.address(i)) ?? 0 };
};

describe("a disk that is full", () => {
  it.each([
    ["before its candidacy", 900],
    ["before its votes", 10_000 + PRESETS.fast.publishDelayMs - 100],
  ])("%s: the node sends nothing until there is room, then goes on where it was", async (_, ms) => {
    const { trial, sentBy } = await counted();
    await trial.until(1, ms);
    const { disk } = trial.lab.inhabitant(0);
    disk.quotaBytes = 0;
    // What had been committed before may still leave.
    await trial.until(1, ms + 1_000);
    const [sent, others] = [sentBy(0), sentBy(1)];
    const rows = disk.tables.get("own")?.values.size;
    await trial.until(4);
    expect(sentBy(0)).toBe(sent);
    expect(sentBy(1)).toBeGreaterThan(others);
    expect(disk.tables.get("own")?.values.size).toBe(rows);
    for (const i of [1, 2]) expect(trial.core(i).chain.final.header.step).toBeGreaterThanOrEqual(3);
    disk.quotaBytes = Number.MAX_SAFE_INTEGER;
    await trial.until(7);
    expect(new Set(trial.heads).size).toBe(1);
    for (const { chain } of trial.cores) expect(chain.final.header.step).toBe(7);
    expect(trial.core(1).chain.state.get("totals", "")?.generated).toBe(7 * PER_STEP_MWH);
    expect(trial.witness.faults).toEqual([]);
  });

  it("a failure that passes costs a moment and no step", async () => {
    const { trial } = await counted();
    await trial.until(1, 1_500);
    trial.lab.inhabitant(0).disk.failNext("failed", 2);
    await trial.until(3);
    expect(new Set(trial.heads).size).toBe(1);
    for (const { chain, summaries } of trial.cores) {
      expect(summaries.map((line) => line.step)).toEqual([0, 1, 2, 3]);
      expect(chain.final.header.step).toBe(3);
    }
    expect(trial.witness.faults).toEqual([]);
  });

  it("a disk that was taken over stops the node for good; the others go on", async () => {
    const { trial } = await counted();
    await trial.until(1);
    trial.lab.inhabitant(0).disk.failNext("closed");
    await trial.until(4, 6_000);
    expect(trial.core(0).chain.head.header.step).toBe(1);
    for (const i of [1, 2]) {
      expect(trial.core(i).chain.head.header.step).toBe(4);
      expect([...trial.core(i).peers.values()].map((p) => p.identity.key)).toEqual([
        trial.lab.inhabitant(3 - i).keys.memberKey,
      ]);
    }
    expect(trial.witness.faults).toEqual([]);
  });
});
