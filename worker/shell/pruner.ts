/**
 * Keeps the chain's part of the disk within what is stated (node/pruning.ts; PROTOCOL.md §8.5): deltas that nothing needs
 * any more, lines from before a later beginning, the oldest bodies beyond the budget. A few rows a commit, and with them the
 * row that says what is left (node/kept.ts), so that whatever interrupts it, the next one goes on from there. Hops, hashes
 * and the book are never pruned.
 */
import { decode } from "../base/codec.ts";
import type { Core } from "../node/core.ts";
import { hopCodec } from "../consensus/certificate.ts";
import { blockKey, heightOfKey, heightRange, hopKey, readOwn } from "../node/disk.ts";
import {
  bodyCount,
  FIRST_BODY,
  keptOp,
  oldestBody,
  withCounted,
  withoutBodies,
  withoutDeltas,
  type Kept,
} from "../node/kept.ts";
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

/** Rows that one commit takes away, and that are counted at once. */
const AT_ONCE = 64;

/** The height of the block that a kept hop's own skips to; none where the row is damaged. */
const heightBelow = (raw: Uint8Array): number[] => {
  const hop = decode(hopCodec, raw, "hop");
  return hop.ok ? [hop.value.certificate.header.height - 1] : [];
};
const gone = (keys: readonly string[]): Op[] => keys.map((key) => ({ table: "chain", key, value: null }));
/** Those of the last height may go on beyond what was read. */
const ofWholeHeights = <T>(rows: readonly T[], heightOf: (row: T) => number): readonly T[] => {
  const last = rows.at(-1);
  const whole = rows.length < AT_ONCE || last === undefined ? rows : rows.filter((r) => heightOf(r) < heightOf(last));
  return whole.length === 0 ? rows : whole;
};

