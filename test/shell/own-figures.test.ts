/**
 * What Home says of this member, of one state after the other: its part of what flows now, what it used and what it has had
 * of today, also of steps that no block has closed and once it has left.
 */
import { describe, expect, it } from "vitest";
import { key, type BookRow, type EnergyRow, type MemberRow } from "../../worker/ledger/rows.ts";
import type { Core } from "../../worker/node/core.ts";
import type { Early } from "../../worker/shell/books.ts";
import type { Household } from "../../worker/shell/household.ts";
import { householdView } from "../../worker/shell/household-view.ts";
import { liveShareOf } from "../../worker/shell/view.ts";
import { contextOn, genesisOf, keysOf, T0, STEP, worldOf } from "../ledger/worlds.ts";

const HEAD = 20;
const WH = 1_000;
type Setting = {
  readonly final?: number;
  readonly waiting?: number;
  readonly fees?: { readonly feePpm: number; readonly lossPpm: number };
  readonly left?: boolean;
};

/** A node of member 0 at step 20, whose share of each step until then was 4 Wh. */
const coreOf = (setting: Setting = {}): Core => {
  const { fees = { feePpm: 0, lossPpm: 0 }, left = false, final = HEAD - 2, waiting } = setting;
  const world = worldOf({ members: 2, owners: [0], change: fees });
  const { draft } = contextOn(world, genesisOf(world), HEAD);
  const shares = [{ member: 0, mwh: 4 * WH }];
  for (let step = 1; step <= HEAD; step++)
    draft.put("book", key(step), { generated: [], shares } as unknown as BookRow);
  if (left) draft.put("member", key(0), { ...(draft.get("member", key(0)) as MemberRow), left: HEAD as never });
  if (waiting !== undefined)
    draft.put("energy", "ab", { owner: "vpp", generator: 0, step: waiting, mwh: WH } as unknown as EnergyRow);
  return {
    contract: world.contract,
    me: left ? null : 0,
    now: T0 + HEAD * STEP + 1,
    keys: { memberKey: keysOf(0).memberKey },
    chain: { state: draft, head: { header: { step: HEAD } }, final: { header: { step: final } } },
  } as unknown as Core;
};
const early = (mine: Map<number, number> = new Map()): Early => ({
  generated: 0,
  byMember: new Map(),
  byGenerator: new Map(),
  mine,
});
/** 10 Wh in each step from the tenth on. */
const household = (countedTo: number): Household =>
  ({
    isKnown: true,
    since: 10,
    countedTo,
    use: (step: number) => (step < 10 || step > countedTo ? null : { mwh: 10 * WH, estimated: false }),
  }) as unknown as Household;
const moment = (sums = early()) => ({ meters: [], today: [], dayStart: T0, early: sums, now: T0 + 30 * STEP });

describe("my part of what flows now", () => {
  it("is what a distribution will credit: without the fee and the loss that the rule takes first", () => {
    expect(liveShareOf(coreOf(), 1_000)).toBe(500);
    expect(liveShareOf(coreOf({ fees: { feePpm: 100_000, lossPpm: 60_000 } }), 1_000)).toBe(420);
  });
  it("is nothing of somebody who has left, and not known where the power is not", () => {
    expect(liveShareOf(coreOf({ left: true }), 1_000)).toBe(0);
    expect(liveShareOf(coreOf(), null)).toBeNull();
  });
});

describe("what this household used today", () => {
  it("is told as far as the chain has come: a step that no block has closed is not all from the grid", () => {
    expect(householdView(coreOf(), household(25), moment())).toMatchObject({
      useMwh: 110 * WH,
      ownMwh: 44 * WH,
      gridMwh: 66 * WH,
      countedTo: T0 + HEAD * STEP,
      provisional: true,
    });
  });
  it("has the share of a member that left today up to then", () => {
    expect(householdView(coreOf({ left: true }), household(HEAD), moment())).toMatchObject({ ownMwh: 44 * WH });
  });
  it("adds what a step was given after its first figures had left the state", () => {
    const sums = early(new Map([[10, 5 * WH]]));
    expect(householdView(coreOf(), household(HEAD), moment(sums))).toMatchObject({ ownMwh: 49 * WH });
  });
  it("is provisional while energy of any of its steps waits to be shared, not of the last one only", () => {
    const final = HEAD + coreOf().contract.lateWindow;
    expect(householdView(coreOf({ final }), household(HEAD), moment())).toMatchObject({ provisional: false });
    expect(householdView(coreOf({ final, waiting: 12 }), household(HEAD), moment())).toMatchObject({
      provisional: true,
    });
  });
});
