/**
 * "Consumption read from a member's own meter stays on the device" (PROTOCOL.md §10, paper §IV.B.3). The same street is
 * lived twice, with other consumption each time: every byte on every wire and in every table but one must be the same.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { toHex } from "../../worker/base/bytes.ts";
import { encode, uint } from "../../worker/base/codec.ts";
import { encodeP1 } from "../../worker/metering/virtual/p1.ts";
import { encodeSml } from "../../worker/metering/virtual/sml.ts";
import { encodeTic } from "../../worker/metering/virtual/tic.ts";
import { createMemoryDisk, openMemory, type MemoryDisk } from "../../worker/storage/memory.ts";
import { TABLES } from "../../worker/storage/store.ts";
import type { View } from "../../worker/port.ts";
import type { MeterSettings } from "../../worker/port-meter.ts";
import { VirtualPort, VirtualSerial } from "../../worker/metering/sources/virtual-port.ts";
import { BASE, found, METER, START, Street, words, type House } from "./street.ts";

const WH = 1_000;
const LABEL = "Kitchen cupboard";
const [ROOF, HOUSE] = [
  { usbVendorId: 1, usbProductId: 1 },
  { usbVendorId: 2, usbProductId: 2 },
];
const ROOF_METER: MeterSettings = { ...METER, port: ROOF };
const HOUSE_METER: MeterSettings = { ...METER, label: LABEL, role: "consumption", iMinMa: 0, pMaxW: 0, port: HOUSE };

/** What the two meters count from the grid, Wh: registers at the start and what each second adds. */
type Use = { readonly roof: number; readonly house: number; readonly perSecond: number };
type Lived = {
  readonly frames: readonly string[];
  readonly disks: readonly MemoryDisk[];
  readonly ana: View;
  readonly bo: View;
  readonly boUse: readonly (readonly [number, number])[];
  readonly again: View;
};

/** Everything that leaves a device, byte for byte. */
const tap = (street: Street): string[] => {
  const frames: string[] = [];
  const { join, connect } = street.hub;
  type Port = Parameters<typeof join>[1];
  type End = Parameters<Port["accept"]>[1];
  const heard = (end: End): End => ({
    ...end,
    send: (frame) => {
      frames.push(toHex(frame));
      end.send(frame);
    },
  });
  Object.assign(street.hub, {
    join: (address: string, port: Port) => join(address, { accept: (from, end) => port.accept(from, heard(end)) }),
    connect: (...[from, to, answer]: Parameters<typeof connect>) =>
      connect(from, to, (end) => answer(end === null ? null : heard(end))),
  });
  return frames;
};

const SECONDS = 62;

const live = async (use: Use): Promise<Lived> => {
  const serial = new VirtualSerial();
  const [roof, house] = [new VirtualPort(ROOF), new VirtualPort(HOUSE)];
  serial.plug(roof);
  serial.plug(house);
  vi.stubGlobal("navigator", { serial });
  const street = new Street();
  const frames = tap(street);
  const disks = [createMemoryDisk(), createMemoryDisk()] as const;
  const ana = await street.open(disks[0]);
  const bo = await street.open(disks[1]);
  await found(ana, "Rue du Soleil", "Ana");
  const { link } = await ana.get("invite", { base: BASE });
  await bo.get("join", { link, memberName: "Bo", words: await words(bo) });
  await street.until(2, 3_000);
  await ana.get("admit", { key: ana.view.applicants[0]?.key ?? "", weight: 1, replaces: null });
  await street.until(5, 3_000);
  await ana.get("pair-meter", ROOF_METER);
  await bo.get("pair-meter", HOUSE_METER);
  await street.until(6, 3_000);
  await bo.get("vote", { proposal: bo.view.proposals[0]?.id ?? "", yes: true });
  await street.until(9);
  for (let second = 0; second <= SECONDS; second++) {
    const telegram = { style: "be", at: street.time.now } as const;
    const imported = second * use.perSecond * WH;
    const watts = use.perSecond * 3_600;
    roof.send(
      encodeP1({
        ...telegram,
        exportMwh: 5_000 * WH + second * WH,
        importMwh: use.roof * WH + imported,
        powerExportW: 3_600,
        powerImportW: watts,
      }),
    );
    house.send(
      encodeP1({
        ...telegram,
        exportMwh: 0,
        importMwh: use.house * WH + imported,
        powerExportW: 0,
        powerImportW: watts,
      }),
    );
    await street.pass(1_000);
  }
  const { household } = bo.device;
  const to = household?.countedTo ?? 0;
  const boUse = Array.from({ length: 6 }, (_, i) => [to - i, household?.use(to - i)?.mwh ?? -1] as const);
  const [anaView, boView] = [ana.view, bo.view];
  await bo.device.close();
  await ana.device.close();
  const reopened: House = await street.open(disks[1]);
  const again = reopened.view;
  await reopened.device.close();
  return { frames, disks, ana: anaView, bo: boView, boUse, again };
};

