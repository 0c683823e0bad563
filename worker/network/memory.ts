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

const createPipe = (surroundings: Surroundings, delay: () => number, deliver: (frame: Uint8Array | null) => void): Pipe => {
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

type Wire = { readonly pair: string; readonly a: string; readonly b: string; readonly lose: () => void };

export const createMemoryHub = ({ surroundings, latency = () => 0 }: MemoryHubOptions): MemoryHub => {
  const ports = new Map<string, Port>();
  const wires = new Set<Wire>();
  const cuts = new Set<string>();
  const isolated = new Set<string>();
  const intercepted = new Set<string>();
  let wireCount = 0;

  const passes = (a: string, b: string): boolean => !cuts.has(pairOf(a, b)) && !isolated.has(a) && !isolated.has(b);
  const lose = (test: (wire: Wire) => boolean): void => {
    for (const wire of [...wires]) if (test(wire)) wire.lose();
  };

  /** Both ends of a new wire: the dialler's is answered first, as a data channel opens there first. */
  const lay = (from: string, to: string, port: Port, answer: (end: HubEnd) => LinkEnd | null): void => {
    const n = (wireCount += 1);
    const pair = pairOf(from, to);
    const middle = intercepted.has(pair);
    const prints = { [from]: `memory dialler ${n}`, [to]: `memory answerer ${n}` };
    const ends = new Map<string, LinkEnd | null>();
    const deliverTo = (side: string) => (frame: Uint8Array | null) => {
      if (frame !== null) return ends.get(side)?.receive(frame);
      // The other side closed: what it sent before has been delivered.
      wires.delete(wire);
      for (const pipe of Object.values(pipes)) pipe.stop();
      ends.get(side)?.lost("closed");
    };
    const pipes = {
      [to]: createPipe(surroundings, () => latency(from, to), deliverTo(to)),
      [from]: createPipe(surroundings, () => latency(to, from), deliverTo(from)),
    };
    const wire: Wire = {
      pair,
      a: from,
      b: to,
      lose: () => {
        wires.delete(wire);
        for (const pipe of Object.values(pipes)) pipe.stop();
        for (const end of ends.values()) end?.lost("lost");
      },
    };
    wires.add(wire);
    const endOf = (mine: string, other: string): HubEnd => ({
      send: (frame) => pipes[other]?.put(frame),
      close: () => pipes[other]?.put(null),
      localFingerprint: prints[mine] ?? "",
      remoteFingerprint: middle ? `memory middle ${n} ${mine}` : (prints[other] ?? ""),
    });
    ends.set(from, answer(endOf(from, to)));
    ends.set(to, port.accept(from, endOf(to, from)));
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
      if (!on) return void isolated.delete(address);
      isolated.add(address);
      lose((wire) => wire.a === address || wire.b === address);
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
        if (port === undefined || from === to || !passes(from, to)) answer(null);
        else lay(from, to, port, answer);
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
