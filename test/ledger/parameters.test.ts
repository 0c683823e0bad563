/** The contract as it reads at a step: the same before and after the step begins, whatever was adopted (§II.C). */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { memberIndex, stepIndex } from "../../worker/base/units.ts";
import { validateTerms } from "../../worker/community/contract.ts";
import {
  amended,
  amendmentOf,
  PARAMETERS,
  type Amendment,
  type Parameters,
} from "../../worker/community/parameters.ts";
import { beginStep } from "../../worker/consensus/transition.ts";
import { contractAt } from "../../worker/ledger/parameters.ts";
import { Draft, type State } from "../../worker/ledger/state.ts";
import { codeOf, contextOn, genesisOf, idFrom, refusal, worldOf, type World } from "./worlds.ts";

let world: World;
let genesis: State;
beforeAll(() => {
  world = worldOf({ members: 3 });
  genesis = genesisOf(world);
});
const changes = fc.record({
  id: fc.nat(1_000),
  from: fc.option(fc.integer({ min: 1, max: 12 }), { freq: 5 }),
  terms: fc
    .record(
      {
        strikes: fc.integer({ min: 1, max: 9 }),
        feePpm: fc.nat(800_000),
        lossPpm: fc.nat(800_000),
        ballotWindow: fc.integer({ min: 20, max: 90 }),
        quorumNum: fc.constantFrom(2, 3),
        weightEnergy: fc.constantFrom(11, 50, 80),
        weightAge: fc.constantFrom(30, 60, 90),
      },
      { requiredKeys: [] },
    )
    .map((terms) => ("quorumNum" in terms ? { ...terms, quorumDen: 4 } : terms)),
});
type Change = typeof changes extends fc.Arbitrary<infer T> ? T : never;
const amendmentFor = ({ terms }: Change): Amendment => amendmentOf(world.contract, terms);
const stateWith = (list: readonly Change[]): State => {
  const draft = new Draft(genesis);
  for (const change of list) {
    const action = { kind: "parameters", changes: amendmentFor(change) } as const;
    const from = change.from === null ? null : stepIndex(change.from);
    const by = memberIndex(0);
    draft.put("proposal", idFrom(change.id), { by, opened: stepIndex(1), action, ballots: [], from });
  }
  const state = genesisOf(world);
  state.apply(draft.delta());
  return state;
};

describe("the contract of a step", () => {
  it("reads the same on the state that a block left and on the one in which the step has begun, over any gap", () => {
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 6 }), fc.integer({ min: 1, max: 14 }), (list, step) => {
        const state = stateWith(list);
        const before = contractAt(state, world.contract, stepIndex(step));
        const ctx = contextOn(world, state, step);
        beginStep(ctx);
        expect(contractAt(ctx.draft, world.contract, stepIndex(step))).toEqual(before);
        expect({ ...world.contract, ...ctx.draft.get("parameters", "") }).toEqual(before);
        expect(ctx.contract).toEqual(before);
      }),
    );
  });

  it("is what each that is due makes of the one before, by step and then by id, where it fits; others change nothing", () => {
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 6 }), fc.integer({ min: 1, max: 14 }), (list, step) => {
        const latest = new Map(list.map((c) => [c.id, c]));
        const due = [...latest.values()]
          .filter((c) => c.from !== null && c.from <= step)
          .toSorted((a, b) => (a.from ?? 0) - (b.from ?? 0) || a.id - b.id);
        const expected = due.reduce((contract, change) => {
          const next = { ...contract, ...Object.fromEntries(amendmentFor(change).map((a) => [a.name, a.value])) };
          return amendmentFor(change).length > 0 && validateTerms(next).ok ? next : contract;
        }, world.contract);
        expect(contractAt(stateWith(list), world.contract, stepIndex(step))).toEqual(expected);
      }),
    );
  });

  it("step by step comes to the same as over a gap, fee and loss of each step included", () => {
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 6 }), (list) => {
        const [walked, jumped] = [new Draft(stateWith(list)), new Draft(stateWith(list))];
        const begin = (draft: Draft, step: number): void => {
          const at = stepIndex(step);
          beginStep({ ...contextOn(world, draft, step), contract: contractAt(draft, world.contract, at), draft });
        };
        for (let step = 1; step <= 14; step++) begin(walked, step);
        begin(jumped, 14);
        expect(jumped.scan("allocation")).toEqual(walked.scan("allocation"));
        expect(jumped.get("parameters", "")).toEqual(walked.get("parameters", ""));
      }),
    );
  });
});

describe("parameters", () => {
  it("leave out what devices must know before they have a state, and what a closed step rests on", () => {
    for (const name of ["t0", "stepMs", "openDelayMs", "closeLeadMs", "publishDelayMs", "takeoverMs", "lateWindow"])
      expect(PARAMETERS).not.toContain(name);
  });

  it("are refused where the contract itself would be, by the field that is wrong", () => {
    const field = (over: Partial<Parameters>): unknown =>
      refusal(amended(world.contract, amendmentOf(world.contract, over))).data?.["field"];
    expect(field({ weightEnergy: 70 })).toBe("weightEnergy");
    expect(field({ quorumNum: 1, quorumDen: 3 })).toBe("quorumDen");
    expect(field({ strikes: 0 })).toBe("strikes");
    expect(field({ feePpm: 999_999, lossPpm: 2 })).toBe("lossPpm");
  });

  it("are named once each in one order, and the quorum's two numbers together: one change has one encoding", () => {
    const strikes = { name: "strikes", value: 5 } as const;
    const feePpm = { name: "feePpm", value: 5 } as const;
    expect(amended(world.contract, [feePpm, strikes]).ok).toBe(true);
    for (const wrong of [[], [strikes, feePpm], [strikes, strikes], [{ name: "quorumDen", value: 2 } as const]])
      expect(codeOf(amended(world.contract, wrong))).toBe("parameters-order");
    expect(
      amendmentOf(world.contract, { strikes: 5, feePpm: 5, ballotWindow: 672, quorumNum: 2, quorumDen: 3 }),
    ).toEqual([feePpm, { name: "quorumNum", value: 2 }, { name: "quorumDen", value: 3 }, strikes]);
    expect(amendmentOf({ ...world.contract, quorumNum: 2, quorumDen: 3 }, { quorumDen: 4 })).toEqual([
      { name: "quorumNum", value: 2 },
      { name: "quorumDen", value: 4 },
    ]);
  });
});
