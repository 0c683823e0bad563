/** Scenarios of sleep and bad luck, without any liar: what users meet every day (PROTOCOL.md §6, §7). */
import {
  everyStep,
  everyStepOnce,
  finalSoon,
  luckyShare,
  percent,
  plural,
  stepByStep,
  type Plan,
  type Scenario,
  type Stage,
} from "./scenario.ts";
import { quorumOf } from "../../community/contract.ts";
import type { Quorum } from "../../community/presets.ts";
import { Rng } from "./rng.ts";
import { STORM } from "./weather.ts";

const honest: Scenario = {
  name: "honest",
  attack: "Nobody attacks; the network loses, delays, doubles and reorders messages as a home's network does.",
  play: (stage) => stepByStep(stage, () => {}),
  tell: ({ plan, town }, f) =>
    `${f.stepsWithBlock} of ${plan.steps} steps were closed and ${f.finalBlocks} are final, ${f.stepsUntilFinal.mean} steps after their end on average; ${town.weather.lost} of ${town.weather.messages} messages were lost.`,
  expect: ({ plan }, f) => [everyStep(plan, f), finalSoon(f, 95)],
};

const storm: Scenario = {
  name: "storm",
  attack: "The network loses one message in twenty, delays others by seconds, and nodes crash at random moments.",
  town: () => ({ forecast: STORM, syncMs: [5, 400] }),
  attacks: ["crashes"],
  play: async (stage) => {
    const { town, rng, count } = stage;
    const { stepMs } = town.contract;
    await stepByStep(stage, async (step) => {
      const crashes = town.everybody
        .filter(() => rng.happens(80_000))
        .map((i) => ({ i, at: town.end(step - 1) + 10 + rng.below(stepMs - 20) }));
      for (const { i, at } of crashes.toSorted((a, b) => a.at - b.at)) {
        await town.to(at);
        // Who is back within a second may be asked again for what it has signed just now.
        const away = rng.happens(500_000) ? rng.between(50, 1_000) : rng.between(1_000, 12_000);
        if (!town.isUp(i)) continue;
        await town.crash(i);
        count("crashes");
        town.time.at(town.time.now + away, () => town.time.hold(town.start(i)));
      }
    });
  },
  tell: ({ plan, town }, f) =>
    `${town.weather.lost} of ${town.weather.messages} messages were lost and nodes crashed ${f.crashes} times; ${f.stepsWithBlock} of ${plan.steps} steps have their block, ${f.blocksReplaced} blocks were replaced on some node before they were final.`,
  expect: ({ plan }, f) => [everyStep(plan, f)],
};

/** Dusk, night and the hour at which the last is back, in steps. */
const nightOf = ({ steps, members }: Plan): { dusk: number; dawn: number; each: number } => {
  const night = Math.min(40, Math.floor(steps * 0.5));
  const dusk = Math.max(1, Math.min(20, Math.floor(steps * 0.2)));
  const dawn = dusk + night;
  return { dusk, dawn, each: Math.max(0.2, Math.min(2, (steps - dawn - 2) / members)) };
};

/** Of a step, with time to spare. */
const LATEST_BLOCK = 0.8;

const night: Scenario = {
  name: "night",
  attack: "All members but one close their laptops for the night and return one by one in the morning.",
  play: async (stage) => {
    const { town, plan, rng } = stage;
    const { dusk, dawn, each } = nightOf(plan);
    const awake = rng.below(plan.members);
    const others = rng.shuffled(town.everybody.filter((i) => i !== awake));
    await town.until(dusk);
    for (const i of others) await town.stop(i);
    await town.until(dawn, -town.contract.stepMs + 1);
    stage.count("final at dusk", town.core(awake).chain.final.header.step);
    // A member far down the order of stand-ins publishes up to three quarters of a step late (community/market-step.ts).
    await town.until(dawn, LATEST_BLOCK * town.contract.stepMs);
    const returning = town.time.now;
    stage.count("final at dawn", town.core(awake).chain.final.header.step);
    stage.count("steps with a block at dawn", town.core(awake).summaries.length - 1);
    for (const [n, i] of others.entries()) {
      await town.to(returning + Math.floor((n + 1) * each * town.contract.stepMs));
      await town.start(i);
    }
    await town.until(plan.steps);
  },
  tell: ({ plan, counted }, f) => {
    const { dusk, dawn } = nightOf(plan);
    return `For ${dawn - dusk} steps one of ${plan.members} was online: its blocks closed every step up to ${counted("steps with a block at dawn")}, none beyond step ${counted("final at dawn")} was final. When the others were back, ${f.finalBlocks} of ${plan.steps} blocks became final.`;
  },
  expect: ({ plan, counted }, f) => {
    const { dawn } = nightOf(plan);
    return [
      everyStep(plan, f),
      {
        says: `one node alone closed every step of the night (${counted("steps with a block at dawn")} of ${dawn})`,
        ok: counted("steps with a block at dawn") === dawn,
      },
      {
        says: "blocks of the night waited for the others to become final",
        ok: counted("final at dawn") <= counted("final at dusk") + 1,
      },
    ];
  },
};

