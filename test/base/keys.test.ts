/** One phrase, all keys: BIP-39's vectors, phrases as people type them, and keys that never change by accident. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blsVerifyPossession } from "../../worker/base/bls.ts";
import { fromHex, toHex } from "../../worker/base/bytes.ts";
import { publicKeyOf, sign, verify } from "../../worker/base/ed25519.ts";
import { cryptometerSecret, keysFromPhrase, keysFromSeed, parsePhrase, phraseFrom } from "../../worker/base/keys.ts";
import bip39 from "../vectors/bip39.json" with { type: "json" };
import pinned from "../vectors/keys.json" with { type: "json" };

const refusal = (words: string | string[]): { code: string; data?: object } => {
  const parsed = parsePhrase(words);
  if (parsed.ok) throw new Error("the phrase was accepted");
  expect(parsed.error.message).toMatch(/^[A-Z].*\.$/u);
  expect(parsed.error.verdict).toBe("ignore");
  const { code, data } = parsed.error;
  return data === undefined ? { code } : { code, data };
};
const zoo = "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo";

describe("a phrase", () => {
  it.each(bip39.cases)("of entropy $entropy is BIP-39's", ({ entropy, phrase }) => {
    const words = phraseFrom(fromHex(entropy));
    expect(words.join(" ")).toBe(phrase);
    expect(parsePhrase(words)).toEqual({ ok: true, value: words });
  });

  it("of any 16 bytes is read back, however it is typed", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (entropy) => {
        const words = phraseFrom(entropy);
        expect(parsePhrase(`  ${words.join(" \n\t ").toUpperCase()}\u00a0 `)).toEqual({ ok: true, value: words });
      }),
    );
  });

  it("of another length of entropy is a bug of the caller", () => {
    expect(() => phraseFrom(new Uint8Array(15))).toThrow();
    expect(() => phraseFrom(new Uint8Array(32))).toThrow();
  });

  it("with words missing or too many says how many there were", () => {
    expect(refusal(zoo)).toEqual({ code: "phrase-length", data: { count: 11 } });
    expect(refusal("")).toEqual({ code: "phrase-length", data: { count: 0 } });
    expect(refusal(`${zoo} wrong wrong`)).toEqual({ code: "phrase-length", data: { count: 13 } });
  });

  it("with a word that is none names the word and its place", () => {
    expect(refusal(`zoo zoo solat ${zoo.slice(12)} wrong`)).toEqual({
      code: "word-unknown",
      data: { word: "solat", position: 3 },
    });
    expect(refusal(`${zoo} __proto__`)).toEqual({ code: "word-unknown", data: { word: "__proto__", position: 12 } });
  });

  it("of known words in the wrong order or with one exchanged is refused by its checksum", () => {
    expect(refusal(`${zoo} zoo`)).toEqual({ code: "phrase-checksum" });
    expect(refusal(`wrong ${zoo}`.split(" "))).toEqual({ code: "phrase-checksum" });
  });
});

describe("the keys of a phrase", () => {
  const words = "legal winner thank year wave sausage worth useful legal winner thank yellow".split(" ");
  const keys = keysFromPhrase(words);

  it("are the ones written down: members keep them across versions", () => {
    expect({
      phrase: words.join(" "),
      seed: toHex(keys.seed),
      memberKey: keys.memberKey,
      blsKey: keys.blsKey,
      blsProof: toHex(keys.blsProof),
      cryptometerKeys: [0, 1].map((n) => publicKeyOf(cryptometerSecret(keys.seed, n))),
    }).toEqual(pinned);
  });

  it("come back from the stored seed alone", () => {
    expect(keysFromSeed(keys.seed)).toEqual(keys);
  });

  it("sign, and prove their possession", () => {
    const message = Uint8Array.of(1, 2, 3);
    expect(verify({ key: keys.memberKey, message, signature: sign(message, keys.memberSecret) })).toBe(true);
    expect(blsVerifyPossession(keys.blsKey, keys.blsProof)).toBe(true);
  });

  it("are all different, for every purpose, cryptometer and seed", () => {
    const secrets = [1, 2].flatMap((n) => {
      const seed = new Uint8Array(32).fill(n);
      const of = keysFromSeed(seed);
      return [seed, of.memberSecret, of.blsSecret, ...[0, 1, 2, 10, 11].map((i) => cryptometerSecret(seed, i))];
    });
    expect(new Set(secrets.map((s) => toHex(s))).size).toBe(secrets.length);
  });

  it("do not change when the caller's seed does", () => {
    const seed = new Uint8Array(32).fill(3);
    const of = keysFromSeed(seed);
    seed.fill(0);
    expect(of.seed).toEqual(new Uint8Array(32).fill(3));
  });

  it("of what is no phrase, no seed or no cryptometer are a bug of the caller", () => {
    expect(() => keysFromPhrase(words.slice(1))).toThrow();
    expect(() => keysFromSeed(new Uint8Array(31))).toThrow();
    expect(() => cryptometerSecret(new Uint8Array(32), -1)).toThrow();
    expect(() => cryptometerSecret(new Uint8Array(32), 0.5)).toThrow();
    expect(() => cryptometerSecret(new Uint8Array(31), 0)).toThrow();
  });
});
