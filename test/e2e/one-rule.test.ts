/** PROTOCOL.md §3: a real browser gives every edge of Ed25519 the same verdict as Node. A difference would be a fork. */
import { expect, test } from "vitest";
import { launchBrowser } from "./browser.ts";
import { bundle } from "./bundle.ts";
import type { OneRulePage } from "./one-rule-page.ts";

test("in a browser's worker, WebCrypto with noble behind it says what noble says, on every edge", async () => {
  const files = await bundle("one-rule-page.ts");
  const hub = await files.serve();
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(hub.url);
    const all = await page.evaluate(() => (globalThis as unknown as OneRulePage).verdicts());
    expect(all.length).toBeGreaterThan(8);
    for (const { what, expected, judge, accelerated } of all) {
      expect(judge, what).toEqual(expected);
      expect(accelerated, what).toEqual(expected);
    }
  } finally {
    await browser.close();
    await hub.close();
    files.remove();
  }
});
