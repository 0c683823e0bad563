/**
 * Direct governance (§II.C; PROTOCOL.md §2): members and generators enter by a proposal, ballots, adoption at a
 * majority of active members, and are in force from a stated later step. Nobody is privileged after genesis.
 */
import { ok, refuse, type Result } from "../base/result.ts";
import { mwh, stepIndex, type MemberIndex, type StepIndex, type TxId } from "../base/units.ts";
import { blsVerifyPossession } from "../base/bls.ts";
import { verify } from "../base/ed25519.ts";
import { endorsementMessage, hasBounds } from "../community/contract.ts";
import { allocationAt, MAX_MEMBERS, PPM } from "../community/repartition.ts";
import type { Context } from "./context.ts";
import { allocationsOf } from "./energy.ts";
import { key, type ProposalRow } from "./rows.ts";
import type { View } from "./state.ts";
import type { Action, Ballot, Proposal } from "./transaction.ts";

export const MAX_OPEN_PROPOSALS = 64;

const checkAction = (ctx: Context, action: Action): Result<Action> => {
  const { draft, contract } = ctx;
  if (action.kind === "member") {
    if (draft.scan("member").some(([, m]) => m.key === action.terms.key || m.blsKey === action.terms.blsKey)) {
      return refuse("member-known", "This neighbour is a member already.", "ignore");
    }
    if (action.terms.weight > PPM) return refuse("weight-too-large", "A weight is at most 1,000,000.");
    if (draft.scan("member").length >= MAX_MEMBERS) return refuse("community-full", "The community is full.", "ignore");
    if (!blsVerifyPossession(action.terms.blsKey, action.terms.blsProof)) {
      return refuse("voting-key-unproven", "The new member's voting key comes without proof of its secret.");
    }
    return ok(action);
  }
  if (draft.scan("generator").some(([, g]) => g.terms.key === action.terms.key)) {
    return refuse("generator-known", "This meter is registered already.", "ignore");
  }
  if (draft.get("member", key(action.terms.owner)) === undefined)
    return refuse("owner-unknown", "The meter's owner is not a member.");
  if (!hasBounds(action.terms))
    return refuse("generator-terms", "A generator needs a peak power and a resolution, each within its bounds.");
  const { endorsement } = action.terms;
  const endorsed =
    contract.dso === null
      ? endorsement === null
      : endorsement !== null &&
        verify({ key: contract.dso, message: endorsementMessage(action.terms), signature: endorsement });
  return endorsed
    ? ok(action)
    : refuse("endorsement", "The grid operator's endorsement of this meter is missing or false.");
};

export const applyProposal = (ctx: Context, body: Proposal, id: TxId): Result<null> => {
  // Sent again, it would lose the ballots that it has.
  if (ctx.draft.get("proposal", id) !== undefined)
    return refuse("proposal-known", "This proposal is open already; vote on it.", "ignore");
  const open = ctx.draft.scan("proposal").filter(([, p]) => p.from === null);
  if (open.length >= MAX_OPEN_PROPOSALS)
    return refuse("too-many-proposals", "Too many ballots are open; wait for some to close.", "ignore");
  if (body.step > ctx.step || body.step + ctx.contract.ballotWindow < ctx.step) {
    return refuse("proposal-time", "This proposal is not of the present; make it again.", "ignore");
  }
  const action = checkAction(ctx, body.action);
  if (!action.ok) return action;
  ctx.draft.put("proposal", id, { by: body.member, opened: ctx.step, action: body.action, ballots: [], from: null });
  return ok(null);
};

/** How many yes-ballots adopt: more than half of the active members (the voters of finality). */
export const ballotsNeeded = (view: View): number => Math.floor((view.get("voters", "")?.members.length ?? 0) / 2) + 1;

/** Ballots of active members only count; a member may change its ballot while the proposal is open. */
export const countBallots = (view: View, row: ProposalRow): { yes: number; no: number } => {
  const active = new Set(view.get("voters", "")?.members ?? []);
  const counted = row.ballots.filter((b) => active.has(b.member));
  return { yes: counted.filter((b) => b.yes).length, no: counted.filter((b) => !b.yes).length };
};

