/** The lemmas of PROTOCOL.md §7.5 in random worlds: see the model. */
import { describe, expect, it } from "vitest";
import { history } from "./lemma-model.ts";
import { majority, twoThirds } from "./tree-maker.ts";

describe.each([
  ["a majority", majority],
  ["two thirds", twoThirds],
] as const)("with a quorum of %s", (_, quorum) => {
  it.each([3, 4, 5, 6, 7])("no honest vote of %i leaves what an earlier round may make final", (voters) => {
    const q = quorum(voters);
    const most = Math.max(0, Math.min(2 * q - voters - 1, voters - q));
    for (let seed = 0; seed < 300; seed++) {
      const rules = { voters, quorum, liars: seed % 3 === 0 ? 0 : most, lossy: seed % 2 === 0 };
      expect([seed, history(rules, seed, 300)]).toEqual([seed, undefined]);
    }
  });
});
