/**
 * A virtual pulse counter: the very bytes a flashed microcontroller sends (decoders/s0.ts has the format). For the
 * demo and the tests. Knows nothing of time or energy beyond the numbers it is given.
 */
import { assert } from "../../base/result.ts";
import { crc16, crc16Hex } from "../crc16.ts";
import { latin1Bytes } from "../latin1.ts";

export type S0Line = {
  readonly boot: number;
  /** The count at this boot. */
  readonly start: number;
  readonly seq: number;
  readonly count: number;
  readonly ms: number;
  /** 0 when the controller was not told. */
  readonly impPerKwh: number;
};

/** @throws Error for fields that are no whole numbers from 0: a bug of the caller. */
export const encodeS0 = (line: S0Line): Uint8Array => {
  const fields = [line.boot, line.start, line.seq, line.count, line.ms, line.impPerKwh];
  for (const field of fields)
    assert(Number.isSafeInteger(field) && field >= 0, `s0: ${field} is not a whole number from 0`);
  const body = `CW1 ${fields.join(" ")}`;
  return latin1Bytes(`${body}*${crc16Hex(crc16(latin1Bytes(body)))}\n`);
};
