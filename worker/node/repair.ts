/**
 * Blocks of the main chain whose rows on this disk are damaged (PROTOCOL.md §8.4): each is asked of one neighbour after
 * another until one gives it. What cannot be checked to the last byte is not taken: this node passes blocks on.
 */
import { fromHex } from "../base/bytes.ts";
import { verify } from "../base/ed25519.ts";
import { decodeBlock, hashOf, txRootOf, votesRootOf, type Block } from "../consensus/block.ts";
import { nextBeacon } from "../consensus/draw.ts";
import { key } from "../ledger/rows.ts";
import type { Core } from "./core.ts";
import { blockKey, heightOfKey } from "./disk.ts";
import type { Message } from "./messages.ts";
import { packBlock } from "./packed-block.ts";
import type { SnapshotHost } from "./snapshot.ts";

const PATIENCE_MS = 15_000;
/** Once all have been asked in vain. */
const PAUSE_MS = 600_000;
/** More than that is no damage here and there. */
const MOST = 64;
const FALSE_BLOCK = {
  code: "range-false",
  message: "This neighbour sends other blocks than those of the final chain.",
  verdict: "penalise",
} as const;

type Wanted = { readonly row: string; readonly tried: Set<number>; asked: number | null; at: number };

export class Repair {
  readonly #host: SnapshotHost;
  readonly #core: Pick<Core, "chain" | "summaries" | "isChecked">;
  /** By height. */
  readonly #wanted = new Map<number, Wanted>();

  constructor(host: SnapshotHost, core: Pick<Core, "chain" | "summaries" | "isChecked">) {
    this.#host = host;
    this.#core = core;
  }
  get wakeAt(): number | null {
    const waits = [...this.#wanted.values()].map(({ asked, at }) => at + (asked === null ? PAUSE_MS : PATIENCE_MS));
    return waits.length === 0 ? null : Math.min(...waits);
  }
  add(row: string): void {
    const height = heightOfKey(row);
    const hash = this.#core.summaries.hashOf(height);
    const isOurs =
      hash !== undefined && row === blockKey(height, hash) && height <= this.#core.chain.final.header.height;
    if (!isOurs || this.#wanted.has(height) || this.#wanted.size >= MOST) return;
    this.#wanted.set(height, { row, tried: new Set(), asked: null, at: 0 });
    this.time();
  }
  down(peer: number): void {
    for (const wanted of this.#wanted.values()) {
      wanted.tried.delete(peer);
      if (wanted.asked === peer) wanted.asked = null;
    }
    this.time();
  }
  time(): void {
    const { now } = this.#host;
    for (const [height, wanted] of this.#wanted) {
      if (wanted.asked !== null && now >= wanted.at + PATIENCE_MS) wanted.asked = null;
      if (wanted.asked !== null) continue;
      const all = this.#host.sources(height);
      const isOver = all.every((peer) => wanted.tried.has(peer));
      if (isOver && now >= wanted.at + PAUSE_MS) wanted.tried.clear();
      const peer = all.find((id) => !wanted.tried.has(id));
      if (peer === undefined) {
        if (!isOver || now >= wanted.at + PAUSE_MS) wanted.at = now;
        continue;
      }
      wanted.tried.add(peer);
      [wanted.asked, wanted.at] = [peer, now];
      this.#host.send(peer, { kind: "ask-range", from: height, count: 1 });
    }
  }
  /** True when it was the answer to such a question. */
  message(peer: number, message: Message): boolean {
    if (message.kind === "declined") {
      for (const wanted of this.#wanted.values()) if (wanted.asked === peer) wanted.asked = null;
      this.time();
    }
    if (message.kind !== "range") return false;
    const wanted = this.#wanted.get(message.from);
    if (wanted?.asked !== peer) return false;
    wanted.asked = null;
    const [raw] = message.blocks;
    const read = raw === undefined ? null : decodeBlock(raw);
    if (read !== null) this.#take(peer, wanted, read.ok ? read.value : null);
    this.time();
    return true;
  }
  #take(peer: number, { row }: Wanted, block: Block | null): void {
    const isRight =
      block !== null &&
      row === blockKey(block.header.height, hashOf(block.header)) &&
      txRootOf(block.txs) === block.header.txRoot &&
      votesRootOf(block.votes) === block.header.votesRoot;
    if (!isRight) return this.#host.out.push({ kind: "drop", peer, refusal: FALSE_BLOCK });
    // Neighbours that catch up check the signature and the draw of what they are given, which are in no hash.
    if (this.#core.isChecked(block.header.height) && !this.#isSigned(block)) return;
    this.#wanted.delete(block.header.height);
    this.#host.out.commit("chain", row, packBlock(block));
  }
  /** Signature and draw by the keys that its miner has now: of one that changed keys since, they are not known here, and the row stays as it is. */
  #isSigned({ header, signature, draw }: Block): boolean {
    const miner = this.#core.chain.state.get("member", key(header.miner));
    return (
      miner !== undefined &&
      nextBeacon(draw) === header.beacon &&
      verify({ key: miner.key, message: fromHex(hashOf(header)), signature })
    );
  }
}
