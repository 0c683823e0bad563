/**
 * Neighbours: who is connected, what they have, catching up with blocks, and the community's clock (PROTOCOL.md §9).
 * Blocks are asked for with a locator, answered in order from the last block both have; each is fully validated.
 */
import type { Hash, Millis } from "../base/units.ts";
import { refuse } from "../base/result.ts";
import { decodeBlock } from "../consensus/block.ts";
import type { Core, Peer } from "./core.ts";
import { blockKey } from "./disk.ts";
import type { PeerIdentity } from "./events.ts";
import type { Intake } from "./intake.ts";
import { encodeItem, MAX_BLOCKS, type Message } from "./messages.ts";

/** Clocks drift slowly: a few pings a step are enough, and never more than three a minute. */
const pingMs = (stepMs: number): number => Math.max(20_000, Math.floor(stepMs / 3));
/** A round trip longer than this says nothing of a clock. */
const MAX_RTT_MS = 20_000;
/** A neighbour that owes us blocks for so long is asked no more; another is. */
const ASK_AGAIN_MS = 5_000;

/** Unanswered askings in a row. */
const MAX_ASKS = 4;

/** Hashes of the main chain, newest first, dense near the head and sparse below; always ends with the genesis. */
export const locator = (core: Core): Hash[] => {
  const out: Hash[] = [];
  let gap = 1;
  for (let height = core.chain.head.header.height; height > 0; height -= gap) {
    const hash = core.summaries.hashOf(height);
    if (hash !== undefined) out.push(hash);
    if (out.length > 8) gap *= 2;
  }
  // Of what lies before a snapshot only the genesis is known, and nobody's chain is without it.
  return [...out, core.genesis];
};

export class PeerSync {
  readonly #core: Core;
  readonly #intake: Intake;

  /** Called when a neighbour has said where it is, before it is asked for blocks, or that it has none of them. */
  onStatus: () => void = () => {};

