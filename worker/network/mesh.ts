/**
 * Whom to call and whom to let go (PROTOCOL.md §9): about 8 neighbours, never more than 12, found again after any
 * absence. A book of addresses with back-off, fed by network events; `plan` says what to do now. Pure: time is an
 * argument, and the order in which candidates are tried comes from hashes, so that not all call the same member.
 */
import { compareText, toHex, utf8ToBytes } from "../base/bytes.ts";
import { taggedHash } from "../base/hash.ts";
import type { PublicKey } from "../base/units.ts";
import { NO_ADDRESS } from "./address.ts";
import { MAX_MEMBERS } from "./links.ts";
import type { Identity, NetworkEvent, PeerId } from "./network.ts";

export const TARGET_DEGREE = 8;
export const MAX_DEGREE = MAX_MEMBERS;
/** Dials under way at once. */
export const MAX_DIALS = 4;
/**
 * Likewise for whoever has no neighbour at all and found nobody at the first addresses: where nearly all sleep, the few
 * who are awake must be found before our own patience ends (node/core.ts). Not at once, so that where all are awake a
 * newcomer takes no more places than it needs.
 */
export const LONELY_DIALS = 16;
const LONELY_AFTER = 4;
/** After so many in vain (three names of each of a thousand members) nobody is there: then one at a time, at leisure. */
export const LONELY_UNTIL = 3_072;
export const BOOK_LIMIT = 512;
const ADDRESSES_PER_KEY = 8;
/**
 * Addresses that neighbours told us and nobody has answered at: so many of one neighbour, so many in all. One of them
 * gives way to another only when it has been tried so often.
 */
export const HEARSAY_PER_PEER = 16;
export const HEARSAY_LIMIT = 128;
const HEARSAY_TRIES = 5;
/** What is kept over a restart. */
export const KEPT_LIMIT = 64;
const BACKOFF_FIRST_MS = 2_000;
const BACKOFF_LAST_MS = 10 * 60_000;
const BUSY_MS = 30_000;
/**
 * Even with enough neighbours, somebody else is called this often: two halves of a community that were cut apart
 * each have neighbours enough and would never find together again.
 */
export const EXPLORE_MS = 60_000;

/**
 * Where somebody may be reached; `key` is null when only the address was told (an invitation). `place` is the suffix of
 * a derived name: nobody has the second who found the first free.
 */
export type Candidate = { readonly address: string; readonly key: PublicKey | null; readonly place?: number };

type Known = {
  readonly address: string;
  key: PublicKey | null;
  readonly place: number;
  /** The neighbour who told us, of hearsay. */
  readonly teller: PublicKey | null;
  /** Place in our own order of trying. */
  readonly rank: string;
  failures: number;
  lastSuccess: number | null;
  lastTry: number | null;
  notBefore: number;
};

type Neighbour = {
  readonly peer: PeerId;
  readonly identity: Identity;
  readonly address: string;
  readonly dialled: boolean;
  readonly since: number;
};

/** One node's view of who is where. Changed by the functions below only. */
export type Mesh = {
  readonly self: PublicKey;
  readonly book: Map<string, Known>;
  readonly neighbours: Map<PeerId, Neighbour>;
  readonly dialling: Set<string>;
  lastExplored: number;
  /** Dials since the last link that nobody answered. */
  fruitless: number;
};

/** An address that was answered, as it stands on disk. Times in ms. */
export type Kept = {
  readonly address: string;
  readonly key: PublicKey | null;
  readonly lastSuccess: number;
  readonly failures: number;
};

export type Plan = { readonly dial: readonly string[]; readonly drop: readonly PeerId[] };

export const createMesh = (self: PublicKey, now: number): Mesh => ({
  self,
  book: new Map(),
  neighbours: new Map(),
  dialling: new Set(),
  lastExplored: now,
  fruitless: 0,
});

/** Members' links; applicants have places of their own. */
const memberLinks = (mesh: Mesh): Neighbour[] =>
  [...mesh.neighbours.values()].filter(({ identity }) => identity.role === "member");

/** Frees a place: the address that has failed most and succeeded longest ago, of those not in use. */
const evict = (mesh: Mesh, among: readonly Known[], tries = 1): boolean => {
  const used = new Set([...mesh.dialling, ...[...mesh.neighbours.values()].map(({ address }) => address)]);
  const [worst] = among
    .filter(({ address }) => !used.has(address))
    .toSorted(
      (a, b) =>
        (a.lastSuccess ?? -1) - (b.lastSuccess ?? -1) || b.failures - a.failures || compareText(a.address, b.address),
    );
  return worst !== undefined && worst.failures >= tries && mesh.book.delete(worst.address);
};

