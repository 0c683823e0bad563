/**
 * The shape of what the app says about problems, refusals and contract terms: lists that grow with the worker's
 * codes. A code without a sentence falls back to the worker's own English message.
 */
import type { PortRefusal, Problem } from "../../../worker/port.ts";

export type Data = Readonly<Record<string, string | number | boolean>>;

export type ProblemText = {
  readonly title: string;
  /** What it means and what to do. */
  readonly body: (data: Data) => string;
  /** The button's label; null where nothing is to be pressed. */
  readonly button: string | null;
};

/** Codes of refusals that have a sentence in each language. */
export const REFUSAL_CODES = [
  "invitation-unreadable",
  "invitation-changed",
  "invitation-expired",
  "contract-invalid",
  "contract-signature",
  "malformed",
  "phrase-length",
  "phrase-checksum",
  "word-unknown",
  "name-empty",
  "name-long",
  "server-unreadable",
  "servers-too-many",
  "already-member",
  "light-device",
  "not-ready",
  "applicant-unknown",
  "proposal-unknown",
  "meter-unknown",
  "meter-settings",
  "port-missing",
  "step-unknown",
  "transaction-unknown",
  "confirm-mismatch",
  "not-leader",
  "interrupted",
  "closed",
  "corrupt",
  "denied",
  "failed",
  "full",
  "not-a-member",
  "member-known",
  "community-full",
  "too-many-proposals",
  "weight-too-large",
  "ballot-closed",
  "busy",
  "other-version",
  "other-community",
  "fingerprint-mismatch",
  "bad-invitation",
  "bad-signature",
  "same-key",
  "meter-not-stopped",
  "port-busy",
  "port-denied",
  "no-web-serial",
  "no-webusb",
  "line-noise",
  "bad-checksum",
  "no-checksum",
  "cut-short",
  "no-start",
  "too-long",
  "no-telegram",
  "no-export-register",
  "no-import-register",
  "unreadable-register",
  "unknown-unit",
  "contradictory-registers",
  "other-constant",
  "count-backwards",
  "register-backwards",
  "too-much",
  "stopped",
  "worker-failed",
  "member-unknown",
  "nothing-changes",
  "nothing-to-pardon",
  "last-member",
  "rule-iterations",
  "rule-members",
  "rule-weights",
  "strategy-share",
  "term-fixed",
  "terms-invalid",
  "owner-unknown",
  "endorsement",
  "generator-known",
  "generator-unknown",
  "voting-key-unproven",
  "leave-known",
  "ballot-old",
  "proposal-known",
  "proposal-adopted",
  "proposal-time",
  "parameters-order",
  "generator-terms",
  "identity-lost",
  "passphrase-short",
  "passphrase-wrong",
  "backup-unreadable",
  "backup-newer",
  "backup-older",
  "other-member",
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** The contract's numbers, by the names they have in it; suffix Ms is a time, Ppm a share of a million. */
export const TERM_CODES = [
  "stepMs",
  "openDelayMs",
  "closeLeadMs",
  "distributeDelayMs",
  "publishDelayMs",
  "takeoverMs",
  "weightEnergy",
  "weightAge",
  "weightReputation",
  "tokenValidity",
  "feePpm",
  "lossPpm",
  "quorumNum",
  "quorumDen",
  "activityWindow",
  "lateWindow",
  "ageCap",
  "reputationWindow",
  "ballotWindow",
  "adoptionDelay",
  "strikes",
  "rewardDelay",
  "candidacyMarginMs",
  "tickMarginMs",
] as const;
export type TermCode = (typeof TERM_CODES)[number];

export type RefusalTexts = Readonly<Record<RefusalCode, string>>;
export type Remarks = {
  readonly problems: Readonly<Record<Problem["code"], ProblemText>>;
};

/** The sentence for a refusal in the language of `refusals`; the English message when the code is unknown. */
export const refusalText = (refusals: RefusalTexts, refusal: Pick<PortRefusal, "code" | "message">): string =>
  (refusals as Readonly<Record<string, string | undefined>>)[refusal.code] ?? refusal.message;

/** The sentence for a bare code; null when this build has none, because a code is no sentence. */
export const codeText = (refusals: RefusalTexts, code: string): string | null =>
  (refusals as Readonly<Record<string, string | undefined>>)[code] ?? null;

/** Reasons for which neighbours turn this device away that have a sentence of their own for its member. */
const PEERS_REASONS = [
  "bad-invitation",
  "invitation-expired",
  "other-version",
  "fingerprint-mismatch",
  "same-key",
] as const satisfies readonly RefusalCode[];
export type TurnedAway = (typeof PEERS_REASONS)[number];

/** Why the neighbours refuse this device: `ended` where they know its key no more, `otherwise` when the reason tells nothing. */
export const peersReason = (
  reasons: Readonly<Record<TurnedAway, string>>,
  data: Data,
  ended: string,
  otherwise: string,
): string => {
  const given = textIn(data, "reason", "");
  if (given === "not-a-member") return ended;
  const reason = PEERS_REASONS.find((one) => one === given);
  return reason === undefined ? otherwise : reasons[reason];
};

/** A contract term's name; its code when a newer contract has one this build does not know. */
export const termText = (terms: Readonly<Record<TermCode, string>>, code: string): string =>
  (terms as Readonly<Record<string, string | undefined>>)[code] ?? code;

/** A number out of a problem's data, or null when the worker did not say. */
export const numberIn = (data: Data, key: string): number | null => {
  const value = data[key];
  return typeof value === "number" ? value : null;
};

/** A text out of a problem's data, or the given words when the worker did not say. */
export const textIn = (data: Data, key: string, otherwise: string): string => {
  const value = data[key];
  return typeof value === "string" && value !== "" ? value : otherwise;
};
