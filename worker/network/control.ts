/**
 * The small messages of a link itself, beside the node's own (PROTOCOL.md §9): hello, proof, accept, refuse, ping,
 * bye. Their bytes, and the sentence for each refusal as seen from either side. Pure.
 */
import {
  blob,
  bytes,
  decode,
  empty,
  encode,
  hex,
  option,
  struct,
  text,
  uint,
  union,
  word,
  type Infer,
} from "../base/codec.ts";
import { ok, type Refusal, type Result } from "../base/result.ts";
import type { Hash, PublicKey } from "../base/units.ts";
import { PROTOCOL_VERSION } from "./network.ts";

export const INVITATION_LIMIT = 4 * 1024;
export const NONCE_BYTES = 32;
export const SESSION_BYTES = 16;
const REASON_LIMIT = 64;

/** The order is part of the format: new codes go to the end. */
export const REFUSAL_CODES = [
  "other-community",
  "other-version",
  "not-a-member",
  "bad-signature",
  "bad-invitation",
  "invitation-expired",
  "fingerprint-mismatch",
  "replayed",
  "busy",
  "same-key",
  "malformed",
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

export const helloFields = struct({
  version: uint,
  community: hex<Hash>(32),
  key: hex<PublicKey>(32),
  nonce: bytes(NONCE_BYTES),
  /** One start of one node; tells a restarted node's link from one it has forgotten. */
  session: bytes(SESSION_BYTES),
  /** The sender's count of links it dialled in this session; 0 on a link it answers. */
  dial: uint,
  role: word(["member", "applicant"] as const),
  invitation: option(blob(INVITATION_LIMIT)),
});
export type Hello = Infer<typeof helloFields>;

const proofFields = struct({
  signature: bytes(64),
  /** Hashes of the DTLS fingerprints as the signer sees them: what the signature covers. */
  diallerPrint: bytes(32),
  answererPrint: bytes(32),
});
export type Proof = Infer<typeof proofFields>;

const control = union({
  hello: helloFields,
  proof: proofFields,
  accept: empty,
  refuse: struct({ code: word(REFUSAL_CODES) }),
  ping: empty,
  bye: struct({ reason: text(REASON_LIMIT) }),
});

export type Control =
  | ({ readonly kind: "hello" } & Hello)
  | ({ readonly kind: "proof" } & Proof)
  | { readonly kind: "accept" }
  | { readonly kind: "refuse"; readonly code: RefusalCode }
  | { readonly kind: "ping" }
  | { readonly kind: "bye"; readonly reason: string };

export const encodeControl = (message: Control): Uint8Array => encode(control, message as never);

const HELLO_KIND = 0;

/**
 * A hello of another version may be laid out differently after its first field, so the version is looked at before
 * the rest is read. Refusals: `other-version` {theirs}, `malformed`.
 */
export const decodeControl = (raw: Uint8Array): Result<Control> => {
  const version = raw[1];
  if (raw[0] === HELLO_KIND && version !== undefined && version < 128 && version !== PROTOCOL_VERSION) {
    return { ok: false, error: explain("other-version", "us", { theirs: version, ours: PROTOCOL_VERSION }) };
  }
  const decoded = decode(control, raw, "message");
  return decoded.ok
    ? ok(decoded.value as Control)
    : { ok: false, error: explain("malformed", "us", decoded.error.data) };
};

type Sentence = { readonly us: string; readonly them: string; readonly verdict: Refusal["verdict"] };

/** `us`: we refused them. `them`: they refused us, so the sentence tells our member what to do. */
const SENTENCES: Readonly<Record<RefusalCode, Sentence>> = {
  "other-community": {
    us: "A device of another community called; there is nothing to do.",
    them: "That neighbour belongs to another community; ask for a new invitation and open its link.",
    verdict: "ignore",
  },
  "other-version": {
    us: "A neighbour runs another version of the app; reload this page to update, and ask them to do the same.",
    them: "A neighbour runs another version of the app; reload this page to update it.",
    verdict: "ignore",
  },
  "not-a-member": {
    us: "Someone who is not a member tried to connect; there is nothing to do.",
    them: "The community does not know this device's key; ask a member for an invitation.",
    verdict: "ignore",
  },
  "bad-signature": {
    us: "Someone tried to connect with a key that is not theirs; they were kept out, there is nothing to do.",
    them: "A neighbour could not verify this device's key; reload this page, and restore from your phrase if it goes on.",
    verdict: "penalise",
  },
  "bad-invitation": {
    us: "Someone came with an invitation that no member signed; they were kept out, there is nothing to do.",
    them: "The invitation is not valid; ask the member who invited you for a new link.",
    verdict: "ignore",
  },
  "invitation-expired": {
    us: "Someone came with an invitation that has expired; send them a new one.",
    them: "The invitation has expired; ask the member who invited you for a new link.",
    verdict: "ignore",
  },
  "fingerprint-mismatch": {
    us: "Something between two devices tried to listen in and was kept out; use another network or signalling server.",
    them: "Something between two devices tried to listen in and was kept out; use another network or signalling server.",
    verdict: "ignore",
  },
  replayed: {
    us: "Someone repeated our own greeting to us; they were kept out, there is nothing to do.",
    them: "A neighbour received its own greeting back; reload this page to connect again.",
    verdict: "penalise",
  },
  busy: {
    us: "This device has as many connections as it can keep; there is nothing to do.",
    them: "That neighbour has as many connections as it can keep; this device tries others by itself.",
    verdict: "ignore",
  },
  "same-key": {
    us: "Another device runs with this device's key; close the app on one of the two.",
    them: "Another device runs with this device's key; close the app on one of the two.",
    verdict: "ignore",
  },
  malformed: {
    us: "A neighbour sent something that cannot be read; it may need an update.",
    them: "A neighbour could not read what this device sent; reload this page to update it.",
    verdict: "penalise",
  },
};

export const isRefusalCode = (code: string): code is RefusalCode => (REFUSAL_CODES as readonly string[]).includes(code);

/** The refusal for `code` as this side's member should read it. */
export const explain = (code: RefusalCode, by: "us" | "them", data?: Refusal["data"]): Refusal => {
  const sentence = SENTENCES[code];
  const refusal = { code, message: sentence[by], verdict: sentence.verdict };
  return data === undefined ? refusal : { ...refusal, data };
};
