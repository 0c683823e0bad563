/**
 * One node's chain: the tree since the last final block, the state at the head, and finality over both (PROTOCOL.md §5,
 * §7). Blocks come in with their signatures checked; what leaves is what changed, for the disk and the screen.
 */
import { fromHex, toHex } from "../base/bytes.ts";
import { verify } from "../base/ed25519.ts";
import { memo } from "../base/memo.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { BlsKey, Hash, MemberIndex, PublicKey } from "../base/units.ts";
import { communityId, type Contract } from "../community/contract.ts";
import { hashOf, txRootOf, votesRootOf, type Block } from "../consensus/block.ts";
import { checksOfBlock, type Checks } from "../consensus/checks.ts";
import { Finality } from "../consensus/finality.ts";
import { chooseHead } from "../consensus/fork-choice.ts";
import { genesisBlock, genesisState } from "../consensus/genesis.ts";
import { beginStep, validateBlock } from "../consensus/transition.ts";
import { Tree, type TreeNode } from "../consensus/tree.ts";
import { membersOf, type VoteGroup } from "../consensus/vote.ts";
import type { BlsJob } from "../base/bls-scheme.ts";
import type { Context } from "../ledger/context.ts";
import { votingKeyOf } from "../ledger/members.ts";
import { contractAt } from "../ledger/parameters.ts";
import { key } from "../ledger/rows.ts";
import { Draft, type Delta, type State, type View } from "../ledger/state.ts";

/** What a change of the chain means for disk and screen, in the order in which it happened. */
export type ChainChange = {
  readonly undone: readonly TreeNode[];
  readonly applied: readonly TreeNode[];
  /** Newly final blocks of the main chain, oldest first. */
  readonly finalised: readonly TreeNode[];
  /** Blocks of branches that lost for good. */
  readonly dropped: readonly TreeNode[];
};

export const treeNode = (block: Block, delta: Delta, voters: TreeNode["voters"]): TreeNode => ({
  hash: hashOf(block.header),
  header: block.header,
  block,
  delta,
  voters,
  children: new Set(),
});

/** The same block comes from several neighbours, and to several nodes of one process. */
const signedHeaders = memo(64, (job) => {
  const [miner = "", hash = "", signature = ""] = job.split("/");
  return verify({ key: miner as PublicKey, message: fromHex(hash), signature: fromHex(signature) });
});
const isSigned = (miner: PublicKey, hash: Hash, signature: Uint8Array): boolean =>
  signedHeaders(`${miner}/${hash}/${toHex(signature)}`);

/** The key that a member's votes in a set are checked with, as this state has it. */
const keyIn = (view: View, member: MemberIndex, set: number): BlsKey | null => {
  const row = view.get("member", key(member));
  return row === undefined ? null : votingKeyOf(row, set);
};

const votersOf = (view: Draft | State): TreeNode["voters"] =>
  view.get("voters", "") ?? { set: 0, since: 0 as never, members: [], quorum: 1 };

export class Chain {
  /** As it was founded; `contract` is what holds now. */
  readonly signed: Contract;
  readonly community: Hash;
  readonly tree: Tree;
  readonly state: State;
  readonly finality: Finality;
  /** Blocks that fork choice leaves aside for the time being; set by whoever judges them. */
  passesOver: (node: TreeNode) => boolean = () => false;
  #head: TreeNode;

