/**
 * One node's place on the signalling server, kept by PeerJS: open under an id, get it back after a loss, say so in
 * PeerEvents. Open data channels outlive it. Knows nothing of links beyond handing over incoming connections.
 */
import { Peer, type DataConnection } from "peerjs";
import type { PeerEvent } from "../../worker/port-peer.ts";

/** Where a host has its signalling server, beside the app; a URL with a path of its own says where it is instead. */
const SIGNAL_PATH = "/signal";
/** Keeps strangers' PeerJS pages from using the server by accident; not a secret. */
const SIGNAL_KEY = "commonwatt";

const OPEN_MS = 15_000;
const POLL_MS = 500;
/** Long enough for a refusal (`id taken`) to have arrived on an open socket. */
const SETTLED_MS = 2_000;

export type SignallingOptions = {
  /** The host, e.g. the page's own address. */
  readonly url: string;
  /** Its number in the settings, told with every event. */
  readonly server: number;
  /** STUN and TURN; none is needed on one local network. */
  readonly iceServers: readonly RTCIceServer[];
  readonly onEvent: (event: PeerEvent) => void;
  readonly onConnection: (connection: DataConnection) => void;
  /** The server does not know this id, or could not deliver to it. */
  readonly onUnavailable: (id: string) => void;
};

export type Signalling = {
  readonly open: (id: string, token: string) => void;
  /** null while we are not on the server. */
  readonly dial: (id: string) => DataConnection | null;
  /** A channel has ended: a Peer that was replaced is let go with its last one. */
  readonly tidy: () => void;
  /** Leaves the server, without a `lost`. */
  readonly shut: () => void;
};

const peerOptions = (host: string, token: string, iceServers: readonly RTCIceServer[]) => {
  const url = new URL(host);
  const secure = url.protocol === "https:";
  return {
    host: url.hostname,
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    path: /^\/(?:index\.html)?$/u.test(url.pathname) ? SIGNAL_PATH : url.pathname,
    key: SIGNAL_KEY,
    token,
    secure,
    debug: 0,
    config: { iceServers: [...iceServers] },
  };
};

/** PeerJS keeps its socket to itself; the question is only whether the browser says that it is open. */
const socketIsOpen = (peer: Peer): boolean => {
  const socket: unknown = Reflect.get(peer.socket, "_socket");
  return socket instanceof WebSocket && socket.readyState === WebSocket.OPEN;
};

const hasConnections = (peer: Peer): boolean =>
  Object.values(peer.connections as Readonly<Record<string, readonly unknown[]>>).some((list) => list.length > 0);

type Presence = { readonly peer: Peer; readonly id: string };

class PeerSignalling implements Signalling {
  readonly #options: SignallingOptions;
  #current: Presence | null = null;
  /** Peers under an earlier name that still carry channels. */
  #retired: Peer[] = [];
  #watch: ReturnType<typeof setInterval> | undefined;
  /** Why the connection will be lost: PeerJS tells the error first, then the loss. */
  #reason = "";

  constructor(options: SignallingOptions) {
    this.#options = options;
  }

  open(id: string, token: string): void {
    this.#reason = "";
    const last = this.#current;
    this.#current = null;
    if (last === null || last.peer.destroyed || last.id !== id) {
      if (last !== null) this.#retire(last.peer);
      return this.#create(id, token);
    }
    // Same name again: the same Peer, so that its links stay. There is no current one for the moment: no `lost`.
    if (!last.peer.disconnected) last.peer.disconnect();
    this.#current = last;
    last.peer.reconnect();
    this.#watchOpening(last);
  }

  dial(id: string): DataConnection | null {
    const peer = this.#current?.peer;
    if (peer === undefined || peer.disconnected || peer.destroyed) return null;
    const options = { serialization: "raw", reliable: true, label: "commonwatt" };
    // PeerJS answers nothing when it lost the server in this very moment.
    return peer.connect(id, options) ?? null;
  }

  tidy(): void {
    this.#retired = this.#retired.filter((peer) => {
      if (hasConnections(peer)) return true;
      peer.destroy();
      return false;
    });
  }

  shut(): void {
    clearInterval(this.#watch);
    const last = this.#current;
    this.#current = null;
    // Its channels are closing and still have something to say; the last one takes the Peer with it.
    if (last !== null) this.#retire(last.peer);
  }

  #create(id: string, token: string): void {
    const { url, iceServers, onConnection } = this.#options;
    const peer = new Peer(id, peerOptions(url, token, iceServers));
    const presence = { peer, id };
    this.#current = presence;
    peer.on("open", () => this.#onOpen(presence));
    peer.on("disconnected", () => this.#onDisconnected(presence));
    peer.on("error", (error) => this.#onError(error.type, error.message));
    peer.on("connection", onConnection);
    // Nobody here speaks or films.
    peer.on("call", (call) => call.close());
    this.#watchOpening(presence);
  }

  /**
   * A server that still holds our last socket takes the new one by its token without a word, so PeerJS never says
   * `open`: a socket that has been open for a while without a refusal is ours.
   */
  #watchOpening(presence: Presence): void {
    clearInterval(this.#watch);
    let waited = 0;
    let settled = 0;
    this.#watch = setInterval(() => {
      waited += POLL_MS;
      settled = socketIsOpen(presence.peer) ? settled + POLL_MS : 0;
      if (settled >= SETTLED_MS) return this.#onOpen(presence);
      if (waited < OPEN_MS) return;
      this.#reason = "timeout";
      presence.peer.disconnect();
    }, POLL_MS);
  }

  #onOpen(presence: Presence): void {
    if (this.#current !== presence) return;
    clearInterval(this.#watch);
    this.#reason = "";
    this.#options.onEvent({ kind: "open", server: this.#options.server, id: presence.id });
  }

  #onError(type: string, message: string): void {
    if (type === "peer-unavailable") {
      // "Could not connect to peer <id>": the only place where the id is told.
      const id = message.split(" ").at(-1);
      if (id !== undefined) this.#options.onUnavailable(id);
    } else if (type !== "webrtc") {
      this.#reason = type;
    }
  }

  #onDisconnected(presence: Presence): void {
    if (this.#current !== presence) return;
    clearInterval(this.#watch);
    const reason = this.#reason === "" ? "closed" : this.#reason;
    this.#reason = "";
    if (reason === "unavailable-id") {
      this.#current = null;
      this.#retire(presence.peer);
      this.#options.onEvent({ kind: "id-taken", server: this.#options.server, id: presence.id });
    } else {
      this.#options.onEvent({ kind: "lost", server: this.#options.server, reason });
    }
  }

  #retire(peer: Peer): void {
    peer.disconnect();
    this.#retired.push(peer);
    this.tidy();
  }
}

export const createSignalling = (options: SignallingOptions): Signalling => new PeerSignalling(options);
