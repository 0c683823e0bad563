/**
 * Votes withheld for censorship (PROTOCOL.md §7.4): a node that held a candidacy or a tick in good time does not approve
 * what leaves it out. It looks at blocks of the present only: what is caught up with later was decided without it. An
 * objection is this node's own opinion, so it gives way to a quorum, and to time: after one step without a better block
 * the chain goes on with the one there is.
 */
import { encode } from "../base/codec.ts";
import type { Hash, Millis, StepIndex } from "../base/units.ts";
import { endOf, gateClosure, publishTime } from "../community/market-step.ts";
import { isTimely } from "../consensus/candidacy.ts";
import { owedBy } from "../consensus/evidence.ts";
import type { TreeNode } from "../consensus/tree.ts";
import { isPresent } from "../ledger/members.ts";
import { applyGeneration, bookedBy, maxPerStep } from "../ledger/energy.ts";
import { key } from "../ledger/rows.ts";
import { Draft, type View } from "../ledger/state.ts";
import { spendTokens } from "../ledger/tokens.ts";
import { idOf, txCodec, type Body, type Winner } from "../ledger/transaction.ts";
import { isSignedNow, MAX_TXS_BYTES } from "./assemble.ts";
import type { Core } from "./core.ts";
import type { Tick } from "./pool.ts";

export type Objection = {
  readonly step: StepIndex;
  readonly reason: "candidacy-omitted" | "two-winners" | "winner-hidden" | "tick-omitted";
};

type Signed = Extract<Body, { kind: "winner" }>;

