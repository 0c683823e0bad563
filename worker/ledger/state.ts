/**
 * The state as rows with apply and undo (PROTOCOL.md §3c, §7). A `Draft` reads through to what lies beneath and
 * records before and after of every row it touches; that record, the delta, is what a block does to the state: applied
 * forwards it makes the next state, backwards it undoes the block. Knows nothing of what the rows mean.
 */
import { concatBytes, utf8ToBytes } from "../base/bytes.ts";
import { blob, encode, list, option, struct, type Codec } from "../base/codec.ts";
import { assert } from "../base/result.ts";
import { leafHash, rootOfHashes } from "../base/merkle.ts";
import { codecOf, isRooted, rowKeyCodec, TABLE_NAMES, type Rows, type Table } from "./rows.ts";

export type Row = { readonly value: unknown; readonly bytes: Uint8Array };
/** `table/key`. */
export type Path = string;
export type Change = { readonly path: Path; readonly before: Row | null; readonly after: Row | null };
export type Delta = readonly Change[];

export type View = {
  get<T extends Table>(table: T, key: string): Rows[T] | undefined;
  /** Rows of a table in key order; `prefix` narrows it. */
  scan<T extends Table>(table: T, prefix?: string): readonly (readonly [key: string, row: Rows[T]])[];
  row(path: Path): Row | undefined;
  paths(prefix: string): readonly Path[];
};

/** Encoded when somebody asks: a block of 1,000 transactions writes some rows a thousand times, and the last is what counts. */
class WrittenRow<T extends Table> implements Row {
  readonly value: Rows[T];
  readonly #table: T;
  #bytes: Uint8Array | null = null;
  constructor(table: T, value: Rows[T]) {
    this.#table = table;
    this.value = value;
  }
  get bytes(): Uint8Array {
    return (this.#bytes ??= encode(codecOf(this.#table), this.value));
  }
}
const tableOf = (path: Path): Table => path.slice(0, path.indexOf("/")) as Table;

const sortedInsert = (sorted: string[], path: string): void => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((sorted[mid] ?? "") < path) low = mid + 1;
    else high = mid;
  }
  sorted.splice(low, 0, path);
};
const lowerBound = (sorted: readonly string[], path: string): number => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((sorted[mid] ?? "") < path) low = mid + 1;
    else high = mid;
  }
  return low;
};
const withPrefix = (sorted: readonly string[], prefix: string): string[] => {
  const out: string[] = [];
  for (let i = lowerBound(sorted, prefix); i < sorted.length; i++) {
    const path = sorted[i] ?? "";
    if (!path.startsWith(prefix)) break;
    out.push(path);
  }
  return out;
};

const scanOf = <T extends Table>(view: View, table: T, prefix: string): (readonly [string, Rows[T]])[] =>
  view
    .paths(`${table}/${prefix}`)
    .map((path) => [path.slice(table.length + 1), view.row(path)?.value as Rows[T]] as const);

/** The rows at the head. Changes only by deltas. */
export class State implements View {
  #rows = new Map<Path, Row>();
  #sorted: Path[] = [];

