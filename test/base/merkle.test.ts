/** RFC 6962 §2.1 and RFC 9162 §2.1: the public vectors, the recursive definitions as an oracle, and forgeries. */
import { sha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalBytes, fromHex, toHex } from "../../worker/base/bytes.ts";
import {
  appendToFrontier,
  consistencyProof,
  EMPTY_FRONTIER,
  EMPTY_ROOT,
  frontierRoot,
  inclusionProof,
  leafHash,
  merkleRoot,
  nodeHash,
  pathOf,
  rootOfHashes,
  verifyConsistency,
  verifyInclusion,
  type Frontier,
} from "../../worker/base/merkle.ts";
import { prefixedHash } from "../../worker/base/tree-hash.ts";
import vectors from "../vectors/merkle.json" with { type: "json" };

const MAX = 33;
const leaves = Array.from({ length: 600 }, (_, i) => leafHash(Uint8Array.of(i & 255, i >> 8)));
const root = (n: number): Uint8Array => rootOfHashes(leaves.slice(0, n));
const leaf = (i: number): Uint8Array => leaves[i] ?? new Uint8Array();

/** MTH as RFC 6962 words it: split at the largest power of two below n. */
const mth = (hashes: readonly Uint8Array[]): Uint8Array => {
  const [first] = hashes;
  if (first === undefined) return sha256(new Uint8Array());
  if (hashes.length === 1) return first;
  let k = 1;
  while (2 * k < hashes.length) k *= 2;
  return nodeHash(mth(hashes.slice(0, k)), mth(hashes.slice(k)));
};

const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice();
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
};

describe("RFC 6962 vectors of Certificate Transparency", () => {
  const data = vectors.leaves.map(fromHex);
  const hashes = data.map(leafHash);

  it.each(vectors.roots.map((expected, size) => ({ size, expected })))(
    "the root of the first $size leaves",
    ({ size, expected }) => {
      expect(toHex(merkleRoot(data.slice(0, size)))).toBe(expected);
    },
  );

  it.each(vectors.inclusion)("the path of leaf $index in a tree of $size", ({ index, size, proof }) => {
    const made = inclusionProof(hashes.slice(0, size), index);
    expect(made.map((h) => toHex(h))).toEqual(proof);
    const expected = rootOfHashes(hashes.slice(0, size));
    expect(verifyInclusion(leafHash(data[index] ?? new Uint8Array()), index, size, made, expected)).toBe(true);
  });

  it.each(vectors.consistency)("the proof that a tree of $size begins with $oldSize", ({ oldSize, size, proof }) => {
    const made = consistencyProof(hashes.slice(0, size), oldSize);
    expect(made.map((h) => toHex(h))).toEqual(proof);
    const roots = [oldSize, size].map((n) => rootOfHashes(hashes.slice(0, n)));
    expect(verifyConsistency(oldSize, size, roots[0] ?? EMPTY_ROOT, roots[1] ?? EMPTY_ROOT, made)).toBe(true);
  });
});

describe("the hash of a tree", () => {
  it("is SHA-256 of prefix and body for every length around the block bounds", () => {
    for (let n = 0; n < 300; n++) {
      const body = Uint8Array.from({ length: n }, (_, i) => (i * 7 + n) & 255);
      const cut = n >> 1;
      const expected = sha256(Uint8Array.of(n & 255, ...body));
      expect(equalBytes(prefixedHash(n, body.subarray(0, cut), body.subarray(cut)), expected), `length ${n}`).toBe(
        true,
      );
    }
  });

  it("is SHA-256 for bodies of any content, long ones too, whatever was hashed before", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), fc.uint8Array({ maxLength: 70 }), (a, b) => {
        expect(toHex(prefixedHash(1, a, b))).toBe(toHex(sha256(Uint8Array.of(1, ...a, ...b))));
      }),
    );
  });

  it("tells a leaf from a node of the same bytes", () => {
    const [a, b] = [leaf(0), leaf(1)];
    expect(equalBytes(leafHash(Uint8Array.of(...a, ...b)), nodeHash(a, b))).toBe(false);
  });

  it("level by level is the recursive split of the RFC, for every size to 600", () => {
    for (let n = 0; n <= leaves.length; n++) expect(equalBytes(root(n), mth(leaves.slice(0, n))), `${n}`).toBe(true);
  });

  it("is reached by appending leaf by leaf, and appending leaves the older frontier as it was", () => {
    let frontier: Frontier = EMPTY_FRONTIER;
    const kept: Frontier[] = [];
    for (let n = 0; n <= leaves.length; n++) {
      kept.push(frontier);
      frontier = appendToFrontier(frontier, leaf(n));
    }
    kept.forEach((f, n) => {
      expect(f.size).toBe(n);
      expect(equalBytes(frontierRoot(f), root(n)), `${n}`).toBe(true);
      expect(f.peaks.length).toBe(n.toString(2).replaceAll("0", "").length);
    });
  });
});

