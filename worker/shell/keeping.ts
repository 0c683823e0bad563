/** What the member says about how many blocks its device keeps (PROTOCOL.md §8.5); pruner.ts carries it out. */
import { ok, refuse } from "../base/result.ts";
import { budgetOp } from "../node/pruning.ts";
import { nodeOf, type Answer, type Ask } from "./asking.ts";
import type { Device } from "./device.ts";

const WRONG = refuse("budget-wrong", "Choose how much this device keeps.", "ignore");

/** @throws StoreError when the disk refuses. */
export const setBudget = async (device: Device, { bytes }: Ask<"set-budget">): Answer<"set-budget"> => {
  if (bytes !== null && !(Number.isSafeInteger(bytes) && bytes >= 0)) return WRONG;
  const node = nodeOf(device);
  if (!node.ok) return node;
  const { core, pruner, runner } = node.value;
  const { bodies } = await pruner.budget();
  const isMore = bodies !== null && (bytes === null || bytes > bodies);
  // One that began with a copy of the state fetches what it has room for; it reckons that when it is opened.
  if (isMore && core.summaries.first > 0) await device.reopen([budgetOp({ bodies: bytes })]);
  else await pruner.set({ bodies: bytes });
  runner.post({ kind: "time" });
  device.changed();
  return ok({});
};
