/**
 * What the page and the worker say to each other about a member's energy over time (worker/port.ts has the frame). Plain
 * data: energy in integer mWh, times in ms since 1970, steps by index. A step is of the day on which it begins. What this
 * device's own meters counted stays on it (PROTOCOL.md §10): these answers go to its own page only.
 */
import type { StepStage } from "./port.ts";

/** `quarter`: 15 minutes, or a step where that is longer. Days and months are those of the zone's calendar. */
export type EnergyBy = "quarter" | "day" | "month";

/** From `from`, before `to`. */
export type EnergyRange = {
  readonly from: number;
  readonly to: number;
  /** IANA name of the time zone whose calendar counts. */
  readonly zone: string;
  /** Where a longer answer goes on: `next` of the answer before; null at first. */
  readonly page: number | null;
};
export type EnergyAsk = EnergyRange & { readonly by: EnergyBy };

/** The market face meter over some steps: those that this device's own meters were read in and the chain is known of. */
export type UseSum = {
  readonly useMwh: number;
  /** The share in these very steps. */
  readonly virtualMwh: number;
  readonly ownMwh: number;
  readonly gridMwh: number;
  readonly surplusMwh: number;
  readonly faceMwh: number;
  readonly steps: number;
  readonly estimatedSteps: number;
  /** Since counting began: not read, so in none of these sums. */
  readonly missingSteps: number;
};

export type EnergySum = {
  readonly generatedMwh: number;
  readonly mineMwh: number;
  /** Steps that are over and known. */
  readonly steps: number;
  /** Steps of before what this device keeps: in none of the sums, and not 0. */
  readonly unknownSteps: number;
  /** Null where none of the steps was read. */
  readonly use: UseSum | null;
};

/** One bar of a picture. A page may end within one: the next page's first has the same `from`, and both add up. */
export type EnergyBar = EnergySum & {
  readonly from: number;
  readonly to: number;
  readonly firstStep: number;
  /** The last that is over. */
  readonly lastStep: number;
  /** Of the last step: none before it is less certain. */
  readonly stage: StepStage;
  /** None of its figures can change any more. */
  readonly closed: boolean;
};

export type EnergyView = {
  /** Oldest first; none for what lies before the first step or ahead. */
  readonly bars: readonly EnergyBar[];
  readonly next: number | null;
  /** Beginning of the first step that this device keeps. */
  readonly heldFrom: number;
  /** Beginning of the first step that its own meters counted; null without. */
  readonly usedFrom: number | null;
};

/** Part of a file, in order; the first has the heading. */
export type EnergyFile = { readonly csv: string; readonly next: number | null };

/** Where a meter stood at each instant asked for; null where this device does not know. */
export type RegisterView = {
  /** The member's virtual generation meter, or a generator of its own. */
  readonly kind: "share" | "roof";
  readonly name: string;
  readonly key: string;
  readonly mwh: readonly (number | null)[];
};
export type RegistersView = { readonly meters: readonly RegisterView[] };
