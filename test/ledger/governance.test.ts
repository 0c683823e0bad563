/** Direct governance: a proposal, ballots of active members, adoption at their majority, in force from a stated step. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cryptometerSecret } from "../../worker/base/keys.ts";
import { publicKeyOf, sign } from "../../worker/base/ed25519.ts";
import type { Result } from "../../worker/base/result.ts";
import {
  memberIndex,
  mwh,
  stepIndex,
  type GeneratorIndex,
  type PublicKey,
  type TxId,
} from "../../worker/base/units.ts";
import {
  endorsementMessage,
  MAX_BALLOT_WINDOW,
  type GeneratorTerms,
  type MemberTerms,
} from "../../worker/community/contract.ts";
import type { Context } from "../../worker/ledger/context.ts";
import { allocationsOf } from "../../worker/ledger/allocations.ts";
import {
  applyBallot,
  applyDue,
  applyProposal,
  ballotsNeeded,
  countBallots,
  MAX_OPEN_PROPOSALS,
  updateVoters,
} from "../../worker/ledger/governance.ts";
import { key } from "../../worker/ledger/rows.ts";
import type { Action } from "../../worker/ledger/transaction.ts";
import { admit as admitOf, amend, leave, pardon, rotate, rule, weightsOf } from "./decisions.ts";
import { codeOf, contextOn, genesisOf, idFrom, keysOf, METER, valueOf, worldOf, type World } from "./worlds.ts";

const STEP = 10;
const DELAY = 3;
let world: World;
let five: World;
let ctx: Context;
let newcomer: MemberTerms;
let meter: GeneratorTerms;
beforeAll(() => {
  // The fourth of this world is the newcomer of the other one.
  world = worldOf({ members: 3, change: { adoptionDelay: DELAY } });
  five = worldOf({ members: 5, weights: [1, 1, 1, 4, 1], change: { adoptionDelay: DELAY } });
  const keys = keysOf(3);
  newcomer = { key: keys.memberKey, blsKey: keys.blsKey, blsProof: keys.blsProof, weight: 5, vpp: false };
  const meterKey = publicKeyOf(cryptometerSecret(keysOf(1).seed, 0));
  meter = { ...METER, key: meterKey, owner: memberIndex(1), endorsement: null };
});
beforeEach(() => {
  ctx = contextOn(world, genesisOf(world), STEP);
});
const admit = (over: Partial<MemberTerms> = {}): Action => ({ kind: "member", terms: { ...newcomer, ...over } });
const register = (over: Partial<GeneratorTerms> = {}): Action => ({ kind: "generator", terms: { ...meter, ...over } });
const propose = (action: Action, n = 1, step = STEP): Result<null> =>
  applyProposal(ctx, { member: memberIndex(0), step: stepIndex(step), action }, idFrom(n));
/** By default of the step that runs. */
const vote = (member: number, yes = true, proposal: TxId = idFrom(1), step: number = ctx.step): Result<null> =>
  applyBallot(ctx, { member: memberIndex(member), step: stepIndex(step), proposal, yes });
const at = (step: number): void => {
  ctx = { ...ctx, step: stepIndex(step) };
};
const rowOf = (n = 1): ReturnType<Context["draft"]["get"]> => ctx.draft.get("proposal", idFrom(n));
const neededFor = (action: Action, by = 0): number => ballotsNeeded(ctx.draft, { by: memberIndex(by), action });
const memberCount = (): number => ctx.draft.scan("member").length;

