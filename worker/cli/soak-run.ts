/** What a soak worker does with the jobs that it is sent: one run each, with ideal signatures; answers what was wrong. */
import type { Ed25519 } from "../base/ed25519.ts";
import { scenarioOf } from "../lab/sim/catalogue.ts";
import { simulate } from "../lab/sim/simulate.ts";
import { nativeEd25519 } from "./native-ed25519.ts";
import type { Job, Outcome } from "./soak.ts";

const carryOut = async (job: Job, ed25519: Ed25519): Promise<Outcome> => {
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1_000;
  const scenario = scenarioOf(job.scenario);
  if (scenario === undefined)
    return { ...job, ok: false, attackTookPlace: true, wrong: ["there is no such scenario"], seconds: 0 };
  try {
    const { members, steps, seed } = job;
    const report = await simulate(scenario, { members, steps, seed, signatures: "ideal", ed25519 });
    const wrong = [
      ...report.checkers.filter((c) => !c.ok).map((c) => `broken: ${c.says}`),
      ...report.faults.slice(0, 3).map((fault) => fault.text),
      ...report.expectations.filter((e) => !e.ok).map((e) => `not so: ${e.says}`),
    ];
    const { ok, attackTookPlace } = report;
    return { ...job, ok, attackTookPlace, wrong, seconds: seconds() };
  } catch (error) {
    return {
      ...job,
      ok: false,
      attackTookPlace: true,
      wrong: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
      seconds: seconds(),
    };
  }
};

export const serve = (): void => {
  const ed25519 = nativeEd25519();
  process.on("message", (job: Job) => {
    void carryOut(job, ed25519).then((outcome) => process.send?.(outcome));
  });
};
