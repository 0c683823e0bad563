/**
 * Answers what light nodes ask (PROTOCOL.md §8.1): hops to the last final block, rows of its state, credits, all with
 * their proofs. Reads one node's chain and disk, changes nothing, never sends what whoever asked would have to refuse.
 */
import { fromHex, toHex } from "../base/bytes.ts";
import { HistoryTree } from "../base/history-tree.ts";
import { leafHash } from "../base/merkle.ts";
import { assert } from "../base/result.ts";
import type { Hash } from "../base/units.ts";
import { txLeaf, type Block, type Header } from "../consensus/block.ts";
import { isRooted, key, TABLE_NAMES, type Table } from "../ledger/rows.ts";
import { rootedLeaves, rootedPaths, type Draft } from "../ledger/state.ts";
import type { Core } from "../node/core.ts";
import { blockBytesIn, blockIn, blockKey, deltaIn, deltaKey } from "../node/disk.ts";
import type { Effect } from "../node/events.ts";
import { SERVED_BACK } from "../node/pruning.ts";
import {
  encodeMessage,
  MAX_ANSWER_BYTES,
  MAX_EXCERPTS,
  MAX_ROWS,
  type BlockExcerpt,
  type Message,
  type PlacedRow,
  type Question,
} from "../node/messages.ts";
import { fullBuckets, takeFrom, type Allowance, type Buckets } from "../network/rate.ts";
import type { Store } from "../storage/store.ts";
import { Counter, GUEST } from "./counter.ts";
import { heightFor } from "./lookup.ts";
import { Hops } from "./hops.ts";
import { Snapshots } from "./snapshots.ts";

/** What a neighbour may be sent of answers, whatever its links. */
const ALLOWANCE: Allowance = {
  bytes: { perSecond: 1024 * 1024, burst: 128 * 1024 * 1024 },
  frames: { perSecond: 64, burst: 8_192 },
};
/** States at hand, one of each who asked for one: nobody drives out all that others are half through. */
const STATES_HELD = 4;
/**
 * What a question costs at least, a row that is read, so many bytes of it (which are taken apart, hashed and put together
 * again) and so many that are sent, rows of a state that are put in order and hashed. By test/bench/questions.ts: of 50 members one unit
 * of all but the smallest is 0.02 to 0.07 ms of a desktop's core, and two to three times that of a small computer's.
 */
const QUESTION_UNITS = 3;
const ROW_UNITS = 2;
const READ_BYTES_A_UNIT = 256;
const SENT_BYTES_A_UNIT = 2_048;
const STATE_ROWS_A_UNIT = 6;
/** Blocks read for one page of credits. */
const PAGE_BLOCKS = 256;
const PAGE_BYTES = MAX_ANSWER_BYTES / 4;

type Shelf = {
  readonly at: Hash;
  readonly by: string;
  readonly paths: string[];
  readonly rows: Uint8Array[];
  readonly tree: HistoryTree;
};
type Ask<K extends Question["kind"]> = Extract<Question, { readonly kind: K }>;
type Answer<K extends Message["kind"]> = Extract<Message, { readonly kind: K }>;

/** Blocks by their keys in the table `chain`, to be sent as one message. */
type Blocks = Omit<Extract<Effect, { kind: "serve" }>, "peer">;
/** What waits at the counter. */
export type Errand = Extract<Effect, { kind: "serve" | "consult" }>;

export class Librarian {
  readonly #core: Core;
  readonly #store: Pick<Store, "get">;
  readonly #snapshots: Snapshots;
  readonly #damaged: (row: string) => void;
  readonly #buckets = new Map<string, Buckets>();
  /** Whose question is being answered, and what that has cost so far. */
  #by = GUEST;
  #work = 0;
  readonly counter: Counter<Errand>;
  readonly #history = new HistoryTree();
  readonly #hops: Hops;
  #shelves: Shelf[] = [];

