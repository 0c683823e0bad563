/** A coalition that tries to choose the next miner (§IV.C, grinding; PROTOCOL.md §6, §7.4). */
import type { Hash, MemberIndex, StepIndex } from "../../base/units.ts";
import { gateClosure } from "../../community/market-step.ts";
import { atClosures, lostApprovals, passedOver } from "./closures.ts";
import { winnerOf } from "./forge.ts";
import { blocksOfLiars, nobodyHonestBarred } from "./liars.ts";
import { everyStep, liarsAllowed, percent, plural, type Plan, type Scenario, type Stage } from "./scenario.ts";

/** By parent and step, each auction that left somebody out, and whether most members had heard one of these in time. */
type Lies = Map<string, boolean>;
const told = new WeakMap<Stage, Lies>();
const liesIn = (stage: Stage): Lies => {
  const lies = told.get(stage) ?? new Map<string, boolean>();
  told.set(stage, lies);
  return lies;
};
const friendsIn = ({ puppets }: Stage): ReadonlySet<number> => new Set(puppets.map((p) => p.me));
const nameOf = (parent: Hash, step: StepIndex): string => `${parent}/${step}`;

/** Who came within the margin before the closure, any auction may leave out: nobody can prove that it was heard. */
const wereSeen = ({ town }: Stage, left: readonly MemberIndex[], parent: Hash, step: StepIndex): boolean => {
  const due = gateClosure(town.contract, step) - town.contract.candidacyMarginMs;
  const honest = town.honestOnes.filter((i) => town.isUp(i)).map((i) => town.core(i).pool.candidacies(parent, step));
  const seenBy = (m: MemberIndex): number =>
    honest.filter((held) => held.some(({ body, heard }) => body.member === m && heard <= due)).length;
  return left.some((m) => seenBy(m) * 2 > town.members);
};

/** Of the blocks on the chain, those that such an auction gave to one of the coalition. */
const gained = (stage: Stage): { readonly seen: number; readonly late: number } => {
  const lies = liesIn(stage);
  const friends = friendsIn(stage);
  const won = stage.town
    .blocks()
    .filter(({ header: { rank, miner, step } }) => rank === 0 && friends.has(miner) && step <= stage.plan.steps)
    .flatMap(({ header: { parent, step } }) => lies.get(nameOf(parent, step)) ?? []);
  const seen = won.filter((most) => most).length;
  return { seen, late: won.length - seen };
};

/** Two or more who want the next miner to be one of theirs; the current miner among them leaves out who ranks before. */
export const grinding: Scenario = {
  name: "grinding",
  attack:
    "Whenever one of a coalition is current miner (made the last block and closes the next auction), it leaves out the candidates who rank before its friends.",
  liars: (plan: Plan) => Math.max(2, liarsAllowed(plan)),
  // Two liars are more than five allow for: with a quorum of four they would hold up finality by keeping silent.
  least: 7,
  attacks: ["lies"],
  play: (stage) =>
    atClosures(stage, {
      winner: (puppet, core, step) => {
        const friends = friendsIn(stage);
        let left: readonly MemberIndex[] = [];
        const winner = winnerOf(puppet, core, step, (all) => {
          const first = all.findIndex((m) => friends.has(m));
          left = all.slice(0, Math.max(0, first));
          return first < 0 ? [] : all.slice(first);
        });
        stage.count("turns");
        if (winner !== undefined && left.length === 0) stage.count("lucky turns");
        // Where its friend is first anyway, it need not lie.
        if (winner?.body.kind !== "winner" || left.length === 0) return undefined;
        stage.count("left out", left.length);
        const { parent } = winner.body;
        liesIn(stage).set(nameOf(parent, step), wereSeen(stage, left, parent, step));
        return winner;
      },
    }),
  tell: (stage, f) => {
    const [turns, lucky, lies] = ["turns", "lucky turns", "lies"].map((k) => stage.counted(k)) as [
      number,
      number,
      number,
    ];
    const { seen, late } = gained(stage);
    return `In ${lucky} of ${turns} turns a friend ranked first by luck; in ${lies} it left out ${plural(stage.counted("left out"), "candidate")}, and ${seen} of those steps were won by it, besides ${late} where those left out had come within the margin before the closure: ${passedOver(f)}. The coalition made ${percent(blocksOfLiars(stage, f), stage.plan.steps)} of the blocks with ${percent(stage.puppets.length, stage.plan.members)} of the members.`;
  },
  expect: (stage, f) => [
    everyStep(stage.plan, f),
    nobodyHonestBarred(stage, f),
    {
      says: "leaving out candidates whom most had heard by the margin never gained a block",
      ok: gained(stage).seen === 0,
    },
    lostApprovals(stage, f),
  ],
};
