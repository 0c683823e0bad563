/** SML over serial: a recorded meter, varieties of registers, framing, damage, and laws over any bytes. */
import { existsSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crcX25, swapped } from "../../../worker/metering/crc-x25.ts";
import { MAX_SML_BYTES, smlDecoder } from "../../../worker/metering/decoders/sml.ts";
import type { DecodeEvent } from "../../../worker/metering/reading.ts";
import {
  encodeSml,
  smlEnvelope,
  smlList,
  smlNumber,
  smlOctets,
  type SmlTelegram,
} from "../../../worker/metering/virtual/sml.ts";
import {
  concat,
  decodeWith,
  expectAnySplitTheSame,
  expectDamageRefused,
  expectNoiseCostsNothing,
  expectSentences,
  only,
  readings,
  refusals,
} from "./events.ts";

const salt = Uint8Array.of(1, 2, 3, 4);
const decode = (bytes: Uint8Array): DecodeEvent[] => decodeWith(smlDecoder({ salt }), bytes);
const base: SmlTelegram = { exportMwh: 4_373_000, importMwh: 1_000_000, powerW: -150, seconds: 600 };
const good = encodeSml(base);

const CAPTURES = "../shared/captures/sml";

describe.skipIf(!existsSync(CAPTURES))("recorded telegrams (../shared/captures/sml)", () => {
  test("Holley DTZ541: two telegrams of 4373.0 Wh in steps of 0.1 Wh, and the beginning of a third", () => {
    const events = decode(new Uint8Array(readFileSync(`${CAPTURES}/holley-dtz541-smartmeter-obis.bin`)));
    expect(refusals(events)).toEqual(["cut-short"]);
    const [first, second, ...more] = readings(events);
    expect(more).toEqual([]);
    expect(first).toMatchObject({ protocol: "sml", exportMwh: 4_373_000, importMwh: null, resolutionMwh: 100 });
    expect(second).toMatchObject({ exportMwh: 4_373_000 });
    expect(first?.identity).toBe(second?.identity);
    expect(first?.meterTime).toEqual({ text: "1902447261 s", valid: false, summer: null });
  });
});

