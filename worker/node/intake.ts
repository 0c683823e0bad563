/**
 * What arrives from peers: decoded, looked at, sent to be verified in bulk, and only then taken up (PROTOCOL.md §9: a
 * gate in front of everything). A refusal about a message says what it means for its sender.
 */
import { equalBytes } from "../base/bytes.ts";
import { assert, ok, refuse, type Refusal, type Result } from "../base/result.ts";
import { publishTime, stepAt } from "../community/market-step.ts";
import { decodeBlock, encodeBlock, hashOf, type Block } from "../consensus/block.ts";
import { allTrue, checkOfVote, checksOfTx, type Checks, type Verdicts } from "../consensus/checks.ts";
import { membersOf, type VoteGroup } from "../consensus/vote.ts";
import { maxPerStep, oldestOpen } from "../ledger/energy.ts";
import { key } from "../ledger/rows.ts";
import { idOf, type Tx } from "../ledger/transaction.ts";
import type { Core } from "./core.ts";
import {
  applicationMessage,
  decodeItem,
  encodeItem,
  itemIdOf,
  profileMessage,
  type Item,
  type ItemId,
} from "./messages.ts";
import { profileRow } from "./disk.ts";
import { encode } from "../base/codec.ts";

/** An item whose signatures are to be checked, and by whom it came. */
type Gathered = {
  /** Null for our own. */
  readonly peer: number | null;
  readonly id: ItemId;
  readonly bytes: Uint8Array;
  readonly item: Item;
  readonly checks: Checks;
};
type Ticket = { readonly items: readonly Gathered[] } | { readonly peer: number | null; readonly block: Block };

/** Votes and draws wait so long for others: a batch of 17 costs little more than one. */
const gatherMs = (stepMs: number): number => Math.min(1_000, Math.floor(stepMs / 100));
const MAX_ORPHANS = 128;
/** Blocks before their time that one neighbour may have us hold. */
const MAX_EARLY = 8;
const MAX_APPLICATIONS = 50;
/** How far a peer's clock may be ahead of ours. */
const toleranceMs = (stepMs: number): number => Math.min(2_000, Math.floor(stepMs / 20));
const NONE: Checks = { ed25519: [], bls: [], aggregates: [] };

export class Intake {
  readonly #core: Core;
  #ticket = 0;
  #tickets = new Map<number, Ticket>();
  /** Blocks that wait: for their parent, for their time, or for the one being verified. */
  #orphans = new Map<string, { block: Block; peer: number | null }>();
  #early: { block: Block; peer: number | null; at: number }[] = [];
  #queue: { block: Block; peer: number | null }[] = [];
  #verifying = false;
  #gathered: Gathered[] = [];
  #gatherUntil: number | null = null;
  /** Called when a block was added, so that the chain can settle. */
  onBlock: (block: Block) => void = () => {};
  onVotes: () => void = () => {};
  /** Called when a block's parent is missing. */
  onGap: (peer: number | null) => void = () => {};

