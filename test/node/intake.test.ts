/**
 * The gate (PROTOCOL.md §3, §8): what arrives is checked in bulk, a false share among true ones is found, and who sent
 * it is dropped, whether it came alone or inside the sum of a block's votes.
 */
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { describe, expect, it } from "vitest";
import { blsAggregate, nobleBls } from "../../worker/base/bls.ts";
import { stepIndex, type MemberIndex, type Millis } from "../../worker/base/units.ts";
import { communityId } from "../../worker/community/contract.ts";
import { publishTime } from "../../worker/community/market-step.ts";
import { encodeBlock, hashOf, signHeader, votesRootOf, type Block } from "../../worker/consensus/block.ts";
import { membersOf, type Target, type Vote } from "../../worker/consensus/vote.ts";
import { labContract, memberKeys } from "../../worker/lab/community.ts";
import { ownBlock, voteFor, type Forger } from "../../worker/lab/sim/forge.ts";
import { itemsMessage } from "../../worker/lab/sim/puppet.ts";
import { ranksOf } from "../../worker/node/assemble.ts";
import type { Core } from "../../worker/node/core.ts";
import type { Effect, Event } from "../../worker/node/events.ts";
import { beginCore } from "../../worker/node/load.ts";
import { Machine } from "../../worker/node/machine.ts";
import { itemIdOf } from "../../worker/node/messages.ts";
import { createVerifier, VerdictMemory } from "../../worker/shell/verifier.ts";
import { at } from "../contracts/bls-points.ts";
import { T0 } from "../lab/trial.ts";

type Undated = Event extends infer E ? (E extends Event ? Omit<E, "now"> : never) : never;
type Ask = Extract<Effect, { kind: "verify" }>;
type Drop = Extract<Effect, { kind: "drop" }>;

const G1 = bls12_381.G1.Point;
const MEMBERS = 6;
const keys = Array.from({ length: MEMBERS }, (_, i) => memberKeys("intake", i));
const signed = labContract(keys, { name: "Gate", preset: "fast", quorum: "majority", t0: T0 }, []);
const community = communityId(signed.contract);
const forger = (i: number): Forger => ({ me: i as MemberIndex, keys: at(keys, i), community, bls: nobleBls });
const coreOf = (i: number): Core => beginCore(at(keys, i), signed);

/** Member 0's node, linked to all others: peer i is member i. */
class Driver {
  readonly machine = new Machine(coreOf(0));
  readonly asked: Ask[] = [];
  readonly dropped: (readonly [number, string])[] = [];
  readonly #verify = createVerifier(new VerdictMemory());

  static async linked(): Promise<Driver> {
    const driver = new Driver();
    for (let peer = 1; peer < MEMBERS; peer++) {
      const identity = { key: at(keys, peer).memberKey, role: "member" } as const;
      await driver.at(0, { kind: "peer-up", peer, identity, address: `peer ${peer}` });
    }
    return driver;
  }
  get core(): Core {
    return this.machine.core;
  }
  /** Carries an event out at `ms` after T_0, and what its verdicts lead to. */
  async at(ms: number, event: Undated): Promise<void> {
    const now = (T0 + ms) as Millis;
    const made: Effect[] = [...this.machine.step({ ...event, now })];
    for (const effect of made) {
      if (effect.kind !== "verify") continue;
      this.asked.push(effect);
      const verdicts = await this.#verify(effect.checks);
      made.push(...this.machine.step({ kind: "verdicts", now, ticket: effect.ticket, verdicts }));
    }
    const drops = made.filter((effect): effect is Drop => effect.kind === "drop");
    this.dropped.push(...drops.map(({ peer, refusal }) => [peer, refusal.code] as const));
  }
  /** What each member says, sent by itself, so that it is checked in one batch. */
  async hear(votes: readonly Vote[]): Promise<void> {
    for (const vote of votes)
      await this.at(1_000, { kind: "message", peer: vote.member, bytes: itemsMessage({ kind: "vote", vote }) });
    await this.at(1_500, { kind: "time" });
  }
  /** Who has a vote for the genesis in the pool. */
  get counted(): number[] {
    return keys.flatMap((_, i) => (this.core.pool.vote(target, i as MemberIndex) === undefined ? [] : [i]));
  }
  async take(peer: number, block: Block): Promise<void> {
    const { step, rank } = block.header;
    const due = publishTime(signed.contract, step, rank) - T0;
    const bytes = itemsMessage({ kind: "block", block: encodeBlock(block) });
    await this.at(due, { kind: "message", peer, bytes });
  }
}

const { head } = coreOf(0).chain;
const target: Target = { set: 0, round: 0, kind: "approval", step: head.header.step, block: head.hash };
const votes = [1, 2, 3, 4, 5].map((i) => voteFor(forger(i), target));

