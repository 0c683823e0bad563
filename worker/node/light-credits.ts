/**
 * A light node's credits (PROTOCOL.md §8.1): distributions, each proved to be in a final block, and judged by the rule
 * that was in force at its step. Pure.
 */
import { fromHex } from "../base/bytes.ts";
import { branded, flag, hex, list, struct, uint, type Codec } from "../base/codec.ts";
import { verifyPlaces } from "../base/history-tree.ts";
import { leafHash } from "../base/merkle.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import { mwh, type MemberIndex, type MilliwattHours, type StepIndex, type TxId } from "../base/units.ts";
import { repartition, type Allocation, type Share } from "../community/repartition.ts";
import { hashOf, txLeaf, type Header } from "../consensus/block.ts";
import { idOf, type Distribution } from "../ledger/transaction.ts";
import type { BlockExcerpt, CreditsAnswer } from "./messages.ts";
import { ruleFor, type RuleSpan } from "./light-rows.ts";

/** What one distribution gave this member. `judged`: the rule of its step was known, and kept. */
export type Credit = {
  readonly tx: TxId;
  readonly step: StepIndex;
  readonly height: number;
  readonly mwh: MilliwattHours;
  /** What all members together got. */
  readonly total: MilliwattHours;
  readonly judged: boolean;
};
/** Of one step: a holder of a VPP key may share each V by itself, and what is final must not stop who reads it. */
const MAX_CREDITS = 1 << 20;
export const creditsCodec: Codec<readonly Credit[]> = list(
  struct({
    tx: hex<TxId>(32),
    step: branded<StepIndex>(),
    height: uint,
    mwh: branded<MilliwattHours>(),
    total: branded<MilliwattHours>(),
    judged: flag,
  }),
  MAX_CREDITS,
);

/** A distribution that does not follow the rule, with the place where it stands. */
export type Breach = { readonly excerpt: BlockExcerpt; readonly body: Distribution; readonly rule: Allocation };
export type CreditPage = {
  readonly credits: readonly Credit[];
  readonly breaches: readonly Breach[];
  readonly until: number;
};

/** Whether the transactions stand in the block whose header this is. */
export const isExcerptProved = ({ header, size, txs, proof }: BlockExcerpt): boolean =>
  verifyPlaces(
    txs.map(({ tx }) => txLeaf(tx)),
    txs.map(({ index }) => index),
    size,
    proof,
    fromHex(header.txRoot),
  );
/** Whether blocks, ascending, are earlier ones of the chain that `head` ends; the last may be `head` itself. */
export const areOfHistory = (head: Header, headers: readonly Header[], proof: readonly Uint8Array[]): boolean => {
  const below = headers.filter((h) => h.height < head.height);
  const rest = headers.slice(below.length);
  if (rest.some((h, i) => i > 0 || hashOf(h) !== hashOf(head))) return false;
  if (below.length === 0) return proof.length === 0;
  return verifyPlaces(
    below.map((h) => leafHash(fromHex(hashOf(h)))),
    below.map((h) => h.height),
    head.height,
    proof,
    fromHex(head.historyRoot),
  );
};

const sumOf = (shares: readonly Share[]): MilliwattHours => mwh(shares.reduce((sum, s) => sum + s.mwh, 0));

/**
 * What is shared of a total is for full nodes to say, who see what was generated; how the rule shares it, anybody can.
 */
export const followsRule = ({ shares }: Pick<Distribution, "shares">, rule: Allocation): boolean => {
  const expected = repartition(sumOf(shares), rule);
  return (
    expected.length === shares.length &&
    expected.every((e, i) => e.member === shares[i]?.member && e.mwh === shares[i]?.mwh)
  );
};

/** A page goes through so many blocks, or brings so many bytes, or is the last: else whoever sends it only takes time. */
export const MIN_PAGE_BLOCKS = 16;
const MIN_PAGE_BYTES = 64 * 1024;
const bytesOf = ({ proof, txs }: BlockExcerpt): number =>
  txs.reduce(
    (sum, { tx: { body } }) =>
      sum + (body.kind === "distribution" ? 32 * body.inputs.length + 2 * body.shares.length : 0),
    256 + 32 * proof.length,
  );
const isShortPage = (head: Header, { above }: CreditsAsked, { until, blocks }: CreditsAnswer): boolean =>
  until < Math.min(head.height, above + MIN_PAGE_BLOCKS) &&
  blocks.reduce((sum, excerpt) => sum + bytesOf(excerpt), 0) < MIN_PAGE_BYTES;

export type CreditsAsked = { readonly from: number; readonly to: number; readonly above: number };

/**
 * Refusals: `credits-false` for what is not proved or was not asked for, `credits-missing` where the answer does not bring
 * enough forward.
 */
export const readCredits = (
  head: Header,
  asked: CreditsAsked,
  answer: CreditsAnswer,
  member: MemberIndex,
  spans: readonly RuleSpan[],
): Result<CreditPage> => {
  const wrong = refuse("credits-false", "This neighbour shows credits that are not in final blocks.");
  if (answer.at !== hashOf(head)) return wrong;
  if (answer.until <= asked.above || answer.until > head.height || isShortPage(head, asked, answer))
    return refuse("credits-missing", "This neighbour does not have the blocks of these steps any more.", "ignore");
  const headers = answer.blocks.map((b) => b.header);
  const isAsked = headers.every((h) => h.height > asked.above && h.height <= answer.until);
  const isProved = areOfHistory(head, headers, answer.proof) && answer.blocks.every(isExcerptProved);
  if (!isAsked || !isProved) return wrong;
  const credits: Credit[] = [];
  const breaches: Breach[] = [];
  for (const excerpt of answer.blocks)
    for (const { tx } of excerpt.txs) {
      const { body } = tx;
      if (body.kind !== "distribution" || body.step < asked.from || body.step > asked.to) return wrong;
      const rule = ruleFor(spans, body.step);
      if (rule !== undefined && !followsRule(body, rule)) breaches.push({ excerpt, body, rule });
      credits.push({
        tx: idOf(body, head.community),
        step: body.step,
        height: excerpt.header.height,
        mwh: mwh(body.shares.find((s) => s.member === member)?.mwh ?? 0),
        total: sumOf(body.shares),
        judged: rule !== undefined,
      });
    }
  return ok({ credits, breaches, until: answer.until });
};
