/**
 * BLS on mcl-wasm, for a process that plays many members: three (checking) to ten times (signing) as fast as noble in
 * Node. It decodes, maps to the curve, adds, multiplies and pairs; every rule is base/bls-scheme.ts's, hashing to the
 * field is noble's, and it agrees with noble on every byte and verdict (PROTOCOL.md §3). Its multiplication is not constant in
 * time: for the made-up members of a pilot, not for the keys of people.
 */
import {
  add,
  BLS12_381,
  finalExp,
  Fp,
  Fr,
  G1,
  G2,
  GT,
  init,
  millerLoop,
  mul,
  mulVec,
  neg,
  precomputedMillerLoop,
  PrecomputedG2,
  setETHserialization,
  setMapToMode,
  verifyOrderG1,
  verifyOrderG2,
} from "mcl-wasm";
import { hash_to_field } from "@noble/curves/abstract/hash-to-curve.js";
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { BLS_KEY_BYTES, BLS_SIGNATURE_BYTES } from "../base/bls.ts";
import { blsOver, type Bls, type Group } from "../base/bls-scheme.ts";
import { equalBytes } from "../base/bytes.ts";
import { memo } from "../base/memo.ts";
import { assert } from "../base/result.ts";

/** Points that one call may take: they lie on the library's stack, which holds some thousand keys. */
const MOST_AT_ONCE = 256;

/** Of the library's ways from the field to the curve, the one of RFC 9380, §6.6.3: the suite's, SSWU. */
const SSWU = 5;
/** What the suite says of G1's field, §8.8.1. */
const FIELD = { p: bls12_381.fields.Fp.ORDER, m: 1, k: 128, expand: "xmd", hash: sha256 } as const;

/** A point of the subgroup for an element of the field. Its cofactor is cleared, which may as well be done before adding. */
const mapped = (element: bigint): G1 => {
  const fp = new Fp();
  fp.setStr(element.toString(16), 16);
  return fp.mapToG1();
};

const scalar = (n: bigint): Fr => {
  const fr = new Fr();
  fr.setStr(n.toString(16), 16);
  return fr;
};

const one = (): GT => {
  const gt = new GT();
  gt.setInt(1);
  return gt;
};

const groupOf = <P extends G1 | G2>(empty: () => P, bytes: number): Group<P> => {
  const sum = (points: readonly P[]): P => points.reduce((a, b) => add(a, b));
  return {
    bytes,
    decode: (encoded) => {
      const point = empty();
      try {
        point.deserialize(encoded);
      } catch {
        return null;
      }
      // What it reads leniently it does not write again the same.
      return !point.isZero() && equalBytes(point.serialize(), encoded) ? point : null;
    },
    sum,
    weigh: (points, weights) => {
      const scalars = weights.map(scalar);
      const parts: P[] = [];
      for (let from = 0; from < points.length; from += MOST_AT_ONCE)
        parts.push(mulVec(points.slice(from, from + MOST_AT_ONCE), scalars.slice(from, from + MOST_AT_ONCE)));
      return sum(parts);
    },
    isInfinity: (point) => point.isZero(),
  };
};

const start = async (): Promise<Bls> => {
  await init(BLS12_381);
  // The encoding of the draft, and no point outside its subgroup.
  setETHserialization(true);
  verifyOrderG1(true);
  verifyOrderG2(true);
  setMapToMode(SSWU);
  const keys = groupOf(() => new G2(), BLS_KEY_BYTES);
  const signatures = groupOf(() => new G1(), BLS_SIGNATURE_BYTES);
  const generator = keys.decode(bls12_381.G2.Point.BASE.toBytes(true));
  assert(generator !== null, "the generator is a point");
  /** The Miller-loop lines of −B. The one thing here that lies in the library's memory, for as long as that lasts. */
  const generatorLines = new PrecomputedG2(neg(generator));
  return blsOver({
    keys,
    signatures,
    encode: (signature) => (signature.isZero() ? null : signature.serialize()),
    hash: (message, domain) => {
      const [first = 0n, second = 0n] = hash_to_field(message, 2, { ...FIELD, DST: domain }).flat();
      return add(mapped(first), mapped(second));
    },
    multiply: (point, secret) => {
      const fr = new Fr();
      fr.deserialize(secret);
      return mul(point, fr);
    },
    product: (pairs, signature) => {
      const factors = pairs.map(({ key, message }) => millerLoop(message, key));
      if (signature !== null) factors.push(precomputedMillerLoop(signature, generatorLines));
      return finalExp(factors.reduce((product, factor) => mul(product, factor), one())).isOne();
    },
  });
};

const started = memo(1, start);
/** The library is one for the process: begun a second time, it would pull its memory away from under the first. */
export const startWasmBls = (): Promise<Bls> => started("");
