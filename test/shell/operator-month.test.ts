/**
 * A month of a whole community to hand over: whatever parts it comes in, it is what the blocks say; what was made is given,
 * held back, waiting or lost; what this device does not keep is unknown; the files say the same as the screen.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { joinedParts, loadMonth } from "../../src/app/operator-data.ts";
import type { CommandKind, Commands } from "../../worker/port.ts";
import { endOf, startOf } from "../../worker/community/market-step.ts";
import type { LabCommunity } from "../../worker/lab/community.ts";
import { Lines } from "../../worker/node/lines.ts";
import type { Device } from "../../worker/shell/device.ts";
import { Books } from "../../worker/shell/books.ts";
import { runCommand } from "../../worker/shell/commands.ts";
import { openMemory } from "../../worker/storage/memory.ts";
import { settled, SMALL, writtenChain, type Written } from "../lab/synthetic.ts";

/** Seven days and a half, of which the first are on the disk only; fees, and now and then a step without a block. */
const PLAN = { ...SMALL, members: 3, founders: 3, changes: 0, auctionEvery: 90, steps: 720, feePpm: 10_000 };
let written: Written;
let lab: LabCommunity;
let device: Device;
const kwh = (text: string | undefined): number => Math.round(Number(text) * 1_000_000);

const answer = async <K extends CommandKind>(name: K, ask: Commands[K]["ask"]): Promise<Commands[K]["answer"]> => {
  const result = await runCommand(device, name, ask);
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
};
const contractOf = () => written.chain.signed.contract;
const whole = () => ({ from: startOf(contractOf(), 1), to: endOf(contractOf(), 720) });

beforeAll(async () => {
  written = writtenChain(PLAN);
  const { lab: made, time } = await settled(written, { holders: 1 });
  lab = made;
  const who = lab.inhabitant(0);
  const store = await openMemory({ disk: who.disk });
  device = {
    light: null,
    node: who.node,
    store,
    books: new Books(store),
    o: { clock: time.clock },
  } as unknown as Device;
}, 240_000);
afterAll(() => lab.stop(0));

/** What the blocks themselves say, apart from fees: they are paid later. */
const fromBlocks = (first: number, last: number) => {
  const roofs = new Map<number, number>();
  const members = new Map<number, number>();
  for (const { block } of written.nodes) {
    for (const { body } of block.txs) {
      if (!("step" in body) || body.step < first || body.step > last) continue;
      if (body.kind === "generation") roofs.set(body.generator, (roofs.get(body.generator) ?? 0) + body.to - body.from);
      if (body.kind === "distribution")
        for (const { member, mwh } of body.shares) members.set(member, (members.get(member) ?? 0) + mwh);
    }
  }
  return { roofs, members };
};
const sum = (amounts: Iterable<number>): number => [...amounts].reduce((a, b) => a + b, 0);

