/** The part of the port (worker/port.ts) about connections: what the worker asks of PeerJS in the page, and what happens there. */

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
