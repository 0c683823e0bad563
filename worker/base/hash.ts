/**
 * Domain-tagged SHA-256 (PROTOCOL.md §3): H_tag(m) = SHA-256(SHA-256(tag) ‖ SHA-256(tag) ‖ m), the tagging of
 * BIP-340. A hash made for one purpose can never be taken for another.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { toHex, utf8ToBytes } from "./bytes.ts";
import type { Hash } from "./units.ts";

export { sha256 };

type Hasher = ReturnType<typeof sha256.create>;
const started = new Map<string, Hasher>();

const start = (tag: string): Hasher => {
  let hasher = started.get(tag);
  if (hasher === undefined) {
    const t = sha256(utf8ToBytes(`commonwatt/${tag}`));
    hasher = sha256.create().update(t).update(t);
    started.set(tag, hasher);
  }
  return hasher.clone();
};

/** 32 bytes. Tags are constants of the code, so the cache of half-done hashes is bounded. */
export const taggedHash = (tag: string, ...parts: readonly Uint8Array[]): Uint8Array => {
  const hasher = start(tag);
  for (const part of parts) hasher.update(part);
  return hasher.digest();
};

export const taggedHex = <H extends string = Hash>(tag: string, ...parts: readonly Uint8Array[]): H =>
  toHex<H>(taggedHash(tag, ...parts));
