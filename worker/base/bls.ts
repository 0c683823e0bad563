/**
 * BLS12-381 signatures with proof of possession (draft-irtf-cfrg-bls-signature-05, PROTOCOL.md §3): votes that add up
 * and draws that nobody can choose. Suite BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_: signatures in G1 (48 bytes),
 * keys in G2 (96 bytes). Every key and signature that enters a pairing is on the curve, in the subgroup and not
 * infinity. Knows nothing of votes; a caller that aggregates keys must have checked their proofs of possession.
 *
 * Keys in G2 and not the other way round: measured (noble-curves 2.4, 2 cores, milliseconds, keys in G1 → keys in G2).
 *                        certificate of 1, 17, 200, 1,000 votes    sign         read a vote   batch of 17, 200 votes
 *   Node 20, median      28 → 17, 27 → 17, 28 → 22, 34 → 41        18.4 → 5.2   2.3 → 1.0     85 → 55, 759 → 451
 *   Chromium, best       11 → 7.5, 11 → 7.2, 11 → 9.4, 16 → 18     7.7 → 1.9    0.8 → 0.3     40 → 24, 389 → 315
 * Adding up keys costs more in G2, which shows from about 800 votes on; everything else costs less, most of all the
 * hashing to the curve, and votes take half the bytes.
 */
import { interleavedMSMUnsafe } from "@noble/curves/abstract/curve.js";
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { concatBytes, fromHex, toHex, utf8ToBytes } from "./bytes.ts";
import { sha256, taggedHash } from "./hash.ts";
import { memo } from "./memo.ts";
import { assert } from "./result.ts";
import type { BlsKey } from "./units.ts";

export const BLS_SECRET_BYTES = 32;
export const BLS_KEY_BYTES = 96;
export const BLS_SIGNATURE_BYTES = 48;

/** 32 bytes, a scalar from 1 to r − 1, big end first. */
export type BlsSecret = Uint8Array;

export type BlsJob = { readonly key: BlsKey; readonly message: Uint8Array; readonly signature: Uint8Array };

const SIGNATURE_DST = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";
const POSSESSION_DST = "BLS_POP_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";

/** L of KeyGen: ceil((3 · ceil(log2 r)) / 16). */
const KEYGEN_BYTES = 48;
/** 128 bits of weight: as hard to guess as the curve is to break. */
const WEIGHT_BYTES = 16;
/** Width of the tables in multi-scalar multiplication; 4 was fastest from 2 to 200 points of 128-bit weights. */
const MSM_WINDOW = 4;

const suite = bls12_381.shortSignatures;
const SignaturePoints = bls12_381.G1.Point;
const KeyPoints = bls12_381.G2.Point;
type SignaturePoint = InstanceType<typeof SignaturePoints>;
type KeyPoint = InstanceType<typeof KeyPoints>;

const KEY_PATTERN = new RegExp(`^[0-9a-f]{${2 * BLS_KEY_BYTES}}$`, "u");

/** A point other than infinity. noble's fromBytes refuses what is off the curve or off the subgroup (tested). */
const soundPoint = <T extends { is0(): boolean }>(decode: () => T): T | null => {
  try {
    const point = decode();
    return point.is0() ? null : point;
  } catch {
    return null;
  }
};

/** KeyValidate of the draft, §2.5. */
const keyPoint = memo<KeyPoint | null>(4096, (key) =>
  KEY_PATTERN.test(key) ? soundPoint(() => KeyPoints.fromBytes(fromHex(key))) : null,
);

const decodedSignature = memo<SignaturePoint | null>(4096, (signature) =>
  soundPoint(() => suite.Signature.fromBytes(fromHex(signature))),
);

/** signature_subgroup_check of the draft, §2.7 step 2; infinity is refused here too, as no valid key signs it. */
const signaturePoint = (signature: Uint8Array): SignaturePoint | null =>
  signature.length === BLS_SIGNATURE_BYTES ? decodedSignature(toHex(signature)) : null;

/** Everyone signs the same few messages, so their points are worth keeping. */
const hashedMessage = memo<SignaturePoint>(256, (message) => suite.hash(fromHex(message), SIGNATURE_DST));
const messagePoint = (message: Uint8Array): SignaturePoint => hashedMessage(toHex(message));
const possessionPoint = (key: BlsKey): SignaturePoint => suite.hash(fromHex(key), POSSESSION_DST);

