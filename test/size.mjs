/**
 * `npm run size`: what a first visit downloads, gzipped, file by file: all that the service worker keeps, and itself.
 * What the page alone needs to open is marked, and so is what is fetched afterwards, when nothing else is to be done.
 */
// @ts-check
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { dist } from "../worker/cli/prepare.mjs";

/** Already compressed: sent as they are. */
const PACKED = /\.woff2$/;

/** @param {string} folder @returns {string[]} paths below `dist` */
const filesBelow = (folder) =>
  readdirSync(join(dist, folder)).flatMap((name) => {
    const path = folder === "" ? name : `${folder}/${name}`;
    return statSync(join(dist, path)).isDirectory() ? filesBelow(path) : [path];
  });

const html = readFileSync(join(dist, "index.html"), "utf8");
const serviceWorker = readFileSync(join(dist, "service.worker.js"), "utf8");
const rows = filesBelow("")
  .filter((path) => path === "service.worker.js" || serviceWorker.includes(path))
  .map((path) => {
    const bytes = readFileSync(join(dist, path));
    const sent = PACKED.test(path) ? bytes.length : gzipSync(bytes, { level: 9 }).length;
    // The first list has objects, what is fetched later stands there as a bare string.
    const later = path.startsWith("assets/") && !/url["'`]?:\s*["'`]$/.test(serviceWorker.split(path)[0] ?? "");
    return { path, sent, later, opening: path === "index.html" || html.includes(`./${path}`) };
  })
  .sort((a, b) => b.sent - a.sent);

/** @param {typeof rows} some */
const kilobytes = (some) => (some.reduce((sum, row) => sum + row.sent, 0) / 1000).toFixed(1);
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
