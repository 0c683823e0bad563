/**
 * PeerJS is loaded when the node first wants to be met: before there is a community nobody needs it. Commands wait for it
 * in their order; where it cannot be had (offline, and never kept), the node hears that there is no server and tries again.
 */
import type { PeerCommand, PeerEvent } from "../../worker/port-peer.ts";
import type { PeerBridge } from "./peerjs.ts";

/** @param onBridge hears of the bridge once it is here. */
export const startPeersLater = (
  load: () => Promise<PeerBridge>,
  onEvent: (event: PeerEvent) => void,
  onBridge: (bridge: PeerBridge) => void,
): ((command: PeerCommand) => void) => {
  let bridge: PeerBridge | null = null;
  let waiting: PeerCommand[] | null = null;
  const fetchIt = async (): Promise<void> => {
    bridge = await load().catch(() => null);
    const held = waiting ?? [];
    waiting = null;
    if (bridge !== null) onBridge(bridge);
    for (const command of held)
      if (bridge !== null) bridge.command(command);
      else if (command.kind === "open") onEvent({ kind: "lost", server: command.server, reason: "not on this device" });
  };
  return (command) => {
    if (bridge !== null) return bridge.command(command);
    if (waiting !== null) waiting.push(command);
    // Nothing is open that could be shut, and nothing to be sent on.
    else if (command.kind === "open") {
      waiting = [command];
      void fetchIt();
    }
  };
};
