/**
 * What Home's one sentence says: which sentence, its figure, and the share as a person would name it ("a
 * fifth"). The words themselves are in text/. Pure.
 */

export type Fraction =
  | "all"
  | "nearly-all"
  | "three-quarters"
  | "two-thirds"
  | "half"
  | "third"
  | "quarter"
  | "fifth"
  | "sixth"
  | "eighth"
  | "tenth";

const NAMED: readonly (readonly [Fraction, number])[] = [
  ["three-quarters", 3 / 4],
  ["two-thirds", 2 / 3],
  ["half", 1 / 2],
  ["third", 1 / 3],
  ["quarter", 1 / 4],
  ["fifth", 1 / 5],
  ["sixth", 1 / 6],
  ["eighth", 1 / 8],
  ["tenth", 1 / 10],
];

/** The named fraction within 4 % of the ratio, else null and the screen says per cent. */
export const fractionOf = (part: number, whole: number): Fraction | null => {
  if (whole <= 0) return null;
  const ratio = part / whole;
  if (ratio >= 0.9999) return "all";
  if (ratio >= 0.95) return "nearly-all";
  const near = NAMED.find(([, value]) => Math.abs(ratio - value) <= value * 0.04);
  return near === undefined ? null : near[0];
};

export type HomeSentence =
  /** Nothing was ever shared: the screen explains with a sample day. */
  | { readonly kind: "empty" }
  | { readonly kind: "shared"; readonly mwh: number; readonly ofMwh: number; readonly fraction: Fraction | null }
  /** The roof made something today and this member's part is still to come. */
  | { readonly kind: "not-mine-yet"; readonly mwh: number }
  /** Before sunrise: the figure is what this member has had since joining. */
  | { readonly kind: "no-sun-yet"; readonly mwh: number };

export const homeSentence = (view: {
  readonly todayGeneratedMwh: number;
  readonly todayMineMwh: number;
  readonly totalMineMwh: number;
}): HomeSentence => {
  const { todayGeneratedMwh, todayMineMwh, totalMineMwh } = view;
  if (todayMineMwh > 0) {
    return {
      kind: "shared",
      mwh: todayMineMwh,
      ofMwh: todayGeneratedMwh,
      fraction: fractionOf(todayMineMwh, todayGeneratedMwh),
    };
  }
  if (todayGeneratedMwh > 0) return { kind: "not-mine-yet", mwh: todayGeneratedMwh };
  return totalMineMwh > 0 ? { kind: "no-sun-yet", mwh: totalMineMwh } : { kind: "empty" };
};

/** Self-sufficiency: how much of the use was the share's. Self-consumption: how much of the share was used at once. Null of nothing. */
export const ratiosOf = (use: {
  readonly useMwh: number;
  readonly ownMwh: number;
  readonly surplusMwh: number;
}): { readonly sufficiency: number | null; readonly consumption: number | null } => {
  const { useMwh, ownMwh, surplusMwh } = use;
  const share = ownMwh + surplusMwh;
  return {
    sufficiency: useMwh === 0 ? null : ownMwh / useMwh,
    consumption: share === 0 ? null : ownMwh / share,
  };
};