describe("a proposal", () => {
  it.each([
    ["a member's key that is known", "member-known", () => admit({ key: keysOf(1).memberKey })],
    ["a voting key that is known", "member-known", () => admit({ blsKey: keysOf(1).blsKey })],
    ["a weight above a million", "weight-too-large", () => admit({ weight: 1_000_001 })],
    ["a voting key without its proof", "voting-key-unproven", () => admit({ blsProof: keysOf(1).blsProof })],
    [
      "a meter that is known",
      "generator-known",
      () => register({ key: world.contract.generators[0]?.key as PublicKey }),
    ],
    ["a meter of nobody", "owner-unknown", () => register({ owner: memberIndex(3) })],
    ["a meter without a peak", "generator-terms", () => register({ pMaxW: 0 })],
    ["a meter without a resolution", "generator-terms", () => register({ resolutionMwh: 0 })],
    ["a meter beyond a gigawatt", "generator-terms", () => register({ pMaxW: 1_000_000_001 })],
    [
      "an endorsement where no grid operator is named",
      "endorsement",
      () => register({ endorsement: new Uint8Array(64) }),
    ],
  ])("of %s is refused: %s", (_, code, action) => {
    expect(codeOf(propose(action()))).toBe(code);
    expect(ctx.draft.scan("proposal")).toEqual([]);
  });

  it("of a meter needs the grid operator's endorsement where the contract names one", () => {
    const secret = new Uint8Array(32).fill(9);
    ctx = { ...ctx, contract: { ...world.contract, dso: publicKeyOf(secret) } };
    const endorsement = sign(endorsementMessage(meter), secret);
    expect(codeOf(propose(register()))).toBe("endorsement");
    expect(codeOf(propose(register({ endorsement, pMaxW: 5_000 })))).toBe("endorsement");
    expect(propose(register({ endorsement })).ok).toBe(true);
  });

  it("of another time is refused", () => {
    at(1_000);
    expect(codeOf(propose(admit(), 1, 1_001))).toBe("proposal-time");
    expect(codeOf(propose(admit(), 1, 1_000 - 673))).toBe("proposal-time");
    expect(propose(admit(), 1, 1_000 - 672).ok).toBe(true);
  });

  it("sent again is refused, so that it cannot lose its ballots or its adoption", () => {
    valueOf(propose(admit()));
    valueOf(vote(0));
    expect(codeOf(propose(admit()))).toBe("proposal-known");
    expect(rowOf()).toMatchObject({ ballots: [{ member: 0, yes: true }] });
    valueOf(vote(1));
    expect(codeOf(propose(admit()))).toBe("proposal-known");
    expect(rowOf()).toMatchObject({ from: STEP + DELAY });
  });

  it(`is refused where ${MAX_OPEN_PROPOSALS} are open or kept for who has none, never a member's first`, () => {
    const opened = { opened: stepIndex(STEP), action: register(), ballots: [], from: null };
    // Of some who have left: the three who are here have none open yet.
    for (let n = 4; n <= MAX_OPEN_PROPOSALS; n++)
      ctx.draft.put("proposal", idFrom(100 + n), { by: memberIndex(n), ...opened });
    valueOf(propose(register(), 1));
    expect(codeOf(propose(register(), 2))).toBe("too-many-proposals");
    for (const member of [1, 2])
      valueOf(
        applyProposal(
          ctx,
          { member: memberIndex(member), step: stepIndex(STEP), action: register() },
          idFrom(10 + member),
        ),
      );
    expect(ctx.draft.scan("proposal")).toHaveLength(MAX_OPEN_PROPOSALS);
    expect(codeOf(propose(register(), 2))).toBe("too-many-proposals");
    // An adopted one is open no more.
    valueOf(vote(0));
    valueOf(vote(1));
    valueOf(propose(register(), 2));
  });

  it("adopted is remembered until one of its time cannot be made again, whatever the ballots' time becomes", () => {
    adopt(admit());
    at(STEP + DELAY);
    applyDue(ctx);
    const last = STEP + DELAY + MAX_BALLOT_WINDOW;
    ctx = { ...ctx, contract: { ...ctx.contract, ballotWindow: MAX_BALLOT_WINDOW } };
    at(last);
    applyDue(ctx);
    expect(codeOf(propose(admit(), 1, STEP + DELAY))).toBe("proposal-adopted");
    at(last + 1);
    applyDue(ctx);
    expect(ctx.draft.scan("adopted")).toEqual([]);
    expect(codeOf(propose(admit(), 1, STEP + DELAY))).toBe("proposal-time");
  });

  it("that nobody adopts is cleared away when its time is over, not sooner", () => {
    valueOf(propose(register()));
    at(STEP + 672);
    applyDue(ctx);
    expect(rowOf()).toBeDefined();
    at(STEP + 673);
    applyDue(ctx);
    expect(rowOf()).toBeUndefined();
    expect(codeOf(vote(0))).toBe("proposal-unknown");
  });
});

