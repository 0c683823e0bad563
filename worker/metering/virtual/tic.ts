/**
 * A virtual Linky: the very bytes of its customer's port (Enedis-NOI-CPT_54E v3), seven bits, parity being the port's.
 * `standard` is a producer's, with EAIT; `historique` has no injection index, as real ones. Time is an argument.
 */
import { assert } from "../../base/result.ts";
import type { Millis } from "../../base/units.ts";
import { latin1Bytes } from "../latin1.ts";
import { meterTimeText } from "./p1.ts";

export type TicFrame = {
  readonly mode: "standard" | "historique";
  /** A consumer's standard frame has neither EAIT nor SINSTI. */
  readonly producer?: boolean;
  /** Registers in mWh; the port shows whole Wh, cut off. */
  readonly exportMwh: number;
  readonly importMwh: number;
  readonly powerExportW: number;
  readonly powerImportW: number;
  readonly at: Millis;
  readonly offsetMinutes?: number;
  /** The meter's clock is not sure: its season is written small. */
  readonly degraded?: boolean;
  readonly serial?: string;
};

type Group = readonly [label: string, data: string, horodate?: string];

const digits = (n: number, count: number): string => String(n % 10 ** count).padStart(count, "0");

const encodeGroup = ([label, data, horodate]: Group, separator: string): string => {
  const fields = horodate === undefined ? [label, data] : [label, horodate, data];
  const body = fields.join(separator) + separator;
  // Standard mode counts the last separator, historique does not.
  const summed = separator === "\t" ? body : body.slice(0, -1);
  let sum = 0;
  for (let i = 0; i < summed.length; i++) sum += summed.charCodeAt(i);
  return `\n${body}${String.fromCharCode((sum & 0x3f) + 0x20)}\r`;
};

const standardGroups = (frame: TicFrame): Group[] => {
  const { producer = true, serial = "061234567890", offsetMinutes = 60 } = frame;
  const time = meterTimeText(frame.at, offsetMinutes);
  const season = time.endsWith("S") ? "E" : "H";
  const horodate = (frame.degraded === true ? season.toLowerCase() : season) + time.slice(0, 12);
  // Bit 8: producer; bit 9: active energy is negative now (§6.2.3.14).
  const state = 0x003a0001 + (producer ? 0x100 : 0) + (frame.powerExportW > frame.powerImportW ? 0x200 : 0);
  const imported = digits(Math.floor(frame.importMwh / 1000), 9);
  const injected: Group[] = [
    ["EAIT", digits(Math.floor(frame.exportMwh / 1000), 9)],
    ["ERQ1", "000000000"],
    ["SINSTI", digits(frame.powerExportW, 5)],
  ];
  return [
    ["ADSC", serial],
    ["VTIC", "02"],
    ["DATE", "", horodate],
    ["NGTF", "     TEMPO      "],
    ["EAST", imported],
    ["EASF01", imported],
    ...(producer ? injected.slice(0, 2) : []),
    ["IRMS1", digits(Math.floor(Math.max(frame.powerExportW, frame.powerImportW) / 230), 3)],
    ["SINSTS", digits(frame.powerImportW, 5)],
    ["SMAXSN-1", "03460", horodate],
    ...(producer ? injected.slice(2) : []),
    ["STGE", state.toString(16).toUpperCase().padStart(8, "0")],
    ["MSG1", "PAS DE          MESSAGE         "],
    ["PRM", "01234567890123"],
    ["NTARF", "01"],
  ];
};

const historiqueGroups = (frame: TicFrame): Group[] => [
  ["ADCO", frame.serial ?? "061234567890"],
  ["OPTARIF", "HC.."],
  ["ISOUSC", "30"],
  ["HCHC", digits(Math.floor(frame.importMwh / 3000), 9)],
  ["HCHP", digits(Math.floor(frame.importMwh / 1000) - Math.floor(frame.importMwh / 3000), 9)],
  ["PTEC", "HP.."],
  ["IINST", digits(Math.floor(frame.powerImportW / 230), 3)],
  ["IMAX", "090"],
  ["PAPP", digits(Math.floor(frame.powerImportW / 10) * 10, 5)],
  ["HHPHC", "A"],
  ["MOTDETAT", "000000"],
];

/** @throws Error for energy or power that is no whole number from 0: a bug of the caller. */
export const encodeTic = (frame: TicFrame): Uint8Array => {
  for (const n of [frame.exportMwh, frame.importMwh, frame.powerExportW, frame.powerImportW]) {
    assert(Number.isSafeInteger(n) && n >= 0, `tic: ${n} is not a whole number from 0`);
  }
  const standard = frame.mode === "standard";
  const groups = standard ? standardGroups(frame) : historiqueGroups(frame);
  return latin1Bytes(`\x02${groups.map((group) => encodeGroup(group, standard ? "\t" : " ")).join("")}\x03`);
};
