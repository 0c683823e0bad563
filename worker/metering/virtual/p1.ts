/**
 * A virtual smart meter: the very bytes of a P1 port, with checksum (P1 Companion Standard 5.0.2; e-MUCS P1 1.7.1).
 * For the demo, the tests and the browsers' end-to-end run. Time is an argument; the calendar is whole-number
 * arithmetic, so that no room below the runner needs a Date.
 */
import { assert } from "../../base/result.ts";
import type { Millis } from "../../base/units.ts";
import { civil } from "../calendar.ts";
import { crc16, crc16Hex } from "../crc16.ts";
import { latin1Bytes } from "../latin1.ts";

export type P1Style = "nl" | "be";

export type P1Telegram = {
  readonly style: P1Style;
  /** `Wh` writes whole watt-hours in 2.8.0, as Austrian meters do; `kWh` writes tariffs with three decimals. */
  readonly unit?: "kWh" | "Wh";
  /** Registers in mWh; the port shows whole Wh, cut off. */
  readonly exportMwh: number;
  readonly importMwh: number;
  readonly powerExportW: number;
  readonly powerImportW: number;
  readonly at: Millis;
  /** Minutes that the meter's clock is ahead of UTC: 60 in winter, 120 in summer in Brussels and Utrecht. */
  readonly offsetMinutes?: number;
  readonly serial?: string;
};

const DAY_MS = 86_400_000;
const two = (n: number): string => String(n).padStart(2, "0");

/** YYMMDDhhmmss and S (more than an hour ahead of UTC) or W. */
export const meterTimeText = (at: Millis, offsetMinutes: number): string => {
  const local = at + offsetMinutes * 60_000;
  const [year, month, day] = civil(Math.floor(local / DAY_MS));
  const seconds = Math.floor((((local % DAY_MS) + DAY_MS) % DAY_MS) / 1000);
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return [year % 100, month, day, ...time].map(two).join("") + (offsetMinutes > 60 ? "S" : "W");
};

const kilo = (thousandths: number, digits: number): string =>
  `${String(Math.floor(thousandths / 1000)).padStart(digits, "0")}.${String(thousandths % 1000).padStart(3, "0")}`;

/** Two tariffs that never fall and add up: three tenths, rounded down, and the rest. */
const tariffs = (wh: number): [number, number] => {
  const second = Math.floor(wh / 10) * 3 + Math.floor(((wh % 10) * 3) / 10);
  return [wh - second, second];
};

const energyLines = (direction: 1 | 2, mwh: number, unit: "kWh" | "Wh"): string[] => {
  const wh = Math.floor(mwh / 1000);
  if (unit === "Wh") return [`1-0:${direction}.8.0(${String(wh).padStart(9, "0")}*Wh)`];
  return tariffs(wh).map((part, i) => `1-0:${direction}.8.${i + 1}(${kilo(part, 6)}*kWh)`);
};

const powerLine = (direction: 1 | 2, watts: number, unit: "kWh" | "Wh"): string =>
  unit === "Wh"
    ? `1-0:${direction}.7.0(${String(watts).padStart(9, "0")}*W)`
    : `1-0:${direction}.7.0(${kilo(watts, 2)}*kW)`;

const hexOf = (text: string): string =>
  Array.from(text, (char) => char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")).join("");

/** @throws Error for energy or power that is no whole number from 0: a bug of the caller. */
export const encodeP1 = (telegram: P1Telegram): Uint8Array => {
  const { style, exportMwh, importMwh, powerExportW, powerImportW, unit = "kWh", offsetMinutes = 60 } = telegram;
  for (const n of [exportMwh, importMwh, powerExportW, powerImportW]) {
    assert(Number.isSafeInteger(n) && n >= 0, `p1: ${n} is not a whole number from 0`);
  }
  const serial = hexOf(telegram.serial ?? "CWVIRTUAL0001");
  const time = `0-0:1.0.0(${meterTimeText(telegram.at, offsetMinutes)})`;
  const head =
    style === "be"
      ? ["/FLU5\\253769484_A", "", "0-0:96.1.4(50217)", `0-0:96.1.1(${serial})`, time]
      : ["/CWV5\\COMMONWATT", "", "1-3:0.2.8(50)", time, `0-0:96.1.1(${serial})`];
  const lines = [
    ...head,
    ...energyLines(1, importMwh, unit),
    ...energyLines(2, exportMwh, unit),
    "0-0:96.14.0(0001)",
    powerLine(1, powerImportW, unit),
    powerLine(2, powerExportW, unit),
    "0-0:96.13.0()",
    "!",
  ];
  const body = latin1Bytes(lines.join("\r\n"));
  const tail = latin1Bytes(`${crc16Hex(crc16(body))}\r\n`);
  const out = new Uint8Array(body.length + tail.length);
  out.set(body);
  out.set(tail, body.length);
  return out;
};
