/** What a ballot may decide: when it may be proposed, and what it does when it comes into force (PROTOCOL.md §5.4). */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { publicKeyOf, sign } from "../../worker/base/ed25519.ts";
import { cryptometerSecret } from "../../worker/base/keys.ts";
import { memberIndex, stepIndex, type GeneratorIndex, type PublicKey } from "../../worker/base/units.ts";
import { endorsementMessage, type Contract, type GeneratorTerms } from "../../worker/community/contract.ts";
import { parametersOf } from "../../worker/community/parameters.ts";
import { PPM } from "../../worker/community/repartition.ts";
import { beginStep } from "../../worker/consensus/transition.ts";
import { allocationsOf } from "../../worker/ledger/allocations.ts";
import { key } from "../../worker/ledger/rows.ts";
import { spendableTokens } from "../../worker/ledger/tokens.ts";
import type { Action } from "../../worker/ledger/transaction.ts";
import { ChainMaker, unsigned } from "../consensus/chain-maker.ts";
import {
  admit,
  adopt,
  amend,
  equal,
  fixed,
  leave,
  pardon,
  rotate,
  rowOf,
  rule,
  versionsOf,
  weightsOf,
} from "./decisions.ts";
import { codeOf, keysOf, worldOf, type World } from "./worlds.ts";

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

const meterKey = publicKeyOf(cryptometerSecret(keysOf(7).seed, 0));
const meter = (generator: number, over: Partial<Extract<Action, { kind: "meter" }>> = {}): Action => ({
  kind: "meter",
  generator: generator as GeneratorIndex,
  key: meterKey,
  endorsement: null,
  ...over,
});
/** Adopted in block 1, in force in block 2. */
const decide = (...actions: readonly Action[]): void => {
  adopt(chain, 1, ...actions);
  chain.grow(2);
};
const proposedAt = (step: number, action: Action): string => codeOf(chain.try(step, chain.ballot(step, action, 0, [])));
const proposed = (action: Action): string => proposedAt(1, action);

describe("a proposal of", () => {
  const wrong: readonly (readonly [string, string, () => Action])[] = [
    ["a rule without iterations", "rule-iterations", () => rule(weightsOf(1, 1, 1), [])],
    [
      "a rule that leaves something unshared",
      "rule-iterations",
      () => rule(weightsOf(1, 1, 1), [{ kind: "fixed", portionPpm: PPM - 1 }]),
    ],
    [
      "a rule with a portion of nothing",
      "rule-iterations",
      () => rule(weightsOf(1, 1, 1), [{ kind: "equal", portionPpm: 0 }, fixed]),
    ],
    ["a rule that leaves a member out", "rule-members", () => rule(weightsOf(1, 1))],
    ["a rule that names a stranger", "rule-members", () => rule(weightsOf(1, 1, 1, 1))],
    ["a rule in another order", "rule-members", () => rule(weightsOf(1, 1, 1).toReversed())],
    [
      "a rule that names a member twice",
      "rule-members",
      () => rule([0, 1, 1].map((m) => ({ member: memberIndex(m), weight: 1 }))),
    ],
    ["a rule that gives nobody anything", "rule-weights", () => rule(weightsOf(0, 0, 0))],
    ["a rule with a weight above a million", "rule-weights", () => rule(weightsOf(1, 1, 1_000_001))],
    ["new keys for a stranger", "member-unknown", () => rotate(3, 3)],
    ["a member's key for another", "member-known", () => rotate(2, 3, { key: keysOf(1).memberKey })],
    ["a voting key that is known", "member-known", () => rotate(2, 3, { blsKey: keysOf(2).blsKey })],
    ["a voting key without its proof", "voting-key-unproven", () => rotate(2, 3, { blsProof: keysOf(4).blsProof })],
    ["a new key for no meter", "generator-unknown", () => meter(2)],
    [
      "a meter's key that another has",
      "generator-known",
      () => meter(1, { key: world.contract.generators[0]?.key as PublicKey }),
    ],
    ["an endorsement by nobody", "endorsement", () => meter(0, { endorsement: new Uint8Array(64) })],
    ["γ above α", "contract-invalid", () => amend(chain.world.contract, { weightReputation: 21 })],
    ["a quorum below half", "contract-invalid", () => amend(chain.world.contract, { quorumNum: 1, quorumDen: 3 })],
    [
      "fee and loss above the whole",
      "contract-invalid",
      () => amend(chain.world.contract, { feePpm: 600_000, lossPpm: 400_001 }),
    ],
    ["tokens that never live", "contract-invalid", () => amend(chain.world.contract, { tokenValidity: 0 })],
    ["a pardon of who needs none", "nothing-to-pardon", () => pardon(1)],
    ["a pardon of a stranger", "member-unknown", () => pardon(3)],
    ["leave for a stranger", "member-unknown", () => leave(3)],
  ];
  it.each(wrong)("%s is refused: %s", (_, code, action) => {
    expect(proposed(action())).toBe(code);
  });

  it("leave is refused to the last member", () => {
    chain = new ChainMaker(worldOf({ members: 1 }));
    expect(proposed(leave(0))).toBe("last-member");
  });
});

