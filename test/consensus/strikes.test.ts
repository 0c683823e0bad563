/** Three strikes (§IV.C): who is deemed eligible and does not create its block, how often, and what follows. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { memberIndex, stepIndex, type MemberIndex } from "../../worker/base/units.ts";
import { owedBy } from "../../worker/consensus/evidence.ts";
import { standInOrder } from "../../worker/consensus/selection.ts";
import { key } from "../../worker/ledger/rows.ts";
import type { Tx } from "../../worker/ledger/transaction.ts";
import { pardon, rowOf } from "../ledger/decisions.ts";
import { codeOf, worldOf, type World } from "../ledger/worlds.ts";
import { ChainMaker, drawFrom } from "./chain-maker.ts";

const ALL = [0, 1, 2, 3];
let world: World;
let chain: ChainMaker;
let step: number;
beforeAll(() => {
  world = worldOf({ members: 4, owners: [0] });
});
beforeEach(() => {
  chain = new ChainMaker(world);
  step = 1;
});
const strikes = (): number[] => ALL.map((m) => rowOf(chain, m).strikes);
const barred = (): (number | null)[] => ALL.map((m) => rowOf(chain, m).barred);
/** An auction of these members; `draw` turns the ranking. */
const auction = (members: readonly number[], draw = 200): { txs: Tx[]; ranking: MemberIndex[] } => {
  const stands = members.map((member) => chain.candidacy(step, { member }));
  const ranking = chain.ranking(step, stands, drawFrom(draw));
  return { txs: [...stands, chain.winner(step, stands, { draw: drawFrom(draw), ranking })], ranking };
};
const miss = (txs: readonly Tx[], ranking: readonly MemberIndex[], rank: number): void => {
  chain.grow(step, txs, { rank, miner: ranking[rank] ?? memberIndex(0) });
  step += 1;
};
/** Steps in which `loser` ranks before `maker`, who makes the block: the draw that says so is searched for. */
const lose = (loser: number, maker: number, times: number): void => {
  for (let n = 0; n < times; n++) {
    const draws = Array.from({ length: 200 }, (_, draw) => ({ draw, ...auction([loser, maker], draw) }));
    const found = draws.find(({ ranking }) => ranking[0] === loser);
    if (found === undefined) throw new Error("no draw lets it win");
    miss(found.txs, found.ranking, 1);
  }
};
/** A pardon of member 0, in blocks that others make: one of its own would wipe out its strikes as well. */
const forgive = (): void => {
  for (const txs of [chain.ballot(step, pardon(0), 1, [1, 2, 3]), []]) {
    const place = ALL.findIndex((at) => chain.standIn(step, at) !== 0);
    chain.grow(step, txs, { rank: 1 + place, miner: chain.standIn(step, place) });
    step += 1;
  }
};

describe("a strike", () => {
  it("goes to each candidate ranked before who made the block, and to nobody else", () => {
    const { txs, ranking } = auction(ALL);
    miss(txs, ranking, 2);
    const expected = ALL.map((m) => (ranking.indexOf(memberIndex(m)) < 2 ? 1 : 0));
    expect(strikes()).toEqual(expected);
    expect(chain.state.get("incident", key(1))).toEqual({ owed: ranking.slice(0, 2), evidence: [] });
  });

  it("goes to nobody when the winner delivers, nor without an auction: who did not stand owes nothing", () => {
    const { txs, ranking } = auction(ALL);
    miss(txs, ranking, 0);
    chain.grow(2, [], { rank: 3, miner: chain.standIn(2, 2) });
    expect(strikes()).toEqual([0, 0, 0, 0]);
    expect(chain.state.scan("incident")).toEqual([]);
  });

  it("goes to all ranked ones when a stand-in had to make the block; one who is both has delivered after all", () => {
    const { txs, ranking } = auction([0, 1]);
    const order = ALL.map((place) => chain.standIn(1, place));
    const outsider = order.findIndex((m) => !ranking.includes(m));
    const other = new ChainMaker(world);
    other.grow(1, txs, { rank: 2 + outsider, miner: order[outsider] as MemberIndex });
    expect(ALL.map((m) => rowOf(other, m).strikes)).toEqual([1, 1, 0, 0]);
    const late = order.findIndex((m) => m === ranking[0]);
    chain.grow(1, txs, { rank: 2 + late, miner: ranking[0] as MemberIndex });
    expect(strikes()).toEqual(ALL.map((m) => (m === ranking[1] ? 1 : 0)));
  });

  it("is wiped out by a block of one's own", () => {
    lose(0, 1, 2);
    expect(strikes()).toEqual([2, 0, 0, 0]);
    const { txs, ranking } = auction([0]);
    miss(txs, ranking, 0);
    lose(0, 1, 2);
    expect([strikes(), barred()]).toEqual([
      [2, 0, 0, 0],
      [null, null, null, null],
    ]);
  });

  it("is of a ranking and a rank: the miner itself is never among those who owe", () => {
    const ranking = [3, 1, 2].map(memberIndex);
    expect(owedBy(ranking, 0, memberIndex(3))).toEqual([]);
    expect(owedBy(ranking, 2, memberIndex(2))).toEqual([3, 1]);
    expect(owedBy(ranking, 5, memberIndex(1))).toEqual([3, 2]);
  });
});

describe("three strikes", () => {
  it("bar from the step of the third on: no candidacy any more, whatever the tokens", () => {
    lose(0, 1, 3);
    expect([strikes()[0], barred()]).toEqual([3, [3, null, null, null]]);
    expect(codeOf(chain.try(step, [chain.candidacy(step, { member: 0 })]))).toBe("barred");
    expect(chain.try(step, auction([1, 2]).txs).ok).toBe(true);
  });

  it("are as many as the contract says", () => {
    chain = new ChainMaker({ ...world, contract: { ...world.contract, strikes: 1 } });
    lose(0, 1, 1);
    expect(barred()).toEqual([1, null, null, null]);
  });

  it("leave the member as the last stand-in, so that the chain goes on if nobody else is awake", () => {
    lose(0, 1, 3);
    for (let s = step; s < step + 8; s++) {
      const order = standInOrder(chain.state, chain.parent.beacon, stepIndex(s));
      expect([order.at(-1), order.length]).toEqual([0, 4]);
    }
    const { block } = chain.grow(step, [], { rank: 4, miner: memberIndex(0) });
    expect(block.header.miner).toBe(0);
    // It has made a block, and may still not stand.
    expect([rowOf(chain, 0).strikes, rowOf(chain, 0).barred]).toEqual([0, 3]);
    step += 1;
    expect(codeOf(chain.try(step, [chain.candidacy(step, { member: 0 })]))).toBe("barred");
  });

  it("are forgiven by a ballot, and counted anew after it", () => {
    lose(0, 1, 3);
    forgive();
    expect(rowOf(chain, 0)).toMatchObject({ strikes: 0, barred: null, convicted: false, pardoned: step - 1 });
    expect(chain.try(step, auction([0]).txs).ok).toBe(true);
    lose(0, 1, 2);
    expect(rowOf(chain, 0)).toMatchObject({ strikes: 2, barred: null });
  });

  it("may be forgiven before the third, too", () => {
    lose(0, 1, 2);
    forgive();
    expect([rowOf(chain, 0).strikes, rowOf(chain, 0).blocks]).toEqual([0, 0]);
    lose(0, 1, 2);
    expect(barred()[0]).toBeNull();
  });
});
