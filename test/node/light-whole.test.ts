/**
 * What a light node (PROTOCOL.md §8.1) takes for complete: the own row or the proof that there is none, pages of a least
 * size, credits that add up to the register. Who leaves something out is named, and until somebody shows it the device
 * says what is open.
 */
import { beforeAll, describe, expect, it } from "vitest";
import type { Contract } from "../../worker/community/contract.ts";
import type { Question } from "../../worker/node/messages.ts";
import { dropsOf, KEPT_STEPS, ownOf, type LightState } from "../../worker/node/light-disk.ts";
import { gapOf } from "../../worker/node/light-plan.ts";
import { isFeeFree, type RuleSpan } from "../../worker/node/light-rows.ts";
import { visitOf, VisitTime } from "../../worker/node/light-visit.ts";
import { Librarian } from "../../worker/shell/librarian.ts";
import { openMemory } from "../../worker/storage/memory.ts";
import type { Millis, PublicKey } from "../../worker/base/units.ts";
import { Out } from "../../worker/node/events.ts";
import { LightPeers } from "../../worker/node/light-peers.ts";
import { TRUNCATED } from "../../worker/node/light-refusals.ts";
import { Trial } from "../lab/trial.ts";
import { LightWorld, type Bend } from "./light-world.ts";

let trial: Trial;
beforeAll(async () => {
  trial = await Trial.begin({ members: 5, others: 1, owners: [0] });
  await trial.until(6);
}, 30_000);

/** Asks an honest librarian something else than it was asked: what it shows is proved, and not the answer. */
const instead =
  (of: Trial, change: (q: Question & { kind: "ask-rows" }) => Question): Bend =>
  async (answer, question) => {
    if (question.kind !== "ask-rows") return answer;
    const store = await openMemory({ disk: of.lab.inhabitant(0).disk });
    return new Librarian(of.core(0), store).answer(0, change(question));
  };
const without: Bend = (answer, question) =>
  question.kind === "ask-credits" && answer.kind === "credits" ? { ...answer, blocks: [], proof: [] } : answer;

describe("the own row", () => {
  it("cannot be left out: who does is left for another, and the device is not taken for a replaced one", async () => {
    const world = new LightWorld(trial, 1);
    await world.meet(
      0,
      instead(trial, (q) => ({ ...q, paths: q.paths.filter((p) => !p.startsWith("member/")), tables: ["allocation"] })),
    );
    expect(world.light.state.figures).toBeNull();
    expect(world.light.peers.refused?.refusal.code).toBe("own-row-missing");
    await world.meet(2);
    expect(world.light.state.figures?.member?.index).toBe(1);
  });

  it("that is nowhere is proved by all rows of members", async () => {
    const stranger = new LightWorld(trial, 5);
    await stranger.meet(0);
    expect(stranger.light.state.figures).toMatchObject({
      member: null,
      height: trial.core(0).chain.final.header.height,
    });
    expect(stranger.light.peers.refused).toBeNull();
  });
});

describe("a page of credits", () => {
  it("that brings next to nothing ends the conversation, and another neighbour is asked", async () => {
    const world = new LightWorld(trial, 1);
    const drip: Bend = (answer, question) =>
      question.kind === "ask-credits" && answer.kind === "credits"
        ? { ...answer, until: question.above + 1, blocks: [], proof: [] }
        : answer;
    await world.meet(0, drip);
    expect(world.light.peers.refused?.refusal.code).toBe("credits-missing");
    expect(world.said.filter(({ message }) => message.kind === "ask-credits")).toHaveLength(1);
    await world.meet(2);
    expect(ownOf(world.light.state, 3)).toBeGreaterThan(0);
  });

  it("however many there are, a conversation has an end; the next one may take longer", () => {
    const time = new VisitTime();
    const visit = { ...visitOf(0, 9, 0), since: 59_000 };
    expect(time.endOf(visit)).toBe(60_000);
    time.over(visit, 60_000);
    expect(time.endOf({ ...visit, since: 119_000 })).toBe(120_000);
    for (let i = 0; i < 9; i++) time.over(visit, 6_000_000);
    expect(time.endOf({ ...visit, since: 599_000 })).toBe(600_000);
    time.done();
    expect(time.endOf(visit)).toBe(60_000);
  });
});

