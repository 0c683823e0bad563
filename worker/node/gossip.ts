/**
 * Inventory gossip (PROTOCOL.md §9): each item is announced once to each peer that does not have it, and travels once
 * to each that wants it. Bounded: what is old is forgotten. Knows ids, bytes and peers, not what items mean.
 */
import type { ItemId } from "./messages.ts";
import { MAX_ANSWER_BYTES, MAX_IDS, MAX_ITEMS } from "./messages.ts";

const MAX_SEEN = 20_000;
const MAX_HELD = 8_000;
const MAX_HELD_BYTES = 32 * 1024 * 1024;
/** After so long an item that somebody announced and never sent is asked of somebody else. */
const WANT_AGAIN_MS = 3_000;

/** A set that forgets its oldest members. */
class Recent<K> {
  #items = new Set<K>();
  readonly #limit: number;
  constructor(limit: number) {
    this.#limit = limit;
  }
  has(k: K): boolean {
    return this.#items.has(k);
  }
  add(k: K): boolean {
    if (this.#items.has(k)) return false;
    this.#items.add(k);
    if (this.#items.size > this.#limit) for (const oldest of this.#items) if (this.#items.delete(oldest)) break;
    return true;
  }
}

type PeerBook = { readonly knows: Recent<ItemId>; readonly toTell: Set<ItemId> };

export class Gossip {
  #peers = new Map<number, PeerBook>();
  #seen = new Recent<ItemId>(MAX_SEEN);
  #held = new Map<ItemId, Uint8Array>();
  #heldBytes = 0;
  /** Asked for at a time, and who else offered it since. */
  #wanted = new Map<ItemId, { at: number; others: Set<number> }>();

  up(peer: number): void {
    const toTell = new Set(this.#held.keys());
    this.#peers.set(peer, { knows: new Recent(MAX_SEEN), toTell });
  }
  down(peer: number): void {
    this.#peers.delete(peer);
  }
  /** Whether an item was taken up or turned down before. */
  hasSeen(id: ItemId): boolean {
    return this.#seen.has(id);
  }
  /** Turned down: never ask for it again. */
  shun(id: ItemId): void {
    this.#seen.add(id);
    this.#wanted.delete(id);
  }
  /** Taken up: keep it, and tell everyone who does not have it. */
  hold(id: ItemId, bytes: Uint8Array): void {
    this.#seen.add(id);
    this.#wanted.delete(id);
    if (this.#held.has(id)) return;
    this.#held.set(id, bytes);
    this.#heldBytes += bytes.length;
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= MAX_HELD && this.#heldBytes <= MAX_HELD_BYTES) break;
      this.release(oldest);
    }
    for (const book of this.#peers.values()) if (!book.knows.has(id)) book.toTell.add(id);
  }
  /** Tells everyone again of what is still held: a message may have been lost, a neighbour asleep. */
  remind(ids: readonly ItemId[]): void {
    for (const book of this.#peers.values()) for (const id of ids) if (this.#held.has(id)) book.toTell.add(id);
  }
  /** Superseded or settled: no longer offered. */
  release(id: ItemId): void {
    this.#heldBytes -= this.#held.get(id)?.length ?? 0;
    this.#held.delete(id);
    for (const book of this.#peers.values()) book.toTell.delete(id);
  }
  knows(peer: number, id: ItemId): void {
    const book = this.#peers.get(peer);
    book?.knows.add(id);
    book?.toTell.delete(id);
  }
  /** Of what a peer offers, what to ask it for. */
  heard(peer: number, ids: readonly ItemId[], now: number): ItemId[] {
    const want: ItemId[] = [];
    for (const id of ids) {
      this.knows(peer, id);
      if (this.#seen.has(id)) continue;
      const asked = this.#wanted.get(id);
      if (asked !== undefined && now - asked.at < WANT_AGAIN_MS) {
        asked.others.add(peer);
        continue;
      }
      this.#wanted.set(id, { at: now, others: new Set() });
      want.push(id);
    }
    if (this.#wanted.size > MAX_SEEN) this.#wanted.clear();
    return want;
  }
  /** What was asked for in vain, by whom to ask next. */
  overdue(now: number): Map<number, ItemId[]> {
    const next = new Map<number, ItemId[]>();
    for (const [id, asked] of this.#wanted) {
      if (now - asked.at < WANT_AGAIN_MS) continue;
      const [peer] = asked.others;
      this.#wanted.delete(id);
      if (peer === undefined) continue;
      asked.others.delete(peer);
      this.#wanted.set(id, { at: now, others: asked.others });
      next.set(peer, [...(next.get(peer) ?? []), id]);
    }
    return next;
  }
  /** What to send to a peer that asked, within one message; a block that fills one alone goes alone. */
  answer(peer: number, ids: readonly ItemId[]): Uint8Array[] {
    const out: Uint8Array[] = [];
    let size = 0;
    for (const id of ids) {
      const bytes = this.#held.get(id);
      if (bytes === undefined || out.length >= MAX_ITEMS) continue;
      if (out.length > 0 && size + bytes.length > MAX_ANSWER_BYTES) continue;
      this.knows(peer, id);
      size += bytes.length;
      out.push(bytes);
    }
    return out;
  }
  get hasNews(): boolean {
    for (const book of this.#peers.values()) if (book.toTell.size > 0) return true;
    return false;
  }
  /** Announcements that are due, at most one message a peer. */
  flush(): { peer: number; ids: ItemId[] }[] {
    const out: { peer: number; ids: ItemId[] }[] = [];
    for (const [peer, book] of this.#peers) {
      if (book.toTell.size === 0) continue;
      const ids = [...book.toTell].slice(0, MAX_IDS);
      for (const id of ids) {
        book.toTell.delete(id);
        book.knows.add(id);
      }
      out.push({ peer, ids });
    }
    return out;
  }
}
