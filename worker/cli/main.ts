/**
 * The `commonwatt` command line: finds the subcommand, answers --help and --version, and turns what was thrown into
 * one sentence and an exit code. Knows nothing of what the subcommands do.
 */
import { readFileSync } from "node:fs";
import { type Command, CommandFailure, EXIT_FAILED, EXIT_OK, EXIT_USAGE, type Io, UsageError } from "./command.ts";

/** Loaded when asked for: `serve` must not wait for the simulator's code, nor the other way round. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import("./serve.ts")).serveCommand,
  pilot: async () => (await import("./pilot.ts")).pilotCommand,
  simulate: async () => (await import("./simulate.ts")).simulateCommand,
  soak: async () => (await import("./soak.ts")).soakCommand,
  synthetic: async () => (await import("./synthetic.ts")).syntheticCommand,
  meter: async () => (await import("./meter.ts")).meterCommand,
  verify: async () => (await import("./verify.ts")).verifyCommand,
};

const version = (): string => {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
};

const overview = async (): Promise<string> => {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  const width = Math.max(...all.map((command) => command.name.length));
  const lines = all.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return [
    "Usage: commonwatt COMMAND [OPTIONS]",
    "",
    "Neighbours share a solar roof: an energy community's ledger that runs on the members' own devices.",
    "",
    ...lines,
    "",
    "commonwatt COMMAND --help explains a command. --version prints the version.",
    "Exit codes: 0 done, 1 tried and failed, 2 not understood.",
    "",
  ].join("\n");
};

const isHelp = (word: string | undefined): boolean => word === "--help" || word === "-h";

/** parseArgs of node:util reports what it does not understand with these codes. */
const isParseError = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");

const explain = (error: unknown, name: string, io: Io): number => {
  if (error instanceof UsageError || isParseError(error)) {
    io.stderr(`commonwatt ${name}: ${error.message}\nTry: commonwatt ${name} --help\n`);
    return EXIT_USAGE;
  }
  if (error instanceof CommandFailure) {
    io.stderr(`commonwatt ${name}: ${error.message}\n`);
    return EXIT_FAILED;
  }
  // A bug of ours: the trace is what helps.
  io.stderr(`commonwatt ${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT_FAILED;
};

/** @returns the exit code; never throws. */
export const run = async (argv: readonly string[], io: Io): Promise<number> => {
  const [name, ...args] = argv;
  if (name === undefined) {
    io.stderr(await overview());
    return EXIT_USAGE;
  }
  if (isHelp(name) || name === "help") {
    io.stdout(await overview());
    return EXIT_OK;
  }
  if (name === "--version") {
    io.stdout(`${version()}\n`);
    return EXIT_OK;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    io.stderr(`commonwatt: there is no command "${name}". It knows: ${Object.keys(commands).join(", ")}.\n`);
    return EXIT_USAGE;
  }
  try {
    const command = await load();
    if (args.some(isHelp)) {
      io.stdout(command.help.endsWith("\n") ? command.help : `${command.help}\n`);
      return EXIT_OK;
    }
    return await command.run(args, io);
  } catch (error) {
    return explain(error, name, io);
  }
};

/** Runs with the real terminal and ends the process: servers' timers must not keep it alive. */
export const runProcess = async (argv: readonly string[]): Promise<never> => {
  const stopper = new AbortController();
  let asked = false;
  const stop = (): void => {
    // Whoever asks twice does not want to wait.
    if (asked) process.exit(EXIT_FAILED);
    asked = true;
    stopper.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  // A reader that closes the pipe early (`| head`) is no error of ours.
  process.stdout.on("error", () => process.exit(EXIT_OK));
  const io: Io = {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    cwd: process.cwd(),
    interactive: process.stderr.isTTY,
    stop: stopper.signal,
  };
  const code = await run(argv, io);
  await Promise.all([process.stdout, process.stderr].map((out) => new Promise((done) => out.write("", done))));
  process.exit(code);
};
