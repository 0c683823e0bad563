/**
 * Which register a telegram must carry: a household that only buys has no export register, and its telegrams are readings
 * where consumption is what is looked for (§IV.B.3). Every protocol with registers, and both of a Linky's modes.
 */
import { existsSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex } from "../../../worker/base/bytes.ts";
import { millis } from "../../../worker/base/units.ts";
import { crc16, crc16Hex } from "../../../worker/metering/crc16.ts";
import { iecDialogue } from "../../../worker/metering/decoders/iec62056-dialogue.ts";
import { latin1Bytes } from "../../../worker/metering/latin1.ts";
import { protocol } from "../../../worker/metering/protocols.ts";
import type { DecodeEvent, Needs, Protocol } from "../../../worker/metering/reading.ts";
import { encodeDlms, hdlcFrame } from "../../../worker/metering/virtual/dlms.ts";
import { encodeIecBlock } from "../../../worker/metering/virtual/iec.ts";
import { encodeP1 } from "../../../worker/metering/virtual/p1.ts";
import { encodeSml } from "../../../worker/metering/virtual/sml.ts";
import { encodeTic } from "../../../worker/metering/virtual/tic.ts";
import { concat, decodeWith, expectAnySplitTheSame, expectSentences, only, raw, readings, refusals } from "./events.ts";

type Registered = Exclude<Protocol, "s0" | "pulse">;
const NAMES: readonly Registered[] = ["p1", "tic", "iec", "sml", "dlms"];

const decoderOf = (name: Protocol, needs?: Needs, live = false) =>
  protocol(name).decoder({
    salt: null,
    impPerKwh: 1_000,
    resume: null,
    live,
    ...(needs === undefined ? {} : { needs }),
  });
const decode = (name: Protocol, bytes: Uint8Array, needs?: Needs): DecodeEvent[] =>
  decodeWith(decoderOf(name, needs), bytes);

const p1 = (...lines: readonly string[]): Uint8Array => {
  const body = `/ISK5\\2M550T-1011\r\n\r\n${lines.join("\r\n")}\r\n!`;
  return raw(`${body}${crc16Hex(crc16(latin1Bytes(body)))}\r\n`);
};
const iec = (...lines: readonly string[]): Uint8Array => {
  const bytes = raw(`\x02${lines.join("\r\n")}\r\n!\r\n\x03`);
  return concat(bytes, Uint8Array.of(bytes.slice(1).reduce((bcc, byte) => bcc ^ byte, 0)));
};
const dlms = (...registers: readonly string[]): Uint8Array =>
  hdlcFrame(fromHex(`e6e7000f4000000000010${registers.length}${registers.join("")}`));
const dlmsRegister = (direction: 1 | 2, wh: number): string =>
  `0203090601000${direction}0800ff06${wh.toString(16).padStart(8, "0")}02020f00161e`;
const ticSum = (text: string): string =>
  String.fromCharCode((raw(text).reduce((sum, byte) => sum + byte, 0) & 0x3f) + 0x20);
const historique = (groups: Readonly<Record<string, string>>, damaged = ""): Uint8Array =>
  raw(
    `\x02${Object.entries({ ADCO: "021861348497", ...groups })
      .map(([label, data]) => `\n${label} ${data} ${label === damaged ? "~" : ticSum(`${label} ${data}`)}\r`)
      .join("")}\x03`,
  );
const registers = { exportMwh: 4_000_000, importMwh: 7_654_000, powerExportW: 0, powerImportW: 230, at: millis(0) };

