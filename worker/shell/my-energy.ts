/**
 * The member's own energy over any time: the chain's book from the disk, beside what this device's own meters counted
 * (§II, virtual generation meter and market face meter). Exact sums of whole mWh. Made for this device's own page; reads,
 * never writes anything.
 */
import { ok, refuse, type Result } from "../base/result.ts";
import { endOf, firstFrom, lastEnded, startOf } from "../community/market-step.ts";
import { bookSums } from "../ledger/book-sums.ts";
import { codecOf, numberOf } from "../ledger/rows.ts";
import type { Contract } from "../community/contract.ts";
import type { Core } from "../node/core.ts";
import type { Light } from "../node/light.ts";
import { ownOf } from "../node/light-disk.ts";
import type { StepStage } from "../port.ts";
import type { EnergyBar, EnergyBy, EnergyRange, RegistersView, UseSum } from "../port-energy.ts";
import { ENERGY_HEADING, energyLine, type EnergyRow } from "../settlement/energy-csv.ts";
import { addStep, NO_FACE, type FaceSum } from "../settlement/market-face.ts";
import { boundsOf } from "../settlement/periods.ts";
import { zoneOf, type Zone } from "../settlement/zone.ts";
import type { Store } from "../storage/store.ts";
import { nodeOf, type Answer, type Ask } from "./asking.ts";
import { BOOK_ROWS, bookRows, firstHeld } from "./book-rows.ts";
import type { Device } from "./device.ts";
import type { Household } from "./household.ts";
import { nameOfGenerator, nameOfMember, ownMember, stageOf } from "./lookup.ts";
import { unmoved } from "./unmoved.ts";

/** Steps of one answer: a year of quarter-hours, with the day on which the clocks go back. */
const MAX_STEPS = 366 * 96 + 4;
const MAX_FILE_STEPS = 31 * 96 + 4;
/** More bars than any screen has. */
const MAX_BARS = 1_000;
/** Instants at which registers are asked for: a year by months. */
const MAX_INSTANTS = 64;

type StepSums = { readonly step: number; readonly generatedMwh: number; readonly mineMwh: number };
/** What is the same for every step of an answer. */
type Scene = {
  readonly contract: Pick<Contract, "t0" | "stepMs">;
  readonly household: Household | null;
  readonly now: number;
  readonly held: number;
  /** The last step that a block closes. */
  readonly head: number;
  /** First step that the household's meters counted; Infinity without. */
  readonly usedFrom: number;
  readonly usedTo: number;
  readonly isClosed: (step: number) => boolean;
  readonly stageOf: (step: number) => StepStage;
  /** Sums of the steps that have any, in parts of BOOK_ROWS steps. */
  readonly rows: (first: number, last: number) => AsyncGenerator<readonly StepSums[]>;
};

const sceneOf = (device: Device): Result<Scene> => {
  const { household } = device;
  const own = {
    household,
    now: device.o.clock.now(),
    usedFrom: household?.since ?? Infinity,
    usedTo: household?.countedTo ?? 0,
  };
  if (device.light !== null) return ok({ ...own, ...lightScene(device.light.light) });
  const node = nodeOf(device);
  return node.ok ? ok({ ...own, ...fullScene(node.value.core, device.store, own.now) }) : node;
};

type ChainScene = Pick<Scene, "contract" | "held" | "head" | "isClosed" | "stageOf" | "rows">;

const fullScene = (core: Core, store: Store, now: number): ChainScene => {
  const { chain, contract } = core;
  const me = ownMember(core)?.index ?? null;
  const lastClosed = chain.final.header.step - contract.lateWindow;
  // Nothing can be booked up to there, but what waits for its distribution may still be shared.
  const open = new Set(chain.state.scan("energy").map(([, row]) => row.step as number));
  return {
    contract,
    held: firstHeld(core),
    head: chain.head.header.step,
    isClosed: (step) => step <= lastClosed && !open.has(step),
    stageOf: (step) => stageOf(core, step, now),
    rows: async function* (first, last) {
      for await (const rows of bookRows(core, store, first, last)) {
        const sums = new Map<number, StepSums>();
        for (const [step, raw] of rows) {
          const { generatedMwh, shareMwh } = bookSums(raw, me);
          const known = sums.get(step) ?? { step, generatedMwh: 0, mineMwh: 0 };
          const mineMwh = known.mineMwh + shareMwh;
          sums.set(step, { step, generatedMwh: known.generatedMwh + generatedMwh, mineMwh });
        }
        yield [...sums.values()];
      }
    },
  };
};

