/** The settlement file: UTC, integers, one line a step and member, names quoted where they must be (RFC 4180). */
import { describe, expect, it } from "vitest";
import { mwh, type MemberIndex, type Millis } from "../../worker/base/units.ts";
import type { BookRow } from "../../worker/ledger/rows.ts";
import { labContract, memberKeys } from "../../worker/lab/community.ts";
import { csvField, settlementCsv } from "../../worker/settlement/csv.ts";

const { contract } = labContract(
  [memberKeys("csv", 0)],
  { name: "File", preset: "paper", quorum: "majority", t0: Date.parse("2025-06-21T00:00:00Z") as Millis },
  [],
);
type Books = readonly (readonly [number, Pick<BookRow, "shares">])[];
const booksOf = (shares: Readonly<Record<number, readonly [number, number][]>>): Books =>
  Object.entries(shares).map(([step, list]) => [
    Number(step),
    { shares: list.map(([member, amount]) => ({ member: member as MemberIndex, mwh: mwh(amount) })) },
  ]);

describe("settlement.csv", () => {
  it("has one line a step and member, in the order of steps", () => {
    const books = booksOf({
      97: [[0, 5]],
      1: [
        [0, 1_500],
        [1, 0],
      ],
    });
    expect(settlementCsv(books, contract, (m) => `home${m}`)).toBe(
      [
        "step_start_utc,step_end_utc,member,mwh",
        "2025-06-21T00:00:00.000Z,2025-06-21T00:15:00.000Z,home0,1500",
        "2025-06-21T00:00:00.000Z,2025-06-21T00:15:00.000Z,home1,0",
        "2025-06-22T00:00:00.000Z,2025-06-22T00:15:00.000Z,home0,5",
        "",
      ].join("\n"),
    );
  });

  it("quotes names with commas, quotes and line ends, and no others", () => {
    const names = ["Ana, Bo", 'the "roof"', "two\nlines", "Chloé's"];
    const books = booksOf({ 1: names.map((_, i): [number, number] => [i, 1]) });
    const lines = settlementCsv(books, contract, (m) => names[m] ?? "").slice(
      "step_start_utc,step_end_utc,member,mwh\n".length,
    );
    for (const name of ['"Ana, Bo"', '"the ""roof"""', '"two\nlines"', "Chloé's"])
      expect(lines).toContain(`,${name},1\n`);
  });

  it("has no name that a spreadsheet would reckon with: whoever joins chooses its own", () => {
    const names = ['=HYPERLINK("https://evil.example","Ana")', "+32 1", "-Bo-", "@cleo", "Dan=1"];
    expect(names.map(csvField)).toEqual([
      '"\'=HYPERLINK(""https://evil.example"",""Ana"")"',
      "'+32 1",
      "'-Bo-",
      "'@cleo",
      "Dan=1",
    ]);
  });

  it("of a chain without energy has its header only", () => {
    expect(settlementCsv([], contract, String)).toBe("step_start_utc,step_end_utc,member,mwh\n");
  });
});
