/**
 * What the proofs of PROTOCOL.md §8 rest on: whatever is signed by honest voters, who hear late and in any order, and by
 * liars, who sign anything, no proof that can be put together of it leads anybody who trusts a set in office to a block
 * beside a final one, or to other voters than those in office. Signatures are ideal here: what was signed, was.
 */
import { describe, expect, it } from "vitest";
import type { BlsKey, Hash, MemberIndex, StepIndex } from "../../worker/base/units.ts";
import { hashOf, type Header } from "../../worker/consensus/block.ts";
import {
  changeOf,
  jobsOfHop,
  rootOfVoters,
  type Certificate,
  type Hop,
  type VoterSet,
} from "../../worker/consensus/certificate.ts";
import { Tree, type TreeNode } from "../../worker/consensus/tree.ts";
import { bitfieldOf, type Target } from "../../worker/consensus/vote.ts";
import { diceOf, Voter, type Dice } from "./lemma-model.ts";
import { majority, twoThirds, type Quorum } from "./tree-maker.ts";

const COMMUNITY = "c0".repeat(32) as Hash;
const NIL = "00".repeat(32) as Hash;
const MEMBERS = 8;
const keyOf = (member: number, version: number): BlsKey => `${member}${version}`.padStart(192, "0") as BlsKey;
const faultsOf = (n: number, q: number): number => Math.max(0, Math.min(2 * q - n - 1, n - q));

type Vote = { readonly member: MemberIndex; readonly target: Target };
type Message = { readonly kind: "block"; readonly node: TreeNode } | ({ readonly kind: "vote" } & Vote);

class World {
  readonly #dice: Dice;
  readonly #quorum: Quorum;
  readonly #liars: ReadonlySet<number>;
  readonly #sets = new Map<Hash, VoterSet>();
  readonly nodes: TreeNode[] = [];
  readonly all: Tree;
  readonly #voters: Voter[];
  readonly #inboxes: Message[][];
  /** Of honest voters, as they were given. */
  readonly votes: Vote[] = [];

