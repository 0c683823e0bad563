/**
 * draft-irtf-cfrg-bls-signature: public vectors of the suite, the attacks that proofs of possession and weighted
 * batches are there for, and everything malformed.
 */
import { bls12_381 } from "@noble/curves/bls12-381.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BLS_KEY_BYTES,
  BLS_SIGNATURE_BYTES,
  blsAggregate,
  blsProve,
  blsPublicKey,
  blsSecretFrom,
  blsSign,
  blsVerify,
  blsVerifyAggregate,
  blsVerifyMany,
  blsVerifyPossession,
  type BlsJob,
} from "../../worker/base/bls.ts";
import { fromHex, toHex, utf8ToBytes } from "../../worker/base/bytes.ts";
import type { BlsKey } from "../../worker/base/units.ts";
import vectors from "../vectors/bls.json" with { type: "json" };

const G1 = bls12_381.G1.Point;
const G2 = bls12_381.G2.Point;
const vote = utf8ToBytes("approve block 7");

const secrets = Array.from({ length: 9 }, (_, i) => blsSecretFrom(new Uint8Array(32).fill(i + 1)));
const keys = secrets.map(blsPublicKey);
const votes = secrets.map((secret) => blsSign(vote, secret));
const at = <T>(list: readonly T[], i: number): T => {
  const item = list[i];
  if (item === undefined) throw new Error(`no item ${i}`);
  return item;
};
const jobsOf = (signatures: readonly Uint8Array[]): BlsJob[] =>
  signatures.map((signature, i) => ({ key: at(keys, i), message: vote, signature }));

/** An x from 1 on whose point is on the curve: the subgroup is so small a part of it that no small x is in there. */
const { Fp, Fp2 } = bls12_381.fields;
const compressed = (x: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i === 0 ? 0x80 : i === length - 1 ? x : 0));
const strays = (length: number, isOffSubgroup: (x: bigint) => boolean): Uint8Array => {
  for (let x = 1; ; x++)
    try {
      if (isOffSubgroup(BigInt(x))) return compressed(x, length);
    } catch {
      continue;
    }
};
const straySignature = strays(BLS_SIGNATURE_BYTES, (x) => {
  const y = Fp.sqrt(Fp.add(Fp.pow(x, 3n), 4n));
  return !G1.fromAffine({ x, y }).isTorsionFree();
});
const strayKey = toHex<BlsKey>(
  strays(BLS_KEY_BYTES, (n) => {
    const x = Fp2.fromBigTuple([n, 0n]);
    const y = Fp2.sqrt(Fp2.add(Fp2.pow(x, 3n), Fp2.fromBigTuple([4n, 4n])));
    return !G2.fromAffine({ x, y }).isTorsionFree();
  }),
);
const infinity = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i === 0 ? 0xc0 : 0));

describe("the suite's public vectors", () => {
  it.each(vectors.keygen.cases)("KeyGen of $seed", ({ seed, secret }) => {
    expect(BigInt(`0x${toHex(blsSecretFrom(fromHex(seed)))}`).toString()).toBe(secret);
  });

  const signatures = vectors.signatures.cases.map((c) => ({ key: c.key as BlsKey, signature: fromHex(c.signature) }));
  const message = fromHex(vectors.signatures.message);

  it("its signatures verify, one by one and many at once, and not under each other's keys", () => {
    for (const { key, signature } of signatures) expect(blsVerify(key, message, signature)).toBe(true);
    const jobs = signatures.map((c) => ({ ...c, message }));
    expect(blsVerifyMany(jobs)).toEqual([true, true, true, true]);
    expect(blsVerify(at(signatures, 0).key, message, at(signatures, 1).signature)).toBe(false);
  });

  it("its aggregate of two is ours", () => {
    const two = signatures.slice(0, 2);
    const sum = blsAggregate(two.map((c) => c.signature));
    expect(toHex(sum)).toBe(vectors.signatures.firstTwoAggregated);
    expect(
      blsVerifyAggregate(
        two.map((c) => c.key),
        message,
        sum,
      ),
    ).toBe(true);
  });
});

