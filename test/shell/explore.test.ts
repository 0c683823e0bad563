/**
 * Looking around in a chain that real devices wrote: pages meet without a gap, every search finds what is there and says what
 * is not kept, and the week adds up to the book; fees are those that the blocks' own entries leave over.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { mwh } from "../../worker/base/units.ts";
import { VirtualSerial } from "../../worker/metering/sources/virtual-port.ts";
import { Lines } from "../../worker/node/lines.ts";
import type { Found } from "../../worker/port-explore.ts";
import { boundOf } from "../../worker/shell/week.ts";
import { BASE, found, METER, START, Street, words, type House } from "./street.ts";

const WH = 1_000;
const street = new Street();
let ana: House;
let bo: House;
const coreOf = (house: House) => {
  const { node } = house.device;
  if (node === null) throw new Error("the house has a node");
  return node.core;
};
const nextStep = async (steps = 1): Promise<void> => {
  await street.until(coreOf(ana).chain.head.header.step + steps + 1, 3_000);
};
const decide = async (): Promise<void> => {
  await nextStep();
  const proposal = bo.view.proposals.find((one) => one.state === "open")?.id ?? "";
  await bo.get("vote", { proposal, yes: true });
  await nextStep(3);
};
let sun = 5_000;
const shine = async (meter: string): Promise<void> => {
  for (let at = 0; at <= 8; at++) {
    street.reading(ana, meter, mwh(sun * WH));
    sun += 3;
    await street.pass(2_500);
  }
};

beforeAll(async () => {
  vi.stubGlobal("navigator", { serial: new VirtualSerial() });
  ana = await street.open();
  bo = await street.open();
  await found(ana, "Rue du Soleil", "Ana");
  await street.until(2, 3_000);
  const { link } = await ana.get("invite", { base: BASE });
  await bo.get("join", { link, memberName: "Bo", words: await words(bo) });
  await nextStep();
  await ana.get("admit", { key: ana.view.applicants[0]?.key ?? "", weight: 1, replaces: null });
  await nextStep(4);
  const meter = (await ana.get("pair-meter", METER)).id;
  await decide();
  await shine(meter);
  await ana.get("propose", { action: { kind: "parameters", changes: { feePpm: 100_000 } } });
  await decide();
  await shine(meter);
  await nextStep(3);
}, 240_000);
afterAll(() => void vi.unstubAllGlobals());

describe("the chain in pages", () => {
  it("meets itself without a gap and without a block twice, down to the first", async () => {
    const heights: number[] = [];
    let below: number | null = null;
    do {
      const page: Awaited<ReturnType<typeof page_>> = await page_(below);
      heights.push(...page.blocks.map((block) => block.height));
      below = page.next;
      expect(page).toMatchObject({ began: false, firstStep: coreOf(ana).summaries.stepOf(1) });
    } while (below !== null);
    const { height } = coreOf(ana).chain.head.header;
    expect(heights).toEqual(Array.from({ length: height }, (_, at) => height - at));
    expect(heights.length).toBeGreaterThan(14);
  });
  const page_ = (below: number | null) => ana.get("chain-page", { below, count: 7 });
  it("refuses what is no height", async () => {
    expect(await ana.code("chain-page", { below: 0.5, count: 7 })).toBe("step-unknown");
  });
});

describe("a search", () => {
  it("by step and by time finds the same block, and says so of a step without one", async () => {
    const { header } = coreOf(ana).chain.head;
    const step = header.step - 7;
    const byStep = await ana.get("find-steps", { kind: "step", step });
    const byTime = await ana.get("find-steps", { kind: "time", at: START + step * 10_000 - 4_000 });
    expect(byTime).toEqual(byStep);
    expect(byStep.found).toMatchObject([{ step, why: "asked", block: { step } }]);
    expect((await ana.get("find-steps", { kind: "step", step: header.step + 1 })).found).toMatchObject([
      { step: header.step + 1, block: null },
    ]);
    expect(await ana.code("find-steps", { kind: "step", step: 0 })).toBe("step-unknown");
    expect(await ana.code("find-steps", { kind: "step", step: header.step + 1_000 })).toBe("step-unknown");
    expect(await ana.code("find-steps", { kind: "time", at: START - 900_000 })).toBe("time-outside");
  });

  it("by member finds each block it wrote, newest first, page after page", async () => {
    const wrote = coreOf(ana)
      .summaries.slice(1)
      .filter((line) => line.miner === 1)
      .map((line) => line.step)
      .toReversed();
    const steps: number[] = [];
    let below: number | null = null;
    do {
      const page: { found: readonly Found[]; next: number | null } = await ana.get("find-steps", {
        kind: "member",
        member: 1,
        below,
      });
      steps.push(...page.found.filter((one) => one.why === "wrote").map((one) => one.step));
      below = page.next;
    } while (below !== null);
    expect(steps).toEqual(wrote);
    expect(steps.length).toBeGreaterThan(0);
    expect(await ana.code("find-steps", { kind: "member", member: 9, below: null })).toBe("member-unknown");
  });

  it("by the first digits finds an entry and its step, and the block whose hash begins so", async () => {
    const { head } = coreOf(ana).chain;
    const detail = await ana.get("step-detail", { step: head.header.step - 3 });
    const [entry] = detail.transactions;
    if (entry === undefined || detail.block === null) throw new Error("that step has entries");
    const byEntry = await ana.get("find-steps", { kind: "hash", prefix: entry.id.slice(0, 12), below: null });
    expect(byEntry.found).toMatchObject([{ step: detail.step, why: "entry", transaction: { id: entry.id } }]);
    const byBlock = await ana.get("find-steps", { kind: "hash", prefix: detail.block.hash.toUpperCase(), below: null });
    expect(byBlock.found).toMatchObject([{ step: detail.step, why: "block", transaction: null }]);
    expect(await ana.code("find-steps", { kind: "hash", prefix: "abc", below: null })).toBe("hash-short");
    expect(await ana.code("find-steps", { kind: "hash", prefix: "wxyz", below: null })).toBe("hash-short");
  });

  it("says how many blocks' entries are not kept, and of what time it knows nothing", async () => {
    const core = coreOf(bo);
    const { summaries } = core;
    const { store } = bo.device;
    const line = summaries.get(5);
    if (line === undefined) throw new Error("there is a fifth block");
    const name = `body/${String(5).padStart(10, "0")}/${line.hash}`;
    const body = await store.get("chain", name);
    await store.commit([{ table: "chain", key: name, value: null }]);
    expect(await bo.get("find-steps", { kind: "hash", prefix: "0".repeat(64), below: 64 })).toMatchObject({
      found: [],
      bodiless: 1,
    });
    expect(await bo.get("step-detail", { step: line.step })).toMatchObject({
      kept: "line",
      block: { height: 5 },
      transactions: [],
    });
    await store.commit([{ table: "chain", key: name, value: body ?? null }]);
    // As a device that began with a snapshot: its first line is that of the twentieth block.
    Object.assign(core, { summaries: new Lines(summaries.slice(20)) });
    try {
      const first = summaries.stepOf(20);
      expect(await bo.get("chain-page", { below: 24, count: 7 })).toMatchObject({
        next: null,
        firstStep: first,
        began: true,
      });
      expect(await bo.get("step-detail", { step: line.step })).toMatchObject({ kept: "nothing", block: null });
      expect((await bo.get("step-detail", { step: core.chain.head.header.step })).kept).toBe("all");
    } finally {
      Object.assign(core, { summaries });
    }
  });
});

describe("a step of long ago", () => {
  it("names its candidates as the block does", async () => {
    const { step } = coreOf(ana).chain.head.header;
    const { candidates, ranking } = await ana.get("step-detail", { step });
    expect(ranking).toEqual(candidates.map((one) => one.name));
  });
});

describe("the week of a community", () => {
  it("adds up to the book, with the parts of each kWh by the rule in force", async () => {
    const week = await ana.get("community-week", {});
    expect(week.generatedMwh).toBe(ana.view.todayGeneratedMwh);
    expect(week.members.map((one) => one.mwh)).toEqual(ana.view.members.map((one) => one.todayMwh));
    expect(week).toMatchObject({ feePpm: 100_000, lossPpm: 0 });
    expect(week.members.map((one) => one.partPpm)).toEqual([450_000, 450_000]);
    const blocks = week.members.reduce((sum, one) => sum + one.blocks, 0);
    expect(blocks).toBe(coreOf(ana).chain.head.header.height);
  });
  it("says what the meter counted, in how many steps, and how fine it is", async () => {
    const { generators } = await ana.get("community-week", {});
    // Between the two sunny times nobody read the meter: the step in which it was read again is an estimate.
    expect(generators).toMatchObject([{ index: 0, estimated: 1, mwh: ana.view.todayGeneratedMwh }]);
    expect(generators[0]?.steps).toBeGreaterThan(1);
  });
  it("has the fee of each distribution since it is agreed, earned by writers and paid by all", async () => {
    const week = await ana.get("community-week", {});
    const sum = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0);
    expect(week.feesMwh).toBeGreaterThan(0);
    expect(sum(week.members.map((one) => one.earnedMwh))).toBe(week.feesMwh);
    expect(Math.abs(sum(week.members.map((one) => one.paidMwh)) - (week.feesMwh ?? 0))).toBeLessThan(20);
    // What was generated is divided, held back as a fee, or paid out of one already.
    const held = coreOf(ana)
      .chain.state.scan("reward")
      .reduce((all, [, row]) => all + row.mwh, 0);
    expect(sum(week.members.map((one) => one.mwh)) + held).toBe(week.generatedMwh);
  });
  it("holds a register's step to less than P_min times MPE", () => {
    // 57.5 W for a quarter of an hour are 14.375 Wh, of which two per cent are 287.5 mWh.
    expect(boundOf({ pMinW: 57.5 * 2, mpePpm: 10_000 }, 900_000)).toBe(287);
    expect(boundOf({ pMinW: 100, mpePpm: 20_000 }, 900_000)).toBe(499);
    expect(boundOf({ pMinW: 0, mpePpm: 20_000 }, 900_000)).toBe(0);
  });
});
