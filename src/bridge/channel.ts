/**
 * One PeerJS data connection as a plain channel of frames: bounded, with backpressure, closed without losing what
 * was sent before. Knows nothing of what the frames say (worker/network does).
 */
import type { DataConnection } from "peerjs";

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
const watchSilence = (connection: DataConnection, lost: () => void): (() => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  connection.on("iceStateChanged", (state) => {
    clearTimeout(timer);
    if (state === "disconnected") timer = setTimeout(lost, SILENT_MS);
  });
  return () => clearTimeout(timer);
};

export const openChannel = (connection: DataConnection, listener: ChannelListener): Channel => {
  let phase: "opening" | "up" | "closing" | "over" = "opening";
  const queue: Uint8Array[] = [];
  let queued = 0;
  const early: Uint8Array[] = [];
  let timer = setTimeout(() => end("no answer"), OPEN_MS);

  const end = (reason: string): void => {
    if (phase === "over") return;
    const ours = phase === "closing";
    phase = "over";
    clearTimeout(timer);
    stopWatching();
    queue.length = 0;
    connection.removeAllListeners();
    connection.close();
    if (!ours) listener.down(reason);
    listener.over();
  };

  const flush = (): void => {
    const data = connection.dataChannel as RTCDataChannel | null;
    if (data === null || data.readyState !== "open") return;
    try {
      for (let next = queue[0]; next !== undefined && data.bufferedAmount < HIGH_WATER; next = queue[0]) {
        data.send(next as Uint8Array<ArrayBuffer>);
        queue.shift();
        queued -= next.length;
      }
    } catch {
      return end("lost");
    }
    // The channel's own closing procedure sends what it holds; PeerJS hears of its end and takes the rest down.
    if (phase === "closing" && queue.length === 0) data.close();
  };

  /**
   * The channel of the side that dialled can be open a moment before the browser shows the answer's description
   * (setRemoteDescription is not over): then that is waited for, with the frames that come meanwhile.
   */
  const goUp = (): void => {
    const data = connection.dataChannel as RTCDataChannel | null;
    const rtc = connection.peerConnection as RTCPeerConnection | null;
    if (phase !== "opening" || data === null || rtc === null) return;
    const fingerprints = fingerprintsOf(rtc);
    if (fingerprints === null) {
      rtc.addEventListener("signalingstatechange", goUp, { once: true });
      return;
    }
    if (fingerprints.local === "" || fingerprints.remote === "") return end("no fingerprint");
    clearTimeout(timer);
    data.bufferedAmountLowThreshold = LOW_WATER;
    data.addEventListener("bufferedamountlow", flush);
    phase = "up";
    listener.up(fingerprints);
    for (const frame of early.splice(0)) listener.data(frame);
  };

  const onData = (data: unknown): void => {
    // Text is never sent by a node of ours; the empty frame lets the worker see rubbish and say so.
    const frame = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array();
    if (phase === "up") listener.data(frame);
    else if (phase === "opening" && early.push(frame) > EARLY_LIMIT) end("malformed");
  };

  const stopWatching = watchSilence(connection, () => end("lost"));
  connection.on("open", goUp);
  connection.on("data", onData);
  connection.on("close", () => end("closed"));
  connection.on("error", () => end("lost"));

  return {
    send: (frame) => {
      if (phase !== "up") return;
      queue.push(frame);
      queued += frame.length;
      if (queued > QUEUE_LIMIT) return end("congested");
      flush();
    },
    close: () => {
      if (phase === "over" || phase === "closing") return;
      const wasUp = phase === "up";
      phase = "closing";
      clearTimeout(timer);
      if (!wasUp) return end("closed");
      timer = setTimeout(() => end("closed"), FLUSH_MS);
      flush();
    },
    fail: end,
    isUp: () => phase === "up",
  };
};
