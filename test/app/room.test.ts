/** How much a device keeps, as a person chooses it (src/app/room.ts). */
import { describe, expect, it } from "vitest";
import { lengthOf, roomOf, ROOMS, yearOf } from "../../src/app/room.ts";
import { DEFAULT_BUDGET } from "../../worker/node/pruning.ts";

describe("how many records a device keeps", () => {
  it("is one of three choices, and the middle one unless somebody chose", () => {
    expect(roomOf(DEFAULT_BUDGET.bodies)).toBe("normal");
    expect(ROOMS.normal).toBe(DEFAULT_BUDGET.bodies);
    expect([null, 300_000_000, 40_000_000, 32_000_000, 0].map(roomOf)).toEqual([
      "all",
      "all",
      "normal",
      "small",
      "small",
    ]);
  });

  it("says what a year takes only where a day's blocks are there to tell", () => {
    expect(yearOf({ usedBytes: 95_000, blocks: 95 }, 900_000)).toBeNull();
    expect(yearOf({ usedBytes: 96_000, blocks: 96 }, 900_000)).toBe(35_040_000);
  });

  it("names a length of time in a unit that people use", () => {
    expect([10, 59, 90, 729, 730, 4_000].map((days) => lengthOf(days, "en"))).toEqual([
      "10 days",
      "59 days",
      "3 months",
      "24 months",
      "2 years",
      "11 years",
    ]);
  });
});