export class Objections {
  readonly #core: Core;
  readonly #blocks = new Map<Hash, Objection>();
  constructor(core: Core) {
    this.#core = core;
  }
  /** Standing objections, for fork choice and for screens. */
  get all(): ReadonlyMap<Hash, Objection> {
    return this.#blocks;
  }
  /** Whether a winner transaction leaves out a candidacy that was here in good time (T IV.3), so many margins before the closure. */
  omitsCandidate(winner: Winner, view: View, margins = 1): boolean {
    const { contract, pool, chain } = this.#core;
    const due = gateClosure(contract, winner.step) - margins * contract.candidacyMarginMs;
    // By member: one that stood twice may have told us something else than the current miner.
    const named = new Set(winner.ranking);
    return pool.candidacies(winner.parent, winner.step).some(({ body, heard }) => {
      if (named.has(body.member) || heard > due || body.beacon !== winner.beacon || !isTimely(contract, body))
        return false;
      const row = view.get("member", key(body.member));
      const mayStand = row !== undefined && isPresent(row, winner.step) && row.barred === null;
      return mayStand && spendTokens(chain.contextOn(new Draft(view), winner.step), body).ok;
    });
  }
  /** Looks at a block that was just added. */
  judge(node: TreeNode): void {
    const { contract, now } = this.#core;
    const { step } = node.header;
    if (now >= endOf(contract, step + 1) || this.#lies(node)) return;
    const reason = this.#reasonAgainst(node);
    if (reason !== null) this.#blocks.set(node.hash, { step, reason });
  }
  /** Our own block says what we had. */
  #lies(node: TreeNode): boolean {
    return node.header.miner === this.#core.me || node.header.height === 0;
  }
  #reasonAgainst(node: TreeNode): Objection["reason"] | null {
    const { chain } = this.#core;
    const parent = chain.tree.parentOf(node);
    if (parent === undefined) return null;
    const said = node.block.txs.find((tx) => tx.body.kind === "winner")?.body;
    const winner = said?.kind === "winner" ? said : undefined;
    if (winner !== undefined && this.omitsCandidate(winner, chain.tree.viewAt(chain.state, chain.head, parent)))
      return "candidacy-omitted";
    if (winner !== undefined && this.#hasTwoWinners(node, winner)) return "two-winners";
    if (winner !== undefined && this.#hidWinner(node, winner)) return "winner-hidden";
    return this.#omitsTick(node) ? "tick-omitted" : null;
  }
  /** Whether those ranked before its miner, whom the block strikes, could not have known that it was their turn. */
  #hidWinner({ header }: TreeNode, winner: Signed): boolean {
    const { contract, wokeAt } = this.#core;
    const due = publishTime(contract, winner.step, 0) - contract.candidacyMarginMs;
    if (header.rank === 0 || wokeAt > due) return false;
    const held = this.#winnersBeside(winner).find(({ isTheSame }) => isTheSame);
    return held === undefined || held.heard > due;
  }
  /**
   * Whether those whom the block strikes may have been told something else. What is heard once the block is due cannot have
   * silenced them: a liar who speaks then must not undo a block that is there.
   */
  #hasTwoWinners({ header }: TreeNode, winner: Signed): boolean {
    if (owedBy(winner.ranking, header.rank, header.miner).length === 0) return false;
    const due = publishTime(this.#core.contract, winner.step, header.rank);
    return this.#winnersBeside(winner).some(({ heard, isTheSame }) => !isTheSame && heard <= due);
  }
  /** What was heard as the end of the same auction. */
  #winnersBeside(winner: Signed): { readonly heard: Millis; readonly isTheSame: boolean }[] {
    const { chain, pool } = this.#core;
    const id = idOf(winner, chain.community);
    const held = pool.winners(winner.parent, winner.step, winner.member);
    return held.map((w) => ({ heard: w.heard, isTheSame: w.id === id }));
  }
  #omitsTick(node: TreeNode): boolean {
    const { chain, contract, pool } = this.#core;
    const { step, rank } = node.header;
    const due = publishTime(contract, step, rank) - contract.tickMarginMs;
    const old = [...pool.ticks.values()].flat().filter((t) => t.heard <= due && t.body.step <= step);
    if (old.length === 0 || isFull(node)) return false;
    const view = chain.tree.viewAt(chain.state, chain.head, node);
    return old.some((tick) => this.#wouldFit(view, node, tick));
  }
  /** Whether the block could have booked this tick, or more of the same reading than it did. */
  #wouldFit(view: View, node: TreeNode, { body, generation }: Tick): boolean {
    const { chain, contract } = this.#core;
    const row = view.get("generator", key(body.generator));
    if (row === undefined || body.to <= row.register || body.from > row.register) return false;
    if (!isSignedNow(this.#core, view, generation)) return false;
    if (body.from === row.register) {
      const ctx = chain.contextOn(new Draft(view), node.header.step);
      return applyGeneration(ctx, body, "00".repeat(32) as never).ok;
    }
    const tookLess = node.block.txs.some(
      ({ body: b }) =>
        b.kind === "generation" && b.generator === body.generator && b.from === body.from && b.step === body.step,
    );
    const booked = bookedBy(view, body.step, body.generator) + body.to - row.register;
    return tookLess && booked <= maxPerStep(row.terms.pMaxW, contract.stepMs, row.terms.resolutionMwh);
  }
  /** Whether fork choice passes over a block for the time being. */
  stands(node: TreeNode): boolean {
    const found = this.#blocks.get(node.hash);
    if (found === undefined) return false;
    const { chain, contract, now } = this.#core;
    const over = now >= endOf(contract, found.step + 1) || chain.finality.approvalsOf(node) >= chain.finality.quorum;
    return !over;
  }
  /** Whether a block is passed over for its winner transaction, so that the auction it is of is none for us. */
  voids({ parent, step }: Winner): boolean {
    const { tree } = this.#core.chain;
    return [...this.#blocks].some(([hash, { step: at, reason }]) => {
      const node = at === step && reason !== "tick-omitted" ? tree.get(hash) : undefined;
      return node?.header.parent === parent && this.stands(node);
    });
  }
  /** Forgets what is over. True when fork choice may see more than before. */
  review(): boolean {
    const { tree } = this.#core.chain;
    let lifted = false;
    for (const hash of this.#blocks.keys()) {
      const node = tree.get(hash);
      if (node !== undefined && this.stands(node)) continue;
      this.#blocks.delete(hash);
      lifted = true;
    }
    return lifted;
  }
}

/** A block that has no more room owes nobody anything. */
const isFull = (node: TreeNode): boolean => {
  if (node.block.txs.length < 1_000) return false;
  const size = node.block.txs.reduce((sum, tx) => sum + encode(txCodec, tx).length, 0);
  return size > MAX_TXS_BYTES * 0.9;
};
