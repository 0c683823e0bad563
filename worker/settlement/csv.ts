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
const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Header `step_start_utc,step_end_utc,member,mwh`; one line a step and member with energy, in order. */
export const settlementCsv = (
  books: Iterable<readonly [step: number, book: Pick<BookRow, "shares">]>,
  contract: Contract,
  nameOf: (member: number) => string,
): string => {
  const lines = ["step_start_utc,step_end_utc,member,mwh"];
  for (const [step, { shares }] of books) {
    for (const { member, mwh } of shares) {
      lines.push(`${iso(startOf(contract, step))},${iso(endOf(contract, step))},${field(nameOf(member))},${mwh}`);
    }
  }
  return `${lines.join("\n")}\n`;
};

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
