/**
 * §IV.C "something to stake": whoever signs two things of which an honest member signs one is told of by whoever saw
 * both, may not stand any more, and everybody's chain says so. A pardon is the community's to give.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { stepIndex, type MemberIndex } from "../../worker/base/units.ts";
import { encodeBlock } from "../../worker/consensus/block.ts";
import { caseOfVotes } from "../../worker/consensus/evidence.ts";
import type { Vote, VoteKind } from "../../worker/consensus/vote.ts";
import { ownBlock, twinOf, txItem, voteFor } from "../../worker/lab/sim/forge.ts";
import { itemsMessage, Puppet } from "../../worker/lab/sim/puppet.ts";
import { key, type MemberRow } from "../../worker/ledger/rows.ts";
import { Trial } from "./trial.ts";

const LIAR = 3 as MemberIndex;
let trial: Trial;
let liar: Puppet;
const begin = async (absent: readonly number[] = [LIAR]): Promise<void> => {
  trial = await Trial.begin({ members: 4, absent, owners: [0], change: { feePpm: 100_000 } });
  liar = new Puppet(trial.lab, trial.time, LIAR);
  liar.stand();
  await trial.until(2);
};
/** What the witness has against anybody but the liar. */
const faultsOfHonest = (): readonly unknown[] =>
  trial.witness.faults.filter(({ text }) => !new RegExp(`^(vote|block) of ${LIAR}\\b`, "u").test(text));
const rows = (): (MemberRow | undefined)[] => trial.cores.map(({ chain }) => chain.state.get("member", key(LIAR)));
/** Two votes of one kind in one round, for two blocks of the chain. */
const twoVotes = (kind: VoteKind): [Vote, Vote] => {
  const { chain } = trial.core(0);
  const { set, round } = chain.finality.position;
  const head = chain.head.header;
  const targets = [chain.head.hash, head.parent].map((block, i) => ({
    set,
    round: round + 1,
    kind,
    block,
    step: stepIndex(head.step - i),
  }));
  const [a, b] = targets.map((target) => voteFor(liar, target));
  if (a === undefined || b === undefined) throw new Error("two blocks make two votes");
  return [a, b];
};

describe.each(["approval", "confirmation"] as const)(
  "a member that gives two different votes of %s in one round",
  (kind) => {
    beforeAll(() => begin());
    it("is barred by the evidence, on every chain, whoever saw it", async () => {
      const [a, b] = twoVotes(kind);
      await liar.tell(0, itemsMessage({ kind: "vote", vote: a }));
      await liar.tell(0, itemsMessage({ kind: "vote", vote: b }));
      const step = trial.core(0).chain.head.header.step;
      await trial.until(step + 2);
      for (const row of rows()) expect(row).toMatchObject({ convicted: true, barred: expect.any(Number) });
      const incidents = trial
        .core(1)
        .chain.state.scan("incident")
        .flatMap(([, { evidence }]) => evidence);
      expect(incidents).toMatchObject([
        { offender: LIAR, fault: kind === "approval" ? "two-approvals" : "two-confirmations" },
      ]);
      expect(faultsOfHonest()).toEqual([]);
    });
    it("and stays so when it does it again; the pool holds no second report", async () => {
      const [a, b] = twoVotes(kind);
      await liar.tell(1, itemsMessage({ kind: "vote", vote: a }));
      await liar.tell(1, itemsMessage({ kind: "vote", vote: b }));
      const { step } = trial.core(0).chain.head.header;
      await trial.until(step + 2);
      for (const core of trial.cores)
        expect([...core.pool.others.values()].filter(({ body }) => body.kind === "evidence")).toEqual([]);
      expect(
        trial
          .core(2)
          .chain.state.scan("incident")
          .flatMap(([, i]) => i.evidence),
      ).toHaveLength(1);
    });
    it("until a majority pardons it", async () => {
      const { runner } = trial.lab.node(0);
      const { refusal, value } = await runner.order({ kind: "propose", action: { kind: "pardon", member: LIAR } });
      expect(refusal).toBeNull();
      const { step } = trial.core(0).chain.head.header;
      await trial.until(step + 1);
      for (const i of [1, 2]) await trial.lab.node(i).runner.order({ kind: "vote", proposal: value ?? "", yes: true });
      await trial.until(step + 4);
      for (const row of rows()) expect(row).toMatchObject({ convicted: false, barred: null, strikes: 0 });
      expect(faultsOfHonest()).toEqual([]);
    });
    it("and is barred anew for what it does then, though a friend first reports what is spent", async () => {
      const friend = {
        me: 1 as MemberIndex,
        keys: trial.lab.inhabitant(1).keys,
        community: liar.community,
        bls: liar.bls,
      };
      const [a, b] = twoVotes(kind);
      const [c, d] = [a, b].map((vote) => voteFor(liar, { ...vote, round: vote.round + 1, step: stepIndex(0) }));
      if (c === undefined || d === undefined) throw new Error("two votes, two that are spent");
      const decoy = txItem(friend, { kind: "evidence", member: friend.me, ...caseOfVotes(c, d) });
      await liar.tell(0, itemsMessage(decoy), 500);
      await liar.tell(0, itemsMessage({ kind: "vote", vote: a }), 500);
      await liar.tell(0, itemsMessage({ kind: "vote", vote: b }), 500);
      await trial.until(trial.core(0).chain.head.header.step + 2);
      for (const row of rows()) expect(row).toMatchObject({ convicted: true });
    });
  },
);

describe("a member that signs two blocks for one step", () => {
  const SLEEPER = 2;
  // With two of four there is no quorum, so that no block of the liar's comes too late to be looked at.
  beforeAll(() => begin([LIAR, SLEEPER]));

  it("is barred by the evidence, and one of the two at most is on the chain", async () => {
    const { step } = trial.core(0).chain.head.header;
    await trial.until(step, 9_800);
    const core = liar.core(trial.core(0).chain, trial.core(0));
    const block = ownBlock(liar, core, stepIndex(step + 1));
    const twin = block && twinOf(liar, core.chain, block);
    if (block === undefined || twin === undefined) throw new Error("the liar has two blocks");
    await liar.tell(0, itemsMessage({ kind: "block", block: encodeBlock(block) }), 100);
    await liar.tell(1, itemsMessage({ kind: "block", block: encodeBlock(twin) }), 7_000);
    await trial.until(step + 3);
    for (const row of rows()) expect(row).toMatchObject({ convicted: true });
    expect(new Set(trial.heads).size).toBe(1);
    const incidents = trial
      .core(1)
      .chain.state.scan("incident")
      .flatMap(([, { evidence }]) => evidence);
    expect(incidents).toMatchObject([{ offender: LIAR, fault: "two-blocks" }]);
    expect(faultsOfHonest()).toEqual([]);
  });
});
