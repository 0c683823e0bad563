/** What came from the grid is cut at T_i by the rule of generation, marked where it was guessed, and kept in a bounded book. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { millis, mwh, type Millis } from "../../worker/base/units.ts";
import { consumptionConfig, follow, newFollower, type UsedStep } from "../../worker/metering/consumption.ts";
import {
  newCryptometer,
  onReading,
  type Cryptometer,
  type CryptometerReading,
} from "../../worker/metering/cryptometer.ts";
import { decodeEntry, encodeEntry, restore } from "../../worker/metering/journal.ts";
import { chunkOf, CHUNK_STEPS, KEPT_STEPS, UseBook } from "../../worker/metering/use-book.ts";

const STEP = 900_000;
const T0 = millis(1_700_000_100_000);
const CONFIG = consumptionConfig(T0, STEP, 1_000);
const at = (ms: number): Millis => millis(T0 + ms);
const reading = (ms: number, register: number): CryptometerReading => ({ at: at(ms), registerMwh: mwh(register) });

const run = (readings: readonly CryptometerReading[]): { steps: UsedStep[]; state: Cryptometer } => {
  let state = newFollower(CONFIG);
  const steps: UsedStep[] = [];
  for (const one of readings) {
    const done = follow(state, one);
    state = done.state;
    steps.push(...done.steps);
  }
  return { steps, state };
};

/** Readings every ten seconds; between 0 and 60 Wh each, now and then a cable pulled for up to two hours. */
const life = fc
  .array(
    fc.record({
      gap: fc.oneof({ weight: 20, arbitrary: fc.constant(10_000) }, fc.integer({ min: 1, max: 7_200_000 })),
      gain: fc.integer({ min: 0, max: 60_000 }),
    }),
    { minLength: 2, maxLength: 120 },
  )
  .map((parts) => {
    let [ms, register] = [5_000, 4_000_000];
    return parts.map(({ gap, gain }) => {
      ms += gap;
      register += Math.min(gain, gap * 20);
      return reading(ms, register);
    });
  });

describe("consumption is cut at T_i as generation is", () => {
  test("every step that got energy has what the cryptometer would have given it, with its mark", () => {
    fc.assert(
      fc.property(life, (readings) => {
        let machine = newCryptometer(CONFIG);
        for (const one of readings) machine = onReading(machine, one).state;
        const closes = machine.closes.map((close, i) => ({
          step: close.step,
          mwh: close.register - (machine.closes[i - 1]?.register ?? 0),
          estimated: close.estimated,
        }));
        const { steps } = run(readings);
        expect(steps.filter((step) => step.mwh > 0)).toEqual(closes);
      }),
    );
  });
  test("all of the register is in the steps and in the running one, each step once and in order", () => {
    fc.assert(
      fc.property(life, (readings) => {
        const { steps, state } = run(readings);
        const [first, last] = [readings[0], readings.at(-1)];
        const sum = steps.reduce((total, step) => total + step.mwh, 0);
        const { count } = state;
        const running = (count?.register ?? 0) - (count?.closedRegister ?? 0);
        expect(sum + running).toBe((last?.registerMwh ?? 0) - (first?.registerMwh ?? 0));
        const indices = steps.map(({ step }) => step as number);
        expect(indices).toEqual([...new Set(indices)].toSorted((a, b) => a - b));
      }),
    );
  });
  test("a restart from the last entry on disk gives the same steps from there on", () => {
    fc.assert(
      fc.property(life, fc.nat(), (readings, cut) => {
        const until = 1 + (cut % readings.length);
        let state = newFollower(CONFIG);
        let kept: { at: number; raw: Uint8Array } | null = null;
        for (const [i, one] of readings.slice(0, until).entries()) {
          const done = follow(state, one);
          state = done.state;
          if (done.entry !== null) kept = { at: i, raw: encodeEntry(done.entry) };
        }
        if (kept === null) throw new Error("the first reading is always written");
        expect(decodeEntry(kept.raw).ok).toBe(true);
        const restored = restore(CONFIG, [kept.raw], mwh(0));
        if (!restored.ok) throw new Error(restored.error.message);
        let again: Cryptometer = restored.value;
        const from = kept.at + 1;
        const direct: UsedStep[] = [];
        const replayed: UsedStep[] = [];
        let straight = run(readings.slice(0, from)).state;
        for (const one of readings.slice(from)) {
          const [a, b] = [follow(straight, one), follow(again, one)];
          straight = a.state;
          again = b.state;
          direct.push(...a.steps);
          replayed.push(...b.steps);
        }
        expect(replayed).toEqual(direct);
      }),
    );
  });
});

