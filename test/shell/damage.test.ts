/**
 * A disk that was damaged (PROTOCOL.md §10.2): each row of a real device's disk in turn, gone or changed. Keys, the
 * metering journal and the own use survive; the records come back from the neighbours, and nothing is signed twice.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { VirtualSerial } from "../../worker/metering/sources/virtual-port.ts";
import { mwh } from "../../worker/base/units.ts";
import { sha256 } from "../../worker/base/hash.ts";
import { utf8ToBytes } from "../../worker/base/bytes.ts";
import { numberOf } from "../../worker/ledger/rows.ts";
import type { MemoryDisk } from "../../worker/storage/memory.ts";
import type { Table } from "../../worker/storage/store.ts";
import { METER, type House } from "./street.ts";
import { copyOf, WatchedStreet } from "./watched.ts";

const WH = 1_000;
let street: WatchedStreet;
/** Bo's disk as it was when the app was closed. */
let whole: MemoryDisk;
let kept: ReadonlyMap<string, string>;

const hex = (value: Uint8Array): string => Buffer.from(value).toString("hex");
/** What nobody else has, but for what follows from the chain. */
const precious = (disk: MemoryDisk): Map<string, string> => {
  const rows = new Map<string, string>();
  for (const table of ["own", "journal", "settings", "home"] as const)
    for (const [key, value] of disk.tables.get(table)?.values ?? [])
      if (!key.startsWith("decision") && key !== "silence" && key !== "kind") rows.set(`${table}/${key}`, hex(value));
  return rows;
};

type Harm = "removed" | "a bit changed" | "cut short";
const HARMS: readonly Harm[] = ["removed", "a bit changed", "cut short"];
const harm = (disk: MemoryDisk, table: Table, key: string, how: Harm): void => {
  const rows = disk.tables.get(table);
  const value = rows?.values.get(key);
  if (rows === undefined || value === undefined) throw new Error(`no row ${table}/${key}`);
  const [at = 0, bit = 0] = sha256(utf8ToBytes(`${table}/${key}/${how}`));
  const bad = value.slice(0, how === "cut short" ? value.length >> 1 : value.length);
  if (how === "a bit changed" && bad.length > 0) bad[at % bad.length] = (bad[at % bad.length] ?? 0) ^ (1 << (bit % 8));
  rows.put(key, how === "removed" ? null : bad);
};

beforeAll(async () => {
  // A browser with Web Serial and no port granted: readings come from the tests.
  vi.stubGlobal("navigator", { serial: new VirtualSerial() });
  street = await WatchedStreet.of(3);
  const bo = street.house(1);
  const { id } = await bo.get("pair-meter", METER);
  await bo.get("pair-meter", { ...METER, role: "consumption", iMinMa: 0, pMaxW: 0 });
  await street.pass(10_000);
  await street.agree();
  await street.pass(30_000);
  for (let at = 0; at < 8; at++) {
    street.reading(bo, id, (1_000 + at * 3) * WH);
    bo.device.household?.reading("use", mwh((500 + at) * WH), street.time.now, null);
    await street.pass(2_500);
  }
  await street.pass(3_000);
  await street.leave(1);
  whole = copyOf(street.disks[1] as MemoryDisk);
  kept = precious(whole);
}, 60_000);
afterAll(() => void vi.unstubAllGlobals());

const rowsOf = (disk: MemoryDisk): [Table, string][] =>
  [...disk.tables].flatMap(([table, { values }]) => [...values.keys()].map((key): [Table, string] => [table, key]));

/** Opens Bo's app on a disk; nobody answers meanwhile. */
const alone = async (disk: MemoryDisk): Promise<House> => {
  const other = new WatchedStreet(street.time.now);
  return other.open(disk);
};

