/**
 * What a node asks of a network (PROTOCOL.md §9): links to other members that are open, authenticated and
 * ordered, each with whole messages of bytes up to 4 MiB. Implemented by memory.ts and peerjs.ts, which pass the
 * same acceptance suite and run the same hello. Knows nothing of what the messages say.
 */
import type { Refusal, Result } from "../base/result.ts";
import type { PublicKey } from "../base/units.ts";

/** Raised when hello or framing change; both sides must speak the same one. */
export const PROTOCOL_VERSION = 4;

/** The longest message `send` takes. */
export const MESSAGE_LIMIT = 4 * 1024 * 1024;

/** A link's number for its life; never used again by this node. */
export type PeerId = number;

/** Who is at the other end, proved by hello. An applicant shows the invitation that it was given. */
export type Identity = {
  readonly key: PublicKey;
  readonly role: "member" | "applicant";
  readonly invitation?: Uint8Array;
};

export type NetworkEvent =
  | {
      readonly kind: "up";
      readonly peer: PeerId;
      readonly identity: Identity;
      readonly address: string;
      readonly dialled: boolean;
    }
  | { readonly kind: "message"; readonly peer: PeerId; readonly bytes: Uint8Array }
  /** Only after an `up`. Reasons are kebab-case: closed, lost, duplicate, flood, malformed, congested ... */
  | { readonly kind: "down"; readonly peer: PeerId; readonly reason: string }
  /** A link that never came up: they refused us, we refused them, or nobody answered (`unreachable`). */
  | {
      readonly kind: "refused";
      readonly address: string;
      readonly dialled: boolean;
      readonly by: "us" | "them";
      readonly refusal: Refusal;
    }
  | { readonly kind: "signalling"; readonly state: SignallingState };

/** Whether newcomers can find us: links that are open go on without it. */
export type SignallingState = "off" | "connecting" | "open" | "retrying";

/** No method throws on what the outside does; `send` to a peer that is down is dropped. */
export type Network = {
  /** Once. Events arrive one at a time and never from inside another method of this network. */
  readonly start: (onEvent: (event: NetworkEvent) => void) => void;
  /** Ends in `up` or `refused`. Dialling an address that is being dialled or is up does nothing. */
  readonly dial: (address: string) => void;
  /** In order, whole. @throws Error when `bytes` is longer than MESSAGE_LIMIT: a bug of the caller. */
  readonly send: (peer: PeerId, bytes: Uint8Array) => void;
  /** The other side is told `reason`; a `down` follows on both. */
  readonly disconnect: (peer: PeerId, reason: string) => void;
  /** Where others reach us at this moment; empty while nobody can. */
  readonly addresses: () => readonly string[];
  /** Closes every link (others see `closed`); no event follows. */
  readonly stop: () => void;
};

/** Who we are to others, and whom we let in. */
export type Self = {
  /** Hex id of the community (hash of its contract). */
  readonly community: string;
  readonly identity: Identity;
  /** Ed25519 secret, 32 bytes: signs hellos only under the tag `hello`. */
  readonly secret: Uint8Array;
  /**
   * Asked after the other side has proved its key, at that moment: may it come in? Codes that travel to the
   * other side: not-a-member, bad-invitation, invitation-expired, busy.
   */
  readonly admit: (identity: Identity) => Result<void>;
};

/** Time and entropy as the shell has them: real in a worker, virtual in the simulator. */
export type Surroundings = {
  /** Milliseconds, monotone enough for timeouts. */
  readonly now: () => number;
  /** Calls `fn` once, `ms` later; the answer cancels it. */
  readonly after: (ms: number, fn: () => void) => () => void;
  readonly random: (length: number) => Uint8Array;
};
