/**
 * One rule for every engine (PROTOCOL.md §3): the public vectors and every known edge of Ed25519, given to every way
 * of checking, which must all say the same. A difference here would be a fork of the chain.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, fromHex, toHex } from "../../worker/base/bytes.ts";
import {
  publicKeyOf,
  sign,
  verify,
  verifyAll,
  type SignatureJob,
  type SubtleCryptoLike,
} from "../../worker/base/ed25519.ts";
import type { PublicKey } from "../../worker/base/units.ts";
import { edges, smallEncodings, smallPoints } from "./ed25519-edges.ts";
import vectors from "../vectors/ed25519.json" with { type: "json" };

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

describe("a secret that signs more than once", () => {
  it("signs as if it were the first time", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.array(fc.uint8Array()), (secret, messages) => {
        for (const message of messages) expect(sign(message, secret)).toEqual(ed25519.sign(message, secret));
      }),
      { numRuns: 10 },
    );
  });
});

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

const made = edges();
const zip215 = (j: SignatureJob): boolean => ed25519.verify(j.signature, j.message, fromHex(j.key), { zip215: true });

describe("the edges of Ed25519, by every way of checking", () => {
  it.each(Object.values(made).map((group) => [group.what, group] as const))("%s", async (_, { jobs, valid }) => {
    await expectEverywhere(jobs, valid);
  });

  it("are as many as there are", () => {
    expect(new Set(smallPoints().map((point) => point.toHex())).size).toBe(8);
    expect(smallPoints().every((point) => point.isSmallOrder())).toBe(true);
    expect(smallEncodings().length).toBe(14);
    expect(made.smallPairs.jobs.length).toBe(196);
    expect(made.mixed.jobs.length).toBe(64);
    expect(made.largeY.jobs.length).toBe(76);
    const off = fromHex(made.offCurve.jobs[0]?.key ?? "");
    expect(() => ed25519.Point.fromBytes(off, true)).toThrow();
  });

  it("are edges: a more generous rule accepts all that is of small order", () => {
    for (const bytes of smallEncodings()) expect(ed25519.Point.fromBytes(bytes, true).isSmallOrder()).toBe(true);
    for (const { jobs } of [made.smallPairs, made.smallNonce, made.smallKey])
      expect(jobs.map(zip215)).toEqual(jobs.map(() => true));
  });

  it("would split the chain without the appeal to noble: the engine's own equation is cofactorless", async () => {
    const bare = await Promise.all(
      made.mixed.jobs.map(async (j) => {
        const key = await own.importKey("raw", Uint8Array.from(fromHex(j.key)), "Ed25519", false, ["verify"]);
        return own.verify("Ed25519", key, Uint8Array.from(j.signature), Uint8Array.from(j.message));
      }),
    );
    expect(bare.filter((valid) => !valid).length).toBeGreaterThan(30);
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
