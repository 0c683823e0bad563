/** Scenarios of many tokens and many messages: who saves up for power, and who floods (§IV.C, T IV; PROTOCOL.md §5.3, §8). */
import { encodeMessage, type Item } from "../../node/messages.ts";
import { nobodyHonestBarred } from "./liars.ts";
import { itemsMessage } from "./puppet.ts";
import {
  everyStep,
  luckyShare,
  oneLiar,
  percent,
  plural,
  stepByStep,
  type RunFigures,
  type Scenario,
  type Stage,
} from "./scenario.ts";
import { liarOf } from "./contraband.ts";

/** A third of the members: how many of them made blocks, and what they held of all tokens, on average. */
const coalitionOf = ({ plan, counted }: Stage, f: RunFigures): { size: number; made: number; wealth: string } => {
  const size = Math.max(1, Math.floor(plan.members / 3));
  const made = f.blocksByMember.slice(0, size).reduce((a, b) => a + b, 0);
  return { size, made, wealth: percent(counted("tokens of the coalition"), counted("tokens")) };
};
const hoarding: Scenario = {
  name: "hoarding",
  attack:
    "A coalition of a third of the members saves its voting tokens as long as it may, to win the auctions that it wants.",
  attacks: ["tokens of the coalition"],
  play: async (stage) => {
    const { town, plan, count } = stage;
    const coalition = Math.max(1, Math.floor(plan.members / 3));
    for (let i = 0; i < coalition; i++)
      // Its answer comes when the disk has it, in virtual time: not waited for.
      void town.lab.node(i).runner.order({ kind: "strategy", strategy: { kind: "save", sharePpm: 0 } });
    await stepByStep(stage, () => {
      for (const [, { owner, amount }] of town.best.chain.state.scan("token")) {
        count("tokens", amount);
        if (owner < coalition) count("tokens of the coalition", amount);
      }
    });
  },
  tell: (stage, f) => {
    const { plan } = stage;
    const { size, made, wealth } = coalitionOf(stage, f);
    return `${size} of ${plan.members} members saved their tokens: with ${percent(size, plan.members)} of the members and ${wealth} of the tokens held (their wealth, on average) they made ${percent(made, plan.steps)} of the blocks.`;
  },
  expect: (stage, f) => {
    const { plan } = stage;
    const { size, made } = coalitionOf(stage, f);
    const fair = (plan.steps * size) / plan.members;
    return [
      everyStep(plan, f),
      {
        says: `the coalition's share is no more than luck gives (${made} blocks, fair ${fair.toFixed(1)})`,
        ok: made <= luckyShare(plan.steps, size / plan.members),
      },
    ];
  },
};

/** More than a link may carry, to one neighbour; for so long that what a link may save up is used up as well. */
const FLOOD_A_SECOND = 2_000;
const FLOOD_MS = 9_000;
const UNLIMITED = { perSecond: 1_000_000_000, burst: 1_000_000_000 };
const flood: Scenario = {
  name: "flood",
  attack:
    "One member sends one neighbour after another 2,000 messages a second, true ones again and again, and rubbish.",
  liars: oneLiar,
  least: 4,
  attacks: ["messages"],
  // An honest link holds its own messages back; a liar's does not.
  town: () => ({ liarsTuning: { send: { bytes: UNLIMITED, frames: UNLIMITED } } }),
  play: async (stage) => {
    const { town, rng } = stage;
    const liar = liarOf(stage);
    const known: Item[] = [];
    liar.alterItem = (_, item) => {
      if (known.length < 50) known.push(item);
      return [item];
    };
    const rubbish = (): Uint8Array => Uint8Array.from({ length: 40 }, () => rng.below(256));
    await stepByStep(stage, async (n) => {
      if (n % 4 !== 2) return;
      const mode = Math.floor(n / 4) % 3;
      const [to] = rng.shuffled(liar.linked.filter(town.honest));
      if (to === undefined) return;
      // Larger ones the home's own bandwidth holds back to less than a link may carry.
      if (mode === 0) stage.count("floods");
      const before = liar.downs.length;
      for (let ms = 0; ms < FLOOD_MS; ms += 20) {
        await town.to(town.time.now + 20);
        for (let k = 0; k < (FLOOD_A_SECOND * 20) / 1_000; k++) {
          const message =
            mode === 0 || known.length === 0
              ? encodeMessage({ kind: "ping", sent: town.time.now })
              : mode === 1
                ? itemsMessage(rng.pick(known))
                : rubbish();
          stage.count("messages", liar.say(message, to));
        }
        if (!liar.linked.includes(to)) break;
      }
      if (mode === 0 && liar.downs.slice(before).some(({ from }) => from === to)) stage.count("hung up on floods");
    });
  },
  tell: (stage, f) =>
    `It sent ${stage.counted("messages")} messages; of ${plural(stage.counted("floods"), "flood")} of small ones ${stage.counted("hung up on floods")} ended with the neighbour hanging up, and nodes hung up on it ${Object.values(f.refusedMessages).reduce((a, b) => a + b, 0)} times for what a message said. ${f.stepsWithBlock} of ${stage.plan.steps} steps have their block, ${percent(f.finalWithinTwoSteps, stage.plan.steps)} final within two steps.`,
  expect: (stage, f) => [
    everyStep(stage.plan, f),
    nobodyHonestBarred(stage, f),
    {
      says: `a neighbour hangs up on who sends more small messages than a link may carry (${stage.counted("hung up on floods")} of ${stage.counted("floods")})`,
      ok: stage.counted("hung up on floods") === stage.counted("floods"),
    },
  ],
};

export const CROWDS: readonly Scenario[] = [hoarding, flood];
