/**
 * Beginning with the state after a final block instead of with the genesis (PROTOCOL.md §8.3): its rows come in chunks from
 * all neighbours at once, one at a time each, and every chunk is checked by itself. What has come is on disk, so that who
 * is interrupted goes on, also towards a later block. Knows no disk and no clock, nor how the block was proven to be final.
 */
import { fromHex, toHex } from "../base/bytes.ts";
import type { Bls } from "../base/bls-scheme.ts";
import { decode, encode } from "../base/codec.ts";
import { verify } from "../base/ed25519.ts";
import { verifyPlaces } from "../base/history-tree.ts";
import { rootOfHashes } from "../base/merkle.ts";
import type { Refusal } from "../base/result.ts";
import type { Hash, Millis } from "../base/units.ts";
import { decodeBlock, hashOf, txRootOf, votesRootOf, type Block } from "../consensus/block.ts";
import { certificateCodec, type Certificate } from "../consensus/certificate.ts";
import { nextBeacon } from "../consensus/draw.ts";
import { key } from "../ledger/rows.ts";
import { rowLeaf, State } from "../ledger/state.ts";
import { readOwn, SNAP_TARGET, snapChunkKey } from "./disk.ts";
import type { Out } from "./events.ts";
import { CHUNK_ROWS, stateRows, type Message, type StateRow } from "./messages.ts";

/** A neighbour that owes an answer for so long is waited for no more; what it was asked is asked of another. */
const PATIENCE_MS = 5_000;
/** So often in a row, and it is asked nothing for a while; nor is who does not have this state. */
const MAX_LATE = 3;
const PAUSE_MS = 60_000;
/** Whoever has no time may have some then. */
export const BUSY_MS = 10_000;

/** What it needs of its surroundings. */
export type SnapshotHost = {
  readonly community: Hash;
  readonly bls: Bls;
  readonly now: Millis;
  readonly out: Out;
  /** Neighbours that may have it; with a height, those that say they have a final block as high. */
  readonly sources: (height?: number) => readonly number[];
  readonly send: (peer: number, message: Message) => void;
};
/** All there is to begin with; checked but for what only the votes prove. */
export type Beginning = { readonly certificate: Certificate; readonly block: Block; readonly state: State };

type Listed = Pick<Extract<Message, { kind: "manifest" }>, "hashes" | "size" | "edges" | "proof">;
type Known = { readonly from: number; readonly block: Block; readonly hashes: readonly Hash[] };
type Ask = { readonly what: "manifest" | number; readonly since: number; readonly late: boolean };

const lie = (code: string, message: string): Refusal => ({ code, message, verdict: "penalise" });
const FALSE_MANIFEST = lie("manifest-false", "This neighbour lists a state that is not the one of the final block.");
const FALSE_CHUNK = lie("chunk-false", "This neighbour sends rows that are not in the state of the final block.");

const rootOf = (rows: readonly StateRow[]): Hash =>
  toHex(rootOfHashes(rows.map(({ path, value }) => rowLeaf(path, value))));

/**
 * Places of the rows that show how many there are: the first of each perfect subtree that the tree of so many consists of,
 * and the last. Each path ends at a row, so every subtree is as deep as it has to be (PROTOCOL.md §8.3).
 */
export const edgesOf = (size: number): number[] => {
  const places: number[] = [];
  for (let at = 0; at < size;) {
    places.push(at);
    let perfect = 1;
    while (perfect * 2 <= size - at) perfect *= 2;
    at += perfect;
  }
  if (size > 0 && places.at(-1) !== size - 1) places.push(size - 1);
  return places;
};
/** Whether it lists all chunks of the state: one level of the tree too high or too low has the right root, too. */
const isWholeList = ({ hashes, size, edges, proof }: Listed, root: Uint8Array): boolean =>
  hashes.length === Math.ceil(size / CHUNK_ROWS) &&
  verifyPlaces(
    edges.map(({ path, value }) => rowLeaf(path, value)),
    edgesOf(size),
    size,
    proof,
    root,
  );

export class SnapshotFetch {
  readonly #host: SnapshotHost;
  readonly #done: (beginning: Beginning) => void;
  #certificate: Certificate | null = null;
  #manifest: Known | null = null;
  /** By their root, encoded. */
  readonly #chunks = new Map<Hash, Uint8Array>();
  /** Keys of all rows of chunks on disk: a damaged one stands under another name than its content's. */
  readonly #rows = new Set<string>();
  readonly #asked = new Map<number, Ask>();
  readonly #lateness = new Map<number, number>();
  /** Who does not have this state, or not any more, or never answers, and until when it is not asked again. */
  readonly #without = new Map<number, number>();

