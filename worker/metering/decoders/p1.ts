/**
 * DSMR / e-MUCS P1 framing (P1 Companion Standard 5.0.2 §5.2, §6.2): `/XXX5<id>` CR LF CR LF data `!` CRC CR LF, where
 * CRC is CRC-16/ARC over the bytes from `/` to `!` as received. Finds telegrams in any stream of bytes, in any split,
 * between and after noise, and says of each one it cannot use why not. Knows nothing of what the lines mean.
 *
 * A start is only believed when the checksum agrees, so a `/` in noise or in a text message never hides a telegram,
 * and of two telegrams run into each other the whole one is still read.
 */
import { crc16, crc16Hex, crc16Next } from "../crc16.ts";
import { latin1 } from "../latin1.ts";
import { refused, type DecodeEvent, type Decoder, type TelegramOptions } from "../reading.ts";
import { readTelegram } from "./p1-telegram.ts";

export type P1Options = TelegramOptions & {
  /** Meters before DSMR 4 send no checksum: read them only when the user said so. */
  readonly allowNoChecksum?: boolean;
};

/** The longest telegram believed: a full one with text message and 13 months of peaks is under 6,000 bytes. */
export const MAX_TELEGRAM_BYTES = 16_384;
/** Twice the longest, so that half of it can be dropped without cutting a telegram that may still end. */
const BUFFER_BYTES = 2 * MAX_TELEGRAM_BYTES;
const MAX_STARTS = 64;

const SLASH = 0x2f;
const BANG = 0x21;
const CR = 0x0d;
const LF = 0x0a;

