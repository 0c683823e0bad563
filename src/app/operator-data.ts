/**
 * Running the community as its screens need it: what is to be done and by whom, the parts of a month joined, which sentence
 * stands first. Pure but for the asking, which is handed in.
 */
import type { View } from "../../worker/port.ts";
import type { MeterCareView, MonthPart, OperatorView } from "../../worker/port-operator.ts";
import type { Asker } from "./energy-data.ts";

/** A month whole; `firstStep` and `lastStep` are its first and its last that is over. */
export type Month = MonthPart;

type Amount = { readonly mwh: number };
const joinedBy = <A extends Amount>(
  a: readonly A[],
  b: readonly A[],
  of: (one: A) => number,
  add: (x: A, y: A) => A,
): A[] => {
  const all = new Map(a.map((one) => [of(one), one]));
  for (const one of b) {
    const known = all.get(of(one));
    all.set(of(one), known === undefined ? one : add(known, one));
  }
  return [...all.values()].toSorted((x, y) => of(x) - of(y));
};

/** Two gaps that meet are one: a part may end within it. */
const joinedGaps = (a: MonthPart["gaps"], b: MonthPart["gaps"]): MonthPart["gaps"] => {
  const [last, first] = [a.at(-1), b[0]];
  if (last === undefined || first === undefined || last.last + 1 !== first.first) return [...a, ...b];
  return [...a.slice(0, -1), { first: last.first, last: first.last }, ...b.slice(1)];
};

const NONE: Omit<Month, "of" | "done" | "next" | "firstStep" | "lastStep" | "heldFrom"> = {
  steps: 0,
  unknownSteps: 0,
  missing: 0,
  gaps: [],
  unfinalSteps: 0,
  openSteps: 0,
  roofs: [],
  members: [],
  generatedMwh: 0,
  creditedMwh: 0,
  heldBackMwh: 0,
  waitingMwh: 0,
  lostMwh: 0,
  uneven: 0,
};

const SUMS = [
  "steps",
  "unknownSteps",
  "missing",
  "unfinalSteps",
  "openSteps",
  "generatedMwh",
  "creditedMwh",
  "heldBackMwh",
  "waitingMwh",
  "lostMwh",
  "uneven",
] as const;

export const joinedParts = (
  a: Omit<Month, "of" | "done" | "next" | "firstStep" | "lastStep" | "heldFrom">,
  b: MonthPart,
): Month => ({
  ...b,
  ...Object.fromEntries(SUMS.map((name) => [name, a[name] + b[name]])),
  gaps: joinedGaps(a.gaps, b.gaps),
  roofs: joinedBy(
    a.roofs,
    b.roofs,
    ({ generator }) => generator,
    (x, y) => ({ ...x, mwh: x.mwh + y.mwh, estimatedSteps: x.estimatedSteps + y.estimatedSteps }),
  ),
  members: joinedBy(
    a.members,
    b.members,
    ({ member }) => member,
    (x, y) => ({ ...x, mwh: x.mwh + y.mwh }),
  ),
});

/** Asks until the month is whole. @param progress told after each part how much of it is done, 0 to 1. */
export const loadMonth = async (
  ask: Asker,
  range: { readonly from: number; readonly to: number },
  progress: (done: number) => void = () => undefined,
): Promise<Month> => {
  let whole: Month | null = null;
  let page: number | null = null;
  do {
    const part: MonthPart = await ask("operator-month", { ...range, page });
    const firstStep: number = whole?.firstStep ?? part.firstStep;
    whole = { ...joinedParts(whole ?? NONE, part), firstStep };
    page = part.next;
    progress(part.of === 0 ? 1 : part.done / part.of);
  } while (page !== null);
  return whole;
};

/** The file of all shares, in parts for a file. */
export const loadShares = async (
  ask: Asker,
  range: { readonly from: number; readonly to: number; readonly zone: string },
  progress: (done: number) => void,
): Promise<string[]> => {
  const parts: string[] = [];
  let page: number | null = null;
  do {
    const part: { csv: string; next: number | null; done: number; of: number } = await ask("operator-file", {
      ...range,
      what: "steps",
      page,
    });
    parts.push(part.csv);
    page = part.next;
    progress(part.of === 0 ? 1 : part.done / part.of);
  } while (page !== null);
  return parts;
};

/** Whether what was made is what was given, but for what is said to be elsewhere. */
export const isEven = (month: Month): boolean =>
  month.uneven === 0 && month.generatedMwh === month.creditedMwh + month.heldBackMwh + month.waitingMwh + month.lostMwh;

