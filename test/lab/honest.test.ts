/** Everybody honest and online (PROTOCOL.md §5 to §7): the life of a community step by step, and the same life twice. */
import { describe, expect, it } from "vitest";
import { PER_STEP_MWH, Trial } from "./trial.ts";

describe("four honest members online", () => {
  it("have a block at exactly T_i for every step, one head, finality seconds after T_i, and all energy shared", async () => {
    const trial = await Trial.begin({ members: 4 });
    for (let step = 1; step <= 8; step++) {
      await trial.until(step);
      expect(new Set(trial.heads).size).toBe(1);
      for (const { chain, summaries } of trial.cores) {
        expect(chain.head.header).toMatchObject({ step, height: step });
        expect(chain.final.header.step).toBe(step);
        expect(summaries.map((line) => line.step)).toEqual(Array.from({ length: step + 1 }, (_, i) => i));
      }
    }
    const { chain, summaries } = trial.core(0);
    const generated = 4 * 8 * PER_STEP_MWH;
    expect(chain.state.get("totals", "")).toEqual({ generated, distributed: generated, lost: 0 });
    expect(chain.state.scan("member").map(([, m]) => m.meter)).toEqual([8, 8, 8, 8].map((n) => n * PER_STEP_MWH));
    expect(summaries.slice(1).every((line) => line.generatedMwh === 4 * PER_STEP_MWH && line.rank === 0)).toBe(true);
    expect(new Set(summaries.slice(1).map((line) => line.miner)).size).toBeGreaterThan(1);
    expect(trial.witness.faults).toEqual([]);
  });

  it("end with the same hash when the seed is the same, and with another when it is not", async () => {
    const story = async (seed: string): Promise<string> => {
      const trial = await Trial.begin({ members: 3, seed, owners: [1] });
      await trial.until(3);
      expect(trial.witness.faults).toEqual([]);
      expect(new Set(trial.heads).size).toBe(1);
      return trial.heads[0] ?? "";
    };
    const first = await story("a");
    expect(await story("a")).toBe(first);
    expect(await story("b")).not.toBe(first);
  });
});

describe("what gossip offers", () => {
  it("is of the present: a neighbour who comes late is not told of auctions and blocks long settled", async () => {
    const trial = await Trial.begin({ members: 3, owners: [0] });
    const offers: number[] = [];
    for (const step of [12, 18]) {
      await trial.until(step);
      const { gossip } = trial.core(0);
      gossip.up(99);
      offers.push(gossip.flush().find(({ peer }) => peer === 99)?.ids.length ?? 0);
      gossip.down(99);
    }
    expect(offers[0]).toBeGreaterThan(0);
    expect(offers[1]).toBe(offers[0]);
  });
});

describe("small communities", () => {
  it.each([1, 2, 3])("%i members make blocks and finality too, also with a quorum of two thirds", async (members) => {
    const trial = await Trial.begin({ members, quorum: "two-thirds", owners: [0] });
    await trial.until(4);
    for (const { chain } of trial.cores) expect([chain.head.header.step, chain.final.header.step]).toEqual([4, 4]);
    expect(trial.witness.faults).toEqual([]);
  });
});
