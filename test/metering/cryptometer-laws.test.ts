/** The cryptometer against any history: readings, silences, restarts, exchanges, a ledger that takes what it likes. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { millis, mwh, stepIndex, type MilliwattHours, type StepIndex } from "../../worker/base/units.ts";
import {
  confirm,
  newCryptometer,
  onReading,
  onTime,
  type Cryptometer,
  type CryptometerConfig,
  type MeteringMode,
  type Outcome,
} from "../../worker/metering/cryptometer.ts";
import {
  pendingGenerations,
  prune,
  type LedgerView,
  type PendingGeneration,
} from "../../worker/metering/generations.ts";
import { closeKey, decodeEntry, encodeEntry, entryKey, restore } from "../../worker/metering/journal.ts";

const STEP = 100_000;
const T0 = 1_000_000;
const LATE = 5;

const configOf = (mode: MeteringMode): CryptometerConfig => ({
  stepMs: STEP,
  t0: millis(T0),
  quantumMwh: mwh(7_000),
  mode,
  tickMinMs: 5_000,
  graceMs: 2_000,
  journalMs: 20_000,
  pMaxW: 36_000,
  resolutionMwh: 10,
});

type Event =
  /** Time passes, the meter counts (in mWh per second), a reading arrives or does not. */
  | { kind: "run"; ms: number; watts: number; heard: boolean }
  | { kind: "time" }
  | { kind: "restart"; fromLog: boolean }
  | { kind: "exchange"; register: number; later: number }
  | { kind: "sign" }
  /** The ledger takes the n-th of what was ever signed that fits its register: often an older tick. */
  | { kind: "block"; pick: number }
  | { kind: "final" };

const events: fc.Arbitrary<Event[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant("run" as const),
        ms: fc.integer({ min: 1, max: 70_000 }),
        watts: fc.nat(36_000),
        heard: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("time" as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("restart" as const), fromLog: fc.boolean() }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("exchange" as const), register: fc.nat(1_000), later: fc.nat(150_000) }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("sign" as const) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("block" as const), pick: fc.nat(50) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("final" as const) }) },
  ),
  { maxLength: 120 },
);

/** A device, its disk and a ledger that checks what a ledger checks. */
class World {
  now = T0 + 500;
  /** The meter's own register and all energy it ever counted while connected. */
  meter = 123_456;
  disk = new Map<string, Uint8Array>();
  log: Uint8Array[] = [];
  signed: PendingGeneration[] = [];
  taken: PendingGeneration[] = [];
  config: CryptometerConfig;
  limit: number | null;
  state: Cryptometer;

  constructor(mode: MeteringMode, limit: number | null) {
    this.config = configOf(mode);
    this.limit = limit;
    this.state = newCryptometer(this.config);
  }

  get register(): MilliwattHours {
    return this.taken.at(-1)?.to ?? mwh(0);
  }

  booked(step: number): number {
    return this.taken.filter((taken) => taken.step === step).reduce((sum, { from, to }) => sum + to - from, 0);
  }

  view(): LedgerView {
    const currentStep = stepIndex(Math.floor((this.now - T0 - 1) / STEP) + 1);
    return {
      register: this.register,
      currentStep,
      lateWindow: LATE,
      stepLimitMwh: this.limit,
      booked: (s) => this.booked(s),
    };
  }

  apply(outcome: Outcome): void {
    for (const effect of outcome.effects) {
      if (effect.kind !== "journal") continue;
      const bytes = encodeEntry(effect.entry);
      this.disk.set(entryKey(effect.entry), bytes);
      this.log.push(bytes);
    }
    this.state = outcome.state;
  }

  read(): void {
    const outcome = onReading(this.state, { at: millis(this.now), registerMwh: mwh(this.meter) });
    this.apply(outcome);
    if (outcome.refusal !== null) throw new Error(outcome.refusal.code);
  }

  step(event: Event): void {
    switch (event.kind) {
      case "run":
        this.now += event.ms;
        this.meter += Math.floor((event.watts * event.ms) / 3_600);
        if (event.heard) this.read();
        return;
      case "time":
        return this.apply(onTime(this.state, millis(this.now)));
      case "restart": {
        const entries = event.fromLog ? this.log : [...this.disk.values()];
        const restored = restore(this.config, entries, mwh(0));
        if (!restored.ok) throw new Error(restored.error.code);
        this.state = restored.value;
        return;
      }
      case "exchange": {
        if (this.state.count === null) return;
        // The owner reads both meters: what the old one showed last is heard before it goes.
        this.read();
        if (this.meter <= event.register) return;
        this.meter = event.register;
        this.now += event.later;
        const stopped = onReading(this.state, { at: millis(this.now), registerMwh: mwh(this.meter) });
        if (stopped.refusal?.code !== "register-backwards") throw new Error("the exchange went unnoticed");
        this.apply(stopped);
        return this.apply(confirm(this.state));
      }
      case "sign":
        this.signed.push(...pendingGenerations(this.state, this.view()));
        return;
      case "block":
        return this.block(event.pick);
      case "final": {
        const oldest = Math.max(0, this.view().currentStep - LATE) as StepIndex;
        const { state, forget } = prune(this.state, this.register, oldest);
        for (const step of forget) this.disk.delete(closeKey(step));
        this.state = state;
        if (forget.length > 0) this.log = [...this.disk.values()];
      }
    }
  }

