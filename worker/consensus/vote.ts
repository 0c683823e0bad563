/**
 * Votes of the finality gadget (T II.4, T II.5; PROTOCOL.md §7): approvals and confirmations, BLS signatures over
 * (community, set, round, kind, step, block). A vote for a block counts for all its ancestors. Votes for one target
 * add up to one signature with a bitfield of who gave it.
 */
import { fromHex } from "../base/bytes.ts";
import { BLS_SIGNATURE_BYTES } from "../base/bls.ts";
import { blob, branded, bytes, encode, hex, struct, uint, word, type Codec } from "../base/codec.ts";
import { taggedHash } from "../base/hash.ts";
import type { Hash, MemberIndex, StepIndex } from "../base/units.ts";
import { MAX_MEMBERS } from "../community/repartition.ts";

export type VoteKind = "approval" | "confirmation";
export type Target = {
  /** The voter set's number. */
  readonly set: number;
  readonly round: number;
  readonly kind: VoteKind;
  readonly step: StepIndex;
  readonly block: Hash;
};
export type Vote = Target & { readonly member: MemberIndex; readonly signature: Uint8Array };
export type VoteGroup = Target & { readonly voters: Uint8Array; readonly signature: Uint8Array };

const TARGET = {
  set: uint,
  round: uint,
  kind: word(["approval", "confirmation"] as const),
  step: branded<StepIndex>(),
  block: hex<Hash>(32),
};
export const targetCodec: Codec<Target> = struct(TARGET);
export const voteCodec = struct({ ...TARGET, member: branded<MemberIndex>(), signature: bytes(BLS_SIGNATURE_BYTES) });
export const voteGroupCodec = struct({
  ...TARGET,
  voters: blob(MAX_MEMBERS / 8),
  signature: bytes(BLS_SIGNATURE_BYTES),
});

export const targetOf = ({ set, round, kind, step, block }: Target): Target => ({ set, round, kind, step, block });

/** What is signed. */
export const voteMessage = (community: Hash, target: Target): Uint8Array =>
  taggedHash("vote", fromHex(community), encode(targetCodec, targetOf(target)));

/** Votes for the same thing have the same key. */
export const targetKey = (t: Target): string => `${t.set}/${t.round}/${t.kind}/${t.step}/${t.block}`;

/** Shortest bitfield, lowest member in the lowest bit of the first byte. */
export const bitfieldOf = (members: readonly MemberIndex[]): Uint8Array => {
  const field = new Uint8Array(members.reduce((n, m) => Math.max(n, (m >> 3) + 1), 0));
  for (const m of members) field[m >> 3] = (field[m >> 3] ?? 0) | (1 << (m & 7));
  return field;
};

/** Ascending; null when the bitfield is empty or not the shortest. */
export const membersOf = (field: Uint8Array): MemberIndex[] | null => {
  if (field.length === 0 || field.at(-1) === 0) return null;
  const out: MemberIndex[] = [];
  field.forEach((byte, i) => {
    for (let bit = 0; bit < 8; bit++) if ((byte & (1 << bit)) !== 0) out.push((i * 8 + bit) as MemberIndex);
  });
  return out;
};
