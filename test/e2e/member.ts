/**
 * One member at a browser context of their own: taps what a person taps, and tells what the screen shows and what the
 * page last heard from its node. Knows nothing of what should happen.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page, Worker } from "playwright";
import type { View } from "../../worker/port.ts";
import { bundle } from "./bundle.ts";
import { VENDOR, type MeterAtPort } from "./meter-plan.ts";
import type { WorkerControls, WorkerPlan } from "./worker-script.ts";

/** A phone: most members have nothing else. */
const VIEWPORT = { width: 390, height: 844 };

const LOOK_MS = 200;

/** Asks until there is an answer. @throws Error with what `missing` says after `timeout` ms. */
export const eventually = async <T>(
  ask: () => Promise<T | null>,
  missing: () => Promise<string>,
  timeout: number,
): Promise<T> => {
  const end = performance.now() + timeout;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() > end) throw new Error(`not within ${timeout} ms: ${await missing()}`);
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
};

export type MemberOptions = {
  readonly name: string;
  /** What is put in front of the worker's code; null leaves worker and service worker as they are. */
  readonly plan?: WorkerPlan;
  /** Virtual meters at the device's ports; `script` is what {@link meterScript} made. */
  readonly meters?: { readonly plan: readonly MeterAtPort[]; readonly script: string };
  /** Run in the page before its own code. */
  readonly before?: () => void;
};

/** `first` and `view`: the node's first and newest view in this page; `sent`: frames to peers, keep-alives not counted. */
type Seen = { first: View | null; view: View | null; sent: number };
const seenBy = (page: Page): Promise<Seen> => page.evaluate(() => (globalThis as unknown as { seen: Seen }).seen);

/** The plain script of the fake meter and the bundled rest, made once for all members. */
export const workerScript = async (): Promise<string> => {
  const fake = readFileSync(fileURLToPath(new URL("fake-serial.js", import.meta.url)), "utf8");
  const made = await bundle("worker-script.ts");
  made.remove();
  return `${fake}\n${made.script}`;
};

export const meterScript = async (): Promise<string> => {
  const made = await bundle("worker-meters.ts");
  made.remove();
  return made.script;
};

/** In the page: keeps the node's views and counts what the node sends to peers. */
const spy = (): void => {
  const seen: Seen = { first: null, view: null, sent: 0 };
  const keepAliveBytes = 16;
  Object.assign(globalThis, { seen });
  globalThis.Worker = class extends globalThis.Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      this.addEventListener("message", ({ data }: MessageEvent) => {
        if (data.kind === "view") {
          seen.view = data.view;
          seen.first ??= data.view.phase === "starting" ? null : data.view;
        } else if (data.kind === "peer" && data.command.kind === "send" && data.command.bytes.length > keepAliveBytes)
          seen.sent += 1;
      });
    }
  };
};

export class Member {
  readonly name: string;
  readonly context: BrowserContext;
  page: Page;
  /** Console errors and warnings of page and worker, newest last. */
  readonly complaints: string[] = [];
  /** What the node has signed and has on disk, by its key there: every value that the key ever had. */
  readonly signed = new Map<string, Set<string>>();
  /** The twelve words, as they stand on its paper. */
  paper: readonly string[] = [];
  readonly #url: string;

  constructor(name: string, context: BrowserContext, page: Page, url: string) {
    this.name = name;
    this.context = context;
    this.page = page;
    this.#url = url;
    this.#watch(page);
  }

