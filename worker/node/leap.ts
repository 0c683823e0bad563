/**
 * A node far behind its neighbours does not validate all it missed (PROTOCOL.md §8.3): it has the last final block proven by
 * hops from the voters it knows, takes the state after it from many neighbours, begins anew there, and fills in what lies
 * below. Says what is to be asked and written; fetching is snapshot.ts's and backfill.ts's.
 */
import { concatBytes } from "../base/bytes.ts";
import { encode } from "../base/codec.ts";
import { refuse, type Refusal } from "../base/result.ts";
import type { PublicKey } from "../base/units.ts";
import { allTrue } from "../consensus/checks.ts";
import { hopCodec, votersAfter, votersIn, type Hop } from "../consensus/certificate.ts";
import { key } from "../ledger/rows.ts";
import { Backfill, type BackfillHost, type Held } from "./backfill.ts";
import { writeBeginning } from "./beginning.ts";
import type { Core } from "./core.ts";
import { dropBlock, skipKey } from "./disk.ts";
import type { Gate } from "./gate.ts";
import { HandOvers, type HandOversHeld } from "./hand-overs.ts";
import { KEPT_ROW, keptOp, withBodies } from "./kept.ts";
import { descent, followHops, type Trust } from "./light-trust.ts";
import type { Message } from "./messages.ts";
import { Repair } from "./repair.ts";
import { BUSY_MS, SnapshotFetch, type Beginning, type SnapshotHost } from "./snapshot.ts";

/** So many final blocks behind, a node begins anew after the last rather than validate them all. */
export const FAR = 256;
/** A neighbour that is asked for hops and does not answer, and one whose answer came to nothing, is asked again only then. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 600_000;
/** And one whose link was lost meanwhile. */
const LOST_MS = 60_000;
const FALSE_HOPS = refuse("certificate-false", "This neighbour's proof that a block is final does not hold.").error;
const ELSEWHERE = refuse("descent-false", "This neighbour's final block does not follow from ours.").error;

const hostOf = (core: Core): SnapshotHost => ({
  community: core.chain.community,
  bls: core.bls,
  get now() {
    return core.now;
  },
  get out() {
    return core.out;
  },
  sources: (height = 0) =>
    [...core.peers].flatMap(([id, { identity, status }]) =>
      identity.role === "member" && !core.light.has(id) && (status?.finalHeight ?? 0) >= height ? [id] : [],
    ),
  send: (peer, message) => core.send(peer, message),
});

export class Leap {
  readonly #core: Core;
  readonly #gate: Gate;
  readonly #over: () => void;
  readonly #host: SnapshotHost;
  readonly #snapshot: SnapshotFetch;
  #backfill: Backfill | null = null;
  readonly #repair: Repair;
  #handOvers: HandOvers | null = null;
  /** The block proven so far; null while it is our own last final one. */
  #proven: Trust | null = null;
  #asked: { readonly peer: number; readonly key: PublicKey; readonly since: number } | null = null;
  /** By key, not by link: whoever comes by another link would be waited for again each time, and blocks asked of nobody. */
  readonly #notBefore = new Map<PublicKey, number>();

