/** The pool (PROTOCOL.md §4, §5): a tick supersedes the last, one candidacy a member, one winner a step, bounded. */
import { describe, expect, it } from "vitest";
import {
  mwh,
  type GeneratorIndex,
  type Hash,
  type MemberIndex,
  type Millis,
  type PublicKey,
  type StepIndex,
} from "../../worker/base/units.ts";
import type { Vote } from "../../worker/consensus/vote.ts";
import { Pool, type Held, type HeldWinner, type Tick } from "../../worker/node/pool.ts";
import type { ItemId } from "../../worker/node/messages.ts";
import type { Candidacy, Tx, Winner } from "../../worker/ledger/transaction.ts";

const ROOF = 0 as GeneratorIndex;
const PARENT = "aa".repeat(32) as Hash;
const TX = { signer: 0, signature: new Uint8Array(64) } as unknown as Tx;

const tick = (from: number, to: number, step = 1, at = to): Tick => ({
  item: `${step}:${from}-${to}` as ItemId,
  generation: TX,
  transfer: TX,
  body: { generator: ROOF, step: step as StepIndex, from: mwh(from), to: mwh(to), at: at as Millis, estimated: false },
  heard: 0 as Millis,
});
const held = <B>(id: string, body: unknown): Held<B> => ({
  item: id as ItemId,
  id: id as never,
  tx: TX,
  body: body as B,
  heard: 0 as Millis,
});
const candidacy = (member: number, step = 1, id = `c${member}`): Held<Candidacy> =>
  held(id, { kind: "candidacy", member, step, parent: PARENT });
const vote = (member: number, round = 0, block = PARENT): Vote => ({
  set: 0,
  round,
  kind: "approval",
  step: 1 as StepIndex,
  block,
  member: member as MemberIndex,
  signature: new Uint8Array(48),
});

describe("ticks", () => {
  it("one that says more from the same register and step supersedes the last; one that says less is not taken", () => {
    const pool = new Pool();
    expect(pool.addTick(tick(0, 1_000))).toEqual({ taken: true, superseded: [] });
    expect(pool.addTick(tick(0, 3_000))).toEqual({ taken: true, superseded: ["1:0-1000"] });
    expect(pool.addTick(tick(0, 2_000))).toEqual({ taken: false, superseded: [] });
    expect(pool.addTick(tick(0, 3_000))).toEqual({ taken: false, superseded: [] });
    expect(pool.ticks.get(ROOF)?.map((t) => t.body.to)).toEqual([3_000]);
  });

  it("those of other steps and registers stay beside it, in the order of the register, until they are booked", () => {
    const pool = new Pool();
    pool.addTick(tick(3_000, 4_000, 2));
    pool.addTick(tick(0, 3_000, 1));
    pool.addTick(tick(0, 4_000, 2));
    expect(pool.ticks.get(ROOF)?.map((t) => t.item)).toEqual(["1:0-3000", "2:0-4000", "2:3000-4000"]);
    const alive = { oldest: 1 as StepIndex, key: "aa" as PublicKey };
    expect(pool.dropDead(ROOF, { ...alive, register: 3_000 })).toEqual(["1:0-3000"]);
    expect(pool.dropDead(ROOF, { ...alive, register: 9_000 })).toEqual(["2:0-4000", "2:3000-4000"]);
    expect(pool.ticks.get(ROOF)).toEqual([]);
  });

  it("are dropped when they are too old, or signed with a key that was replaced since", () => {
    const pool = new Pool();
    const [old, replaced, good] = [tick(0, 1_000, 1), tick(0, 2_000, 2), tick(0, 3_000, 3)];
    for (const t of [old, good]) pool.addTick(t);
    const generation = { ...TX };
    pool.addTick({ ...replaced, generation });
    pool.signedBy.set(generation, ["aa"]);
    const alive = { register: 0, oldest: 2 as StepIndex, key: "bb" as PublicKey };
    expect(pool.dropDead(ROOF, alive)).toEqual(["1:0-1000", "2:0-2000"]);
    expect(pool.ticks.get(ROOF)?.map((t) => t.item)).toEqual(["3:0-3000"]);
  });

  it("the last two tell the live power, whatever order they come in", () => {
    const pool = new Pool();
    for (const t of [tick(0, 1_000, 1, 10), tick(0, 2_000, 1, 20), tick(0, 3_000, 1, 30)]) pool.addTick(t);
    expect(pool.pulse.get(ROOF)).toEqual([
      { register: 2_000, at: 20 },
      { register: 3_000, at: 30 },
    ]);
  });

  it("a flood of them costs no more than a bounded room", () => {
    const pool = new Pool();
    for (let n = 0; n < 1_100; n++) pool.addTick(tick(n, n + 1, n + 1));
    expect(pool.ticks.get(ROOF)).toHaveLength(1_024);
  });
});

