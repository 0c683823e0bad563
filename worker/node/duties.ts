/**
 * What a member does as time passes (PROTOCOL.md §5 to §7): stand as a candidate inside the gates, close the auction as
 * current miner, distribute as VPP, publish the block when it is its turn, approve and confirm. Whatever is signed goes
 * into the own journal with the same commit that precedes sending it.
 */
import { encode } from "../base/codec.ts";
import type { MemberIndex, Millis, StepIndex, TxId } from "../base/units.ts";
import {
  endOf,
  gateClosure,
  gateOpening,
  lastEnded,
  ownPublishTime,
  publishTime,
  stepAt,
} from "../community/market-step.ts";
import { hashOf } from "../consensus/block.ts";
import { applyCandidacy, candidatesOf, isTimely, openAuction } from "../consensus/candidacy.ts";
import { rankCandidates } from "../consensus/selection.ts";
import { beginStep } from "../consensus/transition.ts";
import type { TreeNode } from "../consensus/tree.ts";
import { voteMessage, type Target, type VoteKind } from "../consensus/vote.ts";
import type { Context } from "../ledger/context.ts";
import { isPresent } from "../ledger/members.ts";
import { key } from "../ledger/rows.ts";
import { Draft } from "../ledger/state.ts";
import { spendableTokens, type Staked } from "../ledger/tokens.ts";
import { idOf, signTx, type Body, type Evidence, type Tx } from "../ledger/transaction.ts";
import { assembleBlock, distributionsOf, isSignedNow, ranksOf } from "./assemble.ts";
import type { Core } from "./core.ts";
import { ownHash, ownTx, ownVote } from "./disk.ts";
import type { Intake } from "./intake.ts";
import { listen, maySign, mayVote } from "./silence.ts";
import { stakeOf } from "./strategy.ts";

/** How long the current miner waits past the gate closure for candidacies that are on their way. */
const closureGrace = (closeLeadMs: number): number => Math.min(2_000, Math.floor(closeLeadMs / 3));

export class Duties {
  readonly #core: Core;
  readonly #intake: Intake;
  #wakes: number[] = [];
  /** The last head and step for which the VPP's distribution was announced. */
  #distributed = "";

