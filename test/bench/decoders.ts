/**
 * How fast each decoder reads its own meter, against the line it comes over: MB/s in pieces of 4 kB, as a port hands
 * them on, and how many times the speed of a line at 115,200 baud (11,520 bytes a second) that is.
 */
import { millis } from "../../worker/base/units.ts";
import { protocol } from "../../worker/metering/protocols.ts";
import type { Protocol } from "../../worker/metering/reading.ts";
import { encodeDlms } from "../../worker/metering/virtual/dlms.ts";
import { encodeIecBlock, encodeIecModeD } from "../../worker/metering/virtual/iec.ts";
import { encodeP1 } from "../../worker/metering/virtual/p1.ts";
import { encodeS0 } from "../../worker/metering/virtual/s0.ts";
import { encodeSml } from "../../worker/metering/virtual/sml.ts";
import { encodeTic } from "../../worker/metering/virtual/tic.ts";
import type { Bench } from "./base.ts";

const LINE_BYTES_PER_SECOND = 11_520;
const PIECE_BYTES = 4_096;
const STREAM_BYTES = 4_000_000;
const ROUNDS = 5;

const registers = (n: number) => ({
  exportMwh: 1_000_000 + n * 1_000,
  importMwh: 7_000_000_000,
  powerExportW: 1_234,
  powerImportW: 0,
  at: millis(1_600_000_000_000 + n * 1_000),
});

type Source = { readonly name: string; readonly protocol: Protocol; readonly encode: (n: number) => Uint8Array };

const SOURCES: readonly Source[] = [
  { name: "P1", protocol: "p1", encode: (n) => encodeP1({ style: "nl", ...registers(n) }) },
  {
    name: "pulse lines",
    protocol: "s0",
    encode: (n) => encodeS0({ boot: 1, start: 0, seq: n, count: n, ms: n * 1_000, impPerKwh: 1_000 }),
  },
  { name: "TIC", protocol: "tic", encode: (n) => encodeTic({ mode: "standard", ...registers(n) }) },
  { name: "IEC 62056-21 block", protocol: "iec", encode: (n) => encodeIecBlock(registers(n)) },
  { name: "IEC 62056-21 mode D", protocol: "iec", encode: (n) => encodeIecModeD(registers(n)) },
  {
    name: "SML",
    protocol: "sml",
    encode: (n) => encodeSml({ exportMwh: n * 100, importMwh: 7_000_000, powerW: -1_234, seconds: n }),
  },
  { name: "DLMS", protocol: "dlms", encode: (n) => encodeDlms({ style: "kamstrup", ...registers(n) }) },
];

/** A stream of different telegrams, and how many there are. */
const streamOf = (source: Source): { bytes: Uint8Array; count: number } => {
  const parts: Uint8Array[] = [];
  let length = 0;
  while (length < STREAM_BYTES) {
    const part = source.encode(parts.length);
    parts.push(part);
    length += part.length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { bytes, count: parts.length };
};

export const decoderBench: Bench = {
  name: `decoders: ${STREAM_BYTES / 1_000_000} MB of telegrams each`,
  run: async () =>
    SOURCES.flatMap((source) => {
      const { bytes, count } = streamOf(source);
      const times: number[] = [];
      for (let round = 0; round <= ROUNDS; round++) {
        const decoder = protocol(source.protocol).decoder({ salt: null, impPerKwh: 1_000, resume: null });
        const from = performance.now();
        let readings = 0;
        for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
          readings += decoder.push(bytes.subarray(at, at + PIECE_BYTES)).filter((e) => e.kind === "reading").length;
        }
        const took = performance.now() - from;
        readings += decoder.end().filter((e) => e.kind === "reading").length;
        if (readings !== count) throw new Error(`${source.name}: ${readings} readings of ${count}`);
        // The first round warms up.
        if (round > 0) times.push(took);
      }
      const median = times.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN;
      const perSecond = (bytes.length * 1_000) / median;
      return [
        { name: source.name, value: perSecond / 1_000_000, unit: "MB/s" },
        { name: `${source.name} to a line at 115,200 baud`, value: perSecond / LINE_BYTES_PER_SECOND, unit: "times" },
      ];
    }),
};
