/**
 * One participant as a machine without I/O (PROTOCOL.md §5 to §9): `step(event) -> effects`, same state and event, same
 * effects. The runner carries the effects out, disk first. Puts the files of this room together.
 */
import { sign } from "../base/ed25519.ts";
import { refuse } from "../base/result.ts";
import { listen } from "./silence.ts";
import type { MemberIndex, Millis, StepIndex } from "../base/units.ts";
import { stepAt } from "../community/market-step.ts";
import { encodeBlock } from "../consensus/block.ts";
import { votersIn } from "../consensus/certificate.ts";
import type { TreeNode } from "../consensus/tree.ts";
import { Alarms, alarmOp } from "./alarms.ts";
import type { Core } from "./core.ts";
import { Duties } from "./duties.ts";
import { Out, type Effect, type Event } from "./events.ts";
import { Gate } from "./gate.ts";
import { Intake } from "./intake.ts";
import { decodeMessage, profileMessage, type Application, type ItemId, type Message } from "./messages.ts";
import { Orders } from "./orders.ts";
import { Recorder } from "./recorder.ts";
import { Leap } from "./leap.ts";
import { PeerSync } from "./sync.ts";

/** Steps whose auctions are remembered. */
const AUCTIONS_KEPT = 4;
/** What is adopted may come into force so soon after a link is up. */
const KNOWN_AFTER_STEPS = 2;
const STRANGER = refuse("not-a-member", "This key is not a member of the community.", "ignore").error;
const SET_RIGHT = refuse("clock-set-right", "The clock was set right; the neighbours are called anew.", "ignore").error;
/** Announcements gather so long before they go out together. */
const FLUSH_MS = 15;
export class Machine {
  readonly core: Core;
  readonly #gate: Gate;
  readonly #intake: Intake;
  readonly #duties: Duties;
  readonly #sync: PeerSync;
  readonly #recorder: Recorder;
  readonly #orders: Orders;
  readonly leap: Leap;
  readonly #alarms: Alarms;
  #wake: Millis | null = null;
  #flushAt: number | null = null;
  #remindedStep = -1;
  /** True once another beginning is written. */
  #isOver = false;

