/** Which notices are due, what they say, the number on the icon, and when the home screen is offered. */
import { describe, expect, test } from "vitest";
import { installMoment } from "../../src/app/install.ts";
import { loadNoticeTexts, noticeWords } from "../../src/app/notice-words.ts";
import { NOTHING_WANTED, noticesDue, type Notice, type Told, type Wanted } from "../../src/app/notices.ts";
import { LANGUAGES } from "../../src/app/language.ts";
import { thingsToDo } from "../../src/app/to-do.ts";
import type { View } from "../../worker/port.ts";
import { scenarioView } from "./scenarios.ts";
import { fixtureMeter } from "./fixture-view.ts";

const options = {
  now: 1_000_000_000_000,
  stepMs: 900_000,
  dayStart: 1_000_000_000_000 - 14 * 3_600_000,
  t0: 999_000_000_000 - (999_000_000_000 % 900_000),
};
const ALL: Wanted = { meter: true, ballot: true, stalled: true, named: false };
const MINUTE = 60_000;

const quiet: View = scenarioView("meter", options);
const later = (view: View, minutes: number): View => ({ ...view, madeAt: view.madeAt + minutes * MINUTE });
const withMeter = (view: View, part: Partial<View["meters"][number]>): View => ({
  ...view,
  meters: [{ ...fixtureMeter(options), ...part }],
});
const silent = withMeter(quiet, { state: "silent", lastReading: options.now - 12 * MINUTE });
/** Lives through views one after the other; what was shown at each. */
const live = (views: readonly (readonly [View, boolean])[], wanted: Wanted = ALL): string[][] => {
  let told: Told = {};
  return views.map(([view, seen]) => {
    const answer = noticesDue(view, wanted, told, seen);
    ({ told } = answer);
    return answer.due.map(({ tag }) => tag);
  });
};

describe("notices", () => {
  test("a meter that falls silent while nobody looks is told once", () => {
    const tag = `meter/${fixtureMeter(options).id}`;
    const views = [quiet, silent, later(silent, 1), later(silent, 120)];
    expect(live(views.map((view) => [view, false]))).toEqual([[], [tag], [], []]);
  });
  test("nothing is told that is not wanted, and at first nothing is", () => {
    expect(live([[silent, false]], NOTHING_WANTED)).toEqual([[]]);
    expect(live([[silent, false]], { ...ALL, meter: false })).toEqual([[]]);
  });
  test("what the member has on the screen is told by the screen", () => {
    expect(
      live([
        [silent, true],
        [later(silent, 1), false],
      ]),
    ).toEqual([[], []]);
  });
  test("a loose contact is one notice; a meter that worked for a while in between is another", () => {
    const [tag] = live([[silent, false]])[0] ?? [];
    const back = [silent, later(quiet, 2), later(silent, 4), later(quiet, 5), later(silent, 30)];
    expect(live(back.map((view) => [view, false]))).toEqual([[tag], [], [], [], [tag]]);
  });
  test("each ballot is told by itself, and one that was voted on is not", () => {
    const council = scenarioView("council", options);
    const open = council.proposals.filter(({ state, mine }) => state === "open" && mine === null);
    expect(open.length).toBeGreaterThan(1);
    const [told] = live([[council, false]]);
    expect(told).toEqual(open.map(({ id }) => `ballot/${id}`));
    const voted = { ...council, proposals: council.proposals.map((one) => ({ ...one, mine: "yes" as const })) };
    expect(live([[voted, false]])).toEqual([[]]);
  });
  test("the chain stalls when more than three steps have no block and somebody is there to know it", () => {
    const { step } = quiet;
    if (step === null || quiet.head === null) throw new Error("the fixture has a step");
    const behind = (steps: number): View => ({
      ...quiet,
      head: { hash: "h", height: 1, step: step.index - 1 - steps },
    });
    expect(live([[behind(3), false]])).toEqual([[]]);
    expect(live([[behind(4), false]])).toEqual([["stalled"]]);
    expect(live([[{ ...behind(4), peers: [] }, false]])).toEqual([[]]);
    expect(live([[{ ...behind(4), sync: { done: 1, of: 9 } }, false]])).toEqual([[]]);
  });
  test("the demo and who is no member are left alone", () => {
    expect(live([[{ ...silent, demo: true }, false]])).toEqual([[]]);
    expect(live([[{ ...silent, phase: "welcome" }, false]])).toEqual([[]]);
  });
});

describe("a notice's words", () => {
  const notice: Notice = { kind: "meter", tag: "meter/1", hash: "#/meter", name: "Roof south", minutes: 12 };
  test("name nobody and nothing unless that was chosen, in every language", async () => {
    for (const language of LANGUAGES) {
      const text = await loadNoticeTexts(language);
      for (const kind of ["meter", "ballot", "stalled"] as const) {
        const { title, body } = noticeWords(text, { ...notice, kind }, false);
        expect(`${title} ${body}`).not.toMatch(/Roof|12/);
      }
      expect(noticeWords(text, notice, true).body).toMatch(/Roof south.*12/);
      expect(noticeWords(text, { ...notice, kind: "ballot", name: "Dirk" }, true).body).toContain("Dirk");
      expect(noticeWords(text, { ...notice, kind: "stalled", minutes: 60 }, true).body).toContain("60");
    }
  });
});

describe("the number on the icon", () => {
  test("counts ballots to vote on, requests to answer and meters to look after", () => {
    expect(thingsToDo(quiet)).toBe(0);
    expect(thingsToDo(silent)).toBe(1);
    const council = scenarioView("council", options);
    expect(thingsToDo(council)).toBe(council.proposals.filter((p) => p.state === "open" && p.mine === null).length);
    // One asks to join and was not refused; the meter has stopped.
    expect(thingsToDo(scenarioView("busy", options))).toBe(2);
    expect(thingsToDo({ ...silent, demo: true })).toBe(0);
    expect(thingsToDo(null)).toBe(0);
  });
});

describe("the home screen", () => {
  const me = { index: 0, key: "k", name: "Ana" };
  test("is offered after joining or after the first share, and not before", () => {
    expect(installMoment(scenarioView("welcome", options), "prompt", false)).toBeNull();
    expect(installMoment(scenarioView("waiting", options), "prompt", false)).toBeNull();
    expect(installMoment({ ...scenarioView("empty", options), me }, "prompt", false)).toBeNull();
    expect(installMoment({ ...scenarioView("empty", options), me: { ...me, index: 3 } }, "prompt", false)).toBe(
      "prompt",
    );
    expect(installMoment({ ...quiet, me }, "menu", false)).toBe("menu");
  });
  test("is not offered again once it was put aside, nor where it cannot be, nor in the demo", () => {
    expect(installMoment(quiet, "prompt", true)).toBeNull();
    expect(installMoment(quiet, "none", false)).toBeNull();
    expect(installMoment({ ...quiet, demo: true }, "prompt", false)).toBeNull();
  });
});
