/**
 * DLMS/COSEM push (IEC 62056-5-3): a DataNotification (0F, invoke id, time or none, data) that a meter sends by itself,
 * in one HDLC or M-Bus frame, in several (segmentation), or in numbered blocks (general block transfer, E0). Only clear
 * messages are read; an encrypted one is named as such. Finds them in any stream, in any split, between and after noise.
 * Knows nothing of the lists inside.
 */
import { refused, type DecodeEvent, type Decoder, type MeterTime, type TelegramOptions } from "../reading.ts";
import { readData, readLength, type DlmsReader } from "./dlms-data.ts";
import { readClock, readPush } from "./dlms-push.ts";
import { FLAG, hdlcAt, MAX_FRAME_BYTES, mbusAt, type LinkCheck, type LinkPart } from "./hdlc.ts";

/** The longest message believed: the longest push known is under 1,500 bytes. */
export const MAX_MESSAGE_BYTES = 16_384;
const BUFFER_BYTES = 2 * MAX_FRAME_BYTES;
/** Bytes without a frame before we say so. */
const SILENCE_BYTES = 16_384;
/** So many bytes before a good frame were one that did not arrive whole. */
const LOST_BYTES = 16;

const SENTENCES = {
  "bad-checksum": "This telegram arrived damaged; if it goes on, shorten the cable and check its plug and the adapter.",
  "cut-short": "A telegram broke off in the middle; check that the cable is plugged in at both ends.",
  "no-start": "A telegram came without its beginning; the next one should be whole, otherwise check the cable.",
  "too-long": "A telegram never ended; check the port's speed (2400, some 9600 or 115200) and its parity.",
  "no-telegram":
    "Bytes arrive, but no DLMS telegram; check the port's speed (2400, some 9600 or 115200), its parity (none or even) and that the adapter is one for M-Bus.",
  "block-missing": "A part of a telegram is missing; if it goes on, check the cable and the adapter.",
  encrypted:
    "This meter encrypts what it sends, and only clear telegrams can be read; ask the grid operator to switch the encryption of the customer interface off, or use the meter's pulse output.",
  "unknown-message":
    "This telegram is of a kind that carries no pushed values; report the meter's type to the project, with a recording.",
  "unreadable-telegram":
    "This telegram arrived whole but cannot be read; report the meter's type to the project, with a recording.",
} as const;

const reject = (code: keyof typeof SENTENCES): DecodeEvent => refused(code, SENTENCES[code]);

const DATA_NOTIFICATION = 0x0f;
const GENERAL_BLOCK_TRANSFER = 0xe0;
/** general-glo-, general-ded-ciphering, general-ciphering; below them the services with global and dedicated keys. */
const isCiphered = (tag: number): boolean => (tag >= 0xdb && tag <= 0xdd) || (tag >= 0xc8 && tag <= 0xd7);
const INVOKE_BYTES = 4;
const CLOCK_BYTES = 12;
const OCTETS = 9;

/** An octet string that may be empty; some meters put its tag before it. Undefined when it is neither. */
const readTime = (reader: DlmsReader): MeterTime | null | undefined => {
  if (reader.bytes[reader.at] === OCTETS) reader.at += 1;
  const length = reader.bytes[reader.at++];
  if (length === 0) return null;
  if (length !== CLOCK_BYTES) return undefined;
  const from = reader.at;
  reader.at += CLOCK_BYTES;
  return readClock(reader.bytes.subarray(from, reader.at));
};

/** @param message from its tag on. */
const readMessage = (message: Uint8Array, blocks: boolean, options: TelegramOptions): DecodeEvent => {
  const tag = message[0] ?? 0;
  if (isCiphered(tag)) return reject("encrypted");
  if (tag !== DATA_NOTIFICATION) return reject("unknown-message");
  const reader: DlmsReader = { bytes: message, at: 1 + INVOKE_BYTES };
  const time = readTime(reader);
  const data = time === undefined ? null : readData(reader);
  if (time === undefined || data === null) return reject("unreadable-telegram");
  // Fill bytes may follow; anything else means that it was understood wrongly.
  if (message.subarray(reader.at).some((byte) => byte !== 0)) return reject("unreadable-telegram");
  return readPush(data, time, blocks, options);
};

/** Bytes that come in parts, up to the longest message. */
type Parts = { readonly bytes: Uint8Array; length: number };
const append = (parts: Parts, bytes: Uint8Array): boolean => {
  if (parts.length + bytes.length > MAX_MESSAGE_BYTES) return false;
  parts.bytes.set(bytes, parts.length);
  parts.length += bytes.length;
  return true;
};

type Assembler = { take(part: LinkPart): DecodeEvent[]; end(): DecodeEvent[] };

/** Numbered blocks of a message: E0, control (bit 7: the last), number, acknowledged, length, data. */
const blockAssembler = (options: TelegramOptions): Assembler => {
  const parts: Parts = { bytes: new Uint8Array(MAX_MESSAGE_BYTES), length: 0 };
  let expected = 0;
  /** The number of the last block of the last message. */
  let done = 0;
  const end = (): DecodeEvent[] => {
    const events = expected > 0 ? [reject("cut-short")] : [];
    expected = 0;
    return events;
  };
  const take = ({ info }: LinkPart): DecodeEvent[] => {
    const reader: DlmsReader = { bytes: info, at: 6 };
    const number = (info[2] ?? 0) * 256 + (info[3] ?? 0);
    const length = readLength(reader);
    if (length === null || reader.at + length !== info.length) return [...end(), reject("unreadable-telegram")];
    const events = number === 1 ? end() : [];
    if (number === 1) [expected, done, parts.length] = [1, 0, 0];
    // A block that is sent again says nothing new.
    if (number === (expected > 1 ? expected - 1 : done) && number > 1) return events;
    if (number !== expected) {
      const code = expected > 0 ? "block-missing" : "no-start";
      expected = 0;
      return [reject(code)];
    }
    expected += 1;
    if (!append(parts, info.subarray(reader.at))) {
      expected = 0;
      return [reject("too-long")];
    }
    if (((info[1] ?? 0) & 0x80) === 0) return events;
    [expected, done] = [0, number];
    return [...events, readMessage(parts.bytes.slice(0, parts.length), true, options)];
  };
  return { take, end };
};

