/** DLMS push over HDLC and M-Bus: the layouts of five makers, segments and blocks, damage, and laws over any bytes. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex } from "../../../worker/base/bytes.ts";
import { millis } from "../../../worker/base/units.ts";
import { dlmsDecoder, MAX_MESSAGE_BYTES } from "../../../worker/metering/decoders/dlms.ts";
import type { DecodeEvent } from "../../../worker/metering/reading.ts";
import {
  DLMS_RESOLUTION,
  dlmsFrames,
  dlmsMessage,
  encodeDlms,
  hdlcFrame,
  type DlmsPush,
  type DlmsStyle,
} from "../../../worker/metering/virtual/dlms.ts";
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
const decode = (bytes: Uint8Array): DecodeEvent[] => decodeWith(dlmsDecoder({ salt }), bytes);
const STYLES: readonly DlmsStyle[] = ["aidon", "kamstrup", "kaifa", "landis", "iskra"];
const base: DlmsPush = {
  style: "aidon",
  exportMwh: 12_345_670_000,
  importMwh: 987_650_000,
  powerExportW: 431,
  powerImportW: 0,
  at: millis(1_792_600_200_000),
};
const good = encodeDlms(base);
const LLC = "e6e700";
/** A message written as hex, in one frame. */
const framed = (hex: string): Uint8Array => hdlcFrame(fromHex((LLC + hex).replaceAll(/\s/g, "")));
/** A notification without a time. */
const pushed = (hex: string): Uint8Array => framed(`0f40000000 00 ${hex}`);

