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
import { alarmOf, encodeAlarm, type AlarmFinding } from "./light-alarm.ts";
import { readCredits, type Breach, type Credit, type CreditsAsked } from "./light-credits.ts";
import { coveredOp, creditsOp, figuresOp, spanOp, trustOp, type Covered, type LightState } from "./light-disk.ts";
import { LightPeers } from "./light-peers.ts";
import { ownPath, readRows, ROW_PATHS, ROW_TABLES, spansOf, withSpans } from "./light-rows.ts";
import { descent, followHops } from "./light-trust.ts";
import {
  decodeMessage,
  profileMessage,
  type CreditsAnswer,
  type HopsAnswer,
  type Item,
  type Message,
  type RowsAnswer,
} from "./messages.ts";

/** A neighbour that does not answer so long is left for another. */
const PATIENCE_MS = 10_000;
const SILENT: Refusal = {
  code: "no-answer",
  message: "This neighbour does not answer; another one is asked.",
  verdict: "ignore",
};
const TRUNCATED: Refusal = {
  code: "history-truncated",
  message: "This neighbour says that more is final than it proves; another one is asked.",
  verdict: "ignore",
};
const SHORT: Refusal = {
  code: "credits-short",
  message: "This neighbour leaves out credits that the member's register has; another one is asked.",
  verdict: "ignore",
};
const DECLINED: Refusal = {
  code: "declined",
  message: "This neighbour has no time for this, or does not have it; another one is asked.",
  verdict: "ignore",
};
/** An order that only a full node can carry out. */
const LIGHT: Refusal = {
  code: "light-device",
  message: "This device keeps its own figures only; let it keep everything on the screen Health to do this.",
  verdict: "ignore",
};

/** One conversation: with one neighbour, about one head. */
type Visit = {
  readonly peer: number;
  since: number;
  stage: "hops" | "signatures" | "rows" | "credits";
  /** What it said was final when it was asked. */
  readonly claimed: number;
  asked: CreditsAsked | null;
  /** Still to be asked for after that. */
  readonly plan: CreditsAsked[];
  readonly found: Credit[];
  readonly breaches: { readonly breach: Breach; readonly page: CreditsAnswer }[];
};

export class Light implements Participant {
  readonly keys: NodeKeys;
  readonly signed: SignedContract;
  readonly peers: LightPeers;
  readonly alarms: Alarms;
  state: LightState;
  now = 0 as Millis;
  #out = new Out();
  #wake: Millis | null = null;
  #visit: Visit | null = null;
  #rows: RowsAnswer | null = null;
  #profile: Item | null = null;
  #ticket = 0;
  #waiting = new Map<number, (verdicts: Verdicts) => void>();
  /** The first step whose credits a screen shows. */
  #wanted = Infinity;
  #wasShort = false;

