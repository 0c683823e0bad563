/**
 * A light node as a machine without I/O (PROTOCOL.md §8.1): keeps a proved head and its member's own figures, asks one
 * neighbour at a time, believes nothing that is not proved, and goes to another when one lies or is silent. It signs
 * nothing of which a member may sign only one: it never votes, never mines, never serves.
 */
import { sign } from "../base/ed25519.ts";
import { refuse, type Refusal } from "../base/result.ts";
import type { MemberIndex, Millis, StepIndex } from "../base/units.ts";
import { communityId, type SignedContract } from "../community/contract.ts";
import { hashOf } from "../consensus/block.ts";
import { allTrue, type Checks, type Verdicts } from "../consensus/checks.ts";
import { alarmOp, Alarms, type HeldAlarm } from "./alarms.ts";
import type { NodeKeys } from "./core.ts";
import { Out, type DiskOp, type Effect, type Event, type Participant } from "./events.ts";
import { rawOf, type AlarmFinding } from "./light-alarm.ts";
import { alarmOf } from "./light-alarm-made.ts";
import { readCredits, type Breach } from "./light-credits.ts";
import { figuresOp, spanOp, trustOp, type LightState } from "./light-disk.ts";
import { LightNames } from "./light-names.ts";
import { LightPeers, type LightPeer } from "./light-peers.ts";
import { gapOf, isAnew, withCovered, withFound, type Gap, type Planned } from "./light-plan.ts";
import { DECLINED, LIGHT_DEVICE, SHORT, SILENT, SLOW, TRUNCATED } from "./light-refusals.ts";
import { ALL_TABLES, ownPath, readRows, ROW_PATHS, ROW_TABLES, spansOf, withSpans } from "./light-rows.ts";
import { descent, followHops } from "./light-trust.ts";
import { PATIENCE_MS, visitOf, VisitTime, type Visit } from "./light-visit.ts";
import { LightWishes } from "./light-wishes.ts";
import {
  decodeMessage,
  profileMessage,
  type CreditsAnswer,
  type HopsAnswer,
  type Item,
  type Message,
  type Profile,
  type RowsAnswer,
} from "./messages.ts";

export class Light implements Participant {
  readonly keys: NodeKeys;
  readonly signed: SignedContract;
  readonly peers: LightPeers;
  readonly alarms: Alarms;
  readonly names: LightNames;
  state: LightState;
  now = 0 as Millis;
  #out = new Out();
  #wake: Millis | null = null;
  #visit: Visit | null = null;
  #rows: RowsAnswer | null = null;
  #profile: Item | null = null;
  #ticket = 0;
  #waiting = new Map<number, (verdicts: Verdicts) => void>();
  readonly #wishes = new LightWishes();
  readonly #time = new VisitTime();

