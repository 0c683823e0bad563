/** What a member's own browser pays: the same arithmetic in its worker, the first visit, and opening the app again. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright";
import { afterAll, beforeAll, test } from "vitest";
import { dist } from "../../worker/cli/prepare.mjs";
import type { Hub } from "../../worker/cli/hub.ts";
import { launchBrowser, startApp } from "../e2e/browser.ts";
import { bundle } from "../e2e/bundle.ts";
import { openMember } from "../e2e/member.ts";
import type { BenchPage } from "./bench-page.ts";
import { print } from "./print.ts";

const OPENINGS = 7;

let browser: Browser;
let app: Hub;
beforeAll(async () => {
  app = await startApp();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

test("signatures, hashes, votes, a full block on IndexedDB", async () => {
  const files = await bundle("../bench/bench-page.ts");
  const hub = await files.serve();
  const page = await browser.newPage();
  try {
    await page.goto(hub.url);
    const all = await page.evaluate(() => (globalThis as unknown as BenchPage).measure());
    for (const { title, figures } of all) print("Chromium", title, figures);
  } finally {
    await page.close();
    await hub.close();
    files.remove();
  }
});

/** As the hub sends it: gzip, but for what is packed already. */
const sent = (path: string): number => {
  const bytes = readFileSync(join(dist, path));
  return /\.(woff2|png)$/.test(path) ? bytes.length : gzipSync(bytes).length;
};

test("the first visit", async () => {
  // Without a service worker, so that only what the page and its node ask for is counted.
  const context = await browser.newContext({ serviceWorkers: "block", locale: "en-GB" });
  const asked = new Set<string>();
  context.on("request", (request) => asked.add(new URL(request.url()).pathname.slice(1) || "index.html"));
  const page = await context.newPage();
  await page.goto(app.url);
  await page.locator("main a, main button").first().waitFor();
  await page.waitForLoadState("networkidle");
  await context.close();
  const kept = new Set(["index.html", ...readdirSync(join(dist, "assets")).map((name) => `assets/${name}`)]);
  const files = [...asked].filter((path) => kept.has(path));
  const kilobytes = (test: (path: string) => boolean): number =>
    files.filter(test).reduce((sum, path) => sum + sent(path), 0) / 1_000;
  print("Chromium", "first visit", [
    { name: "all that is asked for before a member does anything", value: kilobytes(() => true), unit: "kB" },
    { name: "scripts, styles and html", value: kilobytes((path) => /\.(js|css|html)$/.test(path)), unit: "kB" },
    { name: "of which the node's worker", value: kilobytes((path) => path.includes("node.worker")), unit: "kB" },
    { name: "fonts", value: kilobytes((path) => path.endsWith(".woff2")), unit: "kB" },
  ]);
});

test("from opening the app to the verified dashboard", async () => {
  const member = await openMember(browser, app.url, "", { name: "Ana" });
  await member.create("Bench");
  await member.goto("#/");
  await member.until("a few blocks", (view) => (view.final?.height ?? 0) >= 2);
  const times: number[] = [];
  for (let n = 0; n <= OPENINGS; n++) {
    await member.closePage();
    const from = performance.now();
    await member.reopen();
    await member.reads("Everything is all right.");
    if (n > 0) times.push(performance.now() - from);
  }
  const median = times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
  await member.context.close();
  print("Chromium", "opening the app", [{ name: "page opened to Home with its own chain", value: median, unit: "ms" }]);
});
