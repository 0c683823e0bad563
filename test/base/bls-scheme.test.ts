/**
 * The scheme's own rules (PROTOCOL.md §3) over curves that are plain numbers: a point is its logarithm, a pairing a
 * product. Nothing is secret there, but every law of the real curves holds, a thousand times as fast; and in a group of
 * five even weighed sums come out as infinity.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blsOver, type Bls, type BlsJob, type Curve, type Group } from "../../worker/base/bls-scheme.ts";
import { fromHex, toHex } from "../../worker/base/bytes.ts";
import { sha256 } from "../../worker/base/hash.ts";
import type { BlsKey } from "../../worker/base/units.ts";

const BYTES = 16;
const bytesOf = (n: bigint): Uint8Array => fromHex(n.toString(16).padStart(2 * BYTES, "0"));
const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes)}`);

type Asked = { readonly pairs: number; readonly isInfinite: boolean };
type Toy = { readonly bls: Bls; readonly asked: Asked[]; readonly keyOf: (secret: bigint) => BlsKey };

const toy = (order: bigint): Toy => {
  const asked: Asked[] = [];
  const mod = (n: bigint): bigint => ((n % order) + order) % order;
  const group: Group<bigint> = {
    bytes: BYTES,
    decode: (bytes) => (numberOf(bytes) > 0n && numberOf(bytes) < order ? numberOf(bytes) : null),
    sum: (points) => mod(points.reduce((a, b) => a + b)),
    weigh: (points, weights) => mod(points.reduce((sum, point, i) => sum + point * (weights[i] ?? 0n), 0n)),
    isInfinity: (point) => point === 0n,
  };
  const curve: Curve<bigint, bigint> = {
    keys: group,
    signatures: group,
    encode: (signature) => (signature === 0n ? null : bytesOf(signature)),
    hash: (message, domain) => 1n + ((numberOf(sha256(message)) + BigInt(domain.length)) % (order - 1n)),
    multiply: (point, secret) => mod(point * numberOf(secret)),
    product: (pairs, signature) => {
      if (signature === 0n || pairs.some(({ key, message }) => key === 0n || message === 0n))
        throw new Error("infinity has no pairing");
      asked.push({ pairs: pairs.length, isInfinite: signature === null });
      return mod(pairs.reduce((sum, { key, message }) => sum + key * message, 0n) - (signature ?? 0n)) === 0n;
    },
  };
  return { bls: blsOver(curve), asked, keyOf: (secret) => toHex<BlsKey>(bytesOf(mod(secret))) };
};

const LARGE = 2n ** 127n - 1n;
const secretOf = (n: bigint): Uint8Array => Uint8Array.of(...new Uint8Array(32 - BYTES), ...bytesOf(n));
const messageOf = (n: number): Uint8Array => Uint8Array.of(n);

/** True, and none when the signatures cancel. */
const trueJob = ({ bls, keyOf }: Toy, signers: readonly bigint[], n: number): BlsJob[] => {
  const message = messageOf(n);
  const signature = bls.aggregate(signers.map((secret) => bls.sign(message, secretOf(secret))));
  return signature === null ? [] : [{ keys: signers.map(keyOf), message, signature }];
};
const of = (places: number): { readonly toy: Toy; readonly jobs: BlsJob[] } => {
  const made = toy(LARGE);
  const jobs = Array.from({ length: places }, (_, i) => trueJob(made, [BigInt(i + 1), 77n], i % 3)).flat();
  return { toy: made, jobs };
};

describe("many jobs at once", () => {
  it("are one product of pairings with a factor for each message, whatever the number of jobs and signers", () => {
    for (const n of [2, 3, 20, 300]) {
      const made = of(n);
      expect(made.toy.bls.verifyMany(made.jobs)).toEqual(made.jobs.map(() => true));
      expect(made.toy.asked).toEqual([{ pairs: Math.min(n, 3), isInfinite: false }]);
    }
  });

  it("with a false one among them take two checks for each halving", () => {
    for (const wrong of [0, 37, 63]) {
      const { toy: made, jobs } = of(64);
      const forged = jobs.map((job, i) => (i === wrong ? { ...job, signature: bytesOf(5n) } : job));
      expect(made.bls.verifyMany(forged)).toEqual(jobs.map((_, i) => i !== wrong));
      expect(made.asked.length).toBeLessThanOrEqual(1 + 2 * 6);
    }
  });

  it("have each the verdict that it has alone", () => {
    const made = toy(LARGE);
    const secrets = fc.constantFrom(1n, 2n, 3n, LARGE - 1n, LARGE - 2n, 1n << 90n);
    const signers = fc.array(secrets, { maxLength: 4 });
    const signature = fc.oneof(
      fc.constantFrom(new Uint8Array(), bytesOf(0n), bytesOf(1n), bytesOf(LARGE), new Uint8Array(BYTES + 1).fill(1)),
      fc.uint8Array({ minLength: BYTES, maxLength: BYTES }),
    );
    const keys = fc.array(
      fc.oneof({ weight: 8, arbitrary: secrets.map(made.keyOf) }, fc.constantFrom("", "zz", "00".repeat(BYTES))),
      { maxLength: 4 },
    );
    const job = fc.oneof(
      fc.tuple(signers, fc.nat(2)).map(([who, n]) => (who.length === 0 ? [] : trueJob(made, who, n))),
      fc.record({ keys, message: fc.nat(2).map(messageOf), signature }).map((j) => [j as BlsJob]),
    );
    fc.assert(
      fc.property(fc.array(job, { maxLength: 12 }), (lists) => {
        const jobs = lists.flat();
        expect(made.bls.verifyMany(jobs)).toEqual(jobs.map(made.bls.verify));
      }),
      { numRuns: 500 },
    );
  });

  it("that are true hold also where their weighed sums come to nothing", () => {
    const five = toy(5n);
    const secrets = fc.bigInt(1n, 4n);
    fc.assert(
      fc.property(fc.array(fc.tuple(secrets, fc.nat(7)), { minLength: 2, maxLength: 6 }), (signed) => {
        const jobs = signed.flatMap(([secret, n]) => trueJob(five, [secret], n));
        expect(five.bls.verifyMany(jobs)).toEqual(jobs.map(() => true));
      }),
      { numRuns: 300 },
    );
    expect(five.asked.some(({ isInfinite }) => isInfinite)).toBe(true);
    expect(five.asked.some(({ pairs }) => pairs === 0)).toBe(true);
  });
});