/** Who is awake is drawn anew, spell by spell. `wanted` says who should be awake from now on. */
const shifts = async (stage: Stage, wanted: (step: number) => readonly number[]): Promise<void> => {
  const { town, rng } = stage;
  await stepByStep(stage, async (step) => {
    const awake = new Set(wanted(step));
    stage.count("awake", awake.size);
    // Those who go first: there are never more at once than the scenario says.
    const order = rng.shuffled(town.everybody).toSorted((a, b) => Number(awake.has(a)) - Number(awake.has(b)));
    for (const i of order) {
      if (awake.has(i) === town.isUp(i)) continue;
      // Somewhere within the step, and half of those who go do so without a word.
      await town.to(town.time.now + rng.below(Math.floor(6_000 / town.members)));
      if (awake.has(i)) await town.start(i);
      else if (rng.happens(500_000)) await town.crash(i);
      else await town.stop(i);
    }
  });
};

const phones: Scenario = {
  name: "phones",
  attack: "Every node sleeps half of the time, at random moments, as phones in pockets do.",
  play: async (stage) => {
    const { plan, rng } = stage;
    const until = Array.from({ length: plan.members }, () => 0);
    const is = Array.from({ length: plan.members }, () => true);
    await shifts(stage, (step) => {
      for (let i = 0; i < plan.members; i++) {
        if ((until[i] ?? 0) > step) continue;
        is[i] = step === 1 || !is[i];
        until[i] = step + rng.between(1, 5);
      }
      const awake = is.flatMap((awake, i) => (awake ? [i] : []));
      // Somebody's phone is always on the kitchen table.
      return awake.length > 0 ? awake : [step % plan.members];
    });
  },
  tell: ({ plan, counted }, f) =>
    `On average ${(counted("awake") / plan.steps).toFixed(1)} of ${plan.members} were awake, sometimes nobody who was so before. ${f.stepsWithBlock} of ${plan.steps} steps have their block; a block was final ${f.stepsUntilFinal.mean} steps after its end on average, ${f.stepsUntilFinal.most} at most.`,
  expect: (stage) => [everyStepOnce(stage)],
};

/** A day of so many steps: at least 24, and four of them to a long run. */
const dayOf = ({ steps }: Plan): number => Math.min(96, Math.max(24, Math.floor(steps / 4)));
const thirdOf = ({ members }: Plan): number => Math.max(1, Math.floor(members / 3));
/** Steps in which all are there, as on the day on which they signed the contract; then they go home, one a step if that is not too long. */
const FOUNDING = 2;
const GOING = 10;
/** Then one goes, another comes, all day long: everybody is there once a day, never more than so many at once. */
const rota = async (stage: Stage, most: number): Promise<void> => {
  const { town, plan, rng } = stage;
  const order = rng.shuffled(town.everybody);
  const slot = (dayOf(plan) * town.contract.stepMs) / plan.members;
  const who = (n: number): number => order[n % plan.members] ?? 0;
  const until = town.end(plan.steps);
  await town.until(FOUNDING);
  const home = order.slice(most);
  for (const i of home) {
    await town.stop(i);
    await town.to(town.time.now + Math.min(town.contract.stepMs, (GOING * town.contract.stepMs) / home.length));
  }
  const dusk = town.time.now;
  for (let n = 0; ; n++) {
    // Nobody is on the minute.
    const at = Math.floor(dusk + (n + 1) * slot + rng.between(-1_000, 1_000) * (slot / 10_000));
    if (at >= until) break;
    await town.to(at);
    if (rng.happens(500_000)) await town.crash(who(n));
    else await town.stop(who(n));
    await town.to(town.time.now + rng.between(100, 1_500));
    await town.start(who(n + most));
    stage.count("shifts");
    stage.counts.set("most awake", Math.max(stage.counted("most awake"), town.up.length));
  }
  await town.until(plan.steps);
};
/** Blocks on the chain that were `age` steps old by the end, and after how many the slowest of them was final. */
const slowestOf = ({ town, plan }: Stage, age = dayOf(plan)): { blocks: number; slowest: number } => {
  const old = town.best.summaries.slice(1).filter(({ step }) => step <= plan.steps - age);
  const waits = old.map(({ step }) => town.figures.waitOf(step) ?? Infinity);
  return { blocks: old.length, slowest: Number(Math.max(0, ...waits).toFixed(2)) };
};

