/**
 * The life of a device's tabs in Chromium (issue 5): the next tab takes over when the leading one closes; fifty kills at
 * seeded moments, of a running node and of a database on its way from version 2, after each of which all is there; a frozen
 * page, a clock that is set, a worker of another build; and the same member on another device, from a backup or its words.
 */
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Hub } from "../../worker/cli/hub.ts";
import { sourceId } from "../../worker/cli/prepare.mjs";
import type { View } from "../../worker/port.ts";
import { launchBrowser, startApp } from "./browser.ts";
import { blocksOnDisk } from "./disk-reader.ts";
import { eventually, openMember, type Member } from "./member.ts";
import { crash } from "./raw-disk.ts";

const SEED = 5;
/** 50 with COMMONWATT_KILLS=50; an even number. */
const KILLS = Number(process.env["COMMONWATT_KILLS"] ?? 16);
/** Reloads fall into the first second: that is what they are to hit. */
const LATEST_MS = 600;

let hub: Hub;
let browser: Browser;
let member: Member;

const seeded = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

beforeAll(async () => {
  hub = await startApp();
  browser = await launchBrowser();
  member = await openMember(browser, hub.url, "", { name: "Ana" });
  await member.create("Rue du Soleil");
  await member.until("a final block", (view) => (view.final?.step ?? 0) > 0);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await hub?.close();
});

/** The database as version 2 had it, written by a page that is not the app. */
const backToVersion2 = async (page: Page): Promise<void> => {
  const asset = await page.evaluate(() => document.querySelector<HTMLScriptElement>("script[src]")?.src ?? "");
  await page.goto(asset);
  await page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.addEventListener("success", () => resolve(request.result));
        request.addEventListener("error", () => reject(new Error("IndexedDB")));
      });
    const tables = ["chain", "state", "meta", "own", "journal", "settings", "home"];
    const now = await done(indexedDB.open("commonwatt"));
    const rows: [string, IDBValidKey, Uint8Array][] = [];
    for (const table of tables) {
      const from = now.transaction(table).objectStore(table);
      const [keys, values] = await Promise.all([done(from.getAllKeys()), done(from.getAll())]);
      for (const [i, key] of keys.entries()) {
        const value = values[i] as Uint8Array;
        // A vote of that time ended with its block: member, set, round, kind and step as LEB128, and a hash.
        const isVote = table === "meta" && typeof key === "string" && key.startsWith("vote/");
        let end = 0;
        for (let number = 0; number < 5; number++) while ((value[end++] ?? 0) >= 128);
        rows.push([table, key, isVote ? value.slice(0, end + 32) : value]);
      }
    }
    now.close();
    await done(indexedDB.deleteDatabase("commonwatt"));
    const opening = indexedDB.open("commonwatt", 2);
    opening.addEventListener("upgradeneeded", () => {
      for (const table of tables) opening.result.createObjectStore(table);
    });
    const old = await done(opening);
    const tx = old.transaction(tables, "readwrite");
    for (const [table, key, value] of rows) tx.objectStore(table).put(value, key);
    await new Promise<void>((finished) => tx.addEventListener("complete", () => finished()));
    old.close();
  });
};

test("the next tab runs the node soon after the leading one is closed", async () => {
  const first = member.page;
  await member.reopen();
  await member.until("the other tab's view", (view) => view.phase === "member" && !view.leader);
  const taken: number[] = [];
  for (let last = first, i = 0; i < 3; i++) {
    const next = member.page;
    const before = performance.now();
    await last.close();
    await next.waitForFunction(
      () => (globalThis as unknown as { seen: { view: View | null } }).seen.view?.leader === true,
      undefined,
      { polling: 10, timeout: 10_000 },
    );
    taken.push(Math.round(performance.now() - before));
    last = next;
    await member.reopen();
    await member.until("the other tab's view", (view) => view.phase === "member" && !view.leader);
  }
  process.stdout.write(`hand-over: ${taken.join(", ")} ms\n`);
  expect(Math.min(...taken)).toBeLessThan(1_000);
  for (const page of member.context.pages()) if (page !== member.page) await page.close();
}, 60_000);

test(`a tab that is killed ${KILLS} times, while it runs and while it migrates, has everything each time`, async () => {
  const random = seeded(SEED);
  const me = (await member.until("its keys", (view) => view.me !== null && view.leader)).me?.key;
  const seen: View[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    if (kill % 5 === 4) await backToVersion2(member.page);
    const isLook = kill % 2 === 1;
    const old = member.page;
    await (random() < 0.5 ? crash(old) : old.close());
    await member.reopen();
    if (isLook) seen.push(await member.firstView());
    await pause(random() * LATEST_MS);
  }
  expect(seen).toHaveLength(KILLS / 2);
  const finals = seen.map((view) => view.final?.step ?? 0);
  expect(finals).toEqual(finals.toSorted((a, b) => a - b));
  for (const [i, view] of seen.entries()) {
    expect(view, `look ${i}`).toMatchObject({ phase: "member", me: { key: me }, care: { mended: null } });
    expect(view.problem?.code ?? "", `look ${i}`).not.toMatch(/storage|identity/);
  }
  const last = Math.max(...finals);
  const end = await member.until("more of the chain is final", (view) => (view.final?.step ?? 0) > last);
  expect(end.me?.key).toBe(me);
}, 180_000);

