/**
 * The community's contract (PROTOCOL.md §2): one signed document that is the genesis; its hash is the community's
 * id and part of every signature. Integers only. Knows the terms, not what they do.
 */
import { fromHex } from "../base/bytes.ts";
import {
  blob,
  branded,
  bytes,
  decode,
  encode,
  flag,
  hex,
  list,
  option,
  struct,
  text,
  uint,
  word,
  type Codec,
} from "../base/codec.ts";
import { taggedHash, taggedHex } from "../base/hash.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { BlsKey, Hash, MemberIndex, Millis, PublicKey } from "../base/units.ts";
import { BLS_KEY_BYTES, BLS_SIGNATURE_BYTES, blsVerifyPossession } from "../base/bls.ts";
import { sign, verify } from "../base/ed25519.ts";
import { iterationCodec, MAX_ITERATIONS, PPM, type Iteration } from "./repartition.ts";

/** 2: strikes, rewards held back, margins. No community was founded with 1 outside of tests. */
export const CONTRACT_VERSION = 3;
export const MAX_GENESIS_MEMBERS = 256;
export const MAX_CONTRACT_BYTES = 128 * 1024;
/** Of every count, weight and span: sums and products with it stay exact. 1e9 W is a gigawatt, 1e9 mWh a MWh. */
export const MAX_TERM = 1_000_000_000;

/** A year of quarter-hours: a ballot that lasts longer is no decision, and what was adopted is remembered as long. */
export const MAX_BALLOT_WINDOW = 35_040;
/** A week of quarter-hours: a mistake can be put right within it. */
const MAX_ADOPTION_DELAY = 672;
/** An approval is on the chain a step after its block: with less, no voter set would last. */
const MIN_ACTIVITY_WINDOW = 4;

export type MemberTerms = {
  readonly key: PublicKey;
  readonly blsKey: BlsKey;
  /** Proof of possession of the voting key. */
  readonly blsProof: Uint8Array;
  readonly weight: number;
  /** Holds a VPP key: may sign distributions. The rule fixes what they say, so holders cannot disagree. */
  readonly vpp: boolean;
};

export type GeneratorTerms = {
  /** The cryptometer's key. */
  readonly key: PublicKey;
  readonly owner: MemberIndex;
  readonly resolutionMwh: number;
  readonly pMinW: number;
  readonly mpePpm: number;
  readonly pMaxW: number;
  /** The DSO's signature over these terms; required where the contract names a DSO. */
  readonly endorsement: Uint8Array | null;
};

export type Contract = {
  readonly version: number;
  readonly name: string;
  /** T_0, a multiple of stepMs. */
  readonly t0: Millis;
  /** Δ. */
  readonly stepMs: number;
  /** t_d, from T_{i-1} to the candidates' gate opening. */
  readonly openDelayMs: number;
  /** t_e, from the gate closure to T_i. */
  readonly closeLeadMs: number;
  /** From T_i to the VPP's distribution. */
  readonly distributeDelayMs: number;
  /** From T_i to the winner's block. */
  readonly publishDelayMs: number;
  /** f: how much later each further rank may publish. */
  readonly takeoverMs: number;
  /** α, β, γ of formula (1). */
  readonly weightEnergy: number;
  readonly weightAge: number;
  readonly weightReputation: number;
  /** d, steps a voting token lives. */
  readonly tokenValidity: number;
  readonly feePpm: number;
  readonly lossPpm: number;
  /** Quorum: more than num/den of the active voting members. */
  readonly quorumNum: number;
  readonly quorumDen: number;
  readonly activityWindow: number;
  readonly lateWindow: number;
  readonly ageCap: number;
  readonly reputationWindow: number;
  /** Steps a proposal stays open, and from its adoption to being in force. */
  readonly ballotWindow: number;
  readonly adoptionDelay: number;
  /** Blocks a candidate may owe, without one of its own in between, before it is barred (§IV.C, three strikes). */
  readonly strikes: number;
  /** Steps for which a block's fees are held back, so that evidence can confiscate them (§IV.C, something to stake). */
  readonly rewardDelay: number;
  /** How long before the gate closure a candidacy, and before the block a tick, must have been heard to be owed. */
  readonly candidacyMarginMs: number;
  readonly tickMarginMs: number;
  readonly metering: "per-step" | "per-V";
  readonly iterations: readonly Iteration[];
  readonly members: readonly MemberTerms[];
  readonly generators: readonly GeneratorTerms[];
  readonly dso: PublicKey | null;
};
export type SignedContract = { readonly contract: Contract; readonly signature: Uint8Array };

export const memberTermsCodec = struct({
  key: hex<PublicKey>(32),
  blsKey: hex<BlsKey>(BLS_KEY_BYTES),
  blsProof: bytes(BLS_SIGNATURE_BYTES),
  weight: uint,
  vpp: flag,
});

export const generatorTermsCodec = struct({
  key: hex<PublicKey>(32),
  owner: branded<MemberIndex>(),
  resolutionMwh: uint,
  pMinW: uint,
  mpePpm: uint,
  pMaxW: uint,
  endorsement: option(bytes(64)),
});

