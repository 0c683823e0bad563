/**
 * A day at 10 kW through a virtual meter: its line, the port, the source, the decoder and the cryptometer, on a virtual
 * clock, with a cable pulled for 20 minutes, a page that is loaded anew in the middle of a step, and a device whose
 * clock is 3 seconds off. Returns the figures; judges nothing.
 */
import { quantumBound } from "../../worker/metering/accuracy.ts";
import {
  newCryptometer,
  onReading,
  onTime,
  type Cryptometer,
  type CryptometerConfig,
  type Outcome,
} from "../../worker/metering/cryptometer.ts";
import type { PulseDecoder } from "../../worker/metering/decoders/pulse.ts";
import type { Dialogue } from "../../worker/metering/dialogue.ts";
import { pendingGenerations } from "../../worker/metering/generations.ts";
import { encodeEntry, entryKey, restore } from "../../worker/metering/journal.ts";
import type { DecodeEvent, Decoder, PulseCounter } from "../../worker/metering/reading.ts";
import { converse } from "../../worker/metering/sources/conversation.ts";
import { readSerial, type SerialEvent } from "../../worker/metering/sources/serial.ts";
import { VirtualPort, VirtualSerial } from "../../worker/metering/sources/virtual-port.ts";
import { registersAt, type MeterProfile } from "../../worker/metering/virtual/meter.ts";
import type { VirtualMeterKind } from "../../worker/metering/virtual/meters.ts";
import { millis, mwh, stepIndex } from "../../worker/base/units.ts";

export const STEP_MS = 900_000;
export const CLOCK_OFF_MS = 3_000;
export const POWER_W = 10_000;
/** What is counted is on disk after so long at the latest. */
export const JOURNAL_MS = 5_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const T0 = Date.UTC(2026, 5, 20);
const DAY = T0 + 24 * HOUR;
const END = DAY + 24 * HOUR;
const PULLED = DAY + 10 * HOUR + 5 * MINUTE;
const PLUGGED = PULLED + 20 * MINUTE;
const RELOADED = DAY + 13 * HOUR + 7 * MINUTE + 30_000;
const PAGE_LOADS_MS = 2_000;
/** 5 kW for exactly one step, so that a clock that is off shows. */
const HALF = DAY + 9 * HOUR;

export const PROFILE: MeterProfile = {
  power: [
    { at: millis(DAY), watts: POWER_W },
    { at: millis(HALF), watts: POWER_W / 2 },
    { at: millis(HALF + STEP_MS), watts: POWER_W },
    { at: millis(END), watts: 0 },
  ],
  exportMwh: 7_000_000,
};

const CONFIG: Omit<CryptometerConfig, "resolutionMwh"> = {
  stepMs: STEP_MS,
  t0: millis(T0),
  quantumMwh: quantumBound({ phases: 3, iMinMa: 500, accuracyClass: "B" }, STEP_MS).quantumMwh,
  mode: "per-V",
  tickMinMs: 5_000,
  graceMs: 90_000,
  journalMs: JOURNAL_MS,
  pMaxW: 12_000,
};

/** What reads the meter: bytes, bytes and breaks, or a conversation. */
export type Reader =
  | { readonly kind: "decoder"; readonly decoder: Decoder }
  | { readonly kind: "pulses"; readonly decoder: PulseDecoder }
  | { readonly kind: "dialogue"; readonly dialogue: Dialogue };

export type DayResult = {
  readonly readings: number;
  readonly refusals: Readonly<Record<string, number>>;
  readonly ticks: number;
  /** Booked by the chain, and what the meter's register grew by. */
  readonly sumMwh: number;
  readonly meterMwh: number;
  /** The energy while nobody listened. */
  readonly deafMwh: number;
  /** Of the steps that are not marked estimated, chain minus meter, and the step's own MPE of class B. */
  readonly steps: readonly { readonly step: number; readonly errorMwh: number; readonly trueMwh: number }[];
  readonly estimated: readonly number[];
  /** Why the cryptometer stopped, if it did. */
  readonly refusal: string | null;
};