  constructor(host: SnapshotHost, done: (beginning: Beginning) => void) {
    this.#host = host;
    this.#done = done;
  }
  get isUnderWay(): boolean {
    return this.#certificate !== null;
  }
  /** True when no neighbour has this state any more: only a proof of a later block helps. */
  get isStale(): boolean {
    const sources = this.#host.sources();
    return this.isUnderWay && sources.length > 0 && sources.every((peer) => this.#without.has(peer));
  }
  /** The block that it leads to. */
  get height(): number | null {
    return this.#certificate?.header.height ?? null;
  }
  get progress(): { readonly done: number; readonly of: number } | null {
    const hashes = this.#manifest?.hashes;
    return hashes === undefined ? null : { done: hashes.length - this.#missing(hashes).length, of: hashes.length };
  }
  get wakeAt(): number | null {
    const open = [...this.#asked.values()].flatMap((ask) => (ask.late ? [] : [ask.since + PATIENCE_MS]));
    const next = this.isUnderWay ? [...open, ...this.#without.values()] : [];
    return next.length === 0 ? null : Math.min(...next);
  }
  /** What the disk kept of an earlier attempt. */
  resume(rows: readonly (readonly [string, Uint8Array])[]): void {
    for (const [k, raw] of rows) {
      if (k === SNAP_TARGET) continue;
      this.#rows.add(k);
      const chunk = decode(stateRows, raw, "chunk");
      if (chunk.ok) this.#chunks.set(rootOf(chunk.value), raw);
    }
    const target = rows.find(([k]) => k === SNAP_TARGET)?.[1];
    if (target !== undefined) this.begin(readOwn(certificateCodec, target, "proof of the block to begin with"));
  }
  /** Towards this final block, or on towards it where it is later than the one before. */
  begin(certificate: Certificate): void {
    const before = this.#certificate;
    if (before !== null && before.header.height >= certificate.header.height) return;
    this.#certificate = certificate;
    this.#manifest = null;
    for (const known of [this.#asked, this.#without, this.#lateness]) known.clear();
    this.#host.out.commit("chain", SNAP_TARGET, encode(certificateCodec, certificate));
    this.time();
  }
  down(peer: number): void {
    for (const known of [this.#asked, this.#without, this.#lateness]) known.delete(peer);
    this.time();
  }
  /** Asks whoever is free for what is missing. To be called when time passes and when a neighbour comes. */
  time(): void {
    if (this.#certificate === null) return;
    const { now } = this.#host;
    for (const [peer, ask] of this.#asked) {
      if (ask.late || now < ask.since + PATIENCE_MS) continue;
      this.#asked.set(peer, { ...ask, late: true });
      const late = (this.#lateness.get(peer) ?? 0) + 1;
      this.#lateness.set(peer, late);
      // Another turn only when it answers after all, or when nobody else is left to ask.
      if (late < MAX_LATE) this.#asked.delete(peer);
      else this.#lacks(peer);
    }
    for (const [peer, until] of this.#without) {
      if (now < until) continue;
      for (const known of [this.#without, this.#asked, this.#lateness]) known.delete(peer);
    }
    for (const peer of this.#inOrder()) if (!this.#asked.has(peer) && !this.#without.has(peer)) this.#askNext(peer);
  }
  #lacks(peer: number): void {
    this.#without.set(peer, this.#host.now + PAUSE_MS);
  }
  /** It has no time, or has what is asked for no more: others are asked meanwhile. */
  #declined(peer: number): void {
    if (!this.#asked.delete(peer)) return;
    this.#without.set(peer, this.#host.now + BUSY_MS);
    this.time();
  }
  /** The node has come further without it. */
  abandon(): void {
    this.#certificate = null;
    this.#forgetManifest();
    this.#forgetRows();
  }
  #forgetRows(): void {
    for (const row of this.#rows) this.#host.out.commit("chain", row, null);
    this.#host.out.commit("chain", SNAP_TARGET, null);
    this.#rows.clear();
    this.#chunks.clear();
  }
  /** Who has been quick so far first. */
  #inOrder(): readonly number[] {
    const late = (peer: number): number => this.#lateness.get(peer) ?? 0;
    return this.#host.sources().toSorted((a, b) => late(a) - late(b));
  }
  #askNext(peer: number): void {
    const at = this.#target();
    const { since, late } = { since: this.#host.now, late: false };
    if (this.#manifest === null) {
      if ([...this.#asked.values()].some((ask) => ask.what === "manifest" && !ask.late)) return;
      this.#asked.set(peer, { what: "manifest", since, late });
      return this.#host.send(peer, { kind: "ask-manifest", at });
    }
    const asked = new Set([...this.#asked.values()].flatMap((ask) => (ask.late ? [] : [ask.what])));
    const index = this.#missing(this.#manifest.hashes).find((i) => !asked.has(i));
    if (index === undefined) return;
    this.#asked.set(peer, { what: index, since, late });
    this.#host.send(peer, { kind: "ask-chunk", at, index });
  }
  #missing(hashes: readonly Hash[]): number[] {
    return hashes.flatMap((hash, i) => (this.#chunks.has(hash) ? [] : [i]));
  }
  #target(): Hash {
    return this.#certificate === null ? ("" as Hash) : hashOf(this.#certificate.header);
  }
  #forgetManifest(): void {
    this.#manifest = null;
    this.#asked.clear();
  }
  #drop(peer: number, refusal: Refusal): void {
    this.#lacks(peer);
    this.#asked.delete(peer);
    this.#host.out.push({ kind: "drop", peer, refusal });
  }
  /** True when it was an answer of this kind. */
  message(peer: number, message: Message): boolean {
    if (message.kind === "declined") this.#declined(peer);
    if (message.kind !== "manifest" && message.kind !== "chunk") return false;
    // Of an earlier target, or to somebody who has begun meanwhile.
    if (this.#certificate === null || message.at !== this.#target()) return true;
    const held = this.#chunks.size;
    // Who sends something else than it was asked has not answered, and is waited for no longer than who is silent.
    const isAnswer = this.#asked.get(peer)?.what === (message.kind === "manifest" ? "manifest" : message.index);
    if (isAnswer) this.#asked.delete(peer);
    if (message.kind === "chunk") this.#takeChunk(peer, message.index, message.rows);
    else if (isAnswer && this.#manifest === null) this.#takeManifest(peer, message);
    // A chunk that comes late is one all the same.
    if (isAnswer || this.#chunks.size > held) this.#lateness.delete(peer);
    this.time();
    return true;
  }
  #takeManifest(peer: number, message: Extract<Message, { kind: "manifest" }>): void {
    const { block, hashes } = message;
    if (hashes.length === 0) return this.#lacks(peer);
    const header = this.#certificate?.header;
    const read = decodeBlock(block);
    const isRight =
      read.ok &&
      hashOf(read.value.header) === this.#target() &&
      txRootOf(read.value.txs) === header?.txRoot &&
      votesRootOf(read.value.votes) === header.votesRoot &&
      toHex(rootOfHashes(hashes)) === header.stateRoot &&
      isWholeList(message, fromHex(header.stateRoot));
    if (!isRight) return this.#drop(peer, FALSE_MANIFEST);
    this.#manifest = { from: peer, block: read.value, hashes: hashes.map((h) => toHex<Hash>(h)) };
    this.#finish();
  }
  #takeChunk(peer: number, index: number, rows: readonly StateRow[]): void {
    const manifest = this.#manifest;
    const hash = manifest?.hashes[index];
    if (manifest === null || hash === undefined || this.#chunks.has(hash)) return;
    if (rows.length === 0) return this.#lacks(peer);
    // The list is proven: whoever sends other rows lies.
    if (rootOf(rows) !== hash) return this.#drop(peer, FALSE_CHUNK);
    const raw = encode(stateRows, rows);
    this.#chunks.set(hash, raw);
    this.#rows.add(snapChunkKey(hash));
    this.#host.out.commit("chain", snapChunkKey(hash), raw);
    this.#finish();
  }
  #finish(): void {
    const [certificate, manifest] = [this.#certificate, this.#manifest];
    if (certificate === null || manifest === null || this.#missing(manifest.hashes).length > 0) return;
    const rows = manifest.hashes.flatMap((hash) => stateRows.decode(this.#chunks.get(hash) ?? new Uint8Array()));
    const state = State.from(rows.map(({ path, value }) => [path, value] as const));
    if (!this.#isSigned(manifest.block, state)) {
      this.#drop(manifest.from, FALSE_MANIFEST);
      return this.#forgetManifest();
    }
    this.#certificate = null;
    this.#forgetRows();
    this.#done({ certificate, block: manifest.block, state });
  }
  /** The hash leaves out the miner's signature and its draw: given on as they came, they would be held against this node. */
  #isSigned({ header, signature, draw }: Block, state: State): boolean {
    const miner = state.get("member", key(header.miner));
    return (
      miner !== undefined &&
      nextBeacon(draw) === header.beacon &&
      verify({ key: miner.key, message: fromHex(hashOf(header)), signature })
    );
  }
}
