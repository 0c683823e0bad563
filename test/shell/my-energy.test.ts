/**
 * A member's energy over any time: whatever it is cut into, it adds up to the book; days have 92 and 100 quarter-hours when
 * the clocks change; what this device does not keep is unknown; what its own meters counted is beside it step by step.
 */
import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { loadEnergy, loadFile, totalOf } from "../../src/app/energy-data.ts";
import { encode } from "../../worker/base/codec.ts";
import { codecOf, type BookRow } from "../../worker/ledger/rows.ts";
import { VirtualSerial } from "../../worker/metering/sources/virtual-port.ts";
import type { EnergyAsk } from "../../worker/port-energy.ts";
import { bookKey } from "../../worker/node/disk.ts";
import { Lines } from "../../worker/node/lines.ts";
import { myEnergy, myEnergyFile } from "../../worker/shell/my-energy.ts";
import { dayBegins } from "../../worker/settlement/periods.ts";
import { zoneOf } from "../../worker/settlement/zone.ts";
import { createMemoryDisk, type MemoryDisk } from "../../worker/storage/memory.ts";
import { found, METER, START, Street, words, type House } from "./street.ts";

const WH = 1_000;
const QUARTER = 900_000;
const DAY = 86_400_000;
const ZONE = "Europe/Brussels";
const brussels = zoneOf(ZONE);
if (!brussels.ok) throw new Error(brussels.error.message);
const midnight = (year: number, month: number, day: number): number =>
  dayBegins(year, month - 1, day, brussels.ok ? brussels.value : () => 0);

const bookOf = (generatedMwh: number, mineMwh: number): BookRow =>
  ({
    generated: [{ generator: 0, mwh: generatedMwh, at: START, estimated: false }],
    shares: [
      { member: 0, mwh: mineMwh },
      { member: 1, mwh: generatedMwh - mineMwh },
    ],
  }) as unknown as BookRow;
const write = (disk: MemoryDisk, step: number, row: BookRow): void =>
  disk.tables.get("chain")?.put(bookKey(step, 1), encode(codecOf("book"), row));

const loaded = (house: House, ask: Omit<EnergyAsk, "page" | "zone">) =>
  loadEnergy((name, what) => house.get(name, what), { ...ask, zone: ZONE });

let stop: () => Promise<void> = async () => undefined;
afterEach(async () => {
  await stop();
  stop = async () => undefined;
  vi.unstubAllGlobals();
});

/** A community that was founded at a moment, opened again long after it with what the disk has by then. */
const founded = async (preset: "paper" | "fast", from: number): Promise<MemoryDisk> => {
  const disk = createMemoryDisk();
  const house = await new Street(from).open(disk);
  const ask = { communityName: "Rue du Soleil", memberName: "Ana", preset, quorum: "majority" } as const;
  await house.get("create", { ...ask, words: await words(house) });
  await house.device.close();
  return disk;
};
const later = async (disk: MemoryDisk, now: number): Promise<House> => {
  const house = await new Street(now).open(disk);
  stop = () => house.device.close();
  return house;
};

