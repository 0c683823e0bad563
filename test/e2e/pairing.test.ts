/**
 * Pairing as a member does it, in a real browser: a meter of unknown kind is found by listening, compared, and counts; a
 * Linky at 9600 7E1 is found where every other setting gives rubbish; both run on one device.
 */
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Hub } from "../../worker/cli/hub.ts";
import { launchBrowser, startApp } from "./browser.ts";
import { meterScript, openMember, type Member } from "./member.ts";
import { VENDOR, type MeterAtPort } from "./meter-plan.ts";

let hub: Hub;
let browser: Browser;
let anna: Member;

const P1: MeterAtPort = { name: "p1-be", watts: 3_600, since: 0, usbProductId: 1 };
const TIC: MeterAtPort = { name: "tic", watts: 2_400, since: 0, usbProductId: 2 };

beforeAll(async () => {
  [hub, browser] = await Promise.all([startApp(), launchBrowser()]);
  const since = Math.floor(Date.now() / 1_000) * 1_000;
  const meters = [P1, TIC].map((meter) => ({ ...meter, since }));
  anna = await openMember(browser, hub.url, "", {
    name: "Anna",
    meters: { plan: meters, script: await meterScript() },
  });
  await anna.create("Rue du Soleil 12");
});

afterAll(async () => {
  await browser?.close();
  await hub?.close();
});

/** The cable with this number in the list of those allowed already. */
const choose = async (kind: string, productId: number): Promise<void> => {
  await anna.goto("#/pair");
  await anna.page.locator(`button[data-kind=${kind}]`).click();
  await anna.link("Go on").click();
  const hex = (id: number): string => id.toString(16).padStart(4, "0");
  await anna.button(`USB ${hex(VENDOR)}:${hex(productId)}`).click();
};

test("listen and tell me: a P1 meter is found, its register is the one on the meter, and nothing is lost on a refresh", async () => {
  await choose("unknown", P1.usbProductId);
  await anna.reads("Found: a smart meter on its P1 port.");
  await anna.button("Compare with the meter").click();
  await anna.reads(/2\.8\.1 \+ 2\.8\.2/);
  await anna.page.getByText(/^007412\.\d{3}$/).waitFor();
  await anna.page.reload();
  await anna.page.getByText(/^007412\.\d{3}$/).waitFor();
  await anna.button("Yes, that is it").click();
  await anna.page.locator("input[name=whole]").fill("3x230/400 V 0,25-5(60) A Cl. B");
  expect(await anna.page.locator("input[name=marking]").inputValue()).toBe("0,25-5(60) A");
  await anna.reads("Too much by");
  await anna.page.locator("input[name=pmax]").fill("5");
  await anna.page.locator("input[name=label]").fill("Roof south");
  await anna.button("Pair this meter").click();
  await anna.reads("Your meter is paired.");
  await anna.button("See it count").click();
  await anna.until("it counts", ({ meters }) => meters[0]?.state === "counting", 60_000);
});

test("a Linky: 115,200 and 9,600 8N1 are rubbish, 9,600 7E1 is it, and two meters run on one device", async () => {
  await choose("unknown", TIC.usbProductId);
  await anna.reads("Found: a Linky (TIC).", 90_000);
  const probes = (await anna.view()).listening?.probes ?? [];
  expect(probes.find(({ line }) => line.baudRate === 115_200)?.state).not.toBe("meter");
  await anna.button("Compare with the meter").click();
  await anna.reads(/index EAIT/);
  await anna.button("Yes, that is it").click();
  await anna.page.locator("input[name=marking]").fill("0.25-5(60) A");
  await anna.page.locator("input[name=pmax]").fill("4");
  await anna.page.locator("input[name=label]").fill("Garage");
  await anna.button("Pair this meter").click();
  await anna.reads("Your meter is paired.");
  const view = await anna.until(
    "both count",
    ({ meters }) => meters.length === 2 && meters.every(({ state }) => state === "counting"),
    60_000,
  );
  expect(view.meters.map(({ protocol }) => protocol).toSorted()).toEqual(["p1", "tic"]);
});

test("the first share comes, and the meter of each is found again after a restart", async () => {
  await anna.until("energy on the chain", ({ todayGeneratedMwh }) => todayGeneratedMwh > 0, 90_000);
  await anna.page.reload();
  await anna.until(
    "both count again",
    ({ meters }) => meters.length === 2 && meters.every(({ state }) => state === "counting"),
    60_000,
  );
  expect(anna.complaints.filter((line) => !/Service Worker registration blocked/.test(line))).toEqual([]);
});
