/**
 * What has been heard and is not on chain yet: ticks, governance, distributions, candidacies, the winner, votes.
 * Signatures were checked on the way in; whether a thing still applies is found out when a block is made. Bounded per
 * generator and kind.
 */
import type { BlsKey, GeneratorIndex, Hash, MemberIndex, Millis, PublicKey, StepIndex, TxId } from "../base/units.ts";
import { targetKey, type Target, type Vote } from "../consensus/vote.ts";
import type { Candidacy, Generation, Tx, Winner } from "../ledger/transaction.ts";
import type { ItemId } from "./messages.ts";

export type Tick = {
  readonly item: ItemId;
  readonly generation: Tx;
  readonly transfer: Tx;
  readonly body: Generation;
  readonly heard: Millis;
};
export type Held<B> = {
  readonly item: ItemId;
  readonly id: TxId;
  readonly tx: Tx;
  readonly body: B;
  readonly heard: Millis;
};

/** A winner that brings the candidacies it names: a member may have told us another than it told the current miner. */
export type HeldWinner = Held<Winner> & { readonly candidacies: readonly Tx[] };

export type VoteBook = {
  readonly target: Target;
  readonly votes: Map<MemberIndex, Vote>;
  readonly items: Map<MemberIndex, ItemId>;
};

/** Of which an honest voter says one thing only. */
const ballotKey = ({ set, round, kind, member }: Vote): string => `${set}/${round}/${kind}/${member}`;

const MAX_TICKS = 1_024;
/** Branches on which a member may stand in one step. */
const MAX_PARENTS = 4;
/** Different winner transactions of one member, parent and step. */
export const MAX_WINNERS = 2;
/** Transactions of one signer that wait for a block. */
const MAX_OF_ONE = 32;

export class Pool {
  /** By generator, ascending in `from`. */
  readonly ticks = new Map<GeneratorIndex, Tick[]>();
  readonly others = new Map<TxId, Held<Tx["body"]>>();
  /** The keys that a transaction's signatures were found good with: keys change by ballot while it waits. */
  readonly signedBy = new WeakMap<Tx, readonly string[]>();
  /** The key that a vote was found good with: another branch may know another for the same set. */
  readonly votedWith = new WeakMap<Vote, BlsKey>();
  /** By parent and step. */
  #candidacies = new Map<string, Map<MemberIndex, Held<Candidacy>>>();
  /** By parent, step and member: one of an honest member, two of a liar. */
  #winners = new Map<string, readonly HeldWinner[]>();
  #spoken = new Map<string, number>();
  #votes = new Map<string, VoteBook>();
  /** Each voter's first of a round and kind, heard alone or in a block. */
  #firstVotes = new Map<string, Vote>();
  /** The last two ticks heard of a generator: its live power. */
  readonly pulse = new Map<GeneratorIndex, readonly { register: number; at: number }[]>();

