/** A proposal as a sentence, what a yes to it means, and what became of it. Pure. */
import type { TermsView } from "../../worker/port.ts";
import type { DecisionView, ProposalWhat } from "../../worker/port-council.ts";
import { clock, count, date, dateTime, powerText } from "./format.ts";
import { ruleWords, withAlike } from "./rule-words.ts";
import { changedTerms, type ChangeLine } from "./term-value.ts";
import type { Texts } from "./language.ts";

export const proposalTitle = (text: Texts, what: ProposalWhat): string => {
  const { proposals } = text.council;
  switch (what.kind) {
    case "member":
      return text.community.proposeMember(what.name);
    case "generator":
      return text.community.proposeGenerator(what.name, what.owner);
    case "rule":
      return proposals.rule;
    case "rotate":
      return proposals.rotate(what.name);
    case "meter":
      return proposals.meter(what.name, what.owner);
    case "parameters": {
      const lines = changedTerms(what.changes, { text, stepMs: 0, locale: text.locale });
      return proposals.parameters(lines.length, lines[0]?.name ?? "");
    }
    case "pardon":
      return proposals.pardon(what.name);
    case "leave":
      return (what.own ? proposals.leaveOwn : proposals.leave)(what.name);
  }
};

/** A rule that goes on dividing as it did, by other weights: which, else it would read as no change. Null of another. */
const weightsMeaning = (
  text: Texts,
  what: Extract<ProposalWhat, { kind: "rule" }>,
  locale: string,
  from: string | null,
): string | null => {
  const { proposals, rule } = text.council;
  const [before, after] = [what.before, what.after].map(({ iterations }) =>
    ruleWords(rule, { iterations, alike: false }, locale),
  );
  const names = new Map([...what.before.weights, ...what.after.weights].map((w) => [String(w.member), w.name]));
  const changes = changedWeights(text, what, locale).map((line) =>
    proposals.weighs(names.get(line.code) ?? line.name, line.before, line.after),
  );
  if (before === undefined || before !== after || changes.length === 0) return null;
  return proposals.weightsMeans(before, new Intl.ListFormat(locale).format(changes), from);
};

/** `from`: when it would hold, as text; null where that is said beside it. */
export const proposalMeaning = (
  text: Texts,
  what: ProposalWhat,
  locale: string,
  from: string | null = null,
): string => {
  const { proposals, rule } = text.council;
  switch (what.kind) {
    case "member":
      return text.community.proposeMemberMeans(count(what.weight, locale));
    case "generator":
      return text.community.proposeGeneratorMeans(powerText(what.pMaxW, locale));
    case "rule":
      return (
        weightsMeaning(text, what, locale, from) ??
        proposals.ruleMeans(
          ruleWords(rule, withAlike(what.before), locale),
          ruleWords(rule, withAlike(what.after), locale),
        )
      );
    case "rotate":
      return proposals.rotateMeans(what.name);
    case "meter":
      return proposals.meterMeans;
    case "parameters":
      return proposals.parametersMeans;
    case "pardon":
      return proposals.pardonMeans(what.strikes);
    case "leave":
      return what.own ? proposals.leaveOwnMeans : proposals.leaveMeans(what.name);
  }
};

/** Weights that change, by name; a member that one side does not name has none there. */
export const changedWeights = (
  text: Texts,
  what: Extract<ProposalWhat, { kind: "rule" }>,
  locale: string,
): ChangeLine[] => {
  const before = new Map(what.before.weights.map((w) => [w.member, w.weight]));
  return what.after.weights.flatMap(({ member, name, weight }) => {
    const old = before.get(member) ?? 0;
    if (old === weight) return [];
    const line = { before: count(old, locale), after: count(weight, locale) };
    return [{ code: String(member), name: text.council.rule.weightOf(name), ...line }];
  });
};

/** The steps' times, to say when something holds. */
export type Times = Pick<TermsView, "t0" | "stepMs"> & { readonly now: number; readonly locale: string };

/** With its day, unless that is today: a vote is open for days, and what it decides holds from then on. */
const timeText = ({ t0, stepMs, now, locale }: Times, step: number): string => {
  const at = t0 + step * stepMs;
  const quick = stepMs < 60_000;
  return date(at, locale) === date(now, locale) ? clock(at, locale, quick) : dateTime(at, locale, quick, now);
};
/** When a step begins: from then on what is in force from it holds. */
export const beginText = (times: Times, step: number): string => timeText(times, step - 1);
/** When a step ends: then its block is made. */
export const endText = timeText;

/** What changes by it, line by line; `whole` says of a rule also how it divides. */
export const changeLines = (text: Texts, what: ProposalWhat, times: Times, whole: boolean): ChangeLine[] => {
  const { locale, stepMs } = times;
  if (what.kind === "parameters") return changedTerms(what.changes, { text, stepMs, locale });
  if (what.kind !== "rule") return [];
  const { rule } = text.council;
  const [before, after] = [what.before, what.after].map((one) => ruleWords(rule, withAlike(one), locale));
  const how = { code: "rule", name: rule.kind.legend, before: before ?? "", after: after ?? "" };
  return [...(whole && before !== after ? [how] : []), ...changedWeights(text, what, locale)];
};

/** "Adopted with step 412 (14:15): 2 yes of 2 needed, 0 no. In force since step 413 (14:15)." */
export const decisionWords = (text: Texts, decision: DecisionView, times: Times): string => {
  const words = text.council.decisions;
  const { locale, now, t0, stepMs } = times;
  const { what, outcome, step, fromStep, yes, no, needed } = decision;
  const own = what.kind === "leave" && what.own;
  const votes = own ? words.noVote : words.votes(count(yes, locale), count(needed, locale), count(no, locale));
  const first = words.outcome[outcome](count(step, locale), endText(times, step), votes);
  if (fromStep === null) return first;
  const holds = now >= t0 + (fromStep - 1) * stepMs ? words.since : words.from;
  return `${first} ${holds(count(fromStep, locale), beginText(times, fromStep))}`;
};
