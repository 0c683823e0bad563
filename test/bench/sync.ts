/**
 * What beginning costs a device on its own disk: a light node's verified figures, a full node's state by snapshot, and the
 * store of blocks, each against nothing but the same writes on bare IndexedDB and the same signature checks alone. For a
 * browser's worker: server and beginner share it, on virtual time, so seconds are those of computing and of the disk.
 */
import { nobleBls } from "../../worker/base/bls.ts";
import { communityId } from "../../worker/community/contract.ts";
import { endOf } from "../../worker/community/market-step.ts";
import type { TreeNode } from "../../worker/consensus/tree.ts";
import { LabCommunity } from "../../worker/lab/community.ts";
import { SyntheticChain, YEAR } from "../../worker/lab/synthetic-chain.ts";
import { rowsOf } from "../../worker/lab/synthetic-rows.ts";
import { VirtualTime } from "../../worker/lab/virtual-time.ts";
import { createMemoryNetwork } from "../../worker/network/memory.ts";
import { blockKey, readBlockRow } from "../../worker/node/disk.ts";
import { packBlock } from "../../worker/node/packed-block.ts";
import { openLight } from "../../worker/shell/open-light.ts";
import { createVerifier, engineOn, VerdictMemory, type Engine } from "../../worker/shell/verifier.ts";
import type { Op, Store } from "../../worker/storage/store.ts";
import type { Bench, Figure } from "./base.ts";

const PLAN = { ...YEAR, seed: "sync", members: 20, founders: 20, roofs: 4, steps: 300, changes: 3, gapEvery: 50 };
const SERVER = 0;
const LIGHT = 1;
const FULL = 2;

/** Stays open when a node restarts on it. */
const kept = (store: Store): Store => ({ ...store, close: async () => {} });
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await work();
  return performance.now() - from;
};

/** Bare IndexedDB: a transaction a commit, as durable as ours, one table. */
const rawDisk = async (name: string) => {
  const opening = indexedDB.open(name, 1);
  opening.addEventListener("upgradeneeded", () => opening.result.createObjectStore("rows"));
  const ended = (target: EventTarget, event: string): Promise<unknown> =>
    new Promise((done, fail) => {
      target.addEventListener(event, done, { once: true });
      for (const wrong of ["error", "abort"]) target.addEventListener(wrong, () => fail(new Error(wrong)));
    });
  await ended(opening, "success");
  const db = opening.result;
  return {
    write: async (commits: readonly (readonly Op[])[]): Promise<void> => {
      for (const ops of commits) {
        const tx = db.transaction("rows", "readwrite", { durability: "strict" });
        const rows = tx.objectStore("rows");
        for (const { table, key, value } of ops)
          if (value === null) rows.delete(`${table}/${key}`);
          else rows.put(value, `${table}/${key}`);
        await ended(tx, "complete");
      }
    },
    read: async (keys: readonly string[]): Promise<void> => {
      for (const key of keys) await ended(db.transaction("rows").objectStore("rows").get(key), "success");
    },
  };
};

/** What a store and an engine were asked, so that it can be done again alone. */
class Tally {
  commits: (readonly Op[])[] = [];
  jobs: { ed25519: Parameters<Engine["ed25519"]>[0][number][]; bls: Parameters<Engine["bls"]>[0][number][] } = {
    ed25519: [],
    bls: [],
  };
  readonly engine: Engine;
  constructor(engine: Engine) {
    this.engine = {
      ed25519: (jobs) => (this.jobs.ed25519.push(...jobs), engine.ed25519(jobs)),
      bls: (jobs) => (this.jobs.bls.push(...jobs), engine.bls(jobs)),
    };
  }
  begin(): void {
    this.commits = [];
    this.jobs = { ed25519: [], bls: [] };
  }
  over(store: Store): Store {
    return { ...store, commit: (ops) => (this.commits.push(ops), store.commit(ops)) };
  }
  async figures(name: string, took: number): Promise<Figure[]> {
    const { commits } = this;
    const { ed25519, bls } = this.jobs;
    const disk = await rawDisk(`raw ${name}`);
    const engine = engineOn(nobleBls);
    const writes = await timed(() => disk.write(commits));
    const checks = await timed(async () => {
      await engine.ed25519(ed25519);
      await engine.bls(bls);
    });
    const rows = commits.reduce((sum, ops) => sum + ops.length, 0);
    return [
      { name, value: took, unit: "ms" },
      { name: `${name}, its ${rows} rows in ${commits.length} commits, bare`, value: writes, unit: "ms" },
      { name: `${name}, its ${ed25519.length + bls.length} signature checks, bare`, value: checks, unit: "ms" },
      { name: `${name} to both together`, value: took / (writes + checks), unit: "times as long" },
    ];
  }
}

