/**
 * The contract's terms as a form: each in the unit a person thinks in, and back (worker/port.ts, ActionAsk). Which terms
 * may be changed, the worker says. Pure; the words are in text/.
 */
import type { CommunityView } from "../../worker/port.ts";
import { decimalOf, typed, wholeOf } from "./rule-form.ts";
import { unitOf, valueOf, type Unit } from "./term-value.ts";
import { TERM_CODES, type TermCode } from "./text/remarks.ts";

/** Quorum is two numbers to the contract and one question to a person. */
export type QuorumChoice = "majority" | "two-thirds";
const QUORUMS = { majority: [1, 2], "two-thirds": [2, 3] } as const;

export const GROUPS = {
  money: ["feePpm", "lossPpm"],
  agreement: ["activityWindow"],
  writing: [
    "weightEnergy",
    "weightAge",
    "weightReputation",
    "tokenValidity",
    "ageCap",
    "reputationWindow",
    "strikes",
    "rewardDelay",
  ],
  ballots: ["ballotWindow", "adoptionDelay"],
  margins: ["candidacyMarginMs", "tickMarginMs"],
} as const satisfies Readonly<Record<string, readonly TermCode[]>>;
export type Group = keyof typeof GROUPS;
export const GROUP_NAMES = Object.keys(GROUPS) as readonly Group[];

const SCALE: Readonly<Record<Unit, number>> = { percent: 10_000, seconds: 1_000, steps: 1, number: 1 };
const MOST = 1_000_000_000;

/** As it stands in its field. */
export const shownTerm = (code: string, value: number, locale: string): string =>
  typed(value / SCALE[unitOf(code)], locale);

/** The contract's whole number of what is typed; null when it cannot be one. */
export const termOf = (code: string, text: string): number | null => {
  const unit = unitOf(code);
  if (unit === "steps" || unit === "number") {
    const whole = wholeOf(text);
    return whole !== null && whole >= 1 && whole <= MOST ? whole : null;
  }
  const value = decimalOf(text);
  const scaled = value === null ? -1 : Math.round(value * SCALE[unit]);
  return scaled >= 0 && scaled <= (unit === "percent" ? 1_000_000 : MOST) ? scaled : null;
};

export const fieldsOf = (community: Pick<CommunityView, "changeable">, group: Group): readonly TermCode[] =>
  GROUPS[group].filter((code) => community.changeable.includes(code));

export const termsForm = ({ terms, changeable }: CommunityView, locale: string): Record<string, string> =>
  Object.fromEntries(
    TERM_CODES.filter((code) => changeable.includes(code)).map((code) => [
      code,
      shownTerm(code, valueOf(terms, code), locale),
    ]),
  );

/** What differs from what is in force, and the fields to correct. A quorum that was left alone changes nothing. */
export const changesOf = (
  form: Readonly<Record<string, string>>,
  quorum: QuorumChoice | "other",
  community: CommunityView,
): { readonly changes: Readonly<Record<string, number>>; readonly wrong: readonly string[] } => {
  const changes: Record<string, number> = {};
  const wrong: string[] = [];
  for (const code of GROUP_NAMES.flatMap((group) => fieldsOf(community, group))) {
    const value = termOf(code, form[code] ?? "");
    if (value === null) wrong.push(code);
    else if (value !== valueOf(community.terms, code)) changes[code] = value;
  }
  if (quorum !== "other" && quorum !== community.quorum) {
    const [num, den] = QUORUMS[quorum];
    changes["quorumNum"] = num;
    changes["quorumDen"] = den;
  }
  return { changes, wrong };
};

export type TermWrong = "number" | "part" | "order" | "sum" | "other";

/** Why the community could not take a value up, by the field that the worker names. */
export const wrongOf = (field: string): TermWrong => {
  if (field.startsWith("weight")) return "order";
  return unitOf(field) === "percent" ? "sum" : "other";
};
