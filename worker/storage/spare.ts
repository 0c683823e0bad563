/**
 * A second copy of every row that nobody else has (PROTOCOL.md §10.2): keys, own signatures, the metering journal, the
 * member's own use, settings, and where votes were bound. Written in the same commit as the row, each with a checksum, so
 * that a row which was damaged or lost is noticed and put back. Knows nothing of what the values mean.
 */
import { equalBytes, concatBytes, utf8ToBytes } from "../base/bytes.ts";
import { sha256 } from "../base/hash.ts";
import { type Op, type Store, type Table } from "./store.ts";

/** What the neighbours cannot give back. The chain, its state and others' votes they can. */
const PRECIOUS: readonly Table[] = ["own", "journal", "settings", "home"];
/** Of the table `meta`, whose rest follows from the chain. */
const PRECIOUS_META = "place";

const CHECK_BYTES = 8;

export const isPrecious = (table: Table, key: string): boolean =>
  PRECIOUS.includes(table) || (table === "meta" && key === PRECIOUS_META);

const checkOf = (path: string, value: Uint8Array): Uint8Array =>
  sha256(concatBytes(utf8ToBytes(path), Uint8Array.of(0), value)).subarray(0, CHECK_BYTES);

export const spareRow = (table: Table, key: string, value: Uint8Array): { readonly key: string; value: Uint8Array } => {
  const path = `${table}/${key}`;
  return { key: path, value: concatBytes(checkOf(path, value), value) };
};

/** The value that a spare keeps; null when the spare itself is damaged. */
const readSpare = (path: string, raw: Uint8Array): Uint8Array | null => {
  const value = raw.slice(CHECK_BYTES);
  return raw.length >= CHECK_BYTES && equalBytes(raw.subarray(0, CHECK_BYTES), checkOf(path, value)) ? value : null;
};

const spareOp = ({ table, key, value }: Op): Op =>
  value === null
    ? { table: "spare", key: `${table}/${key}`, value: null }
    : { table: "spare", ...spareRow(table, key, value) };

/** The same store, whose commits keep a spare of each precious row. */
export const withSpares = (store: Store): Store => ({
  ...store,
  commit: (ops) => {
    const spares = ops.filter(({ table, key }) => isPrecious(table, key)).map(spareOp);
    return store.commit(spares.length === 0 ? ops : [...ops, ...spares]);
  },
});

/** Rows put back from their spares, and rows that are damaged or gone beyond that. */
export type Mended = { readonly restored: readonly string[] };

const pathsOf = async (store: Store): Promise<Map<string, { table: Table; key: string; value: Uint8Array }>> => {
  const rows = new Map<string, { table: Table; key: string; value: Uint8Array }>();
  for (const table of PRECIOUS)
    for (const [key, value] of await store.entries(table)) rows.set(`${table}/${key}`, { table, key, value });
  const place = await store.get("meta", PRECIOUS_META);
  if (place !== undefined) rows.set(`meta/${PRECIOUS_META}`, { table: "meta", key: PRECIOUS_META, value: place });
  return rows;
};

/**
 * Compares every precious row with its spare, before anything is read: where they differ, whichever can be told to be
 * right (the spare has the checksum) is written in the other's place.
 */
export const mendRows = async (store: Store): Promise<Mended> => {
  const rows = await pathsOf(store);
  const ops: Op[] = [];
  const restored: string[] = [];
  const spared = new Set<string>();
  for (const [path, raw] of await store.entries("spare")) {
    const slash = path.indexOf("/");
    const [table, key] = [path.slice(0, slash) as Table, path.slice(slash + 1)];
    const spare = slash > 0 && isPrecious(table, key) ? readSpare(path, raw) : null;
    if (spare === null) {
      // A damaged spare of a row that is there is made anew below; of one that is not, it says nothing.
      ops.push({ table: "spare", key: path, value: null });
      continue;
    }
    spared.add(path);
    const row = rows.get(path);
    if (row !== undefined && equalBytes(row.value, spare)) continue;
    restored.push(path);
    ops.push({ table, key, value: spare });
  }
  for (const [path, { table, key, value }] of rows) if (!spared.has(path)) ops.push(spareOp({ table, key, value }));
  if (ops.length > 0) await store.commit(ops);
  return { restored };
};
