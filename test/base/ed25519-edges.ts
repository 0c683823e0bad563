/**
 * The known edges of Ed25519, made here and not copied, each with the one verdict that PROTOCOL.md §3 gives it. Runs in
 * Node and in a browser, so that every engine's way of checking can be given the same cases.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, fromHex, toHex, utf8ToBytes } from "../../worker/base/bytes.ts";
import type { SignatureJob } from "../../worker/base/ed25519.ts";
import type { PublicKey } from "../../worker/base/units.ts";
import vectors from "../vectors/ed25519.json" with { type: "json" };

const { Point } = ed25519;
type EdwardsPoint = InstanceType<typeof Point>;
const L = Point.Fn.ORDER;
const P = Point.Fp.ORDER;
/** A y without a point. */
const OFF_CURVE = 2n;

const job = (key: Uint8Array, message: Uint8Array, r: Uint8Array, s: bigint): SignatureJob => ({
  key: toHex<PublicKey>(key),
  message,
  signature: concatBytes(r, littleEndian(s)),
});

const littleEndian = (n: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((n >> BigInt(8 * i)) & 255n));

/** An encoding of y (perhaps too large) with a sign bit (perhaps one that x = 0 does not have). */
const encodedY = (y: bigint, sign: 0 | 1): Uint8Array => {
  const bytes = littleEndian(y);
  bytes[31] = (bytes[31] ?? 0) | (sign << 7);
  return bytes;
};

/** The eight points of small order, found by multiplying points off the subgroup by L. */
export const smallPoints = (): EdwardsPoint[] => {
  for (let y = 2n; ; y++) {
    let point: EdwardsPoint;
    try {
      point = Point.fromBytes(littleEndian(y));
    } catch {
      continue;
    }
    const small = point.multiplyUnsafe(L - 1n).add(point);
    if (small.double().double().is0()) continue;
    const all = [Point.ZERO];
    for (let i = 1; i < 8; i++) all.push((all[i - 1] ?? Point.ZERO).add(small));
    return all;
  }
};

/** The 14 encodings that ZIP-215 reads as points of small order: 8 canonical ones and 6 that are not. */
export const smallEncodings = (): Uint8Array[] => {
  const found = new Map<string, Uint8Array>();
  const add = (bytes: Uint8Array): void => void found.set(toHex(bytes), bytes);
  for (const point of smallPoints()) {
    const { x, y } = point.toAffine();
    add(point.toBytes());
    const sign = (x & 1n) === 1n ? 1 : 0;
    for (const large of [y, y + P]) {
      if (large >= 2n ** 255n) continue;
      add(encodedY(large, sign));
      if (x === 0n) add(encodedY(large, 1));
    }
  }
  return [...found.values()];
};

const challenge = (r: Uint8Array, key: Uint8Array, message: Uint8Array): bigint => {
  const hash = sha512(concatBytes(r, key, message));
  return hash.reduceRight((n, byte) => n * 256n + BigInt(byte), 0n) % L;
};

const secretScalar = 0x1234567890abcdef1234567890abcdefn;
const nonce = 0xfedcba0987654321fedcba0987654321n;

/** A signature by a key and a nonce that may carry small-order parts. Satisfies the cofactored equation. */
const craft = (inKey: EdwardsPoint, inNonce: EdwardsPoint, message: Uint8Array): SignatureJob => {
  const key = Point.BASE.multiply(secretScalar).add(inKey).toBytes();
  const r = Point.BASE.multiply(nonce).add(inNonce).toBytes();
  return job(key, message, r, (nonce + challenge(r, key, message) * secretScalar) % L);
};

/** A group of cases of one kind and the verdict on each. */
export type EdgeGroup = {
  readonly what: string;
  readonly jobs: readonly SignatureJob[];
  readonly valid: readonly boolean[];
};

const all = (what: string, valid: boolean, jobs: readonly SignatureJob[]): EdgeGroup => ({
  what,
  jobs,
  valid: jobs.map(() => valid),
});

