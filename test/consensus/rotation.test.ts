/** New keys for a member whose device is lost: which key votes in which set, and what everybody counts with (§7). */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { blsAggregate, blsSign, blsVerify } from "../../worker/base/bls.ts";
import { verify } from "../../worker/base/ed25519.ts";
import { memberIndex, stepIndex } from "../../worker/base/units.ts";
import { hashOf } from "../../worker/consensus/block.ts";
import { checkOfGroup, checkOfVote, checksOfTx } from "../../worker/consensus/checks.ts";
import { beginStep, votersRootOf } from "../../worker/consensus/transition.ts";
import { bitfieldOf, voteMessage, type Target, type Vote, type VoteGroup } from "../../worker/consensus/vote.ts";
import { newMember, votingKeyOf } from "../../worker/ledger/members.ts";
import type { VotersRow } from "../../worker/ledger/rows.ts";
import { Draft, type View } from "../../worker/ledger/state.ts";
import { signTx } from "../../worker/ledger/transaction.ts";
import { adopt, amend, leave, rotate, rowOf, rule, weightsOf } from "../ledger/decisions.ts";
import { keysOf, valueOf, worldOf, type World } from "../ledger/worlds.ts";
import { ChainMaker } from "./chain-maker.ts";

let world: World;
let chain: ChainMaker;
beforeAll(() => {
  world = worldOf({ members: 3, owners: [0], weights: [8, 17, 5], change: { activityWindow: 40 } });
});
beforeEach(() => {
  chain = new ChainMaker(world);
});
const valueOfVoters = (): VotersRow => {
  const row = chain.state.get("voters", "");
  if (row === undefined) throw new Error("a chain has voters");
  return row;
};
const target = (set: number): Target => ({
  set,
  round: 0,
  kind: "approval",
  step: stepIndex(1),
  block: hashOf(chain.parent),
});
/** A vote of `member` in a set, made with the keys of the i-th of the people. */
const voteOf = (member: number, set: number, i: number): Vote => ({
  ...target(set),
  member: memberIndex(member),
  signature: blsSign(voteMessage(world.community, target(set)), keysOf(i).blsSecret),
});
const isGood = (vote: Vote, view: View = chain.state): boolean | undefined => {
  const job = checkOfVote(view, world.community, vote);
  return job && blsVerify(job);
};
const groupOf = (set: number, signers: readonly number[]): VoteGroup => ({
  ...target(set),
  voters: bitfieldOf([0, 1, 2].map(memberIndex)),
  signature:
    blsAggregate(signers.map((i) => blsSign(voteMessage(world.community, target(set)), keysOf(i).blsSecret))) ??
    new Uint8Array(),
});
const isGoodGroup = (group: VoteGroup): boolean => {
  const job = checkOfGroup(chain.state, world.community, group);
  return job !== undefined && blsVerify(job);
};

describe("one member alone for longer than the activity window", () => {
  it("is the only voter of its own branch, and still decides there over nobody's keys, membership or share", () => {
    chain.grow(1);
    for (const step of [10, 20, 30, 40, 50]) {
      const { set } = valueOfVoters();
      const own = { ...target(set), step: chain.parent.step, voters: bitfieldOf([memberIndex(0)]) };
      chain.grow(step, [], { votes: [{ ...own, signature: new Uint8Array(48) }] });
    }
    expect(valueOfVoters()).toMatchObject({ members: [0], quorum: 1 });
    const actions = [rotate(1, 4), leave(2), rule(weightsOf(1, 0, 0)), amend(world.contract, { feePpm: 10_000 })];
    chain.grow(51, [
      ...actions.map((action) => chain.ballot(51, action, 0, [])).flat(),
      ...actions.flatMap((action) => chain.ballot(51, action, 0, [0]).slice(1)),
    ]);
    expect(chain.state.scan("proposal").map(([, p]) => [p.ballots.length, p.from])).toEqual(
      actions.map(() => [1, null]),
    );
    chain.grow(52);
    expect(rowOf(chain, 1).votesSince).toBe(0);
    expect(rowOf(chain, 2).left).toBeNull();
  });
});

