/** The sentences of the check against the MID meter. English; loaded with its screen. */
import { count, plural } from "../format.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "en")} ${plural("en", value, { one, other })}`;

export const reconcile = {
  title: "Check against the meter",
  intro: "Does the chain say what the meter says? Paste the meter\u2019s own figures, or type what its display shows.",
  which: "Which meter",
  column: {
    legend: "What stands beside the time?",
    options: {
      register: {
        label: "The register",
        hint: "The counter\u2019s reading, as the display shows it. It only grows.",
      },
      energy: { label: "The energy of each interval", hint: "As portals of grid operators export it." },
    },
  },
  stamp: {
    legend: "The time is",
    options: { start: { label: "the interval\u2019s beginning" }, end: { label: "the interval\u2019s end" } },
  },
  unit: { legend: "The numbers are in", options: { kWh: { label: "kWh" }, Wh: { label: "Wh" } } },
  lines: "Times and numbers",
  linesHint: "One a line: 21/06/2026 14:15; 12345.678. On the device that reads the meter one line is enough.",
  file: "Or choose a file",
  fileWrong: "This file cannot be read as text. Export it as CSV.",
  zone: "Time zone of the times",
  zoneHint: "As in Europe/Brussels. Times with an offset of their own keep it.",
  compare: "Compare",
  verdict: {
    within: { before: "The chain agrees with the meter to within", after: "" },
    rounding: { before: "But for the steps of its register, the chain agrees with the meter to within", after: "" },
    out: { before: "Chain and meter differ by", after: "" },
  },
  classAllows: (amount: string) => `The meter\u2019s class allows ${amount} either way.`,
  period: (from: string, to: string) => `${from} to ${to}`,
  chain: "On the chain",
  meter: "By the meter",
  difference: "Chain minus meter",
  allowed: (percent: string) => `Allowed by its class (${percent})`,
  rows: (rows: number, out: number) =>
    out === 0
      ? `All ${n(rows, "interval is", "intervals are")} within what is allowed.`
      : `${n(out, "interval", "intervals")} of ${count(rows, "en")} ${plural("en", out, { one: "is", other: "are" })} out.`,
  rounding: (rows: number) =>
    `${n(rows, "interval differs", "intervals differ")} by no more than the steps of the register: the meter counts more coarsely than its class would need.`,
  open: "Some steps can still be booked to: check again when they are closed.",
  clock: (size: string, ahead: boolean) =>
    `The pattern says that this device\u2019s clock was about ${size} ${ahead ? "ahead of" : "behind"} the meter\u2019s. Switch on automatic time on both.`,
  shift: (size: string, later: boolean) =>
    `The figures would fit with times ${size} ${later ? "later" : "earlier"}. Check the time zone, and whether a time is the beginning or the end of its interval.`,
  wrongUnit: "The figures differ a thousandfold: choose the other unit.",
  out: "What is out, and why",
  more: (shown: string) => `The first ${shown}; the file has them all.`,
  columns: { time: "Interval", chain: "Chain", meter: "Meter", difference: "Difference", why: "Why" },
  why: {
    late: (time: string | null) => `Booked to another step${time === null ? "" : `, until ${time}`}`,
    off: (time: string | null) => `The meter was not read; its energy stands in the step until ${time ?? "later"}`,
    estimated: (time: string | null) =>
      `Estimated: holds what was read late${time === null ? "" : `, from before ${time}`}`,
    clock: () => "Clock: moved to the neighbouring step",
    open: () => "Not booked yet; it still can be",
    missing: () => "Missing: never booked",
    surplus: () => "More than the meter counted",
    unaligned: () => "Read within a step: compared in proportion to time",
    rounding: () => "The register\u2019s own steps",
  },
  save: "Save all as a file",
  fileName: "meter-check.csv",
  line: (line: string) => `Line ${line}: `,
  refusals: {
    "file-empty": "There is nothing to compare. Paste a time and a number.",
    "file-too-long": "That is more than a year of lines. Cut the file into years.",
    "file-commas": "more than one comma. Put a semicolon between the time and the number.",
    "file-one-column": "no second column. Put a semicolon between the time and the number.",
    "file-columns": "more than two columns. Keep the time and one number.",
    "file-no-number": "the number is missing. Take the line out if nothing was counted.",
    "file-negative": "a number below zero. Export one direction only.",
    "file-thousands": "write the number without a mark between the thousands: 1234.567.",
    "file-number": "this is not a number. Write it as 1234.567 or 1234,567.",
    "file-time": "this is not a time. Write it as 2026-06-21 14:15 or 21/06/2026 14:15.",
    "file-skipped-hour": "this time does not exist: the clocks were put forward over it. Check the time zone.",
    "file-order": "not later than the line before. Sort by time and keep each time once.",
    "file-backwards":
      "the register is lower than before. If the meter was exchanged, check the time before and after it apart.",
    "file-overlap": "begins before the interval above it has ended. Keep intervals of one length.",
    "file-one-interval": "One energy alone does not say how long it took. Add the next one, or enter the register.",
    "zone-unknown": "This time zone is not known. Write it as Europe/Brussels.",
    "reconcile-one-register":
      "One register is enough only on the device that reads this meter. Add an earlier one, on a line of its own.",
    "reconcile-before": "This register is from before the meter was paired. Enter a later one, or add a second line.",
    "not-on-device": "This part of the app is not on this device yet. Connect to the internet once.",
    "reconcile-running": "The step of this time still runs. Compare again once it is over.",
    "reconcile-nothing": "The chain has nothing of this meter yet. Come back after its first step.",
    "reconcile-elsewhere":
      "The chain has counted this meter at none of these times. Check the dates and the time zone.",
  },
  noGenerator: "The community has no meter yet whose figures could be checked.",
};

export type ReconcileTexts = typeof reconcile;
