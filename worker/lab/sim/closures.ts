/** What members do who abuse their turn as current miner: a false auction, and a block on it, in time (PROTOCOL.md §6, §7.4). */
import type { StepIndex } from "../../base/units.ts";
import { gateClosure, publishTime } from "../../community/market-step.ts";
import { hashOf, type Block } from "../../consensus/block.ts";
import { idOf, type Tx } from "../../ledger/transaction.ts";
import type { Core } from "../../node/core.ts";
import { encodeItem, itemIdOf } from "../../node/messages.ts";
import { auctionOf, ownBlock } from "./forge.ts";
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
