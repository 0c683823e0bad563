/** When the app offers to be put on the home screen: once there is something to come back for. Pure. */
import type { View } from "../../worker/port.ts";

/** What the browser can do: `prompt` asks by itself; `menu`: the member finds it in the share menu (iOS). */
export type InstallWay = "prompt" | "menu" | "none";

/** After joining, or after the first share: not on a first visit, not in the demo, not once it was put aside. */
export const installMoment = (
  view: View | null,
  way: InstallWay,
  putAside: boolean,
): Exclude<InstallWay, "none"> | null => {
  if (way === "none" || putAside || view === null || view.demo || view.phase !== "member") return null;
  // Whoever founded the community is its first member; all others have joined.
  const joined = view.me !== null && view.me.index !== null && view.me.index > 0;
  return joined || view.totalMineMwh > 0 ? way : null;
};