describe("inclusion proofs", () => {
  it("hold for every leaf of every tree up to 33, and are as long as the RFC bounds them", () => {
    for (let size = 1; size <= MAX; size++)
      for (let i = 0; i < size; i++) {
        const proof = inclusionProof(leaves.slice(0, size), i);
        expect(verifyInclusion(leaf(i), i, size, proof, root(size)), `${i} of ${size}`).toBe(true);
        expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
      }
  });

  it("are refused with any bit flipped, any hash missing or added, and at another place", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 600 }), fc.nat(), fc.nat(), fc.nat(255), (size, a, b, bit) => {
        const index = a % size;
        const proof = inclusionProof(leaves.slice(0, size), index);
        const check = (h: Uint8Array, i: number, p: readonly Uint8Array[], r: Uint8Array): boolean =>
          verifyInclusion(h, i, size, p, r);
        expect(check(leaf(index), index, proof, root(size))).toBe(true);
        const changed = proof.map((h, i) => (i === b % proof.length ? flipped(h, bit) : h));
        expect(check(leaf(index), index, changed, root(size))).toBe(false);
        expect(check(flipped(leaf(index), bit), index, proof, root(size))).toBe(false);
        expect(check(leaf(index), index, proof, flipped(root(size), bit))).toBe(false);
        expect(check(leaf(index), index, proof.slice(1), root(size))).toBe(false);
        expect(check(leaf(index), index, [...proof, leaf(b % 600)], root(size))).toBe(false);
        const other = (index + 1 + (b % (size - 1))) % size;
        expect(check(leaf(index), other, proof, root(size))).toBe(false);
      }),
    );
  });

  it.each([
    [-1, 8],
    [8, 8],
    [0, 0],
    [1.5, 8],
    [Number.NaN, 8],
    [0, Number.POSITIVE_INFINITY],
    [0, 2 ** 53],
  ])("place %d of %d is refused, not thrown", (index, size) => {
    expect(verifyInclusion(leaf(0), index, size, [], leaf(0))).toBe(false);
    expect(pathOf(index, size, [])).toEqual([]);
  });

  it("of a size beyond 32 bits are checked, not misread", () => {
    const size = 2 ** 40 + 1;
    // The last leaf of 2^40 + 1 hangs beside one complete tree: its path is that tree's root alone.
    expect(verifyInclusion(leaf(1), 2 ** 40, size, [leaf(0)], nodeHash(leaf(0), leaf(1)))).toBe(true);
    expect(verifyInclusion(leaf(1), 0, size, [leaf(0)], nodeHash(leaf(0), leaf(1)))).toBe(false);
  });

  it("refuse hashes that are not 32 bytes", () => {
    expect(verifyInclusion(leaf(0), 0, 2, [new Uint8Array(31)], nodeHash(leaf(0), new Uint8Array(31)))).toBe(false);
    expect(verifyInclusion(new Uint8Array(), 0, 1, [], new Uint8Array())).toBe(false);
  });

  it("fold up to the root along the path that is drawn", () => {
    for (const size of [1, 2, 7, 33, 600])
      for (const index of [0, size >> 1, size - 1]) {
        const path = pathOf(index, size, inclusionProof(leaves.slice(0, size), index));
        const folded = path.reduce(
          (hash, step) => (step.side === "left" ? nodeHash(step.hash, hash) : nodeHash(hash, step.hash)),
          leaf(index),
        );
        expect(equalBytes(folded, root(size)), `${index} of ${size}`).toBe(true);
      }
  });

  it("of a leaf that is not there are a bug of the caller", () => {
    expect(() => inclusionProof(leaves.slice(0, 3), 3)).toThrow();
    expect(() => inclusionProof([], 0)).toThrow();
  });
});

