/**
 * A virtual IEC 62056-21 meter: the block of modes A to C with its BCC, the telegram of mode D, and a meter that answers
 * a reader's sign-on as a real one would, with the echo of an optical head if asked for. Seven-bit bytes; parity is the
 * port's. Knows nothing of time beyond the baud rate at which it is spoken to.
 */
import { assert } from "../../base/result.ts";
import type { Millis } from "../../base/units.ts";
import { latin1, latin1Bytes } from "../latin1.ts";
import { meterTimeText } from "./p1.ts";

export type IecReadout = {
  /** Registers in mWh, cut off to whole Wh. */
  readonly exportMwh: number;
  readonly importMwh: number;
  readonly powerExportW: number;
  readonly powerImportW: number;
  readonly at: Millis;
  readonly offsetMinutes?: number;
  readonly serial?: string;
  /** `full` writes 1-0:2.8.0*255, `short` writes 2.8.0, `tariffs` writes 2.8.1 and 2.8.2 only. */
  readonly ids?: "full" | "short" | "tariffs";
};

const fixed = (thousandths: number, digits: number): string =>
  `${String(Math.floor(thousandths / 1000)).padStart(digits, "0")}.${String(thousandths % 1000).padStart(3, "0")}`;

/** The data lines, from the first id to `!`. @throws Error for what is no whole number from 0: a bug of the caller. */
export const iecLines = (readout: IecReadout): string => {
  const { exportMwh, importMwh, powerExportW, powerImportW, ids = "short", serial = "12345678" } = readout;
  for (const n of [exportMwh, importMwh, powerExportW, powerImportW]) {
    assert(Number.isSafeInteger(n) && n >= 0, `iec: ${n} is not a whole number from 0`);
  }
  const id = (short: string): string => (ids === "full" ? `1-0:${short}*255` : short);
  const energy = (direction: 1 | 2, mwh: number): string[] => {
    const wh = Math.floor(mwh / 1000);
    if (ids !== "tariffs") return [`${id(`${direction}.8.0`)}(${fixed(wh, 7)}*kWh)`];
    const night = Math.floor(wh / 3);
    return [wh - night, night].map((part, i) => `${direction}.8.${i + 1}(${fixed(part, 7)}*kWh)`);
  };
  const time = meterTimeText(readout.at, readout.offsetMinutes ?? 60);
  const lines = [
    "F.F(00000000)",
    `${id("0.0.0")}(${serial})`,
    `${id("0.9.1")}(${time.slice(6, 12)})`,
    `${id("0.9.2")}(${time.endsWith("S") ? 1 : 0}${time.slice(0, 6)})`,
    ...energy(1, importMwh),
    ...energy(2, exportMwh),
    // History, which is not the register of now.
    `2.8.0*01(${fixed(0, 7)}*kWh)`,
    `${id("1.7.0")}(${fixed(powerImportW, 3)}*kW)`,
    `${id("2.7.0")}(${fixed(powerExportW, 3)}*kW)`,
    "!",
  ];
  return lines.join("\r\n");
};

/** STX data ETX BCC. */
export const encodeIecBlock = (readout: IecReadout): Uint8Array => {
  const bytes = latin1Bytes(`\x02${iecLines(readout)}\r\n\x03\0`);
  let bcc = 0;
  for (let i = 1; i < bytes.length - 1; i++) bcc ^= bytes[i] ?? 0;
  bytes[bytes.length - 1] = bcc;
  return bytes;
};

/** The telegram that a mode D meter pushes. */
export const encodeIecModeD = (readout: IecReadout): Uint8Array =>
  latin1Bytes(`/CWV5COMMONWATT\r\n\r\n${iecLines({ ...readout, ids: "full" })}\r\n`);

export type IecMeterOptions = {
  /** The character of the baud rate that it offers: 0 to 6 mode C, A to F mode B, anything else mode A. */
  readonly z?: string;
  /** The optical head returns what it is sent. */
  readonly echo?: boolean;
  readonly address?: string;
  readonly readout: () => IecReadout;
};

export type IecAnswer = {
  readonly bytes: Uint8Array;
  /** The rate that the meter sends it at: a reader at another one receives rubbish. */
  readonly baudRate: number;
  /** From the last byte of the question. */
  readonly afterMs: number;
};

/** Its side of the dialogue. */
export type IecMeter = { readonly receive: (bytes: Uint8Array, baudRate: number) => readonly IecAnswer[] };

const RATES = [300, 600, 1_200, 2_400, 4_800, 9_600, 19_200];
const REACTION_MS = 200;
const ACK = "\x06";

/** A meter that waits to be asked. What it is sent at another rate than it listens at, it does not hear. */
export const virtualIecMeter = (options: IecMeterOptions): IecMeter => {
  const { z = "5", echo = false, address = "", readout } = options;
  let heard = "";
  const name = latin1Bytes(`/CWV${z}COMMONWATT\r\n`);
  const block = (baudRate: number, afterMs: number): IecAnswer => ({
    bytes: encodeIecBlock(readout()),
    baudRate,
    afterMs,
  });
  const answer = (): IecAnswer[] => {
    const request = /\/\?([^!]*)!\r\n$/.exec(heard);
    if (request !== null && [address, ""].includes(request[1] ?? "")) {
      heard = "";
      const named = { bytes: name, baudRate: 300, afterMs: REACTION_MS };
      if (/[0-6]/.test(z)) return [named];
      // The name takes 15 characters of ten bits before the block can follow.
      const after = REACTION_MS + Math.ceil((name.length * 10_000) / 300) + REACTION_MS;
      return [named, block("ABCDEF".includes(z) ? (RATES["ABCDEF".indexOf(z) + 1] ?? 300) : 300, after)];
    }
    const option = /0([0-6])0\r\n$/.exec(heard.slice(heard.lastIndexOf(ACK) + 1));
    if (option === null || !heard.includes(ACK) || !/[0-6]/.test(z)) return [];
    heard = "";
    return [block(option[1] === z ? (RATES[Number(z)] ?? 300) : 300, REACTION_MS)];
  };
  return {
    receive: (bytes, baudRate) => {
      if (baudRate !== 300) return [];
      heard = (heard + latin1(bytes)).slice(-64);
      const back: IecAnswer[] = echo ? [{ bytes, baudRate: 300, afterMs: 0 }] : [];
      return [...back, ...answer()];
    },
  };
};