  /** `damaged` is told of a block's row that cannot be read. */
  constructor(core: Core, store: Pick<Store, "get">, damaged: (row: string) => void = () => {}) {
    this.#core = core;
    this.#store = {
      get: async (...of) => {
        const row = await store.get(...of);
        this.#work += ROW_UNITS + (row?.length ?? 0) / READ_BYTES_A_UNIT;
        return row;
      },
    };
    this.#damaged = damaged;
    this.#snapshots = new Snapshots(this.#store, damaged, (rows) => (this.#work += rows / STATE_ROWS_A_UNIT));
    this.#hops = new Hops(core, this.#store, {
      history: (height) => this.#historyTo(height),
      headerAt: async (height) => (await this.#block(height))?.header ?? null,
      spent: (units) => (this.#work += units),
    });
    this.counter = new Counter(
      (peer) => this.#accountOf(peer),
      () => core.now,
    );
  }
  /** A member is the same over all its links. */
  #accountOf(peer: number): string {
    const key = this.#core.peers.get(peer)?.identity.key;
    return key === undefined || this.#core.memberOf(key) === null ? GUEST : key;
  }
  /** Null where nothing is to be said. One at a time. @throws StoreError when the disk refuses. */
  async answer(peer: number, errand: Question | Blocks): Promise<Message | null> {
    if (!this.counter.isGood(peer)) return this.decline(peer);
    this.#by = this.#accountOf(peer);
    this.#work = QUESTION_UNITS;
    try {
      const answer = errand.kind === "serve" ? await this.#serve(errand) : await this.#look(errand);
      if (answer === null) return { kind: "declined", why: "lacks" };
      const size = sizeOf(answer);
      this.#work += size / SENT_BYTES_A_UNIT;
      return this.#maySend(size) ? answer : this.decline(peer);
    } finally {
      this.counter.spend(peer, this.#work);
    }
  }
  /** For whoever asks too much, now and then: others may have time. */
  decline(peer: number): Message | null {
    return this.counter.mayDecline(peer) ? { kind: "declined", why: "busy" } : null;
  }
  #maySend(bytes: number): boolean {
    const { now } = this.#core;
    const bucket = this.#buckets.get(this.#by) ?? fullBuckets(ALLOWANCE, now);
    this.#buckets.set(this.#by, bucket);
    return takeFrom(bucket, ALLOWANCE, now, bytes, 1);
  }
  /** As many blocks as one message holds, one at least. */
  async #serve({ keys, more }: Blocks): Promise<Message> {
    const blocks: Uint8Array[] = [];
    let size = 0;
    for (const key of keys) {
      const row = await this.#store.get("chain", key);
      const block = row === undefined ? null : blockBytesIn(key, row);
      // Pruned, or damaged: not to be had here, and asked of others.
      if (row !== undefined && block === null) this.#damaged(key);
      if (block === null || (blocks.length > 0 && size + block.length > MAX_ANSWER_BYTES)) break;
      size += block.length;
      blocks.push(block);
    }
    return { kind: "blocks", blocks, more: more || blocks.length < keys.length };
  }
  #look(question: Question): Promise<Message | null> {
    switch (question.kind) {
      case "ask-manifest":
      case "ask-chunk":
      case "ask-history":
      case "ask-range":
        return this.#snapshots.answer(this.#core, question, this.#by);
      case "ask-hops":
      case "ask-hand-overs":
        return this.#hops.answer(question);
      case "ask-rows":
        return this.#rows(question);
      case "ask-credits":
        return this.#credits(question);
    }
  }
  get #final(): Header {
    return this.#core.chain.final.header;
  }
  get #view(): Draft {
    const { tree, state, head, final } = this.#core.chain;
    return tree.viewAt(state, head, final);
  }
  /** Of all final blocks below the last one. Null where a hash is not known here. */
  #historyTo(height: number): HistoryTree | null {
    for (let at = this.#history.size; at < height; at++) {
      const hash = this.#core.summaries.hashOf(at);
      if (hash === undefined) return null;
      this.#history.append(leafHash(fromHex(hash)));
    }
    return this.#history;
  }

  async #block(height: number): Promise<Block | null> {
    const hash = this.#core.summaries.hashOf(height);
    if (hash === undefined) return null;
    const row = blockKey(height, hash);
    const raw = await this.#store.get("chain", row);
    const block = raw === undefined ? null : blockIn(row, raw);
    if (raw !== undefined && block === null) this.#damaged(row);
    return block;
  }

  async #shelf(at: Hash): Promise<Shelf | null> {
    const held = this.#shelves.find((s) => s.at === at);
    if (held !== undefined) return held;
    const height = this.#core.summaries.heightOf(at);
    if (height === undefined || height > this.#final.height || height + SERVED_BACK < this.#final.height) return null;
    const view = this.#view;
    for (let h = this.#final.height; h > height; h--) {
      const hash = this.#core.summaries.hashOf(h);
      const row = hash === undefined ? undefined : await this.#store.get("chain", deltaKey(h, hash));
      const delta = row === undefined ? null : deltaIn(row);
      if (delta === null) return null;
      view.lay(delta, "undo");
    }
    const paths = rootedPaths(view);
    const tree = new HistoryTree();
    for (const leaf of rootedLeaves(view)) tree.append(leaf);
    this.#work += paths.length / STATE_ROWS_A_UNIT;
    // A change on disk that was damaged leads to another state, and whoever gave that would be taken for a liar.
    const header = at === this.#core.chain.final.hash ? this.#final : (await this.#block(height))?.header;
    if (toHex(tree.root()) !== header?.stateRoot) return null;
    const rows = paths.map((path) => view.row(path)?.bytes ?? new Uint8Array());
    const shelf = { at, by: this.#by, paths, rows, tree };
    this.#shelves = [shelf, ...this.#shelves.filter(({ by }) => by !== this.#by)].slice(0, STATES_HELD);
    return shelf;
  }
  async #rows({ at, paths, tables }: Ask<"ask-rows">): Promise<Answer<"rows">> {
    const none = { kind: "rows", at, size: 0, rows: [], proof: [] } as const;
    const shelf = await this.#shelf(at);
    if (shelf === null) return none;
    const places = new Set<number>();
    for (const path of paths) {
      const place = shelf.paths.indexOf(this.#pathOf(path));
      if (place >= 0) places.add(place);
    }
    for (const table of tables) for (const place of wholeTable(shelf.paths, table)) places.add(place);
    const ordered = [...places].toSorted((a, b) => a - b);
    const rows = ordered.map((index): PlacedRow => {
      const [path, value] = [shelf.paths[index], shelf.rows[index]];
      assert(path !== undefined && value !== undefined, "a place of the state has a row");
      return { index, path, value };
    });
    const size = rows.reduce((sum, { value }) => sum + value.length, 0);
    if (rows.length === 0 || rows.length > MAX_ROWS || size > MAX_ANSWER_BYTES / 2) return none;
    return { kind: "rows", at, size: shelf.paths.length, rows, proof: shelf.tree.beside(ordered) };
  }
  /** Who came after the founding knows its key and not its place. */
  #pathOf(path: string): string {
    const asked = /^member\/([0-9a-f]{64})$/u.exec(path)?.[1];
    const found = asked === undefined ? undefined : this.#core.memberOf(asked as never);
    return found === undefined || found === null ? path : `member/${key(found)}`;
  }

  async #credits({ at, from, to, above }: Ask<"ask-credits">): Promise<Answer<"credits"> | null> {
    const { summaries } = this.#core;
    const height = summaries.heightOf(at);
    if (height === undefined || height > this.#final.height) return null;
    const begin = await heightFor(this.#core, this.#store, from);
    if (begin === null && above === 0) return null;
    const history = this.#historyTo(height);
    if (history === null) return null;
    const { lateWindow } = this.#core.contract;
    const blocks: BlockExcerpt[] = [];
    let until = Math.min(height, Math.max(above, (begin ?? 1) - 1));
    let size = 0;
    // The first block at or after that closes the last step asked for, however long none was made before it.
    const closes = to + lateWindow;
    let before = summaries.stepOf(until) ?? 0;
    for (let read = 0; until < height && read < PAGE_BLOCKS && size < PAGE_BYTES; read++) {
      if (before >= closes) until = height;
      if (until === height) break;
      const block = await this.#block(until + 1);
      // What was pruned here, others may have.
      if (block === null) break;
      before = block.header.step;
      until += 1;
      const excerpt = excerptOf(block, from, to);
      if (excerpt === null) continue;
      size += 1_024 + 32 * excerpt.proof.length + excerpt.txs.reduce((sum, { tx }) => sum + roughSize(tx), 0);
      blocks.push(excerpt);
      if (blocks.length === MAX_EXCERPTS) break;
    }
    const below = blocks.map((b) => b.header.height).filter((h) => h < height);
    const proof = below.length === 0 ? [] : history.beside(below, height);
    return { kind: "credits", at, until: Math.min(until, height), blocks, proof };
  }
}

