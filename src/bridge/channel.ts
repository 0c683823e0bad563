/**
 * One data connection, of PeerJS or made by hand, as a plain channel of frames: bounded, with backpressure, closed without losing what
 * was sent before. Knows nothing of what the frames say (worker/network does).
 */
/** Above this much in the browser's own buffer, frames wait here. */
const HIGH_WATER = 1024 * 1024;
const LOW_WATER = 256 * 1024;
/** Frames before we are up: a node that keeps to hello sends one. */
const EARLY_LIMIT = 8;
/** Waiting frames beyond this: the other side is too slow to be a neighbour. */
const QUEUE_LIMIT = 32 * 1024 * 1024;
/** A connection that is not open by then never will be. */
const OPEN_MS = 20_000;
/** A connection whose packets get no answer may recover (another network, a short tunnel); for so long it may try. */
const SILENT_MS = 8_000;
/** What a closing channel gets to deliver its last frames. */
const FLUSH_MS = 3_000;

/** What is used of a PeerJS DataConnection; by-hand.ts makes the same of a bare RTCPeerConnection. */
export type Connection = {
  readonly dataChannel: RTCDataChannel | null;
  readonly peerConnection: RTCPeerConnection | null;
  on(event: "open" | "close" | "error", listener: () => void): unknown;
  on(event: "data", listener: (data: unknown) => void): unknown;
  on(event: "iceStateChanged", listener: (state: RTCIceConnectionState) => void): unknown;
  removeAllListeners(): unknown;
  close(): void;
};

/** The DTLS certificates' fingerprints as SDP writes them, e.g. `sha-256 AB:CD...`. */
export type Fingerprints = { readonly local: string; readonly remote: string };

/** `up` at most once; `down` exactly once, unless the channel was closed from this side. */
export type ChannelListener = {
  readonly up: (fingerprints: Fingerprints) => void;
  readonly data: (frame: Uint8Array) => void;
  readonly down: (reason: string) => void;
  /** After everything, however it ended. */
  readonly over: () => void;
};

export type Channel = {
  readonly send: (frame: Uint8Array) => void;
  /** Delivers what was sent, then closes. */
  readonly close: () => void;
  /** Ends at once, with a `down`. */
  readonly fail: (reason: string) => void;
  readonly isUp: () => boolean;
};

const FINGERPRINT = /^a=fingerprint:\s*(\S+)\s+(\S+)\s*$/gimu;

/**
 * The one fingerprint of a description; null when there is none or more than one. A description may list several,
 * and the browser then takes a certificate that fits any of them, so a list proves nothing.
 */
export const fingerprintIn = (sdp: string): string | null => {
  const found = new Set(
    [...sdp.matchAll(FINGERPRINT)].map(([, hash = "", value = ""]) => `${hash.toLowerCase()} ${value.toUpperCase()}`),
  );
  const [only] = found;
  return found.size === 1 && only !== undefined && only.startsWith("sha-256 ") ? only : null;
};

/** null as long as the browser has not said both; an empty one is none that can be trusted. */
const fingerprintsOf = ({ localDescription, remoteDescription }: RTCPeerConnection): Fingerprints | null => {
  if (localDescription === null || remoteDescription === null) return null;
  return { local: fingerprintIn(localDescription.sdp) ?? "", remote: fingerprintIn(remoteDescription.sdp) ?? "" };
};

/** Calls `lost` when packets have had no answer for too long. @returns what ends the watch. */
const watchSilence = (connection: Connection, lost: () => void): (() => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  connection.on("iceStateChanged", (state) => {
    clearTimeout(timer);
    if (state === "disconnected") timer = setTimeout(lost, SILENT_MS);
  });
  return () => clearTimeout(timer);
};

class PeerChannel implements Channel {
  readonly #connection: Connection;
  readonly #listener: ChannelListener;
  readonly #stopWatching: () => void;
  readonly #queue: Uint8Array[] = [];
  readonly #early: Uint8Array[] = [];
  #queued = 0;
  #phase: "opening" | "up" | "closing" | "over" = "opening";
  #timer: ReturnType<typeof setTimeout>;

  constructor(connection: Connection, listener: ChannelListener) {
    this.#connection = connection;
    this.#listener = listener;
    this.#timer = setTimeout(() => this.#end("no answer"), OPEN_MS);
    this.#stopWatching = watchSilence(connection, () => this.#end("lost"));
    connection.on("open", this.#goUp);
    connection.on("data", (data) => this.#onData(data));
    connection.on("close", () => this.#end("closed"));
    connection.on("error", () => this.#end("lost"));
  }

  isUp(): boolean {
    return this.#phase === "up";
  }

  send(frame: Uint8Array): void {
    if (this.#phase !== "up") return;
    this.#queue.push(frame);
    this.#queued += frame.length;
    if (this.#queued > QUEUE_LIMIT) return this.#end("congested");
    this.#flush();
  }

  close(): void {
    if (this.#phase === "over" || this.#phase === "closing") return;
    const wasUp = this.isUp();
    this.#phase = "closing";
    if (!wasUp) return this.#end("closed");
    this.#timer = setTimeout(() => this.#end("closed"), FLUSH_MS);
    this.#flush();
  }

  fail(reason: string): void {
    this.#end(reason);
  }

  /**
   * The channel of the side that dialled can be open a moment before the browser shows the answer's description
   * (setRemoteDescription is not over): then that is waited for, with the frames that come meanwhile.
   */
  readonly #goUp = (): void => {
    const data = this.#connection.dataChannel;
    const rtc = this.#connection.peerConnection;
    if (this.#phase !== "opening" || data === null || rtc === null) return;
    const fingerprints = fingerprintsOf(rtc);
    if (fingerprints === null) {
      rtc.addEventListener("signalingstatechange", this.#goUp, { once: true });
      return;
    }
    if (fingerprints.local === "" || fingerprints.remote === "") return this.#end("no fingerprint");
    clearTimeout(this.#timer);
    data.bufferedAmountLowThreshold = LOW_WATER;
    data.addEventListener("bufferedamountlow", this.#flush);
    this.#phase = "up";
    this.#listener.up(fingerprints);
    for (const frame of this.#early.splice(0)) this.#listener.data(frame);
  };

  #onData(data: unknown): void {
    // Text is never sent by a node of ours; the empty frame lets the worker see rubbish and say so.
    const frame = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array();
    if (this.isUp()) this.#listener.data(frame);
    else if (this.#phase === "opening" && this.#early.push(frame) > EARLY_LIMIT) this.#end("malformed");
  }

  readonly #flush = (): void => {
    const data = this.#connection.dataChannel;
    if (data === null || data.readyState !== "open") return;
    try {
      for (let next = this.#queue[0]; next !== undefined && data.bufferedAmount < HIGH_WATER; next = this.#queue[0]) {
        data.send(next as Uint8Array<ArrayBuffer>);
        this.#queue.shift();
        this.#queued -= next.length;
      }
    } catch {
      return this.#end("lost");
    }
    // The channel's own closing procedure sends what it holds; PeerJS hears of its end and takes the rest down.
    if (this.#phase === "closing" && this.#queue.length === 0) data.close();
  };

  #end(reason: string): void {
    if (this.#phase === "over") return;
    const ours = this.#phase === "closing";
    this.#phase = "over";
    clearTimeout(this.#timer);
    this.#stopWatching();
    this.#queue.length = 0;
    this.#connection.removeAllListeners();
    this.#connection.close();
    if (!ours) this.#listener.down(reason);
    this.#listener.over();
  }
}

export const openChannel = (connection: Connection, listener: ChannelListener): Channel =>
  new PeerChannel(connection, listener);