describe("a device whose disk was damaged", () => {
  it("has rows of every kind", () => {
    const kinds = new Set(rowsOf(whole).map(([table, key]) => `${table}/${key.split("/")[0]}`));
    for (const kind of [
      "chain/body",
      "chain/delta",
      "chain/line",
      "meta/heads",
      "meta/place",
      "meta/vote",
      "own/identity",
      "own/vote",
    ])
      expect(kinds).toContain(kind);
    for (const kind of [
      "own/meter",
      "own/meter-settings",
      "journal/" + [...whole.tables.get("journal")!.values.keys()][0]?.split("/")[0],
      "home/meter",
      "home/count",
      "spare/own",
    ])
      expect(kinds).toContain(kind);
  });

  it("has keys, journal and meters after any one row was lost or changed, in turn", { timeout: 240_000 }, async () => {
    for (const [i, [table, key]] of rowsOf(whole).entries()) {
      const how = HARMS[i % HARMS.length] ?? "removed";
      const disk = copyOf(whole);
      harm(disk, table, key, how);
      const house = await alone(disk);
      const what = `${table}/${key}, ${how}`;
      expect(house.view.problem?.code ?? "", what).not.toMatch(/storage|identity/);
      expect(house.device.identity?.words, what).toEqual(street.words[1]);
      expect(
        house.view.meters.map(({ label }) => label),
        what,
      ).toEqual(["Roof", "Roof"]);
      const after = precious(disk);
      for (const [path, value] of kept) expect(after.get(path), `${what}: ${path}`).toBe(value);
      await house.device.close();
    }
  });
});

describe("a device that lost part of the chain, among its neighbours", () => {
  const part = (table: Table, prefix: string): readonly [Table, string] => {
    const found = rowsOf(whole).filter(([t, key]) => t === table && key.startsWith(prefix));
    return found[found.length >> 1] ?? [table, prefix];
  };

  it.each([
    ["heads", "meta", "heads"],
    ["a row of the state", "state", "member/"],
    ["the newest blocks", "chain", "body/"],
  ] as const)(
    "without %s: it fetches the chain again and goes on, and signs nothing twice",
    async (_, table, prefix) => {
      const disk = copyOf(whole);
      if (table === "chain")
        for (const [key] of [...(disk.tables.get("chain")?.values ?? [])]
          .filter(([k]) => k.startsWith("body/"))
          .slice(-3))
          disk.tables.get("chain")?.put(key, null);
      else harm(disk, ...part(table, prefix), "removed");
      const before = new Set([...disk.tables.get("own")!.values.keys()].filter((key) => key.startsWith("vote/")));
      const bo = await street.move(1, disk);
      expect(bo.view.care.mended?.chain).toBe(true);
      const { step } = street.core(0).chain.head.header;
      await street.settle(step + 5);
      const core = street.core(1);
      expect(core.chain.head.hash).toBe(street.core(0).chain.head.hash);
      expect([...core.own.votes.keys()].some((vote) => !before.has(vote))).toBe(true);
      expect(bo.view.meters).toHaveLength(2);
      const mine = core.chain.state.scan("generator")[0];
      expect(mine === undefined ? null : numberOf(mine[0])).toBe(0);
      expect(street.faults).toEqual([]);
      await street.leave(1);
      whole = copyOf(disk);
    },
  );
});

describe("a device whose keys cannot be read any more, in either place", () => {
  it("says so, does not begin anew by itself, and comes back by its words with journal and votes kept", async () => {
    const disk = copyOf(whole);
    disk.tables.get("own")?.put("identity", Uint8Array.of(1, 2, 3));
    disk.tables.get("spare")?.put("own/identity", null);
    const bo = await street.move(1, disk);
    expect(bo.view).toMatchObject({ phase: "blocked", problem: { code: "identity-lost" } });
    const link = await street.link();
    expect(await bo.code("join", { link, memberName: "Bo", words: street.words[1] ?? [] })).toBe("identity-lost");
    const votes = [...disk.tables.get("own")!.values.keys()].filter((key) => key.startsWith("vote/"));
    await bo.get("restore-words", { words: street.words[1] ?? [], link, memberName: "Bo" });
    expect([...street.core(1).own.votes.keys()].toSorted()).toEqual(votes.toSorted());
    await street.settle(street.core(0).chain.head.header.step + 3);
    expect(bo.view).toMatchObject({ phase: "member", care: { silent: true } });
    expect(bo.view.meters).toHaveLength(2);
    expect(street.faults).toEqual([]);
  });
});
