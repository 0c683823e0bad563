/** Figures as people read them: sensible digits, the locale's separators, exactness where it is promised. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { spokenKey } from "../../worker/base/spoken-key.ts";
import * as format from "../../src/app/format.ts";

const words = (text: string): string => text.replaceAll(/\s/g, " ");

describe("energy", () => {
  test.each([
    [0, "en", "0 kWh"],
    [2_700, "en", "2.7 Wh"],
    [57_400, "en", "57 Wh"],
    [312_450, "en", "0.31 kWh"],
    [3_210_000, "en", "3.2 kWh"],
    [3_210_000, "fr", "3,2 kWh"],
    [132_400_000, "nl", "132 kWh"],
    [8_412_330_000, "nl", "8.412 kWh"],
  ])("%i mWh in %s is %s", (mwh, locale, text) => {
    expect(words(format.energyText(mwh, locale))).toBe(text);
  });

  test("no figure of everyday energy has more than four digits before its unit is large", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_000_000 }), (mwh) => {
        expect(format.energy(mwh, "en").value.replace(/\D/g, "").length).toBeLessThanOrEqual(3);
      }),
    );
  });

  test("a detail view says it to the milliwatt-hour", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_000_000_000_000 }), (mwh) => {
        const digits = format.exactEnergy(mwh, "en").replace(/[^\d]/g, "");
        expect(Number(digits)).toBe(mwh);
      }),
    );
  });
});

describe("power", () => {
  test.each([
    [0, "0 W"],
    [847, "847 W"],
    [2_414, "2.41 kW"],
    [12_060, "12.1 kW"],
  ])("%i W is %s", (watts, text) => {
    expect(words(format.powerText(watts, "en"))).toBe(text);
  });
});

describe("time", () => {
  const moment = Date.UTC(2026, 5, 21, 12, 15, 10);

  test("is told on the 24-hour clock of the given zone", () => {
    expect(format.clock(moment, "en-US", false, "Europe/Brussels")).toBe("14:15");
    expect(format.clock(moment, "nl", true, "Europe/Brussels")).toBe("14:15:10");
  });

  test.each([
    [-12 * 60_000 - 30_000, "en", "12 minutes ago"],
    [-12 * 60_000, "fr", "il y a 12 minutes"],
    [-12 * 60_000, "nl", "12 minuten geleden"],
    [3 * 86_400_000, "en", "in 3 days"],
    [-400, "en", "now"],
  ])("%i ms away in %s is %s", (away, locale, text) => {
    expect(format.relative(moment + away, moment, locale)).toBe(text);
  });

  test.each([
    [900_000, "en", "15 minutes"],
    [10_000, "fr", "10 secondes"],
    [172_800_000, "nl", "48 uur"],
  ])("a length of %i ms in %s is %s", (ms, locale, text) => {
    expect(words(format.duration(ms, locale))).toBe(text);
  });

  test("a countdown ends at nought", () => {
    expect([format.countdown(500_000), format.countdown(9_100), format.countdown(-5)]).toEqual([
      "8:20",
      "0:10",
      "0:00",
    ]);
  });
});

describe("keys by voice", () => {
  test("are twelve digits in four groups, the same for the same key", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-f]{64}$/), (key) => {
        expect(format.spokenKey(key)).toMatch(/^\d{3} \d{3} \d{3} \d{3}$/);
        // Of one key the same digits everywhere: on screens, in proof files and in a terminal.
        expect(format.spokenKey(key)).toBe(spokenKey(key));
      }),
    );
  });

  test("differ when the key's first digits differ", () => {
    expect(format.spokenKey("000000000001".padEnd(64, "0"))).not.toBe(format.spokenKey("000000000002".padEnd(64, "0")));
  });
});

test("plurals follow the language: nought is singular in French and plural in English", () => {
  const forms = { one: "one", other: "other" };
  expect([format.plural("en", 0, forms), format.plural("fr", 0, forms), format.plural("nl", 1, forms)]).toEqual([
    "other",
    "one",
    "one",
  ]);
});
