/**
 * The service worker (Workbox): keeps the built app on the device, so that it opens without a network. Knows nothing
 * of the community; its data are in IndexedDB and belong to the node. A new version waits until the page says so,
 * because a running node must not lose the code it may still load.
 */
import { addRoute, cleanupOutdatedCaches, createHandlerBoundToURL, precache } from "workbox-precaching";
import { registerRoute } from "workbox-routing";
import { CacheFirst } from "workbox-strategies";

declare const self: ServiceWorkerGlobalScope;
/** Every file of the build with its hash, written in by vite.config.ts. */
declare const __PRECACHE__: { url: string; revision: string | null }[];

/** Where the list of every other file of it is: seldom opened screens, languages, the demo. Its name carries its hash. */
declare const __LATER__: string;

/** Where the system's share sheet posts to (public/manifest.webmanifest). */
const SHARE_PATH = /\/share$/;
/** A proof that was shared waits here for its screen (src/bridge/launch.ts). */
const SHARED_CACHE = "shared";
const SHARED_FILE = "shared/file";

/** What the hub itself answers beside the app's files. */
const HUB_PATHS = /\/(signal|time)$/;

cleanupOutdatedCaches();
precache(__PRECACHE__);

/** Signalling servers of this member's own choice (src/bridge/service-worker.ts). */
const SETTINGS_CACHE = "settings";
const SERVERS = "settings/servers";

const isServer = (text: unknown): text is string =>
  typeof text === "string" && /^wss?:\/\/[\w.\-[\]:]+$/.test(text) && URL.canParse(text);

const keptServers = async (): Promise<readonly string[]> => {
  const kept = await (await caches.open(SETTINGS_CACHE)).match(SERVERS);
  return kept === undefined ? [] : ((await kept.json()) as unknown[]).filter(isServer);
};

/** Answers whether one is new: then the page must load anew before it can call it. */
const keepServers = async (list: unknown): Promise<boolean> => {
  const servers = Array.isArray(list) ? list.filter(isServer) : [];
  const before = await keptServers();
  await (await caches.open(SETTINGS_CACHE)).put(SERVERS, Response.json(servers));
  return servers.some((one) => !before.includes(one));
};

/**
 * The page as it was kept, allowed to connect to the servers that the member has chosen since: the hub's header was
 * written before anybody knew them. What the page says of itself (a meta element) is wider and stays.
 */
const allowServers = async (page: Response): Promise<Response> => {
  const policy = page.headers.get("Content-Security-Policy");
  const servers = (await keptServers()).join(" ");
  if (policy === null || servers === "") return page;
  const headers = new Headers(page.headers);
  headers.set(
    "Content-Security-Policy",
    policy.replace(/connect-src [^;]*/, (sources) => `${sources} ${servers}`),
  );
  return new Response(page.body, { status: page.status, statusText: page.statusText, headers });
};

const openPage = createHandlerBoundToURL("index.html");

registerRoute(
  ({ request, url }) => {
    // Only beside index.html, or its relative links would point nowhere.
    const beside = new URL(".", url).href === self.registration.scope;
    return request.mode === "navigate" && beside && !HUB_PATHS.test(url.pathname);
  },
  async (options) => allowServers(await openPage(options)),
);

// After the page itself, which is not served as it was kept.
addRoute();

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

/** The files that no first visit needs. Fetched once, when the first of them is due: no first visit needs the list either. */
const laterFiles = async (cache: Cache): Promise<readonly string[]> => {
  if ((await cache.match(__LATER__)) === undefined) await cache.add(__LATER__);
  return (await (await cache.match(__LATER__))?.json()) as string[];
};

/** Fetches what the first visit left out, one file after the other. */
const keepAll = async (language: string): Promise<void> => {
  const cache = await caches.open(LATER_CACHE);
  // Offline: the next visit goes on.
  for (const url of await laterFiles(cache).catch(() => [])) {
    if (!wanted(url, language) || (await cache.match(url)) !== undefined) continue;
    try {
      await cache.add(url);
    } catch {
      // The same in the middle of it.
      return;
    }
  }
};

