/**
 * Where a member can be found on the signalling server (PROTOCOL.md §9): a name that only those who know the
 * community and the member's key can compute, so the server learns neither. Pure.
 */
import { fromHex, toHex, utf8ToBytes } from "../base/bytes.ts";
import { taggedHash } from "../base/hash.ts";
import type { PublicKey } from "../base/units.ts";

/** The device whose addresses others can compute; a second device of one member is learnt from neighbours. */
export const MAIN_DEVICE = "main";
/** Suffixes a node tries in turn when a name is taken; the first few are those that others look for. */
export const ADDRESS_COUNT = 8;
export const RENDEZVOUS_COUNT = 3;

/** Where nobody can be called: that of a link which was made by hand, without a signalling server. */
export const NO_ADDRESS = "";

const ADDRESS_BYTES = 16;
const TOKEN_BYTES = 16;

/** What a derived address looks like: anything else that a neighbour tells is not worth a call. */
export const isAddress = (text: string): boolean => /^[0-9a-f]{32}-[0-7]$/u.test(text);

/** 32 hex digits, a dash and `n`: letters and digits only, as PeerJS demands of an id. `community` is hex. */
export const deriveAddress = (community: string, key: PublicKey, device: string, n: number): string =>
  `${toHex(taggedHash("address", fromHex(community), fromHex(key), utf8ToBytes(device)).subarray(0, ADDRESS_BYTES))}-${n}`;

/** What a node shows the signalling server to get its own name back after a crash; tells nothing of the secret. */
export const deriveToken = (community: string, secret: Uint8Array, device: string): string =>
  toHex(taggedHash("address-token", fromHex(community), secret, utf8ToBytes(device)).subarray(0, TOKEN_BYTES));

/** Where to look for a member nobody has told us about. */
export const rendezvous = (community: string, key: PublicKey): string[] =>
  Array.from({ length: RENDEZVOUS_COUNT }, (_, n) => deriveAddress(community, key, MAIN_DEVICE, n));
