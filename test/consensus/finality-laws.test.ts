/**
 * Laws of finality under any order of delivery: honest voters over a shared random tree, who sleep, restart and hear
 * of blocks and votes late and in any order, never finalise two branches; and once all has been delivered, all agree.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stepIndex, type Hash, type MemberIndex } from "../../worker/base/units.ts";
import { Finality } from "../../worker/consensus/finality.ts";
import { chooseHead } from "../../worker/consensus/fork-choice.ts";
import { Tree, type TreeNode } from "../../worker/consensus/tree.ts";
import type { Target, VoteKind } from "../../worker/consensus/vote.ts";
import { majority, membersTo, TreeMaker, twoThirds, type Quorum } from "./tree-maker.ts";

type Message =
  | { readonly kind: "block"; readonly node: TreeNode }
  | { readonly kind: "vote"; readonly member: MemberIndex; readonly target: Target };

/** One member's node: what the node room does with its tree and its votes, without the rest. */
class Voter {
  readonly me: MemberIndex;
  #tree: Tree;
  #finality: Finality;
  /** What is on its disk: votes of others it knows, and what it has signed. */
  readonly #known: { member: MemberIndex; target: Target }[] = [];
  readonly #signed = new Map<string, Target>();
  readonly finals: Hash[] = [];

