/**
 * A small world for the lemmas of PROTOCOL.md §7.5: honest voters over one random tree, who hear of blocks and votes late
 * and in any order, sleep, restart with what a disk holds, and follow any branch that is permitted; liars tell each of
 * them what they like. It knows all that was signed, so it sees a broken lemma long before two branches are final.
 */
import type { Hash, MemberIndex } from "../../worker/base/units.ts";
import { Finality } from "../../worker/consensus/finality.ts";
import { Tree, type TreeNode } from "../../worker/consensus/tree.ts";
import type { Target, VoteKind } from "../../worker/consensus/vote.ts";
import { membersTo, TreeMaker, type Quorum } from "./tree-maker.ts";

export type Dice = (below: number) => number;
/** Same seed, same throws (mulberry32). */
export const diceOf = (seed: number): Dice => {
  let a = seed >>> 0;
  return (below) => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
};

type Message =
  | { readonly kind: "block"; readonly node: TreeNode }
  | { readonly kind: "vote"; readonly member: MemberIndex; readonly target: Target };

export class Voter {
  readonly me: MemberIndex;
  tree: Tree;
  finality: Finality;
  readonly #known: { member: MemberIndex; target: Target }[] = [];
  readonly #signed = new Set<string>();
  /** Blocks that were once on the way to its head: a disk has no others. */
  #written = new Set<Hash>();
  #head: TreeNode;
  readonly finals: Hash[] = [];

