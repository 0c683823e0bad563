/**
 * Merkle trees with the hashing of RFC 6962 §2.1 and RFC 9162 §2.1 (PROTOCOL.md §3): SHA-256, leaf prefix 0x00,
 * node prefix 0x01, no tag, so that the public test vectors hold. Inclusion and consistency proofs, and a frontier
 * that grows leaf by leaf. Knows nothing of what its leaves mean.
 *
 * A tree is built level by level: neighbours are hashed in pairs and a last odd node is carried up unchanged. That
 * gives the same tree as RFC 6962's recursive split at the largest power of two, in linear time and no recursion.
 * Sizes are safe integers: halved by division, never by 32-bit shifts.
 */
import { equalBytes } from "./bytes.ts";
import { sha256 } from "./hash.ts";
import { assert } from "./result.ts";
import { prefixedHash } from "./tree-hash.ts";

const HASH_BYTES = 32;
const NO_BYTES = new Uint8Array(0);

/** MTH({}): the hash of an empty tree. */
export const EMPTY_ROOT: Uint8Array = sha256(NO_BYTES);

/** MTH({d}) = SHA-256(0x00 ‖ d), 32 bytes. */
export const leafHash = (data: Uint8Array): Uint8Array => prefixedHash(0, data, NO_BYTES);

/** SHA-256(0x01 ‖ left ‖ right), 32 bytes. */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => prefixedHash(1, left, right);

const half = (n: number): number => Math.floor(n / 2);
const isOdd = (n: number): boolean => n % 2 === 1;

/** The level above: half as many nodes, the last one carried up unchanged when it has no neighbour. */
const levelAbove = (level: readonly Uint8Array[]): Uint8Array[] => {
  const above: Uint8Array[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const left = level[i];
    const right = level[i + 1];
    assert(left !== undefined, "merkle: a level has no holes");
    above.push(right === undefined ? left : nodeHash(left, right));
  }
  return above;
};

const at = (level: readonly Uint8Array[], i: number): Uint8Array => {
  const node = level[i];
  assert(node !== undefined, `merkle: no node ${i} among ${level.length}`);
  return node;
};

/** Root of a tree given the hashes of its leaves, EMPTY_ROOT when there are none. */
export const rootOfHashes = (leafHashes: readonly Uint8Array[]): Uint8Array => {
  if (leafHashes.length === 0) return EMPTY_ROOT;
  let level = leafHashes;
  while (level.length > 1) level = levelAbove(level);
  return at(level, 0);
};

/** Root of a tree given its leaves. */
export const merkleRoot = (leaves: readonly Uint8Array[]): Uint8Array => rootOfHashes(leaves.map(leafHash));

/**
 * PATH(index, D) of RFC 9162 §2.1.3.1, from the leaf upwards.
 * @throws Error when there is no leaf `index`: a bug of the caller.
 */
export const inclusionProof = (leafHashes: readonly Uint8Array[], index: number): Uint8Array[] => {
  at(leafHashes, index);
  const proof: Uint8Array[] = [];
  let level = leafHashes;
  for (let i = index; level.length > 1; i = half(i)) {
    const sibling = level[isOdd(i) ? i - 1 : i + 1];
    if (sibling !== undefined) proof.push(sibling);
    level = levelAbove(level);
  }
  return proof;
};

/** One step of a proof on the way up: the hash to join, and the side on which it stands. */
export type PathStep = { readonly side: "left" | "right"; readonly hash: Uint8Array };

/** On which side each hash of an inclusion proof stands, or null where the count does not fit the place. */
const sidesOf = (index: number, size: number): ("left" | "right")[] => {
  const sides: ("left" | "right")[] = [];
  let i = index;
  for (let last = size - 1; last > 0; last = half(last)) {
    if (isOdd(i)) sides.push("left");
    else if (i < last) sides.push("right");
    i = half(i);
  }
  return sides;
};

const isPlace = (index: number, size: number): boolean =>
  Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size;

const areHashes = (hashes: readonly Uint8Array[]): boolean => hashes.every((h) => h.length === HASH_BYTES);

/** The proof with its sides, to be drawn or folded; empty when the proof cannot belong to this place. */
export const pathOf = (leafIndex: number, size: number, proof: readonly Uint8Array[]): PathStep[] => {
  if (!isPlace(leafIndex, size)) return [];
  const sides = sidesOf(leafIndex, size);
  if (sides.length !== proof.length) return [];
  return sides.map((side, i) => ({ side, hash: at(proof, i) }));
};

