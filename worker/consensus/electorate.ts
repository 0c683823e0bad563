/**
 * What the votes of one round say to the voters of one set (GRANDPA; PROTOCOL.md §7.1): which blocks a quorum stands
 * behind, and which it could still come to stand behind. Pure counting over a tree; knows neither sets to come nor how
 * votes get here.
 */
import type { Hash, MemberIndex, StepIndex } from "../base/units.ts";
import type { Tree, TreeNode } from "./tree.ts";
import type { Target, VoteKind } from "./vote.ts";

export type Ballot = Pick<Target, "block" | "step">;
/** By member; `BOTH` for one that gave two. */
export type Ballots = Map<MemberIndex, Ballot>;
/**
 * Who votes twice in a round counts for every block, as in GRANDPA: then whoever hears more votes never sees less, and
 * voters who were told different things come to agree. Safety allows for so many liars anyway.
 */
export const BOTH: Ballot = { block: "" as Hash, step: 0 as StepIndex };
export type Round = Record<VoteKind, Ballots>;

export type Estimate = { readonly estimate: TreeNode; readonly completable: boolean };

export class Electorate {
  readonly members: readonly MemberIndex[];
  readonly quorum: number;
  readonly #set: number;
  readonly #tree: Tree;
  readonly #final: TreeNode;
  /** What was counted, by the votes that were, as long as neither they nor the tree change: asked at every event. */
  #counted = new WeakMap<object, Map<string, unknown>>();
  #countedIn = 0;

  /** The voters that `voters` names, from `final` on: what lies below is decided. */
  constructor(tree: Tree, voters: TreeNode["voters"], final: TreeNode) {
    this.members = voters.members;
    this.quorum = voters.quorum;
    this.#set = voters.set;
    this.#tree = tree;
    this.#final = final;
  }
  /** To be called whenever votes were added or taken away. */
  votesChanged(): void {
    this.#counted = new WeakMap();
    this.#countedIn = this.#tree.version;
  }
  /** What `count` made of `votes` under this name, until votes or tree change. */
  remember<T>(what: string, votes: object, count: () => T): T {
    if (this.#countedIn !== this.#tree.version) this.votesChanged();
    const known = this.#counted.get(votes) ?? new Map<string, unknown>();
    this.#counted.set(votes, known);
    if (known.has(what)) return known.get(what) as T;
    const found = count();
    known.set(what, found);
    return found;
  }
  /** Liars that a quorum tolerates: two quorums then still share an honest member. */
  get #faults(): number {
    return Math.max(0, Math.min(2 * this.quorum - this.members.length - 1, this.members.length - this.quorum));
  }
  /** A vote that names another step than its block's is no vote for that block, nor for anything. */
  isFalse({ block, step }: Ballot): boolean {
    const target = this.#tree.get(block);
    return target !== undefined && target.header.step !== step;
  }
  /** Whether a vote counts for `node`; "unknown" while its block is not here and could lie above the last final one. */
  liesOn(vote: Ballot | undefined, node: TreeNode): "none" | "yes" | "no" | "unknown" {
    if (vote === undefined) return "none";
    if (vote === BOTH) return "yes";
    const target = this.#tree.get(vote.block);
    // Either it says its block's step, which is too early for one above, or another, and counts for nothing.
    if (target === undefined) return vote.step <= this.#final.header.step ? "no" : "unknown";
    if (this.isFalse(vote)) return "no";
    return this.#tree.isAncestor(node, target) ? "yes" : "no";
  }
  #count(ballots: Ballots, node: TreeNode): { yes: number; open: number } {
    let yes = 0;
    let open = 0;
    for (const m of this.members) {
      const lies = this.liesOn(ballots.get(m), node);
      if (lies === "yes") yes += 1;
      else if (lies !== "no") open += 1;
    }
    return { yes, open };
  }
  /** The highest block that votes of a quorum lie on or above; undefined while there is none. */
  highest(ballots: Ballots): TreeNode | undefined {
    return this.remember("highest", ballots, () => this.#findHighest(ballots));
  }
  #findHighest(ballots: Ballots): TreeNode | undefined {
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
  /** Whether a quorum voted for blocks of which it is known where they lie, were it below the last final one. */
  isClear(ballots: Ballots): boolean {
    const { yes, open } = this.#count(ballots, this.#final);
    const no = this.members.length - yes - open;
    return yes + no >= this.quorum;
  }
  /** Of so many liars, those who have not shown themselves in these votes. */
  #unknown(ballots: Ballots, liars: number): number {
    let shown = 0;
    for (const m of this.members) if (ballots.get(m) === BOTH) shown += 1;
    return Math.max(0, liars - shown);
  }
  /** Whether a block that is not here yet could have a quorum. */
  #mayHide(ballots: Ballots, liars: number): boolean {
    const open = this.members.filter((m) => {
      const lies = this.liesOn(ballots.get(m), this.#final);
      return ballots.get(m) === BOTH || lies === "none" || lies === "unknown";
    }).length;
    return open + this.#unknown(ballots, liars) >= this.quorum;
  }
  #couldReach(ballots: Ballots, node: TreeNode, liars = this.#faults): boolean {
    const { yes, open } = this.#count(ballots, node);
    return yes + open + this.#unknown(ballots, liars) >= this.quorum;
  }
  /** True when no child of `node` can gather a quorum any more, even if so many voters tell each a different thing. */
  isSettled(ballots: Ballots, node: TreeNode, liars = this.#faults): boolean {
    return this.remember(`settled ${node.hash} ${liars}`, ballots, () => {
      if (this.#mayHide(ballots, liars)) return false;
      return [...node.children].every((c) => !this.#couldReach(ballots, this.#tree.node(c), liars));
    });
  }
  /**
   * The highest block that confirmations of the round may still make, or have made, final; completable when nothing above
   * it can be. Undefined before a quorum's approvals.
   */
  estimate(round: Round): Estimate | undefined {
    return this.remember("estimate", round, () => this.#findEstimate(round));
  }
  #findEstimate({ approval, confirmation }: Round): Estimate | undefined {
    const block = this.highest(approval);
    if (block === undefined) return undefined;
    let estimate = block;
    while (estimate !== this.#final && !this.#couldReach(confirmation, estimate))
      estimate = this.#tree.parentOf(estimate) ?? this.#final;
    return { estimate, completable: estimate !== block || this.isSettled(confirmation, block) };
  }
  /**
   * The highest block that the round may ever make final, known from its approvals alone: where they leave nothing beside
   * this block's chain, and nothing beyond it, a chance of a quorum. Then the next round need not wait for confirmations.
   */
  ceiling(round: Round): TreeNode | undefined {
    return this.remember("ceiling", round, () => this.#findCeiling(round));
  }
  #findCeiling({ approval }: Round): TreeNode | undefined {
    if (this.#mayHide(approval, this.#faults)) return undefined;
    for (let at = this.#final; ;) {
      // Nor is anything beyond the block that hands over this set's to decide.
      if (at.voters.set !== this.#set) return at;
      const likely = [...at.children].map((c) => this.#tree.node(c)).filter((c) => this.#couldReach(approval, c));
      if (likely.length > 1) return undefined;
      if (likely[0] === undefined) return at;
      at = likely[0];
    }
  }
  /** What votes of the next round may not leave: nothing that this one can make final lies beside or beyond it. */
  bound(round: Round): TreeNode | undefined {
    const known = this.estimate(round);
    return known?.completable === true ? known.estimate : this.ceiling(round);
  }
}
