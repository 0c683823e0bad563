/** Trees of blocks by name, without content: what finality and fork choice look at, and nothing more. */
import { taggedHex } from "../../worker/base/hash.ts";
import { utf8ToBytes } from "../../worker/base/bytes.ts";
import { memberIndex, stepIndex, type Hash, type MemberIndex } from "../../worker/base/units.ts";
import { NO_HASH, type Block } from "../../worker/consensus/block.ts";
import { Tree, type TreeNode } from "../../worker/consensus/tree.ts";
import type { Target, VoteKind } from "../../worker/consensus/vote.ts";

export const nameHash = (name: string): Hash => taggedHex("test-block", utf8ToBytes(name));
export type Quorum = (n: number) => number;
export const majority: Quorum = (n) => Math.floor(n / 2) + 1;
export const twoThirds: Quorum = (n) => Math.floor((2 * n) / 3) + 1;
export const membersTo = (n: number): MemberIndex[] => Array.from({ length: n }, (_, i) => memberIndex(i));

type Ask = {
  readonly step?: number;
  readonly rank?: number;
  readonly voters?: TreeNode["voters"];
};

export class TreeMaker {
  readonly #nodes = new Map<string, TreeNode>();
  /** The quorum is a part of each set: a majority of it, unless told. */
  constructor(voters: number, quorum: Quorum = majority) {
    const members = membersTo(voters);
    this.#put("root", undefined, { voters: { set: 0, since: stepIndex(0), members, quorum: quorum(voters) } });
  }
  #put(name: string, parent: TreeNode | undefined, ask: Ask): TreeNode {
    const step = ask.step ?? (parent?.header.step ?? -1) + 1;
    const header = {
      step: stepIndex(step),
      height: parent === undefined ? 0 : parent.header.height + 1,
      parent: parent?.hash ?? NO_HASH,
      rank: ask.rank ?? 0,
    } as Block["header"];
    const voters = ask.voters ?? parent?.voters;
    if (voters === undefined || this.#nodes.has(name)) throw new Error(`no block ${name}`);
    const block = { header } as Block;
    const node: TreeNode = { hash: nameHash(name), header, block, delta: [], voters, children: new Set() };
    this.#nodes.set(name, node);
    return node;
  }
  /** A block on top of another. */
  on(parent: string, name: string, ask: Ask = {}): this {
    this.#put(name, this.node(parent), ask);
    return this;
  }
  /** Blocks on top of each other: `line("root", "a b c")`. */
  line(parent: string, names: string): this {
    names.split(" ").reduce((below, name) => (this.on(below, name), name), parent);
    return this;
  }
  node(name: string): TreeNode {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`no block ${name}`);
    return node;
  }
  nameOf(node: TreeNode | undefined): string | undefined {
    return [...this.#nodes].find(([, x]) => x.hash === node?.hash)?.[0];
  }
  get names(): string[] {
    return [...this.#nodes.keys()];
  }
  /** A tree of its own for one node: all blocks, or only those named. */
  tree(names: readonly string[] = this.names, root = "root"): Tree {
    const fresh = (name: string): TreeNode => ({ ...this.node(name), children: new Set() });
    const tree = new Tree(fresh(root));
    for (const name of names) if (name !== root) tree.add(fresh(name));
    return tree;
  }
  target(kind: VoteKind, name: string, round = 0, set = 0): Target {
    const { hash, header } = this.node(name);
    return { set, round, kind, step: header.step, block: hash };
  }
}
