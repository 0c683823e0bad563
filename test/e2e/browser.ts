/**
 * A real browser and a real hub for end-to-end tests. Knows how to start and stop both; what a member does in them is
 * the tests' own business.
 */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright";
import { dist, ensureBuilt } from "../../worker/cli/prepare.mjs";
import { type Hub, startServer } from "../../worker/cli/hub.ts";
import { NO_BROWSER, searchBrowser } from "./find-browser.mjs";

/** No window, no sandbox (containers run as root), and none of the browser's own traffic. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** @returns the program's path. @throws Error with what to do when there is no browser. */
export const findBrowser = async (): Promise<string> => {
  const path = await searchBrowser();
  if (path === null) throw new Error(NO_BROWSER);
  return path;
};

/** @param flags more flags, e.g. `--autoplay-policy=...`. The caller closes the browser. */
export const launchBrowser = async (flags: readonly string[] = []): Promise<Browser> =>
  chromium.launch({ executablePath: await findBrowser(), headless: true, args: [...FLAGS, ...flags] });

/**
 * Serves the built app on a free port of this machine; builds it first when its sources have changed. From a copy: a
 * build meanwhile would pull away the files that an open page has not loaded yet.
 */
export const startApp = async (edit: (dir: string) => void = () => {}): Promise<Hub> => {
  if (!ensureBuilt()) throw new Error("the app could not be built: see the lines above");
  const dir = mkdtempSync(join(tmpdir(), "commonwatt-app-"));
  cpSync(dist, dir, { recursive: true });
  edit(dir);
  const hub = await startServer({ port: 0, host: "127.0.0.1", dir });
  return {
    ...hub,
    close: async () => {
      await hub.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};
