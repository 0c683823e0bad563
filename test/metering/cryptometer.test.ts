/** The cryptometer's rules one by one: the register, ends of steps, ticks, stops, and what is left to book. */
import { describe, expect, test } from "vitest";
import { millis, mwh, stepIndex } from "../../worker/base/units.ts";
import {
  confirm,
  exchange,
  newCryptometer,
  onReading,
  onTime,
  type Cryptometer,
  type CryptometerConfig,
  type Effect,
  type Outcome,
} from "../../worker/metering/cryptometer.ts";
import { pendingGenerations, prune, unbooked, type LedgerView } from "../../worker/metering/generations.ts";

const STEP = 900_000;
const T0 = 10 * STEP;
const config: CryptometerConfig = {
  stepMs: STEP,
  t0: millis(T0),
  quantumMwh: mwh(500),
  mode: "per-step",
  tickMinMs: 10_000,
  graceMs: 2_000,
  journalMs: 10_000,
  pMaxW: 5_000,
  resolutionMwh: 1_000,
};
const endOf = (step: number): number => T0 + step * STEP;

/** Feeds readings `[ms, register]`, expecting none to be refused. */
const run = (state: Cryptometer, ...readings: [number, number][]): { state: Cryptometer; effects: Effect[] } => {
  const effects: Effect[] = [];
  for (const [at, register] of readings) {
    const outcome = onReading(state, { at: millis(at), registerMwh: mwh(register) });
    expect(outcome.refusal).toBeNull();
    state = outcome.state;
    effects.push(...outcome.effects);
  }
  return { state, effects };
};
const start = (overrides: Partial<CryptometerConfig> = {}, origin = 0): Cryptometer =>
  newCryptometer({ ...config, ...overrides }, mwh(origin));
const ledger = (overrides: Partial<{ [K in keyof LedgerView]: unknown }> = {}): LedgerView =>
  ({ register: 0, currentStep: 40, lateWindow: 40, ...overrides }) as LedgerView;
const kinds = (effects: readonly Effect[]): string[] => effects.map((effect) => effect.kind);
const closedSteps = (outcome: { effects: readonly Effect[] }): number[] =>
  outcome.effects.flatMap((effect) => (effect.kind === "closed" ? [effect.step] : []));
const generations = (state: Cryptometer, view = ledger()) =>
  pendingGenerations(state, view).map(({ step, from, to, estimated, running }) => [step, from, to, estimated, running]);

describe("the register", () => {
  test("begins at 0 with the first reading, whatever the meter shows", () => {
    const { state, effects } = run(start(), [T0 + 1_000, 7_654_321_000]);
    expect(state.count).toMatchObject({ register: 0, meterMwh: 7_654_321_000, closed: 0 });
    expect(kinds(effects)).toEqual(["journal"]);
    expect(generations(state)).toEqual([]);
  });

  test("goes on from the ledger's where the journal was lost", () => {
    const { state } = run(start({}, 40_000), [T0, 9_000], [T0 + 30_000, 12_000]);
    expect(generations(state, ledger({ register: 40_000 }))).toEqual([[1, 40_000, 43_000, false, true]]);
  });

  test("counts nothing from before the community's first step", () => {
    const { state } = run(
      start(),
      [T0 - 50_000, 1_000],
      [T0 - 10_000, 21_000],
      [T0 + 10_000, 31_000],
      [T0 + 20_000, 41_000],
    );
    expect(state.count?.register).toBe(10_000);
  });
});

