/**
 * A disk whose keys were lost, and the words or a backup of somebody else (PROTOCOL.md §10.2): what is signed on it is not
 * theirs to offer, and its chain may be of another community.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { VirtualSerial } from "../../worker/metering/sources/virtual-port.ts";
import type { MemoryDisk } from "../../worker/storage/memory.ts";
import { openMemory } from "../../worker/storage/memory.ts";
import { BASE, found, Street, type House } from "./street.ts";
import { copyOf, WatchedStreet } from "./watched.ts";

const PASSPHRASE = "correct horse battery";
let street: WatchedStreet;
let link: string;
let cleo: Uint8Array;
/** Bo's disk, with all that it signed, and without the keys. */
let lost: MemoryDisk;

beforeAll(async () => {
  vi.stubGlobal("navigator", { serial: new VirtualSerial() });
  street = await WatchedStreet.of(3);
  await street.pass(30_000);
  link = await street.link();
  ({ file: cleo } = await street.house(2).get("save-backup", { passphrase: PASSPHRASE }));
  await street.leave(1);
  lost = copyOf(street.disks[1] as MemoryDisk);
  lost.tables.get("own")?.put("identity", null);
  lost.tables.get("spare")?.put("own/identity", null);
}, 60_000);
afterAll(() => void vi.unstubAllGlobals());

const alone = async (disk: MemoryDisk): Promise<House> =>
  new Street(street.time.now).open(disk, await openMemory({ disk }));

describe("a device that lost its keys and kept what it signed", () => {
  it("takes the words and the backup of its own member only, and changes nothing for others'", async () => {
    const disk = copyOf(lost);
    const bo = await alone(disk);
    expect(bo.view.problem?.code).toBe("identity-lost");
    const words = street.words[2] ?? [];
    expect(await bo.code("restore-words", { words, link, memberName: "Cleo" })).toBe("other-member");
    await bo.get("read-backup", { file: cleo, passphrase: PASSPHRASE });
    expect(await bo.code("restore-backup", {})).toBe("other-member");
    expect([...(disk.tables.get("own")?.values.keys() ?? [])]).not.toContain("identity");
    await bo.get("restore-words", { words: street.words[1] ?? [], link, memberName: "Bo" });
    expect(bo.view.problem?.code).not.toBe("identity-lost");
  });

  it("takes no member of another community either", async () => {
    const elsewhere = new Street(street.time.now);
    const dan = await elsewhere.open();
    await found(dan, "Rue de la Lune", "Dan");
    const other = await dan.get("invite", { base: BASE });
    const bo = await alone(copyOf(lost));
    const words = [...(dan.device.identity?.words ?? [])];
    expect(await bo.code("restore-words", { words, link: other.link, memberName: "Dan" })).toBe("other-member");
  });

  it("that nothing was signed on keeps no chain of another community", async () => {
    const elsewhere = new Street(street.time.now);
    const dan = await elsewhere.open();
    await found(dan, "Rue de la Lune", "Dan");
    const other = await dan.get("invite", { base: BASE });
    const disk = copyOf(lost);
    for (const table of ["own", "spare"] as const)
      for (const row of disk.tables.get(table)?.values.keys() ?? [])
        if (!row.endsWith("meter-count")) disk.tables.get(table)?.put(row, null);
    disk.tables.get("own")?.put("meter-count", Uint8Array.of(1));
    const bo = await alone(disk);
    const words = [...(dan.device.identity?.words ?? [])];
    await bo.get("restore-words", { words, link: other.link, memberName: "Dan" });
    expect(bo.device.node?.core.chain.head.header.community).toBe(bo.device.node?.core.chain.community);
    expect(bo.view.care.mended?.chain).toBe(true);
  });
});