/** Whether one more address of this teller may be noted; makes room where an old one has been tried often enough. */
const admitsHearsay = (mesh: Mesh, teller: PublicKey): boolean => {
  const unproved = [...mesh.book.values()].filter((known) => known.teller !== null && known.lastSuccess === null);
  const ofTeller = unproved.filter((known) => known.teller === teller);
  if (ofTeller.length >= HEARSAY_PER_PEER) return evict(mesh, ofTeller, HEARSAY_TRIES);
  return unproved.length < HEARSAY_LIMIT || evict(mesh, unproved, HEARSAY_TRIES);
};

/**
 * Takes note of addresses from an invitation, computed from the list of members, or told by the neighbour `teller`: who
 * tells rubbish fills its own few places with it and takes nobody else's.
 */
export const learn = (mesh: Mesh, candidates: readonly Candidate[], teller: PublicKey | null = null): void => {
  for (const { address, key, place = 0 } of candidates) {
    if (key === mesh.self || address === NO_ADDRESS) continue;
    const known = mesh.book.get(address);
    if (known !== undefined) {
      known.key ??= key;
      continue;
    }
    if (teller !== null && !admitsHearsay(mesh, teller)) continue;
    const entries = [...mesh.book.values()];
    const ofKey = key === null ? [] : entries.filter((entry) => entry.key === key);
    if (ofKey.length >= ADDRESSES_PER_KEY && !evict(mesh, ofKey)) continue;
    if (mesh.book.size >= BOOK_LIMIT && !evict(mesh, entries)) continue;
    const rank = toHex(taggedHash("dial-order", utf8ToBytes(mesh.self), utf8ToBytes(address)));
    mesh.book.set(address, {
      address,
      key,
      place,
      teller,
      rank,
      failures: 0,
      lastSuccess: null,
      lastTry: null,
      notBefore: 0,
    });
  }
};

const latestFirst = (a: Known, b: Known): number => (b.lastSuccess ?? -1) - (a.lastSuccess ?? -1);

/** What is worth keeping over a restart: where somebody answered, the latest first. */
export const kept = (mesh: Mesh): Kept[] =>
  [...mesh.book.values()]
    .toSorted((a, b) => latestFirst(a, b) || compareText(a.address, b.address))
    .flatMap(({ address, key, lastSuccess, failures }) =>
      lastSuccess === null ? [] : [{ address, key, lastSuccess, failures }],
    )
    .slice(0, KEPT_LIMIT);

/** Takes up what was kept: all may be called at once, those who answered last first. */
export const restore = (mesh: Mesh, book: readonly Kept[]): void => {
  learn(mesh, book);
  for (const { address, lastSuccess, failures } of book) {
    const known = mesh.book.get(address);
    if (known === undefined) continue;
    known.lastSuccess = lastSuccess;
    known.failures = failures;
  }
};

const backoff = (failures: number): number =>
  Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** Math.min(failures - 1, 20));

const onRefused = (mesh: Mesh, event: Extract<NetworkEvent, { kind: "refused" }>, now: number): void => {
  if (!event.dialled) return;
  mesh.dialling.delete(event.address);
  if (event.refusal.code === "unreachable") mesh.fruitless += 1;
  const known = mesh.book.get(event.address);
  if (known === undefined) return;
  switch (event.refusal.code) {
    case "duplicate":
      // Connected already, under another address.
      return;
    case "busy":
      known.notBefore = now + BUSY_MS;
      return;
    case "unreachable":
      known.failures += 1;
      known.notBefore = now + backoff(known.failures);
      return;
    default:
      // They will think the same of us in a minute.
      known.failures += 1;
      known.notBefore = now + BACKOFF_LAST_MS;
  }
};

/** Keeps the book up to date. Every event of the Network goes through here. */
export const note = (mesh: Mesh, event: NetworkEvent, now: number): void => {
  switch (event.kind) {
    case "up": {
      const { peer, identity, address, dialled } = event;
      mesh.dialling.delete(address);
      mesh.fruitless = 0;
      mesh.neighbours.set(peer, { peer, identity, address, dialled, since: now });
      learn(mesh, [{ address, key: identity.key }]);
      const known = mesh.book.get(address);
      if (known !== undefined) {
        known.key = identity.key;
        known.failures = 0;
        known.lastSuccess = now;
      }
      return;
    }
    case "down": {
      const known = mesh.book.get(mesh.neighbours.get(event.peer)?.address ?? "");
      mesh.neighbours.delete(event.peer);
      // A moment for the other side to notice too; then it is called again.
      if (known !== undefined) known.notBefore = now + BACKOFF_FIRST_MS;
      return;
    }
    case "refused":
      return onRefused(mesh, event, now);
    case "signalling":
      if (event.state !== "open") return;
      // Who did not answer while we, or the server, were away may be there now.
      mesh.fruitless = 0;
      for (const known of mesh.book.values())
        if (known.lastSuccess !== null) known.notBefore = Math.min(known.notBefore, now);
      return;
    case "message":
  }
};

