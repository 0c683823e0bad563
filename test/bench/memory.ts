/**
 * What memory a page's workers use, as the browser says it after a collection of garbage. It tells isolated pages only, and
 * the hub serves none: so pages are served here with one header more. Knows nothing of what the workers do.
 */
import type { BrowserContext, Page } from "playwright";

const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/** The page and its workers alone: other files may come as they are. */
const SCRIPTS = /(?:\/|\.html|worker-[\w-]+\.js|\/checks\.js)$/;

/**
 * Before the page is opened. Chromium no longer knows that a page whose answer was touched comes from this machine, and
 * lets it open no socket to the hub unless that is allowed.
 */
export const isolate = async (context: BrowserContext): Promise<void> => {
  await context.grantPermissions(["local-network-access"]);
  await context.route(SCRIPTS, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), ...ISOLATED } });
  });
};

type Measured = { readonly breakdown: readonly { bytes: number; attribution: readonly { scope: string }[] }[] };
type Measuring = { readonly measureUserAgentSpecificMemory: () => Promise<Measured> };

/** Megabytes of all workers of the page; may take twenty seconds, as the browser waits for a good moment. */
export const workerMegabytes = async (page: Page): Promise<number> => {
  const { breakdown } = await page.evaluate(() =>
    (performance as unknown as Measuring).measureUserAgentSpecificMemory(),
  );
  return breakdown
    .filter(({ attribution }) => attribution.some(({ scope }) => scope === "DedicatedWorkerGlobalScope"))
    .reduce((sum, { bytes }) => sum + bytes / 1_000_000, 0);
};
