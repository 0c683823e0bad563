/** Small foundations: bytes in order, whole quantities, memos that forget only to compute again. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBytes, compareText, equalBytes, fromHex, toHex } from "../../worker/base/bytes.ts";
import { memo } from "../../worker/base/memo.ts";
import { assert, ok, refuse } from "../../worker/base/result.ts";
import { generatorIndex, memberIndex, millis, mwh, stepIndex } from "../../worker/base/units.ts";

const raws = fc.uint8Array({ maxLength: 6, max: 3 });

describe("bytes", () => {
  it("as hex come back, and are ordered as their hex is", () => {
    fc.assert(
      fc.property(raws, raws, (a, b) => {
        expect(fromHex(toHex(a))).toEqual(a);
        expect(Math.sign(compareBytes(a, b))).toBe(compareText(toHex(a), toHex(b)));
        expect(equalBytes(a, b)).toBe(compareBytes(a, b) === 0);
      }),
    );
  });

  it("of one prefix are ordered by length", () => {
    expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBeLessThan(0);
    expect(compareBytes(Uint8Array.of(255), Uint8Array.of(1, 0))).toBeGreaterThan(0);
  });

  it("do not come from what is no hex", () => {
    for (const bad of ["0", "0g", "0x00", " 00"]) expect(() => fromHex(bad)).toThrow();
  });
});

describe("quantities", () => {
  it.each([mwh, millis, stepIndex, memberIndex, generatorIndex])("%o are whole and from 0", (make) => {
    expect(make(0)).toBe(0);
    expect(make(Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
    for (const bad of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
      expect(() => make(bad)).toThrow(RangeError);
  });
});

describe("failures", () => {
  it("of the outside are data, and of the program are thrown", () => {
    expect(ok(1)).toEqual({ ok: true, value: 1 });
    expect(refuse("late", "Send it earlier.", "ignore")).toEqual({
      ok: false,
      error: { code: "late", message: "Send it earlier.", verdict: "ignore" },
    });
    expect(refuse("bad", "Stop.")).toMatchObject({ error: { verdict: "penalise" } });
    expect(() => assert(false, "one is two")).toThrow("one is two");
    expect(() => assert(true, "one is one")).not.toThrow();
  });
});

describe("a memo", () => {
  it("answers as the function does, asks it once for what it knows, and forgets the oldest first", () => {
    const asked: string[] = [];
    const length = memo(2, (key) => {
      asked.push(key);
      return key.length;
    });
    expect(["a", "bb", "a", "bb", "ccc", "bb", "ccc", "a"].map(length)).toEqual([1, 2, 1, 2, 3, 2, 3, 1]);
    expect(asked).toEqual(["a", "bb", "ccc", "a"]);
  });

  it("remembers a null too", () => {
    let asked = 0;
    const nothing = memo<null>(2, () => {
      asked += 1;
      return null;
    });
    expect([nothing("x"), nothing("x")]).toEqual([null, null]);
    expect(asked).toBe(1);
  });
});
