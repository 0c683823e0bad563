/**
 * What proves to somebody who was not there that a block is final (T II.5; PROTOCOL.md §8): the confirmations of a quorum,
 * and, where that block begins another voter set, who votes from then on. A chain of such hops leads from the contract's
 * members to any final block without the blocks between. Knows no tree and no network; signatures come out as jobs.
 */
import { toHex } from "../base/bytes.ts";
import { BLS_KEY_BYTES } from "../base/bls.ts";
import type { BlsJob } from "../base/bls-scheme.ts";
import { branded, encode, hex, list, option, struct, uint, type Codec } from "../base/codec.ts";
import { merkleRoot } from "../base/merkle.ts";
import { assert, ok, refuse, type Result } from "../base/result.ts";
import type { BlsKey, Hash, MemberIndex } from "../base/units.ts";
import { MAX_MEMBERS } from "../community/repartition.ts";
import { votingKeyOf } from "../ledger/members.ts";
import { key } from "../ledger/rows.ts";
import type { View } from "../ledger/state.ts";
import { hashOf, headerCodec, MAX_VOTE_GROUPS, type Header } from "./block.ts";
import { membersOf, voteGroupCodec, voteMessage, type VoteGroup } from "./vote.ts";

export type Voter = { readonly member: MemberIndex; readonly key: BlsKey };
/** All that counting the votes of a set takes: what `votersRoot` of a header commits to. Ascending by member. */
export type VoterSet = { readonly set: number; readonly quorum: number; readonly voters: readonly Voter[] };

const quorumLeaf: Codec<{ set: number; quorum: number }> = struct({ set: uint, quorum: uint });
const voterLeaf: Codec<{ set: number; member: number; key: BlsKey }> = struct({
  set: uint,
  member: uint,
  key: hex<BlsKey>(BLS_KEY_BYTES),
});
/** Root over the set's quorum, then its members and their keys. */
export const rootOfVoters = ({ set, quorum, voters }: VoterSet): Hash =>
  toHex(
    merkleRoot([
      encode(quorumLeaf, { set, quorum }),
      ...voters.map(({ member, key: blsKey }) => encode(voterLeaf, { set, member, key: blsKey })),
    ]),
  );

/** Those who vote on what follows this state. */
export const votersIn = (view: View): VoterSet => {
  const row = view.get("voters", "");
  assert(row !== undefined, "a state has voters");
  const voters = row.members.map((member): Voter => {
    const known = view.get("member", key(member));
    const blsKey = known && votingKeyOf(known, row.set);
    assert(blsKey, "voters are members with a key");
    return { member, key: blsKey };
  });
  return { set: row.set, quorum: row.quorum, voters };
};

/** From one set to a later one: who votes no more, and who came or votes with another key. Both ascending. */
export type VotersChange = {
  readonly set: number;
  readonly quorum: number;
  readonly gone: readonly MemberIndex[];
  readonly come: readonly Voter[];
};
const ascending = (members: readonly number[]): boolean =>
  members.every((m, i) => i === 0 || m > (members[i - 1] ?? m));

export const changeOf = (from: VoterSet, to: VoterSet): VotersChange => {
  const [before, after] = [from, to].map(({ voters }) => new Map(voters.map((v) => [v.member, v.key])));
  return {
    set: to.set,
    quorum: to.quorum,
    gone: from.voters.flatMap(({ member }) => (after?.has(member) === true ? [] : [member])),
    come: to.voters.filter(({ member, key: blsKey }) => before?.get(member) !== blsKey),
  };
};
/**
 * Refusal `voters-change` where it leads back, says nothing new or nothing orderly: there is one way to write a change,
 * and nobody is led back to voters whose keys may long be in other hands.
 */
export const applyChange = (from: VoterSet, { set, quorum, gone, come }: VotersChange): Result<VoterSet> => {
  const known = new Map(from.voters.map((v) => [v.member, v.key]));
  const left = new Set(gone);
  const isOrderly =
    set > from.set &&
    ascending(gone) &&
    ascending(come.map((v) => v.member)) &&
    gone.every((m) => known.has(m)) &&
    come.every((v) => known.get(v.member) !== v.key && !left.has(v.member));
  if (!isOrderly) return refuse("voters-change", "This neighbour names voters in a way that no node does.");
  for (const m of gone) known.delete(m);
  for (const v of come) known.set(v.member, v.key);
  const voters = [...known].map(([member, blsKey]): Voter => ({ member, key: blsKey }));
  return ok({ set, quorum, voters: voters.toSorted((a, b) => a.member - b.member) });
};

/** Blocks above a final one that its confirmations may name. More than a community makes before all have spoken. */
export const MAX_ABOVE = 256;
export type Certificate = {
  readonly header: Header;
  /** The blocks on top, its child first, up to the highest that a confirmation here names. */
  readonly above: readonly Header[];
  /** Confirmations of one set and round, one group a block: for the block or one above, from the lowest up. */
  readonly votes: readonly VoteGroup[];
};
/**
 * `next`: from the set that whoever reads it trusts to the one that votes on top of the block; null where that is the
 * same. Either the trusted set judged, or the one that `next` leads to did.
 */
export type Hop = { readonly certificate: Certificate; readonly next: VotersChange | null };

