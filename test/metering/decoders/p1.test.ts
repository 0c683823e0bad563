/** DSMR and e-MUCS P1: recorded telegrams, national varieties, damage, and laws over any bytes. */
import { existsSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc16, crc16Hex } from "../../../worker/metering/crc16.ts";
import { MAX_TELEGRAM_BYTES, p1Decoder } from "../../../worker/metering/decoders/p1.ts";
import type { DecodeEvent, Reading } from "../../../worker/metering/reading.ts";
import { encodeP1 } from "../../../worker/metering/virtual/p1.ts";
import { millis } from "../../../worker/base/units.ts";

const salt = Uint8Array.of(1, 2, 3, 4);
const raw = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const concat = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

const decodeAll = (bytes: Uint8Array, allowNoChecksum = false): DecodeEvent[] => {
  const decoder = p1Decoder({ salt, allowNoChecksum });
  return [...decoder.push(bytes), ...decoder.end()];
};
const readings = (events: readonly DecodeEvent[]): Reading[] =>
  events.flatMap((event) => (event.kind === "reading" ? [event.reading] : []));
const refusals = (events: readonly DecodeEvent[]): string[] =>
  events.flatMap((event) => (event.kind === "refused" ? [event.refusal.code] : []));
const only = (events: readonly DecodeEvent[]): Reading => {
  expect(refusals(events)).toEqual([]);
  const [reading, ...more] = readings(events);
  expect(more).toEqual([]);
  if (reading === undefined) throw new Error("no reading");
  return reading;
};

/** A telegram of these lines with the checksum a meter would send. */
const telegram = (lines: readonly string[], end = "\r\n"): Uint8Array => {
  const body = ["/ISK5\\2M550T-1011", "", ...lines, "!"].join(end);
  return raw(`${body}${crc16Hex(crc16(raw(body)))}${end}`);
};

const CAPTURES = "../shared/captures/p1";

describe.skipIf(!existsSync(CAPTURES))("recorded telegrams (../shared/captures/p1)", () => {
  const read = (name: string): DecodeEvent[] => decodeAll(new Uint8Array(readFileSync(`${CAPTURES}/${name}`)));

  test("Belgium, e-MUCS 1.7.1: export is 2.8.1 + 2.8.2 = 0.011 kWh", () => {
    const reading = only(read("be-fluvius-emucs-1.7.1-a.txt"));
    expect(reading).toMatchObject({ exportMwh: 11_000, importMwh: 15_792_000, resolutionMwh: 1_000, powerExportW: 0 });
    expect(reading.meterTime).toEqual({ text: "200512135409S", valid: true, summer: true });
  });

  test("the Netherlands with panels: 1285.951 + 2876.514 kWh, feeding in 498 W", () => {
    const reading = only(read("nl-dsmr5-iskra-m550-pv.txt"));
    expect(reading).toMatchObject({
      exportMwh: 4_162_465_000,
      importMwh: 6_757_178_000,
      powerExportW: 498,
      powerImportW: 0,
    });
    expect(reading.meterTime).toEqual({ text: "181106140429W", valid: true, summer: false });
    expect(reading.identity).toMatch(/^[0-9a-f]{64}$/);
  });

  test("the Netherlands, DSMR 4.2: no export yet is 0, not a refusal", () => {
    expect(only(read("nl-dsmr4.2-kaifa.txt"))).toMatchObject({
      exportMwh: 0,
      importMwh: 3_016_829_000,
      powerImportW: 2_027,
    });
  });

  test("Austria: 2.8.0 in whole Wh, and its tariffs are not added to it", () => {
    const reading = only(read("at-sagemcom-t210-wh.txt"));
    expect(reading).toMatchObject({
      exportMwh: 58_000,
      importMwh: 6_545_766_000,
      resolutionMwh: 1_000,
      powerImportW: 286,
    });
  });

  test("a checksum that does not verify is refused", () => {
    const events = read("NEG-badcrc-kamstrup-omnia-2.8.0.txt");
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      kind: "refused",
      refusal: { code: "bad-checksum", data: { computed: "CE8F", received: "3AF8" } },
    });
  });
});

