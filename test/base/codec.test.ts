/** PROTOCOL.md §3: one encoding per value; any bytes are refused or re-encode to themselves. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "../../worker/base/bytes.ts";
import {
  blob,
  branded,
  bytes,
  decode,
  empty,
  encode,
  flag,
  hex,
  list,
  option,
  struct,
  text,
  uint,
  union,
  word,
  type Codec,
  type Infer,
} from "../../worker/base/codec.ts";
import type { StepIndex } from "../../worker/base/units.ts";

const LONGEST = 12;

const record = struct({
  step: branded<StepIndex>(),
  key: hex(4),
  proof: bytes(3),
  note: option(text(LONGEST)),
  rule: word(["fixed", "equal"]),
});
const message = union({ open: record, items: struct({ items: list(blob(LONGEST), 4) }), nothing: empty });

const uints = fc.oneof(fc.maxSafeNat(), fc.nat(300), fc.constantFrom(0, 127, 128, 16383, 16384, 2 ** 32, 2 ** 53 - 1));
const raws = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const texts = fc
  .string({ unit: "grapheme", maxLength: LONGEST })
  .filter((s) => new TextEncoder().encode(s).length <= LONGEST);
const records: fc.Arbitrary<Infer<typeof record>> = fc.record({
  step: uints.map((n) => n as StepIndex),
  key: raws(4).map((raw) => toHex(raw)),
  proof: raws(3),
  note: fc.option(texts),
  rule: fc.constantFrom("fixed", "equal"),
});
const messages: fc.Arbitrary<Infer<typeof message>> = fc.oneof(
  records.map((r) => ({ ...r, kind: "open" as const })),
  fc.array(fc.uint8Array({ maxLength: LONGEST }), { maxLength: 4 }).map((items) => ({ kind: "items" as const, items })),
  fc.constant({ kind: "nothing" as const }),
);

/** A codec with the values it takes, both forgetting their type. */
type Case = { readonly name: string; readonly codec: Codec<unknown>; readonly values: fc.Arbitrary<unknown> };
const of = <T>(name: string, codec: Codec<T>, values: fc.Arbitrary<T>): Case => ({
  name,
  codec: codec as unknown as Codec<unknown>,
  values,
});
const cases: Case[] = [
  of("uint", uint, uints),
  of("flag", flag, fc.boolean()),
  of("bytes", bytes(5), raws(5)),
  of("blob", blob(LONGEST), fc.uint8Array({ maxLength: LONGEST })),
  of(
    "hex",
    hex(5),
    raws(5).map((raw) => toHex(raw)),
  ),
  of("text", text(LONGEST), texts),
  of("list", list(uint, 5), fc.array(uints, { maxLength: 5 })),
  of("option", option(uint), fc.option(uints)),
  of("word", word(["a", "b", "c"]), fc.constantFrom("a", "b", "c")),
  of("struct", record, records),
  of("union", message, messages),
  of("empty", empty, fc.constant({})),
];

describe.each(cases.map((one) => [one.name, one] as const))("%s", (_, { codec, values }) => {
  it("decodes what it encoded", () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decode(codec, encode(codec, value), "value")).toEqual({ ok: true, value });
      }),
    );
  });

  it("refuses its encodings cut short or with a byte more", () => {
    fc.assert(
      fc.property(values, fc.nat(), fc.nat(255), (value, cut, more) => {
        const raw = encode(codec, value);
        const short = raw.subarray(0, raw.length === 0 ? 0 : cut % raw.length);
        expect(decode(codec, short, "value").ok).toBe(raw.length === 0);
        expect(decode(codec, concatBytes(raw, Uint8Array.of(more)), "value").ok).toBe(false);
      }),
    );
  });

  it("refuses any bytes, or they are the one encoding of what it read", () => {
    const near = fc.tuple(values, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
      const raw = encode(codec, value).slice();
      if (raw.length > 0) raw[at % raw.length] = byte;
      return raw;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), near), (raw) => {
        const read = decode(codec, raw, "value");
        expect(read.ok ? encode(codec, read.value) : read.error.code).toEqual(read.ok ? raw : "malformed");
      }),
      { numRuns: 500 },
    );
  });

  it("reads copies: neither its bytes nor its values change with the buffer they came from", () => {
    fc.assert(
      fc.property(values, (value) => {
        const raw = encode(codec, value).slice();
        const read = decode(codec, raw, "value");
        raw.fill(0xaa);
        expect(read).toEqual({ ok: true, value });
      }),
    );
  });
});

