/**
 * Registers the service worker and tells when a new version waits. The update replaces page and worker together:
 * the new service worker takes over, then the page loads anew.
 */
export const registerServiceWorker = async (ready: (update: () => void) => void, language: string): Promise<void> => {
  if (!("serviceWorker" in navigator)) return;
  const { serviceWorker } = navigator;
  const tell = (waiting: ServiceWorker): void =>
    ready(() => {
      serviceWorker.addEventListener("controllerchange", () => location.reload());
      waiting.postMessage({ type: "SKIP_WAITING" });
    });
  try {
    const registration = await serviceWorker.register("./service.worker.js");
    if (registration.waiting !== null && serviceWorker.controller !== null) tell(registration.waiting);
    registration.addEventListener("updatefound", () => {
      const coming = registration.installing;
      // The first one takes over by itself: only where another runs does it wait.
      coming?.addEventListener("statechange", () => {
        if (coming.state === "installed" && serviceWorker.controller !== null) tell(coming);
      });
    });
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