/** A light device has its own credits, of the steps that it asked for, and knows of no step that is not final. */
const lightScene = ({ signed, state }: Light): ChainScene => {
  const { covered, credits, trust } = state;
  // What has not been shown yet is not final here.
  const head = Math.min(trust.header.step, covered?.step ?? 0);
  // Not a term that members may change (PROTOCOL.md §5.4).
  const { lateWindow } = signed.contract;
  return {
    contract: signed.contract,
    held: covered?.from ?? Infinity,
    head,
    isClosed: (step) => step + lateWindow <= head,
    stageOf: (step) => (step <= head ? "final" : "waiting"),
    rows: async function* (first, last) {
      for (let from = first; from <= last; from += BOOK_ROWS) {
        const sums: StepSums[] = [];
        for (let step = from; step <= Math.min(last, from + BOOK_ROWS - 1); step++) {
          const generatedMwh = (credits.get(step) ?? []).reduce((sum, credit) => sum + credit.total, 0);
          sums.push({ step, generatedMwh, mineMwh: ownOf(state, step) });
        }
        yield sums;
      }
    },
  };
};

/** Asks that no screen makes: another build's, or a mistake. */
const RANGE = refuse("range-wrong", "Choose a time that begins before it ends, and a year at most.", "ignore");
const LONGEST_MS = 400 * 86_400_000;

type Plan = { readonly zone: Zone; readonly first: number; readonly last: number; readonly next: number | null };

/** The steps of this page: those that are over, at most `most`. */
const planOf = (scene: Scene, ask: EnergyRange, most: number): Result<Plan> => {
  const zone = zoneOf(ask.zone);
  if (!zone.ok) return zone;
  const { from, to, page } = ask;
  const whole = [from, to, page ?? 0].every((n) => Number.isSafeInteger(n));
  if (!whole || from >= to || to - from > LONGEST_MS) return RANGE;
  const { contract, now } = scene;
  const end = Math.min(firstFrom(contract, to) - 1, lastEnded(contract, now));
  const first = Math.max(firstFrom(contract, from), page ?? 1);
  const last = Math.min(end, first + most - 1);
  return ok({ zone: zone.value, first, last, next: last < end ? last + 1 : null });
};

/** Every step from `first` to `last`; those before what is held have 0 and are to be told apart. */
async function* stepsOf(scene: Scene, first: number, last: number): AsyncGenerator<readonly StepSums[]> {
  let from = first;
  for await (const rows of scene.rows(first, last)) {
    const sums = new Map(rows.map((row) => [row.step, row]));
    const to = Math.min(last, from + BOOK_ROWS - 1);
    const start = from;
    yield Array.from(
      { length: to - from + 1 },
      (_, i) => sums.get(start + i) ?? { step: start + i, generatedMwh: 0, mineMwh: 0 },
    );
    from = to + 1;
  }
}

class Bar {
  readonly from: number;
  readonly to: number;
  readonly firstStep: number;
  lastStep = 0;
  #generated = 0;
  #mine = 0;
  #steps = 0;
  #unknown = 0;
  #closed = true;
  #use: FaceSum = NO_FACE;
  constructor(from: number, to: number, firstStep: number) {
    this.from = from;
    this.to = to;
    this.firstStep = firstStep;
  }
  add(scene: Scene, { step, generatedMwh, mineMwh }: StepSums): void {
    this.lastStep = step;
    this.#closed &&= scene.isClosed(step);
    if (step < scene.held) {
      this.#unknown += 1;
      return;
    }
    this.#steps += 1;
    this.#generated += generatedMwh;
    this.#mine += mineMwh;
    // As in the file: beside what no block has said yet a use would be all from the grid.
    if (step >= scene.usedFrom && step <= Math.min(scene.usedTo, scene.head))
      this.#use = addStep(this.#use, scene.household?.use(step) ?? null, mineMwh);
  }
  view(scene: Scene): EnergyBar {
    const { from, to, firstStep, lastStep } = this;
    return {
      from,
      to,
      firstStep,
      lastStep,
      generatedMwh: this.#generated,
      mineMwh: this.#mine,
      steps: this.#steps,
      unknownSteps: this.#unknown,
      use: this.#use.steps + this.#use.missingSteps === 0 ? null : useSum(this.#use),
      stage: scene.stageOf(lastStep),
      closed: this.#closed,
    };
  }
}

