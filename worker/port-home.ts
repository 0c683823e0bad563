/**
 * What the page and the worker say to each other about the member's own use and about the check against the MID meter
 * (worker/port.ts has the frame). Plain data: energy in integer mWh, times in ms since 1970, steps by index.
 */

/** What a meter is read for: `generation` is counted and signed, `consumption` stays on this device (§IV.B.3). */
export type MeterRole = "generation" | "consumption";

/** What one of this device's meters says of the grid; never leaves it. */
export type GridView = { readonly registerMwh: number; readonly liveW: number | null };

/** One step of the market face meter. */
export type UseView = {
  readonly step: number;
  /** T_i. */
  readonly end: number;
  readonly useMwh: number;
  readonly ownMwh: number;
  readonly gridMwh: number;
  readonly surplusMwh: number;
  readonly estimated: boolean;
};

/** The member's own use, as far as its meters are read by this device: computed here, known to nobody else. */
export type HouseholdView = {
  /** Power from the grid now; null when no meter says. */
  readonly liveGridW: number | null;
  /** Today, up to `countedTo`, in the steps that were read: no further than the chain has come. */
  readonly useMwh: number;
  readonly ownMwh: number;
  readonly gridMwh: number;
  readonly surplusMwh: number;
  /** The market face meter: use minus virtual generation. */
  readonly faceMwh: number;
  /** End of the last step counted, T_i; null before the first. */
  readonly countedTo: number | null;
  readonly estimatedSteps: number;
  readonly missingSteps: number;
  /** True while the community may still book generation to one of these steps. */
  readonly provisional: boolean;
  /** Those of the steps in `View.today` that were read. */
  readonly steps: readonly UseView[];
};

/** What the second column of a meter's file holds, and where an interval's time stands. */
export type RegisterFileAsk = {
  readonly column: "register" | "energy";
  /** `Wh` or `kWh`; a unit written in the file itself goes first. */
  readonly unit: "kWh" | "Wh";
  /** For energies: whether the time is the interval's beginning or its end. */
  readonly stamp: "start" | "end";
  /** IANA name of the community's time zone, in which the times are written. */
  readonly zone: string;
};

export type ReconcileAsk = RegisterFileAsk & { readonly generator: number; readonly text: string };

export type ReconcileVerdict = "within" | "rounding" | "out";
/**
 * `late`: booked to another step. `off`: nobody read the meter, its energy stands where it was read next. `estimated`:
 * that place. `clock`: moved to a neighbouring step. `open`: may still be booked. `missing`: the chain has less and no
 * step has it. `surplus`: the chain has more and no step lacks it. `unaligned`: the meter was read within a step.
 * `rounding`: no more than the registers' own steps.
 */
export type ReconcileReason =
  | "late"
  | "off"
  | "estimated"
  | "clock"
  | "open"
  | "missing"
  | "surplus"
  | "unaligned"
  | "rounding";

export type ReconcileSum = {
  readonly chainMwh: number;
  readonly meterMwh: number;
  /** Chain minus meter. */
  readonly differenceMwh: number;
  /** The most that the meter's class allows, either way. */
  readonly allowedMwh: number;
  readonly verdict: ReconcileVerdict;
};

export type ReconcileRow = ReconcileSum & {
  readonly from: number;
  readonly to: number;
  readonly firstStep: number;
  readonly lastStep: number;
  readonly reasons: readonly ReconcileReason[];
  /** For `late` and `off`: end of the step where the energy stands, or came from. */
  readonly elsewhere: number | null;
};

export type ReconcileView = {
  readonly generator: number;
  readonly from: number;
  readonly to: number;
  readonly total: ReconcileSum;
  readonly mpePpm: number;
  /** Of all rows; a row is as long as the file's own intervals, at least a step. */
  readonly rows: number;
  readonly roundingRows: number;
  readonly outRows: number;
  /** The device's clock minus the meter's, from the pattern of the differences; null without one. */
  readonly clockOffsetMs: number | null;
  /** Another reading of the file that would fit much better: its times shifted by so much, or the other unit. */
  readonly hint: { readonly kind: "shift"; readonly ms: number } | { readonly kind: "unit" } | null;
  /** False while some step may still be booked to. */
  readonly closed: boolean;
  /** The rows that are out, oldest first, at most as many as a screen shows. */
  readonly out: readonly ReconcileRow[];
  /** Every row, for the file. */
  readonly csv: string;
};
