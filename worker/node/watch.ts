/**
 * Keeps an eye on what members sign (§IV.C "something to stake"): two headers of one step, two votes of one kind in one
 * round, or two ends of one auction become evidence for the chain. Looks only at statements whose signatures have been verified.
 */
import { fromHex } from "../base/bytes.ts";
import { verify } from "../base/ed25519.ts";
import { refuse, type Result } from "../base/result.ts";
import type { MemberIndex } from "../base/units.ts";
import { hashOf, type Block } from "../consensus/block.ts";
import {
  applyEvidence,
  areTwoBlocks,
  areTwoVotes,
  areTwoWinners,
  caseOfHeaders,
  caseOfVotes,
  caseOfWinners,
  isNews,
  isSignedWinner,
  type SignedHeader,
  type SignedWinner,
} from "../consensus/evidence.ts";
import { membersOf, targetOf, type Vote } from "../consensus/vote.ts";
import { isPresent } from "../ledger/members.ts";
import { key } from "../ledger/rows.ts";
import { Draft } from "../ledger/state.ts";
import type { Evidence, Tx } from "../ledger/transaction.ts";
import type { Core } from "./core.ts";

/** Steps whose headers are remembered. */
const STEPS_KEPT = 64;

export class Watch {
  readonly #core: Core;
  #headers = new Map<number, Map<MemberIndex, SignedHeader>>();
  /** By step, then by parent and member. */
  #winners = new Map<number, Map<string, SignedWinner>>();
  /** Called with evidence that this node has found; set by whoever signs. */
  onFault: (found: Omit<Evidence, "member">) => void = () => {};

  constructor(core: Core) {
    this.#core = core;
    for (const { block } of core.chain.tree.nodes()) this.verified(block);
  }
  /** Whether a block of a member was seen for this step. */
  hasBlockOf(miner: MemberIndex, step: number): boolean {
    return this.#headers.get(step)?.has(miner) === true;
  }
  /** A block whose miner's signature is good, whatever else is wrong with it. */
  verified({ header, signature }: Block): void {
    const ofStep = this.#headers.get(header.step) ?? new Map<MemberIndex, SignedHeader>();
    const known = ofStep.get(header.miner);
    if (known === undefined) {
      this.#headers.set(header.step, ofStep.set(header.miner, { header, signature }));
      for (const step of this.#headers.keys()) if (step + STEPS_KEPT < header.step) this.#headers.delete(step);
    } else if (areTwoBlocks(known.header, header))
      this.#report(caseOfHeaders(known, { header, signature }), header.step);
  }
  /** A block that may never be verified, as its branch has lost for good: only worth a look if it contradicts one. */
  heard({ header, signature }: Block): void {
    const known = this.#headers.get(header.step)?.get(header.miner);
    if (known === undefined || !areTwoBlocks(known.header, header)) return;
    const row = this.#core.chain.state.get("member", key(header.miner));
    if (row === undefined || !isNews(row, header.step)) return;
    if (verify({ key: row.key, message: fromHex(hashOf(header)), signature }))
      this.#report(caseOfHeaders(known, { header, signature }), header.step);
  }
  /** A winner transaction whose signature is good. */
  winner(tx: Tx): void {
    if (!isSignedWinner(tx)) return;
    const { body } = tx;
    const ofStep = this.#winners.get(body.step) ?? new Map<string, SignedWinner>();
    const at = `${body.parent}/${body.member}`;
    const known = ofStep.get(at);
    if (known === undefined) {
      this.#winners.set(body.step, ofStep.set(at, tx));
      for (const step of this.#winners.keys()) if (step + STEPS_KEPT < body.step) this.#winners.delete(step);
    } else if (areTwoWinners(known.body, body, this.#core.chain.community))
      this.#report(caseOfWinners(known, tx), body.step);
  }
  /** The auction and the votes of a block that was added: a vote that stands alone in its group is as good as heard. */
  carried(block: Block): void {
    const { chain, pool } = this.#core;
    for (const tx of block.txs) this.winner(tx);
    for (const group of block.votes) {
      const [member, ...others] = membersOf(group.voters) ?? [];
      const voter = member === undefined ? null : chain.voterKey(member, group.set);
      if (member === undefined || voter === null || others.length > 0 || !chain.finality.isNear(group)) continue;
      const vote: Vote = { ...targetOf(group), member, signature: group.signature };
      pool.votedWith.set(vote, voter);
      this.vote(vote);
      pool.noteVote(vote);
    }
  }
  /** A vote whose signature is good. */
  vote(vote: Vote): void {
    const earlier = this.#core.pool.firstVote(vote);
    if (earlier !== undefined && areTwoVotes(earlier, vote))
      this.#report(caseOfVotes(earlier, vote), Math.max(earlier.step, vote.step));
  }
  #report(found: Omit<Evidence, "member">, step: number): void {
    const { me, chain } = this.#core;
    const row = chain.state.get("member", key(found.offender));
    if (me === null || me === found.offender || row === undefined || !isNews(row, step)) return;
    if (!this.isReported(found.offender)) this.onFault(found);
  }
  /**
   * Whether evidence against a member is on its way to the chain. One is enough, but only one that a block can carry: any
   * other would shield the offender from the true report.
   */
  isReported(offender: MemberIndex): boolean {
    return [...this.#core.pool.others.values()].some(
      ({ body }) => body.kind === "evidence" && body.offender === offender && this.judge(body).ok,
    );
  }
  /** Whether a block on the head could carry this evidence, signatures aside. */
  judge(body: Evidence): Result<unknown> {
    const { chain } = this.#core;
    const ctx = chain.contextOn(new Draft(chain.state), chain.head.header.step + 1);
    const reporter = ctx.draft.get("member", key(body.member));
    if (reporter === undefined || !isPresent(reporter, ctx.step))
      return refuse("member-unknown", "Only a member reports.", "ignore");
    return applyEvidence(ctx, body);
  }
}
