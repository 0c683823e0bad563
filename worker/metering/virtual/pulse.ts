/**
 * A virtual S0 output on a serial adapter: what a UART makes of a line that is low for a while, and how a modem line
 * looks when it is polled. For the demo and the tests. Knows nothing of energy.
 */
import { assert } from "../../base/result.ts";
import { millis, type Millis } from "../../base/units.ts";
import { line8n1, type LineSettings } from "../line.ts";
import { pulsesToMwh } from "../pulses.ts";
import { registersAt, type MeterProfile, type VirtualMeter } from "./meter.ts";

/** Start bit and eight data bits; a stop bit that is still low makes a break. */
const DATA_BITS = 8;

/**
 * @param lowMs how long the contact pulls RX low.
 * @returns the character that a UART reads, or null for a break: it samples the middle of each bit.
 */
export const rxOfPulse = (lowMs: number, line: LineSettings): number | null => {
  assert(lowMs > 0 && line.baudRate > 0, "pulse: a pulse lasts, and a line has a speed");
  const bitMs = 1_000 / line.baudRate;
  if (lowMs > (DATA_BITS + 1.5) * bitMs) return null;
  let character = 0;
  for (let bit = 0; bit < DATA_BITS; bit++) if ((bit + 1.5) * bitMs >= lowMs) character |= 1 << bit;
  return character;
};

export type PulseTrain = {
  readonly startMs: number;
  readonly periodMs: number;
  readonly lowMs: number;
  readonly count: number;
};

/** Is the contact closed at this moment? */
export const isLow = (train: PulseTrain, at: number): boolean => {
  const since = at - train.startMs;
  if (since < 0 || since >= train.count * train.periodMs) return false;
  return since % train.periodMs < train.lowMs;
};

const LOW_MS = 32;
/** Without a pulse for so long the meter stands still. */
const FURTHEST_MS = 86_400_000;

/** When the register next reaches a whole pulse, searched to the millisecond; null for not within a day. */
const nextPulse = (profile: MeterProfile, impPerKwh: number, after: number): number | null => {
  const pulsesAt = (at: number): number => {
    const { exportMwh } = registersAt(profile, millis(at));
    const about = Math.floor((exportMwh * impPerKwh) / 1_000_000);
    // The product may be rounded where the register is large: what counts is the energy that a pulse stands for.
    return pulsesToMwh(about + 1, impPerKwh) <= exportMwh ? about + 1 : about;
  };
  const before = pulsesAt(after);
  let span = 1;
  while (pulsesAt(after + span) === before) {
    if (span > FURTHEST_MS) return null;
    span *= 2;
  }
  let [low, high] = [after + Math.floor(span / 2), after + span];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (pulsesAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
};

/** A meter's S0 output on RX: a break or a character for each pulse of the export register. */
export const pulsingMeter = (profile: MeterProfile, impPerKwh: number): VirtualMeter => {
  const line = line8n1(300);
  const character = rxOfPulse(LOW_MS, line);
  return {
    line,
    next: (after: Millis) => {
      const begun = nextPulse(profile, impPerKwh, after - LOW_MS);
      if (begun === null) return null;
      const at = millis(begun + LOW_MS);
      if (character === null) return { at, kind: "break", bytes: new Uint8Array() };
      return { at, kind: "bytes", bytes: Uint8Array.of(character) };
    },
  };
};
