/**
 * The terms of a contract that members may change by ballot (§II.C; PROTOCOL.md §5.4). Not among them: T_0, Δ and the
 * delays inside a step, which every device's clock must know before it has any state, and the late window, since a step
 * that is closed must stay closed. Knows the terms, not what they do.
 */
import { list, struct, uint, word, type Codec } from "../base/codec.ts";
import { refuse, type Result } from "../base/result.ts";
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
/** All of them together: what is in force. */
export type Parameters = Pick<Contract, Parameter>;

export const parametersCodec: Codec<Parameters> = struct(
  Object.fromEntries(PARAMETERS.map((name) => [name, uint])) as { [P in Parameter]: typeof uint },
);

export const parametersOf = (contract: Contract): Parameters =>
  Object.fromEntries(PARAMETERS.map((name) => [name, contract[name]])) as Parameters;

/** What one proposal changes; what it does not name stays as it is when the proposal comes into force. */
export type Amendment = readonly { readonly name: Parameter; readonly value: number }[];
export const amendmentCodec: Codec<Amendment> = list(
  struct({ name: word(PARAMETERS), value: uint }),
  PARAMETERS.length,
);

/** In the order of PARAMETERS. The quorum is one term of two numbers: where one of them changes, both are named. */
export const amendmentOf = (contract: Contract, wanted: Partial<Parameters>): Amendment => {
  const changed = PARAMETERS.filter((name) => wanted[name] !== undefined && wanted[name] !== contract[name]);
  const isNamed = (name: Parameter): boolean => changed.includes(name) || (isQuorum(name) && changed.some(isQuorum));
  return PARAMETERS.filter(isNamed).map((name) => ({ name, value: wanted[name] ?? contract[name] }));
};
const isQuorum = (name: Parameter): boolean => name === "quorumNum" || name === "quorumDen";

/** At least one, each once, in their order, the quorum whole: what says the same is the same bytes. */
const isCanonical = (amendment: Amendment): boolean => {
  const places = amendment.map(({ name }) => PARAMETERS.indexOf(name));
  return (
    places.length > 0 &&
    places.every((place, i) => place > (places[i - 1] ?? -1)) &&
    [0, 2].includes(amendment.filter(({ name }) => isQuorum(name)).length)
  );
};

/**
 * The contract as it reads with these. Refusals `parameters-order`, and `contract-invalid` with `data.field` as for the
 * contract itself.
 */
export const amended = (contract: Contract, amendment: Amendment): Result<Contract> =>
  isCanonical(amendment)
    ? validateTerms({ ...contract, ...Object.fromEntries(amendment.map((a) => [a.name, a.value])) }, PARAMETERS)
    : refuse("parameters-order", "Name what changes once each, in the order of the contract; make the proposal again.");
