/**
 * A disk that was damaged (PROTOCOL.md §10.2): what only this device has is put back from its spares, what the neighbours
 * have too is dropped and fetched again. What it has signed stays and is honoured; where that is lost, the device falls
 * silent (node/silence.ts). Nothing here ever deletes keys, the metering journal, the member's own use, what was proved to
 * this device or an alarm that it was shown.
 */
import { toHex } from "../base/bytes.ts";
import { decode, type Codec } from "../base/codec.ts";
import { assert } from "../base/result.ts";
import type { Hash } from "../base/units.ts";
import { txRootOf, votesRootOf } from "../consensus/block.ts";
import { ROUNDS_KEPT, type Position } from "../consensus/finality.ts";
import { Draft, encodeDelta, stateRoot } from "../ledger/state.ts";
import { ALARM_PREFIX, readAlarm } from "../node/alarms.ts";
import type { Core } from "../node/core.ts";
import { blockKey, deltaKey, ownHash, ownTx, ownVote, placeCodec, profileRow, sameRow } from "../node/disk.ts";
import type { DiskImage } from "../node/load.ts";
import { LIGHT_PREFIX, soundRows } from "../node/light-disk.ts";
import { decodeSilence, encodeSilence, SILENCE_ROW, silenceCodec, silentFrom, strictest } from "../node/silence.ts";
import { STRATEGY_ROW, strategyCodec } from "../node/strategy.ts";
import { StoreError, type Op, type Store, type Table } from "../storage/store.ts";

/**
 * Compares what was read with what the head's header commits to. @throws when a row was changed or is missing, although
 * each can be read.
 */
export const assertWhole = (core: Core, image: DiskImage): void => {
  const { chain } = core;
  const { head, final, state, tree } = chain;
  assert(final.header.community === chain.community, "the chain is this community's");
  const read = new Set(image.blocks.map(([key]) => key));
  const isRooted = (view: Draft, root: Hash): boolean => toHex(stateRoot(view)) === root;
  const back = new Draft(state);
  assert(isRooted(back, head.header.stateRoot), "the state is what the head commits to");
  for (let at = head; at !== final;) {
    assert(read.has(blockKey(at.header.height, at.hash)), "a block stands under its own name");
    assert(txRootOf(at.block.txs) === at.header.txRoot, "a block has the transactions of its header");
    assert(votesRootOf(at.block.votes) === at.header.votesRoot, "a block has the votes of its header");
    const isSo = at.delta.every(({ path, after }) => sameRow(back.row(path)?.bytes, after?.bytes));
    assert(isSo, "what a block did leads to the state after it");
    back.lay(at.delta, "undo");
    const parent = tree.parentOf(at);
    assert(parent !== undefined, "the head descends from the final block");
    at = parent;
  }
  assert(isRooted(back, final.header.stateRoot), "the changes since the final block lead back to its state");
};

/** What blocks beside the head's branch did was found again (node/load.ts): rows that say otherwise, to be written. */
export const deltaOps = ({ chain }: Core, { deltas }: Pick<DiskImage, "deltas">): Op[] => {
  const { tree, head, final } = chain;
  const rows = new Map(deltas);
  return [...tree.nodes()].flatMap((node): Op[] => {
    if (node === final || tree.isAncestor(node, head)) return [];
    const [key, value] = [deltaKey(node.header.height, node.hash), encodeDelta(node.delta)];
    return sameRow(rows.get(key), value) ? [] : [{ table: "chain", key, value }];
  });
};

/** Rows of the own tables that a node cannot begin without reading; each is lost alone where it is lost. */
const FORMS: readonly (readonly [table: Table, prefix: string, codec: Codec<never>, isSigned: boolean])[] = (
  [
    ["own", "vote/", ownVote, true],
    ["own", "candidacy/", ownTx, true],
    ["own", "winner/", ownTx, true],
    ["own", "refund/", ownTx, true],
    ["own", "block/", ownHash, true],
    ["own", SILENCE_ROW, silenceCodec, true],
    ["own", "sent/", ownTx, false],
    ["settings", STRATEGY_ROW, strategyCodec, false],
    ["settings", "name/", profileRow, false],
  ] as const
).map(([table, prefix, codec, isSigned]) => [table, prefix, codec as unknown as Codec<never>, isSigned]);