  #watch(page: Page): void {
    page.on("console", (line) => {
      const text = line.text();
      const own = /^own (\S+) ([0-9a-f]*)$/.exec(text);
      if (own !== null) {
        const [, key = "", value = ""] = own;
        this.signed.set(key, (this.signed.get(key) ?? new Set()).add(value));
      } else if (line.type() === "error" || line.type() === "warning") this.complaints.push(`${line.type()}: ${text}`);
    });
    page.on("pageerror", (error) => this.complaints.push(`${error.name}: ${error.message}`));
  }

  /** Opens the app at a hash route; the page that was open is left as it is. */
  async goto(hash: string): Promise<void> {
    await this.page.goto(`${this.#url}${hash}`);
  }

  async closePage(): Promise<void> {
    await this.page.close();
  }

  async reopen(): Promise<void> {
    this.page = await this.context.newPage();
    this.#watch(this.page);
    await this.goto("#/");
  }

  async view(): Promise<View> {
    return eventually(
      async () => (await seenBy(this.page)).view,
      async () => `${this.name} has no view`,
      30_000,
    );
  }

  /** What the node knew as soon as it had read its disk, in the page that is open. */
  async firstView(): Promise<View> {
    return eventually(
      async () => (await seenBy(this.page)).first,
      async () => `${this.name} has no view`,
      30_000,
    );
  }

  async sent(): Promise<number> {
    return (await seenBy(this.page)).sent;
  }

  /** The amounts under these headings on Home, at one moment together with the view that they show. */
  async home(): Promise<{ readonly view: View; readonly today: string; readonly total: string }> {
    await this.goto("#/");
    await this.page.locator("dl.totals").waitFor();
    return this.page.evaluate(() => {
      const { view } = (globalThis as unknown as { seen: { view: View } }).seen;
      const [today, total] = Array.from(document.querySelectorAll("dl.totals dd"), (dd) => dd.textContent ?? "");
      return { view, today: today ?? "", total: total ?? "" };
    });
  }

  /** Waits until the node's view is as wanted; the answer is that view. */
  async until(what: string, wanted: (view: View) => boolean, timeout = 60_000): Promise<View> {
    return eventually(
      async () => {
        // A page that is just loading anew, as with the servers of an invitation, is asked again when it is there.
        const view = await seenBy(this.page).then(
          (seen) => seen?.view ?? null,
          (error: unknown) => {
            if (String(error).includes("Execution context was destroyed")) return null;
            throw error;
          },
        );
        return view !== null && wanted(view) ? view : null;
      },
      async () => `${this.name}: ${what}; the screen says:\n${await this.text()}\n${this.complaints.join("\n")}`,
      timeout,
    );
  }

  /** Waits until the screen says this. */
  async reads(text: string | RegExp, timeout = 60_000): Promise<void> {
    await this.page.getByText(text).first().waitFor({ timeout });
  }

  async text(): Promise<string> {
    return this.page.locator("#app").innerText();
  }

  button(name: string | RegExp) {
    return this.page.getByRole("button", { name });
  }

  link(name: string | RegExp) {
    return this.page.getByRole("link", { name });
  }

  /** The node worker, for steering its meter and disk. */
  worker(): Worker {
    const found = this.page.workers().find((worker) => worker.url().includes("node.worker"));
    if (found === undefined) throw new Error(`${this.name} has no node worker`);
    return found;
  }

  async control(change: Partial<Pick<WorkerControls, "diskFull" | "meterShift">>): Promise<void> {
    await this.worker().evaluate((values) => void Object.assign(globalThis, values), change);
  }

  /** Picks a word for each that is asked for: the one on the paper, or another. */
  async #pickWords(paper: readonly string[], right: boolean): Promise<void> {
    for (const question of await this.page.locator("fieldset[data-position]").all()) {
      const word = paper[Number(await question.getAttribute("data-position")) - 1] ?? "";
      const options = await question.locator("label").allInnerTexts();
      const pick = options.findIndex((option) => (option.trim() === word) === right);
      await question.locator("label").nth(pick).click();
    }
  }

  /** Reads the words off the screen as onto paper, errs once, then picks the three that are asked for. */
  async writeDownPhrase(finish: string): Promise<void> {
    const paper = await this.page.locator("ol.words li .strong").allInnerTexts();
    this.paper = paper;
    await this.button("I have written them down").click();
    await this.#pickWords(paper, false);
    await this.button(finish).click();
    await this.reads("One of the words does not match your paper.");
    await this.#pickWords(paper, true);
    await this.button(finish).click();
  }

  async create(community: string): Promise<void> {
    await this.link("Create a community").click();
    await this.page.locator("input[name=community]").fill(community);
    await this.page.locator("input[name=member]").fill(this.name);
    await this.page.getByText("Every 10 seconds").click();
    await this.button("Make my keys").click();
    await this.page.locator("ol.words li").first().waitFor();
    await this.writeDownPhrase("Create the community");
    await this.reads(`${community} exists.`);
  }

  /** The link as the screen shows it. */
  async invite(): Promise<string> {
    await this.goto("#/invite");
    await this.button("Make an invitation").click();
    return this.page.locator("main input[readonly]").inputValue();
  }

  async join(link: string): Promise<void> {
    await this.page.goto(link);
    await this.page.locator("input[name=member]").fill(this.name);
    await this.button("Make my keys").click();
    await this.page.locator("ol.words li").first().waitFor();
    await this.writeDownPhrase("Ask to join");
  }

  /** As far as the cable: the picture, the wires, the browser's list. */
  async chooseCable(kind: string): Promise<void> {
    await this.goto("#/pair");
    await this.page.locator(`button[data-kind=${kind}]`).click();
    await this.link("Go on").click();
    await this.button("Choose a cable").click();
  }

  /** Listens, compares, copies the front, and is done. */
  async pairMeter(label: string, kind = "p1", imp: string | null = null): Promise<void> {
    await this.chooseCable(kind);
    await this.button("Compare with the meter").click({ timeout: 120_000 });
    await this.button("Yes, that is it").click({ timeout: 60_000 });
    await this.page.locator("input[name=whole]").fill("230 V 0,25-5(60) A Cl. B");
    if (imp !== null) await this.page.locator("input[name=imp]").fill(imp);
    await this.page.locator("input[name=pmax]").fill("5");
    await this.page.locator("input[name=label]").fill(label);
    await this.button("Pair this meter").click();
    await this.button("See it count").click();
    await this.page.waitForURL(/#\/meter$/);
  }
}

