/**
 * The same member on a new device (PROTOCOL.md §7.8): from its words, or from a backup. The simulator's witness looks at
 * everything that both devices ever signed.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { VirtualSerial } from "../../worker/metering/sources/virtual-port.ts";
import { decodeEntry } from "../../worker/metering/journal.ts";
import { createMemoryDisk, type MemoryDisk } from "../../worker/storage/memory.ts";
import { METER } from "./street.ts";
import { copyOf, WatchedStreet } from "./watched.ts";

const WH = 1_000;
beforeAll(() => {
  // A browser with Web Serial and no port granted: readings come from the tests.
  vi.stubGlobal("navigator", { serial: new VirtualSerial() });
});
afterAll(() => void vi.unstubAllGlobals());

const stepOf = (street: WatchedStreet, i: number): number => street.core(i).chain.head.header.step;
const finalOf = (street: WatchedStreet, i: number): number => street.core(i).chain.final.header.step;

describe("a member of three whose phone is gone, with its twelve words", () => {
  let street: WatchedStreet;
  let before: readonly string[];
  let register: number;

  beforeAll(async () => {
    street = await WatchedStreet.of(3);
    const bo = street.house(1);
    const { id } = await bo.get("pair-meter", METER);
    await street.settle(stepOf(street, 0) + 1);
    await street.agree();
    await street.settle(stepOf(street, 0) + 3);
    for (let at = 0; at < 12; at++) {
      street.reading(bo, id, (1_000 + at * 3) * WH);
      await street.pass(2_500);
    }
    await street.settle(stepOf(street, 0) + 2);
    register = street.core(0).chain.state.scan("generator")[0]?.[1].register ?? 0;
    before = [...street.core(1).own.votes.keys()];
    await street.leave(1);
  });

  it("had voted, and its meter had counted", () => {
    expect(before.length).toBeGreaterThan(5);
    expect(register).toBeGreaterThan(0);
    expect(street.core(0).chain.finality.members).toEqual([0, 1, 2]);
  });

  it("is the same member again, has the records and says that it does not vote yet", async () => {
    const bo = await street.move(1, createMemoryDisk());
    await bo.get("restore-words", { words: street.words[1] ?? [], link: await street.link(), memberName: "Bo" });
    expect(bo.view.phase).not.toBe("waiting-admission");
    await street.settle(stepOf(street, 0) + 1);
    expect(bo.view).toMatchObject({
      phase: "member",
      me: { index: 1, name: "Bo" },
      care: { silent: true },
      problem: null,
    });
    expect(street.core(1).own.votes.size).toBe(0);
    expect(bo.view.head?.hash).toBe(street.house(0).view.head?.hash);
  });

  it("signs neither vote, candidacy nor block for what it may have signed before; the others go on", async () => {
    const from = stepOf(street, 0);
    await street.settle(from + 4);
    expect(street.core(1).own.votes.size).toBe(0);
    for (const at of street.core(1).own.candidacies.keys())
      expect(Number(at.split("/")[1])).toBeGreaterThan(street.core(1).silence?.step ?? Infinity);
    expect(finalOf(street, 0)).toBeGreaterThanOrEqual(from + 3);
  });

  it("votes again by itself, and contradicts nothing that it ever signed", async () => {
    await street.settle(stepOf(street, 0) + 12);
    expect(street.house(1).view.care.silent).toBe(false);
    const votes = [...street.core(1).own.votes.keys()];
    expect(votes.length).toBeGreaterThan(0);
    expect(votes.filter((vote) => before.includes(vote))).toEqual([]);
    expect(street.faults).toEqual([]);
  });

  it("its meter goes on from the ledger's register, under the same key", async () => {
    const bo = street.house(1);
    const { id } = await bo.get("pair-meter", METER);
    for (let at = 0; at < 12; at++) {
      street.reading(bo, id, (2_000 + at * 3) * WH);
      await street.pass(2_500);
    }
    await street.settle(stepOf(street, 0) + 2);
    const generators = street.core(0).chain.state.scan("generator");
    expect(generators).toHaveLength(1);
    expect(generators[0]?.[1].register).toBeGreaterThan(register);
    expect(generators[0]?.[1].register).toBeLessThanOrEqual(register + 33 * WH);
    expect(street.faults).toEqual([]);
  });

  it("stays so over a restart", async () => {
    await street.leave(1);
    const bo = await street.move(1, street.disks[1]);
    await street.settle(stepOf(street, 0) + 2);
    expect(bo.view).toMatchObject({ phase: "member", care: { silent: false, mended: null } });
    expect(street.faults).toEqual([]);
  });
});

describe("one of two, where nothing becomes final without it", () => {
  it("votes again once the other has told all that it holds; nothing is contradicted", async () => {
    const street = await WatchedStreet.of(2);
    await street.leave(1);
    await street.settle(stepOf(street, 0) + 2);
    const final = finalOf(street, 0);
    const bo = await street.move(1, createMemoryDisk());
    await bo.get("restore-words", { words: street.words[1] ?? [], link: await street.link(), memberName: "Bo" });
    await street.settle(stepOf(street, 0) + 2);
    expect(bo.view.care.silent).toBe(true);
    await street.settle(stepOf(street, 0) + 6);
    expect(bo.view.care.silent).toBe(false);
    expect(finalOf(street, 0)).toBeGreaterThan(final + 2);
    expect(street.faults).toEqual([]);
  });
});

describe("a backup", () => {
  let street: WatchedStreet;
  let file: Uint8Array;
  const passphrase = "the sun of our street";

  beforeAll(async () => {
    street = await WatchedStreet.of(3);
    const bo = street.house(1);
    await bo.get("pair-meter", { ...METER, role: "consumption", iMinMa: 0, pMaxW: 0 });
    ({ file } = await bo.get("save-backup", { passphrase }));
  });

  it("is refused a short passphrase", async () => {
    expect(await street.house(1).code("save-backup", { passphrase: "short" })).toBe("passphrase-short");
  });

  it("shows how far it is, and nothing when it is done", async () => {
    const bo = street.house(1);
    const from = bo.views.length;
    await bo.get("save-backup", { passphrase });
    bo.device.publishDue();
    expect(bo.views.length).toBeGreaterThan(from);
    expect(bo.view.care.work).toBeNull();
  });

  it("is older than what its own device has by then, and changes nothing there", async () => {
    await street.settle(stepOf(street, 0) + 2);
    const bo = street.house(1);
    expect(await bo.get("read-backup", { file, passphrase })).toMatchObject({ here: "older", memberName: "M1" });
    expect(await bo.code("restore-backup", {})).toBe("backup-older");
    expect(await street.house(0).get("read-backup", { file, passphrase })).toMatchObject({ here: "other" });
    expect(await street.house(0).code("restore-backup", {})).toBe("already-member");
  });

  it("opens with its passphrase only, and brings the same member with meters and journal to a new device", async () => {
    const votes = [...street.core(1).own.votes.keys()];
    await street.leave(1);
    const bo = await street.move(1, createMemoryDisk());
    expect(await bo.code("read-backup", { file, passphrase: `${passphrase}s` })).toBe("passphrase-wrong");
    expect(await bo.code("restore-backup", {})).toBe("backup-unreadable");
    expect(await bo.get("read-backup", { file, passphrase })).toMatchObject({
      here: "nothing",
      communityName: "Rue du Soleil",
      meters: 1,
    });
    await bo.get("restore-backup", {});
    await street.settle(stepOf(street, 0) + 2);
    expect(bo.view).toMatchObject({ phase: "member", care: { silent: true }, problem: null });
    expect(bo.view.meters).toHaveLength(1);
    expect(street.core(1).own.votes.size).toBeGreaterThan(0);
    await street.settle(stepOf(street, 0) + 14);
    expect(bo.view.care.silent).toBe(false);
    expect([...street.core(1).own.votes.keys()].some((vote) => !votes.includes(vote))).toBe(true);
    expect(street.faults).toEqual([]);
  });
});

describe("a device whose keys cannot be read any more, with an older backup", () => {
  const passphrase = "the sun of our street";
  const countIn = (disk: MemoryDisk): number => {
    let most = 0;
    for (const [key, raw] of disk.tables.get("journal")?.values ?? []) {
      const read = key.endsWith("/count") ? decodeEntry(raw) : null;
      if (read?.ok === true && read.value.kind === "count") most = Math.max(most, read.value.meterMwh);
    }
    return most;
  };
  const signedIn = (disk: MemoryDisk): string[] =>
    [...(disk.tables.get("own")?.values.keys() ?? [])].filter((key) => /^(vote|candidacy|block)\//u.test(key));

  it("keeps what it counted and signed since, and has the rest from the file", async () => {
    const street = await WatchedStreet.of(3);
    const bo = street.house(1);
    const { id } = await bo.get("pair-meter", METER);
    await street.pass(10_000);
    await street.agree();
    await street.pass(30_000);
    const read = async (from: number): Promise<void> => {
      for (let at = 0; at < 12; at++) {
        street.reading(bo, id, (from + at * 3) * WH);
        await street.pass(2_500);
      }
    };
    await read(1_000);
    const { file } = await bo.get("save-backup", { passphrase });
    await read(1_036);
    await street.leave(1);
    const disk = copyOf(street.disks[1] as MemoryDisk);
    const [counted, signed] = [countIn(disk), signedIn(disk)];
    expect(counted).toBeGreaterThan(1_040 * WH);
    disk.tables.get("own")?.put("identity", Uint8Array.of(1, 2, 3));
    disk.tables.get("spare")?.put("own/identity", null);
    const again = await street.move(1, disk);
    expect(again.view.problem).toMatchObject({ code: "identity-lost" });
    expect(await again.get("read-backup", { file, passphrase })).toMatchObject({ here: "nothing", meters: 1 });
    await again.get("restore-backup", {});
    expect(countIn(disk)).toBeGreaterThanOrEqual(counted);
    expect(signedIn(disk)).toEqual(expect.arrayContaining(signed));
    await street.settle(stepOf(street, 0) + 2);
    expect(again.view).toMatchObject({ phase: "member", care: { silent: true }, problem: null });
    expect(street.faults).toEqual([]);
  }, 60_000);
});
