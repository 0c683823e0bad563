/** The node's worker: wires this device to its page, its disk and PeerJS; one tab of several runs it. */
import { createPeerJsNetwork, type PeerJsNetwork } from "./network/peerjs.ts";
import { Device } from "./shell/device.ts";
import { answerOf, servePort, type PageLike } from "./shell/port-worker.ts";
import { localDayStart, localZone, randomBytes, realClock, realSurroundings } from "./shell/realtime.ts";
import { Tabs } from "./shell/tabs.ts";
import { createVerifier, VerdictMemory } from "./shell/verifier.ts";
import { openIndexedDb } from "./storage/indexeddb.ts";
import { StoreError, type Store } from "./storage/store.ts";
import { openRefused } from "./shell/refused-store.ts";

const page = self as unknown as PageLike;
let device: Device | null = null;
let network: PeerJsNetwork | null = null;
let tabs: Tabs | null = null;
/** The page tells this at once and then only when it changes: usually before there is a device. */
let presence = { visible: true, online: true };

const openStore = async (): Promise<Store> => {
  try {
    return await openIndexedDb("commonwatt");
  } catch (error) {
    return openRefused(error instanceof StoreError ? error : new StoreError("failed", error));
  }
};

const lead = async () => {
  const node = new Device({
    store: await openStore(),
    clock: realClock,
    verify: createVerifier(new VerdictMemory()),
    random: randomBytes,
    network: (self, { signalling, ice }) =>
      (network = createPeerJsNetwork({
        self,
        servers: signalling,
        ice,
        surroundings: realSurroundings,
        post: (command) => page.postMessage({ kind: "peer", command }),
      })),
    dayStart: localDayStart,
    zone: localZone(),
    publish: (view) => tabs?.publish(view),
    demo: false,
  });
  device = node;
  node.presence(presence.visible, presence.online);
  await node.start();
  return (asked: Parameters<typeof answerOf>[1]) => answerOf(node, asked);
};

const show = servePort(page, __BUILD__, {
  hello: () => {
    tabs ??= new Tabs({
      name: "commonwatt-node",
      build: __BUILD__,
      tab: crypto.randomUUID(),
      channel: new BroadcastChannel("commonwatt"),
      locks: navigator.locks,
      lead,
      show,
    });
  },
  ask: (asked) =>
    tabs?.ask(asked) ??
    Promise.resolve({
      ok: false,
      error: { code: "not-ready", message: "The app is still starting; try again in a moment." },
    }),
  visible: (visible, online) => {
    presence = { visible, online };
    device?.presence(visible, online);
  },
  peer: (event) => network?.receive(event),
});