describe("the registers", () => {
  test.each([
    [-4, 1_234_567_890, 1_234_567_890, 1],
    [-3, 1_234_567_890, 1_234_567_890, 1],
    [-2, 1_234_567_890, 1_234_567_890, 10],
    [-1, 1_234_567_890, 1_234_567_800, 100],
    [0, 1_234_567_890, 1_234_567_000, 1_000],
    [1, 1_234_567_890, 1_234_560_000, 10_000],
    [3, 1_234_567_890, 1_234_000_000, 1_000_000],
  ])("scaler %i: %i mWh are read as %i, in steps of %i", (scaler, mwh, expected, resolution) => {
    const reading = only(decode(encodeSml({ ...base, exportMwh: mwh, scaler })));
    expect([reading.exportMwh, reading.resolutionMwh]).toEqual([expected, resolution]);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])("a value of %i bytes", (width) => {
    const wh = 2 ** Math.min(8 * width - 1, 40) - 3;
    expect(only(decode(encodeSml({ ...base, exportMwh: wh * 1000, importMwh: 0, scaler: 0, width }))).exportMwh).toBe(
      wh * 1000,
    );
  });

  test("tariffs are added where there is no total, and never to it", () => {
    for (const registers of ["tariffs", "both"] as const)
      expect(only(decode(encodeSml({ ...base, registers }))).exportMwh).toBe(4_373_000);
  });

  test("tariffs of 0.1 mWh are added before anything is cut off", () => {
    // 16,280,046.7 and 8,140,023.3 mWh.
    const reading = only(decode(encodeSml({ ...base, exportMwh: 24_420_070, scaler: -4, registers: "tariffs" })));
    expect(reading.exportMwh).toBe(24_420_070);
  });

  test("power: minus is export, and a meter that says nothing of it is null", () => {
    expect(only(decode(good))).toMatchObject({ powerExportW: 150, powerImportW: 0, importMwh: 1_000_000 });
    expect(only(decode(encodeSml({ ...base, powerW: 70 })))).toMatchObject({ powerExportW: 0, powerImportW: 70 });
    expect(only(decode(encodeSml({ ...base, powerW: null })))).toMatchObject({
      powerExportW: null,
      powerImportW: null,
    });
  });

  test("a meter that waits for its PIN shows whole kWh, whatever its scaler: read with that resolution", () => {
    const locked = { ...base, powerW: null, exportMwh: 3_000_000, importMwh: 17_000_000 };
    expect(only(decode(encodeSml({ ...locked, scaler: 3 }))).resolutionMwh).toBe(1_000_000);
    expect(only(decode(encodeSml({ ...locked, scaler: -1 }))).resolutionMwh).toBe(1_000_000);
    expect(only(decode(encodeSml({ ...locked, exportMwh: 3_000_100, scaler: -1 }))).resolutionMwh).toBe(100);
    expect(only(decode(encodeSml({ ...locked, exportMwh: 0, importMwh: 0 }))).resolutionMwh).toBe(100);
  });

  test("no export register is refused with the way out; no import register is not needed", () => {
    expect(refusals(decode(encodeSml({ ...base, exportMwh: null })))).toEqual(["no-export-register"]);
    expect(only(decode(encodeSml({ ...base, importMwh: null }))).importMwh).toBeNull();
  });

  test("a register that fell below 0, or that no number holds, is refused", () => {
    const odd = { ...base, importMwh: null, scaler: 3 };
    expect(only(decode(encodeSml({ ...odd, exportMwh: 9_000_000_000 }))).exportMwh).toBe(9_000_000_000);
    expect(refusals(decode(withValue(smlNumber(-1, 4, true))))).toEqual(["unreadable-register"]);
    expect(refusals(decode(withValue(smlNumber(Number.MAX_SAFE_INTEGER, 8, false))))).toEqual(["unreadable-register"]);
    expect(refusals(decode(withValue(smlNumber(5, 1, false), 32)))).toEqual(["unknown-unit"]);
  });

  test("§IV.B.3: the server id leaves the decoder only as a salted hash", () => {
    const identity = (with_: Uint8Array | null) => readings(smlDecoder({ salt: with_ }).push(good))[0]?.identity;
    expect(identity(null)).toBeNull();
    expect(identity(salt)).toMatch(/^[0-9a-f]{64}$/);
    expect(identity(salt)).not.toBe(identity(Uint8Array.of(9)));
    expect(readings(decode(encodeSml({ ...base, server: Uint8Array.of(1, 2) })))[0]?.identity).not.toBe(identity(salt));
  });
});

const absent = Uint8Array.of(1);
const line = (crc: number): number => swapped(crc);

/** A file of one list: what the encoder of a whole meter does not write. */
const fileOf = (body: Uint8Array, tag = 0x0701): Uint8Array => {
  const inner = concat(
    Uint8Array.of(0x76),
    smlOctets(Uint8Array.of(7)),
    smlNumber(0, 1, false),
    smlNumber(0, 1, false),
    smlList(smlNumber(tag, 4, false), body),
  );
  const crc = line(crcX25(inner));
  // Some meters write the checksum as short as it goes.
  const short = crc < 256 ? smlNumber(crc, 1, false) : smlNumber(crc, 2, false);
  return concat(inner, short, Uint8Array.of(0));
};
const envelope = (file: Uint8Array): Uint8Array => smlEnvelope(file, (bytes) => line(crcX25(bytes)));
const listOf = (time: Uint8Array, ...entries: readonly Uint8Array[]): Uint8Array =>
  smlList(absent, smlOctets(Uint8Array.of(9, 9)), absent, time, smlList(...entries), absent, absent);