describe("a market step ends exactly at T_i", () => {
  test("a reading at exactly T_i closes interval ]T_{i-1}, T_i] with what it shows", () => {
    const { state, effects } = run(start(), [T0, 0], [endOf(1), 100_000], [endOf(1) + 1, 100_100]);
    expect(state.closes).toEqual([{ step: 1, register: 100_000, estimated: false }]);
    expect(kinds(effects)).toEqual(["journal", "journal", "journal", "closed", "tick"]);
    expect(generations(run(state, [endOf(1) + 20_000, 110_000]).state)).toEqual([
      [1, 0, 100_000, false, false],
      [2, 100_000, 110_000, false, true],
    ]);
  });

  test("between two readings at most a minute apart the register at T_i is interpolated, rounded down", () => {
    const { state } = run(start(), [endOf(1) - 400, 0], [endOf(1) + 600, 1_001]);
    expect(state.closes).toEqual([{ step: 1, register: 400, estimated: false }]);
  });

  test("a short step may end several times between two readings", () => {
    const { state } = run(start({ stepMs: 10_000 }), [T0 + 5_000, 0], [T0 + 35_000, 30_000]);
    expect(state.closes.map((close) => [close.step, close.register, close.estimated])).toEqual([
      [1, 5_000, false],
      [2, 15_000, false],
      [3, 25_000, false],
    ]);
  });

  test("hourly readings at the ends of steps need no guess", () => {
    const { state } = run(
      start({ stepMs: 3_600_000 }),
      [T0, 0],
      [T0 + 3_600_000, 4_000_000],
      [T0 + 7_200_000, 7_000_000],
    );
    expect(state.closes.map((close) => [close.step, close.register, close.estimated])).toEqual([
      [1, 4_000_000, false],
      [2, 7_000_000, false],
    ]);
  });

  test("after an outage the energy belongs to the step in which it was read, marked estimated", () => {
    const { state } = run(start(), [endOf(1) - 30_000, 0], [endOf(1) - 20_000, 5_000], [endOf(3) + 5_000, 905_000]);
    expect(state.closes).toEqual([{ step: 1, register: 5_000, estimated: true }]);
    expect(generations(state)).toEqual([
      [1, 0, 5_000, true, false],
      [4, 5_000, 905_000, true, true],
    ]);
    const next = run(state, [endOf(4), 1_005_000], [endOf(5), 1_105_000]).state;
    expect(next.closes.slice(1).map((close) => [close.step, close.estimated])).toEqual([
      [4, true],
      [5, false],
    ]);
  });

  test("an outage in which nothing was generated is no guess, and a year of it is no million entries", () => {
    const year = 365 * 96;
    const { state, effects } = run(
      start(),
      [endOf(1), 0],
      [endOf(2), 9_000],
      [endOf(year) + 5_000, 9_000],
      [endOf(year) + 9_000, 10_000],
    );
    expect(state.closes).toHaveLength(1);
    expect(effects.length).toBeLessThan(12);
    expect(state.count).toMatchObject({ closed: year, estimated: false });
  });

  test("time alone closes a step after the grace, with the last register known", () => {
    const { state } = run(start(), [endOf(1) - 50_000, 0], [endOf(1) - 30_000, 20_000]);
    expect(onTime(state, millis(endOf(1) + 1_999)).effects).toEqual([]);
    const late = onTime(state, millis(endOf(1) + 2_000));
    expect(closedSteps(late)).toEqual([1]);
    expect(late.state.closes).toEqual([{ step: 1, register: 20_000, estimated: true }]);
    expect(onTime(late.state, millis(endOf(1) + 3_000)).effects).toEqual([]);
    const after = run(late.state, [endOf(1) + 5_000, 55_000], [endOf(2), 155_000]).state;
    expect(after.closes.at(-1)).toEqual({ step: 2, register: 155_000, estimated: true });
    // A reading that shows nothing new proves that the close was right.
    const quiet = run(late.state, [endOf(1) + 5_000, 20_000], [endOf(2), 155_000]).state;
    expect(quiet.closes.at(-1)).toEqual({ step: 2, register: 155_000, estimated: false });
  });

  test("a clock set back opens no closed step: time waits, and the energy is marked estimated", () => {
    const { state } = run(start(), [endOf(3) + 1_000, 0], [endOf(3) - 3_600_000, 4_000], [endOf(3) + 2_000, 8_000]);
    expect(state.count).toMatchObject({ closed: 3, register: 8_000, estimated: true });
    expect(generations(state)).toEqual([[4, 0, 4_000, true, true]]);
    expect(generations(state, ledger({ currentStep: 3 }))).toEqual([]);
  });
});

