/**
 * What a node makes of a current miner that does not tell everybody the same (PROTOCOL.md §7.4): two winner transactions
 * of one auction, a false ranking, a candidacy that it let only one hear.
 */
import { describe, expect, it } from "vitest";
import { nobleBls } from "../../worker/base/bls.ts";
import { stepIndex, type MemberIndex, type Millis } from "../../worker/base/units.ts";
import { communityId } from "../../worker/community/contract.ts";
import { endOf, gateClosure, publishTime } from "../../worker/community/market-step.ts";
import type { Block } from "../../worker/consensus/block.ts";
import type { SignedWinner } from "../../worker/consensus/evidence.ts";
import type { TreeNode } from "../../worker/consensus/tree.ts";
import { labContract, memberKeys } from "../../worker/lab/community.ts";
import { auctionOf, candidacyOf, winnerOf, type Forger } from "../../worker/lab/sim/forge.ts";
import { idOf, type Tx } from "../../worker/ledger/transaction.ts";
import { assembleBlock, ranksOf } from "../../worker/node/assemble.ts";
import type { Core } from "../../worker/node/core.ts";
import { beginCore } from "../../worker/node/load.ts";
import { itemIdOf } from "../../worker/node/messages.ts";
import { at } from "../contracts/bls-points.ts";
import { T0 } from "../lab/trial.ts";

const MEMBERS = 4;
const STEP = stepIndex(1);
const keys = Array.from({ length: MEMBERS }, (_, i) => memberKeys("objections", i));
const signed = labContract(keys, { name: "Two ends", preset: "fast", quorum: "majority", t0: T0 }, []);
const { contract } = signed;
const community = communityId(contract);
/** The founder counts as the genesis's miner. */
const MINER = 0;
const forger = (i: number): Forger => ({ me: i as MemberIndex, keys: at(keys, i), community, bls: nobleBls });
const CLOSED = gateClosure(contract, 1);
const MARGIN = contract.candidacyMarginMs;
const DUE = publishTime(contract, STEP, 0);

const plain = (i: number): Core => beginCore(at(keys, i), signed);
const standing = [0, 1, 2, 3].map((i) =>
  candidacyOf(forger(i), plain(i), STEP, { at: CLOSED - 2 * MARGIN, tokens: [] }),
);
const addCandidacy = (core: Core, tx: Tx, heard: number): void => {
  if (tx.body.kind !== "candidacy") throw new Error("a candidacy");
  const id = idOf(tx.body, community);
  core.pool.addCandidacy({ item: itemIdOf(tx.signature), id, tx, body: tx.body, heard: heard as Millis });
};
/** A member's node that has heard everybody stand, the one named here at that time. */
const coreOf = (i: number, late: { member: number; heard: number } | null = null): Core => {
  const core = plain(i);
  for (const [member, tx] of standing.entries())
    addCandidacy(core, tx, member === late?.member ? late.heard : CLOSED - 3 * MARGIN);
  core.now = DUE;
  return core;
};
const all = coreOf(MINER);
const endWith = (
  keep: (ranking: readonly MemberIndex[]) => readonly MemberIndex[],
  rank?: (honest: readonly MemberIndex[]) => readonly MemberIndex[],
): SignedWinner => winnerOf(forger(MINER), all, STEP, keep, rank) as never;
const W1 = endWith((ranking) => ranking);
const FALSE = endWith(
  (ranking) => ranking,
  (honest) => honest.toReversed(),
);
const ranking = W1.body.ranking;
const [first, , third, last] = ranking as [MemberIndex, MemberIndex, MemberIndex, MemberIndex];
/** True, but for the one that it leaves out. */
const WITHOUT_LAST = endWith((list) => list.filter((m) => m !== last));

const hear = (core: Core, tx: Tx, heard: number = CLOSED + 1_000): void => {
  const { candidacies } = auctionOf(all, tx);
  if (tx.body.kind !== "winner") throw new Error("a winner");
  const id = idOf(tx.body, community);
  core.pool.addWinner({ item: itemIdOf(tx.signature), id, tx, body: tx.body, candidacies, heard: heard as Millis });
};
/** A block on a winner transaction, of the one that it ranks there. */
const blockAt = (rank: number, tx: Tx = W1): Block => {
  const core = coreOf(at([...ranking], rank), { member: last, heard: CLOSED });
  hear(core, tx);
  const block = assembleBlock(core, at([...ranking], rank), STEP, rank);
  if (block === undefined) throw new Error("it is its turn");
  return block;
};
const judge = (core: Core, block: Block): TreeNode => {
  core.now = publishTime(contract, STEP, block.header.rank);
  const added = core.chain.add(block);
  if (!added.ok) throw new Error(added.error.message);
  core.objections.judge(added.value);
  return added.value;
};
const reasonOf = (core: Core, block: Block): string | undefined =>
  core.objections.all.get(judge(core, block).hash)?.reason;

