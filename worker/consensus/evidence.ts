/**
 * Evidence against a member that signed two things of which an honest one signs only one (§IV.C "something to stake";
 * PROTOCOL.md §5.5): two headers of one step, two votes of one kind in one round, or two ends of one auction. It speaks for itself, so anybody may
 * report it: the fees held back for the offender go to who did, and the offender may not stand until it is pardoned.
 */
import { compareText, fromHex, toHex } from "../base/bytes.ts";
import type { BlsJob } from "../base/bls-scheme.ts";
import { bytes, decode, encode, struct, type Codec } from "../base/codec.ts";
import type { SignatureJob } from "../base/ed25519.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { Hash, MemberIndex, MilliwattHours } from "../base/units.ts";
import type { Context } from "../ledger/context.ts";
import { votingKeyOf } from "../ledger/members.ts";
import { confiscate } from "../ledger/rewards.ts";
import { key, type MemberRow } from "../ledger/rows.ts";
import type { View } from "../ledger/state.ts";
import { idOf, txCodec, type Body, type Evidence, type Fault, type Tx } from "../ledger/transaction.ts";
import { hashOf, headerCodec, type Header } from "./block.ts";
import { voteCodec, voteMessage, type Vote } from "./vote.ts";

export type SignedHeader = { readonly header: Header; readonly signature: Uint8Array };
const signedHeader: Codec<SignedHeader> = struct({ header: headerCodec, signature: bytes(64) });

export type SignedWinner = Tx & { readonly body: Extract<Body, { kind: "winner" }> };
/** One form here, too: a transaction's signer is not part of what is signed. */
export const isSignedWinner = (tx: Tx): tx is SignedWinner => tx.body.kind === "winner" && tx.signer === tx.body.member;

/** One form only: the statement whose bytes are smaller comes first. */
const ordered = (a: Uint8Array, b: Uint8Array): Pick<Evidence, "first" | "second"> =>
  compareText(toHex(a), toHex(b)) < 0 ? { first: a, second: b } : { first: b, second: a };

type Case = Omit<Evidence, "member">;
export const caseOfHeaders = (a: SignedHeader, b: SignedHeader): Case => ({
  offender: a.header.miner,
  fault: "two-blocks",
  ...ordered(encode(signedHeader, a), encode(signedHeader, b)),
});
export const caseOfVotes = (a: Vote, b: Vote): Case => ({
  offender: a.member,
  fault: FAULT_OF[a.kind],
  ...ordered(encode(voteCodec, a), encode(voteCodec, b)),
});
const FAULT_OF = { approval: "two-approvals", confirmation: "two-confirmations" } as const satisfies Record<
  Vote["kind"],
  Fault
>;

export const caseOfWinners = (a: SignedWinner, b: SignedWinner): Case => ({
  offender: a.body.member,
  fault: "two-winners",
  ...ordered(encode(txCodec, a), encode(txCodec, b)),
});

/** Whether two headers, votes or winner transactions are a fault: signatures aside. */
export const areTwoBlocks = (a: Header, b: Header): boolean =>
  a.community === b.community && a.miner === b.miner && a.step === b.step && hashOf(a) !== hashOf(b);
export const areTwoVotes = (a: Vote, b: Vote): boolean =>
  a.member === b.member &&
  a.set === b.set &&
  a.round === b.round &&
  a.kind === b.kind &&
  (a.block !== b.block || a.step !== b.step);
/** One of another parent is of another auction: who changes its branch closes that one, too. */
export const areTwoWinners = (a: SignedWinner["body"], b: SignedWinner["body"], community: Hash): boolean =>
  a.member === b.member && a.parent === b.parent && a.step === b.step && idOf(a, community) !== idOf(b, community);

type Read = { readonly step: number; readonly ed25519: readonly SignatureJob[]; readonly bls: readonly BlsJob[] };

const contradiction = (): Result<never> =>
  refuse("evidence-none", "These two statements do not contradict each other; there is nothing to report.");

const readHeaders = (body: Evidence, row: MemberRow, community: Hash): Result<Read> => {
  const a = decode(signedHeader, body.first, "evidence");
  const b = decode(signedHeader, body.second, "evidence");
  if (!a.ok) return a;
  if (!b.ok) return b;
  const one = a.value.header;
  if (one.community !== community || one.miner !== body.offender || !areTwoBlocks(one, b.value.header))
    return contradiction();
  const jobOf = ({ header, signature }: SignedHeader): SignatureJob => ({
    key: row.key,
    message: fromHex(hashOf(header)),
    signature,
  });
  return ok({ step: one.step, ed25519: [jobOf(a.value), jobOf(b.value)], bls: [] });
};

