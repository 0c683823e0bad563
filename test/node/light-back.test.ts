/**
 * What a light node (PROTOCOL.md §8.1) knows of long ago: nothing, until somebody wants to see it; then a month at a time,
 * proved and kept. A neighbour that no longer has it costs the others nothing.
 */
import { beforeAll, describe, expect, it } from "vitest";
import type { Contract } from "../../worker/community/contract.ts";
import { key } from "../../worker/ledger/rows.ts";
import { ownOf, readLight, TRUST_ROW, trustOp, type LightState } from "../../worker/node/light-disk.ts";
import { planOf, withFound } from "../../worker/node/light-plan.ts";
import { Trial } from "../lab/trial.ts";
import { LightWorld, type Bend } from "./light-world.ts";

const LATE = 4;
const STEPS = 12;
let trial: Trial;
beforeAll(async () => {
  trial = await Trial.begin({ members: 3, owners: [0], change: { lateWindow: LATE } });
  await trial.until(STEPS);
}, 60_000);

/** Which of the steps are known as the chain has them. */
const knownOf = (world: LightWorld): number[] => {
  const { chain } = trial.core(0);
  const steps = Array.from({ length: chain.final.header.step }, (_, i) => i + 1);
  return steps.filter((step) => {
    const shares = chain.state.get("book", key(step))?.shares ?? [];
    return ownOf(world.light.state, step) === (shares.find((s) => s.member === 1)?.mwh ?? 0);
  });
};
const PRUNED: Bend = (answer, question) =>
  answer.kind === "credits" && question.kind === "ask-credits" && question.above === 0 && question.from === 1
    ? { ...answer, until: 0, blocks: [], proof: [] }
    : answer;

describe("older credits", () => {
  it("are asked for when somebody wants to see them, and kept", async () => {
    const world = new LightWorld(trial, 1);
    await world.meet(0);
    const from = world.light.state.covered?.from ?? 0;
    expect(from).toBe(world.light.state.trust.header.step - LATE);
    expect(knownOf(world)[0]).toBe(from);
    world.light.reach(1);
    expect(world.light.reaching).toEqual({ from: 1, isRefused: false });
    await world.event({ kind: "time" });
    expect(world.light.reaching).toBeNull();
    expect(knownOf(world)[0]).toBe(1);
    world.restart();
    expect(world.light.state.covered?.from).toBe(1);
    expect(knownOf(world)).toHaveLength(world.light.state.trust.header.step);
  });

  it("that a neighbour does not keep any more hold up nothing, and are had from the next who does", async () => {
    const world = new LightWorld(trial, 1);
    await world.meet(0, PRUNED);
    world.light.reach(1);
    await world.event({ kind: "time" });
    expect(world.light.reaching).toEqual({ from: 1, isRefused: true });
    expect(world.dropped).toEqual([]);
    const said = world.said.length;
    await world.event({ kind: "time" });
    expect(world.said.length).toBe(said);
    await world.meet(2);
    expect(world.light.reaching).toBeNull();
    expect(knownOf(world)[0]).toBe(1);
  });

  it("that a neighbour is silent about are had from the next", async () => {
    const world = new LightWorld(trial, 1);
    await world.meet(0, (answer, question) => (PRUNED(answer, question) === answer ? answer : null));
    world.light.reach(1);
    await world.event({ kind: "time" });
    await world.meet(2);
    await world.event({ kind: "time" }, world.now + 10_000);
    expect(world.light.reaching).toBeNull();
    expect(knownOf(world)[0]).toBe(1);
  });

  it("come a month of quarter-hours at a time, the newest first", () => {
    const step = 35_040;
    const state = {
      trust: { header: { height: step, step } },
      figures: { member: { index: 1, row: {} } },
      covered: { from: step - 192, height: step, meter: 0 },
    } as unknown as LightState;
    const contract = { lateWindow: 192 } as Contract;
    const asks: number[][] = [];
    for (let at = state; ;) {
      const [ask] = planOf(at, contract, { wanted: Infinity, back: 1 });
      if (ask === undefined || at.covered === null) break;
      asks.push([ask.from, ask.to]);
      expect(ask).toMatchObject({ above: 0, isBack: true });
      at = { ...at, covered: { ...at.covered, from: ask.from } };
    }
    expect(asks).toHaveLength(12);
    expect(asks.at(-1)?.[0]).toBe(1);
    for (const [i, [from, to]] of asks.entries()) {
      expect((to ?? 0) - (from ?? 0)).toBeLessThan(31 * 96);
      expect(to).toBe((i === 0 ? step - 192 : (asks[i - 1]?.[0] ?? 0)) - 1);
    }
  });
});

describe("a credit that two questions of one visit bring", () => {
  it("is counted once", async () => {
    const world = new LightWorld(trial, 1);
    await world.meet(0);
    const { state } = world.light;
    const [step, known] = [...state.credits].find(([, all]) => all.some((c) => c.mwh > 0)) ?? [0, []];
    const twice = withFound({ ...state, credits: new Map() }, [...known, ...known]);
    expect(ownOf(twice.state, step)).toBe(ownOf(state, step));
    expect(ownOf(state, step)).toBeGreaterThan(0);
  });

  it("is kept also where a step was shared in two thousand parts", async () => {
    const world = new LightWorld(trial, 1);
    await world.meet(0);
    const { state } = world.light;
    const [known] = [...state.credits.values()].flat();
    if (known === undefined) throw new Error("something was credited");
    const parts = Array.from({ length: 2_000 }, (_, n) => ({
      ...known,
      tx: n.toString(16).padStart(64, "0") as never,
    }));
    const { ops } = withFound({ ...state, credits: new Map() }, parts);
    const rows = ops.flatMap(({ key: row, value }) => (value === null ? [] : [[row, value] as const]));
    const read = readLight(trial.contract, [...rows, [TRUST_ROW, trustOp(state.trust).value ?? new Uint8Array()]]);
    expect(read.credits.get(known.step)).toHaveLength(2_000);
  });
});
