/**
 * The acceptance suite of a Bls, for noble and for what stands in for it: public vectors of the suite, the attacks that
 * proofs of possession and weighted batches are there for, and everything malformed.
 */
import { bls12_381 } from "@noble/curves/bls12-381.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BLS_KEY_BYTES, BLS_SIGNATURE_BYTES } from "../../worker/base/bls.ts";
import type { Bls, BlsJob } from "../../worker/base/bls-scheme.ts";
import { fromHex, toHex, utf8ToBytes } from "../../worker/base/bytes.ts";
import type { BlsKey } from "../../worker/base/units.ts";
import vectors from "../vectors/bls.json" with { type: "json" };
import {
  at,
  falseKeys,
  falseSignatures,
  infinity,
  keys,
  negatedKey,
  negatedVote,
  secrets,
  strayKey,
  straySignature,
  vote,
  votes,
} from "./bls-points.ts";

const G1 = bls12_381.G1.Point;
const G2 = bls12_381.G2.Point;

const jobsOf = (signatures: readonly Uint8Array[]): BlsJob[] =>
  signatures.map((signature, i) => ({ keys: [at(keys, i)], message: vote, signature }));

const check = (bls: Bls, keys: readonly BlsKey[], message: Uint8Array, signature: Uint8Array): boolean =>
  bls.verify({ keys, message, signature });

/** Of signatures that do not cancel. */
const sumOf = (bls: Bls, signatures: readonly Uint8Array[]): Uint8Array => {
  const sum = bls.aggregate(signatures);
  if (sum === null) throw new Error("nothing is left of them");
  return sum;
};

const describeVectors = (bls: Bls): void => {
  const signatures = vectors.signatures.cases.map((c) => ({ key: c.key as BlsKey, signature: fromHex(c.signature) }));
  const message = fromHex(vectors.signatures.message);

  it("its signatures verify, one by one and many at once, and not under each other's keys", () => {
    for (const { key, signature } of signatures) expect(check(bls, [key], message, signature)).toBe(true);
    const jobs = signatures.map(({ key, signature }) => ({ keys: [key], message, signature }));
    expect(bls.verifyMany(jobs)).toEqual([true, true, true, true]);
    expect(check(bls, [at(signatures, 0).key], message, at(signatures, 1).signature)).toBe(false);
  });

  it("its aggregate of two is ours", () => {
    const two = signatures.slice(0, 2);
    const sum = sumOf(
      bls,
      two.map((c) => c.signature),
    );
    expect(toHex(sum)).toBe(vectors.signatures.firstTwoAggregated);
    expect(
      check(
        bls,
        two.map((c) => c.key),
        message,
        sum,
      ),
    ).toBe(true);
  });
};

const describeSignature = (bls: Bls): void => {
  it("has the sizes that are stated, and one value for one key and message", () => {
    expect(at(keys, 0).length).toBe(2 * BLS_KEY_BYTES);
    expect(at(votes, 0).length).toBe(BLS_SIGNATURE_BYTES);
    expect(secrets.map((secret) => bls.sign(vote, secret))).toEqual(votes);
  });

  it("verifies for its key and message and no other", () => {
    expect(check(bls, [at(keys, 0)], vote, at(votes, 0))).toBe(true);
    expect(check(bls, [at(keys, 0)], utf8ToBytes("approve block 8"), at(votes, 0))).toBe(false);
    expect(check(bls, [at(keys, 1)], vote, at(votes, 0))).toBe(false);
    expect(check(bls, [at(keys, 0)], new Uint8Array(), bls.sign(new Uint8Array(), at(secrets, 0)))).toBe(true);
  });

  it("negated is not the signature, but is the negated key's", () => {
    expect(check(bls, [at(keys, 0)], vote, negatedVote)).toBe(false);
    expect(check(bls, [negatedKey], vote, negatedVote)).toBe(true);
  });

  it.each(falseSignatures)("%s is refused by every check, not thrown", (_, signature) => {
    const key = at(keys, 0);
    expect(check(bls, [key], vote, signature)).toBe(false);
    expect(check(bls, [key, key], vote, signature)).toBe(false);
    expect(bls.verifyPossession(key, signature)).toBe(false);
    expect(bls.verifyMany([{ keys: [key], message: vote, signature }, ...jobsOf(votes.slice(0, 2))])).toEqual([
      false,
      true,
      true,
    ]);
  });

  it.each(falseKeys)("under a key %s is refused by every check, not thrown", (_, key) => {
    expect(check(bls, [key], vote, at(votes, 0))).toBe(false);
    expect(check(bls, [key, at(keys, 0)], vote, at(votes, 0))).toBe(false);
    expect(bls.verifyPossession(key, at(votes, 0))).toBe(false);
    expect(bls.verifyMany([{ keys: [key], message: vote, signature: at(votes, 0) }])).toEqual([false]);
  });

  it.each<[string, Uint8Array]>([
    ["of zero", new Uint8Array(32)],
    ["of the group's order", fromHex(bls12_381.fields.Fr.ORDER.toString(16))],
    ["of ones", new Uint8Array(32).fill(255)],
    ["a byte short", at(secrets, 0).subarray(1)],
    ["a byte long", Uint8Array.of(0, ...at(secrets, 0))],
  ])("with a secret %s is a bug of the caller", (_, secret) => {
    expect(() => bls.sign(vote, secret)).toThrow();
    expect(() => bls.prove(at(keys, 0), secret)).toThrow();
  });
};

