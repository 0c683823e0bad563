/**
 * What arrives from peers: decoded, looked at, sent to be verified in bulk, and only then taken up (PROTOCOL.md §9: a
 * gate in front of everything). A refusal about a message says what it means for its sender.
 */
import { assert, ok, refuse, type Result } from "../base/result.ts";
import { stepAt } from "../community/market-step.ts";
import { decodeBlock } from "../consensus/block.ts";
import { checkOfVote, checksOfTx, keysOf, type Checks, type Verdicts } from "../consensus/checks.ts";
import type { Vote } from "../consensus/vote.ts";
import { maxPerStep, oldestOpen } from "../ledger/energy.ts";
import { key } from "../ledger/rows.ts";
import { idOf, type Tx } from "../ledger/transaction.ts";
import { toleranceMs, type Core } from "./core.ts";
import { applicationMessage, decodeItem, itemIdOf, profileMessage, type Item, type ItemId } from "./messages.ts";
import { profileRow } from "./disk.ts";
import { encode } from "../base/codec.ts";
import { BlockQueue } from "./block-queue.ts";
import type { Gate } from "./gate.ts";
import { MAX_WINNERS } from "./pool.ts";
import { Watch } from "./watch.ts";

/** An item whose signatures are to be checked, and by whom it came. */
type Gathered = {
  /** Null for our own. */
  readonly peer: number | null;
  readonly id: ItemId;
  readonly bytes: Uint8Array;
  readonly item: Item;
  readonly checks: Checks;
};
/** Votes and draws wait so long for others: a batch of 17 costs little more than one. */
const gatherMs = (stepMs: number): number => Math.min(1_000, Math.floor(stepMs / 100));
const MAX_APPLICATIONS = 50;
const NONE: Checks = { ed25519: [], bls: [] };

/** In the order in which their signatures are checked. */
const txsOf = (item: Item): readonly Tx[] => {
  if (item.kind === "tx") return [item.tx];
  if (item.kind === "tick") return [item.generation, item.transfer];
  return item.kind === "auction" ? [item.winner, ...item.candidacies] : [];
};

/** Of what several transactions rest on, each on one signature and at most one draw, what the one at `at` does. */
const ofOne = ({ ed25519, bls }: Checks, at: number): Checks => ({
  ed25519: ed25519.slice(at, at + 1),
  bls: bls.slice(at, at + 1),
});

export class Intake {
  readonly #core: Core;
  readonly #gate: Gate;
  readonly watch: Watch;
  readonly blocks: BlockQueue;
  #gathered: Gathered[] = [];
  #gatherUntil: number | null = null;
  /** Called when votes were counted, so that the chain can settle. */
  onVotes: () => void = () => {};

