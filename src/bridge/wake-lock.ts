/**
 * Keeps the screen on beside a meter (Screen Wake Lock). The browser drops the lock whenever the page is hidden,
 * so it is asked for again each time the page is seen.
 */
export const canStayAwake = (): boolean => "wakeLock" in navigator;

export type WakeLock = { release(): void };

export const stayAwake = (): WakeLock => {
  let sentinel: WakeLockSentinel | null = null;
  let wanted = true;
  const ask = async (): Promise<void> => {
    if (!wanted || document.visibilityState !== "visible") return;
    try {
      const got = await navigator.wakeLock.request("screen");
      if (wanted) sentinel = got;
      else await got.release();
    } catch {
      // Refused on low battery: the next time the page is seen it is asked for again.
    }
  };
  const seen = (): void => void ask();
  document.addEventListener("visibilitychange", seen);
  void ask();
  return {
    release: () => {
      wanted = false;
      document.removeEventListener("visibilitychange", seen);
      void sentinel?.release();
      sentinel = null;
    },
  };
};
