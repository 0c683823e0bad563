/**
 * The terms of a contract that members may change by ballot (§II.C; PROTOCOL.md §5.4). Not among them: T_0, Δ and the
 * delays inside a step, which every device's clock must know before it has any state, and the late window, since a step
 * that is closed must stay closed. Knows the terms, not what they do.
 */
import { struct, uint, type Codec } from "../base/codec.ts";
import type { Result } from "../base/result.ts";
import { validateTerms, type Contract } from "./contract.ts";

export const PARAMETERS = [
  "weightEnergy",
  "weightAge",
  "weightReputation",
  "tokenValidity",
  "feePpm",
  "lossPpm",
  "quorumNum",
  "quorumDen",
  "activityWindow",
  "ageCap",
  "reputationWindow",
  "ballotWindow",
  "adoptionDelay",
  "strikes",
  "rewardDelay",
  "candidacyMarginMs",
  "tickMarginMs",
] as const satisfies readonly (keyof Contract)[];
export type Parameter = (typeof PARAMETERS)[number];
/** All of them together: what one adopted proposal sets. */
export type Parameters = Pick<Contract, Parameter>;

export const parametersCodec: Codec<Parameters> = struct(
  Object.fromEntries(PARAMETERS.map((name) => [name, uint])) as { [P in Parameter]: typeof uint },
);

export const parametersOf = (contract: Contract): Parameters =>
  Object.fromEntries(PARAMETERS.map((name) => [name, contract[name]])) as Parameters;

/** The contract as it reads with these. Refusal `contract-invalid` with `data.field`, as for the contract itself. */
export const amended = (contract: Contract, parameters: Parameters): Result<Contract> =>
  validateTerms({ ...contract, ...parameters });
