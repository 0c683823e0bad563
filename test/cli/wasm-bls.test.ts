/** BLS on WebAssembly: the acceptance suite, and one word with noble on every byte, whatever the input (PROTOCOL.md §3). */
import fc from "fast-check";
import { getMemory } from "mcl-wasm";
import { describe, expect, it } from "vitest";
import { nobleBls } from "../../worker/base/bls.ts";
import type { Bls, BlsJob } from "../../worker/base/bls-scheme.ts";
import { fromHex, toHex } from "../../worker/base/bytes.ts";
import type { BlsKey } from "../../worker/base/units.ts";
import { startWasmBls } from "../../worker/cli/wasm-bls.ts";
import { describeBls } from "../contracts/bls.ts";
import {
  at,
  falseKeys,
  falseSignatures,
  keys,
  negatedKey,
  negatedVote,
  secrets,
  vote,
  votes,
} from "../contracts/bls-points.ts";

const wasm = await startWasmBls();

describeBls("mcl-wasm", wasm);

/** Some bytes other than they were, some more or some fewer. */
const damaged = (original: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(original, fc.array(fc.tuple(fc.nat(95), fc.integer({ min: 1, max: 255 })), { maxLength: 3 }), fc.nat(20))
    .map(([bytes, flips, cut]) => {
      const out = bytes.slice();
      for (const [place, bits] of flips) if (place < out.length) out[place] = (out[place] ?? 0) ^ bits;
      return cut === 0 ? out.subarray(1) : cut === 1 ? Uint8Array.of(...out, 0) : out;
    });

const goodKeys = fc.constantFrom(...keys, negatedKey);
const goodVotes = fc.constantFrom(...votes, negatedVote);
const anyKey = fc.oneof(
  { weight: 6, arbitrary: goodKeys },
  { weight: 2, arbitrary: fc.constantFrom(...falseKeys.map(([, key]) => key)) },
  { weight: 2, arbitrary: damaged(goodKeys.map(fromHex)).map((raw) => toHex<BlsKey>(raw)) },
);
const anySignature = fc.oneof(
  { weight: 6, arbitrary: goodVotes },
  { weight: 2, arbitrary: fc.constantFrom(...falseSignatures.map(([, signature]) => signature)) },
  { weight: 2, arbitrary: damaged(goodVotes) },
);
const messages = [vote, new Uint8Array(), fromHex(at(keys, 0))];
const anyMessage = fc.oneof({ weight: 5, arbitrary: fc.constant(vote) }, fc.constantFrom(...messages));
const trueJob: fc.Arbitrary<BlsJob> = fc
  .tuple(fc.nat(keys.length - 1), anyMessage)
  .map(([i, message]) => ({ keys: [at(keys, i)], message, signature: nobleBls.sign(message, at(secrets, i)) }));
const trueSum: fc.Arbitrary<BlsJob> = fc.uniqueArray(fc.nat(keys.length - 1), { minLength: 1 }).map((voters) => {
  const signature = nobleBls.aggregate(voters.map((i) => at(votes, i)));
  return { keys: voters.map((i) => at(keys, i)), message: vote, signature: signature ?? new Uint8Array() };
});
const single: fc.Arbitrary<BlsJob> = fc.record({
  keys: anyKey.map((key) => [key]),
  message: anyMessage,
  signature: anySignature,
});
const anyJob: fc.Arbitrary<BlsJob> = fc.record({
  keys: fc.array(anyKey, { maxLength: 4 }),
  message: anyMessage,
  signature: anySignature,
});

/** What it answers, or that it throws. */
const answer = <T>(ask: (bls: Bls) => T, bls: Bls): T | "thrown" => {
  try {
    return ask(bls);
  } catch {
    return "thrown";
  }
};
const agree = (ask: (bls: Bls) => unknown): void => {
  expect(answer(ask, wasm)).toEqual(answer(ask, nobleBls));
};

describe("mcl-wasm says what noble says", () => {
  it("of any signature, as a vote and as a proof", () => {
    fc.assert(
      fc.property(single, (job) => {
        agree((bls) => bls.verify(job));
        agree((bls) => bls.verifyPossession(at(job.keys, 0), job.signature));
      }),
      { numRuns: 80 },
    );
  });

  it("of many at once, true and false ones mixed", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(trueJob, trueSum, single, anyJob), { maxLength: 6 }), (jobs) => {
        expect(wasm.verifyMany(jobs)).toEqual(jobs.map(nobleBls.verify));
        agree((bls) => bls.verifyMany(jobs));
      }),
      { numRuns: 30 },
    );
  });

  it("of any aggregate, to the byte, and of what cannot be aggregated", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyKey, anySignature), { maxLength: 5 }), anySignature, (voters, signature) => {
        const some = voters.map(([key]) => key);
        agree((bls) => bls.aggregate(voters.map(([, share]) => share)));
        agree((bls) => bls.verify({ keys: some, message: vote, signature }));
      }),
      { numRuns: 40 },
    );
  });

  it("of true aggregates, whoever stands in them how often", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(keys.length - 1), { minLength: 1, maxLength: 6 }), fc.nat(8), (voters, stranger) => {
        const sum = wasm.aggregate(voters.map((i) => at(votes, i)));
        const some = voters.map((i) => at(keys, i));
        expect(sum).toEqual(nobleBls.aggregate(voters.map((i) => at(votes, i))));
        if (sum === null) throw new Error("nobody's vote cancels another's");
        expect(wasm.verify({ keys: some, message: vote, signature: sum })).toBe(true);
        const changed = [...some.slice(1), at(keys, stranger)];
        agree((bls) => bls.verify({ keys: changed, message: vote, signature: sum }));
      }),
      { numRuns: 20 },
    );
  });

  it("when it signs and proves, to the byte", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 80 }),
        (secret, message) => {
          agree((bls) => bls.sign(message, secret));
          agree((bls) => bls.prove(at(keys, 0), secret));
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("mcl-wasm hashes to the curve as noble does", () => {
  /** What secret 1 signs is the point itself. */
  const ONE = fromHex("1".padStart(64, "0"));

  it("any message of any length, as a vote", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (message) => {
        expect(toHex(wasm.sign(message, ONE))).toBe(toHex(nobleBls.sign(message, ONE)));
      }),
      { numRuns: 100 },
    );
  });

  it("any bytes of a key, as a proof, which is another point", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 96 }), (raw) => {
        const proof = toHex(wasm.prove(toHex<BlsKey>(raw), ONE));
        expect(proof).toBe(toHex(nobleBls.prove(toHex<BlsKey>(raw), ONE)));
        expect(proof).not.toBe(toHex(wasm.sign(raw, ONE)));
      }),
      { numRuns: 50 },
    );
  });
});

describe("mcl-wasm's memory", () => {
  const many = Array.from({ length: 300 }, (_, i): BlsJob => {
    const signature = at(votes, i % 9 === 4 && i > 290 ? 0 : i % 9);
    return { keys: [at(keys, i % 9)], message: vote, signature };
  });

  it("holds batches larger than one call may be", () => {
    expect(wasm.verifyMany(many)).toEqual(many.map((_, i) => i !== 292));
  });

  it("is not used up by checking", () => {
    // More than is left of it, were the lines of one pairing kept each time.
    wasm.verifyMany(many);
    const before = getMemory().buffer.byteLength;
    const jobs = [vote, new Uint8Array()].map((message, i) => {
      return { keys: [at(keys, i)], message, signature: nobleBls.sign(message, at(secrets, i)) };
    });
    for (let i = 0; i < 150; i++) wasm.verifyMany(jobs);
    expect(getMemory().buffer.byteLength).toBe(before);
  });

  it("is one: who starts it again gets the same", async () => {
    expect(await startWasmBls()).toBe(wasm);
  });
});
