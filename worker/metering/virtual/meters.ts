/**
 * The virtual meters by name: what `commonwatt meter encode`, the demo and a day's test play. Each speaks as often and
 * at the speed that real ones do. Knows the encoders; none of them knows this.
 */
import { millis } from "../../base/units.ts";
import { line7e1, line8n1, type LineSettings } from "../line.ts";
import { DLMS_RESOLUTION, encodeDlms, type DlmsStyle } from "./dlms.ts";
import { encodeIecBlock, encodeIecModeD, virtualIecMeter } from "./iec.ts";
import {
  lastsMs,
  pushingMeter,
  registersAt,
  type LineEvent,
  type MeterProfile,
  type Registers,
  type VirtualMeter,
} from "./meter.ts";
import { encodeP1, type P1Style } from "./p1.ts";
import { encodeS0 } from "./s0.ts";
import { rxOfPulse } from "./pulse.ts";
import { encodeSml } from "./sml.ts";
import { encodeTic, type TicFrame } from "./tic.ts";

export type VirtualMeterKind = {
  readonly name: string;
  /** One line for a list of them. */
  readonly title: string;
  readonly line: LineSettings;
  /** Between two telegrams, as far as it decides that itself. */
  readonly everyMs: number;
  /** The smallest step of its register. */
  readonly resolutionMwh: number;
  readonly play: (profile: MeterProfile) => VirtualMeter;
  /** What it answers with, where it has to be asked. */
  readonly readout?: (registers: Registers) => Uint8Array;
};

type Pushing = Omit<VirtualMeterKind, "play" | "readout"> & {
  readonly encode: (registers: Registers) => Uint8Array;
};

/** Sends a telegram at every multiple of `everyMs`. */
const pushing = ({ encode, ...kind }: Pushing): VirtualMeterKind => ({
  ...kind,
  play: (profile) => pushingMeter(kind.line, kind.everyMs, profile, encode),
});

const p1 = (name: string, title: string, style: P1Style): VirtualMeterKind =>
  pushing({
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

const s0: VirtualMeterKind = pushing({
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
});

const sml: VirtualMeterKind = pushing({
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
});

/** Kaifa's real ones send registers every hour; this one with every telegram, as the others do. */
const dlms = (style: DlmsStyle, title: string): VirtualMeterKind =>
  pushing({
    name: style === "landis" ? "dlms" : `dlms-${style}`,
    title,
    line: line8n1(2_400),
    everyMs: 5_000,
    resolutionMwh: DLMS_RESOLUTION[style],
    encode: (registers) => encodeDlms({ style, ...registers }),
  });

const tic = (name: string, title: string, mode: TicFrame["mode"], baudRate: number): VirtualMeterKind =>
  pushing({
    name,
    title,
    line: line7e1(baudRate),
    everyMs: 2_000,
    resolutionMwh: 1_000,
    encode: (registers) => encodeTic({ mode, ...registers }),
  });

const iecModeD: VirtualMeterKind = pushing({
  name: "iec-d",
  title: "IEC 62056-21 mode D, pushed, 1 Wh",
  line: line7e1(9_600),
  everyMs: 2_000,
  resolutionMwh: 1_000,
  encode: encodeIecModeD,
});

/** A long answer is heard as it comes. */
const PIECE_BYTES = 48;

const iecModeC: VirtualMeterKind = {
  name: "iec",
  title: "IEC 62056-21 mode C, asked, 1 Wh",
  line: line7e1(300),
  everyMs: 15_000,
  resolutionMwh: 1_000,
  readout: encodeIecBlock,
  play: (profile) => {
    let now = millis(0);
    const meter = virtualIecMeter({ readout: () => registersAt(profile, now) });
    return {
      line: line7e1(300),
      next: () => null,
      hear: (bytes, at, asked) => {
        // The question has to arrive first.
        now = millis(at + lastsMs(bytes.length, asked));
        return meter.receive(bytes, asked.baudRate).flatMap((answer): LineEvent[] => {
          const line = line7e1(answer.baudRate);
          const pieces = Math.ceil(answer.bytes.length / PIECE_BYTES);
          return Array.from({ length: pieces }, (_, i) => {
            const piece = answer.bytes.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES);
            const heard = i * PIECE_BYTES + piece.length;
            return { at: millis(now + answer.afterMs + lastsMs(heard, line)), kind: "bytes", bytes: piece, line };
          });
        });
      },
    };
  },
};

/** Pulses of 32 ms on RX at 300 baud: longer than a character, so each is a break. */
const PULSE_MS = 32;
const PULSE_LINE = line8n1(300);
const PULSE_MWH = 1_000;
/** How far ahead the next pulse is looked for. */
const HORIZON_MS = 86_400_000;
const NEAR_MS = 500;

const pulse: VirtualMeterKind = {
  name: "pulse",
  title: "raw pulses on RX, 1,000 imp/kWh",
  line: PULSE_LINE,
  everyMs: 1_000,
  resolutionMwh: PULSE_MWH,
  play: (profile) => {
    const pulses = (at: number): number => Math.floor(registersAt(profile, millis(at)).exportMwh / PULSE_MWH);
    const character = rxOfPulse(PULSE_MS, PULSE_LINE);
    const bytes = Uint8Array.from(character === null ? [] : [character]);
    return {
      line: PULSE_LINE,
      next: (after) => {
        const have = pulses(after);
        let [low, high]: [number, number] = [after, after + NEAR_MS];
        while (pulses(high) <= have) {
          if (high - after > HORIZON_MS) return null;
          [low, high] = [high, after + 2 * (high - after)];
        }
        while (high - low > 1) {
          const middle = Math.floor((low + high) / 2);
          if (pulses(middle) > have) high = middle;
          else low = middle;
        }
        return { at: millis(high), kind: character === null ? "break" : "bytes", bytes };
      },
    };
  },
};

export const VIRTUAL_METERS: readonly VirtualMeterKind[] = [
  p1("p1", "DSMR P1, 1 Wh (Netherlands)", "nl"),
  p1("p1-be", "e-MUCS P1, 1 Wh (Belgium)", "be"),
  s0,
  pulse,
  tic("tic", "Linky TIC, standard, a producer's, 1 Wh (France)", "standard", 9_600),
  tic("tic-historique", "Linky TIC, historique: has no injection index (France)", "historique", 1_200),
  iecModeC,
  iecModeD,
  sml,
  dlms("landis", "DLMS push in blocks, 1 Wh (Landis+Gyr E450)"),
  dlms("iskra", "DLMS push in segments, 1 Wh (Iskraemeco AM550)"),
  dlms("aidon", "DLMS push, 10 Wh (Aidon)"),
  dlms("kamstrup", "DLMS push, 10 Wh (Kamstrup)"),
  dlms("kaifa", "DLMS push, 1 Wh (Kaifa)"),
];
