/**
 * The proof bundle's format (PROTOCOL.md §12): one file that shows to somebody who has nothing but the file that a
 * member was credited so much energy in some steps. Here are its parts and their bytes; bundle-maker.ts makes it,
 * bundle-check.ts checks it. One encoding a bundle. Knows no chain and no disk.
 */
import { concatBytes, equalBytes, utf8ToBytes } from "../base/bytes.ts";
import { blob, branded, bytes, decode, encode, list, struct, word, type Codec } from "../base/codec.ts";
import { taggedHash } from "../base/hash.ts";
import type { PathStep } from "../base/merkle.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { MemberIndex, MilliwattHours, StepIndex } from "../base/units.ts";
import { signedContractCodec, type SignedContract } from "../community/contract.ts";
import { headerCodec, MAX_BLOCK_TXS, type Header } from "../consensus/block.ts";
import { hopCodec, type Hop } from "../consensus/certificate.ts";
import { codecOf, type MemberRow } from "../ledger/rows.ts";
import { MAX_MEMBERS } from "../community/repartition.ts";
import { txCodec, type Tx } from "../ledger/transaction.ts";

/** "member X was credited n mWh in steps a..b", both included. */
export type Claim = {
  readonly member: MemberIndex;
  readonly from: StepIndex;
  readonly to: StepIndex;
  readonly mwh: MilliwattHours;
};
/** The member's row in the state after the final block. */
export type MemberProof = {
  readonly member: MemberIndex;
  readonly row: MemberRow;
  readonly path: readonly PathStep[];
};
/** A distribution and its way up to the root in the header of its block. */
export type CreditProof = { readonly tx: Tx; readonly path: readonly PathStep[] };
export type BlockProof = { readonly header: Header; readonly credits: readonly CreditProof[] };
export type Bundle = {
  readonly claim: Claim;
  readonly contract: SignedContract;
  /** Hand-overs, from the contract's voters on. */
  readonly hops: readonly Hop[];
  /** The final block. `next`: from the voters of the last hand-over to those who confirm it; null where they are the same. */
  readonly final: Hop;
  /** The member of the claim and whoever signed a distribution; ascending. */
  readonly members: readonly MemberProof[];
  /** Those that credit the member, ascending. */
  readonly blocks: readonly BlockProof[];
  /** What stands beside them in the final header's tree of all earlier blocks (HistoryTree.beside). */
  readonly history: readonly Uint8Array[];
};

/** In the order of the file. `file` is what holds them together, `seal` what closes it. */
export const SECTIONS = ["claim", "contract", "hops", "final", "members", "blocks", "history"] as const;
export type Section = (typeof SECTIONS)[number];
export type Place = "file" | Section | "seal";

export const BUNDLE_VERSION = 1;
export const BUNDLE_EXTENSION = ".cwproof";
const MAGIC = utf8ToBytes("CWPROOF");
const SEAL_BYTES = 32;
/** A year of 50 members is a third of it. */
export const MAX_BUNDLE_BYTES = 64 * 1024 * 1024;
/** A tree of 2^53 leaves is no deeper. */
const MAX_DEPTH = 53;
const MAX_BLOCKS = 40_000;
const MAX_HISTORY = 1_000_000;
const MAX_HOPS = 4_096;

/** 1 where the hash stands on the left of what is proven. */
const pathStep: Codec<PathStep> = struct({ side: word(["right", "left"] as const), hash: bytes(32) });
const path = list(pathStep, MAX_DEPTH);

const CODECS: { readonly [S in Section]: Codec<Bundle[S]> } = {
  claim: struct({
    member: branded<MemberIndex>(),
    from: branded<StepIndex>(),
    to: branded<StepIndex>(),
    mwh: branded<MilliwattHours>(),
  }),
  contract: signedContractCodec,
  hops: list(hopCodec, MAX_HOPS),
  final: hopCodec,
  members: list(struct({ member: branded<MemberIndex>(), row: codecOf("member"), path }), MAX_MEMBERS),
  blocks: list(
    struct({
      header: headerCodec,
      credits: list(struct({ tx: txCodec, path }), MAX_BLOCK_TXS),
    }) as Codec<BlockProof>,
    MAX_BLOCKS,
  ),
  history: list(bytes(32), MAX_HISTORY),
};
const sectionBlob = blob(MAX_BUNDLE_BYTES);

