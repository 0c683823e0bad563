/**
 * Ed25519 on Node's own OpenSSL, for a process that plays many members: it signs many times as fast as noble, and checks
 * within the call, where WebCrypto hands every signature to another thread and back. Signatures are the same bytes
 * (RFC 8032 leaves no choice); which ones are valid is base/ed25519.ts's to say, as with any engine.
 */
import { createPrivateKey, createPublicKey, KeyObject, sign, verify, webcrypto } from "node:crypto";
import { concatBytes, fromHex } from "../base/bytes.ts";
import type { Ed25519, Signer } from "../base/ed25519.ts";
import { memo } from "../base/memo.ts";

/** What comes before the 32 bytes of a secret in PKCS #8 (RFC 8410 §7). */
const PKCS8 = fromHex("302e020100300506032b657004220420");
/** What comes before the 32 bytes of a public key in SPKI (RFC 8410 §4). */
const SPKI = fromHex("302a300506032b6570032100");
/** Keys kept at hand: more than any run has members, roofs and their like. */
const MAX_KEYS = 4_096;

const signer = (secret: Uint8Array): Signer => {
  const key = createPrivateKey({ key: Buffer.from(concatBytes(PKCS8, secret)), format: "der", type: "pkcs8" });
  return (message) => new Uint8Array(sign(null, message, key));
};

const handleOf = (key: string): KeyObject | null => {
  try {
    return createPublicKey({ key: Buffer.from(concatBytes(SPKI, fromHex(key))), format: "der", type: "spki" });
  } catch {
    return null;
  }
};

export const nativeEd25519 = (): Ed25519 => {
  const keys = memo(MAX_KEYS, handleOf);
  const handles = new WeakMap<webcrypto.CryptoKey, KeyObject>();
  return {
    signer,
    isSigned: ({ key, message, signature }) => {
      const handle = keys(key);
      return handle !== null && verify(null, message, handle, signature);
    },
    subtle: {
      importKey: (...of) => webcrypto.subtle.importKey(...of),
      verify: (_, key, signature, message) => {
        const handle = handles.get(key) ?? KeyObject.from(key);
        handles.set(key, handle);
        return Promise.resolve(verify(null, message, handle, signature));
      },
    },
  };
};