describe("a year of quarter-hours", () => {
  const [from, to] = [midnight(2026, 1, 1), midnight(2027, 1, 1)];
  let disk: MemoryDisk;
  let steps: { readonly start: number; readonly generatedMwh: number; readonly mineMwh: number }[] = [];
  beforeAll(async () => {
    disk = await founded("paper", from);
    const count = (to - from) / QUARTER;
    const made = fc.sample(fc.integer({ min: 0, max: 3_000_000 }), { numRuns: count, seed: 6 });
    steps = made.map((generatedMwh, i) => {
      // Half of the steps are at night: nothing was booked to them.
      const isDark = generatedMwh < 1_500_000;
      const sums = isDark ? { generatedMwh: 0, mineMwh: 0 } : { generatedMwh, mineMwh: generatedMwh >> 2 };
      if (!isDark) write(disk, i + 1, bookOf(sums.generatedMwh, sums.mineMwh));
      return { start: from + i * QUARTER, ...sums };
    });
  });
  const sumBetween = (begin: number, end: number): { generatedMwh: number; mineMwh: number } =>
    steps
      .filter(({ start }) => start >= begin && start < end)
      .reduce((a, b) => ({ generatedMwh: a.generatedMwh + b.generatedMwh, mineMwh: a.mineMwh + b.mineMwh }), {
        generatedMwh: 0,
        mineMwh: 0,
      });

  it("adds up to the same, to the milliwatt-hour, in steps, days and months, and as a whole", async () => {
    const house = await later(disk, to + DAY);
    const [days, months] = [
      await loaded(house, { from, to, by: "day" }),
      await loaded(house, { from, to, by: "month" }),
    ];
    expect([days.bars.length, months.bars.length]).toEqual([365, 12]);
    for (const bars of [days.bars, months.bars]) {
      expect(totalOf(bars)).toMatchObject({ ...sumBetween(from, to), steps: 35_040, unknownSteps: 0, use: null });
      for (const bar of bars) expect(bar).toMatchObject(sumBetween(bar.from, bar.to));
    }
    for (const [i, month] of months.bars.entries()) expect(month.from).toBe(midnight(2026, i + 1, 1));
  });

  it.each([
    ["March, when an hour is skipped", midnight(2026, 3, 29), midnight(2026, 3, 30), 92],
    ["October, when one comes twice", midnight(2026, 10, 25), midnight(2026, 10, 26), 100],
  ])("has the day in %s, whole, with each of its quarter-hours", async (_, begin, end, quarters) => {
    const house = await later(disk, to + DAY);
    const { bars } = await loaded(house, { from: begin, to: end, by: "quarter" });
    expect(bars).toHaveLength(quarters);
    expect(totalOf(bars)).toMatchObject({ ...sumBetween(begin, end), steps: quarters });
    const [day] = (await loaded(house, { from: begin, to: end, by: "day" })).bars;
    expect(day).toMatchObject({ from: begin, to: end, ...sumBetween(begin, end) });
    const csv = await loadFile((name, ask) => house.get(name, ask), { from: begin, to: end, zone: ZONE });
    const lines = csv.trimEnd().split("\r\n").slice(1);
    expect(new Set(lines.map((line) => line.split(",")[0])).size).toBe(quarters);
    // No block of this chain closes these steps: nothing is said of their energy.
    expect(lines.every((line) => line.includes(",open,,"))).toBe(true);
  });

  it("any part of it that begins and ends anywhere is the sum of the steps that begin in it", async () => {
    const house = await later(disk, to + DAY);
    const anytime = fc.integer({ min: from - DAY, max: to });
    const part = fc.record({ at: anytime, ms: fc.integer({ min: 1, max: 40 * DAY }) });
    await fc.assert(
      fc.asyncProperty(part, fc.constantFrom("quarter", "day", "month"), async ({ at, ms }, by) => {
        const end = at + Math.min(ms, by === "quarter" ? 9 * DAY : ms);
        const { bars } = await loaded(house, { from: at, to: end, by });
        expect(totalOf(bars)).toMatchObject(sumBetween(at, end));
      }),
      { numRuns: 25 },
    );
  });

  it("of before what this device keeps is unknown, not 0, and is not in the sums", async () => {
    const house = await later(disk, to + DAY);
    const { core } = house.device.node ?? {};
    if (core === undefined) throw new Error("a node is open");
    const held = midnight(2026, 3, 10) + 3_600_000;
    // As a device that came later: its first block is that of the step which ended then.
    const [genesis, ...rest] = core.summaries.slice(0);
    if (genesis === undefined) throw new Error("a chain has a first block");
    Object.assign(core, { summaries: new Lines([{ ...genesis, step: (held - from) / QUARTER }, ...rest]) });
    const { bars, heldFrom } = await loaded(house, { from, to, by: "month" });
    expect(heldFrom).toBe(held);
    expect(bars[1]).toMatchObject({ generatedMwh: 0, steps: 0, unknownSteps: 28 * 96 });
    expect(bars[2]).toMatchObject({ ...sumBetween(held, midnight(2026, 4, 1)), unknownSteps: 9 * 96 + 4 });
    const ask = { from: midnight(2026, 3, 10), to: midnight(2026, 3, 11), zone: ZONE };
    const file = await loadFile((name, what) => house.get(name, what), ask);
    expect(file.split("\r\n").filter((line) => line.includes(",unknown,,,,,,,,"))).toHaveLength(4);
  });

  it("asks that make no sense are refused", async () => {
    const house = await later(disk, to + DAY);
    const ask = { from, to, by: "day", zone: ZONE, page: null } as const;
    expect(await house.code("my-energy", { ...ask, to: from })).toBe("range-wrong");
    expect(await house.code("my-energy", { ...ask, to: from + 401 * DAY })).toBe("range-wrong");
    expect(await house.code("my-energy", { ...ask, by: "quarter" })).toBe("range-wrong");
    expect(await house.code("my-energy", { ...ask, from: Number.NaN })).toBe("range-wrong");
    expect(await house.code("my-energy-file", { ...ask, zone: "Mars/Olympus" })).toBe("zone-unknown");
    expect(await house.code("my-registers", { at: [2, 1] })).toBe("range-wrong");
  });
});

