/**
 * Screenshots of every screen at phone and desktop size, light and dark, into test-output/screens, and axe on each.
 * Run: npx tsx test/e2e/screens.ts [--dist DIR] [--only NAME,NAME] [--size phone,desk] [--theme dark] [--lang fr]. The built app is served as it is; only
 * its worker is played by test/app/fake-worker.ts. Ends with 1 when axe finds something or a page scrolls sideways.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium, type Browser, type Page } from "playwright";
import { build, preview } from "vite";
import { LINKY, SHOTS, type Shot } from "./shots.ts";

const SIZES = [
  { name: "phone", width: 390, height: 844, scale: 2 },
  { name: "small", width: 360, height: 740, scale: 1 },
  { name: "desk", width: 1280, height: 860, scale: 1 },
] as const;

const root = fileURLToPath(new URL("../..", import.meta.url));
const out = `${root}test-output/screens`;
/** A Sunday in June, the sun still high: what the fixtures show depends on it. */
export const noon = new Date("2026-06-21T14:21:40+02:00");

export const fakeWorker = async (): Promise<string> => {
  const made = await build({
    configFile: false,
    root,
    logLevel: "silent",
    publicDir: false,
    build: {
      write: false,
      minify: false,
      lib: { entry: `${root}test/app/fake-worker.ts`, formats: ["iife"], name: "fake" },
    },
  });
  const [first] = Array.isArray(made) ? made : [made];
  if (first === undefined || !("output" in first)) throw new Error("the fake worker was not built");
  return first.output[0].code;
};

/** To be run in the page before its own code. */
export const playScenario = async (page: Page, fake: string, shot: Shot): Promise<void> => {
  await page.clock.setFixedTime(noon);
  await page.addInitScript({ content: `globalThis.scenario = ${JSON.stringify(shot.scenario)};\n${fake}` });
  if (shot.draft === undefined) return;
  const draft = JSON.stringify({ ...LINKY, ...shot.draft });
  await page.addInitScript((text) => sessionStorage.setItem("commonwatt-pairing", text), draft);
};

/** Until nothing on the screen is still to come. */
export const settled = async (page: Page): Promise<void> => {
  await page.evaluate(() => document.fonts.ready);
  if ((await page.locator(".chart").count()) > 0) await page.locator(".chart canvas").first().waitFor();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
};

type Violation = {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
};

const shoot = async (
  browser: Browser,
  url: string,
  fake: string,
  axe: string,
  language: string,
  shots: readonly Shot[],
  wanted: (size: string, theme: string) => boolean,
): Promise<string[]> => {
  const findings: string[] = [];
  for (const size of SIZES) {
    for (const colorScheme of ["light", "dark"] as const) {
      if (!wanted(size.name, colorScheme)) continue;
      if (size.name === "small" && colorScheme === "dark") continue;
      for (const shot of shots) {
        // Each is a device of its own: what one keeps, the next would show.
        const context = await browser.newContext({
          viewport: { width: size.width, height: size.height },
          deviceScaleFactor: size.scale,
          colorScheme,
          locale: language,
          timezoneId: "Europe/Brussels",
          serviceWorkers: "block",
          reducedMotion: "reduce",
        });
        const page = await context.newPage();
        page.on("pageerror", (error) => findings.push(`${shot.name} ${size.name}: ${error.message}`));
        page.on(
          "console",
          (line) => line.type() === "error" && findings.push(`${shot.name} ${size.name}: ${line.text()}`),
        );
        await playScenario(page, fake, shot);
        await page.goto(`${url}${shot.hash}`);
        await page.locator("main h1:not([aria-busy=true])").first().waitFor();
        await shot.act?.(page);
        await settled(page);
        const name = `${shot.name}-${size.name}-${colorScheme}${language === "en" ? "" : `-${language}`}`;
        if (size.name !== "small") await page.screenshot({ path: `${out}/${name}.png`, fullPage: true });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (wide > 0) findings.push(`${name}: ${wide} px wider than the screen`);
        if (size.name !== "small") {
          await page.evaluate(axe);
          findings.push(...(await check(page)).map((one) => `${name}: ${one}`));
        }
        await context.close();
      }
    }
  }
  return findings;
};

type Rules = { readonly only?: readonly string[]; readonly without?: readonly string[] };

/** Asks axe, which is in the page already. @returns a line for each place that violates a rule. */
export const check = async (page: Page, rules: Rules = {}): Promise<string[]> => {
  const violations = await page.evaluate(async ({ only, without = [] }) => {
    type Axe = { run(options: object): Promise<{ violations: Violation[] }> };
    const { axe } = globalThis as unknown as { axe: Axe };
    const asked = only === undefined ? {} : { runOnly: { type: "rule", values: only } };
    const off = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]));
    return (await axe.run({ resultTypes: ["violations"], rules: off, ...asked })).violations;
  }, rules);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      (node) => `${id} at ${node.target.join(" ")}: ${(node.failureSummary ?? "").replaceAll("\n", " ").slice(0, 300)}`,
    ),
  );
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      dist: { type: "string", default: `${root}dist` },
      only: { type: "string" },
      size: { type: "string" },
      theme: { type: "string" },
      lang: { type: "string", default: "en" },
    },
  });
  if (!existsSync(`${values.dist}/index.html`))
    throw new Error(`${values.dist} has no built app: run npm run build first.`);
  mkdirSync(out, { recursive: true });
  const server = await preview({
    configFile: false,
    root,
    logLevel: "silent",
    build: { outDir: values.dist },
    preview: { port: 0, host: "127.0.0.1" },
  });
  const url = server.resolvedUrls?.local[0] ?? "";
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic"],
  });
  try {
    const axe = readFileSync(`${root}node_modules/axe-core/axe.min.js`, "utf8");
    const isIn = (list: string | undefined, name: string): boolean =>
      list === undefined || list.split(",").some((one) => name.includes(one));
    const shots = SHOTS.filter(({ name }) => isIn(values.only, name));
    const wanted = (size: string, theme: string): boolean => isIn(values.size, size) && isIn(values.theme, theme);
    const findings = await shoot(browser, url, await fakeWorker(), axe, values.lang, shots, wanted);
    for (const finding of findings) process.stderr.write(`${finding}\n`);
    process.stdout.write(`${shots.length} screens, ${findings.length} findings, in test-output/screens\n`);
    process.exitCode = findings.length === 0 ? 0 : 1;
  } finally {
    await browser.close();
    await new Promise((done) => server.httpServer.close(done));
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
