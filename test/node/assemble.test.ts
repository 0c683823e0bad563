/** The block that a node makes where others left energy: it distributes all of it, as a step that closes asks of anybody. */
import { describe, expect, it } from "vitest";
import { memberIndex, mwh, stepIndex, type GeneratorIndex } from "../../worker/base/units.ts";
import { key } from "../../worker/ledger/rows.ts";
import { Draft } from "../../worker/ledger/state.ts";
import { MAX_INPUTS } from "../../worker/ledger/transaction.ts";
import { assembleBlock, ranksOf } from "../../worker/node/assemble.ts";
import { idFrom } from "../ledger/worlds.ts";
import { Trial } from "../lab/trial.ts";

describe("who makes the block in which a step closes", () => {
  it.each([true, false])(
    "distributes what was left of it, in as many as it takes; holder of a VPP key: %s",
    async (vpp) => {
      const trial = await Trial.begin({ members: 1, owners: [0] });
      await trial.until(2);
      const core = trial.core(0);
      const { chain } = core;
      const me = memberIndex(0);
      const draft = new Draft(chain.state);
      const row = draft.get("member", key(me));
      if (row) draft.put("member", key(me), { ...row, vpp });
      for (let n = 0; n <= MAX_INPUTS; n++)
        draft.put("energy", idFrom(n), {
          owner: "vpp",
          generator: 0 as GeneratorIndex,
          step: stepIndex(1),
          mwh: mwh(1_000),
        });
      chain.state.apply(draft.delta());
      const step = stepIndex(1 + chain.signed.lateWindow);
      const block = assembleBlock(core, me, step, ranksOf(core, me, step)[0] ?? -1);
      const inputs = block?.txs.flatMap(({ body }) => (body.kind === "distribution" ? [body.inputs.length] : []));
      expect(inputs).toEqual([MAX_INPUTS, 1]);
    },
  );
});
