/**
 * SML over a serial line (BSI TR-03109-1 annex IV b, SML 1.04 §8, transport version 1; 9600 8N1): 1B1B1B1B 01010101,
 * messages, fill bytes up to a multiple of four, 1B1B1B1B 1A, the number of fill bytes, CRC-16/X-25 over everything
 * before it, low byte first. An escape inside is doubled. Each message has a CRC of its own, and both must agree.
 * Finds telegrams in any stream, in any split, between and after noise. Knows nothing of what the values mean.
 *
 * The first firmware of the Holley DTZ541 makes both checksums as CRC-16/KERMIT, high byte first: believed only where
 * the whole telegram and every message in it agree on that.
 */
import { crcKermit, crcX25, swapped } from "../crc-x25.ts";
import { refused, type DecodeEvent, type Decoder, type TelegramOptions } from "../reading.ts";
import { readList } from "./sml-list.ts";
import { itemsOf, numberOf, readNode, type SmlNode, type SmlReader } from "./sml-tlv.ts";

/** The longest telegram believed: those with all values and a signature are under 2,000 bytes. */
export const MAX_SML_BYTES = 8_192;
/** Bytes without a telegram before we say so. */
const SILENCE_BYTES = 16_384;

const ESCAPE = 0x1b;
const START = 0x01;
const START_2 = 0x02;
const STOP = 0x1a;
const FRAME_BYTES = 8;

const GET_LIST_RESPONSE = 0x0701;

const SENTENCES = {
  "bad-checksum":
    "This telegram arrived damaged; if it goes on, put the reading head straight on the meter's infrared port and shade it from the sun.",
  "cut-short":
    "A telegram broke off in the middle; check that the reading head sits firmly and its cable is plugged in.",
  "no-start": "A telegram came without its beginning; the next one should be whole, otherwise check the reading head.",
  "too-long":
    "A telegram never ended; check that the reading head belongs to this meter and the speed is right (9600).",
  "no-telegram":
    "Bytes arrive, but no SML telegram; check the port's speed (9600) and that the reading head sits on the meter's infrared port, the right way round.",
  "no-values":
    "This telegram carries no meter values; if it goes on, switch the meter's information interface on (PIN, then InF On).",
  "unreadable-telegram":
    "This telegram arrived whole but cannot be read; report the meter's type to the project, with a recording.",
  "other-version":
    "This meter sends a newer version of SML that is not known here; report the meter's type to the project, with a recording.",
} as const;

const reject = (code: keyof typeof SENTENCES): DecodeEvent => refused(code, SENTENCES[code]);

type Check = (bytes: Uint8Array, from: number, to: number) => number;

/** Both return the checksum as the two bytes on the line, high byte first. */
const x25OnLine: Check = (bytes, from, to) => swapped(crcX25(bytes, from, to));
const kermitOnLine: Check = (bytes, from, to) => crcKermit(bytes, from, to);

const isEscape = (raw: Uint8Array, at: number): boolean =>
  raw[at] === ESCAPE && raw[at + 1] === ESCAPE && raw[at + 2] === ESCAPE && raw[at + 3] === ESCAPE;

/** Doubled escapes to single ones. @param every 4: only where four bytes begin, as some senders do; 1: anywhere. */
const unescape = (raw: Uint8Array, every: 1 | 4): Uint8Array => {
  const out = new Uint8Array(raw.length);
  let length = 0;
  for (let i = 0; i < raw.length; i++) {
    if (i % every === 0 && raw[i] === ESCAPE && isEscape(raw, i) && isEscape(raw, i + 4)) {
      out.fill(ESCAPE, length, length + 4);
      length += 4;
      i += 7;
    } else out[length++] = raw[i] ?? 0;
  }
  return out.subarray(0, length);
};

/** One message: [transaction, group, abort, [tag, body], CRC, end]. Null when it is none or its CRC is wrong. */
const readMessage = (reader: SmlReader, check: Check): readonly [tag: number, body: SmlNode | undefined] | null => {
  const from = reader.at;
  // Six elements, in one byte.
  if (reader.bytes[from] !== 0x76) return null;
  reader.at += 1;
  const head: SmlNode[] = [];
  for (let i = 0; i < 4; i++) {
    const node = readNode(reader, 1);
    if (node === null) return null;
    head.push(node);
  }
  const to = reader.at;
  const crc = numberOf(readNode(reader, 1) ?? undefined);
  if (readNode(reader, 1)?.kind !== "end" || crc === null || crc !== check(reader.bytes, from, to)) return null;
  const [tag, body] = itemsOf(head[3]) ?? [];
  const tagNumber = numberOf(tag);
  return tagNumber === null ? null : [tagNumber, body];
};

/** The readings and refusals of a file's lists; null when one of its messages is not whole. */
const readFile = (file: Uint8Array, check: Check, options: TelegramOptions): DecodeEvent[] | null => {
  const reader: SmlReader = { bytes: file, at: 0 };
  const events: DecodeEvent[] = [];
  while (reader.at < file.length) {
    if (file[reader.at] === 0) {
      // Only fill bytes are 0 where a message might begin, and only the last ones are fill.
      if (file.subarray(reader.at).some((byte) => byte !== 0)) return null;
      break;
    }
    const message = readMessage(reader, check);
    if (message === null) return null;
    if (message[0] !== GET_LIST_RESPONSE) continue;
    const fields = itemsOf(message[1]);
    const event = fields?.length === 7 ? readList(fields, options) : null;
    if (event === null) return null;
    events.push(event);
  }
  const readings = events.filter(({ kind }) => kind === "reading");
  return readings.length > 0 ? readings : events.slice(0, 1);
};

