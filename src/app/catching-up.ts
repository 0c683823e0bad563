/** What a device says while it does not have the community's records yet: what it knows, and nothing of what they may hold. Pure. */
import type { View } from "../../worker/port.ts";

type Words = { readonly syncing: (done: string, of: string) => string; readonly fetching: string };

/** Null once the records are here. */
export const catchingUp = ({ sync, phase }: Pick<View, "sync" | "phase">, words: Words): string | null => {
  if (sync !== null && sync.done < sync.of) return words.syncing(String(sync.done), String(sync.of));
  return phase === "syncing" ? words.fetching : null;
};
