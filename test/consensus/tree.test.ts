/** The tree of blocks since the last final one, fork choice over it, and the state seen from any block. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../worker/base/bytes.ts";
import { memberIndex, stepIndex, type Hash } from "../../worker/base/units.ts";
import { chooseHead } from "../../worker/consensus/fork-choice.ts";
import { Tree, type TreeNode } from "../../worker/consensus/tree.ts";
import { hashOf } from "../../worker/consensus/block.ts";
import { stateRoot, type View } from "../../worker/ledger/state.ts";
import { worldOf } from "../ledger/worlds.ts";
import { ChainMaker, type Made } from "./chain-maker.ts";
import { nameHash, TreeMaker } from "./tree-maker.ts";

describe("the tree", () => {
  const maker = new TreeMaker(3).line("root", "a b c").line("a", "x y");
  const tree = maker.tree();
  const node = (name: string): TreeNode => tree.node(nameHash(name));
  const names = (nodes: readonly TreeNode[]): (string | undefined)[] => nodes.map((n) => maker.nameOf(n));

  it("knows ancestors, forks and the way between", () => {
    expect(tree.isAncestor(node("a"), node("c"))).toBe(true);
    expect(tree.isAncestor(node("c"), node("c"))).toBe(true);
    expect(tree.isAncestor(node("b"), node("y"))).toBe(false);
    expect(tree.isAncestor(node("c"), node("a"))).toBe(false);
    expect(maker.nameOf(tree.fork(node("c"), node("y")))).toBe("a");
    expect(maker.nameOf(tree.fork(node("a"), node("y")))).toBe("a");
    expect(names(tree.path(node("a"), node("c")))).toEqual(["b", "c"]);
    expect(names(tree.path(node("c"), node("c")))).toEqual([]);
    expect(tree.parentOf(tree.root)).toBeUndefined();
  });

  it("takes no block whose parent it has not", () => {
    expect(() => maker.tree(["a", "c"])).toThrow("in the tree");
  });

  it("made to begin later drops what does not descend from there", () => {
    const own = maker.tree();
    const dropped = own.advance(own.node(nameHash("x")));
    expect(new Set(names(dropped))).toEqual(new Set(["root", "a", "b", "c"]));
    expect([maker.nameOf(own.root), own.size]).toEqual(["x", 2]);
    expect(own.get(nameHash("b"))).toBeUndefined();
    expect(own.parentOf(own.root)).toBeUndefined();
    expect(own.isAncestor(own.root, own.node(nameHash("y")))).toBe(true);
  });
});

describe("fork choice", () => {
  const headOf = (maker: TreeMaker, approvals: readonly string[], root = "root"): string | undefined => {
    const tree = maker.tree();
    return maker.nameOf(chooseHead(tree, tree.node(nameHash(root)), approvals.map(nameHash)));
  };
  const fork = (): TreeMaker => new TreeMaker(5).line("root", "a b c").line("a", "x y z");

  it("takes the branch with the most members' latest approvals, each counted for all ancestors", () => {
    expect(headOf(fork(), ["z", "y", "c"])).toBe("z");
    expect(headOf(fork(), ["b", "c", "x"])).toBe("c");
    expect(headOf(fork(), ["b", "c", "x", "x", "z"])).toBe("z");
    expect(headOf(fork(), ["a", "a", "a", "x"])).toBe("z");
  });

  it("goes on to the newest block of the branch, approved or not", () => {
    expect(headOf(fork(), ["x"])).toBe("z");
    expect(headOf(new TreeMaker(1).line("root", "a b"), [])).toBe("b");
    expect(headOf(new TreeMaker(1), [])).toBe("root");
  });

  it("at equal approvals takes the earlier step, then the lower rank, then the smaller hash", () => {
    const late = new TreeMaker(3).on("root", "late", { step: 3 }).on("root", "soon", { step: 2, rank: 7 });
    expect(headOf(late, [])).toBe("soon");
    expect(headOf(late, ["late"])).toBe("late");
    const ranks = new TreeMaker(3).on("root", "second", { rank: 1 }).on("root", "first", { rank: 0 });
    expect(headOf(ranks, [])).toBe("first");
    expect(headOf(ranks, ["second"])).toBe("second");
    const [least] = ["p", "q", "r"].toSorted((a, b) => (nameHash(a) < nameHash(b) ? -1 : 1));
    expect(headOf(new TreeMaker(3).on("root", "p").on("root", "q").on("root", "r"), [])).toBe(least);
  });

  it("never leaves the root it is given, and ignores approvals of other branches and unknown blocks", () => {
    expect(headOf(fork(), ["z", "z", "unknown"], "b")).toBe("c");
    expect(headOf(fork(), [], "z")).toBe("z");
  });

  it("is the same on every node, in whatever order blocks and approvals came", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { minLength: 1, maxLength: 14 }),
        fc.array(fc.nat(), { maxLength: 7 }),
        (parents, votes) => {
          const maker = new TreeMaker(7);
          const at = (n: number, of: readonly string[]): string => of[n % of.length] ?? "root";
          parents.forEach((p, i) => maker.on(at(p, maker.names), `n${i}`, { rank: p % 3 }));
          const approvals = votes.map((v) => nameHash(at(v, maker.names)));
          const head = (tree: Tree, list: readonly Hash[]): Hash => chooseHead(tree, tree.root, list).hash;
          const other = maker.tree(
            maker.names.toSorted((a, b) => heightOf(maker, a) - heightOf(maker, b) || (a > b ? -1 : 1)),
          );
          expect(head(other, approvals.toReversed())).toBe(head(maker.tree(), approvals));
        },
      ),
    );
  });
});

const heightOf = (maker: TreeMaker, name: string): number => maker.node(name).header.height;

describe("the state of a branch", () => {
  /** Two branches of real blocks on block 1; each is what another node would have as its main chain. */
  const grow = (steps: readonly { step: number; value: number; miner: number }[]): ChainMaker => {
    const chain = new ChainMaker(worldOf({ members: 3, owners: [0], weights: [1, 2, 3] }));
    for (const { step, value, miner } of steps) {
      const [generation, transfer] = chain.supply(0, step, value);
      const rank = 1 + [0, 1, 2].findIndex((place) => chain.standIn(step, place) === miner);
      const txs = [generation, transfer, chain.distribution(step, [transfer], value)];
      chain.grow(step, txs, { miner: memberIndex(miner), rank });
    }
    return chain;
  };
  const trunk = { step: 1, value: 600, miner: 0 };
  const left = grow([trunk, { step: 2, value: 10, miner: 1 }, { step: 3, value: 20, miner: 2 }]);
  const right = grow([
    trunk,
    { step: 2, value: 77, miner: 2 },
    { step: 4, value: 5, miner: 0 },
    { step: 6, value: 1, miner: 1 },
  ]);
  const nodeOf = ({ block, delta }: Made): TreeNode => ({
    hash: hashOf(block.header),
    header: block.header,
    block,
    delta,
    voters: { set: 0, since: stepIndex(0), members: [], quorum: 1 },
    children: new Set(),
  });
  const rootOf = (view: View): string => toHex(stateRoot(view));

  it("seen from another branch is what replaying it gives, and the state seen from does not move", () => {
    const [first, ...rest] = left.made.map(nodeOf) as [TreeNode, ...TreeNode[]];
    const tree = new Tree(first);
    for (const node of [...rest, ...right.made.slice(1).map(nodeOf)]) tree.add(node);
    for (const [chain, others] of [
      [left, right],
      [right, left],
    ] as const) {
      const from = tree.node(hashOf(chain.parent));
      const before = rootOf(chain.state);
      for (const { block } of [...others.made, ...chain.made]) {
        const view = tree.viewAt(chain.state, from, tree.node(hashOf(block.header)));
        expect(rootOf(view)).toBe(block.header.stateRoot);
      }
      const seen = tree.viewAt(chain.state, from, tree.node(hashOf(others.parent)));
      expect(seen.scan("member")).toEqual(others.state.scan("member"));
      expect(seen.scan("book")).toEqual(others.state.scan("book"));
      expect(rootOf(chain.state)).toBe(before);
    }
  });
});
