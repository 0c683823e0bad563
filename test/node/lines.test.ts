/** The main chain in lines of a few bytes is the list that it stands for. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MemberIndex } from "../../worker/base/units.ts";
import { concatBytes, fromHex } from "../../worker/base/bytes.ts";
import { taggedHex } from "../../worker/base/hash.ts";
import { Lines, type Summary } from "../../worker/node/lines.ts";

const lineOf = (height: number, branch: number): Summary => ({
  hash: taggedHex("line", Uint8Array.of(height & 255, height >> 8, branch)),
  step: height * 2 + branch,
  height,
  miner: (height % 7) as MemberIndex,
  rank: branch,
  transactions: height * 3,
  generatedMwh: 2 ** 40 + height,
  approvals: 3,
  confirmations: branch,
  voters: 5,
});

describe("lines", () => {
  it("law: put and cut in any order, they hold what a list would", () => {
    const change = fc.oneof(
      fc.record({ kind: fc.constant("put" as const), branch: fc.nat({ max: 3 }), count: fc.nat({ max: 90 }) }),
      fc.record({ kind: fc.constant("cut" as const), back: fc.nat({ max: 60 }) }),
    );
    fc.assert(
      fc.property(fc.nat({ max: 500 }), fc.array(change, { maxLength: 12 }), (first, changes) => {
        const lines = new Lines([lineOf(first, 0)]);
        let list = [lineOf(first, 0)];
        const seen = [...list];
        for (const one of changes) {
          if (one.kind === "cut") {
            const height = Math.max(first + 1, lines.length - one.back);
            lines.cut(height);
            list = list.filter((l) => l.height < height);
          } else
            for (let i = 0; i < one.count; i++) {
              const line = lineOf(lines.length, one.branch);
              lines.put(line);
              list.push(line);
              seen.push(line);
            }
        }
        expect(lines.map((line) => line)).toEqual(list);
        expect(lines.length).toBe(first + list.length);
        const heights = new Map(list.map((l) => [l.hash, l.height]));
        for (const { hash } of seen) expect(lines.heightOf(hash)).toBe(heights.get(hash));
        expect(lines.get(first - 1)).toBeUndefined();
        expect(lines.newest(5)).toEqual(list.filter((l) => l.height > 0).slice(-5));
      }),
      { numRuns: 60 },
    );
  });

  it("finds the heights of blocks below the first line once their hashes are known", () => {
    const lines = new Lines([lineOf(300, 0)]);
    const below = Array.from({ length: 300 }, (_, height) => lineOf(height, 0).hash);
    expect(lines.heightOf(below[7] ?? ("" as never))).toBeUndefined();
    lines.know(concatBytes(...below.map((hash) => fromHex(hash))));
    expect(below.map((hash) => lines.heightOf(hash))).toEqual(below.map((_, height) => height));
    expect(lines.heightOf(lineOf(7, 1).hash)).toBeUndefined();
    expect(lines.heightOf(lineOf(300, 0).hash)).toBe(300);
  });
});
