/**
 * What only a device needs that has read a meter of its member's use (§IV.B.3), in one piece that is loaded when it has:
 * the counting, and what the screens say of it. Knows no meter's language (meter-part.ts) and nothing of the network.
 */
import type { Core } from "../node/core.ts";
import type { HouseholdView } from "../port-home.ts";
import { Household, type HouseholdOptions } from "./household.ts";
import { householdView, type Moment } from "./household-view.ts";

export type HouseholdPart = {
  readonly household: Household;
  /** Null until a meter of this device has said what came from the grid. */
  readonly view: (core: Core, moment: Moment) => HouseholdView | null;
};

/** With what the disk has of it. @throws StoreError `corrupt` when a row is damaged. */
export const openHousehold = async (options: HouseholdOptions): Promise<HouseholdPart> => {
  const household = new Household(options);
  await household.load();
  return { household, view: (core, moment) => householdView(core, household, moment) };
};
