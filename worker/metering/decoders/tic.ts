/**
 * Linky TIC, the customer's port of French meters (Enedis-NOI-CPT_54E v3 of 2018; EOT from CPT_02E): frames STX group..
 * group ETX, each group LF .. CR with a checksum of its own (tic-group.ts). 7E1 at 1200 baud (historique) or 9600
 * (standard); the mode is recognised by itself, and a port opened with eight bits is read too. Knows nothing of ports.
 *
 * Which indexes are the registers stands in tic-registers.ts. SINSTI is apparent power in VA and CCAIN a mean of the
 * past, so neither is given as W. A damaged group is left out, and the frame refused if it was an index that is needed,
 * or may have been the one that is missing.
 */
import { isTime } from "../calendar.ts";
import { latin1 } from "../latin1.ts";
import {
  identityOf,
  refused,
  type DecodeEvent,
  type Decoder,
  type MeterTime,
  type TelegramOptions,
} from "../reading.ts";
import { isDamaged, parityFlags } from "../seven-bits.ts";
import { isEnergies } from "./needed.ts";
import { groupMode, MAX_GROUP_BYTES, readGroup, type TicGroup, type TicMode } from "./tic-group.ts";
import { readTicEnergies, TIC_REGISTERS, TIC_STATES } from "./tic-registers.ts";

/** A full three-phase producer's frame has 1,460 bytes. */
export const MAX_FRAME_BYTES = 8_192;
/** Bytes without a single good group before we say so. */
const SILENCE_BYTES = 4_096;

const STX = 0x02;
const ETX = 0x03;
const EOT = 0x04;
const LF = 0x0a;
const CR = 0x0d;

const SENTENCES = {
  "cut-short": "A frame broke off in the middle; check the two wires at I1 and I2 and the adapter's plug.",
  "no-start": "A frame came without its beginning; the next one should be whole, otherwise check the wires.",
  interrupted: "The meter interrupted its frame, as it does while it is being configured; wait for the next one.",
  "too-long": "A frame never ended; check that the port is a TIC adapter and its speed is right (9600 or 1200).",
  "no-telegram":
    "Bytes arrive, but no TIC frame; check the port's speed (9600 in standard, 1200 in historique mode), seven data bits with even parity, and the adapter.",
} as const;

const reject = (code: keyof typeof SENTENCES): DecodeEvent => refused(code, SENTENCES[code]);

const REGISTERS = new Set(TIC_REGISTERS);
const MAX_REGISTER_LABEL = Math.max(...TIC_REGISTERS.map((label) => label.length));
/** What is kept of a frame: a few labels of it. */
const KEPT = new Set(["ADSC", "ADCO", "DATE", ...TIC_STATES, ...TIC_REGISTERS]);
const FIRST = new Set(["ADSC", "ADCO"]);

type Frame = {
  groups: Map<string, TicGroup>;
  /** Groups whose checksum agreed, and those whose did not. */
  good: number;
  damaged: number;
  /** Registers that a damaged one surely was, and those that stand twice with different values. */
  hurt: Set<string>;
  twice: Set<string>;
  mode: TicMode | null;
  bytes: number;
};

const newFrame = (): Frame => ({
  groups: new Map(),
  good: 0,
  damaged: 0,
  hurt: new Set(),
  twice: new Set(),
  mode: null,
  bytes: 0,
});

const meterTime = (group: TicGroup | undefined): MeterTime | null => {
  const text = group?.horodate ?? "";
  const match = /^([EHeh ])(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text);
  if (match === null) return null;
  const [, season = " ", year, month, day, hour, minute, second] = match;
  const possible = isTime(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second));
  // A small letter says that the meter's clock is degraded (§6.2.1.1).
  const sure = season === "E" || season === "H";
  return { text, valid: possible && sure, summer: season === " " ? null : season.toUpperCase() === "E" };
};

const judge = (frame: Frame, { salt, needs = "export" }: TelegramOptions): DecodeEvent => {
  const { groups } = frame;
  const energies = readTicEnergies(frame, needs);
  if (!isEnergies(energies)) return energies;
  return {
    kind: "reading",
    reading: {
      protocol: "tic",
      ...energies,
      powerExportW: null,
      powerImportW: null,
      meterTime: meterTime(groups.get("DATE")),
      identity: identityOf((groups.get("ADSC") ?? groups.get("ADCO"))?.data ?? "", salt),
      counter: null,
    },
  };
};

/** Where the decoder is: outside any frame, in one, or in a recording that lost its STX and ETX. */
type Place = "outside" | "frame";

class TicDecoder implements Decoder {
  readonly #options: TelegramOptions;
  readonly #line = new Uint8Array(MAX_GROUP_BYTES);
  #length = 0;
  #flags = 0;
  #frame = newFrame();
  #place: Place = "outside";
  /** Did an STX or ETX ever come? Without any, ADSC or ADCO begin a frame (text recordings). */
  #framed = false;
  #silence = 0;
  #heard = false;
  #events: DecodeEvent[] = [];

