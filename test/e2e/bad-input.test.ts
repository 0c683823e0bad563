/**
 * What may go wrong at a member's cable and disk, in real browsers: each gets a plain sentence that says what to do,
 * and nothing already counted is lost. (A full disk: community.test.ts.)
 */
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Hub } from "../../worker/cli/hub.ts";
import type { MeterView } from "../../worker/port-meter.ts";
import { launchBrowser, startApp } from "./browser.ts";
import { openMember, workerScript, type Member } from "./member.ts";
import type { WorkerControls } from "./worker-script.ts";

let hub: Hub;
let browser: Browser;
let script: string;
let anna: Member;

/** What fake-serial.js offers in the worker. */
type FakeSerial = { readonly pull: () => void; readonly plug: () => void; readonly send: (text: string) => void };
type InWorker = WorkerControls & { readonly fakeSerial: FakeSerial };

beforeAll(async () => {
  [hub, browser, script] = await Promise.all([startApp(), launchBrowser(), workerScript()]);
  const meter = { startSecond: Math.floor(Date.now() / 1_000), startWh: 5_000_000, whPerSecond: 1 };
  anna = await openMember(browser, hub.url, script, { name: "Anna", plan: { meter, disk: "normal" } });
  await anna.create("Rue du Soleil 12");
  await anna.pairMeter("Roof south");
  await anna.until("it counts", (view) => view.todayGeneratedMwh > 0);
  await anna.goto("#/meter");
});

afterAll(async () => {
  await browser?.close();
  await hub?.close();
});

const meterOf = async (): Promise<MeterView> => {
  const [meter] = (await anna.view()).meters;
  if (meter === undefined) throw new Error("Anna has no meter");
  return meter;
};

/** Waits until the chain has counted more than it has now, and the figures on it go on from there. */
const goesOn = async (): Promise<void> => {
  const { todayGeneratedMwh } = await anna.view();
  await anna.until("it goes on counting", (view) => view.todayGeneratedMwh > todayGeneratedMwh + 10_000);
};

test("a telegram with a wrong checksum is refused, counted as refused, and explained", async () => {
  await anna.reads("Every telegram was readable.");
  const before = await meterOf();
  await anna.worker().evaluate(() => {
    const { fakeSerial, telegram } = globalThis as unknown as InWorker;
    fakeSerial.send(telegram().replace("1-0:2.8.1(0", "1-0:2.8.1(9"));
  });
  await anna.reads("1 telegram was refused");
  await anna.reads("It arrived damaged.");
  const after = await anna.until("the next one is read", ({ meters }) => {
    return (meters[0]?.lastReading ?? 0) > (before.lastReading ?? 0);
  });
  expect(after.meters[0]).toMatchObject({ state: "counting", refusedTelegrams: 1, lastRefusal: "bad-checksum" });
  // Nine hundred thousand kWh more, as it said, were not believed.
  expect((after.meters[0]?.registerMwh ?? 0) - (before.registerMwh ?? 0)).toBeLessThan(60_000);
});

test("noise on the line changes nothing", async () => {
  const { refusedTelegrams } = await meterOf();
  await anna.worker().evaluate(() => {
    const { fakeSerial } = globalThis as unknown as InWorker;
    fakeSerial.send("\u0000\u00ff\u0081 noise \u00fe\u0000");
  });
  const { lastReading } = await meterOf();
  await anna.until("it reads on", ({ meters }) => (meters[0]?.lastReading ?? 0) > (lastReading ?? 0));
  expect((await meterOf()).state).toBe("counting");
  expect((await meterOf()).refusedTelegrams).toBeLessThanOrEqual(refusedTelegrams + 1);
});

test("a cable pulled in the middle of a telegram is asked for, and counting goes on when it is back", async () => {
  const before = await meterOf();
  const { todayGeneratedMwh } = await anna.view();
  await anna.worker().evaluate(() => (globalThis as unknown as InWorker).fakeSerial.pull());
  await anna.reads("Unplugged");
  await anna.reads("Plug the cable in again. Nothing already counted is lost.");
  const { problem, meters } = await anna.until("a task", (view) => view.problem !== null);
  expect(meters[0]).toMatchObject({ state: "unplugged", liveW: null });
  expect(problem).toMatchObject({ code: "meter-unplugged", data: { label: "Roof south" } });
  // What it had counted is kept and booked without it.
  const counted = await anna.until("booked", ({ meters }) => meters[0]?.countedNotBookedMwh === 0);
  expect(counted.todayGeneratedMwh).toBeGreaterThanOrEqual(todayGeneratedMwh);
  expect(counted.meters[0]?.registerMwh).toBeGreaterThanOrEqual(before.registerMwh ?? 0);
  await anna.worker().evaluate(() => (globalThis as unknown as InWorker).fakeSerial.plug());
  await anna.until("counts again", ({ meters }) => meters[0]?.state === "counting");
  await goesOn();
  expect((await anna.view()).problem).toBeNull();
});

test("a register that goes backwards stops the meter until its owner confirms the new one", async () => {
  const { generators } = await anna.view();
  await anna.control({ meterShift: -4_000_000 });
  await anna.reads("Stopped until you confirm");
  await anna.reads("The meter shows less than last time.");
  const stopped = await anna.until("a task", (view) => view.problem !== null);
  expect(stopped.problem).toMatchObject({ code: "meter-backwards" });
  const kept = stopped.generators[0]?.registerMwh ?? 0;
  expect(kept).toBeGreaterThanOrEqual(generators[0]?.registerMwh ?? 0);
  await anna.button("The meter was exchanged: go on").click();
  await anna.until("counts again", ({ meters }) => meters[0]?.state === "counting");
  await goesOn();
  const { registerMwh = 0 } = (await anna.view()).generators[0] ?? {};
  // The community's register goes on from where it was: nothing lost, nothing of the four megawatt-hours gained.
  expect(registerMwh).toBeGreaterThan(kept);
  expect(registerMwh - kept).toBeLessThan(200_000);
});

test("a browser that keeps nothing is told so, instead of a blank page", async () => {
  const bram = await openMember(browser, hub.url, script, { name: "Bram", plan: { meter: null, disk: "denied" } });
  await bram.reads("The browser lets this app keep nothing.");
  await bram.reads("Leave private browsing, or allow storage for this site, then try again.");
  expect(await bram.button("Try again").count()).toBe(1);
  expect((await bram.view()).phase).toBe("blocked");
  await bram.context.close();
});

test("an invitation that nobody can read, and a text that is none, each get a sentence", async () => {
  const chloe = await openMember(browser, hub.url, script, { name: "Chloé" });
  await chloe.goto("#/join?i=AAAA");
  await chloe.reads("This invitation cannot be read.");
  await chloe.goto("#/join");
  await chloe.page.locator("input[name=invitation]").fill("see you on Sunday!");
  await chloe.button("Open the invitation").click();
  await chloe.reads("This does not look like an invitation.");
  expect((await chloe.view()).phase).toBe("welcome");
  await chloe.context.close();
});

test("no page and no worker complained", () => {
  expect(anna.complaints.filter((line) => !line.includes("Service Worker registration blocked"))).toEqual([]);
});
