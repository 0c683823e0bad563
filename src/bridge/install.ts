/** The browser's offer to install the app, kept until the member takes it. Chromium only; others have a menu. */

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
      await prompt.userChoice;
    });
  });
  window.addEventListener("appinstalled", () => offer(null));
};