/** Import 7,654 Wh; with an export of 4,000 Wh, without any, and export alone. */
const TELEGRAMS: Readonly<Record<Registered, readonly [both: Uint8Array, bought: Uint8Array, sold: Uint8Array]>> = {
  p1: [
    p1("1-0:1.8.1(000003.000*kWh)", "1-0:1.8.2(000004.654*kWh)", "1-0:2.8.1(000004.000*kWh)"),
    p1("1-0:1.8.1(000003.000*kWh)", "1-0:1.8.2(000004.654*kWh)", "1-0:1.7.0(00.230*kW)"),
    p1("1-0:2.8.0(000004.000*kWh)"),
  ],
  tic: [
    encodeTic({ mode: "standard", ...registers }),
    encodeTic({ mode: "standard", ...registers, producer: false }),
    raw(
      `\x02\nADSC\t061234567890\t${ticSum("ADSC\t061234567890\t")}\r\nEAIT\t000004000\t${ticSum("EAIT\t000004000\t")}\r\x03`,
    ),
  ],
  iec: [
    iec("1.8.0(000007.654*kWh)", "2.8.0(000004.000*kWh)"),
    iec("1.8.0(000007.654*kWh)", "1.8.0*01(000001.000*kWh)"),
    iec("2.8.0(000004.000*kWh)"),
  ],
  sml: [
    encodeSml({ exportMwh: 4_000_000, importMwh: 7_654_000, powerW: 230 }),
    encodeSml({ exportMwh: null, importMwh: 7_654_000, powerW: 230 }),
    encodeSml({ exportMwh: 4_000_000, importMwh: null, powerW: -230 }),
  ],
  dlms: [
    dlms(dlmsRegister(1, 7_654), dlmsRegister(2, 4_000)),
    dlms(dlmsRegister(1, 7_654)),
    dlms(dlmsRegister(2, 4_000)),
  ],
};

describe.each(NAMES)("%s", (name) => {
  const [both, bought, sold] = TELEGRAMS[name];

  test("export is needed unless something else is said: a telegram without it is refused", () => {
    expect(refusals(decode(name, bought))).toEqual(["no-export-register"]);
    expect(refusals(decode(name, bought, "export"))).toEqual(["no-export-register"]);
    expect(only(decode(name, both))).toMatchObject({ exportMwh: 4_000_000, importMwh: 7_654_000 });
    expect(only(decode(name, sold))).toMatchObject({ exportMwh: 4_000_000, importMwh: null });
  });

  test("where import is needed a telegram without export is a reading, and one without import is refused", () => {
    expect(only(decode(name, bought, "import"))).toMatchObject({ exportMwh: null, importMwh: 7_654_000 });
    expect(only(decode(name, both, "import"))).toMatchObject({ exportMwh: 4_000_000, importMwh: 7_654_000 });
    const events = decode(name, sold, "import");
    expect(refusals(events)).toEqual(["no-import-register"]);
    expectSentences(events);
  });

  test("either is enough to know what a meter sends", () => {
    const registersOf = (bytes: Uint8Array) => {
      const { exportMwh, importMwh } = only(decode(name, bytes, "either"));
      return [exportMwh !== null, importMwh !== null];
    };
    expect([both, bought, sold].map(registersOf)).toEqual([
      [true, true],
      [false, true],
      [true, false],
    ]);
  });

  test("law: any damaged byte of a telegram, and the import register is the right one or none", () => {
    fc.assert(
      fc.property(fc.constantFrom(both, bought), fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, place, flip) => {
        const damaged = Uint8Array.from(bytes);
        damaged[place % bytes.length] = (damaged[place % bytes.length] ?? 0) ^ flip;
        for (const reading of readings(decode(name, damaged, "import"))) expect(reading.importMwh).toBe(7_654_000);
      }),
      { numRuns: 1_000 },
    );
  });

  test("law: any split gives the same events", () => {
    const streams = fc
      .array(fc.constantFrom(both, bought, sold, raw("noise")), { maxLength: 4 })
      .map((p) => concat(...p));
    expectAnySplitTheSame(() => decoderOf(name, "import"), streams);
  });
});

