/**
 * What a node that began with a snapshot lacks below it (PROTOCOL.md §8.3): the hashes of all earlier blocks, which the
 * block that it began with commits to, and then, newest first and as far as the budget goes, the blocks. Of several
 * neighbours at once, each range checked as it comes. Knows no disk: what it has is told, what it gets is committed.
 */
import { concatBytes, fromHex, toHex } from "../base/bytes.ts";
import { appendToFrontier, EMPTY_FRONTIER, frontierRoot, leafHash } from "../base/merkle.ts";
import { assert, type Refusal } from "../base/result.ts";
import type { Hash, MemberIndex } from "../base/units.ts";
import { decodeBlock, hashOf, txRootOf, votesRootOf, type Block, type Header } from "../consensus/block.ts";
import type { Checks, Verdicts } from "../consensus/checks.ts";
import { nextBeacon } from "../consensus/draw.ts";
import type { MemberRow } from "../ledger/rows.ts";
import { blockKey, HASHES_A_ROW, hashesKey, uncheckedKey } from "./disk.ts";
import { MAX_BLOCKS, MAX_HISTORY, type Message } from "./messages.ts";
import { packBlock } from "./packed-block.ts";
import { BUSY_MS, type SnapshotHost } from "./snapshot.ts";
import { Turns } from "./turns.ts";

/** An answer may be megabytes, and nobody waits for it. */
const PATIENCE_MS = 15_000;
/** So often late or without time in a row, and it is asked nothing for a while. */
const MAX_LATE = 3;
const LATE_PAUSE_MS = 60_000;
/** Who lacks something may have filled it in by then. */
const LACK_PAUSE_MS = 600_000;
const FALSE_HISTORY: Refusal = {
  code: "history-false",
  message: "This neighbour names other blocks than the final block commits to.",
  verdict: "penalise",
};
const SHORT_HISTORY: Refusal = {
  code: "history-truncated",
  message: "This neighbour names fewer blocks than lie below the final block that it says it has.",
  verdict: "penalise",
};
const FALSE_BLOCKS: Refusal = {
  code: "range-false",
  message: "This neighbour sends other blocks than those of the final chain.",
  verdict: "penalise",
};

/** What the disk has when the node is opened. */
export type Held = {
  /** Hashes of the blocks from the genesis on: none, or all below the first line. */
  readonly hashes: readonly Uint8Array[];
  /** Bodies are there from this height on. */
  readonly bodiesFrom: number;
  /** Bytes of bodies to be fetched below that; null for all. */
  readonly room: number | null;
  /** Blocks from this height on are given to neighbours that validate them, so their signatures are checked here. */
  readonly checkedFrom: number;
  /** Heights of those that could not be checked: their miners have other keys by now. */
  readonly unchecked: readonly number[];
};
/** What it needs of its surroundings, besides. */
export type BackfillHost = SnapshotHost & {
  /** As the member is now. */
  readonly member: (index: MemberIndex) => MemberRow | undefined;
  /** Has signatures verified outside; `then` is called with one verdict a job. */
  readonly verify: (checks: Checks, then: (verdicts: Verdicts) => void) => void;
  /** Told of each block that cannot be checked. */
  readonly unchecked: (height: number) => void;
  /** Told of the bodies that are written with this event. */
  readonly written: (bodies: readonly { readonly height: number; readonly bytes: number }[]) => void;
};
/** `false`: its miner did not sign it. `unknown`: with a key that the miner has no more, perhaps. */
type Signed = "true" | "false" | "unknown";
/** `stretch`: where it begins of which this is the rest. */
type Ask = { readonly from: number; readonly count: number; readonly since: number; readonly stretch: number };
/** Stretches that may come before the one below what is here. */
const AHEAD = 16;

export class Backfill {
  readonly #host: BackfillHost;
  readonly #root: Header;
  #hashes: Uint8Array[];
  #isWhole: boolean;
  /** Who gives the hashes: one alone, so that it is known who lied when they turn out false. */
  #giver: number | null = null;
  #bodiesFrom: number;
  #room: number;
  readonly #checkedFrom: number;
  /** Heights below `#bodiesFrom` that have come out of order. */
  readonly #filled = new Set<number>();
  readonly #asked = new Map<number, Ask>();
  readonly #late = new Map<number, number>();
  /** Until when somebody is not asked: it does not have it, or is late again and again. */
  readonly #paused = new Map<number, number>();
  readonly #turns = new Turns();

