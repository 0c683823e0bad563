/**
 * Chain against MID meter: nothing is out that MI-003 allows, and what is out is said to be so for the reason that made it
 * so. The chain's steps come from the cryptometer itself, reading a meter whose true curve is known.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { millis, mwh, stepIndex } from "../../worker/base/units.ts";
import { newCryptometer, onReading, onTime, type Cryptometer } from "../../worker/metering/cryptometer.ts";
import { reconciliationCsv } from "../../worker/settlement/csv.ts";
import { reconcile, spansOf, type ChainStep, type Reconciliation } from "../../worker/settlement/reconcile.ts";
import type { Metered, MeterFile } from "../../worker/settlement/register-file.ts";

const STEP = 900_000;
const T0 = 1_781_992_800_000;
const STEPS = 96;
const end = (step: number): number => T0 + step * STEP;

/** A day of up to 10 kW: what has been made since T_0, exact. */
const watts = (ms: number): number => {
  const hour = ms / 3_600_000;
  return hour < 5 || hour > 21 ? 0 : Math.round(10_000 * Math.sin(((hour - 5) / 16) * Math.PI) ** 2);
};
const MINUTE = 60_000;
const CURVE: number[] = [0];
for (let minute = 0; minute <= 24 * 60 + 120; minute++)
  CURVE.push((CURVE[minute] ?? 0) + Math.floor((watts(minute * MINUTE) * 1000) / 60));
const trueMwh = (ms: number): number => {
  const at = Math.max(0, ms);
  const minute = Math.floor(at / MINUTE);
  const [a, b] = [CURVE[minute] ?? 0, CURVE[minute + 1] ?? 0];
  return Math.floor(a + ((b - a) * (at - minute * MINUTE)) / MINUTE);
};
/** The meter's register moves in steps of one watt-hour. */
const RESOLUTION = 1_000;
const register = (ms: number): number => Math.floor(trueMwh(ms) / RESOLUTION) * RESOLUTION;

const FILE: MeterFile = {
  kind: "register",
  unitMwh: RESOLUTION,
  points: [],
  intervals: Array.from({ length: STEPS }, (_, i) => ({
    from: end(i),
    to: end(i + 1),
    mwh: register((i + 1) * STEP) - register(i * STEP),
  })),
};

/** What the cryptometer books, read every ten seconds by a clock that is `fastMs` ahead, with the cable pulled meanwhile. */
const booked = (fastMs: number, pulled: readonly [number, number] | null): Map<number, ChainStep> => {
  let state: Cryptometer = newCryptometer({
    t0: millis(T0),
    stepMs: STEP,
    quantumMwh: mwh(287),
    mode: "per-step",
    tickMinMs: 5_000,
    graceMs: 1_500,
    journalMs: 5_000,
    pMaxW: 12_000,
    resolutionMwh: RESOLUTION,
  });
  for (let ms = 2_000; ms <= STEPS * STEP + 20_000; ms += 10_000) {
    const device = T0 + ms + fastMs;
    const away = pulled !== null && ms >= pulled[0] && ms < pulled[1];
    state = away
      ? onTime(state, millis(device)).state
      : onReading(state, { at: millis(device), registerMwh: mwh(register(ms)) }).state;
  }
  const steps = new Map<number, ChainStep>();
  for (const [i, { step, register: to, estimated }] of state.closes.entries())
    steps.set(step, { mwh: to - (state.closes[i - 1]?.register ?? 0), estimated, late: false, closed: true });
  return steps;
};

const NOTHING: ChainStep = { mwh: 0, estimated: false, late: false, closed: true };
const check = (
  steps: ReadonlyMap<number, ChainStep>,
  change: { meter?: MeterFile; mpePpm?: number } = {},
): Reconciliation =>
  reconcile({
    t0: T0,
    stepMs: STEP,
    chain: (step) => steps.get(step) ?? NOTHING,
    meter: FILE,
    firstStep: 1,
    lastStep: STEPS,
    mpePpm: 20_000,
    pMinW: 57,
    resolutionMwh: RESOLUTION,
    ...change,
  });
const outOf = ({ rows }: Reconciliation) =>
  rows.flatMap((row) => (row.verdict === "out" ? [[row.lastStep, ...row.reasons] as const] : []));

const HONEST = booked(0, null);