/** Groups by name, so that a test that looks closer at one can ask for it. */
export type Edges = {
  readonly speccheck: EdgeGroup;
  readonly smallPairs: EdgeGroup;
  readonly smallNonce: EdgeGroup;
  readonly smallKey: EdgeGroup;
  readonly mixed: EdgeGroup;
  readonly largeScalar: EdgeGroup;
  readonly largeY: EdgeGroup;
  readonly offCurve: EdgeGroup;
  readonly malformed: EdgeGroup;
};

const speccheck = (): EdgeGroup => {
  const { cases } = vectors.speccheck;
  return {
    what: "Taming the many EdDSAs: its vectors are judged alike",
    jobs: cases.map((c) => ({
      key: c.key as PublicKey,
      message: fromHex(c.message),
      signature: fromHex(c.signature),
    })),
    valid: cases.map((c) => c.valid),
  };
};

const smallOrder = (): Pick<Edges, "smallPairs" | "smallNonce" | "smallKey"> => {
  const encodings = smallEncodings();
  const message = utf8ToBytes("a vote");
  const key = Point.BASE.multiply(secretScalar).toBytes();
  const r = Point.BASE.multiply(nonce).toBytes();
  return {
    smallPairs: all(
      "ZIP-215: its 196 pairs of small-order A and R, valid there with S = 0, are refused",
      false,
      encodings.flatMap((a) => encodings.map((b) => job(a, utf8ToBytes("Zcash"), b, 0n))),
    ),
    smallNonce: all(
      "a small-order R under an honest key is refused, though the equation holds",
      false,
      encodings.map((b) => job(key, message, b, (challenge(b, key, message) * secretScalar) % L)),
    ),
    smallKey: all(
      "a small-order A is refused, though the equation holds",
      false,
      encodings.map((a) => job(a, message, r, nonce)),
    ),
  };
};

const mixedOrder = (): EdgeGroup => {
  const points = smallPoints();
  return all(
    "A or R of mixed order is valid by the cofactored equation, and accepted",
    true,
    points.flatMap((inKey, i) => points.map((inNonce, j) => craft(inKey, inNonce, utf8ToBytes(`mixed ${i} ${j}`)))),
  );
};

const malformed = (honest: SignatureJob): EdgeGroup => {
  const { key } = honest;
  const keys = ["", "00", key.slice(2), `${key}00`, "zz".repeat(32), key.toUpperCase()] as PublicKey[];
  const signatures = [0, 1, 63, 65, 128].map((n) => new Uint8Array(n).fill(1));
  return all("what is not a key or a signature at all is refused, not thrown", false, [
    ...keys.map((other) => ({ ...honest, key: other })),
    ...signatures.map((signature) => ({ ...honest, signature })),
  ]);
};

export const edges = (): Edges => {
  const honest = craft(Point.ZERO, Point.ZERO, utf8ToBytes("an honest message"));
  const [r, rest] = [honest.signature.subarray(0, 32), honest.signature.subarray(32)];
  const s = rest.reduceRight((n, byte) => n * 256n + BigInt(byte), 0n);
  const withPoint = (point: Uint8Array): SignatureJob[] => [
    { ...honest, key: toHex<PublicKey>(point) },
    { ...honest, signature: concatBytes(point, rest) },
  ];
  const tooLarge = Array.from({ length: 19 }, (_, i) => P + BigInt(i));
  return {
    speccheck: speccheck(),
    ...smallOrder(),
    mixed: mixedOrder(),
    largeScalar: {
      what: "S + L, and any S from L on, is refused",
      jobs: [s, s + L, L, L - 1n, 2n ** 256n - 1n].map((n) => job(fromHex(honest.key), honest.message, r, n)),
      valid: [true, false, false, false, false],
    },
    largeY: all(
      "every encoding of y from p on is refused, as A and as R",
      false,
      tooLarge.flatMap((y) => [...withPoint(encodedY(y, 0)), ...withPoint(encodedY(y, 1))]),
    ),
    offCurve: all(
      "a point that is not on the curve is refused, as A and as R",
      false,
      withPoint(littleEndian(OFF_CURVE)),
    ),
    malformed: malformed(honest),
  };
};
