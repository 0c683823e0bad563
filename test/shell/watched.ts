/**
 * A street under the eyes of the simulator's witness: every device's node, messages and journal, through all of its
 * devices. A member whose device is made anew is the same member, and must stay as honest.
 */
import { sha256 } from "../../worker/base/hash.ts";
import { ENTROPY_BYTES, keysFromPhrase, phraseFrom } from "../../worker/base/keys.ts";
import type { Millis } from "../../worker/base/units.ts";
import { communityId, encodeContract, signContract } from "../../worker/community/contract.ts";
import { contractFrom } from "../../worker/community/presets.ts";
import { deriveAddress, MAIN_DEVICE } from "../../worker/network/address.ts";
import { identityOp } from "../../worker/shell/identity.ts";
import { Witness } from "../../worker/lab/witness.ts";
import { createMemoryDisk, openMemory, type MemoryDisk } from "../../worker/storage/memory.ts";
import { BASE, START, Street, type House } from "./street.ts";

export const copyOf = (disk: MemoryDisk): MemoryDisk => {
  const copy = createMemoryDisk();
  for (const [table, { values }] of disk.tables)
    for (const [key, value] of values) copy.tables.get(table)?.put(key, value.slice());
  return copy;
};

export class WatchedStreet extends Street {
  witness: Witness | null = null;
  readonly houses: (House | null)[] = [];
  readonly disks: MemoryDisk[] = [];
  readonly words: string[][] = [];

  async move(i: number, disk: MemoryDisk = createMemoryDisk()): Promise<House> {
    const own = disk.tables.get("own");
    if (own !== undefined) this.witness?.tap(i, own);
    this.disks[i] = disk;
    this.witness?.restarted(i);
    const house = await this.open(disk, await openMemory({ disk }));
    this.houses[i] = house;
    return house;
  }
  house(i: number): House {
    const house = this.houses[i];
    if (house === null || house === undefined) throw new Error(`nobody lives at ${i}`);
    return house;
  }
  core(i: number) {
    const { node } = this.house(i).device;
    if (node === null) throw new Error(`${i} has no node`);
    return node.core;
  }
  async leave(i: number): Promise<void> {
    await this.house(i).device.close();
    this.houses[i] = null;
  }
  link(): Promise<string> {
    return this.house(0)
      .get("invite", { base: BASE })
      .then(({ link }) => link);
  }
  /** A community of so many founding members, in its fourth step. */
  static async of(count: number): Promise<WatchedStreet> {
    const street = new WatchedStreet();
    const phrases = Array.from({ length: count }, (_, i) =>
      phraseFrom(sha256(Uint8Array.of(i)).slice(0, ENTROPY_BYTES)),
    );
    const keys = phrases.map(keysFromPhrase);
    const contract = contractFrom({
      name: "Rue du Soleil",
      preset: "fast",
      quorum: "majority",
      t0: START as Millis,
      members: keys.map((k) => ({ key: k.memberKey, blsKey: k.blsKey, blsProof: k.blsProof, weight: 1, vpp: true })),
    });
    const signed = encodeContract(signContract(contract, keys[0]?.memberSecret ?? new Uint8Array(32)));
    const witness = new Witness({ contract, now: () => street.time.now, aheadMs: 2_000 });
    street.witness = witness;
    street.between = (key, network) =>
      witness.listening(
        keys.findIndex((k) => k.memberKey === key),
        network,
      );
    for (const [i, words] of phrases.entries()) {
      street.words.push(words);
      const disk = createMemoryDisk();
      const addresses = keys.map((k) => deriveAddress(communityId(contract), k.memberKey, MAIN_DEVICE, 0));
      const { key, value } = identityOp({
        words,
        name: `M${i}`,
        contract: signed,
        invitation: null,
        addresses,
        since: START as Millis,
      });
      disk.tables.get("own")?.put(key, value);
      await street.move(i, disk);
    }
    await street.settle(4);
    return street;
  }
  /** Everybody says yes to whatever is open. */
  async agree(): Promise<void> {
    for (const house of this.houses)
      for (const p of house?.view.proposals ?? [])
        if (p.state === "open") await house?.ask("vote", { proposal: p.id, yes: true });
  }
  /** Until so long after a step, with the witness looking. */
  async settle(step: number): Promise<void> {
    while (this.time.now < START_OF(step)) {
      await this.pass(500);
      for (const [i, house] of this.houses.entries())
        if (house !== null && house.device.node !== null) this.witness?.look(i, house.device.node.core);
    }
  }
  get faults(): readonly unknown[] {
    return this.witness?.faults ?? [];
  }
}

const START_OF = (step: number): number => START + step * 10_000 + 3_000;
