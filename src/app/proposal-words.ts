/** A proposal as a sentence, and what a yes to it means. Pure. */
import type { ProposalWhat } from "../../worker/port-council.ts";
import { count, powerText } from "./format.ts";
import { ruleWords, withAlike } from "./rule-words.ts";
import type { Texts } from "./text/en.ts";

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
    case "parameters":
      return proposals.parameters(what.changes.length);
    case "pardon":
      return proposals.pardon(what.name);
    case "leave":
      return (what.own ? proposals.leaveOwn : proposals.leave)(what.name);
  }
};

export const proposalMeaning = (text: Texts, what: ProposalWhat, locale: string): string => {
  const { proposals, rule } = text.council;
  switch (what.kind) {
    case "member":
      return text.community.proposeMemberMeans(count(what.weight, locale));
    case "generator":
      return text.community.proposeGeneratorMeans(powerText(what.pMaxW, locale));
    case "rule":
      return proposals.ruleMeans(
        ruleWords(rule, withAlike(what.before), locale),
        ruleWords(rule, withAlike(what.after), locale),
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

/** A line of what changes: a weight or a term, before and after. */
export type ChangedLine = {
  readonly code: string;
  readonly name: string;
  readonly before: number;
  readonly after: number;
};

/** Weights that change; a member that one side does not name has none there. */
export const changedWeights = (what: Extract<ProposalWhat, { kind: "rule" }>): ChangedLine[] => {
  const before = new Map(what.before.weights.map((w) => [w.member, w.weight]));
  return what.after.weights.flatMap(({ member, name, weight }) => {
    const old = before.get(member) ?? 0;
    return old === weight ? [] : [{ code: String(member), name, before: old, after: weight }];
  });
};
