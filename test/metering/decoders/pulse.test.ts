/** Raw pulses: characters and breaks on RX, polled modem lines, debouncing, and none of 100,000 lost. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  asPulseDecoder,
  DEBOUNCE_MS,
  MIN_PERIOD_MS,
  pulseDecoder,
  type PulseDecoder,
} from "../../../worker/metering/decoders/pulse.ts";
import { s0Decoder } from "../../../worker/metering/decoders/s0.ts";
import { line8n1 } from "../../../worker/metering/line.ts";
import { pulsesToMwh } from "../../../worker/metering/pulses.ts";
import type { DecodeEvent } from "../../../worker/metering/reading.ts";
import { isLow, rxOfPulse } from "../../../worker/metering/virtual/pulse.ts";
import { expectSentences, readings, refusals } from "./events.ts";

const IMP = 1_000;
const make = (resume: Parameters<typeof pulseDecoder>[0]["resume"] = null): PulseDecoder =>
  pulseDecoder({ impPerKwh: IMP, resume });
const one = Uint8Array.of(0);
const totalOf = (events: readonly DecodeEvent[]): number => readings(events).at(-1)?.counter?.total ?? 0;

/** The highest rate of 32 ms pulses with 30.5 ms between them. */
const FASTEST = { startMs: 1_000, periodMs: 62.5, lowMs: 32, count: 100_000 };

describe("none of 100,000 pulses of 32 ms at 16 a second is lost", () => {
  test("as characters or breaks at 300 baud, delivered as they come", () => {
    const decoder = make();
    let last: DecodeEvent[] = [];
    for (let i = 0; i < FASTEST.count; i++) {
      // Around the length at which a character becomes a break.
      const lowMs = 30 + (i % 5);
      const at = Math.floor(FASTEST.startMs + i * FASTEST.periodMs + 33.3);
      last = rxOfPulse(lowMs, line8n1(300)) === null ? decoder.broke(at) : decoder.push(one, at);
      expect(refusals(last)).toEqual([]);
    }
    expect(totalOf(last)).toBe(FASTEST.count);
    expect(readings(last)[0]?.exportMwh).toBe(pulsesToMwh(FASTEST.count, IMP));
  });

  test("delivered late by a busy worker, up to 160 of them in one piece", () => {
    const decoder = make();
    let sent = 0;
    let last: DecodeEvent[] = [];
    for (let busy = 1; sent < FASTEST.count; busy = (busy % 160) + 1) {
      const n = Math.min(busy, FASTEST.count - sent);
      sent += n;
      last = decoder.push(new Uint8Array(n), Math.ceil(sent * FASTEST.periodMs));
    }
    expect([totalOf(last), refusals(last)]).toEqual([FASTEST.count, []]);
  });

  test("on a modem line polled every 8 ms, some polls 6 ms late", () => {
    const decoder = make();
    let total = 0;
    const end = FASTEST.startMs + FASTEST.count * FASTEST.periodMs + 100;
    for (let poll = 0; poll * 8 < end; poll++) {
      const at = poll * 8 + (poll % 7 === 0 ? 6 : 0);
      const events = decoder.polled(isLow(FASTEST, at), at);
      if (events.length > 0) total = totalOf(events);
    }
    expect(total).toBe(FASTEST.count);
  });
});