/** A clock that stands until it is moved. */
class HandClock {
  #now = DAY - MINUTE;
  #timers: { readonly at: number; readonly run: () => void }[] = [];
  readonly now = (): number => this.#now;
  readonly at = (time: number, run: () => void): (() => void) => {
    const timer = { at: Math.max(time, this.#now), run };
    const place = this.#timers.findIndex((other) => other.at > timer.at);
    this.#timers.splice(place < 0 ? this.#timers.length : place, 0, timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };
  readonly delay = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const cancel = this.at(this.#now + ms, resolve);
      signal.addEventListener("abort", () => (cancel(), resolve()), { once: true });
    });
  /** Everything until `end`; after each event whatever it set off is done first. */
  async run(end: number): Promise<void> {
    await settle();
    for (let timer = this.#timers[0]; timer !== undefined && timer.at <= end; timer = this.#timers[0]) {
      this.#timers.shift();
      this.#now = timer.at;
      timer.run();
      await settle();
    }
    this.#now = end;
  }
}

const settle = (): Promise<void> => new Promise((done) => setImmediate(done));

/** One device: its journal outlives its page. */
class Device {
  readonly #journal = new Map<string, Uint8Array>();
  readonly #config: CryptometerConfig;
  readonly booked = new Map<number, number>();
  readonly estimated = new Set<number>();
  #register = 0;
  #state: Cryptometer;
  ticks = 0;
  readings = 0;
  refusal: string | null = null;
  readonly refusals: Record<string, number> = {};

  constructor(resolutionMwh: number) {
    this.#config = { ...CONFIG, resolutionMwh };
    this.#state = newCryptometer(this.#config);
  }

  get counter(): PulseCounter | null {
    return this.#state.count?.counter ?? null;
  }

  reload(): void {
    const restored = restore(this.#config, [...this.#journal.values()], mwh(0));
    if (!restored.ok) throw new Error(restored.error.message);
    this.#state = restored.value;
  }

  take(events: readonly DecodeEvent[], now: number): void {
    const at = millis(now + CLOCK_OFF_MS);
    for (const event of events) {
      if (event.kind === "refused") {
        this.refusals[event.refusal.code] = (this.refusals[event.refusal.code] ?? 0) + 1;
        continue;
      }
      this.readings += 1;
      const { exportMwh, counter } = event.reading;
      if (exportMwh === null) throw new Error("a generation meter without its register");
      this.#apply(onReading(this.#state, { registerMwh: exportMwh, at, counter }));
    }
  }

  time(now: number): void {
    this.#apply(onTime(this.#state, millis(now + CLOCK_OFF_MS)));
  }

  /** A block closes each step; what it can book is booked. @param all the running step's too. */
  book(now: number, all = false): void {
    const currentStep = stepIndex(Math.floor((now + CLOCK_OFF_MS - T0) / STEP_MS) + 1);
    for (let more = true; more;) {
      const register = mwh(this.#register);
      const pending = pendingGenerations(this.#state, { register, currentStep, lateWindow: 96 });
      const ready = pending.filter(({ running }) => all || !running);
      for (const { step, from, to, estimated } of ready) {
        this.booked.set(step, (this.booked.get(step) ?? 0) + (to - from));
        if (estimated) this.estimated.add(step);
        this.#register = to;
      }
      more = ready.length > 0;
    }
  }

  /** What the journal holds beyond the last whole V, and the chain does not yet. */
  get remainder(): number {
    return (this.#state.journaled?.register ?? 0) - this.#register;
  }

  #apply(outcome: Outcome): void {
    this.#state = outcome.state;
    if (outcome.refusal !== null) this.refusal = outcome.refusal.code;
    for (const effect of outcome.effects) {
      if (effect.kind === "journal") this.#journal.set(entryKey(effect.entry), encodeEntry(effect.entry));
      if (effect.kind === "tick") this.ticks += 1;
    }
  }
}

/** A page that listens until it is closed. */
const listen = (
  reader: Reader,
  device: Device,
  serial: VirtualSerial,
  clock: HandClock,
  kind: VirtualMeterKind,
): AbortController => {
  const stop = new AbortController();
  const take = (events: readonly DecodeEvent[]): void => device.take(events, clock.now());
  const port = { usbVendorId: 0x0403, usbProductId: 0x6001 };
  const base = { serial, port, delay: clock.delay };
  if (reader.kind === "dialogue") {
    const { dialogue } = reader;
    void converse({ ...base, dialogue, onEvent: () => undefined, onDecoded: take }, stop.signal);
    return stop;
  }
  const onEvent = (event: SerialEvent): void => {
    if (event.kind === "bytes") take(reader.decoder.push(event.bytes));
    else if (event.kind === "break" && reader.kind === "pulses") take(reader.decoder.broke(clock.now()));
    else if (event.kind === "state" && event.state === "unplugged") take(reader.decoder.end());
  };
  void readSerial({ ...base, settings: kind.line, breaks: reader.kind === "pulses", onEvent }, stop.signal);
  return stop;
};

export const dayThrough = async (
  kind: VirtualMeterKind,
  makeReader: (counter: PulseCounter | null) => Reader,
): Promise<DayResult> => {
  const clock = new HandClock();
  const serial = new VirtualSerial();
  const device = new Device(kind.resolutionMwh);
  const plug = (): VirtualPort => {
    const ids = { usbVendorId: 0x0403, usbProductId: 0x6001 };
    const port = new VirtualPort(ids, { meter: kind.play(PROFILE), clock });
    serial.plug(port);
    return port;
  };
  let port = plug();
  let page = listen(makeReader(null), device, serial, clock, kind);
  for (let at = DAY; at <= END + STEP_MS; at += STEP_MS) {
    const due = at + 2 * MINUTE;
    clock.at(due, () => (device.time(due), device.book(due)));
  }
  clock.at(PULLED, () => serial.pull(port));
  clock.at(PLUGGED, () => (port = plug()));
  clock.at(RELOADED, () => page.abort());
  clock.at(RELOADED + PAGE_LOADS_MS, () => {
    device.reload();
    page = listen(makeReader(device.counter), device, serial, clock, kind);
  });
  await clock.run(END + STEP_MS + 3 * MINUTE);
  page.abort();
  await clock.run(END + STEP_MS + 4 * MINUTE);
  device.book(clock.now(), true);
  return figures(device);
};

const energy = (from: number, to: number): number =>
  registersAt(PROFILE, millis(to)).exportMwh - registersAt(PROFILE, millis(from)).exportMwh;

const figures = (device: Device): DayResult => {
  const steps = [];
  for (let begin = DAY; begin < END; begin += STEP_MS) {
    const step = (begin - T0) / STEP_MS + 1;
    const trueMwh = energy(begin, begin + STEP_MS);
    const errorMwh = (device.booked.get(step) ?? 0) - trueMwh;
    const gap = begin < PLUGGED && begin + STEP_MS > PULLED;
    if (!gap && !device.estimated.has(step)) steps.push({ step, errorMwh, trueMwh });
  }
  return {
    readings: device.readings,
    refusals: device.refusals,
    ticks: device.ticks,
    sumMwh: [...device.booked.values()].reduce((sum, part) => sum + part, 0) + device.remainder,
    meterMwh: energy(DAY, END),
    deafMwh: energy(PULLED, PLUGGED) + energy(RELOADED, RELOADED + PAGE_LOADS_MS),
    steps,
    estimated: [...device.estimated],
    refusal: device.refusal,
  };
};