const entryOf = (
  obis: readonly number[],
  value: Uint8Array,
  unit = 30,
  time: Uint8Array = absent,
  scaler: Uint8Array = smlNumber(-1, 1, true),
): Uint8Array =>
  smlList(smlOctets(Uint8Array.from(obis)), absent, time, smlNumber(unit, 1, false), scaler, value, absent);
const EXPORT = [1, 0, 2, 8, 0, 255] as const;
const withValue = (value: Uint8Array, unit = 30): Uint8Array =>
  envelope(fileOf(listOf(absent, entryOf(EXPORT, value, unit))));
const five = smlNumber(5, 1, false);

describe("what meters do", () => {
  const read = (...entries: readonly Uint8Array[]) => only(decode(envelope(fileOf(listOf(absent, ...entries)))));

  test("no scaler is scaler 0", () => {
    expect(read(entryOf(EXPORT, five, 30, absent, absent)).exportMwh).toBe(5_000);
  });

  test("other ids, past periods and other channels are not the export register", () => {
    const others = [
      [1, 0, 12, 8, 0, 255],
      [1, 0, 2, 8, 0, 1],
      [1, 0, 2, 9, 0, 255],
      [1, 1, 2, 8, 0, 255],
    ] as const;
    const reading = read(...others.map((id) => entryOf(id, smlNumber(99, 1, false))), entryOf(EXPORT, five));
    expect(reading.exportMwh).toBe(500);
  });

  test("the same register twice: the same value is one, two values are refused", () => {
    expect(read(entryOf(EXPORT, five), entryOf(EXPORT, five)).exportMwh).toBe(500);
    const two = fileOf(listOf(absent, entryOf(EXPORT, five), entryOf(EXPORT, smlNumber(6, 1, false))));
    expect(refusals(decode(envelope(two)))).toEqual(["contradictory-registers"]);
  });

  test("1.7.0 with a sign stands for both directions (EasyMeter); a plain one says nothing of export", () => {
    const plus = (value: number) => entryOf([1, 0, 1, 7, 0, 255], smlNumber(value, 4, true), 27);
    expect(read(plus(-1_500), entryOf(EXPORT, five))).toMatchObject({ powerExportW: 150, powerImportW: 0 });
    expect(read(plus(1_500), entryOf(EXPORT, five))).toMatchObject({ powerExportW: null, powerImportW: 150 });
  });

  test("older DZG meters write a positive power whose sign bit is set; newer ones mean it", () => {
    const watts = entryOf([1, 0, 16, 7, 0, 255], smlNumber(-29_912, 2, true), 27, absent, smlNumber(-2, 1, true));
    const of = (server: readonly number[]) => {
      const entries = smlList(entryOf(EXPORT, five), watts);
      const body = smlList(absent, smlOctets(Uint8Array.from(server)), absent, absent, entries, absent, absent);
      return only(decode(envelope(fileOf(body))));
    };
    expect(of([0x0a, 1, 0x44, 0x5a, 0x47, 0, 0x02, 0x82, 0x22, 0x5e])).toMatchObject({ powerImportW: 356 });
    expect(of([0x0a, 1, 0x44, 0x5a, 0x47, 0, 0x03, 0x9e, 0x20, 0x53])).toMatchObject({ powerExportW: 299 });
  });

  test.each([
    ["seconds since it was made", smlList(smlNumber(1, 1, false), smlNumber(77, 4, false)), "77 s", false, null],
    ["the same without a choice (Holley)", smlNumber(77, 4, false), "77 s", false, null],
    [
      "a time of day",
      smlList(smlNumber(2, 1, false), smlNumber(1_600_000_000, 4, false)),
      "2020-09-13 12:26:40",
      true,
      null,
    ],
    [
      "local time in summer",
      smlList(
        smlNumber(3, 1, false),
        smlList(smlNumber(1_600_000_000, 4, false), smlNumber(60, 2, true), smlNumber(60, 2, true)),
      ),
      "2020-09-13 14:26:40",
      true,
      true,
    ],
  ])("time: %s", (_name, time, text, valid, summer) => {
    const expected = { text, valid, summer };
    expect(only(decode(envelope(fileOf(listOf(time, entryOf(EXPORT, five)))))).meterTime).toEqual(expected);
    expect(read(entryOf(EXPORT, five, 30, time)).meterTime).toEqual(expected);
  });

  test("a long signature, a value that is a time, a flag: read over", () => {
    const signature = entryOf([129, 129, 199, 130, 5, 255], smlOctets(new Uint8Array(48).fill(7)), 0);
    const time = entryOf([1, 0, 96, 50, 32, 255], smlList(smlNumber(1, 1, false), smlNumber(1, 4, false)), 0);
    const flag = entryOf([1, 0, 96, 50, 33, 255], Uint8Array.of(0x42, 1), 0);
    expect(read(signature, time, flag, entryOf(EXPORT, five)).exportMwh).toBe(500);
  });

  test("more than fifteen entries need a second length byte", () => {
    const many = Array.from({ length: 20 }, (_, i) => entryOf([1, 0, 30 + i, 7, 0, 255], five, 33));
    expect(read(...many, entryOf(EXPORT, five)).exportMwh).toBe(500);
  });

  test("a telegram without a list of values is said", () => {
    expect(refusals(decode(envelope(fileOf(smlList(absent), 0x0201))))).toEqual(["no-values"]);
  });

  test("what is whole but no SML is said", () => {
    expect(refusals(decode(envelope(Uint8Array.of(0x76, 1, 2, 3))))).toEqual(["unreadable-telegram"]);
    expect(
      refusals(decode(envelope(concat(fileOf(listOf(absent, entryOf(EXPORT, five))), Uint8Array.of(0, 7))))),
    ).toEqual(["unreadable-telegram"]);
  });
});

