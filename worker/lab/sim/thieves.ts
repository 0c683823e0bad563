/** Scenarios of members who want energy, tokens or turns that are not theirs (§IV.B.2, T I, T IV). */
import { mwh, type MemberIndex, type StepIndex, type TxId } from "../../base/units.ts";
import { endOf, gateClosure, gateOpening, lastEnded } from "../../community/market-step.ts";
import { key } from "../../ledger/rows.ts";
import { Draft } from "../../ledger/state.ts";
import { expectedShares, maxPerStep } from "../../ledger/energy.ts";
import { spendableTokens } from "../../ledger/tokens.ts";
import { idOf, MAX_TOKEN_INPUTS, type Body, type Tx } from "../../ledger/transaction.ts";
import type { Item } from "../../node/messages.ts";
import type { Tick } from "../../node/pool.ts";
import { blockWith, candidacyOf, signed, tickOf } from "./forge.ts";
import { blockItem, nobodyHonestBarred, ownBlockIn } from "./liars.ts";
import { itemsMessage, type AlterItem, type Puppet } from "./puppet.ts";
import {
  everyStep,
  oneLiar,
  percent,
  plural,
  stepByStep,
  wattHours,
  type Expectation,
  type Scenario,
  type Stage,
} from "./scenario.ts";
import { PER_STEP_MWH } from "./town.ts";

