/**
 * Alarms (PROTOCOL.md §8.1): what shows anybody who trusts the community's voters that a quorum of them made something
 * final that an honest quorum never does. A few kilobytes that stand for themselves; whoever checks one believes nobody.
 */
import { blob, branded, bytes, decode, encode, hex, list, struct, uint, union, type Codec } from "../base/codec.ts";
import { taggedHex } from "../base/hash.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { BlsJob } from "../base/bls-scheme.ts";
import type { Hash, StepIndex } from "../base/units.ts";
import {
  allocationAt,
  allocationCodec,
  MAX_MEMBERS,
  shareCodec,
  type Allocation,
  type Share,
} from "../community/repartition.ts";
import { hashOf, type Header } from "../consensus/block.ts";
import {
  hopCodec,
  jobsOfCertificate,
  jobsOfHop,
  rootOfVoters,
  type Ahead,
  type Hop,
  type VoterSet,
} from "../consensus/certificate.ts";
import { rowKeyCodec } from "../ledger/rows.ts";
import { areOfHistory, followsRule, isExcerptProved } from "./light-credits.ts";
import { isInHistory } from "./light-trust.ts";
import { areProved, tableOf } from "./light-rows.ts";
import {
  excerptCodec,
  MAX_ALARM_BYTES,
  MAX_ANSWER_BYTES,
  MAX_HOPS,
  MAX_ROWS,
  type BlockExcerpt,
  type RowsAnswer,
} from "./messages.ts";

