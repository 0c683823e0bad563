/**
 * A browser's disk past the app: laid as a test wants it, and read as it was left, by a page of the same origin that is not
 * the app. Knows rows, not what they mean.
 */
import { base64 } from "@scure/base";
import type { BrowserContext, Page } from "playwright";
import { SCHEMA_VERSION } from "../../worker/storage/schema.ts";
import { TABLES, type Op, type Table } from "../../worker/storage/store.ts";

export type Row = { readonly table: Table; readonly key: string; readonly value: Uint8Array };
type Packed = readonly (readonly [table: string, key: string, value: string])[];
/** One call hands over so many rows: a message to the browser has an end. */
const AT_ONCE = 1_000;
const NAME = "commonwatt";

/** A script of the app as a page of its own: it runs nothing, and its disk is the app's. */
const neutralPage = async (context: BrowserContext, url: string): Promise<Page> => {
  const html = await (await fetch(url)).text();
  const asset = /<script[^>]*\ssrc="([^"]+)"/.exec(html)?.[1];
  if (asset === undefined) throw new Error("the app has a script");
  const page = await context.newPage();
  await page.goto(new URL(asset, url).href);
  return page;
};

/** In the page. */
const make = async ([name, version, tables]: readonly [string, number, readonly string[]]): Promise<void> => {
  const settled = (request: IDBOpenDBRequest): Promise<void> =>
    new Promise((done, fail) => {
      request.addEventListener("success", () => done());
      request.addEventListener("error", () => fail(request.error ?? new Error("IndexedDB")));
    });
  await settled(indexedDB.deleteDatabase(name));
  const opening = indexedDB.open(name, version);
  opening.addEventListener("upgradeneeded", () => {
    for (const table of tables) opening.result.createObjectStore(table);
  });
  await settled(opening);
  opening.result.close();
};
/** In the page. */
const put = async ([name, tables, rows]: readonly [string, readonly string[], Packed]): Promise<void> => {
  const db = await new Promise<IDBDatabase>((done) => {
    const opening = indexedDB.open(name);
    opening.addEventListener("success", () => done(opening.result));
  });
  const tx = db.transaction([...tables], "readwrite");
  for (const [table, key, value] of rows)
    tx.objectStore(table).put(
      Uint8Array.from(atob(value), (c) => c.charCodeAt(0)),
      key,
    );
  await new Promise<void>((done, fail) => {
    tx.addEventListener("complete", () => done());
    tx.addEventListener("abort", () => fail(tx.error ?? new Error("IndexedDB")));
  });
  db.close();
};
/** In the page. */
const take = async ([name, tables]: readonly [string, readonly string[]]): Promise<Packed> => {
  const db = await new Promise<IDBDatabase>((done) => {
    const opening = indexedDB.open(name);
    opening.addEventListener("success", () => done(opening.result));
  });
  const rows: [string, string, string][] = [];
  // A disk that no app has opened yet has no tables.
  for (const table of tables.filter((t) => db.objectStoreNames.contains(t))) {
    const from = db.transaction(table).objectStore(table);
    const all = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((done) => request.addEventListener("success", () => done(request.result)));
    const [keys, values] = await Promise.all([all(from.getAllKeys()), all(from.getAll())]);
    for (const [i, key] of keys.entries()) {
      let text = "";
      for (const byte of values[i] as Uint8Array) text += String.fromCharCode(byte);
      rows.push([table, key as string, btoa(text)]);
    }
  }
  db.close();
  return rows;
};

/** The disk has these rows and no others. No page of the app may be open. */
export const layDisk = async (context: BrowserContext, url: string, rows: readonly Op[]): Promise<void> => {
  const page = await neutralPage(context, url);
  await page.evaluate(make, [NAME, SCHEMA_VERSION, TABLES] as const);
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    const packed = rows
      .slice(from, from + AT_ONCE)
      .map(({ table, key, value }) => [table, key, base64.encode(value ?? new Uint8Array())] as const);
    await page.evaluate(put, [NAME, TABLES, packed] as const);
  }
  await page.close();
};

/** All rows, in the order of the tables and their keys. */
export const readDisk = async (context: BrowserContext, url: string): Promise<Row[]> => {
  const page = await neutralPage(context, url);
  const rows = await page.evaluate(take, [NAME, TABLES] as const);
  await page.close();
  return rows.map(([table, key, value]) => ({ table: table as Table, key, value: base64.decode(value) }));
};

/** As when the system takes the tab: no event, no word. */
export const crash = async (page: Page): Promise<void> => {
  const devtools = await page.context().newCDPSession(page);
  devtools.send("Page.crash").catch(() => {});
  await page.waitForEvent("crash", { timeout: 5_000 }).catch(() => {});
  await page.close();
};