  constructor(core: Core, intake: Intake) {
    this.#core = core;
    this.#intake = intake;
  }
  #later(at: number): void {
    if (at > this.#core.now) this.#wakes.push(at);
  }
  /** Does what is due; answers when to look again. */
  run(): Millis | null {
    this.#wakes = [];
    const { contract, now } = this.#core;
    this.#later(endOf(contract, stepAt(contract, now)) + 1);
    this.#core.desk.time(this.#core);
    for (const meter of this.#core.desk.meters.values())
      this.#later(endOf(contract, lastEnded(contract, now)) + meter.config.graceMs);
    this.#later(this.#core.patientUntil);
    const me = this.#core.me;
    const { voter } = this.#core;
    const isReady = this.#core.isAwake && !this.#core.behind && !this.#intake.blocks.busy;
    if (me !== null && isReady) {
      this.#stand(me);
      this.#closeAuction(me, lastEnded(contract, now));
      this.#closeAuction(me, stepAt(contract, now));
      this.#refundLate(me);
      this.#distribute(me);
      this.#mine(me);
    }
    if (voter !== null && isReady) this.vote(voter);
    return this.#wakes.length === 0 ? null : (Math.min(...this.#wakes) as Millis);
  }
  #sign(body: Body, me: MemberIndex): Tx {
    return signTx(body, me, this.#core.chain.community, this.#core.keys.memberSecret);
  }
  /** Takes up and announces a transaction of our own. */
  submit(tx: Tx): string {
    const core = this.#core;
    const item = { kind: "tx", tx } as const;
    this.#intake.own(item);
    const id = idOf(tx.body, core.chain.community);
    // What a person decided must outlive this tab, on chain or not.
    if (tx.body.kind === "proposal" || tx.body.kind === "ballot")
      core.out.commit("own", `sent/${id}`, encode(ownTx, tx));
    return id;
  }
  #draw(step: StepIndex): Uint8Array {
    return this.#core.draw(step);
  }
  /** Tx_candidate (T IV.2), with the tokens that this member wants to spend. */
  #stand(me: MemberIndex): void {
    const { chain, contract, now, own, out, strategy } = this.#core;
    const step = stepAt(contract, now);
    const { head } = chain;
    if (head.header.step >= step || !maySign(this.#core, step)) return;
    const [open, close] = [gateOpening(contract, step), gateClosure(contract, step)];
    this.#later(open);
    // The block of the step before is usually on its way: a candidacy for its parent would be void.
    const patience = open + Math.floor((close - open) / 2);
    this.#later(patience);
    if (now < open || now > close || (head.header.step + 1 < step && now < patience)) return;
    const at = `${head.hash}/${step}`;
    if (own.candidacies.has(at)) return;
    const row = chain.state.get("member", key(me));
    if (row === undefined || row.barred !== null || !isPresent(row, step)) return;
    const { tokenValidity, strikes } = chain.contractAt(step);
    const tokens = stakeOf(strategy, spendableTokens(chain.state, me, step, tokenValidity), {
      step,
      tokenValidity,
      strikes: row.strikes,
      strikesAllowed: strikes,
      stepsAwake: Math.floor((now - this.#core.wokeAt) / contract.stepMs),
    });
    if (tokens === null) return;
    const tx = this.#sign(
      {
        kind: "candidacy",
        member: me,
        step,
        parent: head.hash,
        beacon: head.header.beacon,
        at: now,
        tokens,
        draw: this.#draw(step),
      },
      me,
    );
    own.candidacies.set(at, tx);
    out.commit("own", `candidacy/${at}`, encode(ownTx, tx));
    this.submit(tx);
  }
  /**
   * Candidacies of the head and step as a block would take them: a single one that it refuses (of somebody barred, gone,
   * or with another key by now) would make the whole auction void. `ctx` is the step's, with their stakes taken.
   */
  #staked(
    step: StepIndex,
    timely: boolean,
  ): {
    readonly ctx: Context;
    readonly staked: ReadonlyMap<TxId, Staked>;
    readonly txs: readonly Tx[];
  } {
    const { chain, pool } = this.#core;
    const ctx = chain.contextOn(new Draft(chain.state), step);
    const auction = openAuction(chain.head.header);
    const txs: Tx[] = [];
    const held = pool.candidacies(chain.head.hash, step).filter(({ body }) => isTimely(ctx.contract, body) === timely);
    if (held.length === 0) return { ctx, staked: auction.staked, txs };
    beginStep(ctx);
    for (const { id, tx, body } of held.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
      const draft = new Draft(ctx.draft);
      if (!isSignedNow(this.#core, draft, tx) || !applyCandidacy({ ...ctx, draft }, auction, body, id).ok) continue;
      ctx.draft.absorb(draft);
      txs.push(tx);
    }
    return { ctx, staked: auction.staked, txs };
  }
  /** Tx_winner (T IV.3, T IV.4), by the current miner once the gate is closed. */
  #closeAuction(me: MemberIndex, step: StepIndex): void {
    const { chain, contract, now, own, out } = this.#core;
    if (chain.currentMiner !== me || chain.head.header.step >= step || step === 0) return;
    if (!maySign(this.#core, step)) return;
    const due = gateClosure(contract, step) + closureGrace(contract.closeLeadMs);
    this.#later(due);
    const at = `winner/${chain.head.hash}/${step}`;
    if (now < due || own.auctions.has(at)) return;
    // Signed with these keys before this disk: a second would be a lie.
    if (this.#core.pool.winners(chain.head.hash, step, me).length > 0) return;
    const { ctx, staked, txs } = this.#staked(step, true);
    if (staked.size === 0) return;
    const draw = this.#draw(step);
    const ranking = rankCandidates(candidatesOf(ctx.draft, ctx.contract, [...staked.values()], draw), ctx.contract);
    const candidacies = [...staked.keys()].toSorted();
    const tx = this.#sign(
      {
        kind: "winner",
        member: me,
        step,
        parent: chain.head.hash,
        beacon: chain.head.header.beacon,
        candidacies,
        draw,
        ranking,
      },
      me,
    );
    own.auctions.set(at, tx);
    out.commit("own", at, encode(ownTx, tx));
    this.#intake.own({ kind: "auction", winner: tx, candidacies: txs });
  }
  /** Late candidacies get the same volume of E back (T IV.3). */
  #refundLate(me: MemberIndex): void {
    const { chain, contract, now, own, out } = this.#core;
    const step = lastEnded(contract, now);
    if (chain.currentMiner !== me || chain.head.header.step >= step) return;
    if (!maySign(this.#core, step)) return;
    const at = `refund/${chain.head.hash}/${step}`;
    if (own.auctions.has(at)) return;
    const late = this.#staked(step, false).staked;
    if (late.size === 0) return;
    const candidacies = [...late.keys()].toSorted();
    const tx = this.#sign({ kind: "refund", member: me, step, parent: chain.head.hash, candidacies }, me);
    own.auctions.set(at, tx);
    out.commit("own", at, encode(ownTx, tx));
    this.submit(tx);
  }
  /** Tells the chain of two statements that contradict each other; another node that saw both says the same. */
  report(found: Omit<Evidence, "member">): void {
    const { me, chain } = this.#core;
    if (me === null) return;
    const tx = this.#sign({ kind: "evidence", member: me, ...found }, me);
    // The offender's keys may have changed since: then these signatures prove nothing to the others.
    if (isSignedNow(this.#core, chain.state, tx)) this.submit(tx);
  }
  /** A winner that holds a VPP key distributes in its own block; for one that does not, every holder announces it. */
  #distribute(me: MemberIndex): void {
    const { chain, contract, now } = this.#core;
    const step = lastEnded(contract, now);
    if (chain.head.header.step >= step) return;
    const due = endOf(contract, step) + contract.distributeDelayMs;
    this.#later(due);
    const winner = this.#core.winnerFor(step)?.body.ranking[0];
    const row = winner === undefined ? undefined : chain.state.get("member", key(winner));
    const at = `${chain.head.hash}/${step}`;
    if (now < due || this.#distributed === at || row === undefined || row.vpp) return;
    this.#distributed = at;
    for (const tx of distributionsOf(this.#core, me, step)) this.submit(tx);
  }
  /** T II.3: publishes the block of the last step that is over, when its rank's time has come. */
  #mine(me: MemberIndex): void {
    const { chain, contract, now, own, out } = this.#core;
    const step = lastEnded(contract, now);
    if (step === 0 || chain.head.header.step >= step || own.blocks.has(step)) return;
    if (!maySign(this.#core, step)) return;
    // Made with these keys before this disk: a second would be a lie.
    if (this.#intake.watch.hasBlockOf(me, step)) return;
    this.#later(publishTime(contract, step, 0));
    if (now < publishTime(contract, step, 0)) return;
    const rank = this.#rankAt(me, step);
    if (rank === undefined) return;
    const due = ownPublishTime(contract, step, rank);
    this.#later(due);
    if (now < due) return;
    const block = assembleBlock(this.#core, me, step, rank);
    if (block === undefined) return;
    const hash = hashOf(block.header);
    own.blocks.set(step, hash);
    out.commit("own", `block/${step}`, encode(ownHash, hash));
    this.#intake.blocks.take(null, block);
  }
  /** Our best rank; found anew only when the head or what is known of its auction has changed. */
  #rankAt(me: MemberIndex, step: StepIndex): number | undefined {
    const { chain, pool } = this.#core;
    const at = `${chain.head.hash}/${step}/${this.#core.winnerFor(step)?.id}/${pool.candidacies(chain.head.hash, step).length}`;
    if (this.#rank?.at !== at) this.#rank = { at, rank: ranksOf(this.#core, me, step)[0] };
    return this.#rank.rank;
  }
  #rank: { readonly at: string; readonly rank: number | undefined } | null = null;
  /** Approves and confirms as far as the rounds allow (T II.4, T II.5). True when something was signed. */
  vote(me: MemberIndex): boolean {
    const { finality, head } = this.#core.chain;
    if (!listen(this.#core)) return false;
    const { round } = finality.position;
    for (const late of finality.lateVotes(head)) if (this.#cast(me, late.kind, late.node, late.round)) return true;
    const approve = finality.approvalFor(head);
    if (approve !== undefined && this.#cast(me, "approval", approve, round)) return true;
    const confirm = finality.confirmationFor(this.#isPatient());
    return confirm !== undefined && this.#cast(me, "confirmation", confirm, round);
  }
  /** How long a quorum's approvals that show nothing new wait for somebody's more: one step. Then the round ends as it is. */
  #isPatient(): boolean {
    const { chain, contract, now } = this.#core;
    const { set, round } = chain.finality.position;
    const at = chain.finality.confirmationFor(false) === undefined ? "" : `${set}/${round}`;
    if (this.#quorum.at !== at) this.#quorum = { at, since: now };
    const until = this.#quorum.since + contract.stepMs;
    if (at !== "") this.#later(until);
    return at === "" || now < until;
  }
  #quorum: { readonly at: string; readonly since: number } = { at: "", since: 0 };
  #cast(me: MemberIndex, kind: VoteKind, { hash: block, header: { step } }: TreeNode, round: number): boolean {
    const { bls, chain, keys, own, out } = this.#core;
    const { set } = chain.finality.position;
    // What neighbours heard of us before this disk was ours is ours, though the journal does not have it.
    if (chain.finality.ballots({ set, round }, kind).has(me)) return false;
    const at = `vote/${set}/${round}/${kind}`;
    if (own.votes.has(at) || !mayVote(this.#core.silence, { set, round })) return false;
    const target: Target = { set, round, kind, step, block };
    const vote = { ...target, member: me, signature: bls.sign(voteMessage(chain.community, target), keys.blsSecret) };
    own.votes.set(at, vote);
    out.commit("own", at, encode(ownVote, vote));
    const item = { kind: "vote", vote } as const;
    this.#intake.own(item);
    this.#intake.onVotes();
    return true;
  }
}
