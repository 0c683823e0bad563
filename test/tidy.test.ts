/**
 * House rules that no compiler or linter checks, over every file of the project: length, names, first comment, words
 * that promise what is not there, arrows between rooms, nothing of this machine or of ../shared copied in.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";

const SKIPPED = new Set(["node_modules", "dist", "test-output", ".git", ".DS_Store"]);
const LONGEST_FILE = 400;

const filesBelow = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => !SKIPPED.has(name) && !name.endsWith(".tsbuildinfo"))
    .flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? filesBelow(path) : [path.replaceAll("\\", "/")];
    });

const all = filesBelow(".");
const isText = (path: string): boolean => !/\.(png|woff2?|bin|jpg|ico)$/.test(path);
const read = (path: string): string => readFileSync(path, "utf8");
const code = all.filter((path) => /^(src|worker|test)\//.test(path) && /\.(ts|mjs|js|svelte)$/.test(path));
/** This file has to spell out what it looks for. */
const others = all.filter((path) => isText(path) && path !== "test/tidy.test.ts" && path !== "package-lock.json");

const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");

/** `path:line` of each line that matches, for a message that can be clicked. */
const linesMatching = (path: string, pattern: RegExp): string[] =>
  read(path)
    .split("\n")
    .flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${line.trim().slice(0, 100)}`] : []));

type Import = { readonly from: string; readonly target: string; readonly typeOnly: boolean };

/** Static and dynamic imports and re-exports; relative targets as paths from the project's top. */
const importsOf = (from: string): Import[] => {
  const pattern = /\b(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|\bimport\(\s*"([^"]+)"/g;
  return [...withoutComments(read(from)).matchAll(pattern)].map((match) => {
    const specifier = match[2] ?? match[3] ?? "";
    const target = specifier.startsWith(".") ? normalize(join(dirname(from), specifier)) : specifier;
    return { from, target: target.replaceAll("\\", "/"), typeOnly: match[1] !== undefined };
  });
};

/** Arrows point one way (architecture): what each room may import besides itself. */
const PURE: Readonly<Record<string, readonly string[]>> = {
  base: [],
  community: ["base"],
  ledger: ["base", "community"],
  consensus: ["base", "community", "ledger"],
  metering: ["base", "community"],
  node: ["base", "community", "ledger", "consensus", "metering"],
};
const ADAPTERS: Readonly<Record<string, readonly string[]>> = {
  sources: ["base", "community", "metering"],
  storage: ["base", "community", "ledger", "consensus", "node"],
  network: ["base", "community", "ledger", "consensus", "node"],
};
const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  settlement: [...Object.keys(PURE), ...Object.keys(ADAPTERS)],
  shell: [...Object.keys(PURE), ...Object.keys(ADAPTERS), "settlement"],
  lab: [...Object.keys(PURE), ...Object.keys(ADAPTERS), "settlement", "shell"],
  cli: [...Object.keys(PURE), ...Object.keys(ADAPTERS), "settlement", "shell", "lab"],
};
const ROOMS = { ...PURE, ...ADAPTERS, ...ENTRIES };
/** Arithmetic, hashing, signatures, encoding: packages that do no I/O. */
const PURE_PACKAGES = /^(@noble\/(curves|hashes)|@scure\/(base|bip39)|micro-packed)(\/|$)/;

const roomOf = (path: string): string | null => {
  const [top, room, sub] = path.split("/");
  if (top !== "worker" || room === undefined || sub === undefined) return null;
  return room === "metering" && sub === "sources" ? "sources" : room;
};
const isPure = (path: string): boolean => Object.hasOwn(PURE, roomOf(path) ?? "");

const upward = ({ from, target, typeOnly }: Import): boolean => {
  const room = roomOf(from);
  if (from.startsWith("src/")) return target.startsWith("worker/") && target !== "worker/port.ts" && !typeOnly;
  if (room === null) return from.startsWith("worker/") && target.startsWith("src/");
  if (target.startsWith("src/") || target.startsWith("test/") || target.endsWith(".worker.ts")) return true;
  const other = roomOf(target);
  if (other !== null) return other !== room && !(ROOMS[room] ?? []).includes(other);
  return isPure(from) && !target.startsWith("worker/") && !PURE_PACKAGES.test(target);
};

describe("house rules", () => {
  test("every file has a kebab-case name", () => {
    const name = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/;
    const allowed = new Set(["README.md", "LICENSE", "PROTOCOL.md"]);
    // A Svelte component's file is named as its element is written.
    const component = /^[A-Z][A-Za-z0-9]*\.svelte$/;
    const odd = all.filter((path) => !name.test(basename(path)) && !component.test(basename(path)));
    expect(odd.filter((path) => !allowed.has(basename(path)))).toEqual([]);
  });

  test(`no file of code is longer than ${LONGEST_FILE} lines`, () => {
    const lengths = code.map((path) => ({ path, lines: read(path).split("\n").length - 1 }));
    expect(lengths.filter(({ lines }) => lines > LONGEST_FILE)).toEqual([]);
  });

  test("every file of code begins with a comment that says what it does", () => {
    const begins = /^(#!.*\n)?\s*(\/\*|\/\/|<!--|<script[^>]*>\s*(\/\*|\/\/))/;
    expect(code.filter((path) => !begins.test(read(path)))).toEqual([]);
  });

  test("no word promises what is not there", () => {
    const words =
      /\b(TODO|FIXME|XXX|HACK)\b|\bfor now\b|\bsimplified\b|not (yet )?implemented|\bplaceholder\b(?!\s*[=:}])/i;
    expect(others.flatMap((path) => linesMatching(path, words))).toEqual([]);
  });

  test("no file names a folder of somebody's machine, and none a package registry", () => {
    const places =
      /(^|[\s"'`(=])(\/(work|root|home|Users|tmp)\/[\w.]|[A-Z]:\\\\?Users)|registry\.(npmjs|yarnpkg)|npmmirror/;
    expect(others.flatMap((path) => linesMatching(path, places))).toEqual([]);
    expect(linesMatching("package-lock.json", /"resolved"\s*:\s*"http|registry\./)).toEqual([]);
  });

  test("no file only passes on what others export", () => {
    const barrel = (path: string): boolean => {
      const rest = withoutComments(read(path)).replace(/export\s+(type\s+)?(\*|\{[^}]*\})[^;]*from[^;]*;/g, "");
      return /\bexport\b/.test(withoutComments(read(path))) && rest.trim() === "";
    };
    expect(code.filter((path) => /\.(ts|js|mjs)$/.test(path) && barrel(path))).toEqual([]);
    expect(code.flatMap((path) => linesMatching(path, /^\s*export\s+\*/))).toEqual([]);
  });

  test("no component has a fixed style attribute: the content policy would drop it, a class would not", () => {
    const components = code.filter((path) => path.endsWith(".svelte"));
    expect(components.flatMap((path) => linesMatching(path, /\sstyle="[^"{]*"/))).toEqual([]);
  });

  test("no test is left out or alone", () => {
    const tests = code.filter((path) => path.startsWith("test/") && path !== "test/tidy.test.ts");
    const left = /\b(test|it|describe)\.(skip|only|todo|fails)\b/;
    expect(tests.flatMap((path) => linesMatching(path, left))).toEqual([]);
  });
});

describe("arrows between rooms", () => {
  test("the rule itself tells a good arrow from a bad one", () => {
    const arrow = (from: string, target: string, typeOnly = false): boolean => upward({ from, target, typeOnly });
    expect(arrow("worker/ledger/state.ts", "worker/base/hash.ts")).toBe(false);
    expect(arrow("worker/base/hash.ts", "worker/ledger/state.ts")).toBe(true);
    expect(arrow("worker/metering/cryptometer.ts", "worker/metering/sources/serial.ts")).toBe(true);
    expect(arrow("worker/node/machine.ts", "idb")).toBe(true);
    expect(arrow("worker/storage/indexeddb.ts", "idb")).toBe(false);
    expect(arrow("src/main.ts", "worker/base/units.ts")).toBe(true);
    expect(arrow("src/main.ts", "worker/base/units.ts", true)).toBe(false);
    expect(arrow("worker/cli/serve.ts", "worker/node.worker.ts")).toBe(true);
  });

  test("every import points down", () => {
    const bad = code.flatMap(importsOf).filter(upward);
    expect(bad.map(({ from, target }) => `${from} -> ${target}`)).toEqual([]);
  });

  test("every room is known to the rule", () => {
    const rooms = new Set(code.map(roomOf).filter((room) => room !== null));
    expect([...rooms].filter((room) => !Object.hasOwn(ROOMS, room))).toEqual([]);
  });

  test("pure rooms are not asynchronous, but for the accelerated signature check", () => {
    const allowed = ["worker/base/ed25519.ts", "worker/base/engine.d.ts"];
    const asynchronous = /\basync\b|\bawait\b|\bPromise\b/;
    const pure = code.filter((path) => isPure(path) && !allowed.includes(path));
    expect(pure.filter((path) => asynchronous.test(withoutComments(read(path))))).toEqual([]);
  });
});

describe.skipIf(!existsSync("../shared"))("what is not ours", () => {
  test("no file of the project is a copy of one that lies beside it", () => {
    const digest = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");
    const beside = new Map(filesBelow("../shared").map((path) => [digest(path), path]));
    const copies = all.filter((path) => statSync(path).size > 0 && beside.has(digest(path)));
    expect(copies).toEqual([]);
  });
});
