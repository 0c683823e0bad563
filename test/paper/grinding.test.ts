/** §IV.C, grinding: nobody chooses the luck of the next auction, neither in it nor before it (PROTOCOL.md §6). */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { blsSign, blsVerify } from "../../worker/base/bls.ts";
import { toHex } from "../../worker/base/bytes.ts";
import { memberIndex, stepIndex } from "../../worker/base/units.ts";
import { hashOf } from "../../worker/consensus/block.ts";
import { checksOfTx } from "../../worker/consensus/checks.ts";
import { drawMessage, drawOf } from "../../worker/consensus/draw.ts";
import type { Candidacy } from "../../worker/ledger/transaction.ts";
import { codeOf, keysOf, valueOf, worldOf, type World } from "../ledger/worlds.ts";
import { ChainMaker, drawFrom } from "../consensus/chain-maker.ts";

let world: World;
let chain: ChainMaker;
beforeAll(() => {
  world = worldOf({ members: 3, owners: [0, 1], weights: [1, 2, 3] });
});
beforeEach(() => {
  chain = new ChainMaker(world);
});

describe("grinding: manipulating the selection of the miner", () => {
  const community = (): World["community"] => world.community;
  const message = (): Uint8Array => drawMessage(community(), chain.parent.beacon, stepIndex(1));

  it("m cannot choose U_k: its part is its one signature of (beacon, step), and any other is a false one", () => {
    const stands = [0, 1, 2].map((member) => chain.candidacy(1, { member }));
    const { miner } = chain.parent;
    const isGood = (draw: Uint8Array): boolean => {
      const [job] = valueOf(checksOfTx(chain.state, community(), chain.winner(1, stands, { draw }))).bls;
      return job !== undefined && blsVerify(job);
    };
    const own = blsSign(message(), keysOf(miner).blsSecret);
    expect(isGood(own)).toBe(true);
    expect(blsSign(message(), keysOf(miner).blsSecret)).toEqual(own);
    const others = [
      blsSign(message(), keysOf((miner + 1) % 3).blsSecret),
      blsSign(drawMessage(community(), chain.parent.beacon, stepIndex(2)), keysOf(miner).blsSecret),
      drawFrom(1),
    ];
    expect(others.map(isGood)).toEqual([false, false, false]);
    // With the draws fixed there is one ranking, and whoever says another is refused.
    const ranking = chain.ranking(1, stands, own);
    const turned = chain.winner(1, stands, { draw: own, ranking: ranking.toReversed() });
    expect(codeOf(chain.try(1, [...stands, turned], { rank: 0, miner: ranking[2] as never }))).toBe("wrong-ranking");
  });

  it("nor can k: it signs its part before it knows that of m", () => {
    const stand = chain.candidacy(1, { member: 2 });
    const [job] = valueOf(checksOfTx(chain.state, community(), stand)).bls;
    expect([job?.keys, job?.message]).toEqual([[keysOf(2).blsKey], message()]);
    const [mine, theirs] = [drawFrom(9), drawFrom(8)];
    expect(drawOf(mine, theirs, memberIndex(2))).not.toBe(drawOf(mine, drawFrom(7), memberIndex(2)));
    expect(drawOf(mine, theirs, memberIndex(2))).not.toBe(drawOf(mine, theirs, memberIndex(1)));
  });

  it("nor can whoever makes the parent, however often it makes it anew: no order, reading or vote moves a draw", () => {
    const made = [0, 1_000, 2_000].map((value) => {
      const other = new ChainMaker(world);
      other.grow(1, value === 0 ? [] : other.supply(0, 1, value));
      return other;
    });
    expect(new Set(made.map((c) => hashOf(c.parent))).size).toBe(3);
    const messages = made.map((c) => {
      const [job] = valueOf(checksOfTx(c.state, community(), c.candidacy(2, { member: 1 }))).bls;
      return toHex(job?.message ?? new Uint8Array());
    });
    expect(new Set(messages).size).toBe(1);
  });

  it("nor k by naming another beacon than the parent's", () => {
    const stand = chain.candidacy(1, { member: 2 });
    const other = {
      ...stand,
      body: { ...stand.body, beacon: hashOf(chain.parent) } as Candidacy & { kind: "candidacy" },
    };
    expect(codeOf(chain.try(1, [other]))).toBe("candidacy-elsewhere");
  });

  it("nor choose who is drawn when nobody wins: that order is of the parent's beacon, made before it", () => {
    const orders = [1, 2, 3, 4].map((n) => {
      const other = new ChainMaker(world);
      other.grow(1, [], { draw: drawFrom(n) });
      return [other.standIn(2), other.standIn(2, 1), other.standIn(2, 2)].join();
    });
    expect(new Set(orders).size).toBeGreaterThan(1);
    const draws = [1, 2, 3].map((n) => valueOf(chain.try(1, [], { draw: drawFrom(n) })).miner);
    expect(new Set(draws).size).toBe(1);
  });
});
