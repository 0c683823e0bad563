/** Makes blocks for tests: whatever content is asked for, executed on the parent's state, checked, and applied. */
import type { Result } from "../../worker/base/result.ts";
import {
  memberIndex,
  mwh,
  stepIndex,
  type GeneratorIndex,
  type MemberIndex,
  type StepIndex,
  type TxId,
} from "../../worker/base/units.ts";
import { endOf, gateClosure } from "../../worker/community/market-step.ts";
import { hashOf, type Block, type Header } from "../../worker/consensus/block.ts";
import { candidatesOf } from "../../worker/consensus/candidacy.ts";
import { genesisBlock } from "../../worker/consensus/genesis.ts";
import { rankCandidates, standInOrder } from "../../worker/consensus/selection.ts";
import { beginStep, executeBlock, validateBlock, type Content } from "../../worker/consensus/transition.ts";
import type { Context } from "../../worker/ledger/context.ts";
import { expectedShares } from "../../worker/ledger/energy.ts";
import { key } from "../../worker/ledger/rows.ts";
import type { Delta, State } from "../../worker/ledger/state.ts";
import { spendableTokens, spendTokens, type Staked } from "../../worker/ledger/tokens.ts";
import { idOf, type Action, type Body, type Candidacy, type Tx } from "../../worker/ledger/transaction.ts";
import { contextOn, genesisOf, valueOf, type World } from "../ledger/worlds.ts";

/** Signatures are checked elsewhere (checks.ts); these are none. */
export const unsigned = (body: Body, signer = 0): Tx => ({ body, signer, signature: new Uint8Array(64) });
/** 48 bytes in place of a BLS signature: draws are hashed, and checked elsewhere. */
export const drawFrom = (n: number): Uint8Array => new Uint8Array(48).fill(n);

export type Stand = {
  readonly member: number;
  readonly at?: number;
  readonly draw?: number;
  readonly tokens?: Candidacy["tokens"];
};
export type Made = { readonly block: Block; readonly delta: Delta };

export class ChainMaker {
  readonly world: World;
  readonly state: State;
  parent: Header;
  readonly made: Made[] = [];

