/**
 * What this node gives to one that begins or wakes far behind (PROTOCOL.md §8.3): the state after a final block in chunks,
 * hashes of all blocks, blocks by height. Reads the core and the disk, makes messages; what is not to be had here any more
 * is answered with nothing, and the asker asks another.
 */
import { concatBytes, fromHex, toHex } from "../base/bytes.ts";
import { HistoryTree } from "../base/history-tree.ts";
import { appendToFrontier, EMPTY_FRONTIER, frontierRoot, leafHash, rootOfHashes } from "../base/merkle.ts";
import type { Hash } from "../base/units.ts";
import { Draft, rowLeaf, rootedPaths, type Delta } from "../ledger/state.ts";
import type { Core } from "../node/core.ts";
import type { Held } from "../node/backfill.ts";
import {
  blockBytesIn,
  blockIn,
  blockKey,
  deltaIn,
  deltaKey,
  hashesKey,
  HASHES_A_ROW,
  heightOfKey,
  UNCHECKED,
} from "../node/disk.ts";
import { bodiesBelow, bodyCount } from "../node/kept.ts";
import { BODIES_KEPT, SERVED_BACK } from "../node/pruning.ts";
import {
  CHUNK_ROWS,
  MAX_ANSWER_BYTES,
  MAX_BLOCKS,
  MAX_HISTORY,
  type Fetching,
  type Manifest,
  type Message,
  type StateRow,
} from "../node/messages.ts";
import { edgesOf } from "../node/snapshot.ts";
import type { Store } from "../storage/store.ts";
import type { Pruner } from "./pruner.ts";

/** States at hand, one of each who asked for one: nobody drives out all that others are half through. */
const MAX_CACHED = 4;
const HASH_BYTES = 32;

type Snapshot = { readonly at: Hash; readonly by: string; readonly rows: readonly StateRow[]; readonly list: Listed };
type Listed = Pick<Manifest, "hashes" | "size" | "edges" | "proof">;
type Asked<K extends Message["kind"]> = Extract<Message, { kind: K }>;

/** What lists the chunks of a state, with the proof that these are all. */
export const listOf = (rows: readonly StateRow[]): Listed => {
  const leaves = rows.map(({ path, value }) => rowLeaf(path, value));
  const hashes: Uint8Array[] = [];
  for (let from = 0; from < rows.length; from += CHUNK_ROWS)
    hashes.push(rootOfHashes(leaves.slice(from, from + CHUNK_ROWS)));
  const tree = new HistoryTree();
  for (const leaf of leaves) tree.append(leaf);
  const places = edgesOf(rows.length);
  const edges = places.flatMap((place) => rows[place] ?? []);
  return { hashes, size: rows.length, edges, proof: tree.beside(places) };
};

/** Hashes of all blocks below the last final one; none where the disk lacks some, or has others than that commits to. */
const hashesBelow = async ({ summaries, chain }: Core, store: Pick<Store, "get">): Promise<Uint8Array[]> => {
  const root = chain.tree.root.header;
  const out: Uint8Array[] = [];
  for (let from = 0; from < summaries.first; from += HASHES_A_ROW) {
    const row = await store.get("chain", hashesKey(from));
    const count = Math.min(HASHES_A_ROW, summaries.first - from);
    if (row === undefined || row.length < count * HASH_BYTES) return [];
    for (let i = 0; i < count; i++) out.push(row.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES));
  }
  for (const { hash } of summaries.slice(summaries.first, root.height)) out.push(fromHex(hash));
  let frontier = EMPTY_FRONTIER;
  for (const hash of out) frontier = appendToFrontier(frontier, leafHash(hash));
  return toHex(frontierRoot(frontier)) === root.historyRoot ? out : [];
};

/** What of the chain below its first line this node has and lacks; null where it began with the genesis. */
export const heldBelow = async (
  core: Core,
  store: Pick<Store, "get" | "keys">,
  pruner: Pick<Pruner, "budget" | "countAll">,
): Promise<Held | null> => {
  const { summaries, chain } = core;
  if (summaries.first === 0) return null;
  const { height } = chain.tree.root.header;
  const hashes = await hashesBelow(core, store);
  if (hashes.length > 0) summaries.know(concatBytes(...hashes.slice(0, summaries.first)));
  await pruner.countAll();
  const { kept } = core;
  const { bodies } = await pruner.budget();
  // What there is no room for would be pruned again, and fetched again at the next opening.
  const stretch = Math.ceil((MAX_BLOCKS * kept.bytes) / Math.max(1, bodyCount(kept)));
  const room = bodies === null ? null : Math.max(0, bodies - kept.bytes - stretch);
  const unchecked = (await store.keys("chain", UNCHECKED)).map(heightOfKey);
  const checkedFrom = Math.max(1, summaries.first - BODIES_KEPT);
  return { hashes, bodiesFrom: bodiesBelow(kept, height), room, checkedFrom, unchecked };
};

export class Snapshots {
  readonly #store: Pick<Store, "get">;
  readonly #damaged: (row: string) => void;
  readonly #made: (rows: number) => void;
  #cached: Snapshot[] = [];
  /** One is made at a time: whoever asks for the same meanwhile waits for it. */
  #making: Promise<unknown> = Promise.resolve();

