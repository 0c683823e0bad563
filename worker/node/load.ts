/**
 * A node's memory from its disk: everything `machine.ts` wrote, read back. Rows are handed in, so this stays without
 * I/O. @throws when rows are damaged or do not fit together: the shell then says that the disk is corrupt.
 */
import { nobleBls } from "../base/bls.ts";
import type { Bls } from "../base/bls-scheme.ts";
import { decode } from "../base/codec.ts";
import { assert } from "../base/result.ts";
import type { Hash, Millis, MilliwattHours } from "../base/units.ts";
import type { SignedContract } from "../community/contract.ts";
import type { Block } from "../consensus/block.ts";
import { certificateCodec } from "../consensus/certificate.ts";
import type { TreeNode } from "../consensus/tree.ts";
import type { Vote } from "../consensus/vote.ts";
import { Draft, State, type Delta } from "../ledger/state.ts";
import { restore } from "../metering/journal.ts";
import { ALARM_PREFIX, readAlarm } from "./alarms.ts";
import { Chain, treeNode } from "./chain.ts";
import { Core, emptyJournal, type NodeKeys, type OwnJournal } from "./core.ts";
import { Desk, makeMeter, meterRowCodec } from "./desk.ts";
import {
  BEGINNING,
  blockIn,
  headsCodec,
  heightOfKey,
  placeCodec,
  heldVoteCodec,
  ownHash,
  ownTx,
  ownVote,
  profileRow,
  readDeltaRow,
  readOwn,
  summaryCodec,
  writeBlock,
  writeSummary,
  type HeldVote,
} from "./disk.ts";
import { Out } from "./events.ts";
import { KEPT_ROW, keptIn } from "./kept.ts";
import { Lines, type Summary } from "./lines.ts";
import { SILENCE_ROW, silenceCodec } from "./silence.ts";
import { STRATEGY_ROW, strategyCodec } from "./strategy.ts";

type Rows = readonly (readonly [string, Uint8Array])[];
/** All rows of the tables named; of `chain` the lines, and the blocks and deltas from the final height on. */
export type DiskImage = {
  readonly meta: Rows;
  readonly state: Rows;
  readonly lines: Rows;
  readonly blocks: Rows;
  readonly deltas: Rows;
  readonly own: Rows;
  readonly journal: Rows;
  readonly settings: Rows;
};

const under = (rows: Rows, prefix: string): Rows =>
  rows.filter(([k]) => k.startsWith(prefix)).map(([k, v]) => [k.slice(prefix.length), v]);

const genesisLine = (chain: Chain): Summary => {
  const { header, hash } = chain.head;
  return {
    hash,
    step: 0,
    height: 0,
    miner: header.miner,
    rank: 0,
    transactions: 0,
    generatedMwh: 0,
    approvals: 0,
    confirmations: 0,
    voters: chain.head.voters.members.length,
  };
};

/** A node that begins: the genesis is its whole chain. Its first commit is in the core's `out`. */
export const beginCore = (keys: NodeKeys, signed: SignedContract, bls: Bls = nobleBls): Core => {
  const chain = Chain.begin(signed.contract);
  const line = genesisLine(chain);
  const core = new Core({
    keys,
    bls,
    signed,
    chain,
    desk: new Desk(),
    own: emptyJournal(),
    summaries: new Lines([line]),
    out: new Out(),
  });
  for (const path of chain.state.paths("")) core.out.commit("state", path, chain.state.row(path)?.bytes ?? null);
  writeBlock(core.out, chain.head);
  writeSummary(core.out, line);
  return core;
};

/** The height below which blocks need not be read, or null when the disk has no chain yet. */
export const finalHeightOf = (heads: Uint8Array | undefined): number | null =>
  heads === undefined ? null : readOwn(headsCodec, heads, "list of heads").finalHeight;

