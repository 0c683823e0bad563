/**
 * What a member's device alone has after it has run for a while: its meter and the meter's journal, its votes. Made by a
 * real node on a disk in memory, at the head of a synthetic chain.
 */
import { cryptometerSecret } from "../../worker/base/keys.ts";
import { mwh } from "../../worker/base/units.ts";
import type { SyntheticChain } from "../../worker/lab/synthetic-chain.ts";
import { key } from "../../worker/ledger/rows.ts";
import type { Op } from "../../worker/storage/store.ts";
import { settled } from "../lab/synthetic.ts";
import { configOf, TERMS } from "../lab/trial.ts";

const READINGS = 6;
const METER = "roof";

export const ownRowsOf = async (chain: SyntheticChain, rows: readonly Op[], member: number): Promise<Op[]> => {
  const { lab, time } = await settled({ chain, rows }, { holders: member + 1 });
  const { runner } = lab.node(member);
  const { contract } = chain.signed;
  const secret = cryptometerSecret(lab.inhabitant(member).keys.seed, 0);
  const config = configOf(contract);
  await runner.order({
    kind: "add-meter",
    meter: METER,
    label: "Roof",
    keyNumber: 0,
    config,
    terms: TERMS,
    secret,
  });
  const from = chain.state.get("generator", key(member))?.register ?? 0;
  for (let i = 1; i <= READINGS; i++) {
    await time.runUntil(time.now + 1_000);
    runner.reading(METER, mwh(from + i * TERMS.resolutionMwh), time.now);
  }
  await time.runUntil(time.now + 3_000);
  await runner.order({ kind: "write-down" });
  lab.check();
  const { disk } = lab.inhabitant(member);
  for (let i = 0; i <= member; i++) await lab.stop(i);
  return (["own", "journal", "home"] as const).flatMap((table) =>
    [...(disk.tables.get(table)?.values ?? [])].map(([k, value]) => ({ table, key: k, value })),
  );
};
