/** A terminal of strings: what a command writes is kept, what it is given comes from the test. */
import type { Io } from "../../worker/cli/command.ts";

export type Terminal = Io & {
  readonly out: () => string;
  readonly err: () => string;
  /** As Ctrl-C. */
  readonly interrupt: () => void;
  /** Resolves when stdout has been written to. */
  readonly spoke: Promise<void>;
};

export const makeTerminal = (cwd = "."): Terminal => {
  const stopper = new AbortController();
  let out = "";
  let err = "";
  let speak = (): void => undefined;
  const spoke = new Promise<void>((done) => (speak = done));
  return {
    stdout: (text) => {
      out += text;
      speak();
    },
    stderr: (text) => (err += text),
    cwd,
    interactive: false,
    stop: stopper.signal,
    out: () => out,
    err: () => err,
    interrupt: () => stopper.abort(),
    spoke,
  };
};
