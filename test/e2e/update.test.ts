/**
 * A new build comes while meters are read: it waits for the member, then for a gap between two pulses, and nothing that
 * the meters counted is lost. Afterwards, unseen, the device calls its member when a cable is pulled. The tests are one
 * story and run in order.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dist, ensureBuilt, sourceId } from "../../worker/cli/prepare.mjs";
import { type Hub, startServer } from "../../worker/cli/hub.ts";
import type { CommandKind, Commands, View } from "../../worker/port.ts";
import type { MeterSettings } from "../../worker/port-meter.ts";
import { launchBrowser } from "./browser.ts";
import { eventually, meterScript } from "./member.ts";
import { VENDOR, type MeterAtPort } from "./meter-plan.ts";
import { putSecondBuild } from "./second-build.ts";

const PULSE_MWH = 100;
/** One pulse each 15 s: between two of them there is time for a new build. */
const RX_PERIOD_MS = 15_000;
const RX: MeterAtPort = { name: "rx-pulses", watts: 24, since: 0, usbProductId: 1 };
const LINES: MeterAtPort = { name: "s0", watts: 5_760, since: 0, usbProductId: 2 };
const NEXT_BUILD = "5ec0d0000000";

let folder: string;
let hub: Hub;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const complaints: string[] = [];

type Spied = {
  view: View | null;
  hidden: boolean;
  ask: (name: CommandKind, what: unknown) => Promise<{ ok: boolean; value: unknown; error?: { message: string } }>;
};

/** In the page: the node's newest view, a way to ask it, and whether the page says that it is hidden. */
const spy = (): void => {
  const answers = new Map<number, (answer: never) => void>();
  let worker: Worker | null = null;
  let next = 1_000_000;
  const spied: Spied = {
    view: null,
    hidden: false,
    ask: (name, ask) =>
      new Promise((done) => {
        const id = next++;
        answers.set(id, done);
        worker?.postMessage({ kind: "command", id, name, ask });
      }),
  };
  Object.assign(globalThis, { spied });
  globalThis.Worker = class extends globalThis.Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      // oxlint-disable-next-line typescript/no-this-alias -- the page keeps no other word for its worker
      worker = this;
      this.addEventListener("message", ({ data }: MessageEvent) => {
        if (data.kind === "view") spied.view = data.view;
        if (data.kind === "answer") answers.get(data.id)?.(data as never);
      });
    }
  };
  const { get } = Object.getOwnPropertyDescriptor(Document.prototype, "visibilityState") ?? {};
  Object.defineProperty(document, "visibilityState", {
    get: () => (spied.hidden ? "hidden" : (get?.call(document) as DocumentVisibilityState)),
  });
};

const ask = async <K extends CommandKind>(name: K, what: Commands[K]["ask"]): Promise<Commands[K]["answer"]> => {
  const answer = await page.evaluate(([one, two]) => (globalThis as unknown as { spied: Spied }).spied.ask(one, two), [
    name,
    what,
  ] as const);
  if (!answer.ok) throw new Error(`${name}: ${answer.error?.message}`);
  return answer.value as Commands[K]["answer"];
};

const until = (what: string, wanted: (view: View) => boolean, timeout = 60_000): Promise<View> =>
  eventually(
    async () => {
      const view = await page
        .evaluate(() => (globalThis as unknown as { spied?: Spied }).spied?.view ?? null)
        .catch(() => null);
      return view !== null && wanted(view) ? view : null;
    },
    async () => `${what}; ${complaints.join("; ")}`,
    timeout,
  );

const settings = (label: string, part: Partial<MeterSettings>, usbProductId: number): MeterSettings => ({
  label,
  protocol: "pulse",
  baudRate: 300,
  impPerKwh: 10_000,
  phases: 1,
  iMinMa: 250,
  accuracyClass: "B",
  pMaxW: 8_000,
  via: "serial",
  port: { usbVendorId: VENDOR, usbProductId },
  ...part,
});

