/**
 * The typed messages between the page and the worker: everything a screen shows and everything a member can ask
 * for. Plain structured-cloneable data; energy in mWh, power in W, time in ms since 1970, steps by index.
 * Page and worker may be of different builds after an update, so both send `build` first and a mismatch makes
 * the page reload before anything else is read.
 */
import type { BackupView, CareView } from "./port-care.ts";
import type { EnergyAsk, EnergyFile, EnergyRange, EnergyView, RegistersView } from "./port-energy.ts";
import type { ChainPage, ChainPageAsk, FindAsk, FindView, WeekView } from "./port-explore.ts";
import type { HouseholdView, ReconcileAsk, ReconcileView } from "./port-home.ts";
import type { BudgetAsk, BudgetView, ListenAsk, ListeningView, MeterSettings, MeterView } from "./port-meter.ts";
import type { MeterStanding, MonthAsk, MonthFile, MonthFileAsk, MonthPart, OperatorView } from "./port-operator.ts";
import type { KeepView, KindChoice, KindView, LightSight, SurroundingsAsk } from "./port-kind.ts";
import type { Paths, PeerCommand, PeerEvent } from "./port-peer.ts";
import type { MadeBundle, ProofFileView, ProofView } from "./port-proof.ts";
import type { StepDetail } from "./port-step.ts";
import type {
  ActionAsk,
  Applicant,
  DecisionView,
  EffectView,
  HealedView,
  ProposalView,
  RuleView,
  StrategyView,
  VotingView,
} from "./port-council.ts";

/** Raised whenever a message below changes its meaning. */
export const PORT_VERSION = 2;

/** From least to most certain (architecture of a step, PROTOCOL.md §5 and §7). */
export type StepStage = "measuring" | "candidates" | "winner" | "waiting" | "block" | "approved" | "final";

/** One thing to do at a time; `null` when everything is all right. Texts are looked up by `code`. */
export type Problem = {
  readonly code:
    | "storage-denied"
    | "storage-full"
    | "storage-corrupt"
    | "storage-short"
    | "identity-lost"
    | "community-outdated"
    | "no-neighbour"
    | "offline"
    | "clock-off"
    | "meter-silent"
    | "meter-refused"
    | "meter-backwards"
    | "meter-jumped"
    | "meter-other"
    | "meter-unplugged"
    | "ballot-waiting"
    | "applicant-waiting"
    | "not-final"
    | "barred"
    | "left-community"
    | "device-replaced"
    | "chain-stalled"
    | "refused-by-peers"
    /** Restored by words, and the neighbours know no member of their key. */
    | "words-unknown"
    | "alarm-shares"
    | "alarm-heads"
    | "other-tab-old";
  readonly severity: "info" | "task" | "trouble";
  readonly data?: Readonly<Record<string, string | number>>;
};

export type StepEnergy = {
  readonly step: number;
  /** End of the step, T_i. */
  readonly end: number;
  readonly generatedMwh: number;
  readonly mineMwh: number;
  readonly stage: StepStage;
  /** True once the block at step + late window is final: the figure can no longer change. */
  readonly closed: boolean;
};

export type MemberView = {
  readonly index: number;
  readonly key: string;
  /** Local name; falls back to the key's first digits. */
  readonly name: string;
  readonly me: boolean;
  readonly weight: number;
  readonly active: boolean;
  /** Whether its device has ever voted: one that was just admitted is not away, it has not come yet. */
  readonly came: boolean;
  readonly online: boolean;
  readonly creditedMwh: number;
  readonly todayMwh: number;
  readonly blocksMade: number;
  readonly lastBlockStep: number | null;
  /** Blocks it owed as a ranked candidate since its own last one. */
  readonly strikes: number;
  /** Since when it may not stand for making blocks, and since when it is no longer of the community. */
  readonly barredSince: number | null;
  readonly leftSince: number | null;
};

export type GeneratorView = {
  readonly index: number;
  readonly key: string;
  readonly name: string;
  readonly owner: number;
  readonly mine: boolean;
  readonly registerMwh: number;
  readonly todayMwh: number;
  readonly liveW: number | null;
  readonly pMaxW: number;
  /** When energy of it was last heard of here, or counted by the chain at hand, ms. In the dark it has nothing to say. */
  readonly lastHeard: number | null;
  readonly standing: MeterStanding;
};

