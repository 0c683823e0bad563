/**
 * The contract as it reads at a step: what its founder signed, amended by what members adopted since (PROTOCOL.md §5.4).
 * Knows which amendment is in force when, not what the terms do.
 */
import type { StepIndex } from "../base/units.ts";
import type { Contract } from "../community/contract.ts";
import { amended } from "../community/parameters.ts";
import type { ProposalRow } from "./rows.ts";
import type { View } from "./state.ts";

/** Adopted and due at `step`, in the order in which they come into force. */
export const dueProposals = (view: View, step: StepIndex): (ProposalRow & { readonly from: StepIndex })[] =>
  view
    .scan("proposal")
    .flatMap(([, row]) => (row.from !== null && row.from <= step ? [{ ...row, from: row.from }] : []))
    .toSorted((a, b) => a.from - b.from);

/**
 * Of a state that a block has left, or one in which `step` has begun: the same answer. Each amendment is laid on what is
 * in force when it comes; one that no longer fits there does nothing.
 */
export const contractAt = (view: View, signed: Contract, step: StepIndex): Contract => {
  let contract: Contract = { ...signed, ...view.get("parameters", "") };
  for (const { action } of dueProposals(view, step)) {
    const next = action.kind === "parameters" ? amended(contract, action.changes) : null;
    if (next?.ok === true) contract = next.value;
  }
  return contract;
};
