/**
 * Alarms (PROTOCOL.md §8.1): what shows anybody who trusts the community's voters that a quorum of them made something
 * final that an honest quorum never does. A few kilobytes that stand for themselves; whoever checks one believes nobody.
 */
import { blob, branded, bytes, decode, encode, hex, list, struct, uint, union, type Codec } from "../base/codec.ts";
import { taggedHex } from "../base/hash.ts";
import { fromHex } from "../base/bytes.ts";
import { leafHash, nodeHash } from "../base/merkle.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { BlsJob } from "../base/bls-scheme.ts";
import type { Hash, StepIndex } from "../base/units.ts";
import { allocationAt, allocationCodec, MAX_MEMBERS, shareCodec, type Share } from "../community/repartition.ts";
import { hashOf, type Header } from "../consensus/block.ts";
import { hopCodec, jobsOfHop, type Hop, type VoterSet } from "../consensus/certificate.ts";
import { rowKeyCodec } from "../ledger/rows.ts";
import { areOfHistory, followsRule, isExcerptProved, type Breach } from "./light-credits.ts";
import { isInHistory, type Trust } from "./light-trust.ts";
import { areProved, tableOf } from "./light-rows.ts";
import {
  excerptCodec,
  MAX_ALARM_BYTES,
  MAX_HOPS,
  type BlockExcerpt,
  type CreditsAnswer,
  type RowsAnswer,
} from "./messages.ts";

export type Alarm =
  /** A distribution in a final block does not share by the rule that the state has for its step. */
  | {
      readonly kind: "wrong-shares";
      /** From voters whom the checker trusts to the final block: none but the last where it trusts them already. */
      readonly hops: readonly Hop[];
      readonly rules: Omit<RowsAnswer, "at">;
      readonly excerpt: BlockExcerpt;
      readonly proof: readonly Uint8Array[];
      readonly step: StepIndex;
    }
  /** Two blocks were made final of which neither is above the other: `block` has the place of `lower`'s in the history of the other. */
  | {
      readonly kind: "two-heads";
      readonly lower: Hop;
      readonly hops: readonly Hop[];
      readonly block: Hash;
      readonly proof: readonly Uint8Array[];
    };

const NONE = new Uint8Array(32);
const proof = list(bytes(32), 16_384);
const hops = list(hopCodec, MAX_HOPS);
const alarmCodec = union({
  "wrong-shares": struct({
    hops,
    rules: struct({
      size: uint,
      rows: list(struct({ index: uint, path: rowKeyCodec, value: blob(MAX_ALARM_BYTES) }), 1_024),
      proof,
    }),
    excerpt: excerptCodec,
    proof,
    step: branded<StepIndex>(),
  }),
  "two-heads": struct({ lower: hopCodec, hops, block: hex<Hash>(32), proof }),
}) as unknown as Codec<Alarm>;

export const encodeAlarm = (alarm: Alarm): Uint8Array => encode(alarmCodec, alarm);
export const decodeAlarm = (raw: Uint8Array): Result<Alarm> => decode(alarmCodec, raw, "alarm");
export const alarmId = (raw: Uint8Array): Hash => taggedHex("alarm", raw);

/** What an alarm says once its signatures are verified. */
export type AlarmFinding =
  | {
      readonly kind: "wrong-shares";
      readonly step: StepIndex;
      readonly height: number;
      readonly shares: readonly Share[];
    }
  | { readonly kind: "two-heads"; readonly height: number; readonly step: StepIndex };
export const findingCodec = union({
  "wrong-shares": struct({
    step: branded<StepIndex>(),
    height: uint,
    shares: list(shareCodec, MAX_MEMBERS),
  }),
  "two-heads": struct({ height: uint, step: branded<StepIndex>() }),
}) as unknown as Codec<AlarmFinding>;
export type Charge = { readonly jobs: readonly BlsJob[]; readonly finding: AlarmFinding };

const wrong = (why: string): Result<never> =>
  refuse("alarm-false", "This neighbour raises an alarm for which there is no reason.", "penalise", { why });
/** May be true, but rests on voters whom this node does not know: who is older or newer may know them. */
const beyond = (why: string): Result<never> =>
  refuse("alarm-beyond", "This alarm cannot be checked from what this device knows.", "ignore", { why });

