/**
 * The lists that meters push (DLMS DataNotification), to a reading. Four layouts are known, all from recordings:
 *  - OBIS id, value and, mostly, [scaler, unit] in a structure each (Aidon, Landis+Gyr in Sweden);
 *  - a list id, then OBIS ids and values in turn (Kamstrup, energy in steps of 10 Wh);
 *  - an array that names class, OBIS id and attribute of every element of the list, then those elements (Landis+Gyr
 *    E360 and E450, Iskraemeco AM550, the Swiss industry's standard push; registers in Wh);
 *  - values alone whose order the list id KFM_001 fixes (Kaifa, registers in Wh).
 * A list that does not say its scale is read only where its maker is known from the telegram itself; one whose order
 * is not known is refused. Knows nothing of frames.
 */
import { toHex } from "../../base/bytes.ts";
import { dateTimeText, isDateTime, type DateTime } from "../calendar.ts";
import { scaleInteger } from "../decimal.ts";
import { latin1 } from "../latin1.ts";
import {
  identityOf,
  refused,
  type DecodeEvent,
  type MeterTime,
  type Reading,
  type TelegramOptions,
} from "../reading.ts";
import { ENUM, INTEGER, type DlmsData } from "./dlms-data.ts";
import { isEnergies } from "./needed.ts";
import {
  energy,
  isEnergy,
  obisAt,
  readEnergies,
  type Energy,
  type EnergyRegister,
  type Obis,
  type TroubleCode,
} from "./registers.ts";

type Item = {
  readonly obis: Obis;
  readonly value: DlmsData;
  readonly scaler: number | null;
  readonly unit: number | null;
};

const WATT_HOURS = 30;
const WATTS = 27;
const MILLI = 3;
const NOT_SET = 0xff;

/** What a telegram's own texts say of the scale of registers that carry none: power of ten of a Wh. */
const MAKERS: readonly (readonly [pattern: RegExp, energyScaler: number])[] = [
  [/^Kamstrup_V\d/, 1],
  [/^(KFM_|Kaifa|KAIFA)/, 0],
  // Logical device names: the maker's flag and a serial number.
  [/^(LGZ|ISK)\d{5}/, 0],
];

/** Kaifa's list 3: how many values, and where the registers are (IEC order: power, currents, voltages, clock, energy). */
const KAIFA_LISTS: Readonly<Record<number, { readonly clock: number }>> = { 14: { clock: 9 }, 18: { clock: 13 } };
const KAIFA_POWER_ONLY = new Set([1, 9, 13]);
const KAIFA_ID = "KFM_001";

/** Logical device name, Kamstrup's number, serial numbers: best first. */
const SERIAL_IDS: readonly Obis[] = [
  [0, 0, 42, 0, 0, 255],
  [1, 1, 0, 0, 5, 255],
  [0, 0, 96, 1, 0, 255],
  [0, 0, 96, 1, 1, 255],
];

const SENTENCES = {
  "power-only":
    "This telegram carries power but no registers; this meter sends its registers less often, mostly at the full hour: wait for it.",
  "unknown-layout":
    "This meter sends values whose order is not known here; report its type to the project, with a recording.",
} as const;

const textOf = (data: DlmsData | undefined): string =>
  data?.kind === "octets" && data.bytes.every((byte) => byte >= 0x20 && byte < 0x7f)
    ? latin1(data.bytes.subarray(0, 64))
    : "";

const numberOf = (data: DlmsData | undefined): number | null => (data?.kind === "number" ? data.value : null);

const obisOf = (data: DlmsData | undefined): Obis | null =>
  data?.kind === "octets" && data.bytes.length === 6 && data.bytes[5] === 0xff ? obisAt(data.bytes) : null;

type ScalerUnit = { readonly scaler: number; readonly unit: number };

const pairOf = (scaler: DlmsData | undefined, unit: DlmsData | undefined): ScalerUnit | null => {
  if (scaler?.kind !== "number" || unit?.kind !== "number") return null;
  if (scaler.tag !== INTEGER || unit.tag !== ENUM || scaler.value === null || unit.value === null) return null;
  return { scaler: scaler.value, unit: unit.value };
};

const scalerUnitOf = (data: DlmsData | undefined): ScalerUnit | null =>
  data?.kind === "list" && data.items.length === 2 ? pairOf(data.items[0], data.items[1]) : null;

