/**
 * Deciding together on real devices (§II.C, §IV.C): a proposal shows its effect before the vote, is decided by ballots,
 * and what was decided is what the chain then does. A strategy of voting, and who voted for a step.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { key } from "../../worker/ledger/rows.ts";
import type { ActionAsk, EffectView } from "../../worker/port-council.ts";
import { Decisions } from "../../worker/shell/decisions.ts";
import { createMemoryDisk } from "../../worker/storage/memory.ts";
import { VirtualSerial } from "../../worker/metering/sources/virtual-port.ts";
import { BASE, found, METER, Street, words, type House } from "./street.ts";

const WH = 1_000;
const PPM = 1_000_000;
const street = new Street();
const disk = createMemoryDisk();
let ana: House;
let bo: House;

const coreOf = (house: House) => {
  const { node } = house.device;
  if (node === null) throw new Error("the house has a node");
  return node.core;
};
const nextStep = async (steps = 1): Promise<void> => {
  const now = coreOf(ana).chain.head.header.step;
  await street.until(now + steps + 1, 3_000);
};
const openBallot = (house: House) => house.view.proposals.find((p) => p.state === "open");
const admitted = async (house: House, name: string): Promise<void> => {
  const { link } = await ana.get("invite", { base: BASE });
  await house.get("join", { link, memberName: name, words: await words(house) });
  await nextStep();
};
const gains = (effect: EffectView | null | undefined): number =>
  (effect?.members.reduce((sum, m) => sum + m.afterMwh - m.beforeMwh, 0) ?? NaN) +
  ((effect?.fee.afterMwh ?? 0) - (effect?.fee.beforeMwh ?? 0)) +
  ((effect?.loss.afterMwh ?? 0) - (effect?.loss.beforeMwh ?? 0));

beforeAll(async () => {
  // A browser with Web Serial and no port granted: readings come from the tests.
  vi.stubGlobal("navigator", { serial: new VirtualSerial() });
  ana = await street.open();
  bo = await street.open(disk);
  await found(ana, "Rue du Soleil", "Ana");
  await street.until(2, 3_000);
  await admitted(bo, "Bo");
  await ana.get("admit", { key: ana.view.applicants[0]?.key ?? "", weight: 1, replaces: null });
  await nextStep(4);
  const meter = (await ana.get("pair-meter", METER)).id;
  await nextStep();
  await bo.get("vote", { proposal: openBallot(bo)?.id ?? "", yes: true });
  await nextStep(2);
  for (let at = 0; at <= 8; at++) {
    street.reading(ana, meter, (5_000 + at * 3) * WH);
    await street.pass(2_500);
  }
  await nextStep(2);
});

afterAll(() => void vi.unstubAllGlobals());

describe("a proposal to divide otherwise", () => {
  const ask: ActionAsk = {
    kind: "rule",
    iterations: [{ kind: "fixed", portionPpm: PPM }],
    weights: [
      { member: 1, weight: 3 },
      { member: 0, weight: 1 },
    ],
  };
  const made = (): number => ana.view.todayGeneratedMwh;

  it("shows its effect before it is made: for the energy that was counted, and nothing in all", async () => {
    expect(made()).toBe(24 * WH);
    const { effect, refusal } = await ana.get("preview", { action: ask });
    expect(refusal).toBeNull();
    expect(effect?.members).toEqual([
      {
        member: 0,
        name: "Ana",
        me: true,
        beforeMwh: made() / 2,
        afterMwh: made() / 4,
        beforePpm: PPM / 2,
        afterPpm: PPM / 4,
      },
      {
        member: 1,
        name: "Bo",
        me: false,
        beforeMwh: made() / 2,
        afterMwh: (3 * made()) / 4,
        beforePpm: PPM / 2,
        afterPpm: (3 * PPM) / 4,
      },
    ]);
    expect(gains(effect)).toBe(0);
    expect(ana.view.proposals).toEqual([]);
  });

  it("is shown with the same effect to who votes on it, and both rules in words' units", async () => {
    await ana.get("propose", { action: ask });
    await nextStep();
    const ballot = openBallot(bo);
    expect(ballot).toMatchObject({ by: "Ana", yes: 1, needed: 2, mine: null, what: { kind: "rule" } });
    expect(ballot?.effect?.members.map((m) => [m.name, m.me, m.beforeMwh, m.afterMwh])).toEqual([
      ["Ana", false, made() / 2, made() / 4],
      ["Bo", true, made() / 2, (3 * made()) / 4],
    ]);
    const what = ballot?.what.kind === "rule" ? ballot.what : null;
    expect(what?.before.weights.map((w) => w.weight)).toEqual([1, 1]);
    expect(what?.after.weights).toEqual([
      { member: 0, name: "Ana", weight: 1 },
      { member: 1, name: "Bo", weight: 3 },
    ]);
  });

  it("says from which step it would hold, and until when it is open", async () => {
    const { step, community } = bo.view;
    const term = (code: string): number => community?.terms.find((t) => t.code === code)?.value ?? NaN;
    expect(openBallot(bo)?.fromStep).toBe((step?.index ?? NaN) + term("adoptionDelay"));
    const opened = coreOf(bo).chain.state.get("proposal", openBallot(bo)?.id ?? "")?.opened ?? NaN;
    expect(openBallot(bo)?.untilStep).toBe(opened + term("ballotWindow"));
  });

  it("a vote may be changed while it is open, from the next step on", async () => {
    const proposal = openBallot(bo)?.id ?? "";
    await bo.get("vote", { proposal, yes: false });
    expect(await bo.code("vote", { proposal, yes: true })).toBe("ballot-old");
    expect(openBallot(bo)?.mine).toBe("no");
    await nextStep();
    expect(openBallot(ana)).toMatchObject({ yes: 1, no: 1 });
    await bo.get("vote", { proposal, yes: true });
    expect(openBallot(bo)?.mine).toBe("yes");
  });

  it("once adopted, is what the community has agreed", async () => {
    await nextStep(3);
    for (const house of [ana, bo]) {
      expect(house.view.community).toMatchObject({ alike: false, rule: { weights: [{ weight: 1 }, { weight: 3 }] } });
      expect(house.view.members.map((m) => m.weight)).toEqual([1, 3]);
    }
    expect(await ana.code("propose", { action: ask })).toBe("nothing-changes");
  });

  it.each<[string, ActionAsk, string]>([
    ["names not everybody", { ...ask, weights: [{ member: 0, weight: 1 }] }, "rule-members"],
    ["gives nobody a weight", { ...ask, weights: ask.weights.map((w) => ({ ...w, weight: 0 })) }, "rule-weights"],
    ["has half a weight", { ...ask, weights: ask.weights.map((w) => ({ ...w, weight: 0.5 })) }, "rule-weights"],
    ["leaves something over", { ...ask, iterations: [{ kind: "equal", portionPpm: 5 }] }, "rule-iterations"],
  ])("is refused with a sentence, before anybody votes, when it %s", async (_, action, code) => {
    expect(await ana.code("propose", { action })).toBe(code);
    const { refusal, effect } = await ana.get("preview", { action });
    expect(refusal).toMatchObject({ code, message: expect.stringMatching(/^[A-Z].*\.$/) });
    expect(effect).toBeNull();
  });
});

describe("a proposal to change terms", () => {
  it("shows what a fee would take, and that the others' loss is the writers' gain", async () => {
    const { effect } = await bo.get("preview", { action: { kind: "parameters", changes: { feePpm: 100_000 } } });
    expect(effect?.fee).toEqual({ beforeMwh: 0, afterMwh: 2_400, beforePpm: 0, afterPpm: 100_000 });
    expect(gains(effect)).toBe(0);
    const other = await bo.get("preview", { action: { kind: "parameters", changes: { ballotWindow: 100 } } });
    expect(other).toEqual({ effect: null, refusal: null });
  });

  it.each<[Record<string, number>, string, string | undefined]>([
    [{}, "nothing-changes", undefined],
    [{ strikes: 3 }, "nothing-changes", undefined],
    [{ stepMs: 900_000 }, "term-fixed", "stepMs"],
    [{ lateWindow: 1 }, "term-fixed", "lateWindow"],
    [{ strikes: 1.5 }, "terms-invalid", "strikes"],
    [{ weightReputation: 30 }, "terms-invalid", "weightReputation"],
    [{ feePpm: 600_000, lossPpm: 600_000 }, "terms-invalid", "lossPpm"],
  ])("of %j is refused, and says which term is wrong", async (changes, code, field) => {
    const { refusal } = await ana.get("preview", { action: { kind: "parameters", changes } });
    expect(refusal?.code).toBe(code);
    expect(refusal?.data?.["field"]).toBe(field);
  });

  it("is shown before and after, and holds once it is adopted", async () => {
    await ana.get("propose", { action: { kind: "parameters", changes: { strikes: 5, quorumNum: 3, quorumDen: 5 } } });
    await nextStep();
    expect(openBallot(bo)).toMatchObject({
      effect: null,
      what: {
        kind: "parameters",
        changes: [
          { code: "quorumNum", before: 1, after: 3 },
          { code: "quorumDen", before: 2, after: 5 },
          { code: "strikes", before: 3, after: 5 },
        ],
      },
    });
    await bo.get("vote", { proposal: openBallot(bo)?.id ?? "", yes: true });
    await nextStep(3);
    for (const house of [ana, bo]) {
      expect(house.view.community?.quorum).toBe("other");
      expect(house.view.community?.terms).toContainEqual({ code: "strikes", value: 5 });
    }
  });

  it("and what was decided stays readable: what it was, how they voted, from when it holds", async () => {
    for (const house of [ana, bo]) {
      const [terms, rule, meter, member] = house.view.decisions;
      expect(terms).toMatchObject({
        by: "Ana",
        outcome: "adopted",
        yes: 2,
        no: 0,
        needed: 2,
        what: {
          kind: "parameters",
          changes: [
            { code: "quorumNum", before: 1, after: 3 },
            { code: "quorumDen", before: 2, after: 5 },
            { code: "strikes", before: 3, after: 5 },
          ],
        },
      });
      expect(terms?.fromStep).toBeGreaterThan(terms?.step ?? NaN);
      expect(rule?.what).toMatchObject({
        kind: "rule",
        before: { weights: [{ weight: 1 }, { weight: 1 }] },
        after: { weights: [{ weight: 1 }, { weight: 3 }] },
      });
      expect([meter?.what.kind, member?.what.kind]).toEqual(["generator", "member"]);
      expect(member).toMatchObject({ what: { name: "Bo" }, yes: 1, needed: 1 });
      expect(house.view.proposals).toEqual([]);
    }
    expect(ana.view.decisions).toEqual(bo.view.decisions);
  });

  it("a pardon for who owes nothing is refused", async () => {
    expect(await ana.code("propose", { action: { kind: "pardon", member: 1 } })).toBe("nothing-to-pardon");
    expect(await ana.code("propose", { action: { kind: "pardon", member: 9 } })).toBe("member-unknown");
    expect(await ana.code("propose", { action: { kind: "leave", member: -1 } })).toBe("member-unknown");
  });
});

describe("a proposal that the members vote down", () => {
  it("is told as refused once its time is over, and who was not admitted waits at the door no more", async () => {
    await ana.get("propose", { action: { kind: "parameters", changes: { ballotWindow: 3 } } });
    await nextStep();
    await bo.get("vote", { proposal: openBallot(bo)?.id ?? "", yes: true });
    await nextStep(2);
    const lou = await street.open();
    await admitted(lou, "Lou");
    const { key: applicant = "" } = ana.view.applicants[0] ?? {};
    await ana.get("admit", { key: applicant, weight: 1, replaces: null });
    await nextStep();
    await bo.get("vote", { proposal: openBallot(bo)?.id ?? "", yes: false });
    await nextStep(5);
    expect(ana.view.decisions[0]).toMatchObject({
      what: { kind: "member", name: "Lou" },
      outcome: "rejected",
      yes: 1,
      no: 1,
      needed: 2,
      fromStep: null,
    });
    expect(ana.view.applicants).toMatchObject([{ name: "Lou", proposed: false, refused: "by-vote" }]);
    expect(ana.view.problem).toBeNull();
    await lou.device.close();
    await nextStep();
  });
});

describe("making blocks", () => {
  it("a member sees what it offered and what came of it, as the chain has it", async () => {
    const { voting } = ana.view;
    expect(voting?.strategy.kind).toBe("auto");
    expect(voting?.auctions.length).toBeGreaterThan(2);
    for (const { step, place, of, spentMwh, wrote } of voting?.auctions ?? []) {
      const row = coreOf(ana).chain.state.get("auction", key(step));
      expect(row?.candidates).toHaveLength(of);
      expect(row?.candidates[place - 1]).toMatchObject({ member: 0, energy: spentMwh });
      expect(wrote).toBe(ana.view.blocks.find((b) => b.step === step)?.miner === "Ana");
    }
  });

  it("one that chose not to offer is no candidate from the next step on, and still is after a restart", async () => {
    expect(await bo.code("set-strategy", { kind: "share", sharePpm: 0 })).toBe("strategy-share");
    await bo.get("set-strategy", { kind: "off", sharePpm: 500_000 });
    expect(bo.view.voting?.strategy).toEqual({ kind: "off", sharePpm: 500_000 });
    await nextStep(3);
    const step = ana.view.head?.step ?? 0;
    expect((await ana.get("step-detail", { step })).candidates.map((c) => c.name)).toEqual(["Ana"]);
    const { decisions } = bo.view;
    await bo.device.close();
    bo = await street.open(disk);
    expect(bo.view.voting?.strategy.kind).toBe("off");
    await street.pass(1_000);
    expect(bo.view.decisions).toEqual(decisions);
    // Without what it has kept, it finds the same in the blocks on its disk.
    const anew = new Decisions(bo.device.store);
    expect(await anew.look(coreOf(bo))).toBe(true);
    expect(anew.all).toEqual(bo.device.decisions.all);
    expect(anew.all.length).toBeGreaterThan(3);
    await bo.get("set-strategy", { kind: "auto", sharePpm: PPM });
    await nextStep(3);
  });

  it("voting tokens that can be spent are those of the chain, and of them those that expire with the step", async () => {
    const { state, contract } = { state: coreOf(bo).chain.state, contract: coreOf(bo).contract };
    const step = bo.view.step?.index ?? 0;
    const own = state.scan("token").filter(([, t]) => t.owner === 1 && t.birth < step);
    const sum = (rows: typeof own): number => rows.reduce((total, [, t]) => total + t.amount, 0);
    const live = own.filter(([, t]) => t.birth + contract.tokenValidity >= step);
    expect(bo.view.voting?.availableMwh).toBe(sum(live));
    expect(bo.view.voting?.expiringMwh).toBe(sum(live.filter(([, t]) => t.birth + contract.tokenValidity === step)));
  });
});

describe("a step in full", () => {
  it("says who checked and who confirmed it, and that nothing is missing once it is final", async () => {
    const step = (ana.view.final?.step ?? 0) - 2;
    const detail = await ana.get("step-detail", { step });
    expect(detail).toMatchObject({ stage: "final", missing: null, standIns: [], owed: [], evidence: [] });
    expect(detail.voters.map((v) => [v.name, v.me, v.approved, v.confirmed])).toEqual([
      ["Ana", true, true, true],
      ["Bo", false, true, true],
    ]);
    for (const { w, wEnergy, wAge, wReputation } of detail.candidates)
      expect(Math.abs(w - wEnergy - wAge - wReputation)).toBeLessThan(1e-5);
  });

  it("says whom it waits for while too few are there, and no longer once they are", async () => {
    await bo.device.close();
    await nextStep(3);
    // In an open round a member has one vote: what it approved is the first block after the final one.
    const step = (ana.view.final?.step ?? 0) + 1;
    const detail = await ana.get("step-detail", { step });
    expect(detail.stage).toBe("block");
    expect(detail.missing).toEqual({ what: "approvals", needed: 1, of: [{ name: "Bo", online: false }] });
    expect(detail.voters.map((v) => [v.name, v.approved])).toEqual([
      ["Ana", true],
      ["Bo", false],
    ]);
    bo = await street.open(disk);
    await nextStep(3);
    expect((await ana.get("step-detail", { step })).missing).toBeNull();
  });
});
