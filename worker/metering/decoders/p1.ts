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
import { refused, type DecodeEvent, type Decoder } from "../reading.ts";
import { readTelegram } from "./p1-telegram.ts";

export type P1Options = {
  /** Makes the meter's identity; null for none. */
  readonly salt: Uint8Array | null;
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
const hasObject = (bytes: Uint8Array): boolean => /[\r\n]\d-\d:\d+\.\d+\.\d+[^\r\n]*\(/.test(`\n${latin1(bytes)}`);

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
    return [readTelegram(latin1(bytes.subarray(from)), options.salt)];
  }
  const wanted = Number.parseInt(digits, 16);
  for (const start of starts) {
    const telegram = bytes.subarray(start);
    if (crc16(telegram) !== wanted) continue;
    const before = bytes.subarray(0, start);
    const events = hasObject(before) ? [reject("cut-short")] : [];
    return [...events, readTelegram(latin1(telegram), options.salt)];
  }
  const telegram = bytes.subarray(from);
  if (restoredCrc(telegram) === wanted) return [reject("line-ends-changed")];
  return [reject("bad-checksum", { computed: crc16Hex(crc16(telegram)), received: digits.toUpperCase() })];
};

/**
 * A decoder of P1 telegrams. Memory is bounded; bytes that never become a telegram are reported now and then.
 * Refusals: `bad-checksum`, `line-ends-changed`, `no-checksum`, `cut-short`, `no-start`, `too-long`, `no-telegram`
 * and those of {@link readTelegram}.
 */
export const p1Decoder = (options: P1Options): Decoder => {
  const buffer = new Uint8Array(BUFFER_BYTES);
  let length = 0;
  /** The checksum's digits, once a line began with `!`. */
  let digits: string | null = null;
  let silent = true;

  const overflow = (): DecodeEvent[] => {
    // What starts in the older half is longer than any telegram already.
    const older = buffer.subarray(0, MAX_TELEGRAM_BYTES);
    const begun = startsIn(older).length > 0 && hasObject(older);
    buffer.copyWithin(0, MAX_TELEGRAM_BYTES);
    length = BUFFER_BYTES - MAX_TELEGRAM_BYTES;
    return [reject(begun ? "too-long" : "no-telegram")];
  };
  const append = (byte: number, events: DecodeEvent[]): void => {
    if (length === BUFFER_BYTES) events.push(...overflow());
    buffer[length++] = byte;
  };
  const finish = (): DecodeEvent[] => {
    const events = judge(buffer.subarray(0, length), digits ?? "", options);
    length = 0;
    digits = null;
    return events;
  };
  /** A byte after the `!`. @returns whether it belonged to the checksum; if not, the digits were text. */
  const afterBang = (byte: number, events: DecodeEvent[]): boolean => {
    if (digits !== null && isHex(byte)) {
      digits += String.fromCharCode(byte);
      if (digits.length === 4) events.push(...finish());
      return true;
    }
    if (isNewline(byte)) {
      events.push(...finish());
      return true;
    }
    const text = digits ?? "";
    digits = null;
    for (const digit of text) append(digit.charCodeAt(0), events);
    return false;
  };
  /** Everything up to the next `!`, or to the end, in one piece. @returns where it stopped. */
  const copy = (bytes: Uint8Array, from: number, events: DecodeEvent[]): number => {
    const bang = bytes.indexOf(BANG, from);
    const to = bang < 0 ? bytes.length : bang;
    for (let at = from; at < to;) {
      if (length === BUFFER_BYTES) events.push(...overflow());
      const part = Math.min(to - at, BUFFER_BYTES - length);
      buffer.set(bytes.subarray(at, at + part), length);
      length += part;
      at += part;
    }
    if (bang < 0) return to;
    const ends = length > 0 && isNewline(buffer[length - 1]);
    append(BANG, events);
    if (ends) digits = "";
    return to + 1;
  };
  const heard = (events: DecodeEvent[]): DecodeEvent[] => {
    if (events.length > 0) silent = false;
    return events;
  };

  return {
    push: (bytes) => {
      const events: DecodeEvent[] = [];
      for (let at = 0; at < bytes.length;) {
        if (digits !== null && afterBang(bytes[at] ?? 0, events)) at += 1;
        else at = copy(bytes, at, events);
      }
      return heard(events);
    },
    end: () => {
      if (digits !== null) {
        const events = finish();
        const damaged = events.every((e) => e.kind === "refused" && e.refusal.code === "bad-checksum");
        return heard(events.length > 0 && damaged ? [reject("cut-short")] : events);
      }
      const rest = buffer.subarray(0, length);
      length = 0;
      if (startsIn(rest).length > 0 || hasObject(rest)) return heard([reject("cut-short")]);
      return silent && !rest.every(isBlank) ? heard([reject("no-telegram")]) : [];
    },
  };
};
