/**
 * Who voted for a step's block, what it lacks to be final, and who stood in (T II.3 to T II.5, §IV.C), for the step's
 * screen. A vote for a block counts for its ancestors, so those that later blocks carry are looked through too.
 */
import type { Hash, MemberIndex } from "../base/units.ts";
import { standInOrder } from "../consensus/selection.ts";
import type { Block } from "../consensus/block.ts";
import { membersOf, type Target } from "../consensus/vote.ts";
import { key } from "../ledger/rows.ts";
import type { Core } from "../node/core.ts";
import type { Summary } from "../node/lines.ts";
import type { StepDetail, VoterView } from "../port-step.ts";
import type { Store } from "../storage/store.ts";
import { blockOf, isOnline, nameOfMember } from "./lookup.ts";

/** Blocks after one's own in which its votes are looked for. */
const CARRIED_WITHIN = 12;

type Votes = { readonly approved: ReadonlySet<MemberIndex>; readonly confirmed: ReadonlySet<MemberIndex> };

const isLater = (a: Target, b: Target): boolean => a.set > b.set || (a.set === b.set && a.round > b.round);

/** Confirmations of any round; of approvals a member's latest, as fork choice counts them. */
export const votesFor = async (core: Core, store: Store, line: Summary): Promise<Votes> => {
  const latest = new Map<MemberIndex, Target>();
  const confirmed = new Set<MemberIndex>();
  const liesOn = (block: Hash): boolean => (core.summaries.heightOf(block) ?? -1) >= line.height;
  const count = (member: MemberIndex, target: Target): void => {
    if (target.kind === "confirmation") {
      if (liesOn(target.block)) confirmed.add(member);
      return;
    }
    const known = latest.get(member);
    if (known === undefined || isLater(target, known)) latest.set(member, target);
  };
  for (const { member, target } of core.heldVotes) count(member, target);
  const first = line.height + 1;
  for (const later of core.summaries.slice(first, first + CARRIED_WITHIN)) {
    const block = await blockOf(core, store, later);
    for (const group of block?.votes ?? []) for (const m of membersOf(group.voters) ?? []) count(m, group);
  }
  const approved = [...latest].flatMap(([member, target]) => (liesOn(target.block) ? [member] : []));
  return { approved: new Set(approved), confirmed };
};

const isFinal = (core: Core, line: Summary): boolean => line.height <= core.chain.final.header.height;

/** The present voters; of a final block only who voted, since the set may have been another then. */
export const voterViews = (core: Core, line: Summary, votes: Votes): VoterView[] => {
  const all: Iterable<MemberIndex> = isFinal(core, line)
    ? new Set([...votes.approved, ...votes.confirmed])
    : core.chain.finality.members;
  return [...all]
    .toSorted((a, b) => a - b)
    .map((member) => ({
      name: nameOfMember(core, member),
      me: member === core.me,
      online: isOnline(core, member),
      approved: votes.approved.has(member) || votes.confirmed.has(member),
      confirmed: votes.confirmed.has(member),
    }));
};

export const missingOf = (core: Core, line: Summary, voters: readonly VoterView[]): StepDetail["missing"] => {
  if (isFinal(core, line)) return null;
  const { quorum } = core.chain.finality;
  const approvals = voters.filter((v) => v.approved).length;
  const what = approvals < quorum ? "approvals" : "confirmations";
  const has = (v: VoterView): boolean => (what === "approvals" ? v.approved : v.confirmed);
  const open = voters.filter((v) => !has(v));
  return {
    what,
    needed: Math.max(1, quorum - (voters.length - open.length)),
    // Who is there first: their device may say yes at any moment.
    of: open.map(({ name, online }) => ({ name, online })).toSorted((a, b) => Number(b.online) - Number(a.online)),
  };
};

/**
 * Stand-ins up to the writer, where it was none of the candidates. Their order is drawn from the parent's beacon over
 * the members of then; where members have come and gone since, only the writer is sure.
 */
export const standInsOf = (core: Core, block: Block, parent: Block | undefined, candidates: number): string[] => {
  const { rank, miner, step } = block.header;
  const at = rank - Math.max(1, candidates);
  if (at < 0 || parent === undefined) return [];
  const order = standInOrder(core.chain.state, parent.header.beacon, step);
  const known = order[at] === miner ? order.slice(0, at + 1) : [miner];
  return known.map((member) => nameOfMember(core, member));
};

export const incidentOf = (core: Core, step: number): Pick<StepDetail, "owed" | "evidence"> => {
  const row = core.chain.state.get("incident", key(step));
  return {
    owed: (row?.owed ?? []).map((member) => {
      const now = core.chain.state.get("member", key(member));
      return { name: nameOfMember(core, member), strikes: now?.strikes ?? 0, barred: (now?.barred ?? null) !== null };
    }),
    evidence: (row?.evidence ?? []).map((e) => ({
      offender: nameOfMember(core, e.offender),
      fault: e.fault,
      reporter: nameOfMember(core, e.reporter),
      confiscatedMwh: e.confiscated,
    })),
  };
};