const linesOf = bls12_381.utils.calcPairingPrecomputes;
/** The Miller-loop lines of −B, B the generator of G2: a part of every check, made once. */
const generatorLines = memo(1, () => linesOf(KeyPoints.BASE.negate()));

/** e(message, key) = e(signature, B), as one product of two pairings. */
const pairs = (key: KeyPoint, message: SignaturePoint, signature: SignaturePoint): boolean => {
  if (key.is0() || signature.is0()) return false;
  const m = message.toAffine();
  const s = signature.toAffine();
  const product = bls12_381.millerLoopBatch([
    [linesOf(key), m.x, m.y],
    [generatorLines("B"), s.x, s.y],
  ]);
  const { Fp12 } = bls12_381.fields;
  return Fp12.eql(Fp12.finalExponentiate(product), Fp12.ONE);
};

/**
 * KeyGen of the draft, §2.3, with its default salt and no key_info.
 * @param seed at least 32 bytes of secret entropy.
 */
export const blsSecretFrom = (seed: Uint8Array): BlsSecret => {
  assert(seed.length >= 32, "bls: a seed has at least 32 bytes");
  const { Fr } = bls12_381.fields;
  const material = concatBytes(seed, Uint8Array.of(0));
  for (let salt = sha256(utf8ToBytes("BLS-SIG-KEYGEN-SALT-")); ; salt = sha256(salt)) {
    const okm = expand(sha256, extract(sha256, material, salt), Uint8Array.of(0, KEYGEN_BYTES), KEYGEN_BYTES);
    const secret = Fr.create(BigInt(`0x${toHex(okm)}`));
    if (secret !== 0n) return Fr.toBytes(secret);
  }
};

/** @throws Error when `secret` is not one of blsSecretFrom's: a bug of the caller. As do sign and prove. */
export const blsPublicKey = (secret: BlsSecret): BlsKey => toHex<BlsKey>(suite.getPublicKey(secret).toBytes(true));

/** 48 bytes. Unique: no other signature of this message verifies under this key. */
export const blsSign = (message: Uint8Array, secret: BlsSecret): Uint8Array =>
  suite.sign(messagePoint(message), secret).toBytes(true);

/** PopProve of the draft, §3.3.2: a signature of one's own key, in a domain that no message can enter. */
export const blsProve = (secret: BlsSecret): Uint8Array =>
  suite.sign(possessionPoint(blsPublicKey(secret)), secret).toBytes(true);

/** PopVerify of the draft, §3.3.3. Without it, one member could choose a key that cancels all others. */
export const blsVerifyPossession = (key: BlsKey, proof: Uint8Array): boolean => {
  const point = keyPoint(key);
  const signature = signaturePoint(proof);
  return point !== null && signature !== null && pairs(point, possessionPoint(key), signature);
};

/** CoreVerify of the draft, §2.7. False for anything malformed; never throws. */
export const blsVerify = (key: BlsKey, message: Uint8Array, signature: Uint8Array): boolean => {
  const point = keyPoint(key);
  const signed = signaturePoint(signature);
  return point !== null && signed !== null && pairs(point, messagePoint(message), signed);
};

/**
 * One signature for many of the same message. @throws Error for none, or for one that blsVerify would refuse whatever
 * its message: a bug of the caller, who aggregates only what it has verified. Members with opposite secrets cancel;
 * if nobody else is among them, the result is infinity, which verifies for nobody.
 */
export const blsAggregate = (signatures: readonly Uint8Array[]): Uint8Array => {
  assert(signatures.length > 0, "bls: nothing to aggregate");
  let sum = SignaturePoints.ZERO;
  for (const signature of signatures) {
    const point = signaturePoint(signature);
    assert(point !== null, "bls: only verified signatures are aggregated");
    sum = sum.add(point);
  }
  return sum.toBytes(true);
};

/**
 * FastAggregateVerify of the draft, §3.3.4: all of `keys` signed `message`. A key that stands twice must have been
 * aggregated twice. Sound only for keys whose possession was proven. False for no keys and for anything malformed.
 */
export const blsVerifyAggregate = (keys: readonly BlsKey[], message: Uint8Array, signature: Uint8Array): boolean => {
  const signed = signaturePoint(signature);
  if (signed === null) return false;
  let sum = KeyPoints.ZERO;
  for (const key of keys) {
    const point = keyPoint(key);
    if (point === null) return false;
    sum = sum.add(point);
  }
  return pairs(sum, messagePoint(message), signed);
};