describe("the register that is needed gives the resolution and the trouble", () => {
  test("its own digits", () => {
    const telegram = p1("1-0:1.8.0(000007.65*kWh)", "1-0:2.8.0(000004.000*kWh)");
    expect(only(decode("p1", telegram)).resolutionMwh).toBe(1_000);
    expect(only(decode("p1", telegram, "import")).resolutionMwh).toBe(10_000);
    expect(
      only(decode("sml", encodeSml({ exportMwh: null, importMwh: 7_654_000, powerW: 1, scaler: 0 }), "import")),
    ).toMatchObject({ importMwh: 7_654_000, resolutionMwh: 1_000 });
  });

  test("a meter that waits for its PIN shows whole kWh of import too", () => {
    const locked = encodeSml({ exportMwh: null, importMwh: 17_000_000, powerW: null, scaler: -1 });
    expect(only(decode("sml", locked, "import"))).toMatchObject({ importMwh: 17_000_000, resolutionMwh: 1_000_000 });
  });

  test("a damaged import is refused where it is needed, a damaged export only where that is", () => {
    const telegram = p1("1-0:1.8.0(000007.654*kWh)", "1-0:2.8.0(ERROR*kWh)");
    expect(only(decode("p1", telegram, "import"))).toMatchObject({ exportMwh: null, importMwh: 7_654_000 });
    expect(refusals(decode("p1", telegram, "either"))).toEqual(["unreadable-register"]);
    expect(refusals(decode("p1", p1("1-0:1.8.0(ERROR*kWh)"), "import"))).toEqual(["unreadable-register"]);
    expect(refusals(decode("iec", iec("1.8.0(000058)"), "import"))).toEqual(["unknown-unit"]);
    expect(refusals(decode("dlms", dlms(dlmsRegister(1, 5), dlmsRegister(1, 6)), "import"))).toEqual([
      "contradictory-registers",
    ]);
  });

  test("mode D without a checksum: the import of two telegrams in a row must agree on a live line", () => {
    const modeD = (kwh: string): Uint8Array => raw(`/ESY5Q3DB1024\r\n\r\n1-0:1.8.0*255(${kwh}*kWh)\r\n!\r\n`);
    const decoder = decoderOf("iec", "import", true);
    expect(decoder.push(modeD("00007.6"))).toEqual([]);
    expect(only(decoder.push(modeD("00007.7"))).importMwh).toBe(7_700_000);
    expect(refusals(decoder.push(modeD("00107.7")))).toEqual(["unconfirmed"]);
  });

  test("a meter that is asked is asked for the same", () => {
    const read = (needs: Needs): readonly { readonly kind: string }[] => {
      const dialogue = iecDialogue({ salt: null, needs });
      dialogue.start();
      // Mode A: the readout follows the name at once.
      return dialogue.push(concat(raw("/XXX_meter\r\n"), TELEGRAMS.iec[1]));
    };
    expect(read("import")).toContainEqual(
      expect.objectContaining({
        kind: "reading",
        reading: expect.objectContaining({ importMwh: 7_654_000 }) as unknown,
      }),
    );
    expect(read("export")).toContainEqual(
      expect.objectContaining({ refusal: expect.objectContaining({ code: "no-export-register" }) as unknown }),
    );
  });

  test("pulses have no direction: they are generated or used as their owner says", () => {
    const count = (needs: Needs) => readings(decode("pulse", new Uint8Array(3), needs)).map((r) => r.exportMwh);
    expect(count("import")).toEqual(count("export"));
  });
});

