/**
 * Making a block (T II.2, T II.3; PROTOCOL.md §5): everything heard that is valid now, in the order a block has it, the
 * auction that made us the winner, and the votes seen since the parent, added up.
 */
import { encode } from "../base/codec.ts";
import { verify } from "../base/ed25519.ts";
import type { GeneratorIndex, MemberIndex, StepIndex } from "../base/units.ts";
import { signHeader, type Block } from "../consensus/block.ts";
import { checksOfTx, keysOf } from "../consensus/checks.ts";
import { openAuction, type Auction } from "../consensus/candidacy.ts";
import { standInOrder } from "../consensus/selection.ts";
import { applyTx, beginStep, executeBlock, minersByRank } from "../consensus/transition.ts";
import { bitfieldOf, targetKey, targetOf, type Vote, type VoteGroup } from "../consensus/vote.ts";
import { MAX_VOTE_GROUPS } from "../consensus/block.ts";
import { expectedShares, isAnybodys, isClosing, undistributed } from "../ledger/energy.ts";
import { votingKeyOf } from "../ledger/members.ts";
import { key, numberOf } from "../ledger/rows.ts";
import { Draft, type View } from "../ledger/state.ts";
import {
  idOf,
  kindOrder,
  MAX_INPUTS,
  signTx,
  txCodec,
  type Distribution,
  type Tx,
  type TxKind,
} from "../ledger/transaction.ts";
import type { Context } from "../ledger/context.ts";
import type { Core } from "./core.ts";
import type { HeldWinner, Tick } from "./pool.ts";

/** Room for transactions in a block, bytes: the rest is for votes and header, all within one message. */
export const MAX_TXS_BYTES = 3 * 1024 * 1024;

/** What a reading takes in the distribution that must follow it, and what one takes without any, with its shares. */
const INPUT_BYTES = 32;
const bytesWithout = (members: number): number => 256 + 16 * members;

/** Readings of one generator that are tried for one place in a block. */
const MAX_TRIES = 16;

/**
 * Whether all its signatures, quoted ones too, are of the keys that the signers have in this block. A key may have been
 * replaced since they were checked, also in this very step: one such transaction would make the whole block refused.
 */
export const isSignedNow = (core: Core, view: View, tx: Tx): boolean => {
  const { bls, chain, pool } = core;
  const checks = checksOfTx(view, chain.community, tx);
  if (!checks.ok) return false;
  const keys = keysOf(checks.value);
  const known = pool.signedBy.get(tx);
  if (known?.length === keys.length && known.every((k, i) => k === keys[i])) return true;
  const isTrue = checks.value.ed25519.every((job) => verify(job)) && checks.value.bls.every((job) => bls.verify(job));
  if (isTrue) pool.signedBy.set(tx, keys);
  else core.dropOther(idOf(tx.body, chain.community));
  return isTrue;
};

