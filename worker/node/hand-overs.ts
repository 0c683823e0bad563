/**
 * How the voters changed before this node was there (PROTOCOL.md §8.3): the hand-overs from the contract's voters on, asked of
 * neighbours, oldest first, each checked against the hashes of all blocks and by the votes of its set. With them it proves and
 * leads as a node that was there. Knows no disk: what it has is told, what it gets is committed.
 */
import type { BlsJob } from "../base/bls-scheme.ts";
import { encode } from "../base/codec.ts";
import { ok, type Refusal, type Result } from "../base/result.ts";
import type { Hash } from "../base/units.ts";
import { hashOf, headerCodec } from "../consensus/block.ts";
import {
  hopCodec,
  jobsOfCertificate,
  rootOfVoters,
  votersAfter,
  type Ahead,
  type Hop,
  type VoterSet,
} from "../consensus/certificate.ts";
import { allTrue, type Checks, type Verdicts } from "../consensus/checks.ts";
import { belowKey, hopKey } from "./disk.ts";
import { MAX_HOPS, type HandOver, type Message } from "./messages.ts";
import { BUSY_MS, type SnapshotHost } from "./snapshot.ts";
import { Turns } from "./turns.ts";

/** Nobody waits for it: whoever owes an answer for so long is asked no more for a while, and another instead. */
const PATIENCE_MS = 15_000;
const LATE_PAUSE_MS = 60_000;
/** Who lacks some may have fetched them by then. */
const LACK_PAUSE_MS = 600_000;
const FALSE_HAND_OVER: Refusal = {
  code: "hand-over-false",
  message: "This neighbour says that the voters changed otherwise than the final blocks do.",
  verdict: "penalise",
};

/** What it needs of its surroundings. */
export type HandOverHost = Pick<SnapshotHost, "community" | "now" | "out" | "send"> & {
  /** Neighbours that may have them. */
  readonly sources: () => readonly number[];
  /** Of a final block; undefined where it is not known yet. */
  readonly hashOf: (height: number) => Hash | undefined;
  /** Has signatures verified outside; `then` is called with one verdict a job. */
  readonly verify: (checks: Checks, then: (verdicts: Verdicts) => void) => void;
};
/** What the disk has when the node is opened. */
export type HandOversHeld = {
  /** The voters of the contract. */
  readonly first: VoterSet;
  /** The set in office: hand-overs to it and those before are wanted. */
  readonly to: number;
  /** By the set that ended. */
  readonly hops: ReadonlyMap<number, Hop>;
};
type Ask = { readonly peer: number; readonly from: number; readonly count: number; readonly since: number };
type Checked = HandOver & { readonly set: number; readonly after: VoterSet };

/** From one set to the next, and by no votes but its own: as who was there keeps it. */
export const isHandOver = (set: number, { certificate, next }: Hop): boolean =>
  next?.set === set + 1 && (certificate.votes.length === 0 || certificate.votes[0]?.set === set);
const isProven = (hop: Hop | undefined): boolean => hop !== undefined && hop.certificate.votes.length > 0;

/**
 * That it is the one by which `voters` ended: its block is of the chain, they vote on the block below and the next set on top.
 * So nobody's word is needed for who votes next; its own votes, where it has them, come out as jobs. Refusal: `hand-over-false`.
 */
export const checkHandOver = (
  voters: VoterSet,
  community: Hash,
  { below, hop }: HandOver,
  hashAt: (height: number) => Hash | undefined,
): Result<Ahead> => {
  const wrong: Result<never> = { ok: false, error: FALSE_HAND_OVER };
  const { header, above, votes } = hop.certificate;
  const isEnd =
    isHandOver(voters.set, hop) &&
    hashAt(header.height) === hashOf(header) &&
    header.parent === hashOf(below) &&
    below.votersRoot === rootOfVoters(voters);
  const after = isEnd ? votersAfter(voters, hop) : wrong;
  if (!after.ok) return wrong;
  if (votes.length === 0) return above.length === 0 ? ok({ voters: after.value, jobs: [] }) : wrong;
  const jobs = jobsOfCertificate(voters, community, hop.certificate);
  return jobs.ok ? ok({ voters: after.value, jobs: jobs.value }) : wrong;
};

export class HandOvers {
  readonly #host: HandOverHost;
  readonly #to: number;
  /** With its proof or without, by the set that ended. */
  readonly #held: Map<number, Hop>;
  /** By number, as far as hand-overs lead. */
  readonly #sets: VoterSet[];
  #asked: Ask | null = null;
  readonly #paused = new Map<number, number>();
  readonly #turns = new Turns();
  /** Proofs that somebody was asked for in vain: they are lost there, and it is not asked again. */
  readonly #vain = new Map<number, Set<number>>();

