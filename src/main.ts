/**
 * The page's start: language, worker, bridges, app, service worker. Wires things together and decides nothing.
 */
import { mount } from "svelte";
import type { PeerEvent } from "../worker/port-peer.ts";
import App from "./app/App.svelte";
import { languageFrom, loadTexts, storedLanguage } from "./app/language.ts";
import { allowWays } from "./app/ways.ts";
import { NodeState, pageBase, type Launch } from "./app/node.svelte.ts";
import { watchErrors } from "./bridge/errors.ts";
import { watchInstall } from "./bridge/install.ts";
import { isDemoMarked } from "./bridge/demo-mark.ts";
import { watchLaunches } from "./bridge/launch.ts";
import { startNodeClient, type WorkerLike } from "./bridge/node-client.ts";
import type { PeerBridge } from "./bridge/peerjs.ts";
import { startPeersLater, type LaterPeers } from "./bridge/peers-later.ts";
import { isPersisted } from "./bridge/persistence.ts";
import { watchPresence } from "./bridge/presence.ts";
import { watchSurroundings } from "./bridge/surroundings.ts";
import { registerServiceWorker } from "./bridge/service-worker.ts";
import { trustOwnScripts } from "./bridge/trusted.ts";
import { loadTypeface } from "./bridge/typeface.ts";
import "./app/theme.css";

/** Set while a reload for a worker of another build is under way, so that it happens once and not for ever. */
const RELOADED = "commonwatt-reloaded-for";

const reloadOnce = (theirs: string, failed: () => void): void => {
  try {
    if (sessionStorage.getItem(RELOADED) !== theirs) {
      sessionStorage.setItem(RELOADED, theirs);
      location.reload();
      return;
    }
  } catch {
    // Without storage there is no way to know whether this was tried: say so instead of looping.
  }
  failed();
};

/** Starts the node's worker; `onPeers` hears of its connections: two people may make one by hand. */
const startNode =
  (onPeers: (peers: LaterPeers) => void): Launch =>
  (events) => {
    const worker: WorkerLike = new Worker(new URL("../worker/node.worker.ts", import.meta.url), {
      type: "module",
      name: "node",
    });
    const onPeer = (event: PeerEvent): void => client.peer(event);
    const loadPeers = async (): Promise<PeerBridge> =>
      (await import("./bridge/peerjs.ts")).startPeerBridge(onPeer, { pageUrl: pageBase() });
    const peers = startPeersLater(loadPeers, onPeer);
    onPeers(peers);
    const client = startNodeClient(worker, __BUILD__, pageBase(), {
      ...events,
      peer: peers.command,
      mismatch: ({ version, build }) => reloadOnce(`${version}:${build}`, events.failed),
    });
    return client;
  };

const startLab: Launch = (events) => {
  const worker: WorkerLike = new Worker(new URL("../worker/lab.worker.ts", import.meta.url), {
    type: "module",
    name: "demo",
  });
  return startNodeClient(worker, __BUILD__, pageBase(), {
    ...events,
    // The demo's neighbours live in one worker: there is nobody to call.
    peer: () => undefined,
    mismatch: ({ version, build }) => reloadOnce(`${version}:${build}`, events.failed),
  });
};

const start = async (): Promise<void> => {
  trustOwnScripts();
  const settleTypeface = loadTypeface();
  const language = languageFrom(storedLanguage(), navigator.languages);
  const started: LaterPeers[] = [];
  const launch = startNode((peers) => started.push(peers));
  const app = new NodeState(language, await loadTexts(language), launch, startLab);
  app.peers = async () => (await started[0]?.bridge()) ?? null;
  document.documentElement.lang = language;
  app.follow();
  if (isDemoMarked()) app.startDemo(true);
  watchErrors(() => (app.failed = true));
  watchInstall((ask) => (app.device.install = ask));
  watchLaunches({ go: (hash) => (location.hash = hash), file: (file) => app.device.hand(file) });
  watchPresence((visible, online) => {
    app.online = online;
    app.node.visible(visible, online);
  });
  const target = document.getElementById("app");
  if (target === null) throw new Error("index.html has no #app");
  await settleTypeface();
  target.replaceChildren();
  mount(App, { target, props: { app } });
  void isPersisted()
    .then((persisted) => app.node.ask("storage-persisted", { persisted }))
    .catch(() => undefined);
  void watchSurroundings((seen) => void app.node.ask("surroundings", seen).catch(() => undefined));
  if (import.meta.env.PROD) {
    const { updating } = app.device;
    await registerServiceWorker(
      { ready: (update) => updating.offer(update), replaced: () => updating.finish() },
      language,
    );
    await allowWays(app, () => location.reload());
  }
};

void start();
