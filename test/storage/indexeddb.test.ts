/** IndexedDB under fake-indexeddb: the acceptance suite, and what a browser may do to an open database. */
import "fake-indexeddb/auto";
import { deleteDB, openDB } from "idb";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openIndexedDb } from "../../worker/storage/indexeddb.ts";
import { StoreError, type StoreErrorCode } from "../../worker/storage/store.ts";
import { describeStore } from "../contracts/store.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const codeOf = (cause: unknown): StoreErrorCode | undefined => (cause instanceof StoreError ? cause.code : undefined);

let names = 0;
const freshName = (): string => `suite-${(names += 1)}`;

/** fake-indexeddb has no quota: the engine's own way of saying full, after `bytes` more were put. */
const fillAfter = (bytes: number): void => {
  let room = bytes;
  const put = IDBObjectStore.prototype.put;
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, value: Uint8Array, key) {
    room -= value.length;
    if (room < 0) throw new DOMException("no room", "QuotaExceededError");
    return put.call(this, value, key);
  });
};

describeStore("IndexedDB", async () => {
  const name = freshName();
  return {
    open: () => openIndexedDb(name),
    fill: async () => {
      fillAfter(200_000);
      return { restore: async () => void vi.restoreAllMocks() };
    },
    deny: async () => void vi.stubGlobal("indexedDB", undefined),
  };
});

describe("an IndexedDB store and the rest of the browser", () => {
  const op = { table: "own", key: "k", value: Uint8Array.of(1) } as const;

  it("keeps one object store per table at schema version 3", async () => {
    const name = freshName();
    await (await openIndexedDb(name)).close();
    const db = await openDB(name);
    expect(db.version).toBe(3);
    const tables = ["chain", "fetched", "home", "journal", "meta", "own", "settings", "spare", "state"];
    expect([...db.objectStoreNames].toSorted()).toEqual(tables);
    db.close();
  });

  it("lets go when a newer page wants to upgrade or delete, and says closed from then on", async () => {
    const name = freshName();
    const store = await openIndexedDb(name);
    await store.commit([op]);
    await deleteDB(name);
    expect(await store.get("own", "k").catch(codeOf)).toBe("closed");
    expect(await store.commit([op]).catch(codeOf)).toBe("closed");
  });

  it("says closed when the database on disk was written by a newer version", async () => {
    const name = freshName();
    (await openDB(name, 4)).close();
    expect(await openIndexedDb(name).catch(codeOf)).toBe("closed");
  });

  it.each([
    ["SecurityError", "denied"],
    ["InvalidStateError", "denied"],
    ["QuotaExceededError", "full"],
    ["UnknownError", "failed"],
  ])("an opening refused with %s is %s", async (engineName, code) => {
    vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("no", engineName);
    });
    expect(await openIndexedDb(freshName()).catch(codeOf)).toBe(code);
  });

  it("a disk that fills up only when the transaction is written out says full", async () => {
    const store = await openIndexedDb(freshName());
    await store.commit([op]);
    const put = IDBObjectStore.prototype.put;
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, value, key) {
      const request = put.call(this, value, key);
      const { transaction } = this;
      request.addEventListener("success", () => {
        Object.defineProperty(transaction, "error", {
          value: new DOMException("no room", "QuotaExceededError"),
          configurable: true,
        });
        transaction.abort();
      });
      return request;
    });
    expect(await store.commit([{ ...op, value: Uint8Array.of(2) }]).catch(codeOf)).toBe("full");
    vi.restoreAllMocks();
    expect(await store.get("own", "k")).toEqual(Uint8Array.of(1));
  });

  it("a value that is not bytes was not written by us: corrupt", async () => {
    const name = freshName();
    const store = await openIndexedDb(name);
    const db = await openDB(name);
    await db.put("own", "text", "k");
    db.close();
    expect(await store.get("own", "k").catch(codeOf)).toBe("corrupt");
    expect(await store.entries("own").catch(codeOf)).toBe("corrupt");
  });

  it("every error is a sentence that names the remedy and keeps the engine's own as its cause", () => {
    for (const code of ["full", "denied", "closed", "corrupt", "failed"] as const) {
      const error = new StoreError(code, "cause");
      expect(error.message).toMatch(/^The .*(free|leave|reload).*\.$/u);
      expect(error.cause).toBe("cause");
    }
  });
});
