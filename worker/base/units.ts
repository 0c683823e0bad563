/**
 * Brands for the quantities and names of the protocol (PROTOCOL.md §3), so that a step index is never added
 * to an energy by accident. Pure types and checks; knows nothing of energy sharing.
 */
declare const brand: unique symbol;
export type Brand<T, B extends string> = T & { readonly [brand]: B };

/** Energy in milliwatt-hours: a non-negative safe integer. 1 kWh = 1,000,000. */
export type MilliwattHours = Brand<number, "mWh">;
/** A point in time, milliseconds since 1970-01-01T00:00:00Z. */
export type Millis = Brand<number, "ms">;
/** Index i of a market step; step i closes the interval ]T_{i-1}, T_i]. */
export type StepIndex = Brand<number, "step">;
/** A member's place in the community's list: given once, never used again, kept through key rotation. */
export type MemberIndex = Brand<number, "member">;
/** A generator's place in the community's list. */
export type GeneratorIndex = Brand<number, "generator">;

/** Lower-case hex of 32 bytes. */
export type Hash = Brand<string, "hash">;
/** Hash of a transaction's body: excludes its signature (PROTOCOL.md §4). */
export type TxId = Brand<string, "tx">;
/** Lower-case hex of an Ed25519 public key, 32 bytes. */
export type PublicKey = Brand<string, "ed25519">;
/** Lower-case hex of a compressed BLS12-381 public key. */
export type BlsKey = Brand<string, "bls">;

const whole = (n: number, what: string): void => {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`${what} must be a whole number from 0, got ${n}`);
};

/** @throws RangeError when n is not a non-negative safe integer: a bug of the caller, never of the outside. */
export const mwh = (n: number): MilliwattHours => (whole(n, "energy (mWh)"), n as MilliwattHours);
export const millis = (n: number): Millis => (whole(n, "time (ms)"), n as Millis);
export const stepIndex = (n: number): StepIndex => (whole(n, "step index"), n as StepIndex);
export const memberIndex = (n: number): MemberIndex => (whole(n, "member index"), n as MemberIndex);
export const generatorIndex = (n: number): GeneratorIndex => (whole(n, "generator index"), n as GeneratorIndex);
