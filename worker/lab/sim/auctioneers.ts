/** Scenarios of members who abuse their turn: false rankings, candidates and ticks left out (§IV.C; PROTOCOL.md §6, §7.4). */
import type { MemberIndex, StepIndex } from "../../base/units.ts";
import { gateClosure, publishTime } from "../../community/market-step.ts";
import { hashOf, type Block } from "../../consensus/block.ts";
import { idOf, type Tx } from "../../ledger/transaction.ts";
import { encodeItem, itemIdOf } from "../../node/messages.ts";
import { auctionOf, lightOf, ownBlock, winnerOf } from "./forge.ts";
import { blockItem, blocksOfLiars, nobodyHonestBarred, notServing, ownBlockIn } from "./liars.ts";
import { itemsMessage, type Puppet } from "./puppet.ts";
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

const passedOver = ({ passedOver: { forCandidates, forTicks, approvalsWithheld } }: RunFigures): string =>
  `honest nodes passed over ${plural(forCandidates, "block")} for candidates left out and ${forTicks} for ticks, and withheld ${plural(approvalsWithheld, "approval")}`;
/** Of each block on a false auction that came in time, all honest nodes that were told withhold their approval. */
const lostApprovals = ({ counted }: Stage, f: RunFigures): Expectation => ({
  says: `such blocks lost approvals (${f.passedOver.forCandidates} of ${counted("blocks on the lie")}, ${f.passedOver.approvalsWithheld} approvals)`,
  ok: counted("blocks on the lie") < 4 || f.passedOver.forCandidates * 2 >= counted("blocks on the lie"),
});

