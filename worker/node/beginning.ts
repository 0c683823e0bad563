/**
 * From a fetched state to the rows of a disk that a full node opens (PROTOCOL.md §8.3), in one commit: state, block, line,
 * heads and where it is in finality. What the device signed, its meters and what others told it stay as they are.
 */
import { encode } from "../base/codec.ts";
import { assert } from "../base/result.ts";
import type { Millis } from "../base/units.ts";
import { NO_HASH, hashOf } from "../consensus/block.ts";
import { certificateCodec } from "../consensus/certificate.ts";
import { membersOf } from "../consensus/vote.ts";
import { numberOf } from "../ledger/rows.ts";
import { rootedPaths, type View } from "../ledger/state.ts";
import { treeNode } from "./chain.ts";
import { BEGINNING, bookKey, blockKey, headsCodec, placeCodec, writeSummary, type Place } from "./disk.ts";
import type { Out } from "./events.ts";
import type { Summary } from "./lines.ts";
import { packBlock } from "./packed-block.ts";
import type { Beginning } from "./snapshot.ts";

/** What the disk holds of an older beginning; null on one that has no chain yet. */
export type Before = { readonly state: View; readonly height: number; readonly place: Place } | null;

/**
 * Round 0 where the block begins a set: nobody has voted in it before. Else the round that made the block final, in which
 * this node says nothing (finality.ts): what rounds before may make final beyond the block is not known to it. Where it
 * was further itself, it stays there.
 */
const placeOf = ({ certificate, state }: Beginning, before: Before): Place => {
  const set = state.get("voters", "")?.set ?? 0;
  const [vote] = certificate.votes;
  assert(vote !== undefined, "a certificate has votes");
  const bound = hashOf(certificate.header);
  if (vote.set !== set) return { set, round: 0, bound };
  if (before?.place.set === set && before.place.round > vote.round) return before.place;
  return { set, round: vote.round, bound: NO_HASH };
};

const lineOf = ({ certificate, block, state }: Beginning): Summary => {
  const { header, votes } = certificate;
  const confirmations = votes.reduce((n, v) => n + (membersOf(v.voters)?.length ?? 0), 0);
  return {
    hash: hashOf(header),
    step: header.step,
    height: header.height,
    miner: header.miner,
    rank: header.rank,
    transactions: block.txs.length,
    generatedMwh: block.txs.reduce((sum, { body }) => sum + (body.kind === "generation" ? body.to - body.from : 0), 0),
    // Whoever confirms has approved.
    approvals: confirmations,
    confirmations,
    voters: state.get("voters", "")?.members.length ?? 0,
  };
};

export const writeBeginning = (out: Out, beginning: Beginning, before: Before, now: Millis): void => {
  const { certificate, block, state } = beginning;
  const { header } = certificate;
  const voters = state.get("voters", "");
  assert(voters !== undefined, "a state has voters");
  const node = treeNode(block, [], voters);
  const rows = rootedPaths(state);
  const kept = new Set(rows);
  for (const path of before?.state.paths("") ?? []) {
    if (!kept.has(path)) out.commit("state", path, null);
    const row = path.startsWith("book/") ? before?.state.row(path) : undefined;
    // What was booked before stays to be read; it is in no root.
    if (row !== undefined) out.commit("chain", bookKey(numberOf(path.slice(5)), before?.height ?? 0), row.bytes);
  }
  for (const path of rows) out.commit("state", path, state.row(path)?.bytes ?? null);
  out.commit("chain", blockKey(header.height, node.hash), packBlock(block));
  writeSummary(out, lineOf(beginning));
  const place = placeOf(beginning, before);
  out.commit("meta", "place", encode(placeCodec, place));
  const heads = {
    head: node.hash,
    height: header.height,
    final: node.hash,
    finalHeight: header.height,
    round: place.round,
    verifiedAt: now,
  };
  out.commit("meta", BEGINNING, encode(certificateCodec, certificate));
  out.commit("meta", "heads", encode(headsCodec, heads));
};
