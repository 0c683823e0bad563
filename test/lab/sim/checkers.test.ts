/** The simulator's checkers can fail: each is shown a violation of its own. */
import { describe, expect, it } from "vitest";
import { memberIndex, mwh, stepIndex, type Hash, type StepIndex } from "../../../worker/base/units.ts";
import { genesisBlock, genesisState } from "../../../worker/consensus/genesis.ts";
import {
  energyFaults,
  isPicture,
  meterFaults,
  pictureOf,
  stateFaults,
  timeFaults,
  tokenFaults,
} from "../../../worker/lab/checks.ts";
import { itemsMessage } from "../../../worker/lab/sim/puppet.ts";
import { Town } from "../../../worker/lab/sim/town.ts";
import { idealBls } from "../../../worker/lab/sim/ideal-bls.ts";
import { voteFor } from "../../../worker/lab/sim/forge.ts";
import { Puppet } from "../../../worker/lab/sim/puppet.ts";
import { Witness } from "../../../worker/lab/witness.ts";
import { key } from "../../../worker/ledger/rows.ts";
import { Draft } from "../../../worker/ledger/state.ts";

const town = new Town({ members: 3, seed: "checkers", bls: idealBls });
const { contract } = town;
const state = genesisState(contract);
const draft = (): Draft => new Draft(state);
const hash = (c: string): Hash => c.repeat(64) as Hash;

describe("the checker of states", () => {
  it("accepts the genesis, and no row that its root does not commit to", () => {
    const { header } = genesisBlock(contract, state);
    expect(stateFaults(state, header)).toEqual([]);
    const other = draft();
    other.drop("member", key(1));
    expect(stateFaults(other, header)).not.toEqual([]);
  });
  it("sees rows that the root leaves out", () => {
    const other = draft();
    other.put("book", key(1), { generated: [], shares: [] });
    expect(isPicture(state, pictureOf(state))).toBe(true);
    expect(isPicture(other, pictureOf(state))).toBe(false);
    expect(isPicture(state, pictureOf(other))).toBe(false);
    const changed = draft();
    changed.put("totals", "", { generated: mwh(1), distributed: mwh(0), lost: mwh(0) });
    expect(isPicture(changed, pictureOf(state))).toBe(false);
  });
});

describe("the checker of energy", () => {
  it("accepts nothing at the beginning", () => expect(energyFaults(state)).toEqual([]));
  it.each([
    ["energy out of nothing", { generated: mwh(5), distributed: mwh(0), lost: mwh(0) }],
    ["more distributed than generated", { generated: mwh(0), distributed: mwh(5), lost: mwh(0) }],
    ["energy that went nowhere", { generated: mwh(0), distributed: mwh(0), lost: mwh(5) }],
  ])("refuses %s", (_, totals) => {
    const other = draft();
    other.put("totals", "", totals);
    expect(energyFaults(other)).not.toEqual([]);
  });
  it("refuses a meter that nobody's energy reached", () => {
    const other = draft();
    const row = other.get("member", key(0));
    if (row) other.put("member", key(0), { ...row, meter: mwh(1) });
    expect(energyFaults(other)).toHaveLength(1);
  });
});

describe("the checker of tokens", () => {
  const token = (birth: number, amount: number): Draft => {
    const other = draft();
    other.put("token", `${hash("a")}-${key(0)}`, {
      owner: memberIndex(0),
      birth: stepIndex(birth),
      amount: mwh(amount),
    });
    return other;
  };
  it("refuses tokens for which no energy was born, too old ones and those of tomorrow", () => {
    expect(tokenFaults(token(5, 1), 5, 4)).toHaveLength(1);
    const born = token(5, 10);
    born.put("book", key(5), {
      generated: [{ generator: 0 as never, mwh: mwh(10), at: 1, estimated: false }],
      shares: [],
    });
    expect(tokenFaults(born, 5, 4)).toEqual([]);
    expect(tokenFaults(born, 9, 4)).toEqual([]);
    expect(tokenFaults(born, 10, 4)).toHaveLength(1);
    expect(tokenFaults(born, 4, 4)).toHaveLength(1);
  });
});

describe("the checker of time", () => {
  const line = (step: number, height: number) => ({ step: step as StepIndex, height, rank: 0 });
  const end = town.end(3) + contract.publishDelayMs;
  it("accepts a block in time and refuses a step that does not ascend, skips a height or is not over, and a rank whose turn has not come", () => {
    expect(timeFaults(contract, line(1, 1), line(3, 2), end)).toEqual([]);
    expect(timeFaults(contract, line(3, 1), line(3, 2), end)).toHaveLength(1);
    expect(timeFaults(contract, line(1, 1), line(3, 3), end)).toHaveLength(1);
    expect(timeFaults(contract, line(1, 1), line(3, 2), end - 1)).toHaveLength(1);
    expect(timeFaults(contract, line(1, 1), { ...line(3, 2), rank: 1 }, end)).toHaveLength(1);
  });
});

describe("the checker of meters", () => {
  it("refuses one that falls, or vanishes", () => {
    expect(meterFaults([1, 2], [1, 3])).toEqual([]);
    expect(meterFaults([1, 2], [1, 1])).toHaveLength(1);
    expect(meterFaults([1, 2], [1])).toHaveLength(1);
  });
});

describe("the witness", () => {
  const witness = (liars: readonly number[] = []): Witness =>
    new Witness({ contract, now: () => town.time.now, honest: (i) => !liars.includes(i) });
  const puppet = new Puppet(town.lab, town.time, 0, town.bls);
  const vote = (block: Hash, round = 0) =>
    voteFor(puppet, { set: 0, round, kind: "approval", step: stepIndex(1), block });
  const codes = (w: Witness): string[] => w.faults.map((f) => f.checker);

  it("sees two final blocks of one height, and a chain with a hole", () => {
    const w = witness();
    w.final(0, 1, { hash: hash("a"), step: 1 });
    w.final(1, 1, { hash: hash("a"), step: 1 });
    expect(codes(w)).toEqual([]);
    w.final(2, 1, { hash: hash("b"), step: 1 });
    w.final(2, 2, undefined);
    expect(codes(w)).toEqual(["finality", "finality"]);
  });
  it("hears two votes of a round in what nodes send, and not those of a liar", () => {
    const [honest, lying] = [witness(), witness([0])];
    for (const w of [honest, lying])
      for (const block of [hash("a"), hash("a"), hash("b")])
        w.sent(1, itemsMessage({ kind: "vote", vote: vote(block) }));
    expect(codes(honest)).toEqual(["signatures"]);
    expect(codes(lying)).toEqual([]);
    honest.sent(1, itemsMessage({ kind: "vote", vote: vote(hash("b"), 1) }));
    expect(codes(honest)).toEqual(["signatures"]);
  });
  it("sees two blocks of a step, and a journal that changes its mind", () => {
    const w = witness();
    w.closed(1, 4, hash("a"));
    w.closed(1, 5, hash("b"));
    w.closed(1, 4, hash("c"));
    w.wrote(2, "block/7", Uint8Array.of(1));
    w.wrote(2, "block/7", Uint8Array.of(1));
    w.wrote(2, "block/7", Uint8Array.of(2));
    expect(codes(w)).toEqual(["signatures", "signatures"]);
    expect(w.verdicts().filter((v) => !v.ok)).toMatchObject([{ checker: "signatures", faults: 2 }]);
  });
});
