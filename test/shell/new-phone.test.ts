/**
 * A neighbour with a new phone, and one that leaves, on real devices (§II.C): decided by ballot, or by nobody but oneself.
 * The old phone is still switched on and goes on signing: nothing of that may hold the chain up.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Application } from "../../worker/node/messages.ts";
import { VirtualSerial } from "../../worker/metering/sources/virtual-port.ts";
import type { Store } from "../../worker/storage/store.ts";
import { checkProof } from "../../worker/shell/details.ts";
import { BASE, found, METER, Street, words, type House } from "./street.ts";

const WH = 1_000;
const street = new Street();
let ana: House;
let bo: House;
let cleo: House;
let dan: House;

const coreOf = (house: House) => {
  const { node } = house.device;
  if (node === null) throw new Error("the house has a node");
  return node.core;
};
const nextStep = async (steps = 1): Promise<void> => {
  const now = coreOf(ana).chain.head.header.step;
  await street.until(now + steps + 1, 3_000);
};
const memberOf = (index: number) => ana.view.members.find((m) => m.index === index);
/** Bo's, whatever device speaks for it. */
let place: number;
/** What Bo's first phone asked when it joined. */
let requestOfBo: Application;
const openBallot = (house: House) => house.view.proposals.find((p) => p.state === "open");
const atTheDoor = async (house: House, name: string): Promise<void> => {
  const { link } = await ana.get("invite", { base: BASE });
  await house.get("join", { link, memberName: name, words: await words(house) });
};
const admitAll = async (): Promise<void> => {
  for (const { key, proposed } of ana.view.applicants)
    if (!proposed) await ana.get("admit", { key, weight: 1, replaces: null });
};

beforeAll(async () => {
  // A browser with Web Serial and no port granted: readings come from the tests.
  vi.stubGlobal("navigator", { serial: new VirtualSerial() });
  [ana, bo, dan] = await Promise.all([street.open(), street.open(), street.open()]);
  await found(ana, "Rue du Soleil", "Ana");
  await street.until(1, 3_000);
  const meter = (await ana.get("pair-meter", METER)).id;
  await Promise.all([atTheDoor(bo, "Bo"), atTheDoor(dan, "Dan")]);
  await nextStep();
  [requestOfBo] = [...coreOf(ana).applications.values()].filter((a) => a.name === "Bo") as [Application];
  await admitAll();
  await nextStep(3);
  for (let at = 0; at <= 8; at++) {
    street.reading(ana, meter, (5_000 + at * 3) * WH);
    await street.pass(2_500);
  }
  await nextStep(2);
});
afterAll(() => void vi.unstubAllGlobals());

describe("a neighbour with a new phone", () => {
  it("a request that was refused bothers this device no more; the other still sees it", async () => {
    expect(coreOf(ana).chain.finality.members).toEqual([0, 1, 2]);
    place = bo.view.me?.index ?? -1;
    expect(memberOf(place)?.name).toBe("Bo");
    cleo = await street.open();
    await atTheDoor(cleo, "Bo");
    await nextStep();
    expect(bo.view.problem?.code).toBe("applicant-waiting");
    // It reads what the members have written down meanwhile, and is none of them yet.
    expect(cleo.view.head?.height).toBeGreaterThan(1);
    expect(new Set(cleo.views.map((view) => view.phase))).toEqual(new Set(["waiting-admission"]));
    const { key: applicant } = bo.view.applicants[0] ?? { key: "" };
    await bo.get("refuse-applicant", { key: applicant, refused: true });
    expect(bo.view.applicants).toMatchObject([{ refused: "here" }]);
    expect(bo.view.problem).toBeNull();
    expect(ana.view.applicants).toMatchObject([{ refused: null }]);
  });

  it("may be thought better of", async () => {
    const { key: applicant } = bo.view.applicants[0] ?? { key: "" };
    await bo.get("refuse-applicant", { key: applicant, refused: false });
    expect(bo.view.applicants).toMatchObject([{ refused: null }]);
    expect(bo.view.problem?.code).toBe("applicant-waiting");
  });

  it("is proposed as the member it is; nothing is divided otherwise by it", async () => {
    const { key: applicant } = ana.view.applicants[0] ?? { key: "" };
    await ana.get("admit", { key: applicant, weight: 1, replaces: place });
    await nextStep();
    expect(ana.view.applicants).toMatchObject([{ proposed: true }]);
    expect(openBallot(bo)).toMatchObject({ what: { kind: "rotate", name: "Bo", key: applicant }, effect: null });
    await bo.get("vote", { proposal: openBallot(bo)?.id ?? "", yes: true });
  });

  it("has the old one's meter and place, and the old one is told that it no longer speaks", async () => {
    const before = memberOf(place)?.creditedMwh;
    await nextStep(5);
    expect(cleo.view).toMatchObject({ phase: "member", me: { index: place, name: "Bo" } });
    expect(cleo.view.totalMineMwh).toBe(before);
    expect(before).toBeGreaterThan(0);
    expect(bo.view.problem).toEqual({ code: "device-replaced", severity: "trouble" });
    expect(cleo.view.decisions[0]).toMatchObject({ outcome: "adopted", what: { kind: "rotate", name: "Bo" } });
    await bo.device.close();
    await nextStep(4);
    // What the old phone once asked goes round for ever: nobody is to admit a key that gave way to another.
    const old = requestOfBo;
    for (const house of [ana, cleo, dan]) {
      coreOf(house).applications.set(old.key, old);
      expect(house.view.applicants).toEqual([]);
      expect(house.view.problem?.code).not.toBe("applicant-waiting");
    }
    expect(ana.view.head?.step).toBeGreaterThanOrEqual((ana.view.step?.index ?? 0) - 1);
    expect(ana.view.final?.step).toBeGreaterThan((ana.view.head?.step ?? 0) - 3);
  });

  it("what its old phone wrote and signed is still proved, on every device", async () => {
    const { fromStep } = ana.view.decisions.find(({ what }) => what.kind === "rotate") ?? {};
    const before = (step: number): boolean => step < (fromStep ?? 0);
    const own = coreOf(ana)
      .summaries.slice(1)
      .filter(({ miner, step }) => miner === place && before(step));
    expect(own.length).toBeGreaterThan(0);
    for (const house of [ana, cleo, dan]) {
      for (const { step } of own) {
        const { transactions } = await house.get("step-detail", { step });
        for (const { id } of transactions)
          expect(await house.get("check-proof", { step, transaction: id })).toMatchObject({
            ok: true,
            signature: "valid",
            headerSignature: "valid",
          });
      }
    }
  });
});