export type Alarm =
  /** A distribution in a final block does not share by the rule that the state has for its step. */
  | {
      readonly kind: "wrong-shares";
      /** From voters whom many trust to the final block. None where this device knows it from its own time as a full node. */
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

const proof = list(bytes(32), 16_384);
const hops = list(hopCodec, MAX_HOPS);
const alarmCodec = union({
  "wrong-shares": struct({
    hops,
    rules: struct({
      size: uint,
      rows: list(struct({ index: uint, path: rowKeyCodec, value: blob(MAX_ANSWER_BYTES) }), MAX_ROWS),
      proof,
    }),
    excerpt: excerptCodec,
    proof,
    step: branded<StepIndex>(),
  }),
  "two-heads": struct({ lower: hopCodec, hops, block: hex<Hash>(32), proof }),
}) as unknown as Codec<Alarm>;

export const encodeAlarm = (alarm: Alarm): Uint8Array => encode(alarmCodec, alarm);
/** To be kept and told. Of one that is too long for that only the finding stays, and convinces nobody else. */
export const rawOf = (alarm: Alarm): Uint8Array => {
  const raw = encodeAlarm(alarm);
  return raw.length <= MAX_ALARM_BYTES ? raw : encodeAlarm(untold(alarm));
};
const NO_ROWS = { size: 0, rows: [], proof: [] };
/** Said to nobody: what it would take to convince them is not here, or too long. */
export const untold = (alarm: Alarm): Alarm =>
  alarm.kind === "two-heads"
    ? { ...alarm, hops: [] }
    : { ...alarm, hops: [], rules: NO_ROWS, excerpt: { ...alarm.excerpt, txs: [], proof: [] } };
export const decodeAlarm = (raw: Uint8Array): Result<Alarm> => decode(alarmCodec, raw, "alarm");
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
/** By what is alleged: the same can be shown in many ways, and would else be as many alarms. */
export const alarmId = (finding: AlarmFinding): Hash => taggedHex("alarm", encode(findingCodec, finding));
export type Charge = { readonly jobs: readonly BlsJob[]; readonly finding: AlarmFinding };

const wrong = (why: string): Result<never> =>
  refuse("alarm-false", "This neighbour raises an alarm for which there is no reason.", "penalise", { why });
/** May be true, but rests on voters whom this node does not know: who is older or newer may know them. */
const beyond = (why: string): Result<never> =>
  refuse("alarm-beyond", "This alarm cannot be checked from what this device knows.", "ignore", { why });

export const versionsIn = ({ rows, size }: Pick<RowsAnswer, "rows" | "size">): Allocation[] | null => {
  const read = tableOf(rows, size, "allocation")?.map((r) => decode(allocationCodec, r.value, "row"));
  return read?.every((v) => v.ok) === true ? read.map((v) => v.value) : null;
};

/**
 * What a hop shows to who trusts these voters: as in §8.2; or, where it leads to them and they are who judged it, to who
 * trusts them already, whichever way it came there itself.
 */
const stand = (trusted: VoterSet, community: Hash, hop: Hop): Ahead | null => {
  const led = jobsOfHop(trusted, community, hop);
  if (led.ok) return led.value;
  const { header, votes } = hop.certificate;
  if (votes[0]?.set !== trusted.set || rootOfVoters(trusted) !== header.votersRoot) return null;
  const own = jobsOfCertificate(trusted, community, hop.certificate);
  return own.ok ? { voters: trusted, jobs: own.value } : null;
};

/**
 * Where hops lead from trusted voters, whatever is final here: it may be what lies beside it. Those that lead up to where
 * the voters stand already are none of their business. Never `alarm-false`: who is behind, or ahead, cannot tell.
 */
const follow = (
  trusted: VoterSet,
  community: Hash,
  way: readonly Hop[],
): Result<{ header: Header; jobs: readonly BlsJob[] }> => {
  const jobs: BlsJob[] = [];
  let voters = trusted;
  let header: Header | null = null;
  for (const hop of way) {
    const next = stand(voters, community, hop);
    if (next === null && header === null) continue;
    if (next === null) return beyond("its voters are not known here");
    jobs.push(...next.jobs);
    voters = next.voters;
    header = hop.certificate.header;
  }
  return header === null ? beyond("its voters are not known here") : ok({ header, jobs });
};

const checkHeads = (
  trusted: VoterSet,
  community: Hash,
  alarm: Extract<Alarm, { readonly kind: "two-heads" }>,
): Result<Charge> => {
  const lower = stand(trusted, community, alarm.lower);
  if (lower === null) return beyond("its voters are not known here");
  // The other way begins where the lower block led, or where this node stands.
  const others = [lower.voters, trusted].map((from) => follow(from, community, alarm.hops));
  const led = others.find((way) => way.ok);
  if (led?.ok !== true) return beyond("its voters are not known here");
  const { header, jobs } = led.value;
  const below = alarm.lower.certificate.header;
  const { height, step } = below;
  if (height >= header.height || !isInHistory(header, height, alarm.block, alarm.proof))
    return wrong("it does not show what stands in that place");
  if (alarm.block === hashOf(below)) return wrong("one of its blocks is above the other");
  return ok({ jobs: [...jobs, ...lower.jobs], finding: { kind: "two-heads", height, step } });
};

/**
 * What an alarm would show to somebody who trusts these voters, and the signatures that must be good for it. Refusals:
 * `alarm-false`, `alarm-beyond` (ignore) where its voters are not known here.
 */
export const checkAlarm = (trusted: VoterSet, community: Hash, alarm: Alarm): Result<Charge> => {
  if (alarm.kind === "two-heads") return checkHeads(trusted, community, alarm);
  const led = follow(trusted, community, alarm.hops);
  if (!led.ok) return led;
  const { header, jobs } = led.value;
  const { excerpt, rules, step } = alarm;
  if (!areProved(header, rules)) return wrong("its rule is not of the final state");
  const versions = versionsIn(rules);
  if (versions === null) return wrong("it leaves out versions of the rule");
  const rule = allocationAt(versions, step);
  if (rule === undefined || step > header.step) return beyond("it has no rule for the step");
  if (!isExcerptProved(excerpt) || !areOfHistory(header, [excerpt.header], alarm.proof))
    return wrong("its distribution is in no final block");
  const found = excerpt.txs
    .map(({ tx }) => tx.body)
    .find((b) => b.kind === "distribution" && b.step === step && !followsRule(b, rule));
  if (found?.kind !== "distribution") return wrong("its distribution follows the rule");
  const { height } = excerpt.header;
  return ok({ jobs, finding: { kind: "wrong-shares", step, height, shares: found.shares } });
};
