/**
 * The node's rows on disk: how chain, votes, own journal and names are packed, written and read again. A block is one
 * packed value; the rows of the state at the head are written in the same commit as the block that changed them.
 */
import { BLS_KEY_BYTES, BLS_SIGNATURE_BYTES } from "../base/bls.ts";
import { branded, bytes, decode, encode, hex, option, struct, text, uint, type Codec } from "../base/codec.ts";
import { assert } from "../base/result.ts";
import type { BlsKey, Hash, MemberIndex, Millis, PublicKey } from "../base/units.ts";
import { encodeBlock, hashOf, type Block } from "../consensus/block.ts";
import { targetCodec, voteCodec, type Target } from "../consensus/vote.ts";
import { decodeDelta, encodeDelta, type Delta } from "../ledger/state.ts";
import { txCodec } from "../ledger/transaction.ts";
import type { TreeNode } from "../consensus/tree.ts";
import type { Summary } from "./lines.ts";
import type { Out } from "./events.ts";
import type { Profile } from "./messages.ts";
import { packBlock, unpackBlock } from "./packed-block.ts";

const DIGITS = 10;
const fixed = (n: number): string => String(n).padStart(DIGITS, "0");

/** A block's body; what it did to the state is beside it as long as it may be undone or shown to somebody who begins. */
export const blockKey = (height: number, hash: Hash): string => `body/${fixed(height)}/${hash}`;
export const deltaKey = (height: number, hash: Hash): string => `delta/${fixed(height)}/${hash}`;
/** All rows of a kind from a height on, below another. */
export const heightRange = (
  kind: "body" | "delta" | "line",
  from: number,
  to?: number,
): { readonly from: string; readonly to: string } => ({
  from: `${kind}/${fixed(from)}`,
  to: to === undefined ? `${kind}0` : `${kind}/${fixed(to)}`,
});
/** The hand-over from `set` to the next one: the hop over the block that ended it (consensus/certificate.ts). */
export const hopKey = (set: number): string => `hop/${fixed(set)}`;
export const HOPS = { from: "hop/", to: "hop0" } as const;
/** What led a node from `set` on to a later one when it began with a snapshot: hand-overs between may be skipped. */
export const skipKey = (set: number): string => `skip/${fixed(set)}`;
/** Of a hand-over that was fetched: the header below the block that ended `set`, whose body may not be here. */
export const belowKey = (set: number): string => `below/${fixed(set)}`;
export const heightOfKey = (rowKey: string): number => Number(rowKey.split("/")[1]);
/** What was booked to a step, once it has left the state, by the block that moved it: energy distributed later makes another row. */
export const bookKey = (step: number, height?: number): string =>
  `book/${fixed(step)}${height === undefined ? "" : `/${fixed(height)}`}`;
/** What a final block has moved out of the state for good. */
export const writeBooks = (out: Out, { delta, header }: TreeNode): void => {
  for (const { path, before, after } of delta)
    if (path.startsWith("book/") && after === null && before !== null)
      out.commit("chain", bookKey(Number.parseInt(path.slice("book/".length), 16), header.height), before.bytes);
};
/** A beginning under way: the proof of its block, and the chunks of the state that have come, by their roots. */
export const SNAP = { from: "snap/", to: "snap0" } as const;
export const SNAP_TARGET = "snap/target";
export const snapChunkKey = (root: Hash): string => `snap/chunk/${root}`;
/** A block below the first line whose miner has another key by now, so that its signature could not be checked. */
export const UNCHECKED = { from: "unchecked/", to: "unchecked0" } as const;
export const uncheckedKey = (height: number): string => `unchecked/${fixed(height)}`;
/** Hashes of final blocks, so many a row, 32 bytes each: the leaves of every later history root. */
export const HASHES_A_ROW = 1_024;
export const hashesKey = (height: number): string => `hashes/${fixed(Math.floor(height / HASHES_A_ROW))}`;
export const HASHES = { from: "hashes/", to: "hashes0" } as const;
export const summaryKey = (height: number): string => `line/${fixed(height)}`;
export const summaryCodec: Codec<Summary> = struct({
  hash: hex<Hash>(32),
  step: uint,
  height: uint,
  miner: branded<MemberIndex>(),
  rank: uint,
  transactions: uint,
  generatedMwh: uint,
  approvals: uint,
  confirmations: uint,
  voters: uint,
});
export type Heads = {
  readonly head: Hash;
  readonly height: number;
  readonly final: Hash;
  readonly finalHeight: number;
  readonly round: number;
  readonly verifiedAt: number;
};
export const headsCodec: Codec<Heads> = struct({
  head: hex<Hash>(32),
  height: uint,
  final: hex<Hash>(32),
  finalHeight: uint,
  round: uint,
  verifiedAt: uint,
});
/** In `meta`: what proved the block that the chain here begins with. */
export const BEGINNING = "beginning";
/** Where the node was in the present set: its round, and what its votes there may not leave. */
export type Place = { readonly set: number; readonly round: number; readonly bound: Hash };
export const placeCodec: Codec<Place> = struct({ set: uint, round: uint, bound: hex<Hash>(32) });
/**
 * `signer`: the key that it was found good with, as the head may be on a branch by now that knows another. `signature`:
 * where it was heard alone and not in a block's sum; others may need it as a proof.
 */
