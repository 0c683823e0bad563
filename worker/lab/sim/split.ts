/**
 * Liars and a network in two at once, the case that finality is made for (PROTOCOL.md §7): the halves hear nothing of each
 * other, and of every liar each half hears a truth of its own.
 */
import type { MemberIndex, StepIndex } from "../../base/units.ts";
import { publishTime } from "../../community/market-step.ts";
import type { Target } from "../../consensus/vote.ts";
import type { Item, Message } from "../../node/messages.ts";
import { ownBlock, voteFor } from "./forge.ts";
import { blockItem, isLiar, nobodyHonestBarred } from "./liars.ts";
import { itemsMessage, type Puppet } from "./puppet.ts";
import { everyStepOnce, liarsAllowed, plural, stepByStep, type Scenario, type Stage } from "./scenario.ts";

/** Steps for which the halves stay as they are; then others, across the first. */
const STEPS_APART = 4;
/** Of all steps, those that are played apart, in per cent; then the network heals. */
const APART = 70;
/** How often the liars look at what each half would like to hear. */
const LOOK_MS = 500;

/** What would tell one half of the other. */
const TELLING = new Set<Message["kind"]>([
  "status",
  "have",
  "blocks",
  "manifest",
  "chunk",
  "history",
  "range",
  "hops",
  "rows",
]);

/** Whether it is of its own making and harmless: its reading, its candidacy. */
const isOwn = (stage: Stage, { me }: Puppet, item: Item): boolean =>
  (item.kind === "tick" && stage.town.roofs[item.generation.signer] === me) ||
  (item.kind === "tx" && item.tx.body.kind === "candidacy" && item.tx.body.member === me);

/** What each liar has signed: by member, set, round and kind, or by member and step, all that was different. */
class Doubles {
  readonly #said = new Map<string, Set<string>>();
  readonly #stage: Stage;
  constructor(stage: Stage) {
    this.#stage = stage;
  }
  /** True once for everything that is new under `of`. */
  isNew(of: string, what: string, counter: string): boolean {
    const said = this.#said.get(of) ?? new Set();
    this.#said.set(of, said);
    if (said.has(what)) return false;
    said.add(what);
    if (said.size === 2) this.#stage.count(counter);
    return true;
  }
}

/** Signs with everything that the honest of this half vote for, one vote of each kind and round for each half. */
const voteWith = (stage: Stage, side: readonly number[], name: string, doubles: Doubles, given: Set<string>): void => {
  const { town, puppets } = stage;
  for (const i of side.filter((m) => town.isUp(m)))
    for (const { target, votes } of town.core(i).pool.voteGroups()) {
      if (![...votes.keys()].some((m) => side.includes(m))) continue;
      const { set, round, kind, step, block }: Target = target;
      for (const puppet of puppets) {
        const of = `${puppet.me}/${set}/${round}/${kind}`;
        if (given.has(`${name}/${of}`)) continue;
        given.add(`${name}/${of}`);
        doubles.isNew(of, block, "second votes");
        const vote = voteFor(puppet, { set, round, kind, step, block });
        for (const to of side) puppet.say(itemsMessage({ kind: "vote", vote }), to);
      }
    }
};
/** A true block of each liar for this half, on what this half has. */
const mineFor = (stage: Stage, side: readonly number[], step: StepIndex, doubles: Doubles): void => {
  const { town, puppets } = stage;
  const [first] = side.filter((m) => town.isUp(m));
  if (first === undefined) return;
  const { chain } = town.core(first);
  if (chain.head.header.step >= step) return;
  for (const puppet of puppets) {
    const block = ownBlock(puppet, puppet.core(chain, town.core(first)), step);
    if (block === undefined) continue;
    town.time.at(publishTime(town.contract, step, block.header.rank), () => {
      doubles.isNew(`${puppet.me}/${step}`, block.header.txRoot + block.header.parent, "second blocks");
      for (const to of side) puppet.say(itemsMessage(blockItem(block)), to);
    });
  }
};

const crossing: Scenario = {
  name: "split",
  attack:
    "The network falls in two, in other halves every few steps; as many members as the votes tolerate hear both, sign with each half what it votes for, and make a block for each.",
  liars: liarsAllowed,
  least: 4,
  attacks: ["second votes"],
  play: async (stage) => {
    const { town, plan, rng, puppets } = stage;
    let apart = false;
    for (const puppet of puppets) {
      puppet.alterItem = (_, item) => (!apart || isOwn(stage, puppet, item) ? [item] : []);
      puppet.alterMessage = (_, message) => (apart && TELLING.has(message.kind) ? null : message);
    }
    const doubles = new Doubles(stage);
    const last = Math.max(2, Math.floor((plan.steps * APART) / 100));
    let sides: (readonly number[])[] = [];
    const cut = (on: boolean): void => {
      const [left, right] = sides;
      if (left !== undefined && right !== undefined) town.part(left, right, on);
    };
    let given = new Set<string>();
    await stepByStep(stage, async (n) => {
      if (n > last) {
        if (apart) cut(false);
        apart = false;
        return;
      }
      if (n < 2) return;
      if ((n - 2) % STEPS_APART === 0) {
        cut(false);
        const order = rng.shuffled(town.honestOnes);
        const half = Math.ceil(order.length / 2);
        sides = [order.slice(0, half), order.slice(half)];
        cut(true);
        apart = true;
        given = new Set();
        stage.count("times in two");
      }
      for (let ms = LOOK_MS; ms < town.contract.stepMs; ms += LOOK_MS) {
        await town.to(town.end(n - 1) + ms);
        for (const [side, members] of sides.entries()) {
          if (ms === 2 * LOOK_MS) mineFor(stage, members, (n - 1) as StepIndex, doubles);
          voteWith(stage, members, String(side), doubles, given);
        }
      }
    });
  },
  tell: (stage, f) => {
    const { counted, puppets } = stage;
    return `${plural(counted("times in two"), "time")} the network was in two; the liars signed ${plural(counted("second votes"), "second vote")} and ${plural(counted("second blocks"), "second block")}, and ${f.barred.filter((m) => isLiar(stage, m as MemberIndex)).length} of ${puppets.length} were barred. ${f.blocksReplaced} times a node replaced a block; ${f.finalBlocks} of ${stage.plan.steps} steps have a final one.`;
  },
  expect: (stage, f) => [everyStepOnce(stage), nobodyHonestBarred(stage, f)],
};

export const SPLITS: readonly Scenario[] = [crossing];