describe("the layouts", () => {
  test.each(STYLES)("%s: registers, power and time", (style) => {
    const reading = only(decode(encodeDlms({ ...base, style })));
    expect(reading).toMatchObject({
      protocol: "dlms",
      exportMwh: 12_345_670_000,
      importMwh: 987_650_000,
      resolutionMwh: DLMS_RESOLUTION[style],
      powerExportW: 431,
      powerImportW: 0,
      meterTime: { text: "2026-10-21 17:30:00", valid: true, summer: false },
    });
    expect(reading.identity).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each(STYLES)("%s: a telegram with power only says that the registers come later", (style) => {
    expect(refusals(decode(encodeDlms({ ...base, style, powerOnly: true })))).toEqual(["power-only"]);
  });

  const MINUS = "0906 0100020800ff";
  const PLUS = "0906 0100010800ff";
  test.each([
    ["structures with scaler and unit, scaler 1", `0101 0203 ${MINUS} 06 00000007 0202 0f01 161e`, 70_000, 10_000],
    ["scaler -1 and a long64 value", `0101 0203 ${MINUS} 15 0000000000000007 0202 0fff 161e`, 700, 100],
    ["a signed value", `0101 0203 ${MINUS} 05 00000007 0202 0f00 161e`, 7_000, 1_000],
    ["scaler and unit behind the value in turn", `0204 ${MINUS} 06 00000007 0f00 161e`, 7_000, 1_000],
    ["scaler and unit as a structure in turn", `0203 ${MINUS} 06 00000007 0202 0f03 161e`, 7_000_000, 1_000_000],
    [
      "tariffs are added",
      "0102 0203 0906 0100020801ff 06 00000007 0202 0f00 161e 0203 0906 0100020802ff 06 00000008 0202 0f00 161e",
      15_000,
      1_000,
    ],
    ["ids of channel 0 (Landis+Gyr ZMF100)", "0101 0203 0906 0000020800ff 06 00000007 0202 0f00 161e", 7_000, 1_000],
    ["nothing between ids and values", `0205 00 ${MINUS} 06 00000007 0f00 161e`, 7_000, 1_000],
    [
      "Kaifa with ids (Sweden), Wh",
      `0206 0906 0100000281ff 0907 4b464d5f303031 ${PLUS} 06 00000001 ${MINUS} 06 00000007`,
      7_000,
      1_000,
    ],
  ])("%s", (_name, hex, expected, resolution) => {
    const reading = only(decode(pushed(hex)));
    expect([reading.exportMwh, reading.resolutionMwh]).toEqual([expected, resolution]);
  });

  test("the list that names its elements may hold their scaler and unit too", () => {
    const name = (obis: string, attribute: string): string => `0204 120003 0906 ${obis} 0f${attribute} 120000`;
    const list = `0204 0104 0204 120028 0906 0000190900ff 0f02 120000 ${name("0100020800ff", "02")} ${name("0100020800ff", "03")} ${name("0100010800ff", "02")}`;
    const reading = decode(pushed(`${list} 06 00000007 0202 0f01 161e 06 00000005`));
    // Import has no scale and no maker: it is left out, for it is not needed.
    expect(only(reading)).toMatchObject({ exportMwh: 70_000, importMwh: null });
  });

  test.each([
    ["a meter that only imports", `0101 0203 ${PLUS} 06 00000007 0202 0f00 161e`, "no-export-register"],
    ["no scale and no maker that is known", `0202 ${MINUS} 06 00000007`, "unknown-scale"],
    ["another unit", `0101 0203 ${MINUS} 06 00000007 0202 0f00 1620`, "unknown-unit"],
    ["a negative register", `0101 0203 ${MINUS} 05 ffffffff 0202 0f00 161e`, "unreadable-register"],
    ["a register in floating point", `0101 0203 ${MINUS} 17 41200000 0202 0f00 161e`, "unreadable-register"],
    ["a register that no number holds", `0101 0203 ${MINUS} 15 ffffffffffffffff 0202 0f00 161e`, "unreadable-register"],
    [
      "twice with different values",
      `0102 0203 ${MINUS} 06 00000007 0202 0f00 161e 0203 ${MINUS} 06 00000008 0202 0f00 161e`,
      "contradictory-registers",
    ],
    ["values without any order that is known", "0203 06 00000001 06 00000002 06 00000003", "unknown-layout"],
    [
      "Kaifa's id before a list of another length",
      "0203 0907 4b464d5f303031 06 00000002 06 00000003",
      "unknown-layout",
    ],
    [
      "names for more elements than come",
      "0201 0102 0204 120003 0906 0100020800ff 0f02 120000 0204 120003 0906 0100010800ff 0f02 120000",
      "unknown-layout",
    ],
    ["one value alone (Kaifa's list 1)", "0201 06 000016dc", "power-only"],
    ["data that is cut off", "0105 06 00000007", "unreadable-telegram"],
    ["a type that does not exist", "0201 63 00000007", "unreadable-telegram"],
    ["something behind the data", `0101 0203 ${MINUS} 06 00000007 0202 0f00 161e 07`, "unreadable-telegram"],
  ])("%s is refused with a sentence", (_name, hex, code) => {
    const events = decode(pushed(hex));
    expect(refusals(events)).toEqual([code]);
    expect(readings(events)).toEqual([]);
    expectSentences(events);
  });

  test("Kaifa's list is only believed when every value is of the kind its place asks for", () => {
    const message = dlmsMessage({ ...base, style: "kaifa" });
    const clock = message.length - 4 * 5 - 14;
    const odd = Uint8Array.from(message);
    odd.set([0x0a], clock);
    expect(only(decode(hdlcFrame(concat(fromHex(LLC), odd)))).exportMwh).toBe(12_345_670_000);
    odd.set([0x04, 0x60], clock);
    expect(refusals(decode(hdlcFrame(concat(fromHex(LLC), odd))))).toEqual(["unknown-layout"]);
  });
});

describe("the time", () => {
  const at = (hex: string) =>
    only(decode(framed(`0f40000000 ${hex} 0101 0203 0906 0100020800ff 06 00000007 0202 0f00 161e`))).meterTime;
  test.each([
    ["0c 07e50706020e3a10ff800000", { text: "2021-07-06 14:58:16", valid: true, summer: null }],
    ["0c 07e50706020e3a12ff800081", { text: "2021-07-06 14:58:18", valid: false, summer: true }],
    ["0c 07e6060602111f1412ff8880", { text: "2022-06-06 17:31:20", valid: true, summer: true }],
    ["09 0c 07e3020401173416ff800000", { text: "2019-02-04 23:52:22", valid: true, summer: null }],
    ["0c 07e30c1001073b28ff8000ff", { text: "2019-12-16 07:59:40", valid: true, summer: null }],
    ["0c ffffffffffffffffff8000ff", { text: "ffffffffffffffffff8000ff", valid: false, summer: null }],
    ["00", null],
  ])("%s", (hex, expected) => {
    expect(at(hex)).toEqual(expected);
  });
});

describe("what cannot be read is named as such", () => {
  test.each(["db084c475a67725b4a3a553000d2f1bf42", "dc0101", "dd0101", "c80101", "d10101"])("encrypted: %s", (hex) => {
    expect(refusals(decode(framed(hex)))).toEqual(["encrypted"]);
  });

  test("encrypted in blocks, in M-Bus frames and without any frame", () => {
    const cipher = concat(fromHex("db084c475a677281e2"), new Uint8Array(226).fill(3));
    expect(refusals(decode(concat(...dlmsFrames("landis", cipher))))).toEqual(["encrypted"]);
    expect(refusals(decode(concat(...mbus(cipher))))).toEqual(["encrypted"]);
    const luxembourg = concat(fromHex("db085341476700000000820110300000000a"), new Uint8Array(272).fill(9));
    expect(refusals(decode(luxembourg))).toEqual(["encrypted"]);
  });

  test("a message of another kind", () => {
    expect(refusals(decode(framed("c401c1")))).toEqual(["unknown-message"]);
  });

  test("bytes without any telegram are said; a pause between frames is nothing", () => {
    expect(refusals(decode(Uint8Array.of(1, 2, 3)))).toEqual(["no-telegram"]);
    expect(refusals(decode(new Uint8Array(100_000).fill(0x55)))).toContain("no-telegram");
    expect(decode(new Uint8Array(1000).fill(0x7e))).toEqual([]);
    expectSentences([...decode(Uint8Array.of(1, 2, 3)), ...decode(framed("db01")), ...decode(framed("c4"))]);
  });
});

/** Wired M-Bus frames of at most 200 bytes of message. */
const mbus = (message: Uint8Array): Uint8Array[] => {
  const parts = Array.from({ length: Math.ceil(message.length / 200) }, (_, i) =>
    message.subarray(i * 200, (i + 1) * 200),
  );
  return parts.map((part, i) => {
    const inner = concat(Uint8Array.of(0x53, 0xff, i | (i === parts.length - 1 ? 0x10 : 0), 1, 0x67), part);
    const sum = inner.reduce((total, byte) => (total + byte) & 0xff, 0);
    return concat(Uint8Array.of(0x68, inner.length, inner.length, 0x68), inner, Uint8Array.of(sum, 0x16));
  });
};

describe("frames", () => {
  test("addresses of one, two and four bytes", () => {
    const info = concat(fromHex(LLC), dlmsMessage(base));
    for (const source of [[0x83], [0x08, 0x83], [0x02, 0x04, 0x06, 0x83]]) {
      expect(only(decode(hdlcFrame(info, false, source))).exportMwh).toBe(12_345_670_000);
    }
  });

  test("two flags between frames, or one", () => {
    expect(readings(decode(concat(good, good)))).toHaveLength(2);
    expect(readings(decode(concat(good, good.subarray(1), Uint8Array.of(0x7e, 0x7e), good)))).toHaveLength(3);
  });

  test("a flag inside a frame ends nothing: its length does", () => {
    const wh = 0x7e7e7e7e;
    expect(only(decode(encodeDlms({ ...base, style: "kaifa", exportMwh: wh * 1000 }))).exportMwh).toBe(wh * 1000);
  });

  test("frames without information are passed over", () => {
    const bare = fromHex("7ea0074183932f2a7e");
    expect(decode(concat(good, bare)).filter(({ kind }) => kind === "reading")).toHaveLength(1);
  });

  test("in M-Bus frames, one or several", () => {
    expect(only(decode(concat(...mbus(dlmsMessage(base))))).exportMwh).toBe(12_345_670_000);
    const long = dlmsMessage({ ...base, style: "landis" });
    expect(mbus(long).length).toBe(1);
    expect(only(decode(concat(...mbus(concat(long, new Uint8Array(150)))))).exportMwh).toBe(12_345_670_000);
  });

  test.each(["landis", "iskra"] as const)(
    "%s: a part that is missing refuses the message, not the next one",
    (style) => {
      const frames = dlmsFrames(style, dlmsMessage({ ...base, style }));
      expect(frames.length).toBeGreaterThan(1);
      for (let lost = 0; lost < frames.length; lost++) {
        const events = decode(concat(...frames.filter((_, i) => i !== lost), ...frames));
        expect(readings(events)).toHaveLength(1);
        expect(refusals(events).length).toBeGreaterThan(0);
      }
    },
  );

  test("a block that is sent twice counts once", () => {
    const frames = dlmsFrames("landis", dlmsMessage({ ...base, style: "landis" }));
    const twice = frames.flatMap((frame, i) => (i === 1 ? [frame, frame] : [frame]));
    expect(only(decode(concat(...twice))).exportMwh).toBe(12_345_670_000);
  });

  test("a block out of order refuses its message", () => {
    const [first, ...rest] = dlmsFrames("landis", dlmsMessage({ ...base, style: "landis" }));
    const events = decode(concat(first ?? good, ...rest.toReversed()));
    expect(readings(events)).toEqual([]);
    expect(refusals(events)).toContain("block-missing");
  });

  test("a message that never ends is refused and does not eat the next one", () => {
    const part = hdlcFrame(concat(fromHex(LLC), new Uint8Array(1500)), true);
    const more = Array.from({ length: MAX_MESSAGE_BYTES / 1500 + 1 }, () => hdlcFrame(new Uint8Array(1500), true));
    const events = decode(concat(part, ...more, good));
    expect(refusals(events)).toEqual(["too-long"]);
    expect(readings(events)).toHaveLength(1);
  });

  test("joining in the middle is said, and the next telegram is read", () => {
    const events = decode(concat(good.subarray(30), good));
    expect(refusals(events)).toEqual(["no-start"]);
    expect(readings(events)).toHaveLength(1);
  });

  test("a cable pulled in the middle is refused as cut short, and the next telegram is read", () => {
    const decoder = dlmsDecoder({ salt });
    expect(decoder.push(good.subarray(0, 40))).toEqual([]);
    expect(refusals(decoder.end())).toEqual(["cut-short"]);
    expect(only(decoder.push(good)).exportMwh).toBe(12_345_670_000);
    expect(decoder.end()).toEqual([]);
  });

  test("of two frames run into each other the whole one is read", () => {
    for (let cut = 1; cut < good.length - 1; cut++)
      expect(readings(decode(concat(good.subarray(0, cut), good)))).toHaveLength(1);
  });
});

describe("laws", () => {
  const encoded = fc
    .record({
      style: fc.constantFrom(...STYLES),
      exportMwh: fc.nat(4_000_000_000).map((n) => n * 1000),
      importMwh: fc.nat(4_000_000_000).map((n) => n * 1000),
      powerExportW: fc.nat(99_999),
      powerImportW: fc.nat(99_999),
      at: fc.nat(4_000_000_000_000).map(millis),
      offsetMinutes: fc.constantFrom(0, 60, 120),
    })
    .map((fields) => ({ fields, bytes: encodeDlms(fields) }));
  const noise = fc.uint8Array({ maxLength: 60 });
  const streams = fc
    .array(fc.tuple(noise, encoded), { minLength: 1, maxLength: 4 })
    .map((parts) => concat(...parts.flatMap(([before, { bytes }]) => [before, bytes])));

  test("what the virtual meter encodes is decoded, cut to its resolution", () => {
    fc.assert(
      fc.property(encoded, ({ fields, bytes }) => {
        const step = DLMS_RESOLUTION[fields.style];
        expect(only(decode(bytes))).toMatchObject({
          exportMwh: fields.exportMwh - (fields.exportMwh % step),
          importMwh: fields.importMwh - (fields.importMwh % step),
          powerExportW: fields.powerExportW,
          powerImportW: fields.powerImportW,
        });
      }),
    );
  });

  test("any split gives the same events", () => {
    expectAnySplitTheSame(() => dlmsDecoder({ salt }), streams);
  });

  test("noise before and between telegrams costs no reading", () => {
    expectNoiseCostsNothing(decode, noise, encoded);
  });

  test("any damaged byte of a telegram: refused, never read", () => {
    expectDamageRefused(decode, encoded, 3000);
  });

  test("any message in a valid frame, and any bytes: no exception, no reading out of nothing", () => {
    const data = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 20 }),
        fc
          .constantFrom(
            "02020906",
            "0100010800ff",
            "0600000007",
            "0104",
            "02020f00161e",
            "0907",
            "4b464d5f303031",
            "12",
          )
          .map(fromHex),
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(data, fc.boolean(), (parts, segmented) => {
        const message = concat(fromHex("0f4000000000"), ...parts);
        expect(readings(decode(hdlcFrame(concat(fromHex(LLC), message), segmented)))).toEqual([]);
        expect(readings(decode(concat(...dlmsFrames("landis", message))))).toEqual([]);
        expect(readings(decode(concat(...parts)))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});
