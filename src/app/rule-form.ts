/**
 * What a member types into the form of the sharing rule, made into what the node is asked (worker/port.ts, ActionAsk).
 * Knows what cannot be right before the node is asked; the words are in text/. Pure.
 */
import type { ActionAsk, RuleView } from "../../worker/port-council.ts";

export type RoundKind = "equal" | "fixed";
export type Round = { kind: RoundKind; percent: string };
export type RuleKind = RoundKind | "mixed";
export type RuleForm = {
  readonly kind: RuleKind;
  readonly rounds: readonly Round[];
  /** By member. */
  readonly weights: Readonly<Record<number, string>>;
};

export const MAX_ROUNDS = 3;
const PPM = 1_000_000;
const PPM_PER_PERCENT = 10_000;

/** A number with at most four decimals, with a point or a comma; null when it is none. */
export const decimalOf = (text: string): number | null => {
  const clean = text.trim().replace(",", ".");
  return /^\d{1,10}(\.\d{1,4})?$/.test(clean) ? Number(clean) : null;
};

export const wholeOf = (text: string): number | null => {
  const clean = text.trim();
  return /^\d{1,10}$/.test(clean) ? Number(clean) : null;
};

/** Without grouping, so that it can be typed over. */
export const typed = (value: number, locale: string): string =>
  new Intl.NumberFormat(locale, { useGrouping: false, maximumFractionDigits: 4 }).format(value);

export const ruleForm = ({ iterations, weights }: RuleView, locale: string): RuleForm => {
  const [only] = iterations;
  const kind = iterations.length === 1 && only !== undefined ? only.kind : "mixed";
  const rounds: Round[] =
    kind === "mixed"
      ? iterations.map((x) => ({ kind: x.kind, percent: typed(x.portionPpm / PPM_PER_PERCENT, locale) }))
      : [
          { kind: "equal", percent: "50" },
          { kind: "fixed", percent: "100" },
        ];
  return { kind, rounds, weights: Object.fromEntries(weights.map((w) => [w.member, String(w.weight)])) };
};

const portionOf = (percent: string): number | null => {
  const value = decimalOf(percent);
  const ppm = value === null ? 0 : Math.round(value * PPM_PER_PERCENT);
  return ppm > 0 && ppm <= PPM ? ppm : null;
};

export type RuleWrong = { readonly rounds: readonly number[]; readonly weights: readonly number[] };

/** The rule as it is asked, or the rounds (by place) and weights (by member) to correct. */
export const ruleAsk = (
  form: RuleForm,
  members: readonly number[],
):
  | { readonly ok: true; readonly value: Extract<ActionAsk, { kind: "rule" }> }
  | { readonly ok: false; readonly wrong: RuleWrong } => {
  const rounds: readonly Round[] = form.kind === "mixed" ? form.rounds : [{ kind: form.kind, percent: "100" }];
  const portions = rounds.map((round, at) => (at === rounds.length - 1 ? PPM : portionOf(round.percent)));
  const weights = members.map((member) => ({ member, weight: wholeOf(form.weights[member] ?? "") }));
  const wrongWeights = weights.filter((w) => w.weight === null || w.weight > PPM).map((w) => w.member);
  const nobody = wrongWeights.length === 0 && weights.every((w) => w.weight === 0);
  const wrong: RuleWrong = {
    rounds: portions.flatMap((portion, at) => (portion === null ? [at] : [])),
    weights: nobody ? [...members] : wrongWeights,
  };
  if (wrong.rounds.length + wrong.weights.length > 0) return { ok: false, wrong };
  return {
    ok: true,
    value: {
      kind: "rule",
      iterations: rounds.map(({ kind }, at) => ({ kind, portionPpm: portions[at] ?? PPM })),
      weights: weights.map(({ member, weight }) => ({ member, weight: weight ?? 0 })),
    },
  };
};