describe("framing", () => {
  test("escapes inside are doubled by the meter and single again here, wherever they stand", () => {
    for (let before = 0; before < 9; before++) {
      for (const length of [4, 5, 7, 8, 11]) {
        const server = concat(new Uint8Array(before), new Uint8Array(length).fill(0x1b), Uint8Array.of(0x1a, 1));
        const bytes = encodeSml({ ...base, server });
        expect(only(decode(bytes)).identity).toBe(only(decode(encodeSml({ ...base, server }))).identity);
        expect(only(decode(bytes)).exportMwh).toBe(4_373_000);
      }
    }
  });

  test("both checksums as KERMIT (the first Holley DTZ541) are believed, one alone is not", () => {
    const kermit = encodeSml({ ...base, kermit: true });
    expect(only(decode(kermit)).exportMwh).toBe(4_373_000);
    const mixed = concat(kermit.subarray(0, -2), Uint8Array.of(0, 0));
    const crc = swapped(crcX25(mixed, 0, mixed.length - 2));
    mixed.set([crc >> 8, crc & 255], mixed.length - 2);
    expect(readings(decode(mixed))).toEqual([]);
    expect(refusals(decode(mixed))).toEqual(["unreadable-telegram"]);
  });

  test("joining in the middle: what has no beginning is said, then all is well", () => {
    const events = decode(concat(good.subarray(30), good, good));
    expect(refusals(events)).toEqual(["no-start"]);
    expect(readings(events)).toHaveLength(2);
  });

  test("a cable pulled in the middle is refused as cut short, and the next telegram is read", () => {
    const decoder = smlDecoder({ salt });
    expect(decoder.push(good.subarray(0, 40))).toEqual([]);
    expect(refusals(decoder.end())).toEqual(["cut-short"]);
    expect(only(decoder.push(good)).exportMwh).toBe(4_373_000);
    expect(decoder.end()).toEqual([]);
  });

  test("of two telegrams run into each other the whole one is read", () => {
    for (let cut = 8; cut < good.length - 8; cut++) {
      const events = decode(concat(good.subarray(0, cut), good));
      expect(readings(events)).toHaveLength(1);
      expect(refusals(events)).toEqual(["cut-short"]);
    }
  });

  test("a telegram that never ends is refused and does not eat the next one", () => {
    const endless = concat(good.subarray(0, 40), new Uint8Array(MAX_SML_BYTES).fill(0x55));
    const events = decode(concat(endless, good));
    expect(refusals(events)).toEqual(["too-long"]);
    expect(readings(events)).toHaveLength(1);
  });

  test("bytes without any telegram are said, with the speed as the first suspect", () => {
    expect(refusals(decode(Uint8Array.of(1, 2, 3)))).toEqual(["no-telegram"]);
    expect(refusals(decode(new Uint8Array(100_000).fill(0x1b)))).toContain("no-telegram");
    expect(refusals(decode(Uint8Array.of(0x1b, 0x1b, 0x1b, 0x1b, 2, 2, 2, 2)))).toEqual(["other-version"]);
    expect(decode(new Uint8Array())).toEqual([]);
  });

  test("every refusal is one plain sentence that says what to do", () => {
    const inputs = [Uint8Array.of(9), good.subarray(0, 40), good.subarray(30), encodeSml({ ...base, exportMwh: null })];
    expectSentences([...inputs.flatMap(decode), ...decode(withValue(five, 32)), ...decode(envelope(five))]);
  });
});

