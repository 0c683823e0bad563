/**
 * Finality by rounds after GRANDPA (Stewart, Kokoris-Kogias 2020; T II.5; PROTOCOL.md §7). Two votes a member and round:
 * an approval, then a confirmation of the highest block that a quorum's approvals lie on or above. A block is final when
 * confirmations of a quorum lie on it or on descendants. A round stays open as long as sleepers need.
 *
 * The voters of a round must be the same for everybody, so they come in numbered sets: a block whose state names a new
 * set is the last that the old set may vote on; once it is final, round 0 of the new set begins on top of it. Votes are
 * known only by who gave them for what, and with which key: signatures were checked before.
 */
import type { BlsKey, Hash, MemberIndex } from "../base/units.ts";
import { BOTH, Electorate, type Ballot, type Ballots, type Round } from "./electorate.ts";
import type { Tree, TreeNode } from "./tree.ts";
import { NO_HASH } from "./block.ts";
import { targetOf, type Target, type VoteKind } from "./vote.ts";

const emptyRound = (): Round => ({ approval: new Map(), confirmation: new Map() });

/** A member's key in a set, as the state after a block has it. */
export type VotingKeys = (node: TreeNode) => (member: MemberIndex, set: number) => BlsKey | null;

/**
 * Rounds before the present one whose votes still matter: they may yet make a block final, and a voter that slept through
 * them still confirms in them.
 */
export const ROUNDS_KEPT = 8;
/** How far ahead of its own set and round a node remembers votes of others. */
export const MAX_SETS_AHEAD = 4;
export const MAX_ROUNDS_AHEAD = 64;

/** How many of how many voters have approved and confirmed a block. */
export type Tally = { readonly approvals: number; readonly confirmations: number; readonly voters: number };

export type Position = { readonly set: number; readonly round: number };

/** A vote in a round that was left. */
export type LateVote = { readonly round: number; readonly kind: VoteKind; readonly node: TreeNode };

export class Finality {
  /** Whose node this is, where it is a member: a voter casts what it can in a round before it leaves it. */
  self: MemberIndex | null = null;
  readonly #tree: Tree;
  #final: TreeNode;
  #voters: Electorate;
  #set: number;
  #round: number;
  #sets = new Map<number, Map<number, Round>>();
  readonly #noVotes = emptyRound();
  #fresh: { readonly member: MemberIndex; readonly target: Target }[] = [];
  /** By set: the key with which a member's ballots there were given. One counts, and until the set begins it may change. */
  #signers = new Map<number, Map<MemberIndex, BlsKey | null>>();
  readonly #keysAt: VotingKeys;
  /** What votes of the present round may not leave, as last known: of blocks that were dropped the tree knows nothing more. */
  #held: TreeNode;
  /**
   * True for who begins in this round with nothing but a proof of its final block: what the rounds before may still make
   * final beyond it is not known here, so it says nothing until votes that it heard have led to a later round.
   */
  #blind: boolean;
  #latest = new Map<MemberIndex, Position & Ballot>();
  /** Of the blocks that the last `advance` made final, by the voters who did it: the set may have changed since. */
  #tallies = new Map<Hash, Tally>();

