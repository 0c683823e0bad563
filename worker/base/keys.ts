/**
 * One phrase, all keys (PROTOCOL.md §2): 12 English words of BIP-39 give a member its Ed25519 key, its BLS voting key
 * with the proof of possession, and the keys of its cryptometers. Each secret is HKDF-SHA256 (RFC 5869) of one seed
 * under a domain of its own, so none tells anything about another. Takes entropy as an argument; stores nothing.
 */
import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeedSync } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { blsProve, blsPublicKey, blsSecretFrom } from "./bls.ts";
import type { BlsSecret } from "./bls-scheme.ts";
import { concatBytes, utf8ToBytes } from "./bytes.ts";
import { publicKeyOf } from "./ed25519.ts";
import { sha256 } from "./hash.ts";
import { assert, ok, refuse, type Result } from "./result.ts";
import type { BlsKey, PublicKey } from "./units.ts";

/** 128 bits: 12 words. */
export const ENTROPY_BYTES = 16;
export const SEED_BYTES = 32;
export const PHRASE_WORDS = 12;

/** Everything a member signs with. `seed` is what is stored (encrypted by whoever stores it). */
export type MemberKeys = {
  readonly seed: Uint8Array;
  readonly memberSecret: Uint8Array;
  readonly memberKey: PublicKey;
  readonly blsSecret: BlsSecret;
  readonly blsKey: BlsKey;
  readonly blsProof: Uint8Array;
};

/** 12 words for 16 bytes of entropy. @throws Error for another length: a bug of the caller. */
export const phraseFrom = (entropy: Uint8Array): string[] => {
  assert(entropy.length === ENTROPY_BYTES, `keys: ${ENTROPY_BYTES} bytes of entropy make a phrase`);
  return entropyToMnemonic(entropy, wordlist).split(" ");
};

const isWord = (word: string): boolean => wordlist.includes(word);

/**
 * A phrase as people type it (capitals, line breaks, doubled spaces) to its 12 words.
 * Refusals: `phrase-length` {count}, `word-unknown` {word, position from 1}, `phrase-checksum`.
 */
export const parsePhrase = (words: readonly string[] | string): Result<string[]> => {
  const typed = typeof words === "string" ? words : words.join(" ");
  const found = typed
    .normalize("NFKD")
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== "");
  if (found.length !== PHRASE_WORDS) {
    const message = `Your phrase has ${PHRASE_WORDS} words; ${found.length} were entered, so check for missing or extra ones.`;
    return refuse("phrase-length", message, "ignore", { count: found.length });
  }
  const unknown = found.findIndex((word) => !isWord(word));
  const word = found[unknown];
  if (word !== undefined) {
    const message = `Word ${unknown + 1}, "${word}", is not in the word list; check its spelling.`;
    return refuse("word-unknown", message, "ignore", { word, position: unknown + 1 });
  }
  try {
    mnemonicToEntropy(found.join(" "), wordlist);
  } catch {
    const message = "These words do not belong together; check their order and each word against your note.";
    return refuse("phrase-checksum", message, "ignore");
  }
  return ok(found);
};

const derive = (seed: Uint8Array, purpose: string, index?: number): Uint8Array => {
  const suffix = index === undefined ? "" : `/${index}`;
  return hkdf(sha256, seed, utf8ToBytes("commonwatt/keys/v1"), utf8ToBytes(`${purpose}${suffix}`), 32);
};

/**
 * All keys of a phrase that parsePhrase accepted. Slow on purpose (PBKDF2, 2,048 rounds of BIP-39): once per sign-in.
 * @throws Error when the words are not a valid phrase: a bug of the caller.
 */
export const keysFromPhrase = (words: readonly string[]): MemberKeys => {
  const parsed = parsePhrase(words);
  assert(parsed.ok, "keys: keysFromPhrase takes a phrase that parsePhrase accepted");
  return keysFromSeed(derive(mnemonicToSeedSync(parsed.value.join(" ")), "seed"));
};

/** All keys of a stored 32-byte seed: what keysFromPhrase does after its PBKDF2. */
export const keysFromSeed = (seed: Uint8Array): MemberKeys => {
  assert(seed.length === SEED_BYTES, `keys: a seed has ${SEED_BYTES} bytes`);
  const memberSecret = derive(seed, "member");
  const blsSecret = blsSecretFrom(derive(seed, "vote"));
  return {
    seed: concatBytes(seed),
    memberSecret,
    memberKey: publicKeyOf(memberSecret),
    blsSecret,
    blsKey: blsPublicKey(blsSecret),
    blsProof: blsProve(blsSecret),
  };
};

/** What hides the serial numbers of this member's meters on its own disk; never leaves the device (§IV.B.3). */
export const meterSalt = (seed: Uint8Array): Uint8Array => {
  assert(seed.length === SEED_BYTES, `keys: a seed has ${SEED_BYTES} bytes`);
  return derive(seed, "meter-salt");
};

/** Ed25519 secret of the member's n-th cryptometer, n from 0. */
export const cryptometerSecret = (seed: Uint8Array, n: number): Uint8Array => {
  assert(seed.length === SEED_BYTES, `keys: a seed has ${SEED_BYTES} bytes`);
  assert(Number.isSafeInteger(n) && n >= 0, "keys: cryptometers are counted from 0");
  return derive(seed, "cryptometer", n);
};
