/**
 * Market steps as the contract sets them (§IV.B.1, T IV; PROTOCOL.md §5): T_i = T_0 + i·Δ, interval i is
 * ]T_{i-1}, T_i]. Pure arithmetic on times that are handed in; has no clock.
 */
import type { Millis, StepIndex } from "../base/units.ts";
import type { Contract } from "./contract.ts";

type Terms = Pick<Contract, "t0" | "stepMs">;

/** T_i. */
export const endOf = (contract: Terms, step: number): Millis => (contract.t0 + step * contract.stepMs) as Millis;
/** T_{i-1}: the interval begins just after it. */
export const startOf = (contract: Terms, step: number): Millis => endOf(contract, step - 1);

/** The step whose interval holds `now`; at T_i exactly, i. Never below 0. */
export const stepAt = (contract: Terms, now: number): StepIndex =>
  Math.max(0, Math.ceil((now - contract.t0) / contract.stepMs)) as StepIndex;

/** The last step that is over: T_i ≤ now. Never below 0. */
export const lastEnded = (contract: Terms, now: number): StepIndex =>
  Math.max(0, Math.floor((now - contract.t0) / contract.stepMs)) as StepIndex;

/** The first step that begins at `at` or later, from 1 on. */
export const firstFrom = ({ t0, stepMs }: Terms, at: number): number => Math.max(1, Math.ceil((at - t0) / stepMs) + 1);

/** Candidates' gate opening, T_{i-1} + t_d. */
export const gateOpening = (contract: Contract, step: number): Millis =>
  (startOf(contract, step) + contract.openDelayMs) as Millis;
/** Candidates' gate closure, T_i − t_e. */
export const gateClosure = (contract: Contract, step: number): Millis =>
  (endOf(contract, step) - contract.closeLeadMs) as Millis;

/** When the block of `step` may be published at `rank`; ranks past half a step wait no longer, so one node is enough. */
export const publishTime = (contract: Contract, step: number, rank: number): Millis =>
  (endOf(contract, step) +
    Math.min(
      contract.publishDelayMs + rank * contract.takeoverMs,
      Math.max(contract.publishDelayMs, Math.floor(contract.stepMs / 2)),
    )) as Millis;

/**
 * When a member of that rank does so itself. Past half a step all may: then the later in rank still let the earlier go first,
 * for at most a quarter of a step, or any two that are awake would write a branch each.
 */
export const ownPublishTime = (contract: Contract, step: number, rank: number): Millis => {
  const { publishDelayMs, stepMs, takeoverMs } = contract;
  const due = publishTime(contract, step, rank);
  const over = endOf(contract, step) + publishDelayMs + rank * takeoverMs - due;
  return (due + Math.min(Math.floor(over / 2), Math.floor(stepMs / 4))) as Millis;
};