describe("the export register", () => {
  test.each([
    [
      "2.8.0 wins over tariffs",
      ["1-0:2.8.0(000627.177*kWh)", "1-0:2.8.1(000401.829*kWh)", "1-0:2.8.2(000225.348*kWh)"],
      627_177_000,
    ],
    [
      "four tariffs are added",
      ["1-0:2.8.1(1.001*kWh)", "1-0:2.8.2(2.002*kWh)", "1-0:2.8.3(3.003*kWh)", "1-0:2.8.4(4.004*kWh)"],
      10_010_000,
    ],
    ["an empty total does not hide the tariffs", ["1-0:2.8.0()", "1-0:2.8.1(000001.500*kWh)"], 1_500_000],
    ["whole Wh", ["1-0:2.8.0(000000058*Wh)"], 58_000],
    ["a unit in small letters", ["1-0:2.8.1(123456.789*kwh)"], 123_456_789_000],
    ["no star before the unit", ["1-0:2.8.0(000123.456kWh)"], 123_456_000],
    ["no unit at all is kWh, as the standard writes it", ["1-0:2.8.0(000123.456)"], 123_456_000],
    ["rubbish behind the unit (seen in Hungary)", ["1-0:2.8.0(000123.45*kWh0000000000)"], 123_450_000],
    ["MWh", ["1-0:2.8.0(12.345*MWh)"], 12_345_000_000],
    [
      "channel 1 (seen in Greece and on landlords' meters)",
      ["1-1:2.8.1(004478.038*kWh)", "1-1:2.8.2(000004.648*kWh)"],
      4_482_686_000,
    ],
    ["the long form of the id (seen in Hungary)", ["1-0:2.8.0.255(000000.04*kWh)"], 40_000],
    ["the starred form of the id", ["1-0:2.8.0*255(00019949.3221493*kWh)"], 19_949_322_149],
    [
      "past billing periods are history",
      ["1-1:2.8.0(0077347.5*kWh)", "1-1:2.8.0*62(0076108.5)", "1-1:2.8.0*01(0076000.5)"],
      77_347_500_000,
    ],
    [
      "ids are anchored: 82.8.1 and 12.8.0 are others",
      ["1-0:82.8.1(9.000*kWh)", "1-0:12.8.0(9.000*kWh)", "1-0:2.8.1(1.000*kWh)"],
      1_000_000,
    ],
    [
      "a quoted id in another line is not a value",
      ["0-0:98.1.0(3)(1-0:2.8.0)(9.000*kWh)", "1-0:2.8.1(1.000*kWh)"],
      1_000_000,
    ],
    ["a time in front of the energy", ["1-0:2.8.0(200512134558S)(00112.384*kWh)"], 112_384_000],
    ["spaces around", ["  1-0:2.8.0 ( 000001.000*kWh )  "], 1_000_000],
    ["the same line twice", ["1-0:2.8.0(1.000*kWh)", "1-0:2.8.0(1.000*kWh)"], 1_000_000],
    ["two channels are never added", ["1-0:2.8.0(1.000*kWh)", "1-1:2.8.0(5.000*kWh)"], 1_000_000],
  ])("%s", (_name, lines, expected) => {
    expect(only(decodeAll(telegram(lines))).exportMwh).toBe(expected);
  });

  test.each([
    ["a meter without it", ["1-0:1.8.0(000001.000*kWh)", "1-0:3.8.0(000001.000*kVArh)"], "no-export-register"],
    ["a number that is none", ["1-0:2.8.0(ERROR*kWh)"], "unreadable-register"],
    ["a negative register", ["1-0:2.8.0(-00001.000*kWh)"], "unreadable-register"],
    ["a number beyond any meter", [`1-0:2.8.0(${"9".repeat(20)}*kWh)`], "unreadable-register"],
    ["bare digits: Wh or kWh?", ["1-0:2.8.0(000000058)"], "unknown-unit"],
    ["another unit", ["1-0:2.8.0(000000.058*kVArh)"], "unknown-unit"],
    ["twice with different values", ["1-0:2.8.1(1.000*kWh)", "1-0:2.8.1(2.000*kWh)"], "contradictory-registers"],
  ])("%s is refused with a sentence", (_name, lines, code) => {
    const events = decodeAll(telegram(lines));
    expect(refusals(events)).toEqual([code]);
    expect(readings(events)).toEqual([]);
  });

  test("an import register that cannot be read is left out: it is not needed", () => {
    expect(only(decodeAll(telegram(["1-0:1.8.0(?)", "1-0:2.8.0(1.000*kWh)"]))).importMwh).toBeNull();
  });

  test("the coarsest tariff gives the resolution", () => {
    expect(only(decodeAll(telegram(["1-0:2.8.1(1.5*kWh)", "1-0:2.8.2(1.005*kWh)"]))).resolutionMwh).toBe(100_000);
  });
});