  block(pick: number): void {
    const { register, currentStep } = this.view();
    const fits = this.signed.filter(
      ({ from, to, step }) =>
        from === register &&
        step <= currentStep &&
        step >= currentStep - LATE &&
        (this.limit === null || this.booked(step) + to - from <= this.limit),
    );
    const chosen = fits[pick % Math.max(1, fits.length)];
    if (chosen !== undefined) this.taken.push(chosen);
  }

  /** The device listens once more, the step ends, and blocks take what there is. */
  finish(): void {
    this.read();
    this.now += STEP + 10_000;
    this.apply(onTime(this.state, millis(this.now)));
    for (let i = 0; i < 10_000; i++) {
      const pending = pendingGenerations(this.state, this.view());
      this.taken.push(...pending);
      if (this.register === this.state.count?.register) return;
      if (pending.length === 0) this.now += STEP;
    }
    throw new Error("the ledger never caught up");
  }
}

const play = (
  history: readonly Event[],
  mode: MeteringMode,
  limit: number | null,
): { world: World; energy: number } => {
  const world = new World(mode, limit);
  world.read();
  // An independent sum: what the meter counted from the first reading on.
  let energy = 0;
  for (const event of history) {
    const before = world.meter;
    world.step(event);
    if (event.kind === "run") energy += world.meter - before;
  }
  world.finish();
  return { world, energy };
};

describe("law: any readings, silences, restarts, exchanges and any progress of the ledger", () => {
  test.each([
    ["per-step", null],
    ["per-V", null],
    ["per-step", 1_100_000],
  ] as const)("mode %s, step limit %s: everything is booked once, in one unbroken line", (mode, limit) => {
    fc.assert(
      fc.property(events, (history) => {
        const { world, energy } = play(history, mode, limit);
        expect(world.taken.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(energy);
        let register = 0;
        let step = 0;
        for (const generation of world.taken) {
          expect(generation.from).toBe(register);
          expect(generation.to).toBeGreaterThan(register);
          expect(generation.step).toBeGreaterThanOrEqual(step);
          register = generation.to;
          step = generation.step;
        }
        const most = Math.max(0, ...world.taken.map((taken) => world.booked(taken.step)));
        expect(most).toBeLessThanOrEqual(limit ?? energy);
      }),
      { numRuns: 300 },
    );
  });

  test("in mode per-V no generation is larger than V", () => {
    fc.assert(
      fc.property(events, (history) => {
        const { world } = play(history, "per-V", null);
        for (const { from, to } of world.taken) expect(to - from).toBeLessThanOrEqual(7_000);
      }),
    );
  });
});

describe("law: exactness", () => {
  test("with a reading at every end of a step, each step has exactly what the meter counted in it, and no guess", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(900_000), { minLength: 1, maxLength: 30 }), fc.boolean(), (energies, restarts) => {
        const world = new World("per-step", null);
        world.now = T0;
        world.read();
        for (const energy of energies) {
          world.now += STEP;
          world.meter += energy;
          world.read();
          if (restarts) world.step({ kind: "restart", fromLog: true });
        }
        const view = { register: mwh(0), currentStep: stepIndex(energies.length), lateWindow: energies.length };
        const booked = pendingGenerations(world.state, view).map(({ step, from, to, estimated }) => [
          step,
          to - from,
          estimated,
        ]);
        expect(booked).toEqual(
          energies.map((energy, i) => [i + 1, energy, false]).filter(([, energy]) => energy !== 0),
        );
      }),
    );
  });

  test("under constant power a reading a second cuts every step to within 1 mWh", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 36_000 }), fc.nat(999), (watts, phase) => {
        let state = newCryptometer(configOf("per-step"));
        const exact = (at: number): number => Math.floor((watts * (at - T0)) / 3_600);
        for (let at = T0; at <= T0 + 3 * STEP + 1_000; at = at === T0 ? T0 + 1 + phase : at + 1_000) {
          state = onReading(state, { at: millis(at), registerMwh: mwh(exact(at)) }).state;
        }
        for (const { step, register, estimated } of state.closes) {
          expect(estimated).toBe(false);
          expect(Math.abs(register - exact(T0 + step * STEP))).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("the journal's bytes", () => {
  test("law: any bytes are refused or are exactly one entry's", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const read = decodeEntry(bytes);
        expect(read.ok ? encodeEntry(read.value) : read.error.code).toEqual(read.ok ? bytes : "malformed");
      }),
      { numRuns: 2000 },
    );
  });

  test("a damaged journal is a refusal, an empty one a new cryptometer at the ledger's register", () => {
    const config = configOf("per-step");
    expect(restore(config, [Uint8Array.of(9, 9)], mwh(0))).toMatchObject({ ok: false, error: { code: "malformed" } });
    expect(restore(config, [], mwh(77))).toEqual({ ok: true, value: newCryptometer(config, mwh(77)) });
  });

  test("a stop, and where a pulse counter stood, outlive a restart", () => {
    const counter = { boot: 3, count: 40, total: 1_040 };
    const first = onReading(newCryptometer(configOf("per-step")), { at: millis(T0), registerMwh: mwh(5_000), counter });
    const stopped = onReading(first.state, { at: millis(T0 + 1), registerMwh: mwh(4_000) });
    const entries = [...first.effects, ...stopped.effects].flatMap((e) =>
      e.kind === "journal" ? [encodeEntry(e.entry)] : [],
    );
    const restored = restore(configOf("per-step"), entries, mwh(0));
    expect(restored).toEqual({ ok: true, value: stopped.state });
    expect(restored.ok && restored.value.count?.counter).toEqual(counter);
    expect(restored.ok && restored.value.count?.stop?.code).toBe("register-backwards");
  });
});
