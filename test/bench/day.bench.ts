/**
 * Ten-second steps in one Chromium page: what a node's memory and disk come to, and that neither grows beyond what pruning
 * states (PROTOCOL.md §8.5). A tenth of a day by default; COMMONWATT_DAY_STEPS=8640 makes it the whole, in ten minutes or so.
 */
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BODIES_KEPT, DELTAS_KEPT } from "../../worker/node/pruning.ts";
import { launchBrowser } from "../e2e/browser.ts";
import { bundle } from "../e2e/bundle.ts";
import type { DayPage } from "./day-page.ts";
import { isolate, workerMegabytes } from "./memory.ts";
import { print } from "./print.ts";

const STEPS = Number(process.env["COMMONWATT_DAY_STEPS"] ?? 864);
const PARTS = 8;
/** For one of the nodes: more than the last 1,024 bodies take, so that it is what bounds them. */
const TIGHT_BYTES = 2_000_000;
/** A few more may still wait to be pruned. */
const DUE = 64;

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
    const plan = { steps: STEPS, parts: PARTS, bodies: TIGHT_BYTES };
    for (let part = 1; part <= PARTS; part++) {
      const { blocks, usual, tight, seconds } = await page.evaluate(
        (day) => (globalThis as unknown as DayPage).next(day),
        plan,
      );
      print("Chromium", `after ${blocks} blocks`, [
        { name: "disk", value: usual.kilobytes, unit: "kB" },
        { name: "records", value: usual.records, unit: "" },
        { name: `disk, with ${TIGHT_BYTES / 1_000} kB for bodies`, value: tight.kilobytes, unit: "kB" },
        { name: "memory of the three nodes' worker", value: await workerMegabytes(page), unit: "MB" },
        { name: "blocks a second", value: blocks / seconds, unit: "/s" },
      ]);
      for (const { deltas } of [usual, tight]) expect(deltas).toBeLessThan(DELTAS_KEPT + DUE);
      expect(tight.bodyBytes).toBeLessThan(TIGHT_BYTES * (1 + DUE / BODIES_KEPT));
      expect(usual.bodies).toBeGreaterThanOrEqual(blocks);
    }
  } finally {
    await context.close();
    await hub.close();
    files.remove();
  }
});
