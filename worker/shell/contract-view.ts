/** The contract for screens (worker/port.ts): its terms as they are in force, and the sharing rule with names. Pure. */
import type { Contract } from "../community/contract.ts";
import { stepAt } from "../community/market-step.ts";
import { PARAMETERS } from "../community/parameters.ts";
import { PRESETS } from "../community/presets.ts";
import { allocationAt, type Allocation } from "../community/repartition.ts";
import { allocationsOf } from "../ledger/allocations.ts";
import type { Core } from "../node/core.ts";
import type { CommunityView, TermsView } from "../port.ts";
import type { RuleView } from "../port-council.ts";
import { nameOfMember } from "./lookup.ts";

const quorumName = ({ quorumNum, quorumDen }: Contract): TermsView["quorum"] => {
  if (quorumNum * 2 === quorumDen) return "majority";
  return quorumNum * 3 === quorumDen * 2 ? "two-thirds" : "other";
};

const areAlike = (weights: readonly { readonly weight: number }[]): boolean =>
  weights.every((w) => w.weight === weights[0]?.weight);

export const termsView = (contract: Contract): TermsView => {
  const preset = (["paper", "fast"] as const).find(
    (p) => PRESETS[p].stepMs === contract.stepMs && PRESETS[p].lateWindow === contract.lateWindow,
  );
  return {
    preset: preset ?? "custom",
    stepMs: contract.stepMs,
    t0: contract.t0,
    quorum: quorumName(contract),
    lateWindow: contract.lateWindow,
    dso: contract.dso !== null,
    iterations: contract.iterations,
    alike: areAlike(contract.members),
    terms: Object.entries(contract).flatMap(([code, value]) =>
      typeof value === "number" && code !== "version" && code !== "t0" ? [{ code, value }] : [],
    ),
  };
};

export const ruleView = (
  core: Core,
  { iterations, weights }: Pick<Allocation, "iterations" | "weights">,
): RuleView => ({
  iterations,
  weights: weights.map(({ member, weight }) => ({ member, name: nameOfMember(core, member), weight })),
});

/** The version of the sharing rule that divides the running step. */
export const ruleInForce = (core: Core, now: number): Allocation | undefined =>
  allocationAt(allocationsOf(core.chain.state), stepAt(core.contract, now));

export const communityView = (core: Core, now: number): CommunityView => {
  const rule = ruleInForce(core, now) ?? { iterations: core.contract.iterations, weights: [] };
  return {
    ...termsView(core.contract),
    id: core.chain.community,
    name: core.contract.name,
    iterations: rule.iterations,
    alike: areAlike(rule.weights),
    rule: ruleView(core, rule),
    changeable: PARAMETERS,
  };
};
