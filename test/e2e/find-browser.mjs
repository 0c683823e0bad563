/**
 * Finds a browser of the Chromium family: the one the environment names, else one the system has, else one that
 * Playwright has downloaded. `installBrowser` gets one when there is none. Plain Node: test/run.mjs needs it before
 * it starts any test.
 */
// @ts-check
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** First the names Linux systems use, in the order of how close they are to plain Chromium. */
const NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome-stable",
  "google-chrome",
  "microsoft-edge-stable",
  "microsoft-edge",
  "msedge",
];

const MAC_APPS = ["Google Chrome", "Chromium", "Microsoft Edge"];
const WINDOWS_PROGRAMS = [
  ["Google", "Chrome", "Application", "chrome.exe"],
  ["Microsoft", "Edge", "Application", "msedge.exe"],
  ["Chromium", "Application", "chrome.exe"],
];

/** @returns {string[]} */
const usualPlaces = () => {
  const { env, platform } = process;
  if (platform === "darwin") {
    return ["/", homedir()].flatMap((top) =>
      MAC_APPS.map((app) => join(top, "Applications", `${app}.app`, "Contents", "MacOS", app)),
    );
  }
  if (platform === "win32") {
    const tops = [env["ProgramFiles"], env["ProgramFiles(x86)"], env["LOCALAPPDATA"]].filter(
      (top) => top !== undefined,
    );
    return tops.flatMap((top) => WINDOWS_PROGRAMS.map((program) => join(top, ...program)));
  }
  const folders = [...(env["PATH"] ?? "").split(delimiter), "/usr/bin", "/usr/local/bin", "/snap/bin"];
  return NAMES.flatMap((name) => folders.filter((folder) => folder !== "").map((folder) => join(folder, name)));
};

/** @returns {Promise<string | null>} Playwright's own download, if it is there. */
const playwrights = async () => {
  const { chromium } = await import("playwright");
  const path = chromium.executablePath();
  return path !== "" && existsSync(path) ? path : null;
};

/** @returns {Promise<string | null>} absolute path of the browser's program */
export const searchBrowser = async () => {
  const { env } = process;
  const named = env["CHROME_PATH"] ?? env["PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH"];
  // What was asked for by name is taken or missed, never silently replaced.
  if (named !== undefined && named !== "") return existsSync(named) ? named : null;
  return usualPlaces().find((path) => existsSync(path)) ?? (await playwrights());
};

export const NO_BROWSER =
  "The tests need a browser: install Chromium, Chrome or Edge, or set CHROME_PATH to the program of one.";

/** @param {string} program @param {string[]} args */
const runs = (program, args) =>
  spawnSync(program, args, {
    stdio: ["ignore", 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    shell: process.platform === "win32",
  }).status === 0;

/** Debian's Chromium where we may install it, else Playwright's. @returns {Promise<string | null>} as searchBrowser */
export const installBrowser = async () => {
  if (process.platform === "linux" && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    process.stderr.write("Installing Debian's Chromium for the tests (once) ...\n");
    if (runs("apt-get", ["update", "-qq"]) && runs("apt-get", ["install", "-y", "-qq", "chromium"])) {
      const found = await searchBrowser();
      if (found !== null) return found;
    }
  }
  process.stderr.write("Downloading Playwright's Chromium for the tests (once) ...\n");
  return runs("npx", ["playwright", "install", "chromium"]) ? await searchBrowser() : null;
};
