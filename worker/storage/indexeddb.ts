/**
 * The real disk: IndexedDB through `idb`, one object store per table, values under string keys. Works in a window,
 * in a worker and under fake-indexeddb in Node. Passes the same acceptance suite as memory.ts. Knows nothing of
 * what the values mean.
 */
import { SCHEMA_VERSION, migrate } from "./schema.ts";
import { openDB, unwrap, type IDBPDatabase, type OpenDBCallbacks } from "idb";
import { StoreError, TABLES, type Op, type Range, type Store, type Table, type Usage } from "./store.ts";

/** What the engine said, in our five words. A newer schema on disk means that a newer page wrote it: `closed`. */
const translate = (cause: unknown, opening = false): StoreError => {
  if (cause instanceof StoreError) return cause;
  const name = typeof cause === "object" && cause !== null && "name" in cause ? String(cause.name) : "";
  switch (name) {
    case "QuotaExceededError":
      return new StoreError("full", cause);
    case "SecurityError":
    case "NotAllowedError":
      return new StoreError("denied", cause);
    case "InvalidStateError":
      // At opening: private browsing of some engines. Later: the connection is gone.
      return new StoreError(opening ? "denied" : "closed", cause);
    case "VersionError":
      return new StoreError("closed", cause);
    case "NotReadableError":
    case "NotFoundError":
    case "DataError":
      return new StoreError("corrupt", cause);
    default:
      return new StoreError("failed", cause);
  }
};

/** Async, because some engines throw at once: on reading `indexedDB` itself, or out of its `open`. */
const begin = async (name: string, callbacks: OpenDBCallbacks<unknown>): Promise<IDBPDatabase> => {
  if (typeof indexedDB === "undefined" || indexedDB === null) throw new StoreError("denied");
  return openDB(name, SCHEMA_VERSION, callbacks);
};

const openDatabase = async (name: string, onGone: (error: StoreError) => void): Promise<IDBPDatabase> => {
  let db: IDBPDatabase | undefined;
  let failure: unknown = null;
  let blocked: (error: StoreError) => void = () => {};
  const refusedByOther = new Promise<never>((_, reject) => (blocked = reject));
  const opening = begin(name, {
    // Its end is the transaction's: a failed one aborts it, and the opening says so.
    upgrade: (fresh, oldVersion, _, tx) =>
      void migrate({ db: fresh, tx }, oldVersion).catch((cause: unknown) => {
        failure = cause;
      }),
    // Another page holds an older version open and did not let go: this one must not wait for ever.
    blocked: () => blocked(new StoreError("closed")),
    // A newer page wants to upgrade or delete: let go at once, or it would hang.
    blocking: () => {
      onGone(new StoreError("closed"));
      db?.close();
    },
    // The engine dropped the connection (site data cleared, disk error).
    terminated: () => onGone(new StoreError("failed")),
  });
  try {
    db = await Promise.race([opening, refusedByOther]);
    return db;
  } catch (cause) {
    // If it opens after all, nobody uses it.
    opening.then(
      (late) => late.close(),
      () => {},
    );
    throw translate(failure ?? cause, true);
  }
};

/** Bytes of their own buffer: a view would otherwise be stored with everything around it. */
const standalone = (value: Uint8Array): Uint8Array =>
  value.byteLength === value.buffer.byteLength ? value : value.slice();

const checked = (value: unknown): Uint8Array => {
  if (!(value instanceof Uint8Array)) throw new StoreError("corrupt");
  return value;
};

const keyText = (key: IDBValidKey): string => {
  if (typeof key !== "string") throw new StoreError("corrupt");
  return key;
};

/** null when no key can lie in it: IDBKeyRange itself throws on from > to. */
const keyRange = (range: Range): IDBKeyRange | undefined | null => {
  const { from, to } = range;
  if (from !== undefined && to !== undefined) return from >= to ? null : IDBKeyRange.bound(from, to, false, true);
  if (from !== undefined) return IDBKeyRange.lowerBound(from);
  return to === undefined ? undefined : IDBKeyRange.upperBound(to, true);
};

