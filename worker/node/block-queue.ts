/**
 * Blocks that arrive, from gossip, from catching up or of our own making: held until their time and their parent come,
 * verified one after the other, added to the chain (T II.4; PROTOCOL.md §6, §8).
 */
import type { BlsJob } from "../base/bls-scheme.ts";
import { equalBytes } from "../base/bytes.ts";
import { refuse, type Refusal } from "../base/result.ts";
import { publishTime, stepAt } from "../community/market-step.ts";
import { encodeBlock, hashOf, type Block } from "../consensus/block.ts";
import { allTrue } from "../consensus/checks.ts";
import { membersOf, type VoteGroup } from "../consensus/vote.ts";
import { toleranceMs, type Core } from "./core.ts";
import type { Gate } from "./gate.ts";
import { encodeItem, itemIdOf, MAX_BLOCKS, type ItemId } from "./messages.ts";
import { Siblings } from "./siblings.ts";
import type { Watch } from "./watch.ts";

const MAX_ORPHANS = 128;
/** Blocks before their time that one neighbour may have us hold. */
const MAX_EARLY = 8;
/** Blocks of one neighbour that wait to be verified: two answers to a request. */
const MAX_QUEUED = 2 * MAX_BLOCKS;
/** How long duties wait for blocks that are being verified: whoever keeps us busy must not keep us silent. */
const patienceMs = (stepMs: number): number => Math.floor(stepMs / 10);

/** Null for our own. */
type Sent = { readonly block: Block; readonly peer: number | null };

const itemOf = (block: Block): ItemId => itemIdOf(encodeItem({ kind: "block", block: encodeBlock(block) }));

export class BlockQueue {
  readonly #core: Core;
  readonly #gate: Gate;
  readonly #watch: Watch;
  readonly #siblings: Siblings;
  /** Blocks that wait: for their parent, for their time, or for the one being verified. */
  #orphans = new Map<string, Sent>();
  #early: (Sent & { readonly at: number })[] = [];
  #queue: Sent[] = [];
  #verifying = false;
  /** Since when there has always been something to verify. */
  #busySince: number | null = null;
  /** Called when a block was added, so that the chain can settle. */
  onBlock: (block: Block) => void = () => {};
  /** Called when a block's parent is missing. */
  onGap: (peer: number | null) => void = () => {};

