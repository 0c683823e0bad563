/**
 * Which kind of node a device is (PROTOCOL.md §8.1): light where little room, power or data speaks for it, full where the
 * community or its own meter needs it. Pure: facts in, kind and reason out, the first rule that fits.
 */
import type { Kind, KindChoice, KindReason, SurroundingsAsk } from "../port-kind.ts";

export type Facts = SurroundingsAsk & {
  readonly choice: KindChoice;
  /** What it is at the moment; null when it begins. */
  readonly now: Kind | null;
  /** Not admitted yet, or alone. */
  readonly joining: boolean;
  /** A meter is paired: what it signs has to reach a block, and what it counts is compared with the chain. */
  readonly meter: boolean;
  /** Without its vote the others are no quorum; null where that is not known. */
  readonly needed: boolean | null;
  readonly quotaBytes: number | null;
  /** Since it last kept everything, ms; null if it never did. */
  readonly sinceFull: number | null;
};

/** Below this a page with a community of hundreds is closed by the system. */
const MEMORY_GB = 2;
const QUOTA_BYTES = 200_000_000;
/** What the browser would give goes up and down by itself. */
const QUOTA_ENOUGH = 300_000_000;
/** Of a full battery: light below the first, full again above the second, so that it does not go back and forth. */
const LOW = 0.3;
const ENOUGH = 0.5;
/** Catching up with more than this is left until the device is plugged in. */
const AWAY_MS = 30 * 24 * 3_600_000;

export const chooseKind = (f: Facts): { readonly kind: Kind; readonly reason: KindReason } => {
  const light = (reason: KindReason) => ({ kind: "light", reason }) as const;
  const full = (reason: KindReason) => ({ kind: "full", reason }) as const;
  if (f.joining) return full("joining");
  // Choosing is free where nobody else depends on it.
  if (f.meter) return full("meter");
  if (f.choice === "full") return full("chosen");
  if (f.choice === "light") return f.needed === true ? full("needed") : light("chosen");
  if (f.needed !== false) return full("needed");
  if (f.saveData === true) return light("data-saver");
  if (f.memoryGb !== null && f.memoryGb < MEMORY_GB) return light("memory");
  if (f.quotaBytes !== null && f.quotaBytes < (f.now === "light" ? QUOTA_ENOUGH : QUOTA_BYTES)) return light("storage");
  const { battery } = f;
  if (battery !== null && !battery.charging && battery.level < (f.now === "light" ? ENOUGH : LOW))
    return light("battery");
  if (f.sinceFull !== null && f.sinceFull > AWAY_MS && battery?.charging !== true) return light("away");
  return full("able");
};
