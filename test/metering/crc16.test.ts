/** The checksum of P1 telegrams and pulse lines. */
import { expect, test } from "vitest";
import { crc16, crc16Hex } from "../../worker/metering/crc16.ts";

test("CRC-16/ARC of 123456789 is BB3D (the catalogue's check value)", () => {
  expect(crc16Hex(crc16(new TextEncoder().encode("123456789")))).toBe("BB3D");
});

test("a checksum of four digits is written even when it is small", () => {
  expect(crc16Hex(0xa)).toBe("000A");
  expect(crc16Hex(crc16(new Uint8Array()))).toBe("0000");
});
