/** Voters from one set to another, and what a certificate must look like before its signatures are asked (PROTOCOL.md §8). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BlsKey, Hash, MemberIndex, StepIndex } from "../../worker/base/units.ts";
import { decode, encode } from "../../worker/base/codec.ts";
import { hashOf, type Header } from "../../worker/consensus/block.ts";
import {
  applyChange,
  changeOf,
  hopCodec,
  jobsOfCertificate,
  jobsOfHop,
  rootOfVoters,
  votersAfter,
  type Certificate,
  type VoterSet,
} from "../../worker/consensus/certificate.ts";
import { bitfieldOf, voteMessage, type VoteGroup } from "../../worker/consensus/vote.ts";

const keyOf = (n: number): BlsKey => n.toString(16).padStart(192, "0") as BlsKey;
const setOf = (set: number, members: ReadonlyMap<number, number>, quorum: number): VoterSet => ({
  set,
  quorum,
  voters: [...members]
    .toSorted(([a], [b]) => a - b)
    .map(([member, n]) => ({ member: member as MemberIndex, key: keyOf(n) })),
});
const members = fc
  .array(fc.tuple(fc.nat(40), fc.nat(200)), { minLength: 1, maxLength: 30 })
  .map((pairs) => new Map(pairs));

describe("a change of the voters", () => {
  it("leads from one set exactly to the other, whoever came, went or took a new key", () => {
    fc.assert(
      fc.property(members, members, fc.nat(9), (a, b, quorum) => {
        const [from, to] = [setOf(3, a, 2), setOf(7, b, quorum)];
        const after = applyChange(from, changeOf(from, to));
        expect(after).toEqual({ ok: true, value: to });
      }),
    );
  });

  it("has one form: what is unordered, or says what is known, is refused", () => {
    const from = setOf(
      0,
      new Map([
        [1, 1],
        [2, 2],
        [5, 5],
      ]),
      2,
    );
    const voter = (member: number, n: number) => ({ member: member as MemberIndex, key: keyOf(n) });
    const change = { set: 1, quorum: 2, gone: [], come: [] };
    const refused = [
      { ...change, gone: [2, 1] as MemberIndex[] },
      { ...change, gone: [1, 1] as MemberIndex[] },
      { ...change, gone: [4] as MemberIndex[] },
      { ...change, come: [voter(2, 2)] },
      { ...change, come: [voter(7, 7), voter(6, 6)] },
      { ...change, gone: [1] as MemberIndex[], come: [voter(1, 9)] },
      { ...change, set: 0, gone: [1] as MemberIndex[] },
    ];
    for (const wrong of refused) expect(applyChange(from, wrong)).toMatchObject({ error: { code: "voters-change" } });
  });
});

const COMMUNITY = "c0".repeat(32) as Hash;
const NIL = "00".repeat(32) as Hash;
/** A block on another one, after which these vote; `salt` tells blocks of one place apart. */
const blockOn = (parent: Header | null, voters: VoterSet, salt = 0): Header => ({
  version: 1,
  community: COMMUNITY,
  step: ((parent?.step ?? 9) + 1) as StepIndex,
  height: (parent?.height ?? 4) + 1,
  parent: parent === null ? NIL : hashOf(parent),
  rank: salt,
  miner: 0 as MemberIndex,
  txRoot: NIL,
  stateRoot: NIL,
  historyRoot: NIL,
  votersRoot: rootOfVoters(voters),
  beacon: NIL,
  votesRoot: NIL,
});
const votesFor = (block: Header, members: readonly number[], change: Partial<VoteGroup> = {}): VoteGroup => ({
  set: 3,
  round: 2,
  kind: "confirmation",
  step: block.step,
  block: hashOf(block),
  voters: bitfieldOf(members as MemberIndex[]),
  signature: new Uint8Array(48),
  ...change,
});
/** Members 0 to n − 1, each with the key of its number unless told. */
const first = (set: number, n: number, quorum: number, rotated: ReadonlyMap<number, number> = new Map()): VoterSet =>
  setOf(set, new Map(Array.from({ length: n }, (_, m) => [m, rotated.get(m) ?? m + 1])), quorum);