describe("an adopted rule", () => {
  it("is the version for the energy of its step and later; earlier energy follows the one of its own step", () => {
    const [g1, t1] = chain.supply(0, 1, 300);
    const [g2, t2] = chain.supply(0, 2, 300, 300);
    decide(rule(weightsOf(0, 0, 1)));
    expect(versionsOf(chain)).toEqual([
      [0, [8, 17, 5]],
      [2, [0, 0, 1]],
    ]);
    expect([0, 1, 2].map((m) => rowOf(chain, m).weight)).toEqual([0, 0, 1]);
    chain.grow(3, [g1, g2, t1, t2, chain.distribution(1, [t1], 300), chain.distribution(2, [t2], 300)]);
    expect([0, 1, 2].map((m) => rowOf(chain, m).meter)).toEqual([80, 170, 350]);
  });

  it("takes who came in meanwhile as it is, and who left meanwhile not at all", () => {
    adopt(chain, 1, admit(3, 9), rule(weightsOf(1, 2, 3), [equal]));
    chain.grow(2, [unsigned({ kind: "proposal", member: memberIndex(0), step: stepIndex(2), action: leave(0) }, 0)]);
    expect(versionsOf(chain)).toEqual([
      [0, [8, 17, 5]],
      [2, [1, 2, 3, 9]],
    ]);
    chain.grow(3);
    expect(versionsOf(chain).at(-1)).toEqual([3, [2, 3, 9]]);
  });

  it("adopted before somebody left does not bring it back", () => {
    begin({ adoptionDelay: 3 });
    adopt(chain, 1, leave(2));
    adopt(chain, 2, rule(weightsOf(4, 5, 6)));
    chain.grow(5);
    expect(versionsOf(chain)).toEqual([
      [0, [8, 17, 5]],
      [4, [8, 17]],
      [5, [4, 5]],
    ]);
    expect([rowOf(chain, 2).weight, rowOf(chain, 2).left]).toEqual([0, 4]);
  });

  it("that is due with another of the same step: the later proposal wins, built on the former", () => {
    adopt(chain, 1, rule(weightsOf(1, 1, 1)), rule(weightsOf(2, 2, 3)), admit(3, 9));
    chain.grow(2);
    const [first, second, ...more] = versionsOf(chain);
    expect([first, more]).toEqual([[0, [8, 17, 5]], []]);
    expect(second?.[0]).toBe(2);
    // In the order of their ids, which decides between the two; the newcomer is in it either way.
    expect([
      [1, 1, 1, 9],
      [2, 2, 3, 9],
    ]).toContainEqual(second?.[1]);
    const ids = [rule(weightsOf(1, 1, 1)), rule(weightsOf(2, 2, 3))].map((a) => {
      const [tx] = new ChainMaker(chain.world).ballot(1, a, 0, []);
      return tx === undefined ? "" : chain.id(tx);
    });
    expect(second?.[1]).toEqual((ids[0] ?? "") > (ids[1] ?? "") ? [1, 1, 1, 9] : [2, 2, 3, 9]);
  });

  it("where nobody who is left has a weight, lets all count alike", () => {
    decide(rule(weightsOf(0, 0, 1)));
    chain.grow(3, chain.ballot(3, leave(2), 2, []));
    chain.grow(4);
    expect(versionsOf(chain).at(-1)).toEqual([4, [1, 1]]);
    const [g, t] = chain.supply(0, 4, 10);
    chain.grow(5, [g, t, chain.distribution(4, [t], 10)]);
    expect([0, 1, 2].map((m) => rowOf(chain, m).meter)).toEqual([5, 5, 0]);
  });
});

