/**
 * Direct governance (§II.C; PROTOCOL.md §5.4): whatever changes, changes by a proposal, ballots, adoption at a majority,
 * and is in force from a stated later step. Nobody is privileged after genesis. Knows nothing of what is
 * decided; that is actions.ts.
 */
import { ok, refuse, type Result } from "../base/result.ts";
import { stepIndex, type MemberIndex, type StepIndex, type TxId } from "../base/units.ts";
import { MAX_BALLOT_WINDOW, quorumOf } from "../community/contract.ts";
import { checkAction, enforce } from "./actions.ts";
import type { Context } from "./context.ts";
import { isOfCommunity, presentMembers } from "./members.ts";
import { dueProposals } from "./parameters.ts";
import { key, numberOf, type ProposalRow } from "./rows.ts";
import type { View } from "./state.ts";
import type { Ballot, Proposal } from "./transaction.ts";

/** Or as many as there are members: each of them has a place of its own among these, whatever the others propose. */
export const MAX_OPEN_PROPOSALS = 64;
/** So that one member alone cannot keep everybody else from proposing anything. */
export const MAX_OPEN_OF_ONE = 8;

/** The step from which what is adopted in this block holds. */
const inForce = (ctx: Context): StepIndex => stepIndex(ctx.step + ctx.contract.adoptionDelay);

/** Whether a member may open one more: its first always, another one where a place stays for each who has none open. */
const hasPlace = (ctx: Context, member: MemberIndex): boolean => {
  const open = ctx.draft.scan("proposal").flatMap(([, p]) => (p.from === null ? [p.by] : []));
  const own = open.filter((by) => by === member).length;
  if (own === 0) return true;
  const present = presentMembers(ctx.draft, ctx.step);
  const proposers = new Set(open);
  const kept = present.filter((m) => !proposers.has(m.index)).length;
  return own < MAX_OPEN_OF_ONE && open.length + kept < Math.max(MAX_OPEN_PROPOSALS, present.length);
};

/** Whether it is adopted already that the member leaves: by itself or by the others. */
const isLeaving = (ctx: Context, member: MemberIndex): boolean =>
  ctx.draft
    .scan("proposal")
    .some(([, p]) => p.from !== null && p.action.kind === "leave" && p.action.member === member);

export const applyProposal = (ctx: Context, body: Proposal, id: TxId): Result<null> => {
  // Sent again, it would lose the ballots that it has.
  if (ctx.draft.get("proposal", id) !== undefined)
    return refuse("proposal-known", "This proposal is open already; vote on it.", "ignore");
  // Sent again once it is in force, its old ballots would adopt it a second time.
  if (ctx.draft.get("adopted", id) !== undefined)
    return refuse("proposal-adopted", "This proposal has been adopted already; make a new one.", "ignore");
  const { member, action } = body;
  // Participation is not mandatory (§II.C): nobody has to ask for leave.
  const isOwnLeave = action.kind === "leave" && action.member === member;
  if (isOwnLeave && isLeaving(ctx, member))
    return refuse("leave-known", "You leave already; there is nothing more to do.", "ignore");
  if (!isOwnLeave && !hasPlace(ctx, member))
    return refuse("too-many-proposals", "Too many ballots are open; wait for some to close.", "ignore");
  if (body.step > ctx.step || body.step + ctx.contract.ballotWindow < ctx.step) {
    return refuse("proposal-time", "This proposal is not of the present; make it again.", "ignore");
  }
  const checked = checkAction(ctx, body.action);
  if (!checked.ok) return checked;
  ctx.draft.put("proposal", id, { by: member, opened: ctx.step, action, ballots: [], from: null });
  if (isOwnLeave) adopt(ctx, id);
  return ok(null);
};

const adopt = (ctx: Context, id: TxId): void => {
  const row = ctx.draft.get("proposal", id);
  if (row === undefined) return;
  const from = inForce(ctx);
  ctx.draft.put("proposal", id, { ...row, from });
  ctx.draft.put("adopted", id, { from });
};

type Asked = Pick<ProposalRow, "by" | "action">;