const describeAggregate = (bls: Bls): void => {
  it("of all votes is verified by all keys in any order, and by no fewer or other ones", () => {
    const sum = sumOf(bls, votes);
    expect(sum.length).toBe(BLS_SIGNATURE_BYTES);
    expect(check(bls, keys, vote, sum)).toBe(true);
    expect(check(bls, keys.toReversed(), vote, sumOf(bls, votes.toReversed()))).toBe(true);
    expect(check(bls, keys.slice(1), vote, sum)).toBe(false);
    expect(check(bls, [...keys, at(keys, 0)], vote, sum)).toBe(false);
    expect(check(bls, keys, utf8ToBytes("another"), sum)).toBe(false);
  });

  it("of a vote twice is verified by its key twice", () => {
    const twice = sumOf(bls, [at(votes, 0), at(votes, 0)]);
    expect(check(bls, [at(keys, 0), at(keys, 0)], vote, twice)).toBe(true);
    expect(check(bls, [at(keys, 0)], vote, twice)).toBe(false);
  });

  it("of no keys, or of keys that cancel, holds for nothing", () => {
    expect(check(bls, [], vote, at(votes, 0))).toBe(false);
    expect(check(bls, [], vote, infinity(48))).toBe(false);
    expect(check(bls, [at(keys, 0), negatedKey], vote, infinity(48))).toBe(false);
    expect(check(bls, [at(keys, 0), negatedKey], vote, at(votes, 0))).toBe(false);
  });

  it("of votes that cancel is nothing, and beside them somebody else's own vote", () => {
    expect(bls.aggregate([at(votes, 0), negatedVote])).toBeNull();
    expect(bls.aggregate([at(votes, 0), negatedVote, at(votes, 1)])).toEqual(at(votes, 1));
    expect(check(bls, [at(keys, 0), negatedKey, at(keys, 1)], vote, at(votes, 1))).toBe(true);
  });

  it("of nothing, or of what was never verified, is a bug of the caller", () => {
    expect(() => bls.aggregate([])).toThrow();
    expect(() => bls.aggregate([at(votes, 0), straySignature])).toThrow();
    expect(() => bls.aggregate([infinity(48)])).toThrow();
  });
};

const describePossession = (bls: Bls): void => {
  const prove = (i: number): Uint8Array => bls.prove(at(keys, i), at(secrets, i));
  it("holds for its own key alone", () => {
    expect(bls.verifyPossession(at(keys, 0), prove(0))).toBe(true);
    expect(bls.verifyPossession(at(keys, 1), prove(0))).toBe(false);
  });

  it("is no signature of any message, and no signature is a proof", () => {
    const key = at(keys, 0);
    expect(check(bls, [key], fromHex(key), prove(0))).toBe(false);
    expect(bls.verifyPossession(key, bls.sign(fromHex(key), at(secrets, 0)))).toBe(false);
  });

  it("prevents the rogue key that would vote for everyone", () => {
    // rogue = own − Σ others: the aggregate of everyone's keys is the attacker's own key.
    const [own, ...others] = keys;
    const sum = others.reduce((point, key) => point.add(G2.fromHex(key)), G2.ZERO);
    const rogue = G2.fromHex(own ?? "")
      .subtract(sum)
      .toHex(true) as BlsKey;
    expect(check(bls, [rogue, ...others], vote, at(votes, 0))).toBe(true);
    for (const i of keys.keys()) expect(bls.verifyPossession(rogue, prove(i))).toBe(false);
  });
};

