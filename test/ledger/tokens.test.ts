/** Voting tokens E: whose they are, how long they live, and that paying back keeps their birth. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { memberIndex, mwh, stepIndex, type Hash } from "../../worker/base/units.ts";
import type { Context } from "../../worker/ledger/context.ts";
import { key } from "../../worker/ledger/rows.ts";
import {
  dropExpired,
  isSpendable,
  payTokens,
  spendableTokens,
  spendTokens,
  tokenKey,
} from "../../worker/ledger/tokens.ts";
import type { TokenRef } from "../../worker/ledger/transaction.ts";
import { codeOf, contextOn, genesisOf, idFrom, T0, valueOf, worldOf, type World } from "./worlds.ts";

const STEP = 20;
const D = 4;
let world: World;
let ctx: Context;
beforeAll(() => {
  world = worldOf();
});
beforeEach(() => {
  ctx = contextOn(world, genesisOf(world), STEP);
});
const give = (n: number, owner: number, birth: number, amount: number): TokenRef => {
  const ref = { tx: idFrom(n), index: n };
  ctx.draft.put("token", tokenKey(ref), { owner: memberIndex(owner), birth: stepIndex(birth), amount: mwh(amount) });
  return ref;
};
const stake = (member: number, tokens: readonly TokenRef[]): ReturnType<typeof spendTokens> =>
  spendTokens(ctx, {
    member: memberIndex(member),
    step: stepIndex(STEP),
    parent: "00".repeat(32) as Hash,
    beacon: "00".repeat(32) as Hash,
    at: T0,
    tokens,
    draw: new Uint8Array(48),
  });

describe("a voting token", () => {
  it("born in step b is spent in the blocks of steps b+1 to b+d, d = 4, and in no other", () => {
    const spendable = Array.from({ length: 10 }, (_, s) => s).filter((s) => isSpendable(stepIndex(2), stepIndex(s), D));
    expect(spendable).toEqual([3, 4, 5, 6]);
  });

  it("is spent by its owner, once", () => {
    const refs = [give(1, 1, STEP - 1, 30), give(2, 1, STEP - 4, 12)];
    const staked = valueOf(stake(1, refs));
    expect(staked).toMatchObject({
      member: 1,
      energy: 42,
      stakes: [
        { birth: STEP - 1, amount: 30 },
        { birth: STEP - 4, amount: 12 },
      ],
    });
    expect(ctx.draft.scan("token")).toEqual([]);
    expect(codeOf(stake(1, refs))).toBe("token-spent");
  });

  it("named twice in one candidacy counts as spent twice", () => {
    const ref = give(1, 1, STEP - 1, 30);
    expect(codeOf(stake(1, [ref, ref]))).toBe("token-spent");
  });

  it.each([
    ["of somebody else", "token-not-own", 0, STEP - 1],
    ["older than d steps", "token-expired", 1, STEP - 5],
    ["of the step itself", "token-expired", 1, STEP],
  ])("%s is refused: %s", (_, code, owner, birth) => {
    expect(codeOf(stake(1, [give(1, owner, birth, 5)]))).toBe(code);
  });

  it("that is not there is refused, and a candidacy without any stakes nothing", () => {
    expect(codeOf(stake(1, [{ tx: idFrom(7), index: 0 }]))).toBe("token-spent");
    expect(valueOf(stake(1, [])).energy).toBe(0);
  });

  it("is listed for its owner as long as it may be spent", () => {
    const mine = [give(1, 1, STEP - 4, 10), give(2, 1, STEP - 1, 20)];
    give(3, 1, STEP - 5, 40);
    give(4, 0, STEP - 1, 80);
    const found = spendableTokens(ctx.draft, memberIndex(1), stepIndex(STEP), D);
    expect(found.map((t) => t.ref)).toEqual(mine);
    expect(found.map((t) => t.amount)).toEqual([10, 20]);
    expect(
      stake(
        1,
        found.map((t) => t.ref),
      ).ok,
    ).toBe(true);
  });

  it("leaves the state when no block may spend it any more, not sooner", () => {
    for (const birth of [STEP - 5, STEP - 4, STEP]) give(birth, 0, birth, 1);
    dropExpired(ctx);
    expect(ctx.draft.scan("token").map(([, t]) => t.birth)).toEqual([STEP - 4, STEP]);
  });
});

describe("tokens paid", () => {
  it("are one output per owner and birth step, births kept, in that order", () => {
    payTokens(ctx, idFrom(1), [
      {
        owner: memberIndex(2),
        stakes: [
          { birth: stepIndex(19), amount: 5 },
          { birth: stepIndex(18), amount: 6 },
          { birth: stepIndex(19), amount: 7 },
        ],
      },
      { owner: memberIndex(0), stakes: [{ birth: stepIndex(17), amount: 8 }] },
    ]);
    expect(ctx.draft.scan("token")).toEqual([
      [`${idFrom(1)}-${key(0)}`, { owner: 2, birth: 18, amount: 6 }],
      [`${idFrom(1)}-${key(1)}`, { owner: 2, birth: 19, amount: 12 }],
      [`${idFrom(1)}-${key(2)}`, { owner: 0, birth: 17, amount: 8 }],
    ]);
  });

  it("that no later block may spend are not kept", () => {
    payTokens(ctx, idFrom(1), [
      {
        owner: memberIndex(0),
        stakes: [
          { birth: stepIndex(STEP - D), amount: 5 },
          { birth: stepIndex(STEP - D + 1), amount: 6 },
        ],
      },
    ]);
    expect(ctx.draft.scan("token").map(([, t]) => t.birth)).toEqual([STEP - D + 1]);
  });
});
