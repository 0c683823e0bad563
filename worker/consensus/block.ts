/**
 * Block and header (§IV.A; PROTOCOL.md §5): block i has header time exactly T_i (its step says it), names its parent,
 * and commits by Merkle roots to its transactions, to the state after it, to all earlier blocks (figure 1) and to the
 * voters. Its hash excludes the miner's signature.
 */
import { fromHex } from "../base/bytes.ts";
import { BLS_SIGNATURE_BYTES } from "../base/bls.ts";
import { branded, bytes, decode, encode, hex, list, struct, uint } from "../base/codec.ts";
import { sign } from "../base/ed25519.ts";
import { taggedHex } from "../base/hash.ts";
import { leafHash, merkleRoot } from "../base/merkle.ts";
import { toHex } from "../base/bytes.ts";
import type { Result } from "../base/result.ts";
import type { Hash, MemberIndex, StepIndex } from "../base/units.ts";
import { txCodec, type Tx } from "../ledger/transaction.ts";
import { voteGroupCodec, type VoteGroup } from "./vote.ts";

export const BLOCK_VERSION = 1;
export const MAX_BLOCK_BYTES = 4 * 1024 * 1024 - 4096;
export const MAX_BLOCK_TXS = 50_000;
export const MAX_VOTE_GROUPS = 64;
export const NO_HASH = "00".repeat(32) as Hash;

export type Header = {
  readonly version: number;
  readonly community: Hash;
  readonly step: StepIndex;
  readonly height: number;
  readonly parent: Hash;
  readonly rank: number;
  readonly miner: MemberIndex;
  readonly txRoot: Hash;
  readonly stateRoot: Hash;
  readonly historyRoot: Hash;
  readonly votersRoot: Hash;
  readonly beacon: Hash;
  readonly votesRoot: Hash;
};
export type Block = {
  readonly header: Header;
  /** The miner's Ed25519 signature over the header's hash; all zeros for the genesis, which the contract vouches for. */
  readonly signature: Uint8Array;
  /** The miner's draw share over (parent, step): makes the next beacon. */
  readonly draw: Uint8Array;
  readonly votes: readonly VoteGroup[];
  readonly txs: readonly Tx[];
};

const hash = hex<Hash>(32);
export const headerCodec = struct({
  version: uint,
  community: hash,
  step: branded<StepIndex>(),
  height: uint,
  parent: hash,
  rank: uint,
  miner: branded<MemberIndex>(),
  txRoot: hash,
  stateRoot: hash,
  historyRoot: hash,
  votersRoot: hash,
  beacon: hash,
  votesRoot: hash,
});
export const blockCodec = struct({
  header: headerCodec,
  signature: bytes(64),
  draw: bytes(BLS_SIGNATURE_BYTES),
  votes: list(voteGroupCodec, MAX_VOTE_GROUPS),
  txs: list(txCodec, MAX_BLOCK_TXS),
});

const hashes = new WeakMap<Header, Hash>();
export const hashOf = (header: Header): Hash => {
  let known = hashes.get(header);
  if (known === undefined) {
    known = taggedHex("block", encode(headerCodec, header));
    hashes.set(header, known);
  }
  return known;
};

export const txLeaf = (tx: Tx): Uint8Array => leafHash(encode(txCodec, tx));
/** Of a block's own lists, which never change: asked for at first sight and again when it is validated. */
const roots = new WeakMap<readonly unknown[], Hash>();
const rootOf = <T>(items: readonly T[], encoded: (item: T) => Uint8Array): Hash => {
  let root = roots.get(items);
  if (root === undefined) {
    root = toHex(merkleRoot(items.map(encoded)));
    roots.set(items, root);
  }
  return root;
};
export const txRootOf = (txs: readonly Tx[]): Hash => rootOf(txs, (tx) => encode(txCodec, tx));
export const votesRootOf = (votes: readonly VoteGroup[]): Hash => rootOf(votes, (v) => encode(voteGroupCodec, v));

export const signHeader = (header: Header, secret: Uint8Array): Uint8Array => sign(fromHex(hashOf(header)), secret);

/** Of blocks that are held: a node passes on the very bytes in which a block came. Neither they nor blocks are ever changed. */
const encodings = new WeakMap<Block, Uint8Array>();
export const encodeBlock = (block: Block): Uint8Array => {
  let raw = encodings.get(block);
  if (raw === undefined) encodings.set(block, (raw = encode(blockCodec, block)));
  return raw;
};
export const decodeBlock = (raw: Uint8Array): Result<Block> => {
  const block = decode(blockCodec, raw, "block");
  if (block.ok) encodings.set(block.value, raw);
  return block;
};
