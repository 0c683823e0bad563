/**
 * One whole P1 telegram, already framed and checked, to a reading: DSMR P1 Companion Standard 5.0.2 §6.12 and its
 * national relatives (e-MUCS P1 in Belgium; Luxembourg, Austria, Hungary, Sweden, Switzerland, Lithuania). What its
 * lines mean stands in obis-lines.ts. Knows nothing of framing, checksums or time zones.
 */
import { isTime } from "../calendar.ts";
import type { DecodeEvent, MeterTime, TelegramOptions } from "../reading.ts";
import { firstValue, readLines, readRegisters, type Lines } from "./obis-lines.ts";

/** Where the meter's own serial number is, best first: NL/BE/SE, ESMR and HU, LU, EasyMeter, older ones. */
const SERIAL_IDS = ["0-0:96.1.1", "0-0:96.1.0", "0-0:42.0.0", "0-0:96.1.255", "1-0:0.0.0", "1-0:96.1.0"] as const;

/** YYMMDDhhmmss and S or W. An unset clock sends rubbish such as 632525252525W (seen in Belgium). */
export const readTime = (found: Lines): MeterTime | null => {
  const text = firstValue(found, ["0-0:1.0.0"]);
  if (text === "") return null;
  const match = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)([SWsw]?)$/.exec(text);
  if (match === null) return { text, valid: false, summer: null };
  const parts = match.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  const season = (match[7] ?? "").toUpperCase();
  return { text, valid: isTime(...parts), summer: season === "" ? null : season === "S" };
};

/**
 * @param text the telegram from `/` to `!`, one character a byte.
 * Refusals: those of {@link readRegisters}.
 */
export const readTelegram = (text: string, options: TelegramOptions): DecodeEvent => {
  const found = readLines(text, "full");
  return readRegisters(found, { ...options, protocol: "p1", serialIds: SERIAL_IDS, meterTime: readTime(found) });
};
