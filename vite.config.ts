/**
 * How the app is built and tested. Build: the page, its workers, and the service worker with the list of all files.
 * Tests: three projects, `unit` (Node), `e2e` (a real browser) and `bench`.
 */
import { createHash } from "node:crypto";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { build, type Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { getManifest } from "workbox-build";
import { policyInPage as policy } from "./worker/cli/headers.ts";
import { buildIdFile, dist, root, sourceId } from "./worker/cli/prepare.mjs";

const TARGET = "es2023";

/** Page and worker of different builds notice each other by it (worker/port.ts). */
const buildId = sourceId();

/** Writes the content policy into the built page as well. The development server needs inline styles. */
const policyInPage = (): Plugin => ({
  name: "policy-in-page",
  apply: "build",
  transformIndexHtml: () => [
    {
      tag: "meta",
      attrs: { "http-equiv": "Content-Security-Policy", content: policy },
      injectTo: "head-prepend",
    },
  ],
});

/** The two weights are asked for at once, not when the styles that name them have come. */
const fontsFirst = (): Plugin => ({
  name: "fonts-first",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler: (_html, { bundle = {} }) =>
      Object.keys(bundle)
        .filter((name) => name.endsWith(".woff2"))
        .map((name) => ({
          tag: "link",
          attrs: { rel: "preload", as: "font", type: "font/woff2", href: `./${name}`, crossorigin: true },
          injectTo: "head",
        })),
  },
});

/** How long each plugin took is of no use to who starts the app for the first time. */
const QUIET = { bundlerTimings: false };

/** What only those load who read it: another language, the demo. */
const SOME = [
  "care-fr",
  "care-nl",
  "elision",
  "fr",
  "fr-energy",
  "fr-explore",
  "fr-later",
  "fr-notices",
  "fr-operator",
  "fr-reconcile",
  "fr-verify",
  "lab-*",
  "lab.worker",
  "nl",
  "nl-energy",
  "nl-explore",
  "nl-later",
  "nl-notices",
  "nl-operator",
  "nl-reconcile",
  "nl-verify",
  "wizard-fr",
  "wizard-nl",
];

/** All but Home and what leads to it: fetched after the first visit, or when it is opened before that. */
const SELDOM = [
  "Agreed",
  "Back",
  "Backup",
  "Chain",
  "Changes",
  "Choice",
  "Community",
  "Connect",
  "ContractTerms",
  "Create",
  "EffectTable",
  "Face",
  "Energy",
  "Field",
  "FileChoice",
  "FoldedList",
  "Health",
  "HomeTotals",
  "HomeUse",
  "InstallCard",
  "Invite",
  "Join",
  "Leave",
  "Light",
  "LightBack",
  "LightOwn",
  "Meter",
  "Neighbour",
  "Operator",
  "Pair",
  "Phrase",
  "Preview",
  "Proof",
  "Proposed",
  "proposal-words",
  "Reconcile",
  "Restore",
  "Rule",
  "SaveProof",
  "Seal",
  "setup-draft",
  "Sheet",
  "Statement",
  "Step",
  "UseCard",
  "Verify",
  "Voting",
  "Waiting",
  "Qr",
  "accuracy",
  "book-rows",
  "bundles",
  "care-en",
  "csv",
  "council",
  "day-chart",
  "decimal",
  "details",
  "effect-words",
  "energy-csv",
  "en-energy",
  "en-explore",
  "en-later",
  "en-notices",
  "en-operator",
  "en-reconcile",
  "en-verify",
  "energy-data",
  "energy-words",
  "explore",
  "explore-words",
  "faces.svelte",
  "faces",
  "focus",
  "founding",
  "household-part",
  "keep",
  "load",
  "market-face",
  "meter-checks",
  "meter-part",
  "meters",
  "my-energy",
  "name-form",
  "notice-words",
  "open-light",
  "operator",
  "operator-month",
  "operator-words",
  "pairing",
  "peerjs",
  "period-words",
  "reconciling",
  "recovery",
  "rule-form",
  "rule-words",
  "save",
  "serial",
  "term-value",
  "terms-form",
  "transaction-words",
  "verify-words",
  "week",
  "wizard-en",
  "zone",
];