/** Hearsay last: what follows from members' keys is true, and who lies must not keep us from it. */
const byPromise = (a: Known, b: Known): number =>
  a.failures - b.failures ||
  latestFirst(a, b) ||
  Number(a.teller !== null) - Number(b.teller !== null) ||
  a.place - b.place ||
  compareText(a.rank, b.rank);

/** Whoever can be called now, best first: few failures, then those who answered last, then our own order. */
const ready = (mesh: Mesh, now: number): Known[] => {
  const linked = [...mesh.neighbours.values()];
  const keys = new Set(linked.map(({ identity }) => identity.key));
  const addresses = new Set(linked.map(({ address }) => address));
  const underWay = new Set([...mesh.dialling].map((address) => mesh.book.get(address)?.key));
  const seen = new Set<PublicKey>();
  return [...mesh.book.values()]
    .filter(({ address, key, notBefore }) => {
      if (notBefore > now || addresses.has(address) || mesh.dialling.has(address)) return false;
      return key === null || (!keys.has(key) && !underWay.has(key));
    })
    .toSorted(byPromise)
    .filter(({ key }) => {
      // One address of each member at a time.
      if (key === null) return true;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
};

/** How many could be called now: with few, more members' addresses are worth computing. */
export const readyCount = (mesh: Mesh, now: number): number => ready(mesh, now).length;

/** Nobody is linked and not all were tried yet: then every answer to a dial is a reason to plan anew at once. */
export const isSearching = (mesh: Mesh): boolean => memberLinks(mesh).length === 0 && mesh.fruitless < LONELY_UNTIL;

const mostDials = (mesh: Mesh, linked: number, degree: number): number => {
  if (linked > 0 || mesh.fruitless < LONELY_AFTER) return Math.min(MAX_DIALS, degree - linked);
  return isSearching(mesh) ? LONELY_DIALS : 1;
};

/** A clock that was ahead must not keep us from anybody: nobody is waited for longer than the longest back-off. */
const setRight = (mesh: Mesh, now: number): void => {
  mesh.lastExplored = Math.min(mesh.lastExplored, now);
  for (const known of mesh.book.values()) known.notBefore = Math.min(known.notBefore, now + BACKOFF_LAST_MS);
};

const longestAgo = (a: Known, b: Known): number => (a.lastTry ?? -1) - (b.lastTry ?? -1) || compareText(a.rank, b.rank);

/**
 * What to do now; the dials count as begun. To be asked after every event and every second or so.
 * `drop` names links to be disconnected with the reason `enough`.
 */
export const plan = (mesh: Mesh, now: number, exploreMs: number = EXPLORE_MS, degree = TARGET_DEGREE): Plan => {
  setRight(mesh, now);
  const linked = memberLinks(mesh);
  const candidates = ready(mesh, now);
  const dial: Known[] = [];
  const drop: PeerId[] = [];
  // Youngest first: the old ones have proved that they last.
  const byAge = linked.toSorted((a, b) => a.since - b.since || a.peer - b.peer);
  for (const { peer } of byAge.slice(MAX_DEGREE)) drop.push(peer);

  dial.push(...candidates.slice(0, Math.max(0, mostDials(mesh, linked.length, degree) - mesh.dialling.size)));

  if (linked.length >= degree && mesh.dialling.size === 0 && now - mesh.lastExplored >= exploreMs) {
    mesh.lastExplored = now;
    const [next] = candidates.toSorted(longestAgo);
    if (next !== undefined) {
      dial.push(next);
      // Room for it: the oldest of the links that we dialled ourselves.
      const oldest = byAge.find(({ dialled }) => dialled);
      if (linked.length > degree && oldest !== undefined && !drop.includes(oldest.peer)) drop.push(oldest.peer);
    }
  }
  for (const known of dial) {
    known.lastTry = now;
    mesh.dialling.add(known.address);
  }
  return { dial: dial.map(({ address }) => address), drop };
};
