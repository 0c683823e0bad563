/**
 * From a contract to a final block (PROTOCOL.md §8, §12): who votes first follows from the contract, who votes later
 * from hand-overs. Checks those of a bundle, and finds the fewest that will do. Signatures come out as jobs.
 */
import type { BlsJob } from "../base/bls-scheme.ts";
import { ok, type Result } from "../base/result.ts";
import type { Hash, MemberIndex } from "../base/units.ts";
import type { Contract } from "../community/contract.ts";
import { hashOf, type Header } from "../consensus/block.ts";
import {
  applyChange,
  changeOf,
  jobsOfCertificate,
  rootOfVoters,
  votersAfter,
  votersIn,
  type Certificate,
  type Hop,
  type VoterSet,
} from "../consensus/certificate.ts";
import { genesisState } from "../consensus/genesis.ts";
import { membersOf } from "../consensus/vote.ts";
import { refuseAt } from "./bundle.ts";

export type TrustJob = { readonly place: "hops" | "final"; readonly hop: number; readonly job: BlsJob };
export type Trusted = {
  readonly jobs: readonly TrustJob[];
  /** Those who vote on the final block, and which of them confirm it. */
  readonly voters: VoterSet;
  readonly signers: readonly MemberIndex[];
};

const signersOf = ({ votes }: Certificate): MemberIndex[] => votes.flatMap((group) => membersOf(group.voters) ?? []);

/** One way to write a certificate: its votes from the lowest block up, none above the highest that has one. */
const inOrder = ({ header, above, votes }: Certificate): Certificate => {
  const places = new Map([header, ...above].map((one: Header, i) => [hashOf(one), i]));
  const placeOf = (block: Hash): number => places.get(block) ?? 0;
  const sorted = votes.toSorted((a, b) => placeOf(a.block) - placeOf(b.block));
  return { header, above: above.slice(0, placeOf(sorted.at(-1)?.block ?? hashOf(header))), votes: sorted };
};
const isInOrder = (certificate: Certificate): boolean => {
  const { above, votes } = certificate;
  const top = above.at(-1) ?? certificate.header;
  return (
    votes.every((v, i) => i === 0 || v.step > (votes[i - 1]?.step ?? v.step)) && votes.at(-1)?.block === hashOf(top)
  );
};

/** The voters that the contract names: its members, each with the key it was founded with. */
export const firstVoters = (contract: Contract): VoterSet => votersIn(genesisState(contract));

/**
 * Whether a certificate of a later set, which `trusted` can check, is a quorum of that later set too: its block is a true
 * one, as somebody honest of `trusted` signed it, and names its voters; but they may be many more than those who signed.
 */
const isQuorumOf = (later: VoterSet, trusted: VoterSet, certificate: Certificate): boolean => {
  const keys = new Map(trusted.voters.map((v) => [v.member, v.key]));
  const signers = new Set(signersOf(certificate));
  const counted = later.voters.filter((v) => signers.has(v.member) && keys.get(v.member) === v.key);
  return (
    certificate.votes[0]?.set === later.set &&
    rootOfVoters(later) === certificate.header.votersRoot &&
    counted.length >= later.quorum
  );
};

/**
 * The fewest hand-overs after which who knows the first voters can check `final`: the last ones are left out where
 * enough of the older voters have outlasted them. Null where some are missing.
 */
export const fewestHops = (
  first: VoterSet,
  community: Hash,
  hops: readonly Hop[],
  final: Certificate,
): { readonly hops: readonly Hop[]; readonly final: Hop } | null => {
  const sets: VoterSet[] = [first];
  for (const hop of hops) {
    const after = votersAfter(sets.at(-1) ?? first, hop);
    if (!after.ok) break;
    sets.push(after.value);
  }
  const set = final.votes[0]?.set;
  const own = sets.find((s) => s.set === set);
  if (own === undefined) return null;
  const certificate = inOrder(final);
  for (const [n, trusted] of sets.entries()) {
    if (!jobsOfCertificate(trusted, community, certificate).ok) continue;
    if (trusted !== own && !isQuorumOf(own, trusted, certificate)) continue;
    const before = hops.slice(0, n).map((hop) => ({ certificate: inOrder(hop.certificate), next: hop.next }));
    return { hops: before, final: { certificate, next: trusted === own ? null : changeOf(trusted, own) } };
  }
  return null;
};

/** Refusals: `bundle-hop` with its number from 1, `bundle-final`. */
export const checkTrust = (
  first: VoterSet,
  community: Hash,
  hops: readonly Hop[],
  { certificate, next }: Hop,
): Result<Trusted> => {
  let voters = first;
  let height = 0;
  const jobs: TrustJob[] = [];
  for (const [i, hop] of hops.entries()) {
    const wrong = (why: string): Result<never> =>
      refuseAt("hops", "bundle-hop", `Hand-over ${i + 1} of the voters does not hold: ${why}`, { hop: i + 1 });
    const { header, votes } = hop.certificate;
    const asked = jobsOfCertificate(voters, community, hop.certificate);
    if (!asked.ok) return wrong(asked.error.message);
    if (!isInOrder(hop.certificate) || header.height <= height || hop.next === null || votes[0]?.set !== voters.set)
      return wrong("it is not written as a proof is.");
    const after = votersAfter(voters, hop);
    if (!after.ok) return wrong(after.error.message);
    if (after.value.set <= voters.set) return wrong("it leads to no later voters.");
    for (const job of asked.value) jobs.push({ place: "hops", hop: i + 1, job });
    voters = after.value;
    height = header.height;
  }
  const wrong = (why: string): Result<never> => refuseAt("final", "bundle-final", why);
  const asked = jobsOfCertificate(voters, community, certificate);
  if (!asked.ok) return wrong(asked.error.message);
  if (!isInOrder(certificate) || certificate.header.height <= height)
    return wrong("The certificate of the final block is not written as a proof is.");
  for (const job of asked.value) jobs.push({ place: "final", hop: 0, job });
  const later = next === null ? ok(voters) : applyChange(voters, next);
  if (!later.ok) return wrong(later.error.message);
  const isTheirs =
    next === null
      ? certificate.votes[0]?.set === voters.set
      : later.value.set > voters.set && isQuorumOf(later.value, voters, certificate);
  if (!isTheirs) return wrong("Those who confirm the final block are no quorum of the voters that it names.");
  return ok({ jobs, voters: later.value, signers: signersOf(certificate).toSorted((a, b) => a - b) });
};
