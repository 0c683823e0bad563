/** What of the chain a node keeps on its disk and for how long (PROTOCOL.md §8.6). */

/** Final blocks of which the deltas stay: of the last 64 a snapshot is served, and screens look a little further back. */
export const DELTAS_KEPT = 512;
