/**
 * What nodes say to each other once hello is done (PROTOCOL.md §9). Everything bounded; bytes that are not exactly one
 * canonical message are refused. Items are what gossip carries: each has an id, the hash of its bytes.
 */
import { BLS_KEY_BYTES, BLS_SIGNATURE_BYTES } from "../base/bls.ts";
import {
  blob,
  branded,
  bytes,
  decode,
  empty,
  encode,
  flag,
  hex,
  list,
  struct,
  text,
  uint,
  union,
  word,
  type Codec,
} from "../base/codec.ts";
import { fromHex, toHex } from "../base/bytes.ts";
import { taggedHash } from "../base/hash.ts";
import type { Result } from "../base/result.ts";
import type { BlsKey, Brand, Hash, Millis, PublicKey, StepIndex } from "../base/units.ts";
import { MAX_MEMBERS } from "../community/repartition.ts";
import { rowKeyCodec } from "../ledger/rows.ts";
import { MAX_ROW } from "../ledger/state.ts";
import { txCodec, type Tx } from "../ledger/transaction.ts";
import { headerCodec, MAX_BLOCK_BYTES, type Header } from "../consensus/block.ts";
import { hopCodec, type Hop } from "../consensus/certificate.ts";
import { voteCodec, type Vote } from "../consensus/vote.ts";

/** First 16 bytes of the hash of an item's bytes, hex. */
export type ItemId = Brand<string, "item">;

/** A member's local name, off chain: travels only between members. */
export type Profile = {
  readonly key: PublicKey;
  readonly name: string;
  readonly at: Millis;
  readonly signature: Uint8Array;
};
/** Somebody with an invitation who asks to become a member. */
export type Application = {
  readonly key: PublicKey;
  readonly blsKey: BlsKey;
  readonly blsProof: Uint8Array;
  readonly name: string;
  readonly at: Millis;
  readonly signature: Uint8Array;
};
export type Item =
  /** A generation and transfer pair: the paper's signed V, superseded by the next with the same `from`. */
  | { readonly kind: "tick"; readonly generation: Tx; readonly transfer: Tx }
  | { readonly kind: "tx"; readonly tx: Tx }
  /** A winner with the candidacies it names, in its order: whoever hears it can make its block. */
  | { readonly kind: "auction"; readonly winner: Tx; readonly candidacies: readonly Tx[] }
  | { readonly kind: "vote"; readonly vote: Vote }
  | { readonly kind: "block"; readonly block: Uint8Array }
  | { readonly kind: "profile"; readonly profile: Profile }
  | { readonly kind: "application"; readonly application: Application };

const NAME_BYTES = 80;
const signedBy = { key: hex<PublicKey>(32), name: text(NAME_BYTES), at: branded<Millis>(), signature: bytes(64) };
const profileCodec: Codec<Profile> = struct(signedBy);
const applicationCodec: Codec<Application> = struct({
  ...signedBy,
  blsKey: hex<BlsKey>(BLS_KEY_BYTES),
  blsProof: bytes(BLS_SIGNATURE_BYTES),
});
export const itemCodec = union({
  tick: struct({ generation: txCodec, transfer: txCodec }),
  tx: struct({ tx: txCodec }),
  auction: struct({ winner: txCodec, candidacies: list(txCodec, MAX_MEMBERS) }),
  vote: struct({ vote: voteCodec }),
  block: struct({ block: blob(MAX_BLOCK_BYTES) }),
  profile: struct({ profile: profileCodec }),
  application: struct({ application: applicationCodec }),
}) as unknown as Codec<Item>;

export const MAX_IDS = 2_000;
export const MAX_ITEMS = 500;
export const MAX_BLOCKS = 64;
/** What one answer may hold, so that it fits the network's longest message. */
export const MAX_ANSWER_BYTES = 3 * 1024 * 1024;
/** An item is a block at most, with what says so before it; alone it still fits the network's longest message. */
const MAX_ITEM_BYTES = MAX_BLOCK_BYTES + 16;

export type Status = {
  readonly head: Hash;
  readonly height: number;
  readonly step: number;
  readonly final: Hash;
  readonly finalHeight: number;
};
/** `block` is the answerer's at the height that was asked from; `proof`: its place in the history of the last hop's block. */
export type HopsAnswer = {
  readonly hops: readonly Hop[];
  readonly block: Hash;
  readonly proof: readonly Uint8Array[];
  readonly more: boolean;
};
/** From one voter set to the next: the hop over the block that ended it, without votes where these are lost, and the header below. */
export type HandOver = { readonly below: Header; readonly hop: Hop };
export type PlacedRow = { readonly index: number; readonly path: string; readonly value: Uint8Array };
/** Ascending by place; a table that was asked for whole comes with its neighbours. One proof for all (base/history-tree.ts). */
export type RowsAnswer = {
  readonly at: Hash;
  readonly size: number;
  readonly rows: readonly PlacedRow[];
  readonly proof: readonly Uint8Array[];
};
/** Transactions of one block with their places among its `size`, ascending, and one proof for all. */
export type BlockExcerpt = {
  readonly header: Header;
  readonly size: number;
  readonly txs: readonly { readonly index: number; readonly tx: Tx }[];
  readonly proof: readonly Uint8Array[];
};
/** Ascending by height, and one proof of the blocks' places in the history of `at`. `until`: the height that was looked up to. */
export type CreditsAnswer = {
  readonly at: Hash;
  readonly until: number;
  readonly blocks: readonly BlockExcerpt[];
  readonly proof: readonly Uint8Array[];
};
/**
 * The block `at`, and the roots of the chunks of its state's rows. `edges` are the rows at the places that show how many
 * rows the state has (edgesOf in node/snapshot.ts), `proof` what stands beside them.
 */
