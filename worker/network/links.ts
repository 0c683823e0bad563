/**
 * All links of one node (PROTOCOL.md §9): numbers them, admits within bounds, keeps one link per identity when both
 * sides dialled at once, and reports events in order. Shared by every adapter; an adapter only moves frames.
 */
import { equalBytes } from "../base/bytes.ts";
import { assert, ok, type Refusal, type Result } from "../base/result.ts";
import { explain, SESSION_BYTES } from "./control.ts";
import {
  MESSAGE_LIMIT,
  type Identity,
  type NetworkEvent,
  type PeerId,
  type Self,
  type Surroundings,
} from "./network.ts";
import { createLink, TUNING, unreachable, type Link, type LinkUp, type RawLink, type Tuning } from "./link.ts";

/** Beyond these, newcomers are refused as `busy`. */
export const MAX_MEMBERS = 12;
export const MAX_APPLICANTS = 4;
/** Incoming links whose hello is not over: what strangers can make us hold. */
export const MAX_UNFINISHED = 16;

export type LinksOptions = {
  readonly self: Self;
  readonly surroundings: Surroundings;
  readonly tuning?: Partial<Tuning>;
};

/** What an adapter does with the link that it opened. */
export type LinkEnd = { readonly receive: (frame: Uint8Array) => void; readonly lost: (reason: string) => void };

type Opening = { readonly peer: PeerId; readonly address: string; readonly dialled: boolean };

/** What hello told; `dial` is the dialler's own count, whichever side that was. */
type Up = { readonly identity: Identity; readonly session: Uint8Array; readonly dial: number };
type Entry = Opening & { readonly link: Link; readonly dial: number; up: Up | null };

export type Links = {
  readonly start: (onEvent: (event: NetworkEvent) => void) => void;
  /** False when this address is being dialled or is up already: then nothing is to be done. */
  readonly dialling: (address: string) => boolean;
  /** A dial that ended without a raw link. */
  readonly failed: (address: string, reason: string) => void;
  readonly opened: (raw: RawLink, opening: Opening) => LinkEnd;
  readonly send: (peer: PeerId, bytes: Uint8Array) => void;
  readonly disconnect: (peer: PeerId, reason: string) => void;
  readonly emit: (event: NetworkEvent) => void;
  readonly stop: () => void;
};

/**
 * Events wait until the call that caused them has returned, so that a caller's own state is settled before it
 * hears of them; those that the outside causes go straight through.
 */
const createOutlet = (surroundings: Surroundings) => {
  let listener: ((event: NetworkEvent) => void) | null = null;
  let inside = 0;
  let held: NetworkEvent[] = [];
  const release = (): void => {
    const events = held;
    held = [];
    for (const event of events) listener?.(event);
  };
  return {
    listen: (onEvent: ((event: NetworkEvent) => void) | null): void => {
      listener = onEvent;
      if (onEvent === null) held = [];
    },
    emit: (event: NetworkEvent): void => {
      if (listener === null) return;
      if (inside === 0 && held.length === 0) return listener(event);
      held.push(event);
      if (held.length === 1) surroundings.after(0, release);
    },
    /** Runs one of the node's own calls. */
    within: <T>(call: () => T): T => {
      inside += 1;
      try {
        return call();
      } finally {
        inside -= 1;
      }
    },
  };
};

/**
 * Which of two links to one identity stays; both sides come to the same answer. A peer has one session at a time,
 * so a link from another session is the past. Within one session: the link dialled by the lower key, or the later
 * of two dials by the same side.
 */
const keepsNew = (mine: string, before: Up & { dialled: boolean }, now: Up & { dialled: boolean }): boolean => {
  if (!equalBytes(before.session, now.session)) return true;
  if (before.dialled !== now.dialled) return now.dialled === mine < now.identity.key;
  return now.dial > before.dial;
};

type Outlet = ReturnType<typeof createOutlet>;

class NodeLinks implements Links {
  readonly #self: Self;
  readonly #surroundings: Surroundings;
  readonly #tuning: Tuning;
  readonly #outlet: Outlet;
  readonly #session: Uint8Array;
  readonly #entries = new Map<PeerId, Entry>();
  /** Addresses being dialled, and those that we dialled and are up. */
  readonly #dialled = new Set<string>();
  #dials = 0;
  #stopped = false;

  constructor({ self, surroundings, tuning }: LinksOptions) {
    this.#self = { ...self, admit: (identity) => this.#admit(self, identity) };
    this.#surroundings = surroundings;
    this.#tuning = { ...TUNING, ...tuning };
    this.#outlet = createOutlet(surroundings);
    this.#session = surroundings.random(SESSION_BYTES);
  }

