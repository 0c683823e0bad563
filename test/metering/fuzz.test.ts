/**
 * Every registered decoder against bytes that no meter sent: random ones, pieces of the protocol's own vocabulary, and
 * good telegrams that were cut, repeated, swapped and damaged. No exception, no endless events, memory bounded (a long
 * stream leaves the decoder as it was), and no register that was not in a telegram put in.
 * COMMONWATT_FUZZ_SECONDS=60 fuzzes each decoder for so long instead of the few hundred runs of every day; the seed is
 * printed when it fails.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { millis } from "../../worker/base/units.ts";
import { MAX_BLOCK_BYTES } from "../../worker/metering/decoders/iec62056.ts";
import { iecDialogue } from "../../worker/metering/decoders/iec62056-dialogue.ts";
import { asPulseDecoder } from "../../worker/metering/decoders/pulse.ts";
import { latin1 } from "../../worker/metering/latin1.ts";
import { protocols, type ProtocolSpec } from "../../worker/metering/protocols.ts";
import type { DecodeEvent, Decoder, Protocol } from "../../worker/metering/reading.ts";
import { withEvenParity } from "../../worker/metering/seven-bits.ts";
import { encodeDlms } from "../../worker/metering/virtual/dlms.ts";
import { encodeIecBlock } from "../../worker/metering/virtual/iec.ts";
import { encodeP1 } from "../../worker/metering/virtual/p1.ts";
import { encodeS0 } from "../../worker/metering/virtual/s0.ts";
import { encodeSml } from "../../worker/metering/virtual/sml.ts";
import { encodeTic } from "../../worker/metering/virtual/tic.ts";
import { concat, raw, readings } from "./decoders/events.ts";

const SECONDS = Number(process.env["COMMONWATT_FUZZ_SECONDS"] ?? 0);
const LIMITS: fc.Parameters<unknown> =
  SECONDS > 0
    ? { numRuns: 1_000_000_000, interruptAfterTimeLimit: SECONDS * 1_000, markInterruptAsFailure: false }
    : { numRuns: 300 };
const TIMEOUT = SECONDS > 0 ? (SECONDS + 60) * 1_000 : 60_000;

const IMP = 1_000;
const make = (spec: ProtocolSpec): Decoder => spec.decoder({ salt: null, impPerKwh: IMP, resume: null });

/** A telegram with this export register in Wh. */
const ENCODERS: Readonly<Record<Protocol, (wh: number) => Uint8Array>> = (() => {
  const registers = (wh: number) => ({
    exportMwh: wh * 1_000,
    importMwh: 5_000_000,
    powerExportW: 1,
    powerImportW: 2,
    at: millis(1_600_000_000_000),
  });
  return {
    p1: (wh) => encodeP1({ style: "nl", unit: "Wh", ...registers(wh) }),
    s0: (wh) => encodeS0({ boot: wh, start: 0, seq: 0, count: wh, ms: 0, impPerKwh: IMP }),
    tic: (wh) => encodeTic({ mode: "standard", ...registers(wh) }),
    iec: (wh) => encodeIecBlock(registers(wh)),
    sml: (wh) => encodeSml({ exportMwh: wh * 1_000, importMwh: 0, powerW: 3, seconds: 1 }),
    dlms: (wh) => encodeDlms({ style: "landis", ...registers(wh) }),
    pulse: () => Uint8Array.of(0),
  };
})();

const WORDS: Readonly<Record<Protocol, readonly string[]>> = {
  p1: ["/", "!", "\r\n", "ISK5", "1-0:2.8.0(", "000001.000*kWh)", "*kWh)", "9", "F"],
  s0: ["CW1 ", "1 ", "0 ", "*", "27E3", "\n", "99999999999999999999"],
  tic: ["\x02", "\x03", "\x04", "\n", "\r", "\t", " ", "EAIT", "000671631", "]", "ADSC", "DATE", "E210414082625"],
  iec: ["\x02", "\x03", "\x01", "!", "\r\n", "/ABC5x\r\n", "2.8.0(", "1.0*kWh)", "(", ")", "A1B2", "\x06050"],
  sml: ["\x1b\x1b\x1b\x1b", "\x01\x01\x01\x01", "\x1a", "\x76", "\x77", "\x07\x01\x00\x02\x08\x00\xff", "\xff", "\x00"],
  dlms: ["\x7e", "\xa0", "\xa8", "\xe6\xe7\x00", "\x0f", "\x02", "\x01", "\x09\x06", "\xff", "\x68", "\xdb\x08"],
  pulse: ["\x00", "\xff"],
};

