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

export type Buckets = { bytes: number; frames: number; at: number };

export const fullBuckets = (allowance: Allowance, now: number): Buckets => ({
  bytes: allowance.bytes.burst,
  frames: allowance.frames.burst,
  at: now,
});

const refill = (buckets: Buckets, allowance: Allowance, now: number): void => {
  // A clock that was set back gives nothing and takes nothing.
  const seconds = Math.max(0, now - buckets.at) / 1000;
  buckets.bytes = Math.min(allowance.bytes.burst, buckets.bytes + seconds * allowance.bytes.perSecond);
  buckets.frames = Math.min(allowance.frames.burst, buckets.frames + seconds * allowance.frames.perSecond);
  buckets.at = now;
};

/** Whether `frames` frames of together `bytes` bytes are within the allowance now; if so, they are counted. */
export const takeFrom = (buckets: Buckets, allowance: Allowance, now: number, bytes: number, frames: number): boolean => {
  refill(buckets, allowance, now);
  if (buckets.bytes < bytes || buckets.frames < frames) return false;
  buckets.bytes -= bytes;
  buckets.frames -= frames;
  return true;
};

/** Milliseconds (at least 1) until `takeFrom` would say yes; what is asked for fits a full bucket. */
export const waitFor = (buckets: Buckets, allowance: Allowance, bytes: number, frames: number): number => {
  const forBytes = (bytes - buckets.bytes) / allowance.bytes.perSecond;
  const forFrames = (frames - buckets.frames) / allowance.frames.perSecond;
  return Math.max(1, Math.ceil(Math.max(forBytes, forFrames) * 1000));
};
