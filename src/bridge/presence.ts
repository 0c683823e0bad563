/**
 * Whether the page is seen and the device online, told to `listener` at once and on every change; and when the page was
 * frozen and goes on, or comes back from the browser's own cache, as time has passed that no timer told of.
 */
export const watchPresence = (listener: (visible: boolean, online: boolean) => void): (() => void) => {
  const tell = (): void => listener(document.visibilityState === "visible", navigator.onLine);
  document.addEventListener("visibilitychange", tell);
  document.addEventListener("resume", tell);
  window.addEventListener("pageshow", tell);
  window.addEventListener("online", tell);
  window.addEventListener("offline", tell);
  tell();
  return () => {
    document.removeEventListener("visibilitychange", tell);
    document.removeEventListener("resume", tell);
    window.removeEventListener("pageshow", tell);
    window.removeEventListener("online", tell);
    window.removeEventListener("offline", tell);
  };
};
