/** Two sums out of a book row without decoding it: the same as the row decoded, on every row; damaged rows are refused. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encode } from "../../worker/base/codec.ts";
import { BookTotals, bookSums, roofIn } from "../../worker/ledger/book-sums.ts";
import { codecOf, type BookRow } from "../../worker/ledger/rows.ts";

const amount = fc.integer({ min: 0, max: 9_000_000_000_000 });
const index = fc.integer({ min: 0, max: 200 });
const rows = fc.record({
  generated: fc.array(fc.record({ generator: index, mwh: amount, at: fc.maxSafeNat(), estimated: fc.boolean() })),
  shares: fc.array(fc.record({ member: index, mwh: amount })),
}) as unknown as fc.Arbitrary<BookRow>;
const sum = (parts: readonly { readonly mwh: number }[]): number => parts.reduce((all, { mwh }) => all + mwh, 0);

describe("a book row's sums", () => {
  test("are those of the row decoded, for any member and for nobody", () => {
    fc.assert(
      fc.property(rows, fc.option(index), (row, member) => {
        expect(bookSums(encode(codecOf("book"), row), member)).toEqual({
          generatedMwh: sum(row.generated),
          shareMwh: sum(row.shares.filter((share) => share.member === member)),
        });
      }),
    );
  });
  test("of many rows are those of each roof and member in all of them, each row's own besides", () => {
    fc.assert(
      fc.property(fc.array(rows, { maxLength: 6 }), (all) => {
        const totals = new BookTotals();
        for (const row of all) {
          const own = totals.add(encode(codecOf("book"), row));
          expect(own).toEqual({ generatedMwh: sum(row.generated), creditedMwh: sum(row.shares) });
        }
        const [generated, shares] = [all.flatMap((row) => row.generated), all.flatMap((row) => row.shares)];
        for (const [generator, total] of totals.roofs) {
          const own = generated.filter((one) => one.generator === generator);
          const estimatedSteps = own.filter((one) => one.estimated).length;
          expect(total).toEqual({ mwh: sum(own), steps: own.length, estimatedSteps });
        }
        for (const [member, mwh] of totals.members)
          expect(mwh).toBe(sum(shares.filter((share) => share.member === member)));
        for (const row of all)
          for (const { generator } of generated) {
            const own = row.generated.filter((one) => one.generator === generator);
            expect(roofIn(encode(codecOf("book"), row), generator)).toEqual(
              own.length === 0 ? null : { mwh: sum(own), estimated: own.some((one) => one.estimated) },
            );
          }
        expect(totals.roofs.size).toBe(new Set(generated.map((one) => one.generator)).size);
        expect(totals.members.size).toBe(new Set(shares.map((one) => one.member)).size);
      }),
    );
  });
  test("of a row that is cut off or goes on are none", () => {
    fc.assert(
      fc.property(rows, fc.nat(), (row, cut) => {
        const raw = encode(codecOf("book"), row);
        expect(() => bookSums(raw.subarray(0, cut % raw.length), 0)).toThrow(/whole/);
        expect(() => bookSums(Uint8Array.of(...raw, 0), 0)).toThrow(/whole/);
        expect(() => new BookTotals().add(raw.subarray(0, cut % raw.length))).toThrow(/whole/);
        expect(() => new BookTotals().add(Uint8Array.of(...raw, 0))).toThrow(/whole/);
      }),
    );
  });
});
