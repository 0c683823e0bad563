/** Leaving, and what holds for all proposals: once is once, in the order of their steps (§II.C; PROTOCOL.md §5.4). */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { memberIndex, mwh, stepIndex } from "../../worker/base/units.ts";
import type { Contract } from "../../worker/community/contract.ts";
import type { Context } from "../../worker/ledger/context.ts";
import { applyDue, applyProposal, MAX_OPEN_OF_ONE, MAX_OPEN_PROPOSALS } from "../../worker/ledger/governance.ts";
import { key } from "../../worker/ledger/rows.ts";
import type { Action, Tx } from "../../worker/ledger/transaction.ts";
import { ChainMaker } from "../consensus/chain-maker.ts";
import { admit, adopt, amend, leave, rotate, rowOf, rule, versionsOf, weightsOf } from "./decisions.ts";
import { codeOf, contextOn, genesisOf, idFrom, keysOf, valueOf, worldOf, type World } from "./worlds.ts";

let world: World;
let chain: ChainMaker;
beforeAll(() => {
  // The fourth and fifth are newcomers of this world.
  world = worldOf({ members: 3, owners: [0, 1], weights: [8, 17, 5] });
});
const begin = (change: Partial<Contract> = {}): void => {
  chain = new ChainMaker({ ...world, contract: { ...world.contract, ...change } });
};
beforeEach(() => begin());

describe("leaving", () => {
  it("is everybody's own: without ballots, in force after the contract's delay", () => {
    begin({ adoptionDelay: 2 });
    chain.grow(1, chain.ballot(1, leave(2), 2, []));
    expect(rowOf(chain, 2).left).toBeNull();
    expect(chain.try(2, chain.ballot(2, admit(3), 2, [])).ok).toBe(true);
    chain.grow(3);
    expect(rowOf(chain, 2)).toMatchObject({ left: 3, weight: 0, vpp: false });
    expect(chain.state.get("voters", "")).toEqual({ set: 1, since: 3, members: [0, 1], quorum: 2 });
  });

  it("of another needs the ballots of a majority", () => {
    chain.grow(1, chain.ballot(1, leave(2), 0, [0]));
    chain.grow(2);
    expect(rowOf(chain, 2).left).toBeNull();
    chain.grow(3, chain.ballot(3, leave(2), 1, [0, 1]));
    chain.grow(4);
    expect(rowOf(chain, 2).left).toBe(4);
  });

  it("ends candidacies, proposals, ballots, blocks and shares; the virtual meter stays", () => {
    const [g, t] = chain.supply(0, 1, 300);
    chain.grow(1, [g, t, chain.distribution(1, [t], 300), ...chain.ballot(1, leave(1), 1, [])]);
    const [open, ...ballots] = chain.ballot(2, admit(3), 0, [1]) as [Tx, Tx];
    expect(codeOf(chain.try(2, [chain.candidacy(2, { member: 1 })]))).toBe("has-left");
    expect(codeOf(chain.try(2, chain.ballot(2, admit(4), 1, [])))).toBe("has-left");
    expect(codeOf(chain.try(2, [open, ...ballots]))).toBe("has-left");
    const ranks = [0, 1, 2, 3].map((rank) => chain.try(2, [], { rank, miner: memberIndex(1) }).ok);
    expect(ranks).toEqual([false, false, false, false]);
    chain.grow(2);
    const [g2, t2] = chain.supply(0, 2, 13);
    expect(codeOf(chain.try(3, [g2, t2, { ...chain.distribution(2, [t2], 13), signer: 1 }]))).toBe("has-left");
    chain.grow(3, [g2, t2, chain.distribution(2, [t2], 13)]);
    expect([0, 1, 2].map((m) => rowOf(chain, m).meter)).toEqual([88, 170, 55]);
  });

  it("does not touch what was generated before: late energy of its time is still shared with it", () => {
    const [g, t] = chain.supply(0, 1, 300);
    chain.grow(1, [g, t, ...chain.ballot(1, leave(1), 1, [])]);
    chain.grow(4, [chain.distribution(1, [t], 300)]);
    expect(rowOf(chain, 1)).toMatchObject({ left: 2, meter: 170 });
  });

  it("of the last holder of a VPP key gives one to everybody else: energy must go on", () => {
    const members = world.contract.members.map((m, i) => ({ ...m, vpp: i === 1 }));
    begin({ members });
    chain.grow(1, chain.ballot(1, leave(1), 1, []));
    chain.grow(2);
    expect([0, 1, 2].map((m) => rowOf(chain, m).vpp)).toEqual([true, false, true]);
    const [g, t] = chain.supply(0, 2, 13);
    expect(chain.try(3, [g, t, chain.distribution(2, [t], 13)]).ok).toBe(true);
  });

  it("is asked for once: while it is adopted, by whomever, another one is refused", () => {
    begin({ adoptionDelay: 3 });
    chain.grow(1, chain.ballot(1, leave(2), 2, []));
    expect(codeOf(chain.try(2, chain.ballot(2, leave(2), 2, [])))).toBe("leave-known");
    expect(codeOf(chain.try(2, [...chain.ballot(2, leave(1), 1, []), ...chain.ballot(1, leave(1), 1, [])]))).toBe(
      "leave-known",
    );
    adopt(chain, 2, leave(1));
    expect(codeOf(chain.try(3, chain.ballot(3, leave(1), 1, [])))).toBe("leave-known");
    expect(chain.state.scan("adopted")).toHaveLength(2);
  });

  it("of everybody at once leaves one", () => {
    chain.grow(
      1,
      [0, 1, 2].flatMap((m) => chain.ballot(1, leave(m), m, [])),
    );
    chain.grow(2);
    expect([0, 1, 2].filter((m) => rowOf(chain, m).left === null)).toHaveLength(1);
    expect(chain.grow(3).block.header.miner).toBe([0, 1, 2].find((m) => rowOf(chain, m).left === null));
  });

  it("can be hindered by nobody, however many ballots are open", () => {
    let ctx: Context = contextOn(world, genesisOf(world), 1);
    const propose = (member: number, n: number, action: Action): ReturnType<typeof applyProposal> =>
      applyProposal(ctx, { member: memberIndex(member), step: stepIndex(1), action }, idFrom(n));
    for (let n = 0; n < MAX_OPEN_PROPOSALS; n++) {
      const opened = { by: memberIndex(n % 3), opened: stepIndex(1), action: admit(3), ballots: [], from: null };
      ctx.draft.put("proposal", idFrom(100 + n), opened);
    }
    expect(codeOf(propose(2, 1, admit(3)))).toBe("too-many-proposals");
    expect(valueOf(propose(2, 2, leave(2)))).toBeNull();
    ctx = { ...ctx, step: stepIndex(2) };
    applyDue(ctx);
    expect(ctx.draft.get("member", key(2))?.left).toBe(2);
  });
});

