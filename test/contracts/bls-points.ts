/** Keys, votes and everything that only looks like one, for the acceptance suite of a Bls and its comparison with noble. */
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { BLS_KEY_BYTES, BLS_SIGNATURE_BYTES, blsPublicKey, blsSecretFrom, blsSign } from "../../worker/base/bls.ts";
import { fromHex, toHex, utf8ToBytes } from "../../worker/base/bytes.ts";
import type { BlsKey } from "../../worker/base/units.ts";

const G1 = bls12_381.G1.Point;
const G2 = bls12_381.G2.Point;
const { Fp, Fp2 } = bls12_381.fields;

export const at = <T>(list: readonly T[], i: number): T => {
  const item = list[i];
  if (item === undefined) throw new Error(`no item ${i}`);
  return item;
};

export const vote = utf8ToBytes("approve block 7");
export const secrets = Array.from({ length: 9 }, (_, i) => blsSecretFrom(new Uint8Array(32).fill(i + 1)));
export const keys = secrets.map(blsPublicKey);
export const votes = secrets.map((secret) => blsSign(vote, secret));

const compressed = (x: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i === 0 ? 0x80 : i === length - 1 ? x : 0));
/** An x from 1 on whose point is on the curve: the subgroup is so small a part of it that no small x is in there. */
const smallest = <P extends { isTorsionFree(): boolean }>(pointAt: (x: bigint) => P): { x: number; point: P } => {
  for (let x = 1; ; x++)
    try {
      const point = pointAt(BigInt(x));
      if (!point.isTorsionFree()) return { x, point };
    } catch {
      continue;
    }
};
const stray1 = smallest((x) => G1.fromAffine({ x, y: Fp.sqrt(Fp.add(Fp.pow(x, 3n), 4n)) }));
const stray2 = smallest((n) => {
  const x = Fp2.fromBigTuple([n, 0n]);
  return G2.fromAffine({ x, y: Fp2.sqrt(Fp2.add(Fp2.pow(x, 3n), Fp2.fromBigTuple([4n, 4n]))) });
});
export const straySignature = compressed(stray1.x, BLS_SIGNATURE_BYTES);
export const strayKey = toHex<BlsKey>(compressed(stray2.x, BLS_KEY_BYTES));
export const infinity = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i === 0 ? 0xc0 : 0));

/** noble itself would not write them down. */
const offSubgroup1 = (point: InstanceType<typeof G1>): Uint8Array => {
  const { x, y } = point.toAffine();
  const out = Fp.toBytes(x);
  out[0] = (out[0] ?? 0) | 0x80 | (2n * y > Fp.ORDER ? 0x20 : 0);
  return out;
};
const offSubgroup2 = (point: InstanceType<typeof G2>): Uint8Array => {
  const { x, y } = point.toAffine();
  const out = Uint8Array.of(...Fp.toBytes(x.c1), ...Fp.toBytes(x.c0));
  out[0] = (out[0] ?? 0) | 0x80 | (2n * (y.c1 === 0n ? y.c0 : y.c1) > Fp.ORDER ? 0x20 : 0);
  return out;
};

/** r times a stray: what is left of it outside the subgroup. Its order divides the cofactor. */
const lastScalar = bls12_381.fields.Fr.ORDER - 1n;
const torsion1 = stray1.point.multiplyUnsafe(lastScalar).add(stray1.point);
const torsion2 = stray2.point.multiplyUnsafe(lastScalar).add(stray2.point);

