/**
 * A year of quarter-hours, 35,040 steps and 50 members, over real PeerJS between Chromium pages with 10 ms each way: what a
 * light device with an empty disk pays for its verified total, and what a full one pays until it follows. The chain is
 * made once (ten minutes of one core) into test-output/year.rows.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Hub } from "../../worker/cli/hub.ts";
import { syntheticCommand } from "../../worker/cli/synthetic.ts";
import type { View } from "../../worker/port.ts";
import type { Kind } from "../../worker/port-kind.ts";
import { launchBrowser, startApp } from "../e2e/browser.ts";
import { bundle } from "../e2e/bundle.ts";
import { eventually } from "../e2e/member.ts";
import { print } from "./print.ts";
import type { Settled, YearPage } from "./year-page.ts";

const FILE = fileURLToPath(new URL("../../test-output/year.rows", import.meta.url));
const LONG = 3_600_000;
const PIECE = 4_000_000;
let file: Buffer | null = null;
const whole = (): Buffer => (file ??= readFileSync(FILE));
/** Only pages that are isolated are told what memory they use. */
const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

type Seen = { view: View | null; linked: number; messages: number; bytes: number };
type Watched = { readonly seen: Seen };

/** In the page, before the app: each frame comes 10 ms later, and what the node hears and shows is noted. */
const watch = (): void => {
  const seen: Seen = { view: null, linked: 0, messages: 0, bytes: 0 };
  Object.assign(globalThis, { seen });
  const send = RTCDataChannel.prototype.send;
  RTCDataChannel.prototype.send = function later(this: RTCDataChannel, data: never) {
    setTimeout(() => this.readyState === "open" && send.call(this, data), 10);
  };
  globalThis.Worker = class extends globalThis.Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      this.addEventListener("message", ({ data }: MessageEvent) => {
        if (data.kind === "view") seen.view = data.view;
      });
    }
    override postMessage(message: { kind: string; event?: { kind: string; bytes?: Uint8Array } }, ...rest: []): void {
      const { event } = message;
      if (message.kind === "peer" && event?.kind === "up") seen.linked ||= performance.now();
      if (message.kind === "peer" && event?.kind === "data") {
        seen.messages += 1;
        seen.bytes += event.bytes?.length ?? 0;
      }
      super.postMessage(message, ...rest);
    }
  };
};

type Measured = { readonly breakdown: readonly { bytes: number; attribution: readonly { scope: string }[] }[] };
const workerMegabytes = async (page: Page): Promise<number> => {
  const { breakdown } = await page.evaluate(() =>
    (
      performance as unknown as { measureUserAgentSpecificMemory: () => Promise<Measured> }
    ).measureUserAgentSpecificMemory(),
  );
  return breakdown
    .filter(({ attribution }) => attribution.some(({ scope }) => scope === "DedicatedWorkerGlobalScope"))
    .reduce((sum, { bytes }) => sum + bytes / 1_000_000, 0);
};

let browser: Browser;
let app: Hub;
let script: string;
beforeAll(async () => {
  if (!existsSync(FILE)) {
    const io = { cwd: ".", interactive: false, stop: new AbortController().signal, stdout: () => {}, stderr: () => {} };
    await syntheticCommand.run(["--out", FILE], io);
  }
  app = await startApp();
  browser = await launchBrowser();
  const made = await bundle("../bench/year-page.ts");
  made.remove();
  ({ script } = made);
}, LONG);
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

