/**
 * Beginning with a state in hard weather (PROTOCOL.md §8.3): the power goes at every commit of the way, those who are asked
 * prune, lose rows, or began that way themselves. Real nodes, the lab's witness.
 */
import { describe, expect, it } from "vitest";
import { toHex } from "../../worker/base/bytes.ts";
import { decode } from "../../worker/base/codec.ts";
import { hopCodec } from "../../worker/consensus/certificate.ts";
import { Witness } from "../../worker/lab/witness.ts";
import { stateRoot } from "../../worker/ledger/state.ts";
import {
  belowKey,
  blockKey,
  deltaKey,
  heightOfKey,
  heightRange,
  HOPS,
  readBlockRow,
  skipKey,
  summaryKey,
} from "../../worker/node/disk.ts";
import { openMemory } from "../../worker/storage/memory.ts";
import { StoreError, type Op, type Store } from "../../worker/storage/store.ts";
import { settled, SMALL, writtenChain } from "./synthetic.ts";

const written = writtenChain(SMALL);
const { chain, nodes } = written;
const NEW = 3;
/** Who began later has neither the lines below nor the book, which is in no root; both are compared by hand. */
const UNSEEN: ReadonlySet<string> = new Set(["finality", "state"]);

/** The power goes at the n-th commit: it is lost, or whole and nobody hears of it. */
const failing = (store: Store, at: { left: number; kept: boolean; failed: boolean }): Store => ({
  ...store,
  commit: async (ops) => {
    if (at.failed) throw new StoreError("closed");
    if (at.left-- > 0) return store.commit(ops);
    at.failed = true;
    if (at.kept) await store.commit(ops);
    throw new StoreError("closed");
  },
});

describe("a node that begins with a state", () => {
  it(
    "has it after the power went at every commit of the way, one after another, lost or kept",
    { timeout: 300_000 },
    async () => {
      const power = { left: Infinity, kept: false, failed: false };
      const { lab, time } = await settled(written, {
        holders: 3,
        setting: (i) => (i === NEW ? { store: (store) => failing(store, power) } : {}),
      });
      const { contract } = chain.signed;
      const witness = new Witness({ contract, now: () => time.now });
      for (const [i, { disk }] of lab.inhabitants.entries()) {
        const own = disk.tables.get("own");
        if (own !== undefined) witness.tap(i, own);
      }
      let kills = 0;
      for (let isKept = false; ; isKept = !isKept) {
        // From the same disk on: each commit of the way is the last of some life.
        Object.assign(power, { left: 1 + (kills % 3), kept: isKept, failed: false });
        try {
          await lab.start(NEW);
        } catch (error) {
          if (!(error instanceof StoreError)) throw error;
          kills += 1;
          continue;
        }
        await time.runUntil(time.now + 20_000);
        lab.check();
        if (!power.failed) break;
        kills += 1;
        await lab.stop(NEW);
        witness.restarted(NEW);
        if (kills > 200) throw new Error("it never gets there");
      }
      power.left = Infinity;
      await time.runUntil(time.now + 60_000);
      await time.runUntil(time.now + 3 * contract.stepMs);
      lab.check();
      for (const [i, { node }] of lab.inhabitants.entries()) if (node !== null) witness.look(i, node.core);
      const { core } = lab.node(NEW);
      expect(core.chain.head.hash).toBe(lab.node(0).core.chain.head.hash);
      expect(toHex(stateRoot(core.chain.state))).toBe(core.chain.head.header.stateRoot);
      expect(core.chain.final.header.height).toBeGreaterThan(chain.head.header.height);
      const own = await openMemory({ disk: lab.inhabitant(NEW).disk });
      const bodies = await own.entries("chain", heightRange("body", 1, written.certificate.header.height));
      expect(bodies.map(([, raw]) => readBlockRow(raw).block.header)).toEqual(
        nodes.slice(1, written.certificate.header.height).map((n) => n.header),
      );
      // And how the voters changed, as who was there has it, the header below beside it.
      const archive = await openMemory({ disk: lab.inhabitant(0).disk });
      const handOvers = await archive.entries("chain", HOPS);
      expect(handOvers.length).toBeGreaterThan(1);
      expect(await own.entries("chain", HOPS)).toEqual(handOvers);
      for (const [key] of handOvers) expect(await own.get("chain", belowKey(heightOfKey(key)))).toBeDefined();
      expect(kills).toBeGreaterThan(3);
      expect(witness.faults.filter(({ checker }) => !UNSEEN.has(checker))).toEqual([]);
    },
  );

  it("goes on elsewhere where a neighbour has pruned what it is asked for", async () => {
    const { lab, time } = await settled(written, { holders: 3 });
    // Nothing of the newest changes is left on two of them, so that no state but the head's can be made there.
    for (const i of [0, 1]) {
      const store = await openMemory({ disk: lab.inhabitant(i).disk });
      const ops = nodes.map((n): Op => ({ table: "chain", key: deltaKey(n.header.height, n.hash), value: null }));
      const old = nodes.slice(1, 250).map((n): Op => ({
        table: "chain",
        key: blockKey(n.header.height, n.hash),
        value: null,
      }));
      await store.commit([...ops, ...old]);
    }
    await lab.start(NEW);
    await time.runUntil(time.now + 60_000);
    lab.check();
    const { core } = lab.node(NEW);
    expect(core.chain.head.hash).toBe(chain.head.hash);
    const own = await openMemory({ disk: lab.inhabitant(NEW).disk });
    const { height } = written.certificate.header;
    expect((await own.entries("chain", heightRange("body", 1, height))).length).toBe(height - 1);
    expect(core.peers.size).toBe(3);
  });

  it("keeps the proofs that it was given, and leads others on with them", async () => {
    const { lab, time } = await settled(written, { holders: 3 });
    await lab.start(NEW);
    await time.runUntil(time.now + 60_000);
    const { set } = lab.node(NEW).core.chain.head.voters;
    expect(set).toBeGreaterThan(0);
    const own = await openMemory({ disk: lab.inhabitant(NEW).disk });
    const row = await own.get("chain", skipKey(0));
    expect(row !== undefined && decode(hopCodec, row, "hop").ok).toBe(true);
    await time.runUntil(time.now + 3 * chain.signed.contract.stepMs);
    // Now the only one who has the chain: whoever has nothing but the contract begins with it all the same.
    for (const i of [0, 1, 2]) await lab.stop(i);
    await lab.start(4);
    await time.runUntil(time.now + 60_000);
    lab.check();
    expect(lab.node(4).core.chain.final.header.height).toBeGreaterThan(chain.head.header.height);
  });
});

