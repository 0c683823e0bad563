/** A meter's settings on disk: those of the first version stay readable. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fromHex, toHex } from "../../worker/base/bytes.ts";
import { PROTOCOLS } from "../../worker/metering/reading.ts";
import type { MeterSettings } from "../../worker/port-meter.ts";
import { decodeSettings, encodeSettings, lineOf } from "../../worker/shell/meter-settings.ts";
import { METER } from "./street.ts";

/** What a device wrote before there were other protocols than P1 and pulse lines. */
const OLD_P1 = "04526f6f66008084070001fa01018827000000";
const OLD_S0 = "04536865640180840701e80703f40301904e0001834801890c";

test("settings of the first version are read as they were written", () => {
  expect(decodeSettings(fromHex(OLD_P1))).toEqual({ ...METER, phases: 1 });
  expect(decodeSettings(fromHex(OLD_S0))).toMatchObject({
    label: "Shed",
    protocol: "s0",
    baudRate: 115_200,
    impPerKwh: 1_000,
    phases: 3,
    iMinMa: 500,
    pMaxW: 10_000,
    port: { usbVendorId: 0x2403, usbProductId: 0x609 },
  });
});

test("what is left out is what the protocol usually has at that rate", () => {
  const tic: MeterSettings = { ...METER, protocol: "tic", baudRate: 9_600 };
  expect(lineOf(tic)).toEqual({ baudRate: 9_600, dataBits: 7, parity: "even" });
  expect(decodeSettings(encodeSettings(tic))).toMatchObject({
    protocol: "tic",
    dataBits: 7,
    parity: "even",
    pulseInput: "rx",
    resolutionMwh: null,
  });
  expect(lineOf({ ...tic, dataBits: 8, parity: "none" })).toEqual({ baudRate: 9_600, dataBits: 8, parity: "none" });
});

test("law: whatever is written is read again, and its first byte tells it from the first version's", () => {
  const settings = fc.record({
    label: fc.string({ maxLength: 20 }),
    protocol: fc.constantFrom(...PROTOCOLS),
    baudRate: fc.nat(4_000_000),
    dataBits: fc.constantFrom(7 as const, 8 as const),
    parity: fc.constantFrom("none" as const, "even" as const, "odd" as const),
    pulseInput: fc.constantFrom("rx" as const, "cts" as const, "ri" as const),
    resolutionMwh: fc.option(fc.nat(1_000_000)),
    impPerKwh: fc.option(fc.nat(100_000)),
    phases: fc.constantFrom(1 as const, 3 as const),
    iMinMa: fc.nat(100_000),
    accuracyClass: fc.constantFrom("A" as const, "B" as const, "C" as const),
    pMaxW: fc.nat(1_000_000),
    via: fc.constantFrom("serial" as const, "usb" as const),
    port: fc.record({ usbVendorId: fc.option(fc.nat(65_535)), usbProductId: fc.option(fc.nat(65_535)) }),
  });
  fc.assert(
    fc.property(settings, (s) => {
      const raw = encodeSettings(s);
      expect(raw[0]).toBe(127);
      expect(decodeSettings(raw)).toEqual(s);
    }),
  );
});

test("anything else is nothing, not a wrong meter", () => {
  const raw = encodeSettings(METER);
  expect(decodeSettings(new Uint8Array())).toBeNull();
  expect(decodeSettings(raw.subarray(0, -1))).toBeNull();
  expect(decodeSettings(fromHex(`${toHex(raw)}00`))).toBeNull();
  expect(decodeSettings(fromHex("ff".repeat(20)))).toBeNull();
});