  constructor(me: MemberIndex, root: TreeNode) {
    this.me = me;
    this.#tree = new Tree({ ...root, children: new Set() });
    this.#finality = new Finality(this.#tree);
    this.#finality.self = me;
  }
  get final(): TreeNode {
    return this.#finality.final;
  }
  get position(): Finality["position"] {
    return this.#finality.position;
  }
  get head(): TreeNode {
    return chooseHead(this.#tree, this.#finality.anchor(), this.#finality.latestApprovals());
  }
  /** Any newest block that the rounds allow: safety must not rest on everybody choosing alike. */
  #anyHead(pick: number): TreeNode {
    const anchor = this.#finality.anchor();
    const heads = [...this.#tree.nodes()].filter((n) => n.children.size === 0 && this.#tree.isAncestor(anchor, n));
    return heads[pick % heads.length] ?? anchor;
  }
  /** False when it cannot be taken yet. A block beside what is final is of no use any more. */
  take(message: Message): boolean {
    if (message.kind === "vote") {
      const isNew = this.#finality.add(message.member, message.target);
      if (isNew) this.#known.push({ member: message.member, target: message.target });
      return isNew || this.#finality.isNear(message.target);
    }
    const { node } = message;
    if (this.#tree.get(node.hash) !== undefined) return true;
    if (this.#tree.get(node.header.parent) === undefined) return node.header.height <= this.final.header.height;
    this.#tree.add({ ...node, children: new Set() });
    return true;
  }
  settle(): void {
    const before = this.final;
    this.#finality.advance();
    if (this.final === before) return;
    this.finals.push(...this.#tree.path(before, this.final).map((n) => n.hash));
    this.#tree.advance(this.final);
  }
  /** Signs what is due, each vote once, and says what it signed. Follows fork choice, or `pick`. */
  vote(pick?: number, patient = true): Message[] {
    const out: Message[] = [];
    for (;;) {
      this.settle();
      const cast = this.#due(pick, patient);
      if (cast === undefined) return out;
      out.push(cast);
    }
  }
  #due(pick: number | undefined, patient: boolean): Message | undefined {
    if (!this.#finality.members.includes(this.me)) return undefined;
    for (const { round, kind, node } of this.#finality.lateVotes(this.head)) {
      const late = this.#cast(kind, node, round);
      if (late) return late;
    }
    const approve = this.#finality.approvalFor(pick === undefined ? this.head : this.#anyHead(pick));
    const approved = approve && this.#cast("approval", approve);
    if (approved) return approved;
    const confirm = this.#finality.confirmationFor(patient);
    return confirm && this.#cast("confirmation", confirm);
  }
  #cast(kind: VoteKind, node: TreeNode, round = this.#finality.position.round): Message | undefined {
    const { set } = this.#finality.position;
    const at = `${set}/${round}/${kind}`;
    if (this.#signed.has(at)) return undefined;
    const target = { set, round, kind, step: node.header.step, block: node.hash };
    this.#signed.set(at, target);
    const message = { kind: "vote", member: this.me, target } as const;
    this.take(message);
    return message;
  }
  /** From its disk: the tree from the last final block, its round, and every vote it knew. */
  restart(): void {
    const { round } = this.#finality.position;
    const nodes = [...this.#tree.nodes()].toSorted((a, b) => a.header.height - b.header.height);
    const [root, ...rest] = nodes.map((n) => ({ ...n, children: new Set<Hash>() }));
    if (root === undefined) throw new Error("a tree has a root");
    this.#tree = new Tree(root);
    for (const node of rest) this.#tree.add(node);
    this.#finality = new Finality(this.#tree, round);
    this.#finality.self = this.me;
    for (const { member, target } of this.#known) this.#finality.add(member, target);
  }
}

type Plan = {
  readonly voters: number;
  readonly parents: readonly number[];
  readonly ranks: readonly number[];
  /** Where blocks hand over to another set, who is in it, and how far above a bare majority its quorum lies. */
  readonly sets: readonly ({ readonly bits: number; readonly more: number } | null)[];
  readonly actions: readonly { readonly who: number; readonly what: number; readonly pick: number }[];
};
const plans = fc.record({
  voters: fc.integer({ min: 1, max: 7 }),
  parents: fc.array(fc.nat(3), { minLength: 3, maxLength: 14 }),
  ranks: fc.array(fc.nat(2), { minLength: 14, maxLength: 14 }),
  sets: fc.array(
    fc.option(fc.record({ bits: fc.integer({ min: 1, max: 127 }), more: fc.nat(3) }), { freq: 2, nil: null }),
    { minLength: 14, maxLength: 14 },
  ),
  actions: fc.array(fc.record({ who: fc.nat(6), what: fc.nat(99), pick: fc.nat(10_000) }), {
    maxLength: 300,
    size: "+1",
  }),
});

/** Most blocks stand on one of the last few, so that there are chains and forks. */
const treeOf = ({ voters, parents, ranks, sets }: Plan, quorum: Quorum, changes: boolean): TreeMaker => {
  const maker = new TreeMaker(voters, quorum);
  parents.forEach((back, i) => {
    const below = maker.names[Math.max(0, maker.names.length - 1 - back)] ?? "root";
    const parent = maker.node(below);
    const change = changes ? (sets[i] ?? null) : null;
    const members = membersTo(voters).filter((m) => change !== null && ((change.bits >> m) & 1) === 1);
    const next = {
      set: parent.voters.set + 1,
      since: stepIndex(parent.header.step + 1),
      members,
      // The same members with another quorum are another set as well.
      quorum: Math.min(members.length, quorum(members.length) + (change?.more ?? 0)),
    };
    maker.on(below, `n${i}`, { rank: ranks[i] ?? 0, ...(members.length > 0 ? { voters: next } : {}) });
  });
  return maker;
};

/** How many liars §7 allows for: with so many, two quorums still share an honest member. */
const liarsOf = (n: number, quorum: Quorum): number => Math.max(0, Math.min(2 * quorum(n) - n - 1, n - quorum(n)));

class Community {
  readonly maker: TreeMaker;
  /** The honest ones; the members after them lie. */
  readonly voters: Voter[];
  readonly #liars: readonly MemberIndex[];
  /** What liars have told anybody: as evidence, it comes to everybody in the end. */
  readonly #told: Message[] = [];
  readonly #inboxes: Message[][];
  readonly #asleep = new Set<Voter>();
  constructor(plan: Plan, quorum: Quorum, { changes, liars = 0 }: { changes: boolean; liars?: number }) {
    this.maker = treeOf(plan, quorum, changes);
    const root = this.maker.node("root");
    const members = membersTo(plan.voters);
    this.#liars = members.slice(plan.voters - liars);
    this.voters = members.slice(0, plan.voters - liars).map((m) => new Voter(m, root));
    const blocks = this.maker.names
      .filter((n) => n !== "root")
      .map((n) => ({ kind: "block", node: this.maker.node(n) }) as const);
    this.#inboxes = this.voters.map(() => [...blocks]);
  }
  #send(from: Voter, messages: readonly Message[]): void {
    this.voters.forEach((v, i) => v !== from && this.#inboxes[i]?.push(...messages));
  }
  act({ who, what, pick }: Plan["actions"][number]): void {
    const at = who % this.voters.length;
    const [voter, inbox] = [this.voters[at], this.#inboxes[at]];
    if (voter === undefined || inbox === undefined) return;
    if (what === 0) voter.restart();
    if (what < 70 && inbox.length > 0) {
      const [message] = inbox.splice(pick % inbox.length, 1);
      if (message !== undefined && !voter.take(message)) inbox.push(message);
      return;
    }
    this.#send(voter, voter.vote(pick % 2 === 0 ? undefined : pick));
  }
  /** A vote of a liar, for any block, of a round at hand, to one honest member only: the others hear something else. */
  lie({ who, what, pick }: Plan["actions"][number]): void {
    const liar = this.#liars[what % Math.max(1, this.#liars.length)];
    const at = who % this.voters.length;
    const victim = this.voters[at];
    if (liar === undefined || victim === undefined) return;
    const names = this.maker.names;
    const node = this.maker.node(names[pick % names.length] ?? "root");
    const { set, round } = victim.position;
    const kind = pick % 3 === 0 ? "approval" : "confirmation";
    const target = {
      set,
      round: Math.max(0, round - (what % 2)),
      kind,
      step: node.header.step,
      block: node.hash,
    } as const;
    const vote = { kind: "vote", member: liar, target } as const;
    this.#inboxes[at]?.push(vote);
    this.#told.push(vote);
  }
  /** Everything is delivered, again and again, until nobody has anything to say or hear. */
  finish(): void {
    for (const inbox of this.#inboxes) inbox.push(...this.#told);
    for (let rounds = 0; this.#exchange(); rounds++) {
      if (rounds > 500) throw new Error("they never stop voting");
    }
  }
  /** All but a quorum, beginning somewhere, fall asleep for good: what they have said before is heard, no more. */
  sleep(from: number): void {
    const { quorum } = this.maker.node("root").voters;
    const turned = this.voters.map((_, i) => this.voters[(i + from) % this.voters.length] as Voter);
    for (const voter of turned.slice(quorum)) this.#asleep.add(voter);
  }
  get #awake(): Voter[] {
    return this.voters.filter((v) => !this.#asleep.has(v));
  }
  /** The chain goes on, a block at a time: answers how many it takes until the newest is final for everybody. */
  goOn(most: number): number {
    for (let n = 1; n <= most; n++) {
      const [voter] = this.#awake;
      const head = voter && this.maker.nameOf(voter.head);
      if (head === undefined) throw new Error("a community has an honest member");
      const node = this.maker.on(head, `later${n}`).node(`later${n}`);
      for (const inbox of this.#inboxes) inbox.push({ kind: "block", node });
      this.finish();
      // A step has passed: patience is over.
      for (const voter of this.#awake) this.#send(voter, voter.vote(undefined, false));
      this.finish();
      if (this.#awake.every((v) => v.final.hash === node.hash && v.head.hash === node.hash)) return n;
    }
    return most + 1;
  }
  #exchange(): boolean {
    let moved = false;
    for (const [i, voter] of this.voters.entries()) {
      if (this.#asleep.has(voter)) continue;
      const delivered = this.#deliver(voter, i);
      const messages = voter.vote();
      this.#send(voter, messages);
      moved ||= delivered || messages.length > 0;
    }
    return moved;
  }
  /** What stays in an inbox can be taken by nobody yet: votes of a set to come, blocks beside what is known. */
  #deliver(voter: Voter, i: number): boolean {
    const all = this.#inboxes[i] ?? [];
    let left = all;
    for (let before = -1; left.length !== before;) {
      before = left.length;
      left = left.filter((message) => !voter.take(message));
      voter.settle();
    }
    this.#inboxes[i] = left;
    return left.length < all.length;
  }
  /** Every node's final blocks are a beginning of the longest such list. */
  isSafe(): boolean {
    const longest = this.voters.map((v) => v.finals).reduce((a, b) => (b.length > a.length ? b : a));
    return this.voters.every((v) => v.finals.every((hash, i) => hash === longest[i]));
  }
}

const quorums: readonly (readonly [string, Quorum])[] = [
  ["a majority", majority],
  ["two thirds", twoThirds],
];

/** Once found at random: a liar approved a block that lost, and who leapt over that round left another alone in it for ever. */
const leapt: Plan = {
  voters: 4,
  parents: [0, 0, 0, 3, 0, 0, 0, 0, 0],
  ranks: Array.from({ length: 14 }, () => 0),
  sets: Array.from({ length: 14 }, () => null),
  actions: [
    [0, 0, 0],
    [0, 0, 0],
    [2, 0, 0],
    [5, 0, 0],
    [0, 1, 4315],
    [2, 46, 6967],
    [0, 70, 0],
    [5, 1, 8343],
    [0, 0, 1056],
    [5, 10, 0],
    [5, 4, 7866],
    [0, 0, 1294],
    [2, 1, 9197],
    [5, 70, 0],
    [2, 0, 1392],
  ].map(([who = 0, what = 0, pick = 0]) => ({ who, what, pick })),
};

describe.each(quorums)("honest voters with a quorum of %s", (_, quorum) => {
  it("never finalise two branches, and agree on a newest block once all is delivered", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const community = new Community(plan, quorum, { changes: false });
        for (const action of plan.actions) {
          community.act(action);
          expect(community.isSafe()).toBe(true);
        }
        community.finish();
        expect(community.isSafe()).toBe(true);
        const finals = new Set(community.voters.map((v) => v.final.hash));
        expect(finals.size).toBe(1);
        const [voter] = community.voters;
        expect(voter?.head.hash).toBe(voter?.final.hash);
        expect(community.maker.node("root").hash).not.toBe(voter?.final.hash);
      }),
      { numRuns: 500 },
    );
  });

  it("nor across changes of the voter set, where every final block has all its ancestors final", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const community = new Community(plan, quorum, { changes: true });
        for (const action of plan.actions) {
          community.act(action);
          expect(community.isSafe()).toBe(true);
        }
        community.finish();
        expect(community.isSafe()).toBe(true);
        const [voter] = community.voters;
        expect(new Set(community.voters.map((v) => v.final.hash)).size).toBe(1);
        expect(voter?.head.hash).toBe(voter?.final.hash);
        expect(voter?.finals.length).toBe(voter?.final.header.height);
      }),
      { numRuns: 500 },
    );
  });

  it("never wait for sleepers beside a quorum that is awake: a few blocks later the newest is final", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const community = new Community(plan, quorum, { changes: false });
        for (const action of plan.actions) community.act(action);
        community.sleep(plan.parents.length);
        expect(community.goOn(4)).toBeLessThanOrEqual(4);
        expect(community.isSafe()).toBe(true);
      }),
      { numRuns: 1_500 },
    );
  });

  it("nor while as many liars as the quorum allows for tell each something else; when that is out, they go on together", () => {
    fc.assert(
      fc.property(plans, fc.boolean(), (plan, most) => {
        const allowed = liarsOf(plan.voters, quorum);
        const community = new Community(plan, quorum, { changes: false, liars: most ? allowed : allowed >> 1 });
        for (const action of plan.actions) {
          if (action.what % 3 === 0) community.lie(action);
          else community.act(action);
          expect(community.isSafe()).toBe(true);
        }
        community.finish();
        expect(community.isSafe()).toBe(true);
        expect(community.goOn(6)).toBeLessThanOrEqual(6);
        expect(community.isSafe()).toBe(true);
      }),
      { numRuns: 1_500, examples: [[leapt, true]] },
    );
  });
});
