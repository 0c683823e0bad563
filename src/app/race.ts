/**
 * The candidates of a step as lanes of a race: the longer the lane, the larger W/U (PROTOCOL.md §6). The decimals
 * are for reading; the chain compares exact integers. Pure.
 */
import type { CandidateView } from "../../worker/port-step.ts";

/** Digits after the point: enough for the quotient of the shown figures to be the shown quotient. */
const FEWEST = 2;
/** The chain's exact integers come with so many; with all of them the quotient is right by itself. */
const MOST = 6;
const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

const digitsOf = ({ w, u, wEnergy, wAge, wReputation }: CandidateView): number => {
  for (let digits = FEWEST; digits < MOST; digits++) {
    const [shownW, shownU] = [rounded(w, digits), rounded(u, digits)];
    const sum = [wEnergy, wAge, wReputation].reduce((total, part) => total + rounded(part, digits), 0);
    const isQuotient = shownU > 0 && rounded(shownW / shownU, FEWEST) === rounded(w / u, FEWEST);
    if (isQuotient && rounded(sum, digits) === shownW) return digits;
  }
  return MOST;
};

export type Lane = {
  readonly candidate: CandidateView;
  /** W/U. */
  readonly score: number;
  /** 0 to 1: how far down the lane. The square root keeps a very lucky draw from flattening all others. */
  readonly reach: number;
  /** Of W, its terms and U, so that what is shown can be reckoned again; W/U has two. */
  readonly digits: number;
};

export const lanes = (candidates: readonly CandidateView[]): readonly Lane[] => {
  const scored = candidates.map((candidate) => ({ candidate, score: candidate.u > 0 ? candidate.w / candidate.u : 0 }));
  const best = Math.max(0, ...scored.map(({ score }) => score));
  return scored
    .map(({ candidate, score }) => ({
      candidate,
      score,
      reach: best > 0 ? Math.sqrt(score / best) : 0,
      digits: digitsOf(candidate),
    }))
    .toSorted((a, b) => a.candidate.rank - b.candidate.rank);
};
