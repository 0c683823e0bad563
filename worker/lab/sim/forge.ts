/**
 * What an adversary signs: true in form, false in substance. Each function makes one lie; none of them sends it.
 */
import type { Bls } from "../../base/bls-scheme.ts";
import { cryptometerSecret, type MemberKeys } from "../../base/keys.ts";
import { assert, ok, refuse, type Result } from "../../base/result.ts";
import {
  mwh,
  stepIndex,
  type GeneratorIndex,
  type Hash,
  type MemberIndex,
  type StepIndex,
  type TxId,
} from "../../base/units.ts";
import { hashOf, signHeader, txRootOf, type Block } from "../../consensus/block.ts";
import { candidatesOf, isTimely } from "../../consensus/candidacy.ts";
import { rankCandidates } from "../../consensus/selection.ts";
import { beginStep, executeBlock } from "../../consensus/transition.ts";
import { voteMessage, type Target, type Vote } from "../../consensus/vote.ts";
import { key } from "../../ledger/rows.ts";
import { Draft } from "../../ledger/state.ts";
import { spendTokens } from "../../ledger/tokens.ts";
import { idOf, kindOrder, signTx, type Body, type Candidacy, type Tx } from "../../ledger/transaction.ts";
import { assembleBlock, ranksOf } from "../../node/assemble.ts";
import type { Chain } from "../../node/chain.ts";
import type { Core } from "../../node/core.ts";
import type { Item } from "../../node/messages.ts";

export type Forger = {
  readonly me: MemberIndex;
  readonly keys: MemberKeys;
  readonly community: Hash;
  readonly bls: Bls;
};

export const signed = (f: Forger, body: Body): Tx => signTx(body, f.me, f.community, f.keys.memberSecret);
export const txItem = (f: Forger, body: Body): Item => ({ kind: "tx", tx: signed(f, body) });

export const voteFor = (f: Forger, target: Target): Vote => ({
  ...target,
  member: f.me,
  signature: f.bls.sign(voteMessage(f.community, target), f.keys.blsSecret),
});

/** Its cryptometer's word for anything, with the transfer that belongs to it, or that of another `input`. */
export const tickOf = (
  f: Forger,
  o: { generator: number; step: number; from: number; to: number; at: number; keyNumber?: number; input?: TxId },
): Item => {
  const secret = cryptometerSecret(f.keys.seed, o.keyNumber ?? 0);
  const generator = o.generator as GeneratorIndex;
  const body = {
    kind: "generation",
    generator,
    step: stepIndex(o.step),
    from: mwh(o.from),
    to: mwh(o.to),
    at: o.at as never,
    estimated: false,
  } as const;
  const generation = signTx(body, generator, f.community, secret);
  const input = o.input ?? idOf(body, f.community);
  return {
    kind: "tick",
    generation,
    transfer: signTx({ kind: "transfer", generator, input }, generator, f.community, secret),
  };
};

export const candidacyOf = (
  f: Forger,
  core: Core,
  step: StepIndex,
  o: { at: number; tokens: Candidacy["tokens"] },
): Tx =>
  signed(f, {
    kind: "candidacy",
    member: f.me,
    step,
    parent: core.chain.head.hash,
    beacon: core.chain.head.header.beacon,
    at: o.at as never,
    tokens: o.tokens,
    draw: core.draw(step),
  });

