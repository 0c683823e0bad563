/**
 * Keeps the chain's part of the disk within what is stated (node/pruning.ts; PROTOCOL.md §8.5): deltas that nothing needs
 * any more, lines from before a later beginning, the oldest bodies beyond the budget. A few rows a commit, so that whatever
 * interrupts it, the rest is for the next time. Hops, hashes and the book are never pruned.
 */
import { decode } from "../base/codec.ts";
import type { Core } from "../node/core.ts";
import { hopCodec } from "../consensus/certificate.ts";
import { heightOfKey, heightRange, hopKey, readOwn } from "../node/disk.ts";
import {
  BODIES_KEPT,
  BUDGET_ROW,
  budgetCodec,
  budgetOp,
  DEFAULT_BUDGET,
  DELTA_BYTES,
  DELTAS_KEPT,
  SERVED_BACK,
  type Budget,
} from "../node/pruning.ts";
import type { Op, Store } from "../storage/store.ts";

/** Rows that one commit takes away. */
const AT_ONCE = 64;

/** The height of the block that a kept hop's own skips to; none where the row is damaged. */
const heightBelow = (raw: Uint8Array): number[] => {
  const hop = decode(hopCodec, raw, "hop");
  return hop.ok ? [hop.value.certificate.header.height - 1] : [];
};

const gone = (rows: readonly (readonly [string, Uint8Array])[]): Op[] =>
  rows.map(([key]) => ({ table: "chain", key, value: null }));

export class Pruner {
  readonly #store: Store;
  /** Bytes of bodies below `#countedTo`. */
  #bytes = 0;
  #countedTo = 0;
  /** The lowest of them but the genesis. */
  #first = Infinity;
  #budget: Budget | null = null;
  #isCounted = false;
  /** The final height for which all is done. */
  #doneFor = -1;
  #filled = 0;
  /** Deltas below it go. */
  #deltasFrom = 0;
  /** Bytes of deltas below it are in `#deltas`, by height. */
  readonly #deltas = new Map<number, number>();
  /** Blocks just below those that ended a voter set: hops that skip hand-overs prove these (PROTOCOL.md §8.1). */
  #kept: ReadonlySet<number> | null = null;
  #keptFor = -1;
  /** Bodies below are gone, but for those kept. */
  #bodiesFrom = 1;

