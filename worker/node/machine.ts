/**
 * One participant as a machine without I/O (PROTOCOL.md §5 to §9): `step(event) -> effects`, same state and event, same
 * effects. The runner carries the effects out, disk first. Puts the files of this room together and keeps the disk's
 * picture of the chain.
 */
import { encode } from "../base/codec.ts";
import { sign } from "../base/ed25519.ts";
import { refuse } from "../base/result.ts";
import type { MemberIndex, Millis, PublicKey, TxId } from "../base/units.ts";
import { lastEnded, stepAt } from "../community/market-step.ts";
import { targetKey, membersOf } from "../consensus/vote.ts";
import type { TreeNode } from "../consensus/tree.ts";
import type { Action } from "../ledger/transaction.ts";
import { signTx, type Tx } from "../ledger/transaction.ts";
import type { ChainChange } from "./chain.ts";
import type { Core, Summary } from "./core.ts";
import {
  blockKey,
  headsCodec,
  heldVoteCodec,
  heldVoteKey,
  summaryKey,
  writeBlock,
  writeDelta,
  writeSummary,
} from "./disk.ts";
import { Duties } from "./duties.ts";
import { makeMeter } from "./desk.ts";
import { Out, type Effect, type Event, type Order } from "./events.ts";
import { Intake } from "./intake.ts";
import { decodeMessage, profileMessage, type Application, type Message } from "./messages.ts";
import type { Held } from "./pool.ts";
import { PeerSync } from "./sync.ts";

/** Announcements gather so long before they go out together. */
const FLUSH_MS = 15;
/** Blocks whose votes are remembered as carried. */
const CARRIED_DEPTH = 64;

export class Machine {
  readonly core: Core;
  readonly #intake: Intake;
  readonly #duties: Duties;
  readonly #sync: PeerSync;
  #wake: Millis | null = null;
  #flushAt: number | null = null;
  #remindedStep = -1;

