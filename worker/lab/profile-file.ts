/**
 * Measured household data as a pilot replays it: columns of a CSV file, each one kWh per interval or (cumulative) a
 * meter's own register. Decimal text becomes integer mWh by hand, so that sums agree with the file to the last digit.
 */
import Papa from "papaparse";
import { ok, refuse, type Result } from "../base/result.ts";
import { mwh, type Millis, type MilliwattHours } from "../base/units.ts";

export type Series = { readonly column: string; readonly energies: readonly MilliwattHours[] };
export type ProfileFile = {
  readonly generators: readonly Series[];
  readonly consumers: readonly Series[];
  readonly intervalMs: number;
  /** Beginning of the first interval, from the file's own UTC column; null when it has none. */
  readonly start: Millis | null;
};
export type ProfileAsk = {
  readonly generators: readonly string[];
  readonly consumers: readonly string[];
  readonly resolutionMinutes: number;
  readonly days: number;
  /** First data row used, from 0. */
  readonly from: number;
  readonly cumulative: boolean;
};

const DECIMALS = 6;
const NUMBER = /^(\d{1,10})(?:\.(\d+))?$/;

/** kWh as decimal text → mWh; digits beyond the sixth must be 0. Null for anything else, exponents included. */
export const mwhOfText = (text: string): number | null => {
  const match = NUMBER.exec(text.trim());
  if (match === null) return null;
  const [, whole = "", part = ""] = match;
  const kept = part.slice(0, DECIMALS).padEnd(DECIMALS, "0");
  if (/[1-9]/.test(part.slice(DECIMALS))) return null;
  return Number(whole) * 10 ** DECIMALS + Number(kept);
};

const wrong = (message: string, data: Record<string, string | number> = {}): Result<never> =>
  refuse("data-file", message, "ignore", data);

const valuesOf = (rows: readonly string[][], at: number, column: string, first: number): Result<number[]> => {
  const out: number[] = [];
  for (const [i, row] of rows.entries()) {
    const value = mwhOfText(row[at] ?? "");
    if (value === null) {
      return wrong(
        `Row ${first + i}, column ${column}: "${row[at] ?? ""}" is not an amount in kWh; choose other rows with --from and --days.`,
        { row: first + i, column },
      );
    }
    out.push(value);
  }
  return ok(out);
};

const energiesOf = (
  values: readonly number[],
  cumulative: boolean,
  column: string,
  first: number,
): Result<MilliwattHours[]> => {
  if (!cumulative) return ok(values.map(mwh));
  const out: MilliwattHours[] = [];
  for (let i = 1; i < values.length; i++) {
    const gained = (values[i] ?? 0) - (values[i - 1] ?? 0);
    if (gained < 0)
      return wrong(
        `Row ${first + i}, column ${column}: the register goes backwards; choose other rows with --from and --days.`,
        { row: first + i, column },
      );
    out.push(mwh(gained));
  }
  return ok(out);
};

/** Refusal `data-file` names the column or row that is wrong and what to do. */
export const readProfiles = (csv: string, ask: ProfileAsk): Result<ProfileFile> => {
  const parsed = Papa.parse<string[]>(csv, { skipEmptyLines: true });
  const [header, ...all] = parsed.data;
  if (header === undefined || all.length === 0)
    return wrong("The file has no rows; give a CSV file with a header line.");
  const intervals = Math.round((ask.days * 24 * 60) / ask.resolutionMinutes);
  const needed = intervals + (ask.cumulative ? 1 : 0);
  const rows = all.slice(ask.from, ask.from + needed);
  if (rows.length < needed) {
    const days = ((rows.length - (ask.cumulative ? 1 : 0)) * ask.resolutionMinutes) / 1440;
    return wrong(
      `From row ${ask.from} the file holds ${rows.length} rows, ${needed} are needed; ask for --days ${Math.max(0, Math.floor(days * 100) / 100)} or fewer.`,
    );
  }
  const series = (columns: readonly string[]): Result<Series[]> => {
    const out: Series[] = [];
    for (const column of columns) {
      const at = header.indexOf(column);
      if (at < 0)
        return wrong(`There is no column ${column}; the file has ${header.slice(0, 40).join(", ")}.`, { column });
      const values = valuesOf(rows, at, column, ask.from);
      if (!values.ok) return values;
      const energies = energiesOf(values.value, ask.cumulative, column, ask.from);
      if (!energies.ok) return energies;
      out.push({ column, energies: energies.value });
    }
    return ok(out);
  };
  const generators = series(ask.generators);
  if (!generators.ok) return generators;
  const consumers = series(ask.consumers);
  if (!consumers.ok) return consumers;
  const utc = header.indexOf("utc_timestamp");
  const stamp = utc < 0 ? Number.NaN : Date.parse(rows[0]?.[utc] ?? "");
  return ok({
    generators: generators.value,
    consumers: consumers.value,
    intervalMs: ask.resolutionMinutes * 60_000,
    start: Number.isNaN(stamp) ? null : (stamp as Millis),
  });
};