/** A block being put together: `txs` have been applied to `ctx.draft`. */
class Assembly {
  readonly #core: Core;
  readonly ctx: Context;
  readonly auction: Auction;
  readonly txs: Tx[] = [];
  #room = MAX_TXS_BYTES;
  /** Of the room, what is kept for distributions without which the block would be refused. */
  kept = 0;
  constructor(core: Core, ctx: Context, auction: Auction) {
    this.#core = core;
    this.ctx = ctx;
    this.auction = auction;
  }
  /** All of them or none. */
  attempt(txs: readonly Tx[], kept = 0): boolean {
    const size = txs.reduce((sum, tx) => sum + encode(txCodec, tx).length, 0);
    if (size + kept + this.kept > this.#room) return false;
    if (!txs.every((tx) => isSignedNow(this.#core, this.ctx.draft, tx))) return false;
    const draft = new Draft(this.ctx.draft);
    const auction: Auction = {
      ...this.auction,
      staked: new Map(this.auction.staked),
      members: new Set(this.auction.members),
      convicted: [],
    };
    for (const tx of txs) if (!applyTx({ ...this.ctx, draft }, auction, tx).ok) return false;
    this.ctx.draft.absorb(draft);
    this.auction.staked.clear();
    for (const [id, s] of auction.staked) this.auction.staked.set(id, s);
    for (const m of auction.members) this.auction.members.add(m);
    this.auction.winner = auction.winner;
    this.txs.push(...txs);
    this.#room -= size;
    this.kept += kept;
    return true;
  }
}

const begin = (core: Core, step: StepIndex): Assembly => {
  const { chain } = core;
  const ctx = chain.contextOn(new Draft(chain.state), step);
  beginStep(ctx);
  return new Assembly(core, ctx, openAuction(chain.head.header));
};

/** Of the ticks that continue the register, the earliest step's first; of those the one that says most. */
const nextTicks = (ticks: readonly Tick[], register: number, step: StepIndex): Tick[] =>
  ticks
    .filter((t) => t.body.from === register && t.body.step <= step)
    .toSorted((a, b) => a.body.step - b.body.step || b.body.to - a.body.to)
    .slice(0, MAX_TRIES);

const addTicks = (core: Core, assembly: Assembly): void => {
  for (const [k, row] of assembly.ctx.draft.scan("generator")) {
    const ticks = core.pool.ticks.get(numberOf(k) as GeneratorIndex) ?? [];
    let register: number = row.register;
    for (;;) {
      // One that cannot be booked (too much, too late, of a key that was replaced) must not stop the others.
      const tick = nextTicks(ticks, register, assembly.ctx.step).find((t) =>
        assembly.attempt([t.generation, t.transfer], INPUT_BYTES),
      );
      if (tick === undefined) break;
      register = tick.body.to;
    }
  }
};

/** What the rule makes of the transfers of these steps; every holder of a VPP key makes the same. */
const distributionsFor = (
  core: Core,
  { ctx }: Assembly,
  me: MemberIndex,
  isAsked: (step: StepIndex) => boolean = () => true,
): Tx[] => {
  const isHolder = ctx.draft.get("member", key(me))?.vpp === true;
  const txs: Tx[] = [];
  for (const [step, all] of [...undistributed(ctx.draft)].toSorted(([a], [b]) => a - b)) {
    if (!isAsked(step) || !(isHolder || isAnybodys(ctx.contract, step, ctx.step))) continue;
    const ids = all.ids.toSorted();
    for (let i = 0; i < ids.length; i += MAX_INPUTS) {
      const inputs = ids.slice(i, i + MAX_INPUTS);
      const total = inputs.reduce((sum, id) => sum + (ctx.draft.get("energy", id)?.mwh ?? 0), 0);
      const expected = expectedShares(ctx.draft, step, total);
      if (expected === undefined) continue;
      const body: { kind: "distribution" } & Distribution = {
        kind: "distribution",
        step,
        inputs,
        shares: expected.shares,
      };
      const tx = signTx(body, me, ctx.community, core.keys.memberSecret);
      core.pool.signedBy.set(tx, [core.keys.memberKey]);
      txs.push(tx);
    }
  }
  return txs;
};

/** Readings, and what must be shared in the very block: it has its place before whatever else may be distributed. */
const addEnergy = (core: Core, assembly: Assembly, me: MemberIndex): void => {
  const { ctx } = assembly;
  const closeSteps = (): void => {
    const isAsked = (step: StepIndex): boolean => isClosing(ctx.contract, step, ctx.step);
    for (const tx of distributionsFor(core, assembly, me, isAsked)) assembly.attempt([tx]);
  };
  closeSteps();
  assembly.kept = bytesWithout(ctx.draft.scan("member").length);
  addTicks(core, assembly);
  assembly.kept = 0;
  closeSteps();
  addKind(core, assembly, "distribution");
  for (const tx of distributionsFor(core, assembly, me)) assembly.attempt([tx]);
};

const addKind = (core: Core, assembly: Assembly, kind: TxKind): void => {
  const held = [...core.pool.others.values()]
    .filter((h) => h.body.kind === kind)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  for (const h of held) assembly.attempt([h.tx]);
};

const addRefunds = (core: Core, assembly: Assembly, step: StepIndex): void => {
  const known = new Map(core.pool.candidacies(core.chain.head.hash, step).map((h) => [h.id, h.tx]));
  for (const held of core.pool.others.values()) {
    if (held.body.kind !== "refund") continue;
    const txs = held.body.candidacies.map((id) => known.get(id));
    if (txs.every((tx) => tx !== undefined)) assembly.attempt([...txs, held.tx]);
  }
};

/** Whether the block after the head could carry a winner transaction: a false ranking says nothing. */
export const isRight = (core: Core, { body, tx, candidacies }: HeldWinner): boolean =>
  begin(core, body.step).attempt([...candidacies, tx]);

/** The ranks at which this member may make the block of `step`, best first. */
export const ranksOf = (core: Core, me: MemberIndex, step: StepIndex): number[] => {
  const assembly = begin(core, step);
  const held = core.winnerFor(step);
  if (held) assembly.attempt([...held.candidacies, held.tx]);
  const miners = minersByRank(standInOrder(assembly.ctx.draft, core.chain.head.header.beacon, step), assembly.auction);
  return miners.flatMap((miner, rank) => (miner === me ? [rank] : []));
};

/** Whether the key that this vote was verified with is the voter's in this block too. */
const isVoteHere = ({ pool }: Core, view: View, vote: Vote): boolean => {
  const row = view.get("member", key(vote.member));
  const voter = row === undefined ? null : votingKeyOf(row, vote.set);
  return voter !== null && pool.votedWith.get(vote) === voter;
};

/** Votes of the pool that the chain has not carried, one group a target, newest rounds first. */
const votesToCarry = (core: Core, view: View, step: StepIndex): VoteGroup[] => {
  const { set } = core.chain.finality.position;
  const groups = core.pool.voteGroups().flatMap(({ target, votes }) => {
    // On blocks that we know, of voters that this branch knows: whatever else a block carried, it would be refused for it.
    if (target.step >= step || target.set > set || core.chain.tree.get(target.block) === undefined) return [];
    const fresh = [...votes.values()].filter(
      (v) => !core.carried.has(`${targetKey(target)}/${v.member}`) && isVoteHere(core, view, v),
    );
    const signature = fresh.length === 0 ? null : core.bls.aggregate(fresh.map((v) => v.signature));
    // Votes that cancel each other convince nobody: they wait for another's.
    if (signature === null) return [];
    const group: VoteGroup = {
      ...targetOf(target),
      voters: bitfieldOf(fresh.map((v) => v.member)),
      signature,
    };
    return [group];
  });
  return groups
    .toSorted((a, b) => b.set - a.set || b.round - a.round || (targetKey(a) < targetKey(b) ? -1 : 1))
    .slice(0, MAX_VOTE_GROUPS);
};

/** The VPP's distributions of what is in the pool, as a holder of a VPP key publishes them (T I). */
export const distributionsOf = (core: Core, me: MemberIndex, step: StepIndex): Tx[] => {
  const assembly = begin(core, step);
  // Whoever makes the block sees to what is anybody's.
  if (assembly.ctx.draft.get("member", key(me))?.vpp !== true) return [];
  addTicks(core, assembly);
  return distributionsFor(core, assembly, me);
};

/** A signed block for `step` at `rank` on top of the head, or undefined when that rank is not ours after all. */
export const assembleBlock = (core: Core, me: MemberIndex, step: StepIndex, rank: number): Block | undefined => {
  const { chain, keys } = core;
  const assembly = begin(core, step);
  addEnergy(core, assembly, me);
  const held = core.winnerFor(step);
  if (held) assembly.attempt([...held.candidacies, held.tx]);
  addRefunds(core, assembly, step);
  addKind(core, assembly, "proposal");
  addKind(core, assembly, "ballot");
  addKind(core, assembly, "evidence");
  const ordered = assembly.txs.toSorted((a, b) => kindOrder(a.body.kind) - kindOrder(b.body.kind));
  const content = {
    rank,
    miner: me,
    votes: votesToCarry(core, assembly.ctx.draft, step),
    txs: ordered,
    draw: core.draw(step),
  };
  const made = executeBlock(chain.contextOn(new Draft(chain.state), step), chain.head.header, content);
  if (!made.ok) return undefined;
  const { votes, draw } = content;
  return { header: made.value, signature: signHeader(made.value, keys.memberSecret), draw, votes, txs: ordered };
};
