/**
 * Statistical experiments on the pure selection code (T III, formula (1)), thousands of auctions without nodes: what
 * saving tokens gains a coalition, and what power to choose the next miner its predecessor has, by the paper's own rule
 * and by ours. Numbers for the report beside the run with real nodes.
 */
import type { MemberIndex } from "../../base/units.ts";
import { PRESETS } from "../../community/presets.ts";
import { rankCandidates, type Candidate } from "../../consensus/selection.ts";
import { Rng } from "./rng.ts";

const WEIGHTS = PRESETS.fast;
const { tokenValidity, ageCap, reputationWindow } = WEIGHTS;
const AUCTIONS = 4_000;
const SHARE_MWH = 1_000;

/** U·2^256 with 64 random bits on top: as good as any for counting. */
const luckOf = (rng: Rng): bigint => ((BigInt(rng.next()) << 32n) | BigInt(rng.next())) * 2n ** 192n + 1n;

type Player = {
  tokens: { birth: number; amount: number }[];
  last: number;
  made: number[];
  saves: boolean;
  blocks: number;
};

const worth = (tokens: Player["tokens"]): number => tokens.reduce((sum, t) => sum + t.amount, 0);
const stakeOf = (p: Player, step: number): Player["tokens"] =>
  p.tokens.filter((t) => t.birth < step && (!p.saves || t.birth + tokenValidity === step));

export type Shares = { readonly blocks: number; readonly members: number; readonly wealth: number };
/**
 * Shares in per cent of `savers` members of `members` who spend each token only in the last auction it may enter: of blocks,
 * of members, and of wealth, which is all tokens held, on average.
 */
export const hoardingShare = (members: number, savers: number, seed: string): Shares => {
  const rng = new Rng(`hoarding/${seed}`);
  const players = Array.from({ length: members }, (_, i): Player => ({
    tokens: [],
    last: 0,
    made: [],
    saves: i < savers,
    blocks: 0,
  }));
  const held = (list: readonly Player[]): number => list.reduce((sum, p) => sum + worth(p.tokens), 0);
  let [saved, all] = [0, 0];
  for (let step = 1; step <= AUCTIONS; step++) {
    saved += held(players.slice(0, savers));
    all += held(players);
    const stakes = players.map((p) => stakeOf(p, step));
    const candidates = players.map((p, i): Candidate => ({
      member: i as MemberIndex,
      energy: worth(stakes[i] ?? []),
      age: Math.min(ageCap, step - p.last),
      reputation: p.made.filter((s) => s + reputationWindow >= step).length,
      luck: luckOf(rng),
    }));
    const winner = players[rankCandidates(candidates, WEIGHTS)[0] ?? 0];
    if (winner === undefined) continue;
    for (const [i, p] of players.entries()) p.tokens = p.tokens.filter((t) => !(stakes[i] ?? []).includes(t));
    winner.tokens.push(...stakes.flat());
    winner.last = step;
    winner.blocks += 1;
    winner.made = [...winner.made.filter((s) => s + reputationWindow >= step), step];
    for (const p of players) {
      p.tokens.push({ birth: step, amount: SHARE_MWH });
      p.tokens = p.tokens.filter((t) => t.birth + tokenValidity > step);
    }
  }
  const made = players.slice(0, savers).reduce((sum, p) => sum + p.blocks, 0);
  return { blocks: (100 * made) / AUCTIONS, members: (100 * savers) / members, wealth: (100 * saved) / all };
};

export type Grinding = {
  /** Per cent of auctions in which the friend ranks first. */
  readonly chance: number;
  /** The paper's rule: m draws each U_k; it tries so many times. */
  readonly paper: number;
  readonly tries: number;
  /** Ours, if nobody is left out: U_k is fixed by two unique signatures. */
  readonly ours: number;
  /** Ours, leaving out so many at most; and how many it takes on average to put the friend first. */
  readonly oneLeftOut: number;
  readonly leftOut: number;
};
const TRIES = 100;

/** The power of a current miner over who is next, for one friend among `members` with equal standing. */
export const grinding = (members: number, seed: string): Grinding => {
  const rng = new Rng(`grinding/${seed}`);
  const friend = 0;
  const auctions = AUCTIONS / 2;
  const lottery = (): MemberIndex[] =>
    rankCandidates(
      Array.from({ length: members }, (_, i): Candidate => ({
        member: i as MemberIndex,
        energy: SHARE_MWH,
        age: 1,
        reputation: 1,
        luck: luckOf(rng),
      })),
      WEIGHTS,
    );
  let [first, second, places, chosen] = [0, 0, 0, 0];
  for (let n = 0; n < auctions; n++) {
    const place = lottery().indexOf(friend as MemberIndex);
    places += place;
    if (place === 0) first += 1;
    if (place <= 1) second += 1;
    // Where m draws U itself, it draws until it likes the result, and nobody can tell.
    for (let t = 0; t < TRIES; t++)
      if (lottery()[0] === friend) {
        chosen += 1;
        break;
      }
  }
  const share = (count: number): number => (100 * count) / auctions;
  return {
    chance: share(first),
    paper: share(chosen),
    tries: TRIES,
    ours: share(first),
    oneLeftOut: share(second),
    leftOut: places / auctions,
  };
};

/** Lines for the report of a scenario that has an experiment beside it. */
export const experimentsOf = (scenario: string, members: number, seed: string): string[] => {
  if (scenario === "hoarding") {
    const third = Math.max(1, Math.floor(members / 3));
    return [1, third, Math.max(third, members - 1)]
      .filter((c, i, all) => all.indexOf(c) === i)
      .map((c) => {
        const share = hoardingShare(members, c, seed);
        return `in ${AUCTIONS} auctions by formula (1), ${c} of ${members} saved: ${share.members.toFixed(1)} % of members, ${share.wealth.toFixed(1)} % of wealth (tokens held), ${share.blocks.toFixed(1)} % of blocks.`;
      });
  }
  if (scenario !== "grinding") return [];
  const g = grinding(members, seed);
  return [
    `by chance a friend ranks first in ${g.chance.toFixed(1)} % of auctions; by the paper's rule, where m draws U, m makes it first in ${g.paper.toFixed(1)} % with ${g.tries} tries, unseen; by ours, without leaving anybody out, in ${g.ours.toFixed(1)} %.`,
    `leaving out one candidate raises ours to ${g.oneLeftOut.toFixed(1)} %; to be sure m must leave out ${g.leftOut.toFixed(1)} on average, and each omission that others saw costs their approvals.`,
  ];
};
