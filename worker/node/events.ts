/**
 * What goes into the machine and what comes out (sans I/O): `step(event) -> effects`. Every event carries the time;
 * the machine has no clock. Effects of one event are carried out in the order commit, then the rest as listed.
 */
import type { Refusal } from "../base/result.ts";
import type { MemberIndex, Millis, MilliwattHours, PublicKey } from "../base/units.ts";
import type { Checks, Verdicts } from "../consensus/checks.ts";
import type { PulseCounter } from "../metering/reading.ts";
import type { CryptometerConfig, CryptometerReading } from "../metering/cryptometer.ts";
import type { GeneratorTerms } from "../community/contract.ts";
import type { Action } from "../ledger/transaction.ts";
import type { Question } from "./messages.ts";
import type { Strategy } from "./strategy.ts";

export type PeerIdentity = { readonly key: PublicKey; readonly role: "member" | "applicant" };

/** What a person at this device asks of the chain. */
export type Order =
  /** An applicant as a new member, or as the new device of one that `replaces` names. */
  | {
      readonly kind: "admit";
      readonly key: PublicKey;
      readonly weight: number;
      readonly replaces?: MemberIndex | null;
    }
  /** Answers the proposal's id. */
  | { readonly kind: "propose"; readonly action: Action }
  | { readonly kind: "strategy"; readonly strategy: Strategy }
  | { readonly kind: "vote"; readonly proposal: string; readonly yes: boolean }
  | {
      readonly kind: "add-meter";
      readonly meter: string;
      readonly label: string;
      readonly keyNumber: number;
      readonly config: CryptometerConfig;
      readonly terms: Omit<GeneratorTerms, "owner" | "key" | "endorsement">;
      readonly secret: Uint8Array;
    }
  | {
      readonly kind: "confirm-meter";
      readonly meter: string;
      /** Another meter's register, where it is to be counted on from; null where the one at hand had jumped. */
      readonly from: CryptometerReading | null;
    }
  | { readonly kind: "forget-meter"; readonly meter: string }
  /** The reading ends: what the meters counted is on disk when this is answered. */
  | { readonly kind: "write-down" };

export type Event = { readonly now: Millis } & (
  | { readonly kind: "time" }
  | { readonly kind: "peer-up"; readonly peer: number; readonly identity: PeerIdentity; readonly address: string }
  | { readonly kind: "peer-down"; readonly peer: number }
  | { readonly kind: "message"; readonly peer: number; readonly bytes: Uint8Array }
  | { readonly kind: "verdicts"; readonly ticket: number; readonly verdicts: Verdicts }
  | {
      readonly kind: "reading";
      readonly meter: string;
      readonly register: MilliwattHours;
      readonly at: Millis;
      readonly counter?: PulseCounter | null;
    }
  | { readonly kind: "order"; readonly id: number; readonly order: Order }
  /** A block's row that neighbours asked for cannot be read, or is not there. */
  | { readonly kind: "damaged"; readonly row: string }
);

/** Tables of the disk that the machine writes; `null` deletes. */
export type DiskOp = {
  readonly table: "chain" | "state" | "meta" | "own" | "journal" | "settings";
  readonly key: string;
  readonly value: Uint8Array | null;
};
/** What the runner runs: a full node's machine, or a light one's. */
export type Participant = {
  readonly step: (event: Event) => readonly Effect[];
  /** When it wants a `time` event; null when only an event from outside can change anything. */
  readonly wakeAt: Millis | null;
};

export type Effect =
  | { readonly kind: "commit"; readonly ops: readonly DiskOp[] }
  | { readonly kind: "send"; readonly peer: number; readonly bytes: Uint8Array }
  | { readonly kind: "verify"; readonly ticket: number; readonly checks: Checks }
  /** Blocks by their keys in the table `chain`, to be read from disk and sent to `peer` as one `blocks` message. */
  | { readonly kind: "serve"; readonly peer: number; readonly keys: readonly string[]; readonly more: boolean }
  /** A question that takes the disk to answer (shell/librarian.ts); the answer goes to `peer`. */
  | { readonly kind: "consult"; readonly peer: number; readonly message: Question }
  /** All is on disk for another beginning: the node is to be opened again from there. */
  | { readonly kind: "restart" }
  | { readonly kind: "drop"; readonly peer: number; readonly refusal: Refusal }
  | { readonly kind: "learnt"; readonly peer: number; readonly addresses: readonly string[] }
  | { readonly kind: "answer"; readonly id: number; readonly refusal: Refusal | null; readonly value?: string }
  | { readonly kind: "changed" };

/** Collects the effects of one event. */
export class Out {
  #ops: DiskOp[] = [];
  #effects: Effect[] = [];
  #changed = false;
  commit(table: DiskOp["table"], key: string, value: Uint8Array | null): void {
    this.#ops.push({ table, key, value });
  }
  push(effect: Exclude<Effect, { kind: "commit" | "changed" }>): void {
    this.#effects.push(effect);
  }
  changed(): void {
    this.#changed = true;
  }
  /** Disk first: nothing signed is sent before it is durable. */
  effects(): Effect[] {
    return [
      ...(this.#ops.length > 0 ? [{ kind: "commit", ops: this.#ops } as const] : []),
      ...this.#effects,
      ...(this.#changed ? [{ kind: "changed" } as const] : []),
    ];
  }
}
