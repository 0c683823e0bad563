/**
 * What a device does not sign because it may have signed something else before (PROTOCOL.md §7.8): one that was made again
 * from its words, from a backup, or from a disk that lost its own votes. It stays silent until no vote of it can
 * contradict one that it forgot. Pure: looks at what the node knows, and at the time the event brought.
 */
import { decode, encode, flag, struct, uint, type Codec } from "../base/codec.ts";
import { assert } from "../base/result.ts";
import type { Position } from "../consensus/finality.ts";
import { ROUNDS_KEPT } from "../consensus/finality.ts";
import { BOTH } from "../consensus/electorate.ts";
import type { Core } from "./core.ts";

export type Silence = {
  /** No vote is given in rounds before this place. */
  readonly set: number;
  readonly round: number;
  /** Nothing is signed for steps up to this one; blocks of later ones were not there when the device began anew. */
  readonly step: number;
  /** It does not know yet from which place on it may vote. */
  readonly waiting: boolean;
};
export const silenceCodec: Codec<Silence> = struct({ set: uint, round: uint, step: uint, waiting: flag });
/** In the table `own`. */
export const SILENCE_ROW = "silence";

/** A device that knows nothing of what it has signed up to `step`. */
export const silentFrom = (step: number): Silence => ({ set: 0, round: 0, step, waiting: true });
export const encodeSilence = (silence: Silence): Uint8Array => encode(silenceCodec, silence);
export const decodeSilence = (raw: Uint8Array): Silence | null => {
  const read = decode(silenceCodec, raw, "silence");
  return read.ok ? read.value : null;
};

const isBefore = (a: Position, b: Position): boolean => a.set < b.set || (a.set === b.set && a.round < b.round);
const later = (a: Position, b: Position): Position => (isBefore(a, b) ? b : a);

/** The stricter of two in every respect. */
export const strictest = (a: Silence, b: Silence): Silence => ({
  ...later(a, b),
  step: Math.max(a.step, b.step),
  waiting: a.waiting || b.waiting,
});

export const mayVote = (silence: Silence | null, at: Position): boolean =>
  silence === null || (!silence.waiting && !isBefore(at, silence));
/**
 * Made anew, and no neighbour has told what there is: a founder, a member from the first block on, would begin a second chain.
 * Whoever is unknown at the genesis tells it by blocks; that there are none, only another founder can say.
 */
export const knowsNothing = (core: Core): boolean =>
  core.silence !== null &&
  core.silence.waiting &&
  core.chain.head.header.height === 0 &&
  ![...core.peers.values()].some((p) => p.identity.role === "member" && p.told > p.since && !core.isStranger(p));
export const maySign = (core: Core, step: number): boolean =>
  core.silence === null || (step > core.silence.step && !knowsNothing(core));

/** Whole steps for which neighbours have had time to say all that they hold. */
const HEARD_STEPS = 2;

/** Others' approvals of a round, for blocks that were not there when this device began anew. */
const freshIn = (core: Core, round: number, step: number): number => {
  const { finality } = core.chain;
  const ballots = finality.ballots({ set: finality.position.set, round }, "approval");
  return finality.members.filter((m) => {
    const ballot = m === core.me ? undefined : ballots.get(m);
    return ballot !== undefined && ballot !== BOTH && ballot.step > step;
  }).length;
};

/** Whether each of these members has been a neighbour for long enough to have told what it holds of us. */
const haveTold = (core: Core): boolean => {
  const { chain, me, now, contract } = core;
  const since = now - HEARD_STEPS * contract.stepMs;
  const told = new Set(
    [...core.peers.values()]
      .filter((p) => p.identity.role === "member" && p.since <= since && p.told > p.since)
      .map((p) => core.memberOf(p.identity.key)),
  );
  const others = chain.finality.members.filter((m) => m !== me);
  return told.size > 0 && others.every((m) => told.has(m));
};

/** The highest round of the present set in which others heard us. */
const heardRound = (core: Core): number => {
  const { finality } = core.chain;
  const { set, round } = finality.position;
  for (let r = round + ROUNDS_KEPT; r >= 0 && r + ROUNDS_KEPT >= round; r--)
    for (const kind of ["approval", "confirmation"] as const)
      if (core.me !== null && finality.ballots({ set, round: r }, kind).has(core.me)) return r;
  return 0;
};

/** From where on a vote can contradict none that was forgotten; null while that is not certain. The argument: §7.8. */
const placeAfter = (core: Core, { step }: Silence): Position | null => {
  const { finality } = core.chain;
  const { set, round } = finality.position;
  const { members, quorum } = finality;
  if (finality.final.voters.since > step) return { set, round: 0 };
  const n = members.length;
  if (quorum === n) return haveTold(core) ? { set, round: heardRound(core) } : null;
  const faults = Math.max(0, Math.min(2 * quorum - n - 1, n - quorum));
  for (let r = Math.max(0, round - ROUNDS_KEPT); r <= round; r++)
    if (freshIn(core, r, step) >= n - quorum + faults + 1) return { set, round: r + ROUNDS_KEPT + 2 };
  return null;
};

/** Ends the waiting where that is safe, on disk before anything is signed. Answers whether this node votes now. */
export const listen = (core: Core): boolean => {
  const { silence } = core;
  if (silence === null || core.me === null) return true;
  const at = core.chain.finality.position;
  if (!silence.waiting) return !isBefore(at, silence);
  if (core.behind) return false;
  const place = placeAfter(core, silence);
  if (place === null) return false;
  const next = { ...silence, ...later(silence, place), waiting: false };
  assert(!isBefore(next, silence), "a silence only ends later");
  core.silence = next;
  core.out.commit("own", SILENCE_ROW, encodeSilence(next));
  return !isBefore(at, next);
};

/** Whether this member signs less than others at this moment. */
export const isSilent = ({ silence, chain }: Core): boolean =>
  silence !== null && (silence.waiting || isBefore(chain.finality.position, silence));
