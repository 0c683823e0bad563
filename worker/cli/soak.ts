/**
 * `commonwatt soak` (npm run soak): every scenario with one seed after another, in several processes, until the time is
 * up. Says how many runs were made and prints the seed of any that failed. Signatures are ideal ones of the lab.
 */
import { fork } from "node:child_process";
import { parseArgs } from "node:util";
import { SCENARIOS, scenarioOf } from "../lab/sim/catalogue.ts";
import { EXIT_FAILED, EXIT_OK, UsageError, type Command, type Io } from "./command.ts";
import { wholeNumber } from "./simulate.ts";

const HELP = `Usage: commonwatt soak [--minutes M] [--seeds N] [--workers N] [--nodes N] [--steps N] [--only A,B] [--first S]

Runs every scenario of the simulator with seeds 1, 2, 3 ... until each had N seeds or the time is up, and ends with 1 when
any checker or expectation did not hold; the command that repeats such a run is printed. Signatures are ideal: unforgeable
inside a run, but not the real curve, which "commonwatt simulate" uses.

  --minutes M   stop after so long (default 10)
  --seeds N     seeds of each scenario (default 100)
  --workers N   processes at once (default 2)
  --nodes N     members (default 7), or as many more as a scenario needs
  --steps N     market steps (default 100)
  --only A,B    these scenarios only
  --first S     the first seed (default 1)
`;
const OPTIONS = {
  minutes: { type: "string" },
  seeds: { type: "string" },
  workers: { type: "string" },
  nodes: { type: "string" },
  steps: { type: "string" },
  only: { type: "string" },
  first: { type: "string" },
} as const;

/** As many processes as cores: threads of theirs that help to collect garbage would only be in each other's way. */
const ONE_OF_MANY = ["--single-threaded-gc", "--min-semi-space-size=64", "--max-semi-space-size=128"];

export type Job = {
  readonly scenario: string;
  readonly seed: string;
  readonly members: number;
  readonly steps: number;
};
export type Outcome = Job & {
  readonly ok: boolean;
  /** False when the attack found no occasion: such a run neither held nor failed. */
  readonly attackTookPlace: boolean;
  readonly wrong: readonly string[];
  readonly seconds: number;
};

/** One after the other in a process of its own; answers each. */
class Crew {
  readonly #jobs: Job[];
  readonly #end: number;
  readonly #heard: (outcome: Outcome) => void;
  /** Runs that were under way when the time was up. */
  readonly unfinished: Job[] = [];
  constructor(jobs: readonly Job[], end: number, heard: (outcome: Outcome) => void) {
    this.#jobs = [...jobs];
    this.#end = end;
    this.#heard = heard;
  }
  get left(): number {
    return this.#jobs.length;
  }
  #next(stop: AbortSignal): Job | undefined {
    return stop.aborted || performance.now() > this.#end ? undefined : this.#jobs.shift();
  }
  worker(stop: AbortSignal): Promise<void> {
    return new Promise((done) => {
      const child = fork(new URL("./soak-worker.mjs", import.meta.url), { stdio: "inherit", execArgv: ONE_OF_MANY });
      let job = this.#next(stop);
      // A run under way when the time is up is given up, not judged.
      let ordered = false;
      const end = (): void => {
        ordered = true;
        child.kill();
      };
      const timer = setTimeout(end, Math.max(0, this.#end - performance.now()) + 1_000);
      stop.addEventListener("abort", end);
      const go = (): void => {
        if (job === undefined) return end();
        child.send(job);
      };
      child.on("message", (outcome: Outcome) => {
        this.#heard(outcome);
        job = this.#next(stop);
        go();
      });
      child.on("exit", (code, signal) => {
        clearTimeout(timer);
        stop.removeEventListener("abort", end);
        if (job !== undefined && ordered) this.unfinished.push(job);
        else if (job !== undefined) this.#heard(lostWith(job, code, signal));
        // Whatever took one process away, the jobs that are left are somebody's.
        if (!ordered && this.left > 0 && !stop.aborted) void this.worker(stop).then(done);
        else done();
      });
      go();
    });
  }
}

const lostWith = (job: Job, code: number | null, signal: string | null): Outcome => ({
  ...job,
  ok: false,
  attackTookPlace: true,
  wrong: [`the process ended with ${code ?? signal}`],
  seconds: 0,
});

const commandFor = (o: Job): string =>
  `npx commonwatt simulate ${o.scenario} --ideal --nodes ${o.members} --steps ${o.steps} --seed ${o.seed}`;

const run = async (args: readonly string[], io: Io): Promise<number> => {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const minutes = Number(values.minutes ?? 10);
  if (!(minutes > 0)) throw new UsageError("--minutes: give a number above 0.");
  const [seeds, workers] = [wholeNumber(values.seeds, "seeds", 100, 1), wholeNumber(values.workers, "workers", 2, 1)];
  const [members, steps] = [wholeNumber(values.nodes, "nodes", 7, 4), wholeNumber(values.steps, "steps", 100, 4)];
  const first = wholeNumber(values.first, "first", 1, 0);
  const names = values.only?.split(",") ?? SCENARIOS.map((s) => s.name);
  for (const name of names)
    if (scenarioOf(name) === undefined) throw new UsageError(`--only ${name}: there is no such scenario.`);
  const jobs = Array.from({ length: seeds }, (_, n) => String(first + n)).flatMap((seed) =>
    names.map((scenario): Job => ({
      scenario,
      seed,
      members: Math.max(members, scenarioOf(scenario)?.least ?? 0),
      steps,
    })),
  );
  const began = performance.now();
  const outcomes: Outcome[] = [];
  const crew = new Crew(jobs, began + minutes * 60_000, (outcome) => {
    outcomes.push(outcome);
    if (!outcome.ok) io.stderr(`FAILED ${commandFor(outcome)}\n  ${outcome.wrong.join("\n  ")}\n`);
    else if (io.interactive) io.stderr(`\r${outcomes.length} of ${jobs.length} runs   `);
    else if (outcomes.length % names.length === 0) io.stderr(`${outcomes.length} of ${jobs.length} runs\n`);
  });
  await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, () => crew.worker(io.stop)));
  const seconds = (performance.now() - began) / 1_000;
  const failed = outcomes.filter((o) => !o.ok);
  const idle = outcomes.filter((o) => o.ok && !o.attackTookPlace).length;
  const whole = new Set(outcomes.map((o) => o.seed)).size;
  io.stdout(
    `${outcomes.length} of ${jobs.length} runs (${names.length} scenarios, seeds ${first} to ${first + Math.max(0, whole - 1)}, ${members} nodes, ${steps} steps, ideal signatures) in ${seconds.toFixed(0)} s: ${outcomes.length - failed.length - idle} held, ${failed.length} failed${idle > 0 ? `, in ${idle} no attack took place` : ""}. ${((outcomes.length * steps) / seconds).toFixed(1)} steps a second.\n${failed.map((o) => `${commandFor(o)}\n`).join("")}`,
  );
  if (crew.unfinished.length > 0)
    io.stdout(`Unfinished when the time was up:\n${crew.unfinished.map((job) => `${commandFor(job)}\n`).join("")}`);
  if (outcomes.length === 0)
    io.stderr("No run was finished in time: give it more with --minutes, or shorter runs with --steps.\n");
  return failed.length > 0 || outcomes.length === 0 ? EXIT_FAILED : EXIT_OK;
};

export const soakCommand: Command = {
  name: "soak",
  summary: "every scenario of the simulator with many seeds, until the time is up",
  help: HELP,
  run,
};
