/** What a member decides with the others (worker/port.ts): admitting, proposing, and how its device stands for making blocks. */
import { ok, refuse, type Result } from "../base/result.ts";
import type { MemberIndex, PublicKey } from "../base/units.ts";
import { lastEnded } from "../community/market-step.ts";
import { PPM } from "../community/repartition.ts";
import type { Action } from "../ledger/transaction.ts";
import type { Core } from "../node/core.ts";
import type { PortRefusal } from "../port.ts";
import type { ActionAsk } from "../port-council.ts";
import { nodeOf, nothing, order, type Answer, type Ask } from "./asking.ts";
import type { Device } from "./device.ts";
import { ownBallot } from "./lookup.ts";
import { actionFrom, checked, effectOfAction } from "./proposals.ts";

const asProposal = (done: Result<string>): Result<{ proposal: string }> =>
  done.ok ? ok({ proposal: done.value }) : done;

export const admit = async (device: Device, { key, weight, replaces }: Ask<"admit">): Answer<"admit"> =>
  asProposal(
    await order(device, { kind: "admit", key: key as PublicKey, weight, replaces: replaces as MemberIndex | null }),
  );

export const refuseApplicant = async (
  device: Device,
  { key, refused }: Ask<"refuse-applicant">,
): Answer<"refuse-applicant"> => {
  const node = nodeOf(device);
  if (!node.ok) return node;
  await device.notices.refuse(key as PublicKey, refused);
  device.changed();
  return ok({});
};

const wished = (core: Core, ask: ActionAsk, now: number): Result<Action> => {
  if (core.me === null)
    return refuse("not-a-member", "Only members propose; wait until you are admitted yourself.", "ignore");
  const action = actionFrom(core, ask, now);
  return action.ok ? checked(core, action.value) : action;
};

export const propose = async (device: Device, { action }: Ask<"propose">): Answer<"propose"> => {
  const node = nodeOf(device);
  if (!node.ok) return node;
  const wish = wished(node.value.core, action, device.o.clock.now());
  return wish.ok ? asProposal(await order(device, { kind: "propose", action: wish.value })) : wish;
};

/** A ballot replaces one of an earlier step; of two of the same step the chain counts the first. */
export const vote = async (device: Device, { proposal, yes }: Ask<"vote">): Answer<"vote"> => {
  const node = nodeOf(device);
  if (!node.ok) return node;
  const { core } = node.value;
  const mine = ownBallot(core, proposal);
  if (mine !== null && mine.yes !== yes && mine.step >= lastEnded(core.contract, device.o.clock.now()))
    return refuse("ballot-old", "Your vote of this step is counted already; change it in the next step.", "ignore");
  return nothing(await order(device, { kind: "vote", proposal, yes }));
};

export const preview = async (device: Device, { action }: Ask<"preview">): Answer<"preview"> => {
  const node = nodeOf(device);
  if (!node.ok) return node;
  const { core } = node.value;
  const now = device.o.clock.now();
  const wish = wished(core, action, now);
  if (wish.ok) return ok({ effect: effectOfAction(core, wish.value, now), refusal: null });
  const { code, message, data } = wish.error;
  const refusal: PortRefusal = data === undefined ? { code, message } : { code, message, data };
  return ok({ effect: null, refusal });
};

export const setStrategy = async (device: Device, { kind, sharePpm }: Ask<"set-strategy">): Answer<"set-strategy"> => {
  if (kind === "share" && !(Number.isSafeInteger(sharePpm) && sharePpm > 0 && sharePpm <= PPM))
    return refuse("strategy-share", "A share is more than nothing and at most all.", "ignore");
  return nothing(await order(device, { kind: "strategy", strategy: { kind, sharePpm } }));
};
