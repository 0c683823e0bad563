/**
 * CRC-16/ARC: polynomial x16 + x15 + x2 + 1 reflected (0xA001), start 0, no final exclusive-or. The checksum of
 * DSMR P1 (P1 Companion Standard 5.0.2, §5.2) and of our pulse lines. Check value of "123456789": 0xBB3D.
 */

const entry = (index: number): number => {
  let crc = index;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  return crc;
};

const table = /* @__PURE__ */ Uint16Array.from({ length: 256 }, (_, index) => entry(index));

/** @param crc the checksum so far, to go on from. */
export const crc16Next = (crc: number, byte: number): number => (crc >> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);

export const crc16 = (bytes: Uint8Array): number => {
  let crc = 0;
  for (let i = 0; i < bytes.length; i++) crc = (crc >> 8) ^ (table[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
  return crc;
};

export const crc16Hex = (crc: number): string => crc.toString(16).toUpperCase().padStart(4, "0");
