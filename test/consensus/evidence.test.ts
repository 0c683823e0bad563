/** Something to stake (§IV.C): two contradicting statements of one member, what counts as such, and what it costs. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { blsSign, blsVerify } from "../../worker/base/bls.ts";
import { verify } from "../../worker/base/ed25519.ts";
import { toHex } from "../../worker/base/bytes.ts";
import { decode, encode } from "../../worker/base/codec.ts";
import { memberIndex, mwh, stepIndex, type Hash, type TxId } from "../../worker/base/units.ts";
import { MAX_MEMBERS } from "../../worker/community/repartition.ts";
import { signHeader, type Header } from "../../worker/consensus/block.ts";
import { checksOfBlock, checksOfTx } from "../../worker/consensus/checks.ts";
import {
  caseOfHeaders,
  caseOfVotes,
  caseOfWinners,
  type SignedHeader,
  type SignedWinner,
} from "../../worker/consensus/evidence.ts";
import { voteCodec, voteMessage, type Target, type Vote } from "../../worker/consensus/vote.ts";
import { key } from "../../worker/ledger/rows.ts";
import { FAULTS, signTx, txCodec, type Evidence, type Tx, type Winner } from "../../worker/ledger/transaction.ts";
import { adopt, leave, pardon, rotate, rowOf } from "../ledger/decisions.ts";
import { codeOf, keysOf, valueOf, worldOf, type World } from "../ledger/worlds.ts";
import { ChainMaker, unsigned } from "./chain-maker.ts";

const OFFENDER = 1;
const REPORTER = 2;
let world: World;
let chain: ChainMaker;
beforeAll(() => {
  world = worldOf({ members: 3, owners: [0], weights: [1, 1, 1], change: { feePpm: 100_000 } });
});
beforeEach(() => {
  chain = new ChainMaker(world);
});

const hash = (n: number): Hash => n.toString(16).padStart(64, "0") as Hash;
/** A header that the offender signs: what it says beyond step and miner does not matter. */
const headerOf = (n: number, over: Partial<Header> = {}): SignedHeader => {
  const header = { ...chain.parent, step: stepIndex(1), miner: memberIndex(OFFENDER), beacon: hash(n), ...over };
  return { header, signature: signHeader(header, keysOf(header.miner).memberSecret) };
};
const voteOf = (over: Partial<Target & { member: number; by: number }> = {}): Vote => {
  const { member = OFFENDER, by = member, ...rest } = over;
  const target: Target = { set: 0, round: 3, kind: "approval", step: stepIndex(1), block: hash(1), ...rest };
  const signature = blsSign(voteMessage(world.community, target), keysOf(by).blsSecret);
  return { ...target, member: memberIndex(member), signature };
};
/** A winner transaction of the offender's: whether its ranking is right does not matter. */
const winnerOf = (ranking: readonly number[], over: Partial<Winner> & { community?: Hash } = {}): SignedWinner => {
  const { community = world.community, ...rest } = over;
  const body = {
    kind: "winner",
    member: memberIndex(OFFENDER),
    step: stepIndex(1),
    parent: hash(1),
    beacon: chain.parent.beacon,
    candidacies: [],
    draw: new Uint8Array(48),
    ranking: ranking.map(memberIndex),
    ...rest,
  } as const;
  return { ...signTx(body, body.member, community, keysOf(body.member).memberSecret), body };
};
type Case = Omit<Evidence, "member">;
const report = (found: Case, over: Partial<Evidence> = {}): Tx & { body: { kind: "evidence" } & Evidence } => {
  const body = { kind: "evidence", member: memberIndex(REPORTER), ...found, ...over } as const;
  return { ...unsigned(body, body.member), body };
};
const twoBlocks = (): Case => caseOfHeaders(headerOf(1), headerOf(2));
const twoVotes = (kind: Target["kind"] = "approval", over: Partial<Target> = {}): Case =>
  caseOfVotes(voteOf({ kind, ...over }), voteOf({ kind, ...over, block: hash(2) }));
const twoWinners = (): Case => caseOfWinners(winnerOf([0, 2]), winnerOf([2, 0]));
const code = (tx: Tx, step = 2): string => codeOf(chain.try(step, [tx]));
const cases: readonly (readonly [string, () => Case])[] = [
  ["two headers of one step", twoBlocks],
  ["two different approvals of one round", () => twoVotes("approval")],
  ["two different confirmations of one round", () => twoVotes("confirmation")],
  ["two winner transactions of one parent and step", twoWinners],
];

