/**
 * Finality by rounds after GRANDPA (Stewart, Kokoris-Kogias 2020; T II.5; PROTOCOL.md §7). Two votes a member and round:
 * an approval, then a confirmation of the highest block that a quorum's approvals lie on or above. A block is final when
 * confirmations of a quorum lie on it or on descendants. A round stays open as long as sleepers need.
 *
 * The voters of a round must be the same for everybody, so they come in numbered sets: a block whose state names a new
 * set is the last that the old set may vote on; once it is final, round 0 of the new set begins on top of it. Votes are
 * known only by who gave them for what, and with which key: signatures were checked before.
 */
import type { BlsKey, Hash, MemberIndex, StepIndex } from "../base/units.ts";
import type { Tree, TreeNode } from "./tree.ts";
import { targetOf, type Target, type VoteKind } from "./vote.ts";

type Ballot = Pick<Target, "block" | "step">;
/** By member; `BOTH` for one that gave two. */
export type Ballots = Map<MemberIndex, Ballot>;
/**
 * Who votes twice in a round counts for every block, as in GRANDPA: then whoever hears more votes never sees less, and
 * voters who were told different things come to agree. Safety allows for so many liars anyway.
 */
export const BOTH: Ballot = { block: "" as Hash, step: 0 as StepIndex };
type Round = Record<VoteKind, Ballots>;
const emptyRound = (): Round => ({ approval: new Map(), confirmation: new Map() });

/** A member's key in a set, as the state after a block has it. */
export type VotingKeys = (node: TreeNode) => (member: MemberIndex, set: number) => BlsKey | null;

/** Rounds before the present one whose votes still matter: those that may yet make a block final. */
export const ROUNDS_KEPT = 2;
/** How far ahead of its own set and round a node remembers votes of others. */
export const MAX_SETS_AHEAD = 4;
export const MAX_ROUNDS_AHEAD = 64;

/** How many of how many voters have approved and confirmed a block. */
export type Tally = { readonly approvals: number; readonly confirmations: number; readonly voters: number };

export type Position = { readonly set: number; readonly round: number };

export class Finality {
  /** Whose node this is, where it is a member: a voter casts what it can in a round before it leaves it. */
  self: MemberIndex | null = null;
  readonly #tree: Tree;
  #final: TreeNode;
  #members: readonly MemberIndex[];
  #quorum: number;
  #set: number;
  #round: number;
  #sets = new Map<number, Map<number, Round>>();
  #fresh: { readonly member: MemberIndex; readonly target: Target }[] = [];
  /** By set: the key with which a member's ballots there were given. One counts, and until the set begins it may change. */
  #signers = new Map<number, Map<MemberIndex, BlsKey | null>>();
  readonly #keysAt: VotingKeys;
  #latest = new Map<MemberIndex, Position & Ballot>();
  /** Of the blocks that the last `advance` made final, by the voters who did it: the set may have changed since. */
  #tallies = new Map<Hash, Tally>();