describe("a community of ten-second steps", () => {
  it("answers in pages that end within a bar, and joined they are whole", async () => {
    const disk = await founded("fast", START);
    for (let step = 1; step <= 60_000; step += 7) write(disk, step, bookOf(70, 7));
    const house = await later(disk, START + 7 * DAY);
    const ask = { from: START - DAY, to: START + 8 * DAY, by: "month", zone: ZONE } as const;
    const first = await house.get("my-energy", { ...ask, page: null });
    expect(first.next).not.toBeNull();
    const { bars, next } = await loaded(house, ask);
    expect(next).toBeNull();
    const count = Math.ceil(60_000 / 7);
    expect(totalOf(bars)).toMatchObject({ generatedMwh: 70 * count, mineMwh: 7 * count });
    expect(new Set(bars.map((bar) => bar.from)).size).toBe(bars.length);
    const days = await loaded(house, { ...ask, by: "day" });
    expect(totalOf(days.bars)).toEqual(totalOf(bars));
  });
});

describe("a light device", () => {
  it("adds up the credits it has proven; what is before them is unknown, and what is not final is open", async () => {
    const contract = { t0: START, stepMs: QUARTER, lateWindow: 2 };
    const credits = new Map([3, 4, 7].map((step) => [step, [{ total: 100 * step, mwh: 10 * step }]]));
    const state = {
      trust: { header: { step: 8 } },
      covered: { from: 3, height: 8, step: 8, meter: 0, sure: 3 },
      credits,
    };
    const clock = { now: () => START + 10 * QUARTER };
    const device = {
      light: { light: { signed: { contract }, state } },
      node: null,
      household: null,
      o: { clock },
    } as never;
    const ask = { from: START, to: START + DAY, by: "quarter", zone: ZONE, page: null } as const;
    const answer = await myEnergy(device, ask);
    if (!answer.ok) throw new Error(answer.error.code);
    const { bars, heldFrom } = answer.value;
    expect(heldFrom).toBe(START + 2 * QUARTER);
    expect(totalOf(bars)).toEqual({ generatedMwh: 1_400, mineMwh: 140, steps: 8, unknownSteps: 2, use: null });
    expect(bars.map(({ stage, closed }) => `${stage} ${closed}`).slice(5)).toEqual([
      "final true",
      "final false",
      "final false",
      "waiting false",
      "waiting false",
    ]);
    const file = await myEnergyFile(device, ask);
    expect(
      file.ok &&
        file.value.csv
          .trimEnd()
          .split("\r\n")
          .map((line) => line.split(",")[2]),
    ).toEqual([
      "status",
      "unknown",
      "unknown",
      "closed",
      "closed",
      "closed",
      "closed",
      "provisional",
      "provisional",
      "open",
      "open",
    ]);
  });
});