export type Task =
  | { readonly kind: "sums" }
  | { readonly kind: "stalled"; readonly steps: number }
  | { readonly kind: "quorum"; readonly away: number; readonly voters: number; readonly needed: number }
  | { readonly kind: "applicants"; readonly names: readonly string[] }
  | { readonly kind: "new-phone"; readonly names: readonly string[] }
  | { readonly kind: "ballots"; readonly count: number }
  | { readonly kind: "unbooked"; readonly mwh: number; readonly steps: number; readonly since: number }
  | { readonly kind: "endorse"; readonly names: readonly string[] }
  | { readonly kind: "await-endorsement"; readonly names: readonly string[] }
  | { readonly kind: "meter-mine"; readonly meter: MeterCareView }
  | { readonly kind: "meters"; readonly meters: readonly MeterCareView[] }
  | { readonly kind: "check"; readonly meters: readonly MeterCareView[] };

/** One step that still waits for its block is the present; with more, nobody writes. */
const STALLED_STEPS = 2;

/**
 * What this device's member can do something about, the most pressing first. Who runs the community (holds a VPP key or is
 * the grid operator) also calls others about their meters; every member votes and looks after its own.
 */
export const tasksOf = (operator: OperatorView, view: Pick<View, "applicants" | "proposals" | "voting">): Task[] => {
  const { roles, unbooked, voters, meters } = operator;
  const runs = roles.vpp || roles.dso;
  const tasks: Task[] = [];
  if (!operator.sums.agree) tasks.push({ kind: "sums" });
  const stalled = operator.overStep - operator.headStep;
  if (runs && stalled > STALLED_STEPS) tasks.push({ kind: "stalled", steps: stalled });
  if (runs && voters.all - voters.away < voters.needed)
    tasks.push({ kind: "quorum", away: voters.away, voters: voters.all, needed: voters.needed });
  if (view.voting !== null) tasks.push(...councilTasks(view));
  if (roles.vpp && unbooked.since !== null && unbooked.withVppMwh + unbooked.withMetersMwh > 0) {
    const mwh = unbooked.withVppMwh + unbooked.withMetersMwh;
    tasks.push({ kind: "unbooked", mwh, steps: unbooked.steps, since: unbooked.since });
  }
  const unendorsed = (operator.unendorsed ?? []).map(({ name }) => name);
  if (unendorsed.length > 0) tasks.push({ kind: roles.dso ? "endorse" : "await-endorsement", names: unendorsed });
  return [...tasks, ...meterTasks(meters, runs)];
};

const councilTasks = ({ applicants, proposals }: Pick<View, "applicants" | "proposals">): Task[] => {
  const waiting = applicants.filter((one) => !one.proposed && one.refused === null).map(({ name }) => name);
  const open = proposals.filter((proposal) => proposal.state === "open" && proposal.mine === null);
  const phones = open.flatMap(({ what }) => (what.kind === "rotate" ? [what.name] : []));
  const others = open.length - phones.length;
  return [
    ...(waiting.length > 0 ? [{ kind: "applicants", names: waiting } as const] : []),
    ...(phones.length > 0 ? [{ kind: "new-phone", names: phones } as const] : []),
    ...(others > 0 ? [{ kind: "ballots", count: others } as const] : []),
  ];
};

const meterTasks = (meters: readonly MeterCareView[], runs: boolean): Task[] => {
  const looked = meters.filter((meter) => !meter.ownerLeft && (meter.mine || runs));
  const behind = looked.filter(({ standing }) => standing !== "counting");
  const unchecked = looked.filter((meter) => meter.standing === "counting" && meter.check?.fits !== true);
  const others = behind.filter((meter) => !meter.mine);
  return [
    ...behind.filter((meter) => meter.mine).map((meter) => ({ kind: "meter-mine", meter }) as const),
    ...(others.length > 0 ? [{ kind: "meters", meters: others } as const] : []),
    ...(unchecked.length > 0 ? [{ kind: "check", meters: unchecked } as const] : []),
  ];
};

/** What the first sentence says. */
export type OperatorSentence =
  | { readonly kind: "tasks"; readonly count: number }
  | { readonly kind: "dark" | "all" | "no-meters" }
  | { readonly kind: "not-mine"; readonly quiet: number };

/** Two meters to check are two things to do. */
const sizeOf = (task: Task): number =>
  "meters" in task
    ? task.meters.length
    : "names" in task
      ? task.names.length
      : task.kind === "ballots"
        ? task.count
        : 1;

export const operatorSentence = (operator: OperatorView, tasks: readonly Task[]): OperatorSentence => {
  if (tasks.length > 0) return { kind: "tasks", count: tasks.reduce((sum, task) => sum + sizeOf(task), 0) };
  const meters = operator.meters.filter((meter) => !meter.ownerLeft);
  if (meters.length === 0) return { kind: "no-meters" };
  const quiet = meters.filter(({ standing }) => standing !== "counting").length;
  if (quiet > 0) return { kind: "not-mine", quiet };
  const isSeen = meters.some(({ lastStep }) => lastStep !== null && operator.headStep - lastStep <= 1);
  return { kind: isSeen ? "all" : "dark" };
};
