/**
 * Members who tell each other's neighbours different things of an auction (T IV; PROTOCOL.md §6, §7.4): who was told the
 * other half owes nothing, and the chain goes on.
 */
import { expect, it } from "vitest";
import { stepIndex, type MemberIndex } from "../../worker/base/units.ts";
import { candidacyOf } from "../../worker/lab/sim/forge.ts";
import { itemsMessage, Puppet } from "../../worker/lab/sim/puppet.ts";
import { key } from "../../worker/ledger/rows.ts";
import { Trial } from "./trial.ts";

const LIAR = 3 as MemberIndex;
const VICTIM = 1;
const STEPS = 10;

it("one candidacy for a member and another for the rest costs nobody honest a strike, nor its block an approval", async () => {
  const trial = await Trial.begin({ members: 4, absent: [LIAR], owners: [0] });
  const liar = new Puppet(trial.lab, trial.time, LIAR);
  liar.stand();
  await trial.until(2);
  for (const i of [0, 1, 2]) await liar.tell(i, itemsMessage(), 20);
  for (let step = 2; step < STEPS; step++) {
    await trial.until(step, 4_000);
    const core = liar.core(trial.core(0).chain, trial.core(0));
    for (const i of [0, 1, 2]) {
      const at = trial.time.now - (i === VICTIM ? 1 : 0);
      liar.say(itemsMessage({ kind: "tx", tx: candidacyOf(liar, core, stepIndex(step + 1), { at, tokens: [] }) }), i);
    }
    await trial.until(step + 1, 1_900);
    for (const { objections } of trial.cores) expect(objections.all.size).toBe(0);
  }
  const { state, final } = trial.core(0).chain;
  const owed = state.scan("incident").flatMap(([, incident]) => incident.owed);
  expect(owed.filter((member) => member !== LIAR)).toEqual([]);
  expect(state.get("member", key(VICTIM))?.blocks).toBeGreaterThan(0);
  expect(final.header.step).toBeGreaterThanOrEqual(STEPS - 2);
  expect(liar.downs).toEqual([]);
});
