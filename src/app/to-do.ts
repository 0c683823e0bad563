/** How many things wait for this member: the number on the app's icon. Pure. */
import type { View } from "../../worker/port.ts";
import { silentMeter } from "./silent.ts";

const METER_TASKS = ["silent", "unplugged", "stopped", "other-meter"];
/** Not of a meter or of the council, yet for the member to do. */
const TASKS = ["storage-full", "storage-corrupt", "storage-denied", "clock-off", "barred", "device-replaced"];

export const thingsToDo = (view: View | null): number => {
  if (view === null || view.demo || view.phase !== "member") return 0;
  const ballots = view.voting === null ? [] : view.proposals.filter((p) => p.state === "open" && p.mine === null);
  const applicants = view.voting === null ? [] : view.applicants.filter((a) => !a.proposed && a.refused === null);
  const meters = view.meters.filter(({ state }) => METER_TASKS.includes(state));
  const other = view.problem !== null && TASKS.includes(view.problem.code) ? 1 : 0;
  // A device that was restored has its roof, and no meter for it any more.
  const quiet = silentMeter(view, view.madeAt);
  const unread = quiet !== null && quiet.unpaired && quiet.generator.lastHeard !== null ? 1 : 0;
  return ballots.length + applicants.length + meters.length + other + unread;
};