  constructor(o: { keys: NodeKeys; signed: SignedContract; state: LightState; alarms: readonly HeldAlarm[] }) {
    this.keys = o.keys;
    this.signed = o.signed;
    this.state = o.state;
    this.peers = new LightPeers(
      () => this.now,
      () => this.#out,
    );
    const community = communityId(o.signed.contract);
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
    const { height } = this.state.trust.header;
    return [...this.peers.all.values()].some((p) => (p.status?.finalHeight ?? 0) > height + 1);
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
    this.#wanted = Math.max(1, step);
  }
  step(event: Event): readonly Effect[] {
    this.now = Math.max(this.now, event.now) as Millis;
    if (this.now - event.now > this.signed.contract.stepMs) this.now = event.now;
    this.#out = new Out();
    this.#handle(event);
    this.peers.time();
    if (this.#visit !== null && this.now >= this.#visit.since + PATIENCE_MS) this.#fail(SILENT);
    this.#begin();
    const waits = [
      this.peers.wakeAt,
      this.#visit === null ? this.peers.nextChance : this.#visit.since + PATIENCE_MS,
    ].filter((at) => at !== null);
    this.#wake = waits.length === 0 ? null : (Math.max(this.now + 1, Math.min(...waits)) as Millis);
    return this.#out.effects();
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
        return this.#out.push({ kind: "answer", id: event.id, refusal: LIGHT });
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
      case "declined":
        return this.#visit?.peer === id && this.#visit.stage !== "signatures"
          ? this.#fail(DECLINED, PATIENCE_MS)
          : undefined;
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
  /** Ends a conversation that came to nothing; the next one is with somebody else. */
  #fail(refusal: Refusal, againMs = this.signed.contract.stepMs): void {
    const visit = this.#visit;
    this.#visit = null;
    if (visit !== null) this.peers.refuse(visit.peer, refusal, againMs);
  }
  get #needsFigures(): boolean {
    const { figures, trust } = this.state;
    return figures === null || figures.height < trust.header.height || this.#plan().length > 0;
  }
  /** Asks whoever says that most is final, where there is something to ask. */
  #begin(): void {
    if (this.#visit !== null) return;
    const { trust } = this.state;
    const likely = [...this.peers.all]
      .filter(([, p]) => p.identity.role === "member" && p.status !== null && !this.peers.isShunned(p))
      .toSorted(([, a], [, b]) => (b.status?.finalHeight ?? 0) - (a.status?.finalHeight ?? 0));
    const [best] = likely;
    if (best === undefined) return;
    const [peer, { status }] = best;
    const claimed = status?.finalHeight ?? 0;
    if (claimed < trust.header.height || (claimed === trust.header.height && !this.#needsFigures)) return;
    this.#visit = { peer, since: this.now, stage: "hops", claimed, asked: null, plan: [], found: [], breaches: [] };
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
      this.state = { ...this.state, trust: ahead.value.trust };
      this.#write(trustOp(ahead.value.trust));
      this.#askRows(visit);
    });
  }
  /** Both are proved: this node keeps its own, and people must decide. */
  #twoHeads({ hops, block, proof }: HopsAnswer): void {
    const { header, hop } = this.state.trust;
    const finding: AlarmFinding = { kind: "two-heads", height: header.height, step: header.step };
    if (hop !== null) this.alarms.raise(encodeAlarm({ kind: "two-heads", lower: hop, hops, block, proof }), finding);
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
    this.peers.send(visit.peer, { kind: "ask-rows", at, paths, tables: ROW_TABLES });
  }
  #ownRows(visit: Visit, answer: RowsAnswer): void {
    const { header } = this.state.trust;
    const read = readRows(header, answer, this.keys.memberKey);
    if (!read.ok) return this.#fail(read.error);
    const { allocations, ...rows } = read.value;
    const { height, step } = header;
    const figures = { ...rows, height, step, at: hashOf(header), verifiedAt: this.now };
    const fresh = spansOf(allocations, step);
    this.#rows = answer;
    this.state = { ...this.state, figures, spans: withSpans(this.state.spans, fresh) };
    for (const op of [figuresOp(figures), ...fresh.map(spanOp)]) this.#write(op);
    this.#askCredits(visit);
  }
  /** What is not known yet of the steps that are wanted, and of all that can still be credited. */
  #plan(): CreditsAsked[] {
    const { figures, trust, covered } = this.state;
    if (figures?.member === null || figures === null) return [];
    const { height, step } = trust.header;
    const { lateWindow } = this.signed.contract;
    const open = Math.max(1, step - lateWindow);
    const from = Math.min(open, Math.max(1, Math.min(this.#wanted, step)));
    if (height === 0) return [];
    // Who was away for longer begins anew: what lies between is in the register.
    if (covered === null || height - covered.height > 2 * lateWindow) return [{ from, to: step, above: 0 }];
    const asks: CreditsAsked[] = [];
    if (covered.height < height) asks.push({ from: covered.from, to: step, above: covered.height });
    if (from < covered.from) asks.push({ from, to: covered.from - 1, above: 0 });
    return asks;
  }
  #askCredits(visit: Visit): void {
    visit.plan.push(...this.#plan());
    this.#nextPage(visit, visit.plan.shift());
  }
  #nextPage(visit: Visit, asked: CreditsAsked | undefined): void {
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
    if (!read.ok) return this.#fail(read.error);
    visit.found.push(...read.value.credits);
    visit.breaches.push(...read.value.breaches.map((breach) => ({ breach, page: answer })));
    const isDone = read.value.until >= trust.header.height;
    this.#nextPage(visit, isDone ? visit.plan.shift() : { ...visit.asked, above: read.value.until });
  }
  #finish(visit: Visit): void {
    // Asked twice and still short: then it was credited for energy of before, and the register is what counts.
    if (this.#isShort(visit.found) && !this.#wasShort) {
      this.#wasShort = true;
      return this.#fail(SHORT);
    }
    this.#wasShort = false;
    this.#visit = null;
    this.#keep(visit.found);
    for (const { breach, page } of visit.breaches) this.#raise(breach, page);
    if (visit.claimed > this.state.trust.header.height)
      this.peers.refuse(visit.peer, TRUNCATED, this.signed.contract.stepMs);
    this.#out.changed();
  }
  /**
   * Between two proved registers lies exactly what distributions credited, where no fee was ever held back: so nobody can
   * leave one out.
   */
  #isShort(found: readonly Credit[]): boolean {
    const { covered, figures, trust, spans } = this.state;
    const { height } = trust.header;
    const lateWindow = 2 * this.signed.contract.lateWindow;
    if (figures?.member === null || figures === null || covered === null || covered.height >= height) return false;
    if (height - covered.height > lateWindow || spans.some((s) => s.rule.feePpm > 0)) return false;
    const grown = figures.member.row.meter - covered.meter;
    return found.filter((c) => c.height > covered.height).reduce((sum, c) => sum + c.mwh, 0) !== grown;
  }
  #keep(found: readonly Credit[]): void {
    const { figures, trust, covered } = this.state;
    if (figures?.member === null || figures === null) return;
    const credits = new Map(this.state.credits);
    for (const step of new Set(found.map((c) => c.step as number))) {
      const fresh = found.filter((c) => c.step === step);
      const known = (credits.get(step) ?? []).filter((c) => !fresh.some((f) => f.tx === c.tx));
      const all = [...known, ...fresh];
      credits.set(step, all);
      this.#write(creditsOp(step, all));
    }
    const { height, step } = trust.header;
    const asked = Math.min(this.#wanted, Math.max(1, step - this.signed.contract.lateWindow));
    const isAnew = covered === null || height - covered.height > 2 * this.signed.contract.lateWindow;
    const from = Math.max(1, isAnew ? asked : Math.min(covered.from, asked));
    const next: Covered = { from, height, meter: figures.member.row.meter };
    this.state = { ...this.state, credits, covered: next };
    this.#write(coveredOp(next));
  }
  /** A share that breaks the rule, in a block that a quorum made final: others are shown. */
  #raise(breach: Breach, page: CreditsAnswer): void {
    if (this.#rows === null) return;
    const { alarm, finding } = alarmOf(this.state.trust, this.#rows, breach, page);
    this.alarms.raise(encodeAlarm(alarm), finding);
  }
}
