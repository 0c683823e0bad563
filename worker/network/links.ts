/**
 * All links of one node (PROTOCOL.md §9): numbers them, admits within bounds, keeps one link per identity when both
 * sides dialled at once, and reports events in order. Shared by every adapter; an adapter only moves frames.
 */
import { equalBytes } from "../base/bytes.ts";
import { assert, ok, type Refusal, type Result } from "../base/result.ts";
import { explain, SESSION_BYTES } from "./control.ts";
import { MESSAGE_LIMIT, type Identity, type NetworkEvent, type PeerId, type Self, type Surroundings } from "./network.ts";
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

export const createLinks = ({ self, surroundings, tuning }: LinksOptions): Links => {
  const entries = new Map<PeerId, Entry>();
  const dialled = new Set<string>();
  const outlet = createOutlet(surroundings);
  const session = surroundings.random(SESSION_BYTES);
  const settings: Tuning = { ...TUNING, ...tuning };
  let dials = 0;
  let stopped = false;

  const count = (test: (entry: Entry) => boolean): number => {
    let n = 0;
    for (const entry of entries.values()) if (test(entry)) n += 1;
    return n;
  };
  const upWith = (key: string): Entry | undefined => [...entries.values()].find((entry) => entry.up?.identity.key === key);

  const admit = (identity: Identity): Result<void> => {
    const admitted = self.admit(identity);
    if (!admitted.ok) return admitted;
    // A second link to a peer replaces the first or is dropped: no additional place is taken.
    if (upWith(identity.key) !== undefined) return ok(undefined);
    const places = identity.role === "member" ? MAX_MEMBERS : MAX_APPLICANTS;
    const taken = count((entry) => entry.up?.identity.role === identity.role);
    return taken < places ? ok(undefined) : { ok: false, error: explain("busy", "us") };
  };

  const forget = (entry: Entry): void => {
    entries.delete(entry.peer);
    if (entry.dialled) dialled.delete(entry.address);
  };
  const refused = (opening: Opening, by: "us" | "them", refusal: Refusal): void =>
    outlet.emit({ kind: "refused", address: opening.address, dialled: opening.dialled, by, refusal });

  const onUp = (entry: Entry, { identity, session: theirs, dial }: LinkUp): void => {
    const up: Up = { identity, session: theirs, dial: entry.dialled ? entry.dial : dial };
    const before = upWith(identity.key);
    if (before?.up != null) {
      const keep = keepsNew(self.identity.key, { ...before.up, dialled: before.dialled }, { ...up, dialled: entry.dialled });
      // A link that was never reported as up leaves as a refusal.
      if (!keep) return entry.link.close("duplicate");
      before.link.close("duplicate");
    }
    entry.up = up;
    outlet.emit({ kind: "up", peer: entry.peer, identity, address: entry.address, dialled: entry.dialled });
  };

  const onDown = (entry: Entry, reason: string): void => {
    forget(entry);
    if (entry.up !== null) return outlet.emit({ kind: "down", peer: entry.peer, reason });
    const message = "This neighbour is connected already; there is nothing to do.";
    refused(entry, "us", { code: reason, message, verdict: "ignore" });
  };

  const opened = (raw: RawLink, opening: Opening): LinkEnd => {
    const unfinished = count((entry) => entry.up === null && !entry.dialled);
    if (opening.dialled) dials += 1;
    const link = createLink({
      raw,
      self: { ...self, admit },
      dialler: opening.dialled,
      session,
      dial: dials,
      surroundings,
      tuning: settings,
      listener: {
        up: (up) => onUp(entry, up),
        message: (bytes) => outlet.emit({ kind: "message", peer: entry.peer, bytes }),
        down: (reason) => onDown(entry, reason),
        refused: (by, refusal) => {
          forget(entry);
          refused(entry, by, refusal);
        },
      },
    });
    const entry: Entry = { ...opening, link, dial: dials, up: null };
    entries.set(opening.peer, entry);
    link.start(!opening.dialled && unfinished >= MAX_UNFINISHED ? "busy" : undefined);
    return { receive: link.receive, lost: link.lost };
  };

  return {
    start: (onEvent) => outlet.listen(onEvent),
    dialling: (address) => {
      if (stopped || dialled.has(address)) return false;
      for (const entry of entries.values()) if (entry.address === address && entry.up !== null) return false;
      dialled.add(address);
      return true;
    },
    failed: (address, reason) => {
      dialled.delete(address);
      outlet.within(() => refused({ peer: 0, address, dialled: true }, "them", unreachable(reason)));
    },
    opened,
    send: (peer, bytes) => {
      assert(bytes.length <= MESSAGE_LIMIT, `a message of ${bytes.length} bytes`);
      outlet.within(() => entries.get(peer)?.link.send(bytes));
    },
    disconnect: (peer, reason) => outlet.within(() => entries.get(peer)?.link.close(reason)),
    emit: outlet.emit,
    stop: () => {
      stopped = true;
      outlet.listen(null);
      for (const entry of [...entries.values()]) entry.link.close("closed");
    },
  };
};
