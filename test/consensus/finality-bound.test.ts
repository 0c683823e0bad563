/** What binds a voter goes on binding it when blocks leave its tree (PROTOCOL.md §7.5, Lemma 3), scene by scene. */
import { describe, expect, it } from "vitest";
import { memberIndex } from "../../worker/base/units.ts";
import { Finality } from "../../worker/consensus/finality.ts";
import type { Tree, TreeNode } from "../../worker/consensus/tree.ts";
import type { VoteKind } from "../../worker/consensus/vote.ts";
import { majority, nameHash, TreeMaker, twoThirds } from "./tree-maker.ts";

/** A voter's node, as the machine has it: what lost is dropped when a block is final, and a disk holds no other branches. */
class Node {
  tree: Tree;
  finality: Finality;
  readonly #maker: TreeMaker;
  readonly #self: number;
  readonly #heard: [VoteKind, number, string][] = [];
  constructor(maker: TreeMaker, self: number) {
    this.#maker = maker;
    this.#self = self;
    this.tree = maker.tree();
    this.finality = new Finality(this.tree);
    this.finality.self = memberIndex(self);
  }
  votes(kind: VoteKind, round: number, names: string): this {
    this.#heard.push([kind, round, names]);
    this.#add(kind, round, names);
    return this.#settle();
  }
  #add(kind: VoteKind, round: number, names: string): void {
    names.split(" ").forEach((name, m) => {
      if (name !== "-") this.finality.add(memberIndex(m), this.#maker.target(kind, name, round));
    });
  }
  #settle(): this {
    this.finality.advance();
    if (this.finality.final !== this.tree.root) this.tree.advance(this.finality.final);
    return this;
  }
  /** Only the branch of its head was ever written. */
  restart(...written: readonly string[]): this {
    const { round } = this.finality.position;
    const bound = nameHash(this.#maker.nameOf(this.finality.anchor()) ?? "");
    this.tree = this.#maker.tree(written);
    this.finality = new Finality(this.tree, round, undefined, bound);
    this.finality.self = memberIndex(this.#self);
    for (const [kind, at, names] of this.#heard) this.#add(kind, at, names);
    return this.#settle();
  }
  name(node: TreeNode | undefined): string | undefined {
    return this.#maker.nameOf(node);
  }
  get seen(): unknown[] {
    const { finality } = this;
    return [this.name(finality.final), finality.position.round, this.name(finality.anchor())];
  }
  approves(name: string): string | undefined {
    return this.name(this.finality.approvalFor(this.tree.node(nameHash(name))));
  }
}

describe("a bound that was known", () => {
  it("stays, though blocks that lost are dropped and their votes may, for all that is known, be for any block", () => {
    const maker = new TreeMaker(7, majority)
      .line("root", "f b")
      .line("f", "c")
      .line("root", "x x2")
      .line("root", "y y2");
    // Members 5 and 6, not heard here, approved f and b: 5 then confirmed f, the others b.
    const node = new Node(maker, 0)
      .votes("approval", 0, "x2 y2 b b b - -")
      .votes("confirmation", 0, "root - - - - - -");
    expect(node.seen).toEqual(["root", 1, "b"]);
    node.votes("confirmation", 0, "- - b b b f -");
    // With the seventh's confirmation b is final, and it is for others.
    expect(node.seen).toEqual(["f", 1, "b"]);
    expect([node.approves("c"), node.approves("b")]).toEqual([undefined, "b"]);
  });

  it("stays, though a restarted node has lost the branches that it did not follow", () => {
    const maker = new TreeMaker(5, majority).line("root", "b").line("root", "x").line("root", "y").line("root", "c");
    const node = new Node(maker, 0).votes("approval", 0, "b b x y -").votes("confirmation", 0, "root - - - -");
    expect(node.seen).toEqual(["root", 1, "b"]);
    // The fifth approved b: all others confirm b, while this one was away.
    expect(node.restart("b", "c").seen).toEqual(["root", 1, "b"]);
    expect([node.approves("c"), node.approves("b")]).toEqual([undefined, "b"]);
  });

  it("keeps five honest members, who all restart, from making a second branch final", () => {
    const maker = (): TreeMaker =>
      ["d0", "d1", "d2"]
        .reduce((made, name) => made.line("b", name), new TreeMaker(5, majority).line("root", "b"))
        .line("root", "x y")
        .line("root", "z c");
    const approvals = "d0 d1 d2 y z";
    const finals = new Set<string | undefined>();
    // The last one hears everything: b is final.
    const last = new Node(maker(), 4).votes("approval", 0, approvals).votes("confirmation", 0, "b b b b b");
    finals.add(last.name(last.finality.final));
    // The others hear of two confirmations each; then the power fails. Each has on disk what was its head: here d0.
    const others = [0, 1, 2].map((m) =>
      new Node(maker(), m)
        .votes("approval", 0, approvals)
        .votes("confirmation", 0, ["b b - - -", "b b - - -", "b - b - -"][m] ?? "")
        .restart(...new Set(["b", "d0", `d${m}`, "z", "c"])),
    );
    for (const node of others) {
      if (node.approves("c") !== "c") continue;
      node.votes("approval", 1, "c c c - -").votes("confirmation", 1, "c c c - -");
      finals.add(node.name(node.finality.final));
    }
    expect([...finals]).toEqual(["b"]);
  });
});

describe("a liar's approval below what is final meanwhile", () => {
  it("does not keep a voter in a round that others left with it", () => {
    const maker = new TreeMaker(4, twoThirds).line("root", "a b c");
    // The fourth lies: for root, where all others had to approve a or above. With it root had a quorum, and 1 and 2 left.
    const node = new Node(maker, 0).votes("approval", 0, "b b a -").votes("confirmation", 0, "a a a -");
    expect(node.seen).toEqual(["a", 1, "a"]);
    node.votes("approval", 1, "b b - root").votes("approval", 2, "- c c -");
    expect(node.seen).toEqual(["a", 2, "b"]);
    expect(node.approves("c")).toBe("c");
  });
});

describe("a vote for a block that is not here", () => {
  const left = (unknown: string): unknown[] => {
    const maker = new TreeMaker(5, majority).line("root", "a b").line("root", "x z");
    const tree = maker.tree(["a", "b"]);
    const finality = new Finality(tree);
    finality.self = memberIndex(0);
    const add = (kind: VoteKind, names: string, round: number): void =>
      names
        .split(" ")
        .forEach((name, m) => name !== "-" && finality.add(memberIndex(m), maker.target(kind, name, round)));
    add("approval", "a a a - -", 0);
    add("confirmation", "a a a - -", 0);
    add("approval", `b a - ${unknown} ${unknown}`, 1);
    finality.advance();
    return [maker.nameOf(finality.final), finality.position.round];
  };

  it("may be above what is final, and holds the round open, unless its step says that it is not", () => {
    expect(left("z")).toEqual(["a", 1]);
    expect(left("x")).toEqual(["a", 2]);
  });

  it("may be one of a quorum that others see: no ceiling is known", () => {
    const maker = new TreeMaker(3, majority).line("root", "a").line("root", "x");
    const finality = new Finality(maker.tree(["a"]));
    finality.self = memberIndex(0);
    finality.add(memberIndex(0), maker.target("approval", "a"));
    finality.add(memberIndex(1), maker.target("approval", "x"));
    finality.add(memberIndex(0), maker.target("confirmation", "root"));
    finality.advance();
    expect(finality.position.round).toBe(0);
  });
});
