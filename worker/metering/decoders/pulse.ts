/**
 * Raw pulses on a serial adapter, without a microcontroller: the meter's S0 output (IEC 62053-31: at least 30 ms on and
 * 30 ms off) pulls RX low, or switches CTS, DSR, DCD or RI. Edges with their times in, a count out. Pure; who listens or
 * polls stands in sources/serial.ts.
 *
 * RX, opened at 300 baud 8N1: a pulse is one character there, or a break when it lasts longer than one (33 ms). Two
 * characters are at least 33 ms apart on the wire however late and close together they are delivered, so each counts;
 * only a character beside a break within the debounce time is the bounce of that pulse's end.
 * Modem lines have no event and are polled: a change counts when two polls in a row see it, so polls must be at most
 * 15 ms apart. A later one is said, because a pulse may have passed meanwhile.
 *
 * What was not seen is not claimed: pulses while nobody listened are lost here (decoders/s0.ts loses none), and more
 * pulses than a meter can make are refused as noise.
 */
import { isImpPerKwh, pulsePower, pulseResolution, pulsesFit, pulsesToMwh } from "../pulses.ts";
import { refused, type DecodeEvent, type Decoder, type PulseCounter } from "../reading.ts";

export type PulseOptions = {
  /** From the meter's face. */
  readonly impPerKwh: number;
  /** Where the count stood when the journal was last written; null the first time. */
  readonly resume?: PulseCounter | null;
};

export type PulseDecoder = Decoder & {
  /** RX was low for longer than a character. */
  broke(at: number): DecodeEvent[];
  /** A modem line, as polled. */
  polled(on: boolean, at: number): DecodeEvent[];
};

/** Bounces of a contact end within this; no pulse is shorter. */
export const DEBOUNCE_MS = 30;
/** Two polls in a row fit into the shortest pulse. */
export const MAX_POLL_GAP_MS = 15;
/** On and off at least 30 ms each. */
export const MIN_PERIOD_MS = 60;
/** So many pulses may come at once from a worker that was busy, 12 s of the highest rate. */
const BURST = 200;
/** One refusal for so many pulses, or late polls. */
const SAID_EVERY = 100;
/** Beyond this a gap between two pulses says nothing of power. */
const MAX_POWER_GAP_MS = 3_600_000;

const TOO_FAST =
  "More pulses come than a meter can send; check that S0+ and S0- are not swapped, that nothing else is on the adapter, and keep the wires short.";
const POLLED_LATE =
  "The pulse line was looked at too late, so pulses may have been missed; keep this page open, or use a microcontroller, which never misses one.";

const isPulse = (decoder: Decoder): decoder is PulseDecoder => "broke" in decoder;
export const asPulseDecoder = (decoder: Decoder): PulseDecoder | null => (isPulse(decoder) ? decoder : null);

class PulseCounting implements PulseDecoder {
  readonly #impPerKwh: number;
  readonly #boot: number;
  #count = 0;
  #total: number;
  /** The last character and the last break. */
  #byteAt = Number.NEGATIVE_INFINITY;
  #breakAt = Number.NEGATIVE_INFINITY;
  /** What may still come at once, in ms of the shortest period. */
  #room = BURST * MIN_PERIOD_MS;
  #roomAt: number | null = null;
  #dropped = 0;
  #late = 0;
  #stable: boolean | null = null;
  #seenOnce = false;
  #polledAt: number | null = null;
  #countedAt: number | null = null;
  #watts: number | null = null;

  constructor(options: PulseOptions) {
    if (!isImpPerKwh(options.impPerKwh)) throw new RangeError(`${options.impPerKwh} is no number of pulses per kWh`);
    this.#impPerKwh = options.impPerKwh;
    this.#boot = options.resume === undefined || options.resume === null ? 0 : options.resume.boot + 1;
    this.#total = options.resume?.total ?? 0;
  }

