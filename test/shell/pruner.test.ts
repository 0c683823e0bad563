/** Pruning keeps what it says, a few rows a commit; rows of an earlier version are brought over, whatever interrupts that. */
import { beforeAll, describe, expect, it } from "vitest";
import { blob, encode, struct } from "../../worker/base/codec.ts";
import { encodeBlock } from "../../worker/consensus/block.ts";
import { encodeDelta } from "../../worker/ledger/state.ts";
import type { Core } from "../../worker/node/core.ts";
import { blockKey, deltaKey, heightOfKey, heightRange, headsCodec, readBlockRow } from "../../worker/node/disk.ts";
import { KEPT_ROW, keptIn, keptOp } from "../../worker/node/kept.ts";
import { hopCodec } from "../../worker/consensus/certificate.ts";
import {
  BODIES_KEPT,
  BUDGET_ROW,
  budgetCodec,
  DELTA_BYTES,
  DELTAS_KEPT,
  SERVED_BACK,
} from "../../worker/node/pruning.ts";
import { Pruner } from "../../worker/shell/pruner.ts";
import { upgradeRows } from "../../worker/shell/upgrade-rows.ts";
import { createMemoryDisk, openMemory } from "../../worker/storage/memory.ts";
import type { Op, Store } from "../../worker/storage/store.ts";
import { SMALL, writtenChain } from "../lab/synthetic.ts";

const FINAL = 3_000;
const BODY = 100;
const hash = "ab".repeat(32) as never;
type Sight = Pick<Core, "chain" | "summaries" | "kept">;
/** A node's view of a disk that it has just opened. */
const sightOf = async (store: Store, final = FINAL): Promise<Sight> =>
  ({
    chain: { final: { header: { height: final } } },
    summaries: { first: 0, hashOf: () => hash },
    kept: keptIn(await store.get("meta", KEPT_ROW)),
  }) as unknown as Sight;
const prunerOf = async (store: Store, final = FINAL): Promise<Pruner> => new Pruner(store, await sightOf(store, final));

const fullStore = async (budget: number | null): Promise<Store> => {
  const store = await openMemory();
  const ops: Op[] = [];
  for (let h = 0; h <= FINAL; h++) {
    ops.push({ table: "chain", key: blockKey(h, hash), value: new Uint8Array(BODY) });
    ops.push({ table: "chain", key: deltaKey(h, hash), value: new Uint8Array(1) });
  }
  ops.push({ table: "settings", key: BUDGET_ROW, value: encode(budgetCodec, { bodies: budget }) });
  ops.push({ table: "chain", key: "hop/0000000000", value: new Uint8Array(1) });
  await store.commit(ops);
  return store;
};
const heights = async (store: Store, kind: "body" | "delta"): Promise<number[]> =>
  (await store.entries("chain", heightRange(kind, 0))).map(([key]) => heightOfKey(key));
const until = async (pruner: Pruner): Promise<void> => {
  for (let i = 0; i < 300; i++) await pruner.step();
};

