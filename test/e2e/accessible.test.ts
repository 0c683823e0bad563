/**
 * Every screen as a member may have it: axe in three languages and both themes, nothing wider than a small phone, and
 * nothing that jumps while it opens. The built app, served with its own policy; only its worker is played. One page a
 * screen: themes and languages change without loading it again. The tests share out the screens to two pages.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, BrowserContext, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LANGUAGE_KEY, LANGUAGES, type Language } from "../../src/app/language.ts";
import type { Hub } from "../../worker/cli/hub.ts";
import { launchBrowser, startApp } from "./browser.ts";
import { check, fakeWorker, playScenario, settled } from "./screens.ts";
import { SHOTS, type Shot } from "./shots.ts";

const SMALL_PHONE = { width: 360, height: 740 };
/** Sum of shifts: half of what Chromium calls good. A line that comes with a part of the screen is seen, and bearable. */
const MAX_SHIFT = 0.05;
/** What a theme changes, whatever the language; the other rules are about words and structure, whatever the theme. */
const OF_COLOURS = ["color-contrast", "link-in-text-block"];

let hub: Hub;
let browser: Browser;
let fake: string;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

beforeAll(async () => {
  [hub, browser, fake] = await Promise.all([startApp(), launchBrowser(), fakeWorker()]);
});
afterAll(async () => {
  await browser?.close();
  await hub?.close();
});

type Watched = { shift: number };

/** In the page: what moves by itself, and nothing that a tap moves. */
const watchShifts = (): void => {
  const watched: Watched = { shift: 0 };
  Object.assign(globalThis, { watched });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
      if (!entry.hadRecentInput) watched.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
};

/** As another window of the same device would say it. */
const speak = async (page: Page, language: Language): Promise<void> => {
  await page.evaluate(([key, newValue]) => dispatchEvent(new StorageEvent("storage", { key, newValue })), [
    LANGUAGE_KEY,
    language,
  ] as const);
  await page.locator(`html[lang=${language}]`).waitFor({ state: "attached" });
  // A seldom screen's words come after the language.
  await page.locator("main h1").first().waitFor();
  await settled(page);
};

const tooWide = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

/** Tabs whose word is wider than they are: it runs into the next one's. */
const crampedTabs = (page: Page): Promise<string[]> =>
  page
    .locator("nav a")
    .evaluateAll((tabs) => tabs.filter((tab) => tab.scrollWidth > tab.clientWidth).map((tab) => tab.textContent));

/**
 * Everything with COMMONWATT_AXE=all; else each screen's words in one language and its colours in one theme, the next
 * screen's in the next: what most screens share is looked at in all.
 */
const ALL = process.env["COMMONWATT_AXE"] === "all";
const isRead = (shot: Shot, language: Language): boolean =>
  ALL || LANGUAGES[SHOTS.indexOf(shot) % LANGUAGES.length] === language;

const look = async (context: BrowserContext, shot: Shot): Promise<string[]> => {
  const findings: string[] = [];
  const page = await context.newPage();
  page.on("pageerror", (error) => findings.push(error.message));
  page.on("console", (line) => line.type() === "error" && findings.push(line.text()));
  await page.addInitScript(watchShifts);
  await playScenario(page, fake, shot);
  await page.goto(`${hub.url}${shot.hash}`);
  await page.locator("main h1").first().waitFor();
  await settled(page);
  const shift = await page.evaluate(() => (globalThis as unknown as { watched: Watched }).watched.shift);
  if (shift > MAX_SHIFT) findings.push(`moves by ${shift.toFixed(3)} while it opens`);
  await shot.act?.(page);
  await page.evaluate(axe);
  for (const language of LANGUAGES) {
    await speak(page, language);
    const wide = await tooWide(page);
    if (wide > 0) findings.push(`${language}: ${wide} px wider than the screen`);
    findings.push(...(await crampedTabs(page)).map((tab) => `${language}: no room for ${tab}`));
    if (isRead(shot, language))
      findings.push(...(await check(page, { without: OF_COLOURS })).map((one) => `${language}: ${one}`));
  }
  for (const colorScheme of ["light", "dark"] as const) {
    if (!ALL && (SHOTS.indexOf(shot) >> 1) % 2 === (colorScheme === "light" ? 0 : 1)) continue;
    await page.emulateMedia({ colorScheme });
    findings.push(...(await check(page, { only: OF_COLOURS })).map((one) => `${colorScheme}: ${one}`));
  }
  await page.close();
  return findings.map((one) => `${shot.name}: ${one}`);
};

const HALVES = [0, 1].map((half) => SHOTS.filter((_, i) => i % 2 === half));

test.concurrent.each(HALVES.map((shots, i) => [i, shots] as const))(
  "half %i of the screens: axe, width, calm",
  async (_half, shots) => {
    const context = await browser.newContext({
      viewport: SMALL_PHONE,
      colorScheme: "light",
      locale: "en",
      timezoneId: "Europe/Brussels",
      serviceWorkers: "block",
      reducedMotion: "reduce",
    });
    const findings: string[] = [];
    for (const shot of shots) findings.push(...(await look(context, shot)));
    await context.close();
    expect(findings).toEqual([]);
  },
);

test("where one weight of the typeface comes late, the device's own is used for both, and nothing moves", async () => {
  const context = await browser.newContext({ viewport: SMALL_PHONE, locale: "en", serviceWorkers: "block" });
  const page = await context.newPage();
  let send = (): void => undefined;
  const due = new Promise<void>((done) => (send = done));
  await page.route(/-700-normal.*\.woff2$/, async (route) => {
    await due;
    await route.continue();
  });
  await page.addInitScript(watchShifts);
  const [home] = SHOTS.filter(({ name }) => name === "10-home");
  if (home === undefined) throw new Error("Home is not among the shots");
  await playScenario(page, fake, home);
  // The page is not wholly loaded before the weight has come.
  await page.goto(hub.url, { waitUntil: "commit" });
  await page.locator("main h1 .figure").waitFor();
  const faces = (): Promise<string[]> =>
    page
      .locator("main h1, main .figure, nav a")
      .evaluateAll((all) => [...new Set(all.map((one) => getComputedStyle(one).fontFamily))]);
  const before = await faces();
  expect(before).toEqual(["system-ui, sans-serif"]);
  const come = page.waitForResponse(/-700-normal.*\.woff2$/);
  send();
  await come;
  await settled(page);
  expect(await faces()).toEqual(before);
  expect(await page.evaluate(() => (globalThis as unknown as { watched: Watched }).watched.shift)).toBe(0);
  await context.close();
});