describe("ticks: a V was generated", () => {
  test("each V makes one, but not more often than the smallest time between two", () => {
    const { effects } = run(
      start({ quantumMwh: mwh(1_000) }),
      [T0, 0],
      [T0 + 10_000, 999],
      [T0 + 11_000, 1_000],
      [T0 + 12_000, 2_000],
      [T0 + 20_000, 3_000],
      [T0 + 21_000, 4_000],
    );
    expect(effects.filter((effect) => effect.kind === "tick")).toHaveLength(2);
  });

  test("what is signed is journaled first: the entry comes before the tick, and pending goes no further", () => {
    const { state, effects } = run(start(), [T0, 0], [T0 + 10_000, 10_000]);
    expect(kinds(effects)).toEqual(["journal", "journal", "tick"]);
    const unwritten = run(state, [T0 + 10_500, 10_400]).state;
    expect(generations(unwritten)).toEqual([[1, 0, 10_000, false, true]]);
    expect(unbooked(unwritten, mwh(4_000))).toBe(6_000);
  });

  test("mode per-V cuts at multiples of V and keeps the remainder until the step is closed", () => {
    const perV = start({ mode: "per-V", quantumMwh: mwh(400) });
    const running = run(perV, [T0, 0], [T0 + 20_000, 1_000]).state;
    expect(generations(running)).toEqual([
      [1, 0, 400, false, true],
      [1, 400, 800, false, true],
    ]);
    const closed = run(running, [endOf(1), 1_000]).state;
    expect(generations(closed, ledger({ register: 400 }))).toEqual([
      [1, 400, 800, false, false],
      [1, 800, 1_000, false, false],
    ]);
  });
});

describe("a register that cannot be believed", () => {
  const counted = (): Cryptometer => run(start(), [T0, 1_000_000], [T0 + 10_000, 1_010_000]).state;
  const refuse = (state: Cryptometer, at: number, register: number): Outcome => {
    const outcome = onReading(state, { at: millis(at), registerMwh: mwh(register) });
    expect(outcome.refusal?.message).toMatch(/^[A-Z].*\.$/);
    return outcome;
  };

  test("backwards: refused, stopped on disk, and nothing counted is lost", () => {
    const stopped = refuse(counted(), T0 + 20_000, 500);
    expect(stopped.refusal).toMatchObject({ code: "register-backwards", data: { before: 1_010_000, now: 500 } });
    expect(stopped.effects).toMatchObject([{ kind: "journal", entry: { kind: "count", stop: { meterMwh: 500 } } }]);
    expect(refuse(stopped.state, T0 + 30_000, 1_020_000).refusal?.code).toBe("stopped");
    expect(generations(onTime(stopped.state, millis(endOf(1) + 5_000)).state)).toEqual([[1, 0, 10_000, true, false]]);
  });

  test("more than P_max can make: refused and stopped; what P_max can make is not", () => {
    expect(refuse(counted(), T0 + 11_000, 9_000_000_000).refusal?.code).toBe("too-much");
    run(counted(), [T0 + 10_000 + 3_600_000, 1_010_000 + 5_000_000]);
  });

  test("a meter exchange, confirmed: the register goes on from where it was, with what the new meter counted since", () => {
    const stopped = refuse(counted(), T0 + 20_000, 500).state;
    const going = confirm(stopped);
    expect(kinds(going.effects)).toEqual(["journal"]);
    const { state } = run(going.state, [T0 + 40_000, 20_500]);
    expect(state.count).toMatchObject({ register: 30_000, meterMwh: 20_500, stop: null });
    expect(generations(state)).toEqual([[1, 0, 30_000, true, true]]);
    const from = run(confirm(stopped, mwh(0)).state, [T0 + 40_000, 20_500]).state;
    expect(from.count?.register).toBe(30_500);
  });

  test("an exchange across the end of a step: the old meter's energy closes it, the new one's belongs to the next", () => {
    const stopped = refuse(counted(), endOf(1) + 5_000, 500).state;
    const { state } = run(confirm(stopped).state, [endOf(1) + 6_000, 1_500]);
    expect(state.closes).toEqual([{ step: 1, register: 10_000, estimated: true }]);
    expect(state.count).toMatchObject({ register: 11_000, closed: 1, estimated: true });
  });

  test("another meter, said by its identity: the register goes on from where it was, whether higher or lower", () => {
    const { register } = counted().count ?? { register: mwh(0) };
    for (const shows of [100, 900_000_000]) {
      const going = exchange(counted(), { at: millis(T0 + 40_000), registerMwh: mwh(shows) });
      expect(going.refusal).toBeNull();
      expect(going.state.count).toMatchObject({ register, meterMwh: shows, unsure: true, stop: null });
      expect(going.state.journaled).toEqual(going.state.count);
      expect(run(going.state, [T0 + 41_000, shows + 500]).state.count?.register).toBe(register + 500);
    }
  });

  test("another meter before the first reading is the first", () => {
    const { state } = exchange(start(), { at: millis(T0 + 1_000), registerMwh: mwh(77) });
    expect(state.count).toMatchObject({ register: 0, meterMwh: 77, stop: null });
  });

  test("there is nothing to confirm while it counts", () => {
    expect(() => confirm(counted())).toThrow("confirmation");
  });
});