  constructor(store: Store) {
    this.#store = store;
  }
  async budget(): Promise<Budget> {
    if (this.#budget !== null) return this.#budget;
    const raw = await this.#store.get("settings", BUDGET_ROW);
    return (this.#budget = raw === undefined ? DEFAULT_BUDGET : readOwn(budgetCodec, raw, "budget"));
  }
  /** From now on so much is kept. @throws StoreError when the disk does not answer. */
  async set(budget: Budget): Promise<void> {
    await this.#store.commit([budgetOp(budget)]);
    this.#budget = budget;
    this.#doneFor = -1;
  }
  /** Bodies of final blocks, and what they may be; null before all were counted. */
  get held(): { readonly budgetBytes: number | null; usedBytes: number; blocks: number; first: number } | null {
    if (this.#budget === null || !this.#isCounted) return null;
    const first = Math.min(this.#first, this.#countedTo);
    const blocks = this.#countedTo - first;
    return { budgetBytes: this.#budget.bodies, usedBytes: this.#bytes, blocks, first };
  }
  /** A little of what is due, so that nobody waits for it; true where there may be more. @throws StoreError when the disk does not answer. */
  async step(core: Core): Promise<boolean> {
    const final = core.chain.final.header.height;
    if (core.filled !== this.#filled) this.again();
    this.#filled = core.filled;
    if (final === this.#doneFor) return false;
    await this.budget();
    const isMore =
      (await this.#drop("delta", Math.max(final - DELTAS_KEPT, this.#deltasFrom))) ||
      (await this.#drop("line", core.summaries.first)) ||
      (await this.#count(final)) ||
      this.#isTooLarge(final - SERVED_BACK) ||
      (await this.#dropBodies(final - BODIES_KEPT));
    if (this.#countedTo > final) this.#isCounted = true;
    if (!isMore) this.#doneFor = final;
    return isMore;
  }
  /** What `free` would take away, about: old bodies are as long as newer ones. Null before all were counted. */
  get freeable(): number | null {
    if (this.#budget?.bodies === null) return 0;
    if (this.#countedTo === 0 || this.#doneFor < 0) return null;
    const blocks = Math.max(1, this.#countedTo - Math.min(this.#first, this.#countedTo));
    return Math.round(this.#bytes * Math.max(0, 1 - BODIES_KEPT / blocks));
  }
  /**
   * The disk runs short: the oldest bodies go, down to those that neighbours need, and what is left is the budget from now
   * on, so that they are not fetched again. Answers the bytes. @throws StoreError when the disk does not answer.
   */
  async free(core: Core): Promise<number> {
    // An archive keeps all, until its owner says otherwise.
    if ((await this.budget()).bodies === null) return 0;
    const below = core.chain.final.header.height - BODIES_KEPT;
    let freed = 0;
    this.#bodiesFrom = 1;
    for (let bytes = await this.#nextBodies(below); bytes !== null; bytes = await this.#nextBodies(below))
      freed += bytes;
    if (freed > 0) {
      this.#first = Math.max(this.#first, below);
      await this.set({ bodies: this.#bytes });
    }
    return freed;
  }
  /** Bodies were filled in below. */
  again(): void {
    [this.#bytes, this.#countedTo, this.#first, this.#doneFor, this.#bodiesFrom] = [0, 0, Infinity, -1, 1];
    this.#deltas.clear();
  }
  async #drop(kind: "delta" | "line", below: number): Promise<boolean> {
    if (below <= 0) return false;
    const rows = await this.#store.entries("chain", { ...heightRange(kind, 0, below), limit: AT_ONCE });
    if (rows.length > 0) await this.#store.commit(gone(rows));
    return rows.length > 0;
  }
  /** Final bodies that it has not seen yet: all of them after a start, then one a step. */
  async #count(final: number): Promise<boolean> {
    if (this.#countedTo > final) return false;
    const to = Math.min(final + 1, this.#countedTo + AT_ONCE);
    const rows = await this.#store.entries("chain", heightRange("body", this.#countedTo, to));
    for (const [key, raw] of rows) {
      const height = heightOfKey(key);
      if (height === 0) continue;
      this.#first = Math.min(this.#first, height);
      this.#bytes += raw.length;
    }
    const deltas = await this.#store.entries("chain", heightRange("delta", this.#countedTo, to));
    for (const [key, raw] of deltas)
      this.#deltas.set(heightOfKey(key), (this.#deltas.get(heightOfKey(key)) ?? 0) + raw.length);
    for (const height of this.#deltas.keys()) if (height < final - DELTAS_KEPT) this.#deltas.delete(height);
    this.#countedTo = to;
    return true;
  }
  /** Of a large community fewer than the usual number stay, down to those that others begin from. */
  #isTooLarge(below: number): boolean {
    let bytes = [...this.#deltas.values()].reduce((sum, n) => sum + n, 0);
    const before = this.#deltasFrom;
    for (const [height, size] of [...this.#deltas].toSorted(([a], [b]) => a - b)) {
      if (bytes <= DELTA_BYTES || height >= below) break;
      bytes -= size;
      this.#deltas.delete(height);
      this.#deltasFrom = height + 1;
    }
    return this.#deltasFrom > before;
  }
  async #hopBlocks(): Promise<ReadonlySet<number>> {
    if (this.#kept === null || this.#keptFor !== this.#doneFor) {
      const rows = await this.#store.entries("chain", { from: hopKey(0), to: "hop0" });
      this.#kept = new Set(rows.flatMap(([, raw]) => heightBelow(raw)));
      this.#keptFor = this.#doneFor;
    }
    return this.#kept;
  }
  /** Takes the oldest away; null where none is left, else the bytes. */
  async #nextBodies(below: number): Promise<number | null> {
    const range = { ...heightRange("body", this.#bodiesFrom, Math.max(this.#bodiesFrom, below)), limit: AT_ONCE };
    const rows = await this.#store.entries("chain", range);
    const last = rows.at(-1);
    if (last === undefined) return null;
    const kept = await this.#hopBlocks();
    const old = rows.filter(([key]) => !kept.has(heightOfKey(key)));
    if (old.length > 0) {
      await this.#store.commit(gone(old));
      this.#first = Math.max(this.#first, heightOfKey(last[0]) + 1);
    }
    // The last height may have another row.
    this.#bodiesFrom = heightOfKey(last[0]) + (rows.length < AT_ONCE ? 1 : 0);
    const bytes = old.reduce((sum, [, raw]) => sum + raw.length, 0);
    this.#bytes = Math.max(0, this.#bytes - bytes);
    return bytes;
  }
  async #dropBodies(below: number): Promise<boolean> {
    const { bodies } = await this.budget();
    if (bodies === null || this.#bytes <= bodies || below <= 1) return false;
    // The genesis follows from the contract, and everybody's chain begins with it.
    return (await this.#nextBodies(below)) !== null;
  }
}
