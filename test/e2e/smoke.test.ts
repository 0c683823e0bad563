/** The built app in a real browser: it opens without a complaint, can be installed, and opens without a network. */
import type { Browser, BrowserContext, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Hub, SIGNAL_KEY, SIGNAL_PATH, TIME_PATH } from "../../worker/cli/hub.ts";
import { launchBrowser, startApp } from "./browser.ts";

let hub: Hub;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  hub = await startApp();
  browser = await launchBrowser();
  context = await browser.newContext();
  page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText ?? ""}`));
});

afterAll(async () => {
  await browser?.close();
  await hub?.close();
});

const fetchText = (path: string): Promise<string> =>
  page.evaluate(async (url) => (await fetch(url)).text(), new URL(path, hub.url).href);

const ready = (): Promise<string | undefined> =>
  page.evaluate(async () => (await navigator.serviceWorker.ready).active?.scriptURL);

test("the page opens, says what it is and replaces the opening sentence", async () => {
  await page.goto(hub.url);
  expect(await page.title()).toContain("Commonwatt");
  await page.waitForFunction(() => !(document.querySelector("#app")?.textContent ?? "").includes("is opening on"));
  expect((await page.locator("#app").innerText()).trim()).not.toBe("");
});

test("the service worker becomes ready, at the root", async () => {
  expect(await ready()).toBe(`${hub.url}service.worker.js`);
});

test("the browser finds nothing wrong with the manifest, and its icons have the sizes it says", async () => {
  const devtools = await context.newCDPSession(page);
  const { errors, url } = await devtools.send("Page.getAppManifest");
  expect(url).toBe(`${hub.url}manifest.webmanifest`);
  expect(errors).toEqual([]);
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  // A private window cannot install anything; everything else would be our fault.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito")).toEqual([]);
  const { icons } = JSON.parse(await fetchText("manifest.webmanifest")) as { icons: { src: string; sizes: string }[] };
  for (const icon of icons.filter(({ src }) => src.endsWith(".png"))) {
    const size = await page.evaluate(async (src) => {
      const bitmap = await createImageBitmap(await (await fetch(src)).blob());
      return `${bitmap.width}x${bitmap.height}`;
    }, icon.src);
    expect(size, icon.src).toBe(icon.sizes);
  }
});

test("the hub tells the time and introduces peers, but lists none", async () => {
  const { now } = JSON.parse(await fetchText(TIME_PATH)) as { now: number };
  expect(Number.isSafeInteger(now)).toBe(true);
  const peers = await context.request.get(new URL(`${SIGNAL_PATH}/${SIGNAL_KEY}/peers`, hub.url).href);
  expect(peers.status()).toBe(401);
  const opened = await page.evaluate(
    (url) =>
      new Promise<string>((done, fail) => {
        const socket = new WebSocket(url);
        socket.addEventListener("message", ({ data }) => done(String(data)));
        socket.addEventListener("error", () => fail(new Error("the signalling socket does not open")));
      }),
    `${hub.url.replace("http", "ws")}${SIGNAL_PATH.slice(1)}/peerjs?key=${SIGNAL_KEY}&id=smoke&token=smoke`,
  );
  expect(JSON.parse(opened)).toEqual({ type: "OPEN" });
});

test("nothing complained while it opened", () => {
  expect(complaints).toEqual([]);
});

const keptLater = (): Promise<string[]> =>
  page.evaluate(async () => {
    const cache = await caches.open("used-assets");
    return (await cache.keys()).map(({ url }) => url.split("/").at(-1) ?? "");
  });

test("what the first visit left out is fetched afterwards: every file in English, none in another language", async () => {
  // The last of them in the order in which they are fetched.
  const isDone = async (): Promise<boolean> => (await keptLater()).some((name) => name.startsWith("wizard-en-"));
  await expect.poll(isDone, { timeout: 30_000 }).toBe(true);
  const names = await keptLater();
  for (const one of ["Create", "Pair", "Proof", "Voting", "meters"]) {
    expect(
      names.filter((name) => name.startsWith(`${one}-`)),
      one,
    ).not.toEqual([]);
  }
  expect(names.filter((name) => /^(?:wizard-)?(?:fr|nl)-|^lab[.-]/.test(name))).toEqual([]);
});

test("it opens again without a network, also at a screen that was never opened", async () => {
  await context.setOffline(true);
  await page.evaluate(() => history.replaceState(null, "", "#/create"));
  const response = await page.reload();
  expect(response?.fromServiceWorker()).toBe(true);
  await page.locator("input[name=community]").waitFor();
  await context.setOffline(false);
});

test("an address that does not exist gets a plain sentence, and a path out of the app's folder gets nothing", async () => {
  const missing = await context.request.get(new URL("no/such/file.js", hub.url).href);
  expect(missing.status()).toBe(404);
  const outside = await context.request.get(`${hub.url}..%2fpackage.json`);
  expect(outside.status()).toBeGreaterThanOrEqual(400);
});
