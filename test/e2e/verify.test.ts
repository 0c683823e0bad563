/** A proof file in the built app: checked by its real worker, with no community on the device, and offline. */
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Hub } from "../../worker/cli/hub.ts";
import vectors from "../vectors/bundles.json" with { type: "json" };
import { launchBrowser, startApp } from "./browser.ts";

let hub: Hub;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  hub = await startApp();
  browser = await launchBrowser();
  page = await browser.newPage({ locale: "en" });
});
afterAll(async () => {
  await browser?.close();
  await hub?.close();
});

const [step] = vectors.bundles;
const good = Buffer.from(step?.hex ?? "", "hex");
const choose = (buffer: Buffer): Promise<void> =>
  page
    .locator("input[type=file]")
    .setInputFiles({ name: "step.cwproof", mimeType: "application/octet-stream", buffer });

test("it is found from the first screen and says who was credited what, once the network is gone too", async () => {
  await page.goto(hub.url);
  await page.locator('a[href="#/verify"]').click();
  await page.locator(".drop").waitFor();
  await choose(good);
  await page.locator("main ol li").first().waitFor();
  await page.context().setOffline(true);
  await choose(good);
  await page.locator("main ol li").first().waitFor();
  expect(await page.locator("main h1").innerText()).toMatch(/^It holds\. Member 1 was credited/);
  expect(await page.locator("main ol li").count()).toBe(8);
  expect(await page.locator("main").innerText()).toContain(step?.facts.community);
});

test("an altered one is refused in words, with the place", async () => {
  await choose(Buffer.from(good.map((byte, i) => (i === 12 ? byte ^ 1 : byte))));
  await page.locator("main [role=alert]").waitFor();
  const said = await page.locator("main").innerText();
  expect(said).toContain("It does not hold.");
  expect(said).toContain("What does not hold: what the file claims.");
});
