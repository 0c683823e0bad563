/** How much of the community's record a device keeps, and why: the part of worker/port.ts about that. */

export type Kind = "light" | "full";
export type KindChoice = "auto" | Kind;
export type KindReason =
  | "chosen"
  /** It must keep everything, whatever was chosen. */
  | "joining"
  | "meter"
  | "needed"
  | "data-saver"
  | "memory"
  | "storage"
  | "battery"
  | "away"
  /** Nothing speaks against keeping everything. */
  | "able";

export type KindView = {
  readonly now: Kind;
  readonly choice: KindChoice;
  readonly reason: KindReason;
};

/** What only the page can see of the device; null where the browser does not say. */
export type SurroundingsAsk = {
  readonly battery: { readonly level: number; readonly charging: boolean } | null;
  readonly saveData: boolean | null;
  readonly memoryGb: number | null;
};

/** Of a device that keeps its own figures only; times in ms since 1970. */
export type LightSight = {
  /** From here on all that its member was credited is known. */
  readonly heldFrom: number;
  /** Older figures are on their way, from this time on; `refused`: no neighbour of the moment keeps their blocks. */
  readonly reaching: { readonly from: number; readonly refused: boolean } | null;
  /** Credits in final blocks whose sharing rule this device has never seen, so that it could not check them by it. */
  readonly unjudgedMwh: number;
  readonly unjudgedSteps: number;
  /** Those of today by number, ascending. */
  readonly unjudgedToday: readonly number[];
  /** What the member's register has and no neighbour has shown, from this time on at the earliest. */
  readonly gap: { readonly mwh: number; readonly from: number } | null;
  /** From here on it is proved that no credit was left out; before, that each one shown is true. */
  readonly sureFrom: number;
};

/** The blocks themselves on a device that keeps everything else for good; bytes. */
export type KeepView = {
  /** At most so much; null keeps all. The last 1,024 stay in any case. */
  readonly budgetBytes: number | null;
  readonly usedBytes: number;
  readonly blocks: number;
  /** The end of the first step of which the block is here; null where it is not known. */
  readonly from: number | null;
};