describe("what was signed before a key was exchanged", () => {
  it("is vouched for, not false, where neither the exchange nor an earlier key is on a device", async () => {
    const { core } = dan.device.node ?? {};
    const [line] = core?.summaries.slice(1).filter(({ miner }) => miner === place) ?? [];
    if (core === undefined || line === undefined) throw new Error("Bo has written a block");
    const { step } = line;
    const { transactions } = await dan.get("step-detail", { step });
    const { store } = dan.device;
    const get: Store["get"] = async (table, k) => (k.startsWith("delta/") ? undefined : store.get(table, k));
    const ask = { store: { ...store, get }, decisions: dan.device.decisions };
    for (const { id } of transactions) {
      const proof = await checkProof(core, ask, step, id);
      expect(proof.ok && proof.value).toMatchObject({ ok: true, headerSignature: "vouched" });
    }
    // Who has seen all there was knows a false one from one that nobody can check.
    const forgot = { ...ask, store, decisions: { all: [] } };
    const proof = await checkProof(core, forgot, step, transactions[0]?.id ?? "");
    expect(proof.ok && proof.value.headerSignature).toBe("invalid");
  });
});

describe("a neighbour that leaves", () => {
  it("needs nobody's vote; the others see it coming", async () => {
    await cleo.get("propose", { action: { kind: "leave", member: place } });
    await street.until(ana.view.step?.index ?? 0, 3_000);
    expect(ana.view.proposals).toMatchObject([
      { state: "adopted", effect: null, what: { kind: "leave", name: "Bo", me: false, own: true } },
    ]);
  });

  it("has left for everybody, keeps what it has had, and is told what it can do now", async () => {
    await nextStep(3);
    expect(memberOf(place)?.leftSince).not.toBeNull();
    expect(ana.view.community?.rule.weights.map((w) => w.name)).toEqual(["Ana", "Dan"]);
    expect(cleo.view.problem).toEqual({ code: "left-community", severity: "info" });
    expect(cleo.view.phase).toBe("member");
    expect(cleo.view.totalMineMwh).toBe(memberOf(place)?.creditedMwh);
    // It all was today: Home, My energy and the step say the same of it as before.
    expect(cleo.view.todayMineMwh).toBe(memberOf(place)?.creditedMwh);
    expect(await cleo.code("leave", { confirm: "Rue du Soleil" })).toBe("ok");
    expect(cleo.view.phase).toBe("welcome");
  });

  it("the last member cannot leave", async () => {
    await dan.get("propose", { action: { kind: "leave", member: dan.view.me?.index ?? -1 } });
    await nextStep(5);
    expect(await ana.code("propose", { action: { kind: "leave", member: 0 } })).toBe("last-member");
  });
});
