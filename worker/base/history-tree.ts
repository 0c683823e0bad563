/**
 * The tree of RFC 9162 over leaves that keep coming (PROTOCOL.md §4 "history", §12): append, and for any size it ever
 * had the root, the proof that a leaf or a run of leaves is in it, and the proof that it begins with an older one.
 * Agrees with base/merkle.ts on every hash. Knows nothing of what its leaves are.
 *
 * Kept are the hashes of complete subtrees, level by level, packed: node j of level l covers leaves [j·2^l, (j+1)·2^l)
 * and never changes again. So 35,040 leaves are 70,080 hashes in all, 2.2 MB, and an append hashes one node on average.
 */
import { equalBytes } from "./bytes.ts";
import { EMPTY_ROOT, nodeHash } from "./merkle.ts";
import { assert } from "./result.ts";

const HASH_BYTES = 32;
const FIRST_HASHES = 64;
/** A quarter more each time: what is moved is less than four hashes for each one appended. */
const GROWTH = 5 / 4;

const isSize = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;

/** Where RFC 9162 splits n > 1 leaves: the largest power of two below n. */
const splitOf = (n: number): number => {
  let size = 1;
  while (size * 2 < n) size *= 2;
  return size;
};

/** Hashes side by side, and how many; its array is now and then exchanged for a longer one. */
class Packed {
  #bytes = new Uint8Array(FIRST_HASHES * HASH_BYTES);
  count = 0;
  push(hash: Uint8Array): void {
    const end = (this.count + 1) * HASH_BYTES;
    if (end > this.#bytes.length) {
      const longer = new Uint8Array(Math.ceil((this.count + 1) * GROWTH) * HASH_BYTES);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    this.#bytes.set(hash, this.count * HASH_BYTES);
    this.count += 1;
  }
  /** A copy: what is handed out does not keep or follow what is stored. */
  at(i: number): Uint8Array {
    assert(i >= 0 && i < this.count, `history tree: no node ${i} among ${this.count}`);
    return this.#bytes.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES);
  }
  get byteLength(): number {
    return this.#bytes.length;
  }
}

export class HistoryTree {
  readonly #levels: Packed[] = [new Packed()];