const readable = (codec: Codec<never>, raw: Uint8Array): boolean => {
  try {
    return decode(codec, raw, "row").ok;
  } catch {
    return false;
  }
};

/** Of the own table: something that was signed, and can be read. */
export const isSignedRow = (key: string, raw: Uint8Array): boolean => {
  const form = FORMS.find(([table, prefix]) => table === "own" && key.startsWith(prefix));
  return form !== undefined && key !== SILENCE_ROW && readable(form[2], raw);
};

/** What this node has voted last, and where it was: no vote is given below that again. */
const placeFrom = (place: Uint8Array | undefined, votes: readonly Uint8Array[]): Position | null => {
  const known = place === undefined ? null : decode(placeCodec, place, "place");
  if (known?.ok === true)
    // Its own votes of the rounds that still mattered there are all in the journal.
    return { set: known.value.set, round: Math.max(0, known.value.round - ROUNDS_KEPT) };
  let last: Position | null = null;
  for (const raw of votes) {
    const vote = decode(ownVote, raw, "own vote");
    if (!vote.ok) continue;
    const { set, round } = vote.value;
    if (last === null || set > last.set || (set === last.set && round >= last.round)) last = { set, round: round + 1 };
  }
  return last;
};

/**
 * Drops chain, state and what follows from them, and own rows that nobody can read. `step`: the one that runs now, for a
 * device that has to forget what it signed.
 */
export const dropChain = async (store: Store, step: number): Promise<void> => {
  const ops: Op[] = [];
  const place = await store.get("meta", "place");
  const [own, settings] = [await store.entries("own"), await store.entries("settings")];
  let isForgetful = false;
  const gone = new Set<string>();
  for (const [table, rows] of [
    ["own", own],
    ["settings", settings],
  ] as const)
    for (const [key, raw] of rows) {
      const form = FORMS.find(([of, prefix]) => of === table && key.startsWith(prefix));
      if (form === undefined || readable(form[2], raw)) continue;
      ops.push({ table, key, value: null });
      gone.add(key);
      isForgetful ||= form[3];
    }
  // What was decided is read from the blocks, which come again.
  for (const [key] of own) if (isDerived(key)) ops.push({ table: "own", key, value: null });
  const votes = own.filter(([key]) => key.startsWith("vote/") && !gone.has(key)).map(([, raw]) => raw);
  const floor = placeFrom(place, votes);
  const known = own.find(([key]) => key === SILENCE_ROW)?.[1];
  const now = isForgetful || floor === null ? silentFrom(step) : { ...floor, step: 0, waiting: false };
  const before = known === undefined ? null : decodeSilence(known);
  const silence = before === null ? now : strictest(before, now);
  ops.push({ table: "own", key: SILENCE_ROW, value: encodeSilence(silence) });
  // State and heads go first and together: whoever is interrupted after that finds a chain that is not whole, and drops it.
  const kept = await provenRows(store);
  for (const table of ["state", "meta"] as const)
    for (const key of await store.keys(table))
      if (table !== "meta" || !kept.has(key)) ops.push({ table, key, value: null });
  await store.commit(ops);
  for (const table of ["chain", "fetched"] as const) await emptyTable(store, table);
};

/** Of `meta`: what rests on voters' signatures and not on the chain here. */
const provenRows = async (store: Store): Promise<ReadonlySet<string>> => {
  const rows = await store.entries("meta");
  const alarms = rows.filter(([key, raw]) => key.startsWith(ALARM_PREFIX) && readAlarm(raw) !== null);
  const light = soundRows(rows.filter(([key]) => key.startsWith(LIGHT_PREFIX)));
  return new Set([...alarms.map(([key]) => key), ...light]);
};

/** Rows of `own` that follow from the chain. */
export const isDerived = (key: string): boolean => key.startsWith("decision");

/** In parts, as a year of blocks fits no memory. */
const emptyTable = async (store: Store, table: Table): Promise<void> => {
  for (;;) {
    const keys = await store.keys(table, { limit: ROWS_AT_ONCE });
    if (keys.length === 0) return;
    await store.commit(keys.map((key): Op => ({ table, key, value: null })));
  }
};
const ROWS_AT_ONCE = 256;

/** Whether a failure speaks of the disk's content, not of the disk. A bug looks alike: then the second try fails too. */
export const isDamage = (error: unknown): boolean => !(error instanceof StoreError) || error.code === "corrupt";