  /** `damaged` is told of a block's row that cannot be read, `made` of how many rows a state has that was put in order. */
  constructor(
    store: Pick<Store, "get">,
    damaged: (row: string) => void = () => {},
    made: (rows: number) => void = () => {},
  ) {
    this.#store = store;
    this.#damaged = damaged;
    this.#made = made;
  }
  /** `by` is whoever asks: of each the last state is kept. @throws StoreError when the disk does not answer. */
  answer(core: Core, message: Fetching, by = ""): Promise<Message> {
    switch (message.kind) {
      case "ask-manifest":
        return this.#manifest(core, message, by);
      case "ask-chunk":
        return this.#chunk(core, message, by);
      case "ask-history":
        return this.#history(core, message);
      case "ask-range":
        return this.#range(core, message);
    }
  }
  async #manifest(core: Core, { at }: Asked<"ask-manifest">, by: string): Promise<Message> {
    const snapshot = await this.#at(core, at, by);
    const height = core.summaries.heightOf(at);
    const block = snapshot === null ? null : await this.#blockAt(height ?? 0, at);
    if (snapshot === null || block === null)
      return { kind: "manifest", at, block: new Uint8Array(), hashes: [], size: 0, edges: [], proof: [] };
    return { kind: "manifest", at, block, ...snapshot.list };
  }
  async #chunk(core: Core, { at, index }: Asked<"ask-chunk">, by: string): Promise<Message> {
    const from = index * CHUNK_ROWS;
    const rows = (await this.#at(core, at, by))?.rows.slice(from, from + CHUNK_ROWS) ?? [];
    return { kind: "chunk", at, index, rows };
  }
  async #at(core: Core, at: Hash, by: string): Promise<Snapshot | null> {
    const making = this.#making.then(async () => {
      const known = this.#cached.find((s) => s.at === at);
      if (known !== undefined) return known;
      const rows = await this.#rowsAt(core, at);
      if (rows === null) return null;
      const made = { at, by, rows, list: listOf(rows) };
      this.#made(rows.length);
      // A change on disk that was damaged leads to another state, and whoever gave that would be taken for a liar.
      if (toHex(rootOfHashes(made.list.hashes)) !== (await this.#stateRootOf(core, at))) return null;
      this.#cached = [made, ...this.#cached.filter((s) => s.by !== by)].slice(0, MAX_CACHED);
      return made;
    });
    this.#making = making.catch(() => {});
    return making;
  }
  /** The head's state with everything above the block undone; the head may move while deltas are read. */
  async #rowsAt(core: Core, at: Hash): Promise<StateRow[] | null> {
    const read = new Map<number, Delta>();
    for (;;) {
      const { chain, summaries } = core;
      const [height, final] = [summaries.heightOf(at), chain.final.header.height];
      if (height === undefined || height > final || height + SERVED_BACK < final) return null;
      const missing: number[] = [];
      for (let h = height + 1; h <= final; h++) if (!read.has(h)) missing.push(h);
      if (missing.length === 0) return this.#undone(core, height, read);
      for (const h of missing) {
        const hash = summaries.hashOf(h);
        const raw = hash === undefined ? undefined : await this.#store.get("chain", deltaKey(h, hash));
        const delta = raw === undefined ? null : deltaIn(raw);
        // Nothing undoes the block that a snapshot began with.
        if (delta === null) return null;
        read.set(h, delta);
      }
    }
  }
  #undone({ chain }: Core, height: number, deltas: ReadonlyMap<number, Delta>): StateRow[] {
    const view = new Draft(chain.state);
    for (const node of chain.tree.path(chain.final, chain.head).reverse()) view.lay(node.delta, "undo");
    for (let h = chain.final.header.height; h > height; h--) view.lay(deltas.get(h) ?? [], "undo");
    return rootedPaths(view).map((path) => ({ path, value: view.row(path)?.bytes ?? new Uint8Array() }));
  }
  async #stateRootOf({ chain, summaries }: Core, at: Hash): Promise<Hash | undefined> {
    if (at === chain.final.hash) return chain.final.header.stateRoot;
    return (await this.#read(summaries.heightOf(at) ?? 0, at, blockIn))?.header.stateRoot;
  }
  #blockAt(height: number, hash: Hash): Promise<Uint8Array | null> {
    return this.#read(height, hash, blockBytesIn);
  }
  /** Null where there is none, or where it is damaged. */
  async #read<T>(height: number, hash: Hash, as: (key: string, row: Uint8Array) => T | null): Promise<T | null> {
    const row = blockKey(height, hash);
    const raw = await this.#store.get("chain", row);
    const block = raw === undefined ? null : as(row, raw);
    if (raw !== undefined && block === null) this.#damaged(row);
    return block;
  }
  /** All that are asked for, or none: who has less is not to be taken for somebody who hides some. */
  async #history(core: Core, { from, count }: Asked<"ask-history">): Promise<Message> {
    const to = from + Math.min(count, MAX_HISTORY);
    const hashes = to > core.chain.final.header.height + 1 ? [] : this.hashes(core, from, to);
    return { kind: "history", from, hashes: hashes.length === to - from ? hashes : [] };
  }
  /** Hashes of the main chain's final blocks from a height on, below another; fewer where this node does not know them all. */
  hashes({ summaries }: Core, from: number, to: number): Uint8Array[] {
    const out: Uint8Array[] = [];
    for (let at = from; at < to; at++) {
      const hash = summaries.hashOf(at);
      if (hash === undefined) break;
      out.push(fromHex(hash));
    }
    return out;
  }
  async #range(core: Core, { from, count }: Asked<"ask-range">): Promise<Message> {
    const to = Math.min(from + Math.min(count, MAX_BLOCKS), core.chain.final.header.height + 1);
    const blocks: Uint8Array[] = [];
    let size = 0;
    for (const [i, hash] of this.hashes(core, from, to).entries()) {
      const block = await this.#blockAt(from + i, toHex(hash));
      if (block === null || (blocks.length > 0 && size + block.length > MAX_ANSWER_BYTES)) break;
      size += block.length;
      blocks.push(block);
    }
    return { kind: "range", from, blocks };
  }
}
