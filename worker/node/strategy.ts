/**
 * How many of its voting tokens a member stakes in an auction (T IV.2: "the tokens that k wants to spend"). A choice of
 * the member's own, kept on its device; the chain only sees what was staked. Pure: tokens in, tokens out.
 */
import { struct, uint, word, type Codec } from "../base/codec.ts";
import type { StepIndex } from "../base/units.ts";
import { PPM } from "../community/repartition.ts";
import { MAX_TOKEN_INPUTS, type TokenRef } from "../ledger/transaction.ts";
import type { Spendable } from "../ledger/tokens.ts";

export const STRATEGIES = ["auto", "all", "save", "share", "off"] as const;
export type Strategy = {
  /**
   * `all`: every token. `save`: only those that no later auction could take. `share`: the oldest, up to a part of the
   * sum. `off`: does not stand. `auto`, the default: all, since what is held back only loses value (E counts against
   * what the others stake now), but a member that is one missed block from being barred stands only when it has been
   * awake for two whole steps.
   */
  readonly kind: (typeof STRATEGIES)[number];
  /** For `share`, millionths. */
  readonly sharePpm: number;
};
export const DEFAULT_STRATEGY: Strategy = { kind: "auto", sharePpm: PPM };
export const strategyCodec: Codec<Strategy> = struct({ kind: word(STRATEGIES), sharePpm: uint });

/** Row of the table `settings`. */
export const STRATEGY_ROW = "strategy";

export type Standing = {
  readonly step: StepIndex;
  readonly tokenValidity: number;
  /** Missed blocks of this member, and how many bar it. */
  readonly strikes: number;
  readonly strikesAllowed: number;
  /** For how many whole steps this device has been awake. */
  readonly stepsAwake: number;
};
const STEPS_AWAKE = 2;

/** Oldest first, up to `limit` mWh of whole tokens. */
const upTo = (tokens: readonly Spendable[], limit: number): Spendable[] => {
  let sum = 0;
  return tokens.filter((t) => {
    if (sum + t.amount > limit) return false;
    sum += t.amount;
    return true;
  });
};

/** The tokens to stake, at most as many as a candidacy holds; null to not stand at all. */
export const stakeOf = (strategy: Strategy, tokens: readonly Spendable[], at: Standing): TokenRef[] | null => {
  const byAge = tokens.toSorted((a, b) => a.birth - b.birth);
  const chosen = (): readonly Spendable[] | null => {
    switch (strategy.kind) {
      case "off":
        return null;
      case "auto":
        return at.strikes + 1 >= at.strikesAllowed && at.stepsAwake < STEPS_AWAKE ? null : byAge;
      case "all":
        return byAge;
      case "save":
        return byAge.filter((t) => t.birth + at.tokenValidity <= at.step);
      case "share": {
        const sum = byAge.reduce((total, t) => total + t.amount, 0);
        return upTo(byAge, Number((BigInt(sum) * BigInt(strategy.sharePpm)) / BigInt(PPM)));
      }
    }
  };
  const staked = chosen();
  if (staked === null) return null;
  // More than fit: the largest, so that dust of late energy pushes no real one out. Among equals the oldest.
  const kept = staked.length <= MAX_TOKEN_INPUTS ? staked : staked.toSorted((a, b) => b.amount - a.amount);
  return kept.slice(0, MAX_TOKEN_INPUTS).map((t) => t.ref);
};
