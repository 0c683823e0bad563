/**
 * The transactions of PROTOCOL.md §4 (T I, T IV): bodies, ids and signatures. A transaction's id is the hash of its
 * body and of the community, so it excludes the signature and means nothing in another community. Whether one may be
 * applied is for the files beside this one.
 */
import { fromHex } from "../base/bytes.ts";
import { BLS_KEY_BYTES, BLS_SIGNATURE_BYTES } from "../base/bls.ts";
import {
  blob,
  branded,
  bytes,
  encode,
  flag,
  hex,
  list,
  option,
  struct,
  uint,
  union,
  word,
  type Codec,
  type Infer,
} from "../base/codec.ts";
import { sign } from "../base/ed25519.ts";
import { taggedHex } from "../base/hash.ts";
import type {
  BlsKey,
  GeneratorIndex,
  Hash,
  MemberIndex,
  Millis,
  MilliwattHours,
  PublicKey,
  StepIndex,
  TxId,
} from "../base/units.ts";
import { generatorTermsCodec, memberTermsCodec, type GeneratorTerms, type MemberTerms } from "../community/contract.ts";
import { amendmentCodec, type Amendment } from "../community/parameters.ts";
import {
  iterationCodec,
  MAX_ITERATIONS,
  MAX_MEMBERS,
  shareCodec,
  weightCodec,
  type Iteration,
  type Share,
  type Weight,
} from "../community/repartition.ts";

export const MAX_INPUTS = 4096;
export const MAX_TOKEN_INPUTS = 64;

const txId = hex<TxId>(32);
const step = branded<StepIndex>();
const member = branded<MemberIndex>();

/** A voting-token output: of which transaction, and which of its outputs. */
export type TokenRef = { readonly tx: TxId; readonly index: number };
const tokenRef: Codec<TokenRef> = struct({ tx: txId, index: uint });

/** V, signed by the cryptometer: what the register gained in one step; `at` is when it was read. */
export type Generation = {
  readonly generator: GeneratorIndex;
  readonly step: StepIndex;
  readonly from: MilliwattHours;
  readonly to: MilliwattHours;
  readonly at: Millis;
  /** The step was not seen whole: booked by estimate after an outage. */
  readonly estimated: boolean;
};
export type Transfer = { readonly generator: GeneratorIndex; readonly input: TxId };
export type Distribution = {
  readonly step: StepIndex;
  readonly inputs: readonly TxId[];
  readonly shares: readonly Share[];
};
export type Candidacy = {
  readonly member: MemberIndex;
  readonly step: StepIndex;
  readonly parent: Hash;
  /** The parent's. */
  readonly beacon: Hash;
  readonly at: Millis;
  readonly tokens: readonly TokenRef[];
  /** BLS signature over (beacon, step): k's part of U_k. */
  readonly draw: Uint8Array;
};
export type Refund = {
  readonly member: MemberIndex;
  readonly step: StepIndex;
  readonly parent: Hash;
  readonly candidacies: readonly TxId[];
};
export type Winner = {
  readonly member: MemberIndex;
  readonly step: StepIndex;
  readonly parent: Hash;
  /** The parent's. */
  readonly beacon: Hash;
  readonly candidacies: readonly TxId[];
  readonly draw: Uint8Array;
  /** Best first: W_k/U_k descending. */
  readonly ranking: readonly MemberIndex[];
};

/** What a ballot decides (§II.C: transparent rules, direct governance). Members and generators by their index. */
export type Action =
  | { readonly kind: "member"; readonly terms: MemberTerms }
  | { readonly kind: "generator"; readonly terms: GeneratorTerms }
  /** A new version of the sharing rule; the weights of all members that have not left, sorted. */
  | { readonly kind: "rule"; readonly iterations: readonly Iteration[]; readonly weights: readonly Weight[] }
  /** New keys for a member whose device is lost; its virtual meter stays. */
  | {
      readonly kind: "rotate";
      readonly member: MemberIndex;
      readonly key: PublicKey;
      readonly blsKey: BlsKey;
      readonly blsProof: Uint8Array;
    }
  /** A new cryptometer key for a registered generator; its register goes on. */
  | {
      readonly kind: "meter";
      readonly generator: GeneratorIndex;
      readonly key: PublicKey;
      readonly endorsement: Uint8Array | null;
    }
  /** Other terms, those only that change: two proposals of different ones do not undo each other. */
  | { readonly kind: "parameters"; readonly changes: Amendment }
  /** Lifts a member's bar and strikes. */
  | { readonly kind: "pardon"; readonly member: MemberIndex }
  /** The member shares, stands and votes no more; proposed by itself it needs no ballots. Its virtual meter stays. */
  | { readonly kind: "leave"; readonly member: MemberIndex };
const publicKey = hex<PublicKey>(32);
const action: Codec<Action> = union({
  member: struct({ terms: memberTermsCodec }),
  generator: struct({ terms: generatorTermsCodec }),
  rule: struct({ iterations: list(iterationCodec, MAX_ITERATIONS), weights: list(weightCodec, MAX_MEMBERS) }),
  rotate: struct({
    member,
    key: publicKey,
    blsKey: hex<BlsKey>(BLS_KEY_BYTES),
    blsProof: bytes(BLS_SIGNATURE_BYTES),
  }),
  meter: struct({ generator: branded<GeneratorIndex>(), key: publicKey, endorsement: option(bytes(64)) }),
  parameters: struct({ changes: amendmentCodec }),
  pardon: struct({ member }),
  leave: struct({ member }),
});
export const actionCodec = action;

