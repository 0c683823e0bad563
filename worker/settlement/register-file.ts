/**
 * A MID meter's own record as a person has it: two columns, a time and the register or the energy of the interval, as a
 * grid operator's portal exports them or a member types them from the display. `;`, tab or `,` between them, decimal point
 * or comma, Wh, kWh or MWh, ISO 8601 or day/month/year times in the community's zone. Nothing is guessed: a line that
 * could mean two things is refused by its number, with what to do. Exact integers; knows no chain.
 */
import { ok, refuse, type Refusal, type Result } from "../base/result.ts";
import { parseScaled } from "../metering/decimal.ts";
import { instantsOf, type Zone } from "./zone.ts";

export type FileForm = {
  readonly column: "register" | "energy";
  /** What a number means that has no unit of its own, nor its column. */
  readonly unit: "kWh" | "Wh";
  /** Where an interval's time stands. A date alone always is the day that begins. */
  readonly stamp: "start" | "end";
  readonly zone: Zone;
};

/** Energy between two instants. Ascending, never overlapping; gaps where the file has none. */
export type Metered = { readonly from: number; readonly to: number; readonly mwh: number };

export type MeterFile = {
  readonly kind: "register" | "energy";
  readonly intervals: readonly Metered[];
  /** Of registers each one, for a file of a single line too. */
  readonly points: readonly { readonly at: number; readonly mwh: number }[];
  /** The smallest step that the file's numbers show, mWh. */
  readonly unitMwh: number;
};

/** A leap year of quarter-hours, and a header. */
export const MAX_LINES = 36_000;
const MAX_LETTERS = 4_000_000;
const DAY = 86_400_000;
const MAX_SHOWN = 40;

/** Digits of mWh in one unit. Letters' case tells a megawatt-hour from ours, so it is kept. */
const SCALES: Readonly<Record<string, number>> = { Wh: 3, wh: 3, WH: 3, kWh: 6, KWh: 6, kwh: 6, KWH: 6, MWh: 9 };
const UNIT = /(?:^|[^A-Za-z])(k?wh|kWh|KWh|KWH|MWh|Wh|WH)(?![A-Za-z])/;

/** Units of power, and of what is no active energy: quarter-hours of mean power in kW are a usual export. */
const OTHER_UNIT = /(?:^|[^A-Za-z])[kM]?(?:W|VA|VAh|varh?|VArh?|VARh?)(?![A-Za-z])/;

const no = (code: string, message: string, data?: Refusal["data"]) => refuse(code, message, "ignore", data);
const at = (line: number, message: string, code: string, text: string) =>
  no(code, `Line ${line}: ${message}`, { line, text: text.slice(0, MAX_SHOWN) });

type Line = { readonly number: number; readonly time: string; readonly value: string; readonly text: string };

/** The cells of a line; null where the separator is not clear. */
const cellsOf = (text: string): string[] | null => {
  const bare = (cell: string): string =>
    cell
      .trim()
      .replace(/^"(.*)"$/, "$1")
      .trim();
  for (const separator of ["\t", ";"]) if (text.includes(separator)) return text.split(separator).map(bare);
  // A quoted cell may have a comma of its own.
  const quoted = /^("[^"]*"|[^",]*),("[^"]*"|[^",]*)$/.exec(text.trim());
  if (quoted !== null) return [bare(quoted[1] ?? ""), bare(quoted[2] ?? "")];
  return text.includes(",") ? null : [bare(text)];
};

const splitLines = (text: string): Result<Line[]> => {
  const lines: Line[] = [];
  for (const [i, raw] of text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\n|\r/)
    .entries()) {
    const number = i + 1;
    if (raw.trim() === "") continue;
    if (lines.length > MAX_LINES)
      return no("file-too-long", "This file has more than a year of lines; cut it into years.");
    const cells = cellsOf(raw);
    if (cells === null)
      return at(
        number,
        "it has more than one comma; put a semicolon between the time and the number.",
        "file-commas",
        raw,
      );
    while (cells.length > 2 && cells.at(-1) === "") cells.pop();
    const [time = "", value = ""] = cells;
    if (cells.length === 1)
      return at(
        number,
        "there is no second column; put a semicolon between the time and the number.",
        "file-one-column",
        raw,
      );
    if (cells.length > 2)
      return at(number, "there are more than two columns; keep the time and one number.", "file-columns", raw);
    lines.push({ number, time, value, text: raw });
  }
  return ok(lines);
};

const unitIn = (text: string): number | null => {
  const found = UNIT.exec(text)?.[1];
  return found === undefined ? null : (SCALES[found] ?? null);
};

const bareNumber = (value: string): string => value.replace(UNIT, " ").replace(/[\s\u00a0\u202f]/g, "");
const isNumber = (value: string): boolean => /^[-\u2212]?[\d.,]+$/.test(bareNumber(value));

/** 1.234, but also 12.345: thousands or decimals. */
const MAYBE_THOUSANDS = /^[1-9]\d{0,2}[.,]\d{3}$/;

