/**
 * IEC 62056-21 readouts (once IEC 1107, "D0" in Germany) in any stream of bytes: a block STX data `!` CR LF ETX BCC, as
 * the modes A, B and C send it (§6.5; BCC is the exclusive-or of all that follows STX up to and with ETX), and mode D's
 * telegram, `/XXXZ<id>` CR LF data `!`, which the meter pushes without being asked. Seven bits with even parity; a port
 * opened with eight is read too. Knows nothing of dialogues (iec62056-dialogue.ts) and of what the lines mean.
 *
 * A block needs its BCC. Mode D has none: what can be asked of it is that it has its first line and nothing but whole,
 * printable lines, that every byte has its parity where the port shows it, and on a live line (`confirm`) that the
 * telegram before it says the same meter and a register hardly lower (0.1 kWh). Then a digit that changed on the way
 * costs two telegrams, or is worth less than that. A recording of a single one is read as it stands.
 */
import { latin1 } from "../latin1.ts";
import { refused, type DecodeEvent, type Decoder, type Reading, type TelegramOptions } from "../reading.ts";
import { flagsOf, isDamaged } from "../seven-bits.ts";
import { areWholeLines, hasDataLine, readBlock } from "./iec62056-block.ts";

export type IecOptions = TelegramOptions & {
  /** Read a block whose BCC is missing, as long as its lines are whole: damage to a digit is not noticed. */
  readonly allowNoChecksum?: boolean;
  /** A live line: a mode D telegram counts once the one before agrees with it. */
  readonly confirm?: boolean;
};

/** The longest readout believed: one with 15 months of four tariffs has 14,000 bytes. */
export const MAX_BLOCK_BYTES = 65_536;
/** Bytes without a readout before we say so. */
const SILENCE_BYTES = 8_192;
/** What a register may have grown by from one mode D telegram to the next: 36 kW for 10 s, or one of its own steps. */
const MAX_GROWTH_MWH = 100_000;

const SOH = 0x01;
const STX = 0x02;
const ETX = 0x03;
const EOT = 0x04;
const LF = 0x0a;
const CR = 0x0d;
const BANG = 0x21;

const SENTENCES = {
  "bad-checksum":
    "This readout arrived damaged; if it goes on, put the optical head straight on the meter's interface and keep sunlight off it.",
  "no-checksum":
    "This readout ends without its check character, so damage would go unseen; record it to its end, or allow such readouts if you accept that.",
  "cut-short":
    "A readout broke off in the middle; check that the optical head sits firmly and its cable is plugged in.",
  "no-start": "A telegram came without its first line; the next one should be whole, otherwise check the optical head.",
  "too-long": "A readout never ended; check the port's speed and that the head sits on the meter of that type.",
  "damaged-line":
    "A line of this telegram is damaged, and it has no checksum; put the optical head straight on the meter's interface, and check the port's speed.",
  unconfirmed:
    "Two telegrams in a row disagree, and they have no checksum; nothing is to be done unless it goes on, then check the optical head.",
  "looks-like-p1": "This is a P1 telegram with its own checksum; choose the protocol P1 for this meter.",
  "password-asked": "The meter asks for a password instead of sending its readout; read it in readout mode (option 0).",
  "no-telegram":
    "Bytes arrive, but no readout; check the port's speed (300, or 9600 or 2400 for meters that send by themselves), seven data bits with even parity.",
} as const;

const reject = (code: keyof typeof SENTENCES, data?: Record<string, string>): DecodeEvent =>
  refused(code, SENTENCES[code], data);

const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, "0");
const isNewline = (byte: number): boolean => byte === CR || byte === LF;
const isHex = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);

/** What follows SOH: a letter and a digit, P0 for "give me your password". */
const isCommand = (text: string): boolean => /^[A-Z]\d/.test(text);

/** `/`, three letters of the maker, the baud rate's character, the type: 16 characters, some makers write more. */
const IDENT = /\/[A-Za-z]{3}[\x21-\x7e][\x20-\x7e]{0,64}[\r\n]/g;
/** So many names before one `!` are looked at, the last ones: more are noise, and each costs a look at all its lines. */
const MAX_NAMES = 16;

/** A meter's name, or the echo of a request, and perhaps the echo of the acknowledgement. */
const ANNOUNCED = /\/(?:\?|[A-Za-z]{3})[^\r\n]*[\r\n]+(?:[^\r\n]{1,6}[\r\n]+)?$/;
/** Where the text ends with one: a name, an acknowledgement and their line ends fit in here. */
const MAX_ANNOUNCEMENT = 128;
/** A block of several lines ends with a `!` of its own; without it, a damaged byte looked like ETX. */
const isEnded = (body: string): boolean => !/[\r\n]/.test(body) || /(?:^|[\r\n])![\r\n]*.$/s.test(body);

