/** Proof bundles of real chains hold, say what is so, and are refused with any bit changed, the place named. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { checkBundle } from "../../worker/settlement/bundle-check.ts";
import type { Trial } from "../lab/trial.ts";
import { grownTrial, opened, plainTrial, proofOf } from "./proofs.ts";

describe("a proof", () => {
  it("tries", async () => {
    const plain = await plainTrial();
    const raw = await proofOf(plain, 1, 3, 3);
    console.log(raw.length, JSON.stringify(checkBundle(raw), null, 1));
    const day = await proofOf(plain, 1, 1, 9);
    console.log(day.length, JSON.stringify(checkBundle(day), null, 1));
    const grown = await grownTrial();
    for (const i of [0, 1, 2, 3, 4]) {
      const g = await proofOf(grown, i, 1, 15);
      const t0 = performance.now();
      const r = checkBundle(g);
      console.log(
        g.length,
        performance.now() - t0,
        JSON.stringify(r).slice(0, 600),
        opened(g).hops.length,
        opened(g).final.next?.set,
      );
    }
  });
});
