/** Bundles one test entry and serves it from a real hub, so that checks run inside real pages and workers. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { type Hub, startServer } from "../../worker/cli/hub.ts";

export type Bundle = {
  readonly dir: string;
  /** The whole script, for pages that are served by nobody. */
  readonly script: string;
  /** A hub at the given port (0: any) whose page runs the bundle. The caller closes it. */
  readonly serve: (port?: number) => Promise<Hub>;
  readonly remove: () => void;
};

/** The hub's policy lets no script in whose address was not looked at: here all are ours. */
const TRUST = `globalThis.trustedTypes?.createPolicy("default", { createScriptURL: (url) => url });`;

const PAGE = `<!doctype html><title>checks</title><script src="checks.js" defer></script>\n`;

/** @param entry a file beside this one. */
export const bundle = async (entry: string): Promise<Bundle> => {
  const dir = mkdtempSync(join(tmpdir(), "commonwatt-checks-"));
  await build({
    configFile: false,
    root: fileURLToPath(new URL("../..", import.meta.url)),
    logLevel: "warn",
    publicDir: false,
    build: {
      outDir: dir,
      emptyOutDir: true,
      target: "es2023",
      minify: false,
      rolldownOptions: {
        input: fileURLToPath(new URL(entry, import.meta.url)),
        output: { format: "iife", entryFileNames: "checks.js", banner: TRUST },
      },
    },
  });
  writeFileSync(join(dir, "index.html"), PAGE);
  return {
    dir,
    script: readFileSync(join(dir, "checks.js"), "utf8"),
    serve: (port = 0) => startServer({ port, host: "127.0.0.1", dir }),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
};
