/**
 * Fork choice (PROTOCOL.md §7): from a root that must not be left, at each fork the branch with the most members'
 * latest approvals, then the earlier step, then the lower rank, then the smaller hash. Same tree and approvals, same
 * head on every node.
 */
import { compareText } from "../base/bytes.ts";
import type { Hash } from "../base/units.ts";
import type { Tree, TreeNode } from "./tree.ts";

/** @param passes blocks that this node does not follow for the time being (PROTOCOL.md §7.4). */
export const chooseHead = (
  tree: Tree,
  root: TreeNode,
  latestApprovals: Iterable<Hash>,
  passes: (node: TreeNode) => boolean = () => false,
): TreeNode => {
  const weight = new Map<Hash, number>();
  for (const hash of latestApprovals) {
    for (let at = tree.get(hash); at !== undefined && at !== root; at = tree.parentOf(at)) {
      weight.set(at.hash, (weight.get(at.hash) ?? 0) + 1);
    }
  }
  const better = (a: TreeNode, b: TreeNode): number =>
    (weight.get(b.hash) ?? 0) - (weight.get(a.hash) ?? 0) ||
    a.header.step - b.header.step ||
    a.header.rank - b.header.rank ||
    compareText(a.hash, b.hash);
  let at = root;
  for (;;) {
    const [best] = [...at.children]
      .map((hash) => tree.node(hash))
      .filter((node) => !passes(node))
      .toSorted(better);
    if (best === undefined) return at;
    at = best;
  }
};
