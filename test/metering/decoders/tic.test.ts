/** Linky TIC: recorded frames, both modes, the traps of the standard, damage, and laws over any bytes. */
import { existsSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { millis } from "../../../worker/base/units.ts";
import { ticDecoder } from "../../../worker/metering/decoders/tic.ts";
import type { DecodeEvent } from "../../../worker/metering/reading.ts";
import { withEvenParity } from "../../../worker/metering/seven-bits.ts";
import { encodeTic, type TicFrame } from "../../../worker/metering/virtual/tic.ts";
import { concat, decodeWith, expectAnySplitTheSame, expectSentences, only, raw, readings, refusals } from "./events.ts";

const salt = Uint8Array.of(1, 2, 3, 4);
const decode = (bytes: Uint8Array): DecodeEvent[] => decodeWith(ticDecoder({ salt }), bytes);

const sum = (text: string): string => {
  const total = raw(text).reduce((n, byte) => n + byte, 0);
  return String.fromCharCode((total & 0x3f) + 0x20);
};
const standard = (...fields: readonly string[]): string => `\n${fields.join("\t")}\t${sum(`${fields.join("\t")}\t`)}\r`;
const historique = (...fields: readonly string[]): string => `\n${fields.join(" ")} ${sum(fields.join(" "))}\r`;
const frame = (...groups: readonly string[]): Uint8Array => raw(`\x02${groups.join("")}\x03`);

const ADSC = standard("ADSC", "061234567890");
const EAIT = standard("EAIT", "000671631");
const EAST = standard("EAST", "011604109");

const CAPTURES = "../shared/captures/tic";

describe.skipIf(!existsSync(CAPTURES))("recorded frames (../shared/captures/tic)", () => {
  const read = (name: string): DecodeEvent[] => decode(new Uint8Array(readFileSync(`${CAPTURES}/${name}`)));

  test("standard mode, producer, three phases: EAIT is 671,631 Wh in both frames, two seconds apart", () => {
    const events = read("standard-producer-tri.bin");
    expect(refusals(events)).toEqual([]);
    expect(readings(events)).toMatchObject([
      { exportMwh: 671_631_000, importMwh: 11_604_109_000, resolutionMwh: 1_000, powerExportW: null },
      { exportMwh: 671_631_000, meterTime: { text: "E210414082627", valid: true, summer: true } },
    ]);
  });

  test("historique: ten whole frames, each refused because it has no injection index", () => {
    const events = read("historique-tempo-pyteleinfo.bin");
    expect(refusals(events)).toEqual(Array.from({ length: 10 }, () => "no-export-register"));
    expect(events[0]).toMatchObject({ refusal: { data: { mode: "historique" } } });
    expectSentences(events);
  });
});

describe("groups", () => {
  test("the checksum character may be a space, in either mode", () => {
    const spaced = Array.from({ length: 5_000 }, (_, i) => standard("EAIT", String(i * 199_933).padStart(9, "0"))).find(
      (g) => g.endsWith("\t \r"),
    );
    expect(only(decode(frame(ADSC, spaced ?? ""))).exportMwh).toBeGreaterThan(0);
    expect(historique("PTEC", "HP..")).toBe("\nPTEC HP..  \r");
    const events = decode(frame(historique("ADCO", "021528603314"), historique("PTEC", "HP..")));
    expect(refusals(events)).toEqual(["no-export-register"]);
  });

  test("data may hold spaces (NGTF, LTARF, MSG1, PJOURF+1), also at its ends", () => {
    const groups = [
      standard("NGTF", "     TEMPO      "),
      standard("MSG1", "PAS DE          MESSAGE         "),
      standard("PJOURF+1", "00004001 06004002 22004001 NONUTILE NONUTILE NONUTILE"),
    ];
    expect(only(decode(frame(ADSC, ...groups, EAIT))).exportMwh).toBe(671_631_000);
  });

  test("DATE has a horodate and empty data", () => {
    const reading = only(decode(frame(ADSC, standard("DATE", "H181225223518", ""), EAIT)));
    expect(reading.meterTime).toEqual({ text: "H181225223518", valid: true, summer: false });
  });

  test.each([
    ["E210414082625", true, true],
    ["H210414082625", true, false],
    ["e210414082625", false, true],
    ["h210414082625", false, false],
    [" 210414082625", false, null],
    ["E211314082625", false, true],
    ["E210229000000", false, true],
  ])("horodate %s: valid %s, a small letter is a clock that is not sure", (text, valid, summer) => {
    const reading = only(decode(frame(standard("DATE", text, ""), EAIT)));
    expect(reading.meterTime).toEqual({ text, valid, summer });
  });

  test("SINSTI is VA and CCAIN a past mean: neither is an instantaneous power in W", () => {
    const reading = only(
      decode(frame(ADSC, EAST, EAIT, standard("SINSTI", "02500"), standard("CCAIN", "H210414080000", "02400"))),
    );
    expect([reading.powerExportW, reading.powerImportW]).toEqual([null, null]);
  });

  test("STGE bit 8: an index of 0 that a consumer's meter will never move is refused, a producer's 0 is 0", () => {
    const zero = standard("EAIT", "000000000");
    expect(refusals(decode(frame(ADSC, zero, standard("STGE", "003A0001"))))).toEqual(["no-export-register"]);
    expect(only(decode(frame(ADSC, zero, standard("STGE", "003A0101")))).exportMwh).toBe(0);
    expect(only(decode(frame(ADSC, EAIT, standard("STGE", "003A0001")))).exportMwh).toBe(671_631_000);
    expect(only(decode(frame(ADSC, zero, standard("STGE", "nonsense")))).exportMwh).toBe(0);
  });

  test("STGE bit 9 (active energy negative now) and the reactive registers do no harm", () => {
    const groups = [standard("STGE", "003A0301"), standard("ERQ1", "002970842"), standard("RELAIS", "000")];
    expect(only(decode(frame(ADSC, EAST, EAIT, ...groups))).exportMwh).toBe(671_631_000);
  });

  test("§IV.B.3: ADSC leaves the decoder only as a salted hash", () => {
    const identity = (with_: Uint8Array | null) =>
      readings(ticDecoder({ salt: with_ }).push(frame(ADSC, EAIT)))[0]?.identity;
    expect(identity(null)).toBeNull();
    expect(identity(salt)).toMatch(/^[0-9a-f]{64}$/);
    expect(identity(salt)).not.toBe(identity(Uint8Array.of(9)));
  });

  test("a label like EAIT is another one, and an import index that cannot be read is left out", () => {
    expect(refusals(decode(frame(ADSC, standard("EAIT1", "000671631"))))).toEqual(["no-export-register"]);
    expect(only(decode(frame(ADSC, standard("EAST", "01160410X"), EAIT))).importMwh).toBeNull();
  });
});

describe("frames", () => {
  const good = frame(ADSC, standard("DATE", "E210414082625", ""), EAST, EAIT, standard("PRM", "01234567890123"));
  const spoil = (bytes: Uint8Array, text: string): Uint8Array => {
    const at = String.fromCharCode(...bytes).indexOf(text);
    const spoilt = Uint8Array.from(bytes);
    spoilt[at + 5] = (spoilt[at + 5] ?? 0) ^ 1;
    return spoilt;
  };

  test("a consumer's meter has no EAIT: the sentence says who sets it to producer mode", () => {
    const events = decode(frame(ADSC, EAST));
    expect(refusals(events)).toEqual(["no-export-register"]);
    expect(events[0]).toMatchObject({ refusal: { message: expect.stringContaining("Enedis") as unknown } });
  });

  test("EAIT at 0 before anything was injected is 0, not a refusal", () => {
    expect(only(decode(frame(ADSC, standard("EAIT", "000000000")))).exportMwh).toBe(0);
  });

  test("a damaged injection index refuses the frame; another damaged group does not", () => {
    expect(refusals(decode(spoil(good, "EAIT")))).toEqual(["bad-checksum"]);
    expect(only(decode(spoil(good, "PRM"))).exportMwh).toBe(671_631_000);
    expect(only(decode(spoil(good, "ADSC"))).identity).toBeNull();
    expect(only(decode(spoil(good, "EAST"))).importMwh).toBeNull();
  });

  test("a damaged group that may have been the missing index is damage, not a meter without one", () => {
    expect(refusals(decode(frame(ADSC, EAIT.replace("EA", "EB"), EAST)))).toEqual(["bad-checksum"]);
  });

  test.each(["00067163", "0006716311", "00067163 ", "-00671631", ""])("EAIT of %j is refused", (data) => {
    expect(refusals(decode(frame(ADSC, standard("EAIT", data))))).toEqual(["unreadable-register"]);
  });

  test("EAIT twice with different values is refused", () => {
    const events = decode(frame(ADSC, EAIT, standard("EAIT", "000671632")));
    expect(refusals(events)).toEqual(["contradictory-registers"]);
  });

  test("EOT interrupts a frame: it is refused, and the next one is read", () => {
    const events = decode(concat(good.subarray(0, 60), raw("\x04"), good));
    expect(refusals(events)).toEqual(["interrupted"]);
    expect(readings(events)).toHaveLength(1);
  });

  test("a cable pulled in the middle, joining in the middle, and two frames run into each other", () => {
    expect(refusals(decode(good.subarray(0, 60)))).toEqual(["cut-short"]);
    expect(refusals(decode(concat(good.subarray(60), good)))).toEqual(["no-start"]);
    const run = decode(concat(good.subarray(0, 60), good));
    expect([refusals(run), readings(run).length]).toEqual([["cut-short"], 1]);
  });

  test("a text recording that lost STX and ETX is read group by group; ADSC begins a frame", () => {
    const bare = raw(`${ADSC}${EAST}${EAIT}${ADSC}${standard("EAIT", "000671632")}`.replaceAll("\r", "\r\n"));
    expect(readings(decode(bare)).map((reading) => reading.exportMwh)).toEqual([671_631_000, 671_632_000]);
  });

  test("a port opened with eight bits: parity is checked and taken off", () => {
    const eight = withEvenParity(good);
    expect(only(decode(eight)).exportMwh).toBe(671_631_000);
    const at = String.fromCharCode(...good).indexOf("000671631");
    // Bit 6 is what the six-bit sum does not see.
    for (const bit of [0x80, 0x40]) {
      const damaged = Uint8Array.from(eight);
      damaged[at] = (damaged[at] ?? 0) ^ bit;
      expect(refusals(decode(damaged))).toEqual(["bad-checksum"]);
    }
  });

  test("bytes without a frame are said, with the port's speed as the first suspect", () => {
    expect(refusals(decode(raw("nothing to see")))).toEqual(["no-telegram"]);
    expect(refusals(decode(new Uint8Array(20_000).fill(0x55)))).toContain("no-telegram");
    expect(decode(new Uint8Array())).toEqual([]);
  });

  test("a frame that never ends is refused and does not eat the next one", () => {
    const endless = concat(raw("\x02"), ...Array.from({ length: 700 }, () => raw(EAST)));
    const events = decode(concat(endless, good));
    expect(refusals(events)).toContain("too-long");
    expect(readings(events).map((reading) => reading.exportMwh)).toContain(671_631_000);
  });

  test("every refusal is one plain sentence that says what to do", () => {
    for (const bytes of [good.subarray(0, 60), good.subarray(60), raw("x"), frame(ADSC), spoil(good, "EAIT")]) {
      expectSentences(decode(bytes));
    }
  });
});

describe("laws", () => {
  const frames = fc.record({
    mode: fc.constant("standard" as const),
    exportMwh: fc.nat(999_999_999_999),
    importMwh: fc.nat(999_999_999_999),
    powerExportW: fc.nat(36_000),
    powerImportW: fc.nat(36_000),
    at: fc.nat(4_000_000_000_000).map(millis),
    degraded: fc.boolean(),
  });
  const encoded = frames.map((fields: TicFrame) => ({ fields, bytes: encodeTic(fields) }));

  test("what the virtual Linky encodes is decoded, cut to whole Wh", () => {
    fc.assert(
      fc.property(encoded, fc.boolean(), ({ fields, bytes }, eight) => {
        const reading = only(decode(eight ? withEvenParity(bytes) : bytes));
        expect(reading.exportMwh).toBe(fields.exportMwh - (fields.exportMwh % 1000));
        expect(reading.importMwh).toBe(fields.importMwh - (fields.importMwh % 1000));
        expect(reading.meterTime?.valid).toBe(fields.degraded !== true);
      }),
    );
  });

  test("what a historique or a consumer's one encodes is refused for its missing index", () => {
    fc.assert(
      fc.property(frames, fc.boolean(), (fields, old) => {
        const bytes = encodeTic({ ...fields, ...(old ? { mode: "historique" } : { producer: false }) });
        expect(refusals(decode(bytes))).toEqual(["no-export-register"]);
      }),
    );
  });

  test("any split gives the same events", () => {
    const noise = fc.uint8Array({ maxLength: 40 });
    const streams = fc
      .tuple(noise, encoded, noise, encoded)
      .map(([a, b, c, d]) => concat(a, b.bytes, c, withEvenParity(d.bytes)));
    expectAnySplitTheSame(() => ticDecoder({ salt }), streams);
  });

  test("noise between frames costs no reading", () => {
    fc.assert(
      fc.property(
        fc.array(encoded, { minLength: 1, maxLength: 3 }),
        fc.uint8Array({ maxLength: 200 }),
        (list, noise) => {
          const events = decode(concat(...list.flatMap(({ bytes }) => [noise, bytes])));
          const expected = list.map(({ fields }) => fields.exportMwh - (fields.exportMwh % 1000));
          expect(
            readings(events)
              .map((reading) => reading.exportMwh)
              .slice(-list.length),
          ).toEqual(expected);
        },
      ),
    );
  });

  test("any damaged byte: refused, or the register is the right one", () => {
    fc.assert(
      fc.property(encoded, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ fields, bytes }, place, flip) => {
        const damaged = Uint8Array.from(bytes);
        damaged[place % bytes.length] = (damaged[place % bytes.length] ?? 0) ^ flip;
        const events = decode(damaged);
        for (const reading of readings(events)) {
          expect(reading.exportMwh).toBe(fields.exportMwh - (fields.exportMwh % 1000));
          expect([null, fields.importMwh - (fields.importMwh % 1000)]).toContain(reading.importMwh);
        }
        expect(events.length).toBeGreaterThan(0);
      }),
      { numRuns: 3000 },
    );
  });
});
