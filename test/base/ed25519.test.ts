/**
 * One rule for every engine (PROTOCOL.md §3): the public vectors and every known edge of Ed25519, given to every way
 * of checking, which must all say the same. A difference here would be a fork of the chain.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, fromHex, toHex, utf8ToBytes } from "../../worker/base/bytes.ts";
import {
  publicKeyOf,
  sign,
  verify,
  verifyAll,
  type SignatureJob,
  type SubtleCryptoLike,
} from "../../worker/base/ed25519.ts";
import type { PublicKey } from "../../worker/base/units.ts";
import vectors from "../vectors/ed25519.json" with { type: "json" };

const { Point } = ed25519;
type EdwardsPoint = InstanceType<typeof Point>;
const L = Point.Fn.ORDER;
const P = Point.Fp.ORDER;

const own: SubtleCryptoLike = crypto.subtle;
/** Answers the first `honest` questions, then as it pleases. */
const turning = (honest: number, answer: () => Promise<boolean>): SubtleCryptoLike => {
  let asked = 0;
  return {
    importKey: (...args) => own.importKey(...args),
    verify: (...args) => (asked++ < honest ? own.verify(...args) : answer()),
  };
};
const PROBES = 2;

/** Every way in which a signature may be checked. */
const paths: Record<string, (jobs: readonly SignatureJob[]) => Promise<boolean[]>> = {
  "noble, the judge": async (jobs) => jobs.map(verify),
  "WebCrypto of this engine, found by itself": (jobs) => verifyAll(jobs),
  "WebCrypto of this engine, handed over": (jobs) => verifyAll(jobs, own),
  "no WebCrypto": (jobs) => verifyAll(jobs, null),
  "a WebCrypto that refuses everything": (jobs) =>
    verifyAll(
      jobs,
      turning(0, async () => false),
    ),
  "a WebCrypto that refuses everything after its probe": (jobs) =>
    verifyAll(
      jobs,
      turning(PROBES, async () => false),
    ),
  "a WebCrypto that fails after its probe": (jobs) =>
    verifyAll(
      jobs,
      turning(PROBES, () => Promise.reject(new Error("OperationError"))),
    ),
  "a WebCrypto that accepts everything, as its probe shows": (jobs) =>
    verifyAll(
      jobs,
      turning(0, async () => true),
    ),
  "a WebCrypto without Ed25519": (jobs) =>
    verifyAll(jobs, { ...turning(0, async () => false), importKey: () => Promise.reject(new Error("NotSupported")) }),
};