describe("pruning", () => {
  it("leaves the deltas of the last final blocks, bodies up to the budget, the genesis and the hops", async () => {
    const store = await fullStore(BODY * 2_000);
    await until(await prunerOf(store));
    expect(await heights(store, "delta")).toEqual(
      Array.from({ length: DELTAS_KEPT + 1 }, (_, i) => FINAL - DELTAS_KEPT + i),
    );
    const bodies = await heights(store, "body");
    expect(bodies[0]).toBe(0);
    expect(bodies.length - 1).toBeLessThanOrEqual(2_000);
    expect(bodies.length - 1).toBeGreaterThan(2_000 - 65);
    expect(bodies.at(-1)).toBe(FINAL);
    expect(await store.get("chain", "hop/0000000000")).toBeDefined();
  });

  it("leaves an archive all bodies, and nobody fewer than who is not far behind needs", async () => {
    const archive = await fullStore(null);
    await until(await prunerOf(archive));
    expect((await heights(archive, "body")).length).toBe(FINAL + 1);
    const least = await fullStore(0);
    await until(await prunerOf(least));
    expect((await heights(least, "body")).slice(1)).toEqual(
      Array.from({ length: BODIES_KEPT + 1 }, (_, i) => FINAL - BODIES_KEPT + i),
    );
  });

  it("frees what it may where the disk runs short, says how much, and does not have it fetched again", async () => {
    const store = await fullStore(10 ** 9);
    const pruner = await prunerOf(store);
    expect(pruner.freeable).toBeNull();
    await until(pruner);
    const old = FINAL - BODIES_KEPT - 1;
    expect(pruner.freeable).toBeGreaterThan(0.9 * old * BODY);
    expect(await pruner.free()).toBe(old * BODY);
    expect((await heights(store, "body")).slice(1)).toEqual(
      Array.from({ length: BODIES_KEPT + 1 }, (_, i) => FINAL - BODIES_KEPT + i),
    );
    expect(await pruner.budget()).toEqual({ bodies: (BODIES_KEPT + 1) * BODY });
    expect(await pruner.free()).toBe(0);
  });

  it("says what it keeps and from which height on, and a smaller or larger budget holds from then on", async () => {
    const store = await fullStore(null);
    const pruner = await prunerOf(store);
    expect(pruner.held).toBeNull();
    await until(pruner);
    expect(pruner.held).toEqual({ budgetBytes: null, usedBytes: FINAL * BODY, blocks: FINAL, first: 1 });
    await pruner.set({ bodies: 2_000 * BODY });
    await until(pruner);
    const held = pruner.held;
    expect(held?.budgetBytes).toBe(2_000 * BODY);
    expect(held?.usedBytes).toBeLessThanOrEqual(2_000 * BODY);
    expect(held?.blocks).toBe((held?.usedBytes ?? 0) / BODY);
    expect((await heights(store, "body"))[1]).toBe(held?.first);
    // As another start finds it.
    const again = await prunerOf(store);
    await until(again);
    expect(again.held).toEqual(held);
    await again.set({ bodies: null });
    expect(await (await prunerOf(store)).budget()).toEqual({ bodies: null });
  });

  it("frees nothing of an archive, and it stays one", async () => {
    const store = await fullStore(null);
    const pruner = await prunerOf(store);
    await until(pruner);
    expect(pruner.freeable).toBe(0);
    expect(await pruner.free()).toBe(0);
    expect((await pruner.budget()).bodies).toBeNull();
    expect((await heights(store, "body")).length).toBe(FINAL + 1);
  });

  it("leaves the block below one that ended a voter set: hops that skip hand-overs prove it", async () => {
    const store = await fullStore(0);
    const chain = writtenChain({ ...SMALL, steps: 90, changes: 3 });
    const hops = chain.rows.filter(({ key }) => key.startsWith("hop/"));
    await store.commit(hops);
    const below = hops.map(({ value }) => hopCodec.decode(value ?? new Uint8Array()).certificate.header.height - 1);
    expect(below.length).toBeGreaterThan(0);
    const pruner = await prunerOf(store);
    await until(pruner);
    const kept = (all: readonly number[]): number[] => all.filter((h) => h > 0 && h < FINAL - BODIES_KEPT);
    expect(kept(await heights(store, "body"))).toEqual(below);
    await pruner.free();
    expect(kept(await heights(store, "body"))).toEqual(below);
  });

  it("leaves of large deltas only those that others begin from, and the newest ones up to the bytes stated", async () => {
    const store = await fullStore(null);
    const large = (h: number): Op => ({
      table: "chain",
      key: deltaKey(h, hash),
      value: new Uint8Array(Math.ceil(DELTA_BYTES / 100)),
    });
    await store.commit(Array.from({ length: DELTAS_KEPT + 1 }, (_, i) => large(FINAL - DELTAS_KEPT + i)));
    await until(await prunerOf(store));
    const left = await heights(store, "delta");
    expect(left.at(-1)).toBe(FINAL);
    expect(left.length).toBeGreaterThan(SERVED_BACK);
    expect(left.length).toBeLessThanOrEqual(100);
  });

  it("takes away little at a time: a commit never has more than 64 rows", async () => {
    const store = await fullStore(0);
    let most = 0;
    const counting: Store = {
      ...store,
      commit: (ops) => {
        most = Math.max(most, ops.length);
        return store.commit(ops);
      },
    };
    await until(await prunerOf(counting));
    // With the row that says what is left.
    expect(most).toBe(64);
  });
});

/** All that a disk has of the chain, by its keys. */
const rowsIn = async (store: Store): Promise<string[]> => store.keys("chain");
const BUDGETS = [0, BODY * 2_000, null] as const;

