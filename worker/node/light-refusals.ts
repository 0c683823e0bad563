/** What a light node (PROTOCOL.md §8.1) says of neighbours that do not answer as they should, and of what it cannot do. */
import type { Refusal } from "../base/result.ts";

export const SILENT: Refusal = {
  code: "no-answer",
  message: "This neighbour does not answer; another one is asked.",
  verdict: "ignore",
};
export const SLOW: Refusal = {
  code: "no-answer",
  message: "This neighbour answers so little at a time that it would take for ever; another one is asked.",
  verdict: "ignore",
};
export const TRUNCATED: Refusal = {
  code: "history-truncated",
  message: "This neighbour says that more is final than it proves; another one is asked.",
  verdict: "ignore",
};
export const SHORT: Refusal = {
  code: "credits-short",
  message: "This neighbour leaves out credits that the member's register has; another one is asked.",
  verdict: "ignore",
};
export const DECLINED: Refusal = {
  code: "declined",
  message: "This neighbour has no time for this, or does not have it; another one is asked.",
  verdict: "ignore",
};
/** An order that only a full node can carry out. */
export const LIGHT_DEVICE: Refusal = {
  code: "light-device",
  message: "This device keeps its own figures only; let it keep everything on the screen Health to do this.",
  verdict: "ignore",
};
