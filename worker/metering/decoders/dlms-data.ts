/**
 * A-XDR data of DLMS/COSEM (IEC 62056-5-3 annex, IEC 62056-6-2 §4.1): a tag and a value, lists of them in lists. Reads
 * every common type; floating point, bit strings and dates become `other`, for no register is kept in them. Knows
 * nothing of what the values mean.
 */

export type DlmsData =
  | { readonly kind: "null" }
  | { readonly kind: "list"; readonly items: readonly DlmsData[] }
  | { readonly kind: "octets"; readonly bytes: Uint8Array }
  /** `value` is null beyond the safe integers. */
  | { readonly kind: "number"; readonly tag: number; readonly value: number | null }
  | { readonly kind: "other" };

export type DlmsReader = { readonly bytes: Uint8Array; at: number };

const MAX_DEPTH = 8;

const ARRAY = 1;
const STRUCTURE = 2;
const OCTETS = 9;
export const INTEGER = 15;
export const ENUM = 22;

/** Bytes of each whole number, negative where it has a sign (bool counts as one without). */
const NUMBERS: Readonly<Record<number, number>> = {
  3: 1,
  5: -4,
  6: 4,
  [INTEGER]: -1,
  16: -2,
  17: 1,
  18: 2,
  20: -8,
  21: 8,
  [ENUM]: 1,
};
/** Types of a fixed length that are skipped: BCD, float32, float64, date-time, date, time. */
const SKIPPED: Readonly<Record<number, number>> = { 13: 1, 23: 4, 24: 8, 25: 12, 26: 5, 27: 4 };

const NULL: DlmsData = { kind: "null" };
const OTHER: DlmsData = { kind: "other" };

/** A length: below 80 itself, else the number of bytes that hold it. Null when it is none. */
export const readLength = (reader: DlmsReader): number | null => {
  const first = reader.bytes[reader.at++];
  if (first === undefined || first < 0x80) return first ?? null;
  const count = first & 0x7f;
  if (count === 0 || count > 2) return null;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + (reader.bytes[reader.at++] ?? Number.NaN);
  return Number.isNaN(length) ? null : length;
};

const readNumber = (bytes: Uint8Array, from: number, width: number, signed: boolean): number | null => {
  if (width === 8) {
    let wide = 0n;
    for (let i = from; i < from + 8; i++) wide = (wide << 8n) | BigInt(bytes[i] ?? 0);
    const value = Number(signed ? BigInt.asIntN(64, wide) : wide);
    return Number.isSafeInteger(value) ? value : null;
  }
  let value = 0;
  for (let i = from; i < from + width; i++) value = value * 256 + (bytes[i] ?? 0);
  return signed && ((bytes[from] ?? 0) & 0x80) !== 0 ? value - 256 ** width : value;
};

const readList = (reader: DlmsReader, depth: number): DlmsData | null => {
  const count = readLength(reader);
  if (count === null || depth === MAX_DEPTH || count > reader.bytes.length - reader.at) return null;
  const items: DlmsData[] = [];
  for (let i = 0; i < count; i++) {
    const item = readData(reader, depth + 1);
    if (item === null) return null;
    items.push(item);
  }
  return { kind: "list", items };
};

const readOctets = (reader: DlmsReader, length: number): DlmsData | null => {
  const from = reader.at;
  if (from + length > reader.bytes.length) return null;
  reader.at = from + length;
  return { kind: "octets", bytes: reader.bytes.subarray(from, reader.at) };
};

/** The next element and all below it; null when the bytes are no such data. */
export const readData = (reader: DlmsReader, depth = 0): DlmsData | null => {
  const { bytes } = reader;
  const tag = bytes[reader.at];
  if (tag === undefined) return null;
  reader.at += 1;
  if (tag === 0 || tag === 0xff) return NULL;
  if (tag === ARRAY || tag === STRUCTURE) return readList(reader, depth);
  // Octets, visible string, UTF-8 string.
  if (tag === OCTETS || tag === 10 || tag === 12) {
    const length = readLength(reader);
    return length === null ? null : readOctets(reader, length);
  }
  const width = NUMBERS[tag];
  const from = reader.at;
  if (width !== undefined) {
    reader.at += Math.abs(width);
    if (reader.at > bytes.length) return null;
    return { kind: "number", tag, value: readNumber(bytes, from, Math.abs(width), width < 0) };
  }
  // A bit string's length is in bits.
  const bits = tag === 4 ? readLength(reader) : null;
  const skipped = tag === 4 ? (bits === null ? undefined : Math.ceil(bits / 8)) : SKIPPED[tag];
  if (skipped === undefined) return null;
  reader.at += skipped;
  return reader.at > bytes.length ? null : OTHER;
};
