/**
 * SML's binary encoding (BSI TR-03109-1 annex IV b, SML 1.04 §6): type and length, then the value. The high nibble of
 * the first byte is the type, bit 7 says that another length byte follows, the low nibble is four bits of the length,
 * which counts the type-length bytes too, except for lists, where it counts elements. 01 is "absent", 00 ends a message.
 * Knows nothing of what the values mean.
 */

export type SmlNode =
  | { readonly kind: "octets"; readonly bytes: Uint8Array }
  /** `value` is null beyond the safe integers; `unsigned` is the same bytes read without a sign. */
  | { readonly kind: "number"; readonly value: number | null; readonly unsigned: number | null; readonly width: number }
  | { readonly kind: "flag"; readonly value: boolean }
  | { readonly kind: "list"; readonly items: readonly SmlNode[] }
  | { readonly kind: "absent" }
  | { readonly kind: "end" };

/** Deeper lists than any telegram has: a message in a message in a list of lists is five. */
const MAX_DEPTH = 8;
const MAX_LENGTH_BYTES = 3;

const OCTETS = 0;
const FLAG = 4;
const SIGNED = 5;
const UNSIGNED = 6;
const LIST = 7;

const ABSENT: SmlNode = { kind: "absent" };
const END: SmlNode = { kind: "end" };

export type SmlReader = {
  readonly bytes: Uint8Array;
  at: number;
};

const safe = (value: bigint): number | null => {
  const n = Number(value);
  return Number.isSafeInteger(n) ? n : null;
};

const readNumber = (bytes: Uint8Array, from: number, width: number, signed: boolean): SmlNode => {
  if (width > 6) {
    let wide = 0n;
    for (let i = from; i < from + width; i++) wide = (wide << 8n) | BigInt(bytes[i] ?? 0);
    const value = signed ? BigInt.asIntN(8 * width, wide) : wide;
    return { kind: "number", value: safe(value), unsigned: safe(wide), width };
  }
  let unsigned = 0;
  for (let i = from; i < from + width; i++) unsigned = unsigned * 256 + (bytes[i] ?? 0);
  const negative = signed && ((bytes[from] ?? 0) & 0x80) !== 0;
  return { kind: "number", value: negative ? unsigned - 256 ** width : unsigned, unsigned, width };
};

/** The next element and all below it; null when the bytes are no SML. */
export const readNode = (reader: SmlReader, depth = 0): SmlNode | null => {
  const { bytes } = reader;
  const start = reader.at;
  const first = bytes[start];
  if (first === undefined) return null;
  reader.at += 1;
  if (first === 0) return END;
  const type = (first >> 4) & 7;
  let length = first & 15;
  for (let more = first; (more & 0x80) !== 0;) {
    const next = bytes[reader.at];
    if (next === undefined || (next & 0x70) !== 0 || reader.at - start >= MAX_LENGTH_BYTES) return null;
    reader.at += 1;
    length = length * 16 + (next & 15);
    more = next;
  }
  if (type === LIST) {
    if (depth === MAX_DEPTH || length > bytes.length - reader.at) return null;
    const items: SmlNode[] = [];
    for (let i = 0; i < length; i++) {
      const item = readNode(reader, depth + 1);
      if (item === null) return null;
      items.push(item);
    }
    return { kind: "list", items };
  }
  const from = reader.at;
  const width = length - (from - start);
  if (width < 0 || from + width > bytes.length) return null;
  reader.at = from + width;
  if (width === 0) return ABSENT;
  if (type === OCTETS) return { kind: "octets", bytes: bytes.subarray(from, reader.at) };
  if (type === FLAG) return width === 1 ? { kind: "flag", value: bytes[from] !== 0 } : null;
  if ((type === SIGNED || type === UNSIGNED) && width <= 8) return readNumber(bytes, from, width, type === SIGNED);
  return null;
};

export const numberOf = (node: SmlNode | undefined): number | null => (node?.kind === "number" ? node.value : null);

export const itemsOf = (node: SmlNode | undefined): readonly SmlNode[] | null =>
  node?.kind === "list" ? node.items : null;

export const octetsOf = (node: SmlNode | undefined): Uint8Array | null => (node?.kind === "octets" ? node.bytes : null);