/** Two votes moved apart: both are false, their sum is right. */
const apart = (a: Vote, b: Vote): [Vote, Vote] => {
  const x = G1.BASE.multiply(31n);
  return [
    { ...a, signature: G1.fromBytes(a.signature).add(x).toBytes(true) },
    { ...b, signature: G1.fromBytes(b.signature).subtract(x).toBytes(true) },
  ];
};

/** The stand-in whose turn comes first, with a block that carries these votes. */
const blockOf = (list: readonly Vote[]): { block: Block; miner: number } => {
  const step = stepIndex(1);
  const rankOf = (i: number): number => ranksOf(coreOf(i), i as MemberIndex, step)[0] ?? Number.POSITIVE_INFINITY;
  const miner = at(
    [1, 2, 3, 4, 5].toSorted((a, b) => rankOf(a) - rankOf(b)),
    0,
  );
  const core = coreOf(miner);
  for (const vote of list) {
    core.pool.votedWith.set(vote, at(keys, vote.member).blsKey);
    core.pool.addVote(vote, itemIdOf(vote.signature));
  }
  const block = ownBlock(forger(miner), core, step);
  if (block === undefined) throw new Error("the stand-in has a turn");
  expect(block.votes.map(({ voters }) => membersOf(voters)?.length)).toEqual([list.length]);
  return { block, miner };
};
/** The same, with another sum under its votes; all else about it is true. */
const withSum = ({ block, miner }: ReturnType<typeof blockOf>, signature: Uint8Array): Block => {
  const groups = block.votes.map((group) => ({ ...group, signature }));
  const header = { ...block.header, votesRoot: votesRootOf(groups) };
  return { ...block, header, votes: groups, signature: signHeader(header, at(keys, miner).memberSecret) };
};
const sumOf = (list: readonly Vote[]): Uint8Array => blsAggregate(list.map((v) => v.signature)) ?? new Uint8Array();

describe("votes gathered into one batch", () => {
  it("are asked about together and all count when they are true", async () => {
    const driver = await Driver.linked();
    await driver.hear(votes);
    expect(driver.asked.map(({ checks }) => checks.bls.length)).toEqual([5]);
    expect(driver.counted).toEqual([1, 2, 3, 4, 5]);
    expect(driver.dropped).toEqual([]);
  });

  it("with false ones among them cost exactly their senders the link, though the sum is right; the others count", async () => {
    const driver = await Driver.linked();
    const [first, second, third, fourth, fifth] = votes as [Vote, Vote, Vote, Vote, Vote];
    const borrowed = { ...third, signature: fourth.signature };
    await driver.hear([...apart(first, second), borrowed, fourth, fifth]);
    expect(driver.asked.map(({ checks }) => checks.bls.length)).toEqual([5]);
    expect(driver.dropped).toEqual([1, 2, 3].map((peer) => [peer, "bad-signature"]));
    expect(driver.counted).toEqual([4, 5]);
  });
});

describe("the votes of a block", () => {
  it("are one job beside the miner's draw, and none where each was verified before", async () => {
    const made = blockOf(votes);
    const stranger = await Driver.linked();
    await stranger.take(made.miner, made.block);
    expect(stranger.asked.map(({ checks }) => checks.bls.map((job) => job.keys.length))).toEqual([[1, 5]]);
    const witness = await Driver.linked();
    await witness.hear(votes);
    await witness.take(made.miner, made.block);
    expect(witness.asked.at(-1)?.checks.bls.map((job) => job.keys.length)).toEqual([1]);
    for (const { core, dropped } of [stranger, witness]) {
      expect(core.chain.tree.get(hashOf(made.block.header))).toBeDefined();
      expect(dropped).toEqual([]);
    }
  });

  it.each([
    {
      what: "a share moved by a point",
      heard: [],
      lie: (v: Vote[]) => sumOf([...apart(at(v, 0), at(v, 1)).slice(0, 1), ...v.slice(1)]),
    },
    { what: "a voter who never voted", heard: [], lie: (v: Vote[]) => sumOf(v.slice(1)) },
    { what: "a false sum of votes that are known", heard: votes, lie: (v: Vote[]) => sumOf(v.slice(1)) },
  ])("with $what in their sum: the block is refused and who sent it is dropped", async ({ heard, lie }) => {
    const made = blockOf(votes);
    const forged = withSum(made, lie([...votes]));
    const driver = await Driver.linked();
    if (heard.length > 0) await driver.hear(heard);
    await driver.take(made.miner, forged);
    expect(driver.dropped).toEqual([[made.miner, "bad-signature"]]);
    expect(driver.core.chain.tree.get(hashOf(forged.header))).toBeUndefined();
    await driver.take(made.miner === 1 ? 2 : 1, made.block);
    expect(driver.dropped).toHaveLength(1);
    expect(driver.core.chain.tree.get(hashOf(made.block.header))).toBeDefined();
  });
});