/** What the demo's worker shares among its own parts bears its name: it is not the node's, and not for a first visit. */
const demoApart = (): Plugin => {
  let isDemo = false;
  return {
    name: "demo-apart",
    options: ({ input }) => {
      isDemo = JSON.stringify(input).includes("lab.worker");
    },
    outputOptions: (given) => (isDemo ? { ...given, chunkFileNames: "assets/lab-[name]-[hash].js" } : given),
  };
};

/** Builds worker/service.worker.ts last, when all the files that it keeps are there. One file, at the root. */
const serviceWorker = (): Plugin => ({
  name: "service-worker",
  apply: "build",
  closeBundle: {
    order: "post",
    sequential: true,
    async handler() {
      const { manifestEntries, warnings } = await getManifest({
        globDirectory: dist,
        // Not the icons of an installed app: the system fetches and keeps those itself.
        globPatterns: ["**/*.{html,js,css,woff2,svg,webmanifest}"],
        // Nor what not every visit needs: the service worker fetches those afterwards, when nothing else is to be done.
        globIgnores: ["service.worker.js", ...[...SOME, ...SELDOM].map((name) => `assets/${name}-*.{js,css}`)],
        // Their names carry a hash of their content already.
        dontCacheBustURLsMatching: /^assets\//,
        maximumFileSizeToCacheInBytes: 4_000_000,
      });
      const first = new Set(manifestEntries.map(({ url }) => url));
      const later = readdirSync(join(dist, "assets"))
        .map((name) => `assets/${name}`)
        .filter((url) => /\.(js|css|woff2)$/.test(url) && !first.has(url));
      if (warnings.length > 0) this.error(warnings.join("\n"));
      const list = JSON.stringify(later);
      const listName = `assets/later-${createHash("sha256").update(list).digest("base64url").slice(0, 8)}.json`;
      writeFileSync(join(dist, listName), list);
      await build({
        configFile: false,
        root,
        logLevel: "warn",
        publicDir: false,
        define: {
          __PRECACHE__: JSON.stringify(manifestEntries),
          __LATER__: JSON.stringify(listName),
          "process.env.NODE_ENV": JSON.stringify("production"),
        },
        build: {
          outDir: dist,
          emptyOutDir: false,
          target: TARGET,
          rolldownOptions: {
            input: join(root, "worker", "service.worker.ts"),
            output: { format: "iife", entryFileNames: "service.worker.js" },
            checks: QUIET,
          },
        },
      });
      writeFileSync(buildIdFile, `${buildId}\n`);
    },
  },
});

/**
 * What is asked for together with a screen that comes later: its styles. The names of all its scripts would be a
 * kilobyte of every first visit, to save whom it is a screen's first opening one round trip; they are kept soon after.
 */
const stylesFirst = (_file: string, files: string[], { hostType }: { hostType: "html" | "js" }): string[] =>
  hostType === "html" ? files : files.filter((name) => name.endsWith(".css"));

/** `npm run dev` beside `npx commonwatt serve`: the hub's own paths are passed on to it. */
const hub = "http://127.0.0.1:4170";

export default defineConfig({
  root,
  // Relative: the app also works in a folder of any plain file host.
  base: "./",
  define: { __BUILD__: JSON.stringify(buildId) },
  // PeerJS asks it for the browser's name only; what it mends, no browser with module workers needs.
  resolve: { alias: { "webrtc-adapter": join(root, "src", "bridge", "webrtc-adapter.ts") } },
  plugins: [
    svelte({ configFile: false, compilerOptions: { runes: true } }),
    policyInPage(),
    fontsFirst(),
    serviceWorker(),
  ],
  worker: { format: "es", plugins: () => [demoApart()], rolldownOptions: { checks: QUIET } },
  build: {
    outDir: dist,
    target: TARGET,
    sourcemap: true,
    assetsInlineLimit: 0,
    rolldownOptions: { checks: QUIET },
    modulePreload: { polyfill: false, resolveDependencies: stylesFirst },
  },
  server: { proxy: { "/time": hub, "/signal": { target: hub, ws: true } } },
  test: {
    environment: "node",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
    // Vitest keeps a core for itself otherwise: half of a small machine.
    maxWorkers: "100%",
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", "test/bench/**"],
          // A worker reads the modules once, not anew for each of its files: that was a seventh of the time.
          isolate: false,
          setupFiles: ["test/trace.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          // Each starts browsers of its own and mostly waits for market steps to pass: three at once share two cores well.
          maxWorkers: 4,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: "bench",
          include: ["test/bench/**/*.bench.ts"],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
