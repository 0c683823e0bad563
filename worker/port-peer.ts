/** The part of the port (worker/port.ts) about connections: what the worker asks of PeerJS in the page, and what happens there. */

/** A STUN or TURN server. STUN needs no name and no password. */
export type IceServer = {
  readonly urls: readonly string[];
  readonly username: string | null;
  readonly credential: string | null;
};

/** How members find and reach each other beyond the host that served the app. Both lists are empty by default. */
export type Paths = {
  /** Signalling servers, `https://host/`; empty: the host that served the page. At most three. */
  readonly signalling: readonly string[];
  readonly ice: readonly IceServer[];
};

/**
 * The page half of PeerJS (RTCPeerConnection exists only there). `link` numbers one data channel for its life, `server`
 * one signalling server in the order of the settings. Fingerprints are the DTLS certificates' (`sha-256 AB:CD...`), read
 * from the connection's own descriptions.
 */
export type PeerCommand =
  /**
   * `url` is empty for the host that served the page. `token` gives a node its own id back while the signalling server
   * still holds its last socket.
   */
  | {
      readonly kind: "open";
      readonly server: number;
      readonly url: string;
      readonly ice: readonly IceServer[];
      readonly id: string;
      readonly token: string;
    }
  | { readonly kind: "dial"; readonly link: number; readonly server: number; readonly id: string }
  | { readonly kind: "send"; readonly link: number; readonly bytes: Uint8Array }
  | { readonly kind: "close"; readonly link: number }
  | { readonly kind: "shut" };

export type PeerEvent =
  | { readonly kind: "open"; readonly server: number; readonly id: string }
  | { readonly kind: "id-taken"; readonly server: number; readonly id: string }
  | { readonly kind: "lost"; readonly server: number; readonly reason: string }
  /**
   * Incoming links get numbers from the page, odd; dialled ones from the worker, even. A link that two people made by
   * hand, without a server, is odd on both sides, has no `peer`, and is dialled by the one who made the offer.
   */
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