describe("a signature", () => {
  it("has the sizes that are stated, and one value for one key and message", () => {
    expect(at(keys, 0).length).toBe(2 * BLS_KEY_BYTES);
    expect(at(votes, 0).length).toBe(BLS_SIGNATURE_BYTES);
    expect(blsSign(vote, at(secrets, 0))).toEqual(at(votes, 0));
  });

  it("verifies for its key and message and no other", () => {
    expect(blsVerify(at(keys, 0), vote, at(votes, 0))).toBe(true);
    expect(blsVerify(at(keys, 0), utf8ToBytes("approve block 8"), at(votes, 0))).toBe(false);
    expect(blsVerify(at(keys, 1), vote, at(votes, 0))).toBe(false);
    expect(blsVerify(at(keys, 0), new Uint8Array(), blsSign(new Uint8Array(), at(secrets, 0)))).toBe(true);
  });

  it("negated is not the signature", () => {
    const negated = G1.fromBytes(at(votes, 0)).negate().toBytes(true);
    expect(blsVerify(at(keys, 0), vote, negated)).toBe(false);
  });

  const signed = at(votes, 0);
  const changed = (i: number, bits: number): Uint8Array => signed.map((byte, at) => (at === i ? byte ^ bits : byte));
  it.each<[string, Uint8Array]>([
    ["of no bytes", new Uint8Array()],
    ["a byte short", signed.subarray(1)],
    ["a byte long", Uint8Array.of(...signed, 0)],
    ["of zeros", new Uint8Array(48)],
    ["of ones", new Uint8Array(48).fill(255)],
    ["at infinity", infinity(48)],
    ["not marked as compressed", changed(0, 0x80)],
    ["marked as infinity", changed(0, 0x40)],
    ["with the other sign", changed(0, 0x20)],
    ["with a bit changed", changed(40, 1)],
    ["off the subgroup", straySignature],
    ["uncompressed", G1.fromBytes(signed).toBytes(false)],
  ])("%s is refused by every check, not thrown", (_, signature) => {
    const key = at(keys, 0);
    expect(blsVerify(key, vote, signature)).toBe(false);
    expect(blsVerifyAggregate([key], vote, signature)).toBe(false);
    expect(blsVerifyPossession(key, signature)).toBe(false);
    expect(blsVerifyMany([{ key, message: vote, signature }, ...jobsOf(votes.slice(0, 2))])).toEqual([
      false,
      true,
      true,
    ]);
  });

  it.each<[string, string]>([
    ["of no bytes", ""],
    ["a byte short", at(keys, 0).slice(2)],
    ["in capitals", at(keys, 0).toUpperCase()],
    ["that is no hex", "xy".repeat(96)],
    ["of zeros", "00".repeat(96)],
    ["of ones", "ff".repeat(96)],
    ["at infinity", toHex(infinity(96))],
    ["off the subgroup", strayKey],
    ["uncompressed", G2.fromHex(at(keys, 0)).toHex(false)],
  ])("under a key %s is refused by every check, not thrown", (_, text) => {
    const key = text as BlsKey;
    expect(blsVerify(key, vote, at(votes, 0))).toBe(false);
    expect(blsVerifyAggregate([key, at(keys, 0)], vote, at(votes, 0))).toBe(false);
    expect(blsVerifyPossession(key, at(votes, 0))).toBe(false);
    expect(blsVerifyMany([{ key, message: vote, signature: at(votes, 0) }])).toEqual([false]);
  });
});

describe("an aggregate", () => {
  it("of all votes is verified by all keys in any order, and by no fewer or other ones", () => {
    const sum = blsAggregate(votes);
    expect(sum.length).toBe(BLS_SIGNATURE_BYTES);
    expect(blsVerifyAggregate(keys, vote, sum)).toBe(true);
    expect(blsVerifyAggregate(keys.toReversed(), vote, blsAggregate(votes.toReversed()))).toBe(true);
    expect(blsVerifyAggregate(keys.slice(1), vote, sum)).toBe(false);
    expect(blsVerifyAggregate([...keys, at(keys, 0)], vote, sum)).toBe(false);
    expect(blsVerifyAggregate(keys, utf8ToBytes("another"), sum)).toBe(false);
  });

  it("of no keys, or of keys that cancel, holds for nothing", () => {
    const cancelling = G2.fromHex(at(keys, 0)).negate().toHex(true) as BlsKey;
    expect(blsVerifyAggregate([], vote, at(votes, 0))).toBe(false);
    expect(blsVerifyAggregate([], vote, infinity(48))).toBe(false);
    expect(blsVerifyAggregate([at(keys, 0), cancelling], vote, infinity(48))).toBe(false);
    expect(blsVerifyAggregate([at(keys, 0), cancelling], vote, at(votes, 0))).toBe(false);
  });

  it("of nothing, or of what was never verified, is a bug of the caller", () => {
    expect(() => blsAggregate([])).toThrow();
    expect(() => blsAggregate([at(votes, 0), straySignature])).toThrow();
  });
});

