/**
 * What a decoder makes of a meter's bytes, whatever the protocol (paper §IV.B.1: the basic information is the MID
 * meter's own register). Energy is integer mWh, power integer W. Knows no protocol and no clock: a reading carries
 * the meter's time only as the meter wrote it; the device that receives it adds its own.
 */
import { utf8ToBytes } from "../base/bytes.ts";
import { taggedHex } from "../base/hash.ts";
import type { Refusal } from "../base/result.ts";
import type { Hash, MilliwattHours } from "../base/units.ts";

/** A meter's own clock, as it wrote it. `valid` is false for a clock that was never set. */
export type MeterTime = {
  readonly text: string;
  readonly valid: boolean;
  /** Summer time, where the meter says so. */
  readonly summer: boolean | null;
};

/**
 * Where a pulse counter stands. Kept in the cryptometer's journal and handed back to the decoder after a restart,
 * so that pulses counted while nobody listened are not lost and a controller that began again at 0 is not mistaken
 * for one that lost energy.
 */
export type PulseCounter = {
  /** The controller's boot number. */
  readonly boot: number;
  /** Its count, as last read. */
  readonly count: number;
  /** All pulses over all boots: what the register is made of. */
  readonly total: number;
};

/**
 * What a meter's bytes can be: DSMR P1, pulse lines of a microcontroller, Linky TIC, IEC 62056-21, SML, DLMS/COSEM push,
 * raw pulses on a serial adapter. The order is part of what is stored (shell/meter-settings.ts): add at the end.
 */
export const PROTOCOLS = ["p1", "s0", "tic", "iec", "sml", "dlms", "pulse"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/**
 * Which register makes a telegram a reading: what goes to the grid, what comes from it, or, to find out what a meter
 * sends, either (its export where it has one). Pulses have no direction and are always `exportMwh`.
 */
export type Needs = "export" | "import" | "either";

export type Reading = {
  readonly protocol: Protocol;
  /**
   * What went to the grid (registers) or was generated (pulses) since the meter began, in mWh; null where it is not
   * needed and the telegram has none.
   */
  readonly exportMwh: MilliwattHours | null;
  /** What came from the grid; null where the meter does not say. Stays on this device (§IV.B.3). */
  readonly importMwh: MilliwattHours | null;
  /** The smallest step of the register that is needed, rounded up to a whole mWh. */
  readonly resolutionMwh: number;
  readonly powerExportW: number | null;
  readonly powerImportW: number | null;
  readonly meterTime: MeterTime | null;
  /** Salted hash of the meter's serial number: tells two meters apart and names neither (§IV.B.3). */
  readonly identity: Hash | null;
  readonly counter: PulseCounter | null;
};

export type DecodeEvent =
  | { readonly kind: "reading"; readonly reading: Reading }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** What decoders of telegrams with registers are told. */
export type TelegramOptions = {
  /** Makes the meter's identity; null for none. */
  readonly salt: Uint8Array | null;
  /** `export` when left out. */
  readonly needs?: Needs;
};

/** Streaming and pure: the same bytes give the same events, however they are split. Never throws. */
export type Decoder = {
  /** @param at when they came, in ms of any clock that never runs backwards; only what counts pulses looks at it. */
  push(bytes: Uint8Array, at?: number): DecodeEvent[];
  /** No more bytes will come (end of file, cable pulled): what was begun is refused. The decoder can go on after it. */
  end(): DecodeEvent[];
};

/** @param salt this device's own random bytes; without one no identity is made. */
export const identityOf = (serial: string, salt: Uint8Array | null): Hash | null =>
  salt === null || serial === "" ? null : taggedHex("meter-identity", salt, utf8ToBytes(serial));

/** @param message one plain sentence that says what to do. */
export const refused = (code: string, message: string, data?: Refusal["data"]): DecodeEvent => ({
  kind: "refused",
  refusal: data === undefined ? { code, message, verdict: "ignore" } : { code, message, verdict: "ignore", data },
});
