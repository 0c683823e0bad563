/** What a light node (PROTOCOL.md §8.1) says of neighbours that do not answer as they should, and of what it cannot do. */
import type { Refusal } from "../base/result.ts";

const ignored = (code: string, message: string): Refusal => ({ code, message, verdict: "ignore" });

export const SILENT = ignored("no-answer", "This neighbour does not answer; another one is asked.");
export const SLOW = ignored(
  "no-answer",
  "This neighbour answers so little at a time that it would take for ever; another one is asked.",
);
export const TRUNCATED = ignored(
  "history-truncated",
  "This neighbour says that more is final than it proves; another one is asked.",
);
export const SHORT = ignored(
  "credits-short",
  "This neighbour leaves out credits that the member's register has; another one is asked.",
);
export const DECLINED = ignored(
  "declined",
  "This neighbour has no time for this, or does not have it; another one is asked.",
);
/** An order that only a full node can carry out. */
export const LIGHT_DEVICE = ignored(
  "light-device",
  "This device keeps its own figures only; let it keep everything on the screen Health to do this.",
);
