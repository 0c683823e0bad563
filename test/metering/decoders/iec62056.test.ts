/** IEC 62056-21 readouts: recordings, ids as meters really write them, framing, mode D, damage, and laws. */
import { existsSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { millis } from "../../../worker/base/units.ts";
import { iecDecoder, MAX_BLOCK_BYTES, type IecOptions } from "../../../worker/metering/decoders/iec62056.ts";
import type { DecodeEvent } from "../../../worker/metering/reading.ts";
import { withEvenParity } from "../../../worker/metering/seven-bits.ts";
import { encodeIecBlock, encodeIecModeD } from "../../../worker/metering/virtual/iec.ts";
import {
  concat,
  decodeWith,
  expectAnySplitTheSame,
  expectDamageRefused,
  expectSentences,
  only,
  raw,
  readings,
  refusals,
} from "./events.ts";

const salt = Uint8Array.of(1, 2, 3, 4);
const decode = (bytes: Uint8Array, options: Partial<IecOptions> = {}): DecodeEvent[] =>
  decodeWith(iecDecoder({ salt, ...options }), bytes);

/** A block of these lines with the check character that a meter would send. */
const block = (lines: readonly string[]): Uint8Array => {
  const bytes = raw(`\x02${lines.join("\r\n")}\r\n!\r\n\x03`);
  return concat(bytes, Uint8Array.of(bytes.slice(1).reduce((bcc, byte) => bcc ^ byte, 0)));
};
const modeD = (lines: readonly string[]): Uint8Array => raw(`/ESY5Q3DB1024\r\n\r\n${lines.join("\r\n")}\r\n!\r\n`);

const CAPTURES = "../shared/captures/iec62056-21";

describe.skipIf(!existsSync(CAPTURES))("recordings (../shared/captures/iec62056-21)", () => {
  const read = (name: string): Uint8Array => new Uint8Array(readFileSync(`${CAPTURES}/${name}`));

  test("EasyMeter Q3D, mode D: 2.8.0 = 19949.3221493 kWh, to the mWh", () => {
    const reading = only(decode(read("de-easymeter-q3d-mode-d-export.txt")));
    expect(reading).toMatchObject({ exportMwh: 19_949_322_149, importMwh: 52_185_782_530, resolutionMwh: 1 });
    expect([reading.powerImportW, reading.powerExportW]).toEqual([2_124, null]);
    expect(reading.identity).toMatch(/^[0-9a-f]{64}$/);
  });

  test("Itron EM214, mode C, cut before ETX: refused for its missing BCC, read where the user allows that", () => {
    const bytes = read("itron-em214-mode-c-export-no-bcc.bin");
    expect(refusals(decode(bytes))).toEqual(["no-checksum"]);
    const reading = only(decode(bytes, { allowNoChecksum: true }));
    expect(reading).toMatchObject({ exportMwh: 10_452_000_000, importMwh: 22_108_700_000, resolutionMwh: 100_000 });
  });
});

describe("ids as meters write them", () => {
  test.each([
    ["the short form", ["1.8.0(000123.4*kWh)", "2.8.0(000101.96*kWh)"], 101_960_000],
    ["the full form (Iskra MT174)", ["1-0:2.8.0*255(0015803.862*kWh)"], 15_803_862_000],
    ["channel 1 (Landis+Gyr ZMD)", ["1-1:2.8.0(00012345*kWh)"], 12_345_000_000],
    ["dots throughout", ["1.0.2.8.0*255(0.25*kWh)"], 250_000],
    ["beyond tariff 63 is no tariff", ["2.8.1(4.0*kWh)", "2.8.2(6.0*kWh)", "2.8.131(1.0*kWh)"], 10_000_000],
    ["tariffs only (Itron)", ["2.8.1(010452.0*kWh)", "2.8.2(000001.5*kWh)"], 10_453_500_000],
    ["a total beside its tariffs", ["2.8.0(3.000*kWh)", "2.8.1(1.000*kWh)", "2.8.2(2.000*kWh)"], 3_000_000],
    [
      "history with a star, a dot or an ampersand",
      ["2.8.0(2.0*kWh)", "2.8.0*01(1.0*kWh)", "2.8.0&02(0.5*kWh)"],
      2_000_000,
    ],
    ["several data sets on a line", ["0.0.0(1)1.8.0(5.0*kWh)2.8.0(7.0*kWh)"], 7_000_000],
    ["82.8.1 is not 2.8.1", ["82.8.1(9.0*kWh)", "2.8.1(1.0*kWh)"], 1_000_000],
    ["Logarex, and its past days", ["1-0:2.8.0*255(000219.4882*kWh)", "1-0:2.8.0*96(00019.3*kWh)"], 219_488_200],
    ["a maximum and its time beside it", ["2.6.0(02.468*kW)(1703100930)", "2.8.0(1.0*kWh)"], 1_000_000],
  ])("%s", (_name, lines, expected) => {
    expect(only(decode(block(lines))).exportMwh).toBe(expected);
  });

  test.each([
    [["1.8.0(1.0*kWh)"], "no-export-register"],
    [["2.8.0*01(1.0*kWh)"], "no-export-register"],
    [["2.8.0(00000123)"], "unknown-unit"],
    [["2.8.0(-0001.0*kWh)"], "unreadable-register"],
    [["2.8.0(1.0*kWh)", "2.8.0(2.0*kWh)"], "contradictory-registers"],
  ])("%j is refused: %s", (lines, code) => {
    expect(refusals(decode(block(lines)))).toEqual([code]);
  });

  test.each([
    [["0.9.1(201455)", "0.9.2(0170318)"], "0170318 201455", true, false],
    [["0.9.1(20:14:55)", "0.9.2(17-03-18)"], "17-03-18 20:14:55", true, null],
    [["0.9.1(1201455)", "0.9.2(1170718)"], "1170718 1201455", true, true],
    [["0.9.1(246060)", "0.9.2(173318)"], "173318 246060", false, null],
    [["0.9.1(201455)"], "201455", false, null],
  ])("the meter's time %j", (lines, text, valid, summer) => {
    expect(only(decode(block([...lines, "2.8.0(1.0*kWh)"]))).meterTime).toEqual({ text, valid, summer });
  });

  test.each([
    [["1.7.0(00.49*kW)", "2.7.0(00.12*kW)"], 120, 490],
    [["1-0:1.7.255*255(-000123.45*W)"], 123, 0],
    [["1-0:16.7.0*255(000028*W)"], 0, 28],
    [["1-0:16.7.0*255(-1500*W)"], 1_500, 0],
    [["1.7.0(2.000*kW)"], null, 2_000],
  ])("power %j: %s W out, %s W in", (lines, out, into) => {
    const reading = only(decode(block([...lines, "2.8.0(1.0*kWh)"])));
    expect([reading.powerExportW, reading.powerImportW]).toEqual([out, into]);
  });

  test("§IV.B.3: the serial number (C.1.0 before 0.0.0) leaves the decoder only as a salted hash", () => {
    const identity = (lines: readonly string[]) => only(decode(block([...lines, "2.8.0(1.0*kWh)"]))).identity;
    expect(identity(["0.0.0(owner)", "C.1.0(maker)"])).toBe(identity(["C.1.0(maker)"]));
    expect(identity(["0.0.0(owner)"])).not.toBe(identity(["C.1.0(maker)"]));
    expect(identity([])).toBeNull();
  });
});

describe("blocks", () => {
  const good = block(["0.0.0(12345678)", "1.8.0(000123.4*kWh)", "2.8.0(000101.96*kWh)"]);

  test("the echo of an optical head, the name and the acknowledgement before it do no harm", () => {
    const bytes = concat(raw("/?!\r\n/ISk5MT174-0001\r\n\x06050\r\n"), good);
    expect(only(decode(bytes)).exportMwh).toBe(101_960_000);
  });

  test("zeros and 0xFF around it do no harm, and a port opened with eight bits is read", () => {
    const noisy = concat(new Uint8Array(40), good, new Uint8Array(40).fill(0xff));
    expect(only(decode(noisy)).exportMwh).toBe(101_960_000);
    expect(only(decode(withEvenParity(good))).exportMwh).toBe(101_960_000);
  });

  test("the BCC covers what follows STX, ETX included; another one is refused with both", () => {
    const wrong = Uint8Array.from(good);
    wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 0x10;
    const events = decode(wrong);
    expect(refusals(events)).toEqual(["bad-checksum"]);
    expect(events[0]).toMatchObject({
      refusal: { data: { received: expect.stringMatching(/^[0-9A-F]{2}$/) as unknown } },
    });
  });

  test("a block without its BCC is refused, also when the next sign-on follows", () => {
    expect(refusals(decode(good.subarray(0, -1)))).toEqual(["no-checksum"]);
    expect(refusals(decode(concat(good.subarray(0, -2), raw("/?!\r\n"))))).toEqual(["no-checksum"]);
    expect(only(decode(good.subarray(0, -2), { allowNoChecksum: true })).exportMwh).toBe(101_960_000);
  });

  test("without a BCC a damaged line is refused even where missing ones are allowed", () => {
    const damaged = raw("\x022.8.0(1.0*kWh)\r\n1.8.0(1.0*k\x07h)\r\n!\r\n");
    expect(refusals(decode(damaged, { allowNoChecksum: true }))).toEqual(["damaged-line"]);
  });

  test("a single data set without a ! is a block too: its BCC proves it", () => {
    const answer = raw("\x022.8.0(00012.5*kWh)\x03");
    const bcc = answer.slice(1).reduce((x, byte) => x ^ byte, 0);
    expect(only(decode(concat(answer, Uint8Array.of(bcc)))).exportMwh).toBe(12_500_000);
  });

  test("a meter that asks for a password is told to be read in readout mode", () => {
    const asked = raw("\x01P0\x02(00000000)\x03");
    const bcc = asked.slice(1).reduce((x, byte) => x ^ byte, 0);
    expect(refusals(decode(concat(asked, Uint8Array.of(bcc))))).toEqual(["password-asked"]);
  });

  test("a readout that broke off, and one that begins inside another", () => {
    expect(refusals(decode(good.subarray(0, 40)))).toEqual(["cut-short"]);
    const events = decode(concat(good.subarray(0, 40), raw("/?!\r\n/ISk5MT174-0001\r\n\x06050\r\n"), good));
    expect([refusals(events), readings(events).length]).toEqual([["cut-short"], 1]);
  });

  test("an STX or ETX that damage made is not believed, even where the BCC agrees by chance", () => {
    // Both halves of a block whose check character fits each of them.
    const lines = ["2.8.1(000001.0*kWh)", "2.8.2(000002.0*kWh)"];
    const whole = block(lines);
    const bccOf = (bytes: Uint8Array): number => bytes.slice(1).reduce((bcc, byte) => bcc ^ byte, 0);
    const cut = concat(whole.subarray(0, 22), Uint8Array.of(3));
    expect(readings(decode(concat(cut, Uint8Array.of(bccOf(cut)))))).toEqual([]);
    const rest = concat(Uint8Array.of(2), whole.subarray(22, -1));
    const begun = concat(whole.subarray(0, 22), rest, Uint8Array.of(bccOf(rest)));
    expect(readings(decode(begun))).toEqual([]);
    expect(readings(decode(concat(begun, whole))).map((reading) => reading.exportMwh)).toEqual([3_000_000]);
  });

  test("a missing check character does not eat what follows", () => {
    const events = decode(concat(good.subarray(0, -1), raw("/ESY5Q3\r\n\r\n2.8.0(7.0*kWh)\r\n!\r\n")));
    expect(refusals(events)).toEqual(["bad-checksum"]);
    expect(readings(events).map((reading) => reading.exportMwh)).toEqual([7_000_000]);
  });

  test("a readout longer than any real one is not kept, and the next one is read", () => {
    const endless = concat(raw("\x02"), raw("1.8.0(000002.000*kWh)\r\n".repeat(MAX_BLOCK_BYTES / 20)));
    const events = decode(concat(endless, good));
    expect(refusals(events)).toContain("too-long");
    expect(readings(events)).toHaveLength(1);
  });

  test.each([
    ["names that never end", "/AAA5".repeat(12_000) + "\0\n!\n"],
    ["names before a damaged line", "/AAA5\n".repeat(10_000) + "1.8.0(1)x\n!\n"],
    ["names inside a block that an STX breaks", "\x021.8.0(" + "/AAA5".repeat(12_000) + "\x02"],
  ])("%s cost no more than other noise, and the next readout is read", (_name, noise) => {
    // A look at the whole buffer for each name takes a minute here, far beyond what a test may take.
    const decoder = iecDecoder({ salt });
    for (let i = 0; i < 40; i++) decoder.push(raw(noise));
    expect(readings(decoder.push(concat(raw("/ISK5\r\n"), good)))).toHaveLength(1);
  });

  test("an eight-bit port shows a byte whose parity is wrong", () => {
    const eight = withEvenParity(good);
    eight[20] = (eight[20] ?? 0) ^ 0x80;
    expect(refusals(decode(eight))).toEqual(["bad-checksum"]);
  });

  test("bytes without a readout are said", () => {
    expect(refusals(decode(raw("nothing to see")))).toEqual(["no-telegram"]);
    expect(refusals(decode(new Uint8Array(30_000).fill(0x55)))).toContain("no-telegram");
    expect(decode(new Uint8Array())).toEqual([]);
  });
});

describe("mode D, which has no checksum", () => {
  const lines = ["1-0:1.8.0*255(00001.5*kWh)", "1-0:2.8.0*255(00002.5*kWh)", "1-0:96.5.5*255(80)"];
  const good = modeD(lines);
  const later = modeD(lines.map((line) => line.replace("00002.5", "00002.6")));
  const jumped = modeD(lines.map((line) => line.replace("00002.5", "00022.5")));

  test("a recording of one telegram is read as it stands", () => {
    expect(only(decode(good)).exportMwh).toBe(2_500_000);
    expect(only(decode(withEvenParity(good))).exportMwh).toBe(2_500_000);
  });

  test.each([
    ["a line that lost its bracket", "1-0:1.8.0*255(00001.5*kWh"],
    ["a control character", "1-0:1.8.0*255(0\x070001.5*kWh)"],
    ["a line without values", "1-0:1.8.0*255"],
  ])("%s refuses the telegram", (_name, line) => {
    expect(refusals(decode(modeD([line, ...lines.slice(1)])))).toEqual(["damaged-line"]);
  });

  test("on a live line a telegram counts once the one before agrees", () => {
    const decoder = iecDecoder({ salt, confirm: true });
    expect(decoder.push(good)).toEqual([]);
    expect(only(decoder.push(later)).exportMwh).toBe(2_600_000);
    expect(refusals(decoder.push(jumped))).toEqual(["unconfirmed"]);
    // Back again: again a telegram that its forerunner does not confirm.
    expect(refusals(decoder.push(later))).toEqual(["unconfirmed"]);
    expect(only(decoder.push(later)).exportMwh).toBe(2_600_000);
    // A low digit that changed: more than any household's meter counts between two telegrams.
    const raised = modeD(lines.map((line) => line.replace("00002.5", "00002.9")));
    expect(refusals(decoder.push(raised))).toEqual(["unconfirmed"]);
    expect(refusals(decoder.push(later))).toEqual(["unconfirmed"]);
    // A pulled cable forgets: the meter may be another one afterwards.
    expect(decoder.end()).toEqual([]);
    expect(decoder.push(later)).toEqual([]);
  });

  test("joining in the middle, two run into each other, and one that broke off", () => {
    expect(refusals(decode(good.subarray(20)))).toEqual(["no-start"]);
    const run = decode(concat(good.subarray(0, 60), good));
    expect([refusals(run), readings(run).length]).toEqual([["cut-short"], 1]);
    expect(refusals(decode(good.subarray(0, 60)))).toEqual(["cut-short"]);
  });

  test("a P1 telegram, which has a checksum, is sent to its own protocol", () => {
    const p1 = raw("/ISK5\\2M550T-1011\r\n\r\n1-0:2.8.0(1.000*kWh)\r\n!A1B2\r\n");
    expect(refusals(decode(p1))).toEqual(["looks-like-p1"]);
  });

  test("every refusal is one plain sentence that says what to do", () => {
    for (const bytes of [good.subarray(20), good.subarray(0, 60), raw("x"), block([]), modeD(["2.8.0(1.0*kWh"])]) {
      expectSentences(decode(bytes));
    }
  });
});

describe("laws", () => {
  const encoded = fc
    .record({
      exportMwh: fc.nat(999_999_999_999),
      importMwh: fc.nat(999_999_999_999),
      powerExportW: fc.nat(99_999),
      powerImportW: fc.nat(99_999),
      at: fc.nat(4_000_000_000_000).map(millis),
      ids: fc.constantFrom("full" as const, "short" as const, "tariffs" as const),
    })
    .map((fields) => ({ fields, bytes: encodeIecBlock(fields), pushed: encodeIecModeD(fields) }));
  const noise = fc.uint8Array({ maxLength: 60 });

  test("what the virtual meter encodes is decoded, cut to whole Wh, as a block and as a telegram", () => {
    fc.assert(
      fc.property(encoded, fc.boolean(), ({ fields, bytes, pushed }, eight) => {
        for (const sent of [bytes, pushed]) {
          const reading = only(decode(eight ? withEvenParity(sent) : sent));
          expect(reading.exportMwh).toBe(fields.exportMwh - (fields.exportMwh % 1000));
          expect(reading.importMwh).toBe(fields.importMwh - (fields.importMwh % 1000));
          expect([reading.powerExportW, reading.powerImportW]).toEqual([fields.powerExportW, fields.powerImportW]);
          expect(reading.meterTime?.valid).toBe(true);
        }
      }),
    );
  });

  test("any split gives the same events", () => {
    const streams = fc
      .tuple(noise, encoded, noise, encoded, encoded)
      .map(([a, b, c, d, e]) => concat(a, b.bytes, c, withEvenParity(d.bytes), e.pushed, e.pushed));
    expectAnySplitTheSame(() => iecDecoder({ salt }), streams);
    expectAnySplitTheSame(() => iecDecoder({ salt, confirm: true, allowNoChecksum: true }), streams);
  });

  test("noise before and between costs no block", () => {
    fc.assert(
      fc.property(fc.array(encoded, { minLength: 1, maxLength: 3 }), noise, (list, between) => {
        const events = decode(concat(...list.flatMap(({ bytes }) => [between, bytes])));
        const expected = list.map(({ fields }) => fields.exportMwh - (fields.exportMwh % 1000));
        expect(readings(events).map((reading) => reading.exportMwh)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test("any damaged byte of a block: refused, never another value", () => {
    expectDamageRefused(decode, encoded, 2000);
  });

  test("any flipped bit of a mode D telegram on an eight-bit port: its parity refuses it", () => {
    fc.assert(
      fc.property(encoded, fc.nat(), fc.nat(7), ({ fields, pushed }, place, bit) => {
        const damaged = withEvenParity(pushed);
        damaged[place % pushed.length] = (damaged[place % pushed.length] ?? 0) ^ (1 << bit);
        // The line end after the ! and an ! itself decide only whether a telegram is seen at all.
        for (const reading of readings(decode(damaged))) {
          expect(reading.exportMwh).toBe(fields.exportMwh - (fields.exportMwh % 1000));
        }
      }),
      { numRuns: 1000 },
    );
  });
});