describe("what is still to be booked", () => {
  const three = (): Cryptometer =>
    run(start(), [T0, 0], [endOf(1), 100_000], [endOf(2), 250_000], [endOf(3), 300_000], [endOf(3) + 20_000, 310_000])
      .state;

  test("starts at the ledger's own register, also inside a step after an older tick was taken", () => {
    expect(generations(three(), ledger({ register: 120_000 }))).toEqual([
      [2, 120_000, 250_000, false, false],
      [3, 250_000, 300_000, false, false],
      [4, 300_000, 310_000, false, true],
    ]);
    expect(generations(three(), ledger({ register: 999_000 }))).toEqual([]);
  });

  test("energy older than the late window goes to the oldest step still open, marked estimated", () => {
    expect(generations(three(), ledger({ currentStep: 4, lateWindow: 1 }))).toEqual([
      [3, 0, 300_000, true, false],
      [4, 300_000, 310_000, false, true],
    ]);
    expect(generations(three(), ledger({ currentStep: 40, lateWindow: 2 }))).toEqual([[38, 0, 310_000, true, true]]);
  });

  test("nothing is booked to a step that has not begun, should this device's clock be ahead", () => {
    expect(generations(three(), ledger({ currentStep: 2 }))).toEqual([
      [1, 0, 100_000, false, false],
      [2, 100_000, 250_000, false, false],
    ]);
  });

  test("what is above a step's limit goes to the next steps, and what the ledger took before counts", () => {
    const booked = (step: number): number => (step === 2 ? 60_000 : 0);
    expect(generations(three(), ledger({ currentStep: 5, lateWindow: 3, stepLimitMwh: 120_000, booked }))).toEqual([
      [2, 0, 60_000, true, false],
      [3, 60_000, 180_000, true, false],
      [4, 180_000, 300_000, true, true],
      [5, 300_000, 310_000, true, true],
    ]);
    const full = ledger({ currentStep: 2, lateWindow: 1, stepLimitMwh: 60_000, booked: () => 60_000 });
    expect(generations(three(), full)).toEqual([]);
  });

  test("thousands of V come in bounded lists, each going on where the ledger stands", () => {
    const state = run(start({ mode: "per-V", quantumMwh: mwh(3) }), [T0, 0], [endOf(1), 1_000_000]).state;
    let register = 0;
    let rounds = 0;
    for (let list = generations(state); list.length > 0; list = generations(state, ledger({ register }))) {
      expect(list[0]?.[1]).toBe(register);
      register = list.at(-1)?.[2] as number;
      rounds += 1;
    }
    expect([register, rounds]).toEqual([1_000_000, Math.ceil(333_334 / 256)]);
  });

  test("forgetting keeps what is unbooked: final closes go, and of the old unbooked ones the last stays", () => {
    const state = three();
    const kept = prune(state, mwh(100_000), stepIndex(2));
    expect([kept.forget, kept.state.closes.map((close) => close.step)]).toEqual([[1], [2, 3]]);
    const old = prune(state, mwh(0), stepIndex(4));
    expect([old.forget, old.state.closes.map((close) => close.step)]).toEqual([[1, 2], [3]]);
    const late = ledger({ currentStep: 4, lateWindow: 0 });
    expect(generations(old.state, late)).toEqual(generations(state, late));
    expect(prune(state, mwh(0), stepIndex(1)).forget).toEqual([]);
  });
});
