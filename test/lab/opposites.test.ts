/**
 * Two members who agreed on opposite voting keys (PROTOCOL.md §9): each proves possession, each vote is true, and
 * together they are nothing. A block cannot carry the two alone; nobody stumbles over them.
 */
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { describe, expect, it } from "vitest";
import { blsProve, blsPublicKey } from "../../worker/base/bls.ts";
import { toHex } from "../../worker/base/bytes.ts";
import type { MemberKeys } from "../../worker/base/keys.ts";
import { memberKeys } from "../../worker/lab/community.ts";
import { Trial } from "./trial.ts";

const { Fr } = bls12_381.fields;
/** Member 1 votes with minus the secret of member 0. */
const keysOf = (i: number): MemberKeys => {
  const keys = memberKeys("opposites", i);
  if (i !== 1) return keys;
  const blsSecret = Fr.toBytes(Fr.neg(BigInt(`0x${toHex(memberKeys("opposites", 0).blsSecret)}`)));
  return { ...keys, blsSecret, blsKey: blsPublicKey(blsSecret), blsProof: blsProve(blsSecret) };
};

describe("two members with opposite voting keys", () => {
  it.each([
    { absent: [], who: "all three" },
    { absent: [2], who: "the two of them alone" },
  ])("$who online: every step has its block, all blocks become final", async ({ absent }) => {
    const trial = await Trial.begin({ members: 3, owners: [0], keysOf, absent });
    await trial.until(6);
    for (const { chain } of trial.cores) {
      expect(chain.final.header.step).toBeGreaterThanOrEqual(5);
      expect(chain.head.header.height).toBe(chain.head.header.step);
    }
    expect(new Set(trial.heads).size).toBe(1);
    expect(trial.witness.faults).toEqual([]);
  });
});