  readonly #known: (hashes: readonly Uint8Array[]) => void;
  /** `known` is told all hashes once they are checked. `root` is the block that the chain here begins with. */
  constructor(host: BackfillHost, root: Header, held: Held, known: (hashes: readonly Uint8Array[]) => void = () => {}) {
    this.#host = host;
    this.#known = known;
    this.#root = root;
    this.#hashes = [...held.hashes];
    this.#isWhole = held.hashes.length === root.height;
    this.#bodiesFrom = held.bodiesFrom;
    this.#room = held.room ?? Infinity;
    this.#checkedFrom = held.checkedFrom;
  }
  get isDone(): boolean {
    return this.#isWhole && (this.#bodiesFrom <= 1 || this.#room <= 0);
  }
  get wakeAt(): number | null {
    const open = [...[...this.#asked.values()].map((ask) => ask.since + PATIENCE_MS), ...this.#paused.values()];
    return this.isDone || open.length === 0 ? null : Math.min(...open);
  }
  down(peer: number): void {
    for (const known of [this.#asked, this.#late, this.#paused]) known.delete(peer);
    this.#turns.down(peer);
    this.#leave(peer);
    this.time();
  }
  time(): void {
    if (this.isDone) return;
    const { now } = this.#host;
    for (const [peer, ask] of this.#asked) {
      if (now < ask.since + PATIENCE_MS) continue;
      this.#asked.delete(peer);
      this.#inVain(peer);
    }
    for (const [peer, until] of this.#paused) if (now >= until) this.#paused.delete(peer);
    for (const peer of this.#turns.of(this.#host.sources(this.#root.height)))
      if (!this.#asked.has(peer) && !this.#paused.has(peer)) this.#ask(peer);
  }
  #pause(peer: number, ms: number): void {
    this.#paused.set(peer, this.#host.now + ms);
    this.#late.delete(peer);
    this.#turns.after(peer);
    this.#leave(peer);
  }
  /** Another one gives the hashes, all of them. */
  #leave(peer: number): void {
    if (this.#giver !== peer) return;
    this.#giver = null;
    if (!this.#isWhole) this.#hashes = [];
  }
  #ask(peer: number): void {
    const since = this.#host.now;
    if (!this.#isWhole) {
      if (this.#asked.size > 0 || (this.#giver !== null && this.#giver !== peer)) return;
      this.#giver = peer;
      const from = this.#hashes.length;
      const count = Math.min(MAX_HISTORY, this.#root.height - from);
      this.#asked.set(peer, { from, count, since, stretch: from });
      return this.#host.send(peer, { kind: "ask-history", from, count });
    }
    const from = this.#nextRange();
    if (from === null) return;
    const count = from === 1 ? ((this.#bodiesFrom - 2) % MAX_BLOCKS) + 1 : MAX_BLOCKS;
    this.#asked.set(peer, { from, count, since, stretch: from });
    this.#host.send(peer, { kind: "ask-range", from, count });
  }
  /** Newest first: the highest stretch that is neither here nor on its way. */
  #nextRange(): number | null {
    const under = new Set([...this.#asked.values()].map((ask) => ask.stretch));
    if (this.#room <= 0) return null;
    const lowest = this.#bodiesFrom - AHEAD * MAX_BLOCKS;
    for (let to = this.#bodiesFrom; to > Math.max(1, lowest); to -= MAX_BLOCKS) {
      const from = Math.max(1, to - MAX_BLOCKS);
      if (!under.has(from) && !this.#filled.has(from)) return from;
    }
    return null;
  }
  /** True when it was an answer of this kind. */
  message(peer: number, message: Message): boolean {
    if (message.kind === "declined") this.#declined(peer);
    if (message.kind !== "history" && message.kind !== "range") return false;
    const ask = this.#asked.get(peer);
    // What was not asked is no answer; nor is more of what is being judged.
    const isAnswer = ask?.from === message.from && (message.kind === "range") === this.#isWhole;
    if (ask === undefined || !isAnswer || ask.since === Infinity) return true;
    this.#asked.delete(peer);
    this.#late.delete(peer);
    if (message.kind === "history") this.#takeHistory(peer, ask, message.hashes);
    else this.#takeRange(peer, ask, message.blocks);
    this.time();
    return true;
  }
  /** It has no time: what it gave of the hashes so far is gone on with later, but not for ever. */
  #declined(peer: number): void {
    const ask = this.#asked.get(peer);
    if (ask === undefined || ask.since === Infinity) return;
    this.#asked.delete(peer);
    this.#inVain(peer);
    this.#paused.set(peer, Math.max(this.#paused.get(peer) ?? 0, this.#host.now + BUSY_MS));
    this.time();
  }
  /** It was late, or had no time: so often in a row, and others are asked. */
  #inVain(peer: number): void {
    const times = (this.#late.get(peer) ?? 0) + 1;
    this.#late.set(peer, times);
    if (times >= MAX_LATE) this.#pause(peer, LATE_PAUSE_MS);
  }
  #drop(peer: number, refusal: Refusal): void {
    this.#pause(peer, LACK_PAUSE_MS);
    this.#host.out.push({ kind: "drop", peer, refusal });
  }
  #takeHistory(peer: number, { count }: Ask, hashes: readonly Uint8Array[]): void {
    if (hashes.length === 0) return this.#pause(peer, LACK_PAUSE_MS);
    // Who has them has them all (shell/snapshots.ts), and only who says that it has the root block is asked.
    if (hashes.length < count) return this.#drop(peer, SHORT_HISTORY);
    if (hashes.length > count) return this.#drop(peer, FALSE_HISTORY);
    this.#hashes.push(...hashes);
    if (this.#hashes.length < this.#root.height) return;
    let frontier = EMPTY_FRONTIER;
    for (const hash of this.#hashes) frontier = appendToFrontier(frontier, leafHash(hash));
    if (toHex(frontierRoot(frontier)) === this.#root.historyRoot) return this.#keepHistory();
    this.#drop(peer, FALSE_HISTORY);
  }
  #keepHistory(): void {
    this.#isWhole = true;
    this.#known(this.#hashes);
    for (let from = 0; from < this.#hashes.length; from += HASHES_A_ROW)
      this.#host.out.commit("chain", hashesKey(from), concatBytes(...this.#hashes.slice(from, from + HASHES_A_ROW)));
  }
  #takeRange(peer: number, ask: Ask, blocks: readonly Uint8Array[]): void {
    const { from, count } = ask;
    // Pruned there.
    if (blocks.length === 0) return this.#pause(peer, LACK_PAUSE_MS);
    if (blocks.length > count) return this.#drop(peer, FALSE_BLOCKS);
    const found: Block[] = [];
    for (const [i, raw] of blocks.entries()) {
      const read = decodeBlock(raw);
      const hash = toHex<Hash>(this.#hashes[from + i] ?? new Uint8Array());
      if (!read.ok) return this.#drop(peer, FALSE_BLOCKS);
      const { header, txs, votes } = read.value;
      const isRight =
        hashOf(header) === hash && txRootOf(txs) === header.txRoot && votesRootOf(votes) === header.votesRoot;
      if (!isRight) return this.#drop(peer, FALSE_BLOCKS);
      found.push(read.value);
    }
    const checked = found.filter(({ header }) => header.height >= this.#checkedFrom);
    if (checked.length === 0) return this.#keep(peer, ask, found);
    // Whoever it is, nobody else is asked for these meanwhile.
    const judged = { ...ask, since: Infinity };
    this.#asked.set(peer, judged);
    this.#host.verify(this.#checksOf(checked), (verdicts) => {
      if (this.#asked.get(peer) !== judged) return;
      this.#asked.delete(peer);
      const signed = checked.map((block, i) => this.#signedOf(block, verdicts, i));
      // Who gives it may have it from others, as it has what is older, and has not looked: it is not called a liar.
      if (signed.includes("false")) this.#pause(peer, LACK_PAUSE_MS);
      else {
        this.#note(checked.filter((_, i) => signed[i] === "unknown"));
        this.#keep(peer, ask, found);
      }
      this.time();
    });
  }
  /** The hash leaves the miner's signature and its draw out: who passes on false ones is taken for a liar. */
  #checksOf(blocks: readonly Block[]): Checks {
    const signers = blocks.map((block) => ({ ...block, miner: this.#minerOf(block) }));
    return {
      ed25519: signers.map(({ header, signature, miner }) => ({
        key: miner.key,
        message: fromHex(hashOf(header)),
        signature,
      })),
      bls: [],
    };
  }
  #minerOf({ header }: Block): MemberRow {
    const miner = this.#host.member(header.miner);
    assert(miner !== undefined, "a member's row stays, also once it has left");
    return miner;
  }
  #signedOf(block: Block, { ed25519 }: Verdicts, i: number): Signed {
    if (nextBeacon(block.draw) !== block.header.beacon) return "false";
    if (ed25519[i] === true) return "true";
    return this.#minerOf(block).oldBlsKey === null ? "false" : "unknown";
  }
  #note(blocks: readonly Block[]): void {
    for (const { header } of blocks) {
      this.#host.out.commit("chain", uncheckedKey(header.height), new Uint8Array());
      this.#host.unchecked(header.height);
    }
  }
  #keep(peer: number, { from, count, stretch }: Ask, blocks: readonly Block[]): void {
    const written = blocks.map((block) => {
      const { height } = block.header;
      const value = packBlock(block);
      this.#host.out.commit("chain", blockKey(height, hashOf(block.header)), value);
      this.#room -= value.length;
      return { height, bytes: value.length };
    });
    this.#host.written(written);
    const still = count - blocks.length;
    if (still > 0) {
      // More than one message holds.
      const rest = { from: from + blocks.length, count: still };
      this.#asked.set(peer, { ...rest, since: this.#host.now, stretch });
      return this.#host.send(peer, { kind: "ask-range", ...rest });
    }
    this.#filled.add(stretch);
    this.#advance();
  }
  #advance(): void {
    for (;;) {
      const from = Math.max(1, this.#bodiesFrom - MAX_BLOCKS);
      if (this.#bodiesFrom <= 1 || !this.#filled.delete(from)) return;
      this.#bodiesFrom = from;
    }
  }
}
