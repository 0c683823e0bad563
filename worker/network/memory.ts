/**
 * A network in memory: a hub that moves frames between nodes of one process on an injected clock, real or virtual.
 * The same links, framing and hello as over WebRTC; deterministic when the surroundings are. Faults are ordered
 * at the hub: links lost, pairs cut, dials refused, somebody listening in between.
 */
import { createLinks, type LinkEnd, type LinksOptions } from "./links.ts";
import type { Tuning } from "./link.ts";
import type { Network, PeerId, Surroundings } from "./network.ts";

export type MemoryHubOptions = {
  readonly surroundings: Surroundings;
  /** One way, in ms; 0 by default. Frames of one link never overtake each other whatever it answers. */
  readonly latency?: (from: string, to: string) => number;
};

/** One node's place at the hub: how it hears of links that others open. */
type Port = { readonly accept: (from: string, end: HubEnd) => LinkEnd };

/** One side of a raw link. */
type HubEnd = {
  readonly send: (frame: Uint8Array) => void;
  readonly close: () => void;
  readonly localFingerprint: string;
  readonly remoteFingerprint: string;
};

export type MemoryHub = {
  /** Loses every link between the two; either may dial again. */
  readonly drop: (a: string, b: string) => void;
  /** `drop`, and no frame or dial passes until `heal`. */
  readonly cut: (a: string, b: string) => void;
  readonly heal: (a: string, b: string) => void;
  /** Nobody reaches `address` any more, nor it anybody, until called with false. */
  readonly isolate: (address: string, isolated: boolean) => void;
  /** Links opened from now on between the two pass through somebody with a certificate of their own. */
  readonly intercept: (a: string, b: string) => void;
  /** For createMemoryNetwork: takes an address; false when it is taken. */
  readonly join: (address: string, port: Port) => boolean;
  readonly leave: (address: string) => void;
  /** For createMemoryNetwork: answers once, with the open end or null when nobody can be reached. */
  readonly connect: (from: string, to: string, answer: (end: HubEnd | null) => LinkEnd | null) => void;
};

const pairOf = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

/** One direction: frames in order, those due together delivered by one timer. */
type Pipe = { readonly put: (frame: Uint8Array | null) => void; readonly stop: () => void };

const createPipe = (
  surroundings: Surroundings,
  delay: () => number,
  deliver: (frame: Uint8Array | null) => void,
): Pipe => {
  let batch: (Uint8Array | null)[] | null = null;
  let due = 0;
  let open = true;
  return {
    put: (frame) => {
      if (!open) return;
      const now = surroundings.now();
      const at = Math.max(due, now + delay());
      if (batch !== null && at === due) {
        batch.push(frame);
        return;
      }
      const mine: (Uint8Array | null)[] = [frame];
      batch = mine;
      due = at;
      surroundings.after(at - now, () => {
        if (batch === mine) batch = null;
        for (const next of mine) if (open) deliver(next);
      });
    },
    stop: () => {
      open = false;
    },
  };
};

type Wire = {
  readonly pair: string;
  readonly a: string;
  readonly b: string;
  /** Both ends hear that it is lost; nothing under way arrives. */
  readonly lose: () => void;
};

type Lay = {
  readonly from: string;
  readonly to: string;
  /** Sets this wire's certificates apart from all others. */
  readonly n: number;
  readonly intercepted: boolean;
  readonly port: Port;
  readonly answer: (end: HubEnd) => LinkEnd | null;
  readonly ended: (wire: Wire) => void;
};