describe("RX", () => {
  test("a UART at 300 baud sees a character, and a break when the pulse outlasts its stop bit", () => {
    expect(rxOfPulse(30, line8n1(300))).toBe(0);
    expect(rxOfPulse(20, line8n1(300))).toBe(0b1110_0000);
    expect(rxOfPulse(32, line8n1(300))).toBeNull();
    expect(rxOfPulse(100, line8n1(300))).toBeNull();
  });

  test("the bounce at the end of a long pulse is not another one, in either order of delivery", () => {
    const decoder = make();
    expect(totalOf(decoder.broke(1_000))).toBe(1);
    expect(decoder.push(one, 1_000 + DEBOUNCE_MS - 1)).toEqual([]);
    expect(totalOf(decoder.push(one, 1_100))).toBe(2);
    expect(decoder.broke(1_100 + DEBOUNCE_MS - 1)).toEqual([]);
    expect(totalOf(decoder.broke(1_200))).toBe(3);
  });

  test("a recording without times has one pulse a byte; nothing is no pulse", () => {
    const decoder = make();
    expect(decoder.push(new Uint8Array())).toEqual([]);
    expect(totalOf(decoder.push(new Uint8Array(5)))).toBe(5);
    expect(decoder.end()).toEqual([]);
  });

  test("more than a meter can send is refused as noise and not counted", () => {
    const decoder = make();
    const events = Array.from({ length: 2_000 }, (_, i) => decoder.push(Uint8Array.of(1, 2), i * 10)).flat();
    expect(new Set(refusals(events))).toEqual(new Set(["too-fast"]));
    expect(totalOf(events)).toBeLessThanOrEqual(200 + Math.ceil(20_000 / MIN_PERIOD_MS));
    expectSentences(events);
  });

  test("power is the mean since the pulse before", () => {
    const decoder = make();
    expect(readings(decoder.push(one, 0))[0]?.powerExportW).toBeNull();
    // 1 Wh in 3.6 s is 1 kW.
    expect(readings(decoder.push(one, 3_600))[0]?.powerExportW).toBe(1_000);
    expect(readings(decoder.push(one, 3_600 + 4_000_000))[0]?.powerExportW).toBeNull();
  });
});

describe("a polled modem line", () => {
  const play = (levels: string, everyMs = 10): DecodeEvent[] => {
    const decoder = make();
    return Array.from(levels).flatMap((level, i) => decoder.polled(level === "1", i * everyMs));
  };

  test.each([
    ["000111000111000", 2],
    ["0001000", 0],
    ["00010101000", 0],
    ["0001100", 1],
    ["0011011100", 1],
    ["111000", 0],
    ["1110001100", 1],
  ])("%s counts %i: a change needs two polls, and a pulse its beginning", (levels, count) => {
    expect(totalOf(play(levels))).toBe(count);
  });

  test("a poll that came too late is said, because a pulse may have passed meanwhile", () => {
    const events = play("0000", 40);
    expect(refusals(events)).toEqual(["polled-late"]);
    expectSentences(events);
  });

  test("after the cable was pulled it begins anew: a pulse that runs already is not claimed", () => {
    const decoder = make();
    for (const at of [0, 10]) decoder.polled(false, at);
    expect(decoder.end()).toEqual([]);
    expect([50_000, 50_010, 50_020].flatMap((at) => decoder.polled(true, at))).toEqual([]);
  });
});

describe("over restarts", () => {
  test("the total goes on from the journal; what nobody listened to is not claimed", () => {
    const resume = { boot: 3, count: 17, total: 1_017 };
    const reading = readings(make(resume).push(one, 5))[0];
    expect(reading?.counter).toEqual({ boot: 4, count: 1, total: 1_018 });
    expect(reading?.exportMwh).toBe(1_018_000);
  });

  test("a pulse constant that is none is a bug, and other decoders are no pulse decoders", () => {
    expect(() => pulseDecoder({ impPerKwh: 0 })).toThrow(RangeError);
    expect(asPulseDecoder(make())).not.toBeNull();
    expect(asPulseDecoder(s0Decoder({ impPerKwh: IMP }))).toBeNull();
  });
});

describe("laws", () => {
  test("never more pulses than events, and the total never falls", () => {
    const event = fc.record({ kind: fc.nat(3), gap: fc.nat(200) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 300 }), (list) => {
        const decoder = make();
        let at = 0;
        let total = 0;
        list.forEach(({ kind, gap }, i) => {
          at += gap;
          const events =
            kind === 0 ? decoder.push(one, at) : kind === 1 ? decoder.broke(at) : decoder.polled(kind === 2, at);
          for (const reading of readings(events)) {
            expect(reading.counter?.total).toBe(total + 1);
            total += 1;
          }
          expect(total).toBeLessThanOrEqual(i + 1);
        });
      }),
    );
  });
});
