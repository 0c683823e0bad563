/** Voters from one set to another, and what a certificate must look like before its signatures are asked (PROTOCOL.md §8). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BlsKey, MemberIndex } from "../../worker/base/units.ts";
import { applyChange, changeOf, rootOfVoters, type VoterSet } from "../../worker/consensus/certificate.ts";

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
    ];
    for (const wrong of refused) expect(applyChange(from, wrong)).toMatchObject({ error: { code: "voters-change" } });
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
