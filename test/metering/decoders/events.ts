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