export type HeldVote = {
  readonly member: MemberIndex;
  readonly target: Target;
  readonly signer: BlsKey | null;
  readonly signature: Uint8Array | null;
};
export const heldVoteCodec: Codec<HeldVote> = struct({
  member: branded<MemberIndex>(),
  target: targetCodec,
  signer: option(hex<BlsKey>(BLS_KEY_BYTES)),
  signature: option(bytes(BLS_SIGNATURE_BYTES)),
});
/** With the block: whoever votes twice is remembered for both. */
export const heldVoteKey = ({ member, target: t }: Pick<HeldVote, "member" | "target">): string =>
  `vote/${t.set}/${t.round}/${t.kind}/${member}/${t.block}`;
export const profileRow: Codec<Profile> = struct({
  key: hex<PublicKey>(32),
  name: text(80),
  at: branded<Millis>(),
  signature: bytes(64),
});
export const ownTx = txCodec;
export const ownVote = voteCodec;
export const ownHash = hex<Hash>(32);

export const writeBlock = (out: Out, node: TreeNode): void => {
  const { height } = node.header;
  out.commit("chain", blockKey(height, node.hash), packBlock(node.block));
  out.commit("chain", deltaKey(height, node.hash), encodeDelta(node.delta));
};
export const dropBlock = (out: Out, height: number, hash: Hash): void => {
  out.commit("chain", blockKey(height, hash), null);
  out.commit("chain", deltaKey(height, hash), null);
};

/** A block as its row has it; null where the row is damaged, or has another block than its key says. */
export const blockIn = (rowKey: string, row: Uint8Array): Block | null => {
  try {
    const block = unpackBlock(row);
    return rowKey === blockKey(block.header.height, hashOf(block.header)) ? block : null;
  } catch {
    return null;
  }
};
/** The block's own bytes out of its row, for serving. Null as above. */
export const blockBytesIn = (rowKey: string, row: Uint8Array): Uint8Array | null => {
  const block = blockIn(rowKey, row);
  return block === null ? null : encodeBlock(block);
};
/** What a block did to the state; null where the row is damaged. */
export const deltaIn = (row: Uint8Array): Delta | null => {
  try {
    return decodeDelta(row);
  } catch {
    return null;
  }
};
export const readBlockRow = (row: Uint8Array): { readonly block: Block } => ({ block: unpackBlock(row) });
export const readDeltaRow = (row: Uint8Array): Delta => decodeDelta(row);

/** Writes a delta to the table `state`, forwards or backwards. */
export const writeDelta = (out: Out, delta: Delta, way: "apply" | "undo"): void => {
  for (const { path, before, after } of delta)
    out.commit("state", path, (way === "apply" ? after : before)?.bytes ?? null);
};

export const writeSummary = (out: Out, s: Summary): void =>
  out.commit("chain", summaryKey(s.height), encode(summaryCodec, s));

/** For rows this node wrote itself. @throws when they are damaged: the disk is then treated as corrupt. */
export const readOwn = <T>(codec: Codec<T>, raw: Uint8Array, what: string): T => {
  const read = decode(codec, raw, what);
  assert(read.ok, `the ${what} on disk is whole`);
  return read.value;
};
