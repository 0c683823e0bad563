/**
 * What the one button of a problem does. The sentences are in text/; this only says where the remedy is. Pure.
 */
import type { Problem } from "../../worker/port.ts";

export type Remedy =
  | { readonly kind: "retry" }
  | { readonly kind: "reload" }
  | { readonly kind: "go"; readonly to: "community" | "meter" | "health" | "chain" | "voting" | "leave" | "restore" }
  | { readonly kind: "none" };

const REMEDIES: Readonly<Record<Problem["code"], Remedy>> = {
  "storage-denied": { kind: "reload" },
  "storage-full": { kind: "go", to: "health" },
  "storage-corrupt": { kind: "reload" },
  "storage-short": { kind: "go", to: "health" },
  "identity-lost": { kind: "go", to: "restore" },
  "community-outdated": { kind: "go", to: "leave" },
  "no-neighbour": { kind: "retry" },
  offline: { kind: "retry" },
  "clock-off": { kind: "go", to: "health" },
  "meter-silent": { kind: "go", to: "meter" },
  "meter-refused": { kind: "go", to: "meter" },
  "meter-backwards": { kind: "go", to: "meter" },
  "meter-jumped": { kind: "go", to: "meter" },
  "meter-other": { kind: "go", to: "meter" },
  "meter-unplugged": { kind: "go", to: "meter" },
  "ballot-waiting": { kind: "go", to: "community" },
  "applicant-waiting": { kind: "go", to: "community" },
  "not-final": { kind: "go", to: "chain" },
  barred: { kind: "go", to: "voting" },
  "left-community": { kind: "go", to: "leave" },
  "device-replaced": { kind: "go", to: "leave" },
  "chain-stalled": { kind: "retry" },
  "words-unknown": { kind: "go", to: "leave" },
  "refused-by-peers": { kind: "go", to: "health" },
  "alarm-shares": { kind: "go", to: "health" },
  "alarm-heads": { kind: "go", to: "health" },
  "other-tab-old": { kind: "reload" },
};

export const remedyOf = (code: string): Remedy =>
  (REMEDIES as Readonly<Record<string, Remedy | undefined>>)[code] ?? { kind: "none" };