describe("a device that is stopped again and again", () => {
  const large = (h: number): Op => ({
    table: "chain",
    key: deltaKey(h, hash),
    value: new Uint8Array(Math.ceil(DELTA_BYTES / 100)),
  });
  const cases = [...BUDGETS.map((budget) => [budget, false] as const), [0, true] as const];
  const made = async (budget: number | null, isLarge: boolean): Promise<Store> => {
    const store = await fullStore(budget);
    if (isLarge) await store.commit(Array.from({ length: 120 }, (_, i) => large(FINAL - 120 + i)));
    return store;
  };

  it.each(cases)("after each transaction: with a budget of %s it gets done all the same", async (budget, isLarge) => {
    const [whole, broken] = [await made(budget, isLarge), await made(budget, isLarge)];
    await until(await prunerOf(whole));
    let stops = 0;
    for (let isMore = true; isMore && stops < 300; stops++) {
      let left = 1;
      const dying: Store = {
        ...broken,
        // Every third time what was under way is lost, too.
        commit: (ops) => (left-- > 0 && stops % 3 > 0 ? broken.commit(ops) : Promise.reject(new Error("power"))),
      };
      const pruner = await prunerOf(dying);
      try {
        while ((isMore = await pruner.step()));
      } catch {
        isMore = true;
      }
    }
    expect(stops).toBeGreaterThan(10);
    expect(stops).toBeLessThan(300);
    expect(await rowsIn(broken)).toEqual(await rowsIn(whole));
  });

  it("has always written down what it has left: as if all rows were counted anew", async () => {
    const store = await fullStore(BODY * 1_500);
    for (let isMore = true; isMore;) {
      isMore = await (await prunerOf(store)).step();
      const { bytes, bodies, to } = keptIn(await store.get("meta", KEPT_ROW));
      const there = (await heights(store, "body")).filter((h) => h > 0 && h < to);
      expect(bytes).toBe(there.length * BODY);
      expect(bodies).toEqual(there.length === 0 ? [] : [{ from: there[0], to }]);
    }
  });

  it("counts anew where that row is damaged", async () => {
    const store = await fullStore(BODY * 1_500);
    await until(await prunerOf(store));
    const { value } = keptOp(keptIn(await store.get("meta", KEPT_ROW)));
    for (const at of [0, 9, 12, (value?.length ?? 1) - 1]) {
      const bad = value?.slice() ?? new Uint8Array();
      bad[at] = (bad[at] ?? 0) ^ 4;
      await store.commit([{ table: "meta", key: KEPT_ROW, value: bad }]);
      const pruner = await prunerOf(store);
      await pruner.countAll();
      const there = (await heights(store, "body")).filter((h) => h > 0);
      await pruner.budget();
      expect(pruner.held).toMatchObject({ usedBytes: there.length * BODY, blocks: there.length, first: there[0] });
    }
  });

  it.each([1_500, FINAL])("reads as few rows when it is opened at height %s as at any other", async (final) => {
    const store = await fullStore(BODY * 1_200);
    await until(await prunerOf(store, final));
    let read = 0;
    const counting: Store = {
      ...store,
      entries: async (...of) => {
        const rows = await store.entries(...of);
        read += rows.length;
        return rows;
      },
      keys: async (...of) => {
        const rows = await store.keys(...of);
        read += rows.length;
        return rows;
      },
    };
    const pruner = await prunerOf(counting, final);
    await pruner.countAll();
    while (await pruner.step());
    // What was counted since it was last written down.
    expect(read).toBeLessThanOrEqual(2 * 64);
    expect(pruner.held?.blocks).toBe((await heights(store, "body")).filter((h) => h > 0 && h <= final).length);
  });
});

describe("rows of an earlier version", () => {
  const old = struct({ block: blob(1 << 25), delta: blob(1 << 25) });
  const { nodes } = writtenChain({ ...SMALL, steps: 140, changes: 0 });
  const disk = createMemoryDisk();
  beforeAll(async () => {
    const store = await openMemory({ disk });
    const ops = nodes.map((n): Op => {
      const value = encode(old, { block: encodeBlock(n.block), delta: encodeDelta(n.delta) });
      return { table: "chain", key: `block/${String(n.header.height).padStart(10, "0")}/${n.hash}`, value };
    });
    const last = nodes.at(-1);
    if (last === undefined) throw new Error("a chain has blocks");
    const { hash: head, header } = last;
    const heads = { head, height: header.height, final: head, finalHeight: header.height, round: 0, verifiedAt: 0 };
    await store.commit([...ops, { table: "meta", key: "heads", value: encode(headsCodec, heads) }]);
  });

  it("become bodies and deltas, also when the disk fails in between", async () => {
    const store = await openMemory({ disk });
    let commits = 0;
    const failing: Store = {
      ...store,
      commit: (ops) => (commits++ === 1 ? Promise.reject(new Error("power")) : store.commit(ops)),
    };
    await expect(upgradeRows(failing)).rejects.toThrow("power");
    await upgradeRows(store);
    expect(await store.entries("chain", { from: "block/", to: "block0" })).toEqual([]);
    const bodies = await store.entries("chain", heightRange("body", 0));
    expect(bodies.map(([, raw]) => readBlockRow(raw).block)).toEqual(nodes.map((n) => n.block));
    const deltas = await store.entries("chain", heightRange("delta", 0));
    expect(deltas.map(([, raw]) => raw)).toEqual(nodes.map((n) => encodeDelta(n.delta)));
  });
});
