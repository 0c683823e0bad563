/**
 * Makes the alarm about a distribution that breaks the rule (PROTOCOL.md §8.1) of what a light node was shown: only what
 * proves the breach, so that it is a few kilobytes, tells nobody what else was asked for, and no neighbour can make it too
 * long by showing more than it was asked. Pure.
 */
import { fromHex } from "../base/bytes.ts";
import { leafHash, nodeHash } from "../base/merkle.ts";
import { allocationAt } from "../community/repartition.ts";
import { hashOf, txLeaf } from "../consensus/block.ts";
import { rowLeaf } from "../ledger/state.ts";
import { untold, versionsIn, type Alarm, type AlarmFinding } from "./light-alarm.ts";
import type { Breach } from "./light-credits.ts";
import type { Trust } from "./light-trust.ts";
import type { BlockExcerpt, CreditsAnswer, PlacedRow, RowsAnswer } from "./messages.ts";

const NONE = new Uint8Array(32);

/** The versions of the rule and what stands on both sides of them, and nothing else that was shown with them. */
const rulesOf = ({ size, rows, proof: shown }: Omit<RowsAnswer, "at">): Omit<RowsAnswer, "at"> => {
  const isRule = (row: PlacedRow | undefined): boolean => row?.path.startsWith("allocation/") === true;
  const kept = rows.filter((row, i) => {
    const beside = [rows[i - 1], rows[i + 1]].filter((r) => Math.abs((r?.index ?? -2) - row.index) === 1);
    return isRule(row) || beside.some(isRule);
  });
  const known = { leaves: rows.map((r) => rowLeaf(r.path, r.value)), places: rows.map((r) => r.index), proof: shown };
  const wanted = kept.map((r) => r.index);
  return { size, rows: kept, proof: narrowed(known, size, wanted) };
};
/** Of a block's excerpt only one transaction. */
const onlyOf = (excerpt: BlockExcerpt, body: Breach["body"]): BlockExcerpt => {
  const txs = excerpt.txs.filter(({ tx }) => tx.body === body);
  const known = {
    leaves: excerpt.txs.map(({ tx }) => txLeaf(tx)),
    places: excerpt.txs.map(({ index }) => index),
    proof: excerpt.proof,
  };
  const wanted = txs.map(({ index }) => index);
  return { ...excerpt, txs, proof: narrowed(known, excerpt.size, wanted) };
};

/** What is sent of a breach that stands in credits proved below the head of `trust`; `placed`: its rows of the state. */
export const alarmOf = (
  trust: Trust,
  placed: Omit<RowsAnswer, "at">,
  { excerpt, body }: Breach,
  page: Pick<CreditsAnswer, "blocks" | "proof">,
): { readonly alarm: Alarm; readonly finding: AlarmFinding } => {
  const { height } = trust.header;
  const below = page.blocks.map((b) => b.header).filter((h) => h.height < height);
  const known = {
    leaves: below.map((h) => leafHash(fromHex(hashOf(h)))),
    places: below.map((h) => h.height),
    proof: page.proof,
  };
  const at = excerpt.header.height;
  const { step } = body;
  const told: Alarm = {
    kind: "wrong-shares",
    hops: trust.hop === null ? [] : [trust.hop],
    rules: rulesOf(placed),
    excerpt: onlyOf(excerpt, body),
    proof: at < height ? narrowed(known, height, [at]) : [],
    step,
  };
  // A version that only this device remembers convinces nobody else.
  const isShown = allocationAt(versionsIn(told.rules) ?? [], step) !== undefined;
  const finding: AlarmFinding = { kind: "wrong-shares", step, height: at, shares: body.shares };
  return { alarm: isShown ? told : untold(told), finding };
};

/**
 * The proof of some places (base/history-tree.ts), left to right, out of one of more whose leaves are known: so that an
 * alarm is a few kilobytes though the page of credits in which it was found has a hundred blocks.
 */
export const narrowed = (
  known: {
    readonly leaves: readonly Uint8Array[];
    readonly places: readonly number[];
    readonly proof: readonly Uint8Array[];
  },
  size: number,
  wanted: readonly number[],
): Uint8Array[] => {
  const { leaves, places, proof: shared } = known;
  const [shown, kept] = [new Map(places.map((place, i) => [place, leaves[i] ?? NONE])), new Set(wanted)];
  let [used, next] = [0, 0];
  /** `beside`: what stands beside the wanted places in it; its own hash where it has none of them. */
  type Side = { readonly hash: Uint8Array; readonly beside: readonly Uint8Array[]; readonly has: boolean };
  const down = (from: number, to: number): Side => {
    const place = places[next];
    if (place === undefined || place >= to) {
      const hash = shared[used++] ?? NONE;
      return { hash, beside: [hash], has: false };
    }
    if (to - from === 1) {
      next += 1;
      const hash = shown.get(from) ?? NONE;
      return kept.has(from) ? { hash, beside: [], has: true } : { hash, beside: [hash], has: false };
    }
    let half = 1;
    while (half * 2 < to - from) half *= 2;
    const left = down(from, from + half);
    const right = down(from + half, to);
    const hash = nodeHash(left.hash, right.hash);
    const has = left.has || right.has;
    return { hash, beside: has ? [...left.beside, ...right.beside] : [hash], has };
  };
  return [...down(0, size).beside];
};