const readRange = async (db: IDBPDatabase, table: Table, range: Range): Promise<[string, Uint8Array][]> => {
  const keys = keyRange(range);
  if (keys === null || range.limit === 0) return [];
  const tx = db.transaction(table, "readonly");
  tx.done.catch(() => {});
  const out: [string, Uint8Array][] = [];
  if (range.reverse === true && range.limit !== undefined) {
    let cursor = await tx.store.openCursor(keys, "prev");
    while (cursor !== null && out.length < range.limit) {
      out.push([keyText(cursor.key), checked(cursor.value)]);
      cursor = out.length < range.limit ? await cursor.continue() : null;
    }
    return out;
  }
  const [names, values] = await Promise.all([
    tx.store.getAllKeys(keys, range.limit),
    tx.store.getAll(keys, range.limit),
  ]);
  names.forEach((name, i) => out.push([keyText(name), checked(values[i])]));
  return range.reverse === true ? out.toReversed() : out;
};

const readKeys = async (db: IDBPDatabase, table: Table, range: Range): Promise<string[]> => {
  const keys = keyRange(range);
  if (keys === null || range.limit === 0) return [];
  const tx = db.transaction(table, "readonly");
  tx.done.catch(() => {});
  if (range.reverse !== true) return (await tx.store.getAllKeys(keys, range.limit)).map(keyText);
  const out: string[] = [];
  const limit = range.limit ?? Infinity;
  for (let at = await tx.store.openKeyCursor(keys, "prev"); at !== null;) {
    out.push(keyText(at.key));
    at = out.length < limit ? await at.continue() : null;
  }
  return out;
};

/**
 * Resolves at `complete` and rejects at `abort` with the reason. Not idb's `tx.done`: that one also listens to a
 * request's bubbling `error`, which fires before the transaction knows its reason, so a full disk would read as
 * a bare AbortError.
 */
const finished = (tx: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    tx.addEventListener("complete", () => resolve());
    tx.addEventListener("abort", () => reject(tx.error ?? new StoreError("failed")));
  });

const write = async (db: IDBPDatabase, tables: readonly Table[], fill: (tx: IDBTransaction) => void): Promise<void> => {
  const wrapped = db.transaction(tables, "readwrite", { durability: "strict" });
  wrapped.done.catch(() => {});
  const tx = unwrap(wrapped);
  const done = finished(tx);
  try {
    fill(tx);
  } catch (cause) {
    done.catch(() => {});
    tx.abort();
    throw cause;
  }
  await done;
};

const sizeByReading = async (db: IDBPDatabase): Promise<number> => {
  let size = 0;
  for (const table of TABLES)
    for (const [key, value] of await readRange(db, table, {})) size += key.length + value.length;
  return size;
};

const measure = async (db: IDBPDatabase): Promise<Usage> => {
  // Node has no storage manager: the size is counted, the quota is unknown (0).
  const manager = (globalThis as { readonly navigator?: { readonly storage?: StorageManager } }).navigator?.storage;
  if (manager === undefined) return { usedBytes: await sizeByReading(db), quotaBytes: 0, persisted: null };
  const { usage = 0, quota = 0 } = await manager.estimate();
  return { usedBytes: usage, quotaBytes: quota, persisted: await manager.persisted() };
};

/**
 * @throws StoreError (rejects): `denied` when the browser keeps no data here, `closed` when a newer page owns it,
 * `full` or `failed` when the disk refuses.
 */
export const openIndexedDb = async (name: string): Promise<Store> => {
  let gone: StoreError | null = null;
  const db = await openDatabase(name, (error) => (gone ??= error));
  const running = new Set<Promise<unknown>>();

  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    if (gone !== null) throw new StoreError(gone.code, gone);
    const task = work().catch((cause: unknown) => {
      throw gone ?? translate(cause);
    });
    running.add(task);
    try {
      return await task;
    } finally {
      running.delete(task);
    }
  };

  const commit = async (ops: readonly Op[]): Promise<void> => {
    if (ops.length === 0) return;
    const tables = [...new Set(ops.map((op) => op.table))];
    await write(db, tables, (tx) => {
      for (const op of ops) {
        const table = tx.objectStore(op.table);
        if (op.value === null) table.delete(op.key);
        else table.put(standalone(op.value), op.key);
      }
    });
  };

  return {
    get: (table, key) =>
      run(async () => {
        const value: unknown = await db.get(table, key);
        return value === undefined ? undefined : checked(value);
      }),
    entries: (table, range = {}) => run(() => readRange(db, table, range)),
    keys: (table, range = {}) => run(() => readKeys(db, table, range)),
    commit: (ops) => run(() => commit(ops)),
    close: async () => {
      gone ??= new StoreError("closed");
      await Promise.allSettled(running);
      db.close();
    },
    wipe: () =>
      run(() =>
        write(db, TABLES, (tx) => {
          for (const table of TABLES) tx.objectStore(table).clear();
        }),
      ),
    usage: () => run(() => measure(db)),
  };
};