describe.each(cases)("%s", (_, found) => {
  it("bar who signed them, from the block's step on, and convict it", () => {
    chain.grow(2, [report(found())]);
    expect(rowOf(chain, OFFENDER)).toMatchObject({ barred: 2, convicted: true });
    expect(codeOf(chain.try(3, [chain.candidacy(3, { member: OFFENDER })]))).toBe("barred");
    expect(chain.state.get("incident", key(2))).toEqual({
      owed: [],
      evidence: [{ offender: OFFENDER, fault: found().fault, reporter: REPORTER, confiscated: 0 }],
    });
  });

  it("are told once: again, or with other statements, is no news", () => {
    chain.grow(2, [report(found())]);
    expect(code(report(found()), 3)).toBe("evidence-known");
    expect(code(report(found(), { member: memberIndex(0) }), 3)).toBe("evidence-known");
    expect(code(report(caseOfHeaders(headerOf(8), headerOf(9))), 3)).toBe("evidence-known");
    expect(codeOf(new ChainMaker(world).try(2, [report(found()), report(found())]))).toBe("evidence-known");
  });

  it("are spent with a pardon; what is signed after it counts again", () => {
    chain.grow(2, [report(found())]);
    adopt(chain, 3, pardon(OFFENDER));
    chain.grow(4);
    expect(rowOf(chain, OFFENDER)).toMatchObject({ barred: null, convicted: false, pardoned: 4 });
    expect(code(report(found()), 5)).toBe("evidence-known");
    const at = { step: stepIndex(4) };
    expect(code(report(caseOfHeaders(headerOf(1, at), headerOf(2, at))), 5)).toBe("evidence-known");
    const later = { step: stepIndex(5) };
    chain.grow(6, [report(caseOfHeaders(headerOf(1, later), headerOf(2, later)))]);
    expect(rowOf(chain, OFFENDER)).toMatchObject({ barred: 6, convicted: true });
  });

  it("are evidence also when they name the step of the genesis: nobody is pardoned before a pardon", () => {
    const at = { step: stepIndex(0) };
    chain.grow(2, [report(caseOfHeaders(headerOf(1, at), headerOf(2, at)))]);
    expect(rowOf(chain, OFFENDER)).toMatchObject({ barred: 2, convicted: true, pardoned: null });
  });

  it("are told by somebody else than who signed them", () => {
    expect(code(report(found(), { member: memberIndex(OFFENDER) }))).toBe("evidence-own");
  });

  it("stand in one order only", () => {
    const { first, second, ...rest } = report(found()).body;
    expect(code(report({ ...rest, first: second, second: first }))).toBe("evidence-order");
    expect(code(report({ ...rest, first, second: first }))).toBe("evidence-order");
  });

  it("are nothing against anybody else, nor of an unknown", () => {
    expect(code(report(found(), { offender: memberIndex(0) }))).toBe("evidence-none");
    expect(code(report(found(), { offender: memberIndex(7) }))).toBe("member-unknown");
  });

  it("are nothing under another name of the fault", () => {
    for (const fault of FAULTS) expect(chain.try(2, [report(found(), { fault })]).ok).toBe(fault === found().fault);
  });

  it("that no codec reads are refused", () => {
    const good = found();
    const cut = { ...good, first: good.first.subarray(0, good.first.length - 1) };
    const longer = { ...good, second: Uint8Array.of(...good.second, 0) };
    for (const bad of [cut, longer]) expect(code(report(bad))).toBe("malformed");
  });

  it("rest on three signatures: the reporter's and both statements'; a false one in any of them is found", () => {
    const { body } = report(found());
    const verdicts = (tx: Tx): boolean[] => {
      const { ed25519, bls } = valueOf(checksOfTx(chain.state, world.community, tx));
      return [...ed25519.map(verify), ...bls.map(blsVerify)];
    };
    const signed = signTx(body, REPORTER, world.community, keysOf(REPORTER).memberSecret);
    expect(verdicts(signed)).toEqual([true, true, true]);
    expect(verdicts(signTx(body, REPORTER, world.community, keysOf(0).memberSecret))).toEqual([false, true, true]);
    for (const at of ["first", "second"] as const) {
      // The signature is the last of a statement.
      const forged = Uint8Array.from(body[at]);
      forged[forged.length - 20] = (forged[forged.length - 20] ?? 0) ^ 1;
      const other = { ...body, [at]: forged };
      const good = verdicts(signTx(other, REPORTER, world.community, keysOf(REPORTER).memberSecret));
      expect(good).toEqual([true, at !== "first", at !== "second"]);
    }
    const block = chain.block(2, [signed]);
    const checks = valueOf(checksOfBlock(chain.state, world.community, chain.parent, block));
    expect(checks.ed25519.length + checks.bls.length).toBe(5);
  });
});