const FIRST: Use = { roof: 73_451, house: 4_918_273, perSecond: 1 };
const SECOND: Use = { roof: 55_555_111, house: 6_047_999, perSecond: 3 };

/** But for the spare copies of `home`, which are of the same disk (§10.2). */
const rowsOf = async (disk: MemoryDisk, table: (typeof TABLES)[number]): Promise<string[]> =>
  (await (await openMemory({ disk })).entries(table))
    .filter(([key]) => table !== "spare" || !key.startsWith("home/"))
    .map(([key, value]) => `${key} ${toHex(value)}`);

describe("what a household takes from the grid", () => {
  let one: Lived;
  let other: Lived;
  beforeAll(async () => {
    one = await live(FIRST);
    other = await live(SECOND);
  });
  afterAll(() => void vi.unstubAllGlobals());

  it("is counted step by step on the device that reads the meter, and found there again after a restart", () => {
    for (const [life, use] of [
      [one, FIRST],
      [other, SECOND],
    ] as const) {
      expect(life.bo.meters).toMatchObject([
        { label: LABEL, role: "consumption", state: "counting", generator: null, liveW: use.perSecond * 3_600 },
      ]);
      expect(life.boUse.map(([, mwh]) => mwh)).toEqual(Array.from({ length: 6 }, () => 10 * use.perSecond * WH));
      expect(life.bo.household).toMatchObject({ liveGridW: use.perSecond * 3_600, missingSteps: 0 });
      expect(life.bo.household?.useMwh).toBeGreaterThanOrEqual(50 * use.perSecond * WH);
      const { steps, useMwh, gridMwh, ownMwh, faceMwh, surplusMwh } = life.bo.household ?? {};
      expect(steps?.reduce((sum, step) => sum + step.useMwh, 0)).toBe(useMwh);
      expect((gridMwh ?? 0) + (ownMwh ?? 0)).toBe(useMwh);
      expect((gridMwh ?? 0) - (surplusMwh ?? 0)).toBe(faceMwh);
      expect(life.again.household?.useMwh).toBe(useMwh);
      expect(life.again.meters).toMatchObject([{ label: LABEL, role: "consumption" }]);
    }
    expect(one.ana.household).toMatchObject({ liveGridW: 3_600 });
    expect(one.ana.meters).toMatchObject([{ role: "generation", grid: { liveW: 3_600 } }]);
  });

  it("changes no byte of what leaves the devices: with other consumption every frame is the same", () => {
    expect(one.frames.length).toBeGreaterThan(100);
    expect(other.frames).toEqual(one.frames);
  });

  it("changes no row of any table but `home` and its spare, so no block, item or journal can hold it", async () => {
    for (const table of TABLES.filter((name) => name !== "home")) {
      for (const i of [0, 1] as const) {
        expect(await rowsOf(other.disks[i] as MemoryDisk, table), table).toEqual(
          await rowsOf(one.disks[i] as MemoryDisk, table),
        );
      }
    }
    for (const i of [0, 1] as const) {
      const [a, b] = [
        await rowsOf(one.disks[i] as MemoryDisk, "home"),
        await rowsOf(other.disks[i] as MemoryDisk, "home"),
      ];
      expect(a.length).toBeGreaterThan(1);
      expect(b).not.toEqual(a);
    }
  });

  it("stands in no message: neither its register, nor a step's energy, nor the meter's name, in any way of writing it", () => {
    const hexOf = (text: string): string => toHex(new TextEncoder().encode(text));
    const register = (FIRST.house + SECONDS) * WH;
    const secrets = [
      hexOf(LABEL),
      ...[FIRST.house * WH, register, FIRST.roof * WH, (FIRST.roof + SECONDS) * WH].map((n) => toHex(encode(uint, n))),
      ...[FIRST.house, FIRST.roof].map((n) => hexOf(String(n))),
    ];
    const all = one.frames.join(" ");
    expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);
    // The same search finds what is meant to be found: Ana's and the community's name travel between them.
    expect(all.includes(hexOf("Ana"))).toBe(true);
  });

  it("makes no generator: nothing is proposed, signed or agreed for a meter that only counts consumption", () => {
    expect(one.bo.generators).toHaveLength(1);
    expect(one.bo.generators[0]).toMatchObject({ mine: false });
    expect(one.bo.proposals.filter((p) => p.state === "open")).toEqual([]);
  });
});

