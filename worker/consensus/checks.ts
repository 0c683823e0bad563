/**
 * The signatures a block, a transaction or a vote rests on, as data for whoever verifies them in bulk (PROTOCOL.md
 * §3): keys are looked up in the state the thing is judged against. Verifying is asynchronous and happens outside.
 */
import { fromHex } from "../base/bytes.ts";
import type { BlsJob } from "../base/bls-scheme.ts";
import type { SignatureJob } from "../base/ed25519.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { BlsKey, Hash, PublicKey } from "../base/units.ts";
import { votingKeyOf } from "../ledger/members.ts";
import { key } from "../ledger/rows.ts";
import type { View } from "../ledger/state.ts";
import { idOf, signerOf, type Tx } from "../ledger/transaction.ts";
import { hashOf, type Block, type Header } from "./block.ts";
import { drawMessage } from "./draw.ts";
import { readEvidence } from "./evidence.ts";
import { membersOf, voteMessage, type Vote, type VoteGroup } from "./vote.ts";

export type Checks = {
  readonly ed25519: readonly SignatureJob[];
  /** Single signatures and aggregates alike: they are checked together. */
  readonly bls: readonly BlsJob[];
};
/** One verdict a job, in order. */
export type Verdicts = { readonly ed25519: readonly boolean[]; readonly bls: readonly boolean[] };

/** Whose word it rests on, in the order of the jobs: good for as long as these are the keys to judge it by. */
export const keysOf = ({ ed25519, bls }: Checks): string[] => [
  ...ed25519.map((job) => job.key),
  ...bls.flatMap((job) => job.keys),
];

export const allTrue = (v: Verdicts): boolean => [v.ed25519, v.bls].every((list) => list.every(Boolean));

const unknown = (): Result<never> => refuse("signer-unknown", "Whoever signed this is not known here.", "ignore");

const memberKey = (view: View, index: number): PublicKey | undefined => view.get("member", key(index))?.key;

/** The Ed25519 job of a transaction, and the BLS job of the draw share it may carry. */
export const checksOfTx = (view: View, community: Hash, tx: Tx): Result<Checks> => {
  const { body } = tx;
  const who = signerOf(body);
  if (who.role !== "vpp" && who.index !== tx.signer)
    return refuse("signer-mismatch", "This was signed by somebody else than it says.");
  const signer =
    who.role === "generator" ? view.get("generator", key(who.index))?.terms.key : memberKey(view, tx.signer);
  if (signer === undefined) return unknown();
  const ed25519 = [{ key: signer, message: fromHex(idOf(body, community)), signature: tx.signature }];
  if (body.kind === "evidence") {
    const read = readEvidence(view, community, body);
    return read.ok ? ok({ ed25519: [...ed25519, ...read.value.ed25519], bls: read.value.bls }) : read;
  }
  if (body.kind !== "candidacy" && body.kind !== "winner") return ok({ ed25519, bls: [] });
  const blsKey = view.get("member", key(body.member))?.blsKey;
  if (blsKey === undefined) return unknown();
  return ok({
    ed25519,
    bls: [{ keys: [blsKey], message: drawMessage(community, body.beacon, body.step), signature: body.draw }],
  });
};

export const checkOfVote = (view: View, community: Hash, vote: Vote): BlsJob | undefined => {
  const row = view.get("member", key(vote.member));
  const blsKey = row && votingKeyOf(row, vote.set);
  if (!blsKey) return undefined;
  return { keys: [blsKey], message: voteMessage(community, vote), signature: vote.signature };
};

export const checkOfGroup = (view: View, community: Hash, group: VoteGroup): BlsJob | undefined => {
  const keys: BlsKey[] = [];
  for (const m of membersOf(group.voters) ?? []) {
    const row = view.get("member", key(m));
    const blsKey = row && votingKeyOf(row, group.set);
    if (!blsKey) return undefined;
    keys.push(blsKey);
  }
  return keys.length === 0 ? undefined : { keys, message: voteMessage(community, group), signature: group.signature };
};

/**
 * All signatures of a block. `view` is the state of its parent with `beginStep` done, so that newcomers are known.
 * @param isKnown groups whose votes were verified already, with the very keys of the job: they need no check.
 */
export const checksOfBlock = (
  view: View,
  community: Hash,
  parent: Pick<Header, "beacon">,
  block: Block,
  isKnown: (group: VoteGroup, job: BlsJob) => boolean = () => false,
): Result<Checks> => {
  const { header } = block;
  const miner = view.get("member", key(header.miner));
  if (miner === undefined) return unknown();
  const ed25519: SignatureJob[] = [{ key: miner.key, message: fromHex(hashOf(header)), signature: block.signature }];
  const bls: BlsJob[] = [
    { keys: [miner.blsKey], message: drawMessage(community, parent.beacon, header.step), signature: block.draw },
  ];
  for (const tx of block.txs) {
    const checks = checksOfTx(view, community, tx);
    if (!checks.ok) return checks;
    ed25519.push(...checks.value.ed25519);
    bls.push(...checks.value.bls);
  }
  for (const group of block.votes) {
    const job = checkOfGroup(view, community, group);
    if (job === undefined) return refuse("votes-bitfield", "A group of votes has no proper list of voters.");
    if (!isKnown(group, job)) bls.push(job);
  }
  return ok({ ed25519, bls });
};