export type Manifest = {
  readonly at: Hash;
  readonly block: Uint8Array;
  readonly hashes: readonly Uint8Array[];
  readonly size: number;
  readonly edges: readonly StateRow[];
  readonly proof: readonly Uint8Array[];
};
export type Message =
  | ({ readonly kind: "status" } & Status)
  | { readonly kind: "have"; readonly ids: readonly ItemId[] }
  | { readonly kind: "want"; readonly ids: readonly ItemId[] }
  | { readonly kind: "items"; readonly items: readonly Uint8Array[] }
  /** Hashes of the asker's chain, newest first, getting sparser. */
  | { readonly kind: "ask-blocks"; readonly locator: readonly Hash[] }
  | { readonly kind: "blocks"; readonly blocks: readonly Uint8Array[]; readonly more: boolean }
  | { readonly kind: "addresses"; readonly addresses: readonly string[] }
  | { readonly kind: "ping"; readonly sent: Millis }
  | { readonly kind: "pong"; readonly sent: Millis; readonly now: Millis }
  /** Of the state after a final block; `at` is the block's hash. */
  | { readonly kind: "ask-manifest"; readonly at: Hash }
  /** All empty where it is not to be had here. */
  | ({ readonly kind: "manifest" } & Manifest)
  | { readonly kind: "ask-chunk"; readonly at: Hash; readonly index: number }
  /** No rows: not to be had here any more. */
  | { readonly kind: "chunk"; readonly at: Hash; readonly index: number; readonly rows: readonly StateRow[] }
  /** Hashes of the main chain's blocks by height. */
  | { readonly kind: "ask-history"; readonly from: number; readonly count: number }
  | { readonly kind: "history"; readonly from: number; readonly hashes: readonly Uint8Array[] }
  /** Blocks of the main chain by height. */
  | { readonly kind: "ask-range"; readonly from: number; readonly count: number }
  /** None: pruned here, or never held. */
  | { readonly kind: "range"; readonly from: number; readonly blocks: readonly Uint8Array[] }
  /** "I keep my own figures only": tell me where you are, and nothing else. */
  | { readonly kind: "light" }
  /** What leads on from the voters of `set` and a final block of `height`. */
  | { readonly kind: "ask-hops"; readonly set: number; readonly height: number }
  | ({ readonly kind: "hops" } & HopsAnswer)
  /** Rows of the state after the final block `at`: single ones, and whole tables. `member/KEY` asks for a member by its key. */
  | {
      readonly kind: "ask-rows";
      readonly at: Hash;
      readonly paths: readonly string[];
      readonly tables: readonly string[];
    }
  | ({ readonly kind: "rows" } & RowsAnswer)
  /** Distributions of the steps `from` to `to`, both included, in blocks above height `above` and up to the final block `at`. */
  | {
      readonly kind: "ask-credits";
      readonly at: Hash;
      readonly from: StepIndex;
      readonly to: StepIndex;
      readonly above: number;
    }
  | ({ readonly kind: "credits" } & CreditsAnswer)
  /** To any question: this node has too much to do now, or has not what is asked for. */
  | { readonly kind: "declined"; readonly why: "busy" | "lacks" }
  /** Proof that a quorum made something final that breaks the rule (node/light-alarm.ts). */
  | { readonly kind: "alarm"; readonly proof: Uint8Array }
  /** How the sets from number `from` on ended. */
  | { readonly kind: "ask-hand-overs"; readonly from: number; readonly count: number }
  /** One set after the other, as far as they are here. */
  | { readonly kind: "hand-overs"; readonly from: number; readonly handOvers: readonly HandOver[] };
/** Those of a node that begins with a state (§8.3), and those of a light one. */
export type Fetching = Extract<Message, { readonly kind: "ask-manifest" | "ask-chunk" | "ask-history" | "ask-range" }>;
export type Leading = Extract<Message, { readonly kind: "ask-hops" | "ask-hand-overs" }>;
export type Question = Fetching | Leading | Extract<Message, { readonly kind: "ask-rows" | "ask-credits" }>;
/** Rows of the state root's list in a chunk: a power of two, so that a chunk's root is a node of that tree. */
export const CHUNK_ROWS = 256;
/** Of a state: a million rows. */
const MAX_CHUNKS = 4_096;
const MAX_EDGES = 32;
/** Hashes in one answer: half a MiB. */
export const MAX_HISTORY = 16_384;
export type StateRow = { readonly path: string; readonly value: Uint8Array };
export const stateRows: Codec<readonly StateRow[]> = list(
  struct({ path: rowKeyCodec, value: blob(MAX_ROW) }),
  CHUNK_ROWS,
);

