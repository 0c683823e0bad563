/**
 * The whole view of a device (worker/port.ts): what its node shows, full or light, and what surrounds it: disk, meters,
 * the one problem, the phase. Reads, never changes.
 */
import { endOf } from "../community/market-step.ts";
import { knowsNothing } from "../node/silence.ts";
import type { View } from "../port.ts";
import type { StoreError } from "../storage/store.ts";
import type { DeviceIdentity } from "./identity.ts";
import type { HouseholdPart } from "./household-part.ts";
import { lightPart, lightProblem } from "./light-view.ts";
import { sumOfLive, withOwnMeters } from "./live-power.ts";
import { ownMember } from "./lookup.ts";
import type { Meters } from "./meters.ts";
import type { OpenLight } from "./open-light.ts";
import type { OpenNode } from "./open-node.ts";
import { problemOf, storageProblem } from "./problems.ts";
import { chainPart, clockOffset, EMPTY, liveShareOf, type ChainPart, type Kept } from "./view.ts";

export type DeviceSight = Pick<View, "demo" | "zone" | "listening" | "storage" | "kind" | "care"> & {
  /** What is wrong with what this device keeps, or about to be. */
  readonly keeping: View["problem"];
  readonly now: number;
  readonly dayStart: number;
  readonly stage: "starting" | "ready" | "blocked";
  /** At most one of the two. */
  readonly node: OpenNode | null;
  readonly light: OpenLight | null;
  readonly identity: DeviceIdentity | null;
  readonly kept: Kept;
  readonly meters: Meters | null;
  readonly household: HouseholdPart | null;
  readonly storeError: StoreError | null;
  readonly online: boolean;
  readonly lonelySince: number | null;
};

const partOf = ({ node, light, identity, kept, dayStart, now }: DeviceSight): ChainPart => {
  if (node !== null) return chainPart(node.core, kept, dayStart, now);
  if (light !== null) return lightPart(light.light, identity?.name ?? "", dayStart, now);
  return { ...EMPTY, madeAt: now };
};

const problemIn = (d: DeviceSight, meters: View["meters"]): View["problem"] => {
  const { node, light, now, storeError, keeping, online, lonelySince } = d;
  if (light !== null)
    return lightProblem({
      light: light.light,
      now,
      storeError,
      keeping,
      refusedBy: light.neighbours.refusedBy,
      online,
      lonelySince,
    });
  if (node === null) return storeError === null ? keeping : storageProblem(storeError);
  return problemOf({
    core: node.core,
    now,
    storeError,
    keeping,
    refusedBy: node.neighbours.refusedBy,
    online,
    lonelySince,
    meters,
    clockOffset: clockOffset(node.core).offset,
    notices: d.kept.notices,
    decisions: d.kept.decisions.all,
    wasMember: d.identity !== null && d.identity.invitation === null,
  });
};

const keepView = ({ core, pruner }: OpenNode): View["keep"] => {
  const { held } = pruner;
  if (held === null) return null;
  const { first, ...rest } = held;
  const step = first <= 1 ? 1 : core.summaries.stepOf(first);
  return { ...rest, from: step === undefined ? null : endOf(core.contract, step) };
};

const phaseOf = ({ stage, node, light, identity }: DeviceSight, part: ChainPart): View["phase"] => {
  if (stage !== "ready") return stage;
  // What was proved once is shown at once, with how old it is.
  if (light !== null) return light.light.state.figures === null ? "syncing" : "member";
  if (node === null) return "welcome";
  // A founder is a member from the first block on, and its device knows no other yet.
  if (knowsNothing(node.core)) return "syncing";
  if (ownMember(node.core) !== null) return part.sync === null || part.verifiedAt !== null ? "member" : "syncing";
  // Who asks to join waits, also while its device reads what the members have written down.
  const isBack = node.core.silence?.waiting === true;
  return !isBack && (part.sync === null || identity?.invitation !== null) ? "waiting-admission" : "syncing";
};

/** What flows now, with what this device's own meters say of theirs. */
const withLive = ({ core }: OpenNode, part: ChainPart, meters: View["meters"]): ChainPart => {
  const generators = withOwnMeters(part.generators, meters);
  const liveCommunityW = sumOfLive(generators);
  return { ...part, generators, liveCommunityW, liveMineW: liveShareOf(core, liveCommunityW) };
};

export const viewOf = (d: DeviceSight): View => {
  const { node, light, household, now, dayStart } = d;
  const chain = partOf(d);
  const meters = d.meters?.views(Math.abs(chain.clockOffsetMs)) ?? [];
  const part = node === null ? chain : withLive(node, chain, meters);
  return {
    ...part,
    phase: phaseOf(d, part),
    demo: d.demo,
    zone: d.zone,
    leader: true,
    problem: problemIn(d, meters),
    meters,
    listening: d.listening,
    household:
      node === null || household === null
        ? null
        : household.view(node.core, {
            meters,
            today: part.today,
            dayStart,
            early: d.kept.books.early(node.core, dayStart),
            now,
          }),
    signalling: (node ?? light)?.neighbours.signalling ?? "off",
    storage: d.storage,
    care: d.care,
    kind: d.kind,
    keep: node === null || d.demo ? null : keepView(node),
  };
};
