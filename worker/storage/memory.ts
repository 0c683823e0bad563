/**
 * A disk in memory: the same promises as indexeddb.ts, for Node tests, the simulator and the pilot. The disk is an
 * object of its own, so a "restart" is opening it again; faults are injected on the disk, not on the handle.
 */
import { compareText } from "../base/bytes.ts";
import { StoreError, TABLES, type Op, type Range, type Store, type StoreErrorCode, type Table } from "./store.ts";

/** Survives every handle opened on it. */
export type MemoryDisk = {
  readonly tables: ReadonlyMap<Table, SortedTable>;
  /** Commits beyond this are refused with `full`. */
  quotaBytes: number;
  /** The next `times` reads, commits or openings of this disk reject with `code`; nothing is written by them. */
  readonly failNext: (code: StoreErrorCode, times?: number) => void;
  /** The failure that is due now, if any, counted down. For the handle only. */
  readonly takeFailure: () => StoreErrorCode | undefined;
};

/** A map whose keys can be read in order; the order is rebuilt only after the set of keys changed. */
export class SortedTable {
  readonly values = new Map<string, Uint8Array>();
  #order: string[] | null = null;

  put(key: string, value: Uint8Array | null): void {
    if (value === null) {
      if (this.values.delete(key)) this.#order = null;
      return;
    }
    const last = this.#order?.at(-1);
    if (!this.values.has(key)) {
      // Chains and journals grow at the end: appending keeps the order without sorting again.
      if (this.#order !== null && (last === undefined || last < key)) this.#order.push(key);
      else this.#order = null;
    }
    this.values.set(key, value);
  }

  clear(): void {
    this.values.clear();
    this.#order = null;
  }

  /** Index of the first key that is not below `key`. */
  #at(keys: readonly string[], key: string): number {
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((keys[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  keys(range: Range): string[] {
    const order = (this.#order ??= [...this.values.keys()].toSorted(compareText));
    const start = range.from === undefined ? 0 : this.#at(order, range.from);
    const end = range.to === undefined ? order.length : this.#at(order, range.to);
    if (end <= start) return [];
    const limit = range.limit ?? order.length;
    if (range.reverse === true) return order.slice(Math.max(start, end - limit), end).toReversed();
    return order.slice(start, Math.min(end, start + limit));
  }
}

export const createMemoryDisk = (options: { readonly quotaBytes?: number } = {}): MemoryDisk => {
  const due: StoreErrorCode[] = [];
  return {
    tables: new Map(TABLES.map((table) => [table, new SortedTable()])),
    quotaBytes: options.quotaBytes ?? Number.MAX_SAFE_INTEGER,
    failNext: (code, times = 1) => {
      for (let i = 0; i < times; i++) due.push(code);
    },
    takeFailure: () => due.shift(),
  };
};

const tableOf = (disk: MemoryDisk, name: Table): SortedTable => {
  const table = disk.tables.get(name);
  if (table === undefined) throw new StoreError("failed", new Error(`no table ${name}`));
  return table;
};

const sizeOf = (disk: MemoryDisk): number => {
  let size = 0;
  for (const table of disk.tables.values()) for (const [key, value] of table.values) size += key.length + value.length;
  return size;
};

/** What `ops` would add to the disk, counting the last write to each key. */
const growth = (disk: MemoryDisk, ops: readonly Op[]): number => {
  const last = new Map<string, Op>();
  for (const op of ops) last.set(`${op.table}/${op.key}`, op);
  let size = 0;
  for (const op of last.values()) {
    const before = tableOf(disk, op.table).values.get(op.key);
    if (before !== undefined) size -= op.key.length + before.length;
    if (op.value !== null) size += op.key.length + op.value.length;
  }
  return size;
};

/** @throws StoreError (rejects) `denied` and the like only when the disk was told to. */
export const openMemory = async (options: { readonly disk?: MemoryDisk } = {}): Promise<Store> => {
  const disk = options.disk ?? createMemoryDisk();
  let closed = false;
  const check = (): void => {
    if (closed) throw new StoreError("closed");
    const failure = disk.takeFailure();
    if (failure !== undefined) throw new StoreError(failure);
  };
  check();
  return {
    get: async (table, key) => {
      check();
      return tableOf(disk, table).values.get(key)?.slice();
    },
    entries: async (table, range = {}) => {
      check();
      const from = tableOf(disk, table);
      return from.keys(range).map((key) => [key, (from.values.get(key) as Uint8Array).slice()]);
    },
    keys: async (table, range = {}) => {
      check();
      return tableOf(disk, table).keys(range);
    },
    commit: async (ops) => {
      check();
      if (disk.quotaBytes < Number.MAX_SAFE_INTEGER && sizeOf(disk) + growth(disk, ops) > disk.quotaBytes) {
        throw new StoreError("full");
      }
      for (const op of ops) tableOf(disk, op.table);
      for (const op of ops) tableOf(disk, op.table).put(op.key, op.value?.slice() ?? null);
    },
    close: async () => {
      closed = true;
    },
    wipe: async () => {
      check();
      for (const table of disk.tables.values()) table.clear();
    },
    usage: async () => {
      check();
      return { usedBytes: sizeOf(disk), quotaBytes: disk.quotaBytes, persisted: null };
    },
  };
};