describe("no evidence is", () => {
  const none: readonly (readonly [string, () => Case])[] = [
    ["a block of two steps", () => caseOfHeaders(headerOf(1), headerOf(2, { step: stepIndex(2) }))],
    ["blocks of two members", () => caseOfHeaders(headerOf(1), headerOf(2, { miner: memberIndex(0) }))],
    ["a block of another community", () => caseOfHeaders(headerOf(1), headerOf(2, { community: hash(3) }))],
    [
      "two blocks of another community",
      () => caseOfHeaders(headerOf(1, { community: hash(3) }), headerOf(2, { community: hash(3) })),
    ],
    [
      "one block signed twice",
      () => caseOfHeaders(headerOf(1), { ...headerOf(1), signature: new Uint8Array(64).fill(7) }),
    ],
    ["votes of two rounds", () => caseOfVotes(voteOf(), voteOf({ round: 4, block: hash(2) }))],
    ["votes of two sets", () => caseOfVotes(voteOf(), voteOf({ set: 1, block: hash(2) }))],
    ["an approval and a confirmation", () => caseOfVotes(voteOf(), voteOf({ kind: "confirmation", block: hash(2) }))],
    ["votes of two members", () => caseOfVotes(voteOf(), voteOf({ member: 0, block: hash(2) }))],
    ["one vote with two signatures", () => caseOfVotes(voteOf(), voteOf({ by: 0 }))],
    ["winners of two steps", () => caseOfWinners(winnerOf([0]), winnerOf([2], { step: stepIndex(2) }))],
    ["winners on two parents", () => caseOfWinners(winnerOf([0]), winnerOf([2], { parent: hash(2) }))],
    ["winners of two members", () => caseOfWinners(winnerOf([0]), winnerOf([2], { member: memberIndex(0) }))],
    [
      "one winner signed twice",
      () => caseOfWinners(winnerOf([0]), { ...winnerOf([0]), signature: new Uint8Array(64).fill(7) }),
    ],
    ["a winner that names another signer", () => caseOfWinners(winnerOf([0]), { ...winnerOf([2]), signer: 0 })],
  ];
  it.each(none)("%s", (_, found) => {
    const { offender: __, ...rest } = found();
    expect(code(report({ ...rest, offender: memberIndex(OFFENDER) }))).toBe("evidence-none");
  });

  it("a vote that is a header, or a header that is a vote", () => {
    expect(code(report({ ...twoVotes(), fault: "two-blocks" }))).toBe("malformed");
    expect(code(report({ ...twoBlocks(), fault: "two-approvals" }))).toBe("malformed");
  });

  it("two candidacies, or two winners of another community", () => {
    const [a, b] = [1, 2].map((step) =>
      encode(
        txCodec,
        signTx(
          chain.candidacy(step, { member: OFFENDER }).body,
          OFFENDER,
          world.community,
          keysOf(OFFENDER).memberSecret,
        ),
      ),
    ) as [Uint8Array, Uint8Array];
    const [first, second] = toHex(a) < toHex(b) ? [a, b] : [b, a];
    expect(code(report({ ...twoWinners(), first, second }))).toBe("evidence-none");
    const elsewhere = { community: hash(3) };
    const found = caseOfWinners(winnerOf([0, 2], elsewhere), winnerOf([2, 0], elsewhere));
    expect(
      valueOf(checksOfTx(chain.state, world.community, report(found)))
        .ed25519.slice(1)
        .map(verify),
    ).toEqual([false, false]);
  });
});

describe("a winner transaction", () => {
  it("of as many candidates as there may be members still fits into evidence", () => {
    const candidacies = Array.from({ length: MAX_MEMBERS }, (_, i) => hash(i + 1) as unknown as TxId);
    const all = Array.from({ length: MAX_MEMBERS }, (_, i) => i);
    const found = caseOfWinners(winnerOf(all, { candidacies }), winnerOf(all.toReversed(), { candidacies }));
    const tx = report(found);
    expect(valueOf(decode(txCodec, encode(txCodec, tx), "evidence"))).toEqual(tx);
    chain.grow(2, [tx]);
    expect(rowOf(chain, OFFENDER).convicted).toBe(true);
  });
});