describe("a meter for consumption", () => {
  it("may have no export register at all: a Linky in historique mode, of a household that only buys", async () => {
    const [serial, port] = [new VirtualSerial(), new VirtualPort(HOUSE)];
    serial.plug(port);
    vi.stubGlobal("navigator", { serial });
    const street = new Street(START);
    const house = await street.open();
    await found(house, "Rue du Soleil", "Ana");
    const linky: MeterSettings = { ...HOUSE_METER, protocol: "tic", baudRate: 1_200 };
    await house.get("pair-meter", linky);
    await street.until(2, 3_000);
    const frame = { mode: "historique", exportMwh: 0, powerExportW: 0, powerImportW: 3_600 } as const;
    for (let second = 0; second <= 30; second++) {
      port.send(encodeTic({ ...frame, importMwh: (9_000 + second) * WH, at: street.time.now }));
      await street.pass(1_000);
    }
    expect(house.view.meters).toMatchObject([
      { role: "consumption", state: "counting", registerMwh: 9_030 * WH, liveW: 3_600, refusedTelegrams: 0 },
    ]);
    expect(house.view.household?.useMwh).toBeGreaterThanOrEqual(20 * WH);
    await house.device.close();
    vi.unstubAllGlobals();
  });

  it("says so when its telegrams do not say what comes from the grid", async () => {
    const [serial, port] = [new VirtualSerial(), new VirtualPort(HOUSE)];
    serial.plug(port);
    vi.stubGlobal("navigator", { serial });
    const street = new Street(START);
    const house = await street.open();
    await found(house, "Rue du Soleil", "Ana");
    await house.get("pair-meter", { ...HOUSE_METER, protocol: "sml", baudRate: 9_600 });
    await street.until(2, 3_000);
    port.send(encodeSml({ exportMwh: 5_000, importMwh: null, powerW: -70 }));
    await street.pass(1_000);
    expect(house.view.meters).toMatchObject([
      { state: "listening", registerMwh: null, refusedTelegrams: 1, lastRefusal: "no-import-register" },
    ]);
    await house.device.close();
    vi.unstubAllGlobals();
  });

  it("needs no admission and no plate, is forgotten with its count, and what it counted stays", async () => {
    vi.stubGlobal("navigator", { serial: new VirtualSerial() });
    const street = new Street(START);
    const house = await street.open();
    await found(house, "Rue du Soleil", "Ana");
    const { id } = await house.get("pair-meter", HOUSE_METER);
    expect(house.view.meters).toMatchObject([{ id, state: "waiting-port", registered: "no", registerMwh: null }]);
    expect(await house.code("pair-meter", { ...HOUSE_METER, iMinMa: -1 })).toBe("meter-settings");
    expect(await house.code("pair-meter", { ...HOUSE_METER, label: "" })).toBe("name-empty");
    const { household } = house.device;
    for (let i = 0; i <= 30; i++) {
      household?.reading(id, (5_000 * i) as never, street.time.now, null);
      await street.pass(1_000);
    }
    const before = house.view.household?.useMwh ?? 0;
    expect(before).toBeGreaterThanOrEqual(2 * 50_000);
    await house.get("forget-meter", { id });
    expect(house.view.meters).toEqual([]);
    expect(house.view.household?.useMwh).toBe(before);
    const rows = await house.device.store.entries("home");
    expect(rows.map(([key]) => key.split("/")[0])).toEqual(["use"]);
    await house.get("leave", { confirm: "Rue du Soleil" });
    expect(await house.device.store.entries("home")).toEqual([]);
    vi.unstubAllGlobals();
  });
});
