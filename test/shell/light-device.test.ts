/**
 * A device that keeps its own figures only (PROTOCOL.md §8.1), among real devices: it is asked to be light, follows the
 * community's final blocks, keeps what it had over a restart without anybody, and becomes full again where it left off.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { communityId, decodeContract } from "../../worker/community/contract.ts";
import { deriveAddress, MAIN_DEVICE } from "../../worker/network/address.ts";
import { key } from "../../worker/ledger/rows.ts";
import { VirtualSerial } from "../../worker/metering/sources/virtual-port.ts";
import { BOOK_ROW, loadBook } from "../../worker/shell/address-book.ts";
import { createMemoryDisk } from "../../worker/storage/memory.ts";
import { BASE, found, METER, Street, words, type House } from "./street.ts";

const WH = 1_000;
const street = new Street();
const disk = createMemoryDisk();
let ana: House;
let bo: House;
let cleo: House;
let dan: House;
let meter: string;
let counted = 5_000;

const coreOf = (house: House) => {
  const { node } = house.device;
  if (node === null) throw new Error("the house keeps everything");
  return node.core;
};
const stepsOn = async (steps: number): Promise<void> => {
  for (let at = 0; at < steps * 4; at++) {
    street.reading(ana, meter, (counted += 3) * WH);
    await street.pass(2_500);
  }
};
/** Where a device is found; it may be closed. */
const addressOf = ({ device }: House): string => {
  const signed = decodeContract(device.identity?.contract ?? new Uint8Array());
  if (!signed.ok || device.keys === null) throw new Error("the house has moved in");
  return deriveAddress(communityId(signed.value.contract), device.keys.memberKey, MAIN_DEVICE, 0);
};
const owned = (house: House): number => house.view.totalMineMwh;

beforeAll(async () => {
  vi.stubGlobal("navigator", { serial: new VirtualSerial() });
  [ana, bo, cleo, dan] = await Promise.all([street.open(), street.open(), street.open(), street.open(disk)]);
  await found(ana, "Rue du Soleil", "Ana");
  await street.until(1, 3_000);
  meter = (await ana.get("pair-meter", METER)).id;
  for (const [house, memberName] of [
    [bo, "Bo"],
    [cleo, "Cleo"],
    [dan, "Dan"],
  ] as const) {
    const { link } = await ana.get("invite", { base: BASE });
    await house.get("join", { link, memberName, words: await words(house) });
  }
  await stepsOn(2);
  for (const { key } of ana.view.applicants) await ana.get("admit", { key, weight: 1, replaces: null });
  await stepsOn(3);
  for (const house of [bo, cleo, dan])
    for (const p of house.view.proposals)
      if (p.state === "open") await house.ask("vote", { proposal: p.id, yes: true });
  await stepsOn(6);
}, 60_000);
afterAll(() => void vi.unstubAllGlobals());

