/** The growing tree of RFC 9162: the public vectors, agreement with base/merkle.ts on every hash, and forgeries. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, fromHex, toHex } from "../../worker/base/bytes.ts";
import { HistoryTree, verifyPlaces, verifyRun } from "../../worker/base/history-tree.ts";
import {
  consistencyProof,
  EMPTY_ROOT,
  inclusionProof,
  leafHash,
  rootOfHashes,
  verifyConsistency,
  verifyInclusion,
} from "../../worker/base/merkle.ts";
import vectors from "../vectors/merkle.json" with { type: "json" };

const MAX = 700;
const leaves = Array.from({ length: MAX }, (_, i) => leafHash(Uint8Array.of(i & 255, i >> 8)));
const full = HistoryTree.from(concatBytes(...leaves));
const root = (n: number): Uint8Array => rootOfHashes(leaves.slice(0, n));
const hexes = (hashes: readonly Uint8Array[]): string[] => hashes.map((h) => toHex(h));
const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice();
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
};

describe("RFC 6962 vectors of Certificate Transparency", () => {
  const tree = new HistoryTree();
  for (const data of vectors.leaves) tree.append(leafHash(fromHex(data)));

  it.each(vectors.roots.map((expected, size) => ({ size, expected })))(
    "the root of the first $size leaves",
    ({ size, expected }) => {
      expect(toHex(tree.root(size))).toBe(expected);
    },
  );
  it.each(vectors.inclusion)("the path of leaf $index in a tree of $size", ({ index, size, proof }) => {
    expect(hexes(tree.inclusion(index, size))).toEqual(proof);
  });
  it.each(vectors.consistency)("the proof that a tree of $size begins with $oldSize", ({ oldSize, size, proof }) => {
    expect(hexes(tree.consistency(oldSize, size))).toEqual(proof);
  });
});

describe("a tree that grows", () => {
  it("has at every size, and for every size before, the root that building it anew has", () => {
    const tree = new HistoryTree();
    for (let n = 0; n <= 130; n++) {
      expect(tree.size).toBe(n);
      for (let past = 0; past <= n; past++) expect(toHex(tree.root(past))).toBe(toHex(root(past)));
      tree.append(leaves[n] ?? new Uint8Array());
    }
  });

  it("is the same from packed leaf hashes, and hands out copies", () => {
    const packed = concatBytes(...leaves);
    const tree = HistoryTree.from(packed);
    packed.fill(0);
    tree.leaf(3).fill(0);
    tree.root().fill(0);
    expect(toHex(tree.root())).toBe(toHex(root(MAX)));
    expect(() => HistoryTree.from(new Uint8Array(33))).toThrow();
    expect(() => tree.append(new Uint8Array(31))).toThrow();
  });

  it("of a year of quarter-hours holds less than 3 MB", () => {
    const tree = new HistoryTree();
    for (let i = 0; i < 35_040; i++) tree.append(leaves[i % MAX] ?? new Uint8Array());
    expect(tree.byteLength).toBeLessThan(3_000_000);
    expect(tree.size).toBe(35_040);
  });

  it("proves what base/merkle.ts proves, at every size it ever had", () => {
    const sizes = fc.integer({ min: 1, max: MAX });
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), (size, a, b) => {
        const index = a % size;
        const old = b % (size + 1);
        const past = leaves.slice(0, size);
        const path = full.inclusion(index, size);
        expect(hexes(path)).toEqual(hexes(inclusionProof(past, index)));
        expect(verifyInclusion(leaves[index] ?? EMPTY_ROOT, index, size, path, root(size))).toBe(true);
        const proof = full.consistency(old, size);
        expect(hexes(proof)).toEqual(hexes(consistencyProof(past, old)));
        expect(verifyConsistency(old, size, root(old), root(size), proof)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it("of sizes and leaves that it never had is a bug of the caller", () => {
    const tree = HistoryTree.from(concatBytes(...leaves.slice(0, 5)));
    for (const size of [-1, 6, 1.5, Number.NaN, 2 ** 53]) {
      expect(() => tree.root(size)).toThrow();
      expect(() => tree.inclusion(0, size)).toThrow();
      expect(() => tree.consistency(0, size)).toThrow();
      expect(() => tree.beside([0], size)).toThrow();
    }
    for (const place of [-1, 5, 0.5]) {
      expect(() => tree.inclusion(place)).toThrow();
      expect(() => tree.beside([place])).toThrow();
    }
    expect(() => tree.consistency(6)).toThrow();
    expect(() => tree.inclusion(0, 0)).toThrow();
    for (const places of [[], [1, 1], [2, 1]]) expect(() => tree.beside(places)).toThrow();
  });
});

describe("several leaves at once", () => {
  const some = fc
    .tuple(fc.integer({ min: 1, max: MAX }), fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 40 }))
    .map(([size, picks]) => ({
      size,
      places: [...new Set(picks.map((p) => p % size))].sort((a, b) => a - b),
    }));
  const at = (places: readonly number[]): Uint8Array[] => places.map((p) => leaves[p] ?? EMPTY_ROOT);

  it("are proven with fewer hashes than one by one, and of one leaf with as many", () => {
    fc.assert(
      fc.property(some, ({ size, places }) => {
        const proof = full.beside(places, size);
        expect(verifyPlaces(at(places), places, size, proof, root(size))).toBe(true);
        const single = places.reduce((sum, p) => sum + full.inclusion(p, size).length, 0);
        expect(proof.length).toBeLessThanOrEqual(single);
        expect(full.beside(places.slice(0, 1), size).length).toBe(full.inclusion(places[0] ?? 0, size).length);
      }),
    );
  });

  it("in a run have at most two hashes a level beside them", () => {
    for (let size = 1; size <= 40; size++)
      for (let from = 0; from < size; from++)
        for (let to = from + 1; to <= size; to++) {
          const proof = full.besideRun(from, to, size);
          expect(verifyRun(leaves.slice(from, to), from, size, proof, root(size)), `${from}..${to} of ${size}`).toBe(
            true,
          );
          expect(proof.length).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(size)));
        }
  });

  it("are refused with a bit changed, a hash more or less, at other places, in a tree of another shape", () => {
    fc.assert(
      fc.property(some, fc.nat(), fc.nat(255), ({ size, places }, pick, bit) => {
        const proof = full.beside(places, size);
        const own = at(places);
        const nth = pick % own.length;
        const holds = (l: readonly Uint8Array[], p: readonly number[], h: readonly Uint8Array[], r = root(size)) =>
          verifyPlaces(l, p, size, h, r);
        expect(
          holds(
            own.map((h, i) => (i === nth ? flipped(h, bit) : h)),
            places,
            proof,
          ),
        ).toBe(false);
        const other = proof.map((h, i) => (i === pick % proof.length ? flipped(h, bit) : h));
        expect(proof.length > 0 && holds(own, places, other)).toBe(false);
        expect(holds(own, places, [...proof, EMPTY_ROOT])).toBe(false);
        expect(holds(own, places, proof.slice(1)) && proof.length > 0).toBe(false);
        expect(holds(own, places, proof, flipped(root(size), bit))).toBe(false);
        const free = Array.from({ length: size }, (_, i) => i).find((i) => !places.includes(i));
        const moved = [...places.filter((_, i) => i !== nth), free ?? -1].sort((x, y) => x - y);
        expect(holds(own, moved, proof)).toBe(false);
      }),
    );
  });

  it.each([
    [[], 0],
    [[], 4],
    [[0], 0],
    [[4], 4],
    [[-1], 4],
    [[0.5], 4],
    [[1, 1], 4],
    [[1, 0], 4],
    [[0], Number.NaN],
    [[0], Number.POSITIVE_INFINITY],
    [[0], 2 ** 53],
    [[0], -1],
  ])("places %j of %d are refused, not thrown", (places, size) => {
    expect(verifyPlaces(at(places), places, size, [], root(1))).toBe(false);
    expect(verifyRun(at(places), places[0] ?? 0, size, [], root(1)) && size !== 1).toBe(false);
  });

  it("hashes that are not 32 bytes and a run beyond the end are refused, a tree of one leaf is itself", () => {
    const [leaf = EMPTY_ROOT] = leaves;
    expect(verifyPlaces([leaf], [0], 1, [], leaf)).toBe(true);
    expect(verifyPlaces([leaf.slice(1)], [0], 1, [], leaf.slice(1))).toBe(false);
    expect(verifyPlaces([leaf], [0], 2, [leaf.slice(1)], root(2))).toBe(false);
    expect(verifyPlaces([leaf, leaf], [0], 2, [], root(2))).toBe(false);
    expect(verifyRun(leaves.slice(0, 3), 2, 4, [], root(4))).toBe(false);
    expect(verifyRun([], 0, 4, [root(4)], root(4))).toBe(false);
  });

  it("in a tree far beyond 32 bits are found at once", () => {
    const [a = EMPTY_ROOT, b = EMPTY_ROOT] = leaves;
    const size = 2 ** 40 + 1;
    const top = rootOfHashes([a, b]);
    expect(verifyPlaces([b], [2 ** 40], size, [a], top)).toBe(true);
    expect(verifyPlaces([b], [2 ** 39], size, [a], top)).toBe(false);
  });
});
