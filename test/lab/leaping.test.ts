/** A node that begins, or wakes, far behind goes on from the state after a final block (PROTOCOL.md §8.3). */
import { describe, expect, it } from "vitest";
import { toHex } from "../../worker/base/bytes.ts";
import { encode } from "../../worker/base/codec.ts";
import { stateRoot } from "../../worker/ledger/state.ts";
import { heightRange, ownVote, readBlockRow, SNAP } from "../../worker/node/disk.ts";
import { KEPT_ROW, keptIn, NOTHING_KEPT } from "../../worker/node/kept.ts";
import { checkBundleSoon } from "../../worker/settlement/bundle-check.ts";
import { bundleOf } from "../../worker/shell/bundles.ts";
import { Pruner } from "../../worker/shell/pruner.ts";
import { heldBelow, Snapshots } from "../../worker/shell/snapshots.ts";
import { openMemory } from "../../worker/storage/memory.ts";
import type { Store } from "../../worker/storage/store.ts";
import { settled, SMALL, writtenChain } from "./synthetic.ts";

const written = writtenChain(SMALL);

describe("a synthetic chain", () => {
  it("is what a node opens: its state has the root that its head commits to", async () => {
    const { lab } = await settled(written, { holders: 1 });
    const { chain } = lab.node(0).core;
    expect(chain.head.hash).toBe(written.chain.head.hash);
    expect(toHex(stateRoot(chain.state))).toBe(chain.head.header.stateRoot);
    lab.check();
  });
});

describe("a node that begins", () => {
  it("is at the head after some messages, and follows from there", async () => {
    const { lab, time } = await settled(written, { holders: 3 });
    await lab.start(3);
    await time.runUntil(time.now + 5_000);
    lab.check();
    const { core } = lab.node(3);
    expect(core.summaries.first).toBe(written.certificate.header.height);
    await time.runUntil(time.now + 30_000);
    expect(core.chain.head.hash).toBe(written.chain.head.hash);
    const step = written.chain.signed.contract.stepMs;
    await time.runUntil(time.now + 4 * step);
    lab.check();
    expect(new Set(lab.open.map((n) => n.core.chain.head.hash)).size).toBe(1);
    expect(core.chain.head.header.height).toBeGreaterThan(written.chain.head.header.height + 2);
    expect(core.chain.final.header.height).toBeGreaterThan(written.chain.head.header.height);
    expect(core.chain.finality.isBlind).toBe(false);
    // And what lies below: every hash, and every block.
    const own = await openMemory({ disk: lab.inhabitant(3).disk });
    const { height } = written.certificate.header;
    const hashes = new Snapshots(own).hashes(core, 0, height);
    expect(hashes.map((h) => toHex(h))).toEqual(written.nodes.slice(0, height).map((n) => n.hash));
    const bodies = await own.entries("chain", heightRange("body", 1, height));
    expect(bodies.map(([, raw]) => readBlockRow(raw).block)).toEqual(
      written.nodes.slice(1, height).map((n) => n.block),
    );
    // It knows that without reading them, or one key after the other.
    let read = 0;
    const counting: Store = {
      ...own,
      entries: async (...of) => {
        const rows = await own.entries(...of);
        read += rows.length;
        return rows;
      },
    };
    expect(keptIn(await own.get("meta", KEPT_ROW)).bodies).toHaveLength(1);
    const held = await heldBelow(core, counting, new Pruner(counting, core));
    expect(held?.bodiesFrom).toBe(1);
    expect(read).toBeLessThan(8);
    core.kept = NOTHING_KEPT;
    expect(await heldBelow(core, own, new Pruner(own, core))).toEqual(held);
  });
});

describe("a node that wakes far behind", () => {
  it("keeps what it signed, its book and its blocks, and goes on from the final block", async () => {
    const { lab, time } = await settled(written, { holders: 3 });
    const { signed } = written.chain;
    const own = await openMemory({ disk: lab.inhabitant(3).disk });
    const early = writtenChain({ ...SMALL, steps: 30, changes: 0 });
    // The first blocks are the same: nothing changes among the members before step 82.
    expect(early.nodes.at(-1)?.hash).toBe(written.nodes[early.nodes.length - 1]?.hash);
    await own.commit(early.rows);
    const vote = {
      set: 0,
      round: 20,
      kind: "approval" as const,
      step: 21 as never,
      block: early.nodes[21]?.hash as never,
    };
    const journal = encode(ownVote, { ...vote, member: 3 as never, signature: new Uint8Array(48) });
    await own.commit([{ table: "own", key: "vote/0/20/approval", value: journal }]);
    await lab.start(3);
    await time.runUntil(time.now + 30_000);
    lab.check();
    const { core } = lab.node(3);
    expect(core.summaries.first).toBe(written.certificate.header.height);
    expect(core.chain.head.hash).toBe(written.chain.head.hash);
    await time.runUntil(time.now + 3 * signed.contract.stepMs);
    lab.check();
    expect(new Set(lab.open.map((n) => n.core.chain.head.hash)).size).toBe(1);
    // Nobody has seen two votes of it in a round, nor it two beginnings.
    expect(core.chain.finality.isBlind).toBe(false);
    expect((await own.entries("chain", heightRange("body", 1, early.nodes.length))).length).toBe(
      early.nodes.length - 1,
    );
    expect((await own.entries("chain", { from: "book/", to: "book0" })).length).toBeGreaterThan(0);
    expect(await own.entries("chain", SNAP)).toEqual([]);
  });
});

describe("what a node that began with a snapshot gives", () => {
  it("is its blocks to somebody a little behind, also those below its beginning, and the proofs of its member", async () => {
    // Its voters are those of the contract all along.
    const same = writtenChain({ ...SMALL, changes: 0 });
    const { lab, time } = await settled(same, { holders: 3 });
    await lab.start(3);
    await time.runUntil(time.now + 60_000);
    const { core } = lab.node(3);
    expect(core.summaries.first).toBeGreaterThan(300);
    // As the others make it, of the time before it began.
    const ask = { member: 0 as never, from: 1 as never, to: 200 as never };
    const [own, theirs] = await Promise.all(
      [3, 0].map(async (i) => bundleOf(lab.node(i).core, await openMemory({ disk: lab.inhabitant(i).disk }), ask)),
    );
    const [mine, other] = await Promise.all(
      [own, theirs].map(async (made) => (made?.ok === true ? checkBundleSoon(made.value) : made)),
    );
    expect(mine?.ok === true && "claim" in mine.value ? mine.value.claim : mine).toEqual(
      other?.ok === true && "claim" in other.value ? other.value.claim : "proof",
    );
    for (const i of [0, 1, 2]) await lab.stop(i);
    const early = writtenChain({ ...SMALL, steps: 80, changes: 0 });
    expect(early.nodes.at(-1)?.hash).toBe(same.nodes[early.nodes.length - 1]?.hash);
    await (await openMemory({ disk: lab.inhabitant(4).disk })).commit(early.rows);
    await lab.start(4);
    expect(lab.node(4).core.chain.head.header.height).toBeLessThan(100);
    const step = same.chain.signed.contract.stepMs;
    for (let i = 0; i < 8; i++) await time.runUntil(time.now + step / 4);
    const caughtUp = lab.node(4).core;
    expect(caughtUp.summaries.first).toBe(0);
    expect(caughtUp.chain.head.header.height).toBeGreaterThanOrEqual(same.chain.head.header.height);
  }, 240_000);
});
