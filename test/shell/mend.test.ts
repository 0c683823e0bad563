/** What dropping a damaged chain (PROTOCOL.md §10.2) leaves: what was proved to this device, and the alarms it was shown. */
import { describe, expect, it } from "vitest";
import type { Hash, StepIndex } from "../../worker/base/units.ts";
import { alarmOp } from "../../worker/node/alarms.ts";
import { coveredOp, trustOp } from "../../worker/node/light-disk.ts";
import { trustInContract, type Trust } from "../../worker/node/light-trust.ts";
import { dropChain } from "../../worker/shell/mend.ts";
import { openMemory } from "../../worker/storage/memory.ts";
import type { Op } from "../../worker/storage/store.ts";
import { SMALL, writtenChain } from "../lab/synthetic.ts";

const { chain, certificate } = writtenChain({ ...SMALL, steps: 20, changes: 0 });
const { voters } = trustInContract(chain.signed.contract);
const proven: Trust = { header: certificate.header, voters, hop: { certificate, next: null } };
const finding = { kind: "two-heads", height: 3, step: 3 as StepIndex } as const;
const alarm = alarmOp({ id: "ab".repeat(32) as Hash, raw: Uint8Array.of(1), finding });
const covered = coveredOp({ from: 1, height: 9, step: 9, meter: 5, sure: 1 });
const bad = (key: string): Op => ({ table: "meta", key, value: Uint8Array.of(1, 2) });

const left = async (ops: readonly Op[]): Promise<string[]> => {
  const store = await openMemory();
  await store.commit([
    bad("heads"),
    bad("vote/1"),
    { table: "state", key: "totals/", value: Uint8Array.of(1) },
    ...ops,
  ]);
  await dropChain(store, 5);
  expect(await store.keys("state")).toEqual([]);
  return [...(await store.keys("meta"))];
};

describe("a chain that is dropped", () => {
  it("leaves the proven block, the own figures and the alarms", async () => {
    expect(await left([trustOp(proven), covered, alarm])).toEqual([alarm.key, covered.key, "light/trust"]);
  });
  it("but none of their rows that cannot be read", async () => {
    const ops = [trustOp(proven), covered, bad("light/figures"), bad("alarm/cd"), bad("light/unknown")];
    expect(await left(ops)).toEqual([covered.key, "light/trust"]);
  });
  it("and no figures where the block that they rest on is not the one that was proved any more", async () => {
    const other = { ...proven.header, txRoot: "11".repeat(32) as Hash };
    for (const trust of [
      { ...proven, header: other },
      { ...proven, hop: null },
    ])
      expect(await left([trustOp(trust), covered, alarm])).toEqual([alarm.key]);
  });
});
