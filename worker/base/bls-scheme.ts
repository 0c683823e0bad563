/**
 * The signature scheme of base/bls.ts over any arithmetic of points: draft-irtf-cfrg-bls-signature-05 with proofs of
 * possession (PROTOCOL.md §3). All rules are here; a curve only decodes, adds, multiplies and pairs. So noble, the
 * judge, and what may stand in for it differ in nothing but speed. Knows no library and no votes.
 */
import { fromHex, toHex } from "./bytes.ts";
import { sha256, taggedHash } from "./hash.ts";
import { memo } from "./memo.ts";
import { assert } from "./result.ts";
import type { BlsKey } from "./units.ts";

/** 32 bytes, a scalar from 1 to r − 1, big end first. */
export type BlsSecret = Uint8Array;

export type BlsJob = { readonly key: BlsKey; readonly message: Uint8Array; readonly signature: Uint8Array };

/** Keys and signatures are untrusted in everything that verifies: false for anything malformed, never an exception. */
export type Bls = {
  /** 48 bytes. Unique: no other signature of this message verifies under this key. @throws Error as blsPublicKey. */
  readonly sign: (message: Uint8Array, secret: BlsSecret) => Uint8Array;
  /** PopProve of the draft, §3.3.2: a signature of one's own key, in a domain that no message can enter. */
  readonly prove: (key: BlsKey, secret: BlsSecret) => Uint8Array;
  /** CoreVerify of the draft, §2.7. */
  readonly verify: (key: BlsKey, message: Uint8Array, signature: Uint8Array) => boolean;
  /** PopVerify of the draft, §3.3.3. Without it, one member could choose a key that cancels all others. */
  readonly verifyPossession: (key: BlsKey, proof: Uint8Array) => boolean;
  /**
   * One signature for many of the same message. Null where nothing is left: members with opposite secrets, who agreed
   * on them, cancel each other. @throws Error for none, or for one that `verify` would refuse whatever its message: a
   * bug of the caller, who aggregates only what it has verified.
   */
  readonly aggregate: (signatures: readonly Uint8Array[]) => Uint8Array | null;
  /**
   * FastAggregateVerify of the draft, §3.3.4: all of `keys` signed `message`. A key that stands twice must have been
   * aggregated twice. Sound only for keys whose possession was proven. False for no keys.
   */
  readonly verifyAggregate: (keys: readonly BlsKey[], message: Uint8Array, signature: Uint8Array) => boolean;
  /**
   * For each job what `verify` says of it, sooner: jobs with the same message are checked together as a random linear
   * combination, and where that fails, by halves down to the ones that are wrong.
   */
  readonly verifyMany: (jobs: readonly BlsJob[]) => boolean[];
};

/** Points of one of the two groups. */
export type Group<P> = {
  /** Length of a compressed point. */
  readonly bytes: number;
  /** Null unless these `bytes` are the one encoding of a point on the curve, in the subgroup and not infinity. */
  readonly decode: (bytes: Uint8Array) => P | null;
  /** Of at least one point. Infinity is a sum too. */
  readonly sum: (points: readonly P[]) => P;
  /** Σ weightᵢ·pointᵢ, as many of both, at least one. */
  readonly weigh: (points: readonly P[], weights: readonly bigint[]) => P;
};
export type Curve<K, S> = {
  readonly keys: Group<K>;
  readonly signatures: Group<S>;
  /** Compressed; null for infinity. */
  readonly encode: (signature: S) => Uint8Array | null;
  readonly hash: (message: Uint8Array, domain: string) => S;
  /** `secret` is from 1 to r − 1. */
  readonly multiply: (point: S, secret: BlsSecret) => S;
  /** e(message, key) = e(signature, B), B the generator of the keys' group; false where key or signature is infinity. */
  readonly pairs: (key: K, message: S, signature: S) => boolean;
};

const SIGNATURE_DST = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";
const POSSESSION_DST = "BLS_POP_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";

/** 128 bits of weight: as hard to guess as the curve is to break. */
const WEIGHT_BYTES = 16;
/** r, the order of both groups, big end first. */
const ORDER = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
const HEX = /^[0-9a-f]*$/u;

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

/** A job whose points are sound, with its place among the answers and its weight in the batch. */
type Share<K, S> = { readonly place: number; readonly key: K; readonly signature: S; readonly weight: bigint };

/** Σ wᵢ·keyᵢ against Σ wᵢ·signatureᵢ: one pairing check for all shares. A single one needs no weight. */
const allValid = <K, S>(curve: Curve<K, S>, shares: readonly Share<K, S>[], message: S): boolean => {
  const [only] = shares;
  if (shares.length === 1 && only !== undefined) return curve.pairs(only.key, message, only.signature);
  const weights = shares.map((share) => share.weight);
  const key = curve.keys.weigh(
    shares.map((share) => share.key),
    weights,
  );
  const signature = curve.signatures.weigh(
    shares.map((share) => share.signature),
    weights,
  );
  return curve.pairs(key, message, signature);
};

/**
 * The shares that are not valid, by halves. The check is a product over the shares: where the whole fails and the
 * left half holds, the right half fails, so it need not be asked again.
 */
