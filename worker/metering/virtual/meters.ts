/**
 * The virtual meters by name: what `commonwatt meter encode`, the demo and a day's test play. Each speaks as often and
 * at the speed that real ones do. Knows the encoders; none of them knows this.
 */
import { SIGN_ON_LINE } from "../decoders/iec62056-dialogue.ts";
import { line7e1, line8n1, type LineSettings } from "../line.ts";
import { DLMS_RESOLUTION, encodeDlms, type DlmsStyle } from "./dlms.ts";
import { askedIecMeter, encodeIecBlock, encodeIecModeD } from "./iec.ts";
import { pushingMeter, type MeterProfile, type Registers, type VirtualMeter } from "./meter.ts";
import { encodeP1, type P1Style } from "./p1.ts";
import { pulsingMeter } from "./pulse.ts";
import { encodeS0 } from "./s0.ts";
import { encodeSml } from "./sml.ts";
import { encodeTic } from "./tic.ts";

export type VirtualMeterKind = {
  readonly name: string;
  /** One line for a list of them. */
  readonly title: string;
  readonly line: LineSettings;
  /** Between two telegrams. */
  readonly everyMs: number;
  /** The smallest step of its register. */
  readonly resolutionMwh: number;
  readonly encode: (registers: Registers) => Uint8Array;
  /** For a meter that does not push telegrams: one that waits to be asked, or pulses. */
  readonly play?: (profile: MeterProfile) => VirtualMeter;
};

const p1 = (name: string, title: string, style: P1Style): VirtualMeterKind => ({
  name,
  title,
  line: line8n1(115_200),
  everyMs: 1_000,
  resolutionMwh: 1_000,
  encode: (registers) => encodeP1({ style, ...registers }),
});

/** Pulses of a meter of 10,000 imp/kWh: 100 mWh each. */
const S0_IMP = 10_000;
const S0_PULSE = 1_000_000 / S0_IMP;

const s0: VirtualMeterKind = {
  name: "s0",
  title: "pulse counter on a microcontroller, 10,000 imp/kWh",
  line: line8n1(115_200),
  everyMs: 1_000,
  resolutionMwh: S0_PULSE,
  encode: ({ at, exportMwh }) =>
    encodeS0({
      boot: 1,
      start: 0,
      seq: Math.floor(at / 1_000) % 1_000_000,
      count: Math.floor(exportMwh / S0_PULSE),
      ms: at % 2 ** 32,
      impPerKwh: S0_IMP,
    }),
};

const sml: VirtualMeterKind = {
  name: "sml",
  title: "SML over the infrared port, steps of 0.1 Wh (Germany)",
  line: line8n1(9_600),
  everyMs: 1_000,
  resolutionMwh: 100,
  encode: ({ at, exportMwh, importMwh, powerExportW, powerImportW }) =>
    encodeSml({
      exportMwh,
      importMwh,
      powerW: powerImportW - powerExportW,
      seconds: Math.floor(at / 1_000) % 2 ** 32,
    }),
};

/** Kaifa's real ones send registers every hour; this one with every telegram, as the others do. */
const dlms = (style: DlmsStyle, title: string): VirtualMeterKind => ({
  name: style === "landis" ? "dlms" : `dlms-${style}`,
  title,
  line: line8n1(2_400),
  everyMs: 5_000,
  resolutionMwh: DLMS_RESOLUTION[style],
  encode: (registers) => encodeDlms({ style, ...registers }),
});

const tic: VirtualMeterKind = {
  name: "tic",
  title: "Linky TIC, standard mode, producer, 1 Wh (France)",
  line: line7e1(9_600),
  everyMs: 2_000,
  resolutionMwh: 1_000,
  encode: (registers) => encodeTic({ mode: "standard", ...registers }),
};

const iec: VirtualMeterKind = {
  name: "iec",
  title: "IEC 62056-21 mode C, asked at 300 baud, read at 9600, 1 Wh",
  line: SIGN_ON_LINE,
  everyMs: 15_000,
  resolutionMwh: 1_000,
  encode: encodeIecBlock,
  play: (profile) => askedIecMeter(profile, { z: "5", echo: true }),
};

const iecModeD: VirtualMeterKind = {
  name: "iec-d",
  title: "IEC 62056-21 mode D, pushed at 9600 baud, 1 Wh (EasyMeter)",
  line: line7e1(9_600),
  everyMs: 2_000,
  resolutionMwh: 1_000,
  encode: encodeIecModeD,
};

const PULSE_IMP = 1_000;

const pulse: VirtualMeterKind = {
  name: "pulse",
  title: "raw pulses on RX, 1,000 imp/kWh",
  line: line8n1(300),
  everyMs: 0,
  resolutionMwh: 1_000_000 / PULSE_IMP,
  // What a recording of them is: a byte for each.
  encode: ({ exportMwh }) => new Uint8Array(exportMwh >= 1_000_000 / PULSE_IMP ? 1 : 0),
  play: (profile) => pulsingMeter(profile, PULSE_IMP),
};

export const VIRTUAL_METERS: readonly VirtualMeterKind[] = [
  p1("p1", "DSMR P1, 1 Wh (Netherlands)", "nl"),
  p1("p1-be", "e-MUCS P1, 1 Wh (Belgium)", "be"),
  s0,
  tic,
  iec,
  iecModeD,
  sml,
  dlms("landis", "DLMS push in blocks, 1 Wh (Landis+Gyr E450)"),
  dlms("iskra", "DLMS push in segments, 1 Wh (Iskraemeco AM550)"),
  dlms("aidon", "DLMS push, 10 Wh (Aidon)"),
  dlms("kamstrup", "DLMS push, 10 Wh (Kamstrup)"),
  dlms("kaifa", "DLMS push, 1 Wh (Kaifa)"),
  pulse,
];

export const virtualMeter = (kind: VirtualMeterKind, profile: MeterProfile): VirtualMeter =>
  kind.play?.(profile) ?? pushingMeter(kind.line, kind.everyMs, profile, kind.encode);