describe("the rest of a telegram", () => {
  const withTime = (time: string) =>
    only(decodeAll(telegram([`0-0:1.0.0(${time})`, "1-0:2.8.0(1.000*kWh)"]))).meterTime;

  test.each([
    ["181106140429W", true, false],
    ["200229235959S", true, true],
    ["210229000000W", false, false],
    ["632525252525W", false, false],
    ["250000000000W", false, false],
    ["161107190000", true, null],
    ["nonsense", false, null],
  ])("meter time %s: valid %s", (text, valid, summer) => {
    expect(withTime(text)).toEqual({ text, valid, summer });
  });

  test("no time is null, and a text message, gas lines and continuation lines do no harm", () => {
    const lines = [
      "0-0:96.13.0(test-/-test/ABC)",
      "0-1:24.3.0(161107190000)(00)(60)(1)(0-1:24.2.1)(m3)",
      "(00001.001)",
      "0-2:24.2.1(632525252525S)(00000.000)",
      "1-1:31.4.0(100*A)(-063*A)",
      "1-0:2.8.0(1.000*kWh)",
    ];
    expect(only(decodeAll(telegram(lines)))).toMatchObject({
      exportMwh: 1_000_000,
      meterTime: null,
      powerExportW: null,
    });
  });

  test.each([
    ["02.601*kW", 2_601],
    ["000003996*W", 3_996],
    ["000747.85*W", 747],
    ["00.000*kW0000000000", 0],
    ["02.5", 2_500],
    ["7", null],
    ["", null],
  ])("power %s is %s W", (text, watts) => {
    expect(only(decodeAll(telegram([`1-0:2.7.0(${text})`, "1-0:2.8.0(1.000*kWh)"]))).powerExportW).toBe(watts);
  });

  test("§IV.B.3: the serial number leaves the decoder only as a salted hash", () => {
    const bytes = telegram(["0-0:96.1.1(4530303334303036383130353136343136)", "1-0:2.8.0(1.000*kWh)"]);
    const identity = (with_: Uint8Array | null) => readings(p1Decoder({ salt: with_ }).push(bytes))[0]?.identity;
    expect(identity(null)).toBeNull();
    expect(identity(salt)).toBe(identity(salt));
    expect(identity(salt)).not.toBe(identity(Uint8Array.of(9)));
    expect(identity(salt)).not.toContain("4530303334");
  });
});