const expectEverywhere = async (jobs: readonly SignatureJob[], expected: readonly boolean[]): Promise<void> => {
  for (const [name, path] of Object.entries(paths)) expect(await path(jobs), name).toEqual(expected);
};

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
const torsion = (): EdwardsPoint[] => {
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
const smallPoints = torsion();

/** The 14 encodings that ZIP-215 reads as points of small order: 8 canonical ones and 6 that are not. */
const smallEncodings = (): Uint8Array[] => {
  const found = new Map<string, Uint8Array>();
  const add = (bytes: Uint8Array): void => void found.set(toHex(bytes), bytes);
  for (const point of smallPoints) {
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

describe("RFC 8032 §7.1", () => {
  const cases = vectors.rfc8032.cases.map((c) => ({ ...c, secret: fromHex(c.secret), message: fromHex(c.message) }));

  it("the test vectors are signed as printed", () => {
    for (const c of cases) {
      expect(publicKeyOf(c.secret)).toBe(c.key);
      expect(toHex(sign(c.message, c.secret))).toBe(c.signature);
    }
  });

  it("the test vectors are valid everywhere, and for no other message or key", async () => {
    const jobs = cases.map((c) => ({
      key: c.key as PublicKey,
      message: c.message,
      signature: fromHex(c.signature),
    }));
    await expectEverywhere(jobs, [true, true, true, true]);
    await expectEverywhere(
      jobs.map((j) => ({ ...j, message: concatBytes(j.message, Uint8Array.of(0)) })),
      [false, false, false, false],
    );
    await expectEverywhere(
      jobs.map((j, i) => ({ ...j, key: (cases[(i + 1) % 4]?.key ?? "") as PublicKey })),
      [false, false, false, false],
    );
  });
});

describe("the edges of Ed25519", () => {
  it("Taming the many EdDSAs: its vectors are judged alike by all", async () => {
    const { cases } = vectors.speccheck;
    const jobs = cases.map((c) => ({
      key: c.key as PublicKey,
      message: fromHex(c.message),
      signature: fromHex(c.signature),
    }));
    await expectEverywhere(
      jobs,
      cases.map((c) => c.valid),
    );
  });

  it("there are 8 points of small order, with 14 encodings", () => {
    expect(new Set(smallPoints.map((p) => p.toHex())).size).toBe(8);
    expect(smallPoints.every((p) => p.isSmallOrder())).toBe(true);
    expect(smallEncodings().length).toBe(14);
    for (const bytes of smallEncodings()) expect(Point.fromBytes(bytes, true).isSmallOrder()).toBe(true);
  });

  it("ZIP-215: its 196 pairs of small-order A and R, valid there with S = 0, are refused by all", async () => {
    const encodings = smallEncodings();
    const jobs = encodings.flatMap((a) => encodings.map((r) => job(a, utf8ToBytes("Zcash"), r, 0n)));
    expect(jobs.length).toBe(196);
    for (const j of jobs) expect(ed25519.verify(j.signature, j.message, fromHex(j.key), { zip215: true })).toBe(true);
    await expectEverywhere(
      jobs,
      jobs.map(() => false),
    );
  });

  it("a small-order R under an honest key is refused by all, though the equation holds", async () => {
    const message = utf8ToBytes("a vote");
    const key = Point.BASE.multiply(secretScalar).toBytes();
    const jobs = smallEncodings().map((r) => job(key, message, r, (challenge(r, key, message) * secretScalar) % L));
    for (const j of jobs) expect(ed25519.verify(j.signature, j.message, key, { zip215: true })).toBe(true);
    await expectEverywhere(
      jobs,
      jobs.map(() => false),
    );
  });

  it("a small-order A is refused by all, though the equation holds", async () => {
    const message = utf8ToBytes("a vote");
    const r = Point.BASE.multiply(nonce).toBytes();
    const jobs = smallEncodings().map((a) => job(a, message, r, nonce));
    for (const j of jobs) expect(ed25519.verify(j.signature, j.message, fromHex(j.key), { zip215: true })).toBe(true);
    await expectEverywhere(
      jobs,
      jobs.map(() => false),
    );
  });

  it("A or R of mixed order is valid by the cofactored equation alone, and accepted by all", async () => {
    const jobs: SignatureJob[] = [];
    for (const inKey of smallPoints)
      for (const inNonce of smallPoints) jobs.push(craft(inKey, inNonce, utf8ToBytes(`mixed ${jobs.length}`)));
    await expectEverywhere(
      jobs,
      jobs.map(() => true),
    );
    // Without the appeal to noble the engines would have split: theirs is the cofactorless equation.
    const bare = await Promise.all(
      jobs.map(async (j) => {
        const key = await own.importKey("raw", Uint8Array.from(fromHex(j.key)), "Ed25519", false, ["verify"]);
        return own.verify("Ed25519", key, Uint8Array.from(j.signature), Uint8Array.from(j.message));
      }),
    );
    expect(bare.filter((valid) => !valid).length).toBeGreaterThan(30);
  });

  it("S + L, and any S from L on, is refused by all", async () => {
    const j = craft(Point.ZERO, Point.ZERO, utf8ToBytes("malleable"));
    const r = j.signature.subarray(0, 32);
    const s = j.signature.subarray(32).reduceRight((n, byte) => n * 256n + BigInt(byte), 0n);
    const key = fromHex(j.key);
    const jobs = [s, s + L, L, L - 1n, 2n ** 256n - 1n].map((n) => job(key, j.message, r, n));
    await expectEverywhere(jobs, [true, false, false, false, false]);
  });

  it("every encoding of y from p on is refused by all, as A and as R", async () => {
    const j = craft(Point.ZERO, Point.ZERO, utf8ToBytes("too large"));
    const jobs: SignatureJob[] = [];
    for (let y = P; y < 2n ** 255n; y++)
      for (const sign of [0, 1] as const) {
        jobs.push({ ...j, key: toHex<PublicKey>(encodedY(y, sign)) });
        jobs.push({ ...j, signature: concatBytes(encodedY(y, sign), j.signature.subarray(32)) });
      }
    expect(jobs.length).toBe(76);
    await expectEverywhere(
      jobs,
      jobs.map(() => false),
    );
  });

  it("a point that is not on the curve is refused by all, as A and as R", async () => {
    const j = craft(Point.ZERO, Point.ZERO, utf8ToBytes("off the curve"));
    const off = littleEndian(2n);
    expect(() => Point.fromBytes(off)).toThrow();
    const jobs = [
      { ...j, key: toHex<PublicKey>(off) },
      { ...j, signature: concatBytes(off, j.signature.subarray(32)) },
    ];
    await expectEverywhere(jobs, [false, false]);
  });

  it("what is not a key or a signature at all is refused, not thrown", async () => {
    const j = craft(Point.ZERO, Point.ZERO, utf8ToBytes("malformed"));
    const keys = ["", "00", j.key.slice(2), `${j.key}00`, "zz".repeat(32), j.key.toUpperCase()] as PublicKey[];
    const signatures = [0, 1, 63, 65, 128].map((n) => new Uint8Array(n).fill(1));
    const jobs = [...keys.map((key) => ({ ...j, key })), ...signatures.map((signature) => ({ ...j, signature }))];
    await expectEverywhere(
      jobs,
      jobs.map(() => false),
    );
  });
});

describe("verifyAll", () => {
  const secrets = [1, 2, 3].map((n) => new Uint8Array(32).fill(n));

  it("keeps the order of its jobs over more than one batch", async () => {
    const [secret] = secrets;
    if (secret === undefined) throw new Error("no secret");
    const key = publicKeyOf(secret);
    const signature = sign(Uint8Array.of(1), secret);
    // Wrong by S, so that only the prechecks have to refuse them: 3,000 jobs, quickly.
    const wrong = concatBytes(signature.subarray(0, 32), new Uint8Array(32).fill(255));
    const expected = Array.from({ length: 3000 }, (_, i) => i % 7 === 0);
    const jobs = expected.map((good) => ({ key, message: Uint8Array.of(1), signature: good ? signature : wrong }));
    expect(await verifyAll(jobs)).toEqual(expected);
    expect(await verifyAll([])).toEqual([]);
  });

  it("imports a key once, however often it signs", async () => {
    let imports = 0;
    const counting: SubtleCryptoLike = {
      importKey: (...args) => {
        imports += 1;
        return own.importKey(...args);
      },
      verify: (...args) => own.verify(...args),
    };
    const jobs = Array.from({ length: 30 }, (_, i) => {
      const secret = secrets[i % 3] ?? new Uint8Array(32);
      return { key: publicKeyOf(secret), message: Uint8Array.of(i), signature: sign(Uint8Array.of(i), secret) };
    });
    expect(await verifyAll(jobs, counting)).toEqual(jobs.map(() => true));
    expect(await verifyAll(jobs, counting)).toEqual(jobs.map(() => true));
    expect(imports).toBe(1 + secrets.length);
  });

  it("any one bit changed in message, key or signature is refused by all", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 80 }),
        fc.nat(),
        fc.nat(2),
        async (message, at, part) => {
          const secret = secrets[at % 3] ?? new Uint8Array(32);
          const honest = { key: publicKeyOf(secret), message, signature: sign(message, secret) };
          const flip = (bytes: Uint8Array): Uint8Array =>
            bytes.map((byte, i) => (i === (at >> 3) % bytes.length ? byte ^ (1 << (at & 7)) : byte));
          const changed = [
            { ...honest, message: flip(message) },
            { ...honest, key: toHex<PublicKey>(flip(fromHex(honest.key))) },
            { ...honest, signature: flip(honest.signature) },
          ][part];
          await expectEverywhere([honest, changed ?? honest], [true, false]);
        },
      ),
      { numRuns: 25 },
    );
  });
});