/** Both ends of a new wire: the dialler's is answered first, as a data channel opens there first. */
const layWire = ({ surroundings, latency = () => 0 }: MemoryHubOptions, lay: Lay): Wire => {
  const { from, to, n } = lay;
  const prints = { [from]: `memory dialler ${n}`, [to]: `memory answerer ${n}` };
  const ends = new Map<string, LinkEnd | null>();
  const stop = (): void => {
    for (const pipe of Object.values(pipes)) pipe.stop();
    lay.ended(wire);
  };
  const deliverTo = (side: string) => (frame: Uint8Array | null) => {
    if (frame !== null) return ends.get(side)?.receive(frame);
    // The other side closed: what it sent before has been delivered.
    stop();
    ends.get(side)?.lost("closed");
  };
  const pipes = {
    [to]: createPipe(surroundings, () => latency(from, to), deliverTo(to)),
    [from]: createPipe(surroundings, () => latency(to, from), deliverTo(from)),
  };
  const wire: Wire = {
    pair: pairOf(from, to),
    a: from,
    b: to,
    lose: () => {
      stop();
      for (const end of ends.values()) end?.lost("lost");
    },
  };
  const endOf = (mine: string, other: string): HubEnd => ({
    send: (frame) => pipes[other]?.put(frame),
    close: () => pipes[other]?.put(null),
    localFingerprint: prints[mine] ?? "",
    remoteFingerprint: lay.intercepted ? `memory middle ${n} ${mine}` : (prints[other] ?? ""),
  });
  ends.set(from, lay.answer(endOf(from, to)));
  ends.set(to, lay.port.accept(from, endOf(to, from)));
  return wire;
};

export const createMemoryHub = (options: MemoryHubOptions): MemoryHub => {
  const { surroundings, latency = () => 0 } = options;
  const ports = new Map<string, Port>();
  const wires = new Set<Wire>();
  const cuts = new Set<string>();
  const isolated = new Set<string>();
  const intercepted = new Set<string>();
  let wireCount = 0;

  const passes = (a: string, b: string): boolean => !cuts.has(pairOf(a, b)) && !isolated.has(a) && !isolated.has(b);
  const lose = (test: (wire: Wire) => boolean): void => {
    // Losing one may open another: only those that are there now are meant.
    for (const wire of [...wires].filter(test)) wire.lose();
  };

  return {
    drop: (a, b) => lose((wire) => wire.pair === pairOf(a, b)),
    cut: (a, b) => {
      cuts.add(pairOf(a, b));
      lose((wire) => wire.pair === pairOf(a, b));
    },
    heal: (a, b) => {
      cuts.delete(pairOf(a, b));
    },
    isolate: (address, on) => {
      if (on) isolated.add(address);
      else isolated.delete(address);
      if (on) lose((wire) => wire.a === address || wire.b === address);
    },
    intercept: (a, b) => {
      intercepted.add(pairOf(a, b));
    },
    join: (address, port) => {
      if (ports.has(address)) return false;
      ports.set(address, port);
      return true;
    },
    leave: (address) => {
      ports.delete(address);
    },
    connect: (from, to, answer) => {
      // Signalling goes there and back before a channel is open.
      surroundings.after(latency(from, to) + latency(to, from), () => {
        const port = ports.get(to);
        if (port === undefined || from === to || !passes(from, to)) {
          answer(null);
          return;
        }
        const between = intercepted.has(pairOf(from, to));
        const ended = (wire: Wire): void => void wires.delete(wire);
        wires.add(layWire(options, { from, to, n: (wireCount += 1), intercepted: between, port, answer, ended }));
      });
    },
  };
};

export type MemoryNetworkOptions = LinksOptions & {
  readonly hub: MemoryHub;
  readonly address: string;
  readonly tuning?: Partial<Tuning>;
};

/** The hub knows when a link is lost, so no keep-alive is sent unless the tuning asks for it. */
export const createMemoryNetwork = ({ hub, address, self, surroundings, tuning }: MemoryNetworkOptions): Network => {
  const links = createLinks({ self, surroundings, tuning: { keepAliveMs: 0, ...tuning } });
  let numbers: PeerId = 0;
  let joined = false;
  const number = (): PeerId => (numbers += 1);
  return {
    start: (onEvent) => {
      links.start(onEvent);
      joined = hub.join(address, {
        accept: (from, raw) => links.opened(raw, { peer: number(), address: from, dialled: false }),
      });
      const state = joined ? "open" : "retrying";
      surroundings.after(0, () => links.emit({ kind: "signalling", state }));
    },
    dial: (to) => {
      if (!links.dialling(to)) return;
      hub.connect(address, to, (raw) => {
        if (raw !== null && joined) return links.opened(raw, { peer: number(), address: to, dialled: true });
        raw?.close();
        links.failed(to, "nobody there");
        return null;
      });
    },
    send: links.send,
    disconnect: links.disconnect,
    addresses: () => (joined ? [address] : []),
    stop: () => {
      if (joined) hub.leave(address);
      joined = false;
      links.stop();
    },
  };
};
