/**
 * What a few seconds of bytes from an unknown meter are: every decoder hears them, and the one that finds a telegram of
 * its own is right. Pure; in which order to try the settings stands in protocols.ts (probePlan), and who listens is the
 * pairing's business.
 */
import type { Refusal } from "../base/result.ts";
import type { LineSettings } from "./line.ts";
import { protocol, type DecoderOptions } from "./protocols.ts";
import type { DecodeEvent, Protocol, Reading } from "./reading.ts";

export type Recognition =
  /** A whole telegram of a meter; its register, or why it has none (no export register, no checksum ...). */
  | {
      readonly kind: "meter";
      readonly protocol: Protocol;
      readonly reading: Reading | null;
      readonly refusal: Refusal | null;
    }
  /** A meter that encrypts: the sentence says whom to ask for what. */
  | { readonly kind: "encrypted"; readonly protocol: Protocol; readonly refusal: Refusal }
  /** Parts of a telegram, but no whole one: listen on at these settings. */
  | { readonly kind: "almost"; readonly protocol: Protocol }
  /** A few characters that are no text at 300 baud: pulses, if a pulse output is wired to it. */
  | { readonly kind: "pulses"; readonly count: number }
  /** Bytes that no protocol makes anything of: other settings. */
  | { readonly kind: "wrong-settings" }
  | { readonly kind: "nothing" };

/** Pulses come at most 16 a second: more bytes than this in a few seconds are something else. */
const MAX_PULSES = 400;

/** A telegram was there and whole, and this is what it lacked. */
const WHOLE = new Set([
  "no-export-register",
  "unreadable-register",
  "unknown-unit",
  "contradictory-registers",
  "no-checksum",
  "other-constant",
  "unknown-layout",
]);
const ENCRYPTED = new Set(["encrypted"]);
/** One was begun, or arrived damaged: also what noise can look like now and then. */
const BEGUN = new Set(["cut-short", "no-start", "bad-checksum", "interrupted", "damaged-line", "unconfirmed"]);

/** Those whose telegrams prove themselves, the strictest checksum first. */
const LISTENED: readonly Protocol[] = ["p1", "s0", "sml", "dlms", "tic", "iec"];

/** A pulse counter's lines carry the constant; what it is does not matter here. */
const OPTIONS: DecoderOptions = { salt: null, impPerKwh: 1_000, resume: null };

export type Heard = { readonly name: Protocol; readonly events: readonly DecodeEvent[] };

const refusalIn = (heard: Heard, codes: ReadonlySet<string>): Refusal | null => {
  for (const event of heard.events) if (event.kind === "refused" && codes.has(event.refusal.code)) return event.refusal;
  return null;
};

const firstWith = <T>(all: readonly Heard[], find: (heard: Heard) => T | null): T | null => {
  for (const heard of all) {
    const found = find(heard);
    if (found !== null) return found;
  }
  return null;
};

/** What decoders made of what they heard, in the order in which they are believed. */
export const recogniseEvents = (all: readonly Heard[]): Recognition => {
  const read = firstWith(all, ({ name, events }): Recognition | null => {
    const event = events.findLast((each) => each.kind === "reading");
    return event === undefined ? null : { kind: "meter", protocol: name, reading: event.reading, refusal: null };
  });
  if (read !== null) return read;
  const encrypted = firstWith(all, (heard): Recognition | null => {
    const refusal = refusalIn(heard, ENCRYPTED);
    return refusal === null ? null : { kind: "encrypted", protocol: heard.name, refusal };
  });
  if (encrypted !== null) return encrypted;
  const whole = firstWith(all, (heard): Recognition | null => {
    const refusal = refusalIn(heard, WHOLE);
    return refusal === null ? null : { kind: "meter", protocol: heard.name, reading: null, refusal };
  });
  if (whole !== null) return whole;
  const begun = all.find((heard) => refusalIn(heard, BEGUN) !== null);
  return begun === undefined ? { kind: "wrong-settings" } : { kind: "almost", protocol: begun.name };
};

/**
 * @param tried the settings at which the bytes were heard.
 * @param bytes everything heard, in order.
 */
export const recognise = (tried: LineSettings, bytes: Uint8Array): Recognition => {
  if (bytes.every((byte) => byte === 0 || byte === 0xff)) {
    if (bytes.length === 0) return { kind: "nothing" };
    const slow = tried.baudRate === 300 && bytes.length <= MAX_PULSES;
    return slow ? { kind: "pulses", count: bytes.length } : { kind: "wrong-settings" };
  }
  const all = LISTENED.map((name): Heard => {
    const decoder = protocol(name).decoder(OPTIONS);
    return { name, events: [...decoder.push(bytes), ...decoder.end()] };
  });
  return recogniseEvents(all);
};
