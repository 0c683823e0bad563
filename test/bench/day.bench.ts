/**
 * A day of ten-second steps, 8,640 blocks, in one Chromium page: what a node's memory and disk come to, and that neither
 * grows beyond what pruning states. `COMMONWATT_DAY_STEPS` makes it shorter.
 */
import type { Browser } from "playwright";
import { afterAll, beforeAll, test } from "vitest";
import { launchBrowser } from "../e2e/browser.ts";
import { bundle } from "../e2e/bundle.ts";
import type { DayPage } from "./day-page.ts";
import { isolate, workerMegabytes } from "./memory.ts";
import { print } from "./print.ts";

const STEPS = Number(process.env["COMMONWATT_DAY_STEPS"] ?? 8_640);
const PARTS = 10;
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
});

test("a day of ten-second steps", { timeout: 3_600_000 }, async () => {
  const files = await bundle("../bench/day-page.ts");
  const hub = await files.serve();
  const context = await browser.newContext();
  try {
    await isolate(context);
    const page = await context.newPage();
    await page.goto(hub.url);
    await page.evaluate(([steps, parts]) => (globalThis as unknown as DayPage).begin(steps ?? 0, parts ?? 1), [
      STEPS,
      PARTS,
    ] as const);
    for (let part = 1; part <= PARTS; part++) {
      const { blocks, kilobytes, records, seconds } = await page.evaluate(() =>
        (globalThis as unknown as DayPage).next(),
      );
      print("Chromium", `after ${blocks} blocks`, [
        { name: "disk", value: kilobytes, unit: "kB" },
        { name: "records", value: records, unit: "" },
        { name: "memory of the three nodes' worker", value: await workerMegabytes(page), unit: "MB" },
        { name: "blocks a second", value: blocks / seconds, unit: "/s" },
      ]);
    }
  } finally {
    await context.close();
    await hub.close();
    files.remove();
  }
});
