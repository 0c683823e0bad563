/**
 * Registers the service worker and tells when a new build waits. The update replaces page and worker together: the new
 * service worker takes over, then every window loads anew. When it may is not decided here (src/app/updating.svelte.ts).
 */
import type { Update } from "../app/updating.svelte.ts";

export type ServiceWorkerEvents = {
  readonly ready: (update: Update) => void;
  /** The files of this page are of the past: write down what was counted, the page goes. */
  readonly replaced: () => Promise<unknown>;
};

/** An app that stays open for weeks asks for a new build so often. */
const ASK_MS = 6 * 3_600_000;
/** A service worker that does not take over in this time: the page loads anew all the same, its meters rest already. */
const TAKE_MS = 10_000;

/** What a service worker answers to `message`; null when it does not in time. */
const ask = async (worker: ServiceWorker, message: object): Promise<unknown> => {
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise<unknown>((done) => {
    port1.addEventListener("message", ({ data }) => done(data));
    port1.start();
    setTimeout(() => done(null), TAKE_MS);
  });
  worker.postMessage(message, [port2]);
  return answer.finally(() => port1.close());
};

/** Whether any of the app's windows is seen: a service worker sees them all. */
const isSeen = async (waiting: ServiceWorker): Promise<boolean> => (await ask(waiting, { kind: "seen?" })) !== false;

const watchUnseen = (waiting: ServiceWorker): Update["unseenSince"] => {
  let since: number | null = null;
  return async () => {
    const seen = document.visibilityState === "visible" || (await isSeen(waiting));
    since = seen ? null : (since ?? Date.now());
    return since;
  };
};

/** Once, whoever asks first. */
const makeReload = (): (() => void) => {
  let begun = false;
  return () => {
    if (!begun) location.reload();
    begun = true;
  };
};

const offer = (waiting: ServiceWorker, reload: () => void): Update => ({
  take: () => {
    // A page of the very first visit has no controller that could change.
    waiting.addEventListener("statechange", () => {
      if (waiting.state === "activated") reload();
    });
    waiting.postMessage({ type: "SKIP_WAITING" });
    setTimeout(reload, TAKE_MS);
  },
  unseenSince: watchUnseen(waiting),
});

/** Until then what is fetched is what the first screen needs. */
const pageLoaded = (): Promise<unknown> =>
  document.readyState === "complete"
    ? Promise.resolve()
    : new Promise((done) => window.addEventListener("load", done, { once: true }));

/** What the first visit keeps is fetched after the page itself is there. */
export const registerServiceWorker = async (on: ServiceWorkerEvents, language: string): Promise<void> => {
  if (!("serviceWorker" in navigator)) return;
  const { serviceWorker } = navigator;
  const reload = makeReload();
  // The first one of all takes over without a word, and what is open goes on: nothing was replaced.
  let controlled = serviceWorker.controller !== null;
  serviceWorker.addEventListener("controllerchange", () => {
    if (controlled) void on.replaced().finally(reload);
    controlled = true;
  });
  try {
    await pageLoaded();
    const registration = await serviceWorker.register("./service.worker.js");
    const tell = (): void => {
      const { waiting, active } = registration;
      if (waiting !== null && active !== null) on.ready(offer(waiting, reload));
    };
    registration.addEventListener("updatefound", () => {
      registration.installing?.addEventListener("statechange", tell);
    });
    tell();
    setInterval(() => void registration.update().catch(() => undefined), ASK_MS);
    whenIdle(() => void keepAll(language));
  } catch {
    // Private windows and some policies allow none: the app works, only not offline.
  }
};

/** Long after the first screen is there: a slow line is not shared with it. */
const IDLE_MS = 3_000;

const whenIdle = (work: () => void): void => {
  setTimeout(() => ("requestIdleCallback" in window ? requestIdleCallback(work) : work()), IDLE_MS);
};

/** Has the rest of the app fetched, so that every screen opens without a network; not where data are to be saved. */
const keepAll = async (language: string): Promise<void> => {
  const { connection } = navigator as { readonly connection?: { readonly saveData?: boolean } };
  if (connection?.saveData === true) return;
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage({ kind: "keep", language });
};

/**
 * Signalling servers that the member has chosen besides the page's own host, as origins (`wss://signal.example`): the
 * content policy lets the page connect to them from its next load on. Answers whether any of them is new.
 */
export const allowServers = async (list: readonly string[]): Promise<boolean> => {
  // Where there is none the page's policy is that of its host, for good.
  if (!("serviceWorker" in navigator) || (await navigator.serviceWorker.getRegistration()) === undefined) return false;
  const { active } = await navigator.serviceWorker.ready;
  if (active === null) return false;
  return (await ask(active, { kind: "servers", list })) === true;
};