describe("ballots", () => {
  it("adopt at more than half of the active members, in force after the contract's delay", () => {
    valueOf(propose(register()));
    expect(neededFor(register())).toBe(2);
    valueOf(vote(0));
    expect(rowOf()).toMatchObject({ from: null });
    at(STEP + 1);
    valueOf(vote(2));
    expect(rowOf()).toMatchObject({ from: STEP + 1 + DELAY });
    expect(codeOf(vote(1))).toBe("ballot-closed");
  });

  it("against do not adopt, and a member may think again", () => {
    valueOf(propose(register()));
    for (const m of [0, 1, 2]) valueOf(vote(m, false));
    at(STEP + 1);
    valueOf(vote(0, true));
    const row = ctx.draft.get("proposal", idFrom(1));
    expect(row && countBallots(ctx.draft, row)).toEqual({ yes: 1, no: 2 });
    expect(row?.ballots.map((b) => b.member)).toEqual([0, 1, 2]);
    valueOf(vote(1, true));
    expect(rowOf()).toMatchObject({ from: STEP + 1 + DELAY });
  });

  it("that are not newer than the member's last change nothing", () => {
    valueOf(propose(register()));
    valueOf(vote(0, true));
    expect(codeOf(vote(0, false))).toBe("ballot-old");
    expect(codeOf(vote(1, true, idFrom(1), STEP + 1))).toBe("ballot-early");
    at(STEP + 1);
    valueOf(vote(0, false));
    expect(codeOf(vote(0, true, idFrom(1), STEP))).toBe("ballot-old");
  });

  it("of members that are not active count only once they are", () => {
    const voters = ctx.draft.get("voters", "");
    if (voters) ctx.draft.put("voters", "", { ...voters, members: [memberIndex(0), memberIndex(1)] });
    valueOf(propose(register()));
    expect(neededFor(register())).toBe(2);
    valueOf(vote(0));
    valueOf(vote(2));
    expect(rowOf()).toMatchObject({ from: null });
    valueOf(vote(1));
    expect(rowOf()).toMatchObject({ from: STEP + DELAY });
  });

  it("on what only adds are the active ones' while these are more than half of all, on everything else all members'", () => {
    ctx = contextOn(five, genesisOf(five), STEP);
    const active = (...members: number[]): void => {
      const voters = ctx.draft.get("voters", "");
      if (voters) ctx.draft.put("voters", "", { ...voters, members: members.map(memberIndex) });
    };
    const replaced: Action = { kind: "meter", generator: 0 as GeneratorIndex, key: meter.key, endorsement: null };
    const adding = [admitOf(9), register(), replaced];
    const taking = [
      rotate(1, 9),
      leave(1),
      pardon(1),
      rule(weightsOf(1, 1, 1, 1, 1)),
      amend(five.contract, { strikes: 5 }),
    ];
    const needed = (actions: readonly Action[]): number[] => actions.map((action) => neededFor(action));
    for (const [members, few] of [
      [[0, 1, 2, 3, 4], 3],
      [[0, 1, 2], 2],
      [[0, 1], 3],
      [[0], 3],
    ] as const) {
      active(...members);
      expect(needed(adding)).toEqual([few, few, few]);
      expect(needed(taking)).toEqual([3, 3, 3, 3, 3]);
    }
    active(0, 1, 2);
    expect(neededFor(replaced, 1)).toBe(3);
    valueOf(propose(leave(1)));
    for (const member of [0, 2]) valueOf(vote(member));
    expect(rowOf()).toMatchObject({ from: null });
    // Asleep, but a member: its ballot counts here.
    valueOf(vote(4));
    expect(rowOf()).toMatchObject({ from: STEP + DELAY });
  });

  it("on a newcomer that would weigh more than any member are of all, since it takes of everybody's", () => {
    ctx = contextOn(five, genesisOf(five), STEP);
    const voters = ctx.draft.get("voters", "");
    if (voters) ctx.draft.put("voters", "", { ...voters, members: [0, 1, 2].map(memberIndex) });
    expect([1, 4, 5, 1_000_000].map((weight) => neededFor(admitOf(9, weight)))).toEqual([2, 2, 3, 3]);
    // Who has left weighs nothing any more.
    const gone = ctx.draft.get("member", key(3));
    if (gone) ctx.draft.put("member", key(3), { ...gone, weight: 0, left: stepIndex(STEP) });
    expect([1, 2].map((weight) => neededFor(admitOf(9, weight)))).toEqual([2, 3]);
  });

  it("of who has left count nowhere, and it is none of those of whom more than half are needed", () => {
    const row = ctx.draft.get("member", key(2));
    valueOf(propose(leave(1)));
    valueOf(vote(2));
    if (row) ctx.draft.put("member", key(2), { ...row, left: stepIndex(STEP) });
    expect(neededFor(leave(1))).toBe(2);
    valueOf(vote(0));
    expect(rowOf()).toMatchObject({ from: null });
    valueOf(vote(1));
    expect(rowOf()).toMatchObject({ from: STEP + DELAY });
  });

  it("of nothing are refused", () => {
    expect(codeOf(vote(0))).toBe("proposal-unknown");
  });
});

