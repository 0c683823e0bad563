/**
 * Members as the rules see them (PROTOCOL.md §2, §6): who is of the community at a step, who may stand, whose voting key
 * counts in which voter set. Knows nothing of how anybody came or went.
 */
import type { BlsKey, MemberIndex, StepIndex } from "../base/units.ts";
import { numberOf, type MemberRow } from "./rows.ts";
import type { View } from "./state.ts";

/** Of the community at `step`: admitted, and not gone. */
export const isPresent = (row: MemberRow, step: StepIndex): boolean => row.left === null || row.left > step;

export const presentMembers = (
  view: View,
  step: StepIndex,
): { readonly index: MemberIndex; readonly row: MemberRow }[] =>
  view.scan("member").flatMap(([k, row]) => (isPresent(row, step) ? [{ index: numberOf(k) as MemberIndex, row }] : []));

/** The same of a state that a block has left, at its step and later: a leave is written where it comes into force. */
export const isOfCommunity = (row: MemberRow): boolean => row.left === null;

/** The key that a member's votes in a set are checked with; null for sets before its last two keys. */
export const votingKeyOf = (row: MemberRow, set: number): BlsKey | null =>
  set >= row.votesSince ? row.blsKey : set >= row.oldSince ? row.oldBlsKey : null;

/** A member as it begins, in force from `joined`. */
export const newMember = (
  terms: Pick<MemberRow, "key" | "blsKey" | "weight" | "vpp">,
  joined: StepIndex,
  approved: StepIndex | null,
): MemberRow => ({
  key: terms.key,
  blsKey: terms.blsKey,
  weight: terms.weight,
  vpp: terms.vpp,
  joined,
  meter: 0 as MemberRow["meter"],
  lastBlock: joined,
  blocks: 0,
  reputation: 0,
  approved,
  strikes: 0,
  barred: null,
  convicted: false,
  pardoned: null,
  left: null,
  votesSince: 0,
  oldBlsKey: null,
  oldSince: 0,
});
