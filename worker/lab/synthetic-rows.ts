/**
 * A synthetic chain as the rows that a full node's disk has of it (node/disk.ts): all but the head final, the newest deltas, the
 * older ones forgotten as pruning does, the hops. And those rows as one file, for whoever begins
 * with a year that took minutes to make.
 */
import { concatBytes, utf8ToBytes } from "../base/bytes.ts";
import { encode } from "../base/codec.ts";
import { assert } from "../base/result.ts";
import { hopCodec } from "../consensus/certificate.ts";
import type { TreeNode } from "../consensus/tree.ts";
import { membersOf } from "../consensus/vote.ts";
import { headsCodec, hopKey, placeCodec, writeBlock, writeBooks, writeSummary } from "../node/disk.ts";
import { Out } from "../node/events.ts";
import type { Summary } from "../node/lines.ts";
import { DELTAS_KEPT } from "../node/pruning.ts";
import { TABLES, type Op } from "../storage/store.ts";
import type { SyntheticChain } from "./synthetic-chain.ts";

const lineOf = ({ hash, header, block, voters }: TreeNode, votes: readonly { voters: Uint8Array }[]): Summary => {
  const [approvals = 0, confirmations = 0] = votes.map((v) => membersOf(v.voters)?.length ?? 0);
  return {
    hash,
    step: header.step,
    height: header.height,
    miner: header.miner,
    rank: header.rank,
    transactions: block.txs.length,
    generatedMwh: block.txs.reduce((sum, { body }) => sum + (body.kind === "generation" ? body.to - body.from : 0), 0),
    approvals,
    confirmations,
    voters: voters.members.length,
  };
};
const opsOf = (out: Out): readonly Op[] => out.effects().flatMap((e) => (e.kind === "commit" ? e.ops : []));

/** Hands out the rows in the order of the chain; `each` is told of every block. */
export function* rowsOf(chain: SyntheticChain, each: (node: TreeNode, ops: readonly Op[]) => void): Generator<Op> {
  const deltas: Op[] = [];
  const begin = new Out();
  writeBlock(begin, chain.genesis);
  writeSummary(begin, lineOf(chain.genesis, []));
  yield* opsOf(begin);
  let parent = chain.genesis;
  for (let made = chain.next(); made !== null; made = chain.next()) {
    const { node, hop } = made;
    const out = new Out();
    writeBlock(out, node);
    writeSummary(out, lineOf(node, chain.votes));
    // With its child its parent is final; what the head has moved out of the state is still to be undone with it.
    writeBooks(out, parent);
    parent = node;
    if (hop !== null) out.commit("chain", hopKey(hop.certificate.votes[0]?.set ?? 0), encode(hopCodec, hop));
    const ops = opsOf(out);
    each(node, ops);
    deltas.push(...ops.filter((op) => op.key.startsWith("delta/")));
    yield* ops.filter((op) => !op.key.startsWith("delta/"));
    if (deltas.length > DELTAS_KEPT) deltas.shift();
  }
  yield* deltas;
  yield* endOf(chain);
}

/** The head's parent is final, since the head carries the votes on it. */
function* endOf({ head, state, position, signed }: SyntheticChain): Generator<Op> {
  for (const path of state.paths("")) yield { table: "state", key: path, value: state.row(path)?.bytes ?? null };
  const { height, parent, step } = head.header;
  const verifiedAt = signed.contract.t0 + step * signed.contract.stepMs;
  const { round } = position;
  const heads = { head: head.hash, height, final: parent, finalHeight: height - 1, round, verifiedAt };
  yield { table: "meta", key: "heads", value: encode(headsCodec, heads) };
  yield { table: "meta", key: "place", value: encode(placeCodec, { ...position, bound: parent }) };
}

const HEAD_BYTES = 7;
/** One row of the file: table, length of the key, length of the value or all ones for a row to delete, key, value. */
export const packRow = ({ table, key, value }: Op): Uint8Array => {
  const name = utf8ToBytes(key);
  const head = new DataView(new ArrayBuffer(HEAD_BYTES));
  head.setUint8(0, TABLES.indexOf(table));
  head.setUint16(1, name.length);
  head.setUint32(3, value === null ? 0xffffffff : value.length);
  return concatBytes(new Uint8Array(head.buffer), name, value ?? new Uint8Array());
};

/** @throws when it is not such a file. */
export function* unpackRows(file: Uint8Array): Generator<Op> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const text = new TextDecoder();
  for (let at = 0; at < file.length;) {
    const table = TABLES[view.getUint8(at)];
    const nameLength = view.getUint16(at + 1);
    const length = view.getUint32(at + 3);
    assert(table !== undefined, "a row has a table");
    const name = at + HEAD_BYTES;
    const key = text.decode(file.subarray(name, name + nameLength));
    const from = name + nameLength;
    const isGone = length === 0xffffffff;
    yield { table, key, value: isGone ? null : file.slice(from, from + length) };
    at = from + (isGone ? 0 : length);
  }
}
