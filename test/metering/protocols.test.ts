/** The list of protocols, and what a few seconds of bytes from an unknown meter are taken for. */
import { existsSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { line7e1, line8n1 } from "../../worker/metering/line.ts";
import { isProtocol, lineAt, probePlan, protocol, protocols } from "../../worker/metering/protocols.ts";
import { PROTOCOLS } from "../../worker/metering/reading.ts";
import { recognise } from "../../worker/metering/recognise.ts";
import { registersAt, type MeterProfile } from "../../worker/metering/virtual/meter.ts";
import { encodeSml } from "../../worker/metering/virtual/sml.ts";
import { VIRTUAL_METERS, type VirtualMeterKind } from "../../worker/metering/virtual/meters.ts";
import { millis } from "../../worker/base/units.ts";
import { concat, raw } from "./decoders/events.ts";

describe("the list", () => {
  test("has every protocol once, the two that were stored first in front", () => {
    expect(protocols.map((spec) => spec.name)).toEqual([...PROTOCOLS]);
    expect(PROTOCOLS.slice(0, 2)).toEqual(["p1", "s0"]);
    expect([isProtocol("tic"), isProtocol("toString"), isProtocol("modbus")]).toEqual([true, false, false]);
  });

  test("only an IEC meter at 300 baud has to be asked", () => {
    const asked = protocols.flatMap((spec) =>
      spec.lines
        .filter((line) => spec.dialogue(line, { salt: null }) !== null)
        .map((line) => [spec.name, line.baudRate]),
    );
    expect(asked).toEqual([["iec", 300]]);
  });

  test("a stored rate has the framing that its protocol has there", () => {
    expect(lineAt("p1", 115_200)).toEqual(line8n1(115_200));
    expect(lineAt("tic", 1_200)).toEqual(line7e1(1_200));
    expect(lineAt("tic", 4_800)).toEqual(line7e1(4_800));
    expect(lineAt("s0", 57_600)).toEqual(line8n1(57_600));
  });

  test("listening to an unknown meter tries every setting of every protocol, each once, the common ones first", () => {
    const plan = probePlan();
    const keys = plan.map((probe) => JSON.stringify(probe.line));
    expect(new Set(keys).size).toBe(keys.length);
    for (const spec of protocols) {
      for (const line of spec.lines) {
        expect(plan.find((probe) => JSON.stringify(probe.line) === JSON.stringify(line))?.protocols).toContain(
          spec.name,
        );
      }
    }
    expect(plan[0]?.line.baudRate).toBe(115_200);
    expect(plan.filter((probe) => probe.asks !== null).map((probe) => probe.line)).toEqual([line7e1(300)]);
    expect(plan.every((probe) => probe.listenMs >= 4_000 && probe.listenMs <= 15_000)).toBe(true);
  });
});

/** 1.5 kW is fed in from the beginning. */
const profile: MeterProfile = { power: [{ at: millis(0), watts: 1_500 }], exportMwh: 9_000_000 };
const HOURS = millis(7_200_000);

/** What the meter sends next, or answers when asked, and its register then. */
const telegramOf = (kind: VirtualMeterKind): { bytes: Uint8Array; exportMwh: number } => {
  const pushed = kind.play(profile).next(HOURS);
  const registers = registersAt(profile, pushed?.at ?? HOURS);
  return { bytes: pushed?.bytes ?? kind.readout?.(registers) ?? new Uint8Array(), exportMwh: registers.exportMwh };
};
/** Those with a register: no raw pulses. */
const READABLE = VIRTUAL_METERS.filter((kind) => kind.name !== "pulse");

describe("recognition", () => {
  test.each(READABLE.map((kind) => [kind.name, kind] as const))(
    "%s, joined in the middle, between noise",
    (name, kind) => {
      const { bytes: telegram, exportMwh } = telegramOf(kind);
      const bytes = concat(telegram.subarray(telegram.length >> 1), telegram, telegram, telegram.subarray(0, 9));
      const { resolutionMwh } = kind;
      // A Linky in historique mode has no injection index: it is one for consumption.
      const exports = name !== "tic-historique";
      expect(recognise(kind.line, bytes)).toMatchObject({
        kind: "meter",
        protocol: name.split("-")[0],
        refusal: null,
        registers: name === "s0" ? null : { export: exports, import: true },
        reading: { resolutionMwh, exportMwh: exports ? Math.floor(exportMwh / resolutionMwh) * resolutionMwh : null },
      });
    },
  );

  test("half a telegram is almost one: listen on", () => {
    const halves = READABLE.filter((kind) => kind.name === "p1").map((kind) => telegramOf(kind).bytes.subarray(0, 200));
    expect(recognise(line8n1(115_200), concat(...halves))).toEqual({ kind: "almost", protocol: "p1" });
  });

  test("a telegram with an export register says more than a later one without", () => {
    const [sold, bought] = [4_000_000, null].map((exportMwh) => encodeSml({ exportMwh, importMwh: 7_000, powerW: 5 }));
    const heard = recognise(line8n1(9_600), concat(sold ?? raw(""), bought ?? raw("")));
    expect(heard).toMatchObject({ reading: { exportMwh: 4_000_000 }, registers: { export: true, import: true } });
  });

  test("a meter without any register, or without a checksum, is known, and why it has no reading", () => {
    const linky = raw("\x02\nADCO 021528603314 :\r\nPTEC HP..  \r\x03");
    expect(recognise(line7e1(1_200), linky)).toMatchObject({
      kind: "meter",
      protocol: "tic",
      reading: null,
      refusal: { code: "no-export-register" },
    });
    const old = raw("/XMX5XMXABCE000012345\r\n\r\n1-0:2.8.1(00001.000*kWh)\r\n!\r\n");
    expect(recognise(line7e1(9_600), old)).toMatchObject({ kind: "meter" });
  });

  test("an encrypted one is named as such, with whom to ask", () => {
    // A ciphered notification in HDLC, and Luxembourg's P1 with its eight-byte title.
    const title = [0xdb, 0x08, 0x53, 0x41, 0x47, 0x67, 0x70, 0x01, 0xb5, 0x3f, 0x82, 0x01, 0x00, 0x30, 0, 0, 0, 1];
    const bytes = concat(
      Uint8Array.from(title),
      Uint8Array.from({ length: 300 }, (_, i) => (i * 97 + 13) & 0xff),
    );
    expect(recognise(line8n1(115_200), bytes)).toMatchObject({ kind: "encrypted", refusal: { code: "encrypted" } });
  });

  test("nothing, pulses, and rubbish of a wrong speed", () => {
    expect(recognise(line8n1(9_600), new Uint8Array())).toEqual({ kind: "nothing" });
    expect(recognise(line8n1(300), new Uint8Array(7))).toEqual({ kind: "pulses", count: 7 });
    expect(recognise(line8n1(9_600), new Uint8Array(7))).toEqual({ kind: "wrong-settings" });
    const rubbish = Uint8Array.from({ length: 3_000 }, (_, i) => 0x80 | ((i * 151 + 29) & 0xff));
    expect(recognise(line8n1(9_600), rubbish)).toEqual({ kind: "wrong-settings" });
  });

  test("law: no noise is a meter with a register", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.constantFrom(...probePlan()), (bytes, { line }) => {
        const heard = recognise(line, bytes);
        expect(heard.kind === "meter" && heard.reading !== null).toBe(false);
      }),
    );
  });
});

const CAPTURES = "../shared/captures";

describe.skipIf(!existsSync(CAPTURES))("recordings (../shared/captures)", () => {
  test.each([
    ["p1/be-fluvius-emucs-1.7.1-a.txt", "p1"],
    ["p1/at-sagemcom-t210-wh.txt", "p1"],
    ["tic/historique-tempo-pyteleinfo.bin", "tic"],
    ["tic/standard-producer-tri.bin", "tic"],
    ["iec62056-21/de-easymeter-q3d-mode-d-export.txt", "iec"],
    ["iec62056-21/itron-em214-mode-c-export-no-bcc.bin", "iec"],
    ["sml/holley-dtz541-smartmeter-obis.bin", "sml"],
  ])("%s is %s", (file, name) => {
    const line = protocol("p1").lines[0] ?? line8n1(9_600);
    const heard = recognise(line, new Uint8Array(readFileSync(`${CAPTURES}/${file}`)));
    expect(heard).toMatchObject({ kind: "meter", protocol: name });
  });
});
