/**
 * What a node asks of a disk: nine tables of named byte values and one atomic, durable commit (PROTOCOL.md §7:
 * what is signed is on disk before it is sent). Implemented by memory.ts and indexeddb.ts, which pass the same
 * acceptance suite. Knows nothing of what the values mean.
 *
 * Keys compare in code-unit order (as `<` on strings). A caller that wants numeric order writes numbers at a
 * fixed width, e.g. `numericKey(step)`, so that text order and number order are the same.
 */

/**
 * The order is part of nothing on disk; the names are. `home` is the member's own use: no node reads or writes it
 * (§IV.B.3). `spare` has a second copy of what nobody else has (spare.ts), `fetched` what is being fetched from others
 * and may be lost at any time.
 */
export const TABLES = ["chain", "state", "meta", "own", "journal", "settings", "home", "spare", "fetched"] as const;
export type Table = (typeof TABLES)[number];

/** One write: a value replaces what the key held, `null` deletes (deleting nothing is allowed). */
export type Op = { readonly table: Table; readonly key: string; readonly value: Uint8Array | null };

/** `from` inclusive, `to` exclusive; `reverse` counts `limit` from the far end. A range with from >= to is empty. */
export type Range = {
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  readonly reverse?: boolean;
};

export type Usage = {
  readonly usedBytes: number;
  /** What the device would give us; an estimate on real disks. */
  readonly quotaBytes: number;
  /** True when the browser promised not to evict; null when it cannot be known here. */
  readonly persisted: boolean | null;
};

/** Every method rejects with a `StoreError` and nothing else. Values handed in or out are copies. */
export type Store = {
  readonly get: (table: Table, key: string) => Promise<Uint8Array | undefined>;
  readonly entries: (table: Table, range?: Range) => Promise<[string, Uint8Array][]>;
  /** The keys that `entries` would give; no value is read. */
  readonly keys: (table: Table, range?: Range) => Promise<string[]>;
  /** All or nothing, in the order given (the last write to a key wins), on disk when it resolves. */
  readonly commit: (ops: readonly Op[]) => Promise<void>;
  /** Finishes what was begun; afterwards everything but `close` is refused with `closed`. */
  readonly close: () => Promise<void>;
  /** Deletes every table's content; the store stays open. */
  readonly wipe: () => Promise<void>;
  readonly usage: () => Promise<Usage>;
};

export type StoreErrorCode = "full" | "denied" | "closed" | "corrupt" | "failed";

const REMEDY: Readonly<Record<StoreErrorCode, string>> = {
  full: "The device's disk is full; free some space and try again, nothing already counted was lost.",
  denied:
    "The browser does not let this page keep data; leave private browsing or allow site data for this page, then reload.",
  closed: "The node's data was taken over by a newer copy of this page; reload this page to go on.",
  corrupt:
    "The node's data on this device cannot be read; leave the community here and join again from another device.",
  failed: "The device's disk did not answer; reload the page, and restart the device if it happens again.",
};

/** The environment failed. `message` is a plain sentence that names the remedy; `cause` is the engine's own error. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, cause?: unknown) {
    super(REMEDY[code], { cause });
    this.name = "StoreError";
    this.code = code;
  }
}

/** Decimal digits of the largest safe integer. */
const KEY_DIGITS = 16;

/** A whole number as a key: fixed width, so code-unit order is numeric order. */
export const numericKey = (n: number): string => {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`numericKey: ${n} is not a whole number from 0`);
  return String(n).padStart(KEY_DIGITS, "0");
};
