/**
 * The book of steps as bytes, for sums over long times: what was generated and who had it, step by step, of late from the
 * state, before that from the disk, where a step's row goes when it leaves the state (PROTOCOL.md §8.5). Reads, never
 * changes; books.ts has the rows themselves.
 */
import { numberOf } from "../ledger/rows.ts";
import { bookKey } from "../node/disk.ts";
import type { Core } from "../node/core.ts";
import type { Store } from "../storage/store.ts";

/** Steps read at once: between two reads the node goes on with its own work. */
export const BOOK_ROWS = 4_096;

const TABLE = "book/";
type RawRow = readonly [step: number, raw: Uint8Array];

/**
 * The first step of which this device has the whole book: that after its first block, since no block books ahead. What
 * is before is unknown here, not 0.
 */
export const firstHeld = ({ summaries }: Core): number => (summaries.stepOf(summaries.first) ?? 0) + 1;

/** Rows that blocks have moved out of the state which are not final yet: on no disk. */
const movedOut = ({ tree, final, head }: Core["chain"]): RawRow[] =>
  tree
    .path(final, head)
    .flatMap(({ delta }) =>
      delta.flatMap(({ path, before, after }): RawRow[] =>
        path.startsWith(TABLE) && after === null && before !== null
          ? [[numberOf(path.slice(TABLE.length)), before.bytes]]
          : [],
      ),
    );

/**
 * Rows of the steps from `first` to `last` that anything was booked to, BOOK_ROWS steps a part, as rows.ts encodes them. A
 * step to which something was distributed late may have more than one; they add up. @throws StoreError.
 */
export async function* bookRows(
  core: Core,
  store: Store,
  first: number,
  last: number,
): AsyncGenerator<readonly RawRow[]> {
  for (let from = first; from <= last; from += BOOK_ROWS) {
    const end = Math.min(last + 1, from + BOOK_ROWS);
    const kept = await store.entries("chain", { from: bookKey(from), to: bookKey(end) });
    const onDisk = kept.map(([name, raw]): RawRow => [Number(name.split("/")[1]), raw]);
    const { state } = core.chain;
    const inState = state.paths(TABLE).flatMap((path): RawRow[] => {
      const row = state.row(path);
      return row === undefined ? [] : [[numberOf(path.slice(TABLE.length)), row.bytes]];
    });
    const here = [...movedOut(core.chain), ...inState].filter(([step]) => step >= from && step < end);
    yield [...onDisk, ...here];
  }
}