  /**
   * The tree's root is final; its state's voters are the current set. `round`: where a restarted node was; `held`: its
   * `anchor` there, no hash for one that is blind.
   */
  constructor(tree: Tree, round = 0, keysAt: VotingKeys = () => () => null, held: Hash = tree.root.hash) {
    this.#blind = held === NO_HASH;
    this.#held = tree.get(held) ?? tree.root;
    this.#keysAt = keysAt;
    this.#tree = tree;
    this.#final = tree.root;
    this.#set = tree.root.voters.set;
    this.#voters = new Electorate(tree, tree.root.voters, tree.root);
    this.#round = round;
  }
  get position(): Position {
    return { set: this.#set, round: this.#round };
  }
  get isBlind(): boolean {
    return this.#blind;
  }
  get members(): readonly MemberIndex[] {
    return this.#voters.members;
  }
  get quorum(): number {
    return this.#voters.quorum;
  }
  ballots(position: Position, kind: VoteKind): Ballots {
    return this.#votesOf(position)[kind];
  }
  #votesOf({ set, round }: Position): Round {
    return this.#sets.get(set)?.get(round) ?? this.#noVotes;
  }
  #inRound(round: number): Round {
    return this.#votesOf({ set: this.#set, round });
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
    this.#voters.votesChanged();
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
  /** The key with which a member's ballots in a set were given; null where there are none. */
  signerOf(member: MemberIndex, set: number): BlsKey | null {
    return this.#signers.get(set)?.get(member) ?? null;
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
    this.#voters.votesChanged();
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
    return this.members.flatMap((m) => {
      const last = this.#latest.get(m);
      if (last === undefined || this.ballots(last, "approval").get(m) === BOTH) return [];
      return this.#voters.isFalse(last) ? [] : last.block;
    });
  }
  /** Votes that lie on `node` or a descendant; of a block just made final, as they were then. */
  tallyOf(node: TreeNode): Tally {
    const { length } = this.members;
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
    return this.members.filter((m) => this.#voters.liesOn(this.#latest.get(m), node) === "yes").length;
  }
  #confirmationsOf(node: TreeNode): number {
    const rounds = [...(this.#sets.get(this.#set)?.values() ?? [])];
    return this.members.filter((m) => rounds.some((r) => this.#voters.liesOn(r.confirmation.get(m), node) === "yes"))
      .length;
  }
  /** The last final block. */
  get final(): TreeNode {
    return this.#final;
  }
  /** Moves rounds, sets and the final block as far as the votes allow. */
  advance(): void {
    this.#tallies.clear();
    for (let moved = true; moved;) moved = this.#finalise() || this.#nextRound();
    this.#held = this.anchor();
  }
  #finalise(): boolean {
    const rounds = [...(this.#sets.get(this.#set)?.keys() ?? [])];
    for (const round of rounds.toSorted((a, b) => b - a)) {
      const final = this.#voters.highest(this.#inRound(round).confirmation);
      if (final === undefined || final === this.#final) continue;
      for (const node of this.#tree.path(this.#final, final)) this.#tallies.set(node.hash, this.tallyOf(node));
      this.#final = final;
      this.#voters = new Electorate(this.#tree, final.voters, final);
      if (final.voters.set > this.#set) this.#begin(final);
      return true;
    }
    return false;
  }
  #begin(final: TreeNode): void {
    this.#set = final.voters.set;
    this.#round = 0;
    this.#blind = false;
    this.#held = final;
    for (const sets of [this.#sets, this.#signers])
      for (const set of sets.keys()) if (set < this.#set - 1) sets.delete(set);
    // What was heard too early was judged by a state that is not the one all now agree on.
    const keyOf = this.#keysAt(final);
    for (const [m, signer] of this.#signers.get(this.#set) ?? [])
      if (signer !== keyOf(m, this.#set)) this.#forget(m, this.#set);
  }
  get #isVoter(): boolean {
    return this.self !== null && this.members.includes(this.self);
  }
  #hasCast(kind: VoteKind, round: number): boolean {
    return this.self !== null && this.#inRound(round)[kind].has(this.self);
  }
  /**
   * GRANDPA's rule that a voter has voted in a round before it starts the next. Where a quorum is nearly everybody (2 of
   * 2, 3 of 3), a round is completable before it is final, and voters that hurry on would never make anything final.
   */
  #owes(): boolean {
    if (!this.#isVoter || this.#blind) return false;
    // Who relies on everybody honest to approve must not wait in a round that others left without a word.
    if (!this.#hasCast("approval", this.#round)) return true;
    return !this.#hasCast("confirmation", this.#round) && this.confirmationFor() !== undefined;
  }
  /** Completable, or, for a voter that has nothing left to say in it, with approvals that bound what it may make final. */
  #isDone(round: number): boolean {
    const votes = this.#inRound(round);
    const known = this.#voters.estimate(votes);
    if (known?.completable === true) return true;
    // Others may have left it when a liar's approval, below what is final by now, still made up a quorum.
    const isOver = known !== undefined || this.members.filter((m) => votes.approval.has(m)).length >= this.quorum;
    return isOver && this.#isVoter && this.#voters.ceiling(votes) !== undefined;
  }
  #nextRound(): boolean {
    const rounds = [...(this.#sets.get(this.#set)?.keys() ?? [])].filter((r) => r >= this.#round);
    const done = rounds.toSorted((a, b) => b - a).find((r) => this.#isDone(r));
    if (done === undefined || (done === this.#round && this.#owes())) return false;
    this.#round = done + 1;
    this.#blind = false;
    this.#held = this.#voters.bound(this.#inRound(done)) ?? this.#final;
    const kept = this.#sets.get(this.#set);
    for (const r of kept?.keys() ?? []) if (r < this.#round - ROUNDS_KEPT) kept?.delete(r);
    return true;
  }
  /**
   * What votes of `round` may not leave; undefined while the round before does not bind it. The present one was begun
   * because that did: where its votes say nothing any more, what they said last holds, unless the last final block has
   * outgrown it.
   */
  #bound(round: number): TreeNode | undefined {
    if (round === 0) return this.#final;
    const known = this.#voters.bound(this.#inRound(round - 1));
    if (known !== undefined || round !== this.#round || this.#blind) return known;
    return this.#tree.isAncestor(this.#final, this.#held) ? this.#held : this.#final;
  }
  /** Where fork choice starts: a voter may not leave what rounds before may make final. */
  anchor(): TreeNode {
    return this.#bound(this.#round) ?? this.#final;
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
    if (this.#bound(this.#round) === undefined || !this.#tree.isAncestor(this.anchor(), target)) return undefined;
    const known = this.#voters.estimate(this.#inRound(this.#round));
    if (target === this.#final) return known?.completable === true ? target : undefined;
    if (this.#round === 0) return target;
    // While the round before waits for confirmations, saying the same again would not help it.
    const last = this.#inRound(this.#round - 1);
    const waits = this.#voters.estimate(last)?.completable === false;
    return waits && target === this.#voters.highest(last.approval) ? undefined : target;
  }
  /**
   * What it should confirm: the quorum's block, once there is something to gain or nothing more to wait for. Liars are
   * not waited for: when to confirm is no matter of safety, and two halves of four would wait for each other forever.
   * Nor is anybody, once patience is over: approvals split between two blocks would else wait for members who sleep.
   */
  confirmationFor(patient = true): TreeNode | undefined {
    const block = this.#confirmable(this.#round);
    if (block === undefined || !patient || block !== this.#final) return block;
    return this.#voters.isSettled(this.#inRound(this.#round).approval, block, 0) ? block : undefined;
  }
  #confirmable(round: number): TreeNode | undefined {
    const [block, bound] = [this.#voters.highest(this.#inRound(round).approval), this.#bound(round)];
    return block !== undefined && bound !== undefined && this.#tree.isAncestor(bound, block) ? block : undefined;
  }
  /**
   * What a member that did not vote in rounds that were left should still say there. Who slept through them makes them final
   * by confirmations. And where it is not clear what a quorum approved, as a liar's approval lies nowhere, who leapt over the
   * round approves: others may still be in it, who count on everybody honest.
   */
  lateVotes(head: TreeNode): readonly LateVote[] {
    const rounds = this.#sets.get(this.#set);
    if (rounds === undefined || !this.#isVoter) return [];
    const target = this.cap(head);
    const what = `late ${this.self} ${this.#round} ${target.hash}`;
    return this.#voters.remember(what, rounds, () => this.#findLate([...rounds.keys()], target));
  }
  #findLate(rounds: readonly number[], target: TreeNode): LateVote[] {
    return rounds
      .filter((r) => r < this.#round)
      .toSorted((a, b) => a - b)
      .flatMap((round) => {
        const confirm = this.#hasCast("confirmation", round) ? undefined : this.#confirmable(round);
        if (confirm !== undefined && confirm !== this.#final) return { round, kind: "confirmation", node: confirm };
        if (this.#hasCast("approval", round) || this.#voters.isClear(this.#inRound(round).approval)) return [];
        const bound = this.#bound(round);
        const mayApprove = bound !== undefined && this.#tree.isAncestor(bound, target);
        return mayApprove ? { round, kind: "approval", node: target } : [];
      });
  }
}
