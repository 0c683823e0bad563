/**
 * Which bodies and deltas of final blocks a disk has, and how large they are (PROTOCOL.md §8.5): a row that is written with
 * whatever changes them, so that no opening reads them all to know. Values are never changed, only replaced. Knows no disk.
 */
import { concatBytes, equalBytes } from "../base/bytes.ts";
import { decode, encode, list, struct, uint, type Codec } from "../base/codec.ts";
import { sha256 } from "../base/hash.ts";
import type { DiskOp } from "./events.ts";

/** Heights from `from` on, below `to`. */
type Stretch = { readonly from: number; readonly to: number };
type Sized = { readonly height: number; readonly bytes: number };
export type Kept = {
  /** Rows of final blocks below this height are in here. */
  readonly to: number;
  /** Of all bodies but the genesis. */
  readonly bytes: number;
  /** Bodies of the main chain: ascending, apart from one another. */
  readonly bodies: readonly Stretch[];
  /** Ascending. */
  readonly deltas: readonly Sized[];
};
export const NOTHING_KEPT: Kept = { to: 0, bytes: 0, bodies: [], deltas: [] };
/** The genesis follows from the contract, and everybody's chain begins with it: it is no burden. */
export const FIRST_BODY = 1;

/** Each time that a node begins anew far ahead leaves one, and each block that was lost. */
const MAX_STRETCHES = 65_536;
const MAX_DELTAS = 4_096;
const CHECK_BYTES = 8;
export const KEPT_ROW = "kept";
const codec: Codec<Kept> = struct({
  to: uint,
  bytes: uint,
  bodies: list(struct({ from: uint, to: uint }), MAX_STRETCHES),
  deltas: list(struct({ height: uint, bytes: uint }), MAX_DELTAS),
});

export const keptOp = (kept: Kept): DiskOp => {
  const value = encode(codec, kept);
  return { table: "meta", key: KEPT_ROW, value: concatBytes(sha256(value).subarray(0, CHECK_BYTES), value) };
};
/** Nothing where the row is missing or damaged: all is counted again. */
export const keptIn = (row: Uint8Array | undefined): Kept => {
  if (row === undefined) return NOTHING_KEPT;
  const value = row.subarray(CHECK_BYTES);
  if (!equalBytes(row.subarray(0, CHECK_BYTES), sha256(value).subarray(0, CHECK_BYTES))) return NOTHING_KEPT;
  const read = decode(codec, value, "list of what is kept");
  return read.ok ? read.value : NOTHING_KEPT;
};

/** With `more`, whatever their order; those that touch become one. */
const joined = (stretches: readonly Stretch[], more: readonly Stretch[]): Stretch[] => {
  const out: Stretch[] = [];
  for (const next of [...stretches, ...more].toSorted((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (last !== undefined && next.from <= last.to)
      out.splice(-1, 1, { from: last.from, to: Math.max(last.to, next.to) });
    else out.push(next);
  }
  return out;
};
const oneEach = (heights: readonly number[]): Stretch[] => heights.map((height) => ({ from: height, to: height + 1 }));

/** Final blocks below `to` were looked at; `others` are rows that are not of the main chain. */
export const withCounted = (
  kept: Kept,
  to: number,
  found: { readonly bodies: readonly Sized[]; readonly others: readonly Sized[]; readonly deltas: readonly Sized[] },
): Kept => ({
  to,
  bytes: [...found.bodies, ...found.others].reduce((sum, { bytes }) => sum + bytes, kept.bytes),
  bodies: joined(kept.bodies, oneEach(found.bodies.map(({ height }) => height))),
  deltas: [...kept.deltas, ...found.deltas].slice(-MAX_DELTAS),
});
const has = ({ bodies }: Kept, height: number): boolean => bodies.some(({ from, to }) => from <= height && height < to);
/** Bodies were written below what was here, or once more. */
export const withBodies = (kept: Kept, written: readonly Sized[]): Kept => {
  const more = written.filter(({ height }) => !has(kept, height));
  return {
    ...kept,
    bytes: more.reduce((sum, { bytes }) => sum + bytes, kept.bytes),
    bodies: joined(kept.bodies, oneEach(more.map(({ height }) => height))),
  };
};
/** Bodies below a height are gone, so many bytes. */
export const withoutBodies = (kept: Kept, below: number, bytes: number): Kept => ({
  ...kept,
  bytes: Math.max(0, kept.bytes - bytes),
  bodies: kept.bodies.flatMap(({ from, to }) => (to <= below ? [] : [{ from: Math.max(from, below), to }])),
});
export const withoutDeltas = (kept: Kept, below: number): Kept => ({
  ...kept,
  deltas: kept.deltas.filter(({ height }) => height >= below),
});

/** The lowest height from which on each block's body is here, up to another; that one itself where there is none. */
export const bodiesBelow = ({ bodies }: Kept, height: number): number =>
  bodies.find(({ from, to }) => from < height && height <= to)?.from ?? height;
/** The oldest body; undefined where there is none. */
export const oldestBody = ({ bodies }: Kept): number | undefined => bodies[0]?.from;
export const bodyCount = ({ bodies }: Kept): number => bodies.reduce((sum, { from, to }) => sum + to - from, 0);
