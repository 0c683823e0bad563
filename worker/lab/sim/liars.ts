/** Scenarios of members who break the rules of blocks, auctions and votes (§IV.C; PROTOCOL.md §6, §7). */
import type { MemberIndex, StepIndex } from "../../base/units.ts";
import { gateClosure, publishTime } from "../../community/market-step.ts";
import { decodeBlock, encodeBlock, hashOf, type Block } from "../../consensus/block.ts";
import { itemIdOf, encodeItem, type Item } from "../../node/messages.ts";
import { idOf, type Tx } from "../../ledger/transaction.ts";
import { auctionOf, ownBlock, twinOf, voteFor, winnerOf } from "./forge.ts";
import { itemsMessage, type AlterMessage, type Puppet } from "./puppet.ts";
import {
  everyStep,
  liarsAllowed,
  oneLiar,
  percent,
  plural,
  stepByStep,
  type Expectation,
  type Plan,
  type RunFigures,
  type Scenario,
  type Stage,
} from "./scenario.ts";

/** The puppet's own block in an item, if that is what it is. */
export const ownBlockIn = (puppet: Puppet, item: Item): Block | undefined => {
  if (item.kind !== "block") return undefined;
  const block = decodeBlock(item.block);
  return block.ok && block.value.header.miner === puppet.me ? block.value : undefined;
};
export const blockItem = (block: Block): Item => ({ kind: "block", block: encodeBlock(block) });
export const isLiar = ({ puppets }: Stage, member: number): boolean => puppets.some((p) => p.me === member);

/** Only liars may be barred for evidence; strikes may meet whoever slept through its turn. */
export const nobodyHonestBarred = (stage: Stage, figures: RunFigures): Expectation => ({
  says: "nobody honest was barred",
  ok: figures.barred.every((m) => isLiar(stage, m)),
});
const caught = (stage: Stage, figures: RunFigures, times: number): Expectation => ({
  says: `every liar that signed two was barred (${figures.barred.length} of ${stage.puppets.length})`,
  ok: times === 0 || stage.puppets.every((p) => figures.barred.includes(p.me) || stage.counted(`by ${p.me}`) === 0),
});
const blocksOfLiars = (stage: Stage, figures: RunFigures): number =>
  stage.puppets.reduce((sum, p) => sum + (figures.blocksByMember[p.me] ?? 0), 0);

/** Nor does it serve such a block of its own to those who catch up. */
const notServing =
  (puppet: Puppet, kept: (block: Block) => boolean): AlterMessage =>
  (_, message) => {
    if (message.kind !== "blocks") return message;
    const own = message.blocks.findIndex((raw) => {
      const block = decodeBlock(raw);
      return block.ok && block.value.header.miner === puppet.me && kept(block.value);
    });
    return own < 0 ? message : { ...message, blocks: message.blocks.slice(0, own), more: false };
  };

const silentWinner: Scenario = {
  name: "silent-winner",
  attack: "A member stands in every auction and, when it wins, keeps its block to itself.",
  liars: oneLiar,
  least: 3,
  prepare: ({ puppets, count }) => {
    for (const puppet of puppets) {
      const kept = new Set<string>();
      puppet.alterItem = (_, item) => {
        const block = ownBlockIn(puppet, item);
        if (block === undefined) return [item];
        const hash = hashOf(block.header);
        if (!kept.has(hash)) count("withheld");
        kept.add(hash);
        return [];
      };
      puppet.alterMessage = notServing(puppet, () => true);
    }
  },
  play: (stage) => stepByStep(stage, () => {}),
  tell: ({ plan, counted, puppets }, f) =>
    `It kept back ${plural(counted("withheld"), "block")}; the next in rank or a stand-in closed those steps, ${f.stepsWithBlock} of ${plan.steps} have their block. It has ${plural(f.strikes[puppets[0]?.me ?? 0] ?? 0, "strike")}${f.barred.length > 0 ? " and was barred" : ""}.`,
  expect: (stage, f) => [
    everyStep(stage.plan, f),
    nobodyHonestBarred(stage, f),
    {
      says: `silence bars after ${stage.town.contract.strikes} missed blocks`,
      ok: stage.counted("withheld") <= stage.town.contract.strikes + 1 || f.barred.length > 0,
    },
  ],
};