export class Pruner {
  readonly #store: Store;
  readonly #core: Pick<Core, "chain" | "summaries" | "kept">;
  #budget: Budget | null = null;
  #isCounted = false;
  /** Rows that were counted since that was last written down. */
  #unwritten = 0;
  /** The final height for which all is done, and what was kept then. */
  #done: { readonly final: number; readonly kept: Kept } | null = null;
  /** Blocks just below those that ended a voter set: hops that skip hand-overs prove these (PROTOCOL.md §8.1). */
  #needed: { readonly final: number; readonly heights: ReadonlySet<number> } | null = null;
  /** One thing at a time: room is also made on demand. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: Store, core: Pick<Core, "chain" | "summaries" | "kept">) {
    this.#store = store;
    this.#core = core;
  }
  get #final(): number {
    return this.#core.chain.final.header.height;
  }
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return mine;
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
    this.#done = null;
  }
  /** Bodies of final blocks, and what they may be; null before all were counted. */
  get held(): { readonly budgetBytes: number | null; usedBytes: number; blocks: number; first: number } | null {
    if (this.#budget === null || !this.#isCounted) return null;
    const { kept } = this.#core;
    const first = oldestBody(kept) ?? kept.to;
    return { budgetBytes: this.#budget.bodies, usedBytes: kept.bytes, blocks: bodyCount(kept), first };
  }
  /** A little of what is due, so that nobody waits for it; true where there may be more. @throws StoreError when the disk does not answer. */
  step(): Promise<boolean> {
    return this.#inTurn(() => this.#step());
  }
  async #step(): Promise<boolean> {
    const final = this.#final;
    if (this.#done?.final === final && this.#done.kept === this.#core.kept) return false;
    await this.budget();
    const isMore =
      (await this.#count(final)) ||
      (await this.#drop("delta", this.#deltasFrom(final))) ||
      (await this.#drop("line", this.#core.summaries.first)) ||
      (await this.#dropBodies(final - BODIES_KEPT));
    if (!isMore) this.#done = { final, kept: this.#core.kept };
    return isMore;
  }
  /** What `free` would take away, about: old bodies are as long as newer ones. Null before all were counted. */
  get freeable(): number | null {
    if (this.#budget?.bodies === null) return 0;
    if (!this.#isCounted) return null;
    const { kept } = this.#core;
    return Math.round(kept.bytes * Math.max(0, 1 - BODIES_KEPT / Math.max(1, bodyCount(kept))));
  }
  /**
   * The disk runs short: the oldest bodies go, down to those that neighbours need, and what is left is the budget from now
   * on, so that they are not fetched again. Answers the bytes. @throws StoreError when the disk does not answer.
   */
  async free(): Promise<number> {
    // An archive keeps all, until its owner says otherwise.
    if ((await this.budget()).bodies === null) return 0;
    await this.countAll();
    const below = this.#final - BODIES_KEPT;
    let freed = 0;
    for (;;) {
      const bytes = await this.#inTurn(() => this.#nextBodies(below));
      if (bytes === null) break;
      freed += bytes;
    }
    if (freed > 0) await this.set({ bodies: this.#core.kept.bytes });
    return freed;
  }
  /** All final blocks, for who has to know before it begins: few, unless the count was lost. @throws StoreError when the disk does not answer. */
  async countAll(): Promise<void> {
    while (await this.#inTurn(() => this.#count(this.#final)));
  }
  /** Takes rows away, and notes it with them. `change` is of what is kept, now and once they are gone. */
  async #without(keys: readonly string[], change: (kept: Kept) => Kept): Promise<void> {
    await this.#store.commit([...gone(keys), keptOp(change(this.#core.kept))]);
    // Blocks may have been filled in meanwhile.
    this.#core.kept = change(this.#core.kept);
    this.#unwritten = 0;
  }
  async #drop(kind: "delta" | "line", below: number): Promise<boolean> {
    if (below <= 0) return false;
    const keys = await this.#store.keys("chain", { ...heightRange(kind, 0, below), limit: AT_ONCE });
    const last = ofWholeHeights(keys, heightOfKey).at(-1);
    if (last === undefined) return false;
    const to = heightOfKey(last) + 1;
    const old = keys.filter((key) => heightOfKey(key) < to);
    await this.#without(old, (kept) => (kind === "delta" ? withoutDeltas(kept, to) : kept));
    return true;
  }
  /** Final blocks that it has not seen yet: one a step, and so many at once where that was never written down. */
  async #count(final: number): Promise<boolean> {
    const { kept, summaries } = this.#core;
    this.#isCounted ||= kept.to > final;
    if (kept.to > final) return false;
    const rows = await this.#store.entries("chain", { ...heightRange("body", kept.to, final + 1), limit: AT_ONCE });
    const isMore = rows.length === AT_ONCE;
    const whole = ofWholeHeights(rows, ([key]) => heightOfKey(key));
    const to = isMore ? heightOfKey(whole.at(-1)?.[0] ?? "") + 1 : final + 1;
    const sized = whole.map(([key, { length }]) => ({ key, height: heightOfKey(key), bytes: length }));
    const own = sized.filter(({ height }) => height >= FIRST_BODY);
    // A branch that lost while this node was away may have left a block.
    const isMain = ({ key, height }: (typeof own)[number]): boolean => {
      const hash = summaries.hashOf(height);
      return hash === undefined || key === blockKey(height, hash);
    };
    const deltas = await this.#store.entries("chain", heightRange("delta", Math.max(kept.to, final - DELTAS_KEPT), to));
    const found = {
      bodies: own.filter((row) => isMain(row)),
      others: own.filter((row) => !isMain(row)),
      deltas: deltas.map(([key, { length }]) => ({ height: heightOfKey(key), bytes: length })),
    };
    this.#core.kept = withCounted(this.#core.kept, to, found);
    this.#isCounted ||= !isMore;
    this.#unwritten += rows.length;
    if (this.#unwritten >= AT_ONCE) await this.#without([], (now) => now);
    return isMore;
  }
  /** Deltas below go. Of a large community fewer than the usual number stay, down to those that others begin from. */
  #deltasFrom(final: number): number {
    let from = Math.max(0, final - DELTAS_KEPT);
    const held = this.#core.kept.deltas.filter(({ height }) => height >= from);
    let bytes = held.reduce((sum, delta) => sum + delta.bytes, 0);
    for (const delta of held) {
      if (bytes <= DELTA_BYTES || delta.height >= final - SERVED_BACK) break;
      bytes -= delta.bytes;
      from = delta.height + 1;
    }
    return from;
  }
  async #hopBlocks(): Promise<ReadonlySet<number>> {
    const final = this.#final;
    if (this.#needed?.final !== final) {
      const rows = await this.#store.entries("chain", { from: hopKey(0), to: "hop0" });
      this.#needed = { final, heights: new Set(rows.flatMap(([, raw]) => heightBelow(raw))) };
    }
    return this.#needed.heights;
  }
  /** Takes the oldest away; null where none is left, else the bytes. */
  async #nextBodies(below: number): Promise<number | null> {
    const from = oldestBody(this.#core.kept) ?? below;
    if (from >= below) return null;
    const rows = await this.#store.entries("chain", { ...heightRange("body", from, below), limit: AT_ONCE });
    const whole = ofWholeHeights(rows, ([key]) => heightOfKey(key));
    const to = rows.length < AT_ONCE ? below : heightOfKey(whole.at(-1)?.[0] ?? "") + 1;
    const needed = await this.#hopBlocks();
    const old = whole.filter(([key]) => !needed.has(heightOfKey(key)));
    const bytes = old.reduce((sum, [, raw]) => sum + raw.length, 0);
    const keys = old.map(([key]) => key);
    await this.#without(keys, (kept) => withoutBodies(kept, to, bytes));
    return bytes;
  }
  async #dropBodies(below: number): Promise<boolean> {
    const { bodies } = await this.budget();
    if (bodies === null || this.#core.kept.bytes <= bodies || below <= FIRST_BODY) return false;
    return (await this.#nextBodies(below)) !== null;
  }
}