describe("framing", () => {
  const good = telegram(["1-0:1.8.0(000002.000*kWh)", "1-0:2.8.0(000001.000*kWh)"]);

  test("the checksum may be short and in small letters, and the line end after it missing", () => {
    const shortOf = (n: number): string => {
      for (let i = 0; ; i++) {
        const body = `/ISK5\\x${i}\r\n\r\n1-0:2.8.0(000001.000*kWh)\r\n!`;
        if (crc16(raw(body)) < 16 ** n) return body + crc16(raw(body)).toString(16);
      }
    };
    expect(only(decodeAll(raw(shortOf(2)))).exportMwh).toBe(1_000_000);
    expect(only(decodeAll(raw(`${shortOf(3)}\r\n`))).exportMwh).toBe(1_000_000);
  });

  test("line feeds alone are read when the checksum was made over them", () => {
    expect(only(decodeAll(telegram(["1-0:2.8.0(1.000*kWh)"], "\n"))).exportMwh).toBe(1_000_000);
  });

  test("a recording whose line ends an editor changed is refused with the way out", () => {
    const changed = good.filter((byte) => byte !== 0x0d);
    expect(refusals(decodeAll(changed))).toEqual(["line-ends-changed"]);
  });

  test.each([["\r\n"], [""]])("no checksum (DSMR 2.2 and 3) is refused unless the user allowed it", (end) => {
    const old = raw(`/XMX5XMXABCE000012345\r\n\r\n1-0:2.8.1(00001.000*kWh)\r\n1-0:2.8.2(00002.000*kWh)\r\n!${end}`);
    expect(refusals(decodeAll(old))).toEqual(["no-checksum"]);
    expect(only(decodeAll(old, true)).exportMwh).toBe(3_000_000);
  });

  test("a ! that damage put at the start of a line does not end a telegram, even where no checksum is asked for", () => {
    const damaged = raw("/XMX5XMX\r\n\r\n1-0:2.8.1(00001.000*kWh)\r\n!-0:2.8.2(00002.000*kWh)\r\n!\r\n");
    expect(only(decodeAll(damaged, true)).exportMwh).toBe(1_000_000);
    expect(decodeAll(damaged, true)).toHaveLength(1);
  });

  test("a cable pulled in the middle is refused as cut short, and the next telegram is read", () => {
    const decoder = p1Decoder({ salt });
    expect(decoder.push(good.subarray(0, 40))).toEqual([]);
    expect(refusals(decoder.end())).toEqual(["cut-short"]);
    expect(only(decoder.push(good)).exportMwh).toBe(1_000_000);
    expect(decoder.end()).toEqual([]);
  });

  test.each([10, 30, 43, 60, 75])("of two telegrams run into each other at byte %i the whole one is read", (cut) => {
    const events = decodeAll(concat(good.subarray(0, cut), good));
    expect(readings(events)).toHaveLength(1);
    expect(refusals(events).filter((code) => code !== "cut-short")).toEqual([]);
  });

  test("joining in the middle: what has no beginning is said, then all is well", () => {
    const events = decodeAll(concat(good.subarray(30), good, good));
    expect(refusals(events)).toEqual(["no-start"]);
    expect(readings(events)).toHaveLength(2);
  });

  test("a telegram that never ends is refused and does not eat the next one", () => {
    const endless = raw(`/ISK5\\2M550T-1011\r\n\r\n${"1-0:1.8.0(000002.000*kWh)\r\n".repeat(1500)}`);
    const events = decodeAll(concat(endless, good));
    expect(new Set(refusals(events))).toEqual(new Set(["too-long", "cut-short"]));
    expect(readings(events)).toHaveLength(1);
  });

  test("bytes without any telegram are said, with the port's speed as the first suspect", () => {
    expect(refusals(decodeAll(raw("nothing to see")))).toEqual(["no-telegram"]);
    expect(refusals(decodeAll(new Uint8Array(100_000).fill(0xa5)))).toContain("no-telegram");
    expect(decodeAll(raw("\r\n\r\n"))).toEqual([]);
  });

  test("every refusal is one plain sentence that says what to do", () => {
    const inputs = [raw("x"), good.subarray(0, 40), good.subarray(30), good.filter((b) => b !== 0x0d), telegram([])];
    for (const event of inputs.flatMap((bytes) => decodeAll(bytes))) {
      if (event.kind !== "refused") throw new Error("expected a refusal");
      expect(event.refusal.message).toMatch(/^[A-Z][^\n]{30,}\.$/);
    }
  });
});

