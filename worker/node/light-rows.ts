/**
 * A light node's rows of the state (PROTOCOL.md §8.1): each proved to be in the state after a final block, and whole
 * tables proved to lack nothing. What the rule was at which step follows from the versions of the rule. Pure.
 */
import { verifyPlaces } from "../base/history-tree.ts";
import { fromHex } from "../base/bytes.ts";
import { decode, struct, uint, type Codec } from "../base/codec.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { PublicKey } from "../base/units.ts";
import { allocationCodec, type Allocation } from "../community/repartition.ts";
import { hashOf, type Header } from "../consensus/block.ts";
import { codecOf, numberOf, type MemberRow, type Rows, type Table } from "../ledger/rows.ts";
import { rowLeaf } from "../ledger/state.ts";
import type { PlacedRow, RowsAnswer } from "./messages.ts";

/** Of one final block. `member` is null while the own key is no member's. */
export type OwnRows = {
  readonly member: { readonly index: number; readonly row: MemberRow } | null;
  readonly allocations: readonly Allocation[];
  readonly parameters: Rows["parameters"];
  readonly totals: Rows["totals"];
  readonly voters: Rows["voters"];
};
export const ownPath = (key: PublicKey): string => `member/${key}`;
export const ROW_PATHS = ["parameters/", "totals/", "voters/"] as const;
export const ROW_TABLES: readonly Table[] = ["allocation"];
/** Asked for whole where the own row is not shown: that it is nowhere is proved by all there are. */
export const ALL_TABLES: readonly Table[] = [...ROW_TABLES, "member"];

const missing = (): Result<never> =>
  refuse("rows-missing", "This neighbour leaves out rows that the state has.", "ignore");
const ownMissing = (): Result<never> =>
  refuse("own-row-missing", "This neighbour does not show the member's own row, nor that there is none.", "ignore");
const wrong = (): Result<never> => refuse("rows-false", "This neighbour shows rows that are not of the final state.");

/** Whether all rows stand where the answer says, in the state that the header commits to. */
export const areProved = (header: Header, { size, rows, proof }: Omit<RowsAnswer, "at">): boolean =>
  verifyPlaces(
    rows.map(({ path, value }) => rowLeaf(path, value)),
    rows.map((r) => r.index),
    size,
    proof,
    fromHex(header.stateRoot),
  );

/**
 * The rows of a table, whole: side by side, with a neighbour that is of another table, or the state's end, on both sides.
 * Places are as good as the proof: between two leaves that it shows side by side there is none (PROTOCOL.md §8.1).
 */
export const tableOf = (rows: readonly PlacedRow[], size: number, table: string): readonly PlacedRow[] | null => {
  const within = rows.filter((r) => r.path.startsWith(`${table}/`));
  const [first, last] = [within[0], within.at(-1)];
  if (first === undefined || last === undefined || last.index - first.index + 1 !== within.length) return null;
  const has = (index: number): boolean => rows.some((r) => r.index === index && !r.path.startsWith(`${table}/`));
  const isWhole = (first.index === 0 || has(first.index - 1)) && (last.index === size - 1 || has(last.index + 1));
  return isWhole ? within : null;
};

const valueOf = <T extends Table>(rows: readonly PlacedRow[], table: T, path: string): Rows[T] | undefined => {
  const found = rows.find((r) => r.path === path);
  const read = found && decode(codecOf(table), found.value, "row");
  return read?.ok === true ? read.value : undefined;
};

const allocationsIn = (rows: readonly PlacedRow[]): Allocation[] | null => {
  const read = rows.map((r) => decode(allocationCodec, r.value, "row"));
  return read.every((r) => r.ok) ? read.map((r) => r.value) : null;
};

/** Of members' rows that were shown. */
const ownIn = (rows: readonly PlacedRow[], key: PublicKey): OwnRows["member"] => {
  for (const { path } of rows.filter((r) => r.path.startsWith("member/"))) {
    const row = valueOf(rows, "member", path);
    if (row?.key === key) return { index: numberOf(path.slice("member/".length)), row };
  }
  return null;
};

/**
 * Refusals: `rows-false` for what is not proved, `rows-missing` for what is left out, `own-row-missing` where neither the
 * own row is shown nor, by the whole table of members, that there is none.
 */
export const readRows = (header: Header, answer: RowsAnswer, key: PublicKey): Result<OwnRows> => {
  if (answer.at !== hashOf(header) || answer.rows.length === 0) return missing();
  if (!areProved(header, answer)) return wrong();
  const { rows, size } = answer;
  const table = tableOf(rows, size, "allocation");
  const allocations = table && allocationsIn(table);
  const [parameters, totals, voters] = [
    valueOf(rows, "parameters", "parameters/"),
    valueOf(rows, "totals", "totals/"),
    valueOf(rows, "voters", "voters/"),
  ];
  if (allocations === null || parameters === undefined || totals === undefined || voters === undefined)
    return missing();
  const member = ownIn(rows, key);
  if (member === null && tableOf(rows, size, "member") === null) return ownMissing();
  return ok({ member, allocations, parameters, totals, voters });
};

/** A version of the rule, and the last step for which it is known to be the one. */
export type RuleSpan = { readonly rule: Allocation; readonly until: number };
export const ruleSpanCodec: Codec<RuleSpan> = struct({ rule: allocationCodec, until: uint });

/** What the versions in a state say of the steps up to its block's: older ones are dropped there from the oldest on. */
export const spansOf = (allocations: readonly Allocation[], step: number): RuleSpan[] =>
  allocations.flatMap((rule, i) =>
    rule.from > step ? [] : [{ rule, until: Math.min(step, (allocations[i + 1]?.from ?? step + 1) - 1) }],
  );
/** The later word on a version replaces the earlier. */
export const withSpans = (known: readonly RuleSpan[], fresh: readonly RuleSpan[]): RuleSpan[] => {
  const byFrom = new Map([...known, ...fresh].map((s) => [s.rule.from as number, s]));
  return [...byFrom.values()].toSorted((a, b) => a.rule.from - b.rule.from);
};
export const ruleFor = (spans: readonly RuleSpan[], step: number): Allocation | undefined =>
  spans.find((s) => s.rule.from <= step && step <= s.until)?.rule;

/** Whether the versions are known for all of these steps, and no fee was held back in any. */
export const isFeeFree = (spans: readonly RuleSpan[], from: number, to: number): boolean => {
  let next = Math.max(1, from);
  for (const { rule, until } of spans) {
    if (next > to) break;
    if (rule.from > next || until < next) continue;
    if (rule.feePpm > 0) return false;
    next = until + 1;
  }
  return next > to;
};
