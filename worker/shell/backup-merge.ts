/**
 * A backup on a disk that still has rows of the member whose keys were lost on it (PROTOCOL.md §10.2, §10.4): what was
 * counted or signed here since the file was made stays. Never takes a row off the disk.
 */
import { ok, type Result } from "../base/result.ts";
import { decodeEntry } from "../metering/journal.ts";
import type { Count } from "../metering/cryptometer.ts";
import type { Store } from "../storage/store.ts";
import type { BackupRow } from "./backup-file.ts";
import { isSignedRow } from "./mend.ts";

type Rows = ReadonlyMap<string, Uint8Array>;
/** What a meter's journal had counted, by the meter's id. */
const countsIn = (journal: Rows): ReadonlyMap<string, Count> => {
  const counts = new Map<string, Count>();
  for (const [key, raw] of journal) {
    const read: Result<unknown> = key.endsWith(COUNT) ? decodeEntry(raw) : ok(null);
    if (read.ok && read.value !== null) counts.set(meterOf(key), read.value as Count);
  }
  return counts;
};
const COUNT = "/count";
const meterOf = (key: string): string => key.slice(0, key.indexOf("/"));
const isAhead = (a: Count, b: Count): boolean => a.register > b.register || (a.register === b.register && a.at >= b.at);

const rowsOn = async (store: Pick<Store, "entries">, table: BackupRow["table"]): Promise<Rows> =>
  new Map(await store.entries(table));

/**
 * The rows of a file that are to be written. A meter's journal is one thing: it stays where it has counted further than the
 * file's. What was signed under a name stays what it is. The rest is the disk's where its meters, or its keeper, counted on
 * after the file was made.
 */
export const toWrite = async (
  store: Pick<Store, "entries">,
  rows: readonly BackupRow[],
  made: number,
): Promise<BackupRow[]> => {
  const [own, journal, settings, home] = await Promise.all([
    rowsOn(store, "own"),
    rowsOn(store, "journal"),
    rowsOn(store, "settings"),
    rowsOn(store, "home"),
  ]);
  const here = countsIn(journal);
  const there = countsIn(new Map(rows.flatMap((r) => (r.table === "journal" ? [[r.key, r.value] as const] : []))));
  const isLater = [...here.values()].some((count) => count.at > made);
  const isHeld = ({ table, key }: BackupRow): boolean => {
    const signed = own.get(key);
    if (table === "own") return signed !== undefined && isSignedRow(key, signed);
    if (table !== "journal") return isLater && (table === "settings" ? settings : home).has(key);
    const [mine, theirs] = [here.get(meterOf(key)), there.get(meterOf(key))];
    return mine !== undefined && (theirs === undefined || isAhead(mine, theirs));
  };
  return rows.filter((row) => !isHeld(row));
};
