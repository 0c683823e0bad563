/**
 * The content policy holds, and the app lives within it: two members, every screen, the demo, then all of it without a
 * network. Not one violation, not one request that leaves the origin; and what the policy forbids is really refused.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Hub } from "../../worker/cli/hub.ts";
import { launchBrowser, startApp } from "./browser.ts";
import { eventually, openMember, type Member } from "./member.ts";

let hub: Hub;
/** Introduces members, too; its address is in no header of the first. */
let elsewhere: Hub;
let browser: Browser;
let anna: Member;
let bram: Member;
/** Addresses that any page, worker or service worker asked for, sockets too. */
const asked: string[] = [];

const SCREENS = [
  "#/",
  "#/community",
  "#/invite",
  "#/rule",
  "#/terms",
  "#/chain",
  "#/voting",
  "#/meter",
  "#/pair",
] as const;

/** In the page: what the policy refused, also where nobody looks at the console. */
const watchPolicy = (): void => {
  const refused: string[] = [];
  Object.assign(globalThis, { refused });
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) => {
    refused.push(`${violatedDirective}: ${blockedURI} ${sample}`);
  });
};
const refusedIn = (member: Member): Promise<string[]> =>
  member.page.evaluate(() => (globalThis as unknown as { refused: string[] }).refused);

const watchNetwork = async (context: BrowserContext): Promise<void> => {
  context.on("request", (request) => asked.push(request.url()));
  const [page] = context.pages();
  if (page === undefined) throw new Error("no page");
  const devtools = await context.newCDPSession(page);
  devtools.on("Network.requestWillBeSent", ({ request }) => asked.push(request.url));
  devtools.on("Network.webSocketCreated", ({ url }) => asked.push(url));
  await devtools.send("Network.enable");
};

/** What the page says of itself names wss: only; here the second server is a plain one on the same machine. */
const allowPlain = (dir: string): void => {
  const file = join(dir, "index.html");
  writeFileSync(file, readFileSync(file, "utf8").replace(" wss:", " wss: ws:"));
};

beforeAll(async () => {
  [hub, elsewhere, browser] = await Promise.all([startApp(allowPlain), startApp(), launchBrowser()]);
  anna = await openMember(browser, hub.url, "", { name: "Anna", before: watchPolicy });
  bram = await openMember(browser, hub.url, "", { name: "Bram", before: watchPolicy });
  await Promise.all([watchNetwork(anna.context), watchNetwork(bram.context)]);
});

afterAll(async () => {
  await browser?.close();
  await hub?.close();
  await elsewhere?.close();
});

/** Another screen of the same page: nothing is loaded anew. */
const visit = async (member: Member, hash: string): Promise<void> => {
  await member.goto(hash);
  await member.page.locator("main h1:not([aria-busy])").first().waitFor();
};

test("create, invite, join, admit, and every screen: no violation, no other origin", async () => {
  await anna.create("Rue du Soleil 12");
  await bram.join(await anna.invite());
  await anna.goto("#/community");
  await anna.button("Admit").click({ timeout: 60_000 });
  await bram.until("a member", ({ phase }) => phase === "member", 120_000);
  for (const hash of [...SCREENS, "#/health", "#/leave"]) await visit(anna, hash);
  for (const member of [anna, bram]) expect(await refusedIn(member), member.name).toEqual([]);
});

test("the demo too", async () => {
  const guest = await openMember(browser, hub.url, "", { name: "Guest", before: watchPolicy });
  await watchNetwork(guest.context);
  await guest.page.locator(".ways button").click();
  await guest.page.locator(".banner.demo").waitFor();
  await guest.page.locator("main .figure").waitFor({ timeout: 60_000 });
  await guest.page.reload();
  await guest.page.locator(".banner.demo", { hasText: "the demo began again" }).waitFor();
  expect(await refusedIn(guest)).toEqual([]);
  expect(guest.complaints).toEqual([]);
  await guest.context.close();
});

test("everything was asked of the one origin, the signalling socket too", () => {
  const { host } = new URL(hub.url);
  expect(asked.filter((url) => url.startsWith("ws:"))).not.toEqual([]);
  const elsewhere = asked.filter((url) => !/^(?:data|blob|about):/.test(url) && new URL(url).host !== host);
  expect([...new Set(elsewhere)]).toEqual([]);
});

test("without a network every screen opens again", async () => {
  const isKept = (): Promise<boolean> =>
    anna.page.evaluate(async () => {
      const cache = await caches.open("used-assets");
      return (await cache.keys()).some(({ url }) => url.includes("/wizard-en-"));
    });
  await eventually(
    async () => ((await isKept()) ? true : null),
    async () => "not all is kept",
    60_000,
  );
  await anna.context.setOffline(true);
  for (const hash of [...SCREENS, "#/health", "#/leave"]) {
    await anna.page.evaluate((to) => history.replaceState(null, "", to), hash);
    const response = await anna.page.reload();
    expect(response?.fromServiceWorker(), hash).toBe(true);
    await anna.page.locator("main h1:not([aria-busy])").first().waitFor();
    await anna.until("its community", ({ phase }) => phase === "member");
    expect(await anna.text(), hash).not.toContain("This screen is not on this device yet.");
  }
  await anna.context.setOffline(false);
});