  readonly start: Links["start"] = (onEvent) => this.#outlet.listen(onEvent);

  readonly dialling: Links["dialling"] = (address) => {
    if (this.#stopped || this.#dialled.has(address)) return false;
    for (const entry of this.#entries.values()) if (entry.address === address && entry.up !== null) return false;
    this.#dialled.add(address);
    return true;
  };

  readonly failed: Links["failed"] = (address, reason) => {
    this.#dialled.delete(address);
    this.#outlet.within(() => this.#refused({ peer: 0, address, dialled: true }, "them", unreachable(reason)));
  };

  readonly opened: Links["opened"] = (raw, opening) => {
    const unfinished = this.#count((entry) => entry.up === null && !entry.dialled);
    if (opening.dialled) this.#dials += 1;
    const link = createLink({
      raw,
      self: this.#self,
      dialler: opening.dialled,
      session: this.#session,
      dial: this.#dials,
      surroundings: this.#surroundings,
      tuning: this.#tuning,
      listener: {
        up: (up) => this.#onUp(entry, up),
        message: (bytes) => this.#outlet.emit({ kind: "message", peer: entry.peer, bytes }),
        down: (reason) => this.#onDown(entry, reason),
        refused: (by, refusal) => {
          this.#forget(entry);
          this.#refused(entry, by, refusal);
        },
      },
    });
    const entry: Entry = { ...opening, link, dial: this.#dials, up: null };
    this.#entries.set(opening.peer, entry);
    link.start(!opening.dialled && unfinished >= MAX_UNFINISHED ? "busy" : undefined);
    return { receive: link.receive, lost: link.lost };
  };

  readonly send: Links["send"] = (peer, bytes) => {
    assert(bytes.length <= MESSAGE_LIMIT, `a message of ${bytes.length} bytes`);
    this.#outlet.within(() => this.#entries.get(peer)?.link.send(bytes));
  };

  readonly disconnect: Links["disconnect"] = (peer, reason) => {
    this.#outlet.within(() => this.#entries.get(peer)?.link.close(reason));
  };

  readonly emit: Links["emit"] = (event) => this.#outlet.emit(event);

  readonly stop = (): void => {
    this.#stopped = true;
    this.#outlet.listen(null);
    for (const { link } of this.#entries.values()) link.close("closed");
  };

  #count(test: (entry: Entry) => boolean): number {
    let n = 0;
    for (const entry of this.#entries.values()) if (test(entry)) n += 1;
    return n;
  }

  /** The link that is up to this key, with what its hello told. */
  #upWith(key: string): (Entry & { readonly up: Up }) | null {
    for (const entry of this.#entries.values()) if (entry.up?.identity.key === key) return { ...entry, up: entry.up };
    return null;
  }

  #admit(self: Self, identity: Identity): Result<void> {
    const admitted = self.admit(identity);
    if (!admitted.ok) return admitted;
    // A second link to a peer replaces the first or is dropped: no additional place is taken.
    if (this.#upWith(identity.key) !== null) return ok(undefined);
    const places = identity.role === "member" ? MAX_MEMBERS : MAX_APPLICANTS;
    const taken = this.#count((entry) => entry.up?.identity.role === identity.role);
    return taken < places ? ok(undefined) : { ok: false, error: explain("busy", "us") };
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.peer);
    if (entry.dialled) this.#dialled.delete(entry.address);
  }

  #refused({ address, dialled }: Opening, by: "us" | "them", refusal: Refusal): void {
    this.#outlet.emit({ kind: "refused", address, dialled, by, refusal });
  }

  #onUp(entry: Entry, { identity, session, dial }: LinkUp): void {
    const { peer, address, dialled } = entry;
    const up: Up = { identity, session, dial: dialled ? entry.dial : dial };
    const before = this.#upWith(identity.key);
    if (before !== null) {
      const mine = this.#self.identity.key;
      const keep = keepsNew(mine, { ...before.up, dialled: before.dialled }, { ...up, dialled });
      // A link that was never reported as up leaves as a refusal.
      if (!keep) return entry.link.close("duplicate");
      before.link.close("duplicate");
    }
    entry.up = up;
    this.#outlet.emit({ kind: "up", peer, identity, address, dialled });
  }

  #onDown(entry: Entry, reason: string): void {
    this.#forget(entry);
    if (entry.up !== null) return this.#outlet.emit({ kind: "down", peer: entry.peer, reason });
    const message = "This neighbour is connected already; there is nothing to do.";
    this.#refused(entry, "us", { code: reason, message, verdict: "ignore" });
  }
}

export const createLinks = (options: LinksOptions): Links => new NodeLinks(options);
