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

/**
 * The question whether all of `keys` signed `message`: `signature` is the sum of their signatures, with one key its own.
 * A key that stands twice must have been aggregated twice. Several keys are sound only if possession of each was proven.
 */
export type BlsJob = {
  readonly keys: readonly BlsKey[];
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
};

/** Keys and signatures are untrusted in everything that verifies: false for anything malformed, never an exception. */
export type Bls = {
  /** 48 bytes. Unique: no other signature of this message verifies under this key. @throws Error as blsPublicKey. */
  readonly sign: (message: Uint8Array, secret: BlsSecret) => Uint8Array;
  /** PopProve of the draft, §3.3.2: a signature of one's own key, in a domain that no message can enter. */
  readonly prove: (key: BlsKey, secret: BlsSecret) => Uint8Array;
  /** CoreVerify of the draft, §2.7, for one key, FastAggregateVerify, §3.3.4, for several. False for no keys. */
  readonly verify: (job: BlsJob) => boolean;
  /** PopVerify of the draft, §3.3.3. Without it, one member could choose a key that cancels all others. */
  readonly verifyPossession: (key: BlsKey, proof: Uint8Array) => boolean;
  /**
   * One signature for many of the same message. Null where nothing is left: members with opposite secrets, who agreed
   * on them, cancel each other. @throws Error for none, or for one that `verify` would refuse whatever its message: a
   * bug of the caller, who aggregates only what it has verified.
   */
  readonly aggregate: (signatures: readonly Uint8Array[]) => Uint8Array | null;
  /**
   * For each job what `verify` says of it, sooner: all are checked by one product of pairings, as a random linear
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
  readonly isInfinity: (point: P) => boolean;
};
/** e(message, key): a factor of a check. */
export type Pair<K, S> = { readonly key: K; readonly message: S };
export type Curve<K, S> = {
  readonly keys: Group<K>;
  readonly signatures: Group<S>;
  /** Compressed; null for infinity. */
  readonly encode: (signature: S) => Uint8Array | null;
  readonly hash: (message: Uint8Array, domain: string) => S;
  /** `secret` is from 1 to r − 1. */
  readonly multiply: (point: S, secret: BlsSecret) => S;
  /**
   * Whether the product of all e(message, key) is e(signature, B), B the generator of the keys' group; a null signature
   * is infinity. No other point here is: what pairs with infinity is one, and left out by the caller.
   */
  readonly product: (pairs: readonly Pair<K, S>[], signature: S | null) => boolean;
};

const SIGNATURE_DST = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";
const POSSESSION_DST = "BLS_POP_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";

/** 128 bits of weight: as hard to guess as the curve is to break. */
const WEIGHT_BYTES = 16;
/** r, the order of both groups, big end first. */
const ORDER = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
const HEX = /^[0-9a-f]*$/u;

/**
 * Weights from 1 to 2^128, fixed by the hash of the whole batch: whoever crafts two wrong shares that cancel would have
 * to know the weights before choosing the shares. Deterministic, so that pure code needs no entropy.
 */
const weightsOf = (jobs: readonly BlsJob[]): bigint[] => {
  const parts = jobs.map(({ keys, message, signature }) =>
    taggedHash("bls-job", sha256(message), signature, ...keys.map(fromHex)),
  );
  const transcript = taggedHash("bls-batch", ...parts);
  return jobs.map((_, i) => {
    const place = Uint8Array.of((i >>> 24) & 255, (i >>> 16) & 255, (i >>> 8) & 255, i & 255);
    return BigInt(`0x${toHex(taggedHash("bls-weight", transcript, place).subarray(0, WEIGHT_BYTES))}`) + 1n;
  });
};

/** The points of a sound job: none at infinity; `key` is the sum of its keys. */
type Points<K, S> = Pair<K, S> & { readonly signature: S };
/** With its place among the answers and its weight in the batch. */
type Share<K, S> = Points<K, S> & { readonly place: number; readonly weight: bigint };

const holds = <K, S>(curve: Curve<K, S>, pairs: readonly Pair<K, S>[], signature: S): boolean =>
  curve.product(
    pairs.filter(({ key, message }) => !curve.keys.isInfinity(key) && !curve.signatures.isInfinity(message)),
    curve.signatures.isInfinity(signature) ? null : signature,
  );

/** Shares of one message side by side. A message has one point, as long as hashed messages are remembered. */
const byMessage = <K, S>(shares: readonly Share<K, S>[]): Share<K, S>[][] => {
  const groups = new Map<S, Share<K, S>[]>();
  for (const share of shares) {
    const group = groups.get(share.message);
    if (group === undefined) groups.set(share.message, [share]);
    else group.push(share);
  }
  return [...groups.values()];
};

/** One factor for all shares of a message: the keys weighed, or the message of a single key, which costs less. */
const weighed = <K, S>(curve: Curve<K, S>, group: readonly Share<K, S>[]): Pair<K, S>[] => {
  const [first, ...others] = group;
  if (first === undefined) return [];
  const { key, message, weight } = first;
  if (others.length === 0) return [{ key, message: curve.signatures.weigh([message], [weight]) }];
  const sum = curve.keys.weigh(
    group.map((share) => share.key),
    group.map((share) => share.weight),
  );
  return [{ key: sum, message }];
};

/** Π e(messageᵢ, keyᵢ)^wᵢ against e(Σ wᵢ·signatureᵢ, B): one check for all shares. A single one needs no weight. */
const allValid = <K, S>(curve: Curve<K, S>, shares: readonly Share<K, S>[]): boolean => {
  const [only] = shares;
  if (shares.length === 1 && only !== undefined) return holds(curve, [only], only.signature);
  const signature = curve.signatures.weigh(
    shares.map((share) => share.signature),
    shares.map((share) => share.weight),
  );
  const pairs = byMessage(shares).flatMap((group) => weighed(curve, group));
  return holds(curve, pairs, signature);
};

/**
 * The shares that are not valid, by halves. The check is a product over the shares: where the whole fails and the
 * left half holds, the right half fails, so it need not be asked again.
 */
const invalidShares = <K, S>(curve: Curve<K, S>, all: readonly Share<K, S>[]): Share<K, S>[] => {
  const invalid: Share<K, S>[] = [];
  const open: { readonly shares: readonly Share<K, S>[]; readonly failed: boolean }[] = [
    { shares: all, failed: false },
  ];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { shares, failed } = next;
    if (!failed && allValid(curve, shares)) continue;
    const [only] = shares;
    if (shares.length === 1 && only !== undefined) {
      invalid.push(only);
      continue;
    }
    const middle = shares.length >>> 1;
    const left = shares.slice(0, middle);
    const right = shares.slice(middle);
    if (allValid(curve, left)) open.push({ shares: right, failed: true });
    else open.push({ shares: right, failed: false }, { shares: left, failed: true });
  }
  return invalid;
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

  /** Null for no keys, for one that is not sound, and for keys that cancel each other. */
  const keySum = (names: readonly BlsKey[]): K | null => {
    const points = names.map(keyPoint);
    if (points.length === 0 || !points.every((point) => point !== null)) return null;
    const sum = keys.sum(points);
    return keys.isInfinity(sum) ? null : sum;
  };
  const pointsOf = (job: BlsJob): Points<K, S> | null => {
    const signature = signaturePoint(job.signature);
    const key = signature === null ? null : keySum(job.keys);
    return signature === null || key === null ? null : { key, message: messagePoint(job.message), signature };
  };
  const sharesOf = (jobs: readonly BlsJob[]): Share<K, S>[] => {
    const sound = jobs.flatMap((job, place) => {
      const points = pointsOf(job);
      return points === null ? [] : [{ job, place, points }];
    });
    const weights = weightsOf(sound.map(({ job }) => job));
    return sound.map(({ place, points }, i) => {
      const weight = weights[i];
      assert(weight !== undefined, "bls: a weight for each share");
      return { ...points, place, weight };
    });
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
    verify: (job) => {
      const points = pointsOf(job);
      return points !== null && holds(curve, [points], points.signature);
    },
    verifyPossession: (key, proof) => {
      const point = keyPoint(key);
      const signed = signaturePoint(proof);
      return point !== null && signed !== null && holds(curve, [{ key: point, message: possessionPoint(key) }], signed);
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
    verifyMany: (jobs) => {
      const verdicts = jobs.map(() => false);
      const shares = byMessage(sharesOf(jobs)).flat();
      for (const { place } of shares) verdicts[place] = true;
      if (shares.length > 0) for (const { place } of invalidShares(curve, shares)) verdicts[place] = false;
      return verdicts;
    },
  };
};
