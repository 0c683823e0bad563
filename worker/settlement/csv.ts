/**
 * Files for others: the settlement (per market step and member the energy credited to its virtual generation meter, as a
 * grid operator reads it) and the check of a generator against its MID meter. Times in UTC, ISO 8601; energy in integer
 * mWh. Makes text of rows that others have read.
 */
import { endOf, startOf } from "../community/market-step.ts";
import type { Contract } from "../community/contract.ts";
import type { BookRow } from "../ledger/rows.ts";
import type { ExplainedRow } from "./reconcile.ts";

const iso = (ms: number): string => new Date(ms).toISOString();
/** A spreadsheet takes what begins so for a formula, and neighbours choose their own names. */
const FORMULA = /^[=+\-@\t\r]/;
/** A text as one field: quoted where it must be, and never a formula. */
export const csvField = (text: string): string => {
  const plain = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
};

export const SETTLEMENT_HEADING = "step_start_utc,step_end_utc,member,mwh\n";

/** One line a step and member with energy, in order. */
export const settlementLines = (
  books: Iterable<readonly [step: number, book: Pick<BookRow, "shares">]>,
  contract: Pick<Contract, "t0" | "stepMs">,
  nameOf: (member: number) => string,
): string => {
  const lines: string[] = [];
  for (const [step, { shares }] of books) {
    const times = `${iso(startOf(contract, step))},${iso(endOf(contract, step))}`;
    for (const { member, mwh } of shares) lines.push(`${times},${csvField(nameOf(member))},${mwh}\n`);
  }
  return lines.join("");
};

/** The same as a whole file. */
export const settlementCsv = (...[books, contract, nameOf]: Parameters<typeof settlementLines>): string =>
  SETTLEMENT_HEADING + settlementLines(books, contract, nameOf);

/** Header `from_utc,to_utc,chain_mwh,meter_mwh,difference_mwh,allowed_mwh,verdict,reasons,elsewhere_utc`; one line a row. */
export const reconciliationCsv = (rows: readonly ExplainedRow[]): string => {
  const lines = ["from_utc,to_utc,chain_mwh,meter_mwh,difference_mwh,allowed_mwh,verdict,reasons,elsewhere_utc"];
  for (const row of rows) {
    const figures = [row.chainMwh, row.meterMwh, row.differenceMwh, row.allowedMwh].join(",");
    const elsewhere = row.elsewhere === null ? "" : iso(row.elsewhere);
    lines.push(`${iso(row.from)},${iso(row.to)},${figures},${row.verdict},${row.reasons.join(" ")},${elsewhere}`);
  }
  return `${lines.join("\n")}\n`;
};
