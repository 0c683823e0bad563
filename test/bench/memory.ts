/**
 * What memory a page's workers use: as the browser says it after a collection of garbage, and the most that a heap held at a
 * time, garbage included, while something was going on. The first it tells isolated pages only, and the hub serves none: so
 * pages are served here with one header more. Knows nothing of what the workers do.
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

type HeapUsage = {
  readonly usedSize: number;
  readonly embedderHeapUsedSize?: number;
  readonly backingStorageSize?: number;
};
type Answer = { readonly result?: HeapUsage };
const EVERY_MS = 20;

/**
 * From before the page is opened: looks at the heaps of its workers every 20 ms, buffers included, without a collection; so
 * what it says is at least what was in use. Returns the way to end it, which gives megabytes of the largest.
 */
export const watchPeak = async (page: Page): Promise<() => Promise<number>> => {
  const devtools = await page.context().newCDPSession(page);
  const workers = new Set<string>();
  let [peak, asked] = [0, 0];
  devtools.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
    if (targetInfo.type === "worker") workers.add(sessionId);
  });
  devtools.on("Target.detachedFromTarget", ({ sessionId }) => void workers.delete(sessionId));
  devtools.on("Target.receivedMessageFromTarget", ({ message }) => {
    const { result } = JSON.parse(message) as Answer;
    if (result === undefined) return;
    const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = result;
    peak = Math.max(peak, usedSize + embedderHeapUsedSize + backingStorageSize);
  });
  await devtools.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const look = setInterval(() => {
    for (const sessionId of workers) {
      const message = JSON.stringify({ id: (asked += 1), method: "Runtime.getHeapUsage" });
      // A worker may end between two looks.
      devtools.send("Target.sendMessageToTarget", { sessionId, message }).catch(() => workers.delete(sessionId));
    }
  }, EVERY_MS);
  return async () => {
    clearInterval(look);
    await devtools.detach();
    return peak / 1_000_000;
  };
};
