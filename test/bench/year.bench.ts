/**
 * A year of quarter-hours, 35,040 steps and 50 members, over real PeerJS between Chromium pages with 10 ms each way: what a
 * light device with an empty disk pays for its verified total, and what a full one pays until it follows; one neighbour
 * each. The chain is made once (ten minutes of one core) into test-output/year.rows; where that is missing, only
 * COMMONWATT_YEAR=1 has it made, and otherwise this bench says that it was left out.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Hub } from "../../worker/cli/hub.ts";
import { syntheticCommand } from "../../worker/cli/synthetic.ts";
import type { View } from "../../worker/port.ts";
import type { Kind } from "../../worker/port-kind.ts";
import { launchBrowser, startApp } from "../e2e/browser.ts";
import { bundle } from "../e2e/bundle.ts";
import { eventually } from "../e2e/member.ts";
import { isolate, watchPeak, workerMegabytes } from "./memory.ts";
import { print } from "./print.ts";
import type { Settled, YearPage } from "./year-page.ts";

const FILE = fileURLToPath(new URL("../../test-output/year.rows", import.meta.url));
const LONG = 3_600_000;
const PIECE = 4_000_000;
const FULL_MS = 180_000;

type Seen = {
  view: View | null;
  /** performance.now() of the first link; 0 before. */
  linked: number;
  frames: number;
  received: number;
  sent: number;
  /** Something was sent once more after something had come. */
  rounds: number;
};
type Watched = { readonly seen: Seen };

/** In the page, before the app: each frame comes 10 ms later, and what the node hears, says and shows is noted. */
const watch = (): void => {
  const seen: Seen = { view: null, linked: 0, frames: 0, received: 0, sent: 0, rounds: 0 };
  Object.assign(globalThis, { seen });
  let isHeard = true;
  const send = RTCDataChannel.prototype.send;
  RTCDataChannel.prototype.send = function later(this: RTCDataChannel, data: never) {
    setTimeout(() => this.readyState === "open" && send.call(this, data), 10);
  };
  type FromWorker = { kind: string; view: View; command: { kind: string; bytes: Uint8Array } };
  type ToWorker = { kind: string; event?: { kind: string; bytes?: Uint8Array } };
  globalThis.Worker = class extends globalThis.Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      this.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
        if (data.kind === "view") seen.view = data.view;
        if (data.kind !== "peer" || data.command.kind !== "send") return;
        seen.sent += data.command.bytes.length;
        if (isHeard) seen.rounds += 1;
        isHeard = false;
      });
    }
    override postMessage(message: ToWorker, ...rest: []): void {
      const { event } = message;
      if (message.kind === "peer" && event?.kind === "up") seen.linked ||= performance.now();
      if (message.kind === "peer" && event?.kind === "data") {
        seen.frames += 1;
        seen.received += event.bytes?.length ?? 0;
        isHeard = true;
      }
      super.postMessage(message, ...rest);
    }
  };
};

let browser: Browser;
let app: Hub;
let script: string;
let file: Buffer | null = null;
const pieceAt = (at: number): Buffer => (file ??= readFileSync(FILE)).subarray(at, at + PIECE);

const prepare = async (): Promise<void> => {
  if (!existsSync(FILE)) {
    const io = { cwd: ".", interactive: false, stop: new AbortController().signal, stdout: () => {}, stderr: () => {} };
    await syntheticCommand.run(["--out", FILE], io);
  }
  app = await startApp();
  browser = await launchBrowser();
  const made = await bundle("../bench/year-page.ts");
  made.remove();
  ({ script } = made);
};