  /** The tree's root is final; its state's voters are the current set. `round`: where a restarted node was. */
  constructor(tree: Tree, round = 0, keysAt: VotingKeys = () => () => null) {
    this.#keysAt = keysAt;
    this.#tree = tree;
    this.#final = tree.root;
    this.#quorum = tree.root.voters.quorum;
    this.#set = tree.root.voters.set;
    this.#members = tree.root.voters.members;
    this.#round = round;
  }
  get position(): Position {
    return { set: this.#set, round: this.#round };
  }
  get members(): readonly MemberIndex[] {
    return this.#members;
  }
  get quorum(): number {
    return this.#quorum;
  }
  /** Liars that a quorum tolerates: two quorums then still share an honest member. */
  get #faults(): number {
    return Math.max(0, Math.min(2 * this.quorum - this.#members.length - 1, this.#members.length - this.quorum));
  }
  ballots(position: Position, kind: VoteKind): Ballots {
    return this.#sets.get(position.set)?.get(position.round)?.[kind] ?? new Map();
  }
  /** Whether a vote is near enough to be worth keeping. */
  isNear({ set, round }: Position): boolean {
    if (set === this.#set) return round + ROUNDS_KEPT >= this.#round && round <= this.#round + MAX_ROUNDS_AHEAD;
    return set > this.#set && set <= this.#set + MAX_SETS_AHEAD && round <= MAX_ROUNDS_AHEAD;
  }
  /**
   * Records a vote. A second, different one of the same round counts too, see BOTH; a third changes nothing. True when new.
   * @param signer the voter's key; the caller answers for it that it is the member's in this set, as far as is known here.
   */
  add(member: MemberIndex, target: Target, signer: BlsKey | null = null): boolean {
    if (!this.isNear(target) || !this.#admits(member, target.set, signer)) return false;
    const rounds = this.#sets.get(target.set) ?? new Map<number, Round>();
    this.#sets.set(target.set, rounds);
    const round = rounds.get(target.round) ?? emptyRound();
    rounds.set(target.round, round);
    const ballots = round[target.kind];
    const known = ballots.get(member);
    if (known === BOTH || (known?.block === target.block && known.step === target.step)) return false;
    const { block, step } = target;
    ballots.set(member, known === undefined ? { block, step } : BOTH);
    this.#fresh.push({ member, target: targetOf(target) });
    const last = this.#latest.get(member);
    const later = last === undefined || target.set > last.set || (target.set === last.set && target.round > last.round);
    if (target.kind === "approval" && later)
      this.#latest.set(member, { set: target.set, round: target.round, block, step });
    return true;
  }
  /** Whether a vote is among those recorded. */
  has(member: MemberIndex, target: Target): boolean {
    const known = this.ballots(target, target.kind).get(member);
    return known === BOTH || known?.block === target.block;
  }
  /** In a set to come, a key that is now known to be the member's takes the place of another; in the present one, none does. */
  #admits(member: MemberIndex, set: number, signer: BlsKey | null): boolean {
    const signers = this.#signers.get(set) ?? new Map<MemberIndex, BlsKey | null>();
    this.#signers.set(set, signers);
    const known = signers.get(member);
    if (known === signer) return true;
    if (known !== undefined && set <= this.#set) return false;
    if (known !== undefined) this.#forget(member, set);
    signers.set(member, signer);
    return true;
  }
  #forget(member: MemberIndex, set: number): void {
    this.#signers.get(set)?.delete(member);
    for (const round of this.#sets.get(set)?.values() ?? [])
      for (const ballots of [round.approval, round.confirmation]) ballots.delete(member);
    if (this.#latest.get(member)?.set === set) this.#latest.delete(member);
  }
  /** Votes recorded since the last call: for the disk, so that a restarted node knows its round's estimate. */
  takeFresh(): readonly { readonly member: MemberIndex; readonly target: Target }[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }
  /**
   * For fork choice: every voter's latest approval, but for one that gave two there: who tells each half something else
   * could hold two halves on two heads for ever.
   */
  latestApprovals(): Hash[] {
    return this.#members.flatMap((m) => {
      const last = this.#latest.get(m);
      if (last === undefined || this.ballots(last, "approval").get(m) === BOTH) return [];
      return this.#isFalse(last) ? [] : last.block;
    });
  }
  /** Votes that lie on `node` or a descendant; of a block just made final, as they were then. */
  tallyOf(node: TreeNode): Tally {
    const { length } = this.#members;
    return (
      this.#tallies.get(node.hash) ?? {
        approvals: this.approvalsOf(node),
        confirmations: this.#confirmationsOf(node),
        voters: length,
      }
    );
  }
  /** Members whose latest approval lies on `node` or a descendant. */
  approvalsOf(node: TreeNode): number {
    return this.#members.filter((m) => this.#liesOn(this.#latest.get(m), node) === "yes").length;
  }
  #confirmationsOf(node: TreeNode): number {
    const rounds = [...(this.#sets.get(this.#set)?.values() ?? [])];
    return this.#members.filter((m) => rounds.some((r) => this.#liesOn(r.confirmation.get(m), node) === "yes")).length;
  }
  /** A vote that names another step than its block's is no vote for that block, nor for anything. */
  #isFalse({ block, step }: Ballot): boolean {
    const target = this.#tree.get(block);
    return target !== undefined && target.header.step !== step;
  }
  #liesOn(vote: Ballot | undefined, node: TreeNode): "none" | "yes" | "no" | "unknown" {
    if (vote === undefined) return "none";
    if (vote === BOTH) return "yes";
    const target = this.#tree.get(vote.block);
    if (target === undefined) return "unknown";
    if (this.#isFalse(vote)) return "no";
    return this.#tree.isAncestor(node, target) ? "yes" : "no";
  }
  #count(ballots: Ballots, node: TreeNode): { yes: number; open: number } {
    let yes = 0;
    let open = 0;
    for (const m of this.#members) {
      const lies = this.#liesOn(ballots.get(m), node);
      if (lies === "yes") yes += 1;
      else if (lies !== "no") open += 1;
    }
    return { yes, open };
  }
  /** The highest block that votes of a quorum lie on or above; undefined while there is none. */
  #highest(ballots: Ballots): TreeNode | undefined {
    let at = this.#final;
    if (this.#count(ballots, at).yes < this.quorum) return undefined;
    // Nothing beyond the block that hands over to the next set is this set's to decide.
    while (at.voters.set === this.#set) {
      const next = [...at.children]
        .map((c) => this.#tree.node(c))
        .find((c) => this.#count(ballots, c).yes >= this.quorum);
      if (next === undefined) return at;
      at = next;
    }
    return at;
  }
  /** Of so many liars, those who have not shown themselves in these votes. */
  #unknown(ballots: Ballots, liars: number): number {
    let shown = 0;
    for (const m of this.#members) if (ballots.get(m) === BOTH) shown += 1;
    return Math.max(0, liars - shown);
  }
  #couldReach(ballots: Ballots, node: TreeNode, liars: number): boolean {
    const { yes, open } = this.#count(ballots, node);
    return yes + open + this.#unknown(ballots, liars) >= this.quorum;
  }
  /** True when no child of `node` can gather a quorum any more, even if so many voters tell each a different thing. */
  #isSettled(ballots: Ballots, node: TreeNode, liars: number): boolean {
    const open = this.#members.filter((m) => {
      const lies = this.#liesOn(ballots.get(m), node);
      return lies === "none" || lies === "unknown";
    }).length;
    const shown = this.#members.filter((m) => ballots.get(m) === BOTH).length;
    if (open + shown + this.#unknown(ballots, liars) >= this.quorum) return false;
    return [...node.children].every((c) => !this.#couldReach(ballots, this.#tree.node(c), liars));
  }
  /** The highest block that confirmations of the round may still make, or have made, final. */
  #estimate(round: number): { estimate: TreeNode; completable: boolean } | undefined {
    const ghost = this.#highest(this.ballots({ set: this.#set, round }, "approval"));
    if (ghost === undefined) return undefined;
    const confirmations = this.ballots({ set: this.#set, round }, "confirmation");
    let estimate: TreeNode = ghost;
    for (;;) {
      if (this.#couldReach(confirmations, estimate, this.#faults)) break;
      if (estimate === this.#final) break;
      estimate = this.#tree.parentOf(estimate) ?? this.#final;
    }
    return { estimate, completable: estimate !== ghost || this.#isSettled(confirmations, ghost, this.#faults) };
  }
  /** The last final block. */
  get final(): TreeNode {
    return this.#final;
  }
  /** Moves rounds, sets and the final block as far as the votes allow. */
  advance(): void {
    this.#tallies.clear();
    for (let moved = true; moved;) moved = this.#finalise() || this.#nextRound();
  }
  #finalise(): boolean {
    const rounds = this.#sets.get(this.#set) ?? new Map<number, Round>();
    for (const round of [...rounds.keys()].toSorted((a, b) => b - a)) {
      const final = this.#highest(this.ballots({ set: this.#set, round }, "confirmation"));
      if (final === undefined || final === this.#final) continue;
      for (const node of this.#tree.path(this.#final, final)) this.#tallies.set(node.hash, this.tallyOf(node));
      this.#final = final;
      if (final.voters.set > this.#set) this.#begin(final);
      return true;
    }
    return false;
  }
  #begin(final: TreeNode): void {
    this.#set = final.voters.set;
    this.#members = final.voters.members;
    this.#quorum = final.voters.quorum;
    this.#round = 0;
    for (const sets of [this.#sets, this.#signers])
      for (const set of sets.keys()) if (set < this.#set - 1) sets.delete(set);
    // What was heard too early was judged by a state that is not the one all now agree on.
    const keyOf = this.#keysAt(final);
    for (const [m, signer] of this.#signers.get(this.#set) ?? [])
      if (signer !== keyOf(m, this.#set)) this.#forget(m, this.#set);
  }
  /**
   * GRANDPA's rule that a voter has voted in a round before it starts the next. Where a quorum is nearly everybody (2 of
   * 2, 3 of 3), a round is completable before it is final, and voters that hurry on would never make anything final.
   */
  #owes(): boolean {
    if (this.self === null || !this.#members.includes(this.self)) return false;
    // Who relies on everybody honest to approve must not wait in a round that others left without a word.
    if (!this.ballots(this.position, "approval").has(this.self)) return true;
    return !this.ballots(this.position, "confirmation").has(this.self) && this.confirmationFor() !== undefined;
  }
  #nextRound(): boolean {
    const rounds = [...(this.#sets.get(this.#set)?.keys() ?? [])].filter((r) => r >= this.#round);
    const done = rounds.toSorted((a, b) => b - a).find((r) => this.#estimate(r)?.completable === true);
    if (done === undefined || (done === this.#round && this.#owes())) return false;
    this.#round = done + 1;
    const kept = this.#sets.get(this.#set);
    for (const r of kept?.keys() ?? []) if (r < this.#round - ROUNDS_KEPT) kept?.delete(r);
    return true;
  }
  /** Where fork choice starts: a voter may not leave the estimate of the round before. */
  anchor(): TreeNode {
    const estimate = this.#round === 0 ? undefined : this.#estimate(this.#round - 1)?.estimate;
    return estimate ?? this.#final;
  }
  /** The highest block of `head`'s chain that the current set may vote on. */
  cap(head: TreeNode): TreeNode {
    let at = head;
    for (;;) {
      const parent = this.#tree.parentOf(at);
      if (at === this.#final || parent === undefined || parent.voters.set === this.#set) return at;
      at = parent;
    }
  }
  /**
   * What a member that has not voted so in this round should approve, seeing `head`: something new, or, where the round is
   * over without it, what there is.
   */
  approvalFor(head: TreeNode): TreeNode | undefined {
    const target = this.cap(head);
    if (!this.#tree.isAncestor(this.anchor(), target)) return undefined;
    return target !== this.#final || this.#estimate(this.#round)?.completable === true ? target : undefined;
  }
  /**
   * What it should confirm: the quorum's block, once there is something to gain or nothing more to wait for. Liars are
   * not waited for: when to confirm is no matter of safety, and two halves of four would wait for each other forever.
   * Nor is anybody, once patience is over: approvals split between two blocks would else wait for members who sleep.
   */
  confirmationFor(patient = true): TreeNode | undefined {
    const approvals = this.ballots(this.position, "approval");
    const ghost = this.#highest(approvals);
    if (ghost === undefined || !this.#tree.isAncestor(this.anchor(), ghost)) return undefined;
    return !patient || ghost !== this.#final || this.#isSettled(approvals, ghost, 0) ? ghost : undefined;
  }
}
