/** The acceptance suite of a Store under vitest. */
import { describe, it } from "vitest";
import { storeChecks, type StoreBed } from "./store-checks.ts";

export const describeStore = (adapter: string, fresh: () => Promise<StoreBed>): void => {
  describe(`${adapter} is a Store`, () => {
    for (const { name, run } of storeChecks) it(name, async () => run(await fresh()));
  });
};