/** RFC 9162 §2.1.3.2. False for anything malformed; never throws. */
export const verifyInclusion = (
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean => {
  if (!isPlace(index, size) || leaf.length !== HASH_BYTES || !areHashes(proof)) return false;
  const sides = sidesOf(index, size);
  if (sides.length !== proof.length) return false;
  let hash = leaf;
  sides.forEach((side, i) => {
    hash = side === "left" ? nodeHash(at(proof, i), hash) : nodeHash(hash, at(proof, i));
  });
  return equalBytes(hash, root);
};

/** Largest power of two below n, n > 1: where RFC 6962 splits a tree of n leaves; with its level. */
const splitOf = (n: number): { readonly size: number; readonly level: number } => {
  let size = 1;
  let level = 0;
  while (size * 2 < n) {
    size *= 2;
    level += 1;
  }
  return { size, level };
};

/**
 * PROOF(oldSize, D) of RFC 9162 §2.1.4.1: what shows that the tree of `leafHashes` begins with the tree of its first
 * `oldSize` leaves. Empty for oldSize 0 (nothing to show) and for oldSize = size (the roots are equal).
 * @throws Error when oldSize is not within the tree: a bug of the caller.
 */
export const consistencyProof = (leafHashes: readonly Uint8Array[], oldSize: number): Uint8Array[] => {
  const size = leafHashes.length;
  assert(Number.isSafeInteger(oldSize) && oldSize >= 0 && oldSize <= size, `merkle: no old tree of ${oldSize}`);
  if (oldSize === 0 || oldSize === size) return [];
  const levels: (readonly Uint8Array[])[] = [leafHashes];
  for (let top = leafHashes; top.length > 1;) levels.push((top = levelAbove(top)));
  // Node j of level l covers leaves [j·2^l, min((j+1)·2^l, size)), so every subtree on the way down is in the table.
  const subtree = (from: number, level: number): Uint8Array => at(levels[level] ?? [], from / 2 ** level);
  const downwards: Uint8Array[] = [];
  let from = 0;
  let to = size;
  while (oldSize < to) {
    const split = splitOf(to - from);
    const middle = from + split.size;
    if (oldSize <= middle) {
      downwards.push(subtree(middle, split.level));
      to = middle;
    } else {
      downwards.push(subtree(from, split.level));
      from = middle;
    }
  }
  // The verifier knows the old root; only a subtree that is not the whole old tree must be given to it.
  if (from > 0) downwards.push(subtree(from, to - from === 1 ? 0 : splitOf(to - from).level + 1));
  return downwards.reverse();
};

/**
 * RFC 9162 §2.1.4.2. An old tree of 0 leaves is consistent with any tree (its root must be EMPTY_ROOT); equal sizes
 * must have equal roots; both take an empty proof. False for anything malformed; never throws.
 */
export const verifyConsistency = (
  oldSize: number,
  newSize: number,
  oldRoot: Uint8Array,
  newRoot: Uint8Array,
  proof: readonly Uint8Array[],
): boolean => {
  if (!Number.isSafeInteger(oldSize) || !Number.isSafeInteger(newSize)) return false;
  if (oldSize < 0 || newSize < oldSize || !areHashes(proof) || newRoot.length !== HASH_BYTES) return false;
  if (oldSize === newSize) return proof.length === 0 && equalBytes(oldRoot, newRoot) && rootFits(oldSize, oldRoot);
  if (oldSize === 0) return proof.length === 0 && rootFits(oldSize, oldRoot);
  let node = oldSize - 1;
  let last = newSize - 1;
  while (isOdd(node)) {
    node = half(node);
    last = half(last);
  }
  // An old tree that is one complete subtree is where the climb begins; otherwise the proof's first hash is.
  const climb = node === 0 ? [oldRoot, ...proof] : proof;
  const start = climb[0];
  if (start === undefined) return false;
  let oldHash = start;
  let newHash = start;
  for (const hash of climb.slice(1)) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      oldHash = nodeHash(hash, oldHash);
      newHash = nodeHash(hash, newHash);
      while (!isOdd(node) && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      newHash = nodeHash(newHash, hash);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equalBytes(oldHash, oldRoot) && equalBytes(newHash, newRoot);
};

const rootFits = (size: number, root: Uint8Array): boolean =>
  size === 0 ? equalBytes(root, EMPTY_ROOT) : root.length === HASH_BYTES;

/**
 * What is needed to append to a tree without its leaves: the roots of the complete subtrees that its size is made of,
 * largest first (one for each 1 in the size's binary form).
 */
export type Frontier = { readonly size: number; readonly peaks: readonly Uint8Array[] };

export const EMPTY_FRONTIER: Frontier = { size: 0, peaks: [] };

/** The frontier with one leaf more; `frontier` is left as it was. At most log2(size) hashes. */
export const appendToFrontier = (frontier: Frontier, leaf: Uint8Array): Frontier => {
  const peaks = [...frontier.peaks];
  let hash = leaf;
  for (let n = frontier.size; isOdd(n); n = half(n)) {
    const left = peaks.pop();
    assert(left !== undefined, "merkle: the frontier's peaks do not fit its size");
    hash = nodeHash(left, hash);
  }
  peaks.push(hash);
  return { size: frontier.size + 1, peaks };
};

/** Root of the tree behind the frontier: equal to rootOfHashes of all its leaves. */
export const frontierRoot = (frontier: Frontier): Uint8Array =>
  frontier.peaks.length === 0 ? EMPTY_ROOT : frontier.peaks.reduceRight((right, left) => nodeHash(left, right));