const itemId = hex<ItemId>(16);
const hash = hex<Hash>(32);
/** What one answer to a light node may hold; hand-overs are as many. */
export const MAX_HOPS = 256;
export const MAX_PATHS = 64;
export const MAX_TABLES = 4;
export const MAX_ROWS = 8_192;
export const MAX_EXCERPTS = 256;
/** A distribution among 4,096 members, the rule's weights, and the votes of a quorum. */
export const MAX_ALARM_BYTES = 512 * 1024;
const proof = list(bytes(32), 16_384);
export const excerptCodec: Codec<BlockExcerpt> = struct({
  header: headerCodec,
  size: uint,
  txs: list(struct({ index: uint, tx: txCodec }), 64),
  proof,
});
export const handOverCodec: Codec<HandOver> = struct({ below: headerCodec, hop: hopCodec });
const messageCodec = union({
  status: struct({ head: hex<Hash>(32), height: uint, step: uint, final: hex<Hash>(32), finalHeight: uint }),
  have: struct({ ids: list(itemId, MAX_IDS) }),
  want: struct({ ids: list(itemId, MAX_IDS) }),
  items: struct({ items: list(blob(MAX_ITEM_BYTES), MAX_ITEMS) }),
  "ask-blocks": struct({ locator: list(hex<Hash>(32), 64) }),
  blocks: struct({ blocks: list(blob(MAX_BLOCK_BYTES), MAX_BLOCKS), more: flag }),
  addresses: struct({ addresses: list(text(80), 32) }),
  ping: struct({ sent: branded<Millis>() }),
  pong: struct({ sent: branded<Millis>(), now: branded<Millis>() }),
  "ask-manifest": struct({ at: hex<Hash>(32) }),
  manifest: struct({
    at: hex<Hash>(32),
    block: blob(MAX_BLOCK_BYTES),
    hashes: list(bytes(32), MAX_CHUNKS),
    size: uint,
    edges: list(struct({ path: rowKeyCodec, value: blob(MAX_ROW) }), MAX_EDGES),
    proof,
  }),
  "ask-chunk": struct({ at: hex<Hash>(32), index: uint }),
  chunk: struct({ at: hex<Hash>(32), index: uint, rows: stateRows }),
  "ask-history": struct({ from: uint, count: uint }),
  history: struct({ from: uint, hashes: list(bytes(32), MAX_HISTORY) }),
  "ask-range": struct({ from: uint, count: uint }),
  range: struct({ from: uint, blocks: list(blob(MAX_BLOCK_BYTES), MAX_BLOCKS) }),
  light: empty,
  "ask-hops": struct({ set: uint, height: uint }),
  hops: struct({ hops: list(hopCodec, MAX_HOPS), block: hash, proof, more: flag }),
  "ask-rows": struct({ at: hash, paths: list(rowKeyCodec, MAX_PATHS), tables: list(rowKeyCodec, MAX_TABLES) }),
  rows: struct({
    at: hash,
    size: uint,
    rows: list(struct({ index: uint, path: rowKeyCodec, value: blob(MAX_ANSWER_BYTES) }), MAX_ROWS),
    proof,
  }),
  "ask-credits": struct({ at: hash, from: branded<StepIndex>(), to: branded<StepIndex>(), above: uint }),
  credits: struct({ at: hash, until: uint, blocks: list(excerptCodec, MAX_EXCERPTS), proof }),
  declined: struct({ why: word(["busy", "lacks"] as const) }),
  alarm: struct({ proof: blob(MAX_ALARM_BYTES) }),
  "ask-hand-overs": struct({ from: uint, count: uint }),
  "hand-overs": struct({ from: uint, handOvers: list(handOverCodec, MAX_HOPS) }),
}) as unknown as Codec<Message>;

export const encodeMessage = (message: Message): Uint8Array => encode(messageCodec, message);
export const decodeMessage = (raw: Uint8Array): Result<Message> => decode(messageCodec, raw, "message");
export const encodeItem = (item: Item): Uint8Array => encode(itemCodec, item);
export const decodeItem = (raw: Uint8Array): Result<Item> => decode(itemCodec, raw, "item");
export const itemIdOf = (raw: Uint8Array): ItemId => toHex<ItemId>(taggedHash("item", raw).subarray(0, 16));

/** What is signed of a profile or an application. */
export const profileMessage = (community: Hash, p: Omit<Profile, "signature">): Uint8Array =>
  taggedHash("profile", fromHex(community), encode(profileCodec, { ...p, signature: new Uint8Array(64) }));
export const applicationMessage = (community: Hash, a: Omit<Application, "signature">): Uint8Array =>
  taggedHash("application", fromHex(community), encode(applicationCodec, { ...a, signature: new Uint8Array(64) }));
