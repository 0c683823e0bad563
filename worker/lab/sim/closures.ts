/** What members do who abuse their turn as current miner: a false auction, and a block on it, in time (PROTOCOL.md §6, §7.4). */
import type { StepIndex, TxId } from "../../base/units.ts";
import { gateClosure, publishTime } from "../../community/market-step.ts";
import { hashOf, type Block } from "../../consensus/block.ts";
import { idOf, type Tx } from "../../ledger/transaction.ts";
import type { Core } from "../../node/core.ts";
import { encodeItem, itemIdOf } from "../../node/messages.ts";
import { auctionOf, blockWith, ownBlock, winnerOf } from "./forge.ts";
import { blockItem, notServing, ownBlockIn } from "./liars.ts";
import { itemsMessage, type Puppet } from "./puppet.ts";
import { plural, stepByStep, type Expectation, type RunFigures, type Stage } from "./scenario.ts";

/** What honest nodes made of it, in words. */
export const passedOver = ({ passedOver: { forCandidates, forTicks, approvalsWithheld } }: RunFigures): string =>
  `honest nodes passed over ${plural(forCandidates, "block")} for candidates left out and ${forTicks} for ticks, and withheld ${plural(approvalsWithheld, "approval")}`;
/** Of each block on a false auction that came in time, all honest nodes that were told withhold their approval. */
export const lostApprovals = ({ counted }: Stage, f: RunFigures): Expectation => ({
  says: `such blocks lost approvals (${f.passedOver.forCandidates} of ${counted("blocks on the lie")}, ${f.passedOver.approvalsWithheld} approvals)`,
  ok: counted("blocks on the lie") < 4 || f.passedOver.forCandidates * 2 >= counted("blocks on the lie"),
});

/** Ids of the winners that were no honest result of their auctions. */
const falseWinners = new WeakMap<Stage, Set<TxId>>();
/** Of these, how many stand on the best chain; those of the steps of peace too. */
export const lieOnChain = (stage: Stage): number => {
  const ids = falseWinners.get(stage) ?? new Set<TxId>();
  const { town, puppets } = stage;
  const community = puppets[0]?.community;
  if (community === undefined) return 0;
  return town
    .blocks()
    .filter(({ txs }) => txs.some((tx) => tx.body.kind === "winner" && ids.has(idOf(tx.body, community)))).length;
};
/**
 * A block on that winner at the rank that it gives the liar, with whatever else an honest block of its own would have: a
 * true one only where the rules let the winner pass.
 */
const blockOnLie = (puppet: Puppet, core: Core, winner: Tx, candidacies: readonly Tx[]): Block | undefined => {
  const { body } = winner;
  if (body.kind !== "winner") return undefined;
  const honest = ownBlock(puppet, core, body.step);
  const rank = body.ranking.indexOf(puppet.me);
  if (honest === undefined || rank < 0) return honest;
  const based = { ...honest, header: { ...honest.header, rank } };
  return blockWith(puppet, core.chain, based, (txs) => [
    ...txs.filter((tx) => !["candidacy", "winner", "refund"].includes(tx.body.kind)),
    ...candidacies,
    winner,
  ]);
};

/** What its node would say of the same auction: a liar that comes to the same has not lied. */
const idOfHonest = (puppet: Puppet, honest: Core, step: StepIndex): TxId | undefined => {
  const winner = winnerOf(puppet, puppet.core(honest.chain, honest), step, (all) => all);
  return winner && idOf(winner.body, puppet.community);
};

type Lies = {
  /** What it publishes as the auction's result, where it does not tell the truth; `core` is its node's, to forge with. */
  readonly winner: (puppet: Puppet, core: Core, step: StepIndex) => Tx | undefined;
  /** What it publishes in its node's own block's stead. */
  readonly block?: (puppet: Puppet, block: Block) => Block | undefined;
};
/** At the closure of every auction of which a puppet is current miner. */
export const atClosures = async (stage: Stage, tell: Lies): Promise<void> => {
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
      const honest = town.core(puppet.me);
      const winner = tell.winner(puppet, puppet.core(honest.chain, honest), step);
      if (winner?.body.kind !== "winner") continue;
      const { parent } = winner.body;
      if (idOf(winner.body, puppet.community) === idOfHonest(puppet, honest, step)) continue;
      count("lies");
      falseWinners.set(stage, (falseWinners.get(stage) ?? new Set()).add(idOf(winner.body, puppet.community)));
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
        const block = blockOnLie(puppet, core, winner, auction.candidacies);
        if (block === undefined) return;
        stage.count("blocks on the lie");
        puppet.say(itemsMessage(blockItem(block)));
      });
    }
  });
};