  private constructor(contract: Contract, state: State, tree: Tree, head: TreeNode, round: number, bound?: Hash) {
    this.signed = contract;
    this.community = communityId(contract);
    this.state = state;
    this.tree = tree;
    this.#head = head;
    this.finality = new Finality(
      tree,
      round,
      (node) => {
        const view = tree.viewAt(state, this.#head, node);
        return (member, set) => keyIn(view, member, set);
      },
      bound,
    );
  }
  /** A new chain: the genesis is final. */
  static begin(contract: Contract): Chain {
    const state = genesisState(contract);
    const root = treeNode(genesisBlock(contract, state), [], votersOf(state));
    return new Chain(contract, state, new Tree(root), root, 0);
  }
  /**
   * From disk: `state` is the head's; `nodes` are the tree, root first, each parent before its children. `bound` is what
   * votes of `round` may not leave; the head lies on or above it.
   */
  static restore(
    contract: Contract,
    state: State,
    nodes: readonly [TreeNode, ...TreeNode[]],
    head: Hash,
    round: number,
    bound: Hash = head,
  ): Chain {
    const tree = new Tree(nodes[0]);
    for (const node of nodes.slice(1)) tree.add(node);
    return new Chain(contract, state, tree, tree.node(head), round, bound);
  }
  get head(): TreeNode {
    return this.#head;
  }
  get final(): TreeNode {
    return this.finality.final;
  }
  /** `draft` lies on the state of the block before `step`'s. */
  contextOn(draft: Draft, step: number): Context {
    const at = step as Context["step"];
    return { contract: contractAt(draft, this.signed, at), community: this.community, step: at, draft };
  }
  /** The contract as it reads for the block after the head: what members adopted is in it (PROTOCOL.md §5.4). */
  get contract(): Contract {
    const { hash, header } = this.#head;
    if (this.#amended?.head !== hash) {
      this.#amended = { head: hash, contract: this.contractAt(header.step + 1) };
    }
    return this.#amended.contract;
  }
  /** As it reads for a block of `step` on top of the head. */
  contractAt(step: number): Contract {
    return contractAt(this.state, this.signed, step as Context["step"]);
  }
  #amended: { readonly head: Hash; readonly contract: Contract } | null = null;
  /**
   * Signatures to check before `add`; `isKnown` as for checksOfBlock. Refusals: `parent-unknown` (ask for it), or
   * whatever is wrong at first sight.
   */
  checks(block: Block, isKnown?: (group: VoteGroup, job: BlsJob) => boolean): Result<Checks> {
    const { header } = block;
    if (header.community !== this.community)
      return refuse("other-community", "This block belongs to another community.");
    const parent = this.tree.get(header.parent);
    if (parent === undefined) return refuse("parent-unknown", "The block before this one is missing here.", "ignore");
    if (header.step <= parent.header.step || header.height !== parent.header.height + 1) {
      return refuse("step-order", "A block closes a later step than its parent.");
    }
    // What costs little first: contents that are the header's, and a header that its miner signed, are somebody's to answer for.
    if (txRootOf(block.txs) !== header.txRoot || votesRootOf(block.votes) !== header.votesRoot) {
      return refuse("header-mismatch", "The block's header does not follow from its content.");
    }
    const draft = this.tree.viewAt(this.state, this.#head, parent);
    beginStep(this.contextOn(draft, header.step));
    const miner = draft.get("member", key(header.miner))?.key;
    if (miner === undefined || !isSigned(miner, hashOf(header), block.signature)) {
      return refuse("bad-signature", "This block is not signed by the member it names.");
    }
    return checksOfBlock(draft, this.community, parent.header, block, isKnown);
  }
  /** Validates and adds a block whose signatures are good. Its votes count. The head moves by `settle`. */
  add(block: Block): Result<TreeNode> {
    const known = this.tree.get(hashOf(block.header));
    if (known !== undefined) return ok(known);
    const parent = this.tree.get(block.header.parent);
    if (parent === undefined) return refuse("parent-unknown", "The block before this one is missing here.", "ignore");
    const base = this.tree.viewAt(this.state, this.#head, parent);
    const draft = new Draft(base);
    const valid = validateBlock(this.contextOn(draft, block.header.step), parent.header, block);
    if (!valid.ok) return valid;
    const node = treeNode(block, draft.delta(), votersOf(draft));
    this.tree.add(node);
    this.#countCarried(block, draft);
    return ok(node);
  }
  /**
   * The key whose votes in a set count for a member here; null for a set that no block up to the head has begun. Which
   * key that is can differ between branches until the set is in office.
   */
  voterKey(member: MemberIndex, set: number): BlsKey | null {
    return set > this.#head.voters.set ? null : keyIn(this.state, member, set);
  }
  /** The votes a block carries were verified with it, by the keys of its branch; for sets to come the head's count. */
  #countCarried(block: Block, view: View): void {
    for (const group of block.votes)
      for (const m of membersOf(group.voters) ?? []) {
        const signer = keyIn(view, m, group.set);
        const counts = group.set <= this.finality.position.set || signer === this.voterKey(m, group.set);
        if (signer !== null && counts) this.finality.add(m, group, signer);
      }
  }
  /** Lets votes take effect: finality, then the head, then what is final for good leaves the tree. */
  settle(): ChainChange {
    const before = this.finality.final;
    this.finality.advance();
    const next = chooseHead(this.tree, this.finality.anchor(), this.finality.latestApprovals(), this.passesOver);
    const fork = this.tree.fork(this.#head, next);
    const undone = this.tree.path(fork, this.#head).reverse();
    const applied = this.tree.path(fork, next);
    for (const node of undone) this.state.undo(node.delta);
    for (const node of applied) this.state.apply(node.delta);
    this.#head = next;
    for (const { block } of applied) this.#countCarried(block, this.state);
    const final = this.finality.final;
    if (final === before) return { undone, applied, finalised: [], dropped: [] };
    const finalised = this.tree.path(before, final);
    const kept = new Set([before, ...finalised]);
    return { undone, applied, finalised, dropped: this.tree.advance(final).filter((n) => !kept.has(n)) };
  }
  /** The miner of the head: the current miner of the step that follows. */
  get currentMiner(): MemberIndex {
    return this.#head.header.miner;
  }
}
