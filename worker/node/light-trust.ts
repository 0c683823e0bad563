/**
 * What a light node trusts and how that moves on (PROTOCOL.md §8.1): a final block and who votes on top of it, from the
 * contract over hops to the last final block. Pure: signatures come out as jobs, and count once they are verified.
 */
import { fromHex } from "../base/bytes.ts";
import { verifyPlaces } from "../base/history-tree.ts";
import { leafHash } from "../base/merkle.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { BlsJob } from "../base/bls-scheme.ts";
import type { Hash } from "../base/units.ts";
import { option, struct, type Codec } from "../base/codec.ts";
import type { Contract } from "../community/contract.ts";
import { hashOf, headerCodec, type Header } from "../consensus/block.ts";
import {
  hopCodec,
  jobsOfHop,
  rootOfVoters,
  votersIn,
  voterSetCodec,
  type Hop,
  type VoterSet,
} from "../consensus/certificate.ts";
import { genesisBlock, genesisState } from "../consensus/genesis.ts";
import type { HopsAnswer } from "./messages.ts";

/** `hop`: what proved it, for others; null for the genesis, and for what this device knew as a full node. */
export type Trust = { readonly header: Header; readonly voters: VoterSet; readonly hop: Hop | null };
export const trustCodec: Codec<Trust> = struct({ header: headerCodec, voters: voterSetCodec, hop: option(hopCodec) });

export const trustInContract = (contract: Contract): Trust => {
  const state = genesisState(contract);
  return { header: genesisBlock(contract, state).header, voters: votersIn(state), hop: null };
};

/** Whether header, voters and proof are still of one block, and the proof is here: a row may have been damaged on disk. */
export const isProven = ({ header, voters, hop }: Trust): boolean =>
  hop !== null && hashOf(hop.certificate.header) === hashOf(header) && rootOfVoters(voters) === header.votersRoot;

/** Where hops lead, and the signatures that it rests on. */
export type Ahead = { readonly trust: Trust; readonly jobs: readonly BlsJob[] };

/**
 * Refusals: `head-old` for what is not above what is trusted already, `certificate-false`, `voters-false` and
 * `voters-change` as in consensus/certificate.ts.
 */
export const followHops = (from: Trust, hops: readonly Hop[]): Result<Ahead> => {
  const jobs: BlsJob[] = [];
  let trust = from;
  for (const hop of hops) {
    const { header } = hop.certificate;
    if (header.height <= trust.header.height)
      return refuse("head-old", "This neighbour shows as new what was final here already.");
    const found = jobsOfHop(trust.voters, from.header.community, hop);
    if (!found.ok) return found;
    jobs.push(...found.value.jobs);
    trust = { header, voters: found.value.voters, hop };
  }
  return ok({ trust, jobs });
};

/** Whether `block` stands at `height` in the history that a header commits to. */
export const isInHistory = (header: Header, height: number, block: Hash, proof: readonly Uint8Array[]): boolean =>
  verifyPlaces([leafHash(fromHex(block))], [height], header.height, proof, fromHex(header.historyRoot));

/**
 * How a block that was proved final stands to the one that is trusted: above it, or on another branch, which no honest
 * quorum makes final; null where the neighbour proves neither.
 */
export const descent = (
  trust: Trust,
  ahead: Header,
  answer: Pick<HopsAnswer, "block" | "proof">,
): "above" | "beside" | null => {
  if (!isInHistory(ahead, trust.header.height, answer.block, answer.proof)) return null;
  return answer.block === hashOf(trust.header) ? "above" : "beside";
};