  constructor(core: Core) {
    this.#core = core;
  }
  #penalise(peer: number | null, refusal: Refusal): void {
    if (peer !== null && refusal.verdict === "penalise") this.#core.out.push({ kind: "drop", peer, refusal });
  }
  #ask(ticket: Ticket, checks: Checks): void {
    const id = this.#ticket++;
    this.#tickets.set(id, ticket);
    this.#core.out.push({ kind: "verify", ticket: id, checks });
  }

  items(peer: number, raws: readonly Uint8Array[]): void {
    const core = this.#core;
    const now: Gathered[] = [];
    for (const bytes of raws) {
      const id = itemIdOf(bytes);
      core.gossip.knows(peer, id);
      if (core.gossip.hasSeen(id) || now.some((w) => w.id === id) || this.#gathered.some((w) => w.id === id)) continue;
      const read = decodeItem(bytes);
      const checks = read.ok ? this.#look(read.value) : read;
      if (!read.ok || !checks.ok) {
        // What may be early (a vote of a round ahead, a meter not yet known here) may come again.
        if (!checks.ok && checks.error.verdict === "penalise") {
          core.gossip.shun(id);
          this.#penalise(peer, checks.error);
        }
        continue;
      }
      if (read.value.kind === "block") this.#blockItem(peer, id, read.value.block);
      else
        (checks.value.bls.length > 0 ? this.#gathered : now).push({
          peer,
          id,
          bytes,
          item: read.value,
          checks: checks.value,
        });
    }
    if (this.#gathered.length > 0) this.#gatherUntil ??= core.now + gatherMs(core.contract.stepMs);
    this.#askAll(now);
  }
  #askAll(gathered: readonly Gathered[]): void {
    if (gathered.length === 0) return;
    const ed25519 = gathered.flatMap((g) => g.checks.ed25519);
    const bls = gathered.flatMap((g) => g.checks.bls);
    this.#ask({ items: gathered }, { ed25519, bls, aggregates: [] });
  }
  #blockItem(peer: number, id: ItemId, raw: Uint8Array): void {
    const block = decodeBlock(raw);
    if (block.ok) return this.block(peer, block.value);
    this.#core.gossip.shun(id);
    this.#penalise(peer, block.error);
  }
  /** First sight: what needs no signature check, and which signatures to check. */
  #look(item: Item): Result<Checks> {
    const core = this.#core;
    const { state, community } = core.chain;
    switch (item.kind) {
      case "block":
        return ok(NONE);
      case "tick":
        return this.#lookAtTick(item.generation, item.transfer);
      case "tx":
        return this.#lookAtTx(item.tx);
      case "vote": {
        const job = checkOfVote(state, community, item.vote);
        if (job === undefined || !core.chain.finality.isNear(item.vote))
          return refuse("vote-far", "This vote is not of the present.", "ignore");
        const target = core.chain.tree.get(item.vote.block);
        if (target !== undefined && target.header.step !== item.vote.step)
          return refuse("vote-step", "This vote names another step than its block's.");
        return ok({ ...NONE, bls: [job] });
      }
      case "profile": {
        const { profile } = item;
        if (core.memberOf(profile.key) === null && !core.applications.has(profile.key))
          return refuse("profile-unknown", "This name is of nobody known here.", "ignore");
        const known = core.names.get(profile.key);
        if (known !== undefined && known.at >= profile.at)
          return refuse("profile-old", "A newer name is known.", "ignore");
        return ok({
          ...NONE,
          ed25519: [{ key: profile.key, message: profileMessage(community, profile), signature: profile.signature }],
        });
      }
      case "application": {
        const { application } = item;
        if (core.memberOf(application.key) !== null)
          return refuse("member-known", "This neighbour is a member already.", "ignore");
        if (core.applications.size >= MAX_APPLICATIONS)
          return refuse("busy", "Too many neighbours are asking to join; try again later.", "ignore");
        return ok({
          ...NONE,
          ed25519: [
            {
              key: application.key,
              message: applicationMessage(community, application),
              signature: application.signature,
            },
          ],
        });
      }
    }
  }
  #lookAtTick(generation: Tx, transfer: Tx): Result<Checks> {
    const core = this.#core;
    const { state, community } = core.chain;
    const body = generation.body;
    if (
      body.kind !== "generation" ||
      transfer.body.kind !== "transfer" ||
      transfer.body.input !== idOf(body, community)
    ) {
      return refuse("tick-pair", "A tick is a generation and the transfer of it.");
    }
    const row = state.get("generator", key(body.generator));
    if (row === undefined) return refuse("generator-unknown", "This meter is not registered here.", "ignore");
    const { contract } = core;
    const now = stepAt(contract, core.now + toleranceMs(contract.stepMs));
    const limit = maxPerStep(row.terms.pMaxW, contract.stepMs, row.terms.resolutionMwh);
    if (body.to <= body.from || body.to - body.from > limit)
      return refuse("tick-amount", "This is not what a generator can make in one step.");
    if (body.to <= row.register || body.step > now || body.step < oldestOpen(contract, now)) {
      return refuse("tick-time", "This tick is booked already, or not of the present.", "ignore");
    }
    const first = checksOfTx(state, community, generation);
    const second = checksOfTx(state, community, transfer);
    if (!first.ok) return first;
    if (!second.ok) return second;
    return ok({ ...NONE, ed25519: [...first.value.ed25519, ...second.value.ed25519] });
  }
  #lookAtTx(tx: Tx): Result<Checks> {
    const core = this.#core;
    const { body } = tx;
    if (body.kind === "generation" || body.kind === "transfer")
      return refuse("tick-pair", "Generations travel with their transfers.");
    if (body.kind === "candidacy" || body.kind === "winner" || body.kind === "refund") {
      const now = stepAt(core.contract, core.now + toleranceMs(core.contract.stepMs));
      if (body.step > now || body.step + 1 < now)
        return refuse("auction-time", "This auction is not of the present.", "ignore");
      const parent = core.chain.tree.get(body.parent);
      // Anybody stands; only the current miner closes the auction.
      // (Whose block is still on its way may be heard before it.)
      if (parent !== undefined && body.kind !== "candidacy" && body.member !== parent.header.miner)
        return refuse("not-current-miner", "Only the current miner closes the auction.");
    }
    if (body.kind === "distribution" && core.chain.state.get("member", key(tx.signer))?.vpp !== true)
      return refuse("not-vpp", "Only a holder of a VPP key distributes.", "ignore");
    return checksOfTx(core.chain.state, core.chain.community, tx);
  }

  verdicts(ticket: number, verdicts: Verdicts): void {
    const waiting = this.#tickets.get(ticket);
    if (waiting === undefined) return;
    this.#tickets.delete(ticket);
    if ("block" in waiting) return this.#blockVerdict(waiting, allTrue(verdicts));
    let votes = false;
    let ed = 0;
    let bls = 0;
    for (const { peer, id, bytes, item, checks } of waiting.items) {
      const good =
        verdicts.ed25519.slice(ed, (ed += checks.ed25519.length)).every(Boolean) &&
        verdicts.bls.slice(bls, (bls += checks.bls.length)).every(Boolean);
      if (peer === null) assert(good, "what this device signs is true");
      else if (!good) {
        this.#core.gossip.shun(id);
        this.#penalise(peer, { code: "bad-signature", message: "A signature here is false.", verdict: "penalise" });
      } else if (this.take(item, id)) {
        this.#core.gossip.hold(id, bytes);
        votes ||= item.kind === "vote";
      } else this.#core.gossip.shun(id);
    }
    if (votes) this.onVotes();
    this.#core.out.changed();
  }
  /**
   * Takes up and announces an item that we signed. Its BLS signature is checked in the next batch with the others', at
   * little cost: a device whose arithmetic fails must stop before it is taken for a liar.
   */
  own(item: Item): void {
    const core = this.#core;
    const id = core.publish(item);
    this.take(item, id);
    const checks = this.#signed(item);
    if (!checks.ok || checks.value.bls.length === 0 || core.peers.size === 0) return;
    this.#gathered.push({ peer: null, id, bytes: new Uint8Array(), item, checks: checks.value });
    this.#gatherUntil ??= core.now + gatherMs(core.contract.stepMs);
  }
  #signed(item: Item): Result<Checks> {
    const { state, community } = this.#core.chain;
    if (item.kind === "tx") return checksOfTx(state, community, item.tx);
    const job = item.kind === "vote" ? checkOfVote(state, community, item.vote) : undefined;
    return ok(job === undefined ? NONE : { ...NONE, bls: [job] });
  }
  /** Takes up an item whose signatures are good. False when it adds nothing. */
  take(item: Item, id: ItemId): boolean {
    const core = this.#core;
    switch (item.kind) {
      case "tick": {
        if (item.generation.body.kind !== "generation") return false;
        const tick = {
          item: id,
          generation: item.generation,
          transfer: item.transfer,
          body: item.generation.body,
          heard: core.now,
        };
        const { taken, superseded } = core.pool.addTick(tick);
        for (const old of superseded) core.gossip.release(old);
        return taken;
      }
      case "tx":
        return this.#takeTx(item.tx, id);
      case "vote":
        // The first of a member in a round counts; another is not passed on either.
        return core.chain.finality.add(item.vote.member, item.vote) && core.pool.addVote(item.vote, id);
      case "profile":
        core.names.set(item.profile.key, item.profile);
        core.out.commit("settings", `name/${item.profile.key}`, encode(profileRow, item.profile));
        return true;
      case "application":
        if (!core.bls.verifyPossession(item.application.blsKey, item.application.blsProof)) return false;
        core.applications.set(item.application.key, item.application);
        return true;
      case "block":
        return false;
    }
  }
  #takeTx(tx: Tx, item: ItemId): boolean {
    const core = this.#core;
    const { body } = tx;
    const held = { item, id: idOf(body, core.chain.community), tx, heard: core.now };
    switch (body.kind) {
      case "candidacy":
        return core.pool.addCandidacy({ ...held, body });
      case "winner":
        return core.pool.addWinner({ ...held, body });
      default:
        return core.pool.addOther({ ...held, body });
    }
  }

  /** A block from gossip, sync (peer) or our own making (null). */
  block(peer: number | null, block: Block): void {
    const core = this.#core;
    const hash = hashOf(block.header);
    if (core.chain.tree.get(hash) !== undefined || core.heights.has(hash)) return;
    const due = publishTime(core.contract, block.header.step, block.header.rank) - toleranceMs(core.contract.stepMs);
    if (core.now < due) {
      const near = block.header.step <= stepAt(core.contract, core.now) + 1;
      const known = this.#early.some((e) => hashOf(e.block.header) === hash && e.peer === peer);
      const mine = this.#early.filter((e) => e.peer === peer).length;
      if (near && !known && mine < MAX_EARLY && this.#early.length < MAX_ORPHANS)
        this.#early.push({ block, peer, at: due });
      return;
    }
    this.#queue.push({ block, peer });
    this.#next();
  }
  /** Batches and blocks whose time has come. Answers when the next one's does. */
  time(): number | null {
    if (this.#gatherUntil !== null && this.#core.now >= this.#gatherUntil) {
      const batch = this.#gathered;
      this.#gathered = [];
      this.#gatherUntil = null;
      this.#askAll(batch);
    }
    const ready = this.#early.filter((e) => e.at <= this.#core.now);
    this.#early = this.#early.filter((e) => e.at > this.#core.now);
    for (const { block, peer } of ready) this.block(peer, block);
    const times = [...this.#early.map((e) => e.at), ...(this.#gatherUntil === null ? [] : [this.#gatherUntil])];
    return times.length === 0 ? null : Math.min(...times);
  }
  get busy(): boolean {
    return this.#verifying || this.#queue.length > 0;
  }
  #next(): void {
    while (!this.#verifying) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      const { block, peer } = next;
      const checks = this.#core.chain.checks(block);
      if (checks.ok) {
        this.#verifying = true;
        const aggregates = checks.value.aggregates.filter((_, i) => !this.#isKnownSum(block.votes[i]));
        this.#ask({ peer, block }, { ...checks.value, aggregates });
      } else if (checks.error.code === "parent-unknown") this.#orphan(block, peer);
      else this.#refuseBlock(block, peer, checks.error);
    }
  }
  /** A group whose votes were all verified here one by one is their sum: no pairing needed. */
  #isKnownSum(group: VoteGroup | undefined): boolean {
    const members = group && membersOf(group.voters);
    const signatures = group && members?.map((m) => this.#core.pool.vote(group, m)?.signature);
    if (!group || !signatures || signatures.some((s) => s === undefined)) return false;
    const sum = this.#core.bls.aggregate(signatures.filter((s) => s !== undefined));
    return sum !== null && equalBytes(sum, group.signature);
  }
  #orphan(block: Block, peer: number | null): void {
    if (block.header.height <= this.#core.chain.final.header.height) return;
    if (this.#orphans.size >= MAX_ORPHANS)
      for (const oldest of this.#orphans.keys()) if (this.#orphans.delete(oldest)) break;
    // By all its bytes: a copy with a false signature must not take the good one's place.
    this.#orphans.set(itemIdOf(encodeItem({ kind: "block", block: encodeBlock(block) })), { block, peer });
    const from = peer === null ? undefined : this.#core.peers.get(peer);
    if (from !== undefined) from.asked = 0;
    this.onGap(peer);
  }
  #refuseBlock(block: Block, peer: number | null, refusal: Refusal): void {
    this.#core.gossip.shun(itemIdOf(encodeItem({ kind: "block", block: encodeBlock(block) })));
    this.#penalise(peer, refusal);
  }
  #blockVerdict({ peer, block }: { peer: number | null; block: Block }, good: boolean): void {
    const core = this.#core;
    this.#verifying = false;
    const added = good ? core.chain.add(block) : refuse("bad-signature", "A signature in this block is false.");
    if (added.ok) {
      core.offer(block);
      this.onBlock(block);
      this.#adopt(hashOf(block.header));
    } else this.#refuseBlock(block, peer, added.error);
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