describe("a row of an old block that is damaged", () => {
  it("is not given to anybody, is fetched again, and stops no node", { timeout: 120_000 }, async () => {
    const { lab, time } = await settled(written, { holders: 3 });
    const early = writtenChain({ ...SMALL, steps: 80, changes: 0 });
    const [bad] = nodes.slice(150, 151);
    if (bad === undefined) throw new Error("a chain has blocks");
    const row = blockKey(bad.header.height, bad.hash);
    const disk = await openMemory({ disk: lab.inhabitant(0).disk });
    const whole = await disk.get("chain", row);
    await disk.commit([{ table: "chain", key: row, value: Uint8Array.of(1, 2, 3) }]);
    const own = await openMemory({ disk: lab.inhabitant(NEW).disk });
    await own.commit(early.rows);
    await lab.start(NEW);
    await time.runUntil(time.now + 60_000);
    lab.check();
    expect(lab.node(NEW).core.chain.head.hash).toBe(chain.head.hash);
    expect(lab.node(0).core.chain.head.hash).toBe(chain.head.hash);
    expect(await disk.get("chain", row)).toEqual(whole);
  });
});

describe("a node that is a little behind, where all have begun later", () => {
  it("begins with a state, too", { timeout: 120_000 }, async () => {
    // Its voters are those of today: who began later can lead on whom it knows (PROTOCOL.md §8.1).
    const plain = writtenChain({ ...SMALL, changes: 0 });
    const { lab, time } = await settled(plain, { holders: 1 });
    for (const i of [1, 2, 4]) await lab.start(i);
    await time.runUntil(time.now + 60_000);
    await time.runUntil(time.now + 2 * plain.chain.signed.contract.stepMs);
    lab.check();
    expect(lab.node(1).core.summaries.first).toBeGreaterThan(0);
    await lab.stop(0);
    const store = await openMemory({ disk: lab.inhabitant(NEW).disk });
    // Fewer blocks behind than it takes to be far behind. Its head, which is not final, is another than theirs.
    const early = writtenChain({ ...SMALL, steps: 246, changes: 0 });
    const known = early.nodes.length - 1;
    expect(early.nodes.at(-2)?.hash).toBe(plain.nodes[known - 1]?.hash);
    await store.commit(early.rows);
    expect(await store.get("chain", summaryKey(known))).toBeDefined();
    await lab.start(NEW);
    await time.runUntil(time.now + 90_000);
    lab.check();
    expect(lab.node(NEW).core.chain.head.hash).toBe(lab.node(1).core.chain.head.hash);
  });
});
