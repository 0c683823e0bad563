/**
 * What one participant knows and holds, shared by the files of this room: keys, chain, pool, peers, own journal. No
 * clock, no I/O: `now` is the time of the event being handled, effects gather in `out`.
 */
import { blsPublicKey } from "../base/bls.ts";
import type { Bls, BlsSecret } from "../base/bls-scheme.ts";
import type { BlsKey, Hash, MemberIndex, Millis, PublicKey, StepIndex, TxId } from "../base/units.ts";
import type { Contract, SignedContract } from "../community/contract.ts";
import { lastEnded, stepAt } from "../community/market-step.ts";
import { encodeBlock, hashOf, type Block } from "../consensus/block.ts";
import { genesisBlock, genesisState } from "../consensus/genesis.ts";
import { isPresent } from "../ledger/members.ts";
import { key as rowKey, numberOf } from "../ledger/rows.ts";
import type { Tx, Winner } from "../ledger/transaction.ts";
import type { Certificate } from "../consensus/certificate.ts";
import { drawMessage } from "../consensus/draw.ts";
import type { Vote } from "../consensus/vote.ts";
import type { HeldAlarm } from "./alarms.ts";
import { isRight } from "./assemble.ts";
import type { Chain } from "./chain.ts";
import type { Desk } from "./desk.ts";
import type { HeldVote } from "./disk.ts";
import type { Out, PeerIdentity } from "./events.ts";
import { Gossip } from "./gossip.ts";
import { NOTHING_KEPT, type Kept } from "./kept.ts";
import type { Lines } from "./lines.ts";
import {
  encodeItem,
  encodeMessage,
  itemIdOf,
  type Application,
  type Item,
  type ItemId,
  type Message,
  type Profile,
  type Status,
} from "./messages.ts";
import { Objections } from "./objections.ts";
import { Pool, type HeldWinner } from "./pool.ts";
import type { Silence } from "./silence.ts";
import { DEFAULT_STRATEGY, type Strategy } from "./strategy.ts";

export type NodeKeys = {
  readonly memberKey: PublicKey;
  readonly memberSecret: Uint8Array;
  readonly blsSecret: BlsSecret;
};

export type Peer = {
  readonly identity: PeerIdentity;
  readonly address: string;
  readonly since: Millis;
  status: Status | null;
  /** Round trip and clock offset of the best recent ping, ms. */
  rtt: number | null;
  offset: number | null;
  pinged: Millis;
  /** When blocks were last asked for; 0 when none are due. */
  asked: number;
  /** How often since the last answer. */
  asks: number;
  /** Our height when it was last asked. */
  askedFrom: number;
  /** When it last told us what it has. */
  told: number;
  /** Our height when it was ahead and had no block for us; null where it has. */
  lacks: number | null;
};

/** How far a peer's clock may be ahead of ours. */
export const toleranceMs = (stepMs: number): number => Math.min(2_000, Math.floor(stepMs / 20));
/** How long a node that woke up waits for neighbours before it goes on alone. */
const patience = (stepMs: number): number => Math.min(15_000, Math.floor(stepMs / 2));

/** A node that knows nothing final of the last steps cannot tell who is a member: who came meanwhile may be all who are there. */
const OLD_STEPS = 3;
/** Links that are left for members whom it knows, of twelve: who only says to be one takes no more than the others. */
const MAX_STRANGERS = 8;

/** What this node has signed: never twice differently (PROTOCOL.md §7). Mirrors the table `own`. */
export type OwnJournal = {
  readonly votes: Map<string, Vote>;
  /** By `parent/step`. */
  readonly candidacies: Map<string, Tx>;
  readonly auctions: Map<string, Tx>;
  readonly blocks: Map<number, Hash>;
  /** Proposals and ballots that were not on chain when the node stopped. */
  readonly sent: Tx[];
};
export const emptyJournal = (): OwnJournal => ({
  votes: new Map(),
  candidacies: new Map(),
  auctions: new Map(),
  blocks: new Map(),
  sent: [],
});

export class Core {
  readonly keys: NodeKeys;
  /** Noble, or what agrees with it on every byte. */
  readonly bls: Bls;
  readonly signed: SignedContract;
  readonly chain: Chain;
  readonly desk: Desk;
  readonly own: OwnJournal;
  readonly pool = new Pool();
  readonly gossip = new Gossip();
  readonly objections: Objections;
  /** What is not signed because something else may have been before; null where the own journal is whole. */
  silence: Silence | null = null;
  /** How this member votes with its tokens. */
  strategy: Strategy = DEFAULT_STRATEGY;
  readonly peers = new Map<number, Peer>();
  readonly names = new Map<PublicKey, Profile>();
  readonly applications = new Map<PublicKey, Application>();
  /** The main chain by height. */
  readonly summaries: Lines;
  /** Votes the main chain has carried lately, by target and member. */
  readonly carried = new Map<string, number>();
  /** Neighbours that keep their own figures only: told of each final block at once. */
  readonly light = new Set<number>();
  /** Proofs that voters broke the rules together, checked. */
  readonly alarms: HeldAlarm[] = [];
  /** What proved the block that the chain here begins with; null where that is the genesis. */
  beginning: Certificate | null = null;
  /** Votes on disk: of the rounds that still matter. */
  heldVotes: HeldVote[] = [];
  now = 0 as Millis;
  /** When this node began, or began again after a sleep. */
  wokeAt = 0 as Millis;
  out: Out;
  /** True while this node fetches the state after a block far beyond its head: blocks are not asked for meanwhile. */
  leaping = false;
  /** Blocks from here on are checked whole, their miners' signatures too, but for those of `unchecked`. */
  checkedFrom = 0;
  /** Heights of blocks whose miner has another key by now: nobody here can tell whether they bear its signature. */
  readonly unchecked = new Set<number>();
  /** What the disk has of final blocks. */
  kept: Kept = NOTHING_KEPT;
  /** When more of the chain was last seen to be final: blocks that a cut-off node writes alone verify nothing. */
  verifiedAt: Millis | null = null;

