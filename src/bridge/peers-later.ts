/**
 * PeerJS is loaded when the node first wants to be met: before there is a community nobody needs it. Commands wait for it
 * in their order; where it cannot be had (offline, and never kept), the node hears that there is no server and tries again.
 */
import type { PeerCommand, PeerEvent } from "../../worker/port-peer.ts";
import type { PeerBridge } from "./peerjs.ts";

export type LaterPeers = {
  readonly command: (command: PeerCommand) => void;
  /** For connections that two people make by hand; null where it cannot be had. */
  readonly bridge: () => Promise<PeerBridge | null>;
};

export const startPeersLater = (load: () => Promise<PeerBridge>, onEvent: (event: PeerEvent) => void): LaterPeers => {
  let bridge: PeerBridge | null = null;
  let loading: Promise<PeerBridge | null> | null = null;
  let waiting: PeerCommand[] | null = null;
  const loadOnce = async (): Promise<PeerBridge | null> => {
    loading ??= load().catch(() => null);
    bridge = await loading;
    loading = null;
    return bridge;
  };
  const fetchIt = async (): Promise<void> => {
    await loadOnce();
    const held = waiting ?? [];
    waiting = null;
    for (const command of held)
      if (bridge !== null) bridge.command(command);
      else if (command.kind === "open") onEvent({ kind: "lost", server: command.server, reason: "not on this device" });
  };
  const command = (one: PeerCommand): void => {
    if (waiting !== null) waiting.push(one);
    else if (bridge !== null) bridge.command(one);
    // Nothing is open that could be shut, and nothing to be sent on.
    else if (one.kind === "open") {
      waiting = [one];
      void fetchIt();
    }
  };
  return { command, bridge: async () => bridge ?? (await loadOnce()) };
};
