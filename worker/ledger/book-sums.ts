/**
 * What one member reads out of a step's book row, without decoding the row: a year of a hundred members is 35,040 rows
 * with a hundred shares each, and a screen wants two sums of each. The format is codecOf("book")'s (rows.ts); a test holds
 * this to it on every row.
 */
import { assert } from "../base/result.ts";

export type BookSums = { readonly generatedMwh: number; readonly shareMwh: number };

/** Reads LEB128 numbers one after another. */
class Numbers {
  readonly #raw: Uint8Array;
  #at = 0;
  constructor(raw: Uint8Array) {
    this.#raw = raw;
  }
  get isAtEnd(): boolean {
    return this.#at === this.#raw.length;
  }
  next(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#raw[this.#at++];
      assert(byte !== undefined, "the book's row is whole");
      if (byte < 128) return value + byte * scale;
      value += (byte - 128) * scale;
      scale *= 128;
    }
  }
}

/** @param member whose share is summed; null for nobody's. @throws when the row is damaged. */
export const bookSums = (raw: Uint8Array, member: number | null): BookSums => {
  const numbers = new Numbers(raw);
  let generatedMwh = 0;
  let shareMwh = 0;
  for (let left = numbers.next(); left > 0; left--) {
    numbers.next();
    generatedMwh += numbers.next();
    numbers.next();
    numbers.next();
  }
  for (let left = numbers.next(); left > 0; left--) {
    const of = numbers.next();
    const mwh = numbers.next();
    if (of === member) shareMwh += mwh;
  }
  assert(numbers.isAtEnd, "the book's row is whole");
  return { generatedMwh, shareMwh };
};
