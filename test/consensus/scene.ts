/** One node's finality over a tree that holds all blocks, with votes as a scene says. */
import { memberIndex } from "../../worker/base/units.ts";
import { Finality } from "../../worker/consensus/finality.ts";
import type { TreeNode } from "../../worker/consensus/tree.ts";
import type { VoteKind } from "../../worker/consensus/vote.ts";
import { nameHash, type TreeMaker } from "./tree-maker.ts";

export class Scene {
  readonly maker: TreeMaker;
  readonly finality: Finality;
  readonly #tree;
  constructor(maker: TreeMaker, round = 0) {
    this.maker = maker;
    this.#tree = maker.tree();
    this.finality = new Finality(this.#tree, round);
  }
  node(name: string): TreeNode {
    return this.#tree.node(nameHash(name));
  }
  /** `votes("approval", 0, "b b a")`: member 0 for b, member 1 for b, member 2 for a; `-` for none. */
  votes(kind: VoteKind, round: number, names: string, set = 0): this {
    names.split(" ").forEach((name, m) => {
      if (name !== "-") this.finality.add(memberIndex(m), this.maker.target(kind, name, round, set));
    });
    this.finality.advance();
    return this;
  }
  get final(): string | undefined {
    return this.maker.nameOf(this.finality.final);
  }
  get round(): number {
    return this.finality.position.round;
  }
  approves(head: string): string | undefined {
    return this.maker.nameOf(this.finality.approvalFor(this.node(head)));
  }
  get confirms(): string | undefined {
    return this.maker.nameOf(this.finality.confirmationFor());
  }
  get anchor(): string | undefined {
    return this.maker.nameOf(this.finality.anchor());
  }
}
