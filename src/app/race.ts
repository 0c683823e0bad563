/**
 * The candidates of a step as lanes of a race: the longer the lane, the larger W/U (PROTOCOL.md §6). The decimals
 * are for reading; the chain compares exact integers. Pure.
 */
import type { CandidateView } from "../../worker/port.ts";

export type Lane = {
  readonly candidate: CandidateView;
  /** W/U. */
  readonly score: number;
  /** 0 to 1: how far down the lane. The square root keeps a very lucky draw from flattening all others. */
  readonly reach: number;
};

export const lanes = (candidates: readonly CandidateView[]): readonly Lane[] => {
  const scored = candidates.map((candidate) => ({ candidate, score: candidate.u > 0 ? candidate.w / candidate.u : 0 }));
  const best = Math.max(0, ...scored.map(({ score }) => score));
  return scored
    .map(({ candidate, score }) => ({ candidate, score, reach: best > 0 ? Math.sqrt(score / best) : 0 }))
    .toSorted((a, b) => a.candidate.rank - b.candidate.rank);
};
