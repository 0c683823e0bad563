/** Out of the votes at hand, the proof that a block is final: found wherever there is one (PROTOCOL.md §8). */
import { describe, expect, it } from "vitest";
import { stepIndex, type BlsKey, type Hash, type MemberIndex, type Millis } from "../../worker/base/units.ts";
import { communityId } from "../../worker/community/contract.ts";
import {
  hopCodec,
  jobsOfHop,
  rootOfVoters,
  votersAfter,
  votersIn,
  type Hop,
  type VoterSet,
} from "../../worker/consensus/certificate.ts";
import { genesisBlock, genesisState } from "../../worker/consensus/genesis.ts";
import { Tree, type TreeNode } from "../../worker/consensus/tree.ts";
import { bitfieldOf, membersOf, type Target, type Vote } from "../../worker/consensus/vote.ts";
import { labContract, memberKeys } from "../../worker/lab/community.ts";
import { Draft } from "../../worker/ledger/state.ts";
import { certify, writeHops } from "../../worker/node/certifier.ts";
import { treeNode } from "../../worker/node/chain.ts";
import { hopKey } from "../../worker/node/disk.ts";
import { Out } from "../../worker/node/events.ts";
import { Pool } from "../../worker/node/pool.ts";
import { membersTo, TreeMaker } from "../consensus/tree-maker.ts";

const keyOf = (m: number): BlsKey => `key ${m}` as BlsKey;
/** Whole numbers instead of points: they add up, and opposite ones cancel each other. */
const signatureOf = (n: number): Uint8Array => new Uint8Array(Int32Array.of(n).buffer);
const numberOf = (signature: Uint8Array): number => new Int32Array(signature.slice().buffer)[0] ?? 0;
const aggregate = (signatures: readonly Uint8Array[]): Uint8Array | null => {
  const sum = signatures.reduce((n, s) => n + numberOf(s), 0);
  return sum === 0 ? null : signatureOf(sum);
};