/** A zone where the day is far from its end: "today" must not change in the middle of a test. */
const noonZone = (): string => {
  const ahead = 12 - new Date().getUTCHours();
  // These names count west of Greenwich.
  return ahead === 0 ? "Etc/GMT" : `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
};

/** @param script what {@link workerScript} made; used only where the options have a plan. */
export const openMember = async (
  browser: Browser,
  url: string,
  script: string,
  { name, plan, meters, before }: MemberOptions,
): Promise<Member> => {
  const context = await browser.newContext({
    viewport: VIEWPORT,
    locale: "en-GB",
    timezoneId: noonZone(),
    // A service worker would fetch the node worker past the route below.
    serviceWorkers: plan === undefined && meters === undefined ? "allow" : "block",
  });
  await context.addInitScript(spy);
  if (before !== undefined) await context.addInitScript(before);
  if (plan !== undefined) {
    const head = `globalThis.testPlan = ${JSON.stringify(plan)};\n${script}\n`;
    await context.route(/\/assets\/node\.worker-[^/]*\.js$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: head + (await response.text()) });
    });
    // The page only asks for permission: its port says nothing.
    const fake = readFileSync(fileURLToPath(new URL("fake-serial.js", import.meta.url)), "utf8");
    await context.addInitScript({ content: `${fake}\ninstallFakeSerial({ telegramOf: () => "" });` });
  }
  if (meters !== undefined) {
    const head = `globalThis.meterPlan = ${JSON.stringify(meters.plan)};\n${meters.script}\n`;
    await context.route(/\/assets\/node\.worker-[^/]*\.js$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: head + (await response.text()) });
    });
    // The page asks for permission only: these are allowed already.
    await context.addInitScript(
      ([vendor, products]) => {
        const ports = products.map((usbProductId) => ({ getInfo: () => ({ usbVendorId: vendor, usbProductId }) }));
        const serial = { getPorts: async () => ports, requestPort: async () => ports[0] };
        Object.defineProperty(navigator, "serial", { configurable: true, get: () => serial });
      },
      [VENDOR, meters.plan.map(({ usbProductId }) => usbProductId)] as const,
    );
  }
  const page = await context.newPage();
  const member = new Member(name, context, page, url);
  await member.goto("");
  return member;
};