describe("a certificate", () => {
  const trusted = first(3, 5, 3);
  const block = blockOn(null, trusted);
  const [child, other] = [blockOn(block, trusted, 1), blockOn(block, trusted, 2)];
  const grandchild = blockOn(child, trusted);
  const good: Certificate = { header: block, above: [child], votes: [votesFor(block, [0, 3]), votesFor(child, [1])] };
  const isTaken = (certificate: Certificate, voters = trusted): boolean =>
    jobsOfCertificate(voters, COMMUNITY, certificate).ok;

  it("asks for each target whether those it names signed it, with the keys that are trusted", () => {
    expect(jobsOfCertificate(trusted, COMMUNITY, good)).toEqual({
      ok: true,
      value: good.votes.map((group, i) => ({
        keys: i === 0 ? [keyOf(1), keyOf(4)] : [keyOf(2)],
        message: voteMessage(COMMUNITY, group),
        signature: group.signature,
      })),
    });
  });

  it("counts confirmations of a quorum in one round of the set that judges, each for the block or one above it", () => {
    expect(isTaken({ header: block, above: [], votes: [votesFor(block, [0, 1, 2])] })).toBe(true);
    const single = (change: Partial<VoteGroup>): Certificate => ({
      header: block,
      above: [],
      votes: [votesFor(block, [0, 1, 2], change)],
    });
    const pair = (change: Partial<VoteGroup>): Certificate => ({
      ...good,
      votes: [votesFor(block, [0, 3]), votesFor(child, [1], change)],
    });
    const tall = { header: block, above: [child, grandchild] };
    const foreign = { ...block, community: NIL };
    expect(isTaken({ ...tall, votes: [votesFor(block, [0]), votesFor(child, [1]), votesFor(grandchild, [2])] })).toBe(
      true,
    );
    const wrong: readonly (readonly [string, Certificate])[] = [
      ["no votes", { ...good, votes: [] }],
      ["fewer than a quorum", { ...good, votes: [votesFor(block, [0]), votesFor(child, [1])] }],
      ["somebody twice", { ...good, votes: [votesFor(block, [0, 1, 2]), votesFor(child, [1])] }],
      ["somebody who does not vote", { ...good, votes: [votesFor(block, [0, 1, 2]), votesFor(child, [9])] }],
      ["a group of nobody", { ...good, votes: [votesFor(block, [0, 1, 2]), votesFor(child, [])] }],
      ["a bitfield of two forms", single({ voters: Uint8Array.of(7, 0) })],
      ["approvals", single({ kind: "approval" })],
      ["an approval among confirmations", pair({ kind: "approval" })],
      ["another set", single({ set: 4 })],
      ["an earlier set", single({ set: 2 })],
      ["two sets", pair({ set: 4 })],
      ["two rounds", pair({ round: 3 })],
      ["another step than the block's", single({ step: (block.step + 1) as StepIndex })],
      ["a block beside", { ...tall, votes: [votesFor(block, [0]), votesFor(other, [1]), votesFor(grandchild, [2])] }],
      [
        "a block below",
        { header: child, above: [grandchild], votes: [votesFor(block, [0, 1]), votesFor(grandchild, [2])] },
      ],
      ["another community", { header: foreign, above: [], votes: [votesFor(foreign, [0, 1, 2])] }],
    ];
    for (const [what, certificate] of wrong) expect([what, isTaken(certificate)]).toEqual([what, false]);
  });

  it("shows a line of blocks of which each names the one below, with its height, a later step and the same community", () => {
    const on = (change: Partial<Header>): Certificate => {
      const top = { ...child, ...change };
      return { header: block, above: [top], votes: [votesFor(top, [0, 1, 2])] };
    };
    expect(isTaken(on({}))).toBe(true);
    for (const change of [{ parent: NIL }, { height: 7 }, { step: block.step }, { community: NIL }])
      expect([change, isTaken(on(change))]).toEqual([change, false]);
  });

  it("has one form: a group a block, from the lowest up, and no block above the highest that has one", () => {
    const [low, high] = good.votes as [VoteGroup, VoteGroup];
    const wrong: Certificate[] = [
      { ...good, votes: [high, low] },
      { ...good, votes: [votesFor(block, [0]), votesFor(block, [3]), high] },
      { ...good, above: [child, grandchild] },
      { header: block, above: [child], votes: [votesFor(block, [0, 1, 2])] },
    ];
    for (const certificate of wrong) expect(isTaken(certificate)).toBe(false);
  });

  it("is nothing to throw at, whatever its bytes", () => {
    const raw = encode(hopCodec, { certificate: good, next: changeOf(trusted, first(4, 6, 4)) });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(raw.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }), (edits) => {
        const bytes = raw.slice();
        for (const [at, byte] of edits) bytes[at] = byte;
        const read = decode(hopCodec, bytes, "hop");
        const judged = read.ok ? jobsOfHop(trusted, COMMUNITY, read.value) : read;
        expect(typeof judged.ok).toBe("boolean");
      }),
      { numRuns: 500 },
    );
  });
});

