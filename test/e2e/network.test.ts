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
  const page = await (await browser.newContext()).newPage();
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

const control = async (page: Page, name: string, device: string, token?: string): Promise<Node> => {
  await page.evaluate(([n, d, t]) => (globalThis as unknown as NetworkPage).startNode(n ?? "", d ?? "", t), [
    name,
    device,
    token,
  ] as const);
  const seen = (): Promise<SeenEvent[]> => page.evaluate(() => (globalThis as unknown as NetworkPage).seen);
  const reachable = (): Promise<unknown> =>
    page.waitForFunction(() => (globalThis as unknown as NetworkPage).addresses().length > 0);
  await reachable();
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

const bring = async (name: string, device: string, token?: string): Promise<Node> =>
  control(await openPage(), name, device, token);

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
