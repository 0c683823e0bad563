/**
 * The market face meter (paper §II, "the difference between its consumption meter and its virtual generation meter"):
 * computed by the member on its own device from what came from the grid and what the chain credits it, step by step.
 * Never netted over steps: what was not used in its quarter-hour is not used later. Whole mWh; pure; knows no disk and
 * no chain. §IV.B.3: nothing made here is for anybody else.
 */

/** One step's consumption as the meter counted it; null where nobody read the meter. */
export type Consumption = { readonly mwh: number; readonly estimated: boolean } | null;

export type Face = {
  /** The consumption meter. */
  readonly useMwh: number;
  /** The virtual generation meter. */
  readonly virtualMwh: number;
  /** The market face meter: above 0 is bought from a supplier, below 0 is given to one. */
  readonly faceMwh: number;
  /** Used in the very step in which it was made. */
  readonly ownMwh: number;
  /** Its positive and negative part: face = grid − surplus. */
  readonly gridMwh: number;
  readonly surplusMwh: number;
};

/** Both are whole mWh from 0. */
export const faceOf = (useMwh: number, virtualMwh: number): Face => {
  const ownMwh = Math.min(useMwh, virtualMwh);
  return {
    useMwh,
    virtualMwh,
    faceMwh: useMwh - virtualMwh,
    ownMwh,
    gridMwh: useMwh - ownMwh,
    surplusMwh: virtualMwh - ownMwh,
  };
};

export type FaceSum = Face & {
  /** Steps that went into the sum, and of those how many are estimated. */
  readonly steps: number;
  readonly estimatedSteps: number;
  /** Steps that nobody read: of neither meter anything is in the sum. */
  readonly missingSteps: number;
};

export const NO_FACE: FaceSum = { ...faceOf(0, 0), steps: 0, estimatedSteps: 0, missingSteps: 0 };

/** Adds one step. A sum of sums of parts of a period is the sum of the period. */
export const addStep = (sum: FaceSum, consumption: Consumption, virtualMwh: number): FaceSum =>
  consumption === null
    ? { ...sum, missingSteps: sum.missingSteps + 1 }
    : addFace(sum, faceOf(consumption.mwh, virtualMwh), consumption.estimated ? 1 : 0);

const addFace = (sum: FaceSum, face: Face, estimatedSteps: number): FaceSum => ({
  useMwh: sum.useMwh + face.useMwh,
  virtualMwh: sum.virtualMwh + face.virtualMwh,
  faceMwh: sum.faceMwh + face.faceMwh,
  ownMwh: sum.ownMwh + face.ownMwh,
  gridMwh: sum.gridMwh + face.gridMwh,
  surplusMwh: sum.surplusMwh + face.surplusMwh,
  steps: sum.steps + 1,
  estimatedSteps: sum.estimatedSteps + estimatedSteps,
  missingSteps: sum.missingSteps,
});

/** A household with several meters uses what all of them count; unknown where one of them was not read. */
export const together = (parts: readonly Consumption[]): Consumption => {
  if (parts.length === 0) return null;
  let mwh = 0;
  let estimated = false;
  for (const part of parts) {
    if (part === null) return null;
    mwh += part.mwh;
    estimated ||= part.estimated;
  }
  return { mwh, estimated };
};