describe("a step says whether it was seen", () => {
  test("read through: exact, also where nothing was used", () => {
    const readings = Array.from({ length: 182 }, (_, i) => reading(5_000 + i * 10_000, i < 60 ? 0 : 1_000 * (i - 60)));
    expect(run(readings).steps).toEqual([
      { step: 1, mwh: 29_500, estimated: false },
      { step: 2, mwh: 90_000, estimated: false },
    ]);
  });
  test("a gap in which the register moved: its first step and the one it was read in are estimated, the rest unknown", () => {
    const { steps } = run([
      reading(0, 0),
      reading(10_000, 1_000),
      reading(3 * STEP + 5_000, 9_000),
      reading(4 * STEP, 9_500),
    ]);
    expect(steps).toEqual([
      { step: 1, mwh: 1_000, estimated: true },
      { step: 4, mwh: 8_500, estimated: true },
    ]);
  });
  test("a gap in which it stood still: nothing was used, and that is known", () => {
    const { steps } = run([reading(0, 7_000), reading(2 * STEP + 5_000, 7_000)]);
    expect(steps.map(({ step, mwh: used, estimated }) => [step, used, estimated])).toEqual([
      [1, 0, false],
      [2, 0, false],
    ]);
  });
  test("an exchanged meter's jump is nobody's use, counting goes on from it and is estimated once", () => {
    const { steps } = run([
      reading(0, 9_000_000),
      reading(10_000, 9_001_000),
      reading(20_000, 3_000),
      reading(30_000, 4_000),
      reading(STEP, 5_000),
      ...Array.from({ length: 90 }, (_, i) => reading(STEP + (i + 1) * 10_000, 5_000 + (i + 1) * 100)),
    ]);
    expect(steps).toEqual([
      { step: 1, mwh: 3_000, estimated: true },
      { step: 2, mwh: 9_000, estimated: false },
    ]);
  });
});

describe("the book of steps", () => {
  const rows = fc.uniqueArray(
    fc.record({ step: fc.nat({ max: 5_000 }), mwh: fc.nat({ max: 1e12 }), estimated: fc.boolean() }),
    { selector: ({ step }) => step, maxLength: 300 },
  );
  test("gives back what was put in, after the disk too", () => {
    fc.assert(
      fc.property(rows, (put) => {
        const book = new UseBook();
        for (const { step, ...use } of put) book.set(step, use);
        const again = new UseBook();
        for (const chunk of new Set(put.map(({ step }) => chunkOf(step))))
          expect(again.loadChunk(chunk, book.encodeChunk(chunk)).ok).toBe(true);
        for (const one of [book, again]) {
          for (const { step, ...use } of put) expect(one.get(step)).toEqual(use);
          expect(one.span).toEqual(
            put.length === 0
              ? null
              : { first: Math.min(...put.map((p) => p.step)), last: Math.max(...put.map((p) => p.step)) },
          );
        }
        expect(book.get(6_000)).toBeNull();
      }),
    );
  });
  test("keeps the last 400 days of quarter-hours and says which rows may go", () => {
    const book = new UseBook();
    for (let day = 0; day < 403; day++) book.set(day * CHUNK_STEPS + 95, { mwh: day, estimated: false });
    expect(book.prune()).toEqual([0, 1, 2]);
    expect(book.get(2 * CHUNK_STEPS + 95)).toBeNull();
    expect(book.get(3 * CHUNK_STEPS + 95)).toEqual({ mwh: 3, estimated: false });
    expect(book.span).toEqual({ first: 3 * CHUNK_STEPS, last: 402 * CHUNK_STEPS + 95 });
    expect(book.prune()).toEqual([]);
  });
  test("a year of quarter-hours takes less room than the budget says", () => {
    const book = new UseBook();
    for (let step = 0; step < KEPT_STEPS; step++)
      book.set(step, { mwh: 60_000 + (step % 97) * 9_000, estimated: false });
    let size = 0;
    for (let chunk = 0; chunk < KEPT_STEPS / CHUNK_STEPS; chunk++) size += book.encodeChunk(chunk).length;
    expect(size).toBeLessThan(400_000);
  });
  test("a damaged row is refused", () => {
    expect(new UseBook().loadChunk(0, Uint8Array.of(1, 200, 1, 0, 0)).ok).toBe(false);
    expect(new UseBook().loadChunk(0, Uint8Array.of(9)).ok).toBe(false);
  });
});