describe("a day at 10 kW, read every ten seconds", () => {
  test("nothing is out, the total is the meter's to one step of its register, and only rounding is above the class", () => {
    const found = check(HONEST);
    expect(outOf(found)).toEqual([]);
    expect(found.rows).toHaveLength(STEPS);
    expect(Math.abs(found.total.differenceMwh)).toBeLessThanOrEqual(RESOLUTION);
    expect(found.total.verdict).toBe("within");
    expect(found.rows.every((row) => row.verdict === "within" || row.reasons.includes("rounding"))).toBe(true);
    expect([found.clockOffsetMs, found.hint, found.closed]).toEqual([null, null, true]);
  });
  test("by days it is one row, and the sums are the same", () => {
    const whole: Metered = { from: end(0), to: end(STEPS), mwh: register(STEPS * STEP) };
    const found = check(HONEST, { meter: { ...FILE, intervals: [whole] } });
    expect(found.rows).toHaveLength(1);
    expect(found.total).toEqual(check(HONEST).total);
  });
  test("five-minute intervals are joined into steps, so that no step is cut", () => {
    const parts = Array.from({ length: STEPS * 3 }, (_, i) => ({
      from: T0 + i * 300_000,
      to: T0 + (i + 1) * 300_000,
      mwh: register((i + 1) * 300_000) - register(i * 300_000),
    }));
    const found = check(HONEST, { meter: { ...FILE, intervals: parts } });
    expect(found.rows.map(({ from, to, meterMwh }) => [from, to, meterMwh])).toEqual(
      FILE.intervals.map(({ from, to, mwh: energy }) => [from, to, energy]),
    );
  });
  test("a meter read within a step is compared in proportion to time, and the row says so", () => {
    const noon = 12 * 3_600_000 + 400_000;
    const meter = { ...FILE, intervals: [{ from: end(0), to: T0 + noon, mwh: register(noon) }] };
    const [row] = check(HONEST, { meter }).rows;
    expect(row).toMatchObject({ unaligned: true, firstStep: 1, lastStep: 49 });
    expect(row?.verdict).not.toBe("out");
  });
});

describe("what is out, and why", () => {
  test("a cable pulled for 20 minutes: the steps it touched are out as off, the one read next as estimated, none is lost", () => {
    const from = 11 * 3_600_000 + 5 * MINUTE;
    const found = check(booked(0, [from, from + 20 * MINUTE]));
    expect(outOf(found)).toEqual([
      [45, "off"],
      [46, "estimated"],
    ]);
    expect(found.rows[44]?.elsewhere).toBe(end(46));
    expect(found.total.verdict).toBe("within");
  });
  test("a device that was off for three hours: each step is off, and says where its energy stands", () => {
    const found = check(booked(0, [10 * 3_600_000 + MINUTE, 13 * 3_600_000 + MINUTE]));
    const out = outOf(found);
    expect(out.map(([step]) => step)).toEqual([41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53]);
    expect(out.slice(0, -1).every(([, reason]) => reason === "off")).toBe(true);
    expect(out.at(-1)).toEqual([53, "estimated"]);
    expect(found.rows[44]?.elsewhere).toBe(end(53));
  });
  test("delivered when the steps could no longer be booked to: late, booked in another step", () => {
    const late = new Map(HONEST);
    const sum = [40, 41, 42].reduce((total, step) => total + (HONEST.get(step)?.mwh ?? 0), 0);
    for (const step of [40, 41]) late.delete(step);
    late.set(42, { ...NOTHING, mwh: sum, estimated: true, late: true });
    const found = check(late);
    expect(outOf(found)).toEqual([
      [40, "late"],
      [41, "late"],
      [42, "estimated"],
    ]);
    expect(found.rows[39]?.elsewhere).toBe(end(42));
    expect(found.total.verdict).toBe("within");
  });
  test.each([-240_000, -120_000, 120_000, 240_000])(
    "a clock %i ms off the meter's: its size and direction are found",
    (off) => {
      const found = check(booked(off, null));
      const out = outOf(found);
      expect(out.length).toBeGreaterThan(10);
      expect(out.filter(([, reason]) => reason === "clock").length).toBeGreaterThan(out.length * 0.9);
      expect((found.clockOffsetMs ?? 0) / off).toBeGreaterThan(0.8);
      expect((found.clockOffsetMs ?? 0) / off).toBeLessThan(1.2);
    },
  );
  test("a clock 3 s off moves less than the class allows: nothing is out", () => {
    expect(outOf(check(booked(3_000, null)))).toEqual([]);
  });
  test("energy that moved to the neighbour once is the clock's too, without an offset for the whole day", () => {
    const moved = new Map(HONEST);
    const part = 300_000;
    moved.set(50, { ...NOTHING, mwh: (HONEST.get(50)?.mwh ?? 0) - part });
    moved.set(51, { ...NOTHING, mwh: (HONEST.get(51)?.mwh ?? 0) + part });
    const found = check(moved);
    expect(outOf(found)).toEqual([
      [50, "clock"],
      [51, "clock"],
    ]);
    expect(found.clockOffsetMs).toBeNull();
  });
  test("a step that nobody ever booked is missing, and the total with it; while it is open it may still come", () => {
    const less = new Map(HONEST);
    less.delete(50);
    expect(outOf(check(less))).toEqual([[50, "missing"]]);
    expect(check(less).total.verdict).toBe("out");
    less.set(50, { ...NOTHING, closed: false });
    expect(outOf(check(less))).toEqual([[50, "open"]]);
    expect(check(less).closed).toBe(false);
  });
  test("a chain that has more than its meter says so", () => {
    const more = new Map(HONEST).set(50, { ...NOTHING, mwh: (HONEST.get(50)?.mwh ?? 0) + 500_000 });
    expect(outOf(check(more))).toEqual([[50, "surplus"]]);
  });
});

