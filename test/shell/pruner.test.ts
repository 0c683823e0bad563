/** Pruning keeps what it says, a few rows a commit; rows of an earlier version are brought over, whatever interrupts that. */
import { beforeAll, describe, expect, it } from "vitest";
import { blob, encode, struct } from "../../worker/base/codec.ts";
import { encodeBlock } from "../../worker/consensus/block.ts";
import { encodeDelta } from "../../worker/ledger/state.ts";
import type { Core } from "../../worker/node/core.ts";
import { blockKey, deltaKey, heightOfKey, heightRange, headsCodec, readBlockRow } from "../../worker/node/disk.ts";
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
const core = (first = 0): Core =>
  ({ chain: { final: { header: { height: FINAL } } }, summaries: { first } }) as unknown as Core;

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
  for (let i = 0; i < 300; i++) await pruner.step(core());
};

describe("pruning", () => {
  it("leaves the deltas of the last final blocks, bodies up to the budget, the genesis and the hops", async () => {
    const store = await fullStore(BODY * 2_000);
    await until(new Pruner(store));
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
    await until(new Pruner(archive));
    expect((await heights(archive, "body")).length).toBe(FINAL + 1);
    const least = await fullStore(0);
    await until(new Pruner(least));
    expect((await heights(least, "body")).slice(1)).toEqual(
      Array.from({ length: BODIES_KEPT + 1 }, (_, i) => FINAL - BODIES_KEPT + i),
    );
  });

  it("frees what it may where the disk runs short, says how much, and does not have it fetched again", async () => {
    const store = await fullStore(10 ** 9);
    const pruner = new Pruner(store);
    expect(pruner.freeable).toBeNull();
    await until(pruner);
    const old = FINAL - BODIES_KEPT - 1;
    expect(pruner.freeable).toBeGreaterThan(0.9 * old * BODY);
    expect(await pruner.free(core())).toBe(old * BODY);
    expect((await heights(store, "body")).slice(1)).toEqual(
      Array.from({ length: BODIES_KEPT + 1 }, (_, i) => FINAL - BODIES_KEPT + i),
    );
    expect(await pruner.budget()).toEqual({ bodies: (BODIES_KEPT + 1) * BODY });
    expect(await pruner.free(core())).toBe(0);
  });

  it("says what it keeps and from which height on, and a smaller or larger budget holds from then on", async () => {
    const store = await fullStore(null);
    const pruner = new Pruner(store);
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
    const again = new Pruner(store);
    await until(again);
    expect(again.held).toEqual(held);
    await again.set({ bodies: null });
    expect(await new Pruner(store).budget()).toEqual({ bodies: null });
  });

  it("frees nothing of an archive, and it stays one", async () => {
    const store = await fullStore(null);
    const pruner = new Pruner(store);
    await until(pruner);
    expect(pruner.freeable).toBe(0);
    expect(await pruner.free(core())).toBe(0);
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
    const pruner = new Pruner(store);
    await until(pruner);
    const kept = (all: readonly number[]): number[] => all.filter((h) => h > 0 && h < FINAL - BODIES_KEPT);
    expect(kept(await heights(store, "body"))).toEqual(below);
    await pruner.free(core());
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
    await until(new Pruner(store));
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
    await until(new Pruner(counting));
    expect(most).toBe(64);
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