  constructor(me: MemberIndex, root: TreeNode) {
    this.me = me;
    this.tree = new Tree({ ...root, children: new Set() });
    this.finality = new Finality(this.tree);
    this.finality.self = me;
    this.#head = this.tree.root;
  }
  take(message: Message): boolean {
    if (message.kind === "vote") {
      const isNew = this.finality.add(message.member, message.target);
      if (isNew) this.#known.push({ member: message.member, target: message.target });
      return isNew || this.finality.isNear(message.target);
    }
    const { node } = message;
    if (this.tree.get(node.hash) !== undefined) return true;
    if (this.tree.get(node.header.parent) === undefined) return node.header.height <= this.finality.final.header.height;
    this.tree.add({ ...node, children: new Set() });
    return true;
  }
  settle(pick: number): void {
    const before = this.finality.final;
    this.finality.advance();
    const anchor = this.finality.anchor();
    if (!this.tree.isAncestor(anchor, this.#head) || pick % 4 === 0) {
      const heads = [...this.tree.nodes()].filter((n) => n.children.size === 0 && this.tree.isAncestor(anchor, n));
      this.#head = heads[pick % heads.length] ?? anchor;
    }
    for (const node of this.tree.path(before, this.#head)) this.#written.add(node.hash);
    if (this.finality.final === before) return;
    this.finals.push(...this.tree.path(before, this.finality.final).map((n) => n.hash));
    this.tree.advance(this.finality.final);
  }
  vote(pick: number, patient: boolean): Message[] {
    const out: Message[] = [];
    for (;;) {
      this.settle(pick);
      const cast = this.#due(patient);
      if (cast === undefined) return out;
      out.push(cast);
    }
  }
  #due(patient: boolean): Message | undefined {
    if (!this.finality.members.includes(this.me)) return undefined;
    for (const { round, kind, node } of this.finality.lateVotes(this.#head)) {
      const late = this.#cast(kind, node, round);
      if (late) return late;
    }
    const approve = this.finality.approvalFor(this.#head);
    const approved = approve && this.#cast("approval", approve);
    if (approved) return approved;
    const confirm = this.finality.confirmationFor(patient);
    return confirm && this.#cast("confirmation", confirm);
  }
  #cast(kind: VoteKind, node: TreeNode, round = this.finality.position.round): Message | undefined {
    const { set } = this.finality.position;
    const at = `${set}/${round}/${kind}`;
    if (this.#signed.has(at)) return undefined;
    this.#signed.add(at);
    const target = { set, round, kind, step: node.header.step, block: node.hash };
    const message = { kind: "vote", member: this.me, target } as const;
    this.take(message);
    return message;
  }
  /** What a disk holds: the round, the votes, and the blocks that were once on the way to the head. */
  restart(whole: boolean): readonly TreeNode[] {
    const bound = this.finality.anchor().hash;
    const { round } = this.finality.position;
    const nodes = [...this.tree.nodes()].toSorted((a, b) => a.header.height - b.header.height);
    const kept = nodes.filter((n, i) => i === 0 || whole || this.#written.has(n.hash));
    const [root, ...rest] = kept.map((n) => ({ ...n, children: new Set<Hash>() }));
    if (root === undefined) throw new Error("a tree has a root");
    this.tree = new Tree(root);
    for (const node of rest) this.tree.add(node);
    this.#head = this.tree.get(this.#head.hash) ?? root;
    this.finality = new Finality(this.tree, round, undefined, bound);
    this.finality.self = this.me;
    for (const { member, target } of this.#known) this.finality.add(member, target);
    return nodes.filter((n) => !kept.includes(n));
  }
}
export type Rules = {
  readonly voters: number;
  readonly quorum: Quorum;
  readonly liars: number;
  readonly lossy: boolean;
};

export class World {
  readonly maker: TreeMaker;
  readonly all: Tree;
  readonly honest: Voter[];
  readonly #liars: readonly MemberIndex[];
  readonly #q: number;
  readonly #dice: Dice;
  readonly #rules: Rules;
  readonly #inboxes: Message[][];
  readonly #awake: Set<number>;
  readonly votes: { readonly member: MemberIndex; readonly target: Target }[] = [];
  #wake: number;

  constructor(rules: Rules, seed: number) {
    const dice = diceOf(seed);
    this.#dice = dice;
    this.#rules = rules;
    const { voters, quorum, liars } = rules;
    this.#q = quorum(voters);
    this.maker = new TreeMaker(voters, quorum);
    const size = 4 + dice(12);
    const back = 1 + dice(5);
    for (let i = 0; i < size; i++) {
      const names = this.maker.names;
      const below = names[Math.max(0, names.length - 1 - dice(back))] ?? "root";
      this.maker.on(below, `n${i}`, { step: this.maker.node(below).header.step + 1 + dice(3) * dice(3) });
    }
    this.all = this.maker.tree();
    const members = membersTo(voters);
    const root = this.maker.node("root");
    this.#liars = members.slice(voters - liars);
    this.honest = members.slice(0, voters - liars).map((m) => new Voter(m, root));
    const blocks = this.maker.names.filter((n) => n !== "root").map((n) => this.maker.node(n));
    this.#inboxes = this.honest.map(() => blocks.map((node) => ({ kind: "block", node }) as const));
    this.#awake = new Set(this.honest.keys());
    this.#wake = dice(3);
  }
  act(): void {
    const dice = this.#dice;
    // In some worlds most sleep most of the time.
    if (this.#wake > 0 && dice(12) === 0) {
      this.#awake.clear();
      const most = this.#wake === 1 ? 2 : this.#q;
      for (let i = 0; i < most; i++) this.#awake.add(dice(this.honest.length));
    }
    const awake = [...this.#awake];
    const at = awake[dice(awake.length)] ?? 0;
    const [voter, inbox] = [this.honest[at], this.#inboxes[at]];
    if (voter === undefined || inbox === undefined) return;
    const what = dice(100);
    if (what < 2) {
      const lost = voter.restart(!this.#rules.lossy);
      inbox.push(
        ...lost.map((node) => ({ kind: "block", node: this.maker.node(this.maker.nameOf(node) ?? "") }) as const),
      );
    } else if (what < 60) {
      for (let n = 1 + dice(4); n > 0 && inbox.length > 0; n--) {
        const [message] = inbox.splice(dice(inbox.length), 1);
        if (message !== undefined && !voter.take(message)) inbox.push(message);
      }
      if (dice(2) === 0) voter.settle(dice(1_000));
    } else if (what < 75 && this.#liars.length > 0) this.#lie(voter, inbox);
    else {
      const said = voter.vote(dice(1_000), dice(3) > 0);
      for (const m of said) if (m.kind === "vote") this.votes.push(m);
      this.#inboxes.forEach((box, i) => i !== at && box.push(...said));
    }
  }
  #lie(voter: Voter, inbox: Message[]): void {
    const dice = this.#dice;
    const names = this.maker.names;
    const node = this.maker.node(names[dice(names.length)] ?? "root");
    const { set, round } = voter.finality.position;
    const target = {
      set,
      round: Math.max(0, round + 1 - dice(4)),
      kind: dice(2) === 0 ? "approval" : "confirmation",
      step: node.header.step,
      block: node.hash,
    } as const;
    const member = this.#liars[dice(this.#liars.length)];
    if (member !== undefined) inbox.push({ kind: "vote", member, target });
  }
  #isOn(node: TreeNode, target: Target): boolean {
    return this.all.isAncestor(node, this.all.node(target.block));
  }
  /** Blocks that the confirmations of a round, and what liars may have signed, make final in somebody's view. */
  #finalBy(round: number): TreeNode[] {
    const cast = this.votes.filter(({ target }) => target.kind === "confirmation" && target.round === round);
    const count = (node: TreeNode): number => cast.filter(({ target }) => this.#isOn(node, target)).length;
    return [...this.all.nodes()].filter((n) => count(n) + this.#liars.length >= this.#q);
  }
  /** Which law is broken, if one is. */
  broken(): string | undefined {
    const lists = this.honest.map((v) => v.finals);
    const longest = lists.reduce((a, b) => (b.length > a.length ? b : a));
    if (!lists.every((l) => l.every((hash, i) => hash === longest[i]))) return "two branches are final";
    const seen = new Set(this.votes.map(({ member, target }) => `${member}/${target.round}/${target.kind}`));
    if (seen.size < this.votes.length) return "two votes of one kind and round";
    const rounds = [...new Set(this.votes.map(({ target }) => target.round))];
    for (const round of rounds) {
      const finals = this.#finalBy(round);
      for (const { member, target } of this.votes)
        for (const b of finals)
          if (target.round > round && !this.#isOn(b, target))
            return `lemma 3: ${member}'s ${target.kind} of round ${target.round} leaves what round ${round} makes final`;
    }
    return undefined;
  }
}
/** Runs a world and says what broke in it. */
export const history = (rules: Rules, seed: number, acts: number): string | undefined => {
  const world = new World(rules, seed);
  for (let n = 0; n < acts; n++) world.act();
  return world.broken();
};
