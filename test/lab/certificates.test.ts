/** What a community keeps so that somebody who was not there can see what is final (PROTOCOL.md §8). */
import { describe, expect, it } from "vitest";
import { hashOf } from "../../worker/consensus/block.ts";
import {
  changeOf,
  hopCodec,
  jobsOfCertificate,
  jobsOfHop,
  votersAfter,
  votersIn,
  type Certificate,
  type Hop,
  type VoterSet,
} from "../../worker/consensus/certificate.ts";
import { genesisState } from "../../worker/consensus/genesis.ts";
import { latestCertificate } from "../../worker/node/certifier.ts";
import { hopKey } from "../../worker/node/disk.ts";
import { openApplicant } from "./applicant.ts";
import { REAL, Trial } from "./trial.ts";

const NEW = 3;

const hopOf = (trial: Trial, i: number, set: number): Hop | null => {
  const raw = trial.lab.inhabitant(i).disk.tables.get("chain")?.values.get(hopKey(set));
  return raw === undefined ? null : hopCodec.decode(raw);
};
const holds = (trial: Trial, trusted: VoterSet, certificate: Certificate): boolean => {
  const jobs = jobsOfCertificate(trusted, trial.core(0).chain.community, certificate);
  return jobs.ok && REAL.verifyMany(jobs.value).every(Boolean);
};
const latest = (trial: Trial, i: number): Certificate => {
  const certificate = latestCertificate(trial.core(i));
  if (certificate === null) throw new Error("the node has a certificate of its last final block");
  return certificate;
};

/** Three members; a fourth is in force from step 5, and its device starts then. */
const grown = async (): Promise<Trial> => {
  const trial = await Trial.begin({ members: 3, others: 1, owners: [0] });
  await trial.until(1);
  const applicant = await openApplicant(trial, NEW);
  await trial.until(2);
  const { memberKey } = trial.lab.inhabitant(NEW).keys;
  const { value = "" } = await trial.lab.node(1).runner.order({ kind: "admit", key: memberKey, weight: 1 });
  await trial.until(3);
  await trial.lab.node(2).runner.order({ kind: "vote", proposal: value, yes: true });
  await trial.until(5);
  await applicant.close();
  await trial.lab.start(NEW);
  await trial.until(9);
  return trial;
};

describe("certificates", () => {
  it("lead from the contract's members over a change of the voters to the last final block, from every node", async () => {
    const trial = await grown();
    const genesis = votersIn(genesisState(trial.contract));
    for (const i of [0, 1, 2]) {
      const hop = hopOf(trial, i, 0);
      if (hop === null) throw new Error("the end of set 0 is on disk");
      expect(holds(trial, genesis, hop.certificate)).toBe(true);
      const after = votersAfter(genesis, hop);
      if (!after.ok) throw new Error(after.error.message);
      expect(after.value).toEqual(votersIn(trial.core(i).chain.state));
      const newest = latest(trial, i);
      expect(hashOf(newest.header)).toBe(trial.core(i).chain.final.hash);
      expect(holds(trial, after.value, newest)).toBe(true);
    }
    expect(trial.witness.faults).toEqual([]);
  });

  it("of a later set convince who trusts an earlier one, where enough of that vote still", async () => {
    const trial = await grown();
    const genesis = votersIn(genesisState(trial.contract));
    // 2 of the first 3, and 3 of the 4 that vote now: members 0 to 2, who were there first, are named first.
    const certificate = latest(trial, 0);
    const now = votersIn(trial.core(0).chain.state);
    expect(certificate.votes[0]?.set).toBe(1);
    expect(holds(trial, genesis, certificate)).toBe(false);
    const ahead = jobsOfHop(genesis, trial.core(0).chain.community, { certificate, next: changeOf(genesis, now) });
    if (!ahead.ok) throw new Error(ahead.error.message);
    expect(REAL.verifyMany(ahead.value.jobs).every(Boolean)).toBe(true);
    expect(ahead.value.voters).toEqual(now);
  });

  it("are still at hand when every node was stopped and started again before anybody asked", async () => {
    const trial = await grown();
    for (const i of [0, 1, 2, 3]) await trial.lab.stop(i);
    for (const i of [0, 1, 2, 3]) await trial.lab.start(i);
    const now = votersIn(trial.core(0).chain.state);
    for (const i of [0, 1, 2, 3]) expect(holds(trial, now, latest(trial, i))).toBe(true);
  });

  it("by fewer than a quorum, or by somebody counted twice, are refused with the reason", async () => {
    const trial = await grown();
    const now = votersIn(trial.core(0).chain.state);
    const { community } = trial.core(0).chain;
    const good = latest(trial, 0);
    const [group] = good.votes;
    if (group === undefined) throw new Error("a certificate has votes");
    const few = { ...good, votes: [{ ...group, voters: Uint8Array.of(1) }] };
    expect(jobsOfCertificate(now, community, few)).toMatchObject({
      ok: false,
      error: { code: "certificate-false", verdict: "penalise" },
    });
    const twice = { ...good, votes: [group, group] };
    expect(jobsOfCertificate(now, community, twice).ok).toBe(false);
    // With a signature that is not the sum of those it names, the structure is right and the pairing is not.
    const other = { ...good, votes: [{ ...group, voters: Uint8Array.of(0b1110) }] };
    const isSame = group.voters[0] === 0b1110;
    expect(holds(trial, now, other)).toBe(isSame);
  });
});
