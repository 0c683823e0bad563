/**
 * A founder with a new phone (PROTOCOL.md §7.8): by the contract a member from the first block on, and the only one that
 * its new device knows. It comes back to the chain of the others and begins none of its own.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { VirtualSerial } from "../../worker/metering/sources/virtual-port.ts";
import { BASE, found, Street, words, type House } from "./street.ts";

const street = new Street();
const phrase: string[] = [];
let [ana, bo, cleo]: [House, House, House] = [] as never;
let back: House;
let link: string;

const coreOf = (house: House) => {
  const { node } = house.device;
  if (node === null) throw new Error("the house has a node");
  return node.core;
};
const steps = (of: House, more: number): Promise<void> => street.until(coreOf(of).chain.head.header.step + more, 3_000);
const toTheDoor = async (house: House, memberName: string): Promise<void> => {
  await house.get("join", { link, memberName, words: await words(house) });
};
const admitAll = async (by: readonly House[]): Promise<void> => {
  for (const { key, proposed } of by[0]?.view.applicants ?? [])
    if (!proposed) await by[0]?.get("admit", { key, weight: 1, replaces: null });
  await steps(by[0] as House, 1);
  for (const house of by)
    for (const { id, state, mine } of house.view.proposals)
      if (state === "open" && mine === null) await house.get("vote", { proposal: id, yes: true });
};

beforeAll(async () => {
  // A browser with Web Serial and no port granted.
  vi.stubGlobal("navigator", { serial: new VirtualSerial() });
  [ana, bo, cleo] = await Promise.all([street.open(), street.open(), street.open()]);
  await found(ana, "Rue du Soleil", "Ana");
  phrase.push(...(ana.device.identity?.words ?? []));
  await street.until(1, 3_000);
  ({ link } = await ana.get("invite", { base: BASE }));
  await Promise.all([toTheDoor(bo, "Bo"), toTheDoor(cleo, "Cleo")]);
  await steps(ana, 1);
  await admitAll([ana]);
  await steps(ana, 4);
  ({ link } = await bo.get("invite", { base: BASE }));
  await ana.device.close();
  await steps(bo, 4);
});
afterAll(() => void vi.unstubAllGlobals());

describe("a founder whose phone is gone", () => {
  it("is let in by those whom its new device does not know, and has their chain", async () => {
    expect(coreOf(bo).chain.finality.members).toEqual([0, 1, 2]);
    back = await street.open();
    await back.get("restore-words", { words: phrase, link, memberName: "Ana" });
    expect(back.view.phase).toBe("syncing");
    await steps(bo, 2);
    expect(back.view).toMatchObject({ phase: "member", me: { index: 0, name: "Ana" }, problem: null });
    expect(back.view.head?.hash).toBe(bo.view.head?.hash);
    expect(back.view.members).toHaveLength(3);
  });

  it("never began a chain of its own: its first block is that of the others", () => {
    const { summaries } = coreOf(back);
    const shown = back.views.flatMap(({ head }) => (head === null ? [] : [head.hash]));
    expect(shown.length).toBeGreaterThan(0);
    for (const hash of shown) expect(summaries.heightOf(hash as never)).toBeDefined();
  });

  it("alone it waits, and says that it has met nobody", async () => {
    const nobody = new Street();
    const lonely = await nobody.open();
    await lonely.get("restore-words", { words: phrase, link, memberName: "Ana" });
    await nobody.pass(120_000);
    expect(coreOf(lonely).chain.head.header.height).toBe(0);
    expect(lonely.view).toMatchObject({ phase: "syncing", problem: { code: "no-neighbour" } });
  });
});
