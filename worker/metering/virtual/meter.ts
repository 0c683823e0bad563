/**
 * A virtual meter without a protocol: a power profile becomes the registers that a meter would show at any moment,
 * exactly, in whole numbers; an exchange of the meter sets them anew. And what a meter looks like from its line: it
 * speaks by itself, or answers. For the demo, the tests, the command line and whoever writes a decoder. Pure: time is
 * an argument.
 */
import { assert } from "../../base/result.ts";
import { millis, mwh, type Millis, type MilliwattHours } from "../../base/units.ts";
import type { LineSettings } from "../line.ts";

/** From `at` on; plus is generated and fed in, minus is taken from the grid. */
export type PowerStep = { readonly at: Millis; readonly watts: number };

/** Another meter from `at` on, with these registers. */
export type Exchange = { readonly at: Millis; readonly exportMwh: number; readonly importMwh: number };

export type MeterProfile = {
  /** Ascending in time; before the first nothing flows. */
  readonly power: readonly PowerStep[];
  readonly exportMwh?: number;
  readonly importMwh?: number;
  /** Ascending in time. */
  readonly exchanges?: readonly Exchange[];
};

export type Registers = {
  readonly at: Millis;
  readonly exportMwh: MilliwattHours;
  readonly importMwh: MilliwattHours;
  readonly powerExportW: number;
  readonly powerImportW: number;
};

/** Watt-milliseconds in a mWh. */
const WATT_MS = 3_600;

/**
 * Power from `from` to `to`, in watt-milliseconds of each direction.
 * @throws Error for more than whole numbers hold (100 kW for 2,000 years): a bug of the caller.
 */
const flow = (power: readonly PowerStep[], from: number, to: number): readonly [plus: number, minus: number] => {
  let plus = 0;
  let minus = 0;
  power.forEach((step, i) => {
    const begin = Math.max(from, step.at);
    const end = Math.min(to, power[i + 1]?.at ?? to);
    if (end <= begin) return;
    if (step.watts > 0) plus += step.watts * (end - begin);
    else minus -= step.watts * (end - begin);
  });
  assert(Number.isSafeInteger(plus) && Number.isSafeInteger(minus), "meter: more energy than whole numbers hold");
  return [plus, minus];
};

/** What the meter's registers hold at a moment, floor of the exact energy. */
export const registersAt = (profile: MeterProfile, at: Millis): Registers => {
  const { power, exchanges = [] } = profile;
  const exchange = exchanges.findLast((one) => one.at <= at);
  const [plus, minus] = flow(power, exchange?.at ?? 0, at);
  const watts = power.findLast((step) => step.at <= at)?.watts ?? 0;
  const start = exchange ?? { exportMwh: profile.exportMwh ?? 0, importMwh: profile.importMwh ?? 0 };
  return {
    at,
    exportMwh: mwh(start.exportMwh + Math.floor(plus / WATT_MS)),
    importMwh: mwh(start.importMwh + Math.floor(minus / WATT_MS)),
    powerExportW: Math.max(0, watts),
    powerImportW: Math.max(0, -watts),
  };
};

/** What comes over the line at a moment. `line`: how it is sent, where that differs from the meter's own. */
export type LineEvent = {
  readonly at: Millis;
  readonly kind: "bytes" | "break";
  readonly bytes: Uint8Array;
  readonly line?: LineSettings;
};

export type VirtualMeter = {
  readonly line: LineSettings;
  /** The first thing that it sends by itself after a moment; null for a meter that waits to be asked. */
  readonly next: (after: Millis) => LineEvent | null;
  /** What it answers; nothing to what it does not understand. */
  readonly hear?: (bytes: Uint8Array, at: Millis, line: LineSettings) => readonly LineEvent[];
};

/** How long so many bytes take on the wire: start bit, data, parity, stop bit each. */
export const lastsMs = (bytes: number, { baudRate, dataBits, parity }: LineSettings): number =>
  Math.ceil((bytes * (dataBits + (parity === "none" ? 2 : 3)) * 1_000) / baudRate);

/** A meter that measures at every multiple of `everyMs` and sends what it measured: heard once its last byte is there. */
export const pushingMeter = (
  line: LineSettings,
  everyMs: number,
  profile: MeterProfile,
  encode: (registers: Registers) => Uint8Array,
): VirtualMeter => {
  assert(Number.isSafeInteger(everyMs) && everyMs > 0, "meter: it speaks every few whole milliseconds");
  let last: { readonly measured: number; readonly event: LineEvent } | null = null;
  const eventAt = (measured: Millis): LineEvent => {
    if (last?.measured === measured) return last.event;
    const bytes = encode(registersAt(profile, measured));
    const event: LineEvent = { at: millis(measured + lastsMs(bytes.length, line)), kind: "bytes", bytes };
    last = { measured, event };
    return event;
  };
  return {
    line,
    next: (after) => {
      const before = Math.floor(after / everyMs) * everyMs;
      const event = eventAt(millis(before));
      return event.at > after ? event : eventAt(millis(before + everyMs));
    },
  };
};