/** Exports are Wh from a few numbers that damage does not make of each other. */
const KNOWN = [123_456, 7_654_321, 31_415_926] as const;

const damage = fc.record({
  kind: fc.nat(5),
  at: fc.nat(),
  length: fc.nat(60),
  byte: fc.integer({ min: 1, max: 255 }),
});

const apply = (
  bytes: Uint8Array,
  { kind, at, length, byte }: typeof damage extends fc.Arbitrary<infer T> ? T : never,
) => {
  const place = bytes.length === 0 ? 0 : at % bytes.length;
  if (kind === 0) return concat(bytes.subarray(0, place), bytes.subarray(place + length));
  if (kind === 1) return concat(bytes.subarray(0, place + length), bytes.subarray(place));
  if (kind === 2) return concat(bytes.subarray(place), bytes.subarray(0, place));
  if (kind === 3) return bytes.map((old, i) => (i === place ? old ^ byte : old));
  if (kind === 4) return concat(bytes.subarray(0, place), new Uint8Array(length).fill(byte), bytes.subarray(place));
  return bytes.subarray(0, place);
};

const streamsOf = (spec: ProtocolSpec): fc.Arbitrary<Uint8Array> => {
  const telegram = fc.constantFrom(...KNOWN).map(ENCODERS[spec.name]);
  const damaged = fc
    .tuple(telegram, fc.array(damage, { maxLength: 4 }))
    .map(([bytes, all]) => all.reduce(apply, bytes));
  const words = fc.array(fc.constantFrom(...WORDS[spec.name]), { maxLength: 80 }).map((parts) => raw(parts.join("")));
  const noise = fc.uint8Array({ maxLength: 400 });
  return fc
    .array(fc.oneof(damaged, damaged.map(withEvenParity), words, noise), { maxLength: 5 })
    .map((p) => concat(...p));
};

/** Null for a sentence, or a reading of whole numbers from 0. */
const troubleWith = (event: DecodeEvent): string | null => {
  if (event.kind === "refused") return /^[A-Z].{30,}\.$/.test(event.refusal.message) ? null : event.refusal.message;
  const { exportMwh, importMwh, resolutionMwh } = event.reading;
  const odd = [exportMwh ?? 0, importMwh ?? 0, resolutionMwh].find((n) => !Number.isSafeInteger(n) || n < 0);
  return odd === undefined ? null : String(odd);
};

/** All that a dialogue ever says. */
const SAYINGS = ["/?!\r\n", "\0".repeat(40), ...["0", "1", "2", "3", "4", "5", "6"].map((z) => `\x060${z}0\r\n`)];

const play = (decoder: Decoder, bytes: Uint8Array, piece: number): DecodeEvent[] => {
  const events: DecodeEvent[] = [];
  for (let at = 0; at < bytes.length; at += piece) events.push(...decoder.push(bytes.subarray(at, at + piece)));
  return [...events, ...decoder.end()];
};

describe.each(protocols.map((spec) => [spec.name, spec] as const))("%s", (name, spec) => {
  test(
    "any stream: no exception, at most an event a byte, each a reading of whole numbers or a sentence",
    () => {
      fc.assert(
        fc.property(streamsOf(spec), fc.integer({ min: 1, max: 500 }), (bytes, piece) => {
          const events = play(make(spec), bytes, piece);
          expect(events.length).toBeLessThanOrEqual(bytes.length + 2);
          for (const event of events) {
            expect(troubleWith(event)).toBeNull();
          }
        }),
        LIMITS,
      );
    },
    TIMEOUT,
  );

  test("memory: after a megabyte of one thing it goes on as if nothing had been", () => {
    const good = ENCODERS[name](KNOWN[0]);
    const starts = [new Uint8Array([0x55]), good.subarray(0, Math.max(1, good.length >> 1)), ...WORDS[name].map(raw)];
    for (const start of starts.slice(0, 6)) {
      const decoder = make(spec);
      const chunk = new Uint8Array(200_000);
      for (let at = 0; at < chunk.length; at += start.length) chunk.set(start.subarray(0, chunk.length - at), at);
      for (let i = 0; i < 5; i++) decoder.push(chunk);
      // Nothing kept is longer than the longest telegram: twice that of filler pushes everything out.
      decoder.push(new Uint8Array(2 * MAX_BLOCK_BYTES).fill(0x2e));
      decoder.end();
      expect(readings(play(decoder, good, 64)).length).toBeGreaterThan(0);
    }
  });
});