  constructor(core: Core, gate: Gate) {
    this.#core = core;
    this.#gate = gate;
    this.watch = new Watch(core);
    this.blocks = new BlockQueue(core, gate, this.watch);
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
          this.#gate.penalise(peer, checks.error);
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
    this.#gate.ask({ ed25519, bls }, (verdicts) => this.#verdicts(gathered, verdicts));
  }
  #blockItem(peer: number, id: ItemId, raw: Uint8Array): void {
    const block = decodeBlock(raw);
    if (block.ok) return this.blocks.take(peer, block.value);
    this.#core.gossip.shun(id);
    this.#gate.penalise(peer, block.error);
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
        return item.tx.body.kind === "winner"
          ? refuse("auction-alone", "A winner travels with the candidacies that it names.")
          : this.#lookAtTx(item.tx);
      case "auction":
        return this.#lookAtAuction(item.winner, item.candidacies);
      case "vote": {
        const job = checkOfVote(state, community, item.vote);
        const { member, set } = item.vote;
        // Whose vote it is in a set that has not begun here, nobody can say yet: it will come again.
        if (job === undefined || core.chain.voterKey(member, set) === null || !core.chain.finality.isNear(item.vote))
          return refuse("vote-far", "This vote is not of the present.", "ignore");
        const target = core.chain.tree.get(item.vote.block);
        if (target !== undefined && target.header.step !== item.vote.step)
          return refuse("vote-step", "This vote names another step than its block's.", "ignore");
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
      transfer.body.generator !== body.generator ||
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
      if (parent !== undefined && "beacon" in body && body.beacon !== parent.header.beacon)
        return refuse("other-beacon", "A draw is made over the beacon of the block that it follows.");
    }
    if (body.kind === "candidacy" && (core.chain.state.get("member", key(body.member))?.barred ?? null) !== null)
      return refuse("barred", "This member may not stand until the community pardons it by ballot.", "ignore");
    if (body.kind === "evidence") {
      // What no block could carry would only stand in the way of what one can; it may come again.
      const judged = this.watch.judge(body);
      if (!judged.ok) return judged;
      if (this.watch.isReported(body.offender))
        return refuse("evidence-known", "The community knows of this already.", "ignore");
    }
    if (body.kind === "distribution" && core.chain.state.get("member", key(tx.signer))?.vpp !== true)
      return refuse("not-vpp", "Only a holder of a VPP key distributes.", "ignore");
    return checksOfTx(core.chain.state, core.chain.community, tx);
  }

  #lookAtAuction(winner: Tx, candidacies: readonly Tx[]): Result<Checks> {
    const { community } = this.#core.chain;
    const { body } = winner;
    const isWhole =
      body.kind === "winner" &&
      candidacies.length === body.candidacies.length &&
      candidacies.every(({ body: c }, i) => c.kind === "candidacy" && idOf(c, community) === body.candidacies[i]);
    if (!isWhole) return refuse("auction-pair", "A winner travels with the candidacies that it names, in its order.");
    // What nobody takes up is not worth its signatures.
    if (this.#core.pool.winners(body.parent, body.step, body.member).length >= MAX_WINNERS)
      return refuse("auction-known", "Two ends of this auction are known already.", "ignore");
    const looks = [winner, ...candidacies].map((tx) => this.#lookAtTx(tx));
    const all: Checks[] = [];
    for (const look of looks) {
      if (!look.ok) return look;
      all.push(look.value);
    }
    return ok({ ed25519: all.flatMap((c) => c.ed25519), bls: all.flatMap((c) => c.bls) });
  }

  #verdicts(gathered: readonly Gathered[], verdicts: Verdicts): void {
    let votes = false;
    let ed = 0;
    let bls = 0;
    for (const { peer, id, bytes, item, checks } of gathered) {
      const good =
        verdicts.ed25519.slice(ed, (ed += checks.ed25519.length)).every(Boolean) &&
        verdicts.bls.slice(bls, (bls += checks.bls.length)).every(Boolean);
      if (peer === null) {
        assert(good, "what this device signs is true");
        continue;
      }
      if (!good) {
        this.#core.gossip.shun(id);
        this.#gate.penalise(peer, {
          code: "bad-signature",
          message: "A signature here is false.",
          verdict: "penalise",
        });
        continue;
      }
      this.#noteSigners(item, checks);
      if (this.take(item, id)) {
        this.#core.gossip.hold(id, bytes);
        votes ||= item.kind === "vote";
      } else this.#core.gossip.shun(id);
    }
    if (votes) this.onVotes();
    this.#core.out.changed();
  }
  #noteSigners(item: Item, { ed25519, bls }: Checks): void {
    const { pool } = this.#core;
    const voter = bls[0]?.keys[0];
    if (item.kind === "vote" && voter !== undefined) pool.votedWith.set(item.vote, voter);
    if (item.kind === "tx") pool.signedBy.set(item.tx, keysOf({ ed25519, bls }));
    else
      txsOf(item).forEach((tx, at) => {
        const one = ofOne({ ed25519, bls }, at);
        // The candidacies of our own auction were checked when they came: their keys stay known.
        if (one.ed25519.length > 0) pool.signedBy.set(tx, keysOf(one));
      });
  }
  /**
   * Takes up and announces an item that we signed. Its BLS signature is checked in the next batch with the others', at
   * little cost: a device whose arithmetic fails must stop before it is taken for a liar.
   */
  own(item: Item): void {
    const core = this.#core;
    const id = core.publish(item);
    const checks = this.#signed(item);
    if (checks.ok && core.voter !== null) this.#noteSigners(item, checks.value);
    this.take(item, id);
    // What evidence quotes was signed by others: this device does not answer for it.
    const quotes = item.kind === "tx" && item.tx.body.kind === "evidence";
    if (!checks.ok || quotes || checks.value.bls.length === 0 || core.peers.size === 0) return;
    this.#gathered.push({ peer: null, id, bytes: new Uint8Array(), item, checks: checks.value });
    this.#gatherUntil ??= core.now + gatherMs(core.contract.stepMs);
  }
  #signed(item: Item): Result<Checks> {
    const { state, community } = this.#core.chain;
    if (item.kind === "tx") return checksOfTx(state, community, item.tx);
    if (item.kind === "auction") return checksOfTx(state, community, item.winner);
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
      case "auction":
        return this.#takeAuction(item.winner, item.candidacies, id);
      case "vote":
        return this.#takeVote(item.vote, id);
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
  #takeVote(vote: Vote, item: ItemId): boolean {
    const { chain, pool } = this.#core;
    const voter = chain.voterKey(vote.member, vote.set);
    // The head may have moved to a branch with another key while the signature was being checked.
    if (voter === null || pool.votedWith.get(vote) !== voter) return false;
    // A second of a member in a round is passed on as well, and told of; a third is not.
    this.watch.vote(vote);
    return chain.finality.add(vote.member, vote, voter) && pool.addVote(vote, item);
  }
  #takeTx(tx: Tx, item: ItemId): boolean {
    const core = this.#core;
    const { body } = tx;
    const held = { item, id: idOf(body, core.chain.community), tx, heard: core.now };
    switch (body.kind) {
      case "candidacy":
        return core.pool.addCandidacy({ ...held, body });
      default:
        return core.pool.addOther({ ...held, body });
    }
  }

  #takeAuction(tx: Tx, candidacies: readonly Tx[], item: ItemId): boolean {
    const core = this.#core;
    const { body } = tx;
    if (body.kind !== "winner") return false;
    const id = idOf(body, core.chain.community);
    if (!core.pool.addWinner({ item, id, tx, body, candidacies, heard: core.now })) return false;
    this.watch.winner(tx);
    return true;
  }

  /** Batches whose time has come. Answers when the next one's does. */
  time(): number | null {
    if (this.#gatherUntil === null || this.#core.now < this.#gatherUntil) return this.#gatherUntil;
    const batch = this.#gathered;
    this.#gathered = [];
    this.#gatherUntil = null;
    this.#askAll(batch);
    return null;
  }
}