  constructor(core: Core) {
    this.core = core;
    this.#gate = new Gate(core);
    this.#intake = new Intake(core, this.#gate);
    this.#duties = new Duties(core, this.#intake);
    this.#sync = new PeerSync(core, this.#intake);
    this.#recorder = new Recorder(core);
    this.#orders = new Orders(core, this.#duties);
    this.leap = new Leap(core, this.#gate, () => (this.#isOver = true));
    // Who says where it is may be far ahead.
    this.#sync.onStatus = () => this.leap.time();
    this.#intake.blocks.onBlock = () => this.#settle();
    this.#intake.onVotes = () => this.#settle();
    this.#intake.watch.onFault = (found) => this.#duties.report(found);
    this.#intake.blocks.onGap = (peer) => this.#sync.ask(peer);
    this.#alarms = new Alarms({
      community: core.chain.community,
      trusted: () => [votersIn(core.chain.tree.viewAt(core.chain.state, core.chain.head, core.chain.final))],
      verify: (checks, then) => this.#gate.ask(checks, then),
      refuse: (peer, refusal) => this.#gate.penalise(peer, refusal),
      tell: (proof, but) => {
        for (const id of core.peers.keys()) if (id !== but) core.send(id, { kind: "alarm", proof });
      },
      keep: (alarm) => {
        const { table, key, value } = alarmOp(alarm);
        core.out.commit(table, key, value);
        core.out.changed();
      },
      held: core.alarms,
    });
    this.#offerOwn();
  }
  /**
   * After a restart: what was signed and may not have arrived is offered again, the very same. A winner whose candidacies
   * are no longer here comes back from the neighbours that heard it, or is as good as never signed.
   */
  #offerOwn(): void {
    const { candidacies, auctions, sent } = this.core.own;
    for (const tx of [...candidacies.values(), ...auctions.values(), ...sent.splice(0)]) {
      if (tx.body.kind !== "winner") this.#intake.own({ kind: "tx", tx });
    }
  }
  /** When the machine wants a `time` event; null when only an event from outside can change anything. */
  get wakeAt(): Millis | null {
    return this.#wake;
  }
  step(event: Event): readonly Effect[] {
    const { core } = this;
    // Awake, a machine is called at the end of every step at least.
    const slept = event.now - core.now > core.contract.stepMs;
    // A clock that was set right may go back; what was signed meanwhile is in the journal and is not signed again.
    const setBack = core.now - event.now > core.contract.stepMs;
    core.now = (setBack ? event.now : Math.max(core.now, event.now)) as Millis;
    core.out = new Out();
    if (this.#isOver) return [];
    if (slept) this.#sync.woke();
    if (setBack) this.#startOver();
    this.#handle(event);
    // Nothing of the old chain may be signed or written any more.
    if (this.#isOver) return core.out.effects();
    if (core.objections.review()) this.#settle();
    const early = this.#intake.blocks.time();
    const batch = this.#intake.time();
    const duty = this.#duties.run();
    this.#remind();
    for (const [peer, ids] of core.gossip.overdue(core.now)) core.send(peer, { kind: "want", ids });
    this.#flush();
    const wakes = [early, batch, duty, this.#flushAt, this.#sync.wakeAt, this.leap.wakeAt].filter((at) => at !== null);
    this.#wake = wakes.length === 0 ? null : (Math.max(core.now + 1, Math.min(...wakes)) as Millis);
    return core.out.effects();
  }
  /** Whatever was begun by a clock that was ahead would be waited for until it is that time: links are made anew. */
  #startOver(): void {
    this.#sync.woke();
    for (const peer of this.core.peers.keys()) this.core.out.push({ kind: "drop", peer, refusal: SET_RIGHT });
  }
  #handle(event: Event): void {
    const { core } = this;
    switch (event.kind) {
      case "time":
        this.leap.time();
        return this.#sync.time();
      case "peer-up":
        this.#sync.up(event.peer, event.identity, event.address);
        this.leap.time();
        for (const { raw } of core.alarms) core.send(event.peer, { kind: "alarm", proof: raw });
        return core.out.changed();
      case "peer-down":
        this.#sync.down(event.peer);
        this.leap.down(event.peer);
        return core.out.changed();
      case "message":
        return this.#message(event.peer, event.bytes);
      case "verdicts":
        return this.#gate.answered(event.ticket, event.verdicts);
      case "reading":
        return core.desk.reading(core, event.meter, {
          registerMwh: event.register,
          at: event.at,
          counter: event.counter ?? null,
        });
      case "damaged":
        return this.leap.repair(event.row);
      case "order":
        return this.#orders.carryOut(event.id, event.order);
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
      case "ask-manifest":
      case "ask-chunk":
      case "ask-history":
      case "ask-range":
      case "ask-hand-overs":
        return this.core.out.push({ kind: "consult", peer, message });
      case "alarm":
        return this.#alarms.hear(peer, message.proof);
      default:
        if (this.leap.message(peer, message)) return undefined;
        return this.#sync.message(peer, message);
    }
  }
  /**
   * Blocks off the main chain that votes lie on. Catching up brings the main chain only; who lacks a branch cannot tell
   * what the votes on it exclude, and a round in which votes mean nothing known to enough voters would stay open for ever.
   */
  #branches(): ItemId[] {
    const { chain, summaries, pool } = this.core;
    const found = new Set<TreeNode>();
    for (const { target } of pool.voteGroups()) {
      let at = chain.tree.get(target.block);
      for (; at !== undefined && !summaries.has(at.hash) && !found.has(at); at = chain.tree.parentOf(at)) found.add(at);
    }
    return [...found]
      .toSorted((a, b) => a.header.height - b.header.height)
      .map((node) => this.core.publish({ kind: "block", block: encodeBlock(node.block) }));
  }
  #remind(): void {
    const step = stepAt(this.core.contract, this.core.now);
    if (step === this.#remindedStep) return;
    this.#remindedStep = step;
    // Auctions that are over, also while nothing becomes final.
    const over = Math.max(0, step - AUCTIONS_KEPT) as StepIndex;
    for (const id of this.core.pool.prune(over, () => false)) this.core.gossip.release(id);
    this.core.withdrawOld();
    const { head, final } = this.core.chain;
    // Links lose nothing while they are up; only where finality lags may somebody have heard a vote too early to keep it.
    if (head.header.step > final.header.step + 1)
      this.core.gossip.remind([...this.#branches(), ...this.core.pool.reminders()]);
    this.#partFromStrangers();
    for (const peer of this.core.peers.keys()) this.core.send(peer, { kind: "status", ...this.core.status() });
    this.core.out.changed();
  }
  /** Whom this node let in while it could not tell: whoever is a member is known as one by now. */
  #partFromStrangers(): void {
    const { core } = this;
    if (!core.knowsMembers(core.now)) return;
    for (const [id, peer] of core.peers)
      if (core.isStranger(peer) && core.now >= peer.since + KNOWN_AFTER_STEPS * core.contract.stepMs)
        core.out.push({ kind: "drop", peer: id, refusal: STRANGER });
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
      // Who does not vote yet must not wait in a round for its own vote.
      core.chain.finality.self = listen(core) ? core.voter : null;
      this.#recorder.record(core.chain.settle());
      const me = core.voter;
      // Not amid blocks that are being caught up with: a vote on an old head would hold back what is newer.
      const isReady = core.isAwake && !core.behind && !this.#intake.blocks.busy;
      again = me !== null && isReady && this.#votes(me);
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