/** Frames to messages. */
const messageAssembler = (options: TelegramOptions): Assembler => {
  const blocks = blockAssembler(options);
  const parts: Parts = { bytes: new Uint8Array(MAX_MESSAGE_BYTES), length: 0 };
  let open = false;
  const close = (): DecodeEvent[] => {
    const events = open ? [reject("cut-short")] : [];
    open = false;
    return events;
  };
  const take = (part: LinkPart): DecodeEvent[] => {
    const block = part.info[0] === GENERAL_BLOCK_TRANSFER;
    if (!part.more && !open && block) return blocks.take(part);
    const events = part.first ? close() : [];
    if (part.first && !block) events.push(...blocks.end());
    if (part.first) [open, parts.length] = [true, 0];
    // The rest of something whose beginning nobody heard: said once, at its end.
    if (!open) return part.more ? events : [...events, reject("no-start")];
    if (!append(parts, part.info)) {
      open = false;
      return [...events, reject("too-long")];
    }
    if (part.more) return events;
    open = false;
    const info = parts.bytes.slice(0, parts.length);
    if (info[0] === GENERAL_BLOCK_TRANSFER) return [...events, ...blocks.take({ info, more: false, first: true })];
    return [...events, readMessage(info, false, options)];
  };
  return { take, end: () => [...close(), ...blocks.end()] };
};

/** An encrypted message without any frame, as Luxembourg's P1 ports send it: DB 08, a maker's title, a length. */
const cipheredAt = (bytes: Uint8Array, at: number, to: number): LinkCheck => {
  const HEAD = 13;
  if (bytes[at] !== 0xdb) return { kind: "none" };
  if (to - at < HEAD) return { kind: "wait", begun: false };
  const letters = bytes.subarray(at + 2, at + 5).every((byte) => byte >= 0x41 && byte <= 0x5a);
  if (bytes[at + 1] !== 8 || !letters || bytes[at + 10] !== 0x82) return { kind: "none" };
  const part: LinkPart = { info: bytes.subarray(at, at + HEAD), more: false, first: true };
  return { kind: "frame", next: at + HEAD, part };
};

const linkAt = (bytes: Uint8Array, at: number, to: number): LinkCheck => {
  const first = bytes[at];
  if (first === FLAG) return hdlcAt(bytes, at, to);
  return first === 0xdb ? cipheredAt(bytes, at, to) : mbusAt(bytes, at, to);
};

/**
 * A decoder of pushed DLMS messages. Memory is bounded; bytes that never become a frame are reported now and then.
 * Refusals: `bad-checksum`, `cut-short`, `no-start`, `too-long`, `no-telegram`, `block-missing`, `encrypted`,
 * `unknown-message`, `unreadable-telegram` and those of {@link readPush}.
 */
export const dlmsDecoder = (options: TelegramOptions): Decoder => {
  const messages = messageAssembler(options);
  const buffer = new Uint8Array(BUFFER_BYTES);
  let length = 0;
  /** Bytes passed over since the last frame that was whole. */
  let passed = 0;
  let silent = true;

  /** @param ended nothing more will come: what waits for more bytes is not waited for. */
  const scan = (ended: boolean): DecodeEvent[] => {
    const events: DecodeEvent[] = [];
    let at = 0;
    while (at < length) {
      const check = linkAt(buffer, at, length);
      if (check.kind === "wait" && !ended) break;
      if (check.kind === "frame") {
        if (passed >= LOST_BYTES) events.push(reject("no-start"));
        passed = 0;
        if (check.part !== null) events.push(...messages.take(check.part));
        at = check.next;
        continue;
      }
      if (check.kind === "damaged") events.push(reject("bad-checksum"));
      if (check.kind === "wait" && check.begun) events.push(reject("cut-short"));
      // What was said of a frame is not said of its bytes again.
      if (check.kind === "damaged") passed = -check.size;
      // A flag alone is a pause between frames.
      if (buffer[at] !== FLAG || buffer[at + 1] !== FLAG) passed += 1;
      at += 1;
      if (passed === SILENCE_BYTES) {
        passed = 0;
        events.push(reject("no-telegram"));
      }
    }
    buffer.copyWithin(0, at, length);
    length -= at;
    if (events.length > 0) silent = false;
    return events;
  };

  return {
    push: (bytes) => {
      const events: DecodeEvent[] = [];
      for (let from = 0; from < bytes.length;) {
        const part = bytes.subarray(from, from + BUFFER_BYTES - length);
        buffer.set(part, length);
        length += part.length;
        from += part.length;
        events.push(...scan(false));
      }
      return events;
    },
    end: () => {
      const alone = length === 1 && buffer[0] === FLAG;
      const events = alone ? [] : scan(true);
      length = 0;
      events.push(...messages.end());
      if (silent && passed > 1) events.push(reject("no-telegram"));
      if (events.length > 0) silent = false;
      passed = 0;
      return events;
    },
  };
};
