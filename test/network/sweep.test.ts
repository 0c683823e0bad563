/** Under which names members are looked for: all of them in turn, few at a time, with rests. */
import { expect, test } from "vitest";
import type { PublicKey } from "../../worker/base/units.ts";
import { rendezvous, RENDEZVOUS_COUNT } from "../../worker/network/address.ts";
import { createSweep, encourage, nextNames } from "../../worker/network/sweep.ts";

const COMMUNITY = "c0".repeat(32);
const keyOf = (n: number): PublicKey => n.toString(16).padStart(64, "0") as PublicKey;
const members = (count: number): PublicKey[] => Array.from({ length: count }, (_, n) => keyOf(n));
const sweepOf = (self = 9_999) => createSweep(COMMUNITY, keyOf(self));

test("every member's main name comes before any second name, each once, and then nothing for a minute", () => {
  const sweep = sweepOf();
  const all = members(50);
  const names = Array.from({ length: 20 }, () => nextNames(sweep, all, 10, 0)).flat();
  expect(names).toHaveLength(50 * RENDEZVOUS_COUNT);
  expect(new Set(names.map(({ address }) => address)).size).toBe(names.length);
  expect(names.map(({ place }) => place)).toEqual(names.map(({ place }) => place).toSorted((a = 0, b = 0) => a - b));
  expect(nextNames(sweep, all, 10, 59_999)).toEqual([]);
  expect(nextNames(sweep, all, 10, 60_000)).toHaveLength(10);
});

test("a member who was just admitted is looked for at once, also while the sweep rests", () => {
  const sweep = sweepOf();
  nextNames(sweep, members(3), 100, 0);
  const names = nextNames(sweep, members(4), 0, 1);
  expect(names.map(({ address }) => address)).toEqual(rendezvous(COMMUNITY, keyOf(3)));
});

test("rests grow from one to ten minutes, until somebody answers", () => {
  const sweep = sweepOf();
  const all = members(2);
  let now = 0;
  for (const rest of [60, 120, 240, 480, 600, 600]) {
    nextNames(sweep, all, 100, now);
    expect(nextNames(sweep, all, 100, now + rest * 1_000 - 1)).toEqual([]);
    now += rest * 1_000;
  }
  encourage(sweep);
  nextNames(sweep, all, 100, now);
  expect(nextNames(sweep, all, 100, now + 60_000)).not.toEqual([]);
});

test("different nodes look for different members first, and who knows no member looks for nobody", () => {
  expect(nextNames(sweepOf(1_000), members(50), 5, 0)).not.toEqual(nextNames(sweepOf(1_001), members(50), 5, 0));
  expect(nextNames(sweepOf(), [], 10, 0)).toEqual([]);
});

test("a rest that a clock began which was a year ahead is over ten minutes after it is set right", () => {
  const sweep = sweepOf();
  nextNames(sweep, members(2), 100, 366 * 86_400_000);
  nextNames(sweep, members(2), 100, 0);
  expect(nextNames(sweep, members(2), 100, 600_000)).not.toEqual([]);
});
