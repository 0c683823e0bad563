/**
 * Voting tokens E (T IV; PROTOCOL.md §4, §6): a candidacy spends the candidate's own unexpired tokens; the winner
 * transaction gives them to the winner, a refund gives them back, birth steps kept. A candidacy is on chain only in
 * the block that also consumes it, so tokens are never stuck with a miner that vanished.
 */
import { ok, refuse, type Result } from "../base/result.ts";
import { mwh, type MemberIndex, type StepIndex, type TxId } from "../base/units.ts";
import type { Context } from "./context.ts";
import { key } from "./rows.ts";
import type { View } from "./state.ts";
import type { Candidacy, TokenRef } from "./transaction.ts";

/** A token born in step b may be spent in the blocks of steps b+1 to b+d. */
export const isSpendable = (birth: StepIndex, step: StepIndex, validity: number): boolean =>
  birth < step && birth + validity >= step;

export type Stake = { readonly birth: StepIndex; readonly amount: number };
export type Staked = {
  readonly member: MemberIndex;
  readonly body: Candidacy;
  readonly stakes: readonly Stake[];
  readonly energy: number;
};

export const tokenKey = (ref: TokenRef): string => `${ref.tx}-${key(ref.index)}`;

export type Spendable = { readonly ref: TokenRef; readonly birth: StepIndex; readonly amount: number };

/** A member's tokens that a candidacy for `step` may spend, in key order. */
export const spendableTokens = (view: View, member: MemberIndex, step: StepIndex, validity: number): Spendable[] =>
  view.scan("token").flatMap(([k, row]) =>
    row.owner === member && isSpendable(row.birth, step, validity)
      ? [
          {
            ref: { tx: k.slice(0, 64) as TxId, index: Number.parseInt(k.slice(65), 16) },
            birth: row.birth,
            amount: row.amount,
          },
        ]
      : [],
  );

/** Spends the tokens a candidacy names and says what was staked. */
export const spendTokens = (ctx: Context, body: Candidacy): Result<Staked> => {
  const stakes: Stake[] = [];
  for (const ref of body.tokens) {
    const at = tokenKey(ref);
    const row = ctx.draft.get("token", at);
    if (row === undefined)
      return refuse("token-spent", "A voting token named here is not there or is spent already.", "ignore");
    if (row.owner !== body.member) return refuse("token-not-own", "A candidate can only spend its own voting tokens.");
    if (!isSpendable(row.birth, ctx.step, ctx.contract.tokenValidity)) {
      return refuse("token-expired", "A voting token named here is past its validity.");
    }
    ctx.draft.drop("token", at);
    stakes.push({ birth: row.birth, amount: row.amount });
  }
  return ok({ member: body.member, body, stakes, energy: stakes.reduce((sum, s) => sum + s.amount, 0) });
};

/** One output per owner and birth step, in that order. */
export const payTokens = (
  ctx: Context,
  id: TxId,
  owners: readonly { owner: MemberIndex; stakes: readonly Stake[] }[],
): void => {
  let index = 0;
  for (const { owner, stakes } of owners) {
    const byBirth = new Map<StepIndex, number>();
    for (const s of stakes) byBirth.set(s.birth, (byBirth.get(s.birth) ?? 0) + s.amount);
    for (const [birth, amount] of [...byBirth].toSorted(([a], [b]) => a - b)) {
      if (birth + ctx.contract.tokenValidity > ctx.step) {
        ctx.draft.put("token", `${id}-${key(index)}`, { owner, birth, amount: mwh(amount) });
      }
      index += 1;
    }
  }
};

/** Tokens that no later block may spend leave the state. */
export const dropExpired = (ctx: Context): void => {
  for (const [k, row] of ctx.draft.scan("token")) {
    if (row.birth + ctx.contract.tokenValidity < ctx.step) ctx.draft.drop("token", k);
  }
};
