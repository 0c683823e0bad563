/** The end of reading: ports closed, and what the meters counted on disk, so that a page may go without losing a pulse. */
import type { Device } from "./device.ts";

type Reading = Pick<Device, "node" | "household" | "meters" | "recogniser">;

/** What the meters counted is on disk when this resolves, or the disk has refused it. */
export const writeDown = async ({ node, household }: Pick<Reading, "node" | "household">): Promise<void> => {
  await node?.runner.order({ kind: "write-down" });
  await household?.writeDown();
};

/** No port is open when this resolves, and every pulse that was counted is on disk. Only a new start reads again. */
export const rest = async (device: Reading): Promise<void> => {
  await device.meters?.stopAll();
  await device.recogniser?.stop();
  await writeDown(device);
};
