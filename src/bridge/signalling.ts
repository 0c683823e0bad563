/**
 * One node's place on the signalling server, kept by PeerJS: open under an id, get it back after a loss, say so in
 * PeerEvents. Open data channels outlive it. Knows nothing of links beyond handing over incoming connections.
 */
import { Peer, type DataConnection } from "peerjs";
import type { PeerEvent } from "../../worker/port.ts";

/** Where the signalling server is: the host that served the page, beside the app. */
const SIGNAL_PATH = "/signal";
/** Keeps strangers' PeerJS pages from using the server by accident; not a secret. */
const SIGNAL_KEY = "commonwatt";

const OPEN_MS = 15_000;
const POLL_MS = 500;
/** Long enough for a refusal (`id taken`) to have arrived on an open socket. */
const SETTLED_MS = 2_000;

export type SignallingOptions = {
  readonly pageUrl: string;
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

const peerOptions = (pageUrl: string, token: string, iceServers: readonly RTCIceServer[]) => {
  const url = new URL(pageUrl);
  const secure = url.protocol === "https:";
  return {
    host: url.hostname,
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    path: SIGNAL_PATH,
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

export const createSignalling = (options: SignallingOptions): Signalling => {
  let current: { readonly peer: Peer; readonly id: string } | null = null;
  let retired: Peer[] = [];
  let watch: ReturnType<typeof setInterval> | undefined;
  let reason = "";

  const opened = (id: string): void => {
    clearInterval(watch);
    reason = "";
    options.onEvent({ kind: "open", id });
  };

  /**
   * A server that still holds our last socket takes the new one by its token without a word, so PeerJS never says
   * `open`: a socket that has been open for a while without a refusal is ours.
   */
  const watchOpening = (peer: Peer, id: string): void => {
    clearInterval(watch);
    let waited = 0;
    let settled = 0;
    watch = setInterval(() => {
      waited += POLL_MS;
      settled = socketIsOpen(peer) ? settled + POLL_MS : 0;
      if (settled >= SETTLED_MS) return opened(id);
      if (waited < OPEN_MS) return;
      reason = "timeout";
      peer.disconnect();
    }, POLL_MS);
  };

  const onError = (type: string, message: string): void => {
    if (type === "peer-unavailable") {
      const id = message.split(" ").at(-1);
      if (id !== undefined) options.onUnavailable(id);
    } else if (type !== "webrtc") {
      // The `disconnected` that follows tells it.
      reason = type;
    }
  };

  const onDisconnected = (peer: Peer, id: string): void => {
    if (current?.peer !== peer) return;
    clearInterval(watch);
    const why = reason === "" ? "closed" : reason;
    reason = "";
    // What never was open is destroyed by PeerJS after this; what was may still carry links.
    if (why === "unavailable-id") {
      current = null;
      retire(peer);
      options.onEvent({ kind: "id-taken", id });
    } else {
      options.onEvent({ kind: "lost", reason: why });
    }
  };

  const retire = (peer: Peer): void => {
    retired.push(peer);
    peer.disconnect();
    tidy();
  };
  const tidy = (): void => {
    retired = retired.filter((peer) => {
      if (hasConnections(peer)) return true;
      peer.destroy();
      return false;
    });
  };

  const create = (id: string, token: string): void => {
    const peer = new Peer(id, peerOptions(options.pageUrl, token, options.iceServers));
    current = { peer, id };
    peer.on("open", () => {
      if (current?.peer === peer) opened(id);
    });
    peer.on("disconnected", () => onDisconnected(peer, id));
    peer.on("error", (error) => onError(error.type, error.message));
    peer.on("connection", options.onConnection);
    // Nobody here speaks or films.
    peer.on("call", (call) => call.close());
    watchOpening(peer, id);
  };

  return {
    open: (id, token) => {
      reason = "";
      const last = current;
      current = null;
      if (last === null || last.peer.destroyed || last.id !== id) {
        if (last !== null && !last.peer.destroyed) retire(last.peer);
        return create(id, token);
      }
      // Same name again: the same Peer, so that its links stay. `current` is null for the moment: no `lost`.
      if (!last.peer.disconnected) last.peer.disconnect();
      current = last;
      last.peer.reconnect();
      watchOpening(last.peer, id);
    },
    dial: (id) => {
      if (current === null || current.peer.disconnected || current.peer.destroyed) return null;
      // PeerJS answers nothing when it lost the server in this very moment.
      const dialled = current.peer.connect(id, { serialization: "raw", reliable: true, label: "commonwatt" }) as DataConnection | undefined;
      return dialled ?? null;
    },
    tidy,
    shut: () => {
      clearInterval(watch);
      const last = current;
      current = null;
      // Its channels are closing and still have something to say; the last one takes the Peer with it.
      if (last !== null && !last.peer.destroyed) retire(last.peer);
    },
  };
};
