/**
 * `commonwatt simulate`: one scenario of the lab, told in plain words with every checker's verdict. Reads arguments and
 * prints; the run itself is lab/sim/simulate.ts.
 */
import { setImmediate } from "node:timers/promises";
import { parseArgs } from "node:util";
import { experimentsOf } from "../lab/sim/experiments.ts";
import { SCENARIOS, scenarioOf } from "../lab/sim/catalogue.ts";
import { simulate, type Report } from "../lab/sim/simulate.ts";
import { CommandFailure, EXIT_FAILED, EXIT_OK, UsageError, type Command, type Io } from "./command.ts";
import { nativeEd25519 } from "./native-ed25519.ts";
import { startWasmBls } from "./wasm-bls.ts";

const width = Math.max(...SCENARIOS.map((s) => s.name.length));
const HELP = `Usage: commonwatt simulate SCENARIO [--nodes N] [--steps N] [--seed S] [--ideal] [--json]

Runs N unchanged nodes in one process on virtual time, over a network that goes wrong as the seed says (clocks and disks
too, where a scenario says so), lets the scenario happen, and says what was attacked, what happened and whether each checker held. The same seed gives
the same run to the byte; the fingerprint at the end says so.

  --nodes N   members (default 7)
  --steps N   market steps of ten seconds (default 100); peace of a few steps follows
  --seed S    of every delay, fault and choice (default 1)
  --ideal     ideal instead of real BLS signatures: unforgeable inside the run, and much faster (the soak's way)
  --json      the whole report as one JSON line

Scenarios:
${SCENARIOS.map((s) => `  ${s.name.padEnd(width)}  ${s.attack}`).join("\n")}
`;

const OPTIONS = {
  nodes: { type: "string" },
  steps: { type: "string" },
  seed: { type: "string" },
  ideal: { type: "boolean" },
  json: { type: "boolean" },
} as const;
const MOST_NODES = 1_000;

export const wholeNumber = (text: string | undefined, name: string, fallback: number, least: number): number => {
  const n = text === undefined ? fallback : Number(text);
  if (!Number.isSafeInteger(n) || n < least)
    throw new UsageError(`--${name} ${text ?? ""}: give a whole number of at least ${least}.`);
  return n;
};

export const story = (report: Report, seconds: number): string => {
  const { figures: f } = report;
  const extra = experimentsOf(report.scenario, report.members, report.seed);
  const refused = Object.entries(f.refusedMessages)
    .map(([code, n]) => `${code} ${n}`)
    .join(", ");
  const verdict = ({ ok, says }: { readonly ok: boolean; readonly says: string }): string =>
    `${ok ? "held  " : "BROKEN"}  ${says}`;
  const lines = [
    `${report.scenario}: ${report.members} members, ${report.steps} steps, seed ${report.seed}, ${report.signatures} signatures`,
    "",
    `Attacked: ${report.attacked}`,
    `Happened: ${report.happened}`,
    ...(report.attackTookPlace ? [] : ["No attack took place in this run: more steps or another seed."]),
    ...extra.map((line) => `Measured apart: ${line}`),
    "",
    "What must hold in every run:",
    ...report.checkers.map(verdict),
    ...(report.expectations.length > 0 ? ["What must hold in this scenario:"] : []),
    ...report.expectations.map(verdict),
    ...report.faults.slice(0, 5).map((fault) => `  at ${fault.at}: ${fault.text}`),
    "",
    `Blocks by member: ${f.blocksByMember.join(", ")}; ${f.takenOver} made by another than the first in rank. Final after ${f.stepsUntilFinal.mean ?? "-"} steps on average, ${f.stepsUntilFinal.most ?? "-"} at most.`,
    `Nodes changed to another branch ${f.reorganisations} times (${f.blocksReplaced} blocks left behind), crashes ${f.crashes}, strikes ${f.strikes.join(", ")}, evidence ${f.evidence}, barred ${f.barred.join(", ") || "nobody"}.`,
    `${refused === "" ? "No connection was ended for a bad message" : `Connections ended for bad messages: ${refused}`}. ${f.messages} messages, ${f.bytes} bytes.`,
    `Fingerprint ${report.fingerprint}. ${seconds.toFixed(1)} s, ${(report.steps / seconds).toFixed(1)} steps a second.`,
  ];
  return `${lines.join("\n")}\n`;
};

/** A run leaves the process no moment to hear of Ctrl-C: this is it. */
const meanwhile = async (io: Io, step: number, steps: number): Promise<void> => {
  await setImmediate();
  const at = `step ${Math.min(step, steps)} of ${steps}`;
  if (io.stop.aborted) throw new CommandFailure("stopped", `stopped at ${at}; nothing was judged.`);
  if (io.interactive) io.stderr(`\r${at}   `);
};

const run = async (args: readonly string[], io: Io): Promise<number> => {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [name, ...more] = positionals;
  const scenario = name === undefined ? undefined : scenarioOf(name);
  if (scenario === undefined || more.length > 0)
    throw new UsageError(`Name one scenario: ${SCENARIOS.map((s) => s.name).join(", ")}.`);
  const members = wholeNumber(values.nodes, "nodes", 7, Math.max(2, scenario.least ?? 2));
  if (members > MOST_NODES) throw new UsageError(`--nodes: at most ${MOST_NODES}.`);
  const steps = wholeNumber(values.steps, "steps", 100, 4);
  const began = process.hrtime.bigint();
  const report = await simulate(scenario, {
    members,
    steps,
    meanwhile: (step) => meanwhile(io, step, steps),
    seed: values.seed ?? "1",
    ed25519: nativeEd25519(),
    signatures: values.ideal === true ? "ideal" : "real",
    ...(values.ideal === true ? {} : { bls: await startWasmBls() }),
  });
  if (io.interactive) io.stderr("\n");
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  io.stdout(values.json === true ? `${JSON.stringify(report)}\n` : story(report, seconds));
  return report.ok ? EXIT_OK : EXIT_FAILED;
};

export const simulateCommand: Command = {
  name: "simulate",
  summary: "attack a community of real nodes in one process and see whether it holds",
  help: HELP,
  run,
};
