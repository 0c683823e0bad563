/**
 * When a new build may take the old one's place without losing anything. Registers go on from where they stand; raw
 * pulses are heard only while somebody listens, so those wait for a gap. Pure.
 */
import type { View } from "../../worker/port.ts";
import type { MeterView } from "../../worker/port-meter.ts";
import type { Route } from "./route.ts";

/** From the last pulse that is heard by the old build to the first by the new one, with room: measured 1 to 2 s. */
export const DEAF_MS = 5_000;
/** Without a pulse for so long a meter stands still. */
const STILL_MS = 60_000;
/** Unseen for so long, nobody is about to come back to what was begun. */
const UNSEEN_MS = 60_000;

/** Mean time between two pulses, from what one stands for (mWh) and the power (W). */
const periodMs = ({ resolutionMwh, liveW }: MeterView): number | null =>
  liveW === null || liveW <= 0 ? null : (3_600 * resolutionMwh) / liveW;

/** Whether a pulse of this meter may come while nobody listens. */
const mayPulse = (meter: MeterView, now: number): boolean => {
  if (meter.protocol !== "pulse" || meter.lastReading === null) return false;
  if (meter.state !== "counting" && meter.state !== "silent") return false;
  const since = now - meter.lastReading;
  const period = periodMs(meter);
  // The next is due when as much time has passed again; a cloud that leaves halves it.
  const isGap = period !== null && since >= 0 && period / 2 - since > DEAF_MS;
  return !isGap && since < Math.max(STILL_MS, 3 * (period ?? 0));
};

/** Whether a new build must wait, even though the member asked for it. */
export const pulsesAreDue = (meters: readonly MeterView[], now: number): boolean =>
  meters.some((meter) => mayPulse(meter, now));

/** Something may be half filled in on these. */
const FORMS: readonly Route["name"][] = ["create", "join", "pair", "rule", "terms", "leave", "reconcile"];

export type Quiet = {
  readonly view: View | null;
  readonly now: number;
  readonly route: Route["name"];
  readonly demo: boolean;
  /** Since when no window of the app is seen; null while one is. */
  readonly unseenSince: number | null;
};

/** Whether nothing is going on, so that a new build may come unasked. */
export const nothingGoesOn = ({ view, now, route, demo, unseenSince }: Quiet): boolean =>
  unseenSince !== null &&
  now - unseenSince >= UNSEEN_MS &&
  view !== null &&
  view.phase !== "starting" &&
  view.listening === null &&
  !demo &&
  !FORMS.includes(route) &&
  !pulsesAreDue(view.meters, now);
