/** Who this device is in which community: the row that must be on disk before anything is signed with its keys. */
import { blob, branded, decode, encode, list, option, struct, text, type Codec } from "../base/codec.ts";
import { sign } from "../base/ed25519.ts";
import { parsePhrase, type MemberKeys } from "../base/keys.ts";
import { assert } from "../base/result.ts";
import type { Millis } from "../base/units.ts";
import {
  communityId,
  CONTRACT_VERSION,
  contractVersion,
  decodeContract,
  MAX_CONTRACT_BYTES,
} from "../community/contract.ts";
import { applicationMessage, type Application } from "../node/messages.ts";
import { StoreError, type Op, type Store } from "../storage/store.ts";

export type DeviceIdentity = {
  readonly words: readonly string[];
  readonly name: string;
  readonly contract: Uint8Array;
  /** What an applicant shows; null for a founder. */
  readonly invitation: Uint8Array | null;
  readonly addresses: readonly string[];
  readonly since: Millis;
};
const identityCodec: Codec<DeviceIdentity> = struct({
  words: list(text(16), 24),
  name: text(80),
  contract: blob(MAX_CONTRACT_BYTES),
  invitation: option(blob(2 * MAX_CONTRACT_BYTES)),
  addresses: list(text(80), 16),
  since: branded<Millis>(),
});

export const identityOp = (identity: DeviceIdentity): Op => ({
  table: "own",
  key: "identity",
  value: encode(identityCodec, identity),
});

/** Null when the row is damaged, or its words or contract are. */
export const decodeIdentity = (raw: Uint8Array): DeviceIdentity | null => {
  const read = decode(identityCodec, raw, "identity");
  return read.ok && parsePhrase(read.value.words).ok && decodeContract(read.value.contract).ok ? read.value : null;
};

/** Whether the row is whole, and its community follows rules that this version does not know any more. */
export const isOutdated = (raw: Uint8Array): boolean => {
  const read = decode(identityCodec, raw, "identity");
  return read.ok && parsePhrase(read.value.words).ok && contractVersion(read.value.contract) < CONTRACT_VERSION;
};

/** Null on a fresh device. @throws StoreError `corrupt` when the row is damaged. */
export const loadIdentity = async (store: Store): Promise<DeviceIdentity | null> => {
  const raw = await store.get("own", "identity");
  if (raw === undefined) return null;
  const identity = decodeIdentity(raw);
  if (identity === null) throw new StoreError("corrupt");
  return identity;
};

/** What this device shows to be let in, signed with its own keys. */
export const applicationOf = (identity: DeviceIdentity, keys: MemberKeys): Application => {
  const signed = decodeContract(identity.contract);
  assert(signed.ok, "the contract was checked");
  const unsigned = {
    key: keys.memberKey,
    blsKey: keys.blsKey,
    blsProof: keys.blsProof,
    name: identity.name,
    at: identity.since,
  };
  const message = applicationMessage(communityId(signed.value.contract), unsigned);
  return { ...unsigned, signature: sign(message, keys.memberSecret) };
};
