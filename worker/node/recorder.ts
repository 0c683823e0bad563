/**
 * Keeps the disk's picture of the chain, the lists for screens and the pool in step with every change of the chain
 * (PROTOCOL.md §7): what a reorganisation undid is undone there too, what is final for good is cleared away.
 */
import { encode } from "../base/codec.ts";
import type { GeneratorIndex, MemberIndex, Millis, StepIndex, TxId } from "../base/units.ts";
import { ROUNDS_KEPT } from "../consensus/finality.ts";
import { NO_HASH } from "../consensus/block.ts";
import type { TreeNode } from "../consensus/tree.ts";
import { membersOf, targetKey, type Target, type Vote } from "../consensus/vote.ts";
import { oldestOpen } from "../ledger/energy.ts";
import { key, numberOf } from "../ledger/rows.ts";
import { idOf } from "../ledger/transaction.ts";
import type { ChainChange } from "./chain.ts";
import { writeHops } from "./certifier.ts";
import type { Core } from "./core.ts";
import {
  dropBlock,
  headsCodec,
  placeCodec,
  heldVoteCodec,
  heldVoteKey,
  summaryKey,
  writeBlock,
  writeBooks,
  writeDelta,
  writeSummary,
  type HeldVote,
} from "./disk.ts";
import type { Summary } from "./lines.ts";
import type { Item, ItemId } from "./messages.ts";

/** Blocks whose votes are remembered as carried. */
const CARRIED_DEPTH = 64;