export const applyBallot = (ctx: Context, body: Ballot): Result<null> => {
  const row = ctx.draft.get("proposal", body.proposal);
  if (row === undefined) return refuse("proposal-unknown", "There is no such ballot, or it is over.", "ignore");
  if (row.from !== null) return refuse("ballot-closed", "This ballot is over; the proposal is adopted.", "ignore");
  if (body.step > ctx.step)
    return refuse("ballot-early", "This ballot belongs to a step that is still running.", "ignore");
  const before = row.ballots.find((b) => b.member === body.member);
  if (before !== undefined && before.step >= body.step) {
    return refuse("ballot-old", "A ballot of this member is counted already; vote again in the next step.", "ignore");
  }
  const { member, step, yes } = body;
  const ballots = [...row.ballots.filter((b) => b.member !== member), { member, step, yes }].toSorted(
    (a, b) => a.member - b.member,
  );
  const next: ProposalRow = { ...row, ballots };
  const adopted = countBallots(ctx.draft, next).yes >= ballotsNeeded(ctx.draft);
  ctx.draft.put("proposal", body.proposal, {
    ...next,
    from: adopted ? stepIndex(ctx.step + ctx.contract.adoptionDelay) : null,
  });
  return ok(null);
};

/** Puts in force what is due at this step, and clears away ballots whose time is over. */
export const applyDue = (ctx: Context): void => {
  const adopted: { from: StepIndex; action: Action }[] = [];
  for (const [id, { from, action, opened }] of ctx.draft.scan("proposal")) {
    const isOver = from === null ? opened + ctx.contract.ballotWindow < ctx.step : from <= ctx.step;
    if (!isOver) continue;
    if (from !== null) adopted.push({ from, action });
    ctx.draft.drop("proposal", id);
  }
  for (const { from, action } of adopted.toSorted((a, b) => a.from - b.from)) enforce(ctx, action, from);
};

/** `from` may be earlier than the block's step, when no block was made in between: what was stated holds. */
const enforce = (ctx: Context, action: Action, from: StepIndex): void => {
  // Two proposals for the same key may both have been adopted: the second finds it known and does nothing.
  if (!checkAction(ctx, action).ok) return;
  if (action.kind === "member") return addMember(ctx, action, from);
  const index = ctx.draft.scan("generator").length;
  ctx.draft.put("generator", key(index), { terms: action.terms, joined: from, register: mwh(0) });
};

const addMember = (ctx: Context, action: Extract<Action, { kind: "member" }>, from: StepIndex): void => {
  const { draft } = ctx;
  const index = draft.scan("member").length as MemberIndex;
  const { key: memberKey, blsKey, weight, vpp } = action.terms;
  draft.put("member", key(index), {
    key: memberKey,
    blsKey,
    weight,
    vpp,
    joined: from,
    meter: mwh(0),
    lastBlock: from,
    blocks: 0,
    reputation: 0,
    approved: null,
  });
  const now = allocationAt(allocationsOf(draft), from);
  if (now === undefined) return;
  draft.put("allocation", key(from), { ...now, from, weights: [...now.weights, { member: index, weight }] });
};

/** The active members after a block: those whose approval the chain has carried within the activity window. */
export const dueVoters = (ctx: Context): MemberIndex[] =>
  ctx.draft
    .scan("member")
    .flatMap(([k, m]) =>
      m.approved !== null && ctx.step - m.approved <= ctx.contract.activityWindow
        ? [Number.parseInt(k, 16) as MemberIndex]
        : [],
    );

/** Makes a new voter set where the active members have changed (PROTOCOL.md §7). An empty set is never made. */
export const updateVoters = (ctx: Context): void => {
  const now = ctx.draft.get("voters", "");
  const due = dueVoters(ctx);
  if (now === undefined || due.length === 0) return;
  if (due.length === now.members.length && due.every((m, i) => m === now.members[i])) return;
  ctx.draft.put("voters", "", { set: now.set + 1, since: ctx.step, members: due });
};

/** Versions of the rule that neither the late window nor energy that still waits for its share can reach. */
export const dropOldAllocations = (ctx: Context, oldest: StepIndex): void => {
  const rows = ctx.draft.scan("allocation");
  if (rows.length < 2) return;
  const needed = ctx.draft.scan("energy").reduce((least: number, [, e]) => Math.min(least, e.step), oldest);
  rows.forEach(([k], i) => {
    const next = rows[i + 1]?.[1];
    if (next !== undefined && next.from <= needed) ctx.draft.drop("allocation", k);
  });
};