/** What the build before had kept is there in the new one too before that takes over, also without a network. */
const renew = async (): Promise<void> => {
  const cache = await caches.open(LATER_CACHE);
  const kept = new Set((await cache.keys()).map(({ url }) => nameOf(url.slice(self.registration.scope.length))));
  // Without the list it would take over with less than was kept: then this build is not installed, and asked for again.
  const same = kept.size === 0 ? [] : (await laterFiles(cache)).filter((url) => kept.has(nameOf(url)));
  await Promise.all(same.map((url) => cache.add(url).catch(() => undefined)));
};

/** Lets go of what only an older build had. */
const tidy = async (): Promise<void> => {
  const cache = await caches.open(LATER_CACHE);
  // On the very first visit nothing was kept yet, so there is nothing to let go of.
  if ((await cache.match(__LATER__)) === undefined) return;
  const own = new Set(
    [__LATER__, ...(await laterFiles(cache))].map((url) => new URL(url, self.registration.scope).href),
  );
  for (const request of await cache.keys()) if (!own.has(request.url)) await cache.delete(request);
};

const beside = (hash: string): Response => Response.redirect(new URL(`./${hash}`, self.registration.scope).href, 303);

/** An invitation, in whatever field its app put it; or a proof's file. */
const takeShare = async (request: Request): Promise<Response> => {
  const form = await request.formData();
  const file = form.get("file");
  if (file instanceof File && file.size > 0) {
    const headers = { "Content-Type": "application/octet-stream", "X-Name": encodeURIComponent(file.name) };
    await (await caches.open(SHARED_CACHE)).put(SHARED_FILE, new Response(file, { headers }));
    return beside("#/verify");
  }
  const words = ["url", "text", "title"].map((name) => form.get(name)).filter((text) => typeof text === "string");
  const [, invitation] = /#\/join\?i=([^\s&#]+)/.exec(words.join("\n")) ?? [];
  return beside(invitation === undefined ? "#/join" : `#/join?i=${invitation}`);
};

registerRoute(
  ({ url }) => url.origin === self.location.origin && SHARE_PATH.test(url.pathname),
  ({ request }) => takeShare(request),
  "POST",
);

const windowsOf = (): Promise<readonly WindowClient[]> =>
  self.clients.matchAll({ type: "window", includeUncontrolled: true });

/** A window that is open is shown and told where to go; it is never loaded anew, because its node runs. */
const openAt = async (hash: string): Promise<void> => {
  const windows = await windowsOf();
  const shown = windows.find(({ visibilityState }) => visibilityState === "visible") ?? windows[0];
  if (shown === undefined) await self.clients.openWindow(`./${hash}`);
  else {
    shown.postMessage({ kind: "open", hash });
    await shown.focus();
  }
};

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const data: unknown = event.notification.data;
  const hash = typeof data === "object" && data !== null && "hash" in data ? String(data.hash) : "#/";
  event.waitUntil(openAt(hash));
});

const isAnySeen = async (): Promise<boolean> =>
  (await windowsOf()).some(({ visibilityState }) => visibilityState === "visible");

self.addEventListener("install", (event) => event.waitUntil(renew()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));

self.addEventListener("message", (event) => {
  const data: unknown = event.data;
  if (typeof data === "object" && data !== null && "type" in data && data.type === "SKIP_WAITING") {
    void self.skipWaiting();
  }
  if (typeof data !== "object" || data === null || !("kind" in data)) return;
  if (data.kind === "keep" && "language" in data) event.waitUntil(keepAll(String(data.language)));
  if (data.kind === "servers" && "list" in data)
    event.waitUntil(keepServers(data.list).then((isNew) => event.ports[0]?.postMessage(isNew)));
  if (data.kind === "seen?") event.waitUntil(isAnySeen().then((seen) => event.ports[0]?.postMessage(seen)));
});