const adopt = (action: Action, n = 1): void => {
  valueOf(propose(action, n));
  valueOf(vote(0, true, idFrom(n)));
  valueOf(vote(1, true, idFrom(n)));
};

describe("an adopted member", () => {
  it("is one from the stated step on, with a meter at 0 and a share by its weight, but no vote before its first approval", () => {
    adopt(admit());
    at(STEP + DELAY - 1);
    applyDue(ctx);
    expect(memberCount()).toBe(3);
    at(STEP + DELAY);
    applyDue(ctx);
    expect(ctx.draft.get("member", key(3))).toEqual({
      key: newcomer.key,
      blsKey: newcomer.blsKey,
      weight: 5,
      vpp: false,
      joined: STEP + DELAY,
      meter: 0,
      lastBlock: STEP + DELAY,
      blocks: 0,
      reputation: 0,
      approved: null,
      strikes: 0,
      barred: null,
      convicted: false,
      pardoned: null,
      left: null,
      votesSince: 0,
      oldBlsKey: null,
      oldSince: 0,
    });
    expect(allocationsOf(ctx.draft).map((a) => [a.from, a.weights.map((w) => w.weight)])).toEqual([
      [0, [1, 1, 1]],
      [STEP + DELAY, [1, 1, 1, 5]],
    ]);
    expect(rowOf()).toBeUndefined();
    updateVoters(ctx);
    expect(ctx.draft.get("voters", "")).toMatchObject({ set: 0, members: [0, 1, 2] });
  });

  it("is one from the stated step even if no block was made in it", () => {
    adopt(admit());
    at(STEP + DELAY + 4);
    applyDue(ctx);
    expect(ctx.draft.get("member", key(3))?.joined).toBe(STEP + DELAY);
    expect(allocationsOf(ctx.draft).map((a) => a.from)).toEqual([0, STEP + DELAY]);
  });

  it("adopted twice is one member", () => {
    adopt(admit(), 1);
    adopt(admit({ weight: 9 }), 2);
    at(STEP + DELAY);
    applyDue(ctx);
    expect([memberCount(), ctx.draft.scan("proposal").length]).toEqual([4, 0]);
  });

  it("comes after those adopted before it, though all wait for one block", () => {
    const keys = keysOf(4);
    const later = { key: keys.memberKey, blsKey: keys.blsKey, blsProof: keys.blsProof, weight: 7 };
    adopt(admit(), 9);
    at(STEP + 1);
    adopt(admit(later), 2);
    at(STEP + DELAY + 5);
    applyDue(ctx);
    expect(ctx.draft.get("member", key(4))?.key).toBe(keys.memberKey);
    expect(allocationsOf(ctx.draft).map((a) => [a.from, a.weights.map((w) => w.weight)])).toEqual([
      [0, [1, 1, 1]],
      [STEP + DELAY, [1, 1, 1, 5]],
      [STEP + DELAY + 1, [1, 1, 1, 5, 7]],
    ]);
  });
});

describe("an adopted generator", () => {
  it("begins at register 0 in the stated step", () => {
    adopt(register());
    at(STEP + DELAY);
    applyDue(ctx);
    expect(ctx.draft.get("generator", key(1))).toEqual({ terms: meter, joined: STEP + DELAY, register: mwh(0) });
  });
});

describe("the voters", () => {
  const approved = (member: number, step: number | null): void => {
    const row = ctx.draft.get("member", key(member));
    if (row) ctx.draft.put("member", key(member), { ...row, approved: step === null ? null : stepIndex(step) });
  };

  it("are those whose approval the chain carried within the activity window; each change is a new set", () => {
    for (const m of [0, 1, 2]) approved(m, m === 2 ? 100 : 101);
    at(772);
    updateVoters(ctx);
    expect(ctx.draft.get("voters", "")).toMatchObject({ set: 0, members: [0, 1, 2] });
    at(773);
    updateVoters(ctx);
    expect(ctx.draft.get("voters", "")).toEqual({ set: 1, since: 773, members: [0, 1], quorum: 2 });
    approved(2, 773);
    updateVoters(ctx);
    expect(ctx.draft.get("voters", "")).toEqual({ set: 2, since: 773, members: [0, 1, 2], quorum: 2 });
  });

  it("are never nobody", () => {
    at(5_000);
    updateVoters(ctx);
    expect(ctx.draft.get("voters", "")).toMatchObject({ set: 0, members: [0, 1, 2] });
  });
});
