/**
 * Domain-tagged SHA-256 (PROTOCOL.md §3): H_tag(m) = SHA-256(SHA-256(tag) ‖ SHA-256(tag) ‖ m), the tagging of
 * BIP-340. A hash made for one purpose can never be taken for another.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, toHex, utf8ToBytes } from "./bytes.ts";
import { hashedBlock, hashedOn } from "./tree-hash.ts";
import type { Hash } from "./units.ts";

export { sha256 };

/** Up to here one go is faster; beyond, noble's hasher needs no room for the whole message. */
const SHORT_BYTES = 8_192;

type Started = { readonly begun: Int32Array; readonly hasher: ReturnType<typeof sha256.create> };
const started = new Map<string, Started>();

const start = (tag: string): Started => {
  let known = started.get(tag);
  if (known === undefined) {
    const t = sha256(utf8ToBytes(`commonwatt/${tag}`));
    const block = concatBytes(t, t);
    known = { begun: hashedBlock(block), hasher: sha256.create().update(block) };
    started.set(tag, known);
  }
  return known;
};

/** 32 bytes. Tags are constants of the code, so the cache of half-done hashes is bounded. */
export const taggedHash = (tag: string, ...parts: readonly Uint8Array[]): Uint8Array => {
  const { begun, hasher } = start(tag);
  let length = 0;
  for (const part of parts) length += part.length;
  if (length <= SHORT_BYTES) return hashedOn(begun, parts);
  const long = hasher.clone();
  for (const part of parts) long.update(part);
  return long.digest();
};

export const taggedHex = <H extends string = Hash>(tag: string, ...parts: readonly Uint8Array[]): H =>
  toHex<H>(taggedHash(tag, ...parts));