  constructor(o: {
    keys: NodeKeys;
    signed: SignedContract;
    state: LightState;
    alarms: readonly HeldAlarm[];
    names: readonly Profile[];
  }) {
    this.keys = o.keys;
    this.signed = o.signed;
    this.state = o.state;
    this.peers = new LightPeers(
      () => this.now,
      () => this.#out,
    );
    const community = communityId(o.signed.contract);
    this.names = new LightNames({
      community,
      verify: (checks, then) => this.#verify(checks, then),
      keep: (op) => this.#write(op),
      held: o.names,
    });
    this.alarms = new Alarms({
      community,
      trusted: () => [this.state.trust.voters],
      verify: (checks, then) => this.#verify(checks, then),
      refuse: (peer, refusal) => this.peers.refuse(peer, refusal, PATIENCE_MS),
      tell: (proof, but) => {
        for (const id of this.peers.all.keys()) if (id !== but) this.peers.send(id, { kind: "alarm", proof });
      },
      keep: (alarm) => this.#write(alarmOp(alarm)),
      held: [...o.alarms],
    });
  }
  get wakeAt(): Millis | null {
    return this.#wake;
  }
  /** A neighbour has proved more than is known here, or says that it could. */
  get behind(): boolean {
    return this.peers.claimed > this.state.trust.header.height + 1;
  }
  /** Our name, for neighbours who ask who we are. */
  introduce(name: string, now: Millis): void {
    this.now = Math.max(this.now, now) as Millis;
    const unsigned = { key: this.keys.memberKey, name, at: this.now };
    const community = communityId(this.signed.contract);
    const signature = sign(profileMessage(community, unsigned), this.keys.memberSecret);
    this.#profile = { kind: "profile", profile: { ...unsigned, signature } };
  }
  /** From which step on credits are wanted: from the next event on they are asked for. */
  want(step: number): void {
    this.#wishes.wanted = Math.max(1, step);
  }
  /** Credits from `step` on, once: they are asked for from the next event on, a month at a time, and kept. */
  reach(step: number): void {
    this.#wishes.reach(step);
  }
  /** How that goes: null when nothing is on its way. `isRefused`: no neighbour of the moment has these blocks. */
  get reaching(): { readonly from: number; readonly isRefused: boolean } | null {
    return this.#wishes.reaching(this.peers.all.values());
  }
  /** What the register has and no neighbour has shown so far; null as well while one is being asked. */
  get gap(): Gap | null {
    return this.#visit === null ? gapOf(this.state, this.signed.contract) : null;
  }
  step(event: Event): readonly Effect[] {
    this.now = Math.max(this.now, event.now) as Millis;
    this.#out = new Out();
    if (this.now - event.now > this.signed.contract.stepMs) this.#setRight(event.now);
    this.#handle(event);
    this.peers.time();
    if (this.#visit !== null && this.now >= this.#time.endOf(this.#visit)) this.#tooSlow(this.#visit);
    this.#begin();
    const waits = [
      this.peers.wakeAt,
      this.#visit === null ? this.peers.nextChance : this.#time.endOf(this.#visit),
    ].filter((at) => at !== null);
    this.#wake = waits.length === 0 ? null : (Math.max(this.now + 1, Math.min(...waits)) as Millis);
    return this.#out.effects();
  }
  /** The clock went back: what was begun by the wrong one would be waited for until it is that time. */
  #setRight(now: Millis): void {
    this.now = now;
    this.#visit = null;
    this.peers.setRight();
  }
  #handle(event: Event): void {
    switch (event.kind) {
      case "time":
      case "damaged":
        return undefined;
      case "peer-up":
        this.peers.up(event.peer, event.identity, event.address, this.#profile);
        for (const { raw } of this.alarms.all) this.peers.send(event.peer, { kind: "alarm", proof: raw });
        return this.#out.changed();
      case "peer-down":
        this.peers.down(event.peer);
        if (this.#visit?.peer === event.peer) this.#visit = null;
        return this.#out.changed();
      case "message":
        return this.#message(event.peer, event.bytes);
      case "verdicts": {
        const then = this.#waiting.get(event.ticket);
        this.#waiting.delete(event.ticket);
        return then?.(event.verdicts);
      }
      case "order":
        return this.#out.push({ kind: "answer", id: event.id, refusal: LIGHT_DEVICE });
      case "reading":
        return undefined;
    }
  }
  #write({ table, key, value }: DiskOp): void {
    this.#out.commit(table, key, value);
    this.#out.changed();
  }
  #verify(checks: Checks, then: (verdicts: Verdicts) => void): void {
    const ticket = this.#ticket++;
    this.#waiting.set(ticket, then);
    this.#out.push({ kind: "verify", ticket, checks });
  }
  #message(id: number, bytes: Uint8Array): void {
    const peer = this.peers.all.get(id);
    if (peer === undefined) return;
    const read = decodeMessage(bytes);
    if (!read.ok) return this.peers.refuse(id, read.error, PATIENCE_MS);
    const message: Message = read.value;
    switch (message.kind) {
      case "status": {
        const { kind: _, ...status } = message;
        peer.status = status;
        return this.#out.changed();
      }
      case "ping":
        return this.peers.send(id, { kind: "pong", sent: message.sent, now: this.now });
      case "pong":
        return this.peers.pong(peer, message.sent, message.now);
      case "addresses":
        return this.#out.push({ kind: "learnt", peer: id, addresses: message.addresses });
      case "alarm":
        return this.alarms.hear(id, message.proof);
      case "items":
        return this.names.hear(peer.identity.key, message.items);
      case "declined":
        return this.#declined(id, message.why);
      case "hops":
        return this.#visit?.peer === id && this.#visit.stage === "hops" ? this.#hops(this.#visit, message) : undefined;
      case "rows":
        return this.#visit?.peer === id && this.#visit.stage === "rows"
          ? this.#ownRows(this.#visit, message)
          : undefined;
      case "credits":
        return this.#visit?.peer === id && this.#visit.stage === "credits"
          ? this.#credits(this.#visit, message)
          : undefined;
      default:
        return undefined;
    }
  }
  #tooSlow(visit: Visit): void {
    this.#time.over(visit, this.now);
    if (visit.asked?.isBack === true) this.#lacks(visit);
    else this.#fail(this.now >= visit.since + PATIENCE_MS ? SILENT : SLOW);
  }
  /** It has no time, or has not what is asked: of long ago others may have it. */
  #declined(id: number, why: "busy" | "lacks"): void {
    const visit = this.#visit;
    if (visit?.peer !== id || visit.stage === "signatures") return;
    if (why === "lacks" && visit.asked?.isBack === true) this.#lacks(visit);
    else this.#fail(DECLINED, PATIENCE_MS);
  }
  /** Ends a conversation that came to nothing; the next one is with somebody else. */
  #fail(refusal: Refusal, againMs = this.signed.contract.stepMs): void {
    const visit = this.#visit;
    this.#visit = null;
    if (visit !== null) this.peers.refuse(visit.peer, refusal, againMs);
  }
  #needsFigures(peer: LightPeer): boolean {
    const { figures, trust } = this.state;
    return figures === null || figures.height < trust.header.height || this.#planFor(peer).length > 0;
  }
  #planFor({ identity }: LightPeer): Planned[] {
    return this.#wishes.plan(this.state, this.signed.contract, identity.key);
  }
  /** Asks whoever kept its word best, and of these whoever says that most is final, where there is something to ask. */
  #begin(): void {
    if (this.#visit !== null) return;
    const { height } = this.state.trust.header;
    const claimOf = (p: LightPeer): number => p.status?.finalHeight ?? 0;
    const [best] = [...this.peers.all]
      .filter(([, p]) => p.identity.role === "member" && p.status !== null && !this.peers.isShunned(p))
      .filter(([, p]) => claimOf(p) > height || (claimOf(p) === height && this.#needsFigures(p)))
      .toSorted(([, a], [, b]) => this.peers.failures(a) - this.peers.failures(b) || claimOf(b) - claimOf(a));
    if (best === undefined) return;
    const [peer, known] = best;
    const claimed = claimOf(known);
    const { trust } = this.state;
    this.#visit = visitOf(peer, claimed, this.now);
    if (claimed > trust.header.height)
      this.peers.send(peer, { kind: "ask-hops", set: trust.voters.set, height: trust.header.height });
    else this.#askRows(this.#visit);
  }
  #hops(visit: Visit, answer: HopsAnswer): void {
    const { trust } = this.state;
    if (answer.hops.length === 0) return this.#fail(TRUNCATED);
    const ahead = followHops(trust, answer.hops);
    if (!ahead.ok) return this.#fail(ahead.error);
    const stands = descent(trust, ahead.value.trust.header, answer);
    if (stands === null)
      return this.#fail(refuse("descent-false", "This neighbour does not show what its block stands on.").error);
    visit.stage = "signatures";
    this.#verify({ ed25519: [], bls: ahead.value.jobs }, (verdicts) => {
      if (this.#visit !== visit) return;
      visit.since = this.now;
      if (!allTrue(verdicts)) {
        const why = "a signature is not of who it says";
        return this.#fail(
          refuse("certificate-false", `This proof that a block is final does not hold: ${why}.`, "penalise", { why })
            .error,
        );
      }
      if (stands === "beside") return this.#twoHeads(answer);
      visit.hasLed = true;
      this.state = { ...this.state, trust: ahead.value.trust };
      this.#write(trustOp(ahead.value.trust));
      this.#askRows(visit);
    });
  }
  /** Both are proved: this node keeps its own, and people must decide. */
  #twoHeads({ hops, block, proof }: HopsAnswer): void {
    const { header, hop } = this.state.trust;
    const finding: AlarmFinding = { kind: "two-heads", height: header.height, step: header.step };
    if (hop !== null) this.alarms.raise(rawOf({ kind: "two-heads", lower: hop, hops, block, proof }), finding);
    this.#fail(
      refuse("two-heads", "This neighbour proves another block final than the one known here.", "ignore").error,
    );
  }
  #askRows(visit: Visit): void {
    visit.stage = "rows";
    visit.since = this.now;
    const at = hashOf(this.state.trust.header);
    // Of the same state nothing can have changed.
    if (this.#rows?.at === at && this.state.figures?.at === at) return this.#askCredits(visit);
    const paths = [ownPath(this.keys.memberKey), ...ROW_PATHS];
    this.peers.send(visit.peer, { kind: "ask-rows", at, paths, tables: visit.asksAll ? ALL_TABLES : ROW_TABLES });
  }
  #ownRows(visit: Visit, answer: RowsAnswer): void {
    const { header } = this.state.trust;
    const read = readRows(header, answer, this.keys.memberKey);
    if (!read.ok) {
      if (read.error.code !== "own-row-missing" || visit.asksAll) return this.#fail(read.error);
      visit.asksAll = true;
      return this.#askRows(visit);
    }
    const { allocations, ...rows } = read.value;
    const { height, step } = header;
    const figures = { ...rows, height, step, at: hashOf(header), verifiedAt: this.now };
    const fresh = spansOf(allocations, step);
    this.#rows = answer;
    this.state = { ...this.state, figures, spans: withSpans(this.state.spans, fresh) };
    for (const op of [figuresOp(figures), ...fresh.map(spanOp)]) this.#write(op);
    this.#askCredits(visit);
  }
  #askCredits(visit: Visit): void {
    const peer = this.peers.all.get(visit.peer);
    if (peer !== undefined) visit.plan.push(...this.#planFor(peer));
    this.#nextPage(visit, visit.plan.shift());
  }
  #nextPage(visit: Visit, asked: Planned | undefined): void {
    if (asked === undefined) return this.#finish(visit);
    visit.stage = "credits";
    visit.since = this.now;
    visit.asked = asked;
    const [from, to] = [asked.from as StepIndex, asked.to as StepIndex];
    this.peers.send(visit.peer, {
      kind: "ask-credits",
      at: hashOf(this.state.trust.header),
      from,
      to,
      above: asked.above,
    });
  }
  #credits(visit: Visit, answer: CreditsAnswer): void {
    const { trust, figures, spans } = this.state;
    if (visit.asked === null || figures?.member === null || figures === null) return;
    const read = readCredits(trust.header, visit.asked, answer, figures.member.index as MemberIndex, spans);
    if (!read.ok) {
      // What only somebody wants to see must not hold up what is new.
      return read.error.code === "credits-missing" && visit.asked.isBack ? this.#lacks(visit) : this.#fail(read.error);
    }
    visit.found.push(...read.value.credits);
    visit.breaches.push(...read.value.breaches.map((breach) => ({ breach, page: answer })));
    const isDone = read.value.until >= trust.header.height;
    if (isDone && !visit.asksLate) visit.from = Math.min(visit.from, visit.asked.from);
    visit.hasShownAll ||= isDone && visit.asked.isAll === true;
    this.#nextPage(visit, isDone ? visit.plan.shift() : { ...visit.asked, above: read.value.until });
  }
  /** It does not keep the blocks of so long ago: what it did show is kept, and somebody else is asked. */
  #lacks(visit: Visit): void {
    const key = this.peers.all.get(visit.peer)?.identity.key;
    if (key !== undefined) this.#wishes.lacks(key);
    this.#finish(visit);
  }
  /** All that was shown is kept; that it is all there is counts only where it adds up to the register. */
  #finish(visit: Visit): void {
    const { contract } = this.signed;
    this.#take(withFound(this.state, visit.found.splice(0)));
    for (const { breach, page } of visit.breaches.splice(0)) this.#raise(breach, page);
    const gap = gapOf(this.state, contract, visit.from);
    const isFirst = isAnew(this.state, contract);
    if (gap !== null && gap.since > 1 && !visit.asksLate) {
      // Energy that waited for its share longer than the late window is of steps before those that are asked for.
      visit.asksLate = true;
      const { step } = this.state.trust.header;
      return this.#nextPage(visit, { from: 1, to: step, above: this.state.covered?.height ?? 0, isBack: false });
    }
    if (gap !== null && (isFirst || gap.since > 1)) return this.#fail(SHORT);
    const peer = this.peers.all.get(visit.peer);
    if (gap !== null && visit.hasShownAll && peer !== undefined) {
      this.peers.blame(peer, SHORT);
      this.#wishes.lacks(peer.identity.key);
    }
    this.#take(withCovered(this.state, contract, { from: visit.from, wanted: this.#wishes.wanted }));
    this.#wishes.settle(this.state, contract);
    this.#visit = null;
    this.#time.done();
    if (peer !== undefined && (visit.claimed <= this.state.trust.header.height || visit.hasLed))
      this.peers.praise(peer);
    if (visit.claimed > this.state.trust.header.height) this.peers.refuse(visit.peer, TRUNCATED, contract.stepMs);
    this.#out.changed();
  }
  #take({ state, ops }: { readonly state: LightState; readonly ops: readonly DiskOp[] }): void {
    this.state = state;
    for (const op of ops) this.#write(op);
  }
  /** A share that breaks the rule, in a block that a quorum made final: others are shown. */
  #raise(breach: Breach, page: CreditsAnswer): void {
    if (this.#rows === null) return;
    const { alarm, finding } = alarmOf(this.state.trust, this.#rows, breach, page);
    this.alarms.raise(rawOf(alarm), finding);
  }
}
