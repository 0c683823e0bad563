/** Real small chains for proofs: a community that ran some steps, and the files it makes. */
import type { MemberIndex, StepIndex } from "../../worker/base/units.ts";
import type { Core } from "../../worker/node/core.ts";
import { openBundle, type Bundle } from "../../worker/settlement/bundle.ts";
import { bundleOf } from "../../worker/shell/bundles.ts";
import { openMemory, type MemoryDisk } from "../../worker/storage/memory.ts";
import { openApplicant } from "../lab/applicant.ts";
import { Trial } from "../lab/trial.ts";

/** What a node's disk has now, read beside the node. */
const copyOf = async (disk: MemoryDisk) => {
  const rows = [...(disk.tables.get("chain")?.values ?? [])];
  const copy = await openMemory({});
  await copy.commit(rows.map(([key, value]) => ({ table: "chain", key, value })));
  return copy;
};

export const proofOf = async (trial: Trial, i: number, from: number, to: number): Promise<Uint8Array> => {
  const core: Core = trial.core(i);
  const ask = { member: (core.me ?? 0) as MemberIndex, from: from as StepIndex, to: to as StepIndex };
  const made = await bundleOf(core, await copyOf(trial.lab.inhabitant(i).disk), ask);
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
};

export const opened = (raw: Uint8Array): Bundle => {
  const read = openBundle(raw);
  if (!read.ok) throw new Error(read.error.message);
  return read.value.bundle;
};

/** Three members with a meter each; nine steps. */
export const plainTrial = async (): Promise<Trial> => {
  const trial = await Trial.begin({ members: 3, seed: "proof" });
  await trial.until(9);
  return trial;
};

/** Three members; two more come in at different steps and vote, so that voter sets 0 and 1 end. */
export const grownTrial = async (): Promise<Trial> => {
  const trial = await Trial.begin({ members: 3, others: 2, owners: [0], seed: "grown" });
  for (const [who, at] of [
    [3, 1],
    [4, 7],
  ] as const) {
    await trial.until(at);
    const applicant = await openApplicant(trial, who);
    await trial.until(at + 1);
    const { memberKey } = trial.lab.inhabitant(who).keys;
    const { value = "" } = await trial.lab.node(1).runner.order({ kind: "admit", key: memberKey, weight: 1 });
    await trial.until(at + 2);
    for (const yes of [0, 2]) await trial.lab.node(yes).runner.order({ kind: "vote", proposal: value, yes: true });
    await trial.until(at + 4);
    await applicant.close();
    await trial.lab.start(who);
    await trial.until(at + 6);
  }
  await trial.until(14);
  // Not enough of the founders are left to confirm what follows: who trusts them needs the hand-overs.
  await trial.lab.stop(2);
  await trial.until(18);
  return trial;
};
