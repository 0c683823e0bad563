/**
 * A block as it lies on this device's disk (PROTOCOL.md §8.4): what follows from the rest of it is left out. The transfers'
 * and distributions' inputs are ids of transactions of the same block, candidacies and votes name the parent and its beacon, and two
 * roots are hashes of what stands beside them. A block in which something of that is otherwise keeps it as it is.
 */
import { BLS_SIGNATURE_BYTES } from "../base/bls.ts";
import {
  blob,
  branded,
  bytes,
  encode,
  hex,
  list,
  option,
  struct,
  uint,
  union,
  word,
  type Codec,
} from "../base/codec.ts";
import type { Hash, MemberIndex, Millis, StepIndex, TxId } from "../base/units.ts";
import { MAX_MEMBERS, shareCodec, type Share } from "../community/repartition.ts";
import { MAX_BLOCK_TXS, MAX_VOTE_GROUPS, txRootOf, votesRootOf, type Block, type Header } from "../consensus/block.ts";
import type { VoteGroup } from "../consensus/vote.ts";
import { idOf, MAX_INPUTS, MAX_TOKEN_INPUTS, txCodec, type TokenRef, type Tx } from "../ledger/transaction.ts";

const signature = bytes(64);
const draw = bytes(BLS_SIGNATURE_BYTES);
const member = branded<MemberIndex>();
const place = uint;

type PackedTx =
  | { readonly kind: "plain"; readonly tx: Tx }
  /** A transfer of what the transaction at `of` generated. */
  | { readonly kind: "passed"; readonly of: number; readonly signature: Uint8Array }
  | {
      readonly kind: "shared";
      readonly step: StepIndex;
      /** The transfers, by their places, in the order of their ids. */
      readonly inputs: readonly number[];
      readonly shares: readonly Share[];
      readonly signer: number;
      readonly signature: Uint8Array;
    }
  | {
      readonly kind: "stood";
      readonly member: MemberIndex;
      readonly at: Millis;
      readonly tokens: readonly TokenRef[];
      readonly draw: Uint8Array;
      readonly signature: Uint8Array;
    }
  | {
      readonly kind: "won";
      readonly member: MemberIndex;
      readonly candidacies: readonly number[];
      readonly draw: Uint8Array;
      readonly ranking: readonly MemberIndex[];
      readonly signature: Uint8Array;
    };
type PackedVotes = Omit<VoteGroup, "block"> & { readonly block: Hash | null };
/** `before` is the parent's beacon, where the block's auction names it. */
type PackedHeader = Omit<Header, "txRoot" | "votesRoot"> & { readonly before: Hash | null };
type Packed = {
  readonly header: PackedHeader;
  readonly signature: Uint8Array;
  readonly draw: Uint8Array;
  readonly votes: readonly PackedVotes[];
  readonly txs: readonly PackedTx[];
};

const tokenRef: Codec<TokenRef> = struct({ tx: hex<TxId>(32), index: uint });
const txOf = union({
  plain: struct({ tx: txCodec }),
  passed: struct({ of: place, signature }),
  shared: struct({
    step: branded<StepIndex>(),
    inputs: list(place, MAX_INPUTS),
    shares: list(shareCodec, MAX_MEMBERS),
    signer: uint,
    signature,
  }),
  stood: struct({ member, at: branded<Millis>(), tokens: list(tokenRef, MAX_TOKEN_INPUTS), draw, signature }),
  won: struct({ member, candidacies: list(place, MAX_MEMBERS), draw, ranking: list(member, MAX_MEMBERS), signature }),
}) as unknown as Codec<PackedTx>;
const votesOf: Codec<PackedVotes> = struct({
  set: uint,
  round: uint,
  kind: word(["approval", "confirmation"] as const),
  step: branded<StepIndex>(),
  block: option(hex<Hash>(32)),
  voters: blob(MAX_MEMBERS / 8),
  signature: draw,
});
const hash = hex<Hash>(32);
const headerOf: Codec<PackedHeader> = struct({
  version: uint,
  community: hash,
  step: branded<StepIndex>(),
  height: uint,
  parent: hash,
  rank: uint,
  miner: member,
  stateRoot: hash,
  historyRoot: hash,
  votersRoot: hash,
  beacon: hash,
  before: option(hash),
});
const packedCodec: Codec<Packed> = struct({
  header: headerOf,
  signature,
  draw,
  votes: list(votesOf, MAX_VOTE_GROUPS),
  txs: list(txOf, MAX_BLOCK_TXS),
});

/** Places of the transactions with these ids, or null where one is not of this block. */
const placesOf = (ids: readonly TxId[], places: ReadonlyMap<TxId, number>): number[] | null => {
  const found = ids.map((id) => places.get(id));
  return found.every((i) => i !== undefined) ? found : null;
};

