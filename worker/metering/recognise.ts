/**
 * What a few seconds of bytes from an unknown meter are: every decoder hears them, and the one that finds a telegram of
 * its own is right. Pure; in which order to try the settings stands in protocols.ts (probePlan), and who listens is the
 * pairing's business.
 */
import type { Refusal } from "../base/result.ts";
import type { LineSettings } from "./line.ts";
import { protocol, type DecoderOptions } from "./protocols.ts";
import { isImpPerKwh } from "./pulses.ts";
import type { DecodeEvent, Protocol, Reading } from "./reading.ts";

export type Recognition =
  /**
   * A whole telegram of a meter; its registers, of which one may be missing, or why it has none (no checksum, a unit
   * that is not known ...).
   */
  | {
      readonly kind: "meter";
      readonly protocol: Protocol;
      readonly reading: Reading | null;
      readonly refusal: Refusal | null;
      /** Which directions it has a register of; null for a telegram that is refused, and for pulses, which have none. */
      readonly registers: { readonly export: boolean; readonly import: boolean } | null;
      /** Of a pulse counter that was told its meter's. */
      readonly impPerKwh: number | null;
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
  "unknown-layout",
  "power-only",
  "no-values",
]);
const ENCRYPTED = new Set(["encrypted"]);
/** One was begun, or arrived damaged: also what noise can look like now and then. */
const BEGUN = new Set(["cut-short", "no-start", "bad-checksum", "interrupted", "damaged-line", "unconfirmed"]);

/** Those whose telegrams prove themselves, the strictest checksum first. */
const LISTENED: readonly Protocol[] = ["p1", "s0", "sml", "dlms", "tic", "iec"];

const OPTIONS: DecoderOptions = { salt: null, needs: "either", impPerKwh: 1_000, resume: null };

/** A whole telegram without any register says most for the protocols that ask most of a telegram. */
const WHOLE_ORDER: readonly Protocol[] = ["s0", "sml", "dlms", "tic", "iec", "p1"];

export type Heard = {
  readonly name: Protocol;
  readonly events: readonly DecodeEvent[];
  /** The pulse constant that its own lines carry, where they do. */
  readonly impPerKwh?: number;
};

const hear = (name: Protocol, bytes: Uint8Array, impPerKwh = OPTIONS.impPerKwh): Heard => {
  const decoder = protocol(name).decoder({ ...OPTIONS, impPerKwh });
  const events = [...decoder.push(bytes), ...decoder.end()];
  // Lines of a pulse counter carry its constant: believe it, so that the owner need not be asked.
  const other = events.find((event) => event.kind === "refused" && event.refusal.code === "other-constant");
  const sent = other?.kind === "refused" ? other.refusal.data?.["sent"] : undefined;
  return typeof sent === "number" && sent !== impPerKwh && isImpPerKwh(sent)
    ? hear(name, bytes, sent)
    : { name, events, ...(impPerKwh === OPTIONS.impPerKwh ? {} : { impPerKwh }) };
};

const refusalIn = ({ events }: Heard, codes: ReadonlySet<string>): Refusal | null => {
  const event = events.find((each) => each.kind === "refused" && codes.has(each.refusal.code));
  return event?.kind === "refused" ? event.refusal : null;
};

const firstRefusal = (
  all: readonly Heard[],
  codes: ReadonlySet<string>,
): { name: Protocol; refusal: Refusal } | null => {
  for (const heard of all) {
    const refusal = refusalIn(heard, codes);
    if (refusal !== null) return { name: heard.name, refusal };
  }
  return null;
};

/** The last reading; one without an export register only where no other has it. */
const readingIn = ({ events }: Heard): Reading | null => {
  const readings = events.flatMap((event) => (event.kind === "reading" ? [event.reading] : []));
  return readings.findLast(({ exportMwh }) => exportMwh !== null) ?? readings.at(-1) ?? null;
};

const meter = (name: Protocol, reading: Reading, impPerKwh: number | null): Recognition => {
  const { counter, exportMwh, importMwh } = reading;
  const registers = counter === null ? { export: exportMwh !== null, import: importMwh !== null } : null;
  return { kind: "meter", protocol: name, reading, refusal: null, registers, impPerKwh };
};

/** What decoders made of what they heard, in the order in which they are believed. */
export const recogniseEvents = (all: readonly Heard[]): Recognition => {
  for (const heard of all) {
    const reading = readingIn(heard);
    if (reading !== null) return meter(heard.name, reading, heard.impPerKwh ?? null);
  }
  const encrypted = firstRefusal(all, ENCRYPTED);
  if (encrypted !== null) return { kind: "encrypted", protocol: encrypted.name, refusal: encrypted.refusal };
  const strict = all.toSorted((a, b) => WHOLE_ORDER.indexOf(a.name) - WHOLE_ORDER.indexOf(b.name));
  const whole = firstRefusal(strict, WHOLE);
  if (whole !== null) {
    const { name, refusal } = whole;
    return { kind: "meter", protocol: name, reading: null, refusal, registers: null, impPerKwh: null };
  }
  const begun = firstRefusal(all, BEGUN);
  return begun === null ? { kind: "wrong-settings" } : { kind: "almost", protocol: begun.name };
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
  return recogniseEvents(LISTENED.map((name) => hear(name, bytes)));
};
