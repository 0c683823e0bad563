/**
 * The life of a device's tabs in Chromium (issue 5): the next tab takes over when the leading one closes; fifty kills at
 * seeded moments, of a running node and of a database on its way from version 2, after each of which all is there.
 */
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Hub } from "../../worker/cli/hub.ts";
import type { View } from "../../worker/port.ts";
import { launchBrowser, startApp } from "./browser.ts";
import { openMember, type Member } from "./member.ts";
import { crash } from "./raw-disk.ts";

const SEED = 5;
/** 50 with COMMONWATT_KILLS=50; an even number. */
const KILLS = Number(process.env["COMMONWATT_KILLS"] ?? 16);
/** Reloads fall into the first second: that is what they are to hit. */
const LATEST_MS = 600;

let hub: Hub;
let browser: Browser;
let member: Member;

const seeded = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

beforeAll(async () => {
  hub = await startApp();
  browser = await launchBrowser();
  member = await openMember(browser, hub.url, "", { name: "Ana" });
  await member.create("Rue du Soleil");
  await member.until("a final block", (view) => (view.final?.step ?? 0) > 0);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await hub?.close();
});

/** The database as version 2 had it, written by a page that is not the app. */
const backToVersion2 = async (page: Page): Promise<void> => {
  const asset = await page.evaluate(() => document.querySelector<HTMLScriptElement>("script[src]")?.src ?? "");
  await page.goto(asset);
  await page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.addEventListener("success", () => resolve(request.result));
        request.addEventListener("error", () => reject(new Error("IndexedDB")));
      });
    const tables = ["chain", "state", "meta", "own", "journal", "settings", "home"];
    const now = await done(indexedDB.open("commonwatt"));
    const rows: [string, IDBValidKey, Uint8Array][] = [];
    for (const table of tables) {
      const from = now.transaction(table).objectStore(table);
      const [keys, values] = await Promise.all([done(from.getAllKeys()), done(from.getAll())]);
      for (const [i, key] of keys.entries()) {
        const value = values[i] as Uint8Array;
        // A vote of that time ended with its block: member, set, round, kind and step as LEB128, and a hash.
        const isVote = table === "meta" && typeof key === "string" && key.startsWith("vote/");
        let end = 0;
        for (let number = 0; number < 5; number++) while ((value[end++] ?? 0) >= 128);
        rows.push([table, key, isVote ? value.slice(0, end + 32) : value]);
      }
    }
    now.close();
    await done(indexedDB.deleteDatabase("commonwatt"));
    const opening = indexedDB.open("commonwatt", 2);
    opening.addEventListener("upgradeneeded", () => {
      for (const table of tables) opening.result.createObjectStore(table);
    });
    const old = await done(opening);
    const tx = old.transaction(tables, "readwrite");
    for (const [table, key, value] of rows) tx.objectStore(table).put(value, key);
    await new Promise<void>((finished) => tx.addEventListener("complete", () => finished()));
    old.close();
  });
};

test("the next tab runs the node soon after the leading one is closed", async () => {
  const first = member.page;
  await member.reopen();
  await member.until("the other tab's view", (view) => view.phase === "member" && !view.leader);
  const taken: number[] = [];
  for (let last = first, i = 0; i < 3; i++) {
    const next = member.page;
    const before = performance.now();
    await last.close();
    await next.waitForFunction(
      () => (globalThis as unknown as { seen: { view: View | null } }).seen.view?.leader === true,
      undefined,
      { polling: 10, timeout: 10_000 },
    );
    taken.push(Math.round(performance.now() - before));
    last = next;
    await member.reopen();
    await member.until("the other tab's view", (view) => view.phase === "member" && !view.leader);
  }
  process.stdout.write(`hand-over: ${taken.join(", ")} ms\n`);
  expect(Math.min(...taken)).toBeLessThan(1_000);
  for (const page of member.context.pages()) if (page !== member.page) await page.close();
}, 60_000);

test(`a tab that is killed ${KILLS} times, while it runs and while it migrates, has everything each time`, async () => {
  const random = seeded(SEED);
  const me = (await member.until("its keys", (view) => view.me !== null && view.leader)).me?.key;
  const seen: View[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    if (kill % 5 === 4) await backToVersion2(member.page);
    const isLook = kill % 2 === 1;
    const old = member.page;
    await (random() < 0.5 ? crash(old) : old.close());
    await member.reopen();
    if (isLook) seen.push(await member.firstView());
    await pause(random() * LATEST_MS);
  }
  expect(seen).toHaveLength(KILLS / 2);
  const finals = seen.map((view) => view.final?.step ?? 0);
  expect(finals).toEqual(finals.toSorted((a, b) => a - b));
  for (const [i, view] of seen.entries()) {
    expect(view, `look ${i}`).toMatchObject({ phase: "member", me: { key: me }, care: { mended: null } });
    expect(view.problem?.code ?? "", `look ${i}`).not.toMatch(/storage|identity/);
  }
  const last = Math.max(...finals);
  const end = await member.until("more of the chain is final", (view) => (view.final?.step ?? 0) > last);
  expect(end.me?.key).toBe(me);
}, 180_000);