export type BlockView = {
  readonly hash: string;
  readonly step: number;
  readonly height: number;
  readonly time: number;
  readonly miner: string;
  /** Its index. */
  readonly member: number;
  readonly rank: number;
  readonly transactions: number;
  readonly generatedMwh: number;
  readonly approvals: number;
  readonly confirmations: number;
  readonly voters: number;
  readonly quorum: number;
  readonly stage: "block" | "approved" | "final";
  readonly gapBefore: boolean;
};

export type PeerView = {
  readonly name: string;
  readonly key: string;
  readonly role: "member" | "applicant";
  readonly connectedSince: number;
  readonly height: number | null;
  readonly rttMs: number | null;
  readonly offsetMs: number | null;
};

/** The contract in force. */
export type TermsView = {
  readonly preset: "paper" | "fast" | "custom";
  readonly stepMs: number;
  readonly t0: number;
  readonly quorum: "majority" | "two-thirds" | "other";
  readonly lateWindow: number;
  /** Whether meters need the grid operator's endorsement. */
  readonly dso: boolean;
  readonly iterations: RuleView["iterations"];
  /** Whether all have the same weight: to divide by weight is then to divide in equal parts. */
  readonly alike: boolean;
  /** Every number, for the curious: name and value, already in words' units. */
  readonly terms: readonly { readonly code: string; readonly value: number }[];
};

export type CommunityView = TermsView & {
  readonly id: string;
  readonly name: string;
  readonly rule: RuleView;
  /** The terms that members may change by ballot. */
  readonly changeable: readonly string[];
};

export type View = {
  readonly phase: "starting" | "welcome" | "syncing" | "waiting-admission" | "member" | "blocked";
  readonly demo: boolean;
  /** By whose clock the community counts its days, as in the IANA database; null: by this device's. */
  readonly zone: string | null;
  readonly leader: boolean;
  /** When this view was made, by the device's clock, and the community's time minus it. */
  readonly madeAt: number;
  readonly clockOffsetMs: number;
  readonly clockUncertaintyMs: number | null;
  /** When more of the chain was last seen to be final; Home says how old the state is when there is no neighbour. */
  readonly verifiedAt: number | null;
  readonly problem: Problem | null;
  readonly community: CommunityView | null;
  readonly me: { readonly index: number | null; readonly key: string; readonly name: string } | null;
  readonly step: {
    readonly index: number;
    readonly start: number;
    readonly end: number;
    readonly gateOpening: number;
    readonly gateClosure: number;
    readonly stage: StepStage;
    readonly candidates: number;
    readonly winner: string | null;
    /** That it is this member: another may have the same name. */
    readonly winnerMe: boolean;
  } | null;
  /** The community's day that `madeAt` lies in, one entry a step that has passed or is running. */
  readonly today: readonly StepEnergy[];
  readonly todayGeneratedMwh: number;
  readonly todayMineMwh: number;
  readonly totalMineMwh: number;
  readonly liveCommunityW: number | null;
  readonly liveMineW: number | null;
  readonly members: readonly MemberView[];
  readonly generators: readonly GeneratorView[];
  readonly applicants: readonly Applicant[];
  /** In the order in which they were opened, so that none moves when another comes. */
  readonly proposals: readonly ProposalView[];
  /** Proposals of this device that no block has taken up yet. */
  readonly proposalsOnTheWay: number;
  /** Newest first, at most 50. */
  readonly decisions: readonly DecisionView[];
  /** Newest first, at most 60. */
  readonly blocks: readonly BlockView[];
  readonly head: { readonly hash: string; readonly step: number; readonly height: number } | null;
  readonly final: { readonly hash: string; readonly step: number; readonly height: number } | null;
  readonly peers: readonly PeerView[];
  readonly signalling: "off" | "connecting" | "open" | "retrying";
  readonly meters: readonly MeterView[];
  /** A port that is listened to before its meter is paired. */
  readonly listening: ListeningView | null;
  /** Null until a meter of this device says what came from the grid. */
  readonly household: HouseholdView | null;
  readonly storage: {
    readonly persisted: boolean | null;
    readonly usedBytes: number | null;
    readonly quotaBytes: number | null;
  };
  readonly care: CareView;
  readonly sync: { readonly done: number; readonly of: number } | null;
  /** Null while this device's member is none. */
  readonly voting: VotingView | null;
  /** What this device keeps; null without a community, and in the demo. */
  readonly kind: KindView | null;
  /** Null where this device keeps everything, or nothing yet. */
  readonly light: LightSight | null;
  /** Null where this device keeps its own figures only, and until its blocks are counted. */
  readonly keep: KeepView | null;
  /** Until it is dismissed. */
  readonly healed: HealedView | null;
};

