/** Deciding together, as the screens say it: rules in words, forms that know what cannot be right, effects in a sentence. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { effectWords, isNoticed, periodWords, signedEnergy } from "../../src/app/effect-words.ts";
import { loadAllTexts, LANGUAGES } from "../../src/app/language.ts";
import {
  beginText,
  changedWeights,
  changeLines,
  decisionWords,
  endText,
  proposalMeaning,
  proposalTitle,
} from "../../src/app/proposal-words.ts";
import { decimalOf, ruleAsk, ruleForm, type RuleForm } from "../../src/app/rule-form.ts";
import { ruleWords, withAlike } from "../../src/app/rule-words.ts";
import { changesOf, fieldsOf, GROUP_NAMES, shownTerm, termOf, termsForm, wrongOf } from "../../src/app/terms-form.ts";
import { changedTerms, termLines, unitOf } from "../../src/app/term-value.ts";
import { PARAMETERS } from "../../worker/community/parameters.ts";
import type { CommunityView } from "../../worker/port.ts";
import type { DecisionView, EffectView, ProposalWhat, RuleView } from "../../worker/port-council.ts";
import { fixtureEffect, fixtureTerms } from "./fixture-view.ts";

const en = await loadAllTexts("en");

const PPM = 1_000_000;
const weights = (...all: readonly number[]): RuleView["weights"] =>
  all.map((weight, member) => ({ member, name: `M${member}`, weight }));
const rule = (iterations: RuleView["iterations"], all: RuleView["weights"] = weights(1, 2)): RuleView => ({
  iterations,
  weights: all,
});
const EQUAL = [{ kind: "equal", portionPpm: PPM }] as const;
const FIXED = [{ kind: "fixed", portionPpm: PPM }] as const;
const MIXED = [
  { kind: "equal", portionPpm: 300_000 },
  { kind: "fixed", portionPpm: 125_000 },
  { kind: "equal", portionPpm: PPM },
] as const;

describe("a sharing rule in words", () => {
  const words = (one: RuleView): string => ruleWords(en.council.rule, withAlike(one), "en");
  test("is said as a neighbour would", () => {
    expect(words(rule(EQUAL))).toBe("in equal parts");
    expect(words(rule(FIXED))).toBe("by weight");
    expect(words(rule(FIXED, weights(3, 3)))).toBe("by weight (all have the same, so in equal parts)");
    expect(words(rule(MIXED))).toBe(
      "first 30% in equal parts, then 12.5% of the rest by weight, what is left in equal parts",
    );
  });
});

describe("the form of the sharing rule", () => {
  const members = [0, 1];
  test("begins with what is in force, and asked as it is, asks for just that", () => {
    for (const iterations of [EQUAL, FIXED, MIXED]) {
      for (const locale of ["en", "fr", "nl"]) {
        const asked = ruleAsk(ruleForm(rule(iterations), locale), members);
        expect(asked).toEqual({
          ok: true,
          value: { kind: "rule", iterations, weights: members.map((member) => ({ member, weight: member + 1 })) },
        });
      }
    }
  });

  const typed = (over: Partial<RuleForm>): RuleForm => ({ ...ruleForm(rule(MIXED), "en"), ...over });
  test.each([
    ["nothing", ""],
    ["a word", "two"],
    ["less than nothing", "-1"],
    ["half a weight", "0.5"],
    ["more than a million", "1000001"],
  ])("takes no weight of %s, and says whose", (_, weight) => {
    expect(ruleAsk(typed({ weights: { 0: "1", 1: weight } }), members)).toEqual({
      ok: false,
      wrong: { rounds: [], weights: [1] },
    });
  });
  test("takes no rule in which nobody has a weight", () => {
    expect(ruleAsk(typed({ weights: { 0: "0", 1: "0" } }), members)).toMatchObject({ wrong: { weights: [0, 1] } });
  });
  test.each(["", "0", "100.1", "x", "12.34567"])("takes no round of %j per cent", (percent) => {
    const form = typed({ rounds: [{ kind: "equal", percent }, ...typed({}).rounds.slice(1)] });
    expect(ruleAsk(form, members)).toEqual({ ok: false, wrong: { rounds: [0], weights: [] } });
  });
  test("the last round divides all that is left, whatever stands in its field", () => {
    const form = typed({
      rounds: [
        { kind: "fixed", percent: "33,3333" },
        { kind: "equal", percent: "rubbish" },
      ],
    });
    expect(ruleAsk(form, members)).toMatchObject({
      ok: true,
      value: {
        iterations: [
          { kind: "fixed", portionPpm: 333_333 },
          { kind: "equal", portionPpm: PPM },
        ],
      },
    });
  });
  test("whatever is typed, it is asked right or not at all", () => {
    const text = fc.oneof(fc.string(), fc.integer({ min: -5, max: 1_100_000 }).map(String));
    fc.assert(
      fc.property(
        fc.constantFrom("equal" as const, "fixed" as const, "mixed" as const),
        text,
        text,
        text,
        (kind, a, b, c) => {
          const form: RuleForm = {
            kind,
            rounds: [
              { kind: "fixed", percent: a },
              { kind: "equal", percent: b },
            ],
            weights: { 0: b, 1: c },
          };
          const asked = ruleAsk(form, members);
          expect(asked.ok || asked.wrong.rounds.length + asked.wrong.weights.length > 0).toBe(true);
          const { iterations, weights: asks } = asked.ok ? asked.value : { iterations: EQUAL, weights: weights(1) };
          expect(iterations.at(-1)?.portionPpm).toBe(PPM);
          for (const x of iterations) expect(Number.isSafeInteger(x.portionPpm) && x.portionPpm > 0).toBe(true);
          for (const w of asks) expect(Number.isSafeInteger(w.weight) && w.weight >= 0 && w.weight <= PPM).toBe(true);
          expect(asks.some((w) => w.weight > 0)).toBe(true);
        },
      ),
    );
  });
  test("decimals may be typed with a comma", () => {
    expect([decimalOf("4,25"), decimalOf(" 4.25 "), decimalOf("4,2,5")]).toEqual([4.25, 4.25, null]);
  });
});

const community = (over: Partial<CommunityView> = {}): CommunityView => ({
  ...fixtureTerms(900_000, 0),
  id: "c0",
  name: "Street",
  rule: rule(EQUAL),
  changeable: PARAMETERS,
  ...over,
});

describe("the form of the terms", () => {
  test("has a field for every term that may be changed, and for no other", () => {
    const fields = GROUP_NAMES.flatMap((group) => fieldsOf(community(), group));
    const wanted = PARAMETERS.filter((code) => code !== "quorumNum" && code !== "quorumDen");
    expect(fields.toSorted()).toEqual(wanted.toSorted());
    expect(GROUP_NAMES.flatMap((group) => fieldsOf(community({ changeable: [] }), group))).toEqual([]);
  });
  test("left alone, changes nothing, in whatever language its numbers are written", () => {
    for (const locale of ["en", "fr", "nl", "de-CH"]) {
      expect(changesOf(termsForm(community(), locale), "majority", community())).toEqual({ changes: {}, wrong: [] });
    }
  });
  test("every value is read back as it is shown", () => {
    const codes = fc.constantFrom("feePpm", "candidacyMarginMs", "strikes", "ballotWindow");
    fc.assert(
      fc.property(
        codes,
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.constantFrom("en", "fr", "nl"),
        (code, n, locale) => {
          expect(termOf(code, shownTerm(code, n, locale))).toBe(n);
        },
      ),
    );
  });
  test("asks in a person's units and answers in the contract's", () => {
    const form = { ...termsForm(community(), "fr"), feePpm: "2,5", tickMarginMs: "1.5", strikes: "5" };
    expect(changesOf(form, "two-thirds", community())).toEqual({
      changes: { feePpm: 25_000, tickMarginMs: 1_500, strikes: 5, quorumNum: 2, quorumDen: 3 },
      wrong: [],
    });
    expect([unitOf("feePpm"), unitOf("tickMarginMs"), unitOf("ballotWindow"), unitOf("weightAge")]).toEqual([
      "percent",
      "seconds",
      "steps",
      "number",
    ]);
  });
  test("names the fields that cannot be right", () => {
    const form = { ...termsForm(community(), "en"), feePpm: "101", strikes: "0", ageCap: "1.5", ballotWindow: "" };
    expect(changesOf(form, "majority", community()).wrong.toSorted()).toEqual([
      "ageCap",
      "ballotWindow",
      "feePpm",
      "strikes",
    ]);
    expect([wrongOf("weightEnergy"), wrongOf("lossPpm"), wrongOf("ballotWindow")]).toEqual(["order", "sum", "other"]);
  });
  test("a quorum that is neither of the two stays as it is unless one is chosen", () => {
    const odd = community({ quorum: "other" });
    expect(changesOf(termsForm(odd, "en"), "other", odd).changes).toEqual({});
    expect(changesOf(termsForm(odd, "en"), "two-thirds", odd).changes).toEqual({ quorumNum: 2, quorumDen: 3 });
  });
});

describe("the effect of a proposal in words", () => {
  const NOW = 1_750_000_000_000;
  const effect = fixtureEffect(NOW, 120_000_000);
  const text = en.council.effect;
  const NO_PARTS = { beforePpm: 0, afterPpm: 0 };
  const mine = (beforeMwh: number, afterMwh: number): EffectView => ({
    ...effect,
    members: [
      { member: 0, name: "Ana", me: true, beforeMwh, afterMwh, ...NO_PARTS },
      { member: 1, name: "Bo", me: false, beforeMwh: 0, afterMwh: 1_000_000, ...NO_PARTS },
    ],
  });
  test("says first what it means to me", () => {
    expect(effectWords(text, mine(5_000_000, 3_000_000), 1, "en")).toBe(
      "You would have had 2.0 kWh less. 1 household gains, 1 loses.".replace("2.0 kWh", "2.0\u00a0kWh"),
    );
    expect(effectWords(text, mine(3_000_000, 5_000_000), 1, "en")).toMatch(/^You would have had 2\.0\u00a0kWh more\./);
    expect(effectWords(text, mine(3_000_000, 3_000_100), 1, "en")).toMatch(/^For you .* less than a thousandth\. 1 /);
  });
  test("says of each kWh who gains and who loses where there was no sun to compare, and why so", () => {
    const none = fixtureEffect(NOW, 0);
    const words = effectWords(text, none, 1, "en");
    expect(words.startsWith(text.nothing)).toBe(true);
    expect(words).toContain("You would have 8.3% of each kWh instead of 9.1%. 1 household gains, 10 lose.");
    expect(effectWords(text, none, 0, "en").startsWith(text.noMeter)).toBe(true);
    const members = none.members.map((m) => ({ ...m, afterPpm: m.beforePpm }));
    expect(effectWords(text, { ...none, members }, 0, "en")).toBe(`${text.noMeter} ${text.unnoticed}`);
  });
  test("calls what rounding does to a share no gain and no loss", () => {
    const members = [
      { member: 0, name: "Ana", me: true, beforeMwh: 2_000_001, afterMwh: 2_000_000, ...NO_PARTS },
      { member: 1, name: "Bo", me: false, beforeMwh: 1_999_999, afterMwh: 2_000_000, ...NO_PARTS },
    ];
    expect(effectWords(text, { ...effect, members }, 1, "en")).toBe(text.unnoticed);
  });
  test("notices a thousandth of a share, and nothing below", () => {
    expect(isNoticed({ beforeMwh: 1_000_000, afterMwh: 999_000 })).toBe(true);
    expect(isNoticed({ beforeMwh: 1_000_000, afterMwh: 999_001 })).toBe(false);
    expect(isNoticed({ beforeMwh: 0, afterMwh: 1_000 })).toBe(true);
    expect(isNoticed({ beforeMwh: 10, afterMwh: 11 })).toBe(false);
  });
  test("differences carry their sign", () => {
    expect([signedEnergy(-1, "en"), signedEnergy(1_500_000, "en"), signedEnergy(-500_000, "en")]).toEqual([
      "0",
      "+1.5\u00a0kWh",
      "\u22120.50\u00a0kWh",
    ]);
  });
  test("says of a young community since when", () => {
    expect(periodWords(text, effect, "en")).toBe(text.period);
    expect(periodWords(text, { ...effect, from: NOW - 86_400_000 }, "en")).toMatch(/^For the sun since /);
  });
});

describe("a proposal in words", () => {
  const kinds: readonly ProposalWhat[] = [
    { kind: "member", name: "Lou", key: "ab", weight: 1 },
    { kind: "generator", name: "7f2", owner: "Dirk", pMaxW: 5_400 },
    { kind: "rule", before: rule(EQUAL), after: rule(FIXED) },
    { kind: "rotate", name: "Guy", key: "cd" },
    { kind: "meter", name: "Roof", owner: "Ana", key: "ef" },
    { kind: "parameters", changes: [{ code: "feePpm", before: 0, after: 20_000 }] },
    { kind: "pardon", name: "Dirk", strikes: 2, barredSince: null },
    { kind: "leave", name: "Karel", me: false, own: false },
    { kind: "leave", name: "Karel", me: false, own: true },
  ];
  test.each(LANGUAGES)("says in %s what it is and what yes means, whatever its kind", async (language) => {
    const text = await loadAllTexts(language);
    const all = kinds.flatMap((what) => [proposalTitle(text, what), proposalMeaning(text, what, language)]);
    expect(new Set(all).size).toBe(all.length);
    for (const one of all) expect(one).not.toMatch(/undefined|NaN|^\s*$/);
  });
  test("lists the weights that change, and who has none yet", () => {
    const what = { kind: "rule", before: rule(FIXED, weights(1, 2)), after: rule(FIXED, weights(1, 5, 4)) } as const;
    expect(changedWeights(en, what, "en")).toEqual([
      { code: "1", name: "Weight of M1", before: "2", after: "5" },
      { code: "2", name: "Weight of M2", before: "0", after: "4" },
    ]);
  });
  test("a rule that only weighs otherwise says who weighs what, and from when", () => {
    const what = { kind: "rule", before: rule(FIXED, weights(1, 1)), after: rule(FIXED, weights(1, 3)) } as const;
    expect(proposalMeaning(en, what, "en", "14:15")).toBe(
      "It stays divided by weight. Yes means: from 14:15 on, M1 weighs 3 instead of 1.",
    );
  });
  test("names the one term that it changes, and counts the quorum as one", () => {
    const changes = [
      { code: "quorumNum", before: 1, after: 2 },
      { code: "quorumDen", before: 2, after: 3 },
    ];
    expect(proposalTitle(en, { kind: "parameters", changes })).toBe("Change a term: A step is agreed by more than");
    expect(
      proposalTitle(en, { kind: "parameters", changes: [...changes, { code: "strikes", before: 3, after: 5 }] }),
    ).toBe("Change 2 terms of the contract");
  });
});

describe("terms in words", () => {
  const words = { text: en, stepMs: 900_000, locale: "en" };
  test("steps say how long they last, and the quorum is one line", () => {
    const terms = [
      { code: "quorumNum", value: 1 },
      { code: "quorumDen", value: 2 },
      { code: "ballotWindow", value: 672 },
    ];
    expect(termLines(terms, words).map((line) => line.value)).toEqual(["50%", "672 steps (7 days)"]);
  });
  test("of what changes, that which has come to be so meanwhile is left out, unless nothing else is there", () => {
    const same = { code: "strikes", before: 5, after: 5 };
    const fee = { code: "feePpm", before: 0, after: 20_000 };
    expect(changedTerms([same, fee], words).map((line) => line.code)).toEqual(["feePpm"]);
    expect(changedTerms([same], words).map((line) => line.code)).toEqual(["strikes"]);
  });
});

describe("what was decided, in words", () => {
  const times = { t0: 1_750_000_000_000, stepMs: 900_000, now: 1_750_000_000_000 + 500 * 900_000, locale: "en" };
  const decision: DecisionView = {
    id: "d",
    by: "Ana",
    what: { kind: "rule", before: rule(FIXED), after: rule(EQUAL) },
    outcome: "adopted",
    yes: 2,
    no: 1,
    needed: 2,
    step: 490,
    fromStep: 491,
  };
  test("says how it ended, with how many votes, and since when it holds", () => {
    const said = decisionWords(en, decision, times);
    expect(said).toMatch(/^Adopted with step 490 \(.*\): 2 yes of 2 needed, 1 no\. In force since step 491 \(.*\)\.$/);
    expect(decisionWords(en, { ...decision, fromStep: 502 }, times)).toMatch(/In force from step 502/);
  });
  test("what was not adopted holds never, and a farewell needs no vote", () => {
    expect(decisionWords(en, { ...decision, outcome: "rejected", fromStep: null }, times)).not.toMatch(/force/);
    const leave = { kind: "leave", name: "Bo", me: false, own: true } as const;
    expect(decisionWords(en, { ...decision, what: leave }, times)).toMatch(/: needed no vote\. In force/);
  });
  test("lists the rule before and after, and the weights that changed", () => {
    expect(changeLines(en, decision.what, times, true).map((line) => [line.before, line.after])).toEqual([
      ["by weight", "in equal parts"],
    ]);
    expect(changeLines(en, decision.what, times, false)).toEqual([]);
  });
  test.each(LANGUAGES)("speaks %s in each outcome", async (language) => {
    const text = await loadAllTexts(language);
    const said = (["adopted", "rejected", "expired"] as const).map((outcome) =>
      decisionWords(text, { ...decision, outcome }, times),
    );
    expect(new Set(said).size).toBe(3);
  });
});

test("a vote that ends today says when, and one that ends on another day also on which", () => {
  const now = new Date(2026, 5, 21, 23, 50).getTime();
  const times = { t0: now, stepMs: 60_000, now, locale: "en-GB" };
  expect(endText(times, 5)).toBe("23:55");
  expect(endText(times, 15)).toBe("22 Jun, 00:05");
  expect(beginText(times, 11)).toBe("22 Jun, 00:00");
});
