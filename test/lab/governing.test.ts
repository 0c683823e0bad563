/**
 * Direct governance with real nodes (§II.C; PROTOCOL.md §5.4, §7): a lost device is replaced and its meter stays, a
 * member leaves, terms change; the voters are handed over each time and finality never stands still.
 */
import { describe, expect, it } from "vitest";
import { amendmentOf } from "../../worker/community/parameters.ts";
import { quorumOf } from "../../worker/community/contract.ts";
import type { MemberIndex } from "../../worker/base/units.ts";
import { key } from "../../worker/ledger/rows.ts";
import type { Action } from "../../worker/ledger/transaction.ts";
import { openApplicant } from "./applicant.ts";
import { PER_STEP_MWH, Trial } from "./trial.ts";

const ballots = async (trial: Trial, proposal: string | undefined, voters: readonly number[]): Promise<void> => {
  const { step } = trial.core(0).chain.head.header;
  await trial.until(step + 1);
  for (const i of voters) {
    const { refusal } = await trial.lab.node(i).runner.order({ kind: "vote", proposal: proposal ?? "", yes: true });
    expect(refusal).toBeNull();
  }
};
const propose = async (trial: Trial, by: number, action: Action, voters: readonly number[]): Promise<void> => {
  const { refusal, value } = await trial.lab.node(by).runner.order({ kind: "propose", action });
  expect(refusal).toBeNull();
  await ballots(trial, value, voters);
};
const agree = (trial: Trial, step: number): void => {
  expect(new Set(trial.heads).size).toBe(1);
  for (const { chain } of trial.cores) expect(chain.final.header.step).toBe(step);
  expect(trial.witness.faults).toEqual([]);
};

/** Where nothing is final without each of them. */
const NEEDED = [
  { members: 2, quorum: "majority" },
  { members: 3, quorum: "two-thirds" },
] as const;

describe.each(NEEDED)(
  "a member with a new device among $members, all of whom a quorum needs",
  ({ members, quorum }) => {
    const OLD = (members - 1) as MemberIndex;
    const NEW = members;
    /** Ends with step 4: the change is decided, and comes into force in the next block. */
    const decided = async (): Promise<Trial> => {
      const trial = await Trial.begin({ members, others: 1, owners: [0], quorum });
      await trial.until(2);
      await openApplicant(trial, NEW);
      await trial.until(3);
      const { memberKey } = trial.lab.inhabitant(NEW).keys;
      const order = { kind: "admit", key: memberKey, weight: 1, replaces: OLD } as const;
      const { value } = await trial.lab.node(0).runner.order(order);
      await ballots(
        trial,
        value,
        Array.from({ length: members - 1 }, (_, i) => i + 1),
      );
      return trial;
    };
    const replaced = (trial: Trial): boolean =>
      trial.core(0).chain.state.get("member", key(OLD))?.key === trial.lab.inhabitant(NEW).keys.memberKey;

    it("the old device still votes in the set that ends: the change becomes final, and what follows", async () => {
      const trial = await decided();
      await trial.until(8);
      expect(replaced(trial)).toBe(true);
      expect(trial.core(OLD).me).toBeNull();
      expect(trial.core(0).chain.final.header.step).toBe(8);
      expect(trial.core(0).chain.finality.position.set).toBeGreaterThan(0);
      expect(trial.core(OLD).peers.size).toBe(0);
      expect(trial.witness.faults).toEqual([]);
    });

    it("an old device that was off at that moment is let in once more, and then nothing stands in the way", async () => {
      const trial = await decided();
      await trial.until(5);
      expect(trial.core(0).chain.state.scan("adopted")).toHaveLength(1);
      expect(replaced(trial)).toBe(false);
      await trial.lab.stop(OLD);
      await trial.until(12);
      expect(replaced(trial)).toBe(true);
      const { chain } = trial.core(0);
      expect(chain.head.header.step).toBe(12);
      expect(chain.final.header.step).toBeLessThan(6);
      await trial.lab.start(OLD);
      await trial.until(16);
      expect(chain.final.header.step).toBe(16);
      expect(trial.core(OLD).peers.size).toBe(0);
      expect(trial.witness.faults).toEqual([]);
    });
  },
);

