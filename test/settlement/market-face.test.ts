/** "This computed market face meter logs the difference between its consumption meter and its virtual generation meter." */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addStep, faceOf, NO_FACE, together, type Consumption } from "../../worker/settlement/market-face.ts";

const energy = fc.nat({ max: 1e12 });
const consumption: fc.Arbitrary<Consumption> = fc.option(fc.record({ mwh: energy, estimated: fc.boolean() }));
const steps = fc.array(fc.tuple(consumption, energy), { maxLength: 60 });
const sumOf = (list: readonly (readonly [Consumption, number])[]) =>
  list.reduce((sum, [use, virtual]) => addStep(sum, use, virtual), NO_FACE);

describe("the market face meter of a step", () => {
  test("is consumption minus virtual generation, and what is bought minus what is given away", () => {
    fc.assert(
      fc.property(energy, energy, (use, virtual) => {
        const face = faceOf(use, virtual);
        expect(face.faceMwh).toBe(use - virtual);
        expect(face.gridMwh - face.surplusMwh).toBe(face.faceMwh);
      }),
    );
  });
  test("own use and grid are all that was used; own use and surplus are all that was credited; never both left over", () => {
    fc.assert(
      fc.property(energy, energy, (use, virtual) => {
        const { ownMwh, gridMwh, surplusMwh } = faceOf(use, virtual);
        expect(ownMwh + gridMwh).toBe(use);
        expect(ownMwh + surplusMwh).toBe(virtual);
        expect(Math.min(ownMwh, gridMwh, surplusMwh)).toBeGreaterThanOrEqual(0);
        expect(Math.min(gridMwh, surplusMwh)).toBe(0);
      }),
    );
  });
});

describe("over several steps", () => {
  test("a period is the sum of its parts, wherever it is cut", () => {
    fc.assert(
      fc.property(steps, fc.nat(), (list, at) => {
        const cut = list.length === 0 ? 0 : at % list.length;
        const [whole, before, after] = [sumOf(list), sumOf(list.slice(0, cut)), sumOf(list.slice(cut))];
        for (const part of Object.keys(NO_FACE) as (keyof typeof NO_FACE)[])
          expect(whole[part]).toBe(before[part] + after[part]);
      }),
    );
  });
  test("every law of a step holds of the sum, and the sum is never better than netting would make it", () => {
    fc.assert(
      fc.property(steps, (list) => {
        const sum = sumOf(list);
        expect(sum.faceMwh).toBe(sum.useMwh - sum.virtualMwh);
        expect(sum.faceMwh).toBe(sum.gridMwh - sum.surplusMwh);
        expect(sum.ownMwh + sum.gridMwh).toBe(sum.useMwh);
        expect(sum.gridMwh).toBeGreaterThanOrEqual(Math.max(0, sum.faceMwh));
        expect(sum.steps + sum.missingSteps).toBe(list.length);
      }),
    );
  });
  test("a step that nobody read adds nothing to either meter and is counted as missing", () => {
    expect(addStep(NO_FACE, null, 5_000)).toEqual({ ...NO_FACE, missingSteps: 1 });
  });
});

describe("a household with several meters", () => {
  test("uses what all count; unknown where one was not read, estimated where one was", () => {
    fc.assert(
      fc.property(fc.array(consumption, { maxLength: 4 }), (parts) => {
        const all = together(parts);
        const known = parts.flatMap((part) => part ?? []);
        const isKnown = parts.length > 0 && known.length === parts.length;
        const sum = known.reduce((total, part) => total + part.mwh, 0);
        expect(all).toEqual(isKnown ? { mwh: sum, estimated: known.some((part) => part.estimated) } : null);
      }),
    );
  });
});
