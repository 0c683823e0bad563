/** A view of a device that has only begun, to be changed by tests. */
import type { View } from "../../worker/port.ts";
import { EMPTY } from "../../worker/shell/view.ts";

export const startingView: View = {
  ...EMPTY,
  phase: "starting",
  demo: false,
  zone: null,
  leader: true,
  problem: null,
  signalling: "off",
  meters: [],
  listening: null,
  household: null,
  storage: { persisted: null, usedBytes: null, quotaBytes: null },
  care: { mended: null, silent: false, space: null, work: null },
  kind: null,
  keep: null,
};
