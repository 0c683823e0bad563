/**
 * `npm test`: from a fresh clone to a verdict. Installs what is missing, finds or installs a browser, runs the checks
 * and tests, and ends with one line that counts them. Arguments name steps: `node test/run.mjs verify`, `... unit`.
 */
// @ts-check
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureInstalled, npm, root } from "../worker/cli/prepare.mjs";
import { installBrowser, NO_BROWSER, searchBrowser } from "./e2e/find-browser.mjs";

/** Scripts of package.json; a failed one counts as one failure. */
const CHECKS = ["types", "lint", "svelte", "format:check", "build", "size"];
/** Projects of vite.config.ts, counted test by test. */
const PROJECTS = ["unit", "e2e", "bench"];
const VERIFY = ["types", "lint", "svelte", "format:check", "unit"];
const EVERYTHING = [...VERIFY, "build", "size", "e2e"];
const NEED_BROWSER = ["e2e", "bench"];

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

/** @param {string[]} words @returns {string[]} */
const stepsOf = (words) =>
  words.length === 0 ? EVERYTHING : words.flatMap((word) => (word === "verify" ? VERIFY : [word]));

/** @param {string} step @returns {Count} */
const check = (step) => ({ passed: 0, failed: npm(["run", "--silent", step]).status === 0 ? 0 : 1, skipped: 0 });

/** Vitest ends a slow test itself, but not one that never yields: then the whole run is ended from here. */
const LONGEST_RUN_MS = 15 * 60_000;

/**
 * Runs Vitest with its workers as one group, so that all of them can be ended.
 * @param {string[]} args @returns {Promise<number | null>} its exit code; null when it was ended
 */
const vitest = (args) =>
  new Promise((done) => {
    const script = join(root, "node_modules", "vitest", "vitest.mjs");
    const grouped = process.platform !== "win32";
    const child = spawn(process.execPath, [script, ...args], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      detached: grouped,
    });
    const end = () => {
      if (grouped && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      else child.kill("SIGKILL");
    };
    const timer = setTimeout(() => {
      process.stderr.write(`Ended after ${LONGEST_RUN_MS / 60_000} minutes: a test never comes back.\n`);
      end();
    }, LONGEST_RUN_MS);
    // The group does not hear the terminal's Ctrl-C.
    const interrupted = () => {
      end();
      process.exit(130);
    };
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, interrupted);
    child.once("exit", (code) => {
      clearTimeout(timer);
      for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, interrupted);
      done(code);
    });
  });

/** @param {string} project @returns {Promise<Count>} */
const test = async (project) => {
  const report = join(root, "test-output", `${project}.json`);
  rmSync(report, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const code = await vitest(["run", "--project", project, ...reporters]);
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(readFileSync(report, "utf8"));
  const failed = result.numFailedTests;
  return {
    passed: result.numPassedTests,
    // A file that could not even be loaded, or an error outside every test, fails the run without failing a test.
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  };
};

const ensureBrowser = async () => {
  const browser = (await searchBrowser()) ?? (process.env["CHROME_PATH"] === undefined ? await installBrowser() : null);
  if (browser === null) {
    process.stderr.write(`${NO_BROWSER}\n`);
    process.exit(1);
  }
  process.env["CHROME_PATH"] = browser;
};

const steps = stepsOf(process.argv.slice(2));
const unknown = steps.find((step) => !CHECKS.includes(step) && !PROJECTS.includes(step));
if (unknown !== undefined) {
  process.stderr.write(`There is no step "${unknown}". Steps: verify, ${[...CHECKS, ...PROJECTS].join(", ")}.\n`);
  process.exit(2);
}
ensureInstalled();
if (steps.some((step) => NEED_BROWSER.includes(step))) await ensureBrowser();
mkdirSync(join(root, "test-output"), { recursive: true });

/** @type {Count} */
const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const failedSteps = [];
for (const step of steps) {
  // Without an app there is nothing to open.
  if ((step === "size" || NEED_BROWSER.includes(step)) && failedSteps.includes("build")) continue;
  const start = performance.now();
  process.stdout.write(`\n-- ${step}\n`);
  const count = PROJECTS.includes(step) ? await test(step) : check(step);
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
  if (count.failed > 0) failedSteps.push(step);
  process.stdout.write(
    `-- ${step}: ${count.failed > 0 ? "failed" : "good"}, ${((performance.now() - start) / 1000).toFixed(1)} s\n`,
  );
}

const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
if (failedSteps.length > 0) process.stdout.write(`\nFailed: ${failedSteps.join(", ")}\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed${skipped}\n`);
process.exit(total.failed > 0 ? 1 : 0);
