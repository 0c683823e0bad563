/** The device's clock as a node asks of it: it sleeps, is set right, and a node still wakes when something is due. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { realClock } from "../../worker/shell/realtime.ts";

const START = 1_700_000_000_000;
beforeEach(() => {
  vi.useFakeTimers({ now: START, toFake: ["Date", "performance", "setTimeout", "clearTimeout"] });
});
afterEach(() => void vi.useRealTimers());

describe("a timer by the device's clock", () => {
  it("fires once, when its time has come, however far off", () => {
    let fired = 0;
    realClock.at(START + 3_600_000, () => (fired += 1));
    vi.advanceTimersByTime(3_599_000);
    expect(fired).toBe(0);
    vi.advanceTimersByTime(1_001);
    expect(fired).toBe(1);
    vi.advanceTimersByTime(3_600_000);
    expect(fired).toBe(1);
  });
  it("is never called before its own answer is there, also for a time that is over", () => {
    let fired = 0;
    realClock.at(START - 1, () => (fired += 1));
    expect(fired).toBe(0);
    vi.advanceTimersByTime(1);
    expect(fired).toBe(1);
  });
  it("does not fire once it was cancelled", () => {
    let fired = 0;
    const cancel = realClock.at(START + 30_000, () => (fired += 1));
    vi.advanceTimersByTime(15_000);
    cancel();
    vi.advanceTimersByTime(60_000);
    expect(fired).toBe(0);
  });
  it("notices within seconds that the clock jumped ahead: the device slept", () => {
    let fired = 0;
    realClock.at(START + 900_000, () => (fired += 1));
    vi.setSystemTime(START + 800_000);
    vi.advanceTimersByTime(10_001);
    expect(fired).toBe(0);
    vi.setSystemTime(START + 1_000_000);
    vi.advanceTimersByTime(10_001);
    expect(fired).toBe(1);
  });
  it("fires after the time that really passes when the clock is set back by an hour, not an hour later", () => {
    let fired = 0;
    realClock.at(START + 20_000, () => (fired += 1));
    vi.advanceTimersByTime(5_000);
    vi.setSystemTime(START - 3_600_000);
    vi.advanceTimersByTime(15_001);
    expect(fired).toBe(1);
  });
});
