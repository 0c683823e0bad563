/**
 * Proof bundles of real chains: they hold and say what is so, have one encoding, and with any bit changed are refused with
 * the place named, also when the seal is made anew.
 */
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { concatBytes, fromHex, toHex } from "../../worker/base/bytes.ts";
import { taggedHash } from "../../worker/base/hash.ts";
import type { Hash } from "../../worker/base/units.ts";
import { leafHash, nodeHash } from "../../worker/base/merkle.ts";
import { hashOf, txLeaf } from "../../worker/consensus/block.ts";
import { encodeBundle, SECTIONS } from "../../worker/settlement/bundle.ts";
import { checkBundle, checkBundleSoon } from "../../worker/settlement/bundle-check.ts";
import { explain, limits } from "../../worker/settlement/bundle-words.ts";
import vectors from "../vectors/bundles.json" with { type: "json" };
import { alterations, facts, flip, refusedAt, second, spliced } from "./alterations.ts";
import { grownTrial, opened, plainTrial, proofOf } from "./proofs.ts";
import type { Trial } from "../lab/trial.ts";

const BUNDLES = new Map(vectors.bundles.map(({ name, hex }) => [name, fromHex(hex)]));
const bundle = (name: string): Uint8Array => BUNDLES.get(name) ?? new Uint8Array();
const STEP = bundle("step");
const SEAL = 32;
const PLACES = new Set<unknown>(["file", "seal", ...SECTIONS]);
const sealed = (raw: Uint8Array): Uint8Array => {
  const before = raw.subarray(0, -SEAL);
  return concatBytes(before, taggedHash("bundle", before));
};
const made = ({ of, at, remove, insert, seal }: (typeof vectors.altered)[number]): Uint8Array =>
  spliced(bundle(of), { at, remove, insert: fromHex(insert), seal: seal === null ? null : fromHex(seal) });
/** Null where it holds. */
const placeOf = (raw: Uint8Array): unknown => {
  const found = checkBundle(raw);
  return found.ok ? null : found.error.data?.["place"];
};

describe("a proof of a community that runs", () => {
  let plain: Trial;
  beforeAll(async () => {
    plain = await plainTrial();
  });

  it("shows a step, a day and a period over hand-overs; what every member was credited is in its register", async () => {
    for (const i of [0, 1, 2]) {
      const step = facts(await proofOf(plain, i, 3, 3));
      expect(step).toMatchObject({ member: i, mwh: 4_000, distributions: 1, handOvers: 0, finalHeight: 9 });
      const day = facts(await proofOf(plain, i, 1, 8));
      expect(day).toMatchObject({ member: i, mwh: 32_000, distributions: 8, blocks: 8, registerMwh: 36_000 });
    }
    const grown = await grownTrial();
    const found = facts(await proofOf(grown, 3, 1, 17));
    expect(found.handOvers).toBeGreaterThan(0);
    expect(found.voters).toBe(5);
    expect(found.registerMwh).toBeGreaterThan(found.mwh);
  });

  it("is refused to be made of nothing", async () => {
    await expect(proofOf(plain, 0, 50, 60)).rejects.toThrow("Nothing that is final");
  });
});

describe("the vectors", () => {
  it.each(vectors.bundles)("$name holds, says what is written beside it, and is its own only encoding", (v) => {
    const raw = fromHex(v.hex);
    expect(facts(raw)).toEqual(v.facts);
    expect(toHex(encodeBundle(opened(raw)))).toBe(v.hex);
    const found = checkBundle(raw);
    if (!found.ok) throw new Error(found.error.message);
    expect(explain(found.value).map(({ place }) => place)).toEqual([
      "contract",
      "hops",
      "final",
      "members",
      "history",
      "blocks",
      "claim",
      "seal",
    ]);
    expect(limits(found.value).join(" ")).toContain("may still be booked");
  });

  it.each(vectors.altered)("$of: $name is refused at $place", async (altered) => {
    const found = checkBundle(made(altered));
    expect(found.ok ? "holds" : found.error).toMatchObject({ code: altered.code, data: { place: altered.place } });
    expect(await checkBundleSoon(made(altered))).toEqual(found);
  });

  it("are the alterations that the list beside them makes", () => {
    expect(vectors.altered.map(({ of, name }) => `${of}: ${name}`)).toEqual(
      alterations(BUNDLES).map(({ of, name }) => `${of}: ${name}`),
    );
  });
});