/** At the closure of every auction of which a puppet is current miner. */
const atClosures = async (stage: Stage, act: (puppet: Puppet, step: StepIndex) => Tx | undefined): Promise<void> => {
  const { town, puppets, count } = stage;
  const lies = new Map<string, string>();
  // Its node's honest block of the same step stays at home: two blocks would give it away.
  const kept = ({ header }: Block): boolean => lies.has(`${header.parent}/${header.step}`);
  for (const puppet of puppets) {
    puppet.alterItem = (_, item) => {
      // What its own node says honestly of the same auction is kept back.
      const said = item.kind === "auction" ? item.winner.body : undefined;
      if (said?.kind === "winner" && said.member === puppet.me) {
        const lie = lies.get(`${said.parent}/${said.step}`);
        return lie === undefined || lie === idOf(said, puppet.community) ? [item] : [];
      }
      const block = ownBlockIn(puppet, item);
      return block && kept(block) ? [] : [item];
    };
    puppet.alterMessage = notServing(puppet, kept);
  }
  await stepByStep(stage, async (at) => {
    const step = at as StepIndex;
    const { contract } = town;
    await town.to(gateClosure(contract, step) + 400);
    for (const puppet of puppets) {
      if (!town.isUp(puppet.me) || town.core(puppet.me).chain.currentMiner !== puppet.me) continue;
      const winner = act(puppet, step);
      if (winner?.body.kind !== "winner") continue;
      const { parent } = winner.body;
      count("lies");
      lies.set(`${parent}/${step}`, idOf(winner.body, puppet.community));
      const auction = auctionOf(town.core(puppet.me), winner);
      puppet.say(itemsMessage(auction));
      town.time.at(publishTime(contract, step, 0), () => {
        const own = town.isUp(puppet.me) ? town.core(puppet.me) : undefined;
        if (own === undefined || own.chain.head.hash !== parent) return;
        const core = puppet.core(own.chain, own);
        const item = itemIdOf(encodeItem(auction));
        core.pool.addWinner({
          item,
          id: idOf(winner.body, puppet.community),
          tx: winner,
          body: winner.body as never,
          candidacies: auction.candidacies,
          heard: own.now,
        });
        const block = ownBlock(puppet, core, step);
        if (block === undefined) return;
        stage.count("blocks on the lie");
        puppet.say(itemsMessage(blockItem(block)));
      });
    }
  });
};

const lyingWinner: Scenario = {
  name: "lying-winner",
  attack: "A current miner publishes a false ranking, or leaves out every candidate but those it likes.",
  liars: oneLiar,
  least: 4,
  play: (stage) =>
    atClosures(stage, (puppet, step) => {
      const own = stage.town.core(puppet.me);
      const core = puppet.core(own.chain, own);
      const falseRanking = stage.rng.happens(500_000);
      const first = (list: readonly MemberIndex[]): MemberIndex[] => [
        ...list.filter((m) => m === puppet.me),
        ...list.filter((m) => m !== puppet.me).reverse(),
      ];
      const winner = falseRanking
        ? winnerOf(puppet, core, step, (all) => all, first)
        : winnerOf(puppet, core, step, (all) => (all.includes(puppet.me) ? [puppet.me] : all.slice(-1)));
      if (winner === undefined) return undefined;
      stage.count(falseRanking ? "false rankings" : "candidates left out");
      return winner;
    }),
  tell: (stage, f) =>
    `It published ${plural(stage.counted("false rankings"), "false ranking")} and ${stage.counted("candidates left out")} times left candidates out; ${lieOnChain(stage)} of these stand on the final chain. Others closed those steps: ${f.stepsWithBlock} of ${stage.plan.steps} have their block.`,
  expect: (stage, f) => [
    everyStep(stage.plan, f),
    nobodyHonestBarred(stage, f),
    { says: "no false or incomplete ranking stands on the chain", ok: lieOnChain(stage) === 0 },
  ],
};
/** Winner transactions on the chain that leave out somebody who stood and was heard by a majority: here, everybody. */
const lieOnChain = (stage: Stage): number => {
  const { town, puppets, plan } = stage;
  const blocks = town.blocks().filter((b) => b.header.step <= plan.steps);
  return blocks.filter((block) => {
    const winner = block.txs.find((tx) => tx.body.kind === "winner")?.body;
    return (
      winner?.kind === "winner" &&
      puppets.some((p) => p.me === winner.member) &&
      winner.ranking.length === 1 &&
      town.members > 2
    );
  }).length;
};

const doubleBlock: Scenario = {
  name: "double-block",
  attack: "As many members as the votes tolerate sign two blocks for one step and show one to each half of the others.",
  liars: liarsAllowed,
  least: 4,
  prepare: ({ town, puppets, count }) => {
    for (const puppet of puppets) {
      const twins = new Map<string, Block | null>();
      puppet.alterItem = (to, item) => {
        const block = ownBlockIn(puppet, item);
        if (block === undefined || to % 2 === 0) return [item];
        const hash = hashOf(block.header);
        if (!twins.has(hash)) {
          const twin = twinOf(puppet, town.core(puppet.me).chain, block) ?? null;
          if (twin !== null) count("pairs");
          if (twin !== null) count(`by ${puppet.me}`);
          twins.set(hash, twin);
        }
        const twin = twins.get(hash);
        return twin ? [blockItem(twin)] : [item];
      };
    }
  },
  play: (stage) => stepByStep(stage, () => {}),
  tell: (stage, f) =>
    `They signed ${plural(stage.counted("pairs"), "pair")} of blocks; ${plural(f.evidence, "piece")} of evidence took ${f.confiscatedMwh} mWh of their fees, and ${f.barred.length} of ${stage.puppets.length} were barred. No two of the pairs are both final anywhere.`,
  expect: (stage, f) => [
    everyStep(stage.plan, f),
    nobodyHonestBarred(stage, f),
    caught(stage, f, stage.counted("pairs")),
  ],
};