describe("consistency proofs", () => {
  it("hold between every two trees up to 33", () => {
    for (let size = 0; size <= MAX; size++)
      for (let old = 0; old <= size; old++) {
        const proof = consistencyProof(leaves.slice(0, size), old);
        expect(verifyConsistency(old, size, root(old), root(size), proof), `${old} in ${size}`).toBe(true);
      }
  });

  it("hold for random larger trees, and no bit, hash or size of them can be changed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 600 }), fc.nat(), fc.nat(), fc.nat(255), (size, a, b, bit) => {
        const old = 1 + (a % (size - 1));
        const proof = consistencyProof(leaves.slice(0, size), old);
        const check = (o: number, p: readonly Uint8Array[], from = root(old), to = root(size)): boolean =>
          verifyConsistency(o, size, from, to, p);
        expect(check(old, proof)).toBe(true);
        expect(
          check(
            old,
            proof.map((h, i) => (i === b % proof.length ? flipped(h, bit) : h)),
          ),
        ).toBe(false);
        expect(check(old, proof, flipped(root(old), bit))).toBe(false);
        expect(check(old, proof, root(old), flipped(root(size), bit))).toBe(false);
        expect(check(old, proof.slice(0, -1))).toBe(false);
        expect(check(old, proof.slice(1))).toBe(false);
        expect(check(old, [...proof, leaf(b % 600)])).toBe(false);
        expect(verifyConsistency(size, old, root(size), root(old), proof)).toBe(false);
      }),
    );
  });

  it("show that a rewritten history is another one", () => {
    const rewritten = leaves.slice(0, 20).map((h, i) => (i === 3 ? leafHash(h) : h));
    for (let old = 4; old < 20; old++)
      expect(verifyConsistency(old, 20, root(old), rootOfHashes(rewritten), consistencyProof(rewritten, old))).toBe(
        false,
      );
  });

  it("from nothing, or to itself, are empty, and still bind the roots", () => {
    expect(verifyConsistency(0, 5, EMPTY_ROOT, root(5), [])).toBe(true);
    expect(verifyConsistency(0, 5, root(1), root(5), [])).toBe(false);
    expect(verifyConsistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])).toBe(true);
    expect(verifyConsistency(0, 0, root(1), root(1), [])).toBe(false);
    expect(verifyConsistency(5, 5, root(5), root(5), [])).toBe(true);
    expect(verifyConsistency(5, 5, root(5), root(4), [])).toBe(false);
    expect(verifyConsistency(5, 5, root(5), root(5), [leaf(0)])).toBe(false);
    expect(verifyConsistency(0, 5, EMPTY_ROOT, root(5), [leaf(0)])).toBe(false);
  });

  it.each([
    [-1, 5],
    [1.5, 5],
    [Number.NaN, 5],
    [1, Number.NaN],
    [1, Number.POSITIVE_INFINITY],
  ])("from %d to %d are refused, not thrown", (old, size) => {
    expect(verifyConsistency(old, size, root(1), root(5), [leaf(1)])).toBe(false);
  });

  it("of an old tree larger than the new are a bug of the caller", () => {
    expect(() => consistencyProof(leaves.slice(0, 3), 4)).toThrow();
    expect(() => consistencyProof(leaves.slice(0, 3), -1)).toThrow();
  });
});
