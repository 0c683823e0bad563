/**
 * The page half of the PeerJS network (worker/network/peerjs.ts is the other): RTCPeerConnection exists only on the
 * page. Does what PeerCommands say and reports PeerEvents; decides nothing, knows no keys and no members.
 */
import type { DataConnection } from "peerjs";
import type { PeerCommand, PeerEvent } from "../../worker/port-peer.ts";
import { openChannel, type Channel } from "./channel.ts";
import { createSignalling } from "./signalling.ts";

/** More data connections than a node keeps, with room for those whose hello is under way. */
const LINK_LIMIT = 64;

export type PeerBridgeOptions = {
  /** The page's own address: the signalling server is on the same origin. */
  readonly pageUrl: string;
  /** STUN and TURN servers for members on different networks; none by default. */
  readonly iceServers?: readonly RTCIceServer[];
};

/** @returns what takes the worker's commands; nothing is opened before the first. */
export const startPeerBridge = (
  onEvent: (event: PeerEvent) => void,
  { pageUrl, iceServers = [] }: PeerBridgeOptions,
): ((command: PeerCommand) => void) => {
  const links = new Map<number, { readonly peer: string; readonly channel: Channel }>();
  /** Incoming links are odd. */
  let nextIncoming = 1;

  const attach = (connection: DataConnection, link: number, dialled: boolean): void => {
    const { peer } = connection;
    const channel = openChannel(connection, {
      up: ({ local, remote }) => onEvent({ kind: "up", link, peer, dialled, local, remote }),
      data: (bytes) => onEvent({ kind: "data", link, bytes }),
      down: (reason) => onEvent({ kind: "down", link, reason }),
      over: () => {
        // A worker that started its network anew counts its dials anew, while the last links are still closing.
        if (links.get(link)?.channel === channel) links.delete(link);
        // After PeerJS has let go of the connection itself.
        queueMicrotask(() => signalling.tidy());
      },
    });
    links.set(link, { peer, channel });
  };

  const signalling = createSignalling({
    pageUrl,
    iceServers,
    onEvent,
    onConnection: (connection) => {
      // The caller chooses the serialization; anything but raw bytes would be unpacked by code we do not want.
      if (connection.serialization !== "raw" || links.size >= LINK_LIMIT) return connection.close();
      const link = nextIncoming;
      nextIncoming += 2;
      attach(connection, link, false);
    },
    onUnavailable: (id) => {
      for (const { peer, channel } of links.values()) {
        if (peer === id && !channel.isUp()) channel.fail("nobody there");
      }
    },
  });

  const dial = (link: number, id: string): void => {
    const connection = links.size < LINK_LIMIT ? signalling.dial(id) : null;
    if (connection === null) onEvent({ kind: "down", link, reason: "not on the signalling server" });
    else attach(connection, link, true);
  };

  // A page that goes away says so: otherwise its neighbours wait for it, and the server keeps its name. Should it come
  // back (the browser's page cache), the worker hears that it must start again.
  addEventListener("pagehide", () => {
    for (const { channel } of links.values()) channel.fail("closed");
    signalling.shut();
    onEvent({ kind: "lost", reason: "page hidden" });
  });

  return (command) => {
    switch (command.kind) {
      case "open":
        return signalling.open(command.id, command.token);
      case "dial":
        return dial(command.link, command.id);
      case "send":
        return links.get(command.link)?.channel.send(command.bytes);
      case "close":
        return links.get(command.link)?.channel.close();
      case "shut":
        for (const { channel } of links.values()) channel.close();
        return signalling.shut();
    }
  };
};