const isTable = (name: string): name is Table =>
  (TABLE_NAMES as readonly string[]).includes(name) && isRooted(name as Table);
/** Places of a table's rows and of its neighbours on both sides: who has them all sees that none is missing. */
const wholeTable = (paths: readonly string[], table: string): number[] => {
  if (!isTable(table)) return [];
  const within = paths.flatMap((path, place) => (path.startsWith(`${table}/`) ? [place] : []));
  const [first, last] = [within[0], within.at(-1)];
  if (first === undefined || last === undefined) return [];
  return [first - 1, ...within, last + 1].filter((place) => place >= 0 && place < paths.length);
};

/** The distributions of a block for steps `from` to `to`, with one proof; null where it has none. */
export const excerptOf = ({ header, txs }: Block, from: number, to: number): BlockExcerpt | null => {
  const found = txs.flatMap((tx, index) =>
    tx.body.kind === "distribution" && tx.body.step >= from && tx.body.step <= to ? [{ index, tx }] : [],
  );
  if (found.length === 0) return null;
  const tree = new HistoryTree();
  for (const tx of txs) tree.append(txLeaf(tx));
  return { header, size: txs.length, txs: found, proof: tree.beside(found.map((f) => f.index)) };
};

const roughSize = ({ body }: BlockExcerpt["txs"][number]["tx"]): number =>
  body.kind === "distribution" ? 33 * body.inputs.length + 8 * body.shares.length : 0;
const sizeOf = (message: Message): number => encodeMessage(message).length;