/** The winner transaction of the current miner over those candidacies only; `rank` may lie about the ranking too. */
export const winnerOf = (
  f: Forger,
  core: Core,
  step: StepIndex,
  keep: (ranking: readonly MemberIndex[]) => readonly MemberIndex[],
  rank: (honest: readonly MemberIndex[]) => readonly MemberIndex[] = (honest) => honest,
): Tx | undefined => {
  const { chain, contract } = core;
  const ctx = chain.contextOn(new Draft(chain.state), step);
  beginStep(ctx);
  const staked = core.pool
    .candidacies(chain.head.hash, step)
    .filter((held) => isTimely(contract, held.body))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((held) => {
      const spent = spendTokens(ctx, held.body);
      return spent.ok && ctx.draft.get("member", key(held.body.member))?.barred === null
        ? [{ id: held.id, staked: spent.value }]
        : [];
    });
  const draw = core.draw(step);
  const rankingOf = (list: typeof staked): MemberIndex[] =>
    rankCandidates(
      candidatesOf(
        ctx.draft,
        contract,
        list.map((s) => s.staked),
        draw,
      ),
      contract,
    );
  const kept = new Set(keep(rankingOf(staked)));
  const named = staked.filter((s) => kept.has(s.staked.member));
  if (named.length === 0) return undefined;
  const ranking = rank(rankingOf(named));
  const candidacies = named.map((s) => s.id);
  const { hash: parent, header } = chain.head;
  const { beacon } = header;
  return signed(f, { kind: "winner", member: f.me, step, parent, beacon, candidacies, draw, ranking });
};

/** A winner with the candidacies it names, as `core` has heard them. */
export const auctionOf = (core: Core, winner: Tx): Extract<Item, { kind: "auction" }> => {
  const { body } = winner;
  assert(body.kind === "winner", "an auction has a winner");
  const named = core.pool.candidacies(body.parent, body.step).filter(({ id }) => body.candidacies.includes(id));
  return { kind: "auction", winner, candidacies: named.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((h) => h.tx) };
};

/** A true block of its own for `step`, at its best rank; undefined when it has no turn. */
export const ownBlock = (f: Forger, core: Core, step: StepIndex): Block | undefined => {
  const rank = ranksOf(core, f.me, step)[0];
  return rank === undefined ? undefined : assembleBlock(core, f.me, step, rank);
};

/** A second true block of the same step, rank and parent: without the votes, or without the energy, of the first. */
export const twinOf = (f: Forger, chain: Chain, block: Block): Block | undefined =>
  block.votes.length > 0 ? remade(f, chain, block, [], block.txs) : lightOf(f, chain, block);
/** The same block without any energy. */
export const lightOf = (f: Forger, chain: Chain, block: Block): Block | undefined => {
  const txs = block.txs.filter(({ body }) => !["generation", "transfer", "distribution"].includes(body.kind));
  return remade(f, chain, block, block.votes, txs);
};
const remade = (f: Forger, chain: Chain, block: Block, votes: Block["votes"], txs: Block["txs"]): Block | undefined => {
  const made = executed(f, chain, block, votes, txs);
  return !made.ok || hashOf(made.value.header) === hashOf(block.header) ? undefined : made.value;
};
/** The block with other contents, if these follow the rules. */
const executed = (f: Forger, chain: Chain, block: Block, votes: Block["votes"], txs: Block["txs"]): Result<Block> => {
  const parent = chain.tree.get(block.header.parent);
  if (parent === undefined) return refuse("parent-unknown", "The block before this one is missing here.", "ignore");
  const { rank, miner, step } = block.header;
  const draft = new Draft(chain.tree.viewAt(chain.state, chain.head, parent));
  const made = executeBlock(chain.contextOn(draft, step), parent.header, { rank, miner, draw: block.draw, votes, txs });
  if (!made.ok) return made;
  return ok({ ...block, header: made.value, signature: signHeader(made.value, f.keys.memberSecret), votes, txs });
};

/**
 * Its block with other transactions: a true one where the rules allow these, so that a rule that is missing is noticed by
 * what comes of it; else signed as if they were valid.
 */
export const blockWith = (
  f: Forger,
  chain: Chain,
  block: Block,
  change: (txs: readonly Tx[]) => readonly Tx[],
): Block => {
  const txs = [...change(block.txs)].toSorted((a, b) => kindOrder(a.body.kind) - kindOrder(b.body.kind));
  const made = executed(f, chain, block, block.votes, txs);
  if (made.ok) return made.value;
  const header = { ...block.header, txRoot: txRootOf(txs) };
  return { ...block, header, txs, signature: signHeader(header, f.keys.memberSecret) };
};
