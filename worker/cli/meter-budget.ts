/**
 * `commonwatt meter budget`: how small V must be for a meter of some marking (paper §IV.B.1), what its register and
 * this device's clock use of that, and the verdict for each class of MI-003. The same arithmetic as in the app.
 */
import { parseArgs } from "node:util";
import {
  accuracyBudget,
  classVerdicts,
  wh,
  type AccuracyClass,
  type Band,
  type BudgetInput,
  type ClassVerdict,
} from "../metering/accuracy.ts";
import { parseScaled } from "../metering/decimal.ts";
import { isImpPerKwh, MAX_IMP_PER_KWH } from "../metering/pulses.ts";
import { EXIT_OK, type Io, UsageError } from "./command.ts";

export const budgetHelp = `commonwatt meter budget --imin A --itr A --class C --phases N --imp-per-kwh N | --resolution-wh N [OPTIONS]

Prints V, the largest energy that may fall into the wrong market step, and whether the meter meets it.

  --imin A               I_min in amperes: the first number of the meter's marking, 0.25 of 0.25-5(60) A
  --itr A                I_tr in amperes: a tenth of the second number, 0.5 of 0.25-5(60) A
  --class C              the accuracy class on the meter's face: A, B or C
  --phases N             1 or 3
  --imp-per-kwh N        pulses per kWh of its output or its LED
  --resolution-wh N      instead: the smallest step of the register that is read, in Wh, decimals allowed
  --step MIN             market step in minutes (default 15)
  --clock-ms N           how far this device's clock may be off, either way (default 1000)
  --json                 everything as one JSON line
`;

const OPTIONS = {
  imin: { type: "string" },
  itr: { type: "string" },
  class: { type: "string" },
  phases: { type: "string" },
  "imp-per-kwh": { type: "string" },
  "resolution-wh": { type: "string" },
  step: { type: "string" },
  "clock-ms": { type: "string" },
  json: { type: "boolean", default: false },
} as const;

const MAX_MILLI = 100_000_000;

/** Thousandths of what is written, exactly; it may have no more than three decimals. */
const thousandths = (text: string | undefined, name: string): number => {
  if (text === undefined) throw new UsageError(`--${name} is missing.`);
  const value = /^\d+([.,]\d{1,3})?$/.test(text) ? (parseScaled(text, 3)?.value ?? 0) : 0;
  if (value < 1 || value > MAX_MILLI) {
    throw new UsageError(`--${name} ${text}: give a number above 0 with up to three decimals.`);
  }
  return value;
};

const whole = (text: string, name: string, least: number, most: number): number => {
  if (!/^\d{1,9}$/.test(text) || Number(text) < least || Number(text) > most) {
    throw new UsageError(`--${name} ${text}: give a whole number from ${least} to ${most}.`);
  }
  return Number(text);
};

const classOf = (text: string | undefined): AccuracyClass => {
  const known = text?.toUpperCase();
  if (known === "A" || known === "B" || known === "C") return known;
  throw new UsageError("--class must be A, B or C, as on the meter's face.");
};

type Values = ReturnType<typeof parse>;
const parse = (args: readonly string[]) => parseArgs({ args: [...args], strict: true, options: OPTIONS }).values;

const inputOf = (values: Values): BudgetInput => {
  const { "imp-per-kwh": imp, "resolution-wh": resolution, phases } = values;
  if (phases !== "1" && phases !== "3") throw new UsageError("--phases must be 1 or 3.");
  if ((imp === undefined) === (resolution === undefined)) {
    throw new UsageError("give --imp-per-kwh or --resolution-wh, one of them.");
  }
  if (imp !== undefined && !(/^\d{1,7}$/.test(imp) && isImpPerKwh(Number(imp)))) {
    throw new UsageError(`--imp-per-kwh ${imp}: give a whole number from 1 to ${MAX_IMP_PER_KWH}.`);
  }
  return {
    phases: phases === "1" ? 1 : 3,
    iMinMa: thousandths(values.imin, "imin"),
    accuracyClass: classOf(values.class),
    stepMs: whole(values.step ?? "15", "step", 1, 1_440) * 60_000,
    resolutionMwh: resolution === undefined ? 0 : thousandths(resolution, "resolution-wh"),
    impPerKwh: imp === undefined ? null : Number(imp),
    clockErrorMs: whole(values["clock-ms"] ?? "1000", "clock-ms", 0, 86_400_000),
  };
};

/** "57.5" from 57,500 and such. */
const milli = (value: number): string => {
  const fraction = String(value % 1_000)
    .padStart(3, "0")
    .replace(/0+$/, "");
  return `${Math.floor(value / 1_000)}${fraction === "" ? "" : `.${fraction}`}`;
};
const percent = (ppm: number): string => `${milli(ppm / 10)} %`;
const signed = (microWh: number): string => (microWh < 0 ? `-${wh(-microWh)}` : wh(microWh));

const bandLine = (band: Band): string =>
  `  from ${`${milli(band.fromMa)} A`.padEnd(8)} ${`${milli(band.powerMw)} W`.padStart(10)}  ${percent(band.mpePpm).padStart(6)}   V < ${wh(band.boundMicroWh)}`;

const verdictLine = (verdict: ClassVerdict, own: AccuracyClass): string => {
  const mark = verdict.accuracyClass === own ? "  <- this meter" : "";
  const line = `  class ${verdict.accuracyClass}  ${verdict.meets ? "meets" : "does NOT meet"}`;
  if (verdict.meets) return `${line}${mark}`;
  const needed =
    verdict.neededImpPerKwh === null
      ? "no pulse output would: the clock alone is too far off"
      : `a pulse output of at least ${verdict.neededImpPerKwh} imp/kWh would`;
  return `${line}; ${needed}${mark}`;
};

/** @param args everything after `budget`. */
export const runBudget = async (args: readonly string[], io: Io): Promise<number> => {
  const values = parse(args);
  const input = inputOf(values);
  const iTrMa = thousandths(values.itr, "itr");
  if (iTrMa < input.iMinMa) throw new UsageError("--itr must not be below --imin.");
  const budget = accuracyBudget(input);
  const verdicts = classVerdicts(input, iTrMa);
  const own = verdicts.find(({ accuracyClass }) => accuracyClass === input.accuracyClass);
  if (values.json) {
    io.stdout(`${JSON.stringify({ ...input, iTrMa, ...budget, meets: own?.meets ?? false, verdicts })}\n`);
    return EXIT_OK;
  }
  const minutes = input.stepMs / 60_000;
  const lines = [
    `V < ${wh(budget.boundMicroWh)}: ${milli(budget.pMinMw)} W for ${minutes} minutes are ${wh(budget.stepMicroWh)}, of which ${percent(budget.mpePpm)}.`,
    "",
    ...(own?.bands ?? []).map(bandLine),
    "",
    `  register  ${wh(budget.resolutionMicroWh)}`,
    `  clock     ${wh(budget.clockMicroWh)}  (${input.clockErrorMs} ms at ${milli(budget.pMinMw)} W)`,
    `  margin    ${signed(budget.marginMicroWh)}`,
    "",
    ...verdicts.map((verdict) => verdictLine(verdict, input.accuracyClass)),
    "",
    budget.message,
    "",
  ];
  io.stdout(lines.join("\n"));
  return EXIT_OK;
};
