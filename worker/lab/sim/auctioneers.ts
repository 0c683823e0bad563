/** Scenarios of members who abuse their turn: false rankings, candidates and ticks left out (§IV.C; PROTOCOL.md §6, §7.4). */
import type { MemberIndex } from "../../base/units.ts";
import { hashOf } from "../../consensus/block.ts";
import { atClosures, lieOnChain, lostApprovals, passedOver } from "./closures.ts";
import { lightOf, winnerOf } from "./forge.ts";
import { grinding } from "./grinding.ts";
import { blockItem, nobodyHonestBarred } from "./liars.ts";
import { itemsMessage } from "./puppet.ts";
import { everyStep, oneLiar, plural, type Scenario, type Stage } from "./scenario.ts";

const lyingWinner: Scenario = {
  name: "lying-winner",
  attack:
    "A current miner (who made the last block and closes the next auction) publishes a false ranking, or leaves out every candidate but those it likes.",
  liars: oneLiar,
  least: 4,
  attacks: ["lies"],
  play: (stage) =>
    atClosures(stage, {
      winner: (puppet, core, step) => {
        const falseRanking = stage.rng.happens(500_000);
        const first = (list: readonly MemberIndex[]): MemberIndex[] => [
          ...list.filter((m) => m === puppet.me),
          ...list.filter((m) => m !== puppet.me).reverse(),
        ];
        return falseRanking
          ? winnerOf(puppet, core, step, (all) => all, first)
          : winnerOf(puppet, core, step, (all) => (all.includes(puppet.me) ? [puppet.me] : all.slice(-1)));
      },
    }),
  tell: (stage, f) =>
    `It published ${plural(stage.counted("lies"), "false ranking or a ranking", "rankings, false ones or some")} that left candidates out, and made ${plural(stage.counted("blocks on the lie"), "block")} on them; ${lieOnChain(stage)} of these rankings stand on the chain. ${f.stepsWithBlock} of ${stage.plan.steps} steps have their block.`,
  expect: (stage, f) => [
    everyStep(stage.plan, f),
    nobodyHonestBarred(stage, f),
    { says: "no false or incomplete ranking stands on the chain", ok: lieOnChain(stage) === 0 },
  ],
};
/** Never a tick or a candidate that it was told of, if it can help it. */
const censorship: Scenario = {
  name: "censorship",
  attack:
    "A member leaves out of its auctions all candidates but itself, and out of its blocks every tick of any roof.",
  liars: oneLiar,
  least: 4,
  attacks: ["lies", "light blocks"],
  play: (stage) =>
    atClosures(stage, {
      winner: (puppet, core, step) => {
        const only = winnerOf(puppet, core, step, (all) => all.filter((m) => m === puppet.me));
        if (only !== undefined) stage.count("auctions");
        return only;
      },
      block: (puppet, block) => {
        const light = lightOf(puppet, stage.town.core(puppet.me).chain, block);
        if (light === undefined) return undefined;
        lightOnes(stage).add(hashOf(light.header));
        stage.count("light blocks");
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