  constructor(seed: number, quorum: Quorum) {
    const dice = diceOf(seed);
    this.#dice = dice;
    this.#quorum = quorum;
    const liars = new Set([MEMBERS - 1, MEMBERS - 2].filter(() => dice(2) === 0));
    this.#liars = liars;
    const first = this.#anySet(null);
    this.#add(null, first);
    const size = 6 + dice(11);
    const back = 1 + dice(3);
    for (let i = 0; i < size; i++) {
      const parent = this.nodes[Math.max(0, this.nodes.length - 1 - dice(back))] ?? this.nodes[0];
      if (parent === undefined) throw new Error("a tree has a root");
      const before = this.setOf(parent);
      this.#add(parent, dice(3) === 0 ? this.#anySet(before) : before);
    }
    const [root, ...rest] = this.nodes.map((n) => ({ ...n, children: new Set<Hash>() }));
    this.all = new Tree(root as TreeNode);
    for (const node of rest) this.all.add(node);
    const honest = Array.from({ length: MEMBERS }, (_, m) => m as MemberIndex).filter((m) => !liars.has(m));
    this.#voters = honest.map((m) => new Voter(m, this.nodes[0] as TreeNode));
    this.#inboxes = honest.map(() => this.nodes.slice(1).map((node) => ({ kind: "block", node })));
  }
  /** After a block: the members, keys and quorum of a set of which §7.5 holds. A member's key may be another than before. */
  #anySet(before: VoterSet | null): VoterSet {
    const dice = this.#dice;
    for (let tries = 0; tries < 30; tries++) {
      const known = new Map<number, BlsKey>(before?.voters.map((v) => [v.member, v.key]));
      // A few come or go; now and then anybody may.
      const often = before === null || dice(6) === 0 ? 2 : 6;
      const members = Array.from({ length: MEMBERS }, (_, m) => m).filter((m) => (dice(often) === 0) !== known.has(m));
      if (members.length === 0) continue;
      const quorum = Math.min(members.length, this.#quorum(members.length) + (dice(4) === 0 ? 1 : 0));
      const lying = members.filter((m) => this.#liars.has(m)).length;
      if (lying > faultsOf(members.length, quorum)) continue;
      const voters = members.map((m) => ({
        member: m as MemberIndex,
        key: dice(12) === 0 ? keyOf(m, 1 + dice(9)) : (known.get(m) ?? keyOf(m, 0)),
      }));
      return { set: (before?.set ?? -1) + 1, quorum, voters };
    }
    return before ?? { set: 0, quorum: 1, voters: [{ member: 0 as MemberIndex, key: keyOf(0, 0) }] };
  }
  #add(parent: TreeNode | null, set: VoterSet): void {
    const header: Header = {
      version: 1,
      community: COMMUNITY,
      step: (parent === null ? 0 : parent.header.step + 1 + this.#dice(2)) as StepIndex,
      height: parent === null ? 0 : parent.header.height + 1,
      parent: parent?.hash ?? NIL,
      rank: this.nodes.length,
      miner: 0 as MemberIndex,
      txRoot: NIL,
      stateRoot: NIL,
      historyRoot: NIL,
      votersRoot: rootOfVoters(set),
      beacon: NIL,
      votesRoot: NIL,
    };
    const isNew = parent === null || set.set !== parent.voters.set;
    const voters = isNew
      ? { set: set.set, since: header.step, members: set.voters.map((v) => v.member), quorum: set.quorum }
      : parent.voters;
    const hash = hashOf(header);
    this.#sets.set(hash, set);
    this.nodes.push({ hash, header, block: { header } as TreeNode["block"], delta: [], voters, children: new Set() });
  }
  setOf({ hash }: TreeNode): VoterSet {
    return this.#sets.get(hash) as VoterSet;
  }
  act(): void {
    const dice = this.#dice;
    const at = dice(this.#voters.length);
    const [voter, inbox] = [this.#voters[at], this.#inboxes[at]];
    if (voter === undefined || inbox === undefined) return;
    if (dice(100) < 65) {
      for (let n = 1 + dice(5); n > 0 && inbox.length > 0; n--) {
        const [message] = inbox.splice(dice(inbox.length), 1);
        if (message !== undefined && !voter.take(message)) inbox.push(message);
      }
      return;
    }
    if (dice(3) === 0) this.#lie(voter, inbox);
    const said = voter.vote(dice(1_000), dice(3) > 0);
    for (const m of said) if (m.kind === "vote") this.votes.push(m);
    this.#inboxes.forEach((box, i) => i !== at && box.push(...said));
  }
  #lie(voter: Voter, inbox: Message[]): void {
    const dice = this.#dice;
    const node = this.nodes[dice(this.nodes.length)] as TreeNode;
    const { set, round } = voter.finality.position;
    const kind = dice(2) === 0 ? "approval" : "confirmation";
    const target = {
      set,
      round: Math.max(0, round + 1 - dice(3)),
      kind,
      step: node.header.step,
      block: node.hash,
    } as const;
    for (const m of this.#liars) inbox.push({ kind: "vote", member: m as MemberIndex, target });
  }
  /** Everything final for somebody: a line, by §7.5. */
  get finals(): TreeNode[] {
    const lists = this.#voters.map((v) => v.finals);
    const longest = lists.reduce((a, b) => (b.length > a.length ? b : a));
    if (!lists.every((l) => l.every((hash, i) => hash === longest[i]))) throw new Error("two branches are final");
    return [this.all.root, ...longest.map((hash) => this.all.node(hash))];
  }
  /** Whether a quorum of the set that judges it, as its branch has begun it, confirms it in a round: liars say what one likes. */
  isFinal(node: TreeNode, set: number, round: number): boolean {
    let at: TreeNode | undefined = node;
    while (at !== undefined && at.voters.set !== set) at = this.all.parentOf(at);
    const voters = at && this.setOf(at);
    const isFor = ({ member, target: t }: Vote, who: MemberIndex): boolean =>
      member === who && t.kind === "confirmation" && t.set === set && t.round === round && this.isOn(node, t.block);
    const count = voters?.voters.filter(({ member: m }) => this.#liars.has(m) || this.votes.some((v) => isFor(v, m)));
    return (count?.length ?? 0) >= (voters?.quorum ?? 1);
  }
  isOn(node: TreeNode, block: Hash): boolean {
    return this.all.isAncestor(node, this.all.node(block));
  }
  /** With which key an honest vote was signed: the one in the set that its block's branch has begun. */
  #signer({ member, target }: Vote): BlsKey | undefined {
    let at: TreeNode | undefined = this.all.node(target.block);
    while (at !== undefined && at.voters.set !== target.set) at = this.all.parentOf(at);
    return at && this.setOf(at).voters.find((v) => v.member === member)?.key;
  }
  /**
   * The strongest proof that `header`'s block is final which anybody could show to those who trust `trusted`: all votes on
   * its line of blocks up to `top`, of one set and round, that honest ones gave with a key of `trusted`, and all of liars.
   */
  #proof(trusted: VoterSet, node: TreeNode, top: TreeNode, set: number, round: number): Certificate | null {
    const line = [node, ...this.all.path(node, top)];
    const keys = new Map(trusted.voters.map((v) => [v.member, v.key]));
    const placeOf = new Map(line.map(({ hash }, i) => [hash, i]));
    const signers = line.map(() => new Set<MemberIndex>());
    for (const vote of this.votes) {
      const { member, target } = vote;
      const isOne = target.kind === "confirmation" && target.set === set && target.round === round;
      const place = placeOf.get(target.block);
      if (isOne && place !== undefined && keys.has(member) && this.#signer(vote) === keys.get(member))
        signers[place]?.add(member);
    }
    for (const m of this.#liars) if (keys.has(m as MemberIndex)) signers[0]?.add(m as MemberIndex);
    const votes = line.flatMap(({ hash: block, header: { step } }, i) => {
      const voters = bitfieldOf([...(signers[i] ?? [])]);
      const group = { set, round, kind: "confirmation", step, block, voters, signature: new Uint8Array(48) } as const;
      return voters.length === 0 ? [] : [group];
    });
    const highest = placeOf.get(votes.at(-1)?.block ?? NIL);
    const above = line.slice(1, (highest ?? -1) + 1).map((n) => n.header);
    return highest === undefined ? null : { header: node.header, above, votes };
  }
  /** Every hop that somebody could be shown who trusts these voters: over any block, by any set and round. */
  *hops(trusted: VoterSet): Generator<{ readonly hop: Hop; readonly node: TreeNode }> {
    const named = new Map<string, { readonly set: number; readonly round: number; readonly tops: Set<Hash> }>();
    for (const { target } of this.votes) {
      const { kind, set, round, block } = target;
      const at = named.get(`${set}/${round}`) ?? { set, round, tops: new Set<Hash>() };
      if (kind === "confirmation" && set >= trusted.set)
        named.set(`${set}/${round}`, at).get(`${set}/${round}`)?.tops.add(block);
    }
    for (const node of this.all.nodes()) {
      const to = this.setOf(node);
      const next = to.set === trusted.set ? null : changeOf(trusted, to);
      for (const { set, round, tops } of named.values())
        for (const top of new Set([node.hash, ...tops])) {
          if (!this.all.isAncestor(node, this.all.node(top))) continue;
          const certificate = this.#proof(trusted, node, this.all.node(top), set, round);
          if (certificate !== null) yield { hop: { certificate, next }, node };
        }
    }
  }
}

describe.each([
  ["a majority", majority],
  ["two thirds", twoThirds],
] as const)("with a quorum of %s", (_, quorum) => {
  it("no proof leads beside what is final, or to voters who are not in office there", () => {
    let [proved, skipped] = [0, 0];
    for (let seed = 1; seed <= 150; seed++) {
      const world = new World(seed, quorum);
      for (let n = 0; n < 420; n++) world.act();
      const { finals } = world;
      const last = finals.at(-1) as TreeNode;
      const inOffice = new Map(finals.map((node) => [world.setOf(node).set, world.setOf(node)]));
      for (const trusted of inOffice.values())
        for (const { hop, node } of world.hops(trusted)) {
          const ahead = jobsOfHop(trusted, COMMUNITY, hop);
          if (!ahead.ok) continue;
          proved += 1;
          const { set } = ahead.value.voters;
          const [by] = hop.certificate.votes;
          if (by === undefined) throw new Error("a proof has votes");
          if (set > trusted.set && by.set === set) skipped += 1;
          // Above the last that anybody has seen to be final, it is final by these very votes.
          const isBelow = world.isOn(node, last.hash);
          expect([seed, world.isFinal(node, by.set, by.round), isBelow || world.isOn(last, node.hash)]).toEqual([
            seed,
            true,
            true,
          ]);
          expect(isBelow ? ahead.value.voters : null).toEqual(isBelow ? inOffice.get(set) : null);
        }
    }
    expect(proved).toBeGreaterThan(500);
    expect(skipped).toBeGreaterThan(40);
  });
});