const useSum = (sum: FaceSum): UseSum => ({ ...sum });

export const myEnergy = (device: Device, ask: Ask<"my-energy">): Answer<"my-energy"> =>
  unmoved(device.node, () => energyOnce(device, ask));

const energyOnce = async (device: Device, ask: Ask<"my-energy">): Answer<"my-energy"> => {
  const scene = sceneOf(device);
  if (!scene.ok) return scene;
  const plan = planOf(scene.value, ask, MAX_STEPS);
  if (!plan.ok) return plan;
  const { first, last, next, zone } = plan.value;
  const bounds = boundsIn(scene.value.contract, ask, zone);
  if (bounds.length > MAX_BARS) return RANGE;
  const bars: Bar[] = [];
  let at = 0;
  for await (const steps of stepsOf(scene.value, first, last)) {
    for (const one of steps) {
      while ((bounds[at + 1]?.firstStep ?? Infinity) <= one.step) at += 1;
      const bound = bounds[at];
      if (bound === undefined) continue;
      let bar = bars.at(-1);
      if (bar?.from !== bound.from) {
        bar = new Bar(bound.from, bounds[at + 1]?.from ?? ask.to, one.step);
        bars.push(bar);
      }
      bar.add(scene.value, one);
    }
  }
  const { contract, held, usedFrom, now } = scene.value;
  return ok({
    bars: bars.map((bar) => bar.view(scene.value)),
    next,
    heldFrom: held === Infinity ? now : startOf(contract, held),
    usedFrom: usedFrom === Infinity ? null : startOf(contract, usedFrom),
  });
};

/** The parts of the range and the step with which each begins. */
const boundsIn = (
  contract: Scene["contract"],
  { from, to, by }: { from: number; to: number; by: EnergyBy },
  zone: Zone,
) =>
  boundsOf(from, to, by, zone, contract.stepMs)
    .slice(0, -1)
    .map((bound) => ({ from: bound, firstStep: firstFrom(contract, bound) }));

export const myEnergyFile = (device: Device, ask: Ask<"my-energy-file">): Answer<"my-energy-file"> =>
  unmoved(device.node, () => fileOnce(device, ask));

const fileOnce = async (device: Device, ask: Ask<"my-energy-file">): Answer<"my-energy-file"> => {
  const scene = sceneOf(device);
  if (!scene.ok) return scene;
  const plan = planOf(scene.value, ask, MAX_FILE_STEPS);
  if (!plan.ok) return plan;
  const { first, last, next, zone } = plan.value;
  const lines = ask.page === null ? [ENERGY_HEADING] : [];
  for await (const steps of stepsOf(scene.value, first, last))
    for (const one of steps) lines.push(energyLine(rowOf(scene.value, one), zone));
  return ok({ csv: lines.join(""), next });
};

const rowOf = (scene: Scene, { step, generatedMwh, mineMwh }: StepSums): EnergyRow => {
  const { contract, held, household, usedFrom, usedTo } = scene;
  const times = { start: startOf(contract, step), end: endOf(contract, step) };
  if (step < held) return { ...times, status: "unknown", book: null, use: null };
  // No block has come so far: what it will say is not 0 either.
  if (step > scene.head) return { ...times, status: "open", book: null, use: null };
  return {
    ...times,
    status: scene.isClosed(step) ? "closed" : "provisional",
    book: { generatedMwh, mineMwh },
    use: step >= usedFrom && step <= usedTo ? (household?.use(step) ?? null) : null,
  };
};

const bookCodec = codecOf("book");

