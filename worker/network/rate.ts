/**
 * How much one neighbour may send (PROTOCOL.md §9): two token buckets per link, bytes and frames. The receiver
 * drops a link that goes beyond; the sender keeps to less than that by itself (link.ts), so an honest neighbour
 * is never dropped. Pure: time is an argument, in ms.
 */

/** `perSecond` refills, `burst` is what a full bucket holds. */
export type Rate = { readonly perSecond: number; readonly burst: number };
export type Allowance = { readonly bytes: Rate; readonly frames: Rate };

/** What a neighbour may send us. The burst lets a newcomer fetch a snapshot at once. */
export const RECEIVE_ALLOWANCE: Allowance = {
  bytes: { perSecond: 4 * 1024 * 1024, burst: 32 * 1024 * 1024 },
  frames: { perSecond: 1_000, burst: 8_000 },
};

/** What we send: half of it, so that clocks of different speed and frames under way never add up to a flood. */
export const SEND_ALLOWANCE: Allowance = {
  bytes: { perSecond: 2 * 1024 * 1024, burst: 16 * 1024 * 1024 },
  frames: { perSecond: 500, burst: 4_000 },
};

/** Held in thousandths, so that a refill per millisecond is a whole number and nothing is lost to rounding. */
export type Buckets = { bytes: number; frames: number; at: number };

const SCALE = 1000;

export const fullBuckets = (allowance: Allowance, now: number): Buckets => ({
  bytes: allowance.bytes.burst * SCALE,
  frames: allowance.frames.burst * SCALE,
  at: Math.floor(now),
});

const refill = (buckets: Buckets, allowance: Allowance, now: number): void => {
  const at = Math.floor(now);
  // A clock that was set back gives nothing and takes nothing.
  const ms = Math.max(0, at - buckets.at);
  buckets.bytes = Math.min(allowance.bytes.burst * SCALE, buckets.bytes + ms * allowance.bytes.perSecond);
  buckets.frames = Math.min(allowance.frames.burst * SCALE, buckets.frames + ms * allowance.frames.perSecond);
  buckets.at = at;
};

/** Whether `frames` frames of together `bytes` bytes are within the allowance now; if so, they are counted. */
export const takeFrom = (
  buckets: Buckets,
  allowance: Allowance,
  now: number,
  bytes: number,
  frames: number,
): boolean => {
  refill(buckets, allowance, now);
  if (buckets.bytes < bytes * SCALE || buckets.frames < frames * SCALE) return false;
  buckets.bytes -= bytes * SCALE;
  buckets.frames -= frames * SCALE;
  return true;
};

/** Milliseconds (at least 1) until `takeFrom` would say yes; what is asked for fits a full bucket. */
export const waitFor = (buckets: Buckets, allowance: Allowance, bytes: number, frames: number): number => {
  const forBytes = (bytes * SCALE - buckets.bytes) / allowance.bytes.perSecond;
  const forFrames = (frames * SCALE - buckets.frames) / allowance.frames.perSecond;
  return Math.max(1, Math.ceil(Math.max(forBytes, forFrames)));
};