const storing = async (nodes: readonly TreeNode[], open: () => Promise<Store>): Promise<Figure[]> => {
  const store = await open();
  const ops = nodes.map(({ block, hash, header }): Op => {
    return { table: "chain", key: blockKey(header.height, hash), value: packBlock(block) };
  });
  const write = await timed(async () => {
    for (const { block, hash, header } of nodes)
      await store.commit([{ table: "chain", key: blockKey(header.height, hash), value: packBlock(block) }]);
  });
  const read = await timed(async () => {
    for (const { key } of ops) readBlockRow((await store.get("chain", key)) ?? new Uint8Array());
  });
  const bare = await rawDisk("raw blocks");
  const rawWrite = await timed(() => bare.write(ops.map((op) => [op])));
  const rawRead = await timed(() => bare.read(ops.map(({ table, key }) => `${table}/${key}`)));
  const each = (ms: number): number => ms / nodes.length;
  return [
    { name: "a block packed and written", value: each(write), unit: "ms" },
    { name: "a block written, to a bare write", value: write / rawWrite, unit: "times as long" },
    { name: "a block read and unpacked", value: each(read), unit: "ms" },
    { name: "a block read, to a bare read", value: read / rawRead, unit: "times as long" },
  ];
};

/** @param open an empty disk each time. */
export const syncBench = (open: () => Promise<Store>): Bench => ({
  name: `beginning, ${PLAN.members} members, ${PLAN.steps} steps, IndexedDB`,
  run: async () => {
    const chain = new SyntheticChain(PLAN, nobleBls);
    const nodes: TreeNode[] = [];
    const rows = [...rowsOf(chain, (node) => nodes.push(node))];
    const stored = await storing(nodes, open);
    const { signed, keys, head } = chain;
    const time = new VirtualTime(endOf(signed.contract, head.header.step) + 20_000, "sync");
    const tally = new Tally(engineOn(nobleBls));
    const verify = createVerifier(new VerdictMemory(), tally.engine);
    const disks = new Map([
      [SERVER, kept(await open())],
      [FULL, kept(tally.over(await open()))],
    ]);
    const setting = (i: number) => ({ store: (plain: Store) => disks.get(i) ?? plain });
    const community = communityId(signed.contract);
    const lab = new LabCommunity({ time, signed, keys, community, bls: nobleBls, verify, setting });
    await disks.get(SERVER)?.commit(rows);
    await lab.start(SERVER);
    await time.runUntil(time.now + 2_000);

    const { address, keys: own } = lab.inhabitant(LIGHT);
    tally.begin();
    const light = await timed(async () => {
      const opened = await openLight({
        store: tally.over(await open()),
        keys: own,
        signed,
        addresses: [],
        clock: time.clock,
        // Of its own: what it has checked, the full node checks again.
        verify: createVerifier(new VerdictMemory(), tally.engine),
        network: (self) => createMemoryNetwork({ hub: lab.hub, address, self, surroundings: time.surroundings }),
        onChange: () => {},
        onStoreError: () => {},
        onRestart: () => {},
        onCrash: (error) => (lab.crash ??= error),
      });
      const unwatch = time.watch(() => (opened.runner.isIdle ? null : opened.runner.idle()));
      const { light: node } = opened;
      while (node.state.covered === null) {
        lab.check();
        await time.runUntil(time.now + 50);
      }
      unwatch();
      await opened.close();
    });
    lab.check();
    const lightFigures = await tally.figures("a light node's verified figures", light);

    tally.begin();
    const full = await timed(async () => {
      await lab.start(FULL);
      const isThere = (): boolean => {
        const node = lab.inhabitant(FULL).node;
        return node !== null && node.core.chain.final.header.height >= head.header.height - 1;
      };
      while (!isThere()) {
        lab.check();
        await time.runUntil(time.now + 50);
      }
    });
    lab.check();
    const fullFigures = await tally.figures("a full node's state", full);
    for (const i of [SERVER, FULL]) await lab.stop(i);
    return [...stored, ...lightFigures, ...fullFigures];
  },
});