describe("two winner transactions of one auction", () => {
  it("are none: whoever was first in one of them is a stand-in like everybody, whichever came first", () => {
    for (const two of [
      [W1, FALSE],
      [FALSE, W1],
      [WITHOUT_LAST, W1],
    ] as const) {
      const core = coreOf(first);
      for (const tx of two) hear(core, tx);
      expect(core.winnerFor(STEP)).toBeUndefined();
      expect(ranksOf(core, first, STEP)).toEqual(ranksOf(plain(first), first, STEP));
    }
    const told = coreOf(first);
    hear(told, W1);
    expect(ranksOf(told, first, STEP)[0]).toBe(0);
  });

  it("have a block that strikes by one of them passed over, by who heard both or only the other", () => {
    const block = blockAt(1);
    const heardBy = (...told: readonly Tx[]): Core => {
      const core = coreOf(last);
      for (const tx of told) hear(core, tx);
      return core;
    };
    expect(reasonOf(heardBy(W1), block)).toBeUndefined();
    for (const told of [[W1, FALSE], [WITHOUT_LAST, W1], [FALSE], [FALSE, WITHOUT_LAST]])
      expect(reasonOf(heardBy(...told), block)).toBe("two-winners");
  });

  it("do not hold up a block that strikes nobody, nor one that was due before the second was heard", () => {
    const core = coreOf(last);
    for (const tx of [W1, FALSE]) hear(core, tx);
    expect(reasonOf(core, blockAt(0))).toBeUndefined();
    const later = coreOf(last);
    hear(later, W1);
    hear(later, FALSE, publishTime(contract, STEP, 1) + 1);
    expect(reasonOf(later, blockAt(1))).toBeUndefined();
  });

  it("hold up what they hold up for one step at most", () => {
    const core = coreOf(last);
    for (const tx of [W1, FALSE]) hear(core, tx);
    const node = judge(core, blockAt(1));
    expect(core.objections.stands(node)).toBe(true);
    core.now = endOf(contract, STEP + 1);
    expect([core.objections.stands(node), core.objections.review()]).toEqual([false, true]);
  });
});

describe("a winner transaction", () => {
  it("with a ranking that does not follow from its candidacies is none", () => {
    const core = coreOf(first);
    hear(core, FALSE);
    expect(core.winnerFor(STEP)).toBeUndefined();
    const told = coreOf(first);
    hear(told, W1);
    expect(told.winnerFor(STEP)?.tx).toBe(W1);
  });

  it("that leaves out a candidacy is none for whom it does not rank, as soon as that was here in good time", () => {
    for (const [heard, isNone] of [
      [CLOSED - MARGIN, true],
      [CLOSED - MARGIN + 1, false],
    ] as const) {
      const core = coreOf(last, { member: last, heard });
      hear(core, WITHOUT_LAST);
      expect(core.winnerFor(STEP) === undefined).toBe(isNone);
    }
  });

  it("is none for whom it ranks only where the others surely had that candidacy in time, and then they object", () => {
    for (const [heard, isNone] of [
      [CLOSED - 2 * MARGIN, true],
      [CLOSED - 2 * MARGIN + 1, false],
      [CLOSED - MARGIN, false],
    ] as const) {
      const core = coreOf(first, { member: last, heard });
      hear(core, WITHOUT_LAST);
      expect([core.winnerFor(STEP) === undefined, heard]).toEqual([isNone, heard]);
    }
    // A margin later than who kept silent, and in time.
    const other = coreOf(third, { member: last, heard: CLOSED - MARGIN });
    hear(other, WITHOUT_LAST);
    expect(other.winnerFor(STEP)?.tx).toBe(WITHOUT_LAST);
    expect(reasonOf(other, blockAt(1, WITHOUT_LAST))).toBe("candidacy-omitted");
  });

  it("on which a block was passed over is none, or the next in rank would strike who has written", () => {
    const core = coreOf(third, { member: last, heard: CLOSED - MARGIN });
    hear(core, WITHOUT_LAST);
    const block = blockAt(0, WITHOUT_LAST);
    expect(reasonOf(core, block)).toBe("candidacy-omitted");
    expect([core.chain.head.header.step, core.winnerFor(STEP)]).toEqual([0, undefined]);
    // Who holds another only: that a block's is not the one is enough.
    const told = coreOf(third);
    hear(told, WITHOUT_LAST);
    addCandidacy(told, at(standing, last), CLOSED);
    expect([reasonOf(told, blockAt(1)), told.winnerFor(STEP)]).toEqual(["two-winners", undefined]);
  });
});