/** A register that grew by so much in each step, read backwards from where it stands now. */
type Backwards = {
  readonly kind: "share" | "roof";
  readonly index: number;
  readonly name: string;
  readonly key: string;
};

type Register = RegistersView["meters"][number];

/** A light device knows of no roof's register; its member's own is proved, and so is each credit since. */
const lightRegisters = ({ signed, state, keys }: Light, at: readonly number[], name: string): Register[] => {
  const { figures, covered, credits } = state;
  if (figures === null || figures.member === null || covered === null) return [];
  // What was credited after that has not been shown yet.
  const { meter, height, step: last } = covered;
  const since = (first: number): number => {
    let sum = 0;
    for (let step = first; step <= last; step++)
      for (const credit of credits.get(step) ?? []) sum += credit.height <= height ? credit.mwh : 0;
    return sum;
  };
  const mwhAt = (instant: number): number | null => {
    const step = firstFrom(signed.contract, instant);
    const isOpen = step > last + 1 && figures !== null && figures.height > height;
    return step < Math.max(covered.from, covered.sure) || isOpen ? null : meter - since(step);
  };
  return [{ kind: "share", name, key: keys.memberKey, mwh: at.map(mwhAt) }];
};

/** Older credits of this device's member, from neighbours; at once where it keeps everything. */
export const reachBack = async (device: Device, { from }: Ask<"reach-back">): Answer<"reach-back"> => {
  if (!Number.isSafeInteger(from)) return RANGE;
  if (device.light === null) {
    const node = nodeOf(device);
    return node.ok ? ok({}) : node;
  }
  const { light, runner } = device.light;
  light.reach(firstFrom(light.signed.contract, from));
  runner.post({ kind: "time" });
  device.changed();
  return ok({});
};

export const myRegisters = async (device: Device, { at }: Ask<"my-registers">): Answer<"my-registers"> => {
  const ascending = at.every((one, i) => Number.isSafeInteger(one) && one >= (at[i - 1] ?? one));
  if (at.length === 0 || at.length > MAX_INSTANTS || !ascending) return RANGE;
  if (device.light !== null) return ok({ meters: lightRegisters(device.light.light, at, device.identity?.name ?? "") });
  const node = nodeOf(device);
  return node.ok ? unmoved(node.value, () => registersOnce(node.value.core, device.store, at)) : node;
};

const registersOnce = async (core: Core, store: Store, at: readonly number[]): Answer<"my-registers"> => {
  const held = firstHeld(core);
  const { state, head } = core.chain;
  const own = ownMember(core);
  if (own === null) return ok({ meters: [] });
  const roofs = state.scan("generator").filter(([, row]) => row.terms.owner === own.index);
  const meters: (Backwards & { readonly now: number })[] = [
    { kind: "share", index: own.index, name: nameOfMember(core, own.index), key: own.row.key, now: own.row.meter },
    ...roofs.map(([k, row]) => {
      const index = numberOf(k);
      return {
        kind: "roof" as const,
        index,
        name: nameOfGenerator(core, index),
        key: row.terms.key,
        now: row.register,
      };
    }),
  ];
  const steps = at.map((one) => firstFrom(core.contract, one));
  const first = Math.max(held, steps[0] ?? held);
  /** Grown since each instant, by meter. */
  const since = meters.map(() => at.map(() => 0));
  for await (const rows of bookRows(core, store, first, head.header.step)) {
    for (const [step, raw] of rows) {
      const book = bookCodec.decode(raw);
      for (const [m, meter] of meters.entries()) {
        const gained =
          meter.kind === "share"
            ? (book.shares.find((share) => share.member === meter.index)?.mwh ?? 0)
            : (book.generated.find((one) => one.generator === meter.index)?.mwh ?? 0);
        const sums = since[m] ?? [];
        for (let i = 0; i < sums.length && (steps[i] ?? Infinity) <= step; i++) sums[i] = (sums[i] ?? 0) + gained;
      }
    }
  }
  return ok({
    meters: meters.map(({ kind, name, key: ownKey, now }, m) => ({
      kind,
      name,
      key: ownKey,
      mwh: steps.map((step, i) => (step < held ? null : now - (since[m]?.[i] ?? 0))),
    })),
  });
};
