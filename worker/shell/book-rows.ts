/**
 * The book of steps as this device's disk has it: what was generated and who had it, step by step, further back than a
 * node keeps in memory. Reads, never changes.
 */
import { key, numberOf } from "../ledger/rows.ts";
import type { Core } from "../node/core.ts";
import type { Store } from "../storage/store.ts";

/** Rows read at once: between two reads the node goes on with its own work. */
export const BOOK_ROWS = 4_096;

const TABLE = "book/";

/**
 * The first step of which this device has the whole book: that after its first block, since no block books ahead. What
 * is before is unknown here, not 0.
 */
export const firstHeld = (core: Core): number => (core.summaries[0]?.step ?? 0) + 1;

/** Rows of the steps from `first` to `last` that anything was booked to, in order, as rows.ts encodes them. @throws StoreError. */
export async function* bookRows(
  store: Store,
  first: number,
  last: number,
): AsyncGenerator<readonly (readonly [step: number, raw: Uint8Array])[]> {
  for (let from = first; from <= last; from += BOOK_ROWS) {
    const to = Math.min(last + 1, from + BOOK_ROWS);
    const rows = await store.entries("state", { from: TABLE + key(from), to: TABLE + key(to) });
    yield rows.map(([path, raw]) => [numberOf(path.slice(TABLE.length)), raw] as const);
  }
}