const readVotes = (body: Evidence, row: MemberRow, community: Hash): Result<Read> => {
  const a = decode(voteCodec, body.first, "evidence");
  const b = decode(voteCodec, body.second, "evidence");
  if (!a.ok) return a;
  if (!b.ok) return b;
  if (a.value.member !== body.offender || body.fault !== FAULT_OF[a.value.kind] || !areTwoVotes(a.value, b.value))
    return contradiction();
  const blsKey = votingKeyOf(row, a.value.set);
  if (blsKey === null) return refuse("evidence-old", "These votes are of a key long gone.", "ignore");
  const bls = [a.value, b.value].map((vote) => ({
    keys: [blsKey],
    message: voteMessage(community, vote),
    signature: vote.signature,
  }));
  return ok({ step: Math.max(a.value.step, b.value.step), ed25519: [], bls });
};

const readWinners = (body: Evidence, row: MemberRow, community: Hash): Result<Read> => {
  const a = decode(txCodec, body.first, "evidence");
  const b = decode(txCodec, body.second, "evidence");
  if (!a.ok) return a;
  if (!b.ok) return b;
  const [one, two] = [a.value, b.value];
  const areThey = isSignedWinner(one) && isSignedWinner(two) && areTwoWinners(one.body, two.body, community);
  if (!areThey || one.body.member !== body.offender) return contradiction();
  // An id is of its community: what was signed in another does not hold here.
  const jobOf = (tx: SignedWinner): SignatureJob => ({
    key: row.key,
    message: fromHex(idOf(tx.body, community)),
    signature: tx.signature,
  });
  return ok({ step: one.body.step, ed25519: [jobOf(one), jobOf(two)], bls: [] });
};

/** What the evidence says, and the signatures it rests on. Refusals: see PROTOCOL.md §5.5. */
export const readEvidence = (view: View, community: Hash, body: Evidence): Result<Read> => {
  const row = view.get("member", key(body.offender));
  if (row === undefined)
    return refuse("member-unknown", "The evidence is against somebody who is not known here.", "ignore");
  if (body.member === body.offender)
    return refuse("evidence-own", "Nobody reports itself: the fees would stay where they are.");
  if (compareText(toHex(body.first), toHex(body.second)) >= 0)
    return refuse("evidence-order", "The two statements of evidence stand in the order of their bytes.");
  if (body.fault === "two-winners") return readWinners(body, row, community);
  return body.fault === "two-blocks" ? readHeaders(body, row, community) : readVotes(body, row, community);
};

/** Whether this would tell the chain something: a member is convicted once until it is pardoned. */
export const isNews = (row: MemberRow, step: number): boolean =>
  !row.convicted && (row.pardoned === null || step > row.pardoned);

/** Answers what was confiscated. */
export const applyEvidence = (ctx: Context, body: Evidence): Result<MilliwattHours> => {
  const read = readEvidence(ctx.draft, ctx.community, body);
  if (!read.ok) return read;
  const row = ctx.draft.get("member", key(body.offender));
  if (row === undefined || !isNews(row, read.value.step))
    return refuse("evidence-known", "The community has dealt with this already.", "ignore");
  ctx.draft.put("member", key(body.offender), { ...row, convicted: true, barred: row.barred ?? ctx.step });
  return ok(confiscate(ctx, body.offender, body.member));
};

/** Candidates ranked before the miner that did not deliver (§IV.C "three strikes"). */
export const owedBy = (ranking: readonly MemberIndex[], rank: number, miner: MemberIndex): MemberIndex[] =>
  ranking.slice(0, rank).filter((m) => m !== miner);

/** A strike each; with the contract's number of them a member may not stand any more. */
export const giveStrikes = (ctx: Context, owed: readonly MemberIndex[]): void => {
  for (const member of owed) {
    const row = ctx.draft.get("member", key(member));
    if (row === undefined) continue;
    const strikes = row.strikes + 1;
    const barred = row.barred ?? (strikes >= ctx.contract.strikes ? ctx.step : null);
    ctx.draft.put("member", key(member), { ...row, strikes, barred });
  }
};