/** `line`: after a `!` at the start of one; `check`: the next byte is the BCC. */
type Phase = "data" | "line" | "check";

class IecDecoder implements Decoder {
  readonly #options: IecOptions;
  #buffer = new Uint8Array(4_096);
  #length = 0;
  /** The block begins at the buffer's start, with STX or SOH. */
  #block: "stx" | "soh" | null = null;
  #phase: Phase = "data";
  /** What came since the `!`: line ends, or the digits of a P1 checksum. */
  #tail = 0;
  #digits = 0;
  #silence = 0;
  #heard = false;
  #last: Reading | null = null;
  #events: DecodeEvent[] = [];

  constructor(options: IecOptions) {
    this.#options = options;
  }

  push(bytes: Uint8Array): DecodeEvent[] {
    this.#events = [];
    for (let i = 0; i < bytes.length; i++) this.#next(bytes[i] ?? 0);
    return this.#take();
  }

  end(): DecodeEvent[] {
    this.#events = [];
    if (this.#phase !== "data" && this.#digits === 0) this.#finishUnchecked();
    else if (hasDataLine(this.#text(0))) this.#events.push(reject("cut-short"));
    if (!this.#heard && this.#events.length === 0 && this.#silence > 0) this.#events.push(reject("no-telegram"));
    this.#reset();
    this.#silence = 0;
    this.#last = null;
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
    if (this.#phase === "data") this.#data(raw, byte);
    else if (this.#phase === "check") this.#check(raw, byte);
    else this.#afterBang(raw, byte);
  }

  #data(raw: number, byte: number): void {
    if (byte > BANG || byte === 0x20) {
      this.#append(raw);
      return;
    }
    const before = (this.#buffer[this.#length - 1] ?? 0) & 0x7f;
    if (byte === STX && !this.#inCommand()) this.#begin("stx", raw);
    else if (byte === SOH) this.#begin("soh", raw);
    else {
      const starts = byte === BANG && this.#length > 0 && (isNewline(before) || before === STX);
      this.#append(raw);
      if (starts) {
        this.#phase = "line";
        this.#tail = 0;
        this.#digits = 0;
      } else if ((byte === ETX || byte === EOT) && this.#block !== null) this.#phase = "check";
    }
  }

  /** SOH, a letter and a digit: the STX after them belongs to a command of the programming mode. */
  #inCommand(): boolean {
    return this.#block === "soh" && this.#length === 3 && isCommand(this.#text(1));
  }

  #begin(block: "stx" | "soh", raw: number): void {
    const text = this.#block === null ? "" : this.#text(0);
    const broken = hasDataLine(text);
    if (broken) this.#events.push(reject("cut-short"));
    this.#reset();
    // Inside a block an STX that no name announces is a damaged byte: what follows it is only the rest of that block.
    if (broken && !ANNOUNCED.test(text.slice(-MAX_ANNOUNCEMENT))) return;
    this.#block = block;
    this.#append(raw);
  }

  #afterBang(raw: number, byte: number): void {
    if (this.#block !== null) {
      if (byte === ETX || byte === EOT) {
        this.#append(raw);
        this.#phase = "check";
      } else if (isNewline(byte)) {
        this.#append(raw);
        this.#tail += 1;
      } else if (this.#tail > 0) {
        this.#finishUnchecked();
        this.#next(raw);
      } else this.#resume(raw, byte);
    } else if (isNewline(byte)) {
      if (this.#digits > 0) this.#finishP1();
      else this.#finishUnchecked();
    } else if (isHex(byte) && this.#digits < 4) {
      this.#append(raw);
      this.#digits += 1;
    } else this.#resume(raw, byte);
  }

  /** The `!` was text. */
  #resume(raw: number, byte: number): void {
    this.#phase = "data";
    this.#data(raw, byte);
  }

  #append(raw: number): void {
    if (this.#length === MAX_BLOCK_BYTES) this.#overflow();
    if (this.#length === this.#buffer.length) {
      const wider = new Uint8Array(Math.min(MAX_BLOCK_BYTES, 2 * this.#buffer.length));
      wider.set(this.#buffer);
      this.#buffer = wider;
    }
    this.#buffer[this.#length++] = raw;
    if ((raw & 0x7f) > 0x20 && ++this.#silence === SILENCE_BYTES) {
      this.#silence = 0;
      if (this.#block === null && !hasDataLine(this.#text(0))) this.#events.push(reject("no-telegram"));
    }
  }

  #overflow(): void {
    const text = this.#text(0);
    this.#events.push(reject(this.#block !== null || hasDataLine(text) ? "too-long" : "no-telegram"));
    this.#reset();
  }

  #reset(): void {
    this.#length = 0;
    this.#block = null;
    this.#phase = "data";
    this.#tail = 0;
    this.#digits = 0;
  }

  #text(from: number): string {
    const bytes = this.#buffer.slice(from, this.#length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = (bytes[i] ?? 0) & 0x7f;
    return latin1(bytes);
  }

  #check(raw: number, bcc: number): void {
    const block = this.#block;
    let computed = 0;
    for (let i = 1; i < this.#length; i++) computed ^= this.#buffer[i] ?? 0;
    computed &= 0x7f;
    const damaged = isDamaged(flagsOf(this.#buffer, 0, this.#length) | flagsOf(Uint8Array.of(raw), 0, 1));
    const body = this.#text(1);
    this.#reset();
    const asked = block === "soh" && isCommand(body);
    const agrees = computed === bcc && !damaged && (asked || isEnded(body));
    if (agrees && (asked || (block === "stx" && hasDataLine(body)))) {
      this.#silence = 0;
      this.#events.push(asked ? reject("password-asked") : readBlock(body, this.#options));
      return;
    }
    if (!agrees && block === "stx" && hasDataLine(body)) {
      this.#events.push(reject("bad-checksum", { computed: hex(computed), received: hex(bcc) }));
    }
    // It was noise, or the check character is missing and this the first of what follows.
    this.#next(raw);
  }

  /** A block that ended without ETX and BCC, or a mode D telegram. */
  #finishUnchecked(): void {
    const block = this.#block;
    const bytes = this.#buffer.slice(0, this.#length);
    const text = this.#text(0);
    this.#reset();
    this.#silence = 0;
    if (block === null) this.#modeD(bytes, text);
    else if (!hasDataLine(text)) return;
    else if (this.#options.allowNoChecksum !== true) this.#events.push(reject("no-checksum"));
    else {
      // Without STX, and without `!` and all that follows it.
      const body = text.slice(1, text.lastIndexOf("!"));
      const whole = areWholeLines(body) && !isDamaged(flagsOf(bytes, 0, bytes.length));
      this.#events.push(whole ? readBlock(body, this.#options) : reject("damaged-line"));
    }
  }

  #finishP1(): void {
    const text = this.#text(0);
    this.#reset();
    this.#silence = 0;
    if (hasDataLine(text)) this.#events.push(reject("looks-like-p1"));
  }

  /** @param text seven bits, up to and with `!`. */
  #modeD(bytes: Uint8Array, text: string): void {
    const starts = [...text.matchAll(IDENT)].map((match) => ({ from: match.index, to: match.index + match[0].length }));
    for (const { from, to } of starts.slice(-MAX_NAMES).reverse()) {
      const body = text.slice(to, -1);
      if (!hasDataLine(body) || !areWholeLines(body) || isDamaged(flagsOf(bytes, from, bytes.length))) continue;
      if (hasDataLine(text.slice(0, from))) this.#events.push(reject("cut-short"));
      this.#events.push(...this.#confirmed(readBlock(body, this.#options)));
      return;
    }
    if (hasDataLine(text)) this.#events.push(reject(text.includes("/") ? "damaged-line" : "no-start"));
  }

  #confirmed(event: DecodeEvent): DecodeEvent[] {
    if (event.kind === "refused" || this.#options.confirm !== true) return [event];
    const before = this.#last;
    const { reading } = event;
    this.#last = reading;
    if (before === null) return [];
    const [now, then] = [this.#needed(reading), this.#needed(before)];
    const agrees = reading.identity === before.identity && reading.resolutionMwh === before.resolutionMwh;
    const grown = now === null || then === null ? -1 : now - then;
    const most = Math.max(MAX_GROWTH_MWH, reading.resolutionMwh);
    return agrees && grown >= 0 && grown <= most ? [event] : [reject("unconfirmed")];
  }

  /** The register that the reading was taken for. */
  #needed({ exportMwh, importMwh }: Reading): number | null {
    return this.#options.needs === "import" ? importMwh : (exportMwh ?? importMwh);
  }
}

/**
 * A decoder of readouts. Memory is bounded by {@link MAX_BLOCK_BYTES}.
 * Refusals: those of the sentences above and of {@link readBlock}.
 */
export const iecDecoder = (options: IecOptions): Decoder => new IecDecoder(options);