const voterCodec: Codec<Voter> = struct({ member: branded<MemberIndex>(), key: hex<BlsKey>(BLS_KEY_BYTES) });
export const voterSetCodec: Codec<VoterSet> = struct({
  set: uint,
  quorum: uint,
  voters: list(voterCodec, MAX_MEMBERS),
});
export const certificateCodec: Codec<Certificate> = struct({
  header: headerCodec,
  above: list(headerCodec, MAX_ABOVE),
  votes: list(voteGroupCodec, MAX_VOTE_GROUPS),
});
export const hopCodec: Codec<Hop> = struct({
  certificate: certificateCodec,
  next: option(
    struct({
      set: uint,
      quorum: uint,
      gone: list(branded<MemberIndex>(), MAX_MEMBERS),
      come: list(voterCodec, MAX_MEMBERS),
    }),
  ),
});

const forged = (why: string): Result<never> =>
  refuse("certificate-false", `This proof that a block is final does not hold: ${why}.`, "penalise", { why });

/** The blocks that its votes may name, by hash; null where one is not the child of the one before. */
const lineOf = ({ header, above }: Certificate): Map<Hash, Header> | null => {
  const line = new Map([[hashOf(header), header]]);
  let below = header;
  for (const next of above) {
    if (next.parent !== hashOf(below) || next.height !== below.height + 1 || next.step <= below.step) return null;
    if (next.community !== below.community) return null;
    line.set(hashOf(next), next);
    below = next;
  }
  return line;
};

/** Nothing that no vote speaks for, and one way to write what they say. */
const isInOrder = ({ header, above, votes }: Certificate): boolean =>
  votes.every((group, i) => i === 0 || group.step > (votes[i - 1]?.step ?? group.step)) &&
  votes.at(-1)?.block === hashOf(above.at(-1) ?? header);

const keysOf = ({ voters }: VoterSet): ReadonlyMap<MemberIndex, BlsKey> =>
  new Map(voters.map((v) => [v.member, v.key]));

/**
 * The signatures that a certificate rests on. All who signed are of the voters who are trusted and of those who judged, with
 * one key, and a quorum of both: of the trusted, so that somebody honest signed; of the judges, so that the block is final
 * (PROTOCOL.md §8). Refusal: `certificate-false` with the reason, also for one of another community.
 * @param judges where these are others: nobody knows yet that they are voters, and nothing here rests on their own word.
 */
export const jobsOfCertificate = (
  trusted: VoterSet,
  community: Hash,
  certificate: Certificate,
  judges: VoterSet = trusted,
): Result<readonly BlsJob[]> => {
  const { header, votes } = certificate;
  if (header.community !== community) return forged("it is of another community");
  const line = lineOf(certificate);
  if (line === null || !isInOrder(certificate)) return forged("its blocks and votes do not follow one another");
  const [first] = votes;
  const [keys, theirs] = [keysOf(trusted), keysOf(judges)];
  const seen = new Set<MemberIndex>();
  const jobs: BlsJob[] = [];
  for (const group of votes) {
    const named = line.get(group.block);
    const isOne = group.kind === "confirmation" && group.set === judges.set && group.round === first?.round;
    if (named === undefined || named.step !== group.step || !isOne) return forged("its votes are for something else");
    const members = membersOf(group.voters);
    if (members === null) return forged("it has votes of nobody");
    const ofGroup: BlsKey[] = [];
    for (const member of members) {
      const blsKey = keys.get(member);
      if (blsKey === undefined || blsKey !== theirs.get(member) || seen.has(member))
        return forged("it counts somebody twice, or who does not vote");
      seen.add(member);
      ofGroup.push(blsKey);
    }
    jobs.push({ keys: ofGroup, message: voteMessage(community, group), signature: group.signature });
  }
  const quorum = Math.max(trusted.quorum, judges.quorum);
  if (seen.size < quorum) return forged(`${seen.size} confirm, and ${quorum} must`);
  return ok(jobs);
};

/** Who votes on top of a hop's block. Refusal `voters-false` where that is not what the block's header commits to. */
export const votersAfter = (trusted: VoterSet, { certificate, next }: Hop): Result<VoterSet> => {
  const after = next === null ? ok(trusted) : applyChange(trusted, next);
  if (!after.ok) return after;
  return rootOfVoters(after.value) === certificate.header.votersRoot
    ? after
    : refuse("voters-false", "This neighbour names other voters than the block does.");
};

/** What a hop says, to be believed once its signatures are verified. */
export type Ahead = { readonly voters: VoterSet; readonly jobs: readonly BlsJob[] };
/**
 * From voters who are trusted over a final block to those who vote on top of it. The trusted ones judged it, and may hand
 * over there; or later ones did, which the block itself names: it lies below the one that ends their set, and hand-overs
 * between are skipped. Refusals as of jobsOfCertificate, applyChange and votersAfter. That it leads upwards, and from the
 * block that was trusted before, is for the caller to see.
 */
export const jobsOfHop = (trusted: VoterSet, community: Hash, hop: Hop): Result<Ahead> => {
  const after = votersAfter(trusted, hop);
  if (!after.ok) return after;
  const judges = hop.certificate.votes[0]?.set === trusted.set ? trusted : after.value;
  const jobs = jobsOfCertificate(trusted, community, hop.certificate, judges);
  return jobs.ok ? ok({ voters: after.value, jobs: jobs.value }) : jobs;
};
