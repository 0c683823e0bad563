/**
 * One SML GetListResponse (BSI TR-03109-1 annex IV b, §7.3.4) to a reading. An entry is [OBIS id, status, time, unit,
 * scaler, value, signature] and means value · 10^scaler in the unit: 30 is Wh, 27 is W. Knows nothing of framing.
 *
 * The resolution is what the meter's last digit is worth, and that differs from 0.1 mWh (scaler -4) to 1 kWh: a meter
 * whose owner has not entered the PIN shows whole kWh, most with scaler 3, some with decimals that are always 0 (and no
 * power beside them). Its time is mostly seconds since it was made, which is no clock: `valid` is false then.
 */
import { toHex } from "../../base/bytes.ts";
import { meterClockText } from "../calendar.ts";
import { scaleInteger } from "../decimal.ts";
import { identityOf, type DecodeEvent, type MeterTime, type Reading, type TelegramOptions } from "../reading.ts";
import { isEnergies } from "./needed.ts";
import {
  energy,
  isEnergy,
  isTrouble,
  obisAt,
  readEnergies,
  type Energy,
  type EnergyRegister,
  type Obis,
  type TroubleCode,
} from "./registers.ts";
import { itemsOf, numberOf, octetsOf, type SmlNode } from "./sml-tlv.ts";

const WATT_HOURS = 30;
const WATTS = 27;
/** mWh in a Wh as a power of ten. */
const MILLI = 3;
const KWH = 1_000_000;
const KWH_DIGITS = 6;

const SEC_INDEX = 1;
const TIMESTAMP = 2;
const LOCAL_TIMESTAMP = 3;

/** Server ids of DZG, and the serial number from which its meters write negative power as the standard says. */
const DZG = "0a01445a4700";
const DZG_SIGNED_FROM = 60_000_000;

type Entry = {
  readonly obis: Obis;
  readonly time: SmlNode | undefined;
  readonly unit: number | null;
  readonly scaler: number;
  readonly value: SmlNode | undefined;
};

const readEntry = (node: SmlNode): Entry | null => {
  const items = itemsOf(node);
  const name = octetsOf(items?.[0]);
  if (items?.length !== 7 || name?.length !== 6) return null;
  return {
    obis: obisAt(name),
    time: items[2],
    unit: numberOf(items[3]),
    scaler: numberOf(items[4]) ?? 0,
    value: items[5],
  };
};

const energyOf = ({ unit, scaler, value }: Entry): Energy | TroubleCode =>
  unit === WATT_HOURS ? energy(numberOf(value), scaler + MILLI) : "unknown-unit";

/** Signed watts, cut off toward 0; null for none, or none that can be read: power is for screens only. */
const wattsOf = (entries: readonly Entry[], c: number, server: string): number | null => {
  const entry = entries.find(({ obis }) => obis[0] === 1 && obis[2] === c && obis[3] === 7 && obis[4] === 0);
  if (entry?.value?.kind !== "number" || entry.unit !== WATTS) return null;
  const { value, unsigned, width } = entry.value;
  // Older DZG meters leave the sign bit of a short positive number to chance (libsml, workaround for DVS74).
  const old = server.startsWith(DZG) && Number.parseInt(server.slice(DZG.length), 16) < DZG_SIGNED_FROM && width <= 3;
  const signed = old ? unsigned : value;
  if (signed === null) return null;
  const watts = scaleInteger(Math.abs(signed), entry.scaler)?.value ?? null;
  return watts === null || signed >= 0 ? watts : -watts;
};

type Power = Pick<Reading, "powerExportW" | "powerImportW">;

/** 16.7.0 is the sum with a sign, minus for export; some meters put the sign into 1.7.0. */
const readPower = (entries: readonly Entry[], server: string): Power => {
  const both = wattsOf(entries, 16, server);
  const plus = both ?? wattsOf(entries, 1, server);
  const minus = both === null ? wattsOf(entries, 2, server) : null;
  const signed = both !== null || (plus !== null && minus === null);
  if (signed && plus !== null) {
    const oneWay = both === null && plus >= 0;
    return { powerImportW: Math.max(0, plus), powerExportW: oneWay ? null : Math.max(0, -plus) };
  }
  return { powerImportW: plus, powerExportW: minus === null ? null : Math.abs(minus) };
};

/** `[choice, value]`, or, against the standard, the bare seconds (Holley). */
const readTime = (node: SmlNode | undefined): MeterTime | null => {
  const bare = numberOf(node);
  if (bare !== null) return { text: `${bare} s`, valid: false, summer: null };
  const [choice, value] = itemsOf(node) ?? [];
  const kind = numberOf(choice);
  if (kind === LOCAL_TIMESTAMP) {
    const [at, offset, season] = (itemsOf(value) ?? []).map(numberOf);
    if (typeof at !== "number" || typeof offset !== "number" || typeof season !== "number") return null;
    const text = meterClockText(at, offset + season);
    return { text: text ?? `${at}`, valid: text !== null, summer: season !== 0 };
  }
  const seconds = numberOf(value);
  if (seconds === null || seconds < 0) return null;
  if (kind === TIMESTAMP) {
    const text = meterClockText(seconds, 0);
    return { text: text ?? `${seconds}`, valid: text !== null, summer: null };
  }
  return kind === SEC_INDEX ? { text: `${seconds} s`, valid: false, summer: null } : null;
};

/** The list's time, or, where it has none, a register's own, export before import. */
const timeOf = (list: SmlNode | undefined, entries: readonly Entry[]): MeterTime | null => {
  const own = readTime(list);
  if (own !== null) return own;
  const registers = entries.filter(({ obis }) => isEnergy(obis));
  return readTime((registers.find(({ obis }) => obis[2] === 2) ?? registers[0])?.time);
};

const isWholeKwh = ({ digits, exponent }: Energy): boolean => digits % 10 ** Math.max(0, KWH_DIGITS - exponent) === 0;

/** No power and nothing finer than a kWh in any register: the meter waits for its PIN, whatever its scaler says. */
const isLocked = (registers: readonly EnergyRegister[], power: Power): boolean =>
  power.powerExportW === null &&
  power.powerImportW === null &&
  registers.some(({ value }) => !isTrouble(value) && value.digits > 0) &&
  registers.every(({ value }) => isTrouble(value) || isWholeKwh(value));

/**
 * @param body the response's seven fields.
 * Refusals: those of {@link readEnergies}.
 */
export const readList = (body: readonly SmlNode[], options: TelegramOptions): DecodeEvent | null => {
  const list = itemsOf(body[4]);
  if (list === null) return null;
  const entries = list.map(readEntry).filter((entry) => entry !== null);
  const registers: EnergyRegister[] = entries
    .filter(({ obis, value }) => isEnergy(obis) && value?.kind !== "absent")
    .map((entry) => ({ obis: entry.obis, value: energyOf(entry) }));
  const energies = readEnergies(registers, options.needs ?? "export");
  if (!isEnergies(energies)) return energies;
  const server = octetsOf(body[1]);
  const serverHex = server === null ? "" : toHex(server);
  const power = readPower(entries, serverHex);
  return {
    kind: "reading",
    reading: {
      protocol: "sml",
      ...energies,
      resolutionMwh: isLocked(registers, power) ? Math.max(KWH, energies.resolutionMwh) : energies.resolutionMwh,
      ...power,
      meterTime: timeOf(body[3], entries),
      identity: identityOf(serverHex, options.salt),
      counter: null,
    },
  };
};
