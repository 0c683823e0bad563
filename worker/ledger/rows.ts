/**
 * The rows of the state (PROTOCOL.md §3c, §4): what the chain knows at its head. Keys are text that sorts in the order
 * meant; every row has one codec. All but the tables `book`, `auction` and `incident` go into the state root.
 */
import { branded, bytes, flag, hex, list, option, struct, text, uint, word, type Codec } from "../base/codec.ts";
import type { BlsKey, GeneratorIndex, Hash, MemberIndex, MilliwattHours, PublicKey, StepIndex } from "../base/units.ts";
import { BLS_KEY_BYTES } from "../base/bls.ts";
import { generatorTermsCodec, type GeneratorTerms } from "../community/contract.ts";
import { allocationCodec, MAX_MEMBERS, shareCodec, type Share } from "../community/repartition.ts";
import { parametersCodec } from "../community/parameters.ts";
import { actionCodec, FAULTS, type Action, type Fault } from "./transaction.ts";

export type MemberRow = {
  readonly key: PublicKey;
  readonly blsKey: BlsKey;
  readonly weight: number;
  readonly vpp: boolean;
  readonly joined: StepIndex;
  /** The virtual generation meter: a register that only grows. */
  readonly meter: MilliwattHours;
  readonly lastBlock: StepIndex;
  readonly blocks: number;
  /** Blocks of the reputation window: R_k. */
  readonly reputation: number;
  /** Step of the last block that carried an approval of this member; null before the first. */
  readonly approved: StepIndex | null;
  /** Blocks it owed as a ranked candidate since its own last one. */
  readonly strikes: number;
  /** Since when it may not stand (three strikes, or evidence); null when it may. */
  readonly barred: StepIndex | null;
  /** True when evidence against it stands: one conviction until it is pardoned. */
  readonly convicted: boolean;
  /** Step of its last pardon: older evidence is spent. Null when there was none. */
  readonly pardoned: StepIndex | null;
  /** Step from which it is no longer of the community; null while it is. Its meter stays. */
  readonly left: StepIndex | null;
  /** The first voter set that `blsKey` votes in. */
  readonly votesSince: number;
  /** The key of the sets before, from `oldSince` on; null when there was none. */
  readonly oldBlsKey: BlsKey | null;
  readonly oldSince: number;
};
export type GeneratorRow = {
  readonly terms: GeneratorTerms;
  readonly joined: StepIndex;
  readonly register: MilliwattHours;
};
/** An energy output that no transaction has consumed yet; its voting tokens E travel with it. */
export type EnergyRow = {
  readonly owner: "generator" | "vpp";
  readonly generator: GeneratorIndex;
  readonly step: StepIndex;
  readonly mwh: MilliwattHours;
};
export type TokenRow = { readonly owner: MemberIndex; readonly birth: StepIndex; readonly amount: MilliwattHours };
export type BallotEntry = { readonly member: MemberIndex; readonly step: StepIndex; readonly yes: boolean };
export type ProposalRow = {
  readonly by: MemberIndex;
  readonly opened: StepIndex;
  readonly action: Action;
  readonly ballots: readonly BallotEntry[];
  /** Step from which it is in force, once adopted. */
  readonly from: StepIndex | null;
};
export type VotersRow = {
  /** Counts up with every change of the set; votes name it. */
  readonly set: number;
  /** The step of the block that made this set. */
  readonly since: StepIndex;
  readonly members: readonly MemberIndex[];
  /** How many votes make a quorum of this set: a part of it, so that a new fraction is a new set. */
  readonly quorum: number;
};
/** Fees of one block for energy of one step, held back until `rewardDelay` has passed. Key: due, block's step, energy's step. */
export type RewardRow = { readonly miner: MemberIndex; readonly mwh: MilliwattHours };
/** Strikes and evidence of one block, for the curious: derived, so outside the root. */
export type IncidentRow = {
  /** Candidates ranked before the miner that did not deliver. */
  readonly owed: readonly MemberIndex[];
  readonly evidence: readonly {
    readonly offender: MemberIndex;
    readonly fault: Fault;
    readonly reporter: MemberIndex;
    readonly confiscated: MilliwattHours;
  }[];
};
export type HistoryRow = { readonly size: number; readonly peaks: readonly Uint8Array[] };
export type TotalsRow = {
  readonly generated: MilliwattHours;
  readonly distributed: MilliwattHours;
  readonly lost: MilliwattHours;
};
/** One step's figures for screens and exports: derived, so outside the root. */
export type BookRow = {
  readonly generated: readonly {
    readonly generator: GeneratorIndex;
    readonly mwh: MilliwattHours;
    readonly at: number;
    readonly estimated: boolean;
  }[];
  readonly shares: readonly Share[];
};

