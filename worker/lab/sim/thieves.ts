/** Scenarios of members who want energy, tokens or turns that are not theirs (§IV.B.2, T I, T IV). */
import { toHex } from "../../base/bytes.ts";
import { mwh, type StepIndex, type TxId } from "../../base/units.ts";
import { endOf, gateClosure, lastEnded } from "../../community/market-step.ts";
import { key } from "../../ledger/rows.ts";
import { Draft } from "../../ledger/state.ts";
import { expectedShares, maxPerStep } from "../../ledger/energy.ts";
import { idOf, type Tx } from "../../ledger/transaction.ts";
import type { Item } from "../../node/messages.ts";
import type { Tick } from "../../node/pool.ts";
import { forged, liarOf, noneStands, onChain, say, smuggle } from "./contraband.ts";
import { theft } from "./theft.ts";
import { candidacyOf, signed, tickOf } from "./forge.ts";
import { nobodyHonestBarred } from "./liars.ts";
import { itemsMessage, type Puppet } from "./puppet.ts";
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
    const old: Extract<Item, { kind: "tick" }>[] = [];
    let last: Tx[] = [];
    smuggle(
      stage,
      liar,
      () => last,
      (_, item) => {
        if (item.kind === "tick" && old.length < 200) old.push(item);
        return [item];
      },
    );
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
        if (kind === "with a gap" && item.kind === "tick") last = [item.generation, item.transfer];
        liar.say(itemsMessage(item));
      };
      switch (n % 4) {
        case 0:
          return lie("beyond P_max", register, register + limit + 1_000);
        case 1:
          last = rng
            .shuffled(old)
            .slice(0, 1)
            .flatMap((item) => [item.generation, item.transfer]);
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
    `It signed ${stage.counted("beyond P_max") + stage.counted("beyond P_max in two")} readings beyond P_max, ${stage.counted("with a gap")} with a gap and replayed ${stage.counted("replayed")}, and put ${plural(stage.counted("false blocks"), "false block")} forward; ${onChain(stage)} of these were booked. Readings up to P_max cannot be told from true ones: the chain books ${wattHours(f.generatedMwh)} where the roofs made at most ${wattHours(stage.town.roofs.length * stage.plan.steps * PER_STEP_MWH)} in ${stage.plan.steps} steps.`,
  expect: (stage, f) => [
    everyStep(stage.plan, f),
    nobodyHonestBarred(stage, f),
    noneStands(stage),
    readOnce(stage),
    withinLimit(stage),
  ],
};
const readOnce = ({ town }: Stage): Expectation => {
  const ids = town
    .blocks()
    .flatMap(({ txs }) => txs.flatMap((tx) => (tx.body.kind === "generation" ? [toHex(tx.signature)] : [])));
  return { says: `each of ${ids.length} readings was booked once`, ok: new Set(ids).size === ids.length };
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
  attack:
    "A member stands only after the gate is closed, when it has seen everybody's draws; half of the time it dates that back.",
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
      const closure = gateClosure(town.contract, step);
      await town.to(closure + 1_200);
      const own = town.core(late.me);
      if (own.chain.head.header.step + 1 !== n) return;
      const tokens = own.chain.state
        .scan("token")
        .filter(([, row]) => row.owner === late.me && row.birth < n && row.birth + town.contract.tokenValidity >= n)
        .map(([k]) => ({ tx: k.slice(0, 64) as TxId, index: Number.parseInt(k.slice(65), 16) }));
      const tx = candidacyOf(late, late.core(own.chain, own), step, {
        at: n % 2 === 0 ? town.time.now : closure - 1,
        tokens,
      });
      honestly.add(idOf(tx.body, late.community));
      stage.count(n % 2 === 0 ? "late" : "backdated");
      if (n % 2 !== 0) forged(stage, tx.body, late.community as never);
      late.say(itemsMessage({ kind: "tx", tx }));
    });
  },
  tell: (stage, f) =>
    `It stood late ${plural(stage.counted("late"), "time")}; ${ranked(stage)} of these were ranked and ${refunded(stage)} refunded with their tokens. ${plural(stage.counted("backdated"), "time")} it dated that back; ${onChain(stage)} of these stand on the chain. It made ${percent(f.blocksByMember.at(-1) ?? 0, stage.plan.steps)} of the blocks.`,
  expect: (stage, f) => [
    everyStep(stage.plan, f),
    nobodyHonestBarred(stage, f),
    { says: "no late candidacy was ranked", ok: ranked(stage) === 0 },
    { says: "no backdated candidacy stands on the chain", ok: onChain(stage) === 0 },
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