export type Proposal = { readonly member: MemberIndex; readonly step: StepIndex; readonly action: Action };
/** A later `step` replaces an earlier ballot of the same member, so that an old one sent again changes nothing. */
export type Ballot = {
  readonly member: MemberIndex;
  readonly step: StepIndex;
  readonly proposal: TxId;
  readonly yes: boolean;
};

/**
 * Two things one member signed of which an honest one signs only one (§IV.C "something to stake"): two headers of one
 * step, two votes of one kind in one round, or two ends of one auction. The encodings are consensus/evidence.ts's to read.
 */
export type Evidence = {
  /** Who reports it. */
  readonly member: MemberIndex;
  readonly offender: MemberIndex;
  readonly fault: Fault;
  readonly first: Uint8Array;
  readonly second: Uint8Array;
};
export const FAULTS = ["two-blocks", "two-approvals", "two-confirmations", "two-winners"] as const;
export type Fault = (typeof FAULTS)[number];
/** A winner transaction that names as many as there may be members is smaller; a header or vote is far. */
const MAX_STATEMENT_BYTES = 160 * 1_024;

export type Body =
  | ({ readonly kind: "generation" } & Generation)
  | ({ readonly kind: "transfer" } & Transfer)
  | ({ readonly kind: "distribution" } & Distribution)
  | ({ readonly kind: "candidacy" } & Candidacy)
  | ({ readonly kind: "refund" } & Refund)
  | ({ readonly kind: "winner" } & Winner)
  | ({ readonly kind: "proposal" } & Proposal)
  | ({ readonly kind: "ballot" } & Ballot)
  | ({ readonly kind: "evidence" } & Evidence);
export type TxKind = Body["kind"];

/** In the order in which a block applies them. */
const KINDS = {
  generation: struct({
    generator: branded<GeneratorIndex>(),
    step,
    from: branded<MilliwattHours>(),
    to: branded<MilliwattHours>(),
    at: branded<Millis>(),
    estimated: flag,
  }),
  transfer: struct({ generator: branded<GeneratorIndex>(), input: txId }),
  distribution: struct({ step, inputs: list(txId, MAX_INPUTS), shares: list(shareCodec, MAX_MEMBERS) }),
  candidacy: struct({
    member,
    step,
    parent: hex<Hash>(32),
    beacon: hex<Hash>(32),
    at: branded<Millis>(),
    tokens: list(tokenRef, MAX_TOKEN_INPUTS),
    draw: bytes(BLS_SIGNATURE_BYTES),
  }),
  refund: struct({ member, step, parent: hex<Hash>(32), candidacies: list(txId, MAX_MEMBERS) }),
  winner: struct({
    member,
    step,
    parent: hex<Hash>(32),
    beacon: hex<Hash>(32),
    candidacies: list(txId, MAX_MEMBERS),
    draw: bytes(BLS_SIGNATURE_BYTES),
    ranking: list(member, MAX_MEMBERS),
  }),
  proposal: struct({ member, step, action }),
  ballot: struct({ member, step, proposal: txId, yes: flag }),
  evidence: struct({
    member,
    offender: member,
    fault: word(FAULTS),
    first: blob(MAX_STATEMENT_BYTES),
    second: blob(MAX_STATEMENT_BYTES),
  }),
};
const ORDER = Object.keys(KINDS) as TxKind[];
export const kindOrder = (kind: TxKind): number => ORDER.indexOf(kind);

export const bodyCodec = union(KINDS);

/** `signer`: the generator's index for generation and transfer, otherwise the member's (a VPP holder's). */
export type Tx = { readonly body: Body; readonly signer: number; readonly signature: Uint8Array };
export const txCodec = struct({ body: bodyCodec, signer: uint, signature: bytes(64) });
export type EncodedTx = Infer<typeof txCodec>;

const ids = new WeakMap<Body, { community: Hash; id: TxId }>();

/** Also the message that is signed. Remembered per body object: bodies are never changed. */
export const idOf = (body: Body, community: Hash): TxId => {
  const known = ids.get(body);
  if (known !== undefined && known.community === community) return known.id;
  const id = taggedHex<TxId>("tx", fromHex(community), encode(bodyCodec, body));
  ids.set(body, { community, id });
  return id;
};

export const signTx = (body: Body, signer: number, community: Hash, secret: Uint8Array): Tx => ({
  body,
  signer,
  signature: sign(fromHex(idOf(body, community)), secret),
});

/** Who must have signed: a generator's cryptometer, a given member, or any holder of a VPP key. */
export const signerOf = (body: Body): { role: "generator" | "member"; index: number } | { role: "vpp" } => {
  switch (body.kind) {
    case "generation":
    case "transfer":
      return { role: "generator", index: body.generator };
    case "distribution":
      return { role: "vpp" };
    default:
      return { role: "member", index: body.member };
  }
};