/** The first line whose mark may be either, where no other number says which; a plain 999 beside it says that it may. */
const ambiguousMark = (lines: readonly Line[]): Line | null => {
  const numbers = lines.map(({ value }) => bareNumber(value));
  const marked = numbers.filter((n) => /[.,]/.test(n));
  const plain = numbers.filter((n) => !/[.,]/.test(n) && Number(n) > 0);
  if (plain.length === 0 || plain.some((n) => Number(n) > 999)) return null;
  if (!marked.every((n) => MAYBE_THOUSANDS.test(n))) return null;
  return lines[numbers.findIndex((n) => MAYBE_THOUSANDS.test(n))] ?? null;
};

type Value = { readonly mwh: number; readonly unit: number };

const valueOf = (line: Line, usual: number): Result<Value> => {
  const { number, text } = line;
  const scale = unitIn(line.value) ?? usual;
  // Spaces between thousands, also narrow ones, are no decimals.
  const digits = bareNumber(line.value);
  if (digits === "")
    return at(number, "the number is missing; take the line out if nothing was counted.", "file-no-number", text);
  if (/^[-\u2212]/.test(digits))
    return at(number, "a meter's number is never below zero; export one direction only.", "file-negative", text);
  if (/[.,].*[.,]/.test(digits))
    return at(
      number,
      "write the number without a mark between the thousands, such as 1234.567.",
      "file-thousands",
      text,
    );
  const read = parseScaled(digits, scale);
  if (read === null)
    return at(number, "this is not a number; write it such as 1234.567 or 1234,567.", "file-number", text);
  return ok({ mwh: read.value, unit: read.unit });
};

/** What a clock shows, as if it were UTC; with its own offset where it is written; a date alone is its midnight. */
type Stamp = { readonly wall: number; readonly offset: number | null; readonly dayOnly: boolean };

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]+(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/i;
const DAY_FIRST = /^(\d\d?)[/.-](\d\d?)[/.-](\d{4})(?:[T ,]+(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?)?$/;

const offsetIn = (text: string | undefined): number | null => {
  if (text === undefined) return null;
  if (/^z$/i.test(text)) return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2));
  return text.startsWith("-") ? -minutes : minutes;
};

const stampOf = (text: string): Stamp | null => {
  const iso = ISO.exec(text);
  const own = iso === null ? DAY_FIRST.exec(text) : null;
  const found = iso ?? own;
  if (found === null) return null;
  const [year, month, day] = (iso === null ? [found[3], found[2], found[1]] : [found[1], found[2], found[3]]).map(
    Number,
  ) as [number, number, number];
  const [hour, minute, second] = [found[4], found[5], found[6]].map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
  ];
  // 24:00 is how some portals write the end of a day.
  const isEnd = hour === 24 && minute === 0 && second === 0;
  if (month < 1 || month > 12 || minute > 59 || second > 59 || (hour > 23 && !isEnd)) return null;
  const midnight = Date.UTC(year, month - 1, day);
  if (new Date(midnight).getUTCDate() !== day) return null;
  const dayOnly = found[4] === undefined;
  return { wall: midnight + ((hour * 60 + minute) * 60 + second) * 1_000, offset: offsetIn(found[7]), dayOnly };
};

type Row = Line & { readonly stamp: Stamp };
type Placed = { readonly line: Line; readonly at: number; readonly dayOnly: boolean; readonly value: Value };

/** The instant of a time; of two that a repeated hour has, the first that is after the row before. */
const placeRow = ({ stamp, number, text }: Row, before: number | null, form: FileForm): Result<number> => {
  const { zone } = form;
  if (stamp.offset !== null) return ok(stamp.wall - stamp.offset * 60_000);
  const found = instantsOf(stamp.wall, zone);
  // The end of the last quarter before the clocks go forward: some write 02:00 for it, others 03:00.
  const isEnd = form.column === "register" || form.stamp === "end";
  if (found.length === 0 && isEnd) found.push(...instantsOf(stamp.wall - 1, zone).map((time) => time + 1));
  if (found.length === 0)
    return at(
      number,
      "this time does not exist: the clocks were put forward over it; check the file's time zone.",
      "file-skipped-hour",
      text,
    );
  return ok(found.find((time) => before === null || time > before) ?? found.at(-1) ?? 0);
};

/** Oldest first, whichever way the file runs. */
const ordered = (rows: readonly Row[]): readonly Row[] => {
  const time = ({ stamp }: Row): number => stamp.wall - (stamp.offset ?? 0) * 60_000;
  const [first, last] = [rows[0], rows.at(-1)];
  return first !== undefined && last !== undefined && time(first) > time(last) ? rows.toReversed() : rows;
};

const placeAll = (rows: readonly Row[], form: FileForm, scale: number): Result<Placed[]> => {
  const placed: Placed[] = [];
  for (const row of ordered(rows)) {
    const before = placed.at(-1)?.at ?? null;
    const time = placeRow(row, before, form);
    if (!time.ok) return time;
    if (before !== null && time.value <= before)
      return at(
        row.number,
        "this time is not after the one before it; sort the file by time and keep each time once.",
        "file-order",
        row.text,
      );
    const value = valueOf(row, scale);
    if (!value.ok) return value;
    placed.push({ line: row, at: time.value, dayOnly: row.stamp.dayOnly, value: value.value });
  }
  return ok(placed);
};

