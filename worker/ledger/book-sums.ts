/**
 * Sums out of the book's rows, without decoding them: a year of a hundred members is 35,040 rows with a hundred shares
 * each, and a screen wants two sums of each; a month of a thousand members is three million shares. The format is codecOf("book")'s (rows.ts); a test holds
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

/** What a row says of one roof; null where it says nothing. @throws when the row is damaged. */
export const roofIn = (
  raw: Uint8Array,
  generator: number,
): { readonly mwh: number; readonly estimated: boolean } | null => {
  const numbers = new Numbers(raw);
  let [mwh, isFound, estimated] = [0, false, false];
  for (let left = numbers.next(); left > 0; left--) {
    const isOwn = numbers.next() === generator;
    const own = numbers.next();
    numbers.next();
    const isEstimated = numbers.next() === 1;
    if (!isOwn) continue;
    mwh += own;
    isFound = true;
    estimated ||= isEstimated;
  }
  return isFound ? { mwh, estimated } : null;
};

export type RoofTotal = { readonly mwh: number; readonly steps: number; readonly estimatedSteps: number };

/** What each roof made and each member was credited, over as many rows as are added. */
export class BookTotals {
  readonly roofs = new Map<number, RoofTotal>();
  readonly members = new Map<number, number>();
  /** @returns the row's own sums. @throws when it is damaged; then the totals are of no use any more. */
  add(raw: Uint8Array): { readonly generatedMwh: number; readonly creditedMwh: number } {
    const numbers = new Numbers(raw);
    let [generatedMwh, creditedMwh] = [0, 0];
    for (let left = numbers.next(); left > 0; left--) {
      const generator = numbers.next();
      const mwh = numbers.next();
      numbers.next();
      const estimated = numbers.next();
      generatedMwh += mwh;
      const known = this.roofs.get(generator);
      this.roofs.set(generator, {
        mwh: (known?.mwh ?? 0) + mwh,
        steps: (known?.steps ?? 0) + 1,
        estimatedSteps: (known?.estimatedSteps ?? 0) + estimated,
      });
    }
    for (let left = numbers.next(); left > 0; left--) {
      const member = numbers.next();
      const mwh = numbers.next();
      creditedMwh += mwh;
      this.members.set(member, (this.members.get(member) ?? 0) + mwh);
    }
    assert(numbers.isAtEnd, "the book's row is whole");
    return { generatedMwh, creditedMwh };
  }
}