  constructor(core: Core, intake: Intake) {
    this.#core = core;
    this.#intake = intake;
  }
  get wakeAt(): number | null {
    let at: number | null = null;
    for (const peer of this.#core.peers.values()) {
      const next = Math.min(
        peer.pinged + pingMs(this.#core.contract.stepMs),
        this.#isAhead(peer) ? peer.asked + ASK_AGAIN_MS : Infinity,
      );
      at = at === null ? next : Math.min(at, next);
    }
    return at;
  }
  up(id: number, identity: PeerIdentity, address: string): void {
    const core = this.#core;
    core.peers.set(id, {
      identity,
      address,
      since: core.now,
      status: null,
      rtt: null,
      offset: null,
      pinged: core.now,
      asked: 0,
      asks: 0,
      askedFrom: 0,
      told: 0,
      lacks: null,
    });
    core.gossip.up(id);
    core.send(id, { kind: "status", ...core.status() });
    core.send(id, { kind: "ping", sent: core.now });
    const known = [...core.peers.values()]
      .filter((p) => p.address !== "" && p.address !== address && p.identity.role === "member")
      .map((p) => p.address);
    if (known.length > 0) core.send(id, { kind: "addresses", addresses: known.slice(0, 32) });
  }
  /** What neighbours said before we slept is old: they are asked what we missed. */
  woke(): void {
    const core = this.#core;
    core.wokeAt = core.now;
    for (const [id, peer] of core.peers) {
      peer.asked = 0;
      this.ask(id);
    }
  }
  down(id: number): void {
    this.#core.peers.delete(id);
    this.#core.light.delete(id);
    this.#core.gossip.down(id);
  }
  time(): void {
    const core = this.#core;
    for (const [id, peer] of core.peers) {
      if (core.now >= peer.pinged + pingMs(core.contract.stepMs)) {
        peer.pinged = core.now;
        core.send(id, { kind: "ping", sent: core.now });
      }
      if (this.#isAhead(peer) && core.now >= peer.asked + ASK_AGAIN_MS) this.ask(id);
    }
  }
  #isAhead(peer: Peer): boolean {
    return (
      peer.status !== null &&
      peer.status.height > this.#core.chain.head.header.height &&
      peer.status.step > this.#core.chain.head.header.step
    );
  }
  /** Asks a neighbour for what we are missing, unless an answer is on its way. */
  ask(id: number | null): void {
    const core = this.#core;
    if (core.leaping) return;
    const peer = id === null ? undefined : core.peers.get(id);
    if (id === null || peer === undefined || (peer.asked !== 0 && core.now < peer.asked + ASK_AGAIN_MS)) return;
    peer.asked = core.now;
    // Only what brought us forward counts as an answer.
    const { height } = core.chain.head.header;
    peer.asks = height > peer.askedFrom ? 1 : peer.asks + 1;
    peer.askedFrom = height;
    if (peer.asks > MAX_ASKS) {
      // Whoever claims blocks and never sends them must not keep us from our duties.
      const refusal = {
        code: "no-blocks",
        message: "This neighbour claims blocks that it does not send.",
        verdict: "ignore",
      } as const;
      peer.status = null;
      return core.out.push({ kind: "drop", peer: id, refusal });
    }
    core.send(id, { kind: "ask-blocks", locator: locator(core).slice(0, 64) });
  }
  message(id: number, message: Message): void {
    const core = this.#core;
    const peer = core.peers.get(id);
    if (peer === undefined) return;
    switch (message.kind) {
      case "status": {
        const { kind: _, ...status } = message;
        if (status.finalHeight > status.height) {
          const refusal = refuse("status-false", "This neighbour says what cannot be.").error;
          return core.out.push({ kind: "drop", peer: id, refusal });
        }
        peer.status = status;
        peer.told = core.now;
        this.onStatus();
        core.out.changed();
        return this.#isAhead(peer) ? this.ask(id) : undefined;
      }
      case "ask-blocks":
        return this.#serve(id, message.locator);
      case "blocks":
        return this.#take(id, peer, message.blocks, message.more);
      case "addresses":
        return core.out.push({ kind: "learnt", peer: id, addresses: message.addresses });
      case "ping":
        return core.send(id, { kind: "pong", sent: message.sent, now: core.now });
      case "pong":
        return this.#pong(peer, message.sent, message.now);
      case "light":
        // It keeps its own figures only: what is announced here is nothing to it.
        core.light.add(id);
        core.gossip.down(id);
        return this.#tellName(id);
      case "ask-hops":
      case "ask-rows":
      case "ask-credits":
        return core.memberOf(peer.identity.key) === null
          ? undefined
          : core.out.push({ kind: "consult", peer: id, message });
      default:
        return undefined;
    }
  }
  /** Whom it is linked with; other names are gossip, which it does not follow. */
  #tellName(id: number): void {
    const profile = this.#core.names.get(this.#core.keys.memberKey);
    if (profile !== undefined)
      this.#core.send(id, { kind: "items", items: [encodeItem({ kind: "profile", profile })] });
  }
  /** Half the round trip is taken as the way back; the best of the recent pings is the least wrong. */
  #pong(peer: Peer, sent: Millis, theirs: Millis): void {
    const rtt = this.#core.now - sent;
    if (rtt < 0 || rtt > MAX_RTT_MS) return;
    // Never -0, which a screen would show.
    const offset = Math.round(theirs - (sent + this.#core.now) / 2) + 0;
    if (peer.rtt === null || rtt <= peer.rtt * 2) {
      peer.rtt = rtt;
      peer.offset = offset;
    }
    this.#core.out.changed();
  }
  #serve(id: number, theirs: readonly Hash[]): void {
    const core = this.#core;
    const { summaries } = core;
    const from = 1 + (theirs.map((hash) => summaries.heightOf(hash)).find((height) => height !== undefined) ?? 0);
    const keys: string[] = [];
    for (let height = from; height < Math.min(from + MAX_BLOCKS, summaries.length); height++) {
      const hash = summaries.hashOf(height);
      // The asker checks each block whole: what this node could not check itself, others may have.
      if (hash === undefined || !core.isChecked(height)) break;
      keys.push(blockKey(height, hash));
    }
    const more = keys.length > 0 && from + keys.length < summaries.length;
    core.out.push({ kind: "serve", peer: id, keys, more });
  }
  #take(id: number, peer: Peer, blocks: readonly Uint8Array[], more: boolean): void {
    const core = this.#core;
    peer.told = core.now;
    if (!this.#isAhead(peer)) peer.asks = 0;
    peer.lacks = blocks.length === 0 && this.#isAhead(peer) ? core.chain.head.header.height : null;
    if (peer.lacks !== null) this.onStatus();
    for (const raw of blocks) {
      const block = decodeBlock(raw);
      if (!block.ok) return core.out.push({ kind: "drop", peer: id, refusal: block.error });
      this.#intake.blocks.take(id, block.value);
    }
    // More is asked for soon; when these brought nothing, only after the usual wait.
    peer.asked = more && blocks.length > 0 ? core.now - ASK_AGAIN_MS + 50 : core.now;
  }
}