export const restoreCore = (
  keys: NodeKeys,
  signed: SignedContract,
  image: DiskImage,
  secretOf: (n: number) => Uint8Array,
  bls: Bls = nobleBls,
): Core => {
  const headsRow = image.meta.find(([k]) => k === "heads")?.[1];
  if (headsRow === undefined) return restoreRest(beginCore(keys, signed, bls), image, secretOf);
  const heads = readOwn(headsCodec, headsRow, "list of heads");
  const state = State.from(image.state);
  const { nodes, others } = treeOf(image, state, heads);
  const placeRow = image.meta.find(([k]) => k === "place")?.[1];
  const place = placeRow === undefined ? undefined : readOwn(placeCodec, placeRow, "place in finality");
  const { round, bound } = place?.set === nodes[0].voters.set ? place : { round: heads.round, bound: heads.head };
  const chain = Chain.restore(signed.contract, state, nodes, heads.head, round, bound);
  // They are judged anew, as the state does not show whether their rows are whole. One that fails is fetched if it matters.
  for (const block of others) chain.add(block);
  const summaries = linesOf(image.lines);
  assert(summaries.length === heads.height + 1, "the disk has a line for every block up to the head");
  const core = new Core({ keys, bls, signed, chain, desk: new Desk(), own: emptyJournal(), summaries, out: new Out() });
  core.verifiedAt = heads.verifiedAt === 0 ? null : (heads.verifiedAt as Millis);
  const proof = image.meta.find(([k]) => k === BEGINNING)?.[1];
  const beginning = proof === undefined ? null : decode(certificateCodec, proof, "proof of the first block");
  if (beginning?.ok === true) core.beginning = beginning.value;
  return restoreRest(core, image, secretOf);
};

/** Those that lead to the head: below a gap lies what was known before a later beginning. */
const linesOf = (rows: Rows): Lines => {
  const heights = rows.map(([k]) => heightOfKey(k));
  let from = rows.length - 1;
  while (from > 0 && heights[from - 1] === (heights[from] ?? 0) - 1) from -= 1;
  return new Lines(rows.slice(Math.max(0, from)).map(([, raw]) => readOwn(summaryCodec, raw, "line of a block")));
};

/**
 * Root first, up to the head; the voters after each block follow from its parent's and its delta. `others` lie beside, each
 * parent before its children: what a damaged row of theirs would do nobody could tell before the head is there.
 */
const treeOf = (
  { blocks, deltas }: Pick<DiskImage, "blocks" | "deltas">,
  state: State,
  heads: { head: Hash; final: Hash },
): { readonly nodes: [TreeNode, ...TreeNode[]]; readonly others: readonly Block[] } => {
  const rawDeltas = new Map(deltas.map(([k, raw]) => [k.slice(k.lastIndexOf("/") + 1), raw]));
  const byHash = new Map(blocks.map(([k, raw]) => [k.slice(k.lastIndexOf("/") + 1), blockIn(k, raw)] as const));
  const root = byHash.get(heads.final);
  assert(root, "the disk has the final block");
  const way: { readonly block: Block; readonly delta: Delta }[] = [];
  for (let hash = heads.head; hash !== heads.final;) {
    const [block, rawDelta] = [byHash.get(hash), rawDeltas.get(hash)];
    assert(block && rawDelta !== undefined, "the disk has each block from the final one to the head, and what it did");
    way.unshift({ block, delta: readDeltaRow(rawDelta) });
    byHash.delete(hash);
    hash = block.header.parent;
  }
  byHash.delete(heads.final);
  // The head's voters stand in the state; walking down, each block's delta says what they were before.
  const draft = new Draft(state);
  for (const { delta } of way.toReversed()) draft.lay(delta, "undo");
  let voters = draft.get("voters", "");
  assert(voters !== undefined, "a state has voters");
  const nodes: [TreeNode, ...TreeNode[]] = [treeNode(root, [], voters)];
  for (const { block, delta } of way) {
    voters = votersAfter(delta) ?? voters;
    nodes.push(treeNode(block, delta, voters));
  }
  const others = [...byHash.values()].flatMap((block) => block ?? []);
  return { nodes, others: others.toSorted((a, b) => a.header.height - b.header.height) };
};
const votersAfter = (delta: TreeNode["delta"]): TreeNode["voters"] | undefined =>
  delta.find((c) => c.path === "voters/")?.after?.value as TreeNode["voters"] | undefined;

