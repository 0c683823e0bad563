/**
 * A member's energy step by step as a file (RFC 4180: commas, CRLF, a heading): for a treasurer's spreadsheet and a grid
 * operator's program. The names of the columns are the same in every language, so that one sheet reads the files of all
 * members. Times ISO 8601 with the place's offset at that moment, energy in kWh with all six decimals of a milliwatt-hour.
 * What is not known is empty, never 0.
 */
import { faceOf, type Consumption } from "./market-face.ts";
import { wallAt, type Zone } from "./zone.ts";

export type EnergyRow = {
  readonly start: number;
  readonly end: number;
  /** `open`: no block closes it yet. `unknown`: of before what this device keeps. */
  readonly status: "closed" | "provisional" | "open" | "unknown";
  readonly book: { readonly generatedMwh: number; readonly mineMwh: number } | null;
  /** Null where the household's own meters were not read. */
  readonly use: Consumption;
};

const COLUMNS = [
  "step_start",
  "step_end",
  "status",
  "community_generation_kwh",
  "my_share_kwh",
  "my_use_kwh",
  "used_from_share_kwh",
  "from_grid_kwh",
  "share_not_used_kwh",
  "market_face_meter_kwh",
  "use_estimated",
] as const;

const END = "\r\n";
export const ENERGY_HEADING = COLUMNS.join(",") + END;

/** 2026-03-29T03:15:00+02:00, as the clocks of the place show it. */
export const localIso = (at: number, zone: Zone): string => {
  const minutes = zone(at);
  const two = (n: number): string => String(n).padStart(2, "0");
  const size = Math.abs(minutes);
  const offset = `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  return `${new Date(wallAt(at, zone)).toISOString().slice(0, 19)}${offset}`;
};

/** Whole mWh as kWh, exact. */
export const exactKwh = (mwh: number): string => {
  const digits = String(Math.abs(mwh)).padStart(7, "0");
  return `${mwh < 0 ? "-" : ""}${digits.slice(0, -6)}.${digits.slice(-6)}`;
};

/** One line with its end. */
export const energyLine = ({ start, end, status, book, use }: EnergyRow, zone: Zone): string => {
  const face = book === null || use === null ? null : faceOf(use.mwh, book.mineMwh);
  const fields = [
    localIso(start, zone),
    localIso(end, zone),
    status,
    ...[book?.generatedMwh, book?.mineMwh, use?.mwh, face?.ownMwh, face?.gridMwh, face?.surplusMwh, face?.faceMwh].map(
      (mwh) => (mwh === undefined ? "" : exactKwh(mwh)),
    ),
    use === null ? "" : use.estimated ? "yes" : "no",
  ];
  return fields.join(",") + END;
};
