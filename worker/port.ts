/**
 * The typed messages between the page and the worker: everything a screen shows and everything a member can ask
 * for. Plain structured-cloneable data; energy in mWh, power in W, time in ms since 1970, steps by index.
 * Page and worker may be of different builds after an update, so both send `build` first and a mismatch makes
 * the page reload before anything else is read.
 */

/** Raised whenever a message below changes its meaning. */
export const PORT_VERSION = 1;

/** From least to most certain (architecture of a step, PROTOCOL.md §5 and §7). */
export type StepStage = "measuring" | "candidates" | "winner" | "waiting" | "block" | "approved" | "final";

/** One thing to do at a time; `null` when everything is all right. Texts are looked up by `code`. */
export type Problem = {
  readonly code:
    | "storage-denied"
    | "storage-full"
    | "storage-corrupt"
    | "no-neighbour"
    | "offline"
    | "clock-off"
    | "meter-silent"
    | "meter-refused"
    | "meter-backwards"
    | "meter-jumped"
    | "meter-unplugged"
    | "ballot-waiting"
    | "applicant-waiting"
    | "not-final"
    | "chain-stalled"
    | "refused-by-peers"
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
  readonly online: boolean;
  readonly creditedMwh: number;
  readonly todayMwh: number;
  readonly blocksMade: number;
  readonly lastBlockStep: number | null;
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
  readonly lastSeen: number | null;
};

export type Applicant = {
  readonly key: string;
  readonly name: string;
  readonly since: number;
  readonly proposed: boolean;
};

export type ProposalView = {
  readonly id: string;
  readonly by: string;
  readonly what:
    | { readonly kind: "member"; readonly name: string; readonly key: string; readonly weight: number }
    | { readonly kind: "generator"; readonly name: string; readonly owner: string; readonly pMaxW: number };
  readonly yes: number;
  readonly no: number;
  readonly needed: number;
  readonly mine: "yes" | "no" | null;
  readonly fromStep: number | null;
  readonly state: "open" | "adopted" | "in-force" | "rejected" | "expired";
};

