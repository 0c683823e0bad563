/**
 * Virtual time for the pilot, the demo's fast-forward and tests: events in order of time, then of being asked for.
 * Between two events every node finishes what it began, so a run depends on nothing but its seed.
 */
import { sha256 } from "../base/hash.ts";
import type { Millis } from "../base/units.ts";
import type { Surroundings } from "../network/network.ts";
import type { Clock } from "../shell/runner.ts";

type Entry = { readonly at: number; readonly order: number; readonly fn: () => void; cancelled: boolean };

/** A binary heap by (at, order). */
class Heap {
  #items: Entry[] = [];
  #before(a: number, b: number): boolean {
    const [x, y] = [this.#items[a], this.#items[b]];
    return x !== undefined && y !== undefined && (x.at < y.at || (x.at === y.at && x.order < y.order));
  }
  #swap(a: number, b: number): void {
    const [x, y] = [this.#items[a], this.#items[b]];
    if (x === undefined || y === undefined) return;
    this.#items[a] = y;
    this.#items[b] = x;
  }
  peek(): Entry | undefined {
    return this.#items[0];
  }
  push(entry: Entry): void {
    let i = this.#items.push(entry) - 1;
    for (let up = (i - 1) >> 1; i > 0 && this.#before(i, up); up = (i - 1) >> 1) {
      this.#swap(i, up);
      i = up;
    }
  }
  pop(): Entry | undefined {
    const top = this.#items[0];
    const last = this.#items.pop();
    if (last === undefined || top === last) return top;
    this.#items[0] = last;
    for (let i = 0; ;) {
      const [l, r] = [2 * i + 1, 2 * i + 2];
      let least = i;
      if (this.#before(l, least)) least = l;
      if (this.#before(r, least)) least = r;
      if (least === i) return top;
      this.#swap(i, least);
      i = least;
    }
  }
}

/** Deterministic bytes from a seed; for tests and simulations only, never for keys that matter. */
export const seededBytes = (seed: string): ((length: number) => Uint8Array) => {
  let n = 0;
  return (length) => {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += 32)
      out.set(sha256(new TextEncoder().encode(`${seed}/${n++}`)).subarray(0, length - at), at);
    return out;
  };
};

export class VirtualTime {
  #now: number;
  #heap = new Heap();
  #order = 0;
  #busy = new Set<() => Promise<void> | null>();
  readonly random: (length: number) => Uint8Array;

  constructor(start: number, seed: string) {
    this.#now = start;
    this.random = seededBytes(seed);
  }
  get now(): Millis {
    return this.#now as Millis;
  }
  at(time: number, fn: () => void): () => void {
    const entry: Entry = { at: Math.max(time, this.#now), order: this.#order++, fn, cancelled: false };
    this.#heap.push(entry);
    return () => (entry.cancelled = true);
  }
  get clock(): Clock {
    return { now: () => this.now, at: (time, fn) => this.at(time, fn) };
  }
  get surroundings(): Surroundings {
    return { now: () => this.#now, after: (ms, fn) => this.at(this.#now + ms, fn), random: this.random };
  }
  /** `pending` answers what a node is still doing, or null. The answer ends the watch. */
  watch(pending: () => Promise<void> | null): () => void {
    this.#busy.add(pending);
    return () => void this.#busy.delete(pending);
  }
  /** Time stands still until `work` is done. */
  hold(work: Promise<void>): void {
    const pending = (): Promise<void> => work;
    this.#busy.add(pending);
    const free = (): void => void this.#busy.delete(pending);
    work.then(free, free);
  }
  async settle(): Promise<void> {
    for (let work = this.#pending(); work.length > 0; work = this.#pending()) await Promise.all(work);
  }
  #pending(): Promise<void>[] {
    const out: Promise<void>[] = [];
    for (const pending of this.#busy) {
      const work = pending();
      if (work !== null) out.push(work);
    }
    return out;
  }
  /** Runs everything up to and including `end`. */
  async runUntil(end: number): Promise<void> {
    await this.settle();
    for (let next = this.#heap.peek(); next !== undefined && next.at <= end; next = this.#heap.peek()) {
      this.#heap.pop();
      if (next.cancelled) continue;
      this.#now = next.at;
      next.fn();
      await this.settle();
    }
    this.#now = Math.max(this.#now, end);
  }
}