/** Over all that stands before it: what is in no hash of the chain (which period is claimed) cannot change unnoticed. */
const sealOf = (before: Uint8Array): Uint8Array => taggedHash("bundle", before);

/** @throws Error for what no bundle holds: a bug of the caller. */
export const encodeBundle = (bundle: Bundle): Uint8Array => {
  const section = <S extends Section>(name: S): Uint8Array => encode(sectionBlob, encode(CODECS[name], bundle[name]));
  const before = concatBytes(MAGIC, Uint8Array.of(BUNDLE_VERSION), ...SECTIONS.map(section));
  return concatBytes(before, sealOf(before));
};

/** Every refusal names its place (`data.place`) and, where there is one, the field. */
export const refuseAt = (
  place: Place,
  code: string,
  message: string,
  data: Readonly<Record<string, string | number>> = {},
): Result<never> => refuse(code, message, "penalise", { place, ...data });

const cut = (): Result<never> =>
  refuseAt("file", "bundle-cut", "This file is damaged: its parts do not fill it exactly. Ask for it again.");

/** The parts, still closed. A length that does not fit shows up here. */
const splitSections = (raw: Uint8Array): Result<Uint8Array[]> => {
  const parts: Uint8Array[] = [];
  let rest = raw.subarray(MAGIC.length + 1, raw.length - SEAL_BYTES);
  while (parts.length < SECTIONS.length) {
    let length = 0;
    let scale = 1;
    let used = 0;
    for (let more = true; more; used++) {
      const byte = rest[used];
      if (byte === undefined || used === 5 || (byte === 0 && used > 0)) return cut();
      length += (byte % 128) * scale;
      scale *= 128;
      more = byte >= 128;
    }
    if (length > rest.length - used) return cut();
    parts.push(rest.subarray(used, used + length));
    rest = rest.subarray(used + length);
  }
  return rest.length === 0 ? ok(parts) : cut();
};

const readSection = <S extends Section>(name: S, raw: Uint8Array): Result<Bundle[S]> => {
  const read = decode(CODECS[name], raw, name);
  if (read.ok) return read;
  return refuseAt(name, "bundle-unreadable", `The file's part "${name}" cannot be read: it was changed or damaged.`, {
    reason: String(read.error.data?.["reason"] ?? ""),
  });
};

export type Opened = { readonly bundle: Bundle; readonly sealFits: boolean };
/**
 * The parts as they stand, nothing checked but that they are the one encoding of something. Refusals: `bundle-not`,
 * `bundle-version`, `bundle-cut`, `bundle-unreadable`.
 */
export const openBundle = (raw: Uint8Array): Result<Opened> => {
  const isOurs = raw.length > MAGIC.length + SEAL_BYTES && equalBytes(raw.subarray(0, MAGIC.length), MAGIC);
  if (!isOurs || raw.length > MAX_BUNDLE_BYTES)
    return refuseAt("file", "bundle-not", "This is no proof of Commonwatt; choose a file that ends in .cwproof.");
  const version = raw[MAGIC.length] ?? 0;
  if (version !== BUNDLE_VERSION)
    return refuseAt("file", "bundle-version", "This proof is of another version; update the app.", { version });
  const parts = splitSections(raw);
  if (!parts.ok) return parts;
  const read: Partial<Record<Section, unknown>> = {};
  for (const [i, name] of SECTIONS.entries()) {
    const section = readSection(name, parts.value[i] ?? new Uint8Array());
    if (!section.ok) return section;
    read[name] = section.value;
  }
  const before = raw.subarray(0, raw.length - SEAL_BYTES);
  return ok({ bundle: read as Bundle, sealFits: equalBytes(sealOf(before), raw.subarray(before.length)) });
};