/** The auction of one step as it was decided, for the curious: derived, so outside the root. Best first. */
export type AuctionRow = {
  readonly candidates: readonly {
    readonly member: MemberIndex;
    readonly energy: number;
    readonly age: number;
    readonly reputation: number;
    /** U_k·2^256 − 1, hex. */
    readonly luck: string;
  }[];
};

/** Generators of a community. */
export const MAX_GENERATORS = 65_536;

const step = branded<StepIndex>();
const amount = branded<MilliwattHours>();
const member = branded<MemberIndex>();
const generator = branded<GeneratorIndex>();

const CODECS = {
  /** Proposals that members have adopted, as long as one of their time may be made: sent again with its ballots, one would be adopted once more. */
  adopted: struct({ from: step }) as unknown as Codec<{ readonly from: StepIndex }>,
  allocation: allocationCodec,
  auction: struct({
    candidates: list(struct({ member, energy: uint, age: uint, reputation: uint, luck: hex(32) }), MAX_MEMBERS),
  }),
  /** By step within the late window, what each generator booked to it: bounds it by P_max. One row a step, not one a generator and step: the root is made anew each block. */
  booked: struct({ generators: list(struct({ generator, mwh: amount }), MAX_GENERATORS) }),
  energy: struct({
    owner: word(["generator", "vpp"] as const),
    generator,
    step,
    mwh: amount,
  }) as unknown as Codec<EnergyRow>,
  generator: struct({ terms: generatorTermsCodec, joined: step, register: amount }) as unknown as Codec<GeneratorRow>,
  history: struct({ size: uint, peaks: list(bytes(32), 53) }) as unknown as Codec<HistoryRow>,
  made: struct({ miner: member }) as unknown as Codec<{ readonly miner: MemberIndex }>,
  member: struct({
    key: hex<PublicKey>(32),
    blsKey: hex<BlsKey>(BLS_KEY_BYTES),
    weight: uint,
    vpp: flag,
    joined: step,
    meter: amount,
    lastBlock: step,
    blocks: uint,
    reputation: uint,
    approved: option(step),
    strikes: uint,
    barred: option(step),
    convicted: flag,
    pardoned: option(step),
    left: option(step),
    votesSince: uint,
    oldBlsKey: option(hex<BlsKey>(BLS_KEY_BYTES)),
    oldSince: uint,
  }) as unknown as Codec<MemberRow>,
  incident: struct({
    owed: list(member, MAX_MEMBERS),
    evidence: list(
      struct({ offender: member, fault: word(FAULTS), reporter: member, confiscated: amount }),
      MAX_MEMBERS,
    ),
  }) as unknown as Codec<IncidentRow>,
  /** Those in force: the contract's own, amended by what was adopted since. */
  parameters: parametersCodec,
  reward: struct({ miner: member, mwh: amount }) as unknown as Codec<RewardRow>,
  proposal: struct({
    by: member,
    opened: step,
    action: actionCodec,
    ballots: list(struct({ member, step, yes: flag }), MAX_MEMBERS),
    from: option(step),
  }) as unknown as Codec<ProposalRow>,
  token: struct({ owner: member, birth: step, amount }) as unknown as Codec<TokenRow>,
  totals: struct({ generated: amount, distributed: amount, lost: amount }) as unknown as Codec<TotalsRow>,
  voters: struct({
    set: uint,
    since: step,
    members: list(member, MAX_MEMBERS),
    quorum: uint,
  }) as unknown as Codec<VotersRow>,
  book: struct({
    generated: list(struct({ generator, mwh: amount, at: uint, estimated: flag }), MAX_GENERATORS),
    shares: list(shareCodec, MAX_MEMBERS),
  }) as unknown as Codec<BookRow>,
};

export type Rows = { [T in keyof typeof CODECS]: (typeof CODECS)[T] extends Codec<infer R> ? R : never };
export type Table = keyof Rows;
export const codecOf = <T extends Table>(table: T): Codec<Rows[T]> => CODECS[table] as unknown as Codec<Rows[T]>;
const DERIVED: ReadonlySet<string> = new Set<Table>(["book", "auction", "incident"]);
export const isRooted = (table: Table): boolean => !DERIVED.has(table);
export const TABLE_NAMES = Object.keys(CODECS) as readonly Table[];

/** Numbers as fixed-width hex, so that text order is number order. */
export const key = (...numbers: readonly number[]): string =>
  numbers.map((n) => n.toString(16).padStart(8, "0")).join("-");
export const numberOf = (rowKey: string, part = 0): number => Number.parseInt(rowKey.split("-")[part] ?? "", 16);
export const rowKeyCodec = text(200);
export const Hash32 = hex<Hash>(32);