/** Where hops lead from trusted voters, whatever is final here: it may be what lies beside it. */
const follow = (
  trusted: VoterSet,
  community: Hash,
  way: readonly Hop[],
): Result<{ header: Header; jobs: BlsJob[] }> => {
  let voters = trusted;
  let header: Header | null = null;
  const jobs: BlsJob[] = [];
  for (const hop of way) {
    const found = jobsOfHop(voters, community, hop);
    if (!found.ok) return beyond("its voters are not known here");
    jobs.push(...found.value.jobs);
    voters = found.value.voters;
    header = hop.certificate.header;
  }
  return header === null ? wrong("it shows no block") : ok({ header, jobs });
};

/**
 * What an alarm would show to somebody who trusts these voters, and the signatures that must be good for it. Refusals:
 * `alarm-false`, `alarm-beyond` (ignore) where its voters are not known here.
 */
export const checkAlarm = (trusted: VoterSet, community: Hash, alarm: Alarm): Result<Charge> => {
  const led = follow(trusted, community, alarm.hops);
  if (!led.ok) return led;
  const { header, jobs } = led.value;
  if (alarm.kind === "two-heads") {
    const lower = jobsOfHop(trusted, community, alarm.lower);
    if (!lower.ok) return beyond("its voters are not known here");
    const below = alarm.lower.certificate.header;
    const { height, step } = below;
    if (height >= header.height || !isInHistory(header, height, alarm.block, alarm.proof))
      return wrong("it does not show what stands in that place");
    if (alarm.block === hashOf(below)) return wrong("one of its blocks is above the other");
    return ok({ jobs: [...jobs, ...lower.value.jobs], finding: { kind: "two-heads", height, step } });
  }
  const { excerpt, rules, step } = alarm;
  if (!areProved(header, rules)) return wrong("its rule is not of the final state");
  const table = tableOf(rules.rows, rules.size, "allocation");
  const versions = table?.map((r) => decode(allocationCodec, r.value, "row"));
  if (versions?.every((v) => v.ok) !== true) return wrong("it leaves out versions of the rule");
  const rule = allocationAt(
    versions.map((v) => v.value),
    step,
  );
  if (rule === undefined || step > header.step) return wrong("it has no rule for the step");
  if (!isExcerptProved(excerpt) || !areOfHistory(header, [excerpt.header], alarm.proof))
    return wrong("its distribution is in no final block");
  const found = excerpt.txs
    .map(({ tx }) => tx.body)
    .find((b) => b.kind === "distribution" && b.step === step && !followsRule(b, rule));
  if (found?.kind !== "distribution") return wrong("its distribution follows the rule");
  const { height } = excerpt.header;
  return ok({ jobs, finding: { kind: "wrong-shares", step, height, shares: found.shares } });
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
  const { size, rows, proof: inState } = placed;
  return {
    alarm: {
      kind: "wrong-shares",
      hops: trust.hop === null ? [] : [trust.hop],
      rules: { size, rows, proof: inState },
      excerpt,
      proof: at < height ? narrowed(known, height, at) : [],
      step: body.step,
    },
    finding: { kind: "wrong-shares", step: body.step, height: at, shares: body.shares },
  };
};

/**
 * The proof of one place (base/history-tree.ts), left to right, out of one of several whose leaves are known: so that an
 * alarm is a few kilobytes though the page of credits in which it was found has a hundred blocks.
 */
export const narrowed = (
  known: {
    readonly leaves: readonly Uint8Array[];
    readonly places: readonly number[];
    readonly proof: readonly Uint8Array[];
  },
  size: number,
  wanted: number,
): Uint8Array[] => {
  const { leaves, places, proof: shared } = known;
  let used = 0;
  type Side = { readonly hash: Uint8Array; readonly beside: readonly Uint8Array[] };
  const down = (from: number, to: number): Side => {
    const within = places.findIndex((p) => p >= from && p < to);
    if (within < 0) return { hash: shared[used++] ?? NONE, beside: [] };
    if (to - from === 1) return { hash: leaves[within] ?? NONE, beside: [] };
    let half = 1;
    while (half * 2 < to - from) half *= 2;
    const middle = from + half;
    const [left, right] = [down(from, middle), down(middle, to)];
    const hash = nodeHash(left.hash, right.hash);
    if (wanted < from || wanted >= to) return { hash, beside: [] };
    return { hash, beside: wanted < middle ? [...left.beside, right.hash] : [left.hash, ...right.beside] };
  };
  return [...down(0, size).beside];
};