export class Recorder {
  readonly core: Core;
  constructor(core: Core) {
    this.core = core;
  }
  /** Writes a change of the chain to disk and to the lists for screens. */
  record(change: ChainChange): void {
    const { core } = this;
    const { chain, out } = core;
    for (const node of change.undone) {
      writeDelta(out, node.delta, "undo");
      this.#carry(node, false);
      core.summaries.cut(node.header.height);
      out.commit("chain", summaryKey(node.header.height), null);
    }
    for (const node of change.applied) {
      writeBlock(out, node);
      writeDelta(out, node.delta, "apply");
      this.#carry(node, true);
      this.#summarise(node);
    }
    for (const node of change.finalised) {
      this.#summarise(node);
      writeBooks(out, node);
      this.#forgetSent(node);
    }
    for (const node of change.dropped) dropBlock(out, node.header.height, node.hash);
    for (const { member, target } of chain.finality.takeFresh()) {
      const held = this.#heldVote(member, target);
      out.commit("meta", heldVoteKey(held), encode(heldVoteCodec, held));
      core.heldVotes.push(held);
    }
    writeHops(core, change.finalised);
    const moved = change.undone.length + change.applied.length > 0;
    for (const node of change.undone) this.#putBack(node);
    if (moved) {
      const oldest = oldestOpen(core.contract, (chain.head.header.step + 1) as StepIndex);
      for (const [k, { register, terms }] of chain.state.scan("generator")) {
        const alive = { register, oldest, key: terms.key };
        for (const id of core.pool.dropDead(numberOf(k) as GeneratorIndex, alive)) core.gossip.release(id);
      }
      for (const held of core.pool.others.values()) if (this.#isSettled(held.id, held.heard)) core.dropOther(held.id);
      for (const id of core.pool.dropVotes((vote) => this.#isVoid(vote))) core.gossip.release(id);
      core.desk.headMoved(core);
      for (const a of core.applications.keys()) if (core.memberOf(a) !== null) core.applications.delete(a);
    }
    if (change.finalised.length > 0) {
      core.verifiedAt = core.now;
      core.desk.finalMoved(core);
      core.tellLight();
      this.#prune();
    }
    if (moved || change.finalised.length > 0) this.#writeHeads();
    this.#writePlace();
  }
  #heldVote(member: MemberIndex, target: Target): HeldVote {
    const { chain, pool } = this.core;
    const signer = chain.finality.signerOf(member, target.set);
    const vote = pool.vote(target, member);
    const isHis = vote !== undefined && pool.votedWith.get(vote) === signer;
    return { member, target, signer, signature: isHis ? vote.signature : null };
  }
  /** A vote of a key that is not, on the head's branch, its voter's in this set: neighbours would take it for a lie. */
  #isVoid(vote: Vote): boolean {
    const { chain, pool } = this.core;
    const voter = chain.voterKey(vote.member, vote.set);
    return voter !== null && pool.votedWith.get(vote) !== voter;
  }
  /** What a block held that lost its place is waiting again, here and for the neighbours. */
  #putBack(node: TreeNode): void {
    const { core } = this;
    const { community } = core.chain;
    const { txs } = node.block;
    const offer = (item: Item): ItemId => core.publish(item);
    for (const tx of txs) {
      const { body } = tx;
      if (
        body.kind === "proposal" ||
        body.kind === "ballot" ||
        body.kind === "distribution" ||
        body.kind === "evidence"
      ) {
        core.pool.addOther({ item: offer({ kind: "tx", tx }), id: idOf(body, community), tx, body, heard: core.now });
      } else if (body.kind === "generation") {
        const id = idOf(body, community);
        const transfer = txs.find((t) => t.body.kind === "transfer" && t.body.input === id);
        if (transfer === undefined) continue;
        const item = offer({ kind: "tick", generation: tx, transfer });
        core.pool.addTick({ item, generation: tx, transfer, body, heard: core.now });
      }
    }
  }
  /** A decision of ours is kept for sending until it is final. */
  #forgetSent(node: TreeNode): void {
    const { core } = this;
    for (const { body, signer } of node.block.txs) {
      if (signer === core.me && (body.kind === "proposal" || body.kind === "ballot"))
        core.out.commit("own", `sent/${idOf(body, core.chain.community)}`, null);
    }
  }
  /** Governance and distributions leave the pool once on chain, or when they are old. */
  #isSettled(id: TxId, heard: Millis): boolean {
    const { contract, now } = this.core;
    return now - heard > contract.lateWindow * contract.stepMs || this.#onChain(id);
  }
  #onChain(id: TxId): boolean {
    const held = this.core.pool.others.get(id);
    if (held === undefined) return true;
    const { state } = this.core.chain;
    switch (held.body.kind) {
      case "proposal":
        return state.get("proposal", id) !== undefined;
      case "ballot": {
        const { proposal, member, step } = held.body;
        const row = state.get("proposal", proposal);
        return (
          row !== undefined && (row.from !== null || row.ballots.some((b) => b.member === member && b.step >= step))
        );
      }
      case "distribution":
        return (
          held.body.inputs.every((input) => state.get("energy", input) === undefined) &&
          held.body.step <= this.core.chain.head.header.step
        );
      case "evidence":
        return state.get("member", key(held.body.offender))?.convicted !== false;
      case "refund":
        return held.body.step <= this.core.chain.head.header.step;
      default:
        return false;
    }
  }
  #carry(node: TreeNode, on: boolean): void {
    const { carried } = this.core;
    for (const group of node.block.votes) {
      for (const m of membersOf(group.voters) ?? []) {
        const at = `${targetKey(group)}/${m}`;
        if (on) carried.set(at, node.header.height);
        else carried.delete(at);
      }
    }
  }
  #summarise(node: TreeNode): void {
    const { chain, summaries, out } = this.core;
    const { header, block } = node;
    const generatedMwh = block.txs.reduce(
      (sum, { body }) => sum + (body.kind === "generation" ? body.to - body.from : 0),
      0,
    );
    const line: Summary = {
      hash: node.hash,
      step: header.step,
      height: header.height,
      miner: header.miner,
      rank: header.rank,
      transactions: block.txs.length,
      generatedMwh,
      ...chain.finality.tallyOf(node),
    };
    summaries.put(line);
    writeSummary(out, line);
  }
  #prune(): void {
    const { core } = this;
    const { set, round } = core.chain.finality.position;
    const old = (t: { set: number; round: number }): boolean =>
      t.set < set - 1 || (t.set === set && t.round + ROUNDS_KEPT < round);
    const finalStep = core.chain.final.header.step;
    for (const id of core.pool.prune(finalStep, old)) core.gossip.release(id);
    for (const [at, height] of core.carried)
      if (height + CARRIED_DEPTH < core.chain.final.header.height) core.carried.delete(at);
    for (const [at, vote] of core.own.votes) {
      if (old(vote)) {
        core.own.votes.delete(at);
        core.out.commit("own", at, null);
      }
    }
    // Of a set that has begun, the ballots that others' keys gave are gone too.
    const isGone = (h: HeldVote): boolean => old(h.target) || !core.chain.finality.has(h.member, h.target);
    for (const held of core.heldVotes.filter(isGone)) core.out.commit("meta", heldVoteKey(held), null);
    core.heldVotes = core.heldVotes.filter((h) => !isGone(h));
    const isPast = (at: string): boolean => Number(at.slice(at.lastIndexOf("/") + 1)) <= finalStep;
    for (const map of [core.own.candidacies, core.own.auctions])
      for (const at of map.keys())
        if (isPast(at)) this.#forgetOwn(map, at, map === core.own.candidacies ? `candidacy/${at}` : at);
    for (const step of core.own.blocks.keys())
      if (step + 2 <= finalStep) this.#forgetOwn(core.own.blocks, step, `block/${step}`);
  }
  #forgetOwn<K>(map: Map<K, unknown>, at: K, row: string): void {
    map.delete(at);
    this.core.out.commit("own", row, null);
  }
  /** Blocks beside the head's chain are not on disk, and those that lost nowhere: what their votes meant must be. */
  #writePlace(): void {
    const { finality } = this.core.chain;
    const { set, round } = finality.position;
    const bound = finality.isBlind ? NO_HASH : finality.anchor().hash;
    const at = `${set}/${round}/${bound}`;
    if (at === this.#place) return;
    this.#place = at;
    this.core.out.commit("meta", "place", encode(placeCodec, { set, round, bound }));
  }
  #place = "";
  #writeHeads(): void {
    const { chain, out, verifiedAt } = this.core;
    const { head, final } = chain;
    out.commit(
      "meta",
      "heads",
      encode(headsCodec, {
        head: head.hash,
        height: head.header.height,
        final: final.hash,
        finalHeight: final.header.height,
        round: chain.finality.position.round,
        verifiedAt: verifiedAt ?? 0,
      }),
    );
  }
}
