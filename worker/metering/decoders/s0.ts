/**
 * The line protocol of a pulse microcontroller, ours, so that any hobbyist can flash one (paper §IV.B.1: pulse output
 * of a MID meter, 32 to 100 ms a pulse, 1,000 to 10,000 a kWh). Unlike pulses on a modem line, a lost line loses
 * nothing: each one carries the whole count.
 *
 *   CW1 <boot> <start> <seq> <count> <ms> <imp>*<CRC> LF         e.g.  CW1 7 0 42 1234 61000 1000*27E3
 *
 * ASCII, decimal whole numbers without sign, one space between, LF or CR LF at the end, 8N1; 115200 baud suggested.
 *   boot   grows by one at each start of the controller (keep it in EEPROM)
 *   start  the count at this boot: 0, or what a controller with a lasting memory remembered
 *   seq    lines since boot, from 0
 *   count  pulses, never falling within a boot, starting from `start`
 *   ms     milliseconds since boot; may wrap at 2^32
 *   imp    the meter's pulses per kWh, or 0 if the controller was not told
 *   CRC    CRC-16/ARC of everything before the star, 4 hex digits
 * A line every second, and at each pulse while there are at most 20 a second. After a restart what was counted in the
 * new boot (count - start, or the whole growth where the count was kept) is added to what was known before.
 *
 * For an Arduino with USB of its own (Leonardo, Micro). An Uno or Nano restarts whenever a program opens its port and
 * forgets what it counted meanwhile: put 10 uF between RESET and GND.
 *   #include <EEPROM.h>                         // S0+ on pin 2, S0- on GND; pulses are at least 30 ms long
 *   const unsigned long IMP = 1000;             // from the meter's face, imp/kWh
 *   volatile unsigned long count = 0, edge = 0; unsigned long boot, seq = 0, sent = 0, last = 0;
 *   void pulse() { if (millis() - edge > 20) count++; edge = millis(); }
 *   unsigned crc(const char *s) {
 *     unsigned c = 0;
 *     for (; *s; s++) { c ^= (byte)*s; for (int i = 0; i < 8; i++) c = c & 1 ? (c >> 1) ^ 0xA001 : c >> 1; }
 *     return c;
 *   }
 *   void setup() {
 *     Serial.begin(115200); pinMode(2, INPUT_PULLUP);
 *     EEPROM.get(0, boot); if (boot == 0xFFFFFFFF) boot = 0;
 *     boot++; EEPROM.put(0, boot);
 *     attachInterrupt(digitalPinToInterrupt(2), pulse, FALLING);
 *   }
 *   void loop() {
 *     noInterrupts(); unsigned long n = count; interrupts();
 *     unsigned long now = millis();
 *     if (now - sent < 50 || (n == last && now - sent < 1000)) return;
 *     char line[96];
 *     sprintf(line, "CW1 %lu 0 %lu %lu %lu %lu", boot, seq++, n, now, IMP);
 *     Serial.print(line); Serial.print('*');
 *     sprintf(line, "%04X\n", crc(line) & 0xFFFF); Serial.print(line);
 *     sent = now; last = n;
 *   }
 */
import { crc16, crc16Hex } from "../crc16.ts";
import { latin1 } from "../latin1.ts";
import { isImpPerKwh, pulsePower, pulseResolution, pulsesFit, pulsesToMwh } from "../pulses.ts";
import { refused, type DecodeEvent, type Decoder, type PulseCounter } from "../reading.ts";

export type S0Options = {
  /** From the meter's face; a line that says another one is refused. */
  readonly impPerKwh: number;
  /** Where the count stood when the journal was last written; null the first time. */
  readonly resume?: PulseCounter | null;
};

export const S0_MAGIC = "CW1 ";
/** The longest line we make is 93 characters; longer ones are noise. */
export const MAX_LINE_BYTES = 128;
/** Bytes without a single line before we say so. */
const SILENCE_BYTES = 4_096;
const MS_WRAP = 2 ** 32;
/** Beyond this a gap between two lines says nothing of power. */
const MAX_POWER_GAP_MS = 3_600_000;