const registerFile = (rows: readonly Placed[]): Result<Metered[]> => {
  const out: Metered[] = [];
  for (const [i, row] of rows.entries()) {
    const before = rows[i - 1];
    if (before === undefined) continue;
    if (row.value.mwh < before.value.mwh)
      return at(
        row.line.number,
        "the register is lower than before; if the meter was exchanged, check the time before and after it apart.",
        "file-backwards",
        row.line.text,
      );
    out.push({ from: before.at, to: row.at, mwh: row.value.mwh - before.value.mwh });
  }
  return ok(out);
};

/** Most times between two rows are one interval apart: longer ones are gaps in the file. */
const usualLength = (rows: readonly Placed[]): number | null => {
  const counts = new Map<number, number>();
  for (const [i, row] of rows.entries()) {
    const before = rows[i - 1];
    if (before !== undefined) counts.set(row.at - before.at, (counts.get(row.at - before.at) ?? 0) + 1);
  }
  const [best] = [...counts].toSorted((a, b) => b[1] - a[1] || a[0] - b[0]);
  return best?.[0] ?? null;
};

const energyFile = (rows: readonly Placed[], form: FileForm): Result<Metered[]> => {
  // A day lasts from midnight to midnight, 23 or 25 hours on the odd days.
  const nextMidnight = (time: number): number => {
    const wall = time + form.zone(time) * 60_000;
    return instantsOf(wall + DAY, form.zone)[0] ?? time + DAY;
  };
  const daily = rows.every(({ dayOnly }) => dayOnly);
  const length = usualLength(rows);
  if (!daily && length === null)
    return no(
      "file-one-interval",
      "One energy alone does not say how long its interval is; add the next one, or enter the register.",
    );
  const out: Metered[] = [];
  for (const [i, row] of rows.entries()) {
    const { mwh } = row.value;
    const from = daily || form.stamp === "start" ? row.at : row.at - (length ?? 0);
    const to = daily ? nextMidnight(row.at) : from + (length ?? 0);
    if (from < (out[i - 1]?.to ?? 0))
      return at(
        row.line.number,
        "this interval begins before the one above it has ended; keep intervals of one length.",
        "file-overlap",
        row.line.text,
      );
    out.push({ from, to, mwh });
  }
  return ok(out);
};

/**
 * Refusals name the line in `data.line`: `file-empty`, `file-too-long`, `file-commas`, `file-one-column`, `file-columns`,
 * `file-unit`, `file-no-number`, `file-negative`, `file-thousands`, `file-number`, `file-time`, `file-skipped-hour`,
 * `file-order`, `file-backwards`, `file-overlap`, `file-one-interval`.
 */
export const parseRegisterFile = (text: string, form: FileForm): Result<MeterFile> => {
  if (text.length > MAX_LETTERS)
    return no("file-too-long", "This file has more than a year of lines; cut it into years.");
  const lines = splitLines(text);
  if (!lines.ok) return lines;
  const [first, ...rest] = lines.value;
  if (first === undefined) return no("file-empty", "There is nothing here; paste two columns: a time and a number.");
  // A first line with neither a time nor a number is a heading, also one that names an OBIS register.
  const hasHeading = stampOf(first.time) === null && !isNumber(first.value);
  const heading = hasHeading ? (unitIn(first.value) ?? unitIn(first.time)) : null;
  const body = hasHeading ? rest : lines.value;
  if (hasHeading && unitIn(first.value) === null && OTHER_UNIT.test(first.value))
    return at(
      first.number,
      "this column is no active energy; export kWh, for a load profile in kW is four times its quarter-hours.",
      "file-unit",
      first.text,
    );
  if (body.length === 0) return no("file-empty", "There is nothing below the heading; paste a time and a number.");
  const unclear = ambiguousMark(body);
  if (unclear !== null)
    return at(
      unclear.number,
      "its mark may stand between thousands or before decimals; write all numbers alike, such as 1234.000.",
      "file-thousands",
      unclear.text,
    );
  const rows: Row[] = [];
  for (const line of body) {
    const stamp = stampOf(line.time);
    if (stamp === null)
      return at(
        line.number,
        "this is not a time; write it such as 2026-06-21 14:15 or 21/06/2026 14:15.",
        "file-time",
        line.text,
      );
    rows.push({ ...line, stamp });
  }
  const placed = placeAll(rows, form, heading ?? (form.unit === "Wh" ? 3 : 6));
  if (!placed.ok) return placed;
  const { value } = placed;
  const intervals = form.column === "register" ? registerFile(value) : energyFile(value, form);
  if (!intervals.ok) return intervals;
  return ok({
    kind: form.column,
    intervals: intervals.value,
    points: form.column === "register" ? value.map((row) => ({ at: row.at, mwh: row.value.mwh })) : [],
    unitMwh: Math.min(...value.map((row) => row.value.unit)),
  });
};
