/** What the decoders' tests share: events taken apart, bytes put together, a stream cut at any places. */
import * as fc from "fast-check";
import { expect } from "vitest";
import type { DecodeEvent, Decoder, Reading } from "../../../worker/metering/reading.ts";

export const raw = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
export const concat = (...parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

export const decodeWith = (decoder: Decoder, bytes: Uint8Array): DecodeEvent[] => [
  ...decoder.push(bytes),
  ...decoder.end(),
];
export const readings = (events: readonly DecodeEvent[]): Reading[] =>
  events.flatMap((event) => (event.kind === "reading" ? [event.reading] : []));
export const refusals = (events: readonly DecodeEvent[]): string[] =>
  events.flatMap((event) => (event.kind === "refused" ? [event.refusal.code] : []));
export const only = (events: readonly DecodeEvent[]): Reading => {
  expect(refusals(events)).toEqual([]);
  const [reading, ...more] = readings(events);
  expect(more).toEqual([]);
  if (reading === undefined) throw new Error("no reading");
  return reading;
};

/** A refusal is one plain sentence that says what to do. */
export const expectSentences = (events: readonly DecodeEvent[]): void => {
  for (const event of events) {
    if (event.kind === "refused") expect(event.refusal.message).toMatch(/^[A-Z][^\n]{30,}\.$/);
  }
};

export const cutAt = (bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  const places = [...new Set(cuts.map((cut) => cut % Math.max(1, bytes.length)))].sort((a, b) => a - b);
  return [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
};

/** The law of every decoder: however a stream is split, the events are the same. */
export const expectAnySplitTheSame = (make: () => Decoder, streams: fc.Arbitrary<Uint8Array>): void => {
  fc.assert(
    fc.property(streams, fc.array(fc.nat(3_000)), (bytes, cuts) => {
      const decoder = make();
      const events = cutAt(bytes, cuts).flatMap((piece) => decoder.push(piece));
      expect([...events, ...decoder.end()]).toEqual(decodeWith(make(), bytes));
    }),
  );
};

/** The law of every checksum that finds one wrong byte: a telegram with any byte damaged is refused, never read. */
export const expectDamageRefused = (
  decode: (bytes: Uint8Array) => DecodeEvent[],
  telegrams: fc.Arbitrary<{ readonly bytes: Uint8Array }>,
  numRuns: number,
): void => {
  fc.assert(
    fc.property(telegrams, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ bytes }, place, flip) => {
      const damaged = Uint8Array.from(bytes);
      damaged[place % bytes.length] = (damaged[place % bytes.length] ?? 0) ^ flip;
      const events = decode(damaged);
      expect(readings(events)).toEqual([]);
      expect(events.length).toBeGreaterThan(0);
    }),
    { numRuns },
  );
};

/** Noise before and between telegrams costs none of their readings. */
export const expectNoiseCostsNothing = (
  decode: (bytes: Uint8Array) => DecodeEvent[],
  noise: fc.Arbitrary<Uint8Array>,
  telegrams: fc.Arbitrary<{ readonly bytes: Uint8Array }>,
): void => {
  fc.assert(
    fc.property(fc.array(fc.tuple(noise, telegrams), { minLength: 1, maxLength: 4 }), (parts) => {
      const bytes = concat(...parts.flatMap(([before, part]) => [before, part.bytes]));
      expect(readings(decode(bytes))).toEqual(parts.flatMap(([, part]) => readings(decode(part.bytes))));
    }),
  );
};
