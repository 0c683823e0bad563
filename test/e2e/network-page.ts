/** Runs the Network checks in this page over real WebRTC, and nodes that a test in Node steers from page to page. */
import { answerOffer, makeOffer, type HandLink } from "../../src/bridge/by-hand.ts";
import { decodeHand, type HandText } from "../../src/bridge/hand-text.ts";
import { startPeerBridge, type PeerBridge } from "../../src/bridge/peerjs.ts";
import type { NetworkEvent, Self, Surroundings } from "../../worker/network/network.ts";
import { createPeerJsNetwork, type PeerJsNetwork } from "../../worker/network/peerjs.ts";
import { COMMUNITY, networkChecks, selfOf, type NetworkBed } from "../contracts/network-checks.ts";

/** Events as they travel to the test: bytes as their length and sum. */
export type SeenEvent =
  | Exclude<NetworkEvent, { kind: "message" }>
  | { readonly kind: "message"; readonly peer: number; readonly length: number; readonly sum: number };

/** What the test in Node calls. */
export type NetworkPage = {
  runCheck: (name: string) => Promise<string>;
  /** Starts this page's node. `device` sets addresses of different tests apart. */
  startNode: (name: string, device: string, token?: string, servers?: readonly string[]) => void;
  /** Stops its network and starts another behind the same page half, as the app does after an admission. */
  restartNode: () => void;
  seen: SeenEvent[];
  addresses: () => readonly string[];
  dial: (address: string) => void;
  send: (peer: number, size: number) => void;
  nudge: (hint: "visible" | "online") => void;
  /** Connects without any server: makes the offer, answers it, takes the answer. */
  offer: () => Promise<string>;
  answer: (offer: string) => Promise<string>;
  accept: (answer: string) => Promise<void>;
  handStates: string[];
  /** Names that this page asked the signalling server for, in order. */
  asked: string[];
};

const page = globalThis as unknown as NetworkPage;

const surroundings: Surroundings = {
  now: () => performance.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
  random: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

type Half = { receive: PeerJsNetwork["receive"] };

type Halves = { readonly worker: Half; readonly bridge: PeerBridge };

/** A page half for one worker half after another; the port between them hands over copies, later. */
const createPage = (): Halves => {
  const worker: Half = { receive: () => {} };
  const deliver = (event: Parameters<Half["receive"]>[0]): void => {
    queueMicrotask(() => worker.receive(structuredClone(event)));
  };
  return { worker, bridge: startPeerBridge(deliver, { pageUrl: location.href }) };
};

const create = (
  self: Self,
  device: string,
  { token, servers = [] }: { token?: string | undefined; servers?: readonly string[] | undefined } = {},
  { worker, bridge }: Halves = createPage(),
): PeerJsNetwork => {
  const network = createPeerJsNetwork({
    self,
    servers,
    surroundings,
    device,
    post: (command) => {
      const sent = structuredClone(command);
      if (sent.kind === "open") page.asked.push(sent.id);
      queueMicrotask(() => bridge.command(sent.kind === "open" && token !== undefined ? { ...sent, token } : sent));
    },
  });
  worker.receive = network.receive;
  return network;
};

const PATIENCE_MS = 40_000;
const SETTLE_MS = 600;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

const runCheck = async (name: string): Promise<string> => {
  const check = networkChecks.find((one) => one.name === name);
  if (check === undefined) return "no such check";
  const networks: PeerJsNetwork[] = [];
  const device = crypto.randomUUID();
  const bed: NetworkBed = {
    join: async (self) => {
      const network = create(self, device);
      networks.push(network);
      return network;
    },
    until: async (done, what) => {
      const end = performance.now() + PATIENCE_MS;
      while (!done()) {
        if (performance.now() > end) throw new Error(`${what}: not within ${PATIENCE_MS} ms`);
        await pause(5);
      }
    },
    settle: () => pause(SETTLE_MS),
  };
  try {
    await check.run(bed);
    return "ok";
  } catch (cause) {
    return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  } finally {
    for (const network of networks) network.stop();
  }
};

const see = (event: NetworkEvent): SeenEvent =>
  event.kind === "message"
    ? {
        kind: "message",
        peer: event.peer,
        length: event.bytes.length,
        sum: event.bytes.reduce((sum, byte) => (sum + byte) % 65_521, 0),
      }
    : event;

page.runCheck = runCheck;
/** What the screen does with the texts that two people hand each other. */
const offerByHand = (bridge: PeerBridge): void => {
  let link: HandLink | null = null;
  page.handStates = [];
  const options = { bridge, community: COMMUNITY, onState: (state: string) => void page.handStates.push(state) };
  const heard = (text: string): HandText => {
    const hand = decodeHand(text);
    if (hand === null) throw new Error("no text of ours");
    return hand;
  };
  page.offer = async () => (link = await makeOffer(options)).text;
  page.answer = async (offer) => (link = await answerOffer(options, heard(offer))).text;
  page.accept = async (answer) => link?.accept(heard(answer));
};

page.seen = [];
page.asked = [];
page.startNode = (name, device, token, servers) => {
  const halves = createPage();
  offerByHand(halves.bridge);
  const begin = (): void => {
    const network = create(selfOf({ name }), device, { token, servers }, halves);
    network.start((event) => page.seen.push(see(event)));
    page.addresses = network.addresses;
    page.dial = network.dial;
    page.send = (peer, size) => network.send(peer, new Uint8Array(size).fill(7));
    page.nudge = network.nudge;
    page.restartNode = () => {
      network.stop();
      begin();
    };
  };
  begin();
};
