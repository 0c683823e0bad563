/**
 * The one list of protocols: how each sets its line, in the order in which it is sensible to try, what its owner has to
 * be asked, and how to make its decoder or its dialogue. Whoever reads a meter, recognises one or decodes a recording
 * looks here. Knows no port and no screen.
 */
import { iecDecoder } from "./decoders/iec62056.ts";
import { iecDialogue, SIGN_ON_LINE } from "./decoders/iec62056-dialogue.ts";
import { dlmsDecoder } from "./decoders/dlms.ts";
import { p1Decoder } from "./decoders/p1.ts";
import { pulseDecoder } from "./decoders/pulse.ts";
import { s0Decoder } from "./decoders/s0.ts";
import { smlDecoder } from "./decoders/sml.ts";
import { ticDecoder } from "./decoders/tic.ts";
import type { Dialogue } from "./dialogue.ts";
import { line7e1, line8n1, type LineSettings } from "./line.ts";
import {
  PROTOCOLS,
  type Decoder,
  type Needs,
  type Protocol,
  type PulseCounter,
  type TelegramOptions,
} from "./reading.ts";

export type DecoderOptions = TelegramOptions & {
  /** Where the protocol asks for it. */
  readonly impPerKwh: number;
  /** Where a pulse count stood when the journal was last written. */
  readonly resume: PulseCounter | null;
  /** Read telegrams without the checksum that they could have: only when the user said so. */
  readonly allowNoChecksum?: boolean;
  /** A live line and not a recording: what has no checksum at all has to be confirmed by what follows. */
  readonly live?: boolean;
};

export type ProtocolSpec = {
  readonly name: Protocol;
  /** Most likely first. */
  readonly lines: readonly LineSettings[];
  /** The longest time between two of its telegrams, ms; 0 for what only comes with energy. */
  readonly everyMs: number;
  /** Has to be told the meter's pulses per kWh. */
  readonly counts: boolean;
  /** Has telegrams that carry a serial number, and relatives without a checksum. */
  readonly identifies: boolean;
  readonly mayLackChecksum: boolean;
  readonly decoder: (options: DecoderOptions) => Decoder;
  /** For a meter that has to be asked, on this line only; null elsewhere and for all others. */
  readonly dialogue: (line: LineSettings, options: TelegramOptions) => Dialogue | null;
};

const sameLine = (a: LineSettings, b: LineSettings): boolean =>
  a.baudRate === b.baudRate && a.dataBits === b.dataBits && a.parity === b.parity;

const never = (): null => null;
const NEEDS: Needs = "export";

const SPECS: Readonly<Record<Protocol, ProtocolSpec>> = {
  p1: {
    name: "p1",
    // 9600 7E1: DSMR 2.2 and 3, which send no checksum.
    lines: [line8n1(115_200), line7e1(9_600), line8n1(9_600)],
    everyMs: 10_000,
    counts: false,
    identifies: true,
    mayLackChecksum: true,
    decoder: ({ salt, needs = NEEDS, allowNoChecksum = false }) => p1Decoder({ salt, needs, allowNoChecksum }),
    dialogue: never,
  },
  s0: {
    name: "s0",
    lines: [line8n1(115_200), line8n1(9_600)],
    everyMs: 1_000,
    counts: true,
    identifies: false,
    mayLackChecksum: false,
    decoder: ({ impPerKwh, resume }) => s0Decoder({ impPerKwh, resume }),
    dialogue: never,
  },
  tic: {
    name: "tic",
    lines: [line7e1(9_600), line7e1(1_200)],
    everyMs: 3_000,
    counts: false,
    identifies: true,
    mayLackChecksum: false,
    decoder: ({ salt, needs = NEEDS }) => ticDecoder({ salt, needs }),
    dialogue: never,
  },
  iec: {
    name: "iec",
    // Asked at 300; EasyMeter and its like push at 9600, mode D's own rate is 2400.
    lines: [SIGN_ON_LINE, line7e1(9_600), line7e1(2_400), line8n1(9_600)],
    everyMs: 5_000,
    counts: false,
    identifies: true,
    mayLackChecksum: true,
    decoder: ({ salt, needs = NEEDS, allowNoChecksum = false, live = false }) =>
      iecDecoder({ salt, needs, allowNoChecksum, confirm: live }),
    dialogue: (line, { salt, needs = NEEDS }) => (sameLine(line, SIGN_ON_LINE) ? iecDialogue({ salt, needs }) : null),
  },
  sml: {
    name: "sml",
    lines: [line8n1(9_600), line8n1(115_200)],
    everyMs: 4_000,
    counts: false,
    identifies: true,
    mayLackChecksum: false,
    decoder: ({ salt, needs = NEEDS }) => smlDecoder({ salt, needs }),
    dialogue: never,
  },
  dlms: {
    name: "dlms",
    // Kamstrup and Aidon 2400 8N1; Kaifa and Landis+Gyr 2400 with even parity; Iskra 115200, Sagemcom 9600.
    lines: [line8n1(2_400), { baudRate: 2_400, dataBits: 8, parity: "even" }, line8n1(115_200), line8n1(9_600)],
    everyMs: 10_000,
    counts: false,
    identifies: true,
    mayLackChecksum: false,
    decoder: ({ salt, needs = NEEDS }) => dlmsDecoder({ salt, needs }),
    dialogue: never,
  },
  pulse: {
    name: "pulse",
    lines: [line8n1(300)],
    everyMs: 0,
    counts: true,
    identifies: false,
    mayLackChecksum: false,
    decoder: ({ impPerKwh, resume }) => pulseDecoder({ impPerKwh, resume }),
    dialogue: never,
  },
};

export const protocol = (name: Protocol): ProtocolSpec => SPECS[name];
export const protocols: readonly ProtocolSpec[] = PROTOCOLS.map((name) => SPECS[name]);

export const isProtocol = (name: string): name is Protocol => Object.hasOwn(SPECS, name);

/** The setting of a protocol's line that is tried first at this rate; its usual framing at a rate it does not know. */
export const lineAt = (name: Protocol, baudRate: number): LineSettings => {
  const { lines } = SPECS[name];
  const usual = lines[0] ?? line8n1(baudRate);
  return lines.find((line) => line.baudRate === baudRate) ?? { ...usual, baudRate };
};

export type Probe = {
  readonly line: LineSettings;
  /** What may be heard there. */
  readonly protocols: readonly Protocol[];
  /** Long enough for two of the slowest one's telegrams. */
  readonly listenMs: number;
  /** Nothing is sent unasked there: sign on. */
  readonly asks: Protocol | null;
};

/** In which order to listen to an unknown meter: each setting once, those of the most common meters first. */
export const probePlan = (): Probe[] => {
  const order = [
    line8n1(115_200),
    line8n1(9_600),
    line7e1(9_600),
    line8n1(2_400),
    { baudRate: 2_400, dataBits: 8, parity: "even" } as const,
    line7e1(1_200),
    SIGN_ON_LINE,
    line7e1(2_400),
    line8n1(300),
  ];
  return order.map((line) => {
    const heard = protocols.filter((spec) => spec.lines.some((other) => sameLine(other, line)));
    const asked = heard.find((spec) => spec.dialogue(line, { salt: null }) !== null);
    const longest = Math.max(...heard.map((spec) => spec.everyMs));
    return {
      line,
      protocols: heard.map((spec) => spec.name),
      listenMs: asked === undefined ? Math.max(4_000, longest + 2_000) : 15_000,
      asks: asked?.name ?? null,
    };
  });
};