describe("votes", () => {
  it("for one block under two steps contradict each other: an honest voter knows its step", () => {
    chain.grow(2, [report(caseOfVotes(voteOf(), voteOf({ step: stepIndex(0) })))]);
    expect(rowOf(chain, OFFENDER).convicted).toBe(true);
  });

  it("of the old key are evidence still, in the old key's sets; of a key long gone they are not", () => {
    const old = twoVotes();
    const set1 = (by: number): Case => caseOfVotes(voteOf({ set: 1, by }), voteOf({ set: 1, by, block: hash(2) }));
    adopt(chain, 1, rotate(OFFENDER, 4));
    chain.grow(2);
    const keysFor = (found: Case): boolean =>
      valueOf(checksOfTx(chain.state, world.community, report(found))).bls.every(blsVerify);
    expect([keysFor(old), keysFor(set1(OFFENDER)), keysFor(set1(4))]).toEqual([true, false, true]);
    adopt(chain, 3, rotate(OFFENDER, 5));
    chain.grow(4);
    expect(codeOf(checksOfTx(chain.state, world.community, report(old)))).toBe("evidence-old");
    expect(code(report(old), 5)).toBe("evidence-old");
  });

  it("are read back to what they were", () => {
    const vote = voteOf();
    expect(voteCodec.decode(encode(voteCodec, vote))).toEqual(vote);
  });
});

describe("the fees", () => {
  /** Blocks with a fee of 10 % each; answers their miners. */
  const earn = (steps: readonly number[]): number[] =>
    steps.map((step, n) => {
      const [g, t] = chain.supply(0, step, 300, n * 300);
      return chain.grow(step, [g, t, chain.distribution(step, [t], 300)]).block.header.miner;
    });
  const meters = (): number[] => [0, 1, 2].map((m) => rowOf(chain, m).meter);

  it("held back for the offender go to the reporter at once, of all its blocks, and no meter falls", () => {
    const miners = earn([1, 2, 3, 4, 5, 6]);
    const offender = memberIndex(miners[0] ?? 0);
    const reporter = memberIndex((offender + 1) % 3);
    const held = 30 * miners.filter((m) => m === offender).length;
    const before = meters();
    const at = { miner: offender };
    const found = caseOfHeaders(headerOf(1, at), headerOf(2, at));
    const waiting = chain.state.scan("reward").length;
    const { header } = chain.grow(7, [report(found, { member: reporter })]).block;
    expect(meters()).toEqual(before.map((v, m) => v + (m === reporter ? held : 0)));
    expect(chain.state.scan("reward").every(([, r]) => r.miner !== offender)).toBe(true);
    expect(chain.state.scan("reward").length).toBe(waiting - held / 30);
    expect(chain.state.get("incident", key(7))?.evidence[0]?.confiscated).toBe(held);
    expect(header.step).toBe(7);
    // Everybody's own is paid in time: all that was generated is on the meters.
    chain.grow(30);
    expect(meters().reduce((a, b) => a + b)).toBe(6 * 300);
    for (const step of [1, 2, 3, 4, 5, 6])
      expect(chain.state.get("book", key(step))?.shares.reduce((a, s) => a + s.mwh, 0)).toBe(mwh(300));
  });

  it("that have been paid are the offender's: only what is held back can be confiscated", () => {
    const [miner] = earn([1]) as [number];
    chain.grow(17);
    expect(meters()[miner]).toBe(120);
    const found = caseOfHeaders(headerOf(1, { miner: memberIndex(miner) }), headerOf(2, { miner: memberIndex(miner) }));
    chain.grow(18, [report(found, { member: memberIndex((miner + 1) % 3) })]);
    expect(chain.state.get("incident", key(18))?.evidence[0]?.confiscated).toBe(0);
    expect(meters()[miner]).toBe(120);
  });

  it("of others are not touched, and a member that left may still be reported", () => {
    const miners = earn([1, 2, 3]);
    const offender = memberIndex([0, 1, 2].find((m) => !miners.includes(m)) ?? miners[0] ?? 0);
    const rest = chain.state.scan("reward").filter(([, r]) => r.miner !== offender);
    chain.grow(4, chain.ballot(4, leave(offender), offender, []));
    const found = caseOfHeaders(headerOf(1, { miner: offender }), headerOf(2, { miner: offender }));
    chain.grow(5, [report(found, { member: memberIndex((offender + 1) % 3) })]);
    expect(rowOf(chain, offender)).toMatchObject({ left: 5, convicted: true });
    expect(chain.state.scan("reward")).toEqual(rest);
  });
});

describe("who is barred by strikes already", () => {
  it("can be convicted still, since its fees are still held back; the bar is of the earlier step", () => {
    const draft = chain.context(1).draft;
    draft.put("member", key(OFFENDER), { ...rowOf(chain, OFFENDER), strikes: 3, barred: stepIndex(1) });
    chain.state.apply(draft.delta());
    chain.grow(3, [report(twoBlocks())]);
    expect(rowOf(chain, OFFENDER)).toMatchObject({ barred: 1, convicted: true });
  });
});
