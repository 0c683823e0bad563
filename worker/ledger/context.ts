/** What every rule of the ledger is given: the contract, the step of the block, and the draft it works on. */
import type { Hash, StepIndex } from "../base/units.ts";
import type { Contract } from "../community/contract.ts";
import type { Draft } from "./state.ts";

export type Context = {
  readonly contract: Contract;
  readonly community: Hash;
  /** i of the block that is made or checked. */
  readonly step: StepIndex;
  readonly draft: Draft;
};