beforeAll(async () => {
  if (!ensureBuilt()) throw new Error("the app could not be built: see the lines above");
  folder = mkdtempSync(join(tmpdir(), "commonwatt-update-"));
  cpSync(dist, folder, { recursive: true });
  const since = Math.ceil(Date.now() / 1_000) * 1_000;
  const plan = [RX, LINES].map((meter) => ({ ...meter, since }));
  const head = `globalThis.meterPlan = ${JSON.stringify(plan)};\n${await meterScript()}\n`;
  for (const name of readdirSync(join(folder, "assets")).filter((file) => /^node\.worker-.*\.js$/.test(file))) {
    const path = join(folder, "assets", name);
    writeFileSync(path, head + readFileSync(path, "utf8"));
  }
  hub = await startServer({ port: 0, host: "127.0.0.1", dir: folder });
  browser = await launchBrowser();
  context = await browser.newContext({ locale: "en-GB", permissions: ["notifications"] });
  await context.addInitScript(spy);
  page = await context.newPage();
  page.on("console", (line) => {
    if (line.type() === "error" || line.type() === "warning") complaints.push(line.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(hub.url);
});

afterAll(async () => {
  await browser?.close();
  await hub?.close();
  rmSync(folder, { recursive: true, force: true });
});

const counting = (view: View): boolean =>
  view.meters.length === 2 && view.meters.every(({ state, liveW }) => state === "counting" && liveW !== null);
const rxOf = (view: View): View["meters"][number] => {
  const found = view.meters.find(({ protocol }) => protocol === "pulse");
  if (found === undefined) throw new Error("no pulse meter");
  return found;
};
const versionShown = (): Promise<string> => page.locator("dd[translate=no]").innerText();

let before: View["meters"][number];

test("two meters count, one by raw pulses", async () => {
  await until("the app is open", ({ phase }) => phase === "welcome");
  const { words } = await ask("new-phrase", { other: false });
  await ask("create", { communityName: "Street", memberName: "Ana", preset: "fast", quorum: "majority", words });
  await until("a member", ({ phase }) => phase === "member");
  await ask("pair-meter", settings("Raw", {}, RX.usbProductId));
  await ask("pair-meter", settings("Lines", { protocol: "s0", baudRate: 115_200 }, LINES.usbProductId));
  before = rxOf(await until("both count", counting, 90_000));
  await page.evaluate(() => navigator.serviceWorker.ready);
});

test("a new build is offered, and does not come by itself", async () => {
  putSecondBuild(folder, { old: sourceId(), next: NEXT_BUILD });
  await page.goto(`${hub.url}#/health`);
  expect(await versionShown()).toBe(sourceId());
  await page.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration())?.update()));
  await page.getByText("A new version is ready.").waitFor();
  expect(await versionShown()).toBe(sourceId());
});

test("taken, it reads on where the old one ended: not a pulse is missing", async () => {
  await page.getByRole("button", { name: "Update" }).click();
  const began = performance.now();
  await page.getByText(NEXT_BUILD).waitFor({ timeout: 60_000 });
  process.stdout.write(`the new build was there ${Math.round(performance.now() - began)} ms after the tap\n`);
  const last = rxOf(await until("it counts again", (view) => counting(view) && rxOf(view).registerMwh !== null));
  const after = rxOf(await until("another pulse", (view) => (rxOf(view).lastReading ?? 0) > (last.lastReading ?? 0)));
  const ms = (after.lastReading ?? 0) - (before.lastReading ?? 0);
  expect(ms).toBeGreaterThan(2 * RX_PERIOD_MS);
  const pulses = ((after.registerMwh ?? 0) - (before.registerMwh ?? 0)) / PULSE_MWH;
  expect(pulses).toBe(Math.round(ms / RX_PERIOD_MS));
});

test("a pulled cable is told once while nobody looks, without a name, and leads to the meter", async () => {
  await page.locator("input[name=notice-meter]").check();
  await page.evaluate(() => Object.assign((globalThis as unknown as { spied: Spied }).spied, { hidden: true }));
  const worker = page.workers().find((one) => one.url().includes("node.worker"));
  await worker?.evaluate(async () => {
    const serial = navigator.serial as unknown as { getPorts(): Promise<unknown[]>; pull(port: unknown): void };
    serial.pull((await serial.getPorts())[1]);
  });
  await until("unplugged", ({ meters }) => meters.some(({ state }) => state === "unplugged"));
  const shown = await eventually(
    async () => {
      const all = await page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready;
        return (await registration.getNotifications()).map(({ title, body, tag, data }) => ({
          title,
          body,
          tag,
          data,
        }));
      });
      return all.length > 0 ? all : null;
    },
    async () => "no notice",
    20_000,
  );
  expect(shown).toHaveLength(1);
  expect(shown[0]).toMatchObject({ title: "Your meter fell silent", data: { hash: "#/meter" } });
  expect(shown[0]?.body).not.toMatch(/Lines|Raw/);
});

test("nothing complained", () => {
  expect(complaints).toEqual([]);
});
