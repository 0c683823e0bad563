/** What somebody types as a name: as long as the worker takes it (src/app/name-form.ts), and names in French. */
import { describe, expect, test } from "vitest";
import { nameFits, sameName } from "../../src/app/name-form.ts";
import { de } from "../../src/app/text/elision.ts";

describe("a name", () => {
  test("is neither empty nor only spaces", () => {
    expect(nameFits("", 40)).toBe(false);
    expect(nameFits("   ", 40)).toBe(false);
  });

  test("has as many letters as are asked for, with the spaces around it left out", () => {
    expect(nameFits(` ${"a".repeat(40)} `, 40)).toBe(true);
    expect(nameFits("a".repeat(41), 40)).toBe(false);
    expect(nameFits("é".repeat(40), 40)).toBe(true);
  });

  test("of twenty emojis is as long as the worker takes it, thirty are refused and not cut", () => {
    expect(nameFits("🌞".repeat(20), 40)).toBe(true);
    expect(nameFits("🌞".repeat(30), 40)).toBe(false);
  });
});

describe("« de » before a name in French", () => {
  test.each([
    ["Ana", "d’Ana"],
    ["Élise", "d’Élise"],
    ["Hugo", "d’Hugo"],
    ["Hélène", "d’Hélène"],
    ["Yves", "d’Yves"],
    ["avril 2026", "d’avril 2026"],
    ["Dirk", "de Dirk"],
    ["Yasmine", "de Yasmine"],
    ["Hassan", "de Hassan"],
    ["🌞", "de 🌞"],
  ])("%s: %s", (name, said) => {
    expect(de(name)).toBe(said);
  });
});

describe("A name typed to confirm", () => {
  test("is the same whatever its case, spaces, accents and emoji", () => {
    for (const typed of ["rue du soleil 12", "Rue du Soleil 12 ☀️", " RUE-DU-SOLEIL12", "Rue du Soléil 12"])
      expect(sameName(typed, "Rue du Soleil 12 ☀️"), typed).toBe(true);
    for (const typed of ["", "Rue du Soleil", "Rue du Soleil 13"])
      expect(sameName(typed, "Rue du Soleil 12 ☀️")).toBe(false);
  });

  test("of emoji alone is typed as it is", () => {
    expect([sameName("☀️", "☀️"), sameName("", "☀️"), sameName("🌙", "☀️")]).toEqual([true, false, false]);
  });
});
