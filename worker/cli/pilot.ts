/**
 * `commonwatt pilot`: a whole community in one process on measured data, and a summary that a coordinator understands.
 * Reads the file, shows progress, writes settlement.csv; the run itself is lab/pilot.ts.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { millis, type Millis } from "../base/units.ts";
import { runPilot, type PilotPlan, type PilotResult } from "../lab/pilot.ts";
import { readProfiles } from "../lab/profile-file.ts";
import { evening, sunnyDay } from "../lab/sunny-day.ts";
import { startWasmBls } from "./wasm-bls.ts";
import { CommandFailure, EXIT_FAILED, EXIT_OK, UsageError, type Command, type Io } from "./command.ts";

const HELP = `Usage: commonwatt pilot [--data FILE --generators COL,COL --consumers COL,COL --resolution MINUTES --days N]

Runs one real node a member on virtual time: measured generation goes through a cryptometer each, every 15-minute
market step is closed by a block, and all nodes must agree on who got which milliwatt-hour.

  --data FILE          CSV with a header line; without it a built-in synthetic sunny day is run
  --generators COL,..  columns of generated energy in kWh, one generator each
  --consumers COL,..   columns of used energy in kWh, one member each; they stay off the chain
  --resolution MIN     minutes a row stands for (15, 30, 60 ...)
  --days N             how much of the file to run; parts of a day are allowed
  --from ROW           first row to use, counted from 0 (default 0)
  --cumulative         the columns are registers that only grow, not energy a row
  --members N          number of members (default: one a consumer, else one a generator)
  --start TIME         UTC time of the first row where the file does not say it (default 2025-06-21T00:00Z)
  --register MWH       step of the generators' registers in mWh (default 1000, a P1 port's 1 Wh)
  --out DIR            where settlement.csv goes (default: this folder)
  --seed S             of keys and draws; the same seed gives the same run (default pilot)
  --json               the summary as one JSON line
`;

const OPTIONS = {
  data: { type: "string" },
  generators: { type: "string" },
  consumers: { type: "string" },
  resolution: { type: "string" },
  days: { type: "string" },
  from: { type: "string" },
  cumulative: { type: "boolean" },
  members: { type: "string" },
  start: { type: "string" },
  register: { type: "string" },
  out: { type: "string" },
  seed: { type: "string" },
  json: { type: "boolean" },
} as const;
type Values = ReturnType<typeof parse>;
const parse = (args: readonly string[]) => parseArgs({ args: [...args], options: OPTIONS }).values;

const STEP_MINUTES = 15;
const MAX_PILOT_MEMBERS = 64;

const number = (
  text: string | undefined,
  name: string,
  fallback: number | null,
  least: number,
  whole = true,
): number => {
  if (text === undefined) {
    if (fallback === null) throw new UsageError(`--${name} is missing.`);
    return fallback;
  }
  const n = Number(text);
  if (text.trim() === "" || !Number.isFinite(n) || n < least || (whole && !Number.isInteger(n))) {
    throw new UsageError(`--${name} ${text}: give a ${whole ? "whole " : ""}number of at least ${least}.`);
  }
  return n;
};
const columns = (text: string | undefined): string[] =>
  (text ?? "")
    .split(",")
    .map((c) => c.trim())
    .filter((c) => c !== "");

const startOf = (text: string | undefined, fallback: Millis): Millis => {
  if (text === undefined) return fallback;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new UsageError(`--start ${text}: give a UTC time such as 2025-06-21T00:00Z.`);
  return millis(at);
};
const DEFAULT_START = millis(Date.parse("2025-06-21T00:00:00Z"));
const STEP_MS = STEP_MINUTES * 60_000;

const membersOf = (values: Values, consumers: number, generators: number): number => {
  const members = number(values.members, "members", Math.max(consumers, generators), 1);
  if (members < generators || members < consumers)
    throw new UsageError("--members: there must be a member for each generator and each consumer.");
  if (members > MAX_PILOT_MEMBERS) throw new UsageError(`--members: at most ${MAX_PILOT_MEMBERS}.`);
  return members;
};

const syntheticPlan = (values: Values): PilotPlan => {
  const [members, interval] = [number(values.members, "members", 5, 1), STEP_MS];
  if (members > MAX_PILOT_MEMBERS) throw new UsageError(`--members: at most ${MAX_PILOT_MEMBERS}.`);
  const days = number(values.days, "days", 1, 1);
  const repeated = <T>(day: readonly T[]): T[] => Array.from({ length: days }, () => day).flat();
  return {
    members,
    generators: [6_000, 4_000, 2_500]
      .slice(0, members)
      .map((peak, g) => ({ column: `roof${g + 1}`, energies: repeated(sunnyDay(peak, interval, g * 900_000)) })),
    consumers: Array.from({ length: members }, (_, i) => ({
      column: `home${i + 1}`,
      energies: repeated(evening(180 + 40 * i, interval, i * 1_800_000)),
    })),
    intervalMs: interval,
    start: startOf(values.start, DEFAULT_START),
    seed: values.seed ?? "pilot",
    registerMwh: number(values.register, "register", 1_000, 1),
  };
};

const filePlan = async (values: Values, file: string, io: Io): Promise<PilotPlan> => {
  const generators = columns(values.generators);
  if (generators.length === 0)
    throw new UsageError("--generators names the columns of generated energy, e.g. --generators pv1_kwh,pv2_kwh.");
  const resolution = number(values.resolution, "resolution", null, 1);
  if (resolution % STEP_MINUTES !== 0 || 1440 % resolution !== 0)
    throw new UsageError("--resolution: a multiple of 15 minutes that divides a day.");
  const days = number(values.days, "days", null, 0.01, false);
  const csv = await readFile(resolve(io.cwd, file), "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new CommandFailure(
      "data-unreadable",
      cause.code === "ENOENT"
        ? `There is no file ${file}; check the path.`
        : `${file} cannot be read (${cause.code ?? cause.message}).`,
    );
  });
  const ask = {
    generators,
    consumers: columns(values.consumers),
    resolutionMinutes: resolution,
    days,
    from: number(values.from, "from", 0, 0),
    cumulative: values.cumulative ?? false,
  };
  const read = readProfiles(csv, ask);
  if (!read.ok) throw new CommandFailure(read.error.code, read.error.message);
  const { intervalMs, start, consumers } = read.value;
  const registerMwh = number(values.register, "register", 1_000, 1);
  const begin = startOf(values.start, start ?? DEFAULT_START);
  return {
    members: membersOf(values, consumers.length, generators.length),
    generators: read.value.generators,
    consumers,
    intervalMs,
    start: millis(begin - (begin % STEP_MS)),
    seed: values.seed ?? "pilot",
    registerMwh,
  };
};

const kwh = (mwh: number): string => (mwh / 1_000_000).toFixed(3);

const summary = (plan: PilotPlan, r: PilotResult, synthetic: boolean, settlement: string, seconds: number): string => {
  const width = Math.max(...r.members.map((m) => m.name.length), 6);
  const lines = r.members.map(
    (m) => `  ${m.name.padEnd(width)}  ${kwh(m.creditedMwh).padStart(11)} kWh   ${String(m.blocks).padStart(4)} blocks`,
  );
  const used =
    r.usedAtOnceMwh === null
      ? []
      : [
          `Used in the same quarter-hour: ${kwh(r.usedAtOnceMwh)} kWh; the rest went to the grid. (Computed here; consumption is never on the chain.)`,
        ];
  return [
    synthetic ? "A synthetic sunny day (made up, not measured)." : "Measured data replayed.",
    `${plan.members} members shared ${plan.generators.length} generators over ${r.steps} market steps of 15 minutes.`,
    `Generated ${kwh(r.generatedMwh)} kWh, distributed ${kwh(r.distributedMwh)} kWh; the file says ${kwh(r.fileMwh)} kWh.`,
    ...used,
    "",
    `  ${"member".padEnd(width)}  ${"credited".padStart(11)}       made`,
    ...lines,
    "",
    ...r.checks.map((c) => `${c.ok ? "yes" : "NO "}  ${c.name}`),
    "",
    `Final at block ${r.finalHeight}, ${r.heads[0]?.slice(0, 16) ?? ""}. ${seconds.toFixed(1)} s.`,
    `Settlement per step and member: ${settlement}`,
    "",
  ].join("\n");
};

const run = async (args: readonly string[], io: Io): Promise<number> => {
  const values = parse(args);
  const synthetic = values.data === undefined;
  if (synthetic && (values.generators ?? values.consumers) !== undefined)
    throw new UsageError("--generators and --consumers name columns of a file: give --data too.");
  const plan = values.data === undefined ? syntheticPlan(values) : await filePlan(values, values.data, io);
  const began = process.hrtime.bigint();
  let last = -1;
  const result = await runPilot(
    plan,
    await startWasmBls(),
    (step, of, generated) => {
      const percent = Math.floor((100 * step) / of);
      if (percent === last) return;
      last = percent;
      const line = `step ${step} of ${of} · ${percent} % · ${kwh(generated)} kWh shared`;
      if (io.interactive) io.stderr(`\r${line}   ${step === of ? "\n" : ""}`);
      else if (percent % 10 === 0) io.stderr(`${line}\n`);
    },
    io.stop,
  );
  if (result === null) return EXIT_FAILED;
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const folder = resolve(io.cwd, values.out ?? ".");
  const file = resolve(folder, "settlement.csv");
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(file, result.settlement);
  } catch (cause) {
    throw new CommandFailure(
      "out-unwritable",
      `${file} cannot be written (${(cause as NodeJS.ErrnoException).code ?? "unknown"}); choose another folder with --out.`,
    );
  }
  const { settlement: _, ...figures } = result;
  io.stdout(
    values.json
      ? `${JSON.stringify({ synthetic, seconds, settlement: file, ...figures })}\n`
      : summary(plan, result, synthetic, file, seconds),
  );
  return result.checks.every((c) => c.ok) ? EXIT_OK : EXIT_FAILED;
};

export const pilotCommand: Command = {
  name: "pilot",
  summary: "run a whole community on measured data and check every kilowatt-hour",
  help: HELP,
  run,
};
