/**
 * From a contract to a final block (PROTOCOL.md §8, §12): who votes first follows from the contract, who votes later
 * from hand-overs. Checks those of a bundle, and finds the fewest that will do. Signatures come out as jobs.
 */
import type { BlsJob } from "../base/bls-scheme.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { Hash, MemberIndex } from "../base/units.ts";
import type { Contract } from "../community/contract.ts";
import {
  changeOf,
  jobsOfCertificate,
  jobsOfHop,
  votersAfter,
  votersIn,
  type Ahead,
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

/** The voters that the contract names: its members, each with the key it was founded with. */
export const firstVoters = (contract: Contract): VoterSet => votersIn(genesisState(contract));

/**
 * Of the last block, by its judges: the trusted voters, who need not be told who votes on top of it; or a later set that
 * the block names and `next` leads to.
 */
const jobsOfFinal = (trusted: VoterSet, community: Hash, last: Hop): Result<Ahead> => {
  if (last.next !== null && last.certificate.votes[0]?.set !== last.next.set)
    return refuse("certificate-false", "Those who confirm the final block are not the voters that it names.");
  if (last.next !== null) return jobsOfHop(trusted, community, last);
  const jobs = jobsOfCertificate(trusted, community, last.certificate);
  return jobs.ok ? ok({ voters: trusted, jobs: jobs.value }) : jobs;
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
  for (const [n, trusted] of sets.entries()) {
    // A hand-over that was kept without its proof leads nowhere, nor does one by the votes of a later set.
    if (n > 0 && hops[n - 1]?.certificate.votes[0]?.set !== sets[n - 1]?.set) return null;
    const last: Hop = { certificate: final, next: trusted === own ? null : changeOf(trusted, own) };
    if (jobsOfFinal(trusted, community, last).ok) return { hops: hops.slice(0, n), final: last };
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
    const ahead = jobsOfHop(voters, community, hop);
    if (!ahead.ok) return wrong(ahead.error.message);
    if (header.height <= height || hop.next === null || votes[0]?.set !== voters.set)
      return wrong("it is not written as a proof is.");
    for (const job of ahead.value.jobs) jobs.push({ place: "hops", hop: i + 1, job });
    voters = ahead.value.voters;
    height = header.height;
  }
  const wrong = (why: string): Result<never> => refuseAt("final", "bundle-final", why);
  const ahead = jobsOfFinal(voters, community, { certificate, next });
  if (!ahead.ok) return wrong(ahead.error.message);
  if (certificate.header.height <= height)
    return wrong("The certificate of the final block is not written as a proof is.");
  for (const job of ahead.value.jobs) jobs.push({ place: "final", hop: 0, job });
  const signers = signersOf(certificate).toSorted((a, b) => a - b);
  return ok({ jobs, voters: ahead.value.voters, signers });
};