export type BlockView = {
  readonly hash: string;
  readonly step: number;
  readonly height: number;
  readonly time: number;
  readonly miner: string;
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

export type TransactionView = {
  readonly id: string;
  readonly kind: string;
  readonly by: string;
  readonly step: number;
  readonly mwh: number | null;
  /** Plain sentence parts, translated on the page by `kind`. */
  readonly detail: Readonly<Record<string, string | number>>;
};

export type CandidateView = {
  readonly name: string;
  readonly tokensMwh: number;
  readonly ageSteps: number;
  readonly reputation: number;
  /** W_k, its three terms and U_k, as decimals for reading only; the chain holds exact integers. */
  readonly w: number;
  readonly wEnergy: number;
  readonly wAge: number;
  readonly wReputation: number;
  readonly u: number;
  readonly rank: number;
  readonly delivered: boolean;
};

export type StepDetail = {
  readonly step: number;
  readonly start: number;
  readonly end: number;
  readonly stage: StepStage;
  readonly closed: boolean;
  readonly block: BlockView | null;
  readonly shares: readonly { readonly member: string; readonly mwh: number; readonly me: boolean }[];
  readonly generators: readonly { readonly name: string; readonly mwh: number; readonly signedAt: number | null }[];
  readonly candidates: readonly CandidateView[];
  readonly transactions: readonly TransactionView[];
};

/** A proof of membership (paper, figure 1), recomputed at the moment of asking. */
export type ProofView = {
  readonly transaction: TransactionView;
  readonly ok: boolean;
  readonly leaf: string;
  readonly path: readonly { readonly side: "left" | "right"; readonly hash: string }[];
  readonly txRoot: string;
  readonly blockHash: string;
  readonly signatureOk: boolean;
  readonly headerSignatureOk: boolean;
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

export type MeterView = {
  readonly id: string;
  readonly label: string;
  readonly protocol: MeterProtocol;
  readonly state: "waiting-port" | "listening" | "counting" | "silent" | "unplugged" | "stopped";
  /** The meter's own export register as last read. */
  readonly registerMwh: number | null;
  readonly liveW: number | null;
  readonly lastReading: number | null;
  readonly generator: number | null;
  readonly registered: "no" | "proposed" | "yes";
  /** V in mWh and the verdict of the accuracy budget (§IV.B.1). */
  readonly quantumMwh: number;
  readonly resolutionMwh: number;
  readonly meetsBudget: boolean;
  readonly refusedTelegrams: number;
  readonly lastRefusal: string | null;
  readonly countedNotBookedMwh: number;
};

export type MeterProtocol = "p1" | "s0";

export type MeterSettings = {
  readonly label: string;
  readonly protocol: MeterProtocol;
  readonly baudRate: number;
  /** Only for pulses. */
  readonly impPerKwh: number | null;
  readonly phases: 1 | 3;
  /** From the meter's marking, e.g. 0.25-5(60) A, in mA. */
  readonly iMinMa: number;
  readonly accuracyClass: "A" | "B" | "C";
  readonly pMaxW: number;
  /** Web Serial, or WebUSB through the polyfill (Android), as the member chose. */
  readonly via: "serial" | "usb";
  /** usbVendorId/usbProductId of the port the page was granted, to find it again with getPorts(). */
  readonly port: { readonly usbVendorId: number | null; readonly usbProductId: number | null };
};

export type CommunityView = {
  readonly id: string;
  readonly name: string;
  readonly preset: "paper" | "fast" | "custom";
  readonly stepMs: number;
  readonly t0: number;
  readonly quorum: "majority" | "two-thirds";
  readonly lateWindow: number;
  /** The contract in force, for the curious: name and value, already in words' units. */
  readonly terms: readonly { readonly code: string; readonly value: number }[];
};

export type View = {
  readonly phase: "starting" | "welcome" | "syncing" | "waiting-admission" | "member" | "blocked";
  readonly demo: boolean;
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
  readonly proposals: readonly ProposalView[];
  /** Newest first, at most 60. */
  readonly blocks: readonly BlockView[];
  readonly head: { readonly hash: string; readonly step: number; readonly height: number } | null;
  readonly final: { readonly hash: string; readonly step: number; readonly height: number } | null;
  readonly peers: readonly PeerView[];
  readonly signalling: "off" | "connecting" | "open" | "retrying";
  readonly meters: readonly MeterView[];
  readonly storage: {
    readonly persisted: boolean | null;
    readonly usedBytes: number | null;
    readonly quotaBytes: number | null;
  };
  readonly sync: { readonly done: number; readonly of: number } | null;
};

export type InvitationView = {
  readonly communityName: string;
  readonly inviter: string;
  readonly expires: number;
  readonly stepMs: number;
  readonly members: number;
};

/** What the page may ask. Each has exactly one answer type below. */
export type Commands = {
  /** Twelve fresh words; kept nowhere until `create` or `join`. */
  "new-phrase": { ask: Record<never, never>; answer: { words: string[] } };
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
  admit: { ask: { key: string; weight: number }; answer: { proposal: string } };
  vote: { ask: { proposal: string; yes: boolean }; answer: Record<never, never> };
  "pair-meter": { ask: MeterSettings; answer: { id: string } };
  "confirm-meter": { ask: { id: string }; answer: Record<never, never> };
  "forget-meter": { ask: { id: string }; answer: Record<never, never> };
  "step-detail": { ask: { step: number }; answer: StepDetail };
  "check-proof": { ask: { step: number; transaction: string }; answer: ProofView };
  "retry-network": { ask: Record<never, never>; answer: Record<never, never> };
  "storage-persisted": { ask: { persisted: boolean }; answer: Record<never, never> };
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

/**
 * The page half of PeerJS (RTCPeerConnection exists only there). `link` numbers one data channel for its life.
 * Fingerprints are the DTLS certificates' (`sha-256 AB:CD...`), read from the connection's own descriptions.
 */
export type PeerCommand =
  /** `token` gives a node its own id back while the signalling server still holds its last socket. */
  | { readonly kind: "open"; readonly id: string; readonly token: string }
  | { readonly kind: "dial"; readonly link: number; readonly id: string }
  | { readonly kind: "send"; readonly link: number; readonly bytes: Uint8Array }
  | { readonly kind: "close"; readonly link: number }
  | { readonly kind: "shut" };

export type PeerEvent =
  | { readonly kind: "open"; readonly id: string }
  | { readonly kind: "id-taken"; readonly id: string }
  | { readonly kind: "lost"; readonly reason: string }
  /** Incoming links get numbers from the page, odd; dialled ones from the worker, even. */
  | {
      readonly kind: "up";
      readonly link: number;
      readonly peer: string;
      readonly dialled: boolean;
      readonly local: string;
      readonly remote: string;
    }
  | { readonly kind: "data"; readonly link: number; readonly bytes: Uint8Array }
  | { readonly kind: "down"; readonly link: number; readonly reason: string };
