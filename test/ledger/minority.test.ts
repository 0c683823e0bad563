/** What a member decides whose neighbours have all been silent for longer than the activity window: nothing alone. */
import { beforeEach, describe, expect, it } from "vitest";
import { memberIndex, stepIndex } from "../../worker/base/units.ts";
import { hashOf } from "../../worker/consensus/block.ts";
import { bitfieldOf } from "../../worker/consensus/vote.ts";
import type { Action } from "../../worker/ledger/transaction.ts";
import { ChainMaker } from "../consensus/chain-maker.ts";
import { admit, versionsOf } from "./decisions.ts";
import { worldOf } from "./worlds.ts";

const WINDOW = 672;
const LATER = WINDOW + 30;

/** A chain on which these alone of `members` have voted within the activity window. */
const onlyActive = (members: number, active: readonly number[]): ChainMaker => {
  const chain = new ChainMaker(worldOf({ members, owners: [0], change: { activityWindow: WINDOW } }));
  chain.grow(1);
  const target = {
    set: 0,
    round: 0,
    kind: "approval",
    step: stepIndex(LATER - 1),
    block: hashOf(chain.parent),
  } as const;
  const voters = bitfieldOf(active.map(memberIndex));
  chain.grow(LATER, [], { votes: [{ ...target, voters, signature: new Uint8Array(48) }] });
  expect(chain.state.get("voters", "")?.members).toEqual(active);
  return chain;
};
const propose = (chain: ChainMaker, step: number, action: Action, yes: readonly number[]): void => {
  chain.grow(step, chain.ballot(step, action, 0, yes));
  chain.grow(step + chain.world.contract.adoptionDelay);
};
const count = (chain: ChainMaker): number => chain.state.scan("member").length;

describe("whoever is cut off is the only voter of its own branch, and", () => {
  let chain: ChainMaker;
  beforeEach(() => {
    chain = onlyActive(5, [0]);
  });

  it("takes nobody's share by admitting a friend of weight 10⁶", () => {
    propose(chain, LATER + 1, admit(5, 1_000_000), [0]);
    expect(versionsOf(chain)).toEqual([[0, [1, 1, 1, 1, 1]]]);
  });

  it("admits no friends who would then be more than half of all", () => {
    for (const [n, friend] of [5, 6, 7, 8, 9, 10].entries()) propose(chain, LATER + 1 + 2 * n, admit(friend), [0]);
    expect(count(chain)).toBe(5);
  });

  it("admits with the ballots of more than half of all who have not left, be they silent", () => {
    propose(chain, LATER + 1, admit(5), [0, 3]);
    expect(count(chain)).toBe(5);
    propose(chain, LATER + 3, admit(6), [0, 3, 4]);
    expect(count(chain)).toBe(6);
  });
});

describe("a community with sleepers can grow", () => {
  it("by more than half of the active members, where these are more than half of all", () => {
    const chain = onlyActive(5, [0, 1, 2]);
    propose(chain, LATER + 1, admit(5), [0, 1]);
    expect(count(chain)).toBe(6);
  });

  it("but not by a newcomer that would weigh more than any member", () => {
    const chain = onlyActive(5, [0, 1, 2]);
    propose(chain, LATER + 1, admit(5, 2), [0, 1]);
    expect(count(chain)).toBe(5);
  });

  it("from one founder on: it admits the second alone, and both a third", () => {
    const chain = new ChainMaker(worldOf({ members: 1 }));
    propose(chain, 1, admit(1), [0]);
    expect(count(chain)).toBe(2);
    propose(chain, 3, admit(2), [0]);
    expect(count(chain)).toBe(2);
    propose(chain, 5, admit(3), [0, 1]);
    expect(count(chain)).toBe(3);
  });
});
