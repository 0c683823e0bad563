/** When the disk's room is short: said while a day of records still fits, not when a commit has failed. Pure. */
import type { Usage } from "../storage/store.ts";

/** Less than this is short on any device: the largest commit of a sync, some days of records, and the browser's own reserve. */
export const SHORT_BYTES = 32_000_000;
/** And so is less than this part of the quota, where the quota is small. */
const SHORT_PART = 10;

/** A quota of 0 is one that nobody knows. */
export const roomIn = ({ usedBytes, quotaBytes }: Usage): number => Math.max(0, quotaBytes - usedBytes);

export const isShort = (usage: Usage): boolean => {
  const { quotaBytes } = usage;
  if (quotaBytes === 0 || quotaBytes >= Number.MAX_SAFE_INTEGER) return false;
  return roomIn(usage) < Math.min(SHORT_BYTES, Math.ceil(quotaBytes / SHORT_PART));
};
