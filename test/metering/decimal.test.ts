/** Decimal text to integers, exactly. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseScaled } from "../../worker/metering/decimal.ts";

test.each([
  ["001285.951", 6, { value: 1_285_951_000, unit: 1_000 }],
  ["006545766", 3, { value: 6_545_766_000, unit: 1_000 }],
  ["00019949.3221493", 6, { value: 19_949_322_149, unit: 1 }],
  ["0077347.5", 6, { value: 77_347_500_000, unit: 100_000 }],
  ["12,5", 3, { value: 12_500, unit: 100 }],
  ["0", 6, { value: 0, unit: 1_000_000 }],
  ["5.", 3, { value: 5_000, unit: 1_000 }],
])("%s at scale %i is exact", (text, scale, expected) => {
  expect(parseScaled(text, scale)).toEqual(expected);
});

test.each(["", ".5", "-1", "+1", "1.2.3", "1 2", "abc", "9".repeat(16), "1e5"])(
  "%s is no number of a register",
  (text) => {
    expect(parseScaled(text, 0)).toBeNull();
  },
);

test("law: no decimal text loses or gains a thousandth, as floating point would", () => {
  fc.assert(
    fc.property(fc.nat(999_999_999), fc.nat(999), (whole, rest) => {
      const text = `${whole}.${String(rest).padStart(3, "0")}`;
      expect(parseScaled(text, 3)?.value).toBe(whole * 1000 + rest);
    }),
  );
});