class Scene {
  readonly maker: TreeMaker;
  readonly pool = new Pool();
  readonly #voters: VoterSet;
  readonly #carried = new Map<string, TreeNode["block"]["votes"]>();
  #items = 0;
  constructor(n: number, quorum: number) {
    this.maker = new TreeMaker(n, () => quorum);
    this.#voters = { set: 0, quorum, voters: membersTo(n).map((member) => ({ member, key: keyOf(member) })) };
  }
  target(block: string, change: Partial<Target> = {}): Target {
    return { ...this.maker.target("confirmation", block), ...change };
  }
  /** Each heard alone; member m's signature is the number 10^m unless told. */
  hear(
    members: readonly number[],
    block: string,
    change: Partial<Target> & { signer?: BlsKey; by?: number } = {},
  ): this {
    const { signer, by, ...target } = change;
    for (const member of members as MemberIndex[]) {
      const vote: Vote = { ...this.target(block, target), member, signature: signatureOf(by ?? 10 ** member) };
      this.pool.votedWith.set(vote, signer ?? keyOf(member));
      this.pool.addVote(vote, `${this.#items++}` as never);
    }
    return this;
  }
  /** A sum in the block `at`. */
  carry(at: string, members: readonly number[], block: string): this {
    const sum = aggregate(members.map((m) => signatureOf(10 ** m))) ?? new Uint8Array();
    const group = { ...this.target(block), voters: bitfieldOf(members as MemberIndex[]), signature: sum };
    this.#carried.set(at, [...(this.#carried.get(at) ?? []), group]);
    return this;
  }
  /** What the votes come to for `block`: who signed for what, and the blocks above that it takes. Null for no proof. */
  proof(block: string): { readonly votes: Record<string, number[]>; readonly above: string[] } | null {
    const tree = this.maker.tree();
    for (const name of this.maker.names)
      Object.assign(tree.node(this.maker.node(name).hash).block, { votes: this.#carried.get(name) ?? [] });
    const nameOf = (hash: Hash): string => this.maker.nameOf(tree.node(hash)) ?? "";
    const found = certify(
      { pool: this.pool, bls: { aggregate } as never, chain: { tree } },
      tree.node(this.maker.node(block).hash),
      this.#voters,
      [],
    );
    if (found === null) return null;
    for (const group of found.votes) {
      const sum = (membersOf(group.voters) ?? []).reduce((n, m) => n + 10 ** m, 0);
      if (numberOf(group.signature) !== sum) throw new Error("the signature is the sum of those whom it names");
    }
    return {
      votes: Object.fromEntries(found.votes.map((g) => [nameOf(g.block), membersOf(g.voters) ?? []])),
      above: found.above.map((h) => this.maker.names.find((n) => this.maker.node(n).header === h) ?? ""),
    };
  }
}

describe("a proof that a block is final", () => {
  it("adds up a quorum of votes that were heard alone, of those who were members first", () => {
    const scene = new Scene(5, 3);
    scene.maker.line("root", "a b");
    scene.hear([4, 3, 1, 0], "a");
    expect(scene.proof("a")).toEqual({ votes: { a: [0, 1, 3] }, above: [] });
    expect(scene.proof("b")).toBeNull();
    expect(new Scene(5, 3).proof("root")).toBeNull();
  });

  it("takes votes for blocks above it, and shows these, no higher than it needs", () => {
    const scene = new Scene(5, 3);
    scene.maker.line("root", "a b c d");
    scene.hear([0, 1], "a").hear([2], "c").hear([3], "d");
    expect(scene.proof("a")).toEqual({ votes: { a: [0, 1], c: [2] }, above: ["b", "c"] });
  });

  it("finds a block above it that the head has left: somebody confirmed it while the others waited", () => {
    const scene = new Scene(4, 3);
    scene.maker.line("root", "a b c d").on("a", "x", { rank: 1 });
    scene.hear([0, 1], "a").hear([3], "x");
    expect(scene.proof("a")).toEqual({ votes: { a: [0, 1], x: [3] }, above: ["x"] });
  });

  it("never joins votes of two branches, two rounds, another kind, or such as name another step", () => {
    const scene = new Scene(4, 3);
    scene.maker.line("root", "a b").on("a", "x", { rank: 1 }).on("root", "y", { rank: 1 });
    scene.hear([0], "b").hear([1], "x").hear([2], "y");
    scene
      .hear([2], "a", { round: 1 })
      .hear([2], "a", { kind: "approval" })
      .hear([2], "a", { step: 7 as never });
    scene.hear([2], "a", { set: 1 });
    expect(scene.proof("a")).toBeNull();
    scene.hear([3], "b").hear([2], "b", { round: 0 });
    expect(scene.proof("a")).toEqual({ votes: { b: [0, 2, 3] }, above: ["b"] });
  });

  it("counts a vote only with the key that its voter has in this set", () => {
    const scene = new Scene(3, 2);
    scene.maker.line("root", "a");
    scene.hear([0], "a").hear([1], "a", { signer: keyOf(77) });
    expect(scene.proof("a")).toBeNull();
    scene.hear([2], "a");
    expect(scene.proof("a")).toEqual({ votes: { a: [0, 2] }, above: [] });
  });

  it("puts sums that blocks carry together with what was heard, whichever of them leave each other room", () => {
    const scene = new Scene(6, 5);
    scene.maker.line("root", "a b c");
    // Of 0 there are three; with what was heard of it, or with the larger sum, there is no quorum.
    scene.hear([0, 3], "a").carry("b", [0, 1, 4], "a").carry("c", [0, 5], "a").carry("c", [1, 2], "a");
    expect(scene.proof("a")).toEqual({ votes: { a: [0, 1, 2, 3, 5] }, above: [] });
  });

  it("does without those who agreed on opposite keys, where nothing else stands on their block", () => {
    const scene = new Scene(6, 3);
    scene.maker.line("root", "a b");
    scene.hear([0], "b", { by: 5 }).hear([1], "b", { by: -5 }).hear([3, 4], "a");
    expect(scene.proof("a")).toBeNull();
    scene.hear([5], "a");
    expect(scene.proof("a")).toEqual({ votes: { a: [3, 4, 5] }, above: [] });
  });
});

describe("a block that ends a set", () => {
  const signed = labContract(
    [0, 1, 2].map((i) => memberKeys("certifier", i)),
    { name: "Certifier", preset: "fast", quorum: "majority", t0: 1_700_000_000_000 as Millis },
    [],
  );
  /** The block after the genesis raises the quorum to all three; these confirm it, alone. */
  const written = (
    members: readonly number[],
  ): { readonly hop: Hop; readonly before: VoterSet; readonly after: VoterSet } => {
    const state = genesisState(signed.contract);
    const before = votersIn(state);
    const genesis = genesisBlock(signed.contract, state);
    const root = treeNode(genesis, [], state.get("voters", "") as TreeNode["voters"]);
    const draft = new Draft(state);
    draft.put("voters", "", { ...root.voters, set: 1, since: stepIndex(4), quorum: 3 });
    const votersRoot = rootOfVoters(votersIn(draft));
    const header = { ...genesis.header, step: stepIndex(4), height: 1, parent: root.hash, votersRoot };
    const end = treeNode({ ...genesis, header }, draft.delta(), {
      ...root.voters,
      set: 1,
      since: header.step,
      quorum: 3,
    });
    state.apply(end.delta);
    const pool = new Pool();
    for (const { member, key: signer } of before.voters.filter((v) => members.includes(v.member))) {
      const target = { set: 0, round: 0, kind: "confirmation", step: header.step, block: end.hash } as const;
      const vote = { ...target, member, signature: new Uint8Array(48).fill(member + 1) };
      pool.votedWith.set(vote, signer);
      pool.addVote(vote, `${member}` as never);
    }
    const out = new Out();
    const bls = { aggregate: (all: readonly Uint8Array[]) => all[0] ?? null };
    writeHops({ chain: { tree: new Tree(end), state, head: end, final: end }, pool, bls, out } as never, [end]);
    const [row] = out.effects().flatMap((e) => (e.kind === "commit" ? e.ops : []));
    if (row?.table !== "chain" || row.key !== hopKey(0) || row.value === null) throw new Error("one hop is written");
    return { hop: hopCodec.decode(row.value), before, after: votersIn(state) };
  };

  it("is kept as a hop that its set can check, with the proof where there is one", () => {
    const { hop, before, after } = written([0, 2]);
    expect(jobsOfHop(before, communityId(signed.contract), hop)).toMatchObject({ ok: true, value: { voters: after } });
    expect(hop.certificate.votes.map((g) => membersOf(g.voters))).toEqual([[0, 2]]);
  });

  it("is kept without votes where they are not at hand: it still says who votes next, and proves nothing", () => {
    const { hop, before, after } = written([1]);
    expect(hop.certificate.votes).toEqual([]);
    expect(votersAfter(before, hop)).toEqual({ ok: true, value: after });
    expect(jobsOfHop(before, communityId(signed.contract), hop).ok).toBe(false);
  });
});