const SENTENCES = {
  "bad-checksum":
    "A line of the pulse counter arrived damaged; if it goes on, check the USB cable and the port's speed.",
  "cut-short": "The pulse counter's last line broke off; check that its USB cable is plugged in.",
  malformed: "The pulse counter sends lines of another version; flash it again with the program of this version.",
  "other-constant":
    "The pulse counter was told another number of pulses per kWh than you entered; look at the meter's face and correct the wrong one.",
  "count-backwards": "The pulse count fell without a restart; flash the counter again, it must never count down.",
  "no-telegram":
    "Bytes arrive, but no line of a pulse counter; check the port's speed (115200) and the program on the microcontroller.",
} as const;

const reject = (code: keyof typeof SENTENCES, data?: Record<string, string | number>): DecodeEvent =>
  refused(code, SENTENCES[code], data);

type Line = { boot: number; start: number; seq: number; count: number; ms: number; imp: number };

const SPACE = 0x20;
const STAR = 0x2a;
const MAX_DIGITS = 15;
const CRC_BYTES = 4;

/** Where the last {@link S0_MAGIC} begins; -1 for none. */
const lastMagic = (bytes: Uint8Array, length: number): number => {
  let i = length - S0_MAGIC.length;
  while (i >= 0 && !(bytes[i] === 0x43 && bytes[i + 1] === 0x57 && bytes[i + 2] === 0x31 && bytes[i + 3] === SPACE))
    i--;
  return i;
};

const isBlank = (byte: number | undefined): boolean =>
  byte === SPACE || byte === 0x09 || byte === 0x0b || byte === 0x0c || byte === 0xa0;

/** 0 to 15; -1 for what is no hex digit. */
const hexDigit = (byte: number): number => {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
};