describe("a device that was told to be light", () => {
  it("keeps everything as long as the others are no quorum, and says so", async () => {
    expect(coreOf(ana).chain.finality.members).toEqual([0, 1, 2, 3]);
    expect(dan.view.kind).toMatchObject({ now: "full", choice: "auto" });
    await stepsOn(1);
    await dan.get("set-kind", { choice: "light" });
    await stepsOn(2);
    expect(dan.view.kind).toEqual({ now: "light", choice: "light", reason: "chosen" });
    expect(dan.device.node).toBeNull();
  });

  it("goes on with its member's figures, proved, while the others make steps final without it", async () => {
    const before = owned(dan);
    await stepsOn(3);
    const { view } = dan;
    expect(view.phase).toBe("member");
    expect(view.problem).toBeNull();
    expect(owned(dan)).toBeGreaterThan(before);
    const place = view.me?.index ?? -1;
    expect(view.members).toHaveLength(1);
    const { tree, state, head, final } = coreOf(ana).chain;
    expect(owned(dan)).toBe(tree.viewAt(state, head, final).get("member", key(place))?.meter);
    expect(view.todayMineMwh).toBe(owned(dan));
    expect(view.final?.hash).toBe(coreOf(ana).chain.final.hash);
  });

  it("calls its neighbours by name, and states its register of any instant that it knows", async () => {
    const { view } = dan;
    expect(view.peers.map((p) => p.name).toSorted()).toEqual(["Ana", "Bo", "Cleo"]);
    expect(view.light).toMatchObject({ reaching: null, unjudgedMwh: 0, unjudgedSteps: 0, unjudgedToday: [] });
    expect(view.keep).toBeNull();
    const t0 = view.community?.t0 ?? 0;
    const { meters } = await dan.get("my-registers", { at: [t0, view.madeAt + 60_000] });
    expect(meters).toEqual([{ kind: "share", name: "Dan", key: view.me?.key, mwh: [0, owned(dan)] }]);
  });

  it("tells of each step of today which it could not judge by the rule of then", () => {
    const credits = dan.device.light?.light.state.credits as unknown as Map<number, readonly { mwh: number }[]>;
    const [[step, known] = [0, []]] = [...credits].slice(-1);
    credits.set(
      step,
      known.map((credit) => ({ ...credit, judged: false })),
    );
    const mwh = known.reduce((sum, credit) => sum + credit.mwh, 0);
    expect(dan.device.view().light).toMatchObject({ unjudgedMwh: mwh, unjudgedSteps: 1, unjudgedToday: [step] });
    credits.set(step, known);
  });

  it("goes back to an older time when it is asked to", async () => {
    await dan.get("reach-back", { from: dan.view.community?.t0 ?? 0 });
    await stepsOn(1);
    expect(dan.view.light).toMatchObject({ reaching: null, heldFrom: dan.view.community?.t0 });
    expect(await dan.code("reach-back", { from: 0.5 })).toBe("range-wrong");
  });

  it("refuses what only a full one can do, with the way there", async () => {
    expect(await dan.code("step-detail", { step: 3 })).toBe("light-device");
    expect(await dan.code("vote", { proposal: "00", yes: true })).toBe("light-device");
    expect(await dan.code("pair-meter", METER)).toBe("light-device");
    expect(await dan.code("set-budget", { bytes: null })).toBe("light-device");
  });

  it("opened again with nobody there it shows what it had", async () => {
    const before = dan.view;
    await dan.device.close();
    for (const house of [ana, bo, cleo]) street.hub.cut(addressOf(house), addressOf(dan));
    dan = await street.open(disk);
    const { view } = dan;
    expect(view.kind?.now).toBe("light");
    expect(view.peers).toEqual([]);
    expect(view.phase).toBe("member");
    expect([view.totalMineMwh, view.todayMineMwh, view.verifiedAt]).toEqual([
      before.totalMineMwh,
      before.todayMineMwh,
      before.verifiedAt,
    ]);
    for (const house of [ana, bo, cleo]) street.hub.heal(addressOf(house), addressOf(dan));
  });

  it("keeps where neighbours answered for its next start, and hands it to the node that takes its place", async () => {
    const bookOnDisk = async () => (await loadBook(dan.device.store)).map(({ key }) => key);
    const others = [ana, bo, cleo].map(({ device }) => device.keys?.memberKey);
    const tearOut = () => dan.device.store.commit([{ table: "settings", key: BOOK_ROW, value: null }]);
    await tearOut();
    await stepsOn(3);
    expect(others).toEqual(expect.arrayContaining(await bookOnDisk()));
    expect(await bookOnDisk()).not.toEqual([]);
    await tearOut();
    await dan.device.reopen([]);
    expect(await bookOnDisk()).not.toEqual([]);
  });

  it("becomes full again where it left off, votes as before, and has signed nothing twice", async () => {
    await dan.get("set-kind", { choice: "full" });
    await stepsOn(5);
    expect(dan.view.kind).toEqual({ now: "full", choice: "full", reason: "chosen" });
    expect(coreOf(dan).chain.final.hash).toBe(coreOf(ana).chain.final.hash);
    const place = dan.view.me?.index ?? -1;
    const row = coreOf(ana).chain.state.get("member", key(place));
    expect(row?.approved).toBeGreaterThanOrEqual((coreOf(ana).chain.head.header.step as number) - 2);
    expect(ana.view.members.every((m) => m.barredSince === null)).toBe(true);
  });

  it("keeps as many blocks as its member says, also after a restart", async () => {
    expect(dan.view.keep).toMatchObject({ budgetBytes: 256_000_000 });
    expect(dan.view.keep?.blocks).toBeGreaterThan(0);
    await dan.get("set-budget", { bytes: null });
    await stepsOn(1);
    expect(dan.view.keep?.budgetBytes).toBeNull();
    expect(await dan.code("set-budget", { bytes: -1 })).toBe("budget-wrong");
    await dan.device.close();
    dan = await street.open(disk);
    await stepsOn(1);
    expect(dan.view.keep?.budgetBytes).toBeNull();
  });

  it("with a meter paired stays full whatever is chosen", async () => {
    await ana.get("set-kind", { choice: "light" });
    await street.pass(6_000);
    expect(ana.view.kind).toEqual({ now: "full", choice: "light", reason: "meter" });
  });
});