  constructor(world: World) {
    this.world = world;
    this.state = genesisOf(world);
    this.parent = genesisBlock(world.contract, this.state).header;
  }
  context(step: number): Context {
    return contextOn(this.world, this.state, step);
  }
  id(tx: Tx): TxId {
    return idOf(tx.body, this.world.community);
  }
  /** V of `value` mWh booked to `step`, and its transfer. */
  supply(generator: number, step: number, value: number, from?: number): [Tx, Tx] {
    const g = generator as GeneratorIndex;
    const register = from ?? this.state.get("generator", key(g))?.register ?? 0;
    const at = endOf(this.world.contract, step);
    const generation = unsigned(
      {
        kind: "generation",
        generator: g,
        step: stepIndex(step),
        from: mwh(register),
        to: mwh(register + value),
        at,
        estimated: false,
      },
      generator,
    );
    return this.withTransfer(generation);
  }
  withTransfer(generation: Tx): [Tx, Tx] {
    const body = {
      kind: "transfer",
      generator: generation.signer as GeneratorIndex,
      input: this.id(generation),
    } as const;
    return [generation, unsigned(body, generation.signer)];
  }
  distribution(step: number, transfers: readonly Tx[], total: number): Tx {
    const expected = expectedShares(this.state, stepIndex(step), total);
    const inputs = transfers.map((tx) => this.id(tx)).toSorted();
    return unsigned({ kind: "distribution", step: stepIndex(step), inputs, shares: expected?.shares ?? [] });
  }
  /** By default with all of its tokens, at the gate's closure. */
  candidacy(step: number, stand: Stand): Tx {
    const { contract } = this.world;
    const member = memberIndex(stand.member);
    const tokens =
      stand.tokens ??
      spendableTokens(this.state, member, stepIndex(step), contract.tokenValidity)
        .map((t) => t.ref)
        .slice(0, 64);
    const at = (stand.at ?? gateClosure(contract, step)) as Candidacy["at"];
    const draw = drawFrom(stand.draw ?? stand.member + 1);
    return unsigned({ kind: "candidacy", member, step: stepIndex(step), ...this.#here, at, tokens, draw }, member);
  }
  get #here() {
    return { parent: hashOf(this.parent), beacon: this.parent.beacon };
  }
  sorted(txs: readonly Tx[]): TxId[] {
    return txs.map((tx) => this.id(tx)).toSorted();
  }
  ranking(step: number, candidacies: readonly Tx[], minerDraw = drawFrom(200)): MemberIndex[] {
    const ctx = this.context(step);
    beginStep(ctx);
    const staked: Staked[] = candidacies.flatMap((tx) =>
      tx.body.kind === "candidacy" ? [valueOf(spendTokens(ctx, tx.body))] : [],
    );
    return rankCandidates(candidatesOf(ctx.draft, ctx.contract, staked, minerDraw), ctx.contract);
  }
  winner(step: number, candidacies: readonly Tx[], over: Partial<Extract<Body, { kind: "winner" }>> = {}): Tx {
    const draw = drawFrom(200);
    const { miner } = this.parent;
    const ranking = over.ranking ?? this.ranking(step, candidacies, draw);
    const named = { step: stepIndex(step), ...this.#here, candidacies: this.sorted(candidacies) };
    return unsigned({ kind: "winner", member: miner, ...named, draw, ranking, ...over }, miner);
  }
  refund(step: number, candidacies: readonly Tx[], over: Partial<Extract<Body, { kind: "refund" }>> = {}): Tx {
    const { miner } = this.parent;
    const named = { step: stepIndex(step), parent: hashOf(this.parent), candidacies: this.sorted(candidacies) };
    return unsigned({ kind: "refund", member: miner, ...named, ...over }, miner);
  }
  standIn(step: number, place = 0): MemberIndex {
    const ctx = this.context(step);
    beginStep(ctx);
    return standInOrder(ctx.draft, this.parent.beacon, step as StepIndex)[place] ?? memberIndex(0);
  }
  /** A proposal and the yes-ballots on it, of the members named. */
  ballot(step: number, action: Action, by: number, yes: readonly number[]): Tx[] {
    const now = stepIndex(step);
    const proposal = unsigned({ kind: "proposal", member: memberIndex(by), step: now, action }, by);
    const ballots = yes.map((m) =>
      unsigned({ kind: "ballot", member: memberIndex(m), step: now, proposal: this.id(proposal), yes: true }, m),
    );
    return [proposal, ...ballots];
  }
  /** Miner and rank by default: the winner's, or the first stand-in where there is none. */
  content(step: number, txs: readonly Tx[] = [], over: Partial<Content> = {}): Content {
    const won = txs.find((tx) => tx.body.kind === "winner")?.body;
    const first = won?.kind === "winner" ? won.ranking[0] : undefined;
    const miner = first ?? this.standIn(step);
    return { votes: [], txs, draw: drawFrom(100 + miner), rank: first === undefined ? 1 : 0, miner, ...over };
  }
  try(step: number, txs: readonly Tx[] = [], over: Partial<Content> = {}): Result<Header> {
    return executeBlock(this.context(step), this.parent, this.content(step, txs, over));
  }
  block(step: number, txs: readonly Tx[] = [], over: Partial<Content> = {}): Block {
    const { votes, draw } = this.content(step, txs, over);
    return { header: valueOf(this.try(step, txs, over)), signature: new Uint8Array(64), draw, votes, txs };
  }
  validate(block: Block): Result<Header> {
    return validateBlock(this.context(block.header.step), this.parent, block);
  }
  /** Validates and applies. @throws when it is refused. */
  add(block: Block): Made {
    const ctx = this.context(block.header.step);
    valueOf(validateBlock(ctx, this.parent, block));
    const delta = ctx.draft.delta();
    this.state.apply(delta);
    this.parent = block.header;
    const made = { block, delta };
    this.made.push(made);
    return made;
  }
  grow(step: number, txs: readonly Tx[] = [], over: Partial<Content> = {}): Made {
    return this.add(this.block(step, txs, over));
  }
}