/** Members who have not left, in order. */
const ofCommunity = (view: View): { readonly index: MemberIndex; readonly weight: number }[] =>
  view
    .scan("member")
    .flatMap(([k, row]) => (isOfCommunity(row) ? [{ index: numberOf(k) as MemberIndex, weight: row.weight }] : []));

/**
 * Whether it adds somebody or something and takes nothing from anybody: then those who are active may decide, so that a
 * community with sleepers can grow. Whoever would get a larger part than any member has now takes of everybody's.
 */
const onlyAdds = (view: View, { by, action }: Asked, largest: number): boolean => {
  if (action.kind === "meter") return view.get("generator", key(action.generator))?.terms.owner === by;
  return action.kind === "generator" || (action.kind === "member" && action.terms.weight <= largest);
};

/**
 * Whose ballots count: all who have not left, or for what only adds the active ones (the voters of finality), as long as
 * these are more than half of all. Whoever is cut off is the only active one on its own branch: it would decide there over
 * everybody, or admit as many friends as it takes to do so.
 */
const electorate = (view: View, asked: Asked): readonly MemberIndex[] => {
  const present = ofCommunity(view);
  const all = present.map((m) => m.index);
  const largest = present.reduce((most, m) => Math.max(most, m.weight), 0);
  if (!onlyAdds(view, asked, largest)) return all;
  const voters = new Set(view.get("voters", "")?.members);
  const active = all.filter((m) => voters.has(m));
  return 2 * active.length > all.length ? active : all;
};

/** How many yes-ballots adopt: more than half of those whose ballots count. */
export const ballotsNeeded = (view: View, asked: Asked): number => Math.floor(electorate(view, asked).length / 2) + 1;

/** Ballots of the electorate only count; a member may change its ballot while the proposal is open. */
export const countBallots = (view: View, row: ProposalRow): { yes: number; no: number } => {
  const counts = new Set(electorate(view, row));
  const counted = row.ballots.filter((b) => counts.has(b.member));
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
  ctx.draft.put("proposal", body.proposal, next);
  if (countBallots(ctx.draft, next).yes >= ballotsNeeded(ctx.draft, next)) adopt(ctx, body.proposal);
  return ok(null);
};

/** Puts in force what is due at this step, and clears away ballots whose time is over. */
export const applyDue = (ctx: Context): void => {
  const due = dueProposals(ctx.draft, ctx.step);
  for (const [id, { from, opened }] of ctx.draft.scan("proposal")) {
    const isOver = from === null ? opened + ctx.contract.ballotWindow < ctx.step : from <= ctx.step;
    if (isOver) ctx.draft.drop("proposal", id);
  }
  // Its proposal is not of the present any more, however long ballots have come to be open meanwhile.
  for (const [id, { from }] of ctx.draft.scan("adopted"))
    if (from + MAX_BALLOT_WINDOW < ctx.step) ctx.draft.drop("adopted", id);
  for (const { from, action } of due) enforce(ctx, action, from);
};

/** The active members after a block: those whose approval the chain has carried within the activity window. */
export const dueVoters = (ctx: Context): MemberIndex[] =>
  presentMembers(ctx.draft, ctx.step).flatMap(({ index, row }) =>
    row.approved !== null && ctx.step - row.approved <= ctx.contract.activityWindow ? [index] : [],
  );

/**
 * Makes a new voter set where the active members, a voting key of theirs or the quorum have changed (PROTOCOL.md §7):
 * all three must be the same for everybody who counts a round. An empty set is never made.
 */
export const updateVoters = (ctx: Context): void => {
  const now = ctx.draft.get("voters", "");
  const members = dueVoters(ctx);
  if (now === undefined || members.length === 0) return;
  const quorum = quorumOf(ctx.contract, members.length);
  // Also of somebody who is not active: with its new key it can only vote, and so become active, in a new set.
  const hasNewKey = presentMembers(ctx.draft, ctx.step).some(({ row }) => row.votesSince > now.set);
  const same = members.length === now.members.length && members.every((m, i) => m === now.members[i]);
  if (same && !hasNewKey && quorum === now.quorum) return;
  ctx.draft.put("voters", "", { set: now.set + 1, since: ctx.step, members, quorum });
};
