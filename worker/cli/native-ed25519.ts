/**
 * Ed25519 on Node's own OpenSSL, for a process that plays many members: it signs many times as fast as noble, and checks
 * within the call, where WebCrypto hands every signature to another thread and back. Signatures are the same bytes
 * (RFC 8032 leaves no choice); which ones are valid is base/ed25519.ts's to say, as with any engine.
 */
import { createPrivateKey, KeyObject, sign, verify, webcrypto } from "node:crypto";
import { concatBytes, fromHex } from "../base/bytes.ts";
import type { Ed25519, Signer } from "../base/ed25519.ts";

/** What comes before the 32 bytes of a secret in PKCS #8 (RFC 8410 §7). */
const PKCS8 = fromHex("302e020100300506032b657004220420");

const signer = (secret: Uint8Array): Signer => {
  const key = createPrivateKey({ key: Buffer.from(concatBytes(PKCS8, secret)), format: "der", type: "pkcs8" });
  return (message) => new Uint8Array(sign(null, message, key));
};

export const nativeEd25519 = (): Ed25519 => {
  const handles = new WeakMap<webcrypto.CryptoKey, KeyObject>();
  return {
    signer,
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