const readJournal = (own: Rows): OwnJournal => {
  const journal = emptyJournal();
  for (const [k, raw] of under(own, "vote/")) journal.votes.set(`vote/${k}`, readOwn(ownVote, raw, "own vote"));
  for (const [k, raw] of under(own, "candidacy/")) journal.candidacies.set(k, readOwn(ownTx, raw, "own candidacy"));
  for (const kind of ["winner/", "refund/"])
    for (const [k, raw] of under(own, kind)) journal.auctions.set(kind + k, readOwn(ownTx, raw, "own auction"));
  for (const [k, raw] of under(own, "block/")) journal.blocks.set(Number(k), readOwn(ownHash, raw, "own block"));
  for (const [, raw] of under(own, "sent/")) journal.sent.push(readOwn(ownTx, raw, "own transaction"));
  return journal;
};

const restoreRest = (core: Core, image: DiskImage, secretOf: (n: number) => Uint8Array): Core => {
  core.kept = keptIn(image.meta.find(([k]) => k === KEPT_ROW)?.[1]);
  const own = readJournal(image.own);
  for (const [k, v] of own.votes) core.own.votes.set(k, v);
  for (const [k, v] of own.candidacies) core.own.candidacies.set(k, v);
  for (const [k, v] of own.auctions) core.own.auctions.set(k, v);
  for (const [k, v] of own.blocks) core.own.blocks.set(k, v);
  core.own.sent.push(...own.sent);
  const silence = image.own.find(([k]) => k === SILENCE_ROW)?.[1];
  if (silence !== undefined) core.silence = readOwn(silenceCodec, silence, "silence");
  for (const [, raw] of under(image.meta, "vote/")) {
    const held = readOwn(heldVoteCodec, raw, "vote");
    core.heldVotes.push(held);
    takeVote(core, held);
  }
  core.chain.finality.takeFresh();
  for (const [, raw] of under(image.meta, ALARM_PREFIX)) core.alarms.push(...[readAlarm(raw) ?? []].flat());
  const strategy = image.settings.find(([k]) => k === STRATEGY_ROW)?.[1];
  if (strategy !== undefined) core.strategy = readOwn(strategyCodec, strategy, "voting strategy");
  for (const [, raw] of under(image.settings, "name/")) {
    const profile = readOwn(profileRow, raw, "name");
    core.names.set(profile.key, profile);
  }
  for (const [id, raw] of under(image.own, "meter/")) {
    const row = readOwn(meterRowCodec, raw, "meter");
    const meter = makeMeter(id, row, secretOf(row.keyNumber));
    const entries = under(image.journal, `${id}/`).map(([, v]) => v);
    const ledger = core.desk.generatorOf(core, meter)?.row.register ?? (0 as MilliwattHours);
    if (entries.length > 0) {
      const cryptometer = restore(meter.config, entries, ledger);
      assert(cryptometer.ok, "the meter's journal on disk is whole");
      meter.cryptometer = cryptometer.value;
    }
    core.desk.meters.set(id, meter);
  }
  // What was signed and may not have arrived is offered again.
  for (const vote of core.own.votes.values()) {
    const voter = core.chain.voterKey(vote.member, vote.set);
    if (voter !== null) core.pool.votedWith.set(vote, voter);
    core.pool.addVote(vote, core.publish({ kind: "vote", vote }));
  }
  return core;
};

/**
 * Counts as before, unless the branch of the head knows another key of this voter in this set: then it is nobody's vote
 * here. One of another member that was heard alone is offered again: a block may still carry it, and it may prove to
 * somebody what is final.
 */
const takeVote = (core: Core, { member, target, signer, signature }: HeldVote): void => {
  const { finality } = core.chain;
  const known = core.chain.voterKey(member, target.set);
  // The state holds a member's last two keys: of a third before them, the set in office still counts what was given.
  const counts = signer !== null && (signer === known || (known === null && target.set <= finality.position.set));
  if (!counts || !finality.add(member, target, signer) || signature === null || member === core.me) return;
  const vote: Vote = { ...target, member, signature };
  core.pool.votedWith.set(vote, signer);
  core.pool.addVote(vote, core.publish({ kind: "vote", vote }));
};