type Lies = {
  /** What it publishes as the auction's result, where it does not tell the truth. */
  readonly winner: (puppet: Puppet, step: StepIndex) => Tx | undefined;
  /** What it publishes in its node's own block's stead. */
  readonly block?: (puppet: Puppet, block: Block) => Block | undefined;
};
/** At the closure of every auction of which a puppet is current miner. */
const atClosures = async (stage: Stage, tell: Lies): Promise<void> => {
  const { town, puppets, count } = stage;
  const lies = new Map<string, string>();
  // Its node's honest block of the same step stays at home: two blocks would give it away.
  const kept = ({ header }: Block): boolean => lies.has(`${header.parent}/${header.step}`);
  const instead = new Map<string, Block | undefined>();
  const other = (puppet: Puppet, block: Block): Block | undefined => {
    const hash = hashOf(block.header);
    if (!instead.has(hash)) instead.set(hash, tell.block?.(puppet, block));
    return instead.get(hash);
  };
  for (const puppet of puppets) {
    puppet.alterItem = (_, item) => {
      // What its own node says honestly of the same auction is kept back.
      const winner = item.kind === "auction" ? item.winner.body : undefined;
      if (winner?.kind === "winner" && winner.member === puppet.me) {
        const lie = lies.get(`${winner.parent}/${winner.step}`);
        return lie === undefined || lie === idOf(winner, puppet.community) ? [item] : [];
      }
      const block = ownBlockIn(puppet, item);
      if (block === undefined) return [item];
      const said = kept(block) ? undefined : other(puppet, block);
      return kept(block) ? [] : [said === undefined ? item : blockItem(said)];
    };
    puppet.alterMessage = notServing(puppet, (block) => kept(block) || other(puppet, block) !== undefined);
  }
  await stepByStep(stage, async (at) => {
    const step = at as StepIndex;
    const { contract } = town;
    await town.to(gateClosure(contract, step) + 400);
    for (const puppet of puppets) {
      if (!town.isUp(puppet.me) || town.core(puppet.me).chain.currentMiner !== puppet.me) continue;
      const winner = tell.winner(puppet, step);
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
    atClosures(stage, {
      winner: (puppet, step) => {
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
      },
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

/** Two or more who want the next miner to be one of theirs; the current miner among them leaves out who ranks before. */
const grinding: Scenario = {
  name: "grinding",
  attack: "Whenever one of a coalition is current miner, it leaves out the candidates who rank before its friends.",
  liars: (plan: Plan) => Math.max(2, liarsAllowed(plan)),
  // Two liars are more than five allow for: with a quorum of four they would hold up finality by keeping silent.
  least: 7,
  play: (stage) =>
    atClosures(stage, {
      winner: (puppet, step) => {
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
      },
    }),
  tell: (stage, f) => {
    const [turns, lucky, lies] = ["turns", "lucky turns", "lies"].map((k) => stage.counted(k)) as [
      number,
      number,
      number,
    ];
    return `In ${lucky} of ${turns} turns a friend ranked first by luck; in ${lies} it left out ${stage.counted("left out")} candidates, and ${gained(stage)} of those steps were won by it: ${passedOver(f)}. The coalition made ${percent(blocksOfLiars(stage, f), stage.plan.steps)} of the blocks with ${percent(stage.puppets.length, stage.plan.members)} of the members.`;
  },
  expect: (stage, f) => [
    everyStep(stage.plan, f),
    nobodyHonestBarred(stage, f),
    { says: "leaving out candidates never gained a block", ok: gained(stage) === 0 },
    lostApprovals(stage, f),
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

/** Never a tick or a candidate that it was told of, if it can help it. */
const censorship: Scenario = {
  name: "censorship",
  attack:
    "A member leaves out of its auctions all candidates but itself, and out of its blocks every tick of any roof.",
  liars: oneLiar,
  least: 4,
  play: (stage) =>
    atClosures(stage, {
      winner: (puppet, step) => {
        const own = stage.town.core(puppet.me);
        const only = winnerOf(puppet, puppet.core(own.chain, own), step, (all) => all.filter((m) => m === puppet.me));
        if (only !== undefined) stage.count("auctions");
        return only;
      },
      block: (puppet, block) => {
        const light = lightOf(puppet, stage.town.core(puppet.me).chain, block);
        if (light === undefined) return undefined;
        lightOnes(stage).add(hashOf(light.header));
        // Its own node goes on from what the others have.
        stage.town.time.at(stage.town.time.now + 1, () => puppet.whisper(itemsMessage(blockItem(light))));
        return light;
      },
    }),
  tell: (stage, f) => {
    const me = stage.puppets[0]?.me ?? 0;
    const { on, latest } = energyOf(stage);
    return `In ${plural(stage.counted("auctions"), "auction")} it named nobody but itself, and it made ${plural(lightOnes(stage).size, "block")} without energy: ${passedOver(f)}, ${on} blocks without energy stand, which left out only what came within the margin before them. The next in rank delivered: ${f.stepsWithBlock} of ${stage.plan.steps} steps have their block, every roof's energy was booked at most ${plural(latest, "step")} later. It has ${plural(f.strikes[me] ?? 0, "strike")}${f.barred.includes(me) ? " and was barred" : ""}.`;
  },
  expect: (stage, f) => {
    const { latest } = energyOf(stage);
    return [
      everyStep(stage.plan, f),
      nobodyHonestBarred(stage, f),
      { says: "no auction that leaves out candidates stands on the chain", ok: lieOnChain(stage) === 0 },
      lostApprovals(stage, f),
      { says: `no energy of an honest roof waited for more than two steps (${latest})`, ok: latest <= 2 },
    ];
  },
};
const light = new WeakMap<Stage, Set<string>>();
const lightOnes = (stage: Stage): Set<string> => {
  const set = light.get(stage) ?? new Set<string>();
  light.set(stage, set);
  return set;
};
/** Blocks without energy on the chain, and how many steps after its own honest energy was booked, at most. */
const energyOf = (stage: Stage): { on: number; latest: number } => {
  const { town, plan, puppets } = stage;
  const blocks = town.blocks();
  const honest = town.roofs.flatMap((owner, g) => (puppets.some((p) => p.me === owner) ? [] : [g]));
  const booked = new Map<string, number>();
  for (const { header, txs } of blocks)
    for (const { body } of txs)
      if (body.kind === "generation" && honest.includes(body.generator))
        booked.set(`${body.generator}/${body.step}`, header.step - body.step);
  const steps = Array.from({ length: plan.steps - 1 }, (_, n) => n + 1);
  const waits = honest.flatMap((g) => steps.map((step) => booked.get(`${g}/${step}`) ?? Infinity));
  const on = blocks.filter((b) => lightOnes(stage).has(hashOf(b.header))).length;
  return { on, latest: Math.max(0, ...waits) };
};

export const AUCTIONEERS: readonly Scenario[] = [lyingWinner, grinding, censorship];
