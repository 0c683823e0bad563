/** What whoever runs a community is told to do, and the sentence above it; a month's parts joined to one. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEven, joinedParts, loadMonth, operatorSentence, tasksOf } from "../../src/app/operator-data.ts";
import { namesOf, operatorTimes, standingWords } from "../../src/app/operator-words.ts";
import { hrefOf, parseRoute, placeOf, tabOf } from "../../src/app/route.ts";
import { operator as en } from "../../src/app/text/en-operator.ts";
import type { MeterCareView, MonthPart, OperatorView } from "../../worker/port-operator.ts";
import { fixtureMonth, fixtureOperator } from "./fixture-operator.ts";
import type { FixtureOptions } from "./fixture-view.ts";
import { scenarioView } from "./scenarios.ts";

const now = new Date(2026, 5, 21, 14, 21, 40).getTime();
const dayStart = new Date(2026, 5, 21).getTime();
const options: FixtureOptions = { now, dayStart, stepMs: 900_000, t0: dayStart - 9 * 86_400_000 };
const member = scenarioView("member", options);
const calm = fixtureOperator(options, member, true);
const kinds = (operator: OperatorView, view = member): string[] => tasksOf(operator, view).map(({ kind }) => kind);
const behind = (over: Partial<MeterCareView>): OperatorView => {
  const [first, ...rest] = calm.meters;
  if (first === undefined) throw new Error("the fixture has meters");
  return { ...calm, meters: [{ ...first, standing: "late", behind: 9, ...over }, ...rest] };
};

describe("what is to be done", () => {
  it("is nothing where all meters reported and were checked, and the sentence says so", () => {
    expect(kinds(calm)).toEqual([]);
    expect(operatorSentence(calm, [])).toEqual({ kind: "all" });
  });
  it("is who waits at the door, a member's new device before other ballots, and not what was voted on", () => {
    const busy = scenarioView("busy", options);
    expect(kinds(calm, busy)).toEqual(["applicants"]);
    const council = scenarioView("council", options);
    expect(tasksOf(calm, council)).toEqual([
      { kind: "new-phone", names: ["Guy"] },
      { kind: "ballots", count: 3 },
    ]);
    const voted = council.proposals.map((proposal) => ({ ...proposal, mine: "no" as const }));
    expect(kinds(calm, { ...council, proposals: voted })).toEqual([]);
    expect(kinds(calm, { ...council, voting: null })).toEqual([]);
  });
  it("about a meter is for its owner, and for who runs the community, and for nobody else", () => {
    expect(kinds(behind({}))).toEqual(["meters"]);
    expect(kinds({ ...behind({}), roles: { vpp: false, dso: false } })).toEqual([]);
    expect(kinds({ ...behind({ mine: true }), roles: { vpp: false, dso: false } })).toEqual(["meter-mine"]);
    expect(kinds({ ...behind({}), roles: { vpp: false, dso: true } })).toEqual(["meters"]);
    expect(kinds(behind({ ownerLeft: true }))).toEqual([]);
  });
  it("is to check a meter that counts and never was, or did not fit", () => {
    expect(kinds(behind({ standing: "counting", check: null }))).toEqual(["check"]);
    const check = { at: now, from: 0, to: now, fits: false };
    expect(kinds(behind({ standing: "counting", check }))).toEqual(["check"]);
  });
  it("is to share what waits, for a holder of a VPP key only", () => {
    const unbooked = { ...calm.unbooked, withVppMwh: 5, since: 860, steps: 1 };
    expect(tasksOf({ ...calm, unbooked }, member)).toEqual([{ kind: "unbooked", mwh: 5, steps: 1, since: 860 }]);
    expect(kinds({ ...calm, unbooked, roles: { vpp: false, dso: false } })).toEqual([]);
  });
  it("is first of all what makes figures or the chain doubtful: sums, nobody who writes, too few who vote", () => {
    const worse: OperatorView = {
      ...calm,
      sums: { ...calm.sums, agree: false },
      overStep: calm.headStep + 3,
      voters: { all: 9, away: 5, needed: 5 },
      unendorsed: [{ key: "a", name: "Dirk" }],
    };
    expect(kinds(worse)).toEqual(["sums", "stalled", "quorum", "await-endorsement"]);
    expect(kinds({ ...worse, roles: { vpp: false, dso: true } }).at(-1)).toBe("endorse");
    expect(kinds({ ...worse, overStep: calm.headStep + 2, voters: { all: 9, away: 4, needed: 5 } })).toEqual([
      "sums",
      "await-endorsement",
    ]);
  });
});

describe("the sentence", () => {
  it("counts each meter that is to be checked, which its task names together", () => {
    const unchecked = { ...calm, meters: calm.meters.map((meter) => ({ ...meter, check: null })) };
    const tasks = tasksOf(unchecked, member);
    expect(tasks.map(({ kind }) => kind)).toEqual(["check"]);
    expect(operatorSentence(unchecked, tasks)).toEqual({ kind: "tasks", count: unchecked.meters.length });
    expect(unchecked.meters.length).toBeGreaterThan(1);
  });
  it("tells the dark from a meter that others look for, and a community without meters from both", () => {
    const old = calm.meters.map((meter) => ({ ...meter, lastStep: calm.headStep - 30 }));
    expect(operatorSentence({ ...calm, meters: old }, []).kind).toBe("dark");
    expect(operatorSentence({ ...calm, meters: [] }, []).kind).toBe("no-meters");
    expect(operatorSentence(behind({}), [])).toEqual({ kind: "not-mine", quiet: 1 });
    expect(operatorSentence(calm, tasksOf(behind({}), member))).toEqual({ kind: "tasks", count: 1 });
  });
  it("names a few and counts the others", () => {
    expect(namesOf(["Ana", "Bo"], en, "en")).toBe("Ana and Bo");
    expect(namesOf(["Ana", "Bo", "Cleo", "Dan", "Eve"], en, "en")).toBe("Ana, Bo, Cleo, and 2 more");
    expect(standingWords({ standing: "late", behind: 1 }, en)).toBe("late: other roofs were counted in 1 step since");
    expect(standingWords({ standing: "never", behind: 0 }, en)).toBe("never counted anything");
  });
  it("gives steps as times of the day", () => {
    const times = operatorTimes(member, now, "en-GB");
    expect([times.begin(921), times.of(921)]).toEqual(["14:00", "14:15"]);
    expect([times.ago(921), times.lasting(96)]).toEqual(["6 minutes ago", "24 hours"]);
  });
});

describe("a month", () => {
  const made = fixtureMonth(options, member, { from: dayStart - 30 * 86_400_000, to: dayStart, page: null });
  const part = (over: Partial<MonthPart>): MonthPart => ({ ...made, ...over });
  it("is the sum of its parts, whatever they are; a gap that a part ends in is one gap", () => {
    const amounts = fc.array(fc.record({ member: fc.nat(9), mwh: fc.nat() }), { maxLength: 9 });
    const unique = amounts.map((all) => [...new Map(all.map((one) => [one.member, one])).values()]);
    fc.assert(
      fc.property(unique, unique, fc.nat(50), (a, b, steps) => {
        const joined = joinedParts(part({ members: a, steps, gaps: [] }), part({ members: b, steps: 7, gaps: [] }));
        const sum = (all: readonly { readonly mwh: number }[]): number => all.reduce((s, { mwh }) => s + mwh, 0);
        expect(sum(joined.members)).toBe(sum(a) + sum(b));
        expect(new Set(joined.members.map((one) => one.member)).size).toBe(joined.members.length);
        expect(joined.steps).toBe(steps + 7);
      }),
    );
    const gaps = joinedParts(
      part({
        gaps: [
          { first: 1, last: 2 },
          { first: 90, last: 96 },
        ],
      }),
      part({
        gaps: [
          { first: 97, last: 98 },
          { first: 120, last: 120 },
        ],
      }),
    ).gaps;
    expect(gaps).toEqual([
      { first: 1, last: 2 },
      { first: 90, last: 98 },
      { first: 120, last: 120 },
    ]);
  });
  it("is asked for until it is whole, and tells how much of it is done", async () => {
    const shown: number[] = [];
    const range = { from: dayStart - 20 * 86_400_000, to: dayStart };
    const pages: (number | null)[] = [];
    const month = await loadMonth(
      (_, ask) => {
        const { page } = ask as { page: number | null };
        pages.push(page);
        return Promise.resolve(fixtureMonth(options, member, { ...range, page }) as never);
      },
      range,
      (done) => shown.push(done),
    );
    expect(pages).toHaveLength(2);
    expect(shown).toEqual([0.5, 1]);
    expect(month.steps).toBe(20 * 96);
    expect(month.firstStep).toBeLessThan(month.lastStep);
    expect(isEven(month)).toBe(true);
    expect(isEven({ ...month, creditedMwh: month.creditedMwh - 1 })).toBe(false);
    expect(isEven({ ...month, uneven: 1 })).toBe(false);
  });
  it("has an address of its own, and going from one to the next keeps the place", () => {
    expect(parseRoute("#/operator")).toEqual({ name: "operator", date: null });
    expect(parseRoute("#/operator/2026-05-01")).toEqual({ name: "operator", date: "2026-05-01" });
    expect(parseRoute("#/operator/2026-13-01")).toEqual({ name: "operator", date: null });
    for (const date of [null, "2026-05-01"]) {
      expect(parseRoute(hrefOf({ name: "operator", date }))).toEqual({ name: "operator", date });
      expect(tabOf({ name: "operator", date })).toBe("community");
    }
    expect(placeOf({ name: "operator", date: "2026-05-01" })).toBe(placeOf({ name: "operator", date: "2026-04-01" }));
    expect(placeOf({ name: "operator", date: null })).toBe("#/operator");
  });
});
