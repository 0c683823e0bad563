/** What thieves sign that must never stand on a chain: said to everybody and put into their own blocks; and who looks for it. */
import type { TxId } from "../../base/units.ts";
import { idOf, type Body, type Tx } from "../../ledger/transaction.ts";
import type { Item } from "../../node/messages.ts";
import { blockWith } from "./forge.ts";
import { blockItem, ownBlockIn } from "./liars.ts";
import { itemsMessage, type AlterItem, type Puppet } from "./puppet.ts";
import { plural, type Expectation, type Stage } from "./scenario.ts";

/** Ids of everything that must never stand on a chain. */
const forgeries = new WeakMap<Stage, Set<TxId>>();
export const forged = (stage: Stage, body: Body, community: never): void => {
  const set = forgeries.get(stage) ?? new Set<TxId>();
  forgeries.set(stage, set.add(idOf(body, community)));
};
export const onChain = (stage: Stage): number => {
  const set = forgeries.get(stage) ?? new Set<TxId>();
  const { town, puppets } = stage;
  const community = puppets[0]?.community;
  if (community === undefined) return 0;
  return town.blocks().reduce((n, block) => n + block.txs.filter((tx) => set.has(idOf(tx.body, community))).length, 0);
};
export const noneStands = (stage: Stage): Expectation => ({
  says: `none of ${plural(forgeries.get(stage)?.size ?? 0, "forgery", "forgeries")} stands on the chain`,
  ok: onChain(stage) === 0,
});
/** What was tried, said to everybody and, when the liar has a turn, put into its own block. */
export const smuggle = (stage: Stage, puppet: Puppet, contraband: () => readonly Tx[], more?: AlterItem): void => {
  const made = new Map<string, Item>();
  puppet.alterItem = (to, item) => {
    const block = ownBlockIn(puppet, item);
    if (block === undefined) return more?.(to, item) ?? [item];
    const name = block.header.stateRoot;
    const known = made.get(name);
    if (known !== undefined) return [known];
    const add = contraband();
    if (add.length === 0) return [item];
    stage.count("false blocks");
    const kinds = new Set(add.map((tx) => tx.body.kind));
    const fake = blockItem(
      blockWith(puppet, stage.town.core(puppet.me).chain, block, (txs) => [
        ...txs.filter(
          ({ body }) =>
            !kinds.has(body.kind) ||
            !(body.kind === "distribution" || (body.kind === "candidacy" && body.member === puppet.me)),
        ),
        ...add,
      ]),
    );
    made.set(name, fake);
    return [fake];
  };
};
/** Says it to all who are linked; a forgery that nobody hears is none. */
export const say = (stage: Stage, puppet: Puppet, tx: Tx): boolean => {
  if (puppet.say(itemsMessage({ kind: "tx", tx })) === 0) return false;
  forged(stage, tx.body, puppet.community as never);
  stage.count("forgeries");
  return true;
};
export const liarOf = (stage: Stage): Puppet => {
  const [puppet] = stage.puppets;
  if (puppet === undefined) throw new Error("the scenario has a liar");
  return puppet;
};
