/**
 * PeerJS is loaded when the node first wants to be met: before there is a community nobody needs it. Commands wait for it
 * in their order; where it cannot be had (offline, and never kept), the node hears that there is no server and tries again.
 */
import type { PeerCommand, PeerEvent } from "../../worker/port-peer.ts";

type Send = (command: PeerCommand) => void;

/** @param load starts the bridge, as {@link startPeerBridge} does. */
export const startPeersLater = (load: () => Promise<Send>, onEvent: (event: PeerEvent) => void): Send => {
  let bridge: Send | null = null;
  let waiting: PeerCommand[] | null = null;
  const fetchIt = async (): Promise<void> => {
    const bridged = await load().catch(() => null);
    const held = waiting ?? [];
    waiting = null;
    bridge = bridged;
    if (bridged !== null) for (const command of held) bridged(command);
    else onEvent({ kind: "lost", reason: "not on this device" });
  };
  return (command) => {
    if (bridge !== null) return bridge(command);
    if (waiting !== null) waiting.push(command);
    // Nothing is open that could be shut, and nothing to be sent on.
    else if (command.kind === "open") {
      waiting = [command];
      void fetchIt();
    }
  };
};
