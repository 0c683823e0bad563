/** The pulse counter's lines: format, restarts of the controller, damage, and laws over any bytes. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { s0Decoder, type S0Options } from "../../../worker/metering/decoders/s0.ts";
import type { DecodeEvent, Reading } from "../../../worker/metering/reading.ts";
import { encodeS0, type S0Line } from "../../../worker/metering/virtual/s0.ts";

const raw = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const concat = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const line = (fields: Partial<S0Line>): Uint8Array =>
  encodeS0({ boot: 1, start: 0, seq: 0, count: 0, ms: 0, impPerKwh: 1_000, ...fields });

const decodeAll = (bytes: Uint8Array, options: S0Options = { impPerKwh: 1_000 }): DecodeEvent[] => {
  const decoder = s0Decoder(options);
  return [...decoder.push(bytes), ...decoder.end()];
};
const readings = (events: readonly DecodeEvent[]): Reading[] =>
  events.flatMap((event) => (event.kind === "reading" ? [event.reading] : []));
const refusals = (events: readonly DecodeEvent[]): string[] =>
  events.flatMap((event) => (event.kind === "refused" ? [event.refusal.code] : []));
const registers = (bytes: Uint8Array, options?: S0Options): (number | null)[] => {
  const events = decodeAll(bytes, options);
  expect(refusals(events)).toEqual([]);
  return readings(events).map((reading) => reading.exportMwh);
};

describe("a line", () => {
  test("the example of the format's description is a line with a right checksum", () => {
    const bytes = raw("CW1 7 0 42 1234 61000 1000*27E3\n");
    expect(encodeS0({ boot: 7, start: 0, seq: 42, count: 1234, ms: 61_000, impPerKwh: 1_000 })).toEqual(bytes);
    expect(readings(decodeAll(bytes))).toEqual([
      {
        protocol: "s0",
        exportMwh: 1_234_000,
        importMwh: null,
        resolutionMwh: 1_000,
        powerExportW: null,
        powerImportW: null,
        meterTime: null,
        identity: null,
        counter: { boot: 7, count: 1234, total: 1234 },
      },
    ]);
  });

  test("CR LF, a checksum in small letters and a missing last line end are read", () => {
    const text = String.fromCharCode(...line({ count: 5, seq: 3 })).trim();
    const [body, crc] = text.split("*");
    expect(registers(raw(`${text}\r\n${body}*${crc?.toLowerCase()}\r\n${text}`))).toEqual([5_000, 5_000, 5_000]);
  });

  test("a controller that was not told the constant is believed about its count", () => {
    expect(registers(line({ count: 3, impPerKwh: 0 }), { impPerKwh: 3_000 })).toEqual([1_000]);
  });

  test.each([
    ["a wrong checksum", raw("CW1 7 0 42 1234 61000 1000*27E4\n"), "bad-checksum"],
    ["no checksum", raw("CW1 7 0 42 1234 61000 1000\n"), "bad-checksum"],
    ["a line of another version", raw("CW1 7*625C\n"), "malformed"],
    ["a count below its start", line({ start: 10, count: 9 }), "malformed"],
    ["energy beyond any register", line({ count: 999_999_999_999_999, impPerKwh: 0 }), "malformed"],
    ["another constant than the owner entered", line({ impPerKwh: 800 }), "other-constant"],
    ["a cable pulled in the middle", line({ count: 5 }).subarray(0, 12), "cut-short"],
    ["something else on the port", raw("hello\n"), "no-telegram"],
  ])("%s is refused with a sentence", (_name, bytes, code) => {
    const events = decodeAll(bytes);
    expect(refusals(events)).toEqual([code]);
    expect(readings(events)).toEqual([]);
    const sentences = events.flatMap((event) => (event.kind === "refused" ? [event.refusal.message] : []));
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z][^\n]{30,}\.$/);
  });

  test("a wrong port speed is said while it goes on, not only at the end", () => {
    const decoder = s0Decoder({ impPerKwh: 1_000 });
    expect(refusals(decoder.push(new Uint8Array(10_000).fill(0xa5)))).toEqual(["no-telegram", "no-telegram"]);
    expect(readings(decoder.push(concat(raw("\n"), line({ count: 1 }))))).toHaveLength(1);
  });
});

describe("restarts of the controller", () => {
  test("a count that begins again at 0 in a new boot goes on in the register: nothing lost, nothing twice", () => {
    const bytes = concat(
      line({ count: 100, seq: 9 }),
      line({ boot: 2, count: 0 }),
      line({ boot: 2, count: 3, seq: 1 }),
    );
    expect(registers(bytes)).toEqual([100_000, 100_000, 103_000]);
  });

  test("also when it passed the old count before the next line was heard", () => {
    const bytes = concat(line({ count: 100, seq: 9 }), line({ boot: 2, count: 250, seq: 800 }));
    expect(registers(bytes)).toEqual([100_000, 350_000]);
  });

  test("a count that outlived the restart is not added twice", () => {
    const bytes = concat(line({ count: 100, seq: 9 }), line({ boot: 2, start: 104, count: 105 }));
    expect(registers(bytes)).toEqual([100_000, 105_000]);
  });

  test("a memory written only now and then may begin below what was heard: only what came since is new", () => {
    const bytes = concat(line({ count: 100, seq: 9 }), line({ boot: 2, start: 90, count: 95 }));
    expect(registers(bytes)).toEqual([100_000, 105_000]);
  });

  test("a count that falls within one boot is refused", () => {
    const events = decodeAll(
      concat(line({ count: 100, seq: 9 }), line({ count: 99, seq: 10 }), line({ count: 101, seq: 11 })),
    );
    expect(refusals(events)).toEqual(["count-backwards"]);
    expect(readings(events).map((reading) => reading.exportMwh)).toEqual([100_000, 101_000]);
  });

  test("our own restart: with the journaled counter, pulses and a controller's restart in between are not lost", () => {
    const counter = readings(decodeAll(line({ count: 100 })))[0]?.counter ?? null;
    expect(registers(line({ count: 130 }), { impPerKwh: 1_000, resume: counter })).toEqual([130_000]);
    expect(registers(line({ boot: 2, count: 30 }), { impPerKwh: 1_000, resume: counter })).toEqual([130_000]);
  });
});

describe("power", () => {
  const powers = (...lines: Partial<S0Line>[]): (number | null)[] =>
    readings(decodeAll(concat(...lines.map(line)))).map((reading) => reading.powerExportW);

  test("comes from two lines with pulses and falls as the next one is waited for", () => {
    expect(
      powers({ count: 1, ms: 1_000 }, { count: 2, ms: 4_600 }, { count: 2, ms: 5_600 }, { count: 2, ms: 11_800 }),
    ).toEqual([null, 1_000, 1_000, 500]);
  });

  test("the controller's clock may wrap; a restart gives none", () => {
    expect(powers({ count: 1, ms: 2 ** 32 - 1_600 }, { count: 2, ms: 2_000 })).toEqual([null, 1_000]);
    expect(powers({ count: 1, ms: 1_000 }, { boot: 2, count: 1, ms: 1_000 })).toEqual([null, null]);
  });
});

describe("laws", () => {
  const counts = fc.array(fc.nat(50), { minLength: 1, maxLength: 20 }).map((steps) => {
    let count = 0;
    return steps.map((step, seq) => line({ seq, count: (count += step), ms: seq * 1_000 }));
  });

  test("any split gives the same events", () => {
    fc.assert(
      fc.property(counts, fc.array(fc.nat(2_000)), (lines, cuts) => {
        const bytes = concat(...lines);
        const decoder = s0Decoder({ impPerKwh: 1_000 });
        const places = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
        const events = [0, ...places].flatMap((from, i) =>
          decoder.push(bytes.subarray(from, places[i] ?? bytes.length)),
        );
        expect([...events, ...decoder.end()]).toEqual(decodeAll(bytes));
      }),
    );
  });

  test("lost lines lose nothing: the last one tells the whole count", () => {
    fc.assert(
      fc.property(counts, fc.func(fc.boolean()), (lines, heard) => {
        const last = lines.length - 1;
        const some = lines.filter((_, i) => i === 0 || i === last || heard(i));
        expect(registers(concat(...some)).at(-1)).toBe(registers(concat(...lines)).at(-1));
      }),
    );
  });

  test("noise in front of a line, with or without a line end, costs no reading", () => {
    const noise = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(counts, noise, (lines, before) => {
        const bytes = concat(...lines.flatMap((l) => [before, l]));
        expect(readings(decodeAll(bytes)).map((r) => r.exportMwh)).toEqual(registers(concat(...lines)));
      }),
    );
  });

  test("any damaged byte: refused or unheard, never another count", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(), fc.integer({ min: 1, max: 255 }), (count, place, flip) => {
        const bytes = Uint8Array.from(line({ count }));
        const at = place % (bytes.length - 1);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        for (const reading of readings(decodeAll(bytes))) expect(reading.exportMwh).toBe(count * 1_000);
      }),
      { numRuns: 1000 },
    );
  });

  test("any bytes at all: no exception", () => {
    const wild = fc
      .string({ unit: fc.constantFrom("CW1 ", "*", "27E3", "9", " ", "\n", "é"), maxLength: 300 })
      .map(raw);
    fc.assert(
      fc.property(fc.oneof(wild, fc.uint8Array({ maxLength: 1_000 })), (bytes) => void decodeAll(bytes)),
      { numRuns: 1000 },
    );
  });
});