  /** Takes a tick up unless it says less than one that is here; answers the items it supersedes. */
  addTick(tick: Tick): { taken: boolean; superseded: ItemId[] } {
    const { generator, from, to, step } = tick.body;
    const list = this.ticks.get(generator) ?? [];
    const rivals = list.filter((t) => t.body.from === from && t.body.step === step);
    if (rivals.some((t) => t.body.to >= to)) return { taken: false, superseded: [] };
    const kept = [...list.filter((t) => !rivals.includes(t)), tick].toSorted(
      (a, b) => a.body.from - b.body.from || a.body.step - b.body.step,
    );
    const dropped = kept.splice(0, Math.max(0, kept.length - MAX_TICKS));
    this.ticks.set(generator, kept);
    const beats = (this.pulse.get(generator) ?? []).filter((p) => p.at < tick.body.at);
    this.pulse.set(generator, [...beats.slice(-1), { register: to, at: tick.body.at }]);
    return { taken: true, superseded: [...rivals, ...dropped].map((t) => t.item) };
  }
  /** Drops ticks that no block will book any more: behind the ledger's register, too old, or of a replaced key. */
  dropDead(generator: GeneratorIndex, alive: { register: number; oldest: StepIndex; key: PublicKey }): ItemId[] {
    const list = this.ticks.get(generator) ?? [];
    const isDead = (t: Tick): boolean =>
      t.body.to <= alive.register ||
      t.body.step < alive.oldest ||
      (this.signedBy.get(t.generation)?.[0] ?? alive.key) !== alive.key;
    const gone = list.filter(isDead);
    if (gone.length > 0)
      this.ticks.set(
        generator,
        list.filter((t) => !gone.includes(t)),
      );
    return gone.map((t) => t.item);
  }
  addOther(held: Held<Tx["body"]>): boolean {
    if (this.others.has(held.id)) return false;
    const ofSigner = [...this.others.values()].filter((h) => h.tx.signer === held.tx.signer);
    // Nobody crowds out the others: whoever sends more loses the oldest of its own.
    const [oldest] = ofSigner;
    if (ofSigner.length >= MAX_OF_ONE && oldest !== undefined) this.others.delete(oldest.id);
    this.others.set(held.id, held);
    return true;
  }
  addCandidacy(held: Held<Candidacy>): boolean {
    const at = `${held.body.parent}/${held.body.step}`;
    const here = this.#candidacies.get(at) ?? new Map<MemberIndex, Held<Candidacy>>();
    if (here.has(held.body.member) || !this.#admits("candidacy", held.body)) return false;
    here.set(held.body.member, held);
    this.#candidacies.set(at, here);
    return true;
  }
  candidacies(parent: Hash, step: StepIndex): Held<Candidacy>[] {
    return [...(this.#candidacies.get(`${parent}/${step}`)?.values() ?? [])];
  }
  addWinner(held: HeldWinner): boolean {
    const { parent, step, member } = held.body;
    const here = this.winners(parent, step, member);
    // Two say already that its member lies: all are to know those two, and a third tells nobody anything.
    if (here.length >= MAX_WINNERS || here.some(({ id }) => id === held.id)) return false;
    if (here.length === 0 && !this.#admits("winner", held.body)) return false;
    this.#winners.set(`${parent}/${step}/${member}`, [...here, held]);
    return true;
  }
  /** What a member signed as the auction's end, in the order in which it was heard. */
  winners(parent: Hash, step: StepIndex, member: MemberIndex): readonly HeldWinner[] {
    return this.#winners.get(`${parent}/${step}/${member}`) ?? [];
  }
  /** Only the current miner's counts: whose block the parent is. None where it signed two. */
  winner(parent: Hash, step: StepIndex, miner: MemberIndex): HeldWinner | undefined {
    const [only, other] = this.winners(parent, step, miner);
    return other === undefined ? only : undefined;
  }
  /** A member speaks of few parents a step: more are invented ones. */
  #admits(kind: string, { member, step }: { member: MemberIndex; step: StepIndex }): boolean {
    const at = `${kind}/${step}/${member}`;
    const count = (this.#spoken.get(at) ?? 0) + 1;
    this.#spoken.set(at, count);
    return count <= MAX_PARENTS;
  }
  addVote(vote: Vote, item: ItemId): boolean {
    const at = targetKey(vote);
    const group = this.#votes.get(at) ?? { target: vote, votes: new Map(), items: new Map() };
    const known = group.votes.get(vote.member);
    if (known !== undefined && this.#haveOneKey(known, vote)) return false;
    group.votes.set(vote.member, vote);
    group.items.set(vote.member, item);
    this.#votes.set(at, group);
    this.noteVote(vote);
    return true;
  }
  #haveOneKey(a: Vote, b: Vote): boolean {
    return this.votedWith.get(a) === this.votedWith.get(b);
  }
  noteVote(vote: Vote): void {
    if (this.firstVote(vote) === undefined) this.#firstVotes.set(ballotKey(vote), vote);
  }
  vote(target: Target, member: MemberIndex): Vote | undefined {
    return this.#votes.get(targetKey(target))?.votes.get(member);
  }
  /** What this voter said first, with the same key, in the same round and kind. */
  firstVote(vote: Vote): Vote | undefined {
    const first = this.#firstVotes.get(ballotKey(vote));
    return first !== undefined && this.#haveOneKey(first, vote) ? first : undefined;
  }
  /** Drops votes of keys that count no more; answers their items. */
  dropVotes(isVoid: (vote: Vote) => boolean): ItemId[] {
    const gone: ItemId[] = [];
    for (const [at, { votes, items }] of this.#votes) {
      for (const [member, vote] of votes) {
        const item = items.get(member);
        if (item === undefined || !isVoid(vote)) continue;
        gone.push(item);
        votes.delete(member);
        items.delete(member);
      }
      if (votes.size === 0) this.#votes.delete(at);
    }
    return gone;
  }
  voteGroups(): VoteBook[] {
    return [...this.#votes.values()];
  }
  /** Forgets auctions up to a step and votes that are too old to carry; answers the items of both. */
  prune(step: StepIndex, isOldVote: (target: Target) => boolean): ItemId[] {
    const gone: ItemId[] = [];
    for (const [at, map] of this.#candidacies) {
      if (![...map.values()].every((h) => h.body.step <= step)) continue;
      this.#candidacies.delete(at);
      for (const held of map.values()) gone.push(held.item);
    }
    for (const [at, all] of this.#winners) {
      if (all.some((held) => held.body.step > step)) continue;
      this.#winners.delete(at);
      gone.push(...all.map((held) => held.item));
    }
    for (const at of this.#spoken.keys()) if (Number(at.split("/")[1]) <= step) this.#spoken.delete(at);
    for (const [at, group] of this.#votes) {
      if (!isOldVote(group.target)) continue;
      this.#votes.delete(at);
      gone.push(...group.items.values());
    }
    for (const [at, vote] of this.#firstVotes) if (isOldVote(vote)) this.#firstVotes.delete(at);
    return gone;
  }
  /** Ids of what a neighbour that was away may have missed: votes and ticks. */
  reminders(): ItemId[] {
    return [
      ...[...this.#votes.values()].flatMap((g) => [...g.items.values()]),
      ...[...this.ticks.values()].flatMap((list) => list.map((t) => t.item)),
    ];
  }
}