describe("credits and the register", () => {
  it("whoever leaves a credit out each time is found out each time, and the device says what is open", async () => {
    const own = await Trial.begin({ members: 3, owners: [0] });
    await own.until(3);
    const world = new LightWorld(own, 1);
    let isLying = false;
    await world.meet(0, (answer, q) => (isLying ? without(answer, q) : answer));
    isLying = true;
    await own.until(4);
    await world.status(0);
    expect(world.light.peers.refused?.refusal.code).toBe("credits-short");
    expect(world.light.gap).toEqual({ mwh: 1_333, since: 4 });
    await own.until(6);
    await world.status(0);
    expect(world.light.state.covered?.step).toBe(3);
    expect(world.light.gap).toEqual({ mwh: 3_999, since: 4 });
    world.restart();
    expect(world.light.gap).toEqual({ mwh: 3_999, since: 4 });
    await world.meet(2);
    expect([4, 5, 6].map((step) => ownOf(world.light.state, step))).toEqual([1_333, 1_333, 1_333]);
    expect(world.light.gap).toBeNull();
    expect(world.light.state.covered).toMatchObject({ from: 1, step: 6, sure: 1 });
  }, 30_000);

  it("from the first step on they are the register itself, also at the first synchronisation", async () => {
    const world = new LightWorld(trial, 1);
    await world.meet(0, without);
    expect(world.light.peers.refused?.refusal.code).toBe("credits-short");
    expect(world.light.state.covered).toBeNull();
    expect(world.light.gap?.since).toBe(1);
    await world.meet(2);
    expect(world.light.gap).toBeNull();
    expect(world.light.state.covered?.sure).toBe(1);
  });

  it("that were left out of older times are had by asking one neighbour for all", async () => {
    const own = await Trial.begin({ members: 3, owners: [0], change: { lateWindow: 4 } });
    await own.until(12);
    const world = new LightWorld(own, 1);
    let isLying = true;
    await world.meet(0, (answer, q) => (isLying ? without(answer, q) : answer));
    // In the middle nothing can be compared: it is not said to be sure.
    expect(world.light.state.covered?.sure).toBe(13);
    world.light.reach(1);
    isLying = false;
    await world.event({ kind: "time" });
    await world.event({ kind: "time" });
    expect(world.light.reaching).toBeNull();
    expect(world.light.state.covered).toMatchObject({ from: 1, sure: 1 });
    for (let step = 1; step <= 12; step++) expect(ownOf(world.light.state, step)).toBe(1_333);
  }, 30_000);

  it("cannot be compared where a fee was held back, or a version of the rule was never seen", () => {
    const span = (from: number, until: number, feePpm = 0): RuleSpan =>
      ({ rule: { from, feePpm, lossPpm: 0, weights: [], iterations: [] }, until }) as unknown as RuleSpan;
    expect(isFeeFree([span(1, 4), span(5, 9)], 1, 9)).toBe(true);
    expect(isFeeFree([span(1, 4), span(6, 9)], 1, 9)).toBe(false);
    expect(isFeeFree([span(1, 4), span(5, 9, 7)], 1, 9)).toBe(false);
    expect(isFeeFree([span(1, 4), span(5, 9, 7)], 1, 4)).toBe(true);
    const state = {
      trust: { header: { height: 9, step: 9 } },
      figures: { member: { index: 1, row: { meter: 5 } }, height: 9, step: 9 },
      spans: [span(1, 9, 7)],
      credits: new Map(),
      covered: { from: 1, height: 8, step: 8, meter: 0, sure: 1 },
    } as unknown as LightState;
    const contract = { lateWindow: 192 } as Contract;
    expect(gapOf(state, contract)).toBeNull();
    expect(gapOf({ ...state, spans: [span(1, 9)] }, contract)).toEqual({ mwh: 5, since: 9 });
  });

  it("older than two years are dropped, and no longer said to be known", () => {
    const step = KEPT_STEPS + 10;
    const covered = { from: 1, height: step, step, meter: 0, sure: 1 };
    const state = { trust: { header: { height: step, step } }, covered } as unknown as LightState;
    const rows = [9, 10, 11].map((at) => [`light/credits/${String(at).padStart(10, "0")}`, new Uint8Array()] as const);
    const drops = dropsOf(state, rows);
    expect(drops.map((op) => op.key)).toEqual(["light/covered", "light/credits/0000000009"]);
    expect(dropsOf({ ...state, covered: { ...covered, from: 10 } }, rows.slice(1))).toEqual([]);
  });
});

describe("a neighbour that says more is final than it proves", () => {
  it("is not believed to be ahead", async () => {
    const world = new LightWorld(trial, 1);
    await world.meet(0, (a) => a, { finalHeight: 40, height: 41, step: 41 });
    expect(world.light.peers.refused?.refusal.code).toBe("history-truncated");
    expect(world.light.behind).toBe(false);
    expect(world.light.peers.claimed).toBe(0);
    await world.meet(2);
    expect(world.light.peers.claimed).toBe(trial.core(0).chain.final.header.height);
  });

  it("is asked half as often each time, until it keeps its word", () => {
    let now = 0;
    const peers = new LightPeers(
      () => now as Millis,
      () => new Out(),
    );
    peers.up(1, { key: "aa" as PublicKey, role: "member" }, "", null);
    const peer = peers.all.get(1);
    if (peer === undefined) throw new Error("it is linked");
    const waits = Array.from({ length: 6 }, () => {
      peers.refuse(1, TRUNCATED, 10);
      const wait = (peers.nextChance ?? now) - now;
      now += wait;
      expect(peers.isShunned(peer)).toBe(false);
      return wait;
    });
    expect(waits).toEqual([10, 20, 40, 80, 80, 80]);
    expect(peers.failures(peer)).toBe(6);
    peers.praise(peer);
    expect(peers.failures(peer)).toBe(0);
  });
});
