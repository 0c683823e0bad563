/**
 * A virtual S0 output on a serial adapter: what a UART makes of a line that is low for a while, and how a modem line
 * looks when it is polled. For the demo and the tests. Knows nothing of energy.
 */
import { assert } from "../../base/result.ts";
import type { LineSettings } from "../line.ts";

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
