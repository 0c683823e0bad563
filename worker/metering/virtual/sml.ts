/**
 * A virtual SML meter: the very bytes of a German meter's infrared port (BSI TR-03109-1 annex IV b, transport version
 * 1), with both checksums, doubled escapes and fill bytes. For the demo, the tests and whoever writes a decoder.
 */
import { concatBytes } from "../../base/bytes.ts";
import { assert } from "../../base/result.ts";
import { crcKermit, crcX25, swapped } from "../crc-x25.ts";

export type SmlTelegram = {
  /** Registers in mWh; the meter shows them in steps of 10^scaler Wh, cut off. Null: it has none. */
  readonly exportMwh: number | null;
  readonly importMwh: number | null;
  /** Plus for import; null for a meter that waits for its PIN. */
  readonly powerW: number | null;
  /** Of the registers: -4 (0.1 mWh) to 3 (1 kWh, before the PIN is entered). */
  readonly scaler?: number;
  /** Bytes of a register's value. */
  readonly width?: number;
  /** `tariffs` writes x.8.1 and x.8.2 only. */
  readonly registers?: "total" | "tariffs" | "both";
  /** Seconds since the meter was made. */
  readonly seconds?: number;
  readonly server?: Uint8Array;
  /** The checksums of the first Holley DTZ541. */
  readonly kermit?: boolean;
};

const bytesOf = (...bytes: readonly number[]): Uint8Array => Uint8Array.from(bytes);

const ABSENT = bytesOf(0x01);
const WATT_HOURS = 30;
const WATTS = 27;
const ESCAPE = bytesOf(0x1b, 0x1b, 0x1b, 0x1b);
const SERVER = bytesOf(0x0a, 0x01, 0x43, 0x57, 0x56, 0x00, 0x01, 0x02, 0x03, 0x04);

/** Type and length; lengths over 15 take a second byte. */
const typeLength = (type: number, length: number): Uint8Array =>
  length < 16 ? bytesOf((type << 4) | length) : bytesOf(0x80 | (type << 4) | (length >> 4), length & 15);

export const smlOctets = (bytes: Uint8Array): Uint8Array => {
  const short = bytes.length + 1 < 16;
  return concatBytes(typeLength(0, bytes.length + (short ? 1 : 2)), bytes);
};

export const smlList = (...items: readonly Uint8Array[]): Uint8Array =>
  concatBytes(typeLength(7, items.length), ...items);

/** @throws Error when the value does not fit: a bug of the caller. */
export const smlNumber = (value: number, width: number, signed: boolean): Uint8Array => {
  const wide = BigInt(value);
  const fits = (signed ? BigInt.asIntN(8 * width, wide) : BigInt.asUintN(8 * width, wide)) === wide;
  assert(fits, `sml: ${value} does not fit ${width} bytes`);
  const out = new Uint8Array(width + 1);
  out[0] = ((signed ? 5 : 6) << 4) | (width + 1);
  let rest = BigInt.asUintN(8 * width, wide);
  for (let i = width; i > 0; i--, rest >>= 8n) out[i] = Number(rest & 0xffn);
  return out;
};

type Checksum = (bytes: Uint8Array) => number;

const message = (transaction: number, tag: number, body: Uint8Array, check: Checksum): Uint8Array => {
  const inner = concatBytes(
    bytesOf(0x76),
    smlOctets(bytesOf(0, transaction & 0xff)),
    smlNumber(0, 1, false),
    smlNumber(0, 1, false),
    smlList(smlNumber(tag, 2, false), body),
  );
  return concatBytes(inner, smlNumber(check(inner), 2, false), bytesOf(0));
};

const entry = (obis: readonly number[], unit: number, scaler: number, value: Uint8Array): Uint8Array =>
  smlList(
    smlOctets(bytesOf(...obis)),
    ABSENT,
    ABSENT,
    smlNumber(unit, 1, false),
    smlNumber(scaler, 1, true),
    value,
    ABSENT,
  );

const registerEntries = (direction: 1 | 2, mwh: number | null, telegram: SmlTelegram): Uint8Array[] => {
  if (mwh === null) return [];
  assert(Number.isSafeInteger(mwh) && mwh >= 0, `sml: ${mwh} is not a whole number from 0`);
  const { scaler = -1, width = 8, registers = "total" } = telegram;
  const power = 10 ** Math.abs(scaler + 3);
  const value = scaler < -3 ? mwh * power : (mwh - (mwh % power)) / power;
  const second = Math.floor(value / 3);
  const parts: readonly (readonly [number, number])[] = [
    ...(registers === "tariffs" ? [] : [[0, value] as const]),
    ...(registers === "total" ? [] : ([[1, value - second] as const, [2, second] as const] as const)),
  ];
  return parts.map(([rate, part]) =>
    entry([1, 0, direction, 8, rate, 255], WATT_HOURS, scaler, smlNumber(part, width, width === 8)),
  );
};

/** Messages in their envelope: escapes doubled, filled up to four, checksum over everything. */
export const smlEnvelope = (file: Uint8Array, check: Checksum): Uint8Array => {
  const escaped: number[] = [];
  let run = 0;
  for (const byte of file) {
    escaped.push(byte);
    run = byte === 0x1b ? run + 1 : 0;
    if (run < 4) continue;
    escaped.push(...ESCAPE);
    run = 0;
  }
  const fill = (4 - (escaped.length % 4)) % 4;
  const body = concatBytes(
    ESCAPE,
    bytesOf(1, 1, 1, 1),
    Uint8Array.from(escaped),
    new Uint8Array(fill),
    ESCAPE,
    bytesOf(0x1a, fill),
  );
  const crc = check(body);
  return concatBytes(body, bytesOf(crc >> 8, crc & 0xff));
};

export const encodeSml = (telegram: SmlTelegram): Uint8Array => {
  const { exportMwh, importMwh, powerW, seconds = 0, server = SERVER, kermit = false } = telegram;
  const check: Checksum = kermit ? crcKermit : (bytes) => swapped(crcX25(bytes));
  const time = smlList(smlNumber(1, 1, false), smlNumber(seconds, 4, false));
  const values = [
    smlList(
      smlOctets(bytesOf(1, 0, 96, 50, 1, 1)),
      ABSENT,
      ABSENT,
      ABSENT,
      ABSENT,
      smlOctets(bytesOf(0x43, 0x57, 0x56)),
      ABSENT,
    ),
    ...registerEntries(1, importMwh, telegram),
    ...registerEntries(2, exportMwh, telegram),
    ...(powerW === null ? [] : [entry([1, 0, 16, 7, 0, 255], WATTS, 0, smlNumber(powerW, 4, true))]),
  ];
  const list = smlList(
    ABSENT,
    smlOctets(server),
    smlOctets(bytesOf(1, 0, 98, 10, 255, 255)),
    time,
    smlList(...values),
    ABSENT,
    ABSENT,
  );
  const open = smlList(ABSENT, ABSENT, smlOctets(bytesOf(0, 1)), smlOctets(server), time, ABSENT);
  const file = concatBytes(
    message(seconds * 3, 0x0101, open, check),
    message(seconds * 3 + 1, 0x0701, list, check),
    message(seconds * 3 + 2, 0x0201, smlList(ABSENT), check),
  );
  return smlEnvelope(file, check);
};