/** What every checksum here surely finds: one changed byte. Two may cancel out in six bits of a sum or seven of a parity. */
const oneByte = fc.record({
  kind: fc.constant(3),
  at: fc.nat(),
  length: fc.constant(1),
  byte: fc.integer({ min: 1, max: 255 }),
});
/** A stream that was joined in the middle (turned) or broke off. */
const torn = fc.record({ kind: fc.constantFrom(2, 5), at: fc.nat(), length: fc.constant(1), byte: fc.constant(1) });

describe.each(protocols.filter((spec) => spec.name !== "pulse").map((spec) => [spec.name, spec] as const))(
  "%s, damaged",
  (name, spec) => {
    /** A pulse counter that restarts goes on from what it counted: what matters there is the line's own count. */
    const registers = (bytes: Uint8Array, piece: number): (number | null | undefined)[] =>
      readings(play(make(spec), bytes, piece)).map((r) => (name === "s0" ? r.counter?.count : r.exportMwh));

    test(
      "a changed byte in any stream of telegrams: a register is one of those that were sent",
      () => {
        const telegrams = KNOWN.map(ENCODERS[name]);
        const sent = telegrams.flatMap((bytes) => registers(bytes, 9_999));
        expect(new Set(sent).size).toBe(KNOWN.length);
        const stream = fc
          .tuple(fc.array(fc.constantFrom(...telegrams), { minLength: 1, maxLength: 3 }), fc.option(torn), oneByte)
          .map(([parts, tear, flip]) => apply(tear === null ? concat(...parts) : apply(concat(...parts), tear), flip));
        fc.assert(
          fc.property(stream, (bytes) => {
            for (const register of registers(bytes, 100)) expect(sent).toContain(register);
          }),
          LIMITS,
        );
      },
      TIMEOUT,
    );
  },
);

describe("what is played otherwise than in bytes", () => {
  test(
    "pulses: breaks, polls and bytes at any times, also backwards",
    () => {
      const spec = protocols.find((each) => each.name === "pulse");
      const happening = fc.record({ kind: fc.nat(3), at: fc.integer({ min: -1_000, max: 1_000_000 }), n: fc.nat(40) });
      fc.assert(
        fc.property(fc.array(happening, { maxLength: 200 }), (list) => {
          const decoder = spec === undefined ? null : asPulseDecoder(make(spec));
          let most = 0;
          let total = 0;
          for (const { kind, at, n } of list) {
            most += kind === 0 ? n : 1;
            const events =
              kind === 0
                ? decoder?.push(new Uint8Array(n), at)
                : kind === 1
                  ? decoder?.broke(at)
                  : decoder?.polled(kind === 2, at);
            for (const reading of readings(events ?? [])) {
              expect(reading.counter?.total ?? 0).toBeGreaterThan(total);
              total = reading.counter?.total ?? 0;
            }
          }
          expect(total).toBeLessThanOrEqual(most);
        }),
        LIMITS,
      );
    },
    TIMEOUT,
  );

  test(
    "a dialogue: any answers at any moment, and what it does is always send, set, wait or say",
    () => {
      const step = fc.oneof(
        fc.constant("elapsed" as const),
        fc.constant("end" as const),
        fc
          .constantFrom("/ABC5x\r\n", "/ABCCx\r\n", "/?!\r\n", "\x022.8.0(1.0*kWh)\r\n!\r\n\x03", "\x06050\r\n")
          .map(raw),
        fc.constant(ENCODERS.iec(KNOWN[0])),
        fc.uint8Array({ maxLength: 300 }),
      );
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
          const dialogue = iecDialogue({ salt: null });
          dialogue.start();
          for (const each of steps) {
            const actions =
              each === "elapsed"
                ? dialogue.elapsed()
                : each === "end"
                  ? [...dialogue.end(), ...dialogue.start()]
                  : dialogue.push(each);
            for (const action of actions) {
              expect(["send", "line", "wait", "reading", "refused"]).toContain(action.kind);
              expect(action.kind === "send" ? SAYINGS : [true]).toContain(
                action.kind !== "send" || latin1(action.bytes),
              );
              // Behind the block without a BCC, noise may be the right one by chance.
              expect([KNOWN[0] * 1_000, 1_000_000]).toContain(
                action.kind === "reading" ? action.reading.exportMwh : 1_000_000,
              );
            }
          }
        }),
        LIMITS,
      );
    },
    TIMEOUT,
  );
});
