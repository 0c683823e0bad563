/**
 * The main chain, a line for each block, in some hundred bytes instead of objects: 35,040 of them a year. Knows the blocks
 * from `first` on, which is the genesis or the block that a snapshot began with.
 */
import { fromHex, toHex } from "../base/bytes.ts";
import { assert } from "../base/result.ts";
import type { Hash, MemberIndex } from "../base/units.ts";

/** A main-chain block in a line, for lists and for serving. */
export type Summary = {
  readonly hash: Hash;
  readonly step: number;
  readonly height: number;
  readonly miner: MemberIndex;
  readonly rank: number;
  readonly transactions: number;
  readonly generatedMwh: number;
  readonly approvals: number;
  readonly confirmations: number;
  readonly voters: number;
};

const HASH_BYTES = 32;
/** Numbers of a line: all of a summary but hash and height. */
const FIELDS = 8;
const FEWEST = 64;
/** Of the places of an index at least half are free. */
const EMPTY = -1;

/** Places of hashes that lie side by side, by a hash's first bytes; open addressing. What is no longer there is found to be another. */
class HashIndex {
  #slots = new Int32Array(FEWEST * 4).fill(EMPTY);
  #used = 0;

  /** The first `count` of `hashes`, and nothing else. */
  build(hashes: Uint8Array, count: number): void {
    this.#slots = new Int32Array(Math.max(FEWEST * 4, count * 8)).fill(EMPTY);
    this.#used = count;
    for (let i = 0; i < count; i++) this.#place(hashes, i);
  }
  /** One more, at `at`, which is the last but for a line that is written again. */
  note(hashes: Uint8Array, at: number, count: number): void {
    this.#used += 1;
    if (this.#used * 2 > this.#slots.length) this.build(hashes, count);
    else this.#place(hashes, at);
  }
  find(hashes: Uint8Array, count: number, raw: Uint8Array): number | undefined {
    let slot = this.#slotOf(raw, 0);
    for (let at = this.#slots[slot]; at !== undefined && at !== EMPTY; at = this.#slots[slot]) {
      if (at < count && isAt(hashes, raw, at)) return at;
      slot = (slot + 1) % this.#slots.length;
    }
    return undefined;
  }
  #slotOf(raw: Uint8Array, from: number): number {
    const [a = 0, b = 0, c = 0, d = 0] = raw.subarray(from, from + 4);
    return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) % this.#slots.length;
  }
  #place(hashes: Uint8Array, at: number): void {
    let slot = this.#slotOf(hashes, at * HASH_BYTES);
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) % this.#slots.length;
    this.#slots[slot] = at;
  }
}
const isAt = (hashes: Uint8Array, raw: Uint8Array, at: number): boolean => {
  for (let i = 0; i < HASH_BYTES; i++) if (hashes[at * HASH_BYTES + i] !== raw[i]) return false;
  return true;
};

export class Lines {
  readonly first: number;
  #below: Uint8Array = new Uint8Array();
  #count = 0;
  #hashes = new Uint8Array(FEWEST * HASH_BYTES);
  #fields = new Float64Array(FEWEST * FIELDS);
  /** Of heights less `first`, and of those below the first line. */
  readonly #index = new HashIndex();
  readonly #belowIndex = new HashIndex();

  constructor(lines: Iterable<Summary>) {
    let first: number | null = null;
    const begun: Summary[] = [];
    for (const line of lines) {
      first ??= line.height;
      begun.push(line);
    }
    this.first = first ?? 0;
    for (const line of begun) this.put(line);
  }
  /** One more than the head's height. */
  get length(): number {
    return this.first + this.#count;
  }
  /** The line of a height; undefined below the first and above the head. */
  get(height: number): Summary | undefined {
    const at = height - this.first;
    if (at < 0 || at >= this.#count || !Number.isInteger(at)) return undefined;
    const n = (field: number): number => this.#fields[at * FIELDS + field] ?? 0;
    return {
      hash: this.#hashAt(at),
      step: n(0),
      height,
      miner: n(1) as MemberIndex,
      rank: n(2),
      transactions: n(3),
      generatedMwh: n(4),
      approvals: n(5),
      confirmations: n(6),
      voters: n(7),
    };
  }
  /** The hashes of all blocks below the first line, one after the other, once they have been checked. */
  know(below: Uint8Array): void {
    assert(below.length === this.first * HASH_BYTES, "all blocks below the first line");
    this.#below = below;
    this.#belowIndex.build(below, this.first);
  }
  stepOf(height: number): number | undefined {
    const at = height - this.first;
    return at < 0 || at >= this.#count ? undefined : this.#fields[at * FIELDS];
  }
  /** Also of the blocks below the first line, where they are known. */
  hashOf(height: number): Hash | undefined {
    const at = height - this.first;
    if (at < 0 && height >= 0 && height * HASH_BYTES < this.#below.length)
      return toHex(this.#below.subarray(height * HASH_BYTES, (height + 1) * HASH_BYTES));
    return at < 0 || at >= this.#count ? undefined : this.#hashAt(at);
  }
  /** The height of a block of the main chain, also of those below the first line, where they are known. */
  heightOf(hash: Hash): number | undefined {
    const raw = fromHex(hash);
    const at = this.#index.find(this.#hashes, this.#count, raw);
    if (at !== undefined) return at + this.first;
    return this.#belowIndex.find(this.#below, this.#below.length / HASH_BYTES, raw);
  }
  has(hash: Hash): boolean {
    return this.heightOf(hash) !== undefined;
  }
  /** Lines from a height on, below another: those there are. */
  slice(from: number, to = this.length): Summary[] {
    const out: Summary[] = [];
    for (let height = Math.max(from, this.first); height < Math.min(to, this.length); height++) {
      const line = this.get(height);
      if (line !== undefined) out.push(line);
    }
    return out;
  }
  /** The newest so many, oldest first, the genesis not among them: it closes no step. */
  newest(count: number): Summary[] {
    return this.slice(Math.max(1, this.length - count));
  }
  map<T>(fn: (line: Summary, i: number) => T): T[] {
    return this.slice(this.first).map((line, i) => fn(line, i));
  }
  /** Adds a line on top, or writes that of a known height again. */
  put(line: Summary): void {
    const at = line.height - this.first;
    assert(at >= 0 && at <= this.#count, "lines follow one another");
    if (at === this.#count) this.#grow();
    const raw = fromHex(line.hash);
    const isKnown = at < this.#count && this.#hashAt(at) === line.hash;
    this.#hashes.set(raw, at * HASH_BYTES);
    const { step, miner, rank, transactions, generatedMwh, approvals, confirmations, voters } = line;
    const fields = [step, miner, rank, transactions, generatedMwh, approvals, confirmations, voters];
    this.#fields.set(fields, at * FIELDS);
    this.#count = Math.max(this.#count, at + 1);
    if (!isKnown) this.#index.note(this.#hashes, at, this.#count);
  }
  /** Forgets the lines from a height on. */
  cut(height: number): void {
    this.#count = Math.max(0, Math.min(this.#count, height - this.first));
  }
  #hashAt(at: number): Hash {
    return toHex(this.#hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
  }
  #grow(): void {
    if ((this.#count + 1) * HASH_BYTES <= this.#hashes.length) return;
    const hashes = new Uint8Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    const fields = new Float64Array(this.#fields.length * 2);
    fields.set(this.#fields);
    [this.#hashes, this.#fields] = [hashes, fields];
  }
}
