/** CRC-16/X-25 and its relative: check values of the catalogue, and a start in the middle. */
import { expect, test } from "vitest";
import { crcKermit, crcX25, swapped } from "../../worker/metering/crc-x25.ts";

const digits = new TextEncoder().encode("x123456789x");

test("check values of CRC-16/X-25 and CRC-16/KERMIT over 123456789", () => {
  expect([crcX25(digits, 1, 10), crcKermit(digits, 1, 10)]).toEqual([0x906e, 0x2189]);
  expect([crcX25(digits.subarray(1, 10)), crcKermit(digits.subarray(1, 10))]).toEqual([0x906e, 0x2189]);
});

test("swapped turns the two bytes around", () => {
  expect(swapped(0x906e)).toBe(0x6e90);
});
