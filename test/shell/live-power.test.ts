/** One power on every screen: what the own meter says goes before what its pulses said. */
import { describe, expect, it } from "vitest";
import type { GeneratorView } from "../../worker/port.ts";
import { sumOfLive, withOwnMeters } from "../../worker/shell/live-power.ts";

const roof = (index: number, liveW: number | null): GeneratorView => ({ index, liveW }) as GeneratorView;

describe("the power that flows now", () => {
  it("is what this device's own meter says of its generator, and what the pulses say of the others", () => {
    const meters = [
      { generator: 1, role: "generation", liveW: 1_480 },
      { generator: null, role: "consumption", liveW: 310 },
    ] as const;
    const shown = withOwnMeters([roof(0, 900), roof(1, 1_300)], meters);
    expect(shown.map((one) => one.liveW)).toEqual([900, 1_480]);
    expect(sumOfLive(shown)).toBe(2_380);
  });
  it("is not known of an own meter that says nothing now, and of a community without any that does", () => {
    const silent = withOwnMeters([roof(0, 900)], [{ generator: 0, role: "generation", liveW: null }]);
    expect(silent.map((one) => one.liveW)).toEqual([null]);
    expect(sumOfLive(silent)).toBeNull();
    expect(sumOfLive([])).toBeNull();
    expect(sumOfLive([roof(0, 0)])).toBe(0);
  });
});