/** @param raw from the start to the last byte of the CRC. */
const judge = (raw: Uint8Array, options: TelegramOptions): DecodeEvent[] => {
  const end = raw.length - 2;
  const wanted = ((raw[end] ?? 0) << 8) | (raw[end + 1] ?? 0);
  const check = [x25OnLine, kermitOnLine].find((known) => known(raw, 0, end) === wanted);
  if (check === undefined) return [reject("bad-checksum")];
  const inner = raw.subarray(FRAME_BYTES, raw.length - FRAME_BYTES);
  const plain = unescape(inner, 1);
  const events = readFile(plain, check, options) ?? readFile(unescape(inner, 4), check, options);
  // Without its messages' word for it a KERMIT sum is a coincidence.
  if (events === null) return [reject(check === kermitOnLine ? "bad-checksum" : "unreadable-telegram")];
  return events.length === 0 ? [reject("no-values")] : events;
};

/** Are the four bytes before `length` all `byte`? */
const fourOf = (buffer: Uint8Array, length: number, byte: number): boolean =>
  buffer[length - 1] === byte &&
  buffer[length - 2] === byte &&
  buffer[length - 3] === byte &&
  buffer[length - 4] === byte;

type Heard = DecodeEvent[] | "start" | null;

/** Between telegrams: waits for an escape and says what follows it. */
const startFinder = (): { readonly next: (byte: number) => Heard; readonly reset: () => void } => {
  let run = 0;
  let first = 0;
  let tail = 0;
  const reset = (): void => {
    run = 0;
    tail = 0;
  };
  const next = (byte: number): Heard => {
    if (tail === 0) {
      if (byte === ESCAPE) run += 1;
      else if (run >= 4) [first, tail] = [byte, 1];
      else run = 0;
      return null;
    }
    if (first !== STOP && byte !== first) {
      reset();
      run = byte === ESCAPE ? 1 : 0;
      return null;
    }
    tail += 1;
    if (tail < 4) return null;
    reset();
    if (first === START) return "start";
    if (first === STOP) return [reject("no-start")];
    return first === START_2 ? [reject("other-version")] : null;
  };
  return { next, reset };
};

/**
 * A decoder of SML telegrams. Memory is bounded; bytes that never become a telegram are reported now and then.
 * Refusals: `bad-checksum`, `cut-short`, `no-start`, `too-long`, `no-telegram`, `no-values`, `unreadable-telegram`,
 * `other-version` and those of {@link readList}.
 */
export const smlDecoder = (options: TelegramOptions): Decoder => {
  const finder = startFinder();
  const buffer = new Uint8Array(MAX_SML_BYTES);
  /** 0 between telegrams. */
  let length = 0;
  /** Where the last whole escape ended that is not understood yet; 0 for none. */
  let escaped = 0;
  /** Escape bytes in a row at the end of the buffer. */
  let run = 0;
  let noise = 0;
  let silent = true;

  const begin = (): void => {
    buffer.fill(ESCAPE, 0, 4).fill(START, 4, FRAME_BYTES);
    [length, escaped, run, noise] = [FRAME_BYTES, 0, 0, 0];
  };
  const finish = (events: DecodeEvent[]): DecodeEvent[] => {
    length = 0;
    return events;
  };
  /** Four bytes follow an escape: what do they say? */
  const understand = (): DecodeEvent[] | null => {
    if (fourOf(buffer, length, START)) {
      begin();
      return [reject("cut-short")];
    }
    if (buffer[escaped] === STOP) return finish(judge(buffer.subarray(0, length), options));
    // A run of more than four, but not of eight: the escape is the last four of it.
    const slides = buffer[escaped] === ESCAPE && !fourOf(buffer, length, ESCAPE);
    escaped = slides ? escaped + 1 : 0;
    if (!slides && run > 3) run = 0;
    return null;
  };
  const inside = (byte: number): DecodeEvent[] | null => {
    if (length === MAX_SML_BYTES) return finish([reject("too-long")]);
    buffer[length++] = byte;
    run = byte === ESCAPE ? run + 1 : 0;
    if (escaped > 0) return length - escaped === 4 ? understand() : null;
    if (run === 4) escaped = length;
    return null;
  };
  const between = (byte: number): DecodeEvent[] | null => {
    const heard = finder.next(byte);
    if (heard === "start") begin();
    else if (++noise === SILENCE_BYTES) {
      noise = 0;
      return [reject("no-telegram"), ...(heard ?? [])];
    } else return heard;
    return null;
  };

  return {
    push: (bytes) => {
      const events: DecodeEvent[] = [];
      for (const byte of bytes) {
        const heard = length === 0 ? between(byte) : inside(byte);
        if (heard !== null) events.push(...heard);
      }
      if (events.length > 0) silent = false;
      return events;
    },
    end: () => {
      const begun = length > 0;
      const never = silent && noise > 0;
      finder.reset();
      [length, noise] = [0, 0];
      if (begun || never) silent = false;
      return begun ? [reject("cut-short")] : never ? [reject("no-telegram")] : [];
    },
  };
};
