/**
 * Lines such as `1-0:2.8.0*255(000123.456*kWh)` to registers: the data of DSMR P1 telegrams and of IEC 62056-21
 * readouts, which write the same OBIS ids (IEC 62056-61) with small differences. Knows nothing of framing, checksums
 * or time zones.
 *
 * Export is 1-b:2.8.0 where the meter sends it, else the sum of its tariffs (Belgium's T1 is day, the Netherlands'
 * is night: only the sum means the same everywhere), never both. Ids are anchored: `82.8.1` is not `2.8.1`, and a
 * value with a billing-period suffix other than 255 (`2.8.0*62`) is history.
 */
import { parseScaled } from "../decimal.ts";
import {
  identityOf,
  refused,
  type DecodeEvent,
  type MeterTime,
  type Protocol,
  type TelegramOptions,
} from "../reading.ts";
import { energiesOf, isEnergies, type Found } from "./needed.ts";

/**
 * A-B:C.D.E with an optional .F, *F or &F, then its values in brackets, one or several. C to E may hold letters (C.1.0);
 * the short form of IEC 62056-21 has no A-B, and some meters write dots throughout (1.0.2.8.0).
 */
const LINE =
  /^\s*(?:(\d{1,3})-(\d{1,3}):|(\d{1,3})\.(\d{1,3})\.(?=\w+\.\d+\.\d+))?([0-9A-FLP]{1,3})\.([0-9A-FLP]{1,3})(?:\.(\d{1,3}))?(?:[.*&](\d{1,3}))?\s*((?:\([^()]*\)\s*)+)/;
/** A number and perhaps a unit; some meters leave out the star, one writes rubbish after the unit. */
const VALUE = /^\s*([+-]?[0-9.,]+)\s*\*?\s*([A-Za-z]*)/;
/** F = 255 is "now"; anything else is a past billing period. */
const NOW = 255;
/** E = 0 is the total; tariffs go from 1. */
const LAST_TARIFF = 63;

/** By id in the form A-B:C.D.E, numbers without leading zeros: the brackets of each line that has it, as written. */
export type Lines = ReadonlyMap<string, readonly string[]>;

export type LineForm =
  /** Only A-B:C.D.E is an id, one a line (P1). */
  | "full"
  /** Also C.D.E, which stands for 1-0:C.D.E, and several data sets on a line (IEC 62056-21, §5.9). */
  | "short";

const plain = (part: string): string => (part.length > 1 && /^0\d+$/.test(part) ? String(Number(part)) : part);

/** @param text one character a byte. */
export const readLines = (text: string, form: LineForm): Lines => {
  const found = new Map<string, string[]>();
  const clean = text.includes("\0") ? text.replaceAll("\0", "") : text;
  for (const line of clean.split(/[\r\n]+/)) {
    let rest = line;
    for (;;) {
      const match = LINE.exec(rest);
      if (match === null) break;
      const [whole, dashA, dashB, dotA, dotB, c = "", d = "", e, f, values = ""] = match;
      rest = whole.length === rest.length ? "" : rest.slice(whole.length);
      const allowed = form === "short" || (dashA !== undefined && e !== undefined);
      if (allowed && (f === undefined || Number(f) === NOW)) {
        const group = `${plain(dashA ?? dotA ?? "1")}-${plain(dashB ?? dotB ?? "0")}:${plain(c)}.${plain(d)}`;
        const id = e === undefined ? group : `${group}.${plain(e)}`;
        const known = found.get(id);
        if (known === undefined) found.set(id, [values]);
        else known.push(values);
      }
      if (form === "full" || rest === "") break;
    }
  }
  return found;
};

/** "(a)(b)" to a and b. */
const valuesOf = (brackets: string): string[] => [...brackets.matchAll(/\(([^()]*)\)/g)].map((value) => value[1] ?? "");

type Energy = { readonly value: number; readonly unit: number };
type Trouble = { readonly code: string; readonly message: string };
const isTrouble = (x: Energy | Trouble | null): x is Trouble => x !== null && "code" in x;

/** How many mWh have how many decimal digits: kWh 6, Wh 3, MWh 9. `MWh` keeps its capital: mWh exists too. */
const energyScale = (unit: string, written: string): number | null => {
  if (unit === "MWh") return 9;
  if (unit.toLowerCase() === "kwh") return 6;
  if (unit.toLowerCase() === "wh") return 3;
  // Without a unit the decimals tell: the standard writes kWh with them; bare digits could be either, by 1,000.
  return unit === "" && /[.,]/.test(written) ? 6 : null;
};

const unreadable = (id: string): Trouble => ({
  code: "unreadable-register",
  message: `Register ${id} of this telegram cannot be read; if it happens every time, report the meter's type to the project.`,
});

/** @returns null for a register the meter leaves empty. */
const readEnergy = (id: string, lines: readonly string[]): Energy | Trouble | null => {
  let seen: Energy | null = null;
  for (const brackets of lines) {
    const values = valuesOf(brackets);
    // Some registers carry a time in front: the energy is the value with an energy's unit, else the only one.
    const text = values.find((value) => /wh\s*$/i.test(value)) ?? values[0] ?? "";
    if (text.trim() === "") continue;
    const match = VALUE.exec(text);
    if (match === null) return unreadable(id);
    const scale = energyScale(match[2] ?? "", match[1] ?? "");
    if (scale === null) {
      const message = `Register ${id} has no unit that can be trusted; report the meter's type to the project.`;
      return { code: "unknown-unit", message };
    }
    const parsed = parseScaled(match[1] ?? "", scale);
    if (parsed === null) return unreadable(id);
    if (seen !== null && seen.value !== parsed.value) {
      const message = `Register ${id} stands twice in this telegram with different values; check the cable for a loose contact.`;
      return { code: "contradictory-registers", message };
    }
    seen = parsed;
  }
  return seen;
};

