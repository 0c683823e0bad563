/** A meter's front as people type it off (MI-003 markings). */
import { describe, expect, it } from "vitest";
import { readMarking } from "../../src/app/wizard/marking.ts";
import { loadDraft, newDraft, reachable } from "../../src/app/wizard/draft.ts";

describe("a marking typed whole", () => {
  it.each([
    ["3x230/400 V 0,25-5(60) A 1000 imp/kWh Cl. B", "0,25-5(60) A", 1_000, 3, "B"],
    ["230 V 50 Hz 0.25–5(65) A class A 10.000 imp/kWh", "0.25–5(65) A", 10_000, 1, "A"],
    ["3 × 230/400V  0.5-10 (100) A  Kl. B  500 Imp/kWh M21", "0.5-10 (100) A", 500, 3, null],
    ["230V 5(40)A 1 Wh/imp Classe 1", null, 1_000, 1, "B"],
    ["0.05-5(6) A class C 10 000 pulses/kWh", "0.05-5(6) A", 10_000, null, "C"],
    ["Cl 0,5 S 100 imp/kWh", null, 100, null, "C"],
    ["nothing of a meter", null, null, null, null],
  ] as const)("%s", (text, currents, impPerKwh, phases, accuracyClass) => {
    expect(readMarking(text)).toEqual({ currents, impPerKwh, phases, accuracyClass });
  });
});

describe("the steps of pairing", () => {
  it("an address further on than what is known leads to what is to be said first", () => {
    expect(reachable("plate", newDraft)).toBe("port");
    const port = { usbVendorId: 1, usbProductId: 2 };
    expect(reachable("plate", { ...newDraft, via: "serial", port })).toBe("listen");
    expect(reachable("done", { ...newDraft, via: "serial", port, protocol: "p1" })).toBe("plate");
    expect(reachable("kind", { ...newDraft, paired: "x" })).toBe("kind");
  });
  it("without storage a draft begins anew", () => {
    expect(loadDraft()).toEqual(newDraft);
  });
});