  /** Of leaf hashes side by side. @throws Error when they are not whole hashes: a bug of the caller. */
  static from(packed: Uint8Array): HistoryTree {
    assert(packed.length % HASH_BYTES === 0, "history tree: leaf hashes of 32 bytes each");
    const tree = new HistoryTree();
    for (let at = 0; at < packed.length; at += HASH_BYTES) tree.append(packed.subarray(at, at + HASH_BYTES));
    return tree;
  }
  get size(): number {
    return this.#level(0).count;
  }
  /** Bytes held, room to grow included. */
  get byteLength(): number {
    return this.#levels.reduce((sum, level) => sum + level.byteLength, 0);
  }
  /** @param leaf a leaf's hash (leafHash), not what it is of. */
  append(leaf: Uint8Array): void {
    assert(leaf.length === HASH_BYTES, "history tree: a leaf hash has 32 bytes");
    let hash = leaf;
    for (let level = 0; ; level++) {
      const nodes = this.#level(level);
      nodes.push(hash);
      if (nodes.count % 2 === 1) return;
      hash = nodeHash(nodes.at(nodes.count - 2), nodes.at(nodes.count - 1));
    }
  }
  leaf(index: number): Uint8Array {
    return this.#level(0).at(index);
  }
  /** Root of the first `size` leaves, of all when left out. */
  root(size: number = this.size): Uint8Array {
    this.#demand(size);
    return size === 0 ? EMPTY_ROOT : this.#subtree(0, size);
  }
  /** PATH(index, D[size]) of RFC 9162 §2.1.3.1, from the leaf upwards. @throws Error for no such leaf, as the others. */
  inclusion(index: number, size: number = this.size): Uint8Array[] {
    this.#demand(size);
    assert(isSize(index) && index < size, `history tree: no leaf ${index} among ${size}`);
    const downwards: Uint8Array[] = [];
    let [from, to] = [0, size];
    while (to - from > 1) {
      const middle = from + splitOf(to - from);
      if (index < middle) {
        downwards.push(this.#subtree(middle, to));
        to = middle;
      } else {
        downwards.push(this.#subtree(from, middle));
        from = middle;
      }
    }
    return downwards.reverse();
  }
  /** PROOF(oldSize, D[size]) of RFC 9162 §2.1.4.1; empty for 0 and for the same size. */
  consistency(oldSize: number, size: number = this.size): Uint8Array[] {
    this.#demand(size);
    assert(isSize(oldSize) && oldSize <= size, `history tree: no old tree of ${oldSize} in one of ${size}`);
    if (oldSize === 0 || oldSize === size) return [];
    const downwards: Uint8Array[] = [];
    let [from, to] = [0, size];
    while (oldSize < to) {
      const middle = from + splitOf(to - from);
      if (oldSize <= middle) {
        downwards.push(this.#subtree(middle, to));
        to = middle;
      } else {
        downwards.push(this.#subtree(from, middle));
        from = middle;
      }
    }
    if (from > 0) downwards.push(this.#subtree(from, to));
    return downwards.reverse();
  }
  /**
   * What stands beside the leaves at `places` (ascending, each once): the largest subtrees with none of them, left to
   * right. For one place the same hashes as `inclusion`, in another order; what neighbours share stands there once.
   */
  beside(places: readonly number[], size: number = this.size): Uint8Array[] {
    this.#demand(size);
    assert(arePlaces(places, size), `history tree: places ascend and lie within ${size}`);
    const proof: Uint8Array[] = [];
    walk(places, size, {
      leaf: () => [],
      outside: (from, to) => {
        proof.push(this.#subtree(from, to));
        return [];
      },
      join: () => [],
    });
    return proof;
  }
  /** The same of the run of leaves [from, to): at most two hashes a level, however long it is. */
  besideRun(from: number, to: number, size: number = this.size): Uint8Array[] {
    return this.beside(runOf(from, to), size);
  }
  #level(level: number): Packed {
    return (this.#levels[level] ??= new Packed());
  }
  #demand(size: number): void {
    assert(isSize(size) && size <= this.size, `history tree: it never had ${size} leaves, but has ${this.size}`);
  }
  /** Root of leaves [from, to), where `from` is a multiple of the smallest power of two that holds them. */
  #subtree(from: number, to: number): Uint8Array {
    let level = 0;
    let size = 1;
    while (size * 2 <= to - from) {
      size *= 2;
      level += 1;
    }
    const whole = this.#level(level).at(from / size);
    return size === to - from ? whole : nodeHash(whole, this.#subtree(from + size, to));
  }
}

const runOf = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

/** At least one, ascending, each once, all within the tree. */
const arePlaces = (places: readonly number[], size: number): boolean =>
  places.length > 0 &&
  isSize(size) &&
  places.every((p, i) => isSize(p) && p < size && (i === 0 || p > (places[i - 1] ?? p)));

type Visit<T> = {
  readonly leaf: (nth: number) => T;
  readonly outside: (from: number, to: number) => T;
  readonly join: (left: T, right: T) => T;
};
/** The tree of `size` leaves from left to right, but not into subtrees without a place. */
const walk = <T>(places: readonly number[], size: number, visit: Visit<T>): T => {
  let next = 0;
  const down = (from: number, to: number): T => {
    const place = places[next];
    if (place === undefined || place >= to) return visit.outside(from, to);
    if (to - from === 1) return visit.leaf(next++);
    const middle = from + splitOf(to - from);
    const left = down(from, middle);
    return visit.join(left, down(middle, to));
  };
  return down(0, size);
};

/**
 * Whether `leaves` stand at `places` (ascending) in the tree of `size` leaves with this root; `proof` is what
 * HistoryTree.beside gave, no more and no less. False for anything malformed; never throws.
 */
export const verifyPlaces = (
  leaves: readonly Uint8Array[],
  places: readonly number[],
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean => {
  if (leaves.length !== places.length || !arePlaces(places, size)) return false;
  if (![...leaves, ...proof].every((hash) => hash.length === HASH_BYTES)) return false;
  let used = 0;
  const top = walk<Uint8Array | null>(places, size, {
    leaf: (nth) => leaves[nth] ?? null,
    outside: () => proof[used++] ?? null,
    join: (left, right) => (left === null || right === null ? null : nodeHash(left, right)),
  });
  return top !== null && used === proof.length && equalBytes(top, root);
};

/** The same of a run: whether `leaves` are the ones from `from` on. */
export const verifyRun = (
  leaves: readonly Uint8Array[],
  from: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean =>
  isSize(from) && isSize(size) && from + leaves.length <= size
    ? verifyPlaces(leaves, runOf(from, from + leaves.length), size, proof, root)
    : false;