  constructor(init: {
    keys: NodeKeys;
    bls: Bls;
    signed: SignedContract;
    chain: Chain;
    desk: Desk;
    own: OwnJournal;
    summaries: Lines;
    out: Out;
  }) {
    this.keys = init.keys;
    this.bls = init.bls;
    this.signed = init.signed;
    this.chain = init.chain;
    this.desk = init.desk;
    this.own = init.own;
    this.summaries = init.summaries;
    this.out = init.out;
    this.objections = new Objections(this);
    this.chain.passesOver = (node) => this.objections.stands(node);
  }
  /** As it reads for the block after the head. */
  get contract(): Contract {
    return this.chain.contract;
  }
  /** The block that follows from the contract. */
  get genesis(): Hash {
    const { contract } = this.signed;
    return (this.#genesis ??= hashOf(genesisBlock(contract, genesisState(contract)).header));
  }
  #genesis: Hash | null = null;
  /** This member's index at the head, or null while it is not admitted. */
  get me(): MemberIndex | null {
    const { hash } = this.chain.head;
    const { set } = this.chain.finality.position;
    if (this.#me?.head !== hash || this.#me.set !== set)
      this.#me = { head: hash, set, index: this.memberOf(this.keys.memberKey) };
    return this.#me.index;
  }
  #me: { readonly head: Hash; readonly set: number; readonly index: MemberIndex | null } | null = null;
  /**
   * Whom this device votes for in the set in office: the member whose key there is ours. A key that was exchanged votes on
   * until that set is done, the one that came for it votes in no set before its first (PROTOCOL.md §7.2).
   */
  get voter(): MemberIndex | null {
    const { chain, me } = this;
    const { set } = chain.finality.position;
    if (me !== null) return set < (chain.state.get("member", rowKey(me))?.votesSince ?? 0) ? null : me;
    const own = (this.#blsKey ??= blsPublicKey(this.keys.blsSecret));
    return chain.finality.members.find((m) => chain.voterKey(m, set) === own) ?? null;
  }
  #blsKey: BlsKey | null = null;
  /**
   * The current miner's winner transaction for a step on the head, if one was heard and no other, it is right, and it
   * leaves nobody out. Whoever has passed over a block on it does not build on it either.
   */
  winnerFor(step: StepIndex): HeldWinner | undefined {
    const held = this.pool.winner(this.chain.head.hash, step, this.chain.currentMiner);
    if (held === undefined || step <= this.chain.head.header.step) return undefined;
    if (this.objections.voids(held.body)) return undefined;
    const candidacies = this.pool.candidacies(held.body.parent, step).length;
    const at = `${held.id}/${candidacies}`;
    if (this.#winner?.at !== at) this.#winner = { at, counts: isRight(this, held) && !this.#sitsOut(held.body) };
    return this.#winner.counts ? held : undefined;
  }
  #winner: { readonly at: string; readonly counts: boolean } | null = null;
  /**
   * Whether it is none for us since it leaves somebody out. A ranked member is struck for silence unless the others object,
   * so it keeps silent only for a candidacy that they surely had in time: one that was here a whole margin before that.
   */
  #sitsOut(winner: Winner): boolean {
    const margins = this.me !== null && winner.ranking.includes(this.me) ? 2 : 1;
    return this.objections.omitsCandidate(winner, this.chain.state, margins);
  }
  /** Our draw share over (the head's beacon, step): unique, so one and the same for candidacy, winner and block. */
  draw(step: StepIndex): Uint8Array {
    const at = `${this.chain.head.hash}/${step}`;
    if (this.#draw?.at !== at) {
      const message = drawMessage(this.chain.community, this.chain.head.header.beacon, step);
      this.#draw = { at, signature: this.bls.sign(message, this.keys.blsSecret) };
    }
    return this.#draw.signature;
  }
  #draw: { readonly at: string; readonly signature: Uint8Array } | null = null;
  memberOf(key: PublicKey): MemberIndex | null {
    const { state, finality, head } = this.chain;
    const found = state.scan("member").find(([, row]) => row.key === key);
    if (found === undefined) return null;
    const index = numberOf(found[0]) as MemberIndex;
    // Who leaves is still needed until the voters after it are in office.
    const isOurs = isPresent(found[1], (head.header.step + 1) as StepIndex) || finality.members.includes(index);
    return isOurs ? index : null;
  }
  send(peer: number, message: Message): void {
    this.out.push({ kind: "send", peer, bytes: encodeMessage(message) });
  }
  /** Announces an item of our own. */
  publish(item: Item): ItemId {
    const bytes = encodeItem(item);
    const id = itemIdOf(bytes);
    this.gossip.hold(id, bytes);
    return id;
  }
  /** No longer keeps or announces what waited for a block. */
  dropOther(id: TxId): void {
    const held = this.pool.others.get(id);
    if (held === undefined) return;
    this.pool.others.delete(id);
    this.gossip.release(held.item);
  }
  /** Announces a block for as long as it is of the present: old ones travel by sync, not by gossip. */
  offer(block: Block): void {
    const { step } = block.header;
    if (this.#isPresent(step))
      this.#offered.push({ step, id: this.publish({ kind: "block", block: encodeBlock(block) }) });
  }
  /** No longer announces what has become old. */
  withdrawOld(): void {
    for (const { step, id } of this.#offered) if (!this.#isPresent(step)) this.gossip.release(id);
    this.#offered = this.#offered.filter(({ step }) => this.#isPresent(step));
  }
  #offered: { readonly step: number; readonly id: ItemId }[] = [];
  #isPresent(step: number): boolean {
    return step + 2 >= stepAt(this.contract, this.now);
  }
  status(): Status {
    const { head, final } = this.chain;
    return {
      head: head.hash,
      height: head.header.height,
      step: head.header.step,
      final: final.hash,
      finalHeight: final.header.height,
    };
  }
  /** Whether a block of the main chain may be given to somebody who validates it. */
  isChecked(height: number): boolean {
    return height >= this.checkedFrom && !this.unchecked.has(height);
  }
  tellLight(): void {
    for (const id of this.light) this.send(id, { kind: "status", ...this.status() });
  }
  /** When a node alone stops waiting for neighbours. */
  get patientUntil(): number {
    return this.wokeAt + patience(this.contract.stepMs);
  }
  /**
   * False while a node that has just begun does not know yet what others made meanwhile: a block or vote on its old head
   * would stand against theirs, and hold up a round that needs everybody who is there. Ends by itself, so that one node
   * alone goes on.
   */
  get isAwake(): boolean {
    const { head, state } = this.chain;
    if (this.now >= this.patientUntil || state.scan("member").length === 1) return true;
    const told = [...this.peers.values()].filter((p) => p.identity.role === "member" && p.told >= this.wokeAt);
    const { height, step } = head.header;
    return (
      told.some((p) => !this.isStranger(p)) &&
      told.every((p) => p.status === null || p.status.height <= height || p.status.step <= step)
    );
  }
  /**
   * True while some member's final block is beyond our head: duties wait until we have caught up. Not for long for one who
   * only says to be a member: what it claims costs nothing.
   */
  get behind(): boolean {
    const { height, step } = this.chain.head.header;
    return [...this.peers.values()].some(
      (peer) =>
        peer.identity.role === "member" &&
        peer.status !== null &&
        peer.status.finalHeight > height + 1 &&
        peer.status.step > step &&
        (this.me === null || this.now < this.patientUntil || !this.isStranger(peer)),
    );
  }
  /** Says to be a member, and is none that this node knows. Who has left is known: it is to hear that this became final. */
  isStranger({ identity: { key, role } }: Pick<Peer, "identity">): boolean {
    return (
      role === "member" && !this.chain.state.scan("member").some(([, row]) => row.key === key) && !this.wasMember(key)
    );
  }
  /**
   * Whether the last final block knows this key as a member's. One that was exchanged since is let in until that is final:
   * without the old device's vote it may never be.
   */
  wasMember(key: PublicKey): boolean {
    const { final, head, state, tree } = this.chain;
    if (this.#atFinal?.hash !== final.hash) {
      const next = (final.header.step + 1) as StepIndex;
      const rows = tree.viewAt(state, head, final).scan("member");
      const keys = rows.flatMap(([, row]) => (isPresent(row, next) ? [row.key] : []));
      this.#atFinal = { hash: final.hash, keys: new Set(keys) };
    }
    return this.#atFinal.keys.has(key);
  }
  #atFinal: { readonly hash: Hash; readonly keys: ReadonlySet<PublicKey> } | null = null;
  /** Whether this node knows who is a member: it is one itself, has caught up, and knows what became final lately. */
  knowsMembers(now: number): boolean {
    const { contract, chain } = this;
    return this.me !== null && !this.behind && lastEnded(contract, now) - chain.final.header.step <= OLD_STEPS;
  }
  /** Whether one more may come in of whom this node cannot tell. */
  get hasRoomForStrangers(): boolean {
    return [...this.peers.values()].filter((peer) => this.isStranger(peer)).length < MAX_STRANGERS;
  }
}