  constructor(host: HandOverHost, { first, to, hops }: HandOversHeld) {
    this.#host = host;
    this.#to = to;
    this.#held = new Map(hops);
    this.#sets = [first];
  }
  /** True when all are here, each with its proof. */
  get isDone(): boolean {
    return this.#wanted(null) === null;
  }
  get wakeAt(): number | null {
    if (this.isDone) return null;
    const waits = [...this.#paused.values(), (this.#asked?.since ?? Infinity) + PATIENCE_MS];
    const next = Math.min(...waits);
    return next === Infinity ? null : next;
  }
  down(peer: number): void {
    if (this.#asked?.peer === peer) this.#asked = null;
    this.#paused.delete(peer);
    this.#vain.delete(peer);
    this.#turns.down(peer);
    this.time();
  }
  /** To be called when time passes, when a neighbour comes, and when the hashes of all blocks are known. */
  time(): void {
    const { now } = this.#host;
    if (this.#asked !== null && now >= this.#asked.since + PATIENCE_MS) this.#pause(this.#asked.peer, LATE_PAUSE_MS);
    for (const [peer, until] of this.#paused) if (now >= until) this.#paused.delete(peer);
    // Without the hashes nothing can be checked.
    if (this.#asked !== null || this.#host.hashOf(0) === undefined) return;
    for (const peer of this.#turns.of(this.#host.sources())) {
      const run = this.#paused.has(peer) ? null : this.#wanted(peer);
      if (run === null) continue;
      this.#asked = { peer, ...run, since: now };
      return this.#host.send(peer, { kind: "ask-hand-overs", ...run });
    }
  }
  #pause(peer: number, ms: number): void {
    if (this.#asked?.peer === peer) this.#asked = null;
    this.#paused.set(peer, this.#host.now + ms);
    this.#turns.after(peer);
  }
  /** The oldest that are missing; where none are, proofs that are lost here, and by `peer` not yet. */
  #wanted(peer: number | null): { readonly from: number; readonly count: number } | null {
    const vain = peer === null ? undefined : this.#vain.get(peer);
    const isMissing = (set: number): boolean => !this.#held.has(set);
    const isLost = (set: number): boolean => !isProven(this.#held.get(set)) && vain?.has(set) !== true;
    for (const isWanted of [isMissing, isLost])
      for (let from = 0; from < this.#to; from++) {
        if (!isWanted(from)) continue;
        let count = 1;
        while (count < MAX_HOPS && from + count < this.#to && isWanted(from + count)) count += 1;
        return { from, count };
      }
    return null;
  }
  /** True when it was an answer of this kind. */
  message(peer: number, message: Message): boolean {
    const ask = this.#asked?.peer === peer ? this.#asked : null;
    if (message.kind === "declined" && ask !== null && ask.since !== Infinity) {
      this.#pause(peer, message.why === "busy" ? BUSY_MS : LACK_PAUSE_MS);
      this.time();
    }
    if (message.kind !== "hand-overs") return false;
    if (ask === null || ask.since === Infinity || ask.from !== message.from) return true;
    this.#take(ask, message.handOvers);
    this.time();
    return true;
  }
  #take(ask: Ask, handOvers: readonly HandOver[]): void {
    const { peer, from, count } = ask;
    if (handOvers.length === 0) return this.#pause(peer, LACK_PAUSE_MS);
    if (handOvers.length > count) return this.#drop(peer);
    const found: Checked[] = [];
    const jobs: BlsJob[] = [];
    let voters = this.#votersOf(from);
    // What was here does not lead on, and is asked for again.
    if (voters === null) return void (this.#asked = null);
    for (const handOver of handOvers) {
      const ahead = checkHandOver(voters, this.#host.community, handOver, this.#host.hashOf);
      if (!ahead.ok) return this.#drop(peer);
      found.push({ ...handOver, set: voters.set, after: ahead.value.voters });
      jobs.push(...ahead.value.jobs);
      voters = ahead.value.voters;
    }
    // Whoever it is, nobody else is asked meanwhile.
    const judged = { ...ask, since: Infinity };
    this.#asked = judged;
    this.#host.verify({ ed25519: [], bls: jobs }, (verdicts) => {
      if (this.#asked !== judged) return;
      this.#asked = null;
      if (allTrue(verdicts)) this.#keep(peer, found);
      else this.#drop(peer);
      this.time();
    });
  }
  /** As what is here leads on; null where a row does not, which then counts as missing. */
  #votersOf(set: number): VoterSet | null {
    for (let last = this.#sets.at(-1); last !== undefined && last.set < set; last = this.#sets.at(-1)) {
      const hop = this.#held.get(last.set);
      const after = hop === undefined ? null : votersAfter(last, hop);
      if (after?.ok !== true) {
        this.#held.delete(last.set);
        return null;
      }
      this.#sets.push(after.value);
    }
    return this.#sets[set] ?? null;
  }
  #drop(peer: number): void {
    this.#pause(peer, LACK_PAUSE_MS);
    this.#host.out.push({ kind: "drop", peer, refusal: FALSE_HAND_OVER });
  }
  /** What has a proof stays; who gave one without is not asked for it. */
  #keep(peer: number, found: readonly Checked[]): void {
    const vain = this.#vain.get(peer) ?? new Set<number>();
    this.#vain.set(peer, vain);
    for (const { set, hop, below } of found) {
      if (!isProven(hop)) vain.add(set);
      if (isProven(this.#held.get(set)) || (this.#held.has(set) && !isProven(hop))) continue;
      this.#held.set(set, hop);
      this.#host.out.commit("chain", hopKey(set), encode(hopCodec, hop));
      this.#host.out.commit("chain", belowKey(set), encode(headerCodec, below));
    }
  }
}