describe("a house with a roof and an own meter", () => {
  it("sees its share, its use and its registers as Home and the chain have them", async () => {
    vi.stubGlobal("navigator", { serial: new VirtualSerial() });
    const street = new Street();
    const house = await street.open();
    stop = () => house.device.close();
    await found(house, "Rue du Soleil", "Ana");
    const { id } = await house.get("pair-meter", METER);
    const kitchen = await house.get("pair-meter", { ...METER, label: "Kitchen", role: "consumption" });
    await street.until(4);
    for (let second = 0; second <= 80; second += 5) {
      street.reading(house, id, (5_000 + second) * WH);
      house.device.household?.reading(kitchen.id, ((900 + 2 * second) * WH) as never, street.time.now, null);
      await street.pass(5_000);
    }
    await house.device.household?.idle();
    await house.device.node?.runner.idle();
    const { view } = house;
    const [from, to] = [START - DAY, START + DAY];
    const { bars, usedFrom } = await loaded(house, { from, to, by: "day" });
    const total = totalOf(bars);
    expect(total.mineMwh).toBe(view.todayMineMwh);
    expect(total.mineMwh).toBe(view.totalMineMwh);
    expect(total.generatedMwh).toBe(view.todayGeneratedMwh);
    expect(total.mineMwh).toBeGreaterThan(0);
    const { useMwh, ownMwh, gridMwh, surplusMwh, faceMwh, missingSteps } = view.household ?? {};
    expect(total.use).toMatchObject({ useMwh, ownMwh, gridMwh, surplusMwh, faceMwh, missingSteps });
    expect(usedFrom).not.toBeNull();
    const quarters = await loaded(house, { from, to, by: "quarter" });
    expect(totalOf(quarters.bars)).toEqual(total);
    const { meters } = await house.get("my-registers", { at: [from, START, to] });
    expect(meters.map(({ kind, mwh }) => [kind, mwh])).toEqual([
      ["share", [0, 0, view.totalMineMwh]],
      ["roof", [0, 0, view.generators[0]?.registerMwh]],
    ]);
    const csv = await loadFile((name, ask) => house.get(name, ask), { from, to, zone: ZONE });
    const shares = csv
      .split("\r\n")
      .slice(1)
      .flatMap((line) => line.split(",")[4] ?? []);
    expect(shares.reduce((sum, kwh) => sum + Math.round(Number(kwh) * 1_000_000), 0)).toBe(total.mineMwh);
    expect(csv).toMatch(/,provisional,/);
    // The meter is read on, and no block comes: neither screen says that all of it was from the grid, nor does the file.
    house.device.node?.runner.stop();
    for (let second = 85; second <= 120; second += 5) {
      await street.pass(5_000);
      house.device.household?.reading(kitchen.id, ((900 + 2 * second) * WH) as never, street.time.now, null);
    }
    expect(house.device.household?.countedTo).toBeGreaterThan((house.view.head?.step ?? 0) + 1);
    const stalled = totalOf((await loaded(house, { from, to, by: "day" })).bars).use;
    const gridOf = async (): Promise<number> =>
      (await loadFile((name, ask) => house.get(name, ask), { from, to, zone: ZONE }))
        .split("\r\n")
        .slice(1)
        .reduce((sum, line) => sum + Math.round(Number(line.split(",")[7] ?? 0) * 1_000_000), 0);
    expect(stalled?.gridMwh).toBe(await gridOf());
    expect(house.view.household?.gridMwh).toBe(stalled?.gridMwh);
  });
});
