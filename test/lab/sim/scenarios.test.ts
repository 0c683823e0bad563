/**
 * Every scenario of the simulator holds, short and with real signatures (mcl's arithmetic); some seeds more with ideal
 * ones; the same seed gives the same run to the byte.
 */
import { beforeAll, describe, expect, it } from "vitest";
import type { Bls } from "../../../worker/base/bls-scheme.ts";
import { nativeEd25519 } from "../../../worker/cli/native-ed25519.ts";
import { startWasmBls } from "../../../worker/cli/wasm-bls.ts";
import { SCENARIOS, scenarioOf } from "../../../worker/lab/sim/catalogue.ts";
import { simulate } from "../../../worker/lab/sim/simulate.ts";

const SHORT = { members: 5, steps: 8, signatures: "ideal", ed25519: nativeEd25519() } as const;
let real: Bls;
beforeAll(async () => {
  real = await startWasmBls();
});
const wrongIn = async (
  name: string,
  seed: string,
  members: number,
  how: { signatures: "real" | "ideal"; bls?: Bls } = { signatures: "ideal" },
): Promise<string[]> => {
  const scenario = scenarioOf(name);
  if (scenario === undefined) throw new Error(`there is a scenario ${name}`);
  const report = await simulate(scenario, { ...SHORT, ...how, members, seed });
  return [
    ...report.faults.map((f) => `${f.checker}: ${f.text}`),
    ...report.expectations.filter((e) => !e.ok).map((e) => e.says),
  ];
};

describe("a scenario", () => {
  it.each(SCENARIOS.map((s) => [s.name, s.attack] as const))("%s: %s", async (name) => {
    const members = Math.max(SHORT.members, scenarioOf(name)?.least ?? 0);
    expect(await wrongIn(name, "test", members, { signatures: "real", bls: real })).toEqual([]);
  });

  it.each(["1", "2", "3"])("with crashes, losses and delays never breaks a checker, seed %s", async (seed) => {
    expect(await wrongIn("storm", seed, 4)).toEqual([]);
  });

  it("with two liars of seven that vote twice in every round still comes to finality", async () => {
    expect(await wrongIn("double-vote", "1", 7)).toEqual([]);
  });

  it("is the same run to the byte for the same seed, and another for another", async () => {
    const scenario = scenarioOf("storm");
    if (scenario === undefined) throw new Error("there is a storm");
    const runs = await Promise.all(["a", "a", "b"].map((seed) => simulate(scenario, { ...SHORT, members: 4, seed })));
    const [first, again, other] = runs.map((r) => r.fingerprint);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(runs[1]?.figures).toEqual(runs[0]?.figures);
  });
});