describe("any change", () => {
  it("of one bit in any byte is refused, and its place named", () => {
    for (let at = 0; at < STEP.length; at++)
      expect(PLACES.has(placeOf(flip(STEP, at, (at * 5) % 8))), `byte ${at}`).toBe(true);
  }, 120_000);

  it("of any bit is refused when the file is sealed anew, but for a period that holds the same credits", () => {
    const { claim } = opened(STEP);
    fc.assert(
      fc.property(fc.nat(STEP.length - SEAL - 1), fc.nat(7), (at, bit) => {
        const raw = sealed(flip(STEP, at, bit));
        const place = placeOf(raw);
        const other = place === null ? opened(raw).claim : null;
        const isWider = other !== null && other.from <= claim.from && other.to >= claim.to;
        const isSame = isWider && other.mwh === claim.mwh && other.member === claim.member;
        expect(isSame || PLACES.has(place)).toBe(true);
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it("of the length is refused; noise is; and nothing throws", () => {
    for (let n = 0; n < STEP.length; n += 13) expect(placeOf(STEP.slice(0, n))).not.toBeNull();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(STEP.length - 2 * SEAL), (noise, at) => {
        expect(placeOf(noise)).toBe("file");
        expect(placeOf(concatBytes(STEP.subarray(0, at), noise))).not.toBeNull();
        expect(placeOf(sealed(concatBytes(STEP.subarray(0, at), noise, new Uint8Array(SEAL))))).not.toBeNull();
      }),
    );
  });
});

/** Nobody has signed it, but every hash in it fits: the first credit names its member a second time. */
const namedTwice = (): Uint8Array => {
  const whole = opened(STEP);
  const [block, credit] = [whole.blocks[0], whole.blocks[0]?.credits[0]];
  const { body } = credit?.tx ?? {};
  if (block === undefined || credit === undefined || body?.kind !== "distribution") throw new Error("it has a credit");
  const { header: head } = whole.final.certificate;
  const own = body.shares.filter((s) => s.member === whole.claim.member);
  const tx = { ...credit.tx, body: { ...body, shares: [...body.shares, ...own] } };
  let leaf = txLeaf(tx);
  for (const { side, hash } of credit.path) leaf = side === "left" ? nodeHash(hash, leaf) : nodeHash(leaf, hash);
  const header = { ...block.header, txRoot: toHex<Hash>(leaf) };
  const beside = [...whole.history];
  const rootOf = (from: number, to: number): Uint8Array => {
    if (header.height < from || header.height >= to) return beside.shift() ?? new Uint8Array(32);
    if (to - from === 1) return leafHash(fromHex(hashOf(header)));
    let half = 1;
    while (half * 2 < to - from) half *= 2;
    const left = rootOf(from, from + half);
    return nodeHash(left, rootOf(from + half, to));
  };
  const final = { ...head, historyRoot: toHex<Hash>(rootOf(0, head.height)) };
  const votes = whole.final.certificate.votes.map((group) => ({ ...group, step: final.step, block: hashOf(final) }));
  return encodeBundle({
    ...whole,
    final: { ...whole.final, certificate: { header: final, above: [], votes: votes.slice(0, 1) } },
    blocks: [{ header, credits: [{ tx, path: credit.path }] }],
  });
};

const hasPython = (() => {
  try {
    return execFileSync("python3", ["-c", "print(1)"], { encoding: "utf8" }).trim() === "1";
  } catch {
    return false;
  }
})();

describe.skipIf(!hasPython)("the second verifier, in Python, which checks no signature", () => {
  const said = hasPython ? second([...BUNDLES.values(), ...vectors.altered.map(made)]) : [];

  it.each(vectors.bundles.map((v, i) => ({ ...v, i })))("agrees on $name", ({ i, facts: expected }) => {
    expect(said[i]).toMatchObject({ ok: true, signaturesChecked: false, ...expected });
  });

  it("refuses, as the first does, who stands twice in a distribution, and a quorum of nothing", () => {
    const { contract, ...rest } = opened(STEP);
    const quorumless = { ...contract, contract: { ...contract.contract, quorumDen: 0 } };
    const raws = [namedTwice(), encodeBundle({ ...rest, contract: quorumless })];
    expect(raws.map(placeOf)).toEqual(["blocks", "contract"]);
    expect(second(raws).map(refusedAt)).toEqual(["blocks", "contract"]);
    const found = checkBundle(raws[0] ?? new Uint8Array());
    expect(found.ok ? "" : found.error.message).toContain("names a member twice");
  });

  it.each(vectors.altered.map((v, i) => ({ ...v, i })))("agrees on $of: $name", ({ i, placeWithoutSignatures }) => {
    expect(refusedAt(said[BUNDLES.size + i])).toBe(placeWithoutSignatures);
  });
});
