/**
 * `commonwatt meter encode`: the very bytes that a meter of some kind would send for a power or a profile, to standard
 * output or a file. The virtual meters of the demo and the tests; knows nothing of decoders.
 */
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { concatBytes } from "../base/bytes.ts";
import { millis, type Millis } from "../base/units.ts";
import { registersAt, type MeterProfile, type PowerStep } from "../metering/virtual/meter.ts";
import { VIRTUAL_METERS, type VirtualMeterKind } from "../metering/virtual/meters.ts";
import { CommandFailure, EXIT_OK, type Io, UsageError } from "./command.ts";

const width = Math.max(...VIRTUAL_METERS.map(({ name }) => name.length));

export const encodeHelp = `commonwatt meter encode --protocol P [--power W | --profile FILE] [OPTIONS]

Writes the bytes that a virtual meter would send, one telegram after the other, for whoever writes a decoder.

${VIRTUAL_METERS.map(({ name, title }) => `  --protocol ${name.padEnd(width)}  ${title}`).join("\n")}
  --power W              constant power (default 1000); --power=-500 is taken from the grid
  --profile FILE         instead: lines of seconds,watts, each from that second on
  --from TIME            UTC time at which it begins (default 2026-06-21T12:00:00Z)
  --seconds N            for how long (default 60)
  --register MWH         export register at the beginning, mWh (default 0)
  --out FILE             write there instead of to standard output
`;

const OPTIONS = {
  protocol: { type: "string" },
  power: { type: "string" },
  profile: { type: "string" },
  from: { type: "string" },
  seconds: { type: "string" },
  register: { type: "string" },
  out: { type: "string" },
} as const;

const DEFAULT_FROM = Date.UTC(2026, 5, 21, 12);
/** A year: more is a typing error. */
const MAX_SECONDS = 31_536_000;
const MAX_WATTS = 10_000_000;

const whole = (text: string, name: string, least: number, most: number): number => {
  const n = Number(text);
  if (!/^-?\d+$/.test(text) || n < least || n > most) {
    throw new UsageError(`--${name} ${text}: give a whole number from ${least} to ${most}.`);
  }
  return n;
};

const kindOf = (name: string | undefined): VirtualMeterKind => {
  const kind = VIRTUAL_METERS.find((one) => one.name === name);
  if (kind !== undefined) return kind;
  const names = VIRTUAL_METERS.map((one) => one.name).join(", ");
  throw new UsageError(`--protocol must be one of ${names}, not ${name === undefined ? "nothing" : `"${name}"`}.`);
};

const startOf = (text: string | undefined): Millis => {
  const at = text === undefined ? DEFAULT_FROM : Date.parse(text);
  if (Number.isNaN(at) || at < 0) throw new UsageError(`--from ${text}: give a UTC time such as 2026-06-21T12:00:00Z.`);
  return millis(at);
};

/** Lines of seconds,watts; an empty line or one that begins with # is nothing. */
const readProfile = async (file: string, from: Millis, cwd: string): Promise<PowerStep[]> => {
  const text = await readFile(resolve(cwd, file), "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new CommandFailure("unreadable-file", `${file}: it cannot be read (${cause.code ?? cause.message}).`);
  });
  const steps: PowerStep[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const match = /^\s*(\d{1,9})\s*[,;]\s*(-?\d{1,8})\s*$/.exec(line);
    const at = from + Number(match?.[1]) * 1_000;
    if (match === null || at <= (steps.at(-1)?.at ?? -1)) {
      throw new CommandFailure("bad-profile", `${file}, line ${i + 1}: write seconds,watts with growing seconds.`);
    }
    steps.push({ at: millis(at), watts: Number(match[2]) });
  }
  return steps;
};

/** Everything sent after `from`, up to and with the last millisecond; a break is a character of zeros. */
const sent = (kind: VirtualMeterKind, profile: MeterProfile, from: Millis, to: number): Uint8Array[] => {
  const out: Uint8Array[] = [];
  const { readout, everyMs } = kind;
  if (readout !== undefined) {
    for (let at = from + everyMs; at <= to; at += everyMs) out.push(readout(registersAt(profile, millis(at))));
    return out;
  }
  const meter = kind.play(profile);
  for (let event = meter.next(from); event !== null && event.at <= to; event = meter.next(event.at)) {
    out.push(event.kind === "break" ? Uint8Array.of(0) : event.bytes);
  }
  return out;
};

/** @param args everything after `encode`. */
export const runEncode = async (args: readonly string[], io: Io): Promise<number> => {
  const { values } = parseArgs({ args: [...args], strict: true, options: OPTIONS });
  const kind = kindOf(values.protocol);
  if (values.power !== undefined && values.profile !== undefined) {
    throw new UsageError("--power or --profile, not both.");
  }
  const from = startOf(values.from);
  const seconds = whole(values.seconds ?? "60", "seconds", 1, MAX_SECONDS);
  const exportMwh = whole(values.register ?? "0", "register", 0, Number.MAX_SAFE_INTEGER / 2);
  const watts = whole(values.power ?? "1000", "power", -MAX_WATTS, MAX_WATTS);
  const power = values.profile === undefined ? [{ at: from, watts }] : await readProfile(values.profile, from, io.cwd);
  const bytes = concatBytes(...sent(kind, { power, exportMwh }, from, from + seconds * 1_000));
  const { out } = values;
  if (out === undefined) {
    await new Promise((done) => process.stdout.write(bytes, done));
    return EXIT_OK;
  }
  await writeFile(resolve(io.cwd, out), bytes).catch((cause: NodeJS.ErrnoException) => {
    throw new CommandFailure("out-unwritable", `${out}: it cannot be written (${cause.code ?? cause.message}).`);
  });
  io.stderr(`${out}: ${bytes.length} bytes.\n`);
  return EXIT_OK;
};