describe("a file read the wrong way is recognised", () => {
  const shifted = (ms: number): MeterFile => ({
    ...FILE,
    intervals: FILE.intervals.map(({ from, to, mwh: energy }) => ({ from: from + ms, to: to + ms, mwh: energy })),
  });
  test.each([
    ["the other end of the interval", STEP],
    ["the other end, the other way", -STEP],
    ["UTC for summer time", 2 * 3_600_000],
    ["an hour", -3_600_000],
  ])("%s", (_, ms) => {
    expect(check(HONEST, { meter: shifted(ms) }).hint).toEqual({ kind: "shift", ms: -ms });
  });
  test("Wh taken for kWh", () => {
    const intervals = FILE.intervals.map((one) => ({ ...one, mwh: one.mwh * 1_000 }));
    expect(check(HONEST, { meter: { ...FILE, intervals } }).hint).toEqual({ kind: "unit" });
  });
});

describe("laws", () => {
  const energies = fc.array(
    fc.record({ meter: fc.nat({ max: 3e6 }), chain: fc.nat({ max: 3e6 }), estimated: fc.boolean() }),
    {
      minLength: 1,
      maxLength: 60,
    },
  );
  const both = (list: readonly { meter: number; chain: number; estimated: boolean }[]): Reconciliation =>
    check(new Map(list.map(({ chain, estimated }, i) => [i + 1, { ...NOTHING, mwh: chain, estimated }])), {
      meter: { ...FILE, intervals: list.map(({ meter }, i) => ({ from: end(i), to: end(i + 1), mwh: meter })) },
    });
  test("rows add up to the total, each difference is chain minus meter, and each row that is not within has a reason", () => {
    fc.assert(
      fc.property(energies, (list) => {
        const { rows, total } = both(list);
        expect(rows.map((row) => row.differenceMwh)).toEqual(list.map(({ chain, meter }) => chain - meter));
        expect(total.differenceMwh).toBe(rows.reduce((sum, row) => sum + row.differenceMwh, 0));
        for (const row of rows) expect(row.reasons.length > 0).toBe(row.verdict !== "within");
        expect(reconciliationCsv(rows).trimEnd().split("\n")).toHaveLength(rows.length + 1);
      }),
    );
  });
  test("a chain that equals its meter has nothing to explain", () => {
    fc.assert(
      fc.property(energies, (list) => {
        const { rows, total } = both(list.map(({ meter, estimated }) => ({ meter, chain: meter, estimated })));
        expect(rows.every((row) => row.verdict === "within" && row.reasons.length === 0)).toBe(true);
        expect(total.verdict).toBe("within");
      }),
    );
  });
  test("joining intervals keeps all energy and leaves no cut but at the ends and at gaps", () => {
    const pieces = fc.array(
      fc.record({ length: fc.integer({ min: 1, max: 2_000_000 }), gap: fc.boolean(), mwh: fc.nat({ max: 1e6 }) }),
    );
    fc.assert(
      fc.property(pieces, (list) => {
        let at = T0 + 12_345;
        const intervals = list.map(({ length, gap, mwh: energy }) => {
          const from = at + (gap ? 60_000 : 0);
          at = from + length;
          return { from, to: at, mwh: energy };
        });
        const spans = spansOf(intervals, T0, STEP);
        expect(spans.reduce((sum, one) => sum + one.mwh, 0)).toBe(list.reduce((sum, one) => sum + one.mwh, 0));
        const cut = spans.filter(({ to }, i) => (to - T0) % STEP !== 0 && i < spans.length - 1);
        expect(cut.filter(({ to }) => spans.some(({ from }) => from === to))).toEqual([]);
      }),
    );
  });
  test("a step index is where the chain has it", () => {
    expect(check(HONEST).rows.map((row) => row.firstStep)).toEqual(
      Array.from({ length: STEPS }, (_, i) => stepIndex(i + 1)),
    );
  });
});
