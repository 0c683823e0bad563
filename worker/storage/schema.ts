/**
 * The database's versions and the way from each to the next, all within the engine's one upgrade transaction: a device
 * that dies on the way has the old version whole. Knows of what rows mean only what a step changes.
 */
import type { IDBPDatabase, IDBPTransaction } from "idb";
import { spareRow } from "./spare.ts";
import type { Table } from "./store.ts";

type Upgrade = {
  readonly db: IDBPDatabase;
  readonly tx: IDBPTransaction<unknown, string[], "versionchange">;
};

/** What a database of version 1 had: never changed, or devices that began with it would lack a table. */
const FIRST_TABLES = ["chain", "state", "meta", "own", "journal", "settings"] as const satisfies readonly Table[];
/** The tables of version 2 whose rows nobody can give back. */
const PRECIOUS_IN_2 = ["own", "journal", "settings", "home"] as const satisfies readonly Table[];

/** Votes of version 2 came without the key and the signature: an absent option is one byte. */
const withoutSignature = (vote: Uint8Array): Uint8Array => {
  const longer = new Uint8Array(vote.length + 2);
  longer.set(vote);
  return longer;
};

const eachRow = async (
  { tx }: Upgrade,
  table: Table,
  range: IDBKeyRange | null,
  act: (key: string, value: Uint8Array) => Promise<unknown>,
): Promise<void> => {
  let cursor = await tx.objectStore(table).openCursor(range);
  for (; cursor !== null; cursor = await cursor.continue()) {
    const { key, value } = cursor as { readonly key: IDBValidKey; readonly value: unknown };
    // What is no row of ours stays as it is: reading it says that it is damaged.
    if (typeof key === "string" && value instanceof Uint8Array) await act(key, value);
  }
};

/** Step n brings a database from version n to n + 1; a new device runs them all. Nothing in them waits for anything but `tx`. */
const MIGRATIONS: readonly ((upgrade: Upgrade) => Promise<void>)[] = [
  async ({ db }) => {
    for (const table of FIRST_TABLES) db.createObjectStore(table);
  },
  async ({ db }) => void db.createObjectStore("home" satisfies Table),
  async (upgrade) => {
    const spares = upgrade.db.createObjectStore("spare" satisfies Table);
    upgrade.db.createObjectStore("fetched" satisfies Table);
    await eachRow(upgrade, "meta", IDBKeyRange.bound("vote/", "vote0", false, true), (key, value) =>
      upgrade.tx.objectStore("meta").put(withoutSignature(value), key),
    );
    for (const table of PRECIOUS_IN_2)
      await eachRow(upgrade, table, null, (key, value) => {
        const spare = spareRow(table, key, value);
        return spares.put(spare.value, spare.key);
      });
  },
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** @param from 0 for a new database. A failure aborts the transaction, so that the old version stays whole. */
export const migrate = async (upgrade: Upgrade, from: number): Promise<void> => {
  // The opening tells of its end.
  upgrade.tx.done.catch(() => {});
  try {
    for (const step of MIGRATIONS.slice(from)) await step(upgrade);
  } catch (cause) {
    // Already aborted where the engine itself gave up.
    try {
      upgrade.tx.abort();
    } catch {}
    throw cause;
  }
};