const FIELDS = {
  version: uint,
  name: text(80),
  t0: branded<Millis>(),
  stepMs: uint,
  openDelayMs: uint,
  closeLeadMs: uint,
  distributeDelayMs: uint,
  publishDelayMs: uint,
  takeoverMs: uint,
  weightEnergy: uint,
  weightAge: uint,
  weightReputation: uint,
  tokenValidity: uint,
  feePpm: uint,
  lossPpm: uint,
  quorumNum: uint,
  quorumDen: uint,
  activityWindow: uint,
  lateWindow: uint,
  ageCap: uint,
  reputationWindow: uint,
  ballotWindow: uint,
  adoptionDelay: uint,
  strikes: uint,
  rewardDelay: uint,
  candidacyMarginMs: uint,
  tickMarginMs: uint,
  metering: word(["per-step", "per-V"] as const),
  iterations: list(iterationCodec, MAX_ITERATIONS),
  members: list(memberTermsCodec, MAX_GENESIS_MEMBERS),
  generators: list(generatorTermsCodec, MAX_GENESIS_MEMBERS),
  dso: option(hex<PublicKey>(32)),
};
const contractCodec: Codec<Contract> = struct<Contract>(FIELDS);

export const signedContractCodec = struct({
  contract: contractCodec,
  signature: bytes(64),
});
export const contractBlob = blob(MAX_CONTRACT_BYTES);

/** The community's id. */
export const communityId = (contract: Contract): Hash => taggedHex("contract", encode(contractCodec, contract));

/** What a DSO signs to endorse a cryptometer. */
export const endorsementMessage = (terms: GeneratorTerms): Uint8Array =>
  taggedHash("endorsement", encode(generatorTermsCodec, { ...terms, endorsement: null }));

/** Signed by its first member, the founder. */
export const signContract = (contract: Contract, founderSecret: Uint8Array): SignedContract => ({
  contract,
  signature: sign(fromHex(communityId(contract)), founderSecret),
});

const wrong = (field: string, why: string): Result<never> =>
  refuse("contract-invalid", `The contract's ${field} is wrong: ${why}.`, "penalise", { field });

type Check = readonly [field: string, holds: (c: Contract) => boolean, why: string];
const POSITIVE = [
  "stepMs",
  "takeoverMs",
  "weightEnergy",
  "weightAge",
  "weightReputation",
  "tokenValidity",
  "quorumNum",
  "activityWindow",
  "lateWindow",
  "ageCap",
  "reputationWindow",
  "ballotWindow",
  "adoptionDelay",
  "strikes",
  "rewardDelay",
] as const satisfies readonly (keyof Contract)[];

/** Whether the encoding holds the value: a person may have typed it. */
const isWritable = (contract: Contract, field: keyof Contract): boolean => {
  try {
    encode<unknown>(FIELDS[field] as Codec<unknown>, contract[field]);
    return true;
  } catch {
    return false;
  }
};
const WRITABLE = (Object.keys(FIELDS) as (keyof Contract)[]).map((field): Check => [
  field,
  (c) => isWritable(c, field),
  "it is too long, or no whole number from 0",
]);

const unique = (keys: readonly string[]): boolean => new Set(keys).size === keys.length;

