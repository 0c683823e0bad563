/**
 * CRC-16/X-25: polynomial x16 + x12 + x5 + 1 reflected (0x8408), start 0xFFFF, complemented at the end. The checksum of
 * HDLC frames (IEC 62056-46, ISO/IEC 13239 FCS) and of SML (BSI TR-03109-1 annex IV b), low byte first on the line.
 * CRC-16/KERMIT is the same polynomial from 0 and not complemented: the first Holley DTZ541 sent it, high byte first.
 * Check values of "123456789": 0x906E and 0x2189.
 */

const entry = (index: number): number => {
  let crc = index;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x8408 : crc >> 1;
  return crc;
};

const table = /* @__PURE__ */ Uint16Array.from({ length: 256 }, (_, index) => entry(index));

const run = (bytes: Uint8Array, from: number, to: number, start: number): number => {
  let crc = start;
  for (let i = from; i < to; i++) crc = (crc >> 8) ^ (table[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
  return crc;
};

/** @param to the first byte no longer counted. */
export const crcX25 = (bytes: Uint8Array, from = 0, to = bytes.length): number => run(bytes, from, to, 0xffff) ^ 0xffff;

export const crcKermit = (bytes: Uint8Array, from = 0, to = bytes.length): number => run(bytes, from, to, 0);

/** The same checksum as a number read high byte first, as SML's own CRC field is. */
export const swapped = (crc: number): number => ((crc & 0xff) << 8) | (crc >> 8);
