/** The smaller decisions of the screens: stages, phrase check, meter form, race, Merkle drawing, ribbon, language. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LANGUAGES, languageFrom, loadAllTexts, localeFor } from "../../src/app/language.ts";
import { merkleDrawing } from "../../src/app/merkle-layout.ts";
import { meterSettings, minimumCurrentMa, type MeterForm } from "../../src/app/meter-form.ts";
import { allRight, phraseQuestions } from "../../src/app/phrase-check.ts";
import { remedyOf } from "../../src/app/problem.ts";
import { lanes } from "../../src/app/race.ts";
import { bandPath, girths, ribbon } from "../../src/app/ribbon.ts";
import { certaintyOf, stationStates } from "../../src/app/stage.ts";
import { stageWords } from "../../src/app/stage-words.ts";
import { termValue } from "../../src/app/term-value.ts";
import { codeText, refusalText, termText } from "../../src/app/text/remarks.ts";
import { transactionWords } from "../../src/app/transaction-words.ts";
import { fixtureDetail, fixtureProof } from "./fixture-step.ts";
import { fixtureBlocks, fixtureView } from "./fixture-view.ts";

const options = {
  now: 1_000_000_000_000,
  stepMs: 900_000,
  dayStart: 1_000_000_000_000 - 14 * 3_600_000,
  t0: 999_000_000_000 - (999_000_000_000 % 900_000),
};
const en = await loadAllTexts("en");

describe("a step's stations", () => {
  test("exactly one is under way until the step is final", () => {
    for (const stage of ["measuring", "candidates", "winner", "waiting", "block", "approved"] as const) {
      expect(stationStates(stage).filter(({ state }) => state === "now")).toHaveLength(1);
    }
    expect(stationStates("final").every(({ state }) => state === "done")).toBe(true);
  });
  test("a step is hatched until approved, and sealed only when final", () => {
    expect([certaintyOf("block"), certaintyOf("approved"), certaintyOf("final")]).toEqual([
      "hatched",
      "agreed",
      "final",
    ]);
  });
  test("the winner is named, and my own device as such: not a neighbour of the same name", () => {
    const { step, me } = fixtureView(options);
    if (step === null) throw new Error("the fixture has a step");
    const won = { ...step, stage: "winner", winner: me?.name ?? "" } as const;
    expect(stageWords(en, won)).toBe(en.home.stageWords.winner(won.winner));
    expect(stageWords(en, { ...won, winnerMe: true })).toContain("Your device");
    expect(stageWords(en, { ...step, stage: "measuring" })).toBe(en.home.stageWords.measuring);
  });
});

describe("the recovery phrase's check", () => {
  const words = fc.uniqueArray(fc.stringMatching(/^[a-z]{3,8}$/), { minLength: 12, maxLength: 12 });
  const dice = fc.array(fc.double({ min: 0, max: 0.999_999, noNaN: true }), { minLength: 40, maxLength: 40 });
  test("asks three different words in the paper's order, each among four", () => {
    fc.assert(
      fc.property(words, dice, (phrase, numbers) => {
        const rest = [...numbers];
        const asked = phraseQuestions(phrase, () => rest.pop() ?? 0);
        const positions = asked.map(({ position }) => position);
        expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => a - b));
        expect(asked).toHaveLength(3);
        for (const { position, answer, options: four } of asked) {
          expect(answer).toBe(phrase[position]);
          expect(new Set(four).size).toBe(4);
          expect(four).toContain(answer);
        }
      }),
    );
  });
  test("passes only when all three are right", () => {
    const asked = phraseQuestions("abcdefghijkl".split(""), () => 0.3);
    const right = asked.map(({ answer }) => answer);
    expect(allRight(asked, right)).toBe(true);
    expect(allRight(asked, right.with(1, "zebra"))).toBe(false);
    expect(allRight(asked, [])).toBe(false);
    expect(allRight([], [])).toBe(false);
  });
});

describe("what a meter's front says", () => {
  const form: MeterForm = {
    label: "Roof south",
    protocol: "s0",
    marking: "0.25-5(60) A",
    accuracyClass: "B",
    phases: 1,
    impPerKwh: "1000",
    pMaxKw: "4,6",
    baudRate: 115_200,
  };
  test.each([
    ["0.25-5(60) A", 250],
    ["0,25-5(65)A", 250],
    ["0.5 - 10 (60) A", 500],
    ["5(60) A", 5_000],
    ["0.15", 150],
    ["", null],
    ["class B", null],
    ["0-5(60) A", null],
  ])("%j has its smallest current at %s mA", (marking, ma) => {
    expect(minimumCurrentMa(marking)).toBe(ma);
  });
  test("becomes settings in whole units", () => {
    expect(meterSettings(form)).toEqual({
      ok: true,
      value: {
        label: "Roof south",
        role: "generation",
        protocol: "s0",
        baudRate: 115_200,
        impPerKwh: 1_000,
        phases: 1,
        iMinMa: 250,
        accuracyClass: "B",
        pMaxW: 4_600,
      },
    });
  });
  test("pulses are asked of pulse meters only", () => {
    expect(meterSettings({ ...form, protocol: "p1", impPerKwh: "" }).ok).toBe(true);
  });
  test("of a meter for consumption neither the marking nor a largest power is asked", () => {
    const use = { ...form, role: "consumption", protocol: "p1", marking: "", pMaxKw: "", impPerKwh: "" } as const;
    expect(meterSettings(use)).toMatchObject({ ok: true, value: { role: "consumption", iMinMa: 0, pMaxW: 0 } });
    expect(meterSettings({ ...use, protocol: "s0" })).toEqual({ ok: false, wrong: ["impPerKwh"] });
  });
  test("every field that cannot be right is named", () => {
    expect(meterSettings({ ...form, label: " ", marking: "B", impPerKwh: "a thousand", pMaxKw: "-1" })).toEqual({
      ok: false,
      wrong: ["label", "marking", "impPerKwh", "pMaxKw"],
    });
  });
});

describe("the race", () => {
  test("the winner's lane is the longest and comes first", () => {
    const race = lanes(fixtureDetail(options, 40).candidates);
    expect(race.map(({ candidate }) => candidate.rank)).toEqual([0, 1, 2, 3]);
    expect(race[0]?.reach).toBe(1);
    expect(race.every(({ reach }) => reach >= 0 && reach <= 1)).toBe(true);
  });
  test("shows digits enough for whoever reckons W/U and the sum again", () => {
    const [first] = fixtureDetail(options, 40).candidates;
    if (first === undefined) throw new Error("the fixture has candidates");
    const parts = fc.integer({ min: 1, max: 400_000 });
    fc.assert(
      fc.property(parts, parts, parts, fc.integer({ min: 1, max: 999_999 }), (a, b, c, u) => {
        const millionth = (n: number): number => n / 1_000_000;
        const [wEnergy, wAge, wReputation] = [millionth(a), millionth(b), millionth(c)];
        const candidate = { ...first, wEnergy, wAge, wReputation, w: millionth(a + b + c), u: millionth(u) };
        const [lane] = lanes([candidate]);
        const shown = (n: number): number => Number(n.toFixed(lane?.digits));
        expect((shown(candidate.w) / shown(candidate.u)).toFixed(2)).toBe((candidate.w / candidate.u).toFixed(2));
        expect(shown(shown(wEnergy) + shown(wAge) + shown(wReputation))).toBe(shown(candidate.w));
      }),
    );
  });
  test("a draw or weight of nought breaks nothing", () => {
    const [first] = fixtureDetail(options, 40).candidates;
    if (first === undefined) throw new Error("the fixture has candidates");
    expect(lanes([{ ...first, u: 0 }])[0]?.reach).toBe(0);
    expect(lanes([])).toEqual([]);
  });
});

describe("the drawn Merkle path", () => {
  test("keeps every box inside, the leaf at the bottom and the root at the top", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("left" as const, "right" as const), { maxLength: 14 }), (sides) => {
        const path = sides.map((side, at) => ({ side, hash: `${at}` }));
        const { nodes, width, height } = merkleDrawing({ leaf: "leaf", path, txRoot: "root" });
        expect(nodes.every(({ x, y }) => x >= 0 && x <= width && y >= 0 && y <= height)).toBe(true);
        expect(nodes).toHaveLength(1 + 2 * path.length);
        const top = Math.min(...nodes.map(({ y }) => y));
        expect(nodes.find(({ y }) => y === top)?.kind).toBe("root");
      }),
    );
  });
  test("a sibling hashed on the left stands on the left", () => {
    const { nodes } = merkleDrawing({ ...fixtureProof(options, 40, "aa"), path: [{ side: "left", hash: "b" }] });
    expect((nodes[1]?.x ?? 0) < (nodes[0]?.x ?? 0)).toBe(true);
  });
});

describe("the ribbon", () => {
  const blocks = fixtureBlocks(options);
  test("shows each run of steps without a block as one gap", () => {
    const gaps = ribbon(blocks).filter((link) => link.kind === "gap");
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toMatchObject({ count: 2 });
  });
  test("flows: links share their width at the common edge", () => {
    const widths = girths(ribbon(blocks));
    widths.slice(1).forEach((girth, at) => expect(girth.top).toBeCloseTo(widths[at]?.bottom ?? -1));
    expect(bandPath({ top: 0, middle: 1, bottom: 0.5 })).not.toContain("NaN");
  });
});

describe("languages", () => {
  test("the member's choice comes before the browser's, and English when neither is spoken", () => {
    expect(languageFrom("nl", ["fr"])).toBe("nl");
    expect(languageFrom(null, ["de-DE", "fr-BE"])).toBe("fr");
    expect(languageFrom("tlh", ["de"])).toBe("en");
    expect(localeFor("fr", ["en-GB", "fr-BE"])).toBe("fr-BE");
  });

  const argumentsFor = (path: string): unknown[] => {
    if (path.includes(".problems.")) return [{}];
    // Words that are made to fit a name.
    if (/\.(?:ownedBy|weightOf|other|alone|shareText)$/.test(path)) return ["Ana"];
    return path.endsWith(".home.shared") ? [null, "22%", 2] : [2, "7", "3"];
  };
  const leaves = (value: unknown, path: string): [string, string][] => {
    if (typeof value === "string") return [[path, value]];
    if (typeof value === "function") {
      // A function of words: what comes out must be words whatever figures go in.
      const made: unknown = Reflect.apply(value, undefined, argumentsFor(path));
      return leaves(made, path);
    }
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, one]) => leaves(one, `${path}.${key}`));
  };

  test.each(LANGUAGES)("%s says everything: no sentence is empty or broken", async (language) => {
    const all = leaves(await loadAllTexts(language), language);
    expect(all.length).toBeGreaterThan(300);
    const mayBeEmpty = /stateHelp\.counting$/;
    expect(all.filter(([path, text]) => text.trim() === "" && !mayBeEmpty.test(path))).toEqual([]);
    expect(all.filter(([, text]) => /undefined|NaN|\[object/.test(text))).toEqual([]);
  });

  test("no language has kept an English sentence", async () => {
    const english = new Map(leaves(en, "").map(([path, text]) => [path, text]));
    for (const language of ["fr", "nl"] as const) {
      const same = leaves(await loadAllTexts(language), "").filter(
        ([path, text]) => english.get(path) === text && (text.match(/[a-z]{2,}/gi) ?? []).length > 3,
      );
      expect(same).toEqual([]);
    }
  });
});

describe("codes from the worker", () => {
  test("a refusal is said in the app's language, an unknown one in the worker's English", () => {
    expect(refusalText(en.refusals, { code: "invitation-expired", message: "x" })).toContain("expired");
    expect(refusalText(en.refusals, { code: "brand-new", message: "Do this." })).toBe("Do this.");
  });
  test("a bare code without a sentence is not shown", () => {
    expect(codeText(en.refusals, "bad-checksum")).toContain("damaged");
    expect(codeText(en.refusals, "brand-new")).toBeNull();
  });
  test("a problem that this build does not know has no button", () => {
    expect(remedyOf("no-neighbour")).toEqual({ kind: "retry" });
    expect(remedyOf("brand-new")).toEqual({ kind: "none" });
  });
  test("contract terms have names and units", () => {
    expect(termText(en.terms, "stepMs")).toBe("Length of a step");
    expect(termText(en.terms, "brandNew")).toBe("brandNew");
    const words = { text: en, stepMs: 900_000, locale: "en" };
    expect([
      termValue("stepMs", 900_000, words),
      termValue("publishDelayMs", 300, words),
      termValue("feePpm", 12_500, words),
      termValue("lateWindow", 192, words),
      termValue("strikes", 3, words),
    ]).toEqual(["15 minutes", "300 milliseconds", "1.25%", "192 steps (48 hours)", "3"]);
  });
  test("an entry of an unknown kind is still a sentence", () => {
    expect(transactionWords(en, { kind: "ballot", by: "Ana" })).toBe("Ana voted");
    expect(transactionWords(en, { kind: "brand-new", by: "Ana" })).toBe("An entry by Ana");
  });
});
