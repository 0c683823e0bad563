/**
 * Ideal BLS signatures, for runs in the lab only: a signature is a hash under the secret, and whoever verifies looks the
 * secret up in the register of the run. Unforgeable inside the run, unique, and they add up, as the true ones do; but they
 * cost a thousandth. Soak runs use them; every scenario also runs with true ones.
 */
import { BLS_SIGNATURE_BYTES } from "../../base/bls.ts";
import type { Bls, BlsSecret } from "../../base/bls-scheme.ts";
import { equalBytes, fromHex, toHex } from "../../base/bytes.ts";
import { taggedHash } from "../../base/hash.ts";
import type { MemberKeys } from "../../base/keys.ts";
import { memo } from "../../base/memo.ts";
import { assert } from "../../base/result.ts";
import type { BlsKey } from "../../base/units.ts";

/** Byte by byte modulo 256: a group, as the curve's points are. */
const sum = (signatures: readonly Uint8Array[]): Uint8Array => {
  const out = new Uint8Array(BLS_SIGNATURE_BYTES);
  for (const signature of signatures) for (let i = 0; i < out.length; i++) out[i] = (out[i] ?? 0) + (signature[i] ?? 0);
  return out;
};

export const idealBls = (members: readonly MemberKeys[]): Bls => {
  const secrets = new Map<BlsKey, BlsSecret>(members.map((m) => [m.blsKey, m.blsSecret]));
  const made = memo<Uint8Array>(8_192, (name) => {
    const [secret = "", message = ""] = name.split("/");
    const out = new Uint8Array(BLS_SIGNATURE_BYTES);
    out.set(taggedHash("lab-ideal", fromHex(secret), fromHex(message)));
    return out;
  });
  const sign = (message: Uint8Array, secret: BlsSecret): Uint8Array =>
    made(`${toHex(secret)}/${toHex(message)}`).slice();
  const of = (key: BlsKey, message: Uint8Array): Uint8Array | undefined => {
    const secret = secrets.get(key);
    return secret && sign(message, secret);
  };
  const verify: Bls["verify"] = ({ keys, message, signature }) => {
    const shares = keys.map((key) => of(key, message));
    return shares.length > 0 && shares.every((s) => s !== undefined) && equalBytes(sum(shares), signature);
  };
  return {
    sign,
    prove: (key, secret) => sign(taggedHash("lab-possession", fromHex(key)), secret),
    verify,
    verifyPossession: (key, proof) =>
      verify({ keys: [key], message: taggedHash("lab-possession", fromHex(key)), signature: proof }),
    aggregate: (signatures) => {
      assert(signatures.length > 0, "bls: nothing to aggregate");
      assert(
        signatures.every((s) => s.length === BLS_SIGNATURE_BYTES),
        "bls: only verified signatures are aggregated",
      );
      return sum(signatures);
    },
    verifyMany: (jobs) => jobs.map(verify),
  };
};
