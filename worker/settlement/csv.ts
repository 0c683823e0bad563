/**
 * The settlement file: per market step and member the energy credited to its virtual generation meter, as a grid
 * operator reads it. Times in UTC, ISO 8601; energy in integer mWh. Reads the book of a node's state.
 */
import { endOf, startOf } from "../community/market-step.ts";
import type { Contract } from "../community/contract.ts";
import { numberOf } from "../ledger/rows.ts";
import type { View } from "../ledger/state.ts";

const iso = (ms: number): string => new Date(ms).toISOString();
const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Header `step_start_utc,step_end_utc,member,mwh`; one line a step and member with energy, in order. */
export const settlementCsv = (view: View, contract: Contract, nameOf: (member: number) => string): string => {
  const lines = ["step_start_utc,step_end_utc,member,mwh"];
  for (const [k, book] of view.scan("book")) {
    const step = numberOf(k);
    for (const { member, mwh } of book.shares) {
      lines.push(`${iso(startOf(contract, step))},${iso(endOf(contract, step))},${field(nameOf(member))},${mwh}`);
    }
  }
  return `${lines.join("\n")}\n`;
};