const packTx = (tx: Tx, { header, txs }: Block, before: Hash | null, places: ReadonlyMap<TxId, number>): PackedTx => {
  const { body, signer } = tx;
  const plain: PackedTx = { kind: "plain", tx };
  const isHere =
    "beacon" in body && body.parent === header.parent && body.beacon === before && body.step === header.step;
  switch (body.kind) {
    case "transfer": {
      const of = places.get(body.input);
      const source = of === undefined ? undefined : txs[of];
      const isOwn = source?.body.kind === "generation" && source.body.generator === body.generator;
      const follows = isOwn && signer === body.generator && source.signer === signer;
      return of !== undefined && follows ? { kind: "passed", of, signature: tx.signature } : plain;
    }
    case "distribution": {
      const inputs = placesOf(body.inputs, places);
      const { step, shares } = body;
      return inputs === null ? plain : { kind: "shared", step, inputs, shares, signer, signature: tx.signature };
    }
    case "candidacy": {
      const { at, tokens, draw: share } = body;
      const follows = isHere && signer === body.member;
      return follows ? { kind: "stood", member: body.member, at, tokens, draw: share, signature: tx.signature } : plain;
    }
    case "winner": {
      const candidacies = placesOf(body.candidacies, places);
      const { draw: share, ranking } = body;
      const follows = isHere && signer === body.member;
      return follows && candidacies !== null
        ? { kind: "won", member: body.member, candidacies, draw: share, ranking, signature: tx.signature }
        : plain;
    }
    default:
      return plain;
  }
};

export const packBlock = (block: Block): Uint8Array => {
  const { txRoot: _, votesRoot: __, ...header } = block.header;
  const before = block.txs.flatMap(({ body }) => ("beacon" in body ? [body.beacon] : []))[0] ?? null;
  const places = new Map(block.txs.map((tx, i) => [idOf(tx.body, header.community), i]));
  return encode(packedCodec, {
    ...block,
    header: { ...header, before },
    votes: block.votes.map((v) => ({ ...v, block: v.block === header.parent ? null : v.block })),
    txs: block.txs.map((tx) => packTx(tx, block, before, places)),
  });
};

/** `txs` are the transactions that stand before it in the block. */
const unpackTx = (packed: PackedTx, { community, parent, step, before }: PackedHeader, txs: readonly Tx[]): Tx => {
  const bodyAt = (place: number): Tx["body"] => {
    const tx = txs[place];
    if (tx === undefined) throw new Error(`packed block: no transaction at ${place}`);
    return tx.body;
  };
  const named = (): Hash => {
    if (before === null) throw new Error("packed block: an auction names its parent's beacon");
    return before;
  };
  const idsAt = (places: readonly number[]): TxId[] => places.map((i) => idOf(bodyAt(i), community));
  switch (packed.kind) {
    case "plain":
      return packed.tx;
    case "passed": {
      const source = bodyAt(packed.of);
      if (source.kind !== "generation") throw new Error("packed block: only what was generated is passed on");
      const { generator } = source;
      const body = { kind: "transfer", generator, input: idOf(source, community) } as const;
      return { body, signer: generator, signature: packed.signature };
    }
    case "shared": {
      const body = { kind: "distribution", step: packed.step, inputs: idsAt(packed.inputs), shares: packed.shares };
      return { body: body as Tx["body"], signer: packed.signer, signature: packed.signature };
    }
    case "stood": {
      const { kind: _, signature: signed, ...own } = packed;
      return {
        body: { kind: "candidacy", step, parent, beacon: named(), ...own },
        signer: own.member,
        signature: signed,
      };
    }
    case "won": {
      const { kind: _, signature: signed, candidacies, ...own } = packed;
      const body = { kind: "winner", step, parent, beacon: named(), ...own, candidacies: idsAt(candidacies) } as const;
      return { body, signer: own.member, signature: signed };
    }
  }
};

/** @throws when the row is damaged. Whether it is the block of that hash is for the caller to see: its roots are made here. */
export const unpackBlock = (row: Uint8Array): Block => {
  const packed = packedCodec.decode(row);
  const txs: Tx[] = [];
  for (const tx of packed.txs) txs.push(unpackTx(tx, packed.header, txs));
  const votes = packed.votes.map((v) => ({ ...v, block: v.block ?? packed.header.parent }));
  const { version, community, step, height, parent, rank, miner, stateRoot, historyRoot, votersRoot, beacon } =
    packed.header;
  return {
    header: {
      version,
      community,
      step,
      height,
      parent,
      rank,
      miner,
      txRoot: txRootOf(txs),
      stateRoot,
      historyRoot,
      votersRoot,
      beacon,
      votesRoot: votesRootOf(votes),
    },
    signature: packed.signature,
    draw: packed.draw,
    votes,
    txs,
  };
};