/** A browser that is the device of a founder; `rows`: where it finds the whole chain, null for a device without. */
const settle = async (member: number, kind: Kind, rows: string | null): Promise<[BrowserContext, Settled]> => {
  const context = await browser.newContext({ serviceWorkers: "block", locale: "en-GB" });
  // In pieces: a browser's debugger does not take it whole.
  await context.route("**/year.rows?*", (route) =>
    route.fulfill({ body: pieceAt(Number(new URL(route.request().url()).searchParams.get("at"))) }),
  );
  const page = await context.newPage();
  await page.goto(`${app.url}favicon.svg`);
  await page.evaluate(script);
  const settled = await page.evaluate(([m, k, f]) => (globalThis as unknown as YearPage).settle(m, k, f), [
    member,
    kind,
    rows,
  ] as const);
  await page.close();
  await context.unroute("**/year.rows?*");
  await isolate(context);
  await context.addInitScript(watch);
  return [context, settled];
};
const openApp = async (context: BrowserContext): Promise<Page> => {
  const page = await context.newPage();
  await page.goto(app.url);
  return page;
};
/** The same, with its memory looked at from the first moment on. */
const openWatched = async (context: BrowserContext): Promise<[Page, () => Promise<number>]> => {
  const page = await context.newPage();
  const peak = await watchPeak(page);
  await page.goto(app.url);
  return [page, peak];
};
const memory = async (page: Page, peak: () => Promise<number>) => [
  { name: "the most that its worker's heap held, garbage included", value: await peak(), unit: "MB" },
  { name: "memory of its worker", value: await workerMegabytes(page), unit: "MB" },
];
const seenIn = (page: Page): Promise<Seen> => page.evaluate(() => (globalThis as unknown as Watched).seen);
const until = (page: Page, what: string, is: (view: View) => boolean, timeout = 60_000): Promise<View> =>
  eventually(
    async () => {
      const { view } = await seenIn(page);
      return view !== null && is(view) ? view : null;
    },
    async () => {
      const { view, ...rest } = await seenIn(page);
      const { phase, problem, sync, final, kind, totalMineMwh: total } = view ?? {};
      return `${what}: ${JSON.stringify({ phase, problem, sync, final, total, kind, ...rest })}`;
    },
    timeout,
  );

/** Looked for in the page itself: performance.now() when the screen had the verified total, since the page began. */
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

const transfer = (seen: Seen, ended: number) => [
  { name: "of which since it met a neighbour", value: (ended - seen.linked) / 1_000, unit: "s" },
  { name: "received", value: seen.received / 1_000, unit: "kB" },
  { name: "sent", value: seen.sent / 1_000, unit: "kB" },
  { name: "frames received", value: seen.frames, unit: "" },
  { name: "round trips", value: seen.rounds, unit: "" },
];

/** Since the page began, as performance.now() there. */
const nowIn = (page: Page): Promise<number> => page.evaluate(() => performance.now());

describe.skipIf(!existsSync(FILE) && process.env["COMMONWATT_YEAR"] === undefined)("a year of 50 members", () => {
  let archive: BrowserContext;
  let meters: readonly number[];
  let height: number;

  beforeAll(prepare, LONG);
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  test("a full node that has the year", { timeout: LONG }, async () => {
    const [context, settled] = await settle(0, "full", "/year.rows");
    [archive, meters] = [context, settled.meters];
    print("Chromium", "the year's disk", [
      { name: "rows", value: settled.rows, unit: "" },
      { name: "bytes", value: settled.bytes / 1_000_000, unit: "MB" },
    ]);
    const [page, peak] = await openWatched(archive);
    const { final } = await until(page, "it is open", (view) => view.phase === "member" && view.final !== null);
    height = final?.height ?? 0;
    expect(height).toBeGreaterThan(30_000);
    print("Chromium", "a full node that has the year", [
      { name: "page opened to its own chain", value: (await nowIn(page)) / 1_000, unit: "s" },
      ...(await memory(page, peak)),
    ]);
  });

  test("a light device with an empty disk", { timeout: LONG }, async () => {
    const [context] = await settle(1, "light", null);
    const total = meters[1] ?? 0;
    const [page, peak] = await openWatched(context);
    const at = await timeOf(page, total);
    const seen = await seenIn(page);
    print("Chromium", "a light device with an empty disk", [
      { name: "page opened to the year's verified total", value: at / 1_000, unit: "s" },
      ...transfer(seen, at),
      ...(await memory(page, peak)),
    ]);
    await page.close();
    const again = await openApp(context);
    const shown = await timeOf(again, total);
    print("Chromium", "it opens again", [{ name: "page opened to total", value: shown / 1_000, unit: "s" }]);
    await context.close();
  });

  test("a full device with an empty disk", { timeout: LONG }, async () => {
    const [context] = await settle(2, "full", null);
    const [page, peak] = await openWatched(context);
    const isThere = (view: View): boolean => view.phase === "member" && (view.final?.height ?? 0) >= height;
    await until(page, "it follows", isThere, FULL_MS);
    const [at, seen] = [await nowIn(page), await seenIn(page)];
    print("Chromium", "a full device with an empty disk", [
      { name: "page opened to following", value: at / 1_000, unit: "s" },
      ...transfer(seen, at),
      ...(await memory(page, peak)),
    ]);
    await context.close();
  });
});