describe("laws", () => {
  const encoded = fc
    .record({
      exportMwh: fc.nat(99_999_999_999),
      importMwh: fc.option(fc.nat(99_999_999_999)),
      powerW: fc.integer({ min: -99_999, max: 99_999 }),
      scaler: fc.integer({ min: -4, max: 3 }),
      registers: fc.constantFrom("total" as const, "tariffs" as const, "both" as const),
      seconds: fc.nat(0xffff_ffff),
      server: fc.uint8Array({ minLength: 1, maxLength: 20 }),
      kermit: fc.boolean(),
    })
    .map((fields) => ({ fields, bytes: encodeSml(fields) }));
  const noise = fc.uint8Array({ maxLength: 60 });
  const streams = fc
    .array(fc.tuple(noise, encoded), { minLength: 1, maxLength: 4 })
    .map((parts) => concat(...parts.flatMap(([before, { bytes }]) => [before, bytes])));

  test("what the virtual meter encodes is decoded, cut to its resolution", () => {
    fc.assert(
      fc.property(encoded, ({ fields, bytes }) => {
        const reading = only(decode(bytes));
        const step = Math.max(1, 10 ** (fields.scaler + 3));
        expect(reading.exportMwh).toBe(fields.exportMwh - (fields.exportMwh % step));
        expect(reading.resolutionMwh).toBe(step);
        expect((reading.powerImportW ?? 0) - (reading.powerExportW ?? 0)).toBe(fields.powerW);
      }),
    );
  });

  test("any split gives the same events", () => {
    expectAnySplitTheSame(() => smlDecoder({ salt }), streams);
  });

  test("noise before and between telegrams costs no reading", () => {
    expectNoiseCostsNothing(decode, noise, encoded);
  });

  test("any damaged byte of a telegram: refused, never read", () => {
    expectDamageRefused(decode, encoded, 3000);
  });

  test("every single bit of one telegram", () => {
    for (let bit = 0; bit < good.length * 8; bit++) {
      const damaged = Uint8Array.from(good);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(readings(decode(damaged))).toEqual([]);
    }
  });

  test("any bytes at all, also in a valid envelope: no exception, no reading out of nothing", () => {
    const pieces = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 30 }),
        fc.constantFrom(good.subarray(0, 60), good.subarray(60, 120), Uint8Array.of(0x1b, 0x1b, 0x1b, 0x1b)),
        fc.constantFrom(Uint8Array.of(0x1a, 0, 1, 2), Uint8Array.of(1, 1, 1, 1), Uint8Array.of(0x76, 0x77, 0x83, 0x02)),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        expect(readings(decode(concat(...parts)))).toEqual([]);
        expect(readings(decode(envelope(concat(...parts))))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});
