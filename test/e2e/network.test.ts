/** PeerJS in a real browser with the real signalling server: the acceptance suite, then page to page and its losses. */
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Hub } from "../../worker/cli/hub.ts";
import { deriveAddress } from "../../worker/network/address.ts";
import { COMMUNITY, keyOf, networkChecks } from "../contracts/network-checks.ts";
import { launchBrowser } from "./browser.ts";
import { bundle, type Bundle } from "./bundle.ts";
import type { NetworkPage, SeenEvent } from "./network-page.ts";

let files: Bundle;
let hub: Hub;
let browser: Browser;
let checks: Page;

beforeAll(async () => {
  files = await bundle("network-page.ts");
  hub = await files.serve();
  browser = await launchBrowser();
  checks = await openPage();
});

afterAll(async () => {
  await browser?.close();
  await hub?.close();
  files?.remove();
});

/** A browser context of its own: other storage, other caches, nothing shared. */
const openPage = async (): Promise<Page> => {
  // Of several hubs, none names the others in its policy.
  const page = await (await browser.newContext({ bypassCSP: true })).newPage();
  await page.goto(hub.url);
  return page;
};

type Node = {
  readonly page: Page;
  readonly address: () => Promise<string>;
  readonly seen: () => Promise<SeenEvent[]>;
  /** Waits until the nth time (counted from 1) that it was in this state. */
  readonly signalled: (state: string, nth?: number) => Promise<unknown>;
  /** Waits for the nth event of a kind (counted from 1). */
  readonly waitFor: <K extends SeenEvent["kind"]>(kind: K, nth?: number) => Promise<Extract<SeenEvent, { kind: K }>>;
};

const control = async (
  page: Page,
  name: string,
  device: string,
  token?: string,
  servers?: readonly string[],
): Promise<Node> => {
  await page.evaluate(([n, d, t, s]) => (globalThis as unknown as NetworkPage).startNode(n, d, t, s), [
    name,
    device,
    token,
    servers,
  ] as const);
  const node = nodeOn(page);
  await node.address();
  return node;
};

const nodeOn = (page: Page): Node => {
  const seen = (): Promise<SeenEvent[]> => page.evaluate(() => (globalThis as unknown as NetworkPage).seen);
  const reachable = (): Promise<unknown> =>
    page.waitForFunction(() => (globalThis as unknown as NetworkPage).addresses().length > 0);
  return {
    page,
    seen,
    address: async () => {
      await reachable();
      return page.evaluate(() => (globalThis as unknown as NetworkPage).addresses()[0] ?? "");
    },
    signalled: (state, nth = 1) =>
      page.waitForFunction(
        ([s, n]) =>
          (globalThis as unknown as NetworkPage).seen.filter(
            (event) => event.kind === "signalling" && event.state === s,
          ).length >= n,
        [state, nth] as const,
        { timeout: 60_000 },
      ),
    waitFor: async (kind, nth = 1) => {
      await page.waitForFunction(
        ([k, n]) => (globalThis as unknown as NetworkPage).seen.filter((event) => event.kind === k).length >= n,
        [kind, nth] as const,
        { timeout: 60_000 },
      );
      return (await seen()).filter((event) => event.kind === kind)[nth - 1] as never;
    },
  };
};

const bring = async (name: string, device: string, token?: string, servers?: readonly string[]): Promise<Node> =>
  control(await openPage(), name, device, token, servers);

const dial = (from: Node, address: string): Promise<void> =>
  from.page.evaluate((to) => (globalThis as unknown as NetworkPage).dial(to), address);

const send = (from: Node, peer: number, size: number): Promise<void> =>
  from.page.evaluate(([p, s]) => (globalThis as unknown as NetworkPage).send(p, s), [peer, size] as const);

test.each(networkChecks.map(({ name }) => name))("over WebRTC: %s", async (name) => {
  expect(await checks.evaluate((check) => (globalThis as unknown as NetworkPage).runCheck(check), name)).toBe("ok");
});

test("two pages talk, a MiB in each direction, and when one is left the other hears at once that it closed", async () => {
  const [a, b] = [await bring("a", "talk"), await bring("b", "talk")];
  await dial(a, await b.address());
  const [atA, atB] = [await a.waitFor("up"), await b.waitFor("up")];
  expect([atA.identity.key, atB.identity.key]).toEqual([keyOf("b"), keyOf("a")]);
  await Promise.all([send(a, atA.peer, 1024 * 1024), send(b, atB.peer, 1024 * 1024)]);
  const sum = (1024 * 1024 * 7) % 65_521;
  expect(await b.waitFor("message")).toMatchObject({ length: 1024 * 1024, sum });
  expect(await a.waitFor("message")).toMatchObject({ length: 1024 * 1024, sum });
  await b.page.goto("about:blank");
  expect(await a.waitFor("down")).toEqual({ kind: "down", peer: atA.peer, reason: "closed" });
  for (const { page } of [a, b]) await page.context().close();
});

