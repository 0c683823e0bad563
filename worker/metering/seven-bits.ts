/**
 * Seven data bits and even parity, read through a port that was opened with eight and none: bit 7 is the parity then.
 * IEC 62056-21 and Linky TIC both send 7E1. A run of bytes without any bit 7 came through a port that had checked and
 * stripped it (or from a text recording); a run with one carries parity throughout, so that a byte of it that is odd
 * was damaged. Knows no protocol.
 */

const ones = (byte: number): number => {
  let rest = byte;
  let count = 0;
  for (; rest > 0; rest >>= 1) count += rest & 1;
  return count;
};

const ODD = /* @__PURE__ */ Uint8Array.from({ length: 256 }, (_, byte) => ones(byte) & 1);

/** Flags of a run of bytes: put together with `|`, starting from 0. */
export const HIGH = 1;
const UNEVEN = 2;

export const parityFlags = (byte: number): number => (byte & 0x80 ? HIGH : 0) | (ODD[byte & 0xff] ? UNEVEN : 0);

/** Does a run of bytes that has these flags carry parity, and is one of them odd? */
export const isDamaged = (flags: number): boolean => flags === (HIGH | UNEVEN);

export const flagsOf = (bytes: Uint8Array, from: number, to: number): number => {
  let flags = 0;
  for (let i = from; i < to; i++) flags |= parityFlags(bytes[i] ?? 0);
  return flags;
};

/** The bytes as a 7E1 port sends them seen through 8N1: for virtual meters and tests. */
export const withEvenParity = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte) => (byte & 0x7f) | (ODD[byte & 0x7f] ? 0x80 : 0));
