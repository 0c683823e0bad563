/**
 * Ed25519 (RFC 8032) with one rule of validity for every engine (PROTOCOL.md §3). A signature (R, S) under key A is
 * valid when A, R and S are canonical, A and R are not of small order, and [8][S]B = [8]R + [8][k]A.
 *
 * Why not simply an engine's verify: noble checks that cofactored equation, WebCrypto (BoringSSL, OpenSSL) the
 * cofactorless one, and each refuses other odd encodings, so a crafted signature could split the chain. Whatever
 * satisfies the cofactorless equation satisfies the cofactored one; so after the prechecks, which decide alone on
 * encodings, WebCrypto's yes is a yes and its no is asked again of noble.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, fromHex, toHex } from "./bytes.ts";
import { memo } from "./memo.ts";
import type { PublicKey } from "./units.ts";

export type SignatureJob = {
  readonly key: PublicKey;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
};

/** What WebCrypto makes of a key; Node's types have no global name for it. */
// oxlint-disable-next-line eslint/no-restricted-globals -- only its type
type EngineKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** The part of WebCrypto's SubtleCrypto that is used; every engine's `crypto.subtle` fits. */
export type SubtleCryptoLike = {
  importKey(
    format: "raw",
    key: Uint8Array<ArrayBuffer>,
    algorithm: string,
    extractable: boolean,
    usages: "verify"[],
  ): Promise<EngineKey>;
  verify(
    algorithm: string,
    key: EngineKey,
    signature: Uint8Array<ArrayBuffer>,
    message: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
};

/** Signs messages under one secret: 64 bytes, deterministic (RFC 8032 §5.1.6), so any two give the same. */
export type Signer = (message: Uint8Array) => Uint8Array;

/** Faster arithmetic that a process may have of its own; it agrees with noble on every byte and verdict. */
export type Ed25519 = {
  readonly signer: (secret: Uint8Array) => Signer;
  readonly subtle: SubtleCryptoLike;
  /** The cofactorless equation, within the call. */
  readonly isSigned: (job: SignatureJob) => boolean;
};

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const ALGORITHM = "Ed25519";
/** Keys kept imported: more than any community has members and meters. */
const MAX_KEYS = 4096;
/** Checks in flight at once: enough to keep every engine busy, few enough to bound memory. */
const BATCH = 1024;

export const publicKeyOf = (secret: Uint8Array): PublicKey => toHex<PublicKey>(ed25519.getPublicKey(secret));

const { Fn, BASE } = ed25519.Point;
/** SHA-512 as a number, little end first, modulo L. */
const scalarOf = (...parts: readonly Uint8Array[]): bigint =>
  Fn.create(BigInt(`0x${toHex(sha512(concatBytes(...parts)).reverse())}`));

/** RFC 8032 §5.1.6 on noble's arithmetic. What follows from the secret alone (§5.1.5) is half the work: done once. */
const signerOf = (secret: Uint8Array): Signer => {
  const { prefix, scalar, pointBytes } = ed25519.utils.getExtendedPublicKey(secret);
  return (message) => {
    const nonce = scalarOf(prefix, message);
    const R = BASE.multiply(nonce).toBytes();
    const S = Fn.create(nonce + scalarOf(R, pointBytes, message) * scalar);
    return concatBytes(R, Fn.toBytes(S));
  };
};

/** For as long as a secret's bytes are held: whoever wipes them lets go of them too. */
const signers = new WeakMap<Uint8Array, Signer>();

/** Where a process has faster arithmetic of its own: `signer` signs for these bytes from now on, in the same way. */
export const signWith = (secret: Uint8Array, signer: Signer): void => void signers.set(secret, signer);

/** 64 bytes, deterministic (RFC 8032 §5.1.6). `secret` must not change while it is held. */
export const sign = (message: Uint8Array, secret: Uint8Array): Uint8Array => {
  let signer = signers.get(secret);
  if (signer === undefined) signers.set(secret, (signer = signerOf(secret)));
  return signer(message);
};

/** Group order L = 2^252 + 27742317777372353535851937790883648493, big end first. */
const ORDER = fromHex("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed");

/**
 * The y of the eight points of small order, big end first: 0, 1, p−1 and the two of order 8. With either sign bit,
 * each is such a point or (x = 0 with the bit set) no canonical encoding at all: refused both ways.
 */
const SMALL_ORDER_Y = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000001",
  "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec",
  "05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826",
  "7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7",
].map(fromHex);

/** Whether the little-endian number at `from` equals `big`, its top bit left out. */
const sameY = (raw: Uint8Array, from: number, big: Uint8Array): boolean => {
  if (((raw[from + 31] ?? 0) & 0x7f) !== big[0]) return false;
  for (let i = 1; i < KEY_BYTES; i++) if (raw[from + 31 - i] !== big[i]) return false;
  return true;
};

/** y < p = 2^255 − 19: only y whose bytes are all ones from the second on can reach p. */
const isCanonicalY = (raw: Uint8Array, from: number): boolean => {
  if (((raw[from + 31] ?? 0) & 0x7f) !== 0x7f) return true;
  for (let i = 30; i > 0; i--) if (raw[from + i] !== 0xff) return true;
  return (raw[from] ?? 0) < 0xed;
};

/** Canonical and not of small order; whether it is on the curve at all is left to the engines. */
const isPlausiblePoint = (raw: Uint8Array, from: number): boolean => {
  if (!isCanonicalY(raw, from)) return false;
  for (const y of SMALL_ORDER_Y) if (sameY(raw, from, y)) return false;
  return true;
};