  constructor(options: TelegramOptions) {
    this.#options = options;
  }

  push(bytes: Uint8Array): DecodeEvent[] {
    this.#events = [];
    for (let i = 0; i < bytes.length; i++) this.#next(bytes[i] ?? 0);
    return this.#take();
  }

  end(): DecodeEvent[] {
    this.#events = [];
    const bare = !this.#framed;
    this.#closeGroup();
    const begun = this.#frame.good > 0;
    if (this.#place === "frame" && begun) this.#events.push(reject("cut-short"));
    else if (bare && begun) this.#events.push(judge(this.#frame, this.#options));
    else if (!this.#heard && this.#events.length === 0 && this.#silence > 0) this.#events.push(reject("no-telegram"));
    this.#frame = newFrame();
    this.#place = "outside";
    this.#silence = 0;
    return this.#take();
  }

  #take(): DecodeEvent[] {
    const events = this.#events;
    if (events.length > 0) this.#heard = true;
    this.#events = [];
    return events;
  }

  #next(raw: number): void {
    const byte = raw & 0x7f;
    if (byte > CR) {
      if (this.#length < MAX_GROUP_BYTES) this.#line[this.#length] = byte;
      this.#length += 1;
      this.#flags |= parityFlags(raw);
      if (++this.#silence === SILENCE_BYTES) {
        this.#silence = 0;
        this.#events.push(reject("no-telegram"));
      }
      if (++this.#frame.bytes > MAX_FRAME_BYTES) this.#overflow();
    } else if (byte === CR || byte === LF) {
      // The line end's own parity belongs to the group it ends.
      this.#flags |= parityFlags(raw);
      this.#closeGroup();
    } else if (byte === STX) this.#begin();
    else if (byte === ETX) this.#finish();
    else if (byte === EOT) this.#interrupt();
    else if (this.#length < MAX_GROUP_BYTES) {
      // HT, or a control character that damage made.
      this.#line[this.#length++] = byte;
      this.#flags |= parityFlags(raw);
    }
  }

  #closeGroup(): void {
    const [length, flags] = [this.#length, this.#flags];
    this.#length = 0;
    this.#flags = 0;
    if (length === 0) return;
    const whole = length <= MAX_GROUP_BYTES && !isDamaged(flags);
    const mode = whole ? groupMode(this.#line, length) : null;
    const group = mode === null ? null : readGroup(this.#line, length, mode);
    if (mode === null || group === null) return this.#hurt(length);
    this.#silence = 0;
    if (!this.#framed && FIRST.has(group.label)) this.#cutBare();
    const frame = this.#frame;
    frame.good += 1;
    frame.mode ??= mode;
    if (!KEPT.has(group.label)) return;
    const known = frame.groups.get(group.label);
    if (known !== undefined && known.data !== group.data && REGISTERS.has(group.label)) frame.twice.add(group.label);
    frame.groups.set(group.label, group);
  }

  /** A group whose checksum does not agree: does enough of it remain to see that it was a register? */
  #hurt(length: number): void {
    this.#frame.damaged += 1;
    const begun = latin1(this.#line.subarray(0, Math.min(length, MAX_REGISTER_LABEL)));
    const label = TIC_REGISTERS.find((known) => begun.startsWith(known));
    if (label !== undefined) this.#frame.hurt.add(label);
  }

  /** A recording without STX and ETX: the label that every frame begins with ends the one before. */
  #cutBare(): void {
    if (this.#frame.good > 0) this.#events.push(judge(this.#frame, this.#options));
    this.#frame = newFrame();
  }

  #begin(): void {
    this.#closeGroup();
    if (this.#place === "frame" && this.#frame.good > 0) this.#events.push(reject("cut-short"));
    this.#framed = true;
    this.#place = "frame";
    this.#frame = newFrame();
  }

  #finish(): void {
    this.#closeGroup();
    // Without a single good group it was noise between two bytes that look like a frame's.
    if (this.#frame.good > 0) {
      this.#events.push(this.#place === "frame" ? judge(this.#frame, this.#options) : reject("no-start"));
    }
    this.#framed = true;
    this.#place = "outside";
    this.#frame = newFrame();
  }

  #interrupt(): void {
    this.#closeGroup();
    if (this.#place === "frame") this.#events.push(reject("interrupted"));
    this.#place = "outside";
    this.#frame = newFrame();
  }

  #overflow(): void {
    if (this.#frame.good > 0) this.#events.push(reject("too-long"));
    this.#place = "outside";
    this.#frame = newFrame();
  }
}

/**
 * A decoder of TIC frames, one event a frame. Memory is bounded by a group and the labels that are kept.
 * Refusals: those of the sentences above and of {@link readTicEnergies}.
 */
export const ticDecoder = (options: TelegramOptions): Decoder => new TicDecoder(options);
