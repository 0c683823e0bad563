/**
 * The worker half of the PeerJS network: names and numbers, dialling, getting back onto the signalling server. The
 * page half (src/bridge/peerjs.ts) owns the connections; between them go the PeerCommands and PeerEvents of
 * ../port.ts. Links, hello and limits are those of every adapter (links.ts).
 */
import type { IceServer, PeerCommand, PeerEvent } from "../port-peer.ts";
import { ADDRESS_COUNT, deriveAddress, deriveToken, MAIN_DEVICE, NO_ADDRESS } from "./address.ts";
import { createLinks, type LinkEnd, type Links, type LinksOptions } from "./links.ts";
import type { RawLink } from "./link.ts";
import type { Network, SignallingState, Surroundings } from "./network.ts";

/** The page answers within 20 s; a page that does not answer at all is frozen. */
const DIAL_MS = 30_000;
const OPEN_MS = 30_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_LAST_MS = 60_000;

export type PeerJsOptions = LinksOptions & {
  /** Hands a command to the page. */
  readonly post: (command: PeerCommand) => void;
  /** A second device of one member takes another name. */
  readonly device?: string;
  /** Signalling servers, all used at once; the page's own host, which is "", by default. */
  readonly servers?: readonly string[];
  readonly ice?: readonly IceServer[];
};

export type PeerJsNetwork = Network & {
  /** An event from the page. */
  readonly receive: (event: PeerEvent) => void;
  /** The page became visible, or the device has a network again: no point in waiting out a back-off. */
  readonly nudge: (hint: "visible" | "online") => void;
};

/** Doubling from 1 s to 60 s, each between half and all of it, so that a restarted server is not met by all at once. */
const retryDelay = (attempt: number, surroundings: Surroundings): number => {
  const full = Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** Math.min(attempt, 10));
  const [byte = 0] = surroundings.random(1);
  return Math.round(full * (0.5 + byte / 510));
};

/** A place on a server that is the page's own host where nothing else is said. */
const serversOf = ({ servers = [] }: PeerJsOptions): readonly string[] => (servers.length === 0 ? [""] : servers);

/** Keeps us on one signalling server. */
const createPresence = (options: PeerJsOptions, server: number, url: string, changed: () => void) => {
  const { self, surroundings, post, device = MAIN_DEVICE, ice = [] } = options;
  const token = deriveToken(self.community, self.secret, device);
  let state: SignallingState = "off";
  let suffix = 0;
  let taken = 0;
  let attempt = 0;
  let cancel: () => void = () => {};

  const change = (next: SignallingState): void => {
    if (state === next) return;
    state = next;
    changed();
  };
  const address = (): string => deriveAddress(self.community, self.identity.key, device, suffix);
  const connect = (): void => {
    cancel();
    post({ kind: "open", server, url, ice, id: address(), token });
    cancel = surroundings.after(OPEN_MS, retry);
  };
  const retry = (): void => {
    cancel();
    change("retrying");
    cancel = surroundings.after(retryDelay(attempt, surroundings), connect);
    attempt += 1;
  };
  return {
    server,
    address,
    state: () => state,
    isOpen: () => state === "open",
    start: () => {
      change("connecting");
      connect();
    },
    opened: (id: string): void => {
      if (state === "off" || id !== address()) return;
      cancel();
      attempt = 0;
      taken = 0;
      change("open");
    },
    lost: (): void => {
      if (state !== "off") retry();
    },
    /** Somebody else holds the name: the next one at once, until all were tried. */
    idTaken: (id: string): void => {
      if (state === "off" || id !== address()) return;
      suffix = (suffix + 1) % ADDRESS_COUNT;
      taken += 1;
      if (taken % ADDRESS_COUNT === 0) return retry();
      connect();
    },
    nudge: (hint: "visible" | "online"): void => {
      if (state === "off" || (state === "open" && hint === "visible")) return;
      // After a change of network an open socket may be dead without knowing it.
      attempt = 0;
      change(state === "open" ? "connecting" : state);
      connect();
    },
    stop: (): void => {
      cancel();
      state = "off";
    },
  };
};

type Presence = ReturnType<typeof createPresence>;

/** The best state of any: one server is enough to be found. */
const BEST_FIRST: readonly SignallingState[] = ["open", "connecting", "retrying"];

/** Our places on all servers: members who prefer different ones still meet, and any of them may fail. */
const createPresences = (options: PeerJsOptions, emit: (state: SignallingState) => void) => {
  let told: SignallingState = "off";
  const changed = (): void => {
    const states = all.map((one) => one.state());
    const state = BEST_FIRST.find((best) => states.includes(best)) ?? "off";
    if (state === told) return;
    told = state;
    emit(state);
  };
  const all: readonly Presence[] = serversOf(options).map((url, server) =>
    createPresence(options, server, url, changed),
  );
  return {
    all,
    at: (server: number): Presence | undefined => all[server],
    open: (): readonly Presence[] => all.filter((one) => one.isOpen()),
  };
};