test("what the policy forbids is refused: other origins, HTML from text, scripts from elsewhere", async () => {
  await bram.goto("#/health");
  const outcome = await bram.page.evaluate(async () => {
    const tried = async (act: () => unknown): Promise<string> => {
      try {
        await act();
        return "done";
      } catch (error) {
        return error instanceof Error ? error.name : "refused";
      }
    };
    const element = document.createElement("div");
    return {
      fetch: await tried(() => fetch("http://127.0.0.1:9/")),
      html: await tried(() => (element.innerHTML = "<img src=x onerror=alert(1)>")),
      worker: await tried(() => new Worker("data:text/javascript,1")),
      other: await tried(() => new Worker("./assets/../index.js")),
    };
  });
  expect(outcome).toEqual({ fetch: "TypeError", html: "TypeError", worker: "TypeError", other: "TypeError" });
  const refused = await refusedIn(bram);
  expect(refused.some((line) => line.startsWith("connect-src"))).toBe(true);
  expect(refused.some((line) => line.startsWith("require-trusted-types-for"))).toBe(true);
});

test("a signalling server of the member's own choice is allowed from the next load on", async () => {
  await bram.page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    active?.postMessage({
      kind: "servers",
      list: ["wss://signal.example", "https://x.example", "wss://a b; script-src *"],
    });
  });
  const canConnect = (): Promise<boolean> =>
    bram.page.evaluate(
      () =>
        new Promise<boolean>((done) => {
          addEventListener("securitypolicyviolation", () => done(false), { once: true });
          const socket = new WebSocket("wss://signal.example/");
          socket.addEventListener("error", () => setTimeout(() => done(true), 100));
        }),
    );
  expect(await canConnect()).toBe(false);
  const isKept = (): Promise<boolean> =>
    bram.page.evaluate(async () => (await (await caches.open("settings")).match("settings/servers")) !== undefined);
  await eventually(
    async () => ((await isKept()) ? true : null),
    async () => "the choice is not kept",
    10_000,
  );
  await bram.page.reload();
  await bram.until("open again", ({ phase }) => phase === "member");
  expect(await canConnect()).toBe(true);
});

test("what the system shares with the app is found by its screen: an invitation's text, a proof's file", async () => {
  /** As the system posts it: a navigation of the app's window. */
  const share = async (text: string | null, file: string | null, leadsTo: RegExp): Promise<void> => {
    await bram.page.evaluate(
      ([words, bytes]) => {
        const form = document.createElement("form");
        Object.assign(form, { method: "post", action: "./share", enctype: "multipart/form-data" });
        const add = (name: string, type: string): HTMLInputElement => {
          const input = form.appendChild(document.createElement("input"));
          Object.assign(input, { name, type });
          return input;
        };
        if (words !== null) add("text", "text").value = words;
        if (bytes !== null) {
          const held = new DataTransfer();
          held.items.add(new File([bytes], "street.cwproof"));
          add("file", "file").files = held.files;
        }
        document.body.append(form);
        form.submit();
      },
      [text, file] as const,
    );
    await bram.page.waitForURL(leadsTo);
  };
  await share(`Join us: ${hub.url}#/join?i=abc_-1 until Sunday`, null, /#\/join\?i=abc_-1$/);
  await share("hello", null, /#\/join$/);
  await share(null, "no proof at all", /#\/verify$/);
  await bram.reads("street.cwproof");
});

test("a server that only the invitation names is reached on first use, by who invites and by who is invited", async () => {
  await anna.goto("#/connect");
  await anna.page.locator("details summary").last().click();
  await anna.page.locator("textarea[name=signalling]").fill(elsewhere.url);
  // The page was loaded with a policy that does not name it: it loads anew by itself.
  const again = anna.page.waitForEvent("load");
  await anna.button("Save").click();
  await again;
  await anna.until("found there", ({ signalling }) => signalling === "open");
  const link = await anna.invite();
  const cato = await openMember(browser, hub.url, "", { name: "Cato", before: watchPolicy });
  const called: string[] = [];
  cato.page.on("websocket", (socket) => called.push(new URL(socket.url()).host));
  await cato.join(link);
  await cato.until("meets Anna", ({ peers }) => peers.some(({ name }) => name === "Anna"));
  expect([...new Set(called)]).toEqual([new URL(elsewhere.url).host]);
  await anna.until("hears that he asks", ({ applicants }) => applicants.some(({ name }) => name === "Cato"));
  await cato.page.reload();
  await cato.until("meets Anna again", ({ peers }) => peers.some(({ name }) => name === "Anna"));
  expect(await refusedIn(cato)).toEqual([]);
  await cato.context.close();
});
