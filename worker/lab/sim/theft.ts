/** A member who stakes what others saved and passes on what others generated (§IV.B.2, T I, T IV). */
import type { MemberIndex, StepIndex } from "../../base/units.ts";
import { gateOpening } from "../../community/market-step.ts";
import { key } from "../../ledger/rows.ts";
import { spendableTokens } from "../../ledger/tokens.ts";
import { idOf, MAX_TOKEN_INPUTS, type Tx } from "../../ledger/transaction.ts";
import type { Item } from "../../node/messages.ts";
import { forged, liarOf, noneStands, onChain, say, smuggle } from "./contraband.ts";
import { candidacyOf, tickOf } from "./forge.ts";
import { nobodyHonestBarred } from "./liars.ts";
import { itemsMessage, type AlterItem, type Puppet } from "./puppet.ts";
import { everyStep, oneLiar, plural, stepByStep, type Expectation, type Scenario, type Stage } from "./scenario.ts";

/** Its node's own candidacies stay at home: of two of a member, the first that is heard counts. */
const withoutCandidacy =
  (puppet: Puppet): AlterItem =>
  (_, item) =>
    item.kind === "tx" && item.tx.body.kind === "candidacy" && item.tx.body.member === puppet.me ? [] : [item];
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

export const theft: Scenario = {
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