const invalidShares = <K, S>(curve: Curve<K, S>, all: readonly Share<K, S>[], message: S): Share<K, S>[] => {
  const invalid: Share<K, S>[] = [];
  const open: { readonly shares: readonly Share<K, S>[]; readonly failed: boolean }[] = [
    { shares: all, failed: false },
  ];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { shares, failed } = next;
    if (!failed && allValid(curve, shares, message)) continue;
    const [only] = shares;
    if (shares.length === 1 && only !== undefined) {
      invalid.push(only);
      continue;
    }
    const middle = shares.length >>> 1;
    const left = shares.slice(0, middle);
    const right = shares.slice(middle);
    if (allValid(curve, left, message)) open.push({ shares: right, failed: true });
    else open.push({ shares: right, failed: false }, { shares: left, failed: true });
  }
  return invalid;
};

/** Where the sound jobs of each message stand. */
const placesByMessage = (jobs: readonly BlsJob[], isSound: (job: BlsJob) => boolean): Iterable<number[]> => {
  const groups = new Map<string, number[]>();
  jobs.forEach((job, place) => {
    if (!isSound(job)) return;
    const message = toHex(job.message);
    const group = groups.get(message);
    if (group === undefined) groups.set(message, [place]);
    else group.push(place);
  });
  return groups.values();
};

const isScalar = (secret: BlsSecret): boolean => {
  const digits = toHex(secret);
  return digits.length === ORDER.length && digits < ORDER && secret.some((byte) => byte !== 0);
};

export const blsOver = <K, S>(curve: Curve<K, S>): Bls => {
  const { keys, signatures } = curve;
  /** KeyValidate of the draft, §2.5. */
  const keyPoint = memo<K | null>(4096, (key) =>
    key.length === 2 * keys.bytes && HEX.test(key) ? keys.decode(fromHex(key)) : null,
  );
  const decodedSignature = memo<S | null>(4096, (signature) => signatures.decode(fromHex(signature)));
  /** signature_subgroup_check of the draft, §2.7 step 2; infinity is refused here too, as no valid key signs it. */
  const signaturePoint = (signature: Uint8Array): S | null =>
    signature.length === signatures.bytes ? decodedSignature(toHex(signature)) : null;
  /** Everyone signs the same few messages, so their points are worth keeping. */
  const hashedMessage = memo<S>(256, (message) => curve.hash(fromHex(message), SIGNATURE_DST));
  const messagePoint = (message: Uint8Array): S => hashedMessage(toHex(message));
  const possessionPoint = (key: BlsKey): S => curve.hash(fromHex(key), POSSESSION_DST);

  /** One message's jobs, all with sound points; writes their verdicts. */
  const verifyGroup = (jobs: readonly BlsJob[], places: readonly number[], verdicts: boolean[]): void => {
    const group = places.map((place) => jobs[place]).filter((job) => job !== undefined);
    const [first] = group;
    if (first === undefined) return;
    const weights = weightsOf(group, first.message);
    const shares = group.map((job, i): Share<K, S> => {
      const [place, key, signature, weight] = [places[i], keyPoint(job.key), signaturePoint(job.signature), weights[i]];
      assert(place !== undefined && key !== null && signature !== null && weight !== undefined, "bls: unsound share");
      return { place, key, signature, weight };
    });
    for (const share of shares) verdicts[share.place] = true;
    for (const share of invalidShares(curve, shares, messagePoint(first.message))) verdicts[share.place] = false;
  };

  const signPoint = (point: S, secret: BlsSecret): Uint8Array => {
    assert(isScalar(secret), "bls: a secret is a number from 1 to r − 1");
    const signature = curve.encode(curve.multiply(point, secret));
    assert(signature !== null, "bls: no message hashes to infinity");
    return signature;
  };
  return {
    sign: (message, secret) => signPoint(messagePoint(message), secret),
    prove: (key, secret) => signPoint(possessionPoint(key), secret),
    verify: (key, message, signature) => {
      const point = keyPoint(key);
      const signed = signaturePoint(signature);
      return point !== null && signed !== null && curve.pairs(point, messagePoint(message), signed);
    },
    verifyPossession: (key, proof) => {
      const point = keyPoint(key);
      const signed = signaturePoint(proof);
      return point !== null && signed !== null && curve.pairs(point, possessionPoint(key), signed);
    },
    aggregate: (shares) => {
      assert(shares.length > 0, "bls: nothing to aggregate");
      const points = shares.map(signaturePoint);
      assert(
        points.every((point) => point !== null),
        "bls: only verified signatures are aggregated",
      );
      return curve.encode(signatures.sum(points));
    },
    verifyAggregate: (voters, message, signature) => {
      const signed = signaturePoint(signature);
      const points = voters.map(keyPoint);
      if (signed === null || points.length === 0 || !points.every((point) => point !== null)) return false;
      return curve.pairs(keys.sum(points), messagePoint(message), signed);
    },
    verifyMany: (jobs) => {
      const verdicts = jobs.map(() => false);
      const isSound = (job: BlsJob): boolean => keyPoint(job.key) !== null && signaturePoint(job.signature) !== null;
      for (const places of placesByMessage(jobs, isSound)) verifyGroup(jobs, places, verdicts);
      return verdicts;
    },
  };
};