/** Ids of everything that must never stand on a chain. */
const forgeries = new WeakMap<Stage, Set<TxId>>();
const forged = (stage: Stage, body: Body, community: never): void => {
  const set = forgeries.get(stage) ?? new Set<TxId>();
  forgeries.set(stage, set.add(idOf(body, community)));
};
const onChain = (stage: Stage): number => {
  const set = forgeries.get(stage) ?? new Set<TxId>();
  const { town, puppets } = stage;
  const community = puppets[0]?.community;
  if (community === undefined) return 0;
  return town.blocks().reduce((n, block) => n + block.txs.filter((tx) => set.has(idOf(tx.body, community))).length, 0);
};
const noneStands = (stage: Stage): Expectation => ({
  says: `none of ${plural(forgeries.get(stage)?.size ?? 0, "forgery", "forgeries")} stands on the chain`,
  ok: onChain(stage) === 0,
});
/** What was tried, said to everybody and, when the liar has a turn, put into its own block. */
const smuggle = (stage: Stage, puppet: Puppet, contraband: () => readonly Tx[], more?: AlterItem): void => {
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
const say = (stage: Stage, puppet: Puppet, tx: Tx): boolean => {
  if (puppet.say(itemsMessage({ kind: "tx", tx })) === 0) return false;
  forged(stage, tx.body, puppet.community as never);
  stage.count("forgeries");
  return true;
};
/** Its node's own candidacies stay at home: of two of a member, the first that is heard counts. */
const withoutCandidacy =
  (puppet: Puppet): AlterItem =>
  (_, item) =>
    item.kind === "tx" && item.tx.body.kind === "candidacy" && item.tx.body.member === puppet.me ? [] : [item];
export const liarOf = (stage: Stage): Puppet => {
  const [puppet] = stage.puppets;
  if (puppet === undefined) throw new Error("the scenario has a liar");
  return puppet;
};

/** How long a neighbour has to hang up on what it is told. */
const HANG_UP_MS = 900;
/** Another roof's newest reading passed on as its own: alone, or with a reading of its own. */
const passOn = async (stage: Stage, thief: Puppet, paired: boolean): Promise<void> => {
  const { town } = stage;
  const own = town.core(thief.me);
  const mine = town.roofs.indexOf(thief.me);
  const victim = [...own.pool.ticks].find(([generator]) => generator !== mine)?.[1].at(-1);
  const register = own.chain.state.get("generator", key(mine))?.register;
  if (victim === undefined || register === undefined) return;
  const { body } = victim;
  const input = idOf(victim.generation.body, thief.community);
  const of = { generator: mine, step: body.step, from: register, to: register + 1_000, at: body.at };
  const pair = tickOf(thief, { ...of, input });
  if (pair.kind !== "tick") return;
  const item: Item = paired ? pair : { kind: "tx", tx: pair.transfer };
  const before = thief.downs.length;
  const heard = thief.say(itemsMessage(item));
  if (heard === 0) return;
  forged(stage, pair.transfer.body, thief.community as never);
  stage.count("forgeries");
  stage.count(paired ? "paired transfers" : "lone transfers", heard);
  await town.to(town.time.now + HANG_UP_MS);
  stage.count(paired ? "hung up on pairs" : "hung up on lone ones", thief.downs.length - before);
};
/** Who saves its tokens while others stake theirs: what it keeps is there to be stolen. */
const SAVER = 0;
const candidacyWithLoot = (stage: Stage, thief: Puppet, step: StepIndex): Tx | undefined => {
  const { town } = stage;
  const own = town.core(thief.me);
  const { tokenValidity } = town.contract;
  const tokens = spendableTokens(own.chain.state, SAVER as MemberIndex, step, tokenValidity)
    // In the last auction that takes them it stakes them itself.
    .filter(({ birth }) => birth + tokenValidity > step)
    .slice(0, MAX_TOKEN_INPUTS)
    .map(({ ref }) => ref);
  if (tokens.length === 0) return undefined;
  return candidacyOf(thief, thief.core(own.chain, own), step, { at: town.time.now, tokens });
};
const refusedAll = (stage: Stage, said: string, hungUp: string, what: string): Expectation => ({
  says: `whoever heard ${what} hung up (${stage.counted(hungUp)} of ${stage.counted(said)})`,
  // A message or two of a hundred is lost on the way.
  ok: stage.counted(hungUp) * 10 >= stage.counted(said) * 8,
});

const theft: Scenario = {
  name: "theft",
  attack: "A member stakes other members' voting tokens as its own, and passes on other roofs' energy.",
  liars: oneLiar,
  least: 4,
  attacks: ["forgeries"],
  play: async (stage) => {
    const { town } = stage;
    const thief = liarOf(stage);
    let last: Tx[] = [];
    smuggle(stage, thief, () => last, withoutCandidacy(thief));
    // Its answer comes when the disk has it, in virtual time: not waited for.
    void town.lab.node(SAVER).runner.order({ kind: "strategy", strategy: { kind: "save", sharePpm: 0 } });
    await stepByStep(stage, async (n) => {
      const step = n as StepIndex;
      await town.to(gateOpening(town.contract, step) + 2_000);
      const own = town.core(thief.me);
      last = [];
      const tx = own.chain.head.header.step + 1 === n ? candidacyWithLoot(stage, thief, step) : undefined;
      if (tx !== undefined) {
        last = [tx];
        if (say(stage, thief, tx)) stage.count("candidacies");
      }
      // A reading of the running step is out half a step after it began.
      await town.to(town.end(n - 1) + 6_000);
      await passOn(stage, thief, n % 2 === 0);
    });
  },
  tell: (stage, f) =>
    `It stood with others' tokens ${plural(stage.counted("candidacies"), "time")}, passed on others' energy ${plural(stage.counted("forgeries") - stage.counted("candidacies"), "time")} and put ${plural(stage.counted("false blocks"), "false block")} forward; ${onChain(stage)} of these stand on the chain. Nodes hung up on it ${Object.values(f.refusedMessages).reduce((a, b) => a + b, 0)} times.`,
  expect: (stage, f) => [
    everyStep(stage.plan, f),
    nobodyHonestBarred(stage, f),
    noneStands(stage),
    refusedAll(stage, "lone transfers", "hung up on lone ones", "a transfer without its reading"),
    refusedAll(stage, "paired transfers", "hung up on pairs", "a transfer beside another reading"),
  ],
};

/** The VPP's outputs that the pool's ticks of the step that ended will make. */
const outputsOf = (stage: Stage, puppet: Puppet, step: StepIndex): { ids: TxId[]; ticks: Tick[] } => {
  const core = stage.town.core(puppet.me);
  const ticks = [...core.pool.ticks.values()].flatMap((list) => {
    const [first] = list.filter((t) => t.body.step === step).toSorted((a, b) => b.body.to - a.body.to);
    return first === undefined ? [] : [first];
  });
  return { ids: ticks.map((t) => idOf(t.transfer.body, puppet.community)).toSorted(), ticks };
};
const distributionOf = (
  stage: Stage,
  puppet: Puppet,
  step: StepIndex,
  ids: readonly TxId[],
  total: number,
  sharesOf: "rule" | "self",
): Tx | undefined => {
  const { chain } = stage.town.core(puppet.me);
  const expected = expectedShares(new Draft(chain.state), step, total);
  if (expected === undefined || ids.length === 0) return undefined;
  const sum = expected.shares.reduce((a, s) => a + s.mwh, 0);
  const shares = sharesOf === "rule" ? expected.shares : [{ member: puppet.me, mwh: mwh(sum) }];
  return signed(puppet, { kind: "distribution", step, inputs: ids, shares });
};

const doubleSpend: Scenario = {
  name: "double-spend",
  attack: "A member that holds a VPP key distributes the same energy twice, one way to each half of the others.",
  liars: oneLiar,
  least: 4,
  attacks: ["pairs", "false blocks"],
  play: async (stage) => {
    const { town } = stage;
    const vpp = liarOf(stage);
    let last: Tx[] = [];
    smuggle(stage, vpp, () => last);
    await stepByStep(stage, async (n) => {
      const step = lastEnded(town.contract, town.end(n - 1));
      await town.to(endOf(town.contract, step) + 900);
      const { ids, ticks } = outputsOf(stage, vpp, step);
      const total = (list: readonly Tick[]): number => list.reduce((sum, t) => sum + t.body.to - t.body.from, 0);
      const all = distributionOf(stage, vpp, step, ids, total(ticks), "rule");
      const [first] = ticks;
      const one =
        first && distributionOf(stage, vpp, step, [idOf(first.transfer.body, vpp.community)], total([first]), "rule");
      last = [all, one].filter((tx) => tx !== undefined);
      if (all === undefined || one === undefined) return;
      stage.count("pairs");
      for (const i of vpp.linked) vpp.say(itemsMessage({ kind: "tx", tx: i % 2 === 0 ? all : one }), i);
    });
  },
  tell: (stage, f) =>
    `It sent ${plural(stage.counted("pairs"), "pair")} of distributions of the same energy and ${plural(stage.counted("false blocks"), "block")} with both. ${wattHours(f.distributedMwh)} of ${wattHours(f.generatedMwh)} generated are distributed.`,
  expect: (stage, f) => [everyStep(stage.plan, f), nobodyHonestBarred(stage, f), eachInputOnce(stage)],
};
const eachInputOnce = (stage: Stage): Expectation => {
  const seen = new Set<string>();
  let twice = 0;
  for (const { txs } of stage.town.blocks())
    for (const { body } of txs)
      if (body.kind === "distribution")
        for (const input of body.inputs) {
          if (seen.has(input)) twice += 1;
          seen.add(input);
        }
  return { says: `each of ${seen.size} outputs was distributed once`, ok: twice === 0 };
};

const wrongShares: Scenario = {
  name: "wrong-repartition",
  attack: "A member that holds a VPP key distributes all energy to itself.",
  liars: oneLiar,
  least: 4,
  attacks: ["forgeries", "false blocks"],
  play: async (stage) => {
    const { town } = stage;
    const vpp = liarOf(stage);
    let last: Tx[] = [];
    smuggle(stage, vpp, () => last);
    await stepByStep(stage, async (n) => {
      const step = lastEnded(town.contract, town.end(n - 1));
      await town.to(endOf(town.contract, step) + 900);
      const { ids, ticks } = outputsOf(stage, vpp, step);
      const total = ticks.reduce((sum, t) => sum + t.body.to - t.body.from, 0);
      const tx = distributionOf(stage, vpp, step, ids, total, "self");
      last = tx === undefined ? [] : [tx];
      if (tx !== undefined) say(stage, vpp, tx);
    });
  },
  tell: (stage, f) =>
    `It tried ${plural(stage.counted("forgeries"), "time")}, and with ${plural(stage.counted("false blocks"), "block")} of its own; ${onChain(stage)} stand on the chain. ${wattHours(f.distributedMwh)} of ${wattHours(f.generatedMwh)} generated are distributed.`,
  expect: (stage, f) => [everyStep(stage.plan, f), nobodyHonestBarred(stage, f), noneStands(stage)],
};

const injection: Scenario = {
  name: "injection",
  attack: "The reader of a roof signs more energy than it can make, old readings again, and readings that skip a part.",
  liars: oneLiar,
  least: 4,
  attacks: ["beyond P_max", "with a gap", "replayed"],
  play: async (stage) => {
    const { town, rng } = stage;
    const liar = liarOf(stage);
    const generator = town.roofs.indexOf(liar.me);
    const old: Item[] = [];
    liar.alterItem = (_, item) => {
      if (item.kind === "tick" && old.length < 200) old.push(item);
      return [item];
    };
    const row = town.contract.generators[generator];
    const limit = row === undefined ? 0 : maxPerStep(row.pMaxW, town.contract.stepMs, row.resolutionMwh);
    await stepByStep(stage, async (n) => {
      await town.to(town.end(n - 1) + 6_000);
      const register = town.core(liar.me).chain.state.get("generator", key(generator))?.register ?? 0;
      const at = town.time.now;
      const lie = (kind: string, from: number, to: number): void => {
        const item = tickOf(liar, { generator, step: n, from, to, at });
        stage.count(kind);
        if (kind !== "at the limit" && item.kind === "tick")
          forged(stage, item.generation.body, liar.community as never);
        liar.say(itemsMessage(item));
      };
      switch (n % 4) {
        case 0:
          return lie("beyond P_max", register, register + limit + 1_000);
        case 1:
          for (const item of rng.shuffled(old).slice(0, 20)) liar.say(itemsMessage(item));
          return stage.count("replayed", Math.min(20, old.length));
        case 2:
          return lie("with a gap", register + 50_000, register + 54_000);
        default:
          // As much as its roof could make: that no ledger can know.
          lie("at the limit", register, register + limit);
          return lie("beyond P_max in two", register + limit, register + 2 * limit);
      }
    });
  },
  tell: (stage, f) =>
    `It signed ${stage.counted("beyond P_max") + stage.counted("beyond P_max in two")} readings beyond P_max, ${stage.counted("with a gap")} with a gap and replayed ${stage.counted("replayed")}; ${onChain(stage)} of these were booked. Readings up to P_max cannot be told from true ones: the chain books ${wattHours(f.generatedMwh)} where the roofs made at most ${wattHours(stage.town.roofs.length * stage.plan.steps * PER_STEP_MWH)} in ${stage.plan.steps} steps.`,
  expect: (stage, f) => [everyStep(stage.plan, f), nobodyHonestBarred(stage, f), noneStands(stage), withinLimit(stage)],
};
const withinLimit = (stage: Stage): Expectation => {
  const { town } = stage;
  const limits = town.contract.generators.map((g) => maxPerStep(g.pMaxW, town.contract.stepMs, g.resolutionMwh));
  const over = town.best.chain.state
    .scan("book")
    .flatMap(([, row]) => row.generated)
    .filter((g) => g.mwh > (limits[g.generator] ?? 0));
  return { says: "no step has more of a generator than P_max allows", ok: over.length === 0 };
};

const lateCandidates: Scenario = {
  name: "late-candidates",
  attack: "A member stands only after the gate is closed, when it has seen everybody's draws.",
  liars: oneLiar,
  least: 4,
  attacks: ["late", "backdated"],
  play: async (stage) => {
    const { town } = stage;
    const late = liarOf(stage);
    const honestly = new Set<string>();
    late.alterItem = (_, item) => {
      const own = item.kind === "tx" && item.tx.body.kind === "candidacy" && item.tx.body.member === late.me;
      return own && !honestly.has(idOf(item.tx.body, late.community)) ? [] : [item];
    };
    await stepByStep(stage, async (n) => {
      const step = n as StepIndex;
      await town.to(gateClosure(town.contract, step) + 1_200);
      const own = town.core(late.me);
      if (own.chain.head.header.step + 1 !== n) return;
      const tokens = own.chain.state
        .scan("token")
        .filter(([, row]) => row.owner === late.me && row.birth < n && row.birth + town.contract.tokenValidity >= n)
        .map(([k]) => ({ tx: k.slice(0, 64) as TxId, index: Number.parseInt(k.slice(65), 16) }));
      const tx = candidacyOf(late, late.core(own.chain, own), step, { at: town.time.now, tokens });
      honestly.add(idOf(tx.body, late.community));
      stage.count("late");
      late.say(itemsMessage({ kind: "tx", tx }));
    });
  },
  tell: (stage, f) =>
    `It stood late ${plural(stage.counted("late"), "time")}; ${ranked(stage)} of these were ranked and ${refunded(stage)} refunded with their tokens. It made ${percent(f.blocksByMember.at(-1) ?? 0, stage.plan.steps)} of the blocks, as a stand-in.`,
  expect: (stage, f) => [
    everyStep(stage.plan, f),
    nobodyHonestBarred(stage, f),
    { says: "no late candidacy was ranked", ok: ranked(stage) === 0 },
    { says: "late candidacies were refunded", ok: stage.counted("late") < 8 || refunded(stage) > 0 },
  ],
};
const ranked = (stage: Stage): number => {
  const { me } = liarOf(stage);
  const { contract } = stage.town;
  return stage.town.blocks().filter((block) => {
    const winner = block.txs.find((tx) => tx.body.kind === "winner")?.body;
    const stood = block.txs.find((tx) => tx.body.kind === "candidacy" && tx.body.member === me)?.body;
    return (
      winner?.kind === "winner" &&
      stood?.kind === "candidacy" &&
      stood.at > gateClosure(contract, stood.step) &&
      winner.ranking.includes(me)
    );
  }).length;
};
const refunded = (stage: Stage): number =>
  stage.town.blocks().reduce((n, b) => n + b.txs.filter((tx) => tx.body.kind === "refund").length, 0);

export const THIEVES: readonly Scenario[] = [theft, doubleSpend, wrongShares, injection, lateCandidates];
