/** Scenarios of members who break the rules of blocks, auctions and votes (§IV.C; PROTOCOL.md §6, §7). */
import { decodeBlock, encodeBlock, hashOf, type Block } from "../../consensus/block.ts";
import type { Item } from "../../node/messages.ts";
import { twinOf, voteFor } from "./forge.ts";
import type { AlterMessage, Puppet } from "./puppet.ts";
import {
  everyStep,
  liarsAllowed,
  oneLiar,
  percent,
  plural,
  stepByStep,
  wattHours,
  type Expectation,
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
export const blocksOfLiars = (stage: Stage, figures: RunFigures): number =>
  stage.puppets.reduce((sum, p) => sum + (figures.blocksByMember[p.me] ?? 0), 0);

/** Nor does it serve such a block of its own to those who catch up. */
export const notServing =
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
  attacks: ["withheld"],
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
    `It kept back ${plural(counted("withheld"), "block")}; whoever came next in the auction, or a stand-in (whose turn it is when no candidate comes), closed those steps: ${f.stepsWithBlock} of ${plan.steps} have their block. It has ${plural(f.strikes[puppets[0]?.me ?? 0] ?? 0, "strike")}${f.barred.length > 0 ? " and was barred" : ""}.`,
  expect: (stage, f) => [
    everyStep(stage.plan, f),
    nobodyHonestBarred(stage, f),
    {
      says: `silence bars after ${stage.town.contract.strikes} missed blocks`,
      ok: stage.counted("withheld") <= stage.town.contract.strikes + 1 || f.barred.length > 0,
    },
  ],
};

const doubleBlock: Scenario = {
  name: "double-block",
  attack: "As many members as the votes tolerate sign two blocks for one step and show one to each half of the others.",
  liars: liarsAllowed,
  least: 4,
  attacks: ["pairs"],
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
    `They signed ${plural(stage.counted("pairs"), "pair")} of blocks; ${plural(f.evidence, "piece")} of evidence took ${wattHours(f.confiscatedMwh)} of their fees, and ${f.barred.length} of ${stage.puppets.length} were barred.`,
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
  attacks: ["pairs"],
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
    `They sent ${plural(stage.counted("pairs"), "second vote")}; ${plural(f.evidence, "piece")} of evidence stand on the chain and ${f.barred.length} of ${stage.puppets.length} were barred. ${percent(f.finalWithinTwoSteps, stage.plan.steps)} of the blocks were final within two steps.`,
  expect: (stage, f) => [
    everyStep(stage.plan, f),
    nobodyHonestBarred(stage, f),
    caught(stage, f, stage.counted("pairs")),
  ],
};

export const LIARS: readonly Scenario[] = [silentWinner, doubleBlock, doubleVote];