/**
 * How long a block may wait to be final, in days: for the approvals of the round under way when it is made, then for the
 * approvals and the confirmations of its own (PROTOCOL.md §7.1). Of each quorum so many are there at once; the others
 * come one by one.
 */
const daysUntilFinal = ({ town, plan }: Stage): number =>
  (3 * (quorumOf(town.contract, plan.members) - thirdOf(plan))) / plan.members;

const thirdAwake = (name: string, quorum: Quorum, truth: string): Scenario => ({
  name,
  attack: `Never more than a third are awake at once, everybody once a day, one shift after the other. ${truth}`,
  // With one at a time nobody would ever meet; of eight, two take 9/8 of a day.
  least: 7,
  town: () => ({ quorum }),
  play: (stage) => rota(stage, thirdOf(stage.plan)),
  tell: (stage, f) => {
    const { blocks, slowest } = slowestOf(stage);
    return `At most ${Math.max(thirdOf(stage.plan), stage.counted("most awake"))} of ${stage.plan.members} were awake at a time, in ${plural(stage.counted("shifts"), "shift")}; a day had ${dayOf(stage.plan)} steps. Of ${plural(blocks, "block")} at least a day old the slowest was final after ${slowest === Infinity ? "more than all" : slowest} steps, all after ${f.stepsUntilFinal.mean} on average.`;
  },
  expect: (stage) => {
    const { plan } = stage;
    const day = dayOf(plan);
    // A shift more than the sum: where two blocks of a step part the first approvals of a round, its quorum lies on one of
    // them only when one more has come. And a step, as nobody is on the minute and who comes must first hear and vote.
    const limit = Math.max(day, Math.ceil((daysUntilFinal(stage) + 1 / plan.members) * day) + 1);
    const { slowest } = slowestOf(stage, limit);
    return [
      everyStepOnce(stage),
      {
        says: `never more than a third were awake (${stage.counted("most awake")} of ${plan.members})`,
        ok: stage.counted("most awake") <= thirdOf(plan),
      },
      {
        says: `every block that was ${limit === day ? "a day" : `${limit} steps`} old by the end was final within ${limit} steps of ${day} to a day (${slowest})`,
        ok: slowest <= limit,
      },
    ];
  },
});

const thirdAway: Scenario = {
  name: "third-offline",
  attack: "At every moment one third of the members, drawn at random, are offline.",
  play: async (stage) => {
    const { plan, rng, town } = stage;
    const away = Math.floor(plan.members / 3);
    let sleeping: number[] = [];
    await shifts(stage, (step) => {
      if ((step - 1) % 3 === 0) sleeping = rng.shuffled(town.everybody).slice(0, away);
      return town.everybody.filter((i) => !sleeping.includes(i));
    });
  },
  tell: ({ plan }, f) =>
    `${Math.floor(plan.members / 3)} of ${plan.members} were always away, others every three steps. ${f.stepsWithBlock} of ${plan.steps} steps have their block, ${percent(f.finalWithinTwoSteps, plan.steps)} of the blocks were final within two steps.`,
  expect: ({ plan }, f) => [everyStep(plan, f), finalSoon(f, 95)],
};