const describeMany = (bls: Bls): void => {
  const other = utf8ToBytes("approve block 8");
  const signed = (i: number): Uint8Array => bls.sign(other, at(secrets, i));

  it("wrong shares that cancel each other are both found, though their sum is right", () => {
    const x = G1.BASE.multiply(123456789n);
    const shifted = [
      G1.fromBytes(at(votes, 0)).add(x).toBytes(true),
      G1.fromBytes(at(votes, 1)).subtract(x).toBytes(true),
      ...votes.slice(2),
    ];
    expect(check(bls, keys, vote, sumOf(bls, shifted))).toBe(true);
    expect(bls.verifyMany(jobsOf(shifted))).toEqual(keys.map((_, i) => i > 1));
  });

  it("exactly the wrong ones are named, whichever they are", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }), (right) => {
        const jobs = jobsOf(votes.map((signature, i) => (at(right, i) ? signature : at(votes, (i + 1) % 9))));
        expect(bls.verifyMany(jobs)).toEqual(right);
      }),
      { numRuns: 6 },
    );
  });

  it("wrong shares of different messages that cancel each other are both found", () => {
    const x = G1.BASE.multiply(987654321n);
    const shifted = [
      { ...at(jobsOf(votes), 0), signature: G1.fromBytes(at(votes, 0)).add(x).toBytes(true) },
      { keys: [at(keys, 1)], message: other, signature: G1.fromBytes(signed(1)).subtract(x).toBytes(true) },
      { keys: keys.slice(2), message: vote, signature: sumOf(bls, votes.slice(2)) },
    ];
    expect(bls.verifyMany(shifted)).toEqual([false, false, true]);
  });

  it("messages, aggregates, doubles and rubbish mixed: what verify says of each", () => {
    const jobs: BlsJob[] = [
      ...jobsOf(votes.slice(0, 3)),
      { keys: [at(keys, 0)], message: vote, signature: at(votes, 0) },
      { keys: [at(keys, 3)], message: other, signature: signed(3) },
      { keys: [at(keys, 3)], message: other, signature: at(votes, 3) },
      { keys: [strayKey], message: vote, signature: at(votes, 0) },
      { keys: [at(keys, 4)], message: vote, signature: straySignature },
      { keys: [at(keys, 5)], message: new Uint8Array(), signature: bls.sign(new Uint8Array(), at(secrets, 5)) },
      { keys: [at(keys, 6)], message: other, signature: signed(6) },
      { keys, message: vote, signature: sumOf(bls, votes) },
      { keys: keys.slice(1), message: vote, signature: sumOf(bls, votes) },
      { keys: [at(keys, 0), at(keys, 0)], message: vote, signature: sumOf(bls, [at(votes, 0), at(votes, 0)]) },
      { keys: [], message: vote, signature: at(votes, 0) },
      { keys: [at(keys, 0), negatedKey], message: vote, signature: at(votes, 0) },
      { keys: [at(keys, 0), negatedKey, at(keys, 1)], message: vote, signature: at(votes, 1) },
      { keys: [at(keys, 0), strayKey], message: vote, signature: at(votes, 0) },
    ];
    const verdicts = bls.verifyMany(jobs);
    expect(verdicts).toEqual(jobs.map(bls.verify));
    expect(verdicts.map(Number).join("")).toBe("11111000111010010");
    expect(bls.verifyMany([])).toEqual([]);
  });

  it("opposite keys and votes weigh on nobody else, in one message or in several", () => {
    const opposite: BlsJob = { keys: [negatedKey], message: vote, signature: negatedVote };
    const negated = G1.fromBytes(signed(0)).negate().toBytes(true);
    const jobs = [...jobsOf(votes.slice(0, 2)), opposite, { keys: [negatedKey], message: other, signature: negated }];
    expect(bls.verifyMany(jobs)).toEqual([true, true, true, true]);
    expect(bls.verifyMany([at(jobs, 0), opposite])).toEqual([true, true]);
    expect(bls.verifyMany([at(jobs, 0), { ...opposite, signature: negated }])).toEqual([true, false]);
  });
};

export const describeBls = (name: string, bls: Bls): void => {
  describe(`${name}: the suite's public vectors`, () => {
    describeVectors(bls);
  });
  describe(`${name}: a signature`, () => {
    describeSignature(bls);
  });
  describe(`${name}: an aggregate`, () => {
    describeAggregate(bls);
  });
  describe(`${name}: a proof of possession`, () => {
    describePossession(bls);
  });
  describe(`${name}: many at once`, () => {
    describeMany(bls);
  });
};
