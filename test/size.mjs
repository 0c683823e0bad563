/**
 * `npm run size`: what a first visit downloads, gzipped, file by file: all that the service worker keeps, and itself.
 * What the page alone needs to open is marked, and so is what is fetched afterwards, when nothing else is to be done.
 * Ends with 1 when a first visit is over its budget.
 */
// @ts-check
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { dist } from "../worker/cli/prepare.mjs";

/** What a first visit may download, in kB: scripts, styles, words in English, typeface. */
const BUDGET_KB = 250;

/** Already compressed: sent as they are. */
const PACKED = /\.woff2$/;

/** @param {string} folder @returns {string[]} paths below `dist` */
const filesBelow = (folder) =>
  readdirSync(join(dist, folder)).flatMap((name) => {
    const path = folder === "" ? name : `${folder}/${name}`;
    return statSync(join(dist, path)).isDirectory() ? filesBelow(path) : [path];
  });

/** @param {string} path */
const read = (path) => readFileSync(join(dist, path), "utf8");

const files = filesBelow("");
const html = read("index.html");
const serviceWorker = read("service.worker.js");
/** The list that the service worker names, and what stands in it. */
const list = files.find((path) => /^assets\/later-.{8}\.json$/.test(path) && serviceWorker.includes(path));
if (list === undefined) throw new Error("the build has no list of what comes later");
const afterwards = new Set([list, ...JSON.parse(read(list))]);
const rows = files
  .filter((path) => path === "service.worker.js" || afterwards.has(path) || serviceWorker.includes(path))
  .map((path) => {
    const bytes = readFileSync(join(dist, path));
    const sent = PACKED.test(path) ? bytes.length : gzipSync(bytes, { level: 9 }).length;
    const opening = path === "index.html" || html.includes(`./${path}`);
    return { path, sent, later: afterwards.has(path), opening };
  })
  .sort((a, b) => b.sent - a.sent);

/** @param {typeof rows} some */
const sum = (some) => some.reduce((total, row) => total + row.sent, 0) / 1000;
/** @param {typeof rows} some */
const kilobytes = (some) => sum(some).toFixed(1);
const width = Math.max(...rows.map((row) => row.path.length));
for (const row of rows) {
  process.stdout.write(
    `${row.path.padEnd(width)}  ${kilobytes([row]).padStart(7)} kB${row.opening ? "  page" : row.later ? "  later" : ""}\n`,
  );
}
const first = rows.filter((row) => !row.later);
const code = first.filter((row) => /\.(js|css|html)$/.test(row.path));
process.stdout.write(`\npage alone ${kilobytes(rows.filter((row) => row.opening))} kB, `);
process.stdout.write(`scripts, styles and html ${kilobytes(code)} kB, first visit ${kilobytes(first)} kB, `);
process.stdout.write(
  `afterwards ${kilobytes(rows.filter((row) => row.later))} kB (gzip; all languages and the demo)\n`,
);
if (sum(first) > BUDGET_KB) {
  process.stderr.write(
    `A first visit may download ${BUDGET_KB} kB: make something of it come later (vite.config.ts).\n`,
  );
  process.exitCode = 1;
}