const settle = async (member: number, kind: Kind, file: string | null): Promise<[BrowserContext, Settled]> => {
  const context = await browser.newContext({ serviceWorkers: "block", locale: "en-GB" });
  // In pieces: a browser's debugger does not take it whole.
  await context.route("**/year.rows?*", (route) => {
    const at = Number(new URL(route.request().url()).searchParams.get("at"));
    return route.fulfill({ body: whole().subarray(at, at + PIECE) });
  });
  const page = await context.newPage();
  await page.goto(`${app.url}favicon.svg`);
  await page.evaluate(script);
  const settled = await page.evaluate(([m, k, f]) => (globalThis as unknown as YearPage).settle(m, k, f), [
    member,
    kind,
    file,
  ] as const);
  await page.close();
  await context.unroute("**/year.rows?*");
  // The page and its worker alone, or the browser would ask here for its sockets too.
  await context.route(/(?:\/|\.html|worker-[\w-]+\.js)$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), ...ISOLATED } });
  });
  await context.addInitScript(watch);
  return [context, settled];
};
const openApp = async (context: BrowserContext): Promise<Page> => {
  const page = await context.newPage();
  await page.goto(app.url);
  return page;
};
const seenIn = (page: Page): Promise<Seen> => page.evaluate(() => (globalThis as unknown as Watched).seen);
const until = (page: Page, what: string, is: (view: View) => boolean): Promise<View> =>
  eventually(
    async () => {
      const { view } = await seenIn(page);
      return view !== null && is(view) ? view : null;
    },
    async () => {
      const { view } = await seenIn(page);
      return `${what}: ${JSON.stringify({ phase: view?.phase, problem: view?.problem, sync: view?.sync, final: view?.final, total: view?.totalMineMwh, kind: view?.kind, peers: view?.peers.length })}`;
    },
    25_000,
  );

/** In the page, so that it ends with the view itself: performance.now() when a view was as asked, since the page began. */
const timeOf = (page: Page, total: number): Promise<number> =>
  page.evaluate(
    (mwh) =>
      new Promise<number>((done) => {
        const look = (): void => {
          const { view } = (globalThis as unknown as Watched).seen;
          if (view?.phase === "member" && view.totalMineMwh === mwh && view.verifiedAt !== null)
            done(performance.now());
          else setTimeout(look, 5);
        };
        look();
      }),
    total,
  );

test("a year of 50 members", { timeout: LONG }, async () => {
  const [archive, { rows, bytes, meters }] = await settle(0, "full", "/year.rows");
  print("Chromium", "the year's disk", [
    { name: "rows", value: rows, unit: "" },
    { name: "bytes", value: bytes / 1_000_000, unit: "MB" },
  ]);
  const began = performance.now();
  const first = await openApp(archive);
  const { final } = await until(first, "the year is open", (view) => view.phase === "member" && view.final !== null);
  expect(final?.height ?? 0).toBeGreaterThan(30_000);
  print("Chromium", "a full node that has the year", [
    { name: "page opened to its own chain", value: (performance.now() - began) / 1_000, unit: "s" },
    { name: "memory of its worker", value: await workerMegabytes(first), unit: "MB" },
  ]);

  const [light] = await settle(1, "light", null);
  const page = await openApp(light);
  await until(page, `the light device has ${meters[1]} mWh`, (view) => view.totalMineMwh === meters[1]);
  const at = await timeOf(page, meters[1] ?? 0);
  const seen = await seenIn(page);
  print("Chromium", "a light device with an empty disk", [
    { name: "page opened to the year's verified total", value: at / 1_000, unit: "s" },
    { name: "of which since it met a neighbour", value: (at - seen.linked) / 1_000, unit: "s" },
    { name: "received", value: seen.bytes / 1_000, unit: "kB" },
    { name: "frames received", value: seen.messages, unit: "" },
    { name: "memory of its worker", value: await workerMegabytes(page), unit: "MB" },
  ]);
  await page.close();
  const again = await openApp(light);
  const shown = await timeOf(again, meters[1] ?? 0);
  print("Chromium", "the light device opened again", [
    { name: "page opened to total", value: shown / 1_000, unit: "s" },
  ]);
  await light.close();

  const [full] = await settle(2, "full", null);
  const fresh = await openApp(full);
  const began2 = performance.now();
  const height = (final?.height ?? 0) - 1;
  await until(
    fresh,
    "the full device follows",
    (view) => view.phase === "member" && (view.final?.height ?? 0) >= height,
  );
  const whole = await seenIn(fresh);
  print("Chromium", "a full device with an empty disk", [
    { name: "page opened to following", value: (performance.now() - began2) / 1_000, unit: "s" },
    { name: "received", value: whole.bytes / 1_000_000, unit: "MB" },
    { name: "memory of its worker", value: await workerMegabytes(fresh), unit: "MB" },
  ]);
});
