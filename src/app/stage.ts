/**
 * A market step's way from measured to final as five stations (PROTOCOL.md §5, §7), for the line on Home and the
 * marks on bars and blocks. Pure; the words are in text/.
 */
import type { StepStage } from "../../worker/port.ts";

export const STATIONS = ["measured", "candidates", "winner", "approved", "final"] as const;
export type Station = (typeof STATIONS)[number];

/** How a step is drawn: still open for change, agreed by most, or final. */
export type Certainty = "hatched" | "agreed" | "final";

export type StationState = "done" | "now" | "ahead";

/** How many stations lie behind, and which one is under way. */
const PROGRESS: Readonly<Record<StepStage, number>> = {
  measuring: 0,
  candidates: 1,
  winner: 2,
  waiting: 2,
  block: 3,
  approved: 4,
  final: 5,
};

export const stationStates = (
  stage: StepStage,
): readonly { readonly station: Station; readonly state: StationState }[] =>
  STATIONS.map((station, at) => {
    const reached = PROGRESS[stage];
    return { station, state: at < reached ? "done" : at === reached ? "now" : "ahead" };
  });

export const certaintyOf = (stage: StepStage): Certainty =>
  stage === "final" ? "final" : stage === "approved" ? "agreed" : "hatched";
