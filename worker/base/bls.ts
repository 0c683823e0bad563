/**
 * BLS12-381 signatures with proof of possession (draft-irtf-cfrg-bls-signature-05, PROTOCOL.md §3): votes that add up
 * and draws that nobody can choose. Suite BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_: signatures in G1 (48 bytes),
 * keys in G2 (96 bytes). Every key and signature that enters a pairing is on the curve, in the subgroup and not
 * infinity. The curve is noble's, here; the scheme is bls-scheme.ts. Knows nothing of votes; a caller that aggregates
 * keys must have checked their proofs of possession.
 *
 * Keys in G2 and not the other way round: measured (noble-curves 2.4, 2 cores, milliseconds, keys in G1 → keys in G2).
 *                        certificate of 1, 17, 200, 1,000 votes    sign         read a vote   batch of 17, 200 votes
 *   Node 20, median      28 → 17, 27 → 17, 28 → 22, 34 → 41        18.4 → 5.2   2.3 → 1.0     85 → 55, 759 → 451
 *   Chromium, best       11 → 7.5, 11 → 7.2, 11 → 9.4, 16 → 18     7.7 → 1.9    0.8 → 0.3     40 → 24, 389 → 315
 * Adding up keys costs more in G2, which shows from about 800 votes on; everything else costs less, most of all the
 * hashing to the curve, and votes take half the bytes.
 */
import { interleavedMSMUnsafe, type CurvePoint, type CurvePointCons } from "@noble/curves/abstract/curve.js";
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { blsOver, type Bls, type BlsSecret, type Curve, type Group } from "./bls-scheme.ts";
import { concatBytes, fromHex, toHex, utf8ToBytes } from "./bytes.ts";
import { sha256 } from "./hash.ts";
import { memo } from "./memo.ts";
import { assert } from "./result.ts";
import type { BlsKey } from "./units.ts";

export const BLS_SECRET_BYTES = 32;
export const BLS_KEY_BYTES = 96;
export const BLS_SIGNATURE_BYTES = 48;

/** L of KeyGen: ceil((3 · ceil(log2 r)) / 16). */
const KEYGEN_BYTES = 48;
/** Width of the tables in multi-scalar multiplication; 4 was fastest from 2 to 200 points of 128-bit weights. */
const MSM_WINDOW = 4;

const suite = bls12_381.shortSignatures;
const SignaturePoints = bls12_381.G1.Point;
const KeyPoints = bls12_381.G2.Point;
type SignaturePoint = InstanceType<typeof SignaturePoints>;
type KeyPoint = InstanceType<typeof KeyPoints>;

/** noble's fromBytes refuses what is off the curve or off the subgroup (tested). */
const groupOf = <P extends CurvePoint<unknown, P>>(points: CurvePointCons<P>, bytes: number): Group<P> => ({
  bytes,
  decode: (encoded) => {
    try {
      // It would take an uncompressed point too.
      const point = encoded.length === bytes ? points.fromBytes(encoded) : points.ZERO;
      return point.is0() ? null : point;
    } catch {
      return null;
    }
  },
  sum: (all) => all.reduce((sum, point) => sum.add(point), points.ZERO),
  weigh: (all, weights) => interleavedMSMUnsafe(points, [...all], MSM_WINDOW)([...weights]),
  isInfinity: (point) => point.is0(),
});

const linesOf = bls12_381.utils.calcPairingPrecomputes;
/** The Miller-loop lines of −B, B the generator of G2: a part of every check, made once. */
const generatorLines = memo(1, () => linesOf(KeyPoints.BASE.negate()));

type Factor = Parameters<typeof bls12_381.millerLoopBatch>[0][number];
const factorOf = (lines: ReturnType<typeof linesOf>, point: SignaturePoint): Factor => {
  const { x, y } = point.toAffine();
  return [lines, x, y];
};

export const nobleCurve: Curve<KeyPoint, SignaturePoint> = {
  keys: groupOf(KeyPoints, BLS_KEY_BYTES),
  signatures: groupOf(SignaturePoints, BLS_SIGNATURE_BYTES),
  encode: (signature) => (signature.is0() ? null : signature.toBytes(true)),
  hash: (message, domain) => suite.hash(message, domain),
  multiply: (point, secret) => suite.sign(point, secret),
  /** The squarings of all Miller loops are done once. */
  product: (pairs, signature) => {
    const factors = pairs.map(({ key, message }): Factor => factorOf(linesOf(key), message));
    if (signature !== null) factors.push(factorOf(generatorLines("B"), signature));
    const { Fp12 } = bls12_381.fields;
    return Fp12.eql(Fp12.finalExponentiate(bls12_381.millerLoopBatch(factors)), Fp12.ONE);
  },
};

/** The judge: what this says of a signature is what is so (PROTOCOL.md §3). */
export const nobleBls: Bls = blsOver(nobleCurve);

export const { sign: blsSign, verify: blsVerify, aggregate: blsAggregate } = nobleBls;

/** A contract, with every member's proof in it, is read again at each start, and in a lab for each run. */
const possessions = memo(1_024, (name) => {
  const [key = "", proof = ""] = name.split("/");
  return nobleBls.verifyPossession(key as BlsKey, fromHex(proof));
});
export const blsVerifyPossession = (key: BlsKey, proof: Uint8Array): boolean => possessions(`${key}/${toHex(proof)}`);

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

/** PopProve of the draft, §3.3.2: a signature of one's own key, in a domain that no message can enter. */
export const blsProve = (secret: BlsSecret): Uint8Array => nobleBls.prove(blsPublicKey(secret), secret);
