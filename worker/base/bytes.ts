/** Bytes and hex. Hex strings are the map keys of ids; signatures and payloads stay bytes. */
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";

export { concatBytes, utf8ToBytes };

/** Lower-case hex, two digits a byte. The caller names the brand (Hash, PublicKey ...). */
export const toHex = <H extends string = string>(bytes: Uint8Array): H => bytesToHex(bytes) as H;

/** @throws Error when `hex` is not an even run of hex digits. */
export const fromHex = (hex: string): Uint8Array => hexToBytes(hex);

export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

/** Byte order as memcmp has it: what "sorted" means wherever bytes are encoded. */
export const compareBytes = (a: Uint8Array, b: Uint8Array): number => {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const d = (a[i] ?? 0) - (b[i] ?? 0);
    if (d !== 0) return d;
  }
  return a.length - b.length;
};

/** Code-unit order of strings: same on every engine, unlike localeCompare. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
