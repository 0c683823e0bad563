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

/** What the hub itself answers beside the app's files. */
const HUB_PATHS = /\/(signal|time)$/;

cleanupOutdatedCaches();
precacheAndRoute(__PRECACHE__);

// The demo and the languages that nobody here reads are not worth everybody's download: kept once they were used.
registerRoute(
  ({ url }) => url.origin === self.location.origin && /\/assets\/[^/]+$/.test(url.pathname),
  new CacheFirst({ cacheName: "used-assets" }),
);

registerRoute(({ request, url }) => {
  // Only beside index.html, or its relative links would point nowhere.
  const beside = new URL(".", url).href === self.registration.scope;
  return request.mode === "navigate" && beside && !HUB_PATHS.test(url.pathname);
}, createHandlerBoundToURL("index.html"));

self.addEventListener("message", (event) => {
  const data: unknown = event.data;
  if (typeof data === "object" && data !== null && "type" in data && data.type === "SKIP_WAITING") {
    void self.skipWaiting();
  }
});
