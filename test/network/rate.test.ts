/** Token buckets: never more than burst and refill together, and an honest sender is never a flood. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FRAME_HEADER, FRAME_LIMIT } from "../../worker/network/framing.ts";
import { MESSAGE_LIMIT } from "../../worker/network/network.ts";
import {
  fullBuckets,
  RECEIVE_ALLOWANCE,
  SEND_ALLOWANCE,
  takeFrom,
  waitFor,
  type Allowance,
} from "../../worker/network/rate.ts";

const SMALL: Allowance = { bytes: { perSecond: 1000, burst: 5000 }, frames: { perSecond: 10, burst: 20 } };

describe("a link's rate", () => {
  it("over any stretch of time lets through at most burst plus refill, in bytes and in frames", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2000), fc.nat(3000)), { maxLength: 60 }), (asks) => {
        let now = 0;
        let bytes = 0;
        let frames = 0;
        const buckets = fullBuckets(SMALL, now);
        for (const [pause, size] of asks) {
          now += pause;
          if (!takeFrom(buckets, SMALL, now, size, 1)) continue;
          bytes += size;
          frames += 1;
          expect(bytes).toBeLessThanOrEqual(5000 + now);
          expect(frames).toBeLessThanOrEqual(20 + now / 100);
        }
      }),
    );
  });

  it("waitFor is how long to wait: after it the same question is answered with yes", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 40 }), (sizes) => {
        let now = 0;
        const buckets = fullBuckets(SMALL, now);
        for (const size of sizes) {
          if (takeFrom(buckets, SMALL, now, size, 1)) continue;
          const wait = waitFor(buckets, SMALL, size, 1);
          expect(wait).toBeGreaterThanOrEqual(1);
          now += wait;
          expect(takeFrom(buckets, SMALL, now, size, 1)).toBe(true);
        }
      }),
    );
  });

  it("a clock that is set back gives nothing and takes nothing", () => {
    const buckets = fullBuckets(SMALL, 1_000_000);
    expect(takeFrom(buckets, SMALL, 1_000_000, 5000, 1)).toBe(true);
    expect(takeFrom(buckets, SMALL, 0, 1, 1)).toBe(false);
    expect(takeFrom(buckets, SMALL, 1000, 1000, 1)).toBe(true);
  });

  it("what a node sends stays below what its neighbours take, and the longest message fits both", () => {
    const frames = Math.ceil(MESSAGE_LIMIT / (FRAME_LIMIT - FRAME_HEADER));
    for (const kind of ["bytes", "frames"] as const) {
      expect(SEND_ALLOWANCE[kind].perSecond * 2).toBeLessThanOrEqual(RECEIVE_ALLOWANCE[kind].perSecond);
      expect(SEND_ALLOWANCE[kind].burst * 2).toBeLessThanOrEqual(RECEIVE_ALLOWANCE[kind].burst);
    }
    expect(SEND_ALLOWANCE.bytes.burst).toBeGreaterThanOrEqual(MESSAGE_LIMIT + frames * FRAME_HEADER);
    expect(SEND_ALLOWANCE.frames.burst).toBeGreaterThanOrEqual(frames);
  });
});
