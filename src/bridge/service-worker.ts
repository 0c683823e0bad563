/**
 * Registers the service worker and tells when a new version waits. The update replaces page and worker together:
 * the new service worker takes over, then the page loads anew.
 */
export const registerServiceWorker = async (ready: (update: () => void) => void): Promise<void> => {
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
  } catch {
    // Private windows and some policies allow none: the app works, only not offline.
  }
};
