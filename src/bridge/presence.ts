/** Whether the page is seen and the device online, told to `listener` at once and on every change. */
export const watchPresence = (listener: (visible: boolean, online: boolean) => void): (() => void) => {
  const tell = (): void => listener(document.visibilityState === "visible", navigator.onLine);
  document.addEventListener("visibilitychange", tell);
  window.addEventListener("online", tell);
  window.addEventListener("offline", tell);
  tell();
  return () => {
    document.removeEventListener("visibilitychange", tell);
    window.removeEventListener("online", tell);
    window.removeEventListener("offline", tell);
  };
};
