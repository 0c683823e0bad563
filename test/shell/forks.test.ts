/** Branches that lost: what stood beside the main chain is remembered, in branches, with what stands in its place. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Hash, MemberIndex } from "../../worker/base/units.ts";
import type { TreeNode } from "../../worker/consensus/tree.ts";
import type { Core } from "../../worker/node/core.ts";
import { branchesOf, FORKS_KEPT, Forks, type SideLine } from "../../worker/shell/forks.ts";
import { createMemoryDisk, openMemory, type MemoryDisk } from "../../worker/storage/memory.ts";
import type { Store } from "../../worker/storage/store.ts";

const hash = (name: string): Hash => Buffer.from(name.padEnd(32, "-")).toString("hex") as Hash;
const T0 = 1_000_000;
let version = 0;

/** A main chain by names, one block a step, and blocks beside it as `name:parent:height`. */
const chain = (main: readonly string[], beside: readonly string[] = []): Core => {
  const lines = ["genesis", ...main].map((name, height) => ({
    hash: hash(name),
    height,
    step: height,
    miner: (height % 3) as MemberIndex,
  }));
  const nodes = beside.map((text): TreeNode => {
    const [name = "", parent = "", height = ""] = text.split(":");
    const header = { parent: hash(parent), step: Number(height), height: Number(height), miner: 1, rank: 0 };
    const block = { txs: [{ body: { kind: "generation", from: 5, to: 12 } }] };
    return { hash: hash(name), header, block } as unknown as TreeNode;
  });
  version += 1;
  return {
    contract: { t0: T0, stepMs: 1_000 },
    summaries: {
      slice: (from: number, to: number) => lines.slice(from, to),
      has: (of: Hash) => lines.some((line) => line.hash === of),
      stepOf: (height: number) => lines[height]?.step,
    },
    chain: {
      head: { hash: lines.at(-1)?.hash },
      finality: { approvalsOf: () => 2 },
      tree: { version, nodes: () => nodes.values(), get: (of: Hash) => nodes.find((node) => node.hash === of) },
      state: { get: () => undefined },
    },
    names: new Map(),
  } as unknown as Core;
};

let disk: MemoryDisk;
let store: Store;
let forks: Forks;
beforeEach(async () => {
  disk = createMemoryDisk();
  store = await openMemory({ disk });
  forks = new Forks(store);
});
const all = (core: Core) => forks.views(core, 0, Infinity);

describe("a block beside the main chain", () => {
  it("is shown while the vote may still turn to it, with what stands in its place", async () => {
    const core = chain(["a1", "a2", "a3"], ["b2:a1:2"]);
    await forks.look(core);
    expect(all(core)).toMatchObject([
      {
        fromStep: 1,
        state: "open",
        blocks: [{ hash: hash("b2"), step: 2, member: 1, miner: "#1", generatedMwh: 7, approvals: 2, transactions: 1 }],
        instead: [{ hash: hash("a2"), step: 2, member: 2, time: T0 + 2_000 }],
      },
    ]);
  });

  it("is remembered as lost once it has left the tree, also over a restart", async () => {
    await forks.look(chain(["a1", "a2"], ["b2:a1:2", "b3:b2:3"]));
    const later = chain(["a1", "a2", "a3", "a4"]);
    await forks.look(later);
    const again = new Forks(await openMemory({ disk }));
    await again.load();
    for (const known of [forks, again]) {
      const [fork, ...others] = known.views(later, 0, Infinity);
      expect(others).toEqual([]);
      expect(fork).toMatchObject({ state: "lost", blocks: [{ hash: hash("b2") }, { hash: hash("b3") }] });
      expect(fork?.instead.map((one) => one.hash)).toEqual([hash("a2"), hash("a3")]);
    }
  });

  it("that becomes the main chain is no side branch any more; what it replaced is one", async () => {
    await forks.look(chain(["a1", "a2"], ["b2:a1:2"]));
    const turned = chain(["a1", "b2", "b3"], ["a2:a1:2"]);
    await forks.look(turned);
    expect(all(turned).map(({ blocks }) => blocks.map((block) => block.hash))).toEqual([[hash("a2")]]);
  });

  it("is of the page in which its branch begins", async () => {
    const core = chain(["a1", "a2", "a3", "a4"], ["b2:a1:2", "b3:b2:3", "c4:a3:4"]);
    await forks.look(core);
    expect(forks.views(core, 1, 3).map(({ blocks }) => blocks.length)).toEqual([2]);
    expect(forks.views(core, 4, 9).map(({ blocks }) => blocks.length)).toEqual([1]);
  });

  it("of long ago makes room for newer ones", async () => {
    const many = Array.from({ length: FORKS_KEPT + 3 }, (_, at) => `b${at + 1}:x:${at + 1}`);
    const core = chain(["a1"], many);
    await forks.look(core);
    await forks.look(chain(["a1", "a2"]));
    expect(all(core)).toHaveLength(FORKS_KEPT);
    expect(await store.entries("own")).toHaveLength(FORKS_KEPT);
    expect(all(core)[0]?.blocks[0]?.height).toBe(4);
  });
});

describe("branches", () => {
  it("go on with the block that follows, and part where two follow one", () => {
    const line = (name: string, parent: string, height: number): SideLine =>
      ({ hash: hash(name), parent: hash(parent), height }) as SideLine;
    const lines = [line("b2", "a1", 2), line("b3", "b2", 3), line("c3", "b2", 3), line("c4", "c3", 4)];
    expect(branchesOf(lines).map((branch) => branch.map((one) => one.hash))).toEqual([
      [hash("b2"), hash("b3")],
      [hash("c3"), hash("c4")],
    ]);
  });
});