/** OBIS ids and values as they come, in structures or in turn, scaler and unit behind them or not at all. */
const walk = (items: readonly DlmsData[], out: Item[], texts: string[]): void => {
  let id: Obis | null = null;
  const last = (): Item | undefined => out.at(-1);
  for (let i = 0; i < items.length; i++) {
    const data = items[i];
    if (data === undefined) continue;
    if (id === null) {
      id = obisOf(data);
      if (id !== null) continue;
    } else if (data.kind !== "list") {
      const flat = pairOf(items[i + 1], items[i + 2]);
      const inner = scalerUnitOf(items[i + 1]);
      const meant = flat ?? inner;
      out.push({ obis: id, value: data, scaler: meant?.scaler ?? null, unit: meant?.unit ?? null });
      if (data.kind === "octets") texts.push(textOf(data));
      id = null;
      i += flat !== null ? 2 : inner !== null ? 1 : 0;
      continue;
    }
    id = null;
    if (data.kind === "list") walk(data.items, out, texts);
    else if (last() === undefined) texts.push(textOf(data));
  }
};

type Definition = { readonly obis: Obis | null; readonly attribute: number | null };

/** [class, OBIS id, attribute, index] of each element of the list; null when it is no such array. */
const definitionsOf = (data: DlmsData | undefined): readonly Definition[] | null => {
  if (data?.kind !== "list" || data.items.length === 0) return null;
  const definitions: Definition[] = [];
  for (const item of data.items) {
    if (item.kind !== "list" || item.items.length !== 4) return null;
    const name = item.items[1];
    if (numberOf(item.items[0]) === null || numberOf(item.items[3]) === null || name?.kind !== "octets") return null;
    definitions.push({ obis: obisOf(name), attribute: numberOf(item.items[2]) });
  }
  return definitions;
};

const defined = (definitions: readonly Definition[], values: readonly DlmsData[]): Item[] => {
  const scales = new Map<string, ScalerUnit>();
  definitions.forEach(({ obis, attribute }, i) => {
    const scale = attribute === 3 ? scalerUnitOf(values[i]) : null;
    if (obis !== null && scale !== null) scales.set(obis.join("."), scale);
  });
  const items: Item[] = [];
  definitions.forEach(({ obis, attribute }, i) => {
    const value = values[i];
    if (obis === null || value === undefined || attribute !== 2) return;
    const scale = scales.size === 0 ? undefined : scales.get(obis.join("."));
    items.push({ obis, value, scaler: scale?.scaler ?? null, unit: scale?.unit ?? null });
  });
  return items;
};

/** Null unless the list is Kaifa's and every value is of the kind that its place asks for. */
const kaifa = (values: readonly DlmsData[]): Item[] | null => {
  const { clock = 0 } = KAIFA_LISTS[values.length] ?? {};
  const places: readonly (readonly [at: number, obis: Obis])[] = [
    [1, [0, 0, 96, 1, 0, 255]],
    [3, [1, 0, 1, 7, 0, 255]],
    [4, [1, 0, 2, 7, 0, 255]],
    [clock, [0, 0, 1, 0, 0, 255]],
    [clock + 1, [1, 0, 1, 8, 0, 255]],
    [clock + 2, [1, 0, 2, 8, 0, 255]],
  ];
  const fits = values.every(({ kind }, i) => kind === (i < 3 || i === clock ? "octets" : "number"));
  if (clock === 0 || !fits) return null;
  return places.map(([at, obis]) => ({ obis, value: values[at] ?? { kind: "null" }, scaler: null, unit: null }));
};

type Push = { readonly items: readonly Item[]; readonly texts: readonly string[] };

/** What the list holds; a code when it cannot be told. */
const unpack = (data: DlmsData): Push | keyof typeof SENTENCES => {
  const values = data.kind === "list" ? data.items : [data];
  if (textOf(values[0]) === KAIFA_ID) {
    if (KAIFA_POWER_ONLY.has(values.length)) return "power-only";
    const items = kaifa(values);
    return items === null ? "unknown-layout" : { items, texts: [KAIFA_ID] };
  }
  if (values.length === 1 && values[0]?.kind === "number") return "power-only";
  const definitions = definitionsOf(values[0]);
  if (definitions !== null) {
    if (definitions.length !== values.length) return "unknown-layout";
    return { items: defined(definitions, values), texts: values.map(textOf) };
  }
  const items: Item[] = [];
  const texts: string[] = [];
  walk(values, items, texts);
  return items.length === 0 ? "unknown-layout" : { items, texts };
};