const decodes = <T>(codec: Codec<T>, ...raw: number[]): boolean => decode(codec, Uint8Array.from(raw), "value").ok;
const encodes = <T>(codec: Codec<T>, value: T): string => toHex(encode(codec, value));

describe("the format", () => {
  it("has numbers in groups of seven bits, smallest first, in the shortest form", () => {
    expect(encodes(uint, 0)).toBe("00");
    expect(encodes(uint, 127)).toBe("7f");
    expect(encodes(uint, 128)).toBe("8001");
    expect(encodes(uint, 300)).toBe("ac02");
    expect(encodes(uint, 2 ** 53 - 1)).toBe("ffffffffffffff0f");
    expect(decodes(uint, 0x80, 0x00)).toBe(false);
    expect(decodes(uint, 0xff, 0x80, 0x00)).toBe(false);
  });

  it("has no number beyond the safe integers", () => {
    expect(decodes(uint, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f)).toBe(true);
    expect(decodes(uint, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10)).toBe(false);
    expect(decodes(uint, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)).toBe(false);
    expect(decodes(uint, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01)).toBe(false);
    for (const bad of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
      expect(() => encode(uint, bad)).toThrow();
  });

  it("writes minus zero as zero", () => {
    expect(encodes(uint, -0)).toBe("00");
  });

  it("has two flags", () => {
    expect(encodes(flag, true)).toBe("01");
    expect(decodes(flag, 2)).toBe(false);
    expect(decodes(option(uint), 2, 0)).toBe(false);
  });

  it("bounds blobs, texts and lists both ways", () => {
    expect(encodes(blob(2), Uint8Array.of(1, 2))).toBe("020102");
    expect(() => encode(blob(2), new Uint8Array(3))).toThrow();
    expect(decodes(blob(2), 3, 0, 0, 0)).toBe(false);
    expect(() => encode(text(2), "abc")).toThrow();
    expect(decodes(text(2), 3, 97, 98, 99)).toBe(false);
    expect(() => encode(list(flag, 2), [true, true, true])).toThrow();
    expect(decodes(list(flag, 2), 3, 1, 1, 1)).toBe(false);
  });

  it("takes a length for what it says, without making room for it first", () => {
    expect(decodes(list(uint, 2 ** 50), 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f)).toBe(false);
    expect(decodes(blob(2 ** 50), 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f)).toBe(false);
  });

  it("takes bytes and hex of their length alone, hex in lower case", () => {
    expect(() => encode(bytes(2), new Uint8Array(1))).toThrow();
    expect(() => encode(bytes(2), new Uint8Array(3))).toThrow();
    expect(encodes(hex(2), "0aff")).toBe("0aff");
    for (const bad of ["0a", "0affff", "0AFF", "0xff", "zzzz", "0af"]) expect(() => encode(hex(2), bad)).toThrow();
  });

  it("takes well-formed text, byte order marks and all", () => {
    expect(encodes(text(9), "é")).toBe("02c3a9");
    expect(decode(text(9), encode(text(9), "\ufeffa"), "text")).toEqual({ ok: true, value: "\ufeffa" });
    expect(() => encode(text(9), "\ud800")).toThrow();
    expect(decodes(text(9), 1, 0xff)).toBe(false);
    expect(decodes(text(9), 2, 0xc0, 0x80)).toBe(false);
    expect(decodes(text(9), 3, 0xed, 0xa0, 0x80)).toBe(false);
  });

  it("has words and kinds by their place, and none besides", () => {
    expect(encodes(word(["a", "b"]), "b")).toBe("01");
    expect(decodes(word(["a", "b"]), 2)).toBe(false);
    expect(() => encode(word<string>(["a", "b"]), "c")).toThrow();
    expect(encodes(message, { kind: "nothing" })).toBe("02");
    expect(decodes(message, 3)).toBe(false);
    expect(() => encode(message, { kind: "other" } as unknown as { kind: "nothing" })).toThrow();
    expect(() => encode(message, { kind: "toString" } as unknown as { kind: "nothing" })).toThrow();
  });

  it("says what could not be read, in a sentence for people and a reason for logs", () => {
    const read = decode(uint, Uint8Array.of(0x80, 0), "block");
    expect(read).toMatchObject({
      ok: false,
      error: { code: "malformed", verdict: "penalise", data: { what: "block" } },
    });
    expect(read).toHaveProperty("error.message", expect.stringMatching(/^This block .*\.$/u));
  });
});