/** S < L. */
const isCanonicalScalar = (raw: Uint8Array, from: number): boolean => {
  for (let i = 0; i < KEY_BYTES; i++) {
    const d = (raw[from + 31 - i] ?? 0) - (ORDER[i] ?? 0);
    if (d !== 0) return d < 0;
  }
  return false;
};

const KEY_PATTERN = /^[0-9a-f]{64}$/u;

/** The key's 32 bytes, or null where no signature can be valid under it. */
const readKey = (key: string): Uint8Array | null => {
  if (!KEY_PATTERN.test(key)) return null;
  const raw = fromHex(key);
  return isPlausiblePoint(raw, 0) ? raw : null;
};

const isPlausibleSignature = (signature: Uint8Array): boolean =>
  signature.length === SIGNATURE_BYTES && isCanonicalScalar(signature, KEY_BYTES) && isPlausiblePoint(signature, 0);

/** noble's strict mode: points decoded as RFC 8032 has it (y < p, no −0), then the cofactored equation. */
const judge = (key: Uint8Array, job: SignatureJob): boolean =>
  ed25519.verify(job.signature, job.message, key, { zip215: false });

let isSignedBy: Ed25519["isSigned"] = () => false;

/** Where a process has faster arithmetic of its own: `verify` asks it first from now on. As in `verifyAll`, only its yes counts. */
export const verifyWith = (isSigned: Ed25519["isSigned"]): void => void (isSignedBy = isSigned);

/** The rule itself, synchronous. False for anything malformed; never throws. */
export const verify = (job: SignatureJob): boolean => {
  if (!isPlausibleSignature(job.signature)) return false;
  const key = readKey(job.key);
  return key !== null && (isSignedBy(job) || judge(key, job));
};

/** A key as an engine holds it; `handle` is null where the engine would not take it. */
type ImportedKey = { readonly raw: Uint8Array; readonly handle: EngineKey | null };

/** One engine: whether its Ed25519 can be relied on, and the keys it holds, so that each is imported once. */
type Engine = { readonly works: Promise<boolean>; readonly keyOf: (key: string) => Promise<ImportedKey | null> };

const engines = new WeakMap<SubtleCryptoLike, Engine>();

/** RFC 8032 §7.1 TEST 2: an engine that knows Ed25519 accepts this, and refuses it for another message. */
const PROBE = {
  key: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
  signature:
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  message: Uint8Array.of(0x72),
  other: Uint8Array.of(0x73),
};

/**
 * WebCrypto takes views of plain ArrayBuffers. The protocol's bytes are; a view of shared memory would make the engine
 * throw, and then noble answers.
 */
const plain = (raw: Uint8Array): Uint8Array<ArrayBuffer> => raw as Uint8Array<ArrayBuffer>;

const probe = async (subtle: SubtleCryptoLike): Promise<boolean> => {
  try {
    const key = await subtle.importKey("raw", plain(fromHex(PROBE.key)), ALGORITHM, false, ["verify"]);
    const signature = plain(fromHex(PROBE.signature));
    const [yes, no] = await Promise.all([
      subtle.verify(ALGORITHM, key, signature, PROBE.message),
      subtle.verify(ALGORITHM, key, signature, PROBE.other),
    ]);
    return yes && !no;
  } catch {
    return false;
  }
};

const importKey = async (subtle: SubtleCryptoLike, key: string): Promise<ImportedKey | null> => {
  const raw = readKey(key);
  if (raw === null) return null;
  try {
    return { raw, handle: await subtle.importKey("raw", plain(raw), ALGORITHM, false, ["verify"]) };
  } catch {
    return { raw, handle: null };
  }
};

const engineOf = (subtle: SubtleCryptoLike): Engine => {
  let engine = engines.get(subtle);
  if (engine === undefined) {
    engine = { works: probe(subtle), keyOf: memo(MAX_KEYS, (key) => importKey(subtle, key)) };
    engines.set(subtle, engine);
  }
  return engine;
};

const check = async (subtle: SubtleCryptoLike, engine: Engine, job: SignatureJob): Promise<boolean> => {
  if (!isPlausibleSignature(job.signature)) return false;
  const key = await engine.keyOf(job.key);
  if (key === null) return false;
  if (key.handle !== null) {
    try {
      if (await subtle.verify(ALGORITHM, key.handle, plain(job.signature), plain(job.message))) return true;
    } catch {
      // An engine that cannot answer has not answered: noble decides.
    }
  }
  return judge(key.raw, job);
};

// oxlint-disable-next-line eslint/no-restricted-globals -- the one place that asks WebCrypto, and only to verify
const ownSubtle = (): SubtleCryptoLike | null => (typeof crypto === "undefined" ? null : (crypto.subtle ?? null));

/**
 * The same answers as `verify`, in the order of `jobs`, with the engine's WebCrypto doing most of the work.
 * @param subtle the engine's own `crypto.subtle` when left out; null to do without. Where it lacks Ed25519, noble
 *   does all.
 */
export const verifyAll = async (
  jobs: readonly SignatureJob[],
  subtle: SubtleCryptoLike | null = ownSubtle(),
): Promise<boolean[]> => {
  const engine = subtle === null ? null : engineOf(subtle);
  if (subtle === null || engine === null || !(await engine.works)) return jobs.map(verify);
  const verdicts: boolean[] = [];
  for (let from = 0; from < jobs.length; from += BATCH) {
    const batch = jobs.slice(from, from + BATCH);
    for (const valid of await Promise.all(batch.map((job) => check(subtle, engine, job)))) verdicts.push(valid);
  }
  return verdicts;
};