test("a page that dies without a word is missed", async () => {
  const [a, b] = [await bring("a", "death"), await bring("b", "death")];
  await dial(a, await b.address());
  const up = await a.waitFor("up");
  await b.waitFor("up");
  // The page never comes back from there; the navigation fails with it.
  await b.page.goto("chrome://crash").catch(() => {});
  expect((await a.waitFor("down")).peer).toBe(up.peer);
  for (const { page } of [a, b]) await page.context().close();
});

test("a restart of the signalling server leaves links alone, and everybody is found under the same name again", async () => {
  const [a, b] = [await bring("a", "restart"), await bring("b", "restart")];
  await dial(a, await b.address());
  const [up] = [await a.waitFor("up"), await b.waitFor("up")];
  const address = await b.address();
  const { port } = hub;
  await hub.close();
  await Promise.all([a.signalled("retrying"), b.signalled("retrying")]);
  await send(a, up.peer, 1000);
  await b.waitFor("message");
  hub = await files.serve(port);
  await Promise.all([a.signalled("open", 2), b.signalled("open", 2)]);
  expect(await b.address()).toBe(address);
  expect((await a.seen()).filter(({ kind }) => kind === "down")).toEqual([]);
  const c = await bring("c", "restart");
  await dial(c, address);
  await c.waitFor("up");
  for (const { page } of [a, b, c]) await page.context().close();
});

test("a name that somebody else holds is left to them: the next suffix is taken", async () => {
  const squatter = await bring("a", "taken", "another-token");
  const a = await bring("a", "taken");
  expect(await squatter.address()).toBe(deriveAddress(COMMUNITY, keyOf("a"), "taken", 0));
  expect(await a.address()).toBe(deriveAddress(COMMUNITY, keyOf("a"), "taken", 1));
  const b = await bring("b", "taken");
  await dial(b, await a.address());
  expect((await b.waitFor("up")).identity.key).toBe(keyOf("a"));
  for (const { page } of [squatter, a, b]) await page.context().close();
});

test("a node gets its own name back while the server still holds its last connection", async () => {
  const first = await bring("a", "again");
  const address = await first.address();
  const second = await bring("a", "again");
  expect(await second.address()).toBe(address);
  expect(await second.page.evaluate(() => (globalThis as unknown as NetworkPage).asked)).toEqual([address]);
  const b = await bring("b", "again");
  await dial(b, address);
  await b.waitFor("up");
  expect((await second.waitFor("up")).identity.key).toBe(keyOf("b"));
  for (const { page } of [first, second, b]) await page.context().close();
});

test("after a change of network a nudge takes the same name again, and links stay", async () => {
  const [a, b] = [await bring("a", "nudge"), await bring("b", "nudge")];
  await dial(a, await b.address());
  const up = await a.waitFor("up");
  const address = await a.address();
  await a.page.evaluate(() => (globalThis as unknown as NetworkPage).nudge("online"));
  await a.signalled("open", 2);
  expect(await a.address()).toBe(address);
  await send(a, up.peer, 1000);
  await b.waitFor("message");
  const c = await bring("c", "nudge");
  await dial(c, address);
  await c.waitFor("up");
  expect((await a.seen()).filter(({ kind }) => kind === "down")).toEqual([]);
  for (const { page } of [a, b, c]) await page.context().close();
});

test("a network that starts anew behind the same page keeps its name and is linked again", async () => {
  const [a, b] = [await bring("a", "anew"), await bring("b", "anew")];
  await dial(a, await b.address());
  await a.waitFor("up");
  const address = await a.address();
  await a.page.evaluate(() => (globalThis as unknown as NetworkPage).restartNode());
  await a.signalled("open", 2);
  expect(await a.address()).toBe(address);
  await dial(a, await b.address());
  const up = await a.waitFor("up", 2);
  await b.waitFor("up", 2);
  await send(a, up.peer, 1000);
  await b.waitFor("message");
  for (const { page } of [a, b]) await page.context().close();
});

