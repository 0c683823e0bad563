/**
 * The blocks from the last final one on, as a tree (PROTOCOL.md §7). Every node was validated; its delta undoes it.
 * Below the root everything is final and no longer here.
 */
import { assert } from "../base/result.ts";
import type { Hash } from "../base/units.ts";
import type { VotersRow } from "../ledger/rows.ts";
import { Draft, type Delta, type View } from "../ledger/state.ts";
import type { Block, Header } from "./block.ts";

export type TreeNode = {
  readonly hash: Hash;
  readonly header: Header;
  readonly block: Block;
  readonly delta: Delta;
  /** The voters after this block. */
  readonly voters: VotersRow;
  readonly children: Set<Hash>;
};

export class Tree {
  #nodes = new Map<Hash, TreeNode>();
  #root: TreeNode;
  /** Counts its changes: whoever remembers what it made of the tree sees whether that still holds. */
  version = 0;
  constructor(root: TreeNode) {
    this.#root = root;
    this.#nodes.set(root.hash, root);
  }
  get root(): TreeNode {
    return this.#root;
  }
  get(hash: Hash): TreeNode | undefined {
    return this.#nodes.get(hash);
  }
  node(hash: Hash): TreeNode {
    const node = this.#nodes.get(hash);
    assert(node !== undefined, "the block is in the tree");
    return node;
  }
  get size(): number {
    return this.#nodes.size;
  }
  nodes(): IterableIterator<TreeNode> {
    return this.#nodes.values();
  }
  add(node: TreeNode): void {
    this.node(node.header.parent).children.add(node.hash);
    this.#nodes.set(node.hash, node);
    this.version += 1;
  }
  parentOf(node: TreeNode): TreeNode | undefined {
    return node === this.#root ? undefined : this.#nodes.get(node.header.parent);
  }
  /** True when `a` is `b` or lies on the way from `b` to the root. */
  isAncestor(a: TreeNode, b: TreeNode): boolean {
    let at: TreeNode | undefined = b;
    while (at !== undefined && at.header.height > a.header.height) at = this.parentOf(at);
    return at === a;
  }
  /** From just below `from` (an ancestor) up to `to`, in chain order. */
  path(from: TreeNode, to: TreeNode): TreeNode[] {
    const out: TreeNode[] = [];
    for (let at: TreeNode | undefined = to; at !== undefined && at !== from; at = this.parentOf(at)) out.push(at);
    return out.reverse();
  }
  fork(a: TreeNode, b: TreeNode): TreeNode {
    let [x, y]: (TreeNode | undefined)[] = [a, b];
    while (x !== y) {
      assert(x !== undefined && y !== undefined, "two blocks of one tree meet");
      if (x.header.height >= y.header.height) x = this.parentOf(x);
      else y = this.parentOf(y);
    }
    assert(x !== undefined, "two blocks of one tree meet");
    return x;
  }
  /** The state after `to`, seen from the state after `from`, without moving. */
  viewAt(state: View, from: TreeNode, to: TreeNode): Draft {
    const draft = new Draft(state);
    const fork = this.fork(from, to);
    for (const node of this.path(fork, from).reverse()) draft.lay(node.delta, "undo");
    for (const node of this.path(fork, to)) draft.lay(node.delta, "apply");
    return draft;
  }
  /** Makes `next` the root; what does not descend from it is dropped and returned. */
  advance(next: TreeNode): TreeNode[] {
    const kept = new Set<Hash>();
    const walk = [next];
    for (let node = walk.pop(); node !== undefined; node = walk.pop()) {
      kept.add(node.hash);
      for (const child of node.children) walk.push(this.node(child));
    }
    const dropped = [...this.#nodes.values()].filter((n) => !kept.has(n.hash));
    for (const { hash } of dropped) this.#nodes.delete(hash);
    this.#root = next;
    this.version += 1;
    return dropped;
  }
}
