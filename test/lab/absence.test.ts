/** Members that fall silent, sleep and return (PROTOCOL.md §6, §7): the chain goes on, and nobody contradicts itself. */
import { describe, expect, it } from "vitest";
import { PRESETS } from "../../worker/community/presets.ts";
import { PER_STEP_MWH, Trial } from "./trial.ts";

describe("a silent winner", () => {
  it("is replaced by the next rank or a stand-in, whose block closes the same step", async () => {
    const trial = await Trial.begin({ members: 3, owners: [0] });
    await trial.until(2, -500);
    const winner = trial.core(0).winnerFor(2 as never)?.body.ranking[0] ?? -1;
    expect([0, 1, 2]).toContain(winner);
    await trial.lab.stop(winner);
    await trial.until(4, 6_000);
    for (const { summaries } of trial.cores) {
      expect(summaries.map((line) => line.step)).toEqual([0, 1, 2, 3, 4]);
      expect(summaries.get(2)?.miner).not.toBe(winner);
      expect(summaries.get(2)?.rank).toBeGreaterThan(0);
    }
    expect(new Set(trial.heads).size).toBe(1);
    expect(trial.witness.faults).toEqual([]);
  });
});

describe("one member online at night", () => {
  it("still makes a block for every step; when the others return, their votes make all of it final", async () => {
    const trial = await Trial.begin({ members: 3, owners: [0, 1] });
    await trial.until(2);
    await trial.lab.stop(1);
    await trial.lab.stop(2);
    await trial.until(5, 6_000);
    const alone = trial.core(0);
    expect(alone.summaries.map((line) => line.step)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(alone.chain.final.header.step).toBe(2);
    await trial.lab.start(1);
    await trial.lab.start(2);
    await trial.until(8);
    expect(new Set(trial.heads).size).toBe(1);
    for (const { chain, summaries } of trial.cores) {
      expect(chain.final.header.step).toBe(8);
      expect(summaries.map((line) => line.step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }
    expect(trial.witness.faults).toEqual([]);
  });

  it("a meter whose reader slept delivers afterwards all that it counted", async () => {
    const trial = await Trial.begin({ members: 2, owners: [1] });
    await trial.until(1);
    await trial.lab.stop(1);
    await trial.until(4);
    await trial.lab.start(1);
    await trial.until(7);
    const { chain } = trial.core(0);
    expect(chain.state.get("totals", "")?.generated).toBe(7 * PER_STEP_MWH);
    // Two of two are a quorum here: nobody may leave a round in which it still owes its confirmation.
    for (const { chain: own } of trial.cores) expect(own.final.header.step).toBe(7);
    expect(trial.witness.faults).toEqual([]);
  });
});

describe("a member that comes back late in the morning", () => {
  it("catches up before it votes: an approval of an old block would hold back all that is newer", async () => {
    let hearsFrom = 0;
    const trial: Trial = await Trial.begin({
      members: 4,
      owners: [],
      quorum: "two-thirds",
      between: (member, network) => ({
        ...network,
        start: (onEvent) =>
          network.start((event) => {
            if (event.kind !== "message" || member !== 3 || trial.time.now >= hearsFrom) onEvent(event);
          }),
      }),
    });
    await trial.until(2);
    await trial.lab.stop(2);
    await trial.lab.stop(3);
    await trial.until(8, 6_000);
    expect(trial.core(0).chain.final.header.step).toBe(2);
    // It hears nothing until it has given up waiting, just before block 9 shows it what it lacks.
    hearsFrom = trial.end(9) + 1_100;
    await trial.lab.start(3);
    await trial.until(9);
    const late = trial.core(3);
    const votes = [...late.own.votes.values()].filter((vote) => vote.step > 2 && vote.kind === "approval");
    expect(votes.map((vote) => vote.step)).toEqual(votes.map(() => 9));
    expect(votes.length).toBeGreaterThan(0);
    expect(new Set(trial.heads).size).toBe(1);
    expect(trial.witness.faults).toEqual([]);
  });
});

describe("members who are each alone, and meet only in two groups", () => {
  it("learn each other's branches when all are together, or a round could never end", async () => {
    const trial = await Trial.begin({ members: 6, owners: [], quorum: "two-thirds" });
    const groups = [
      [0, 1, 2],
      [3, 4, 5],
    ];
    await trial.until(1);
    for (const i of groups.flat()) await trial.lab.stop(i);
    let step = 1;
    for (const i of groups.flat()) {
      await trial.lab.start(i);
      await trial.until((step += 1), 6_000);
      await trial.lab.stop(i);
    }
    for (const group of groups) {
      for (const i of group) await trial.lab.start(i);
      await trial.until((step += 2), 6_000);
      for (const i of group) await trial.lab.stop(i);
    }
    for (const i of groups.flat()) await trial.lab.start(i);
    await trial.until(step + 5);
    expect(new Set(trial.heads).size).toBe(1);
    for (const { chain } of trial.cores) expect(chain.final.header.step).toBeGreaterThanOrEqual(step + 4);
    expect(trial.witness.faults).toEqual([]);
  });
});

describe("a member that wakes up", () => {
  it("signs nothing on its old head before it has heard its neighbours, so that those who are there reach finality", async () => {
    const trial = await Trial.begin({ members: 4, owners: [], absent: [2, 3] });
    await trial.until(4);
    expect(trial.core(0).chain.final.header.step).toBe(0);
    // Three of four are a quorum: the third must vote for the chain that is there.
    await trial.lab.start(2);
    await trial.until(5);
    for (const { chain } of trial.cores) expect([chain.head.header.step, chain.final.header.step]).toEqual([5, 5]);
    expect([...trial.core(0).chain.tree.nodes()].filter((n) => n.header.step === 4 && n.header.miner === 2)).toEqual(
      [],
    );
    expect(trial.witness.faults).toEqual([]);
  });

  it("goes on alone when nobody answers", async () => {
    const trial = await Trial.begin({ members: 2, owners: [] });
    await trial.until(1);
    await trial.lab.stop(0);
    await trial.lab.stop(1);
    await trial.lab.start(0);
    await trial.until(3, 6_000);
    expect(trial.core(0).summaries.map((line) => line.step)).toEqual([0, 1, 2, 3]);
    expect(trial.witness.faults).toEqual([]);
  });
});

describe("two members, of whom one always comes late", () => {
  it("reach finality whenever both are there", async () => {
    const trial = await Trial.begin({ members: 2, owners: [0] });
    for (const step of [1, 3, 5]) {
      await trial.until(step, -9_000);
      await trial.lab.stop(1);
      await trial.until(step, 7_000);
      await trial.lab.start(1);
      await trial.until(step + 1);
      for (const { chain } of trial.cores)
        expect(chain.final.header.step, `after step ${step}`).toBeGreaterThanOrEqual(step);
    }
    expect(trial.witness.faults).toEqual([]);
  });
});

describe("a node that is killed and starts again from its disk", () => {
  /** When the block of the step that is over comes, and moments in ms after the beginning of a step. */
  const block = PRESETS.fast.publishDelayMs;
  const moments = [
    ["before its candidacy", 500],
    ["after its candidacy", 1_500],
    ["between gate closure and the winner transaction", 7_300],
    ["after the winner transaction", 8_500],
    ["just before its block", 10_000 + block - 10],
    ["right after its block", 10_000 + block + 5],
    ["between its votes", 10_000 + block + 60],
    ["after its votes", 10_000 + block + 900],
  ] as const;

  it.each([
    ["at once", 10],
    ["a second later", 1_000],
  ])("%s never contradicts itself, catches up and goes on", async (_, pause) => {
    const trial = await Trial.begin({ members: 3, owners: [0, 1, 2] });
    for (const [i, [, ms]] of moments.entries()) {
      const step = i + 1;
      await trial.until(step - 1, ms);
      // In every step somebody else's turn: the candidate, the winner, the current miner are all hit in time.
      const victim = step % 3;
      await trial.lab.stop(victim);
      await trial.until(step - 1, ms + pause);
      await trial.lab.start(victim);
    }
    const last = moments.length + 3;
    await trial.until(last, 4_000);
    expect(new Set(trial.heads).size).toBe(1);
    for (const { chain, summaries } of trial.cores) {
      expect([chain.head.header.step, chain.final.header.step]).toEqual([last, last]);
      expect(summaries.map((line) => line.step)).toEqual(Array.from({ length: last + 1 }, (_, n) => n));
    }
    expect(trial.core(0).chain.state.get("totals", "")?.generated).toBe(3 * last * PER_STEP_MWH);
    expect(trial.witness.faults).toEqual([]);
  });
});
