/**
 * How a paired meter's settings stand on this device's disk. Two forms: that of the first version, which knew P1 and
 * pulse lines, and today's, which begins with a byte that the first cannot begin with (its label has at most 80 bytes).
 * Knows nothing of ports and decoders beyond how a protocol's line is usually set.
 */
import { branded, decode, encode, option, struct, text, uint, word, type Codec } from "../base/codec.ts";
import { lineAt } from "../metering/protocols.ts";
import { PROTOCOLS } from "../metering/reading.ts";
import type { LineSettings } from "../metering/line.ts";
import type { MeterSettings, PulseInput } from "../port-meter.ts";

const MARK = 127;
const INPUTS = ["rx", "cts", "dsr", "dcd", "ri"] as const satisfies readonly PulseInput[];

const port = struct({ usbVendorId: option(uint), usbProductId: option(uint) });
const plate = {
  phases: branded<number>() as Codec<1 | 3>,
  iMinMa: uint,
  accuracyClass: word(["A", "B", "C"] as const),
  pMaxW: uint,
  via: word(["serial", "usb"] as const),
  port,
};

const firstForm = struct({
  label: text(80),
  protocol: word(["p1", "s0"] as const),
  baudRate: uint,
  impPerKwh: option(uint),
  ...plate,
});

/** The role is not part of it: it decides in which table the settings stand. */
type Stored = Required<Omit<MeterSettings, "role">> & { readonly mark: number };

const form: Codec<Stored> = struct<Stored>({
  mark: uint,
  label: text(80),
  protocol: word(PROTOCOLS),
  baudRate: uint,
  dataBits: branded<number>() as Codec<7 | 8>,
  parity: word(["none", "even", "odd"] as const),
  pulseInput: word(INPUTS),
  resolutionMwh: option(uint),
  impPerKwh: option(uint),
  ...plate,
});

/** How the port is opened for these settings. */
export const lineOf = (s: MeterSettings): LineSettings => {
  const usual = lineAt(s.protocol, s.baudRate);
  return { ...usual, dataBits: s.dataBits ?? usual.dataBits, parity: s.parity ?? usual.parity };
};

export const encodeSettings = (s: MeterSettings): Uint8Array => {
  const { dataBits, parity } = lineOf(s);
  const { role: _role, ...kept } = s;
  return encode(form, {
    ...kept,
    dataBits,
    parity,
    pulseInput: s.pulseInput ?? "rx",
    resolutionMwh: s.resolutionMwh ?? null,
    mark: MARK,
  });
};

/** Null for what neither version wrote. */
export const decodeSettings = (raw: Uint8Array): MeterSettings | null => {
  if (raw[0] !== MARK) {
    const read = decode(firstForm, raw, "meter setting");
    return read.ok ? read.value : null;
  }
  const read = decode(form, raw, "meter setting");
  if (!read.ok || ![7, 8].includes(read.value.dataBits) || ![1, 3].includes(read.value.phases)) return null;
  const { mark: _mark, ...settings } = read.value;
  return settings;
};
