/** The auction inside a block: who may stand, who closes it, what is given back, and that the ranking is everybody's. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { memberIndex, stepIndex, type Hash } from "../../worker/base/units.ts";
import { gateClosure, gateOpening } from "../../worker/community/market-step.ts";
import { isTimely } from "../../worker/consensus/candidacy.ts";
import { key } from "../../worker/ledger/rows.ts";
import type { Body, Tx } from "../../worker/ledger/transaction.ts";
import { codeOf, valueOf, worldOf, type World } from "../ledger/worlds.ts";
import { ChainMaker, drawFrom, type Stand } from "./chain-maker.ts";

let world: World;
let chain: ChainMaker;
beforeAll(() => {
  world = worldOf({ members: 3, owners: [0], weights: [8, 17, 5] });
});
/** Step 1 gives everybody tokens; the auctions are those of step 2. */
beforeEach(() => {
  chain = new ChainMaker(world);
  const supply = chain.supply(0, 1, 300_000);
  chain.grow(1, [...supply, chain.distribution(1, [supply[1]], 300_000)]);
});
const stand = (...stands: Stand[]): Tx[] => stands.map((s) => chain.candidacy(2, s));
const late = (): number => gateClosure(world.contract, 2) + 1;
const code = (txs: readonly Tx[]): string => codeOf(chain.try(2, txs));
type Winner = Extract<Body, { kind: "winner" }>;

describe("a candidacy", () => {
  it("within the gates, both ends counted, is timely", () => {
    const { contract } = world;
    const [open, close] = [gateOpening(contract, 2), gateClosure(contract, 2)];
    const timely = [open - 1, open, close, close + 1].map((at) => {
      const { body } = chain.candidacy(2, { member: 0, at });
      return body.kind === "candidacy" && isTimely(contract, body);
    });
    expect(timely).toEqual([false, true, true, false]);
  });

  it("of another step or branch is refused", () => {
    const [tx] = stand({ member: 0 }) as [Tx];
    if (tx.body.kind !== "candidacy") throw new Error("a candidacy is one");
    expect(code([{ ...tx, body: { ...tx.body, step: stepIndex(3) } }])).toBe("candidacy-elsewhere");
    expect(code([{ ...tx, body: { ...tx.body, parent: "ab".repeat(32) as Hash } }])).toBe("candidacy-elsewhere");
  });

  it("is one per member and step", () => {
    const twice = stand({ member: 0, draw: 1, tokens: [] }, { member: 0, draw: 2, tokens: [] });
    expect(code(twice)).toBe("candidacy-twice");
  });

  it("of nobody, or with tokens of somebody else, is refused", () => {
    expect(code(stand({ member: 3 }))).toBe("member-unknown");
    const [own] = stand({ member: 1 }) as [Tx];
    if (own.body.kind !== "candidacy") throw new Error("a candidacy is one");
    expect(code(stand({ member: 0, tokens: own.body.tokens }))).toBe("token-not-own");
  });

  it("stakes only tokens that were there before the block: none that its late energy bears, nor gets them back", () => {
    const [generation, transfer] = chain.supply(0, 1, 9_000);
    const late1 = chain.distribution(1, [transfer], 9_000);
    const born = { tx: chain.id(late1), index: 0 };
    const at = late();
    for (const end of [{}, { at }]) {
      const stands = stand({ member: 0, tokens: [born], ...end }, { member: 1, ...end });
      const close = "at" in end ? chain.refund(2, stands) : chain.winner(2, stands, { ranking: [memberIndex(0)] });
      expect(code([generation, transfer, late1, ...stands, close])).toBe("token-unborn");
      expect(code([...stands, close])).toBe("token-spent");
    }
    chain.grow(2, [generation, transfer, late1]);
    expect(chain.try(3, [chain.candidacy(3, { member: 0, tokens: [born] })])).toMatchObject({
      error: { code: "candidacy-open" },
    });
  });

  it("is on chain only in the block that ranks or refunds it", () => {
    expect(code(stand({ member: 0 }))).toBe("candidacy-open");
    const two = stand({ member: 0 }, { member: 1 });
    expect(code([...two, chain.winner(2, two.slice(0, 1))])).toBe("candidacy-open");
  });
});

