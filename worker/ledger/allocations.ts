/**
 * Versions of the sharing rule on the chain (T I "predefined repartition rule"; PROTOCOL.md §5.4): each holds from a
 * step until the next one's, also for energy that is booked late. Knows nothing of ballots.
 */
import type { StepIndex } from "../base/units.ts";
import { allocationAt, type Allocation, type Weight } from "../community/repartition.ts";
import type { Context } from "./context.ts";
import { key } from "./rows.ts";
import type { View } from "./state.ts";

export const allocationsOf = (view: View): Allocation[] => view.scan("allocation").map(([, row]) => row);

/** Where nobody is left with a weight, all count alike: a rule must give every mWh to somebody. */
const withSomeWeight = (weights: readonly Weight[]): readonly Weight[] =>
  weights.some((w) => w.weight > 0) ? weights : weights.map((w) => ({ ...w, weight: 1 }));

/** A version from `from` on, made of the one that was in force there. */
export const changeAllocation = (
  ctx: Context,
  from: StepIndex,
  change: (now: Allocation) => Omit<Allocation, "from">,
): void => {
  const now = allocationAt(allocationsOf(ctx.draft), from);
  if (now === undefined) return;
  const next = change(now);
  ctx.draft.put("allocation", key(from), { ...next, from, weights: withSomeWeight(next.weights) });
};

/** Versions of the rule that neither the late window nor energy that still waits for its share can reach. */
export const dropOldAllocations = (ctx: Context, oldest: StepIndex): void => {
  const rows = ctx.draft.scan("allocation");
  if (rows.length < 2) return;
  const needed = ctx.draft.scan("energy").reduce((least: number, [, e]) => Math.min(least, e.step), oldest);
  rows.forEach(([k], i) => {
    const next = rows[i + 1]?.[1];
    if (next !== undefined && next.from <= needed) ctx.draft.drop("allocation", k);
  });
};
