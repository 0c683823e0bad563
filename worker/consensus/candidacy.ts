/**
 * The candidates' auction inside a block (T IV; PROTOCOL.md §6): stakes are taken, the late ones given back, the
 * ranking recomputed from what the chain knows. Gates are judged by the time each candidate signed; whether that time
 * is true is for the nodes that saw it arrive.
 */
import { ok, refuse, type Result } from "../base/result.ts";
import type { Hash, MemberIndex, MilliwattHours, TxId } from "../base/units.ts";
import { gateClosure, gateOpening } from "../community/market-step.ts";
import type { Contract } from "../community/contract.ts";
import type { Context } from "../ledger/context.ts";
import { isPresent } from "../ledger/members.ts";
import { key } from "../ledger/rows.ts";
import { payTokens, spendTokens, type Staked } from "../ledger/tokens.ts";
import type { View } from "../ledger/state.ts";
import type { Candidacy, Evidence, Refund, Winner } from "../ledger/transaction.ts";
import { hashOf, type Header } from "./block.ts";
import { drawOf } from "./draw.ts";
import { rankCandidates, standing, type Candidate } from "./selection.ts";

export type Parent = { readonly hash: Hash; readonly beacon: Hash; readonly miner: MemberIndex };

/** What the auction of one block holds while the block is executed. */
export type Auction = {
  readonly parent: Parent;
  readonly staked: Map<TxId, Staked>;
  readonly members: Set<MemberIndex>;
  winner: Winner | null;
  /** Distributions of this block: nobody but its miner can have known of the tokens that they bear. */
  readonly born: Set<TxId>;
  /** Evidence that this block has accepted. */
  readonly convicted: (Evidence & { readonly confiscated: MilliwattHours })[];
};
export const openAuction = (parent: Header): Auction => ({
  parent: { hash: hashOf(parent), beacon: parent.beacon, miner: parent.miner },
  staked: new Map(),
  members: new Set(),
  winner: null,
  born: new Set(),
  convicted: [],
});

export const isTimely = (contract: Contract, body: Candidacy): boolean =>
  body.at >= gateOpening(contract, body.step) && body.at <= gateClosure(contract, body.step);

const ofThisBlock = (ctx: Context, { parent }: Auction, body: Candidacy | Refund | Winner): boolean =>
  body.step === ctx.step && body.parent === parent.hash && (!("beacon" in body) || body.beacon === parent.beacon);

export const applyCandidacy = (ctx: Context, auction: Auction, body: Candidacy, id: TxId): Result<null> => {
  if (!ofThisBlock(ctx, auction, body))
    return refuse("candidacy-elsewhere", "This candidacy is for another step or branch.", "ignore");
  if (auction.members.has(body.member)) return refuse("candidacy-twice", "A member stands once a step.");
  const row = ctx.draft.get("member", key(body.member));
  if (row === undefined || !isPresent(row, ctx.step)) return refuse("member-unknown", "The candidate is not a member.");
  if (row.barred !== null)
    return refuse("barred", "This member may not stand until the community pardons it by ballot.", "ignore");
  if (body.tokens.some((ref) => auction.born.has(ref.tx)))
    return refuse("token-unborn", "A candidate can only stake voting tokens that were there before the block.");
  const staked = spendTokens(ctx, body);
  if (!staked.ok) return staked;
  auction.members.add(body.member);
  auction.staked.set(id, staked.value);
  return ok(null);
};

/** Takes the named stakes out of the auction; each must be there, named once, in order. */
const take = (auction: Auction, ids: readonly TxId[]): Result<Staked[]> => {
  const out: Staked[] = [];
  for (const [i, id] of ids.entries()) {
    const staked = auction.staked.get(id);
    if (staked === undefined || (i > 0 && id <= (ids[i - 1] ?? ""))) {
      return refuse(
        "candidacies-named",
        "The candidacies named here are not those of this block, each once and in order.",
      );
    }
    auction.staked.delete(id);
    out.push(staked);
  }
  return ok(out);
};

const byCurrentMiner = (ctx: Context, auction: Auction, body: Refund | Winner): Result<null> => {
  if (!ofThisBlock(ctx, auction, body))
    return refuse("auction-elsewhere", "This belongs to another step or branch.", "ignore");
  return body.member === auction.parent.miner
    ? ok(null)
    : refuse("not-current-miner", "Only the current miner closes the auction.");
};

export const applyRefund = (ctx: Context, auction: Auction, body: Refund, id: TxId): Result<null> => {
  const right = byCurrentMiner(ctx, auction, body);
  if (!right.ok) return right;
  const taken = take(auction, body.candidacies);
  if (!taken.ok) return taken;
  if (taken.value.some((s) => isTimely(ctx.contract, s.body))) {
    return refuse("candidacy-timely", "A candidacy within the gates stands; only late ones are refunded.");
  }
  payTokens(
    ctx,
    id,
    taken.value.map((s) => ({ owner: s.member, stakes: s.stakes })),
  );
  return ok(null);
};

/** The candidates as formula (1) wants them. */
export const candidatesOf = (
  view: View,
  contract: Contract,
  staked: readonly Staked[],
  minerDraw: Uint8Array,
): Candidate[] =>
  staked.map((s) => {
    const known = standing(view, contract, s.member, s.body.step) ?? { age: 0, reputation: 0 };
    return { member: s.member, energy: s.energy, ...known, luck: drawOf(s.body.draw, minerDraw, s.member) };
  });

export const applyWinner = (ctx: Context, auction: Auction, body: Winner, id: TxId): Result<null> => {
  const right = byCurrentMiner(ctx, auction, body);
  if (!right.ok) return right;
  if (auction.winner !== null) return refuse("winner-twice", "A step has one winner transaction.");
  const taken = take(auction, body.candidacies);
  if (!taken.ok) return taken;
  const winner = body.ranking[0];
  if (winner === undefined) return refuse("winner-empty", "A winner needs at least one candidate.");
  if (!taken.value.every((s) => isTimely(ctx.contract, s.body))) {
    return refuse("candidacy-late", "A candidacy outside the gates cannot win; it is refunded.");
  }
  const candidates = candidatesOf(ctx.draft, ctx.contract, taken.value, body.draw);
  const ranking = rankCandidates(candidates, ctx.contract);
  if (ranking.length !== body.ranking.length || ranking.some((m, i) => m !== body.ranking[i])) {
    return refuse("wrong-ranking", "The ranking does not follow from the candidacies and draws.");
  }
  payTokens(ctx, id, [{ owner: winner, stakes: taken.value.flatMap((s) => s.stakes) }]);
  auction.winner = body;
  recordAuction(ctx, candidates, ranking);
  return ok(null);
};

/** What screens show of a decided auction; no rule reads it. */
const recordAuction = (ctx: Context, candidates: readonly Candidate[], ranking: readonly MemberIndex[]): void => {
  const lines = candidates.map(({ luck, ...c }) => ({ ...c, luck: (luck - 1n).toString(16).padStart(64, "0") }));
  ctx.draft.put("auction", key(ctx.step), {
    candidates: lines.toSorted((a, b) => ranking.indexOf(a.member) - ranking.indexOf(b.member)),
  });
};
