/**
 * The page half of the PeerJS network (worker/network/peerjs.ts is the other): RTCPeerConnection exists only on the
 * page. Does what PeerCommands say and reports PeerEvents; decides nothing, knows no keys and no members.
 */
import type { DataConnection } from "peerjs";
import type { IceServer, PeerCommand, PeerEvent } from "../../worker/port-peer.ts";
import { openChannel, type Channel, type Connection } from "./channel.ts";
import { createSignalling, type Signalling } from "./signalling.ts";

/** More data connections than a node keeps, with room for those whose hello is under way. */
const LINK_LIMIT = 64;

export type PeerBridgeOptions = {
  /** The page's own address: the signalling server is on the same origin unless a command says otherwise. */
  readonly pageUrl: string;
};

/** How a link that was made by hand goes on. */
export type HandListener = { readonly up: () => void; readonly over: (reason: string) => void };

export type PeerBridge = {
  /** Takes the worker's commands; nothing is opened before the first. */
  readonly command: (command: PeerCommand) => void;
  /** STUN and TURN of this community, as the worker last named them. */
  readonly iceServers: () => readonly RTCIceServer[];
  /** A connection that two people made by hand; `dialled` by the one who made the offer. False when there is no room. */
  readonly attachByHand: (connection: Connection, dialled: boolean, listener: HandListener) => boolean;
};

const iceOf = (ice: readonly IceServer[]): RTCIceServer[] =>
  ice.map(({ urls, username, credential }) => ({
    urls: [...urls],
    ...(username === null ? {} : { username }),
    ...(credential === null ? {} : { credential }),
  }));

type Attached = {
  readonly peer: string;
  readonly channel: Channel;
  readonly signalling: Signalling | null;
  /** Why it ended, where somebody wants to know. */
  reason: string;
};
type Place = { readonly settings: string; readonly signalling: Signalling };

class Bridge implements PeerBridge {
  readonly #onEvent: (event: PeerEvent) => void;
  readonly #pageUrl: string;
  readonly #links = new Map<number, Attached>();
  /** By the server's number in the settings. */
  readonly #places = new Map<number, Place>();
  #ice: readonly RTCIceServer[] = [];
  /** Incoming links are odd, and so are those made by hand. */
  #nextIncoming = 1;

  constructor(onEvent: (event: PeerEvent) => void, { pageUrl }: PeerBridgeOptions) {
    this.#onEvent = onEvent;
    this.#pageUrl = pageUrl;
  }

  readonly iceServers = (): readonly RTCIceServer[] => this.#ice;

  readonly command = (command: PeerCommand): void => {
    switch (command.kind) {
      case "open":
        return this.#open(command);
      case "dial":
        return this.#dial(command);
      case "send":
        return this.#links.get(command.link)?.channel.send(command.bytes);
      case "close":
        return this.#links.get(command.link)?.channel.close();
      case "shut":
        for (const { channel } of this.#links.values()) channel.close();
        return this.#leave();
    }
  };

  readonly attachByHand = (connection: Connection, dialled: boolean, listener: HandListener): boolean => {
    if (this.#links.size >= LINK_LIMIT) return false;
    this.#attach(connection, { link: this.#nextLink(), peer: "", dialled, signalling: null, listener });
    return true;
  };

  /** A page that goes away says so: otherwise its neighbours wait for it, and the servers keep its name. */
  hide(): void {
    for (const { channel } of this.#links.values()) channel.fail("closed");
    this.#leave();
    // Should it come back (the browser's page cache), the worker hears that it must start again.
    for (const server of this.#places.keys()) this.#onEvent({ kind: "lost", server, reason: "page hidden" });
  }

  #nextLink(): number {
    const link = this.#nextIncoming;
    this.#nextIncoming += 2;
    return link;
  }

  #leave(): void {
    for (const { signalling } of this.#places.values()) signalling.shut();
  }

  #open({ server, url, ice, id, token }: Extract<PeerCommand, { kind: "open" }>): void {
    const settings = JSON.stringify([url, ice]);
    let place = this.#places.get(server);
    if (place?.settings !== settings) {
      place?.signalling.shut();
      this.#ice = iceOf(ice);
      place = { settings, signalling: this.#createSignalling(server, url) };
      this.#places.set(server, place);
    }
    place.signalling.open(id, token);
  }

  #createSignalling(server: number, url: string): Signalling {
    const signalling: Signalling = createSignalling({
      url: url === "" ? new URL(this.#pageUrl).origin : url,
      server,
      iceServers: this.#ice,
      onEvent: this.#onEvent,
      onConnection: (connection) => {
        // The caller chooses the serialization; anything but raw bytes would be unpacked by code we do not want.
        if (connection.serialization !== "raw" || this.#links.size >= LINK_LIMIT) return connection.close();
        this.#attach(connection, { link: this.#nextLink(), peer: connection.peer, dialled: false, signalling });
      },
      onUnavailable: (id) => {
        for (const link of this.#links.values()) {
          if (link.signalling === signalling && link.peer === id && !link.channel.isUp())
            link.channel.fail("nobody there");
        }
      },
    });
    return signalling;
  }

  #dial({ link, server, id }: Extract<PeerCommand, { kind: "dial" }>): void {
    const signalling = this.#places.get(server)?.signalling ?? null;
    const connection: DataConnection | null = this.#links.size < LINK_LIMIT ? (signalling?.dial(id) ?? null) : null;
    if (connection === null) this.#onEvent({ kind: "down", link, reason: "not on the signalling server" });
    else this.#attach(connection, { link, peer: id, dialled: true, signalling });
  }

  #attach(
    connection: Connection,
    o: {
      readonly link: number;
      readonly peer: string;
      readonly dialled: boolean;
      readonly signalling: Signalling | null;
      readonly listener?: HandListener;
    },
  ): void {
    const { link, peer, dialled, signalling, listener } = o;
    const channel = openChannel(connection, {
      up: ({ local, remote }) => {
        listener?.up();
        this.#onEvent({ kind: "up", link, peer, dialled, local, remote });
      },
      data: (bytes) => this.#onEvent({ kind: "data", link, bytes }),
      down: (reason) => {
        attached.reason = reason;
        this.#onEvent({ kind: "down", link, reason });
      },
      over: () => {
        // A worker that started its network anew counts its dials anew, while the last links are still closing.
        if (this.#links.get(link) === attached) this.#links.delete(link);
        listener?.over(attached.reason);
        // After PeerJS has let go of the connection itself.
        queueMicrotask(() => signalling?.tidy());
      },
    });
    const attached: Attached = { peer, channel, signalling, reason: "closed" };
    this.#links.set(link, attached);
  }
}

export const startPeerBridge = (onEvent: (event: PeerEvent) => void, options: PeerBridgeOptions): PeerBridge => {
  const bridge = new Bridge(onEvent, options);
  addEventListener("pagehide", () => bridge.hide());
  return bridge;
};