const CHECKS: readonly Check[] = [
  [
    "version",
    (c) => c.version === CONTRACT_VERSION,
    "this app reads version 3; update the app, or found the community anew",
  ],
  [
    "name",
    (c) => c.name.trim().length > 0 && c.name === c.name.trim(),
    "give the community a name without blanks around it",
  ],
  ...WRITABLE,
  ...POSITIVE.map((field): Check => [field, (c) => c[field] > 0, "it must be at least 1"]),
  ...POSITIVE.map((field): Check => [field, (c) => c[field] <= MAX_TERM, "it is at most 1,000,000,000"]),
  ["activityWindow", (c) => c.activityWindow >= MIN_ACTIVITY_WINDOW, "it is at least 4 steps"],
  ["ballotWindow", (c) => c.ballotWindow <= MAX_BALLOT_WINDOW, "a ballot is open for at most 35,040 steps"],
  ["adoptionDelay", (c) => c.adoptionDelay <= MAX_ADOPTION_DELAY, "what is adopted holds within 672 steps"],
  ["t0", (c) => c.t0 % c.stepMs === 0, "the first step must begin on a whole multiple of the step's length"],
  [
    "closeLeadMs",
    (c) => c.closeLeadMs > 0 && c.openDelayMs + c.closeLeadMs < c.stepMs,
    "the candidates' gate must open before it closes, within one step",
  ],
  ["distributeDelayMs", (c) => c.distributeDelayMs <= c.publishDelayMs, "the distribution must come before the block"],
  [
    "publishDelayMs",
    (c) => c.publishDelayMs * 2 <= c.stepMs,
    "the block must come in the first half of the step that follows",
  ],
  // §IV.C: γ < α < β keeps wealth from concentrating and makes age count most.
  ["weightReputation", (c) => c.weightReputation < c.weightEnergy, "reputation (γ) must weigh less than energy (α)"],
  ["weightEnergy", (c) => c.weightEnergy < c.weightAge, "energy (α) must weigh less than age (β)"],
  ["weightAge", (c) => c.weightAge <= PPM, "it is at most 1,000,000"],
  ["feePpm", (c) => c.feePpm <= PPM, "it is a share in millionths, at most 1,000,000"],
  ["lossPpm", (c) => c.feePpm + c.lossPpm <= PPM, "fee and loss together are at most 1,000,000"],
  [
    "quorumDen",
    (c) => c.quorumNum < c.quorumDen && 2 * c.quorumNum >= c.quorumDen,
    "the quorum must be at least one half and less than all",
  ],
  ["iterations", (c) => c.iterations.length > 0, "name at least one iteration of the sharing rule"],
  [
    "iterations",
    (c) => c.iterations.every((x) => x.portionPpm > 0 && x.portionPpm <= PPM),
    "each portion is from 1 to 1,000,000",
  ],
  ["iterations", (c) => c.iterations.at(-1)?.portionPpm === PPM, "the last iteration must share all that is left"],
  ["members", (c) => c.members.length > 0, "a community starts with one member"],
  [
    "members",
    (c) => unique(c.members.map((m) => m.key)) && unique(c.members.map((m) => m.blsKey)),
    "each member's keys stand once",
  ],
  ["members", (c) => c.members.some((m) => m.weight > 0), "one member at least needs a weight above 0"],
  ["members", (c) => c.members.every((m) => m.weight <= PPM), "a weight is at most 1,000,000"],
  ["members", (c) => c.members.some((m) => m.vpp), "one member at least must hold a VPP key"],
  ["generators", (c) => unique(c.generators.map((g) => g.key)), "each cryptometer's key stands once"],
  [
    "generators",
    (c) => c.generators.every((g) => g.owner < c.members.length),
    "each generator's owner must be a member",
  ],
  [
    "generators",
    (c) => c.generators.every(hasBounds),
    "each needs a peak power and a resolution, at most 1,000,000,000 W and mWh",
  ],
  [
    "generators",
    (c) => (c.dso === null ? c.generators.every((g) => g.endorsement === null) : true),
    "no DSO is named, so there can be no endorsement",
  ],
  [
    "generators",
    (c) => c.dso === null || c.generators.every((g) => endorsed(c.dso, g)),
    "the DSO's endorsement is missing or false",
  ],
];

/** What a step may book follows from these: with bounds, no register outgrows an exact integer in years. */
export const hasBounds = ({ pMaxW, resolutionMwh }: GeneratorTerms): boolean =>
  pMaxW > 0 && pMaxW <= MAX_TERM && resolutionMwh > 0 && resolutionMwh <= MAX_TERM;

const endorsed = (dso: PublicKey | null, g: GeneratorTerms): boolean =>
  dso !== null &&
  g.endorsement !== null &&
  verify({ key: dso, message: endorsementMessage(g), signature: g.endorsement });

/**
 * Refusal `contract-invalid` with `data.field` naming the first wrong field. With `fields`, what is said of these only:
 * enough where the others stand, and then no endorsement is verified once more.
 */
export const validateTerms = (contract: Contract, fields?: readonly (keyof Contract)[]): Result<Contract> => {
  const asked: ReadonlySet<string> | undefined = fields && new Set(fields);
  for (const [field, holds, why] of CHECKS)
    if (asked?.has(field) !== false && !holds(contract)) return wrong(field, why);
  return ok(contract);
};

/** validateTerms, and the proofs of possession of the voting keys. */
export const validateContract = (contract: Contract): Result<Contract> => {
  const terms = validateTerms(contract);
  if (!terms.ok) return terms;
  for (const m of contract.members) {
    if (!blsVerifyPossession(m.blsKey, m.blsProof))
      return wrong("members", "a voting key comes without proof of its secret");
  }
  return ok(contract);
};

/** Terms and signature of a contract that came from outside. */
export const verifyContract = (signed: SignedContract): Result<SignedContract> => {
  const valid = validateContract(signed.contract);
  if (!valid.ok) return valid;
  const founder = signed.contract.members[0];
  const message = fromHex(communityId(signed.contract));
  if (founder === undefined || !verify({ key: founder.key, message, signature: signed.signature })) {
    return refuse("contract-signature", "The contract was changed after its founder signed it; ask for it again.");
  }
  return ok(signed);
};

export const encodeContract = (signed: SignedContract): Uint8Array => encode(signedContractCodec, signed);
/** Of a contract of whatever version, which begins with it; what follows need not be readable here. */
export const contractVersion = (raw: Uint8Array): number => raw[0] ?? 0;
export const decodeContract = (raw: Uint8Array): Result<SignedContract> => {
  const read = decode(signedContractCodec, raw, "contract");
  return read.ok ? verifyContract(read.value) : read;
};

/** Smallest number of `n` voters that is more than the contract's fraction (T II.5). */
export const quorumOf = (contract: Contract, n: number): number =>
  Math.floor((n * contract.quorumNum) / contract.quorumDen) + 1;
