/**
 * What a block does to the state (PROTOCOL.md §4, §5): one function for the miner that assembles and for everyone who
 * validates, so that everything is recomputed the same way. Signatures are checked before, see checks.ts.
 */
import { assert, ok, refuse, type Result } from "../base/result.ts";
import { fromHex, toHex } from "../base/bytes.ts";
import { appendToFrontier, frontierRoot, leafHash } from "../base/merkle.ts";
import type { Hash, MemberIndex, StepIndex, TxId } from "../base/units.ts";
import type { Context } from "../ledger/context.ts";
import { dropOldAllocations } from "../ledger/allocations.ts";
import {
  applyDistribution,
  applyGeneration,
  applyTransfer,
  checkLeft,
  isAnybodys,
  oldestBook,
  oldestOpen,
} from "../ledger/energy.ts";
import { applyBallot, applyDue, applyProposal, updateVoters } from "../ledger/governance.ts";
import { isPresent } from "../ledger/members.ts";
import { holdRewards, payRewards } from "../ledger/rewards.ts";
import { key, numberOf, type VotersRow } from "../ledger/rows.ts";
import { stateRoot, type View } from "../ledger/state.ts";
import { dropExpired } from "../ledger/tokens.ts";
import { idOf, kindOrder, signerOf, type Tx } from "../ledger/transaction.ts";
import { BLOCK_VERSION, hashOf, txRootOf, votesRootOf, type Block, type Header } from "./block.ts";
import { applyCandidacy, applyRefund, applyWinner, openAuction, type Auction } from "./candidacy.ts";
import { nextBeacon } from "./draw.ts";
import { applyEvidence, giveStrikes, owedBy } from "./evidence.ts";
import { rootOfVoters, votersIn } from "./certificate.ts";
import { standInOrder } from "./selection.ts";
import { membersOf, type VoteGroup } from "./vote.ts";

/** Before any transaction of the block: what time alone changes. */
export const beginStep = (ctx: Context): void => {
  const { draft, step, contract } = ctx;
  dropExpired(ctx);
  const oldest = oldestOpen(contract, step);
  for (const [k] of draft.scan("booked")) {
    if (numberOf(k) >= oldest) break;
    draft.drop("booked", k);
  }
  for (const table of ["auction", "incident"] as const) {
    for (const [k] of draft.scan(table)) {
      if (numberOf(k) >= oldest) break;
      draft.drop(table, k);
    }
  }
  for (const [k, row] of draft.scan("made")) {
    if (numberOf(k) + contract.reputationWindow >= step) break;
    draft.drop("made", k);
    const member = draft.get("member", key(row.miner));
    if (member) draft.put("member", key(row.miner), { ...member, reputation: member.reputation - 1 });
  }
  payRewards(ctx);
  const oldestKept = oldestBook(contract, step);
  for (const [k] of draft.scan("book")) {
    if (numberOf(k) >= oldestKept) break;
    draft.drop("book", k);
  }
  applyDue(ctx);
  dropOldAllocations(ctx, oldest);
};

/** One transaction. The draft may be half-changed after a refusal: callers work on a draft of their own. */
export const applyTx = (ctx: Context, auction: Auction, tx: Tx): Result<number> => {
  const { body } = tx;
  const id: TxId = idOf(body, ctx.community);
  const nothing = (r: Result<unknown>): Result<number> => (r.ok ? ok(0) : r);
  const signer = signerOf(body).role === "generator" ? undefined : ctx.draft.get("member", key(tx.signer));
  if (signer !== undefined && !isPresent(signer, ctx.step))
    return refuse("has-left", "Whoever signed this is no longer of the community.", "ignore");
  switch (body.kind) {
    case "generation":
      return nothing(applyGeneration(ctx, body, id));
    case "transfer":
      return nothing(applyTransfer(ctx, body, id));
    case "distribution":
      if (signer?.vpp !== true && (signer === undefined || !isAnybodys(ctx.contract, body.step, ctx.step)))
        return refuse("not-vpp", "Only a holder of a VPP key distributes.");
      auction.born.add(id);
      return applyDistribution(ctx, body, id);
    case "candidacy":
      return nothing(applyCandidacy(ctx, auction, body, id));
    case "refund":
      return nothing(applyRefund(ctx, auction, body, id));
    case "winner":
      return nothing(applyWinner(ctx, auction, body, id));
    case "proposal":
      return nothing(applyProposal(ctx, body, id));
    case "ballot":
      return nothing(applyBallot(ctx, body));
    case "evidence": {
      const done = applyEvidence(ctx, body);
      if (done.ok) auction.convicted.push({ ...body, confiscated: done.value });
      return nothing(done);
    }
  }
};

/** Everyone who may make this block, by rank (PROTOCOL.md §6): the ranked candidates, then the stand-ins. */
export const minersByRank = (standIns: readonly MemberIndex[], auction: Auction): (MemberIndex | null)[] =>
  // Rank 0 without an auction is nobody's: a block of the true winner always ranks before a stand-in's.
  auction.winner === null ? [null, ...standIns] : [...auction.winner.ranking, ...standIns];

/** A set's members, keys and quorum never change, so its row has one root. */
const rootsOfVoters = new WeakMap<VotersRow, Hash>();
export const votersRootOf = (view: View): Hash => {
  const voters = view.get("voters", "");
  assert(voters !== undefined, "a state has voters");
  const root = rootsOfVoters.get(voters) ?? rootOfVoters(votersIn(view));
  rootsOfVoters.set(voters, root);
  return root;
};