export type InvitationView = TermsView & {
  readonly communityName: string;
  readonly inviter: string;
  readonly expires: number;
  /** Those of the founding; who came later stands on the chain. */
  readonly members: number;
};

/** What the page may ask. Each has exactly one answer type below. */
export type Commands = {
  /**
   * Twelve words for a new member, kept on this device until `create` or `join`: the same again until then, unless `other`
   * ones are asked for. `shown`: when they were first; null for fresh ones.
   */
  "new-phrase": { ask: { other: boolean }; answer: { words: string[]; shown: number | null } };
  create: {
    ask: {
      communityName: string;
      memberName: string;
      preset: "paper" | "fast";
      quorum: "majority" | "two-thirds";
      words: string[];
    };
    answer: { communityId: string };
  };
  "read-invitation": { ask: { link: string }; answer: InvitationView };
  join: { ask: { link: string; memberName: string; words: string[] }; answer: { communityId: string } };
  /** `link` starts at the page's own address with the invitation in the fragment. */
  invite: { ask: { base: string }; answer: { link: string; expires: number } };
  /** `replaces`: this is no new neighbour, but that member with a new device; its keys change, its meter stays. */
  admit: { ask: { key: string; weight: number; replaces: number | null }; answer: { proposal: string } };
  /** Hides a request on this device, or shows it again; the other members still see it. */
  "refuse-applicant": { ask: { key: string; refused: boolean }; answer: Record<never, never> };
  propose: { ask: { action: ActionAsk }; answer: { proposal: string } };
  /** What a proposal would mean, and why it would be refused, before it is made. */
  preview: { ask: { action: ActionAsk }; answer: { effect: EffectView | null; refusal: PortRefusal | null } };
  "set-strategy": { ask: StrategyView; answer: Record<never, never> };
  "dismiss-healed": { ask: Record<never, never>; answer: Record<never, never> };
  vote: { ask: { proposal: string; yes: boolean }; answer: Record<never, never> };
  "pair-meter": { ask: MeterSettings; answer: { id: string } };
  "confirm-meter": { ask: { id: string }; answer: Record<never, never> };
  "forget-meter": { ask: { id: string }; answer: Record<never, never> };
  /** Find out what speaks on a port; how it goes stands in `View.listening`. */
  recognise: { ask: ListenAsk; answer: Record<never, never> };
  /** Answers once the port is closed. */
  "stop-listening": { ask: Record<never, never>; answer: Record<never, never> };
  "meter-budget": { ask: BudgetAsk; answer: BudgetView };
  /** Chain minus MID meter. `text` is the meter's own file, or one line typed. */
  reconcile: { ask: ReconcileAsk; answer: ReconcileView };
  /** The member's own energy over any time, in bars. */
  "my-energy": { ask: EnergyAsk; answer: EnergyView };
  /** The same step by step, as lines of a file. */
  "my-energy-file": { ask: EnergyRange; answer: EnergyFile };
  /** Where the member's meters stood at some instants, ascending. */
  "my-registers": { ask: { at: readonly number[] }; answer: RegistersView };
  /** For whoever runs the community: what is to be looked after now. */
  operator: { ask: Record<never, never>; answer: OperatorView };
  /** A month of the whole community, in parts that add up; and as lines of a file. */
  "operator-month": { ask: MonthAsk; answer: MonthPart };
  "operator-file": { ask: MonthFileAsk; answer: MonthFile };
  /** The chain beyond the blocks of the view, with the branches that lost. */
  "chain-page": { ask: ChainPageAsk; answer: ChainPage };
  /** Steps by number, time, member, or the first digits of a hash. */
  "find-steps": { ask: FindAsk; answer: FindView };
  /** What members and meters did in the last seven days. */
  "community-week": { ask: Record<never, never>; answer: WeekView };
  "step-detail": { ask: { step: number }; answer: StepDetail };
  "check-proof": { ask: { step: number; transaction: string }; answer: ProofView };
  /** A proof file of what a member, by default this device's, was credited in these steps, both included. */
  "make-bundle": { ask: { from: number; to: number; member?: number }; answer: MadeBundle };
  /** Anybody's proof file; needs no community. A refusal names the place in `data.place`. */
  "check-bundle": { ask: { bytes: Uint8Array }; answer: ProofFileView };
  /** Signalling, STUN and TURN servers that this device uses and names in its invitations. */
  ways: { ask: Record<never, never>; answer: Paths };
  /** The node begins again with them: links of the moment are made anew. */
  "set-ways": { ask: Paths; answer: Record<never, never> };
  "retry-network": { ask: Record<never, never>; answer: Record<never, never> };
  /** What the page sees of the device: at once and whenever it changes. */
  surroundings: { ask: SurroundingsAsk; answer: Record<never, never> };
  /** Whether this device keeps everything, its own figures only, or decides by itself. */
  "set-kind": { ask: { choice: KindChoice }; answer: Record<never, never> };
  /** How many bytes of blocks this device keeps; null for all. What is too much goes by and by, the oldest first. */
  "set-budget": { ask: { bytes: number | null }; answer: Record<never, never> };
  /** On a device that keeps its own figures only: those from `from` on too, from neighbours; `View.light` says how it goes. */
  "reach-back": { ask: { from: number }; answer: Record<never, never> };
  /** The same member again, from its words and any invitation to its community. It is silent first (§7.8). */
  "restore-words": {
    ask: { words: string[]; link: string; memberName: string };
    answer: { communityId: string };
  };
  /** Everything of this device that nobody else has, as one encrypted file; `View.care.work` says how far it is. */
  "save-backup": { ask: { passphrase: string }; answer: { file: Uint8Array; made: number } };
  /** Opens a file and says what is in it. */
  "read-backup": { ask: { file: Uint8Array; passphrase: string }; answer: BackupView };
  /** Takes what `read-backup` opened last. */
  "restore-backup": { ask: Record<never, never>; answer: { communityId: string } };
  "dismiss-mended": { ask: Record<never, never>; answer: Record<never, never> };
  "storage-persisted": { ask: { persisted: boolean }; answer: Record<never, never> };
  /** Before a new build takes over: meters are read no more, what they counted is on disk; the page must load anew. */
  rest: { ask: Record<never, never>; answer: Record<never, never> };
  /** Forgets community, keys and journal on this device. `confirm` repeats the community's name. */
  leave: { ask: { confirm: string }; answer: Record<never, never> };
};
export type CommandKind = keyof Commands;

/** A refusal as the page shows it: the page has a sentence for each `code`, `message` is the English one. */
export type PortRefusal = {
  readonly code: string;
  readonly message: string;
  readonly data?: Readonly<Record<string, string | number | boolean>>;
};

export type ToWorker =
  | { readonly kind: "hello"; readonly version: number; readonly build: string; readonly pageUrl: string }
  | {
      readonly kind: "command";
      readonly id: number;
      readonly name: CommandKind;
      readonly ask: Commands[CommandKind]["ask"];
    }
  | { readonly kind: "visible"; readonly visible: boolean; readonly online: boolean }
  | { readonly kind: "peer"; readonly event: PeerEvent };

export type ToPage =
  | { readonly kind: "hello"; readonly version: number; readonly build: string }
  | { readonly kind: "view"; readonly view: View }
  | { readonly kind: "answer"; readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly kind: "answer"; readonly id: number; readonly ok: false; readonly error: PortRefusal }
  | { readonly kind: "peer"; readonly command: PeerCommand };
