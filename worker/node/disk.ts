/**
 * The node's rows on disk: how chain, votes, own journal and names are packed, written and read again. A block is one
 * packed value; the rows of the state at the head are written in the same commit as the block that changed them.
 */
import { BLS_KEY_BYTES, BLS_SIGNATURE_BYTES } from "../base/bls.ts";
import { blob, branded, bytes, decode, encode, hex, option, struct, text, uint, type Codec } from "../base/codec.ts";
import { assert } from "../base/result.ts";
import type { BlsKey, Hash, MemberIndex, Millis, PublicKey } from "../base/units.ts";
import { blockCodec } from "../consensus/block.ts";
import { targetCodec, voteCodec, type Target } from "../consensus/vote.ts";
import { decodeDelta, encodeDelta, type Delta } from "../ledger/state.ts";
import { txCodec } from "../ledger/transaction.ts";
import type { TreeNode } from "../consensus/tree.ts";
import type { Summary } from "./core.ts";
import type { Out } from "./events.ts";
import type { Profile } from "./messages.ts";

const DIGITS = 10;
const fixed = (n: number): string => String(n).padStart(DIGITS, "0");

export const blockKey = (height: number, hash: Hash): string => `block/${fixed(height)}/${hash}`;
export const summaryKey = (height: number): string => `line/${fixed(height)}`;
/** The hop that the voters of `set` can check, over the block that ended it (consensus/certificate.ts). */
export const hopKey = (set: number): string => `hop/${fixed(set)}`;
const MAX_DELTA = 1 << 25;

const blockRow: Codec<{ block: Uint8Array; delta: Uint8Array }> = struct({
  block: blob(MAX_DELTA),
  delta: blob(MAX_DELTA),
});
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

export const writeBlock = (out: Out, node: TreeNode): void =>
  out.commit(
    "chain",
    blockKey(node.header.height, node.hash),
    encode(blockRow, { block: encode(blockCodec, node.block), delta: encodeDelta(node.delta) }),
  );

/** The block's own bytes out of its row, for serving. */
export const blockBytesOf = (row: Uint8Array): Uint8Array => blockRow.decode(row).block;

export const readBlockRow = (row: Uint8Array): { block: ReturnType<typeof blockCodec.decode>; delta: Delta } => {
  const raw = blockRow.decode(row);
  return { block: blockCodec.decode(raw.block), delta: decodeDelta(raw.delta) };
};

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