describe("a month", () => {
  it("is what the blocks say of each roof, and with its fees of all members; nothing is left over", async () => {
    const month = await loadMonth(answer, whole());
    const blocks = fromBlocks(1, 720);
    expect(new Map(month.roofs.map(({ generator, mwh }) => [generator, mwh]))).toEqual(blocks.roofs);
    expect(month.generatedMwh).toBe(sum(blocks.roofs.values()));
    const fees = month.generatedMwh - sum(blocks.members.values());
    expect(fees).toBeGreaterThan(0);
    expect(month.creditedMwh + month.heldBackMwh).toBe(sum(blocks.members.values()) + fees);
    for (const { member, mwh } of month.members)
      expect(mwh).toBeGreaterThanOrEqual(blocks.members.get(member) ?? Infinity);
    expect([month.lostMwh, month.waitingMwh, month.uneven]).toEqual([0, 0, 0]);
    expect(month.generatedMwh).toBe(month.creditedMwh + month.heldBackMwh);
  });
  it("says which of its steps have no block, what is final and what is closed", async () => {
    const month = await loadMonth(answer, whole());
    const steps = new Set(written.nodes.map(({ header }) => header.step as number));
    const without = Array.from({ length: 720 }, (_, i) => i + 1).filter((step) => !steps.has(step));
    expect(without.length).toBeGreaterThan(5);
    expect(
      month.gaps.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i)),
    ).toEqual(without);
    expect([month.steps, month.unknownSteps, month.missing]).toEqual([720, 0, without.length]);
    const final = written.certificate.header.step;
    expect(month.unfinalSteps).toBe(720 - final);
    expect(month.openSteps).toBe(720 - final + contractOf().lateWindow);
  });
  it("does not say of a step whose block is still to come that it has none", async () => {
    const { o } = device;
    const later = endOf(contractOf(), 722) + 1_000;
    Object.assign(device, { o: { clock: { ...o.clock, now: () => later } } });
    const before = await loadMonth(answer, whole());
    const month = await loadMonth(answer, { ...whole(), to: endOf(contractOf(), 800) });
    Object.assign(device, { o });
    expect([month.steps, month.unfinalSteps - before.unfinalSteps]).toEqual([722, 2]);
    expect([month.missing, month.gaps]).toEqual([before.missing, before.gaps]);
  });
  it("adds up from whatever parts it is asked in, as a whole and by days", async () => {
    const month = await loadMonth(answer, whole());
    let [generated, credited, missing] = [0, 0, 0];
    for (let from: number = whole().from; from < whole().to; from += 86_400_000) {
      const day = await loadMonth(answer, { from, to: Math.min(whole().to, from + 86_400_000) });
      generated += day.generatedMwh;
      credited += day.creditedMwh;
      missing += day.missing;
    }
    expect([generated, credited, missing]).toEqual([month.generatedMwh, month.creditedMwh, month.missing]);
    const late = await answer("operator-month", { ...whole(), page: 401 });
    expect([late.firstStep, late.lastStep, late.done, late.of]).toEqual([401, 720, 720, 720]);
    const early = await loadMonth(answer, { ...whole(), to: startOf(contractOf(), 401) });
    const { firstStep, gaps, roofs, members, generatedMwh } = { ...joinedParts(early, late), firstStep: 1 };
    expect({ firstStep, gaps, roofs, members, generatedMwh }).toEqual({
      firstStep: month.firstStep,
      gaps: month.gaps,
      roofs: month.roofs,
      members: month.members,
      generatedMwh: month.generatedMwh,
    });
  });
  it("goes on as far as it has got: a part knows how much of the whole is done", async () => {
    const shown: number[] = [];
    await loadMonth(answer, whole(), (part) => shown.push(part));
    expect(shown.at(-1)).toBe(1);
  });
  it("of before what this device keeps is unknown, not 0, and is not in the sums", async () => {
    const { core } = device.node ?? {};
    if (core === undefined) throw new Error("a node is open");
    const kept = core.summaries;
    try {
      Object.assign(core, { summaries: new Lines(kept.slice(300)) });
      const held = (kept.stepOf(300) ?? 0) + 1;
      const month = await loadMonth(answer, whole());
      expect([month.unknownSteps, month.steps]).toEqual([held - 1, 720 - held + 1]);
      expect(month.heldFrom).toBe(startOf(contractOf(), held));
      expect(month.generatedMwh).toBe(sum(fromBlocks(held, 720).roofs.values()));
      const nothing = await loadMonth(answer, { from: whole().from, to: whole().from + 86_400_000 });
      expect([nothing.steps, nothing.unknownSteps, nothing.generatedMwh]).toEqual([0, 96, 0]);
    } finally {
      Object.assign(core, { summaries: kept });
    }
  });
  it("asks that make no sense are refused, and a light device says what it keeps", async () => {
    const { from, to } = whole();
    const code = async (ask: object, on: Device = device): Promise<string> => {
      const result = await runCommand(on, "operator-month", { from, to, page: null, ...ask });
      return result.ok ? "ok" : result.error.code;
    };
    expect(await code({ to: from })).toBe("range-wrong");
    expect(await code({ to: from + 33 * 86_400_000 })).toBe("range-wrong");
    expect(await code({ page: Number.NaN })).toBe("range-wrong");
    expect(await code({}, { node: null, light: {} } as unknown as Device)).toBe("light-device");
    expect(await code({}, { node: null, light: null } as unknown as Device)).toBe("not-ready");
    // Of a time to come there is nothing yet.
    const ahead = await answer("operator-month", { from: to + 86_400_000, to: to + 2 * 86_400_000, page: null });
    expect([ahead.of, ahead.steps, ahead.next, ahead.missing]).toEqual([0, 0, null, 0]);
  });
});

describe("its files", () => {
  it("the overview has a line a roof and member, and sums that agree with the screen", async () => {
    const month = await loadMonth(answer, whole());
    const { csv, next } = await answer("operator-file", {
      ...whole(),
      what: "month",
      zone: "Europe/Brussels",
      page: null,
    });
    expect(next).toBeNull();
    const rows = csv
      .trimEnd()
      .split("\r\n")
      .slice(1)
      .map((line) => line.split(","));
    const of = (kind: string) => rows.filter((row) => row[0] === kind);
    expect(of("roof").map((row) => [Number(row[1]), kwh(row[4])])).toEqual(
      month.roofs.map(({ generator, mwh }) => [generator, mwh]),
    );
    expect(of("member").map((row) => [Number(row[1]), kwh(row[4])])).toEqual(
      month.members.map(({ member, mwh }) => [member, mwh]),
    );
    for (const row of of("member")) expect(row[3]).toMatch(/^[0-9a-f]{64}$/);
    const sums = ["generated", "credited", "fees_held_back", "not_yet_shared", "grid_losses"].map((kind) =>
      kwh(of(kind)[0]?.[4]),
    );
    expect(sums[0]).toBe(sum(sums.slice(1)));
    expect(rows.every((row) => row[7] === "provisional" && /\+0[12]:00$/.test(row[5] ?? ""))).toBe(true);
  });
  it("that of all steps has each share once, in pages that go on where the last one ended", async () => {
    const ask = { ...whole(), what: "steps", zone: "UTC" } as const;
    const one = await answer("operator-file", { ...ask, page: null });
    const [early, late] = [
      await answer("operator-file", { ...ask, to: startOf(contractOf(), 401), page: null }),
      await answer("operator-file", { ...ask, page: 401 }),
    ];
    expect(one.csv).toBe(early.csv + late.csv);
    const month = await loadMonth(answer, whole());
    const shares = one.csv.trimEnd().split("\n").slice(1);
    expect(sum(shares.map((line) => Number(line.split(",")[3])))).toBe(month.creditedMwh);
    expect(shares[0]).toMatch(/^20\d\d-.*Z,20\d\d-.*Z,#\d+ [0-9a-f]{6},\d+$/);
  });
});

describe("a proof", () => {
  it("can be saved for any member, and of nobody who is none", async () => {
    const { final } = device.node?.core.chain ?? {};
    const to = (final?.header.step ?? 0) - 1;
    const { name } = await answer("make-bundle", { from: to - 40, to, member: 2 });
    expect(name).toBe(`synthetic-street-member-2-${to - 40}-${to}.cwproof`);
    const code = await runCommand(device, "make-bundle", { from: to - 40, to, member: 99 });
    expect(!code.ok && code.error.code).toBe("member-unknown");
  });
});
