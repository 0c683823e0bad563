/**
 * A mark beside the node's database that somebody lived here: where a browser cleared the database to make room, the app
 * says so instead of greeting a stranger. In localStorage, which such clearing leaves alone in Chromium and Firefox; where
 * everything is cleared at once nothing can be told.
 */
import type { View } from "../../worker/port.ts";

const KEY = "commonwatt-resident";

const resident = (): string | null => {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
};

export const forgetResident = (): void => {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Storage is denied: nothing was marked.
  }
};

/** Marks who lives here; the answer is the name of the community that was here and is gone, or null. */
export const clearedFrom = (view: View): string | null => {
  if (view.demo || view.phase === "starting" || view.phase === "blocked") return null;
  if (view.community === null) return view.phase === "welcome" ? resident() : null;
  const { name } = view.community;
  try {
    if (resident() !== name) localStorage.setItem(KEY, name);
  } catch {
    // Storage is denied: then nothing lives here either.
  }
  return null;
};
