/**
 * The random number U_k of table III.2 (PROTOCOL.md §6): from the BLS signatures of candidate k and of the current
 * miner m over the parent's beacon and the step. BLS signatures are unique, so neither can choose U_k; the paper lets m
 * generate it, which would let m pick the next miner. The beacon is itself made of such signatures alone: the parent's
 * hash would not do, as whoever makes the parent can order its content until its own luck is good.
 */
import { fromHex, toHex } from "../base/bytes.ts";
import { encode, uint } from "../base/codec.ts";
import { taggedHash, taggedHex } from "../base/hash.ts";
import type { Hash, MemberIndex, StepIndex } from "../base/units.ts";

/** What every draw share of one step signs. */
export const drawMessage = (community: Hash, beacon: Hash, step: StepIndex): Uint8Array =>
  taggedHash("draw", fromHex(community), fromHex(beacon), encode(uint, step));

/** U_k·2^256, from 1 to 2^256: uniform on ]0,1]. */
export const drawOf = (candidateDraw: Uint8Array, minerDraw: Uint8Array, candidate: MemberIndex): bigint =>
  BigInt(`0x${toHex(taggedHash("luck", candidateDraw, minerDraw, encode(uint, candidate)))}`) + 1n;

/** The beacon after a block: of its miner's draw share, which signs the one before it. So the header binds that share. */
export const nextBeacon = (minerDraw: Uint8Array): Hash => taggedHex("beacon", minerDraw);

/** Place of a member in the order drawn from the parent's beacon, for steps without a winner that delivers. */
export const beaconPlace = (beacon: Hash, step: StepIndex, member: MemberIndex): string =>
  taggedHex("order", fromHex(beacon), encode(uint, step), encode(uint, member));
