/**
 * Two devices connected without any server: one makes an offer, the other answers it, two people carry both over
 * (hand-text.ts). What comes of it goes to the node as a link like any other; who is at the other end is proved there.
 */
import type { Connection } from "./channel.ts";
import { communityMark, encodeHand, handOfSdp, markOf, sdpOfHand, type HandText } from "./hand-text.ts";
import type { PeerBridge } from "./peerjs.ts";

/** A server that helps through routers answers by then, or not at all. */
const GATHER_MS = 4_000;
const MINUTE_MS = 60_000;

export type HandState = "waiting" | "connecting" | "open" | "failed";

export type HandLink = {
  /** Ours, to be handed over. */
  readonly hand: HandText;
  readonly text: string;
  /** Of an offer: takes the other's answer. @throws when the browser does not take it. */
  readonly accept: (answer: HandText) => Promise<void>;
  readonly close: () => void;
};

export type HandOptions = {
  readonly bridge: PeerBridge;
  /** Hex id. */
  readonly community: string;
  readonly onState: (state: HandState, reason: string) => void;
};

type Listeners = Map<string, ((of: never) => void)[]>;

/** A bare connection and its one channel, as channel.ts wants them. */
const connectionOf = (pc: RTCPeerConnection, channel: RTCDataChannel): Connection => {
  const listeners: Listeners = new Map();
  const tell = (event: string, of?: unknown): void => {
    for (const listener of listeners.get(event) ?? []) listener(of as never);
  };
  channel.addEventListener("message", ({ data }) => tell("data", data));
  // After an error a channel closes: that is enough to hear.
  channel.addEventListener("close", () => tell("close"));
  pc.addEventListener("iceconnectionstatechange", () => tell("iceStateChanged", pc.iceConnectionState));
  return {
    dataChannel: channel,
    peerConnection: pc,
    on: (event: string, listener: (of: never) => void) => {
      listeners.set(event, [...(listeners.get(event) ?? []), listener]);
      // It is handed over when it is open.
      if (event === "open") queueMicrotask(() => tell("open"));
    },
    removeAllListeners: () => listeners.clear(),
    close: () => pc.close(),
  };
};

const gathered = (pc: RTCPeerConnection): Promise<void> =>
  new Promise((done) => {
    if (pc.iceGatheringState === "complete") return done();
    const timer = setTimeout(done, GATHER_MS);
    pc.addEventListener("icegatheringstatechange", () => {
      if (pc.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      done();
    });
  });

type Started = { readonly pc: RTCPeerConnection; readonly close: () => void };

const start = ({ bridge, onState }: HandOptions, dialled: boolean): Started => {
  const pc = new RTCPeerConnection({ iceServers: [...bridge.iceServers()] });
  // Agreed beforehand, so that neither has to tell the other of it.
  const channel = pc.createDataChannel("commonwatt", { negotiated: true, id: 0 });
  channel.binaryType = "arraybuffer";
  let isAttached = false;
  let isClosed = false;
  channel.addEventListener("open", () => {
    isAttached = bridge.attachByHand(connectionOf(pc, channel), dialled, {
      up: () => onState("open", ""),
      over: (reason) => {
        if (!isClosed) onState("failed", reason);
      },
    });
    if (!isAttached) {
      pc.close();
      onState("failed", "busy");
    }
  });
  pc.addEventListener("connectionstatechange", () => {
    // Both browsers look for each other as soon as one has answered, long before a person has read the answer: until then
    // the codes must stay on the screens, and nobody is there to be found.
    const isRead = dialled && pc.remoteDescription !== null;
    if (pc.connectionState === "failed" && isRead && !isAttached) onState("failed", "no-way");
  });
  const close = (): void => {
    isClosed = true;
    // A link that is up belongs to the node by now.
    if (!isAttached) pc.close();
  };
  return { pc, close };
};

const handOf = (pc: RTCPeerConnection, community: string, offer: HandText | null): HandText | null =>
  handOfSdp(pc.localDescription?.sdp ?? "", {
    kind: offer === null ? "offer" : "answer",
    made: Math.floor(Date.now() / MINUTE_MS),
    community: communityMark(community),
    answers: offer === null ? null : markOf(offer),
  });

const finish = ({ pc, close }: Started, hand: HandText | null): HandLink => {
  if (hand === null) {
    close();
    throw new Error("this device has no network to be found on");
  }
  const accept = (answer: HandText): Promise<void> =>
    pc.setRemoteDescription({ type: "answer", sdp: sdpOfHand(answer) });
  return { hand, text: encodeHand(hand), accept, close };
};

/** @throws Error when the device has no network at all, or the browser no WebRTC. */
export const makeOffer = async (options: HandOptions): Promise<HandLink> => {
  const started = start(options, true);
  await started.pc.setLocalDescription(await started.pc.createOffer());
  await gathered(started.pc);
  return finish(started, handOf(started.pc, options.community, null));
};

/** @throws Error likewise, and when the browser does not take the offer. */
export const answerOffer = async (options: HandOptions, offer: HandText): Promise<HandLink> => {
  const started = start(options, false);
  await started.pc.setRemoteDescription({ type: "offer", sdp: sdpOfHand(offer) });
  await started.pc.setLocalDescription(await started.pc.createAnswer());
  await gathered(started.pc);
  return finish(started, handOf(started.pc, options.community, offer));
};