describe("a hop", () => {
  const trusted = first(3, 5, 3);
  const block = blockOn(null, trusted);
  const hop = (from: VoterSet, to: VoterSet, set: number, signers: readonly number[], header?: Header) => {
    const on = header ?? blockOn(null, to);
    const certificate = { header: on, above: [], votes: [votesFor(on, signers, { set })] };
    return { certificate, next: from.set === to.set ? null : changeOf(from, to) };
  };
  const verdict = (from: VoterSet, to: VoterSet, set: number, signers: readonly number[], header?: Header): string => {
    const judged = jobsOfHop(from, COMMUNITY, hop(from, to, set, signers, header));
    return judged.ok ? `${judged.value.voters.set}` : judged.error.code;
  };

  it("leads to the voters that its block names: the same, or those to whom the trusted ones hand over", () => {
    expect(verdict(trusted, trusted, 3, [0, 1, 2])).toBe("3");
    expect(verdict(trusted, first(4, 6, 4), 3, [0, 1, 2])).toBe("4");
    expect(verdict(trusted, first(4, 6, 4), 3, [0, 1, 2], block)).toBe("voters-false");
    expect(votersAfter(trusted, hop(trusted, first(4, 6, 4), 3, [0, 1, 2], block)).ok).toBe(false);
  });

  it("over hand-overs that are skipped takes a quorum of the trusted voters and a quorum of those who judged", () => {
    expect(verdict(trusted, first(6, 7, 4), 6, [0, 1, 2, 3])).toBe("6");
    // Two of three founders confirm what two of a hundred may: nothing is final by that.
    const founders = first(0, 3, 2);
    expect(verdict(founders, first(6, 100, 51), 6, [0, 1, 2])).toBe("certificate-false");
    // The community has asked for a higher quorum since.
    expect(verdict(trusted, first(6, 5, 4), 6, [0, 1, 2])).toBe("certificate-false");
    // Or it has shrunk: so few of the trusted may all be liars.
    expect(verdict(first(3, 9, 5), first(6, 3, 2), 6, [0, 1, 2])).toBe("certificate-false");
  });

  it("then counts nobody who has left, who is new, or who has another key by now", () => {
    expect(verdict(trusted, first(6, 4, 3), 6, [0, 1, 4])).toBe("certificate-false");
    expect(verdict(trusted, first(6, 6, 3), 6, [0, 1, 5])).toBe("certificate-false");
    expect(verdict(trusted, first(6, 5, 3, new Map([[2, 77]])), 6, [0, 1, 2])).toBe("certificate-false");
    expect(verdict(trusted, first(6, 5, 3, new Map([[2, 77]])), 6, [0, 1, 3])).toBe("6");
  });

  it("never leads over the end of a set that others judged, nor back to an earlier one", () => {
    expect(verdict(trusted, first(7, 5, 3), 6, [0, 1, 2])).toBe("certificate-false");
    expect(verdict(trusted, trusted, 6, [0, 1, 2])).toBe("certificate-false");
    expect(verdict(trusted, first(2, 5, 2), 3, [0, 1, 2])).toBe("voters-change");
    expect(verdict(trusted, first(2, 5, 2), 2, [0, 1, 2])).toBe("voters-change");
    expect(verdict(trusted, first(4, 6, 4), 2, [0, 1, 2])).toBe("certificate-false");
  });
});

describe("the root of the voters", () => {
  it("tells sets apart by number, quorum, members and keys", () => {
    fc.assert(
      fc.property(members, members, fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3), (a, b, s, t, p, q) => {
        const [one, other] = [setOf(s, a, p), setOf(t, b, q)];
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(rootOfVoters(one) === rootOfVoters(other)).toBe(same);
      }),
    );
  });
});
