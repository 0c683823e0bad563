/**
 * What a miner gets for its block (§IV.C "motivation"): the fees of the block's distributions. They are held back for
 * some steps, so that evidence can confiscate "at least the fee that the bad miner obtained" without any virtual meter
 * ever falling (**something to stake**), and paid at the latest when the step whose energy they are of is closed.
 */
import { mwh, stepIndex, type MemberIndex, type MilliwattHours, type StepIndex } from "../base/units.ts";
import type { Context } from "./context.ts";
import { addToBook } from "./energy.ts";
import { key, numberOf } from "./rows.ts";

/** To a virtual meter, in the step whose energy it is of: so a step's shares add up to what was generated in it. */
const pay = (ctx: Context, member: MemberIndex, amount: MilliwattHours, energyStep: StepIndex): void => {
  const row = ctx.draft.get("member", key(member));
  if (row === undefined || amount === 0) return;
  ctx.draft.put("member", key(member), { ...row, meter: mwh(row.meter + amount) });
  addToBook(ctx, energyStep, [{ member, mwh: amount }]);
};

/** The fees of this block, by the step whose energy they are of. */
export const holdRewards = (ctx: Context, miner: MemberIndex, fees: ReadonlyMap<StepIndex, number>): void => {
  const { contract, step } = ctx;
  for (const [energyStep, fee] of fees) {
    if (fee === 0) continue;
    const due = Math.min(step + contract.rewardDelay, energyStep + contract.lateWindow);
    if (due <= step) pay(ctx, miner, mwh(fee), energyStep);
    else ctx.draft.put("reward", key(due, step, energyStep), { miner, mwh: mwh(fee) });
  }
};

/** At the beginning of a block: what has waited long enough. */
export const payRewards = (ctx: Context): void => {
  for (const [k, { miner, mwh: amount }] of ctx.draft.scan("reward")) {
    if (numberOf(k) > ctx.step) break;
    ctx.draft.drop("reward", k);
    pay(ctx, miner, amount, stepIndex(numberOf(k, 2)));
  }
};

/** Everything held back for `from` goes to `to` at once. Answers how much that was. */
export const confiscate = (ctx: Context, from: MemberIndex, to: MemberIndex): MilliwattHours => {
  let sum = 0;
  for (const [k, { miner, mwh: amount }] of ctx.draft.scan("reward")) {
    if (miner !== from) continue;
    ctx.draft.drop("reward", k);
    pay(ctx, to, amount, stepIndex(numberOf(k, 2)));
    sum += amount;
  }
  return mwh(sum);
};
