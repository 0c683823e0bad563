/** The acceptance suite of a Network under vitest. */
import { describe, it } from "vitest";
import { networkChecks, type NetworkBed } from "./network-checks.ts";

export const describeNetwork = (adapter: string, fresh: () => Promise<NetworkBed>): void => {
  describe(`${adapter} is a Network`, () => {
    for (const { name, run } of networkChecks) it(name, async () => run(await fresh()));
  });
};
