/**
 * From a contract to a final block (PROTOCOL.md §8, §12): who votes first follows from the contract, who votes later
 * from hops. Checks a bundle's hops and certificates, and finds the fewest that will do. Signatures come out as jobs.
 */
import type { BlsJob } from "../base/bls-scheme.ts";
import { ok, type Result } from "../base/result.ts";
import type { Hash } from "../base/units.ts";
import type { Contract } from "../community/contract.ts";
import { hashOf, type Header } from "../consensus/block.ts";
import {
  changeOf,
  jobsOfCertificate,
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
  /** The voters against whom the final block's confirmations were counted, and how many of them confirm it. */
  readonly voters: VoterSet;
  readonly signers: number;
};

/** One way to write a certificate: its votes from the lowest block up, none above the highest that has one. */
const inOrder = ({ header, above, votes }: Certificate): Certificate => {
  const line: readonly Header[] = [header, ...above];
  const places = new Map(line.map((one, i) => [hashOf(one), i]));
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

/** The voters that the contract names: those of its members, each with the key it was founded with. */
export const firstVoters = (contract: Contract): VoterSet => votersIn(genesisState(contract));

/**
 * The fewest of these hops by which who knows the first voters can check `final`: who answers may skip hand-overs that
 * enough of the older voters have outlasted. Null where some are missing.
 */
export const fewestHops = (
  first: VoterSet,
  community: Hash,
  hops: readonly Hop[],
  final: Certificate,
): { readonly hops: readonly Hop[]; readonly final: Certificate } | null => {
  const sets: VoterSet[] = [first];
  for (const hop of hops) {
    const after = votersAfter(sets.at(-1) ?? first, hop);
    if (!after.ok) break;
    sets.push(after.value);
  }
  const checks = (from: number, certificate: Certificate): boolean => {
    const set = sets[from];
    return set !== undefined && jobsOfCertificate(set, community, certificate).ok;
  };
  const chosen: Hop[] = [];
  for (let at = 0; !checks(at, final);) {
    let far = sets.length - 2;
    while (far >= at && !checks(at, hops[far]?.certificate ?? final)) far--;
    const [hop, from, to] = [hops[far], sets[at], sets[far + 1]];
    if (far < at || hop === undefined || from === undefined || to === undefined) return null;
    chosen.push({ certificate: inOrder(hop.certificate), next: changeOf(from, to) });
    at = far + 1;
  }
  return { hops: chosen, final: inOrder(final) };
};

/** Refusals: `bundle-hop` with its number from 1, `bundle-final`. */
export const checkTrust = (
  first: VoterSet,
  community: Hash,
  hops: readonly Hop[],
  final: Certificate,
): Result<Trusted> => {
  let voters = first;
  let height = 0;
  const jobs: TrustJob[] = [];
  for (const [i, hop] of hops.entries()) {
    const wrong = (why: string): Result<never> =>
      refuseAt("hops", "bundle-hop", `Hand-over ${i + 1} of the voters does not hold: ${why}`, { hop: i + 1 });
    const { header } = hop.certificate;
    const asked = jobsOfCertificate(voters, community, hop.certificate);
    if (!asked.ok) return wrong(asked.error.message);
    if (!isInOrder(hop.certificate) || header.height <= height || hop.next === null)
      return wrong("it is not written as a proof is.");
    const after = votersAfter(voters, hop);
    if (!after.ok) return wrong(after.error.message);
    if (after.value.set <= voters.set) return wrong("it leads to no later voters.");
    for (const job of asked.value) jobs.push({ place: "hops", hop: i + 1, job });
    voters = after.value;
    height = header.height;
  }
  const asked = jobsOfCertificate(voters, community, final);
  if (!asked.ok) return refuseAt("final", "bundle-final", asked.error.message);
  if (!isInOrder(final) || final.header.height <= height)
    return refuseAt("final", "bundle-final", "The certificate of the final block is not written as a proof is.");
  for (const job of asked.value) jobs.push({ place: "final", hop: 0, job });
  const signers = final.votes.reduce((n, group) => n + (membersOf(group.voters)?.length ?? 0), 0);
  return ok({ jobs, voters, signers });
};