const readHex = (bytes: Uint8Array, from: number): number => {
  let value = 0;
  for (let i = from; i < from + CRC_BYTES; i++) {
    const digit = hexDigit(bytes[i] ?? 0);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
};

/** Six decimal numbers with one space between, and nothing else; null when they are not. */
const readFields = (bytes: Uint8Array, from: number, to: number): Line | null => {
  const fields: [number, number, number, number, number, number] = [0, 0, 0, 0, 0, 0];
  let at = from;
  for (let field = 0; field < fields.length; field++) {
    if (field > 0 && bytes[at++] !== SPACE) return null;
    const first = at;
    let value = 0;
    for (; at < to; at++) {
      const digit = (bytes[at] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at === first || at - first > MAX_DIGITS) return null;
    fields[field] = value;
  }
  const [boot, start, seq, count, ms, imp] = fields;
  return at === to ? { boot, start, seq, count, ms, imp } : null;
};

/** The fields, an event that refuses them, or null for noise. */
const parseLine = (bytes: Uint8Array, length: number): Line | DecodeEvent | null => {
  const from = lastMagic(bytes, length);
  if (from < 0) return null;
  let end = length;
  while (isBlank(bytes[end - 1])) end -= 1;
  const star = end - CRC_BYTES - 1;
  const wanted = star > from && bytes[star] === STAR ? readHex(bytes, star + 1) : -1;
  if (wanted < 0) return reject("bad-checksum");
  const crc = crc16(bytes.subarray(from, star));
  if (crc !== wanted) return reject("bad-checksum", { computed: crc16Hex(crc), received: crc16Hex(wanted) });
  const line = readFields(bytes, from + S0_MAGIC.length, star);
  return line === null || line.count < line.start ? reject("malformed") : line;
};

const isLine = (x: Line | DecodeEvent): x is Line => !("kind" in x);

type Pulse = { boot: number; count: number; ms: number; watts: number | null };

/** Mean power between the last two lines with new pulses; falls as the wait for the next one grows. */
const measurePower = (before: Pulse | null, line: Line, impPerKwh: number): Pulse => {
  if (before === null || before.boot !== line.boot) return { ...line, watts: null };
  const waited = (line.ms - before.ms + MS_WRAP) % MS_WRAP;
  if (waited === 0 || waited > MAX_POWER_GAP_MS) return line.count === before.count ? before : { ...line, watts: null };
  if (line.count > before.count) return { ...line, watts: pulsePower(line.count - before.count, impPerKwh, waited) };
  const atMost = pulsePower(1, impPerKwh, waited) ?? 0;
  return { ...before, watts: before.watts === null ? null : Math.min(before.watts, atMost) };
};

/** The counter after a line, or null when the count fell within a boot. */
const advance = (counter: PulseCounter | null, line: Line): PulseCounter | null => {
  const { boot, count } = line;
  if (counter === null) return { boot, count, total: count };
  if (boot === counter.boot) {
    return count < counter.count ? null : { boot, count, total: counter.total + (count - counter.count) };
  }
  // A kept count goes on from where it was; a lost one begins again at `start`, and what came since is new.
  const from = line.start < counter.count ? line.start : counter.count;
  return { boot, count, total: counter.total + (count - from) };
};

const readingOf = (counter: PulseCounter, impPerKwh: number, watts: number | null): DecodeEvent => ({
  kind: "reading",
  reading: {
    protocol: "s0",
    exportMwh: pulsesToMwh(counter.total, impPerKwh),
    importMwh: null,
    resolutionMwh: pulseResolution(impPerKwh),
    powerExportW: watts,
    powerImportW: null,
    meterTime: null,
    identity: null,
    counter,
  },
});

/**
 * A decoder of pulse counter lines. Hand `reading.counter` of the last journaled reading back as `resume`.
 * Refusals: `bad-checksum`, `cut-short`, `malformed`, `other-constant`, `count-backwards`, `no-telegram`.
 * @throws RangeError for a pulse constant out of bounds: a bug of the caller.
 */
export const s0Decoder = (options: S0Options): Decoder => {
  const { impPerKwh } = options;
  if (!isImpPerKwh(impPerKwh)) throw new RangeError(`${impPerKwh} is no number of pulses per kWh`);
  const buffer = new Uint8Array(MAX_LINE_BYTES);
  let length = 0;
  let noise = 0;
  let counter = options.resume ?? null;
  let pulse: Pulse | null = null;

  const read = (line: Line): DecodeEvent => {
    if (line.imp !== 0 && line.imp !== impPerKwh)
      return reject("other-constant", { entered: impPerKwh, sent: line.imp });
    const next = advance(counter, line);
    if (next === null) return reject("count-backwards", { before: counter?.count ?? 0, now: line.count });
    if (!pulsesFit(next.total, impPerKwh)) return reject("malformed");
    counter = next;
    pulse = measurePower(pulse, line, impPerKwh);
    return readingOf(counter, impPerKwh, pulse.watts);
  };
  const text = (): string => latin1(buffer.subarray(0, length));
  const finish = (): DecodeEvent | null => {
    const parsed = length === 0 ? null : parseLine(buffer, length);
    length = 0;
    if (parsed === null) return null;
    noise = 0;
    return isLine(parsed) ? read(parsed) : parsed;
  };
  const next = (byte: number): DecodeEvent | null => {
    if (byte === 0x0a || byte === 0x0d) return finish();
    if (length === MAX_LINE_BYTES) {
      // Keep the tail: a line may begin behind noise that had no line end.
      const magic = text().indexOf(S0_MAGIC, 1);
      const from = magic < 0 ? MAX_LINE_BYTES - S0_MAGIC.length : magic;
      buffer.copyWithin(0, from);
      length -= from;
    }
    buffer[length++] = byte;
    return byte > 0x20 && ++noise % SILENCE_BYTES === 0 ? reject("no-telegram") : null;
  };

  return {
    push: (bytes) => {
      const events: DecodeEvent[] = [];
      for (let i = 0; i < bytes.length; i++) {
        const event = next(bytes[i] ?? 0);
        if (event !== null) events.push(event);
      }
      return events;
    },
    end: () => {
      const rest = text();
      const whole = /\*[0-9A-Fa-f]{4}\s*$/.test(rest);
      if (whole || !rest.includes(S0_MAGIC)) {
        const event = finish();
        const never = event === null && counter === null && noise > 0;
        noise = 0;
        return never ? [reject("no-telegram")] : event === null ? [] : [event];
      }
      length = 0;
      return [reject("cut-short")];
    },
  };
};