const parted = (name: string, share: number): Scenario => ({
  name,
  // Of three, a quorum is all: nobody would be left for the other side.
  ...(share === 50 ? {} : { least: 4 }),
  attacks: ["steps apart"],
  attack: `The network falls apart into ${share} and ${100 - share} per cent of the members, and heals after some steps.`,
  play: async (stage) => {
    const { town, plan, rng } = stage;
    // The larger side has the quorum: of six, 70 per cent are four, and five are needed.
    const least = share === 50 ? 1 : quorumOf(town.contract, plan.members);
    const size = Math.max(least, Math.round((plan.members * share) / 100));
    const left = rng.shuffled(town.everybody).slice(0, size);
    const right = town.everybody.filter((i) => !left.includes(i));
    const from = Math.max(1, Math.floor(plan.steps / 4));
    const cut = Math.max(2, Math.min(20, Math.floor(plan.steps / 3)));
    await town.to(town.end(from) + rng.below(town.contract.stepMs));
    town.part(left, right, true);
    const finals = (): number => Math.max(...town.up.map((i) => town.core(i).chain.final.header.step));
    stage.count("steps apart", cut);
    await town.until(from + cut, 6_000);
    stage.count("final while apart", Math.max(0, finals() - from));
    stage.count("heads while apart", new Set(town.up.map((i) => town.core(i).chain.head.hash)).size);
    town.part(left, right, false);
    await town.until(plan.steps);
  },
  tell: ({ counted, plan }, f) =>
    `For ${counted("steps apart")} steps the two sides wrote ${plural(counted("heads while apart"), "chain")}; final meanwhile: ${plural(counted("final while apart"), "step")}. Healed, ${f.blocksReplaced} times a node replaced a block, and ${f.finalBlocks} of ${plan.steps} blocks are final.`,
  expect: ({ counted, plan }, f) => [
    everyStep(plan, f),
    ...(share === 50
      ? [{ says: "neither half made anything final", ok: counted("final while apart") <= 1 }]
      : [
          {
            says: "the larger side went on to finality",
            ok: counted("final while apart") >= counted("steps apart") - 2,
          },
        ]),
  ],
});

const skewed: Scenario = {
  name: "clock-skew",
  attack: "Clocks are up to 0.4 s apart and drift by 200 ppm; the last member's is 4 s ahead, beyond the gate margin.",
  town: ({ members, seed }) => ({
    skew: (i) => {
      const draw = new Rng(`skew/${seed}/${i}`);
      const sign = draw.happens(500_000) ? 1 : -1;
      if (i === members - 1) return { offsetMs: 4_000, driftPpm: 200 };
      return { offsetMs: sign * draw.below(400), driftPpm: sign * draw.below(200) };
    },
  }),
  play: async (stage) => {
    const { town, plan } = stage;
    await stepByStep(stage, (step) => {
      // Half way somebody's clock is set right, and somebody else's wrong.
      if (step === Math.ceil(plan.steps / 2)) town.clock(0).jump(-town.clock(0).aheadMs);
      if (step === Math.ceil(plan.steps / 2)) town.clock(1 % plan.members).jump(300);
    });
  },
  tell: ({ plan }, f) =>
    `${f.stepsWithBlock} of ${plan.steps} steps have their block, ${percent(f.finalWithinTwoSteps, plan.steps)} final within two steps. The member whose clock was 4 s ahead made ${plural(f.blocksByMember.at(-1) ?? 0, "block")} of them.`,
  expect: ({ plan }, f) => {
    const most = Math.ceil(luckyShare(plan.steps, 1 / plan.members));
    const made = f.blocksByMember.at(-1) ?? 0;
    return [
      everyStep(plan, f),
      finalSoon(f, 95),
      { says: `nobody was barred (${f.barred.length})`, ok: f.barred.length === 0 },
      {
        says: `a fast clock makes no more blocks than luck gives (${made}, at most ${most})`,
        ok: made <= most,
      },
    ];
  },
};

export const ABSENCES: readonly Scenario[] = [
  honest,
  storm,
  night,
  phones,
  thirdAwake(
    "phones-third",
    "majority",
    "The quorum is more than half: three of them one after the other take 6/7 of a day for 7 members, half a day for many.",
  ),
  thirdAwake(
    "phones-two-thirds",
    "two-thirds",
    "The quorum is more than two thirds: three of them take 9/7 of a day for 7 members, one day for many.",
  ),
  thirdAway,
  parted("partition", 50),
  parted("partition-70", 70),
  skewed,
];
