/** IndexedDB in a real browser, in a page and in a worker: the acceptance suite, a full disk, a page without an origin. */
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Hub } from "../../worker/cli/hub.ts";
import { migrationChecks } from "../storage/migration-checks.ts";
import { storeChecks } from "../contracts/store-checks.ts";
import { launchBrowser } from "./browser.ts";
import { bundle, type Bundle } from "./bundle.ts";
import type { StorePage } from "./store-page.ts";

let files: Bundle;
let hub: Hub;
let browser: Browser;
let page: Page;

/** A page whose disk has that many bytes, or as many as the browser likes. */
const openPage = async (diskBytes?: number): Promise<Page> => {
  const context = await browser.newContext();
  const opened = await context.newPage();
  if (diskBytes !== undefined) {
    const devtools = await context.newCDPSession(opened);
    await devtools.send("Storage.overrideQuotaForOrigin", { origin: new URL(hub.url).origin, quotaSize: diskBytes });
  }
  await opened.goto(hub.url);
  return opened;
};

beforeAll(async () => {
  files = await bundle("store-page.ts");
  hub = await files.serve();
  browser = await launchBrowser();
  page = await openPage();
});

afterAll(async () => {
  await browser?.close();
  await hub?.close();
  files?.remove();
});

const inPage = (where: Page, name: string): Promise<string> =>
  where.evaluate((check) => (globalThis as unknown as StorePage).runCheck(check), name);
const inWorker = (where: Page, name: string): Promise<string> =>
  where.evaluate((check) => (globalThis as unknown as StorePage).runCheckInWorker(check), name);

const SMALL_DISK = 8_000_000;
const aboutFullDisk = (name: string): boolean => name.startsWith("a full disk");
const names = storeChecks.map(({ name }) => name);

test.each(names.filter((name) => !aboutFullDisk(name)))("in a page: %s", async (name) => {
  expect(await inPage(page, name)).toBe("ok");
});

test.each(names.filter((name) => !aboutFullDisk(name)))("in a worker: %s", async (name) => {
  expect(await inWorker(page, name)).toBe("ok");
});

test.each(names.filter(aboutFullDisk))("in a page and in a worker: %s", async (name) => {
  const [one, other] = [await openPage(SMALL_DISK), await openPage(SMALL_DISK)];
  expect(await inPage(one, name)).toBe("ok");
  expect(await inWorker(other, name)).toBe("ok");
});

/** Dying within an upgrade is tried here by killing the tab (lifecycle.test.ts), in Node by the engine's own abort. */
const whole = migrationChecks.map(({ name }) => name).filter((name) => !name.includes("dies on the way"));
test.each(whole)("in a page: %s", async (name) => {
  expect(await inPage(page, name)).toBe("ok");
});

test("a page whose origin keeps no data is denied", async () => {
  const nowhere = await page.context().newPage();
  await nowhere.addScriptTag({ content: files.script });
  expect(await nowhere.evaluate(() => (globalThis as unknown as StorePage).openingCode())).toBe("denied");
});
