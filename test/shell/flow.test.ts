/**
 * Two neighbours from nothing to shared energy, on two devices (PROTOCOL.md §2): found, invite, join, admit, pair, share;
 * and every figure on a screen is the chain's own.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { toHex } from "../../worker/base/bytes.ts";
import { key } from "../../worker/ledger/rows.ts";
import { stateRoot } from "../../worker/ledger/state.ts";
import { createMemoryDisk } from "../../worker/storage/memory.ts";
import { VirtualSerial } from "../../worker/metering/sources/virtual-port.ts";
import { BASE, found, METER, Street, words, type House } from "./street.ts";

const WH = 1_000;
const disks = { ana: createMemoryDisk(), bo: createMemoryDisk() };
let street: Street;
let ana: House;
let bo: House;
let meter: string;

const coreOf = (house: House) => {
  const { node } = house.device;
  if (node === null) throw new Error("the house has a node");
  return node.core;
};
const chainOf = (house: House) => coreOf(house).chain;

describe("two neighbours", () => {
  beforeAll(async () => {
    // A browser with Web Serial and no port granted: readings come from the tests.
    vi.stubGlobal("navigator", { serial: new VirtualSerial() });
    street = new Street();
    ana = await street.open(disks.ana);
    bo = await street.open(disks.bo);
  });

  afterAll(() => void vi.unstubAllGlobals());

  it("one founds a community, and its chain begins", async () => {
    await found(ana, "Rue du Soleil", "Ana");
    await street.until(2, 3_000);
    expect(ana.view).toMatchObject({ phase: "member", problem: null, head: { step: 2 }, final: { step: 2 } });
    expect(ana.view.blocks.map((b) => [b.step, b.stage, b.miner])).toEqual([
      [2, "final", "Ana"],
      [1, "final", "Ana"],
    ]);
  });

  it("the other opens the invitation and waits; the first is told what to do", async () => {
    const { link } = await ana.get("invite", { base: BASE });
    await bo.get("join", { link, memberName: "Bo", words: await words(bo) });
    await street.until(3, 3_000);
    expect(bo.view).toMatchObject({ phase: "waiting-admission", me: { index: null, name: "Bo" }, problem: null });
    expect(bo.view.head?.hash).toBe(ana.view.head?.hash);
    expect(bo.view.peers.map((p) => p.name)).toEqual(["Ana"]);
    expect(await bo.code("invite", { base: BASE })).toBe("not-a-member");
    expect(await bo.code("pair-meter", METER)).toBe("not-a-member");
    expect(ana.view.applicants).toMatchObject([{ name: "Bo", proposed: false }]);
    expect(ana.view.problem).toEqual({ code: "applicant-waiting", severity: "task", data: { name: "Bo" } });
  });

  it("admitted, it is a member from the step that the chain says, and both say so", async () => {
    const { key: applicant } = ana.view.applicants[0] ?? { key: "" };
    await ana.get("admit", { key: applicant, weight: 3, replaces: null });
    expect(ana.view.applicants).toMatchObject([{ proposed: true }]);
    expect(ana.view.problem).toBeNull();
    await street.until(4, 3_000);
    expect(ana.view.proposals).toMatchObject([
      {
        state: "adopted",
        yes: 1,
        needed: 1,
        mine: "yes",
        fromStep: 5,
        what: { kind: "member", name: "Bo", weight: 3 },
      },
    ]);
    await street.until(6, 3_000);
    expect(bo.view).toMatchObject({ phase: "member", me: { index: 1, name: "Bo" } });
    for (const house of [ana, bo]) {
      expect(house.view.members.map((m) => [m.name, m.weight, m.online])).toEqual([
        ["Ana", 1, true],
        ["Bo", 3, true],
      ]);
      expect([house.view.applicants, house.view.proposals]).toEqual([[], []]);
    }
    await street.until(8, 3_000);
    expect(chainOf(ana).finality.members).toEqual([0, 1]);
    expect(ana.view.final).toEqual(bo.view.final);
    expect(ana.view.final?.step).toBeGreaterThanOrEqual(7);
  });

  it("a meter that one pairs is a ballot for the other, and counts when it is in force", async () => {
    meter = (await ana.get("pair-meter", METER)).id;
    expect(ana.view.meters).toMatchObject([{ id: meter, label: "Roof", registered: "proposed", generator: null }]);
    await street.until(9, 3_000);
    expect(bo.view.problem).toEqual({ code: "ballot-waiting", severity: "task", data: { count: 1 } });
    const [proposal] = bo.view.proposals;
    expect(proposal).toMatchObject({
      by: "Ana",
      yes: 1,
      needed: 2,
      mine: null,
      what: { kind: "generator", owner: "Ana" },
    });
    await bo.get("vote", { proposal: proposal?.id ?? "", yes: true });
    expect(bo.view).toMatchObject({ problem: null, proposals: [{ mine: "yes" }] });
    await street.until(12);
    expect(ana.view.meters).toMatchObject([{ registered: "yes", generator: 0 }]);
    expect(bo.view.generators).toMatchObject([{ index: 0, owner: 0, mine: false, registerMwh: 0, pMaxW: 5_000 }]);
  });

  it("what it generates is shared by weight, and both screens show the same figures as the chain", async () => {
    for (let ms = 0; ms <= 40_000; ms += 2_500) {
      street.reading(ana, meter, 7_000 * WH + (ms / 2_500) * WH);
      if (ms < 40_000) await street.pass(2_500);
    }
    await street.pass(3_000);
    const generated = 16 * WH;
    for (const house of [ana, bo]) {
      const { view } = house;
      const { state } = chainOf(house);
      expect(view.todayGeneratedMwh).toBe(generated);
      expect(state.get("totals", "")?.generated).toBe(generated);
      expect(view.totalMineMwh).toBe(state.get("member", key(view.me?.index ?? -1))?.meter);
      expect(view.members.map((m) => m.creditedMwh)).toEqual([generated / 4, (3 * generated) / 4]);
      expect(view.members.map((m) => m.todayMwh)).toEqual(view.members.map((m) => m.creditedMwh));
      expect(view.generators).toMatchObject([{ registerMwh: generated, todayMwh: generated }]);
      const mine = view.me?.index === 0 ? 1 : 3;
      expect(view.todayMineMwh).toBe((generated / 4) * mine);
      const booked = view.today.filter((s) => s.stage === "final" && s.generatedMwh > 0);
      expect(booked.map((s) => [s.generatedMwh, s.mineMwh])).toEqual(
        Array.from({ length: 4 }, () => [4 * WH, mine * WH]),
      );
    }
    expect(ana.view.head).toEqual(bo.view.head);
    expect(toHex(stateRoot(chainOf(ana).state))).toBe(toHex(stateRoot(chainOf(bo).state)));
  });

  it("a step in full adds up, and each of its transactions is proved against the block, on either device", async () => {
    const step = ana.view.today.find((s) => s.generatedMwh > 0)?.step ?? 0;
    for (const house of [ana, bo]) {
      const detail = await house.get("step-detail", { step });
      expect(detail).toMatchObject({ step, stage: "final", closed: false, block: { step, gapBefore: false } });
      expect(detail.shares.map((s) => [s.member, s.mwh, s.me])).toEqual([
        ["Ana", WH, house === ana],
        ["Bo", 3 * WH, house === bo],
      ]);
      expect(detail.generators.map((g) => g.mwh)).toEqual([4 * WH]);
      expect(detail.transactions.map((t) => t.kind)).toEqual(
        expect.arrayContaining(["generation", "transfer", "distribution", "candidacy", "winner"]),
      );
      expect(detail.transactions.filter((t) => t.mwh !== null).map((t) => t.mwh)).toEqual([4 * WH, 4 * WH, 4 * WH]);
      expect(detail.candidates.map((c) => c.rank)).toEqual([0, 1]);
      for (const { id } of detail.transactions) {
        const proof = await house.get("check-proof", { step, transaction: id });
        expect(proof).toMatchObject({ ok: true, signature: "valid", headerSignature: "valid", transaction: { id } });
        expect(proof.path.length).toBeGreaterThan(0);
      }
      expect(await house.code("check-proof", { step: step + 1, transaction: detail.transactions[0]?.id ?? "" })).toBe(
        "transaction-unknown",
      );
    }
  });

  it("closed and opened again, a device shows at once what it knew, and goes on", async () => {
    const before = bo.view;
    await bo.device.close();
    bo = await street.open(disks.bo);
    expect(bo.view).toMatchObject({ phase: "member", me: before.me, head: before.head, final: before.final });
    expect(bo.view.totalMineMwh).toBe(before.totalMineMwh);
    expect(bo.view.verifiedAt).toBe(before.verifiedAt);
    // It has heard no meter since, and the roof makes nothing now: what the chain counted says enough.
    const lastHeard = before.today.findLast(({ generatedMwh }) => generatedMwh > 0)?.end;
    expect(bo.view.generators).toMatchObject([{ standing: "counting", liveW: null, lastHeard }]);
    await street.pass(20_000);
    expect(bo.view.head).toEqual(ana.view.head);
    expect(bo.view.final?.step ?? 0).toBeGreaterThan(before.head?.step ?? 0);
    expect(bo.view.problem).toBeNull();
  });

  it("a meter is forgotten on this device and stays a generator of the chain; its key is never used again", async () => {
    expect((await ana.get("forget-meter", { id: meter })) && ana.view.meters).toEqual([]);
    expect(ana.view.generators).toHaveLength(1);
    const { id } = await ana.get("pair-meter", { ...METER, label: "Shed" });
    const numbers = [...coreOf(ana).desk.meters.values()].map((m) => [m.id, m.keyNumber]);
    expect(numbers).toEqual([[id, 1]]);
  });

  it("without a neighbour a device says so after a while, and never that all is right", async () => {
    await ana.device.close();
    await street.pass(25_000);
    expect(bo.view.problem).toMatchObject({ code: "no-neighbour", severity: "task" });
    bo.device.presence(true, false);
    expect(bo.view.problem).toEqual({ code: "offline", severity: "info" });
  });
});
