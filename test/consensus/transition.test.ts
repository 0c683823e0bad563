/** A block: what the miner executes everyone recomputes, and any header that says otherwise is refused. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../worker/base/bytes.ts";
import { appendToFrontier, EMPTY_FRONTIER, frontierRoot, leafHash } from "../../worker/base/merkle.ts";
import { fromHex } from "../../worker/base/bytes.ts";
import { memberIndex, stepIndex, type Hash } from "../../worker/base/units.ts";
import { hashOf, type Header } from "../../worker/consensus/block.ts";
import { nextBeacon } from "../../worker/consensus/draw.ts";
import { standInOrder } from "../../worker/consensus/selection.ts";
import { minersByRank } from "../../worker/consensus/transition.ts";
import { openAuction } from "../../worker/consensus/candidacy.ts";
import { bitfieldOf, type VoteGroup } from "../../worker/consensus/vote.ts";
import { key } from "../../worker/ledger/rows.ts";
import { stateRoot } from "../../worker/ledger/state.ts";
import type { Tx } from "../../worker/ledger/transaction.ts";
import { codeOf, refusal, valueOf, worldOf, type World } from "../ledger/worlds.ts";
import { ChainMaker, drawFrom } from "./chain-maker.ts";

let world: World;
let chain: ChainMaker;
beforeAll(() => {
  world = worldOf({ members: 3, owners: [0, 1], weights: [8, 17, 0] });
});
beforeEach(() => {
  chain = new ChainMaker(world);
});
const supplied = (step: number, value = 25_000): [Tx, Tx, Tx] => {
  const [generation, transfer] = chain.supply(0, step, value);
  return [generation, transfer, chain.distribution(step, [transfer], value)];
};
const group = (members: readonly number[], over: Partial<VoteGroup> = {}): VoteGroup => ({
  set: 0,
  round: 0,
  kind: "approval",
  step: chain.parent.step,
  block: hashOf(chain.parent),
  voters: bitfieldOf(members.map(memberIndex)),
  signature: new Uint8Array(48),
  ...over,
});

describe("a block", () => {
  it("that the miner executed is accepted by everybody, to the same header", () => {
    const candidacies = [0, 1, 2].map((member) => chain.candidacy(1, { member }));
    const block = chain.block(1, [...supplied(1), ...candidacies, chain.winner(1, candidacies)], {
      votes: [group([0, 2])],
    });
    expect(valueOf(chain.validate(block))).toEqual(block.header);
  });

  const flip = (hash: Hash): Hash => `${hash.startsWith("0") ? "1" : "0"}${hash.slice(1)}` as Hash;
  const changes: { readonly [F in keyof Header]?: (h: Header) => Header[F] } = {
    version: (h) => h.version + 1,
    community: (h) => flip(h.community),
    height: (h) => h.height + 1,
    parent: (h) => flip(h.parent),
    txRoot: (h) => flip(h.txRoot),
    stateRoot: (h) => flip(h.stateRoot),
    historyRoot: (h) => flip(h.historyRoot),
    votersRoot: (h) => flip(h.votersRoot),
    beacon: (h) => flip(h.beacon),
    votesRoot: (h) => flip(h.votesRoot),
  };
  it.each(Object.keys(changes) as (keyof Header)[])("with another %s in its header is refused", (field) => {
    const block = chain.block(1, supplied(1));
    const header = { ...block.header, [field]: changes[field]?.(block.header) };
    expect(refusal(chain.validate({ ...block, header }))).toMatchObject({ code: "header-mismatch", data: { field } });
  });

  it("with another miner or rank in its header is out of turn, with an earlier step out of order", () => {
    const block = chain.block(1);
    const miner = memberIndex((block.header.miner + 1) % 3);
    expect(codeOf(chain.validate({ ...block, header: { ...block.header, miner } }))).toBe("not-its-turn");
    for (const rank of [0, 2, 99]) {
      expect(codeOf(chain.validate({ ...block, header: { ...block.header, rank } }))).toBe("not-its-turn");
    }
    expect(codeOf(chain.validate({ ...block, header: { ...block.header, step: stepIndex(0) } }))).toBe("step-order");
    chain.add(block);
    expect(codeOf(chain.try(1))).toBe("step-order");
  });

  it("with any part of its content changed no longer fits its header", () => {
    const block = chain.block(1, supplied(1), { votes: [group([0])] });
    expect(chain.validate({ ...block, draw: drawFrom(7) })).toMatchObject({ error: { data: { field: "beacon" } } });
    expect(chain.validate({ ...block, votes: [] })).toMatchObject({ error: { code: "header-mismatch" } });
    expect(chain.validate({ ...block, txs: block.txs.slice(0, 2) })).toMatchObject({
      error: { code: "header-mismatch" },
    });
    const signature = new Uint8Array(64).fill(1);
    const [first, ...rest] = block.txs as [Tx, ...Tx[]];
    const resigned = { ...block, txs: [{ ...first, signature }, ...rest] };
    expect(chain.validate(resigned)).toMatchObject({ error: { data: { field: "txRoot" } } });
  });

  it("has its transactions in the order of their kinds", () => {
    const [generation, transfer, distribution] = supplied(1);
    expect(codeOf(chain.try(1, [generation, distribution, transfer]))).toBe("input-unknown");
    expect(codeOf(chain.try(1, [generation, transfer, distribution, ...chain.supply(1, 1, 5)]))).toBe("txs-order");
  });

  it("holds no transaction that breaks a rule, and is as it was when one does", () => {
    const before = toHex(stateRoot(chain.state));
    const [generation, transfer, distribution] = supplied(1);
    expect(codeOf(chain.try(1, [generation, transfer, transfer]))).toBe("input-unknown");
    expect(codeOf(chain.try(1, [generation, transfer, distribution, distribution]))).toBe("input-unknown");
    expect(codeOf(chain.try(1, [generation, transfer, { ...distribution, signer: 9 }]))).toBe("not-vpp");
    expect(toHex(stateRoot(chain.state))).toBe(before);
  });

  it("chains to all before it: history root over the earlier blocks, beacon over the draws", () => {
    let frontier = EMPTY_FRONTIER;
    let { beacon } = chain.parent;
    for (let step = 1; step <= 5; step++) {
      frontier = appendToFrontier(frontier, leafHash(fromHex(hashOf(chain.parent))));
      const { header, draw } = chain.grow(step).block;
      beacon = nextBeacon(draw);
      expect([header.height, header.historyRoot, header.beacon]).toEqual([step, toHex(frontierRoot(frontier)), beacon]);
      expect(header.stateRoot).toBe(toHex(stateRoot(chain.state)));
    }
  });

  it("may follow a gap: a step without a block is visible, its energy is booked late to its own step", () => {
    chain.grow(1);
    const { header } = chain.grow(4, supplied(3)).block;
    expect([header.step, header.height]).toEqual([4, 2]);
    expect(chain.state.get("book", key(3))?.shares.map((s) => s.mwh)).toEqual([8_000, 17_000]);
    expect(chain.state.get("book", key(4))).toBeUndefined();
  });
});

describe("a distribution in it", () => {
  it("is signed by a holder of a VPP key: a member without one is none", () => {
    const members = world.contract.members.map((m, i) => ({ ...m, vpp: i === 0 }));
    chain = new ChainMaker({ ...world, contract: { ...world.contract, members } });
    const [generation, transfer, distribution] = supplied(1);
    expect(codeOf(chain.try(1, [generation, transfer, { ...distribution, signer: 1 }]))).toBe("not-vpp");
    expect(chain.try(1, [generation, transfer, distribution]).ok).toBe(true);
  });
});

describe("who makes it", () => {
  it("is the winner at rank 0, then the ranked, then everybody by the parent's beacon", () => {
    const candidacies = [0, 2].map((member) => chain.candidacy(1, { member }));
    const txs = [...candidacies, chain.winner(1, candidacies)];
    const ranking = chain.ranking(1, candidacies);
    const standIns = [0, 1, 2].map((place) => chain.standIn(1, place));
    for (const [rank, miner] of [...ranking, ...standIns].entries()) {
      expect(valueOf(chain.try(1, txs, { rank, miner })).rank).toBe(rank);
      const other = memberIndex((miner + 1) % 3);
      expect(codeOf(chain.try(1, txs, { rank, miner: other }))).toBe("not-its-turn");
    }
    expect(codeOf(chain.try(1, txs, { rank: 5, miner: memberIndex(0) }))).toBe("not-its-turn");
  });

  it("without an auction is a stand-in from rank 1 on: one node is enough", () => {
    const ranks = minersByRank(standInOrder(chain.state, chain.parent.beacon, stepIndex(1)), openAuction(chain.parent));
    expect(ranks[0]).toBeNull();
    expect(new Set(ranks.slice(1))).toEqual(new Set([0, 1, 2]));
    const tried = ranks.map((miner, rank) => miner !== null && chain.try(1, [], { rank, miner }).ok);
    expect(tried).toEqual([false, true, true, true]);
  });

  it("is credited with the block: age from here, reputation until the window is over", () => {
    const { block } = chain.grow(1);
    const { miner } = block.header;
    const row = (): { lastBlock: number; blocks: number; reputation: number } | undefined =>
      chain.state.get("member", key(miner));
    expect(row()).toMatchObject({ lastBlock: 1, blocks: 1, reputation: 1 });
    const other = memberIndex((miner + 1) % 3);
    const rankOf = (step: number): number => 1 + [0, 1, 2].findIndex((place) => chain.standIn(step, place) === other);
    chain.grow(97, [], { miner: other, rank: rankOf(97) });
    expect(row()).toMatchObject({ lastBlock: 1, blocks: 1, reputation: 1 });
    chain.grow(98, [], { miner: other, rank: rankOf(98) });
    expect(row()).toMatchObject({ lastBlock: 1, blocks: 1, reputation: 0 });
  });

  it("gets the fees of its block when they have been held back long enough, in the step whose energy they are of", () => {
    world = worldOf({ members: 3, owners: [0, 1], weights: [8, 17, 0], change: { feePpm: 40_000 } });
    chain = new ChainMaker(world);
    const { block } = chain.grow(2, supplied(1, 1_000));
    const meters = (): number[] => chain.state.scan("member").map(([, m]) => m.meter);
    const booked = (): number | undefined => chain.state.get("book", key(1))?.shares.reduce((s, x) => s + x.mwh, 0);
    chain.grow(17);
    expect([meters(), booked()]).toEqual([[307, 653, 0], 960]);
    chain.grow(18);
    expect(meters()).toEqual([307, 653, 0].map((v, m) => v + (m === block.header.miner ? 40 : 0)));
    expect(booked()).toBe(1_000);
    world = worldOf({ members: 3, owners: [0, 1], weights: [8, 17, 0] });
  });
});

describe("the votes a block carries", () => {
  it("keep their members active, approvals only", () => {
    chain.grow(1);
    chain.grow(2, [], { votes: [group([0, 2]), group([1], { kind: "confirmation" })] });
    expect(chain.state.scan("member").map(([, m]) => m.approved)).toEqual([1, 0, 1]);
  });

  it("carried again later make nobody active, and those for steps that are not over are refused", () => {
    chain.grow(1);
    const old = group([1]);
    chain.grow(2, [], { votes: [old] });
    chain.grow(9, [], { votes: [old] });
    expect(chain.state.scan("member").map(([, m]) => m.approved)).toEqual([0, 1, 0]);
    expect(codeOf(chain.try(10, [], { votes: [group([1], { step: stepIndex(10) })] }))).toBe("votes-early");
  });

  it("of nobody, or with a list of voters that is not the shortest, are refused", () => {
    expect(codeOf(chain.try(1, [], { votes: [group([3])] }))).toBe("voter-unknown");
    for (const voters of [new Uint8Array(0), Uint8Array.of(1, 0)]) {
      expect(codeOf(chain.try(1, [], { votes: [group([0], { voters })] }))).toBe("votes-bitfield");
    }
  });

  it("let a member that has been silent too long leave the voters, and come back with its next approval", () => {
    world = worldOf({ members: 3, owners: [0, 1], weights: [8, 17, 0], change: { activityWindow: 4 } });
    chain = new ChainMaker(world);
    for (const step of [1, 2, 3, 4]) chain.grow(step, [], { votes: [group([0, 1])] });
    // Member 2 was last heard of at step 0.
    const root = chain.parent.votersRoot;
    chain.grow(5, [], { votes: [group([0, 1])] });
    expect(chain.state.get("voters", "")).toEqual({ set: 1, since: 5, members: [0, 1], quorum: 2 });
    expect(chain.parent.votersRoot).not.toBe(root);
    chain.grow(6, [], { votes: [group([2])] });
    expect(chain.state.get("voters", "")).toEqual({ set: 2, since: 6, members: [0, 1, 2], quorum: 2 });
    world = worldOf({ members: 3, owners: [0, 1], weights: [8, 17, 0] });
  });
});