/** The total of one direction (C = 1 import, 2 export): the lowest channel that has it, total before tariffs. */
const readTotal = (found: Lines, direction: 1 | 2): Energy | Trouble | null => {
  const channels = new Map<number, number[]>();
  for (const id of found.keys()) {
    const match = /^1-(\d+):(\d+)\.8\.(\d+)$/.exec(id);
    if (match === null || Number(match[2]) !== direction || Number(match[3]) > LAST_TARIFF) continue;
    const rates = channels.get(Number(match[1])) ?? [];
    rates.push(Number(match[3]));
    channels.set(Number(match[1]), rates);
  }
  for (const channel of [...channels.keys()].sort((a, b) => a - b)) {
    const read = (rate: number): Energy | Trouble | null => {
      const id = `1-${channel}:${direction}.8.${rate}`;
      return readEnergy(id, found.get(id) ?? []);
    };
    const total = read(0);
    if (total !== null) return total;
    const rates = (channels.get(channel) ?? []).filter((rate) => rate !== 0).map(read);
    const trouble = rates.find(isTrouble);
    if (trouble !== undefined) return trouble;
    const parts = rates.filter((part): part is Energy => part !== null && !isTrouble(part));
    if (parts.length === 0) continue;
    const value = parts.reduce((sum, part) => sum + part.value, 0);
    if (!Number.isSafeInteger(value)) return unreadable(`1-${channel}:${direction}.8.x`);
    return { value, unit: Math.max(...parts.map((part) => part.unit)) };
  }
  return null;
};

/** Whole watts with their sign; power is for screens only, so what cannot be read is left out rather than refused. */
const readPower = (found: Lines, quantity: number): number | null => {
  for (const id of [`1-0:${quantity}.7.0`, `1-1:${quantity}.7.0`, `1-0:${quantity}.7.255`]) {
    const brackets = found.get(id)?.[0];
    const match = brackets === undefined ? null : VALUE.exec(brackets.slice(1));
    if (match === null) continue;
    const unit = (match[2] ?? "").toLowerCase();
    const number = match[1] ?? "";
    // As for energy: without a unit the decimals say kW.
    const scale = unit.startsWith("kw") || (unit === "" && /[.,]/.test(number)) ? 3 : unit === "w" ? 0 : null;
    if (scale === null) continue;
    const size = parseScaled(number.replace(/^[+-]/, ""), scale)?.value ?? null;
    return size === null ? null : number.startsWith("-") ? -size : size;
  }
  return null;
};

/** 2.7.0 and 1.7.0; where there is no 2.7.0, 16.7.0 (or a 1.7.0 below 0) is the difference of the two. */
const readPowers = (found: Lines): { readonly out: number | null; readonly in: number | null } => {
  const out = readPower(found, 2);
  const into = readPower(found, 1);
  if (out !== null) return { out: out < 0 ? null : out, in: into !== null && into < 0 ? null : into };
  const net = into !== null && into < 0 ? into : readPower(found, 16);
  if (net !== null) return { out: Math.max(0, -net), in: Math.max(0, net) };
  return { out: null, in: into };
};

/** The first value of the first of these ids that has one. */
export const firstValue = (found: Lines, ids: readonly string[]): string => {
  for (const id of ids) {
    const text = /^\(([^()]*)\)/.exec(found.get(id)?.[0] ?? "")?.[1]?.trim() ?? "";
    if (text !== "") return text;
  }
  return "";
};

const NO_EXPORT =
  "This meter sends no export register (2.8.x); ask the grid operator to let it register what is fed in, or read the meter of the panels instead.";

export type LinesOptions = TelegramOptions & {
  readonly protocol: Protocol;
  /** Where the meter's own serial number is, best first. */
  readonly serialIds: readonly string[];
  readonly meterTime: MeterTime | null;
};

const foundOf = (total: Energy | Trouble | null): Found =>
  isTrouble(total) ? refused(total.code, total.message) : total;

/**
 * Refusals: `no-export-register`, `no-import-register`, `unreadable-register`, `unknown-unit`,
 * `contradictory-registers`.
 */
export const readRegisters = (found: Lines, options: LinesOptions): DecodeEvent => {
  const { needs = "export" } = options;
  const [exported, imported] = [foundOf(readTotal(found, 2)), foundOf(readTotal(found, 1))];
  const energies = energiesOf(needs, exported, imported, () => refused("no-export-register", NO_EXPORT));
  if (!isEnergies(energies)) return energies;
  const power = readPowers(found);
  return {
    kind: "reading",
    reading: {
      protocol: options.protocol,
      ...energies,
      powerExportW: power.out,
      powerImportW: power.in,
      meterTime: options.meterTime,
      identity: identityOf(firstValue(found, options.serialIds), options.salt),
      counter: null,
    },
  };
};