describe("the winner transaction", () => {
  it("gives every stake to the first of the ranking, births kept, and names the next miner", () => {
    const candidacies = stand({ member: 0 }, { member: 1 }, { member: 2 });
    const ranking = chain.ranking(2, candidacies);
    const { block } = chain.grow(2, [...candidacies, chain.winner(2, candidacies)]);
    expect([block.header.miner, block.header.rank]).toEqual([ranking[0], 0]);
    expect(chain.state.scan("token").map(([, t]) => t)).toEqual([{ owner: ranking[0], birth: 1, amount: 300_000 }]);
    expect(chain.state.get("auction", key(2))?.candidates.map((c) => c.member)).toEqual(ranking);
  });

  it("may find each of them best: the miner's draw decides among equals", () => {
    const candidacies = stand({ member: 0 }, { member: 1 }, { member: 2 });
    const firsts = Array.from({ length: 40 }, (_, n) => chain.ranking(2, candidacies, drawFrom(n))[0]);
    expect(new Set(firsts).size).toBe(3);
  });

  const wrong: readonly (readonly [string, string, (w: Winner, all: Tx[]) => Partial<Winner>])[] = [
    ["of another step", "auction-elsewhere", () => ({ step: stepIndex(3) })],
    ["of another branch", "auction-elsewhere", () => ({ parent: "ab".repeat(32) as Hash })],
    ["by another member", "not-current-miner", (w) => ({ member: memberIndex((w.member + 1) % 3) })],
    ["with candidacies out of order", "candidacies-named", (w) => ({ candidacies: w.candidacies.toReversed() })],
    ["with a candidacy twice", "candidacies-named", (w) => ({ candidacies: w.candidacies.flatMap((id) => [id, id]) })],
    ["without any ranking", "winner-empty", () => ({ ranking: [] })],
    ["that names nobody's candidacy", "wrong-ranking", () => ({ candidacies: [] })],
    ["with its ranking turned", "wrong-ranking", (w) => ({ ranking: w.ranking.toReversed() })],
    ["with one left out of its ranking", "wrong-ranking", (w) => ({ ranking: w.ranking.slice(0, 2) })],
    ["with another added to its ranking", "wrong-ranking", (w) => ({ ranking: [...w.ranking, memberIndex(3)] })],
  ];
  it.each(wrong)("%s is refused: %s", (_, expected, over) => {
    const candidacies = stand({ member: 0 }, { member: 1 }, { member: 2 });
    const good = chain.winner(2, candidacies);
    if (good.body.kind !== "winner") throw new Error("a winner is one");
    expect(chain.try(2, [...candidacies, good]).ok).toBe(true);
    const bad = { ...good, body: { ...good.body, ...over(good.body, candidacies) } };
    expect(codeOf(chain.try(2, [...candidacies, bad], { rank: 0, miner: memberIndex(0) }))).toBe(expected);
  });

  it("made with another draw finds another ranking sooner or later, so the draw cannot be exchanged", () => {
    const candidacies = stand({ member: 0 }, { member: 1 }, { member: 2 });
    const good = chain.winner(2, candidacies);
    if (good.body.kind !== "winner") throw new Error("a winner is one");
    const codes = Array.from({ length: 20 }, (_, n) => {
      const tried = chain.try(2, [...candidacies, { ...good, body: { ...good.body, draw: drawFrom(n) } as Winner }]);
      return tried.ok ? "ok" : tried.error.code;
    });
    expect(codes).toContain("wrong-ranking");
  });

  it("is one a step", () => {
    const candidacies = stand({ member: 0 }, { member: 1 });
    const [a, b] = candidacies as [Tx, Tx];
    const winners = [chain.winner(2, [a]), chain.winner(2, [b])];
    expect(code([...candidacies, ...winners])).toBe("winner-twice");
  });

  it("cannot let win who stood outside the gates", () => {
    for (const at of [late(), gateOpening(world.contract, 2) - 1]) {
      const candidacies = stand({ member: 0 }, { member: 1, at });
      expect(code([...candidacies, chain.winner(2, candidacies)])).toBe("candidacy-late");
    }
  });
});

describe("the refund", () => {
  it("gives late candidates the same volume of E back, birth steps kept, and the others go on", () => {
    const [timely, tooLate] = stand({ member: 0 }, { member: 1, at: late() }) as [Tx, Tx];
    const before = chain.state
      .scan("token")
      .filter(([, t]) => t.owner === 1)
      .map(([, t]) => t);
    chain.grow(2, [timely, tooLate, chain.refund(2, [tooLate]), chain.winner(2, [timely])]);
    expect(chain.parent.miner).toBe(0);
    expect(
      chain.state
        .scan("token")
        .filter(([, t]) => t.owner === 1)
        .map(([, t]) => t),
    ).toEqual(before);
  });

  it("stands without a winner when everybody was late", () => {
    const candidacies = stand({ member: 0, at: late() }, { member: 1, at: late() });
    const sum = (): number => chain.state.scan("token").reduce((s, [, t]) => s + t.amount, 0);
    const before = sum();
    chain.grow(2, [...candidacies, chain.refund(2, candidacies)]);
    expect(sum()).toBe(before);
    expect(chain.parent.rank).toBe(1);
  });

  it("cannot shut out who was in time", () => {
    const candidacies = stand({ member: 0 });
    expect(code([...candidacies, chain.refund(2, candidacies)])).toBe("candidacy-timely");
  });

  it("is the current miner's, of this step and branch, and names late candidacies of this block once", () => {
    const candidacies = stand({ member: 0, at: late() }, { member: 1, at: late() });
    const refunds = (over: Parameters<ChainMaker["refund"]>[2]): string =>
      code([...candidacies, chain.refund(2, candidacies, over)]);
    expect(refunds({ member: memberIndex((chain.parent.miner + 1) % 3) })).toBe("not-current-miner");
    expect(refunds({ step: stepIndex(3) })).toBe("auction-elsewhere");
    expect(refunds({ candidacies: chain.sorted(candidacies).toReversed() })).toBe("candidacies-named");
    const refund = chain.refund(2, candidacies);
    expect(code([...candidacies, refund, refund])).toBe("candidacies-named");
    expect(valueOf(chain.try(2, [...candidacies, refund])).rank).toBe(1);
  });
});