describe("after new keys for a member", () => {
  it("votes of the old set are checked with the old key, votes of the new one with the new: nobody's count changes", () => {
    adopt(chain, 1, rotate(1, 4));
    expect(chain.state.get("voters", "")?.set).toBe(0);
    chain.grow(2);
    expect(chain.state.get("voters", "")).toMatchObject({ set: 1, since: 2, members: [0, 1, 2] });
    expect([voteOf(1, 0, 1), voteOf(1, 0, 4), voteOf(1, 1, 1), voteOf(1, 1, 4)].map((v) => isGood(v))).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect([groupOf(0, [0, 1, 2]), groupOf(1, [0, 4, 2]), groupOf(1, [0, 1, 2])].map(isGoodGroup)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("transactions and draws are checked with the new ones at once, also in the block that puts them in force", () => {
    adopt(chain, 1, rotate(1, 4));
    const view = new Draft(chain.state);
    beginStep({ ...chain.context(2), draft: view });
    const { body } = chain.candidacy(2, { member: 1 });
    const jobs = (i: number): boolean => {
      const [job] = valueOf(checksOfTx(view, world.community, signTx(body, 1, world.community, keysOf(i).memberSecret)))
        .ed25519 as [never];
      return verify(job);
    };
    expect([jobs(1), jobs(4)]).toEqual([false, true]);
    expect(valueOf(checksOfTx(view, world.community, chain.candidacy(2, { member: 1 }))).bls[0]?.keys).toEqual([
      keysOf(4).blsKey,
    ]);
  });

  it("the header commits to the keys, the members and the quorum that the next set counts with", () => {
    const roots = [chain.parent.votersRoot];
    adopt(chain, 1, rotate(1, 4));
    expect(chain.parent.votersRoot).toBe(roots[0]);
    chain.grow(2);
    roots.push(chain.parent.votersRoot);
    adopt(chain, 3, amend(world.contract, { quorumNum: 2, quorumDen: 3 }));
    chain.grow(4);
    roots.push(chain.parent.votersRoot);
    expect(new Set(roots).size).toBe(3);
    const other = (quorum: number): string => {
      const draft = new Draft(chain.state);
      const voters = draft.get("voters", "");
      if (voters) draft.put("voters", "", { ...voters, quorum });
      return votersRootOf(draft);
    };
    expect([other(3), other(2) === other(3)]).toEqual([chain.parent.votersRoot, false]);
  });

  it("and again, each set keeps the key that was its own; of sets before the last two keys none is known", () => {
    adopt(chain, 1, rotate(1, 4));
    chain.grow(2);
    adopt(chain, 3, rotate(1, 5));
    chain.grow(4);
    const keys = [0, 1, 2, 3].map((set) => votingKeyOf(rowOf(chain, 1), set));
    expect(keys).toEqual([null, keysOf(4).blsKey, keysOf(5).blsKey, keysOf(5).blsKey]);
    expect(isGood(voteOf(1, 0, 4))).toBeUndefined();
    expect(checkOfGroup(chain.state, world.community, groupOf(0, [0, 1, 2]))).toBeUndefined();
  });

  it("twice before a set begins, the key between the two votes in none", () => {
    adopt(chain, 1, rotate(1, 4), rotate(1, 5));
    chain.grow(2);
    const [between, last] = rowOf(chain, 1).key === keysOf(5).memberKey ? [4, 5] : [5, 4];
    const keys = [0, 1, 2].map((set) => votingKeyOf(rowOf(chain, 1), set));
    expect(keys).toEqual([keysOf(1).blsKey, keysOf(last).blsKey, keysOf(last).blsKey]);
    for (const set of [0, 1]) expect(isGood(voteOf(1, set, between))).toBe(false);
    expect(chain.state.get("voters", "")?.set).toBe(1);
  });

  it("that has been silent too long, it comes back with the new key: the old one is lost with the device", () => {
    const approve = (step: number, members: readonly number[]): void => {
      const { set } = chain.state.get("voters", "") ?? { set: 0 };
      const voters = bitfieldOf(members.map(memberIndex));
      const votes = [{ ...target(set), step: chain.parent.step, voters, signature: new Uint8Array(48) }];
      chain.grow(step, [], { votes });
    };
    chain.grow(1);
    approve(30, [0, 2]);
    approve(60, [0, 2]);
    expect(chain.state.get("voters", "")).toMatchObject({ set: 1, members: [0, 2] });
    chain.grow(61, chain.ballot(61, rotate(1, 4), 0, [0, 2]));
    chain.grow(62);
    // Nobody counts it yet, but there is a set in which its new key votes.
    expect(chain.state.get("voters", "")).toMatchObject({ set: 2, members: [0, 2] });
    expect([isGood(voteOf(1, 2, 4)), isGood(voteOf(1, 1, 4))]).toEqual([true, false]);
    approve(63, [0, 1, 2]);
    expect(chain.state.get("voters", "")).toMatchObject({ set: 3, members: [0, 1, 2] });
  });

  it("of a newcomer, the first key votes in all sets", () => {
    const { memberKey, blsKey } = keysOf(4);
    const row = newMember({ key: memberKey, blsKey, weight: 1, vpp: false }, stepIndex(3), null);
    expect([0, 5, 99].map((set) => votingKeyOf(row, set))).toEqual([blsKey, blsKey, blsKey]);
  });
});
