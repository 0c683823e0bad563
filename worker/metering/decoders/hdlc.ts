/**
 * HDLC frames as meters send them (IEC 62056-46, frame format type 3): 7E, two bytes with A, a segmentation bit and
 * the length between the flags, destination and source address of 1, 2 or 4 bytes each (the lowest bit ends one), control,
 * HCS, information, FCS, 7E. Both checks are CRC-16/X-25, low byte first; bytes are not stuffed, the length tells where
 * a frame ends. Beside it the same messages in wired M-Bus frames (EN 13757-2): 68 L L 68, sum, 16. Says of one place
 * in a buffer what begins there; knows nothing of what is inside.
 */
import { crcX25 } from "../crc-x25.ts";

export type LinkPart = {
  readonly info: Uint8Array;
  /** Of a message that goes on in the next frame. */
  readonly more: boolean;
  /** Does it begin a message? */
  readonly first: boolean;
};

export type LinkCheck =
  /** Something else begins here. */
  | { readonly kind: "none" }
  /** A frame may begin here: it takes more bytes to say. */
  | { readonly kind: "wait"; readonly begun: boolean }
  /** A frame began here, but it did not arrive whole. */
  | { readonly kind: "damaged"; readonly size: number }
  /** `next`: where to look on; the closing flag may open the next frame. */
  | { readonly kind: "frame"; readonly next: number; readonly part: LinkPart | null };

const NONE: LinkCheck = { kind: "none" };
const WAIT: LinkCheck = { kind: "wait", begun: false };
const BEGUN: LinkCheck = { kind: "wait", begun: true };

export const FLAG = 0x7e;
/** The longest frame: 11 bits of length and two flags. */
export const MAX_FRAME_BYTES = 2_049;
const MAX_ADDRESS_BYTES = 4;
/** Format, two addresses of a byte, control, FCS. */
const LEAST = 7;

/** E6 E7 00 or E6 E6 00: the logical link control that a message begins with. */
const LLC_BYTES = 3;
const hasLlc = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 0xe6 && (bytes[at + 1] === 0xe7 || bytes[at + 1] === 0xe6) && bytes[at + 2] === 0x00;

/** Where an address ends; 0 when it takes more bytes, -1 when it is none. */
const addressEnd = (bytes: Uint8Array, from: number, to: number): number => {
  for (let i = from; i < from + MAX_ADDRESS_BYTES; i++) {
    if (i >= to) return 0;
    if (((bytes[i] ?? 0) & 1) === 1) return i + 1;
  }
  return -1;
};

const crcAt = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);

/** @param to end of the bytes that have arrived. */
export const hdlcAt = (bytes: Uint8Array, at: number, to: number): LinkCheck => {
  if (bytes[at] !== FLAG) return NONE;
  if (to - at < 2) return WAIT;
  const format = bytes[at + 1] ?? 0;
  if ((format & 0xf0) !== 0xa0) return NONE;
  if (to - at < 3) return WAIT;
  const length = ((format & 7) << 8) | (bytes[at + 2] ?? 0);
  if (length < LEAST) return NONE;
  const destination = addressEnd(bytes, at + 3, to);
  if (destination <= 0) return destination === 0 ? WAIT : NONE;
  const source = addressEnd(bytes, destination, to);
  if (source <= 0) return source === 0 ? WAIT : NONE;
  const header = source + 1;
  const fcs = at + 1 + length - 2;
  if (header > fcs) return NONE;
  const bare = header === fcs;
  if (!bare) {
    if (to < header + 2) return WAIT;
    if (crcAt(bytes, header) !== crcX25(bytes, at + 1, header)) return NONE;
  }
  if (to <= fcs + 2) return bare ? WAIT : BEGUN;
  const whole = bytes[fcs + 2] === FLAG && crcAt(bytes, fcs) === crcX25(bytes, at + 1, fcs);
  if (!whole) return bare ? NONE : { kind: "damaged", size: length };
  const from = header + 2;
  if (bare || from >= fcs) return { kind: "frame", next: fcs + 2, part: null };
  const first = hasLlc(bytes, from);
  const info = bytes.subarray(first ? from + LLC_BYTES : from, fcs);
  return { kind: "frame", next: fcs + 2, part: { info, more: (format & 8) !== 0, first } };
};

const MBUS = 0x68;
const MBUS_END = 0x16;
const MBUS_AROUND = 6;
/** Control, address, CI and the two service access points. */
const MBUS_HEAD = 5;
/** CI 00 to 1F: a message of DLMS, the low nibble counts its frames, bit 4 is on in the last. */
const MBUS_LAST = 0x10;

export const mbusAt = (bytes: Uint8Array, at: number, to: number): LinkCheck => {
  if (bytes[at] !== MBUS) return NONE;
  if (to - at < 4) return WAIT;
  const length = bytes[at + 1] ?? 0;
  if (bytes[at + 2] !== length || bytes[at + 3] !== MBUS || length < MBUS_HEAD) return NONE;
  if (to - at < length + MBUS_AROUND) return WAIT;
  const end = at + 4 + length;
  let sum = 0;
  for (let i = at + 4; i < end; i++) sum = (sum + (bytes[i] ?? 0)) & 0xff;
  if (bytes[end] !== sum || bytes[end + 1] !== MBUS_END) return { kind: "damaged", size: length };
  const ci = bytes[at + 6] ?? 0xff;
  if (ci > 0x1f) return { kind: "frame", next: end + 2, part: null };
  const info = bytes.subarray(at + 4 + MBUS_HEAD, end);
  return { kind: "frame", next: end + 2, part: { info, more: (ci & MBUS_LAST) === 0, first: (ci & 15) === 0 } };
};