const finalOf = (view: View): number => view.final?.step ?? 0;
/** Steps of its blocks: each once, whatever the clock did. */
const stepsOnDisk = async (): Promise<number[]> =>
  (await blocksOnDisk(member.page)).map(({ header }) => header.step as number).toSorted((a, b) => a - b);

test("a page that was frozen goes on when it is seen again, and has signed nothing twice", async () => {
  const before = finalOf(await member.view());
  const devtools = await member.context.newCDPSession(member.page);
  await devtools.send("Page.setWebLifecycleState", { state: "frozen" });
  await pause(3_000);
  await devtools.send("Page.setWebLifecycleState", { state: "active" });
  const view = await member.until("more is final", (now) => finalOf(now) > before);
  expect(view.problem?.code ?? "").not.toMatch(/storage|clock|crash/);
  const steps = await stepsOnDisk();
  expect(steps).toEqual([...new Set(steps)]);
});

test("a clock that is set ahead and back again costs steps, and no step has two blocks", async () => {
  const shift = (ms: number): Promise<void> =>
    member.worker().evaluate((by) => {
      const place = globalThis as unknown as { trueNow?: () => number };
      const now = (place.trueNow ??= Date.now.bind(Date));
      Date.now = () => now() + by;
    }, ms);
  await shift(10_000);
  const ahead = await member.until(
    "a block of a step that is not over",
    ({ final, community, step }) =>
      community !== null && step !== null && (final?.step ?? 0) * community.stepMs + community.t0 > Date.now(),
  );
  await shift(0);
  const after = await member.until("it goes on", (view) => finalOf(view) > finalOf(ahead));
  expect(after.problem?.code ?? "").not.toMatch(/storage/);
  const steps = await stepsOnDisk();
  expect(steps).toEqual([...new Set(steps)]);
});

test("a page reads nothing of a worker of another build: it loads anew once, then says that it has stopped", async () => {
  // Without a service worker, which would have brought page and worker of one build together.
  const context = await browser.newContext({ serviceWorkers: "block", locale: "en-GB" });
  await context.route(/\/assets\/node\.worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replaceAll(sourceId(), "0the7b01d000") });
  });
  const page = await context.newPage();
  let loads = 0;
  page.on("load", () => (loads += 1));
  await page.goto(hub.url);
  await page.getByText("This screen has stopped.").waitFor();
  expect(loads).toBe(2);
  expect(await page.locator("main h1").count()).toBe(1);
  await context.close();
});

/** Says that the old device does not run any more. */
const comeBack = async (guest: Member): Promise<View> => {
  await guest.page.locator("input[name=alone]").check();
  await guest.button("Bring me back").click();
  // By its words it is known once a neighbour has known them: either sentence may be seen first.
  await guest.page
    .getByText(/You are back\.|Your keys are on this device\./u)
    .first()
    .waitFor();
  return guest.until("its keys", ({ me }) => me !== null);
};

test("another device becomes the same member from a backup, not with a wrong passphrase, and from twelve words", async () => {
  const link = await member.invite();
  await member.goto("#/backup");
  const secret = "the roof faces south";
  for (const name of ["passphrase", "repeat"]) await member.page.locator(`input[name=${name}]`).fill(secret);
  const saving = member.page.waitForEvent("download");
  await member.button("Save the file").click();
  const file = await (await saving).path();
  const key = (await member.view()).me?.key;
  await member.closePage();

  const byFile = async (): Promise<void> => {
    const fromFile = await openMember(browser, hub.url, "", { name: "File" });
    await fromFile.goto("#/restore");
    await fromFile.page.locator("input[name=way][value=file]").check();
    await fromFile.page.locator("input[name=backup]").setInputFiles(file);
    await fromFile.page.locator("input[name=passphrase]").fill("the roof faces north");
    await fromFile.button("Open the file").click();
    await fromFile.reads("The passphrase does not open this file");
    expect((await fromFile.view()).phase).toBe("welcome");
    await fromFile.page.locator("input[name=passphrase]").fill(secret);
    await fromFile.button("Open the file").click();
    await fromFile.reads("Ana of Rue du Soleil");
    const restored = await comeBack(fromFile);
    expect([restored.me?.key, restored.care.silent]).toEqual([key, true]);
    await fromFile.context.close();
  };
  const byWords = async (): Promise<void> => {
    const fromWords = await openMember(browser, hub.url, "", { name: "Words" });
    await fromWords.goto("#/restore");
    await fromWords.page.locator("[name=words]").fill(member.paper.join(" "));
    await fromWords.page.locator("input[name=invitation]").fill(link);
    await fromWords.page.locator("input[name=member]").fill("Ana");
    const again = await comeBack(fromWords);
    expect([again.me?.key, again.care.silent]).toEqual([key, true]);
    await eventually(
      async () => ((await fromWords.text()).includes("votes again by itself") ? true : null),
      () => fromWords.text(),
      5_000,
    );
    await fromWords.context.close();
  };
  await Promise.all([byFile(), byWords()]);
}, 120_000);