const carryVotes = (ctx: Context, votes: readonly VoteGroup[]): Result<null> => {
  for (const group of votes) {
    const members = membersOf(group.voters);
    if (members === null) return refuse("votes-bitfield", "A group of votes has no proper list of voters.");
    if (group.step >= ctx.step) return refuse("votes-early", "A block carries votes for earlier steps only.");
    for (const m of members) {
      const row = ctx.draft.get("member", key(m));
      if (row === undefined) return refuse("voter-unknown", "A vote names somebody who is not a member.");
      // Of the step that was approved, not of this block: an old vote carried again makes nobody active.
      const approved = Math.max(row.approved ?? 0, group.step) as StepIndex;
      if (group.kind === "approval" && approved !== row.approved) ctx.draft.put("member", key(m), { ...row, approved });
    }
  }
  return ok(null);
};

/** After the transactions: reward, strikes, the miner's record, the voters, the history. */
const endStep = (
  ctx: Context,
  parent: Header,
  { miner, rank }: Pick<Content, "miner" | "rank">,
  auction: Auction,
  fees: ReadonlyMap<StepIndex, number>,
): void => {
  const { draft, step } = ctx;
  holdRewards(ctx, miner, fees);
  const owed = auction.winner === null ? [] : owedBy(auction.winner.ranking, rank, miner);
  giveStrikes(ctx, owed);
  if (owed.length + auction.convicted.length > 0) {
    const evidence = auction.convicted.map(({ offender, fault, member, confiscated }) => ({
      offender,
      fault,
      reporter: member,
      confiscated,
    }));
    draft.put("incident", key(step), { owed, evidence });
  }
  const row = draft.get("member", key(miner));
  assert(row !== undefined, "the miner is a member");
  const reputation = row.reputation + 1;
  draft.put("member", key(miner), { ...row, lastBlock: step, blocks: row.blocks + 1, reputation, strikes: 0 });
  draft.put("made", key(step), { miner });
  updateVoters(ctx);
  const history = draft.get("history", "");
  assert(history !== undefined, "a state has a history");
  draft.put("history", "", appendToFrontier(history, leafHash(fromHex(hashOf(parent)))));
};

export type Content = Pick<Block, "votes" | "txs" | "draw"> & { readonly rank: number; readonly miner: MemberIndex };

/**
 * Executes a block's content on `ctx.draft`, where `beginStep` has not run yet, and says what its header must be.
 * Refusals name the rule that is broken.
 */
export const executeBlock = (ctx: Context, parent: Header, content: Content): Result<Header> => {
  if (ctx.step <= parent.step) return refuse("step-order", "A block closes a later step than its parent.");
  beginStep(ctx);
  // Before any evidence of this block: what it finds out holds from the next one on.
  const standIns = standInOrder(ctx.draft, parent.beacon, ctx.step);
  const carried = carryVotes(ctx, content.votes);
  if (!carried.ok) return carried;
  const auction = openAuction(parent);
  const fees = new Map<StepIndex, number>();
  let order = 0;
  for (const tx of content.txs) {
    if (kindOrder(tx.body.kind) < order)
      return refuse("txs-order", "The transactions of a block stand in the order of their kinds.");
    order = kindOrder(tx.body.kind);
    const applied = applyTx(ctx, auction, tx);
    if (!applied.ok) return applied;
    if (tx.body.kind === "distribution") fees.set(tx.body.step, (fees.get(tx.body.step) ?? 0) + applied.value);
  }
  const left = checkLeft(ctx);
  if (!left.ok) return left;
  if (auction.staked.size > 0)
    return refuse("candidacy-open", "A candidacy in a block must be ranked or refunded there.");
  if (minersByRank(standIns, auction)[content.rank] !== content.miner) {
    return refuse("not-its-turn", "This member may not make this block at this rank.");
  }
  endStep(ctx, parent, content, auction, fees);
  return ok(headerOf(ctx, parent, content));
};

const headerOf = (ctx: Context, parent: Header, content: Content): Header => {
  const history = ctx.draft.get("history", "");
  assert(history !== undefined, "a state has a history");
  return {
    version: BLOCK_VERSION,
    community: ctx.community,
    step: ctx.step,
    height: parent.height + 1,
    parent: hashOf(parent),
    rank: content.rank,
    miner: content.miner,
    txRoot: txRootOf(content.txs),
    stateRoot: toHex(stateRoot(ctx.draft)),
    historyRoot: toHex(frontierRoot(history)),
    votersRoot: votersRootOf(ctx.draft),
    beacon: nextBeacon(content.draw),
    votesRoot: votesRootOf(content.votes),
  };
};

/** Full validation but for signatures: everything recomputed. */
export const validateBlock = (ctx: Context, parent: Header, block: Block): Result<Header> => {
  const { header } = block;
  const made = executeBlock(ctx, parent, {
    rank: header.rank,
    miner: header.miner,
    draw: block.draw,
    votes: block.votes,
    txs: block.txs,
  });
  if (!made.ok) return made;
  for (const field of Object.keys(made.value) as (keyof Header)[]) {
    if (made.value[field] !== header[field]) {
      return refuse("header-mismatch", "The block's header does not follow from its content.", "penalise", { field });
    }
  }
  return made;
};