test("of two signalling servers one dies: members stay found through the other, and on the first again when it is back", async () => {
  const other = await files.serve();
  let first = await files.serve();
  const { port } = first;
  const servers = [first.url, other.url];
  const [a, b] = [await bring("a", "two", undefined, servers), await bring("b", "two", undefined, servers)];
  await dial(a, await b.address());
  const up = await a.waitFor("up");
  await first.close();
  await send(a, up.peer, 1000);
  await b.waitFor("message");
  // Who knows only the second server meets them there.
  const c = await bring("c", "two", undefined, [other.url]);
  await dial(c, await a.address());
  expect((await c.waitFor("up")).identity.key).toBe(keyOf("a"));
  expect((await a.seen()).filter((e) => e.kind === "signalling").map((e) => e.state)).toEqual(["connecting", "open"]);
  first = await files.serve(port);
  await other.close();
  // Who knows only the first meets them there, once they are back on it.
  const d = await bring("d", "two", undefined, [first.url]);
  await expect
    .poll(
      async () => {
        await dial(d, await b.address());
        return (await d.seen()).some(({ kind }) => kind === "up");
      },
      { timeout: 60_000, interval: 1_000 },
    )
    .toBe(true);
  expect((await a.seen()).filter(({ kind }) => kind === "down")).toEqual([]);
  for (const { page } of [a, b, c, d]) await page.context().close();
  await first.close();
});

test("sixteen names under which nobody is are all given back by the server", async () => {
  const a = await bring("a", "absent");
  for (let n = 0; n < 16; n++) await dial(a, deriveAddress(COMMUNITY, keyOf("b"), `absent-${n}`, 0));
  await a.waitFor("refused", 16);
  expect((await a.seen()).filter(({ kind }) => kind === "up")).toEqual([]);
  await a.page.context().close();
});

test("a page that was frozen and without a network is found again under its name", async () => {
  const [a, b] = [await bring("a", "frozen"), await bring("b", "frozen")];
  await dial(a, await b.address());
  await a.waitFor("up");
  const address = await a.address();
  const session = await a.page.context().newCDPSession(a.page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: true,
    latency: 0,
    downloadThroughput: 0,
    uploadThroughput: 0,
  });
  await session.send("Page.setWebLifecycleState", { state: "frozen" });
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: -1,
  });
  await session.send("Page.setWebLifecycleState", { state: "active" });
  await a.page.evaluate(() => (globalThis as unknown as NetworkPage).nudge("online"));
  await a.signalled("open", 2);
  expect(await a.address()).toBe(address);
  const c = await bring("c", "frozen");
  await dial(c, address);
  expect((await c.waitFor("up")).identity.key).toBe(keyOf("a"));
  for (const { page } of [a, b, c]) await page.context().close();
});

/** A page that is there, but whose signalling server is not. */
const alone = async (name: string): Promise<Node> => {
  const page = await openPage();
  const gone = await files.serve();
  await gone.close();
  await page.evaluate(([n, url]) => (globalThis as unknown as NetworkPage).startNode(n, "hand", undefined, [url]), [
    name,
    gone.url,
  ] as const);
  return nodeOn(page);
};
const offer = ({ page }: Node): Promise<string> => page.evaluate(() => (globalThis as unknown as NetworkPage).offer());
const answer = ({ page }: Node, to: string): Promise<string> =>
  page.evaluate((text) => (globalThis as unknown as NetworkPage).answer(text), to);
const accept = ({ page }: Node, text: string): Promise<void> =>
  page.evaluate((one) => (globalThis as unknown as NetworkPage).accept(one), text);

test("two devices connect without any signalling server: an offer and an answer, each short enough for a QR code", async () => {
  const [a, b] = [await alone("a"), await alone("b")];
  const offered = await offer(a);
  const answered = await answer(b, offered);
  for (const text of [offered, answered]) expect(text.length).toBeLessThan(300);
  await accept(a, answered);
  const [atA, atB] = [await a.waitFor("up"), await b.waitFor("up")];
  expect([atA.identity.key, atB.identity.key]).toEqual([keyOf("b"), keyOf("a")]);
  expect([atA.dialled, atB.dialled, atA.address]).toEqual([true, false, ""]);
  await send(a, atA.peer, 100_000);
  expect(await b.waitFor("message")).toMatchObject({ length: 100_000 });
  await send(b, atB.peer, 5);
  await a.waitFor("message");
  expect((await a.seen()).some((event) => event.kind === "signalling" && event.state === "open")).toBe(false);
  await b.page.goto("about:blank");
  expect((await a.waitFor("down")).reason).toBe("closed");
  for (const { page } of [a, b]) await page.context().close();
});