describe("a Linky's historique mode: the indexes of the subscribed option are the register", () => {
  const TEMPO = {
    OPTARIF: "BBR(",
    BBRHCJB: "000000001",
    BBRHPJB: "000000020",
    BBRHCJW: "000000300",
    BBRHPJW: "000004000",
    BBRHCJR: "000050000",
    BBRHPJR: "000600000",
  };

  test.each([
    ["base", { OPTARIF: "BASE", BASE: "010203040" }, 10_203_040],
    ["off-peak hours", { OPTARIF: "HC..", HCHC: "000000100", HCHP: "000000023" }, 123],
    ["peak days", { OPTARIF: "EJP.", EJPHN: "000000100", EJPHPM: "000000023" }, 123],
    ["tempo", TEMPO, 654_321],
    ["an index of another option is none of its", { OPTARIF: "BASE", BASE: "000000007", HCHC: "000000100" }, 7],
  ])("%s", (_name, groups, wh) => {
    const reading = only(decode("tic", historique(groups), "import"));
    expect(reading).toMatchObject({ exportMwh: null, importMwh: wh * 1_000, resolutionMwh: 1_000, meterTime: null });
    expect(refusals(decode("tic", historique(groups)))).toEqual(["no-export-register"]);
  });

  test("an index that is damaged, or may be the one that is missing, refuses the frame; another group does not", () => {
    for (const label of Object.keys(TEMPO)) {
      expect(refusals(decode("tic", historique(TEMPO, label), "import")), label).toEqual(["bad-checksum"]);
    }
    expect(only(decode("tic", historique({ ...TEMPO, PAPP: "02840" }, "PAPP"), "import")).importMwh).toBe(654_321_000);
  });

  test.each([
    ["an index of the option is not there", { OPTARIF: "HC..", HCHC: "000000100" }, "unreadable-register"],
    ["an index that is no number", { OPTARIF: "HC..", HCHC: "000000100", HCHP: "00000002X" }, "unreadable-register"],
    ["an option nobody knows", { OPTARIF: "XYZ.", BASE: "000000100" }, "unreadable-register"],
    ["no option", { PTEC: "HP.." }, "no-import-register"],
    ["no index", { OPTARIF: "BASE" }, "no-import-register"],
  ])("%s: refused", (_name, groups, code) => {
    const events = decode("tic", historique(groups), "import");
    expect(refusals(events)).toEqual([code]);
    expectSentences(events);
  });

  test("twice with different values is a contradiction", () => {
    const [a, b] = [{ OPTARIF: "BASE", BASE: "000000001" }, { BASE: "000000002" }].map((groups) => historique(groups));
    const joined = concat(a?.subarray(0, -1) ?? raw(""), b?.subarray(1) ?? raw(""));
    expect(refusals(decode("tic", joined, "import"))).toEqual(["contradictory-registers"]);
  });

  test("the meter's address tells two meters apart in this mode too", () => {
    const bytes = historique(TEMPO);
    const identity = (salt: number) =>
      readings(
        protocol("tic")
          .decoder({ salt: Uint8Array.of(salt), needs: "import", impPerKwh: 1, resume: null })
          .push(bytes),
      )[0]?.identity;
    expect(identity(1)).toMatch(/^[0-9a-f]{64}$/);
    expect(identity(2)).not.toBe(identity(1));
  });

  test("law: what a consumer's Linky encodes is decoded in both modes, cut to whole Wh", () => {
    fc.assert(
      fc.property(fc.nat(999_999_999_999), fc.boolean(), (importMwh, old) => {
        const mode = old ? "historique" : "standard";
        const reading = only(decode("tic", encodeTic({ ...registers, mode, importMwh, producer: false }), "import"));
        expect([reading.exportMwh, reading.importMwh]).toEqual([null, importMwh - (importMwh % 1_000)]);
      }),
    );
  });
});

describe("law: what virtual meters encode is decoded with its import register", () => {
  const at = millis(1_600_000_000_000);
  test.each([
    ["p1", (importMwh: number) => encodeP1({ style: "be", ...registers, at, importMwh })],
    ["iec", (importMwh: number) => encodeIecBlock({ ...registers, at, importMwh })],
    ["dlms", (importMwh: number) => encodeDlms({ style: "landis", ...registers, at, importMwh })],
    ["sml", (importMwh: number) => encodeSml({ exportMwh: null, importMwh, powerW: 5 })],
  ] as const)("%s", (name, encode) => {
    fc.assert(
      fc.property(fc.nat(4_000_000), (kwh) => {
        const importMwh = kwh * 1_000;
        expect(only(decode(name, encode(importMwh), "import")).importMwh).toBe(importMwh);
      }),
    );
  });
});

const CAPTURES = "../shared/captures";

describe.skipIf(!existsSync(CAPTURES))("recordings (../shared/captures)", () => {
  const read = (name: Protocol, file: string) =>
    readings(decode(name, new Uint8Array(readFileSync(`${CAPTURES}/${file}`)), "import"));

  test("historique, tempo: the six indexes of ten frames, of which one counts", () => {
    const blue = [856, 857, 860, 862, 865, 867, 869, 871, 873, 876].map((wh) => 18_328_000 + wh);
    const others = 23_739_545 + 1_466_099 + 2_132_883 + 860_118 + 844_115;
    expect(read("tic", "tic/historique-tempo-pyteleinfo.bin").map(({ importMwh }) => importMwh)).toEqual(
      blue.map((wh) => (wh + others) * 1_000),
    );
  });

  test("standard: EAST", () => {
    expect(read("tic", "tic/standard-producer-tri.bin")[0]).toMatchObject({
      exportMwh: 671_631_000,
      importMwh: 11_604_109_000,
    });
  });

  test("the infrared port of a meter whose list has an export only says nothing of import", () => {
    expect(read("sml", "sml/holley-dtz541-smartmeter-obis.bin")).toEqual([]);
  });
});