describe("proposals", () => {
  it(`of one member are at most ${MAX_OPEN_OF_ONE} open ones, so that it cannot shut out the others`, () => {
    const open = (n: number): Tx[] => chain.ballot(1, rule(weightsOf(1, 1, n)), 0, []);
    const all = Array.from({ length: MAX_OPEN_OF_ONE }, (_, n) => open(n)).flat();
    expect(codeOf(chain.try(1, [...all, ...open(99)]))).toBe("too-many-proposals");
    chain.grow(1, [...all, ...chain.ballot(1, admit(3), 1, [])]);
    expect(chain.state.scan("proposal")).toHaveLength(MAX_OPEN_OF_ONE + 1);
  });

  it("of eight members that open all they can leave every other member a place of its own", () => {
    chain = new ChainMaker(worldOf({ members: 20, owners: [0] }));
    const strikes = (n: number): Action => amend(chain.world.contract, { strikes: 4 + n });
    const most = Array.from({ length: MAX_OPEN_PROPOSALS - 20 }, (_, n) => chain.ballot(1, strikes(n), n % 8, []));
    const first = Array.from({ length: 8 }, (_, n) => chain.ballot(1, strikes(100 + n), n, []));
    chain.grow(1, [...first.flat(), ...most.flat()]);
    for (let m = 0; m < 8; m++)
      expect(codeOf(chain.try(2, chain.ballot(2, strikes(200), m, [])))).toBe("too-many-proposals");
    const others = Array.from({ length: 12 }, (_, n) => chain.ballot(2, strikes(300), 8 + n, []));
    chain.grow(2, others.flat());
    expect(chain.state.scan("proposal")).toHaveLength(MAX_OPEN_PROPOSALS);
  });

  it("that were adopted cannot be sent again with their ballots: what was decided once is in force once", () => {
    const txs = chain.ballot(1, rule(weightsOf(1, 2, 3)), 0, [0, 1]);
    chain.grow(1, txs);
    expect(codeOf(chain.try(2, txs))).toBe("proposal-adopted");
    chain.grow(2);
    expect(chain.state.scan("proposal")).toEqual([]);
    adopt(chain, 3, rule(weightsOf(9, 9, 9)));
    chain.grow(4);
    expect(codeOf(chain.try(5, txs))).toBe("proposal-adopted");
    expect(versionsOf(chain).at(-1)).toEqual([4, [9, 9, 9]]);
  });

  it("come into force in the order of their steps, also when no block was made for days", () => {
    begin({ adoptionDelay: 5 });
    adopt(chain, 1, admit(3, 7));
    adopt(chain, 2, leave(2));
    chain.grow(3, chain.ballot(3, rule(weightsOf(1, 2, 3)), 0, [0, 1]));
    chain.grow(90);
    expect(versionsOf(chain)).toEqual([
      [0, [8, 17, 5]],
      [6, [8, 17, 5, 7]],
      [7, [8, 17, 7]],
      [8, [1, 2, 7]],
    ]);
    expect([rowOf(chain, 3).joined, rowOf(chain, 2).left]).toEqual([6, 7]);
    const energy = [5, 6, 7, 8].map((step, n) => chain.supply(0, step, 100, n * 100));
    const shared = energy.map(([, t], n) => chain.distribution(5 + n, [t], 100));
    chain.grow(91, [...energy.map((e) => e[0]), ...energy.map((e) => e[1]), ...shared]);
    expect(chain.state.get("book", key(8))?.shares).toEqual([
      { member: 0, mwh: mwh(10) },
      { member: 1, mwh: mwh(20) },
      { member: 3, mwh: mwh(70) },
    ]);
  });

  it("what has become impossible meanwhile does nothing: two who leave, a pardon of who left, a key taken", () => {
    begin({ adoptionDelay: 2 });
    adopt(chain, 1, leave(2));
    adopt(chain, 2, leave(2), rotate(2, 4));
    chain.grow(4);
    expect(rowOf(chain, 2)).toMatchObject({ left: 3, key: keysOf(2).memberKey });
    expect(chain.state.scan("proposal")).toEqual([]);
  });
});