/** A job whose points are sound, with its place among the answers and its weight in the batch. */
type Share = {
  readonly place: number;
  readonly key: KeyPoint;
  readonly signature: SignaturePoint;
  readonly weight: bigint;
};

/**
 * Weights from 1 to 2^128, fixed by the hash of everything in the group: whoever crafts two wrong shares that cancel
 * would have to know the weights before choosing the shares. Deterministic, so that pure code needs no entropy.
 */
const weightsOf = (jobs: readonly BlsJob[], message: Uint8Array): bigint[] => {
  const parts = jobs.flatMap((job) => [fromHex(job.key), job.signature]);
  const transcript = taggedHash("bls-batch", sha256(message), ...parts);
  return jobs.map((_, i) => {
    const place = Uint8Array.of((i >>> 24) & 255, (i >>> 16) & 255, (i >>> 8) & 255, i & 255);
    return BigInt(`0x${toHex(taggedHash("bls-weight", transcript, place).subarray(0, WEIGHT_BYTES))}`) + 1n;
  });
};

/** Σ wᵢ·keyᵢ against Σ wᵢ·signatureᵢ: one pairing check for all shares. A single one needs no weight. */
const allValid = (shares: readonly Share[], message: SignaturePoint): boolean => {
  const [only] = shares;
  if (shares.length === 1 && only !== undefined) return pairs(only.key, message, only.signature);
  const weights = shares.map((share) => share.weight);
  const inKeys = interleavedMSMUnsafe(
    KeyPoints,
    shares.map((share) => share.key),
    MSM_WINDOW,
  );
  const inSignatures = interleavedMSMUnsafe(
    SignaturePoints,
    shares.map((share) => share.signature),
    MSM_WINDOW,
  );
  return pairs(inKeys(weights), message, inSignatures(weights));
};

/**
 * The shares that are not valid, by halves. The check is a product over the shares: where the whole fails and the
 * left half holds, the right half fails, so it need not be asked again.
 */
const invalidShares = (all: readonly Share[], message: SignaturePoint): Share[] => {
  const invalid: Share[] = [];
  const open: { readonly shares: readonly Share[]; readonly failed: boolean }[] = [{ shares: all, failed: false }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { shares, failed } = next;
    if (!failed && allValid(shares, message)) continue;
    const [only] = shares;
    if (shares.length === 1 && only !== undefined) {
      invalid.push(only);
      continue;
    }
    const middle = shares.length >>> 1;
    const left = shares.slice(0, middle);
    const right = shares.slice(middle);
    if (allValid(left, message)) open.push({ shares: right, failed: true });
    else open.push({ shares: right, failed: false }, { shares: left, failed: true });
  }
  return invalid;
};

/**
 * For each job what blsVerify says of it, sooner: jobs with the same message are checked together as a random linear
 * combination, and where that fails, by halves down to the ones that are wrong.
 */
export const blsVerifyMany = (jobs: readonly BlsJob[]): boolean[] => {
  const verdicts = jobs.map(() => false);
  const groups = new Map<string, number[]>();
  jobs.forEach((job, place) => {
    if (keyPoint(job.key) === null || signaturePoint(job.signature) === null) return;
    const message = toHex(job.message);
    const group = groups.get(message);
    if (group === undefined) groups.set(message, [place]);
    else group.push(place);
  });
  for (const places of groups.values()) verifyGroup(jobs, places, verdicts);
  return verdicts;
};

/** One message's jobs, all with sound points; writes their verdicts. */
const verifyGroup = (jobs: readonly BlsJob[], places: readonly number[], verdicts: boolean[]): void => {
  const group = places.map((place) => jobs[place]).filter((job) => job !== undefined);
  const [first] = group;
  if (first === undefined) return;
  const weights = weightsOf(group, first.message);
  const shares = group.map((job, i): Share => {
    const [place, key, signature, weight] = [places[i], keyPoint(job.key), signaturePoint(job.signature), weights[i]];
    assert(place !== undefined && key !== null && signature !== null && weight !== undefined, "bls: unsound share");
    return { place, key, signature, weight };
  });
  for (const share of shares) verdicts[share.place] = true;
  for (const share of invalidShares(shares, messagePoint(first.message))) verdicts[share.place] = false;
};
