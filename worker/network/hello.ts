/**
 * Who is at the other end of a fresh link (PROTOCOL.md §9). Three messages each way, in lock step: hello (version,
 * community, key, nonce), proof (a signature over both hellos and both DTLS fingerprints), accept. A signalling
 * server that sits in between has to show each side a certificate of its own, so the fingerprints in the proofs
 * differ from what the sides see. Pure: time, entropy and the question "may it come in?" arrive as arguments.
 */
import { equalBytes, utf8ToBytes } from "../base/bytes.ts";
import { encode } from "../base/codec.ts";
import { sign, verify } from "../base/ed25519.ts";
import { taggedHash } from "../base/hash.ts";
import type { Refusal } from "../base/result.ts";
import type { Hash } from "../base/units.ts";
import {
  decodeControl,
  encodeControl,
  explain,
  helloFields,
  isRefusalCode,
  type Hello,
  type Proof,
  type RefusalCode,
} from "./control.ts";
import { PROTOCOL_VERSION, type Identity, type Self } from "./network.ts";

export type HelloOptions = {
  readonly self: Self;
  readonly dialler: boolean;
  /** Fresh, NONCE_BYTES long: what makes a recorded hello worthless. */
  readonly nonce: Uint8Array;
  readonly session: Uint8Array;
  readonly dial: number;
  readonly localFingerprint: string;
  readonly remoteFingerprint: string;
};

export type HelloOutcome =
  | { readonly kind: "up"; readonly identity: Identity; readonly session: Uint8Array; readonly dial: number }
  | { readonly kind: "refused"; readonly by: "us" | "them"; readonly refusal: Refusal };

/** Control messages to send, in order, and how it ended, if it did. After an outcome no further step is taken. */
export type HelloStep = { readonly send: readonly Uint8Array[]; readonly outcome: HelloOutcome | null };

export type HelloMachine = {
  readonly first: Uint8Array;
  readonly step: (control: Uint8Array) => HelloStep;
};

/** 32 bytes for a fingerprint as SDP writes it; case and spaces carry no meaning there (RFC 8122 §5). */
const printOf = (fingerprint: string): Uint8Array =>
  taggedHash("fingerprint", utf8ToBytes(fingerprint.trim().toLowerCase().replaceAll(/\s+/gu, " ")));

type Side = "dialler" | "answerer";
const SIDE_BYTE: Readonly<Record<Side, number>> = { dialler: 0, answerer: 1 };

/** What `side` signs: both hellos whole (versions, community, keys, nonces, roles), and both fingerprints. */
const statement = (side: Side, hellos: Readonly<Record<Side, Hello>>, proof: Omit<Proof, "signature">): Uint8Array =>
  taggedHash(
    "hello",
    Uint8Array.of(SIDE_BYTE[side]),
    // Hashed first, so that two hellos of varying length cannot be cut in two ways.
    taggedHash("hello-fields", encode(helloFields, hellos.dialler)),
    taggedHash("hello-fields", encode(helloFields, hellos.answerer)),
    proof.diallerPrint,
    proof.answererPrint,
  );

const identityOf = (hello: Hello): Identity =>
  hello.invitation === null
    ? { key: hello.key, role: hello.role }
    : { key: hello.key, role: hello.role, invitation: hello.invitation };

const going = (...send: readonly Uint8Array[]): HelloStep => ({ send, outcome: null });

/** Our refusal: the other side hears its code, our caller gets the whole of it. */
const refusing = (refusal: Refusal): HelloStep => ({
  send: [encodeControl({ kind: "refuse", code: isRefusalCode(refusal.code) ? refusal.code : "not-a-member" })],
  outcome: { kind: "refused", by: "us", refusal },
});

const refuseWith = (code: RefusalCode, data?: Refusal["data"]): HelloStep => refusing(explain(code, "us", data));

/** @throws Error when `self` or `nonce` do not have the shape of the protocol: a bug of the caller. */
export const createHello = (options: HelloOptions): HelloMachine => {
  const { self, dialler } = options;
  const mine: Hello = {
    version: PROTOCOL_VERSION,
    community: self.community as Hash,
    key: self.identity.key,
    nonce: options.nonce,
    session: options.session,
    dial: dialler ? options.dial : 0,
    role: self.identity.role,
    invitation: self.identity.invitation ?? null,
  };
  const mySide: Side = dialler ? "dialler" : "answerer";
  const theirSide: Side = dialler ? "answerer" : "dialler";
  const local = printOf(options.localFingerprint);
  const remote = printOf(options.remoteFingerprint);
  const prints = { diallerPrint: dialler ? local : remote, answererPrint: dialler ? remote : local };

  let expected: "hello" | "proof" | "accept" | "nothing" = "hello";
  let theirs: Hello | null = null;
  const both = (hello: Hello): Readonly<Record<Side, Hello>> =>
    dialler ? { dialler: mine, answerer: hello } : { dialler: hello, answerer: mine };

  const onHello = (hello: Hello): HelloStep => {
    if (hello.community !== mine.community) return refuseWith("other-community");
    if (equalBytes(hello.nonce, mine.nonce) || equalBytes(hello.session, mine.session)) return refuseWith("replayed");
    if (hello.key === mine.key) return refuseWith("same-key");
    if (theirSide === "answerer" && hello.dial !== 0) return refuseWith("malformed");
    theirs = hello;
    expected = "proof";
    const signature = sign(statement(mySide, both(hello), prints), self.secret);
    return going(encodeControl({ kind: "proof", signature, ...prints }));
  };

  const onProof = (hello: Hello, proof: Proof): HelloStep => {
    const message = statement(theirSide, both(hello), proof);
    if (!verify({ key: hello.key, message, signature: proof.signature })) return refuseWith("bad-signature");
    const sameView =
      equalBytes(proof.diallerPrint, prints.diallerPrint) && equalBytes(proof.answererPrint, prints.answererPrint);
    if (!sameView) return refuseWith("fingerprint-mismatch");
    // Asked only now: a stranger must not learn whose key is a member's.
    const admitted = self.admit(identityOf(hello));
    if (!admitted.ok) return refusing(admitted.error);
    expected = "accept";
    return going(encodeControl({ kind: "accept" }));
  };

  const take = (raw: Uint8Array): HelloStep => {
    const decoded = decodeControl(raw);
    if (!decoded.ok) return refusing(decoded.error);
    const message = decoded.value;
    if (message.kind === "refuse") {
      return { send: [], outcome: { kind: "refused", by: "them", refusal: explain(message.code, "them") } };
    }
    if (message.kind === "hello" && expected === "hello") return onHello(message);
    if (message.kind === "proof" && expected === "proof" && theirs !== null) return onProof(theirs, message);
    if (message.kind === "accept" && expected === "accept" && theirs !== null) {
      return {
        send: [],
        outcome: { kind: "up", identity: identityOf(theirs), session: theirs.session, dial: theirs.dial },
      };
    }
    return refuseWith("malformed", { reason: `${message.kind} instead of ${expected}` });
  };

  return {
    first: encodeControl({ kind: "hello", ...mine }),
    step: (raw) => {
      if (expected === "nothing") return going();
      const step = take(raw);
      if (step.outcome !== null) expected = "nothing";
      return step;
    },
  };
};
