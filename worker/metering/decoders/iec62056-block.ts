/**
 * The data block of IEC 62056-21 (§5.9, §6.5), already cut out and checked, to a reading. What its lines mean stands in
 * obis-lines.ts. Knows nothing of framing, checksums or dialogues.
 */
import { isTime } from "../calendar.ts";
import type { DecodeEvent, MeterTime, TelegramOptions } from "../reading.ts";
import { firstValue, readLines, readRegisters, type Lines } from "./obis-lines.ts";

/** Maker's number before the owner's: EasyMeter, newer meters, C.1.0 (Iskra, Landis+Gyr), 0.0.0 (device address). */
const SERIAL_IDS = [
  "0-0:96.1.255",
  "0-0:96.1.0",
  "1-0:96.1.0",
  "0-0:C.1.0",
  "1-0:C.1.0",
  "1-0:C.1",
  "1-0:0.0.0",
  "1-0:0.0.9",
] as const;

/** Data sets and nothing else: printable, each id with its values in whole brackets. */
const WHOLE_LINE = /^[ \t]*(?:[\x20-\x27\x2a-\x7e]*\([\x20-\x27\x2a-\x7e]*\))+[ \t]*$/;

/** Is every line of a block that has no checksum at least a whole line? */
export const areWholeLines = (text: string): boolean =>
  text.split(/[\r\n]+/).every((line) => line.trim() === "" || WHOLE_LINE.test(line));

/** Does it hold a line such as `2.8.0(`, so that it was a readout and not noise? */
export const hasDataLine = (text: string): boolean => /\d\.\d{1,2}(?:\.\d{1,3})?(?:[.*&]\d{1,3})?\(/.test(text);

/** Time 0.9.1 and date 0.9.2, `hhmmss` or with colons, `YYMMDD` or with dashes; a seventh digit in front is summer. */
const readTime = (found: Lines): MeterTime | null => {
  const time = firstValue(found, ["1-0:0.9.1", "0-0:0.9.1", "1-1:0.9.1"]);
  const date = firstValue(found, ["1-0:0.9.2", "0-0:0.9.2", "1-1:0.9.2"]);
  if (time === "" && date === "") return null;
  const text = `${date} ${time}`.trim();
  const clock = /^\d?(\d\d)(\d\d)(\d\d)$/.exec(time.replace(/\D/g, ""));
  const day = /^(\d?)(\d\d)(\d\d)(\d\d)$/.exec(date.replace(/\D/g, ""));
  if (clock === null || day === null) return { text, valid: false, summer: null };
  const parts = [...day.slice(2, 5), ...clock.slice(1, 4)].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const summer = day[1] === "1" ? true : day[1] === "0" ? false : null;
  return { text, valid: isTime(...parts), summer };
};

/**
 * @param text one character a byte, seven bits.
 * Refusals: those of {@link readRegisters}.
 */
export const readBlock = (text: string, options: TelegramOptions): DecodeEvent => {
  const found = readLines(text, "short");
  return readRegisters(found, { ...options, protocol: "iec", serialIds: SERIAL_IDS, meterTime: readTime(found) });
};