const energyOf = ({ value, scaler, unit }: Item, fallback: number | null): Energy | TroubleCode => {
  if (unit !== null && unit !== WATT_HOURS) return "unknown-unit";
  const exponent = scaler ?? fallback;
  return exponent === null ? "unknown-scale" : energy(numberOf(value), exponent + MILLI);
};

/** Signed whole watts; power is for screens only, so what cannot be read is left out. */
const wattsOf = (items: readonly Item[], c: number, known: boolean): number | null => {
  const item = items.find(({ obis }) => obis[0] === 1 && obis[2] === c && obis[3] === 7 && obis[4] === 0);
  const n = numberOf(item?.value);
  if (item === undefined || n === null) return null;
  if (item.unit === null ? !known : item.unit !== WATTS) return null;
  const watts = scaleInteger(Math.abs(n), item.scaler ?? 0)?.value ?? null;
  return watts === null || n >= 0 ? watts : -watts;
};

const readPower = (items: readonly Item[], known: boolean): Pick<Reading, "powerExportW" | "powerImportW"> => {
  const both = wattsOf(items, 16, known);
  if (both !== null) return { powerImportW: Math.max(0, both), powerExportW: Math.max(0, -both) };
  const [plus, minus] = [wattsOf(items, 1, known), wattsOf(items, 2, known)];
  return { powerImportW: plus, powerExportW: minus === null ? null : Math.abs(minus) };
};

/** DLMS date-time, 12 bytes: year, month, day, weekday, hour, minute, second, hundredths, deviation, status. */
export const readClock = (bytes: Uint8Array): MeterTime | null => {
  if (bytes.length !== 12) return null;
  const at = (i: number): number => bytes[i] ?? NOT_SET;
  const time: DateTime = [at(0) * 256 + at(1), at(2), at(3), at(5), at(6), at(7)];
  const status = at(11);
  const valid = isDateTime(time) && (status === NOT_SET || (status & 0x0b) === 0);
  // Meters that leave the deviation open leave the summer bit 0 all year.
  const open = status === NOT_SET || (at(9) === 0x80 && at(10) === 0 && status < 0x80);
  const summer = open ? null : (status & 0x80) !== 0;
  return { text: isDateTime(time) ? dateTimeText(time) : toHex(bytes), valid, summer };
};

const serialOf = (items: readonly Item[]): string => {
  for (const id of SERIAL_IDS) {
    const found = items.find(({ obis }) => obis.every((part, i) => part === id[i]))?.value;
    if (found?.kind === "octets" && found.bytes.length > 0) return toHex(found.bytes);
  }
  return "";
};

const clockOf = (items: readonly Item[]): MeterTime | null => {
  const item = items.find(({ obis }) => obis[0] === 0 && obis[2] === 1 && obis[3] === 0 && obis[4] === 0);
  return item?.value.kind === "octets" ? readClock(item.value.bytes) : null;
};

/**
 * @param time the notification's own time, if it has one.
 * @param blocks it came in general block transfer: of the meters that push in clear only Landis+Gyr's E450 does that.
 * Refusals: `power-only`, `unknown-layout` and those of {@link readEnergies}.
 */
export const readPush = (
  data: DlmsData,
  time: MeterTime | null,
  blocks: boolean,
  { salt, needs = "export" }: TelegramOptions,
): DecodeEvent => {
  const push = unpack(data);
  if (typeof push === "string") return refused(push, SENTENCES[push]);
  const { items, texts } = push;
  const maker = MAKERS.find(([pattern]) => texts.some((text) => pattern.test(text)));
  const fallback = maker?.[1] ?? (blocks ? 0 : null);
  const registers: EnergyRegister[] = items
    .filter(({ obis, value }) => isEnergy(obis) && value.kind !== "null")
    .map((item) => ({ obis: item.obis, value: energyOf(item, fallback) }));
  if (registers.length === 0) return refused("power-only", SENTENCES["power-only"]);
  const energies = readEnergies(registers, needs);
  if (!isEnergies(energies)) return energies;
  return {
    kind: "reading",
    reading: {
      protocol: "dlms",
      ...energies,
      ...readPower(items, fallback !== null),
      meterTime: time ?? clockOf(items),
      identity: salt === null ? null : identityOf(serialOf(items), salt),
      counter: null,
    },
  };
};