describe("a proof of possession", () => {
  it("holds for its own key alone", () => {
    const proof = blsProve(at(secrets, 0));
    expect(blsVerifyPossession(at(keys, 0), proof)).toBe(true);
    expect(blsVerifyPossession(at(keys, 1), proof)).toBe(false);
  });

  it("is no signature of any message, and no signature is a proof", () => {
    const key = at(keys, 0);
    expect(blsVerify(key, fromHex(key), blsProve(at(secrets, 0)))).toBe(false);
    expect(blsVerifyPossession(key, blsSign(fromHex(key), at(secrets, 0)))).toBe(false);
  });

  it("prevents the rogue key that would vote for everyone", () => {
    // rogue = own − Σ others: the aggregate of everyone's keys is the attacker's own key.
    const [own, ...others] = keys;
    const sum = others.reduce((point, key) => point.add(G2.fromHex(key)), G2.ZERO);
    const rogue = G2.fromHex(own ?? "")
      .subtract(sum)
      .toHex(true) as BlsKey;
    expect(blsVerifyAggregate([rogue, ...others], vote, at(votes, 0))).toBe(true);
    for (const secret of secrets) expect(blsVerifyPossession(rogue, blsProve(secret))).toBe(false);
  });
});

describe("many at once", () => {
  it("wrong shares that cancel each other are both found, though their sum is right", () => {
    const x = G1.BASE.multiply(123456789n);
    const shifted = [
      G1.fromBytes(at(votes, 0)).add(x).toBytes(true),
      G1.fromBytes(at(votes, 1)).subtract(x).toBytes(true),
      ...votes.slice(2),
    ];
    expect(blsVerifyAggregate(keys, vote, blsAggregate(shifted))).toBe(true);
    expect(blsVerifyMany(jobsOf(shifted))).toEqual(keys.map((_, i) => i > 1));
  });

  it("exactly the wrong ones are named, whichever they are", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }), (right) => {
        const jobs = jobsOf(votes.map((signature, i) => (at(right, i) ? signature : at(votes, (i + 1) % 9))));
        expect(blsVerifyMany(jobs)).toEqual(right);
      }),
      { numRuns: 6 },
    );
  });

  it("messages, doubles and rubbish mixed: what blsVerify says of each", () => {
    const other = utf8ToBytes("approve block 8");
    const jobs: BlsJob[] = [
      ...jobsOf(votes.slice(0, 3)),
      { key: at(keys, 0), message: vote, signature: at(votes, 0) },
      { key: at(keys, 3), message: other, signature: blsSign(other, at(secrets, 3)) },
      { key: at(keys, 3), message: other, signature: at(votes, 3) },
      { key: strayKey, message: vote, signature: at(votes, 0) },
      { key: at(keys, 4), message: vote, signature: straySignature },
      { key: at(keys, 5), message: new Uint8Array(), signature: blsSign(new Uint8Array(), at(secrets, 5)) },
      { key: at(keys, 6), message: other, signature: blsSign(other, at(secrets, 6)) },
    ];
    const verdicts = blsVerifyMany(jobs);
    expect(verdicts).toEqual(jobs.map((job) => blsVerify(job.key, job.message, job.signature)));
    expect(verdicts).toEqual([true, true, true, true, true, false, false, false, true, true]);
    expect(blsVerifyMany([])).toEqual([]);
  });
});

describe("a secret", () => {
  it("needs 32 bytes of entropy", () => {
    expect(() => blsSecretFrom(new Uint8Array(31))).toThrow();
    expect(() => blsPublicKey(new Uint8Array(32))).toThrow();
  });
});
