/**
 * Keeps the chain's part of the disk within what is stated (node/pruning.ts; PROTOCOL.md §8.5): deltas that nothing needs
 * any more, lines from before a later beginning, the oldest bodies beyond the budget. A few rows a commit, so that whatever
 * interrupts it, the rest is for the next time. Hops, hashes and the book are never pruned.
 */
import type { Core } from "../node/core.ts";
import { heightOfKey, heightRange, readOwn } from "../node/disk.ts";
import {
  BODIES_KEPT,
  BUDGET_ROW,
  budgetCodec,
  budgetOp,
  DEFAULT_BUDGET,
  DELTAS_KEPT,
  type Budget,
} from "../node/pruning.ts";
import type { Op, Store } from "../storage/store.ts";

/** Rows that one commit takes away. */
const AT_ONCE = 64;

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
  /** A little of what is due, so that nobody waits for it. @throws StoreError when the disk does not answer. */
  async step(core: Core): Promise<void> {
    const final = core.chain.final.header.height;
    if (final === this.#doneFor) return;
    await this.budget();
    const isMore =
      (await this.#drop("delta", final - DELTAS_KEPT)) ||
      (await this.#drop("line", core.summaries.first)) ||
      (await this.#count(final)) ||
      (await this.#dropBodies(final - BODIES_KEPT));
    if (this.#countedTo > final) this.#isCounted = true;
    if (!isMore) this.#doneFor = final;
  }
  /** What `free` would take away, about: old bodies are as long as newer ones. Null before all were counted. */
  get freeable(): number | null {
    if (this.#countedTo === 0 || this.#doneFor < 0) return null;
    const blocks = Math.max(1, this.#countedTo - Math.min(this.#first, this.#countedTo));
    return Math.round(this.#bytes * Math.max(0, 1 - BODIES_KEPT / blocks));
  }
  /**
   * The disk runs short: the oldest bodies go, down to those that neighbours need, and what is left is the budget from now
   * on, so that they are not fetched again. Answers the bytes. @throws StoreError when the disk does not answer.
   */
  async free(core: Core): Promise<number> {
    const below = core.chain.final.header.height - BODIES_KEPT;
    let freed = 0;
    for (;;) {
      const range = { ...heightRange("body", 1, Math.max(1, below)), limit: AT_ONCE };
      const rows = await this.#store.entries("chain", range);
      if (rows.length === 0) break;
      await this.#store.commit(gone(rows));
      freed += rows.reduce((sum, [, raw]) => sum + raw.length, 0);
    }
    this.#bytes = Math.max(0, this.#bytes - freed);
    if (freed > 0) {
      this.#first = Math.max(this.#first, below);
      await this.set({ bodies: this.#bytes });
    }
    return freed;
  }
  /** Bodies were filled in below. */
  again(): void {
    [this.#bytes, this.#countedTo, this.#first, this.#doneFor] = [0, 0, Infinity, -1];
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
    this.#countedTo = to;
    return true;
  }
  async #dropBodies(below: number): Promise<boolean> {
    const { bodies } = await this.budget();
    if (bodies === null || this.#bytes <= bodies || below <= 1) return false;
    // The genesis follows from the contract, and everybody's chain begins with it.
    const rows = await this.#store.entries("chain", { ...heightRange("body", 1, below), limit: AT_ONCE });
    if (rows.length === 0) return false;
    await this.#store.commit(gone(rows));
    this.#bytes -= rows.reduce((sum, [, raw]) => sum + raw.length, 0);
    this.#first = Math.max(this.#first, ...rows.map(([key]) => heightOfKey(key) + 1));
    return true;
  }
}