describe("adopted new keys", () => {
  it("leave the member's virtual meter, place, weight and record as they are", () => {
    const [g, t] = chain.supply(0, 1, 300);
    chain.grow(1, [g, t, chain.distribution(1, [t], 300)]);
    adopt(chain, 2, rotate(1, 4));
    const ctx = chain.context(3);
    beginStep(ctx);
    const { memberKey, blsKey } = keysOf(4);
    expect(ctx.draft.get("member", key(1))).toEqual({
      ...rowOf(chain, 1),
      key: memberKey,
      blsKey,
      votesSince: 1,
      oldBlsKey: keysOf(1).blsKey,
      oldSince: 0,
    });
    chain.grow(3);
    expect(rowOf(chain, 1)).toMatchObject({ meter: 170, key: memberKey });
  });

  it("for one key proposed twice go to the first of the two; the other proposal does nothing", () => {
    adopt(chain, 1, rotate(1, 4), rotate(2, 4));
    chain.grow(2);
    const changed = [1, 2].filter((m) => rowOf(chain, m).key === keysOf(4).memberKey);
    expect(changed).toHaveLength(1);
    expect(chain.state.scan("proposal")).toEqual([]);
  });

  it("of a newcomer's device make it no second member", () => {
    adopt(chain, 1, admit(3), rotate(1, 3));
    chain.grow(2);
    const keys = chain.state.scan("member").map(([, m]) => m.key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("an adopted new meter", () => {
  it("has its own key, the generator's terms, and goes on at the same register", () => {
    const [g, t] = chain.supply(0, 1, 300);
    chain.grow(1, [g, t]);
    adopt(chain, 2, meter(0));
    chain.grow(3);
    expect(chain.state.get("generator", key(0))).toMatchObject({
      terms: { ...world.contract.generators[0], key: meterKey },
      register: 300,
      joined: 0,
    });
  });

  it("needs the grid operator's endorsement of the terms with the new key, where the contract names one", () => {
    const secret = new Uint8Array(32).fill(9);
    begin({ dso: publicKeyOf(secret) });
    const terms = chain.state.get("generator", key(0))?.terms as GeneratorTerms;
    const endorse = (over: Partial<GeneratorTerms>, by = secret): Uint8Array =>
      sign(endorsementMessage({ ...terms, key: meterKey, ...over }), by);
    expect(proposed(meter(0))).toBe("endorsement");
    expect(proposed(meter(0, { endorsement: endorse({ key: terms.key }) }))).toBe("endorsement");
    expect(proposed(meter(0, { endorsement: endorse({ pMaxW: 9_999 }) }))).toBe("endorsement");
    expect(proposed(meter(0, { endorsement: endorse({}, new Uint8Array(32).fill(8)) }))).toBe("endorsement");
    expect(proposed(meter(1, { endorsement: endorse({}) }))).toBe("endorsement");
    const endorsement = endorse({});
    decide(meter(0, { endorsement }));
    expect(chain.state.get("generator", key(0))?.terms).toEqual({ ...terms, key: meterKey, endorsement });
  });
});

describe("adopted parameters", () => {
  it("hold from their step on, and the fee for the energy of that step and later", () => {
    const energy = [1, 2].map((step) => chain.supply(0, step, 1_000, (step - 1) * 1_000));
    decide(amend(chain.world.contract, { feePpm: 100_000, strikes: 5, lossPpm: 50_000 }));
    expect(allocationsOf(chain.state).map((a) => [a.from, a.feePpm, a.lossPpm])).toEqual([
      [0, 0, 0],
      [2, 100_000, 50_000],
    ]);
    expect(chain.context(3).contract).toMatchObject({ strikes: 5, feePpm: 100_000 });
    const shared = energy.map(([, t], i) => chain.distribution(i + 1, [t], 1_000));
    const shares = shared.map((tx) =>
      tx.body.kind === "distribution" ? tx.body.shares.reduce((sum, s) => sum + s.mwh, 0) : 0,
    );
    expect(shares).toEqual([1_000, 850]);
    chain.grow(3, [...energy.map((e) => e[0]), ...energy.map((e) => e[1]), ...shared]);
    expect(chain.state.scan("reward").map(([, r]) => r.mwh)).toEqual([100]);
    expect(chain.state.get("totals", "")).toEqual({ generated: 2_000, distributed: 1_950, lost: 50 });
  });

  it("adopted side by side all hold: none sets back what it does not name", () => {
    const { contract } = chain.world;
    decide(amend(contract, { quorumNum: 2, quorumDen: 3 }), amend(contract, { feePpm: 10_000 }));
    const expected = { quorumNum: 2, quorumDen: 3, feePpm: 10_000, strikes: contract.strikes };
    expect(chain.state.get("parameters", "")).toMatchObject(expected);
    expect(chain.context(3).contract).toMatchObject(expected);
    expect(allocationsOf(chain.state).at(-1)?.feePpm).toBe(10_000);
  });

  it("that no longer fit what is in force when they come do nothing, as a whole", () => {
    begin({ adoptionDelay: 3 });
    const { contract } = chain.world;
    adopt(chain, 1, amend(contract, { feePpm: 600_000 }));
    adopt(chain, 2, amend(contract, { lossPpm: 600_000, strikes: 9 }));
    adopt(chain, 3, amend(contract, { rewardDelay: 2 }));
    chain.grow(7);
    const expected = { ...contract, feePpm: 600_000, rewardDelay: 2 };
    expect(chain.context(8).contract).toEqual(expected);
    expect(chain.state.get("parameters", "")).toEqual(parametersOf(expected));
    expect(proposedAt(8, amend(contract, { lossPpm: 400_001 }))).toBe("contract-invalid");
  });

  it("that leave fee and loss as they are make no new version of the rule", () => {
    decide(amend(chain.world.contract, { strikes: 5 }));
    expect(versionsOf(chain)).toHaveLength(1);
    expect(chain.state.get("parameters", "")).toEqual(parametersOf({ ...world.contract, strikes: 5 }));
  });

  it("with another quorum make a new voter set of the same members", () => {
    decide(amend(chain.world.contract, { quorumNum: 2, quorumDen: 3 }));
    expect(chain.state.get("voters", "")).toEqual({ set: 1, since: 2, members: [0, 1, 2], quorum: 3 });
    chain.grow(3);
    expect(chain.state.get("voters", "")?.set).toBe(1);
  });

  it("rule the rest of the block in which they come into force", () => {
    // d = 1: tokens of step 1 are past their validity in block 3, when the ballot of block 2 is in force.
    const [g, t] = chain.supply(0, 1, 300);
    chain.grow(1, [g, t, chain.distribution(1, [t], 300)]);
    const { body } = chain.candidacy(3, { member: 1 });
    if (body.kind !== "candidacy") throw new Error("a candidacy is one");
    const { tokens } = body;
    adopt(chain, 2, amend(chain.world.contract, { tokenValidity: 1 }));
    expect(chain.context(3).contract.tokenValidity).toBe(1);
    expect(codeOf(chain.try(3, [chain.candidacy(3, { member: 1, tokens })]))).toBe("token-spent");
    expect(spendableTokens(chain.state, memberIndex(1), stepIndex(3), 1)).toEqual([]);
  });
});