describe("auctions", () => {
  it("a member stands once for a parent and step", () => {
    const pool = new Pool();
    expect(pool.addCandidacy(candidacy(1))).toBe(true);
    expect(pool.addCandidacy(candidacy(1, 1, "again"))).toBe(false);
    expect(pool.addCandidacy(candidacy(2))).toBe(true);
    expect(pool.candidacies(PARENT, 1 as StepIndex).map((h) => h.id)).toEqual(["c1", "c2"]);
    expect(pool.candidacies(PARENT, 2 as StepIndex)).toEqual([]);
  });

  const winner = (id: string, parent = PARENT): HeldWinner => ({
    ...held<Winner>(id, { kind: "winner", member: 3, step: 1, parent }),
    candidacies: [],
  });
  const only = (pool: Pool, member = 3): string | undefined =>
    pool.winner(PARENT, 1 as StepIndex, member as MemberIndex)?.id;

  it("the current miner's only winner transaction counts; two make it none, and both are kept", () => {
    const pool = new Pool();
    expect([pool.addWinner(winner("w")), pool.addWinner(winner("w"))]).toEqual([true, false]);
    // Somebody else's is not the current miner's.
    expect([only(pool), only(pool, 2)]).toEqual(["w", undefined]);
    expect(pool.addWinner(winner("x"))).toBe(true);
    expect(only(pool)).toBeUndefined();
    const both = pool.winners(PARENT, 1 as StepIndex, 3 as MemberIndex);
    expect(both.map(({ id }) => id)).toEqual(["w", "x"]);
    expect(pool.prune(1 as StepIndex, () => false)).toEqual(["w", "x"]);
    expect(pool.winners(PARENT, 1 as StepIndex, 3 as MemberIndex)).toEqual([]);
  });

  it("a flood of winner transactions costs two of a parent, and few parents a step", () => {
    const pool = new Pool();
    const parents = Array.from({ length: 9 }, (_, i) => `${i}${"a".repeat(63)}` as Hash);
    const taken = parents.map(
      (parent) => ["w", "x", "y", "z"].filter((id) => pool.addWinner(winner(`${id}${parent}`, parent))).length,
    );
    expect(taken).toEqual([2, 2, 2, 2, 0, 0, 0, 0, 0]);
  });

  it("those of final steps are forgotten", () => {
    const pool = new Pool();
    pool.addCandidacy(candidacy(1, 1));
    pool.addCandidacy(candidacy(1, 3));
    const over = pool.candidacies(PARENT, 1 as StepIndex).map((held) => held.item);
    expect(pool.prune(2 as StepIndex, () => false)).toEqual(over);
    expect(pool.candidacies(PARENT, 1 as StepIndex)).toEqual([]);
    expect(pool.candidacies(PARENT, 3 as StepIndex)).toHaveLength(1);
  });
});

describe("votes and the rest", () => {
  it("votes gather by what they are for, one a member, and leave when they are old", () => {
    const pool = new Pool();
    expect(pool.addVote(vote(0), "a" as ItemId)).toBe(true);
    expect(pool.addVote(vote(0), "b" as ItemId)).toBe(false);
    pool.addVote(vote(1), "c" as ItemId);
    pool.addVote(vote(0, 5), "d" as ItemId);
    expect(pool.voteGroups().map((g) => [...g.votes.keys()])).toEqual([[0, 1], [0]]);
    expect(pool.vote(vote(1), 1 as MemberIndex)?.member).toBe(1);
    expect(pool.prune(0 as StepIndex, (t) => t.round < 5)).toEqual(["a", "c"]);
    expect(pool.voteGroups()).toHaveLength(1);
    expect(pool.reminders()).toEqual(["d"]);
  });

  it("governance is kept once each, and not without end", () => {
    const pool = new Pool();
    expect(pool.addOther(held("p0", { kind: "proposal" }))).toBe(true);
    expect(pool.addOther(held("p0", { kind: "proposal" }))).toBe(false);
    for (let n = 1; n < 600; n++) pool.addOther(held(`p${n}`, { kind: "proposal" }));
    // Of one signer the latest 32, so that nobody crowds out the others.
    expect(pool.others.size).toBe(32);
    expect(pool.others.has("p599" as never)).toBe(true);
  });
});
