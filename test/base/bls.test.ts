/** draft-irtf-cfrg-bls-signature on noble: the acceptance suite, and the keys that only noble makes. */
import { describe, expect, it } from "vitest";
import { blsProve, blsPublicKey, blsSecretFrom, blsVerifyPossession, nobleBls } from "../../worker/base/bls.ts";
import { fromHex, toHex } from "../../worker/base/bytes.ts";
import { describeBls } from "../contracts/bls.ts";
import vectors from "../vectors/bls.json" with { type: "json" };

describeBls("noble", nobleBls);

describe("a secret", () => {
  it.each(vectors.keygen.cases)("KeyGen of $seed", ({ seed, secret }) => {
    expect(BigInt(`0x${toHex(blsSecretFrom(fromHex(seed)))}`).toString()).toBe(secret);
  });

  it("needs 32 bytes of entropy", () => {
    expect(() => blsSecretFrom(new Uint8Array(31))).toThrow();
    expect(() => blsPublicKey(new Uint8Array(32))).toThrow();
  });

  it("proves possession of its own key", () => {
    const secret = blsSecretFrom(new Uint8Array(32).fill(1));
    expect(blsVerifyPossession(blsPublicKey(secret), blsProve(secret))).toBe(true);
  });
});
