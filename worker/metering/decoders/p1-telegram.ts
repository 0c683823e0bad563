/**
 * One whole P1 telegram, already framed and checked, to a reading: DSMR P1 Companion Standard 5.0.2 §6.12 and its
 * national relatives (e-MUCS P1 in Belgium; Luxembourg, Austria, Hungary, Sweden, Switzerland, Lithuania). Knows
 * nothing of framing, checksums or time zones.
 *
 * Export is 1-b:2.8.0 where the meter sends it, else the sum of its tariffs (Belgium's T1 is day, the Netherlands'
 * is night: only the sum means the same everywhere), never both. Ids are anchored: `82.8.1` is not `2.8.1`, and a
 * value with a billing-period suffix other than 255 (`2.8.0*62`) is history.
 */
import { mwh, type MilliwattHours } from "../../base/units.ts";
import { parseScaled } from "../decimal.ts";
import { identityOf, refused, type DecodeEvent, type MeterTime } from "../reading.ts";

/** A-B:C.D.E with an optional .F or *F, then its values in brackets, one or several. */
const LINE = /^\s*(\d{1,3})-(\d{1,3}):(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:[.*](\d{1,3}))?\s*((?:\([^()]*\)\s*)+)/;
/** A number and perhaps a unit; some meters leave out the star, one writes rubbish after the unit. */
const VALUE = /^\s*([+-]?[0-9.,]+)\s*\*?\s*([A-Za-z]*)/;
/** F = 255 is "now"; anything else is a past billing period. */
const NOW = "255";

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** Where the meter's own serial number is, best first: NL/BE/SE, ESMR and HU, LU, EasyMeter, older ones. */
const SERIAL_IDS = ["0-0:96.1.1", "0-0:96.1.0", "0-0:42.0.0", "0-0:96.1.255", "1-0:0.0.0", "1-0:96.1.0"] as const;

type Values = readonly string[];

const readLines = (text: string): Map<string, Values[]> => {
  const found = new Map<string, Values[]>();
  for (const line of text.replaceAll("\0", "").split(/[\r\n]+/)) {
    const match = LINE.exec(line);
    if (match === null || (match[6] ?? NOW) !== NOW) continue;
    const id = `${Number(match[1])}-${Number(match[2])}:${Number(match[3])}.${Number(match[4])}.${Number(match[5])}`;
    const values = [...(match[7] ?? "").matchAll(/\(([^()]*)\)/g)].map((value) => value[1] ?? "");
    const known = found.get(id);
    if (known === undefined) found.set(id, [values]);
    else known.push(values);
  }
  return found;
};

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
const readEnergy = (id: string, lines: readonly Values[]): Energy | Trouble | null => {
  let seen: Energy | null = null;
  for (const values of lines) {
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
const readTotal = (found: ReadonlyMap<string, Values[]>, direction: 1 | 2): Energy | Trouble | null => {
  const channels = new Map<number, number[]>();
  for (const id of found.keys()) {
    const match = /^1-(\d+):(\d+)\.8\.(\d+)$/.exec(id);
    if (match === null || Number(match[2]) !== direction) continue;
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

/** Whole watts; power is for screens only, so what cannot be read is left out rather than refused. */
const readPower = (found: ReadonlyMap<string, Values[]>, direction: 1 | 2): number | null => {
  for (const channel of [0, 1]) {
    const text = found.get(`1-${channel}:${direction}.7.0`)?.[0]?.[0];
    const match = text === undefined ? null : VALUE.exec(text);
    if (match === null) continue;
    const unit = (match[2] ?? "").toLowerCase();
    // As for energy: without a unit the decimals say kW.
    const scale = unit.startsWith("kw") || (unit === "" && /[.,]/.test(match[1] ?? "")) ? 3 : unit === "w" ? 0 : null;
    if (scale !== null) return parseScaled(match[1] ?? "", scale)?.value ?? null;
  }
  return null;
};

/** YYMMDDhhmmss and S or W. An unset clock sends rubbish such as 632525252525W (seen in Belgium). */
const readTime = (found: ReadonlyMap<string, Values[]>): MeterTime | null => {
  const text = found.get("0-0:1.0.0")?.[0]?.[0]?.trim() ?? "";
  if (text === "") return null;
  const match = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)([SWsw]?)$/.exec(text);
  if (match === null) return { text, valid: false, summer: null };
  const [month, day, hour, minute, second] = match.slice(2, 7).map(Number) as [number, number, number, number, number];
  const leap = Number(match[1]) % 4 === 0;
  const days = month === 2 && !leap ? 28 : (DAYS[month - 1] ?? 0);
  const valid = day >= 1 && day <= days && hour < 24 && minute < 60 && second < 60;
  const season = (match[7] ?? "").toUpperCase();
  return { text, valid, summer: season === "" ? null : season === "S" };
};

const readSerial = (found: ReadonlyMap<string, Values[]>): string => {
  for (const id of SERIAL_IDS) {
    const text = found.get(id)?.[0]?.[0]?.trim() ?? "";
    if (text !== "") return text;
  }
  return "";
};

const NO_EXPORT =
  "This meter sends no export register (2.8.x); ask the grid operator to let it register what is fed in, or read the meter of the panels instead.";

/**
 * @param text the telegram from `/` to `!`, one character a byte.
 * Refusals: `no-export-register`, `unreadable-register`, `unknown-unit`, `contradictory-registers`.
 */
export const readTelegram = (text: string, salt: Uint8Array | null): DecodeEvent => {
  const found = readLines(text);
  const exported = readTotal(found, 2);
  if (exported === null) return refused("no-export-register", NO_EXPORT);
  if (isTrouble(exported)) return refused(exported.code, exported.message);
  const imported = readTotal(found, 1);
  const importMwh: MilliwattHours | null = imported === null || isTrouble(imported) ? null : mwh(imported.value);
  return {
    kind: "reading",
    reading: {
      protocol: "p1",
      exportMwh: mwh(exported.value),
      importMwh,
      resolutionMwh: exported.unit,
      powerExportW: readPower(found, 2),
      powerImportW: readPower(found, 1),
      meterTime: readTime(found),
      identity: identityOf(readSerial(found), salt),
      counter: null,
    },
  };
};
