/**
 * What a subcommand of `commonwatt` is: a name, two texts and a function from arguments to an exit code. All that
 * a command may touch of the terminal comes in as `Io`, so tests run it without a process. Knows no command.
 */

/** Exit codes: done, tried and failed, not understood. */
export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;

export type Io = {
  /** Results, for people or as JSON lines. Written as it is: end lines with "\n" yourself. */
  stdout(text: string): void;
  /** Progress, warnings and refusals. Written as it is. */
  stderr(text: string): void;
  /** Relative paths in arguments start here. */
  readonly cwd: string;
  /** True when stderr is a terminal: progress may redraw its line with "\r". */
  readonly interactive: boolean;
  /** Aborted on Ctrl-C or SIGTERM: finish what must be finished and return. */
  readonly stop: AbortSignal;
};

export type Command = {
  readonly name: string;
  /** One line for the list in `commonwatt --help`, without a full stop. */
  readonly summary: string;
  /** The whole text of `commonwatt NAME --help`, beginning with "Usage: ". */
  readonly help: string;
  /** @param args everything after the command's name; `--help` was already answered. @returns the exit code. */
  run(args: readonly string[], io: Io): Promise<number>;
};

/** Arguments that make no sense: printed with a pointer to the help, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The surroundings do not let the command do its work (a file, a port): one plain sentence, exit code 1. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  /** Stable, kebab-case, for tests and scripts. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
