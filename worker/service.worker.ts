/**
 * The service worker (Workbox): keeps the built app on the device, so that it opens without a network. Knows nothing
 * of the community; its data are in IndexedDB and belong to the node. A new version waits until the page says so,
 * because a running node must not lose the code it may still load.
 */
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { registerRoute } from "workbox-routing";
import { CacheFirst } from "workbox-strategies";

declare const self: ServiceWorkerGlobalScope;
/** Every file of the build with its hash, written in by vite.config.ts. */
declare const __PRECACHE__: { url: string; revision: string | null }[];

/** Every other file of it: seldom opened screens, languages, the demo. */
declare const __LATER__: string[];

/** What the hub itself answers beside the app's files. */
const HUB_PATHS = /\/(signal|time)$/;

cleanupOutdatedCaches();
precacheAndRoute(__PRECACHE__);

const LATER_CACHE = "used-assets";

// The demo and the languages that nobody here reads are not worth everybody's download: kept once they were used.
registerRoute(
  ({ url }) => url.origin === self.location.origin && /\/assets\/[^/]+$/.test(url.pathname),
  new CacheFirst({ cacheName: LATER_CACHE }),
);

/** A file's name without its hash: "assets/wizard-fr-Ab3_x-9Z.js" is "wizard-fr". */
const nameOf = (url: string): string => url.replace(/^assets\//, "").replace(/-.{8}\.\w+$/, "");

/** Screens in English, which is what there is when another language fails, and in the one that is spoken. */
const wanted = (url: string, language: string): boolean => {
  const parts = nameOf(url).split("-");
  const other = ["fr", "nl"].filter((one) => one !== language);
  return !parts.some((part) => part === "lab.worker" || part === "lab" || other.includes(part));
};

/** Fetches what the first visit left out, one file after the other. */
const keepAll = async (language: string): Promise<void> => {
  const cache = await caches.open(LATER_CACHE);
  for (const url of __LATER__) {
    if (!wanted(url, language) || (await cache.match(url)) !== undefined) continue;
    try {
      await cache.add(url);
    } catch {
      // Offline in the middle of it: the next visit goes on.
      return;
    }
  }
};

registerRoute(({ request, url }) => {
  // Only beside index.html, or its relative links would point nowhere.
  const beside = new URL(".", url).href === self.registration.scope;
  return request.mode === "navigate" && beside && !HUB_PATHS.test(url.pathname);
}, createHandlerBoundToURL("index.html"));

/** What the build before had kept is there in the new one too before that takes over, also without a network. */
const renew = async (): Promise<void> => {
  const cache = await caches.open(LATER_CACHE);
  const kept = new Set((await cache.keys()).map(({ url }) => nameOf(url.slice(self.registration.scope.length))));
  const same = __LATER__.filter((url) => kept.has(nameOf(url)));
  await Promise.all(same.map((url) => cache.add(url).catch(() => undefined)));
};

/** Lets go of what only an older build had. */
const tidy = async (): Promise<void> => {
  const cache = await caches.open(LATER_CACHE);
  const own = new Set(__LATER__.map((url) => new URL(url, self.registration.scope).href));
  for (const request of await cache.keys()) if (!own.has(request.url)) await cache.delete(request);
};

self.addEventListener("install", (event) => event.waitUntil(renew()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));

self.addEventListener("message", (event) => {
  const data: unknown = event.data;
  if (typeof data === "object" && data !== null && "type" in data && data.type === "SKIP_WAITING") {
    void self.skipWaiting();
  }
  if (typeof data === "object" && data !== null && "kind" in data && data.kind === "keep" && "language" in data)
    event.waitUntil(keepAll(String(data.language)));
});