const doubleVote: Scenario = {
  name: "double-vote",
  attack: "As many members as the votes tolerate give two different votes of a kind in every round, one to each half.",
  liars: liarsAllowed,
  least: 4,
  prepare: ({ town, puppets, count }) => {
    for (const puppet of puppets) {
      puppet.alterItem = (to, item) => {
        if (item.kind !== "vote" || item.vote.member !== puppet.me || to % 2 === 0) return [item];
        const { tree } = town.core(puppet.me).chain;
        const target = tree.get(item.vote.block);
        const parent = target && tree.parentOf(target);
        const rivals = parent ? [...parent.children].filter((hash) => hash !== target.hash) : [];
        const other = rivals[0] === undefined ? parent : tree.get(rivals[0]);
        if (other === undefined) return [item];
        count("pairs");
        count(`by ${puppet.me}`);
        const { set, round, kind } = item.vote;
        const vote = voteFor(puppet, { set, round, kind, step: other.header.step, block: other.hash });
        return [{ kind: "vote", vote }];
      };
    }
  },
  play: (stage) => stepByStep(stage, () => {}),
  tell: (stage, f) =>
    `They sent ${plural(stage.counted("pairs"), "second vote")}; ${plural(f.evidence, "piece")} of evidence stand on the chain and ${f.barred.length} of ${stage.puppets.length} were barred. ${percent(f.finalWithinTwoSteps, stage.plan.steps)} of the blocks were final within two steps, no two in conflict.`,
  expect: (stage, f) => [
    everyStep(stage.plan, f),
    nobodyHonestBarred(stage, f),
    caught(stage, f, stage.counted("pairs")),
  ],
};

/** Two or more who want the next miner to be one of theirs; the current miner among them leaves out who ranks before. */
const grinding: Scenario = {
  name: "grinding",
  attack: "Whenever one of a coalition is current miner, it leaves out the candidates who rank before its friends.",
  liars: (plan: Plan) => Math.max(2, liarsAllowed(plan)),
  // Two liars are more than five allow for: with a quorum of four they would hold up finality by keeping silent.
  least: 7,
  play: (stage) =>
    atClosures(stage, (puppet, step) => {
      const own = stage.town.core(puppet.me);
      const core = puppet.core(own.chain, own);
      const friends = new Set<number>(stage.puppets.map((p) => p.me));
      let first = 0;
      const winner = winnerOf(puppet, core, step, (all) => {
        first = all.findIndex((m) => friends.has(m));
        return first < 0 ? [] : all.slice(first);
      });
      stage.count("turns");
      if (first === 0) stage.count("lucky turns");
      // Where its friend is first anyway, it need not lie.
      if (winner === undefined || first === 0) return undefined;
      stage.count("left out", first);
      return winner;
    }),
  tell: (stage, f) => {
    const [turns, lucky, lies] = ["turns", "lucky turns", "lies"].map((k) => stage.counted(k)) as [
      number,
      number,
      number,
    ];
    return `In ${lucky} of ${turns} turns a friend ranked first by luck; in ${lies} it left out ${stage.counted("left out")} candidates, and ${gained(stage)} of those steps were won by it. The coalition made ${percent(blocksOfLiars(stage, f), stage.plan.steps)} of the blocks with ${percent(stage.puppets.length, stage.plan.members)} of the members.`;
  },
  expect: (stage, f) => [
    everyStep(stage.plan, f),
    nobodyHonestBarred(stage, f),
    { says: "leaving out candidates never gained a block", ok: gained(stage) === 0 },
  ],
};
/** Blocks on the chain of which the auction leaves out candidates for the coalition's good. */
const gained = ({ town, puppets, plan, counted }: Stage): number => {
  if (counted("lies") === 0) return 0;
  const friends = new Set<number>(puppets.map((p) => p.me));
  return town.blocks().filter(({ header, txs }) => {
    const winner = txs.find((tx) => tx.body.kind === "winner")?.body;
    if (header.step > plan.steps || winner?.kind !== "winner" || !friends.has(winner.member)) return false;
    return (
      winner.ranking.length <
        town.members - town.best.chain.state.scan("member").filter(([, r]) => r.barred !== null).length &&
      friends.has(header.miner) &&
      header.rank === 0
    );
  }).length;
};

export const LIARS: readonly Scenario[] = [silentWinner, lyingWinner, doubleBlock, doubleVote, grinding];
