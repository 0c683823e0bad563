/** Growing (PROTOCOL.md §2): a neighbour with an invitation becomes a member and a voter, a meter becomes a generator. */
import { describe, expect, it } from "vitest";
import { allocationsOf } from "../../worker/ledger/allocations.ts";
import { key } from "../../worker/ledger/rows.ts";
import { openApplicant } from "./applicant.ts";
import { PER_STEP_MWH, Trial } from "./trial.ts";

const NEW = 3;

describe("a neighbour with an invitation", () => {
  it("applies, is admitted by ballots, shares from the step in force, and votes in the next set of voters", async () => {
    const trial = await Trial.begin({ members: 3, others: 1, owners: [0] });
    await trial.until(1);
    const applicant = await openApplicant(trial, NEW);
    await trial.until(2);
    const { memberKey } = trial.lab.inhabitant(NEW).keys;
    for (const core of trial.cores) expect([...core.applications.keys()]).toEqual([memberKey]);
    expect(applicant.core.chain.head.hash).toBe(trial.heads[0]);

    const admitted = await trial.lab.node(1).runner.order({ kind: "admit", key: memberKey, weight: 1 });
    expect(admitted.refusal).toBeNull();
    const proposal = admitted.value ?? "";
    await trial.until(3);
    expect(trial.core(0).chain.state.get("proposal", proposal)).toMatchObject({ by: 1, from: null });
    await trial.lab.node(2).runner.order({ kind: "vote", proposal, yes: true });
    await trial.until(4);
    expect(trial.core(0).chain.state.get("proposal", proposal)?.from).toBe(5);
    await trial.until(5);
    const { chain } = trial.core(0);
    expect(chain.state.get("member", key(NEW))).toMatchObject({ key: memberKey, joined: 5, weight: 1 });
    expect(allocationsOf(chain.state).at(-1)?.weights).toHaveLength(4);
    expect(applicant.core.me).toBe(NEW);
    for (const core of trial.cores) expect(core.applications.size).toBe(0);

    await applicant.close();
    await trial.lab.start(NEW);
    await trial.until(9);
    expect(new Set(trial.heads).size).toBe(1);
    expect(trial.cores).toHaveLength(4);
    for (const { chain: own } of trial.cores) {
      expect(own.final.header.step).toBe(9);
      expect(own.finality.position.set).toBe(1);
      expect(own.finality.members).toEqual([0, 1, 2, 3]);
      expect(own.state.get("member", key(NEW))?.meter).toBe((5 * PER_STEP_MWH) / 4);
    }
    expect(trial.witness.faults).toEqual([]);
  });

  it("an invitation of somebody who is no member opens no door, and an admission of nobody is refused", async () => {
    const trial = await Trial.begin({ members: 2, others: 2, owners: [] });
    const applicant = await openApplicant(trial, NEW, 2);
    await trial.until(1);
    expect(applicant.core.peers.size).toBe(0);
    expect(applicant.neighbours.refusedBy).toBe("bad-invitation");
    const { memberKey } = trial.lab.inhabitant(NEW).keys;
    const { refusal } = await trial.lab.node(0).runner.order({ kind: "admit", key: memberKey, weight: 1 });
    expect(refusal?.code).toBe("applicant-unknown");
  });
});

describe("a meter paired while the community runs", () => {
  it("is proposed by its owner, and its energy is shared from the step in which it is in force", async () => {
    const trial = await Trial.begin({ members: 3, owners: [] });
    await trial.until(1);
    await trial.pair(2);
    await trial.until(2);
    const [id] = trial.core(0).chain.state.scan("proposal")[0] ?? [""];
    expect(trial.core(0).chain.state.scan("generator")).toEqual([]);
    const { refusal } = await trial.lab.node(0).runner.order({ kind: "vote", proposal: id, yes: true });
    expect(refusal).toBeNull();
    await trial.until(7);
    const { chain } = trial.core(1);
    const row = chain.state.get("generator", key(0));
    expect(row).toMatchObject({ joined: 4, terms: { owner: 2 } });
    // Counting begins with the first reading that finds the generator in force.
    expect(row?.register).toBeGreaterThanOrEqual(2 * PER_STEP_MWH);
    expect(chain.state.get("totals", "")?.distributed).toBe(row?.register);
    for (const { chain: own } of trial.cores) expect(own.final.header.step).toBe(7);
    expect(trial.witness.faults).toEqual([]);
  });

  it("a vote on a ballot that is over is refused", async () => {
    const trial = await Trial.begin({ members: 1, owners: [] });
    const { runner } = trial.lab.node(0);
    const { refusal } = await runner.order({ kind: "vote", proposal: "ab".repeat(32), yes: true });
    expect(refusal?.code).toBe("proposal-unknown");
    expect((await runner.order({ kind: "confirm-meter", meter: "none", from: null })).refusal?.code).toBe(
      "meter-not-stopped",
    );
  });
});