  constructor(core: Core) {
    this.core = core;
    this.#intake = new Intake(core);
    this.#duties = new Duties(core, this.#intake);
    this.#sync = new PeerSync(core, this.#intake);
    this.#intake.onBlock = () => this.#settle();
    this.#intake.onVotes = () => this.#settle();
    this.#intake.onGap = (peer) => this.#sync.ask(peer);
    this.#offerOwn();
  }
  /** After a restart: what was signed and may not have arrived is offered again, the very same. */
  #offerOwn(): void {
    const { candidacies, auctions, sent } = this.core.own;
    for (const tx of [...candidacies.values(), ...auctions.values(), ...sent.splice(0)]) {
      const item = { kind: "tx", tx } as const;
      this.#intake.take(item, this.core.publish(item));
    }
  }
  /** When the machine wants a `time` event; null when only an event from outside can change anything. */
  get wakeAt(): Millis | null {
    return this.#wake;
  }
  step(event: Event): readonly Effect[] {
    const { core } = this;
    core.now = Math.max(core.now, event.now) as Millis;
    core.out = new Out();
    this.#handle(event);
    const early = this.#intake.time();
    const duty = this.#duties.run();
    this.#remind();
    this.#flush();
    const wakes = [early, duty, this.#flushAt, this.#sync.wakeAt].filter((at) => at !== null);
    this.#wake = wakes.length === 0 ? null : (Math.max(core.now + 1, Math.min(...wakes)) as Millis);
    return core.out.effects();
  }
  #handle(event: Event): void {
    const { core } = this;
    switch (event.kind) {
      case "time":
        return this.#sync.time();
      case "peer-up":
        this.#sync.up(event.peer, event.identity, event.address);
        return core.out.changed();
      case "peer-down":
        this.#sync.down(event.peer);
        return core.out.changed();
      case "message":
        return this.#message(event.peer, event.bytes);
      case "verdicts":
        return this.#intake.verdicts(event.ticket, event.verdicts);
      case "reading":
        return core.desk.reading(core, event.meter, {
          registerMwh: event.register,
          at: event.at,
          counter: event.counter ?? null,
        });
      case "order":
        return this.#order(event.id, event.order);
    }
  }
  #message(peer: number, bytes: Uint8Array): void {
    if (!this.core.peers.has(peer)) return;
    const read = decodeMessage(bytes);
    if (!read.ok) return this.core.out.push({ kind: "drop", peer, refusal: read.error });
    const message: Message = read.value;
    switch (message.kind) {
      case "have": {
        const ids = this.core.gossip.heard(peer, message.ids, this.core.now);
        return ids.length > 0 ? this.core.send(peer, { kind: "want", ids }) : undefined;
      }
      case "want": {
        const items = this.core.gossip.answer(peer, message.ids);
        return items.length > 0 ? this.core.send(peer, { kind: "items", items }) : undefined;
      }
      case "items":
        return this.#intake.items(peer, message.items);
      default:
        return this.#sync.message(peer, message);
    }
  }
  #remind(): void {
    const step = stepAt(this.core.contract, this.core.now);
    if (step === this.#remindedStep) return;
    this.#remindedStep = step;
    this.core.gossip.remind(this.core.pool.reminders());
    for (const peer of this.core.peers.keys()) this.core.send(peer, { kind: "status", ...this.core.status() });
    this.core.out.changed();
  }
  #flush(): void {
    const { gossip, now } = this.core;
    if (!gossip.hasNews) this.#flushAt = null;
    else if (this.#flushAt === null) this.#flushAt = now + FLUSH_MS;
    else if (this.#flushAt <= now) {
      for (const { peer, ids } of gossip.flush()) this.core.send(peer, { kind: "have", ids });
      this.#flushAt = gossip.hasNews ? now + FLUSH_MS : null;
    }
  }

  /** Votes and blocks take effect until nothing moves; our own votes are part of it. */
  #settle(): void {
    const { core } = this;
    for (let again = true; again;) {
      this.#record(core.chain.settle());
      const me = core.me;
      again = me !== null && !core.behind && this.#votes(me);
    }
    core.out.changed();
  }
  #voting = false;
  #votes(me: MemberIndex): boolean {
    // A vote of ours calls `onVotes`, which settles: the outer loop goes on from there.
    if (this.#voting) return false;
    this.#voting = true;
    const signed = this.#duties.vote(me);
    this.#voting = false;
    return signed;
  }
  /** Writes a change of the chain to disk and to the lists for screens. */
  #record(change: ChainChange): void {
    const { core } = this;
    const { chain, out } = core;
    for (const node of change.undone) {
      writeDelta(out, node.delta, "undo");
      this.#carry(node, false);
      core.summaries.length = node.header.height;
      core.heights.delete(node.hash);
      out.commit("chain", summaryKey(node.header.height), null);
    }
    for (const node of change.applied) {
      writeBlock(out, node);
      writeDelta(out, node.delta, "apply");
      this.#carry(node, true);
      this.#summarise(node);
      core.verifiedAt = core.now;
    }
    for (const node of change.finalised) this.#summarise(node);
    for (const node of change.dropped) out.commit("chain", blockKey(node.header.height, node.hash), null);
    for (const held of chain.finality.takeFresh()) {
      out.commit("meta", heldVoteKey(held), encode(heldVoteCodec, held));
      core.heldVotes.push(held);
    }
    const moved = change.undone.length + change.applied.length > 0;
    if (moved) {
      for (const [k, row] of chain.state.scan("generator")) {
        for (const id of core.pool.dropBooked(Number.parseInt(k, 16) as never, row.register)) core.gossip.release(id);
      }
      for (const held of core.pool.others.values()) if (this.#isSettled(held.id, held.heard)) this.#forgetTx(held);
      core.desk.headMoved(core);
      for (const a of core.applications.keys()) if (core.memberOf(a) !== null) core.applications.delete(a);
    }
    if (change.finalised.length > 0) {
      core.desk.finalMoved(core);
      this.#prune();
    }
    if (moved || change.finalised.length > 0) this.#writeHeads();
  }
  #forgetTx(held: Held<Tx["body"]>): void {
    const { core } = this;
    core.pool.others.delete(held.id);
    core.gossip.release(held.item);
    if (held.tx.signer === core.me && (held.body.kind === "proposal" || held.body.kind === "ballot"))
      core.out.commit("own", `sent/${held.id}`, null);
  }
  /** Governance and distributions leave the pool once on chain, or when they are old. */
  #isSettled(id: TxId, heard: Millis): boolean {
    const { chain, contract, now } = this.core;
    return (
      chain.head.block.txs.length > 0 && (now - heard > contract.lateWindow * contract.stepMs || this.#onChain(id))
    );
  }
  #onChain(id: TxId): boolean {
    const held = this.core.pool.others.get(id);
    if (held === undefined) return true;
    const { state } = this.core.chain;
    switch (held.body.kind) {
      case "proposal":
        return state.get("proposal", id) !== undefined;
      case "ballot": {
        const { proposal, member, yes } = held.body;
        const row = state.get("proposal", proposal);
        return (
          row !== undefined && (row.from !== null || row.ballots.some((b) => b.member === member && b.yes === yes))
        );
      }
      case "distribution":
        return (
          held.body.inputs.every((input) => state.get("energy", input) === undefined) &&
          held.body.step <= this.core.chain.head.header.step
        );
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
    const { chain, summaries, heights, out } = this.core;
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
      approvals: chain.finality.approvalsOf(node),
      confirmations: chain.finality.confirmationsOf(node),
      voters: chain.finality.members.length,
    };
    summaries[header.height] = line;
    heights.set(node.hash, header.height);
    writeSummary(out, line);
  }
  #prune(): void {
    const { core } = this;
    const { set, round } = core.chain.finality.position;
    const old = (t: { set: number; round: number }): boolean =>
      t.set < set - 1 || (t.set === set && t.round + 2 < round);
    const finalStep = core.chain.final.header.step;
    for (const id of core.pool.prune(finalStep, old)) core.gossip.release(id);
    for (const [at, height] of core.carried)
      if (height + CARRIED_DEPTH < core.chain.final.header.height) core.carried.delete(at);
    for (const [at, vote] of core.own.votes) {
      if (vote.set < set - 1 || (vote.set === set && vote.round + 2 < round)) {
        core.own.votes.delete(at);
        core.out.commit("own", at, null);
      }
    }
    for (const held of core.heldVotes.filter((h) => old(h.target))) core.out.commit("meta", heldVoteKey(held), null);
    core.heldVotes = core.heldVotes.filter((h) => !old(h.target));
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

  #order(id: number, order: Order): void {
    const { core } = this;
    const done = (value?: string): void =>
      core.out.push({ kind: "answer", id, refusal: null, ...(value === undefined ? {} : { value }) });
    const no = (code: string, message: string): void => {
      const refused = refuse(code, message, "ignore");
      core.out.push({ kind: "answer", id, refusal: refused.error });
    };
    const me = core.me;
    switch (order.kind) {
      case "add-meter": {
        const meter = makeMeter(order.meter, order, order.secret);
        core.desk.add(core, meter);
        if (me !== null && core.desk.generatorOf(core, meter) === null)
          this.#propose(me, {
            kind: "generator",
            terms: { ...order.terms, key: meter.key, owner: me, endorsement: null },
          });
        core.out.changed();
        return done(order.meter);
      }
      case "confirm-meter":
        return core.desk.confirm(core, order.meter)
          ? done()
          : no("meter-not-stopped", "This meter is counting; there is nothing to confirm.");
      case "forget-meter":
        core.desk.forget(core, order.meter);
        core.out.changed();
        return done();
      case "admit":
        return this.#admit(me, order.key, order.weight, done, no);
      case "vote":
        if (me === null) return no("not-a-member", "Only members vote; wait until you are admitted.");
        if (core.chain.state.get("proposal", order.proposal) === undefined)
          return no("proposal-unknown", "This ballot is over.");
        this.#duties.submit(
          signTx(
            { kind: "ballot", member: me, proposal: order.proposal as TxId, yes: order.yes },
            me,
            core.chain.community,
            core.keys.memberSecret,
          ),
        );
        core.out.changed();
        return done();
    }
  }
  #admit(
    me: MemberIndex | null,
    applicant: PublicKey,
    weight: number,
    done: (v?: string) => void,
    no: (c: string, m: string) => void,
  ): void {
    const { core } = this;
    const application: Application | undefined = core.applications.get(applicant);
    if (me === null) return no("not-a-member", "Only members admit; wait until you are admitted yourself.");
    if (application === undefined)
      return no(
        "applicant-unknown",
        "This neighbour's request is no longer here; ask them to open the invitation again.",
      );
    const { blsKey, blsProof } = application;
    core.out.changed();
    done(this.#propose(me, { kind: "member", terms: { key: applicant, blsKey, blsProof, weight, vpp: true } }));
  }
  /** A proposal and our own yes. */
  #propose(me: MemberIndex, action: Action): string {
    const { chain, contract, keys, now } = this.core;
    const proposal = signTx(
      { kind: "proposal", member: me, step: lastEnded(contract, now), action },
      me,
      chain.community,
      keys.memberSecret,
    );
    const id = this.#duties.submit(proposal) as TxId;
    this.#duties.submit(
      signTx({ kind: "ballot", member: me, proposal: id, yes: true }, me, chain.community, keys.memberSecret),
    );
    return id;
  }
  /** Says who we are to the neighbours: our name as a member, or our wish to become one. */
  introduce(name: string, application: Application | null, now: Millis): void {
    const { core } = this;
    core.now = Math.max(core.now, now) as Millis;
    if (application !== null && core.me === null) core.publish({ kind: "application", application });
    const unsigned = { key: core.keys.memberKey, name, at: core.now };
    const profile = {
      ...unsigned,
      signature: sign(profileMessage(core.chain.community, unsigned), core.keys.memberSecret),
    };
    core.names.set(profile.key, profile);
    core.publish({ kind: "profile", profile });
  }
}