  static from(rows: Iterable<readonly [Path, Uint8Array]>): State {
    const state = new State();
    for (const [path, raw] of rows) state.#rows.set(path, { value: codecOf(tableOf(path)).decode(raw), bytes: raw });
    state.#sorted = [...state.#rows.keys()].sort();
    return state;
  }
  get<T extends Table>(table: T, key: string): Rows[T] | undefined {
    return this.#rows.get(`${table}/${key}`)?.value as Rows[T] | undefined;
  }
  row(path: Path): Row | undefined {
    return this.#rows.get(path);
  }
  scan<T extends Table>(table: T, prefix = ""): (readonly [string, Rows[T]])[] {
    return scanOf(this, table, prefix);
  }
  paths(prefix: string): Path[] {
    return withPrefix(this.#sorted, prefix);
  }
  #set(path: Path, row: Row | null): void {
    const had = this.#rows.has(path);
    if (row === null) {
      if (!had) return;
      this.#rows.delete(path);
      this.#sorted.splice(lowerBound(this.#sorted, path), 1);
    } else {
      this.#rows.set(path, row);
      if (!had) sortedInsert(this.#sorted, path);
    }
  }
  /** @throws when the delta does not fit: the caller applied it to another state than it was made for. */
  apply(delta: Delta): void {
    for (const { path, before, after } of delta) {
      assert((this.#rows.get(path) ?? null)?.bytes.length === before?.bytes.length, `delta fits at ${path}`);
      this.#set(path, after);
    }
  }
  undo(delta: Delta): void {
    for (const { path, before } of delta.toReversed()) this.#set(path, before);
  }
}

/** A view with changes of its own on top of another. */
export class Draft implements View {
  #base: View;
  #changed = new Map<Path, Row | null>();
  constructor(base: View) {
    this.#base = base;
  }
  row(path: Path): Row | undefined {
    const own = this.#changed.get(path);
    return own === undefined ? this.#base.row(path) : (own ?? undefined);
  }
  get<T extends Table>(table: T, key: string): Rows[T] | undefined {
    return this.row(`${table}/${key}`)?.value as Rows[T] | undefined;
  }
  scan<T extends Table>(table: T, prefix = ""): (readonly [string, Rows[T]])[] {
    return scanOf(this, table, prefix);
  }
  paths(prefix: string): Path[] {
    const own: Path[] = [];
    for (const path of this.#changed.keys()) if (path.startsWith(prefix)) own.push(path);
    const base = this.#base.paths(prefix);
    if (own.length === 0) return [...base];
    const merged = base.filter((path) => !this.#changed.has(path));
    for (const path of own) if (this.#changed.get(path) !== null) merged.push(path);
    return merged.sort();
  }
  put<T extends Table>(table: T, key: string, value: Rows[T]): void {
    this.#changed.set(`${table}/${key}`, new WrittenRow(table, value));
  }
  drop<T extends Table>(table: T, key: string): void {
    this.#changed.set(`${table}/${key}`, null);
  }
  /** Lays a delta (or its undoing) on top: how the state of another branch is looked at without leaving the head. */
  lay(delta: Delta, way: "apply" | "undo"): void {
    for (const { path, before, after } of way === "apply" ? delta : delta.toReversed()) {
      this.#changed.set(path, way === "apply" ? after : before);
    }
  }
  /** Takes over the changes of a draft that was made on top of this one. */
  absorb(draft: Draft): void {
    for (const [path, row] of draft.#changed) this.#changed.set(path, row);
  }
  delta(): Delta {
    const out: Change[] = [];
    for (const path of [...this.#changed.keys()].sort()) {
      const before = this.#base.row(path) ?? null;
      const after = this.#changed.get(path) ?? null;
      if (before === null && after === null) continue;
      out.push({ path, before, after });
    }
    return out;
  }
}

const leaves = new WeakMap<Row, Uint8Array>();
/** Hash of the leaf that a row is in the tree of the state. */
export const rowLeaf = (path: Path, bytes: Uint8Array): Uint8Array => {
  const name = utf8ToBytes(path);
  return leafHash(concatBytes(Uint8Array.of(name.length), name, bytes));
};
const leafOf = (path: Path, row: Row): Uint8Array => {
  let leaf = leaves.get(row);
  if (leaf === undefined) {
    leaf = rowLeaf(path, row.bytes);
    leaves.set(row, leaf);
  }
  return leaf;
};

/** Of all rows that the root is over, in its order. */
export const rootedPaths = (view: View): Path[] =>
  TABLE_NAMES.filter(isRooted)
    .toSorted()
    .flatMap((table) => view.paths(`${table}/`));
export const rootedLeaves = (view: View): Uint8Array[] =>
  rootedPaths(view).map((path) => leafOf(path, view.row(path) as Row));
/** RFC 6962 root over the rows in path order; leaf = length of path, path, row. */
export const stateRoot = (view: View): Uint8Array => rootOfHashes(rootedLeaves(view));

type RawChange = { path: string; before: Uint8Array | null; after: Uint8Array | null };
export const MAX_ROW = 1 << 22;
const rawDelta: Codec<readonly RawChange[]> = list(
  struct({ path: rowKeyCodec, before: option(blob(MAX_ROW)), after: option(blob(MAX_ROW)) }),
  1 << 20,
);
export const encodeDelta = (delta: Delta): Uint8Array =>
  encode(
    rawDelta,
    delta.map((c) => ({ path: c.path, before: c.before?.bytes ?? null, after: c.after?.bytes ?? null })),
  );

/** For deltas this node stored itself. @throws when they are damaged. */
export const decodeDelta = (raw: Uint8Array): Delta => {
  const read = (path: Path, bytes: Uint8Array | null): Row | null =>
    bytes === null ? null : { value: codecOf(tableOf(path)).decode(bytes), bytes };
  return rawDelta
    .decode(raw)
    .map((c) => ({ path: c.path, before: read(c.path, c.before), after: read(c.path, c.after) }));
};
