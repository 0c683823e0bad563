/**
 * An invitation (PROTOCOL.md §9): the whole contract, who invites, until when and where to find a neighbour, signed
 * by the inviter. Trust starts from it: whoever opens the link checks the contract's hash and both signatures on
 * the spot. It lets an applicant past a member's hello; it does not make a member.
 */
import { base64urlnopad } from "@scure/base";
import { blob, branded, bytes, decode, encode, hex, list, struct, text, type Codec } from "../base/codec.ts";
import { sign, verify } from "../base/ed25519.ts";
import { taggedHash } from "../base/hash.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { Hash, Millis, PublicKey } from "../base/units.ts";
import { communityId, decodeContract, encodeContract, MAX_CONTRACT_BYTES, type SignedContract } from "./contract.ts";

export const MAX_ADDRESSES = 4;
export const INVITATION_DAYS = 7;

type Terms = {
  readonly contract: Uint8Array;
  readonly inviter: PublicKey;
  readonly inviterName: string;
  readonly expires: Millis;
  /** Network addresses of members likely to be online. */
  readonly addresses: readonly string[];
};
export type Invitation = Omit<Terms, "contract"> & { readonly signed: SignedContract; readonly community: Hash };

const termsCodec = struct({
  contract: blob(MAX_CONTRACT_BYTES),
  inviter: hex<PublicKey>(32),
  inviterName: text(80),
  expires: branded<Millis>(),
  addresses: list(text(80), MAX_ADDRESSES),
});
const signedCodec: Codec<{ terms: Terms; signature: Uint8Array }> = struct({ terms: termsCodec, signature: bytes(64) });

const messageOf = (terms: Terms): Uint8Array => taggedHash("invitation", encode(termsCodec, terms));

/** Bytes to present in the hello; `linkOf` makes the text of a link of them. */
export const makeInvitation = (
  ask: { signed: SignedContract; inviterName: string; expires: Millis; addresses: readonly string[] },
  inviter: PublicKey,
  secret: Uint8Array,
): Uint8Array => {
  const terms: Terms = {
    contract: encodeContract(ask.signed),
    inviter,
    inviterName: ask.inviterName,
    expires: ask.expires,
    addresses: ask.addresses.slice(0, MAX_ADDRESSES),
  };
  return encode(signedCodec, { terms, signature: sign(messageOf(terms), secret) });
};

/** Everything that can be checked without the chain. Whether the inviter is a member, only members know. */
export const readInvitation = (raw: Uint8Array, now: Millis): Result<Invitation> => {
  const read = decode(signedCodec, raw, "invitation");
  if (!read.ok) return unreadable();
  const { terms, signature } = read.value;
  if (!verify({ key: terms.inviter, message: messageOf(terms), signature })) {
    return refuse("invitation-changed", "This invitation was changed on its way; ask your neighbour to send it again.");
  }
  const signed = decodeContract(terms.contract);
  if (!signed.ok) return signed;
  if (now > terms.expires) {
    return refuse("invitation-expired", "This invitation has expired; ask your neighbour for a new one.", "ignore");
  }
  const { contract: _, ...rest } = terms;
  return ok({ ...rest, signed: signed.value, community: communityId(signed.value.contract) });
};

const unreadable = (): Result<never> =>
  refuse(
    "invitation-unreadable",
    "This invitation cannot be read; open the whole link, or ask your neighbour to send it again.",
  );

/** The invitation lives in the link's fragment, which browsers never send to a server. */
export const linkOf = (raw: Uint8Array, base: string): string =>
  `${base.split("#")[0]}#/join?i=${base64urlnopad.encode(raw)}`;

/** Takes a whole link, its fragment, or the bare text. */
export const bytesOfLink = (link: string): Result<Uint8Array> => {
  const text = /[?&]i=([A-Za-z0-9_-]+)/.exec(link)?.[1] ?? link.trim();
  try {
    const raw = base64urlnopad.decode(text);
    return raw.length === 0 ? unreadable() : ok(raw);
  } catch {
    return unreadable();
  }
};
