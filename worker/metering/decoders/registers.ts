/**
 * Energy registers by OBIS id, A-B:C.D.E*F as six bytes (IEC 62056-6-1): what the binary protocols (SML, DLMS) have in
 * common once their values are read. Total before tariffs, the lowest channel, never two channels added. Knows nothing
 * of how a value was written.
 */
import { scaleInteger, type Scaled } from "../decimal.ts";
import { refused, type DecodeEvent, type Needs } from "../reading.ts";
import { energiesOf, type Energies, type Found } from "./needed.ts";

export type Obis = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** @param bytes six of them. */
export const obisAt = (bytes: Uint8Array): Obis => [
  bytes[0] ?? 0,
  bytes[1] ?? 0,
  bytes[2] ?? 0,
  bytes[3] ?? 0,
  bytes[4] ?? 0,
  bytes[5] ?? 0,
];

/** 1 is import (+A), 2 is export (-A). */
export type Direction = 1 | 2;

/** digits · 10^exponent mWh, as the meter wrote it: tariffs are added before anything is cut off. */
export type Energy = { readonly digits: number; readonly exponent: number };

export type EnergyRegister = {
  readonly obis: Obis;
  /** A code of {@link REGISTER_SENTENCES} when it cannot be used. */
  readonly value: Energy | TroubleCode;
};

/** E = 0 is the total; tariffs go from 1. */
const LAST_TARIFF = 63;
/** F = 255 is "now"; others are past billing periods. */
const NOW = 255;

const REGISTER_SENTENCES = {
  "unreadable-register":
    "An energy register of this telegram cannot be read; if it happens every time, report the meter's type to the project.",
  "unknown-unit":
    "An energy register of this telegram has no unit that can be trusted; report the meter's type to the project.",
  "unknown-scale":
    "This meter sends its registers without saying their scale, and its maker is not known; report the meter's type to the project.",
  "contradictory-registers":
    "An energy register stands twice in this telegram with different values; check that only one meter is on this line.",
} as const;
export type TroubleCode = keyof typeof REGISTER_SENTENCES;

export const isTrouble = (x: Scaled | Energy | TroubleCode | null): x is TroubleCode => typeof x === "string";

/** Whole mWh, cut off; null when they do not fit. */
export const toMwh = ({ digits, exponent }: Energy): Scaled | null => scaleInteger(digits, exponent);

/** An energy that fits; the code that says it does not. */
export const energy = (digits: number | null, exponent: number): Energy | TroubleCode =>
  digits === null || scaleInteger(digits, exponent) === null ? "unreadable-register" : { digits, exponent };

/** Is it an energy counter of a direction, as it stands now? */
export const isEnergy = (obis: Obis): boolean =>
  obis[3] === 8 && obis[0] <= 1 && (obis[2] === 1 || obis[2] === 2) && obis[4] <= LAST_TARIFF && obis[5] === NOW;

const channelOf = (obis: Obis): number => obis[1];

/** One register of a channel: the same value twice is once, two values are a contradiction. */
const pick = (registers: readonly EnergyRegister[], rate: number): Energy | TroubleCode | null => {
  let seen: Energy | null = null;
  for (const { obis, value } of registers) {
    if (obis[4] !== rate) continue;
    if (isTrouble(value)) return value;
    if (seen !== null && (seen.digits !== value.digits || seen.exponent !== value.exponent)) {
      return "contradictory-registers";
    }
    seen = value;
  }
  return seen;
};

/** Added at the finest of their scales; the coarsest gives the resolution. */
const sum = (parts: readonly Energy[]): Scaled | TroubleCode => {
  const finest = Math.min(...parts.map(({ exponent }) => exponent));
  let digits = 0;
  let unit = 1;
  for (const part of parts) {
    digits += part.digits * 10 ** (part.exponent - finest);
    unit = Math.max(unit, toMwh(part)?.unit ?? 1);
  }
  const total = scaleInteger(digits, finest);
  return total === null ? "unreadable-register" : { value: total.value, unit };
};

/** The total of one direction in mWh: x.8.0, else the sum of its tariffs; null where the meter has neither. */
const totalOf = (all: readonly EnergyRegister[], direction: Direction): Scaled | TroubleCode | null => {
  const mine = all.filter(({ obis }) => obis[2] === direction && isEnergy(obis));
  const channels = [...new Set(mine.map(({ obis }) => channelOf(obis)))].sort((x, y) => x - y);
  for (const channel of channels) {
    const here = mine.filter(({ obis }) => channelOf(obis) === channel);
    const total = pick(here, 0);
    if (total !== null) return isTrouble(total) ? total : sum([total]);
    const rates = [...new Set(here.map(({ obis }) => obis[4]))].map((rate) => pick(here, rate));
    const trouble = rates.find(isTrouble);
    if (trouble !== undefined) return trouble;
    const parts = rates.filter((part): part is Energy => part !== null && !isTrouble(part));
    if (parts.length > 0) return sum(parts);
  }
  return null;
};

const NO_EXPORT =
  "This meter sends no export register (2.8.x); enter its PIN so that it shows all values, ask the grid operator to let it register what is fed in, or read the meter of the panels instead.";

const foundOf = (total: Scaled | TroubleCode | null): Found =>
  isTrouble(total) ? refused(total, REGISTER_SENTENCES[total]) : total;

/** Refusals: `no-export-register`, `no-import-register` and those of {@link REGISTER_SENTENCES}. */
export const readEnergies = (all: readonly EnergyRegister[], needs: Needs): Energies | DecodeEvent =>
  energiesOf(needs, foundOf(totalOf(all, 2)), foundOf(totalOf(all, 1)), () => refused("no-export-register", NO_EXPORT));
