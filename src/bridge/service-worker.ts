/**
 * Registers the service worker and tells when a new version waits. The update replaces page and worker together:
 * the new service worker takes over, then the page loads anew.
 */
export const registerServiceWorker = async (ready: (update: () => void) => void, language: string): Promise<void> => {
  if (!("serviceWorker" in navigator)) return;
  const { Workbox } = await import("workbox-window");
  const workbox = new Workbox("./service.worker.js");
  workbox.addEventListener("waiting", () => {
    ready(() => {
      workbox.addEventListener("controlling", () => location.reload());
      workbox.messageSkipWaiting();
    });
  });
  try {
    await workbox.register();
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
