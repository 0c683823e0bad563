/**
 * The contract as it reads at a step: what its founder signed, amended by what members adopted since (PROTOCOL.md §5.4).
 * Knows which amendment is in force when, not what the terms do.
 */
import type { StepIndex } from "../base/units.ts";
import type { Contract } from "../community/contract.ts";
import { parametersOf, type Parameters } from "../community/parameters.ts";
import type { ProposalRow } from "./rows.ts";
import type { View } from "./state.ts";

/** Adopted and due at `step`, in the order in which they come into force. */
export const dueProposals = (view: View, step: StepIndex): (ProposalRow & { readonly from: StepIndex })[] =>
  view
    .scan("proposal")
    .flatMap(([, row]) => (row.from !== null && row.from <= step ? [{ ...row, from: row.from }] : []))
    .toSorted((a, b) => a.from - b.from);

/** Of a state that a block has left, or one in which `step` has begun: the same answer. */
export const contractAt = (view: View, signed: Contract, step: StepIndex): Contract => {
  let parameters: Parameters | undefined = view.get("parameters", "");
  for (const { action } of dueProposals(view, step)) if (action.kind === "parameters") parameters = action.parameters;
  return parameters === undefined ? signed : { ...signed, ...parameters };
};

/** What is in force where nothing is due. */
export const parametersInForce = (view: View, signed: Contract): Parameters =>
  view.get("parameters", "") ?? parametersOf(signed);
