/**
 * The browser's way to put the app on the home screen, and whether the member wants to hear of it. Chromium offers it by
 * an event; Safari on iOS only by its own menu.
 */

type InstallPrompt = Event & {
  prompt(): Promise<unknown>;
  readonly userChoice: Promise<{ outcome: "accepted" | "dismissed" }>;
};

/** `offer` is called with a function that asks, or null when there is nothing to offer (any more). */
export const watchInstall = (offer: (ask: (() => Promise<void>) | null) => void): void => {
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    const prompt = event as InstallPrompt;
    offer(async () => {
      offer(null);
      await prompt.prompt();
      const { outcome } = await prompt.userChoice;
      if (outcome === "dismissed") putInstallAside();
    });
  });
  window.addEventListener("appinstalled", () => offer(null));
};

/** Whether this is an iPhone or iPad whose browser can put the app on the home screen, and has not. */
export const isInIosMenu = (): boolean => {
  const { userAgent, maxTouchPoints, standalone } = navigator as Navigator & { readonly standalone?: boolean };
  // An iPad calls itself a Macintosh; no Macintosh has a touch screen.
  const isIos = /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
  return isIos && standalone === false;
};

const KEY = "commonwatt-install-later";

export const isInstallAside = (): boolean => {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
};

/** It stays in Health. */
export const putInstallAside = (): void => {
  try {
    localStorage.setItem(KEY, "yes");
  } catch {
    // Storage is denied: put aside until the page closes.
  }
};