type Dial = { readonly address: string; readonly servers: readonly number[]; readonly cancel: () => void };

/** Dials that the page has not answered: on one server after the other. Dialled links are even. */
const createDials = ({ post, surroundings }: PeerJsOptions, failed: (address: string, reason: string) => void) => {
  const waiting = new Map<number, Dial>();
  let next = 2;
  /** Takes a dial off the list; null when there is none of that number. */
  const take = (link: number): Dial | null => {
    const dial = waiting.get(link);
    if (dial === undefined) return null;
    waiting.delete(link);
    dial.cancel();
    return dial;
  };
  const begin = (address: string, [server, ...servers]: readonly number[], reason: string): void => {
    if (server === undefined) return failed(address, reason);
    const link = next;
    next += 2;
    const giveUp = (): void => {
      post({ kind: "close", link });
      fail(link, "the page did not answer");
    };
    waiting.set(link, { address, servers, cancel: surroundings.after(DIAL_MS, giveUp) });
    post({ kind: "dial", link, server, id: address });
  };
  const fail = (link: number, reason: string): void => {
    const dial = take(link);
    if (dial !== null) begin(dial.address, dial.servers, reason);
  };
  return {
    take,
    fail,
    begin: (address: string, servers: readonly number[]): void =>
      begin(address, servers, "not on the signalling server"),
    clear: (): void => {
      for (const { cancel } of waiting.values()) cancel();
      waiting.clear();
    },
  };
};

/** The links that the page has open, as raw links of ours. */
const createEnds = ({ post }: PeerJsOptions, links: Links, dials: ReturnType<typeof createDials>) => {
  const ends = new Map<number, LinkEnd>();
  const rawOf = (link: number, localFingerprint: string, remoteFingerprint: string): RawLink => ({
    localFingerprint,
    remoteFingerprint,
    send: (bytes) => post({ kind: "send", link, bytes }),
    close: () => {
      ends.delete(link);
      post({ kind: "close", link });
    },
  });
  return {
    up: ({ link, peer, dialled, local, remote }: Extract<PeerEvent, { kind: "up" }>): void => {
      // A dial that was given up in the meantime, or a number that is in use: not a link of ours.
      const asked = dials.take(link) !== null;
      const byHand = peer === NO_ADDRESS && !asked;
      if ((dialled !== asked && !byHand) || ends.has(link)) return post({ kind: "close", link });
      let end: LinkEnd | null = null;
      // Registered before it starts: it may be turned away at once.
      ends.set(link, { receive: (frame) => end?.receive(frame), lost: (reason) => end?.lost(reason) });
      end = links.opened(rawOf(link, local, remote), { peer: link, address: peer, dialled });
    },
    data: (link: number, bytes: Uint8Array): void => ends.get(link)?.receive(bytes),
    down: (link: number, reason: string): void => {
      const end = ends.get(link);
      ends.delete(link);
      end?.lost(reason);
    },
  };
};

export const createPeerJsNetwork = (options: PeerJsOptions): PeerJsNetwork => {
  const links = createLinks(options);
  const presences = createPresences(options, (state) => links.emit({ kind: "signalling", state }));
  const dials = createDials(options, links.failed);
  const ends = createEnds(options, links, dials);

  const receive = (event: PeerEvent): void => {
    switch (event.kind) {
      case "open":
        return presences.at(event.server)?.opened(event.id);
      case "id-taken":
        return presences.at(event.server)?.idTaken(event.id);
      case "lost":
        return presences.at(event.server)?.lost();
      case "up":
        return ends.up(event);
      case "data":
        return ends.data(event.link, event.bytes);
      case "down":
        dials.fail(event.link, event.reason);
        return ends.down(event.link, event.reason);
    }
  };

  return {
    start: (onEvent) => {
      links.start(onEvent);
      for (const one of presences.all) options.surroundings.after(0, one.start);
    },
    dial: (address) => {
      if (!links.dialling(address)) return;
      const servers = presences.open().map(({ server }) => server);
      dials.begin(address, servers);
    },
    send: links.send,
    disconnect: links.disconnect,
    addresses: () => [...new Set(presences.open().map((one) => one.address()))],
    stop: () => {
      for (const one of presences.all) one.stop();
      dials.clear();
      links.stop();
      options.post({ kind: "shut" });
    },
    receive,
    nudge: (hint) => {
      for (const one of presences.all) one.nudge(hint);
    },
  };
};
