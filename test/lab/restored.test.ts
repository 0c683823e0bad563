/** A member that comes back with its twelve words only (PROTOCOL.md §7.7): it contradicts nothing it signed before. */
import { expect, it } from "vitest";
import { key } from "../../worker/ledger/rows.ts";
import { createMemoryDisk } from "../../worker/storage/memory.ts";
import { Trial } from "./trial.ts";

it("a member whose disk is new votes in no round in which neighbours have its vote, and is convicted of nothing", async () => {
  const BACK = 2;
  const trial = await Trial.begin({ members: 4, owners: [] });
  await trial.until(3);
  await trial.lab.stop(3);
  await trial.until(4, 500);
  await trial.lab.stop(1);
  await trial.until(6);
  await trial.lab.stop(BACK);
  Object.assign(trial.lab.inhabitant(BACK), { disk: createMemoryDisk() });
  await trial.lab.start(BACK);
  await trial.until(8);
  await trial.lab.start(1);
  await trial.until(11);
  for (const { chain } of trial.cores) {
    expect(chain.state.get("member", key(BACK))).toMatchObject({ convicted: false, barred: null });
    expect(chain.final.header.step).toBeGreaterThanOrEqual(10);
  }
});