  push(bytes: Uint8Array, at?: number): DecodeEvent[] {
    if (bytes.length === 0) return [];
    if (at === undefined) return this.#counted(bytes.length, null);
    const bounced = at - this.#breakAt < DEBOUNCE_MS ? 1 : 0;
    this.#byteAt = at;
    return this.#counted(bytes.length - bounced, at);
  }

  broke(at: number): DecodeEvent[] {
    const bounced = at - this.#byteAt < DEBOUNCE_MS;
    this.#breakAt = at;
    return this.#counted(bounced ? 0 : 1, at);
  }

  polled(on: boolean, at: number): DecodeEvent[] {
    const late = this.#polledAt !== null && at - this.#polledAt > MAX_POLL_GAP_MS;
    this.#polledAt = at;
    const events = late && this.#late++ % SAID_EVERY === 0 ? [refused("polled-late", POLLED_LATE)] : [];
    if (this.#stable === null) this.#stable = on;
    if (on === this.#stable || late) {
      this.#seenOnce = on !== this.#stable;
      return events;
    }
    if (!this.#seenOnce) {
      this.#seenOnce = true;
      return events;
    }
    this.#stable = on;
    this.#seenOnce = false;
    return on ? [...events, ...this.#counted(1, at)] : events;
  }

  end(): DecodeEvent[] {
    this.#stable = null;
    this.#seenOnce = false;
    this.#polledAt = null;
    this.#byteAt = Number.NEGATIVE_INFINITY;
    this.#breakAt = Number.NEGATIVE_INFINITY;
    return [];
  }

  /** How many of `pulses` a meter can have sent by now. */
  #believed(pulses: number, at: number | null): number {
    if (at === null) return pulses;
    const passed = this.#roomAt === null ? 0 : Math.max(0, at - this.#roomAt);
    this.#roomAt = at;
    this.#room = Math.min(BURST * MIN_PERIOD_MS, this.#room + passed);
    const believed = Math.min(pulses, Math.floor(this.#room / MIN_PERIOD_MS));
    this.#room -= believed * MIN_PERIOD_MS;
    return believed;
  }

  #counted(pulses: number, at: number | null): DecodeEvent[] {
    const believed = this.#believed(pulses, at);
    const events: DecodeEvent[] = [];
    for (let i = believed; i < pulses; i++) {
      if (this.#dropped++ % SAID_EVERY === 0) events.push(refused("too-fast", TOO_FAST));
    }
    if (believed === 0) return events;
    if (!pulsesFit(this.#total + believed, this.#impPerKwh)) return [...events, refused("too-fast", TOO_FAST)];
    this.#count += believed;
    this.#total += believed;
    if (at !== null) this.#measure(believed, at);
    return [...events, this.#reading()];
  }

  /** Mean power since the pulse before. */
  #measure(pulses: number, at: number): void {
    const waited = this.#countedAt === null ? 0 : at - this.#countedAt;
    if (waited <= 0 && this.#countedAt !== null) return;
    this.#watts = waited === 0 || waited > MAX_POWER_GAP_MS ? null : pulsePower(pulses, this.#impPerKwh, waited);
    this.#countedAt = at;
  }

  #reading(): DecodeEvent {
    return {
      kind: "reading",
      reading: {
        protocol: "pulse",
        exportMwh: pulsesToMwh(this.#total, this.#impPerKwh),
        importMwh: null,
        resolutionMwh: pulseResolution(this.#impPerKwh),
        powerExportW: this.#watts,
        powerImportW: null,
        meterTime: null,
        identity: null,
        counter: { boot: this.#boot, count: this.#count, total: this.#total },
      },
    };
  }
}

/**
 * A counter of raw pulses. Hand `reading.counter` of the last journaled reading back as `resume`. Bytes without a time
 * (a recording) are one pulse each. Refusals: `too-fast`, `polled-late`.
 * @throws RangeError for a pulse constant out of bounds: a bug of the caller.
 */
export const pulseDecoder = (options: PulseOptions): PulseDecoder => new PulseCounting(options);