describe("a member with a new device", () => {
  it("keeps its virtual meter, votes with the new key in the next set, and the lost device is nobody any more", async () => {
    const LOST = 2;
    const NEW = 3;
    const trial = await Trial.begin({ members: 3, others: 1, owners: [0] });
    await trial.until(2);
    const before = trial.core(0).chain.state.get("member", key(LOST));
    await trial.lab.stop(LOST);
    const applicant = await openApplicant(trial, NEW);
    await trial.until(3);
    const { memberKey } = trial.lab.inhabitant(NEW).keys;
    const order = { kind: "admit", key: memberKey, weight: 1, replaces: LOST as MemberIndex } as const;
    const { refusal, value } = await trial.lab.node(0).runner.order(order);
    expect(refusal).toBeNull();
    await ballots(trial, value, [1]);
    await trial.until(6);
    expect(applicant.core.me).toBe(LOST);
    await applicant.close();
    await trial.lab.start(NEW);
    await trial.until(10);
    agree(trial, 10);
    const { chain } = trial.core(0);
    expect(chain.state.scan("member")).toHaveLength(3);
    expect(chain.state.get("member", key(LOST))).toMatchObject({
      key: memberKey,
      joined: before?.joined,
      oldBlsKey: before?.blsKey,
    });
    expect(chain.state.get("member", key(LOST))?.meter).toBe(10 * Math.floor(PER_STEP_MWH / 3));
    expect(chain.finality.members).toEqual([0, 1, LOST]);
    expect(chain.finality.position.set).toBeGreaterThan(0);
    // Of the last block, all three have given their approval: the new device among them.
    expect(chain.state.get("member", key(LOST))?.approved).toBeGreaterThanOrEqual(8);

    await trial.lab.stop(NEW);
    await trial.lab.start(LOST);
    await trial.until(12);
    expect(trial.core(LOST).peers.size).toBe(0);
    expect(trial.core(0).chain.final.header.step).toBe(12);
    // What the lost device makes alone on its old chain is heard by nobody.
    expect(trial.witness.faults.filter(({ text }) => !text.startsWith(`block of ${LOST}`))).toEqual([]);
  });
});

describe("a member that leaves", () => {
  it("needs nobody's ballot, gets no share from the step in force, and the others go on to finality without it", async () => {
    const trial = await Trial.begin({ members: 3, owners: [0] });
    await trial.until(2);
    await propose(trial, 2, { kind: "leave", member: 2 as MemberIndex }, []);
    await trial.until(6);
    agree(trial, 6);
    await trial.lab.stop(2);
    const { meter, left } = trial.core(0).chain.state.get("member", key(2)) ?? {};
    expect(left).toBe(4);
    await trial.until(8);
    agree(trial, 8);
    const { chain } = trial.core(0);
    expect(chain.state.get("member", key(2))?.meter).toBe(meter);
    expect(chain.finality.members).toEqual([0, 1]);
    expect(chain.state.get("totals", "")?.distributed).toBe(8 * PER_STEP_MWH);
  });
});

describe("terms that members change", () => {
  it("hold from the stated step: the quorum in the next set of voters, the fee for the energy of its steps", async () => {
    const trial = await Trial.begin({ members: 5, owners: [0] });
    await trial.until(2);
    const wanted = { quorumNum: 2, quorumDen: 3, feePpm: 50_000, rewardDelay: 2 };
    const changes = amendmentOf(trial.contract, wanted);
    await propose(trial, 0, { kind: "parameters", changes }, [1, 2]);
    await trial.until(8);
    agree(trial, 8);
    const { chain, contract } = trial.core(3);
    expect(contract).toMatchObject({ quorumNum: 2, quorumDen: 3, feePpm: 50_000 });
    expect(chain.finality.quorum).toBe(quorumOf(contract, 5));
    expect(chain.finality.position.set).toBe(1);
    // A step's book adds up to what was generated once the fee is paid.
    const book = chain.state.get("book", key(5));
    expect(book?.shares.reduce((sum, s) => sum + s.mwh, 0)).toBe(PER_STEP_MWH);
    expect(new Set(book?.shares.map((s) => s.mwh)).size).toBe(2);
  });

  it("a proposal that cannot be is refused at once, with a sentence, and is on no chain", async () => {
    const trial = await Trial.begin({ members: 2, owners: [] });
    await trial.until(1);
    const changes = amendmentOf(trial.contract, { weightReputation: 99 });
    const { refusal } = await trial.lab
      .node(0)
      .runner.order({ kind: "propose", action: { kind: "parameters", changes } });
    expect(refusal).toMatchObject({ code: "contract-invalid" });
    const pardon = await trial.lab
      .node(0)
      .runner.order({ kind: "propose", action: { kind: "pardon", member: 1 as never } });
    expect(pardon.refusal?.code).toBe("nothing-to-pardon");
    await trial.until(2);
    expect(trial.core(1).chain.state.scan("proposal")).toEqual([]);
  });
});