const isNewline = (byte: number | undefined): boolean => byte === CR || byte === LF;
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isLetter = (byte: number): boolean => (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
const isAlnum = (byte: number | undefined): boolean => byte !== undefined && (isDigit(byte) || isLetter(byte));
const isHex = (byte: number): boolean =>
  isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
const isBlank = (byte: number): boolean => byte <= 0x20 || byte === 0xff;

const SENTENCES = {
  "bad-checksum":
    "This telegram arrived damaged; if it goes on, shorten the cable, check its plug and the port's speed.",
  "line-ends-changed":
    "This recording's line ends were changed from CR LF to LF, so its checksum cannot be checked; record the raw bytes, or convert it back with unix2dos.",
  "no-checksum":
    "This meter sends telegrams without a checksum (older than DSMR 4), so damage would go unseen; use its pulse output, or allow such telegrams if you accept that.",
  "cut-short": "A telegram broke off in the middle; check that the cable is plugged in at both ends.",
  "no-start": "A telegram came without its beginning; the next one should be whole, otherwise check the cable.",
  "too-long":
    "A telegram never ended; check that the port is a P1 port and its speed is right (115200, or 9600 before DSMR 4).",
  "no-telegram":
    "Bytes arrive, but no P1 telegram; check the port's speed (115200, or 9600 before DSMR 4), an inverted cable, and that the meter does not encrypt (Luxembourg, Austria).",
} as const;

const reject = (code: keyof typeof SENTENCES, data?: Record<string, string>): DecodeEvent =>
  refused(code, SENTENCES[code], data);

/** Where a telegram may start: `/` and three letters or digits (the maker's flag). */
const startsIn = (bytes: Uint8Array): number[] => {
  const starts: number[] = [];
  for (let i = Math.max(0, bytes.length - MAX_TELEGRAM_BYTES); i < bytes.length; i++) {
    if (bytes[i] !== SLASH || !isAlnum(bytes[i + 1]) || !isAlnum(bytes[i + 2]) || !isAlnum(bytes[i + 3])) continue;
    if (starts.push(i) === MAX_STARTS) break;
  }
  return starts;
};

const atLineStart = (bytes: Uint8Array, i: number): boolean => i === 0 || isNewline(bytes[i - 1]);

/** Does it hold a line such as `1-0:1.8.1(`, so that it was a telegram and not noise? */
const hasObject = (bytes: Uint8Array): boolean =>
  /[\r\n]\d-\d:\d{1,3}\.\d{1,3}\.\d{1,3}[^\r\n]*\(/.test(`\n${latin1(bytes)}`);

/** The checksum the meter must have made, if an editor turned every CR LF into LF since. */
const restoredCrc = (bytes: Uint8Array): number | null => {
  if (bytes.includes(CR)) return null;
  let crc = 0;
  for (const byte of bytes) {
    if (byte === LF) crc = crc16Next(crc, CR);
    crc = crc16Next(crc, byte);
  }
  return crc;
};

/** @param bytes everything since the last telegram, up to and including `!`. */
const judge = (bytes: Uint8Array, digits: string, options: P1Options): DecodeEvent[] => {
  const starts = startsIn(bytes);
  const lineStarts = starts.filter((i) => atLineStart(bytes, i));
  const from = lineStarts.at(-1) ?? starts.at(-1);
  if (from === undefined) return hasObject(bytes) ? [reject("no-start")] : [];
  if (digits === "") {
    if (options.allowNoChecksum !== true) return [reject("no-checksum")];
    return [readTelegram(latin1(bytes.subarray(from)), options)];
  }
  const wanted = Number.parseInt(digits, 16);
  for (const start of starts) {
    const telegram = bytes.subarray(start);
    if (crc16(telegram) !== wanted) continue;
    const before = bytes.subarray(0, start);
    const events = hasObject(before) ? [reject("cut-short")] : [];
    return [...events, readTelegram(latin1(telegram), options)];
  }
  const telegram = bytes.subarray(from);
  if (restoredCrc(telegram) === wanted) return [reject("line-ends-changed")];
  return [reject("bad-checksum", { computed: crc16Hex(crc16(telegram)), received: digits.toUpperCase() })];
};

class P1Decoder implements Decoder {
  readonly #options: P1Options;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #length = 0;
  /** The checksum's digits, once a line began with `!`. */
  #digits: string | null = null;
  #silent = true;
  #events: DecodeEvent[] = [];

  constructor(options: P1Options) {
    this.#options = options;
  }

  push(bytes: Uint8Array): DecodeEvent[] {
    for (let at = 0; at < bytes.length;) {
      if (this.#digits !== null && this.#afterBang(bytes[at] ?? 0)) at += 1;
      else at = this.#copy(bytes, at);
    }
    return this.#take();
  }

  end(): DecodeEvent[] {
    if (this.#digits !== null) {
      this.#finish();
      const events = this.#take();
      const damaged = events.every((e) => e.kind === "refused" && e.refusal.code === "bad-checksum");
      return events.length > 0 && damaged ? [reject("cut-short")] : events;
    }
    const rest = this.#buffer.subarray(0, this.#length);
    this.#length = 0;
    if (startsIn(rest).length > 0 || hasObject(rest)) this.#events.push(reject("cut-short"));
    else if (this.#silent && !rest.every(isBlank)) this.#events.push(reject("no-telegram"));
    return this.#take();
  }

  #take(): DecodeEvent[] {
    const events = this.#events;
    if (events.length > 0) this.#silent = false;
    this.#events = [];
    return events;
  }

  #overflow(): void {
    // What starts in the older half is longer than any telegram already.
    const older = this.#buffer.subarray(0, MAX_TELEGRAM_BYTES);
    const begun = startsIn(older).length > 0 && hasObject(older);
    this.#buffer.copyWithin(0, MAX_TELEGRAM_BYTES);
    this.#length = BUFFER_BYTES - MAX_TELEGRAM_BYTES;
    this.#events.push(reject(begun ? "too-long" : "no-telegram"));
  }

  #append(byte: number): void {
    if (this.#length === BUFFER_BYTES) this.#overflow();
    this.#buffer[this.#length++] = byte;
  }

  #finish(): void {
    this.#events.push(...judge(this.#buffer.subarray(0, this.#length), this.#digits ?? "", this.#options));
    this.#length = 0;
    this.#digits = null;
  }

  /** A byte after the `!`. @returns whether it belonged to the checksum; if not, the digits were text. */
  #afterBang(byte: number): boolean {
    if (this.#digits !== null && isHex(byte)) {
      this.#digits += String.fromCharCode(byte);
      if (this.#digits.length === 4) this.#finish();
      return true;
    }
    if (isNewline(byte)) {
      this.#finish();
      return true;
    }
    const text = this.#digits ?? "";
    this.#digits = null;
    for (const digit of text) this.#append(digit.charCodeAt(0));
    return false;
  }

  /** Everything up to the next `!`, or to the end, in one piece. @returns where it stopped. */
  #copy(bytes: Uint8Array, from: number): number {
    const bang = bytes.indexOf(BANG, from);
    const to = bang < 0 ? bytes.length : bang;
    for (let at = from; at < to;) {
      if (this.#length === BUFFER_BYTES) this.#overflow();
      const part = Math.min(to - at, BUFFER_BYTES - this.#length);
      this.#buffer.set(bytes.subarray(at, at + part), this.#length);
      this.#length += part;
      at += part;
    }
    if (bang < 0) return to;
    const ends = this.#length > 0 && isNewline(this.#buffer[this.#length - 1]);
    this.#append(BANG);
    if (ends) this.#digits = "";
    return to + 1;
  }
}

/**
 * A decoder of P1 telegrams. Memory is bounded; bytes that never become a telegram are reported now and then.
 * Refusals: `bad-checksum`, `line-ends-changed`, `no-checksum`, `cut-short`, `no-start`, `too-long`, `no-telegram`
 * and those of {@link readTelegram}.
 */
export const p1Decoder = (options: P1Options): Decoder => new P1Decoder(options);