  constructor(core: Core, gate: Gate, watch: Watch) {
    this.#core = core;
    this.#gate = gate;
    this.#watch = watch;
    this.#siblings = new Siblings(core);
  }
  /** True while the head may be about to move, so that duties do better to wait. */
  get busy(): boolean {
    const { contract, now } = this.#core;
    return this.#busySince !== null && now < this.#busySince + patienceMs(contract.stepMs);
  }
  take(peer: number | null, block: Block): void {
    const core = this.#core;
    const hash = hashOf(block.header);
    if (core.chain.tree.get(hash) !== undefined || core.summaries.has(hash)) return;
    if (peer !== null) this.#watch.heard(block);
    const due = publishTime(core.contract, block.header.step, block.header.rank) - toleranceMs(core.contract.stepMs);
    if (core.now < due) return this.#hold({ block, peer }, due);
    if (peer !== null && this.#queue.filter((sent) => sent.peer === peer).length >= MAX_QUEUED) return;
    this.#queue.push({ block, peer });
    this.#next();
  }
  #hold({ block, peer }: Sent, at: number): void {
    const core = this.#core;
    const hash = hashOf(block.header);
    const near = block.header.step <= stepAt(core.contract, core.now) + 1;
    const known = this.#early.some((e) => hashOf(e.block.header) === hash && e.peer === peer);
    const ofPeer = this.#early.filter((e) => e.peer === peer).length;
    if (near && !known && ofPeer < MAX_EARLY && this.#early.length < MAX_ORPHANS) this.#early.push({ block, peer, at });
  }
  /** Blocks whose time has come. Answers when the next one's does. */
  time(): number | null {
    const ready = this.#early.filter((e) => e.at <= this.#core.now);
    this.#early = this.#early.filter((e) => e.at > this.#core.now);
    for (const { block, peer } of ready) this.take(peer, block);
    return this.#early.length === 0 ? null : Math.min(...this.#early.map((e) => e.at));
  }
  #next(): void {
    while (!this.#verifying) {
      const next = this.#queue.shift();
      if (next === undefined) {
        this.#busySince = null;
        return;
      }
      const { block, peer } = next;
      // It may come again, and be needed then.
      if (!this.#siblings.admits(block.header, this.#waiting())) continue;
      const checks = this.#core.chain.checks(block, (group, job) => this.#isKnownSum(group, job));
      if (checks.ok) {
        if (peer !== null) this.#watch.verified(block);
        this.#verifying = true;
        this.#busySince ??= this.#core.now;
        this.#gate.ask(checks.value, (verdicts) => this.#verdict(next, allTrue(verdicts)));
      } else if (checks.error.code === "parent-unknown") this.#orphan(next);
      else this.#refuse(next, checks.error);
    }
  }
  /** A group whose votes were all verified here one by one, with the keys of its branch, is their sum: no pairing needed. */
  #isKnownSum(group: VoteGroup, { keys }: BlsJob): boolean {
    const { bls, pool } = this.#core;
    const votes = membersOf(group.voters)?.map((m) => pool.vote(group, m));
    if (!votes?.every((v) => v !== undefined) || !votes.every((v, i) => pool.votedWith.get(v) === keys[i]))
      return false;
    const sum = bls.aggregate(votes.map((v) => v.signature));
    return sum !== null && equalBytes(sum, group.signature);
  }
  #orphan({ block, peer }: Sent): void {
    if (block.header.height <= this.#core.chain.final.header.height) return;
    if (this.#orphans.size >= MAX_ORPHANS) this.#dropOrphan(peer);
    // By all its bytes: a copy with a false signature must not take the good one's place.
    this.#orphans.set(itemOf(block), { block, peer });
    const from = peer === null ? undefined : this.#core.peers.get(peer);
    if (from !== undefined) from.asked = 0;
    this.onGap(peer);
  }
  /** The oldest of who sends another, or else of anybody. */
  #dropOrphan(peer: number | null): void {
    const all = [...this.#orphans];
    const oldest = all.find(([, sent]) => sent.peer === peer) ?? all[0];
    if (oldest !== undefined) this.#orphans.delete(oldest[0]);
  }
  #waiting(): Block[] {
    return [...this.#orphans.values()].map(({ block }) => block);
  }
  #refuse({ block, peer }: Sent, refusal: Refusal): void {
    // Whatever it was that made our own block refused must not be in the next: the chain goes on with what it needs.
    if (peer === null) for (const id of this.#core.pool.others.keys()) this.#core.dropOther(id);
    this.#core.gossip.shun(itemOf(block));
    this.#gate.penalise(peer, refusal);
  }
  #verdict(sent: Sent, good: boolean): void {
    const core = this.#core;
    const { block } = sent;
    this.#verifying = false;
    const added = good ? core.chain.add(block) : refuse("bad-signature", "A signature in this block is false.");
    if (added.ok) {
      this.#siblings.note(block.header);
      this.#siblings.forget(core.chain.final.header.step);
      core.offer(block);
      core.objections.judge(added.value);
      this.#watch.carried(block);
      this.onBlock(block);
      this.#adopt(hashOf(block.header));
    } else this.#refuse(sent, added.error);
    this.#next();
  }
  #adopt(parent: string): void {
    for (const [hash, orphan] of this.#orphans) {
      if (orphan.block.header.parent !== parent) continue;
      this.#orphans.delete(hash);
      this.#queue.push(orphan);
    }
  }
}