  /** `over` is called once another beginning is written. */
  constructor(core: Core, gate: Gate, over: () => void) {
    this.#core = core;
    this.#gate = gate;
    this.#over = over;
    this.#host = hostOf(core);
    this.#snapshot = new SnapshotFetch(this.#host, (beginning) => this.#begin(beginning));
    this.#repair = new Repair(this.#host, core);
  }
  get wakeAt(): number | null {
    const waits = [
      this.#snapshot.wakeAt,
      this.#backfill?.wakeAt ?? null,
      this.#repair.wakeAt,
      this.#handOvers?.wakeAt ?? null,
      this.#asked === null ? null : this.#asked.since + PATIENCE_MS,
    ].filter((at) => at !== null);
    return waits.length === 0 ? null : Math.min(...waits);
  }
  /** What the disk kept of a beginning that was interrupted. */
  resume(rows: readonly (readonly [string, Uint8Array])[]): void {
    this.#snapshot.resume(rows);
    this.#core.leaping = this.#snapshot.isUnderWay;
  }
  /** What this device proved to be final as a light node: the way from the contract need not be gone again. */
  trust(proven: Trust): void {
    this.#proven = proven;
  }
  /** What lies below the block that this chain began with is fetched beside everything else. */
  fill(held: Held): void {
    const { summaries, chain } = this.#core;
    const know = (hashes: readonly Uint8Array[]): void => {
      summaries.know(concatBytes(...hashes.slice(0, summaries.first)));
      this.#handOvers?.time();
    };
    this.#core.checkedFrom = held.checkedFrom;
    for (const height of held.unchecked) this.#core.unchecked.add(height);
    this.#backfill = new Backfill(this.#fillHost(), chain.tree.root.header, held, know);
  }
  /** And how the voters changed meanwhile, as far as that is not here. */
  complete(held: HandOversHeld): void {
    const [core, gate, host] = [this.#core, this.#gate, this.#host];
    const { height } = core.chain.tree.root.header;
    this.#handOvers = new HandOvers(
      {
        community: host.community,
        get now() {
          return core.now;
        },
        get out() {
          return core.out;
        },
        sources: () => host.sources(height),
        send: host.send,
        hashOf: (at) => core.summaries.hashOf(at),
        verify: (checks, then) => gate.ask(checks, then),
      },
      held,
    );
  }
  #fillHost(): BackfillHost {
    const [core, gate, host] = [this.#core, this.#gate, this.#host];
    return {
      community: host.community,
      bls: host.bls,
      get now() {
        return core.now;
      },
      get out() {
        return core.out;
      },
      sources: host.sources,
      send: host.send,
      member: (index) => core.chain.state.get("member", key(index)),
      verify: (checks, then) => gate.ask(checks, then),
      unchecked: (height) => void core.unchecked.add(height),
      written: (bodies) => {
        core.kept = withBodies(core.kept, bodies);
        core.out.commit("meta", KEPT_ROW, keptOp(core.kept).value);
      },
    };
  }
  /** A row of a block of the main chain is damaged or gone: it is fetched again. */
  repair(row: string): void {
    this.#repair.add(row);
  }
  down(peer: number): void {
    if (this.#asked?.peer === peer) this.#pause(LOST_MS);
    this.#snapshot.down(peer);
    this.#backfill?.down(peer);
    this.#handOvers?.down(peer);
    this.#repair.down(peer);
    this.#prove();
  }
  /** To be called when time passes and when a neighbour comes or says where it is. */
  time(): void {
    const { now } = this.#core;
    if (this.#asked !== null && now >= this.#asked.since + PATIENCE_MS) this.#pause();
    // Where no neighbour has its block any more, blocks may have led further meanwhile.
    if ((this.#snapshot.height ?? Infinity) <= this.#core.chain.final.header.height) this.#snapshot.abandon();
    this.#prove();
    this.#snapshot.time();
    this.#backfill?.time();
    this.#handOvers?.time();
    this.#repair.time();
  }
  /** Whoever is asked now is asked again only then. */
  #pause(ms = PAUSE_MS): void {
    const { now } = this.#core;
    for (const [key, until] of this.#notBefore) if (until <= now) this.#notBefore.delete(key);
    if (this.#asked !== null) this.#notBefore.set(this.#asked.key, now + ms);
    this.#asked = null;
  }
  /** It has no proof: the next is asked. */
  #passOver(ms = PAUSE_MS): void {
    this.#pause(ms);
    this.#prove();
  }
  get #trust(): Trust {
    const { tree, state, head, final } = this.#core.chain;
    const own = { header: final.header, voters: votersIn(tree.viewAt(state, head, final)), hop: null };
    return this.#proven !== null && this.#proven.header.height > own.header.height ? this.#proven : own;
  }
  /** How far ahead is too far: any distance, where whoever is ahead has none of the blocks in between. */
  get #far(): number {
    const { header } = this.#core.chain.head;
    const ahead = this.#host.sources().flatMap((id) => this.#core.peers.get(id) ?? []);
    const isAhead = ahead.filter(({ status }) => (status?.height ?? 0) > header.height);
    return isAhead.length > 0 && isAhead.every(({ lacks }) => lacks === header.height) ? 0 : FAR;
  }
  /** Asks one neighbour that is far ahead for the proof; where none is left that may have one, blocks are asked for instead. */
  #prove(): void {
    const core = this.#core;
    const { height } = core.chain.head.header;
    const far = this.#far;
    const ahead = this.#host.sources().flatMap((id) => {
      const peer = core.peers.get(id);
      const final = peer?.status?.finalHeight ?? 0;
      if (peer === undefined || final <= height + far) return [];
      const { key } = peer.identity;
      return core.now >= (this.#notBefore.get(key) ?? 0) ? [{ id, key, final }] : [];
    });
    const isUnderWay = this.#snapshot.isUnderWay && !this.#snapshot.isStale;
    core.leaping = isUnderWay || this.#asked !== null || ahead.length > 0;
    if (this.#asked !== null || isUnderWay) return;
    const trust = ahead.length === 0 ? null : this.#trust;
    const next = ahead.find(({ final }) => trust !== null && final > trust.header.height);
    if (trust === null || next === undefined) return this.#beginFrom(trust);
    this.#asked = { peer: next.id, key: next.key, since: core.now };
    core.send(next.id, { kind: "ask-hops", set: trust.voters.set, height: trust.header.height });
  }
  /** Nobody is beyond what this device has proven: as a light node, perhaps, and then it begins there. */
  #beginFrom(trust: Trust | null): void {
    if (trust === null || trust.hop === null || this.#snapshot.isUnderWay) return;
    this.#snapshot.begin(trust.hop.certificate);
  }
  /** True when it was an answer of this kind. */
  message(peer: number, message: Message): boolean {
    if (message.kind === "declined" && this.#asked?.peer === peer)
      this.#passOver(message.why === "busy" ? BUSY_MS : PAUSE_MS);
    if (message.kind === "hops") this.#hops(peer, message);
    else
      return (
        this.#repair.message(peer, message) ||
        this.#snapshot.message(peer, message) ||
        this.#handOvers?.message(peer, message) === true ||
        this.#backfill?.message(peer, message) === true
      );
    return true;
  }
  #hops(peer: number, message: Extract<Message, { kind: "hops" }>): void {
    if (this.#asked?.peer !== peer) return;
    const last = message.hops.at(-1);
    if (last === undefined) return this.#passOver();
    const trust = this.#trust;
    const ahead = followHops(trust, message.hops);
    if (!ahead.ok) return this.#refuse(peer, ahead.error);
    const { header } = ahead.value.trust;
    if (descent(trust, header, message) !== "above") return this.#refuse(peer, ELSEWHERE);
    this.#gate.ask({ ed25519: [], bls: ahead.value.jobs }, (verdicts) => {
      if (this.#asked?.peer !== peer) return;
      if (!allTrue(verdicts)) return this.#refuse(peer, FALSE_HOPS);
      this.#asked = null;
      this.#proven = ahead.value.trust;
      this.#keep(trust, message.hops);
      if (header.height > this.#core.chain.head.header.height + this.#far) this.#snapshot.begin(last.certificate);
      this.time();
    });
  }
  /** Nobody else may have them one day: with them this node leads on those who know its old voters. */
  #keep({ voters }: Trust, hops: readonly Hop[]): void {
    let known = voters;
    for (const hop of hops) {
      const after = votersAfter(known, hop);
      if (!after.ok) return;
      if (after.value.set !== known.set) this.#core.out.commit("chain", skipKey(known.set), encode(hopCodec, hop));
      known = after.value;
    }
  }
  #refuse(peer: number, refusal: Refusal): void {
    this.#gate.penalise(peer, refusal);
    this.#passOver();
  }
  #begin(beginning: Beginning): void {
    const { chain, out, now, desk } = this.#core;
    // The node that begins anew goes on from what its meters counted here.
    desk.writeDown(this.#core);
    const { set, round } = chain.finality.position;
    const place = { set, round, bound: chain.finality.anchor().hash };
    // What was not final here is nobody's to serve, and may have lost.
    for (const { hash, header } of chain.tree.nodes())
      if (header.height > chain.final.header.height) dropBlock(out, header.height, hash);
    writeBeginning(out, beginning, { state: chain.state, height: chain.final.header.height, place }, now);
    out.push({ kind: "restart" });
    this.#over();
  }
}