describe("laws", () => {
  const encoded = fc
    .record({
      style: fc.constantFrom("nl" as const, "be" as const),
      unit: fc.constantFrom("kWh" as const, "Wh" as const),
      exportMwh: fc.nat(999_999_999_999),
      importMwh: fc.nat(999_999_999_999),
      powerExportW: fc.nat(99_999),
      powerImportW: fc.nat(99_999),
      at: fc.nat(4_000_000_000_000).map(millis),
    })
    .map((fields) => ({ fields, bytes: encodeP1(fields) }));
  const streams = fc.array(encoded, { minLength: 1, maxLength: 4 });

  test("what the virtual meter encodes is decoded, cut to whole Wh", () => {
    fc.assert(
      fc.property(encoded, ({ fields, bytes }) => {
        const reading = only(decodeAll(bytes));
        expect(reading.exportMwh).toBe(fields.exportMwh - (fields.exportMwh % 1000));
        expect(reading.importMwh).toBe(fields.importMwh - (fields.importMwh % 1000));
        expect([reading.powerExportW, reading.powerImportW]).toEqual([fields.powerExportW, fields.powerImportW]);
        expect(reading.meterTime?.valid).toBe(true);
        expect(reading.resolutionMwh).toBe(1_000);
      }),
    );
  });

  test("any split gives the same events", () => {
    const noise = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(streams, noise, fc.array(fc.nat(3000)), (telegrams, between, cuts) => {
        const bytes = concat(...telegrams.flatMap(({ bytes: t }) => [between, t]));
        const decoder = p1Decoder({ salt });
        const places = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
        const events = [0, ...places].flatMap((from, i) =>
          decoder.push(bytes.subarray(from, places[i] ?? bytes.length)),
        );
        expect([...events, ...decoder.end()]).toEqual(decodeAll(bytes));
      }),
    );
  });

  test("noise before and between telegrams costs no reading", () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ unit: fc.constantFrom("/", "!", "\r", "\n", "A", "0", "(", ":"), maxLength: 300 }).map(raw),
    );
    fc.assert(
      fc.property(streams, fc.array(noise, { minLength: 4, maxLength: 4 }), (telegrams, noises) => {
        const bytes = concat(...telegrams.flatMap((t, i) => [noises[i] ?? new Uint8Array(), t.bytes]));
        const expected = telegrams.flatMap((t) => readings(decodeAll(t.bytes)));
        expect(readings(decodeAll(bytes))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test("any damaged byte of the checksummed part: refused, never another value", () => {
    fc.assert(
      fc.property(encoded, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ bytes }, place, flip) => {
        const end = bytes.lastIndexOf(0x21);
        const damaged = Uint8Array.from(bytes);
        damaged[place % (end + 1)] = (damaged[place % (end + 1)] ?? 0) ^ flip;
        const events = decodeAll(damaged);
        expect(readings(events)).toEqual([]);
        expect(events.length).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });

  test("any bytes at all: no exception, no endless memory, no more events than line ends", () => {
    const wild = fc.oneof(
      fc.uint8Array({ maxLength: 2_000 }),
      fc
        .string({
          unit: fc.constantFrom("/", "!", "\r\n", "ISK5", "1-0:2.8.0(", "*kWh)", "9", ".", "F"),
          maxLength: 400,
        })
        .map(raw),
    );
    fc.assert(
      fc.property(wild, fc.boolean(), (bytes, allow) => {
        const events = decodeAll(bytes, allow);
        expect(events.length).toBeLessThanOrEqual(2 * (bytes.filter((b) => b === 0x0a || b === 0x0d).length + 1));
      }),
      { numRuns: 2000 },
    );
  });

  test("a telegram longer than any real one is not believed even when its checksum is right", () => {
    const filler = "0-0:96.13.0(00)\r\n".repeat(MAX_TELEGRAM_BYTES / 16).split("\r\n");
    expect(readings(decodeAll(telegram(["1-0:2.8.0(1.000*kWh)", ...filler])))).toEqual([]);
  });
});
