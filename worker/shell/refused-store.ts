/** A disk that could not be opened: every call says why, so that the app shows the remedy instead of a blank page. */
import type { Store, StoreError } from "../storage/store.ts";

export const openRefused = (error: StoreError): Store => {
  const refuse = (): Promise<never> => Promise.reject(error);
  const close = (): Promise<void> => Promise.resolve();
  return { get: refuse, entries: refuse, keys: refuse, commit: refuse, wipe: refuse, usage: refuse, close };
};
