/** What every earlier version's device may rely on, as checks that run in Node and in a page. */
import { decode } from "../../worker/base/codec.ts";
import { heldVoteCodec } from "../../worker/node/disk.ts";
import { openIndexedDb } from "../../worker/storage/indexeddb.ts";
import { TABLES } from "../../worker/storage/store.ts";
import { mendRows } from "../../worker/storage/spare.ts";
import { holds, same, type Check } from "../contracts/check.ts";
import { dump, EARLIER, expectedRows, writeEarlier } from "./earlier.ts";

/** Lets the upgrade's first so many writes through, then ends it as a browser does that is killed. */
export type Killer = <T>(writes: number, work: () => Promise<T>) => Promise<T>;
export type MigrationBed = { readonly name: string; readonly killAfter: Killer };

const everyRow = async (name: string): Promise<Map<string, Uint8Array>> => {
  const store = await openIndexedDb(name);
  const rows = new Map<string, Uint8Array>();
  for (const table of TABLES) for (const [key, value] of await store.entries(table)) rows.set(`${table}/${key}`, value);
  await store.close();
  return rows;
};

const isSpare = (path: string): boolean => path.startsWith("spare/");

export const migrationChecks: readonly Check<MigrationBed>[] = EARLIER.flatMap((earlier) => {
  const of = `a device of version ${earlier.version}`;
  return [
    {
      name: `${of} keeps every key, journal row and meter`,
      run: async ({ name }: MigrationBed) => {
        await writeEarlier(name, earlier);
        const rows = await everyRow(name);
        const expected = expectedRows(earlier.tables);
        same([...rows.keys()].filter((path) => !isSpare(path)).toSorted(), [...expected.keys()].toSorted(), "rows");
        for (const [path, value] of expected) same(rows.get(path), value, path);
        const vote = [...rows].find(([path]) => path.startsWith("meta/vote/"));
        holds(
          vote !== undefined && decode(heldVoteCodec, vote[1], "vote").ok,
          "a vote is read as the present one reads it",
        );
      },
    },
    {
      name: `${of} has a spare of each row that nobody else has`,
      run: async ({ name }: MigrationBed) => {
        await writeEarlier(name, earlier);
        const store = await openIndexedDb(name);
        same((await mendRows(store)).restored, [], "nothing is damaged");
        const identity = await store.get("own", "identity");
        await store.commit([{ table: "own", key: "identity", value: null }]);
        same((await mendRows(store)).restored, ["own/identity"], "put back");
        same(await store.get("own", "identity"), identity, "the identity");
        await store.close();
      },
    },
    {
      name: `${of} that dies on the way has its old version whole, and migrates the next time`,
      run: async ({ name, killAfter }: MigrationBed) => {
        await writeEarlier(name, earlier);
        const before = await dump(name);
        let died = 0;
        for (let writes = 0; ; writes++) {
          const opened = await killAfter(writes, () =>
            openIndexedDb(name).then(
              (s) => s,
              () => null,
            ),
          );
          if (opened !== null) {
            await opened.close();
            break;
          }
          died += 1;
          same(await dump(name), before, `after ${writes} writes`);
        }
        holds(died > 20, "it died at every write there is");
        const rows = await everyRow(name);
        for (const [path, value] of expectedRows(earlier.tables)) same(rows.get(path), value, path);
      },
    },
  ];
});

/** Puts an end to the running upgrade at its n-th write: the engine's own abort, as when the process is gone. */
export const killer: Killer = async (writes, work) => {
  let left = writes;
  const { put } = IDBObjectStore.prototype;
  const { prototype: db } = IDBDatabase;
  const { createObjectStore } = db;
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: Parameters<IDBObjectStore["put"]>) {
    const request = put.apply(this, args);
    if (this.transaction.mode === "versionchange" && left-- === 0) this.transaction.abort();
    return request;
  };
  db.createObjectStore = function (this: IDBDatabase, ...args: Parameters<IDBDatabase["createObjectStore"]>) {
    const store = createObjectStore.apply(this, args);
    if (left-- === 0) store.transaction.abort();
    return store;
  };
  try {
    return await work();
  } finally {
    IDBObjectStore.prototype.put = put;
    db.createObjectStore = createObjectStore;
  }
};