/** The same coordinate, written with the field's order added: 48 bytes from `from` on, flags left alone. */
const unreduced = (encoded: Uint8Array, from: number): Uint8Array => {
  const flags = from === 0 ? 0xe0 : 0;
  const field = encoded.slice(from, from + 48);
  field[0] = (field[0] ?? 0) & ~flags;
  const wide = BigInt(`0x${toHex(field)}`) + Fp.ORDER;
  const written = fromHex(wide.toString(16).padStart(96, "0"));
  if (((written[0] ?? 0) & flags) !== 0) throw new Error("no room beside the flags");
  const out = encoded.slice();
  out.set(written, from);
  out[from] = (written[0] ?? 0) | ((encoded[from] ?? 0) & flags);
  return out;
};
const fits = (encoded: Uint8Array): boolean => ((encoded[0] ?? 0) & 0x1f) < 5;
/** One that leaves room below the flags for the field's order. */
const roomySignature = (): Uint8Array => {
  for (let i = 0; ; i++) {
    const signature = blsSign(vote, blsSecretFrom(new Uint8Array(33).fill(i)));
    if (fits(signature)) return signature;
  }
};
const roomyKey = (): Uint8Array => {
  for (let i = 0; ; i++) {
    const key = fromHex(blsPublicKey(blsSecretFrom(new Uint8Array(33).fill(i))));
    if (fits(key)) return key;
  }
};

const changed = (bytes: Uint8Array, i: number, bits: number): Uint8Array =>
  bytes.map((byte, place) => (place === i ? byte ^ bits : byte));
const signed = at(votes, 0);
export const falseSignatures: readonly [string, Uint8Array][] = [
  ["of no bytes", new Uint8Array()],
  ["a byte short", signed.subarray(1)],
  ["a byte long", Uint8Array.of(...signed, 0)],
  ["of zeros", new Uint8Array(48)],
  ["of ones", new Uint8Array(48).fill(255)],
  ["at infinity", infinity(48)],
  ["at infinity with a sign", changed(infinity(48), 0, 0x20)],
  ["at infinity and something more", changed(infinity(48), 47, 1)],
  ["at infinity, not compressed", changed(infinity(48), 0, 0x80)],
  ["not marked as compressed", changed(signed, 0, 0x80)],
  ["marked as infinity", changed(signed, 0, 0x40)],
  ["with the other sign", changed(signed, 0, 0x20)],
  ["with a bit changed", changed(signed, 40, 1)],
  ["with x as large as the field", unreduced(roomySignature(), 0)],
  ["with x the field's order", unreduced(compressed(0, 48), 0)],
  ["off the subgroup", straySignature],
  ["of order three", compressed(0, 48)],
  ["of small order", offSubgroup1(torsion1)],
  ["moved by a point of small order", offSubgroup1(G1.fromBytes(signed).add(torsion1))],
  ["uncompressed", G1.fromBytes(signed).toBytes(false)],
];

const key = fromHex(at(keys, 0));
export const falseKeys: readonly [string, BlsKey][] = (
  [
    ["of no bytes", ""],
    ["a byte short", at(keys, 0).slice(2)],
    ["half a byte short", at(keys, 0).slice(1)],
    ["a byte long", `${at(keys, 0)}00`],
    ["in capitals", at(keys, 0).toUpperCase()],
    ["that is no hex", "xy".repeat(96)],
    ["of zeros", "00".repeat(96)],
    ["of ones", "ff".repeat(96)],
    ["at infinity", toHex(infinity(96))],
    ["at infinity with a sign", toHex(changed(infinity(96), 0, 0x20))],
    ["at infinity and something more", toHex(changed(infinity(96), 95, 1))],
    ["not marked as compressed", toHex(changed(key, 0, 0x80))],
    ["marked as infinity", toHex(changed(key, 0, 0x40))],
    ["with the first half of x as large as the field", toHex(unreduced(roomyKey(), 0))],
    ["with the second half of x as large as the field", toHex(unreduced(key, 48))],
    ["with flags in the second half", toHex(changed(key, 48, 0x80))],
    ["off the subgroup", strayKey],
    ["of small order", toHex(offSubgroup2(torsion2))],
    ["moved by a point of small order", toHex(offSubgroup2(G2.fromBytes(key).add(torsion2)))],
    ["uncompressed", G2.fromBytes(key).toHex(false)],
  ] as const
).map(([name, text]) => [name, text as BlsKey]);

export const negatedKey = G2.fromHex(at(keys, 0)).negate().toHex(true) as BlsKey;
export const negatedVote = G1.fromBytes(signed).negate().toBytes(true);
