/** Deciding together, as the screens say it: rules in words, forms that know what cannot be right, effects in a sentence. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { effectWords, periodWords, signedEnergy } from "../../src/app/effect-words.ts";
import { loadTexts, LANGUAGES } from "../../src/app/language.ts";
import { changedWeights, proposalMeaning, proposalTitle } from "../../src/app/proposal-words.ts";
import { decimalOf, ruleAsk, ruleForm, type RuleForm } from "../../src/app/rule-form.ts";
import { ruleWords, withAlike } from "../../src/app/rule-words.ts";
import {
  changesOf,
  fieldsOf,
  GROUP_NAMES,
  shownTerm,
  termOf,
  termsForm,
  unitOf,
  wrongOf,
} from "../../src/app/terms-form.ts";
import { en } from "../../src/app/text/en.ts";
import { PARAMETERS } from "../../worker/community/parameters.ts";
import type { CommunityView } from "../../worker/port.ts";
import type { EffectView, ProposalWhat, RuleView } from "../../worker/port-council.ts";
import { fixtureEffect, fixtureTerms } from "./fixture-view.ts";

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
    expect(words(rule(FIXED, weights(3, 3)))).toBe("in equal parts, since all have the same weight");
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
  const mine = (beforeMwh: number, afterMwh: number): EffectView => ({
    ...effect,
    members: [
      { name: "Ana", me: true, beforeMwh, afterMwh },
      { name: "Bo", me: false, beforeMwh: 0, afterMwh: 1_000_000 },
    ],
  });
  test("says first what it means to me", () => {
    expect(effectWords(text, mine(5_000_000, 3_000_000), "en")).toBe(
      "You would have had 2.0 kWh less. 1 household gains, 1 loses.".replace("2.0 kWh", "2.0\u00a0kWh"),
    );
    expect(effectWords(text, mine(3_000_000, 5_000_000), "en")).toMatch(/^You would have had 2\.0\u00a0kWh more\./);
    expect(effectWords(text, mine(3_000_000, 3_000_000), "en")).toMatch(/^For you it would have changed nothing\./);
  });
  test("says so when there was no sun to compare", () => {
    expect(effectWords(text, fixtureEffect(NOW, 0), "en")).toBe(text.nothing);
  });
  test("differences carry their sign", () => {
    expect([signedEnergy(0, "en"), signedEnergy(1_500_000, "en"), signedEnergy(-500_000, "en")]).toEqual([
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
    const text = await loadTexts(language);
    const all = kinds.flatMap((what) => [proposalTitle(text, what), proposalMeaning(text, what, language)]);
    expect(new Set(all).size).toBe(all.length);
    for (const one of all) expect(one).not.toMatch(/undefined|NaN|^\s*$/);
  });
  test("lists the weights that change, and who has none yet", () => {
    expect(
      changedWeights({ kind: "rule", before: rule(FIXED, weights(1, 2)), after: rule(FIXED, weights(1, 5, 4)) }),
    ).toEqual([
      { code: "1", name: "M1", before: 2, after: 5 },
      { code: "2", name: "M2", before: 0, after: 4 },
    ]);
  });
});
