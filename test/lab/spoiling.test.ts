/**
 * Spoiling what others do (§IV.C "extortion"): a member that may not stand, or a reading of a key that was replaced, must
 * not stop the auction and the counting of the rest.
 */
import { describe, expect, it } from "vitest";
import { publicKeyOf } from "../../worker/base/ed25519.ts";
import { cryptometerSecret } from "../../worker/base/keys.ts";
import { stepIndex, type GeneratorIndex, type MemberIndex } from "../../worker/base/units.ts";
import { candidacyOf, tickOf, voteFor } from "../../worker/lab/sim/forge.ts";
import { itemsMessage, Puppet } from "../../worker/lab/sim/puppet.ts";
import { key } from "../../worker/ledger/rows.ts";
import { PER_STEP_MWH, Trial } from "./trial.ts";

const LIAR = 3 as MemberIndex;
const begin = async (): Promise<{ trial: Trial; liar: Puppet }> => {
  const trial = await Trial.begin({ members: 4, absent: [LIAR], owners: [0] });
  const liar = new Puppet(trial.lab, trial.time, LIAR);
  liar.stand();
  await trial.until(2);
  return { trial, liar };
};

describe("a member that may not stand", () => {
  it("and sends candidacies all the same makes no auction void: the others are ranked", async () => {
    const { trial, liar } = await begin();
    const { head, finality } = trial.core(0).chain;
    for (const block of [head.hash, head.header.parent]) {
      const target = { ...finality.position, round: finality.position.round + 1, kind: "approval", block } as const;
      const step = stepIndex(block === head.hash ? head.header.step : head.header.step - 1);
      await liar.tell(0, itemsMessage({ kind: "vote", vote: voteFor(liar, { ...target, step }) }), 500);
    }
    await trial.until(4);
    expect(trial.core(0).chain.state.get("member", key(LIAR))?.barred).not.toBeNull();
    for (let step = 4; step < 7; step++) {
      await trial.until(step, 4_000);
      const core = liar.core(trial.core(0).chain, trial.core(0));
      const tx = candidacyOf(liar, core, stepIndex(step + 1), { at: trial.time.now, tokens: [] });
      liar.say(itemsMessage({ kind: "tx", tx }));
    }
    await trial.until(8);
    const { chain, summaries } = trial.core(0);
    for (const step of [5, 6, 7]) {
      expect(
        chain.state
          .get("auction", key(step))
          ?.candidates.map((c) => c.member)
          .toSorted(),
      ).toEqual([0, 1, 2]);
      expect(summaries.get(step)?.rank).toBe(0);
    }
  });
});

describe("a reading signed with a cryptometer key that was replaced", () => {
  it("is no reason to object, and does not hold up what the new key signs", async () => {
    const { trial, liar } = await begin();
    const { keys } = trial.lab.inhabitant(0);
    const newKey = publicKeyOf(cryptometerSecret(keys.seed, 1));
    const action = { kind: "meter", generator: 0 as GeneratorIndex, key: newKey, endorsement: null } as const;
    const { value } = await trial.lab.node(0).runner.order({ kind: "propose", action });
    await trial.until(3);
    for (const i of [1, 2]) await trial.lab.node(i).runner.order({ kind: "vote", proposal: value ?? "", yes: true });
    await trial.until(5, 4_000);
    const owner = { me: 0 as MemberIndex, keys, community: liar.community, bls: liar.bls };
    const registers: number[] = [];
    for (let step = 5; step < 8; step++) {
      await trial.until(step, 4_000);
      const from = trial.core(0).chain.state.get("generator", key(0))?.register ?? 0;
      registers.push(from);
      const tick = { generator: 0, step: step + 1, from, to: from + PER_STEP_MWH, at: trial.time.now, keyNumber: 1 };
      await liar.tell(1, itemsMessage(tickOf(owner, tick)), 500);
    }
    await trial.until(8);
    const [first = 0] = registers;
    expect(trial.core(0).chain.state.get("generator", key(0))?.register).toBe(first + 3 * PER_STEP_MWH);
    for (const { objections, chain } of trial.cores) {
      expect([...objections.all]).toEqual([]);
      expect(chain.final.header.step).toBe(8);
    }
  });
});
