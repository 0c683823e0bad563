/**
 * Makes the project ready to run: installs the dependencies when node_modules is absent or does not match the lock
 * file, builds the app when its sources are not those of the last build. Plain Node with nothing imported from
 * outside it, because it runs before anything is installed.
 */
// @ts-check
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's top folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const OLDEST_MAJOR = 20;
const OLDEST_MINOR = 19;

/** Ends the process with one sentence when this Node is too old for what we run on. */
export const checkNode = () => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > OLDEST_MAJOR || (major === OLDEST_MAJOR && minor >= OLDEST_MINOR)) return;
  process.stderr.write(
    `Commonwatt needs Node ${OLDEST_MAJOR}.${OLDEST_MINOR} or newer; this is ${process.versions.node}.\n`,
  );
  process.exit(1);
};

/**
 * Runs npm, whatever the system calls it, in the project's folder.
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnSyncOptions} [options]
 */
export const npm = (args, options = {}) => {
  const script = process.env["npm_execpath"];
  const shared = { cwd: root, stdio: /** @type {const} */ ("inherit"), ...options };
  if (script !== undefined && /npm-cli\.[cm]?js$/.test(script)) {
    return spawnSync(process.execPath, [script, ...args], shared);
  }
  return spawnSync("npm", args, { ...shared, shell: process.platform === "win32" });
};

/** npm leaves a copy of what it installed in node_modules/.package-lock.json. Contents are compared here too. */
const installedMatchesLock = () => {
  const installedFile = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installedFile)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(installedFile, "utf8")).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "") continue;
    const found = installed[path];
    // Builds for other systems are optional and rightly missing.
    if (found === undefined ? entry.optional !== true : found.version !== entry.version) return false;
  }
  return true;
};

/** Installs when needed; ends the process with one sentence when that fails. */
export const ensureInstalled = () => {
  checkNode();
  // Installed as a package of somebody else: then npm has put our dependencies where they belong.
  if (!existsSync(join(root, "package-lock.json")) || installedMatchesLock()) return;
  process.stderr.write("Installing what Commonwatt needs (once, about a minute) ...\n");
  // npm's own account goes to stderr, so that a command's result stays alone on stdout.
  const done = npm(["ci", "--no-audit", "--no-fund"], { stdio: ["ignore", 2, 2] });
  if (done.status === 0) return;
  process.stderr.write(
    "npm could not install the dependencies: check the network and the lines above, then try again.\n",
  );
  process.exit(1);
};

/** The built app. */
export const dist = join(root, "dist");

const SOURCES = ["index.html", "package-lock.json", "public", "src", "vite.config.ts", "worker"];

/** @param {string} path @returns {string[]} the files at or below `path`, relative to the project's top, in a fixed order */
const filesBelow = (path) => {
  const whole = join(root, path);
  if (!existsSync(whole)) return [];
  if (!statSync(whole).isDirectory()) return path.endsWith(".tsbuildinfo") ? [] : [path];
  return readdirSync(whole)
    .sort()
    .flatMap((name) => filesBelow(`${path}/${name}`));
};

/** Equal sources, equal id: 12 hex digits. Contents count, not times: a fresh checkout gives files any time it likes. */
export const sourceId = () => {
  const hash = createHash("sha256");
  for (const path of SOURCES.flatMap(filesBelow)) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  }
  return hash.digest("hex").slice(0, 12);
};

/** vite.config.ts writes the id of what it built into this file, last of all. */
export const buildIdFile = join(dist, "build-id.txt");

const buildIsCurrent = () => existsSync(buildIdFile) && readFileSync(buildIdFile, "utf8").trim() === sourceId();

/** Builds when needed. @returns {boolean} false when the build failed: its own words are on stderr then. */
export const ensureBuilt = () => {
  if (buildIsCurrent()) return true;
  process.stderr.write("Building the app ...\n");
  // Whoever asks may be a test or a developer's shell: what is served is always the real app.
  const env = { ...process.env, NODE_ENV: "production" };
  return npm(["run", "--silent", "build", "--", "--logLevel", "warn"], { stdio: ["ignore", 2, 2], env }).status === 0;
};
